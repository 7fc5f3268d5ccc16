#!/usr/bin/env bats
# What a caller of a command writes comes back escaped and bounded: no octet of
# it reaches a terminal or the log raw, and the reason is never cut off.
load helpers
load ../lib/rpc

# Every command and every argument in turn, each with what the reply must say;
# @ stands for the hostile word, PEM for a certificate's file.
table() {
	cat <<-'TABLE'
		tls_policy.show @|usage: tls_policy.show
		tls_policy.show name=@|unknown parameter ".*"|usage: tls_policy.show
		tls_policy.show rule=@|there is no rule ".*"|usage: tls_policy.show
		tls_policy.set @ 1|unknown parameter ".*"|usage: tls_policy.set
		tls_policy.set tls_version @|tls_version: ".*" is not a number from 0 to 15|usage: tls_policy.set
		tls_policy.set tls_version 8 @|usage: tls_policy.set
		tls_policy.set tls_version 8 rule=@|there is no rule ".*"|usage: tls_policy.set
		tls_policy.set PeerHostNameVerificationMode @|is not a number .* one of off, server, both, client|usage: tls_policy.set
		tls_policy.set tls_remote_subject_name @|^$|"result":|is not text of at most [0-9]+ octets|usage: tls_policy.set
		tls_policy.set https_cert_file_name @|cannot be opened|is not text of at most [0-9]+ octets|usage: tls_policy.set
		tls_policy.set https_root_file_name @|cannot be opened|is not text of at most [0-9]+ octets|usage: tls_policy.set
		tls_policy.set tls_rehandshake_peers @|tls_rehandshake_peers: ".*" (has a|is longer)|usage: tls_policy.set
		tls_policy.proxies @|usage: tls_policy.proxies
		tls_policy.proxies name=@|".*" (has a|is longer)|usage: tls_policy.proxies
		tls_policy.proxies rule=@|there is no rule ".*"|usage: tls_policy.proxies
		tls_policy.rules @|usage: tls_policy.rules
		tls_policy.explain @|usage: tls_policy.explain
		tls_policy.explain listen=@|listen: ".*" |usage: tls_policy.explain
		tls_policy.explain peer=@|peer: ".*" |usage: tls_policy.explain
		tls_policy.explain server_name=@|server_name: ".*" |usage: tls_policy.explain
		tls_policy.explain peer_role=@|peer_role: ".*" is not client or server|usage: tls_policy.explain
		tls_policy.dump @|usage: tls_policy.dump
		tls_policy.rejections @|usage: tls_policy.rejections
		tls_policy.check @|usage: tls_policy.check
		tls_policy.check @ peer=client|cannot be (opened|read): |usage: tls_policy.check
		tls_policy.check PEM peer=@|usage: tls_policy.check
		tls_policy.check PEM peer=client rule=@|there is no rule ".*"|usage: tls_policy.check
		tls_policy.check PEM peer=client host=@|host is no host name|usage: tls_policy.check
		tls_policy.connections @|usage: tls_policy.connections
		tls_policy.rehandshake @|".*" is no connection id and not "all"|usage: tls_policy.rehandshake
		tls_policy.recheck @|usage: tls_policy.recheck
		tls_policy.recheck dry @|usage: tls_policy.recheck
		tls_policy.rehandshake_peers @|usage: tls_policy.rehandshake_peers
		tls_policy.rehandshake_peers @ all|usage: tls_policy.rehandshake_peers
		tls_policy.rehandshake_peers forget @|".*" (has a|is longer)|usage: tls_policy.rehandshake_peers
		tls_policy.reload @|usage: tls_policy.reload
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
					*@) line[i]=${line[i]%@}$word ;;
					PEM) line[i]=$PKI/trusted.pem ;;
				esac
			done
			reply=$("$call" "${line[@]}")
			check_reply "$row" "$said" "$reply"
			calls=$((calls + 1))
		done < <(words)
	done < <(table)
	echo "# figure: $calls calls" >&3
	[ "$calls" -ge 250 ]
	plain "$(cat "$DIR/log")"
}

setup_file() {
	new_dir
	LONG=$DIR/$(printf 'long%.0s' {1..50})
	export LONG
	echo sip.example >"$LONG"
	start_kamailio "$(policy tls_version 12)" "$(policy proxy trusted.example.com)" "$(policy proxy_file "$LONG")" "$(over_json)"
}
teardown_file() { stop_kamailio; }

unescaped() { by_json "$@" | sed 's/\\\(["\\]\)/\1/g'; }

@test "by kamcmd" {
	each_call by_kamcmd
}

@test "by JSON-RPC" {
	each_call unescaped
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

# What is no text and no number is no end of the arguments either.
@test "by JSON-RPC true, null, lists and objects are faults, wherever they stand" {
	local value before
	before=$(grep -c 'RPC re' "$DIR/log" || true)
	for value in true false null '[]' '["dry"]' '{}' '{"a":"dry"}'; do
		by_json_value tls_policy.recheck "$value" | grep 'usage: tls_policy.recheck'
		by_json_value tls_policy.recheck '"dry"' "$value" | grep 'usage: tls_policy.recheck'
		by_json_value tls_policy.set '"tls_version"' "$value" | grep 'usage: tls_policy.set'
		by_json_value tls_policy.reload "$value" | grep 'usage: tls_policy.reload'
	done
	[ "$(rpc tls_policy.show name=tls_version | grep -c 'value: 12')" = 1 ]
	[ "$(grep -c 'RPC re' "$DIR/log")" = "$before" ]
}

@test "by kamcmd a number with a fraction is none of the words" {
	for command in "recheck 1.5" "recheck dry 1.5" "rehandshake 1.5" "rejections 1.5" "reload 1.5" "dump 1.5"; do
		# shellcheck disable=SC2086
		rpc tls_policy.$command | grep -E 'usage: tls_policy|"1.5" is no connection id'
	done
}
