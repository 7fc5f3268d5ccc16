#!/usr/bin/env bats
# What the log says of refusals: one line with everything in it, no flood, and
# of each peer exactly how many there were.
load helpers

HOUR=3600

setup_file() {
	new_dir "$(workers_that_log)"
	export LISTEN="listen=tls:127.0.0.1:$PORT
listen=tls:[::1]:$PORT"
	cat >"$DIR/rules" <<-RULES
		[rule:six]
		peer = ::1
		bind_to_peer = 1
		[rule:named]
		server_name = sip.named.example
		bind_to_peer = 1
	RULES
	# as doc/refusals.md has it
	start_kamailio "$(policy config "$DIR/rules")" "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" "$(policy proxy trusted.example.com)" \
		"$(policy refusal_log_interval $HOUR)" \
		'loadmodule "debugger.so"' 'modparam("debugger", "mod_hash_size", 5)' \
		'modparam("debugger", "mod_level_mode", 1)' 'modparam("debugger", "mod_level", "tls=-2")' 'corelog=3'
}
teardown_file() { stop_kamailio; }

# Each test has peers of its own, and the log from here on.
setup() {
	FROM=$(wc -c <"$DIR/log")
}

# interval SECONDS: one that is shorter ends the windows that are longer.
interval() { rpc tls_policy.set refusal_log_interval "$1"; }

log() { tail -c "+$((FROM + 1))" "$DIR/log" | grep -a 'tls_policy \['; }
counter() { rpc stats.fetch "tls_policy.$1" | grep -o '[0-9]*$'; }
reaches() { [ "$(counter "$1")" -eq "$2" ]; }

# refuse NAME COUNT [FROM]: that many connections, four at a time.
refuse() {
	"$BUILD/tls_load" "$PORT" "$PKI/$1.pem" "$PKI/$1.key" "$PKI/ca.pem" 4 "$2" "${VERSION:-1.3}" ${3:+"from=$3"} >/dev/null 2>&1 || true
}

told() { log | grep -cE "$1 refused: " || true; }
left_out() { log | sed -nE "s/.*$1: .*\.\.\. and ([0-9]+) more of this peer since ..:..:..\$/\1/p" | awk '{ sum += $1 } END { print sum + 0 }'; }

told_are() { [ "$(told "$2")" -eq "$1" ]; }

# all_told PEER COUNT: what was told of PEER, and what is said to be left out.
all_told() { [ $(($(told "$1:[0-9]+") + $(left_out "$1"))) -eq "$2" ]; }

@test "300 refused connections of one peer: six lines, and their sum" {
	local before
	before=$(counter refused)
	interval $HOUR
	refuse stranger 300
	await reaches refused $((before + 300))
	await told_are 5 'client 127.0.0.1:[0-9]+'
	[ "$(log | wc -l)" -eq 6 ] # and that the interval was set
	[ "$(left_out 'client 127.0.0.1')" -eq 0 ]
	interval 0
	await all_told 'client 127.0.0.1' 300
	[ "$(log | grep -c 'client 127.0.0.1: certificate-host-mismatch: ... and 295 more of this peer since ')" -eq 1 ]
	[ "$(rpc tls_policy.rejections | grep -c 'verdict: refused')" -eq 64 ]
}

@test "two peers at once, each has its own lines and its own sum; IPv6 is in brackets" {
	local before job1 job2
	before=$(counter refused)
	interval $HOUR
	refuse foreign 60 127.0.0.3 & job1=$!
	refuse foreign 40 127.0.0.4 & job2=$!
	refuse foreign 20 ::1
	wait "$job1" "$job2"
	await reaches refused $((before + 120))
	await told_are 5 'client 127.0.0.3:[0-9]+'
	await told_are 5 'client 127.0.0.4:[0-9]+'
	await told_are 5 'rule six: client \[::1\]:[0-9]+'
	interval 0
	await all_told 'client 127.0.0.3' 60
	await all_told 'client 127.0.0.4' 40
	await all_told 'client \[::1\]' 20
	[ "$(log | grep -c ' ... and ')" -eq 3 ]
}

@test "one line has it all: rule, server name, part, address, reason, text; and nobody else says a word" {
	local whole
	interval $HOUR
	openssl s_client -connect "127.0.0.1:$PORT" -bind 127.0.0.7:0 -servername sip.named.example \
		-cert "$PKI/stranger.pem" -key "$PKI/stranger.key" </dev/null >/dev/null 2>&1 || true
	await told_of_named
	whole=$(log | grep 'refused: ')
	[[ $whole == *': rule named, server name sip.named.example: client 127.0.0.7:'*' refused: certificate-host-mismatch: no proxy matches dNSName "stranger.example.com"'* ]]
	! tail -c "+$((FROM + 1))" "$DIR/log" | grep -aE 'tls \[|<core>' || false
}
told_of_named() { [ "$(log | grep -c 'rule named, ')" -eq 1 ]; }

@test "each reason is told apart" {
	interval $HOUR
	refuse stranger 12 127.0.0.8
	refuse foreign 12 127.0.0.8
	await two_reasons_told
}
two_reasons_told() {
	[ "$(log | grep -c 'refused: certificate-host-mismatch')-$(log | grep -c 'refused: certificate-not-trusted')" = 5-5 ]
}

@test "when the time is over it is said without another refusal" {
	interval $HOUR
	refuse foreign 12 127.0.0.5
	await told_are 5 'client 127.0.0.5:[0-9]+'
	interval 1
	await all_told 'client 127.0.0.5' 12
}

@test "0: every one is told" {
	interval 0
	refuse stranger 20 127.0.0.6
	await told_are 20 'client 127.0.0.6:[0-9]+'
	! log | grep ' more of ' || false
}

@test "a rule in testing: one line, and how many there were" {
	local before
	before=$(counter would_refuse)
	rpc tls_policy.set enforcement testing rule=six
	interval $HOUR
	refuse stranger 40 ::1
	await reaches would_refuse $((before + 40))
	await would_be_told
	interval 0
	await logged_like 'client \[::1\]: in testing: certificate-host-mismatch: \.\.\. and 39 more of this peer since '
	rpc tls_policy.set enforcement enforce rule=six
}

would_be_told() {
	[ "$(log | grep -c 'rule six: client \[::1\]:[0-9]* would be refused: .* (rule six is in testing)$')" -eq 1 ]
}

# The last test: more peers than places, and an end with something left out.
@test "more peers than the table has places: some are told, the rest is counted together; at the end all is told" {
	local before
	before=$(counter refused)
	rpc tls_policy.set tls_version 8
	interval $HOUR
	VERSION=1.2 refuse stranger 1100 127.9.0.0+
	await reaches refused $((before + 1100))
	await told_are $((1024 + 64)) 'client 127\.9\.[0-9.]+:[0-9]+'
	VERSION=1.2 refuse stranger 40 127.9.0.7
	await reaches refused $((before + 1140))
	await told_are 5 'client 127\.9\.0\.7:[0-9]+'
	stop_kamailio
	[ "$(log | grep -c '\.\.\. and 12 more of other peers since ..:..:..: the log tells of 1024 peers and reasons at a time, and of 64 refusals of others')" -eq 1 ]
	[ "$(log | grep -c 'client 127\.9\.0\.7: handshake-failed: \.\.\. and 36 more of this peer since ')" -eq 1 ]
}
