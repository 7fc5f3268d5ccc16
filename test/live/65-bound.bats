#!/usr/bin/env bats
# bind_to_peer where connections are reused: each server name that a request
# asks for has a connection of its own, at the same address and port, and what
# is found by address is what was judged for that name.
load helpers
load ../lib/ends
load ../lib/peers
load ../lib/rehandshake
MEMORY_MANAGER=fm

setup() {
	new_dir
	AT=$(free_port)
}
teardown() {
	stop_ends
	stop_kamailio
}

# The name is the middle of the Call-ID: N-NAME, "-" for none.
bound() { # LINE...
	write_config 'modparam("tls", "xavp_cfg", "tls")' "$(policy VerifyServerCertificate 1)" \
		"$(policy PeerHostNameVerificationMode client)" "$(policy bind_to_peer 1)" \
		"$(policy proxy trusted.example.com)" "$(policy proxy stranger.example.com)" "$(policy proxy 127.0.0.1)" "$@"
	# shellcheck disable=SC2016
	sed -i '/^request_route {/a if(!($ci =~ "-none$")) $xavp(tls=>server_name) = $(ci{s.select,1,-});' "$DIR/kamailio.cfg"
	launch
	await_start
}

established() { grep -c "^established [^ ]* $1" "$DIR/server" || true; } # NAME

# shellcheck disable=SC2046
@test "a second name gets a connection of its own, and is refused if it is not the server's" {
	bound
	end_of server listen="$AT" $(as trusted)
	send_request 1-trusted.example.com "$AT"
	await got server 1-trusted.example.com
	send_request 2-stranger.example.com "$AT"
	await logged 'peer-not-dialled: trusted.example.com is acceptable, but the connection was opened to stranger.example.com'
	send_request 3-none "$AT"
	await logged 'opened to 127.0.0.1 without a server name'
	send_request 4-trusted.example.com "$AT"
	await got server 4-trusted.example.com
	! got server 2-stranger.example.com || false
	! got server 3-none || false
	[ "$(established trusted.example.com)" = 1 ]
}

# shellcheck disable=SC2046
@test "two names of one server: a connection each, and both are reused" {
	local i
	bound
	end_of server listen="$AT" $(as both-names)
	for i in 1 2 3 4; do
		send_request "$i-trusted.example.com" "$AT"
		await got server "$i-trusted.example.com"
		send_request "$i-stranger.example.com" "$AT"
		await got server "$i-stranger.example.com"
	done
	[ "$(established trusted.example.com)-$(established stranger.example.com)" = 1-1 ]
}

# shellcheck disable=SC2046
@test "the successor of a connection serves its name alone, and nobody before it is proven" {
	bound "$(policy tls_rehandshake_method reconnect)" "$(policy tls_rehandshake_drain 1)"
	end_of server listen="$AT" $(as both-names)
	send_request 1-trusted.example.com "$AT"
	await got server 1-trusted.example.com
	await asked_at "$AT"
	await replaced_once
	send_request 2-trusted.example.com "$AT"
	await got server 2-trusted.example.com
	send_request 3-stranger.example.com "$AT"
	await got server 3-stranger.example.com
	[ "$(established trusted.example.com)-$(established stranger.example.com)" = 2-1 ]
}
replaced_once() { [ "$(statistic reconnects)" = 1 ]; }

# shellcheck disable=SC2046
@test "one that a peer opened serves the address that it was judged for, and no name" {
	bound "$(policy SIPSRequireClientCertificate 1)"
	end_of peer "$PORT" from="$AT" $(as local)
	says_request peer OPTIONS 0-none "sip:127.0.0.1:$PORT"
	await got peer 0-none 'SIP/2.0 200'
	end_of server listen="$AT" $(as trusted)
	send_request 1-none "$AT"
	await got peer 1-none OPTIONS
	send_request 2-trusted.example.com "$AT"
	await got server 2-trusted.example.com
	! got peer 2-trusted.example.com || false
}

# tm makes the ACK of a 486 itself, where no script asks for a name.
# shellcheck disable=SC2046
@test "the ACK of a refused call goes where its INVITE went, on a new connection and on one that is used again" {
	local i id
	bound
	end_of server listen="$AT" answer=1 busy=1 $(as trusted)
	for i in 1 2; do
		id=$i-trusted.example.com
		printf '%s\r\n' "INVITE sip:peer@127.0.0.1:$AT;transport=tls SIP/2.0" "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK$id" \
			'From: <sip:a@example.com>;tag=1' 'To: <sip:b@example.com>' "Call-ID: $id" 'CSeq: 1 INVITE' \
			'Max-Forwards: 5' 'Content-Length: 0' '' | cat >"/dev/udp/127.0.0.1/$PORT"
		await got server "$id" ACK
	done
	[ "$(grep -c '^established' "$DIR/server")" = 1 ]
}

# Kamailio sends from its first TLS listener's address, and the system connects
# from another one.
# shellcheck disable=SC2046
@test "bound by the rule for the address that a connection goes out from, whatever the sender knows of it" {
	LISTEN="listen=tls:127.0.0.2:$PORT
listen=tls:127.0.0.1:$PORT"
	cat >"$DIR/rules" <<-RULES
		[rule:out]
		listen = 127.0.0.1
		peer_role = server
		verify_server_certificate = 1
		peer_host_name_verification_mode = client
		bind_to_peer = 1
		proxy = trusted.example.com, stranger.example.com
	RULES
	write_config 'modparam("tls", "xavp_cfg", "tls")' "$(policy config "$DIR/rules")"
	# shellcheck disable=SC2016
	sed -i '/^request_route {/a $xavp(tls=>server_name) = $(ci{s.select,1,-});' "$DIR/kamailio.cfg"
	launch
	await_start
	end_of server listen="$AT" $(as trusted)
	send_request 1-trusted.example.com "$AT"
	await got server 1-trusted.example.com
	send_request 2-stranger.example.com "$AT"
	await logged 'peer-not-dialled: trusted.example.com is acceptable, but the connection was opened to stranger.example.com'
	send_request 3-trusted.example.com "$AT"
	await got server 3-trusted.example.com
	! got server 2-stranger.example.com || false
	[ "$(established trusted.example.com)" = 1 ]
}
