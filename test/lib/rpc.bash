# rpc - the commands by kamcmd and by JSON-RPC, for tests that have loaded
# live/helpers.
# shellcheck shell=bash

# over_json: the lines of a configuration in which jsonrpcs answers by_json.
over_json() {
	[ -p "$DIR/answer" ] || mkfifo "$DIR/answer"
	cat <<-CFG
		loadmodule "jsonrpcs.so"
		modparam("jsonrpcs", "fifo_name", "$DIR/fifo")
		modparam("jsonrpcs", "fifo_reply_dir", "$DIR/")
		modparam("jsonrpcs", "transport", 2)
	CFG
}

# by_kamcmd COMMAND TEXT...
by_kamcmd() {
	local command=$1
	shift
	rpc "$command" "${@/#/s:}"
}

# by_json COMMAND TEXT...: the answer as it comes. by_json_value: likewise, but
# each argument is written in JSON.
by_json() {
	local command=$1 list='' argument
	shift
	for argument in "$@"; do list+=${list:+,}$(as_json "$argument"); done
	ask_json "$command" "[$list]"
}
by_json_value() {
	local command=$1 IFS=,
	shift
	ask_json "$command" "[$*]"
}
# The reply's fifo is open for both, since the server does not wait for a reader.
ask_json() { # COMMAND PARAMS
	await test -p "$DIR/fifo"
	(
		exec 8<>"$DIR/answer"
		printf '{"jsonrpc":"2.0","method":"%s","reply_name":"answer","params":%s,"id":1}\n' "$1" "$2" >"$DIR/fifo"
		read_answer
	)
}
# Up to the end that every answer has.
read_answer() {
	local part
	while IFS= read -r -d '}' -t 30 part <&8; do
		printf '%s}' "$part"
		[[ $part =~ \"id\":[[:space:]]*1[[:space:]]*$ ]] && return 0
	done
	echo "no answer; $(tail -3 "$DIR/log")" >&2
	return 1
}

# Every octet is written as \u00XX.
as_json() { printf '"%s"' "$(printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../\\u00&/g')"; }

# rows_of_kamcmd, rows_of_json: an answer as lines "KEY: VALUE" or "VALUE"; what
# has members of its own as "KEY:" and they. A fault as its text.
rows_of_kamcmd() {
	sed -E 's/^[[:space:]]*//; /^[{}]$/d; s/: \{$/:/; s/^error: [0-9]+ - //'
}
rows_of_json() {
	jq -r 'def lines:
		if type == "object" then to_entries[] | if .value | type == "object" or type == "array"
			then "\(.key):", (.value | lines) else "\(.key): \(.value)" end
		elif type == "array" then .[] | lines else . end;
		if .error then .error.message else .result | lines end'
}

# same COMMAND TEXT...: both give the same rows, which are printed; what differs
# between two moments is hidden.
same() {
	by_kamcmd "$@" | rows_of_kamcmd | unmoved >"$DIR/by_kamcmd"
	by_json "$@" | rows_of_json | unmoved >"$DIR/by_json"
	diff "$DIR/by_kamcmd" "$DIR/by_json" >&2 || return 1
	cat "$DIR/by_kamcmd"
}
unmoved() { sed -E 's/^(age|idle|next_rehandshake|last_rehandshake|expires): [0-9]+$/\1: N/'; }

# same_fault SENTENCE COMMAND TEXT...: by both, as far as jsonrpcs sends it (127
# octets).
same_fault() {
	local sentence=$1
	shift
	[ "$(by_kamcmd "$@" | rows_of_kamcmd)" = "$sentence" ] &&
		[ "$(by_json "$@" | rows_of_json)" = "${sentence:0:127}" ] && return 0
	echo "$*: $(by_kamcmd "$@")" >&2
	return 1
}

# value KEY: of the rows on standard input, each.
value() { sed -n "s/^$1: //p"; }
