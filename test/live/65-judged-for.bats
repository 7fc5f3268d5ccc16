#!/usr/bin/env bats
# What a connection that we opened was judged for, it carries, and nothing else:
# a rule that has become stricter, another rule for the same address, an ACK or
# CANCEL for which nobody asks for a name. Each destination is an address of its
# own, at one port.
load helpers
load ../lib/ends
load ../lib/rehandshake
MEMORY_MANAGER=fm

setup() {
	new_dir
	AT=$(free_port)
	RULES=$DIR/rules
}
teardown() {
	stop_ends
	stop_kamailio
}

# The second word of a Call-ID is the server name that is asked for by what is no
# CANCEL; X-From is the address that it is sent from.
# shellcheck disable=SC2016
serving() { # LINE...
	write_config 'modparam("tls", "xavp_cfg", "tls")' "$(policy config "$RULES")" "$@"
	sed -i '/^request_route {/a if($ci =~ "-" \&\& !is_method("CANCEL")) $xavp(tls=>server_name) = $(ci{s.select,1,-}); if($hdr(X-From) != $null) $fs = "tls:" + $hdr(X-From) + ":'"$PORT"'";' "$DIR/kamailio.cfg"
	launch
	await_start
}
rules() {
	cat >"$RULES" <<-RULES
		[default]
		verify_server_certificate = 1
		peer_host_name_verification_mode = client
		proxy = trusted.example.com, stranger.example.com
	RULES
}
rule() { printf '%s\n' "[rule:$1]" "peer = $2" 'peer_role = server' "${@:3}" >>"$RULES"; }

# shellcheck disable=SC2046
server() { # NAME CERTIFICATE ADDRESS [SIP_END-ARGUMENT...]
	end_of "$1" listen="$AT" at="$3" answer=1 $(as "$2") "${@:4}"
}
# sends METHOD CALL-ID ADDRESS [HEADER...]: relayed to that address.
sends() {
	printf '%s\r\n' "$1 sip:peer@$3:$AT;transport=tls SIP/2.0" "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK$2" \
		'From: <sip:a@example.com>;tag=1' 'To: <sip:b@example.com>' "Call-ID: $2" "CSeq: 1 $1" \
		'Max-Forwards: 5' "${@:4}" 'Content-Length: 0' '' >"$DIR/sent"
	cat "$DIR/sent" >"/dev/udp/127.0.0.1/$PORT"
}
established() { grep -c '^established' "$DIR/$1" || true; } # NAME
alerts() { grep -c '^alert' "$DIR/$1" || true; }
has_alerts() { [ "$(alerts "$1")" -ge "$2" ]; } # NAME COUNT

# reaches METHOD CALL-ID ADDRESS SERVER [HEADER...]
reaches() {
	sends "$1" "$2" "$3" "${@:5}"
	await got "$4" "$2" "$1"
}
# is_refused METHOD CALL-ID ADDRESS SERVER [HEADER...]: a connection is opened for
# it, and its server refused.
is_refused() {
	local before
	before=$(alerts "$4")
	sends "$1" "$2" "$3" "${@:5}"
	await has_alerts "$4" $((before + 1)) || return 1
	! got "$4" "$2" "$1"
}

@test "the CANCEL and the ACK of an INVITE go where that went, whatever else is open" {
	rules
	echo 'bind_to_peer = 1' >>"$RULES"
	rule t1 127.0.0.2,127.0.0.3 'server_name = trusted.example.com' 'proxy = trusted.example.com'
	rule t2 127.0.0.2,127.0.0.3 'server_name = stranger.example.com' 'proxy = stranger.example.com'
	serving
	server ringing both-names 127.0.0.2 ringing=1
	reaches INVITE 1-trusted.example.com 127.0.0.2 ringing
	reaches OPTIONS 2-stranger.example.com 127.0.0.2 ringing
	reaches CANCEL 1-trusted.example.com 127.0.0.2 ringing
	got ringing 1-trusted.example.com 'CANCEL .* over trusted.example.com'
	reaches INVITE 3-stranger.example.com 127.0.0.2 ringing
	reaches CANCEL 3-stranger.example.com 127.0.0.2 ringing
	got ringing 3-stranger.example.com 'CANCEL .* over stranger.example.com'
	[ "$(established ringing)" = 2 ]
	server busy both-names 127.0.0.3 busy=1
	reaches OPTIONS 4-stranger.example.com 127.0.0.3 busy
	sends INVITE 5-trusted.example.com 127.0.0.3
	await got busy 5-trusted.example.com ACK
	got busy 5-trusted.example.com 'ACK .* over trusted.example.com'
}

@test "an ACK that nobody asked a name for goes to nobody who has proven none" {
	local n
	rules
	rule none 127.0.0.2 'server_name = legacy.example' 'enforcement = none'
	rule testing 127.0.0.3 'server_name = legacy.example' 'enforcement = testing'
	rule all 127.0.0.0/8 'expect = trusted.example.com'
	serving
	server 2 selfsigned 127.0.0.2
	server 3 selfsigned 127.0.0.3
	for n in 2 3; do
		reaches OPTIONS "1$n-legacy.example" "127.0.0.$n" "$n"
		is_refused OPTIONS "2$n" "127.0.0.$n" "$n"
		is_refused ACK "3$n" "127.0.0.$n" "$n"
		reaches OPTIONS "4$n-legacy.example" "127.0.0.$n" "$n"
	done
}

@test "a rule that becomes stricter holds for what is open, at once" {
	local n
	rules
	rule r2 127.0.0.2 'expect = trusted.example.com'
	rule r3 127.0.0.3 'expect = trusted.example.com' 'enforcement = testing'
	rule r4 127.0.0.4 'expect = trusted.example.com' 'enforcement = none'
	rule r5 127.0.0.5 'expect = trusted.example.com' 'peer_host_name_verification_mode = off' 'verify_server_certificate = 0'
	rule r6 127.0.0.6 'peer_host_name_verification_mode = off'
	rule r7 127.0.0.7 'expect = trusted.example.com'
	serving
	server 2 trusted 127.0.0.2
	server 3 stranger 127.0.0.3
	server 4 selfsigned 127.0.0.4
	server 5 selfsigned 127.0.0.5
	server 6 stranger 127.0.0.6
	server 7 trusted 127.0.0.7
	for n in 2 3 4 5 6 7; do reaches OPTIONS "1$n" "127.0.0.$n" "$n"; done
	sed -i -e '/mode = off/d;/certificate = 0/d;/^enforcement/d' -e '/^.rule:r2/,/^.rule:r3/s/expect = trusted/expect = stranger/' \
		-e '/^.rule:r6/a expect = trusted.example.com' "$RULES"
	rpc tls_policy.reload
	for n in 2 3 4 5 6; do
		is_refused OPTIONS "2$n" "127.0.0.$n" "$n"
		is_refused ACK "3$n" "127.0.0.$n" "$n"
		is_refused CANCEL "4$n" "127.0.0.$n" "$n"
	done
	reaches OPTIONS 27 127.0.0.7 7
	[ "$(established 7)" = 1 ]
	# and by `set`, of a version
	rpc tls_policy.set tls_version 8 rule=r7
	reaches OPTIONS 37 127.0.0.7 7
	[ "$(established 7)" = 1 ]
}

# What is not sent from a named address goes from where the system sends it:
# 127.0.0.1.
@test "by the rule for the address that it is sent from, whatever is open from another one" {
	LISTEN="listen=tls:127.0.0.1:$PORT
listen=tls:127.0.0.5:$PORT"
	rules
	rule one 127.0.0.2 'listen = 127.0.0.1' 'expect = trusted.example.com'
	rule five 127.0.0.2 'listen = 127.0.0.5' 'enforcement = none'
	serving
	server 2 selfsigned 127.0.0.2
	reaches OPTIONS 1 127.0.0.2 2 'X-From: 127.0.0.5'
	is_refused OPTIONS 2 127.0.0.2 2
	is_refused OPTIONS 3 127.0.0.2 2 'X-From: 127.0.0.1'
	reaches OPTIONS 4 127.0.0.2 2 'X-From: 127.0.0.5'
	[ "$(established 2)" = 1 ]
}
