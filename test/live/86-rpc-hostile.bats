#!/usr/bin/env bats
# What a caller of a command writes comes back escaped and bounded: no octet of
# it reaches a terminal or the log raw, and the reason is never cut off.
load helpers

# Every command and every argument in turn, each with what the reply must say;
# @ stands for the hostile word, PEM for a certificate's file.
table() {
	cat <<-'TABLE'
		tls_policy.show @|
		tls_policy.set @ 1|unknown parameter ".*"|is too long or has a NUL
		tls_policy.set tls_version @|tls_version: ".*" is not a number from 0 to 15|is too long or has a NUL
		tls_policy.set PeerHostNameVerificationMode @|is not a number .* one of off, server, both, client|is too long or has a NUL
		tls_policy.set tls_remote_subject_name @|^$|"result":|is not text of at most [0-9]+ octets|is too long or has a NUL
		tls_policy.set https_cert_file_name @|cannot be opened|is not text of at most [0-9]+ octets|is too long or has a NUL
		tls_policy.set https_root_file_name @|cannot be opened|is not text of at most [0-9]+ octets|is too long or has a NUL
		tls_policy.set tls_rehandshake_peers @|tls_rehandshake_peers: ".*" (has a|is longer)|is too long or has a NUL
		tls_policy.proxies @|".*" (has a|is longer)
		tls_policy.rejections @|usage: tls_policy.rejections
		tls_policy.check @|cannot be (opened|read): |usage: tls_policy.check
		tls_policy.check PEM @|usage: tls_policy.check
		tls_policy.check PEM client @|HOST is no host name|usage: tls_policy.check
		tls_policy.connections @|
		tls_policy.rehandshake @|".*" is no connection id and not "all"
		tls_policy.recheck @|
		tls_policy.rehandshake_peers @|usage: tls_policy.rehandshake_peers
		tls_policy.rehandshake_peers @ all|usage: tls_policy.rehandshake_peers
		tls_policy.rehandshake_peers forget @|".*" (has a|is longer)
		tls_policy.reload @|
	TABLE
}

# The octets as printf(1) writes them: what a terminal obeys, what JSON and UTF-8
# have no place for, what ends a quotation, and too much of each.
words() {
	local many
	printf '%s\n' 'x\x1b[31mred\x07\x08' 'x\r\nERROR: forged line\n' 'x\x7f\x9b2J\xff\xfe' \
		'x" quoted \\ and %s%n%s%n'
	many=$(printf '\\x1b%.0s' {1..254})
	printf '%s\n' "$many" "$many$many$many$many$many" "x\\x01$(printf 'a%.0s' {1..250})"
}

# Printable ASCII alone?
plain() {
	[ "$(printf '%s' "$1" | LC_ALL=C tr -d '\n\t\040-\176' | wc -c)" -eq 0 ] && return 0
	printf 'raw octets: %q\n' "$1" >&2
	return 1
}

# check_reply COMMAND-LINE WHAT-IT-SAYS REPLY: a fault is short, but has its
# reason, unless jsonrpcs cut it off: it sends 127 octets.
check_reply() {
	local cut='"message":[[:space:]]*".{127}'
	plain "$3" && [ -z "$2" ] && return 0
	plain "$3" && [ "${#3}" -le 500 ] && grep -qE "$2|$cut" <<<"$3" && return 0
	printf '%s: %s\nexpected: %s\n' "$1" "$3" "$2" >&2
	return 1
}

# each_call CALL: every row with every word; CALL COMMAND ARGUMENT... prints the
# reply.
each_call() {
	local call=$1 row said word line i reply calls=0
	while IFS='|' read -r row said; do
		while IFS= read -r word; do
			printf -v word '%b' "$word"
			read -ra line <<<"$row"
			for i in "${!line[@]}"; do
				case ${line[i]} in
					@) line[i]=$word ;;
					PEM) line[i]=$PKI/trusted.pem ;;
				esac
			done
			reply=$("$call" "${line[@]}")
			check_reply "$row" "$said" "$reply"
			calls=$((calls + 1))
		done < <(words)
	done < <(table)
	echo "# figure: $calls calls" >&3
	[ "$calls" -ge 140 ]
	plain "$(cat "$DIR/log")"
}

setup_file() {
	new_dir
	mkfifo "$DIR/answer"
	LONG=$DIR/$(printf 'long%.0s' {1..50})
	export LONG
	echo sip.example >"$LONG"
	start_kamailio "$(policy tls_version 12)" "$(policy proxy trusted.example.com)" "$(policy proxy_file "$LONG")" 'loadmodule "jsonrpcs.so"' \
		"modparam(\"jsonrpcs\", \"fifo_name\", \"$DIR/fifo\")" \
		"modparam(\"jsonrpcs\", \"fifo_reply_dir\", \"$DIR/\")" \
		'modparam("jsonrpcs", "transport", 2)'
}
teardown_file() { stop_kamailio; }

by_kamcmd() {
	local command=$1
	shift
	rpc "$command" "${@/#/s:}"
}

# Every octet is written as \u00XX.
as_json() { printf '"%s"' "$(printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../\\u00&/g')"; }

# Up to the end that every answer has. Open for both, since the server does not
# wait for a reader.
read_answer() {
	local part
	while IFS= read -r -d '}' -t 10 part <&8; do
		printf '%s}' "$part"
		[[ $part =~ \"id\":[[:space:]]*1[[:space:]]*$ ]] && return 0
	done
	echo "no answer; $(tail -3 "$DIR/log")" >&2
	return 1
}

by_json() {
	local command=$1 list='' argument
	shift
	for argument in "$@"; do list+=${list:+,}$(as_json "$argument"); done
	printf '{"jsonrpc":"2.0","method":"%s","reply_name":"answer","params":[%s],"id":1}\n' \
		"$command" "$list" >"$DIR/fifo"
	read_answer | sed 's/\\\(["\\]\)/\1/g' # as JSON escapes
}

@test "by kamcmd" {
	each_call by_kamcmd
}

@test "by JSON-RPC" {
	await test -p "$DIR/fifo"
	exec 8<>"$DIR/answer"
	each_call by_json
	exec 8<&-
}

@test "a fault that is too long for ctl arrives, cut" {
	local said
	printf 'x\x1b%s\n' "$(printf 'y%.0s' {1..300})" >"$LONG"
	said=$(rpc tls_policy.reload)
	plain "$said"
	[[ $said == "error: 500 - $DIR/longlong"*... ]]
	echo sip.example >"$LONG"
	rpc tls_policy.reload | grep -q 'proxies: 2'
}

@test "by JSON-RPC what is listed by kamcmd is listed too" {
	exec 8<>"$DIR/answer"
	[ "$(by_json tls_policy.show | grep -c '"manual_name":')" -eq "$(rpc tls_policy.show | grep -c 'manual_name:')" ]
	expect_refused one "protocol version" version=1.0
	expect_refused two "protocol version" version=1.0
	[ "$(by_json tls_policy.rejections | grep -c '"reason":')" -eq 2 ]
	[ "$(rpc tls_policy.rejections | grep -c 'reason:')" -eq 2 ]
	exec 8<&-
}
