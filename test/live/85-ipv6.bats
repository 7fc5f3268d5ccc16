#!/usr/bin/env bats
# IPv6: an address of a peer is in brackets in each answer, event and line; one
# that is written is taken with brackets and without.
load helpers
load ../lib/rpc

setup_file() {
	new_dir
	export LISTEN="listen=tls:127.0.0.1:$PORT
listen=tls:[::1]:$PORT"
	cat >"$DIR/rules" <<-RULES
		[rule:six]
		listen = [::1]:$PORT
		peer = ::1
		bind_to_peer = 1
		proxy = 2001:db8::10
		proxy = trusted.example.com
	RULES
	start_kamailio "$(policy config "$DIR/rules")" "$(policy peer_host_name_verification_mode both)" \
		"$(policy proxy other.example.com)" "$(policy tls_rehandshake_method renegotiate)" "$(over_json)" \
		'event_route[tls-policy:rejected] { xlog("L_NOTICE", "EVENT of $tlsp(peer)\n"); }'
}
teardown_file() { stop_kamailio; }
teardown() {
	tell_why
	[ -z "${PEER:-}" ] || stop_server
}

# client S_CLIENT-OPTIONS...: over [::1], until stop_server.
client() {
	rm -f "$DIR/in"
	mkfifo "$DIR/in"
	exec 7<>"$DIR/in"
	openssl s_client -connect "[::1]:$PORT" "$@" <&7 >"$DIR/s_client" 2>&1 3>&- 4>&- &
	PEER=$!
}
connected() { [ "$(same tls_policy.connections | value state)" = open ]; }
noted() { [ "$(same tls_policy.rehandshake_peers | value outcome)" = took ]; }

@test "connections, rehandshake_peers and forget" {
	local number
	client -tls1_2
	await connected
	[[ $(same tls_policy.connections | value peer) =~ ^\[::1\]:[0-9]+$ ]]
	rpc tls_policy.rehandshake all | grep 'requested: 1'
	await noted
	[ "$(same tls_policy.rehandshake_peers | value peer)" = '[::1]' ]
	by_kamcmd tls_policy.rehandshake_peers forget ::2 | grep 'forgotten: 0'
	by_kamcmd tls_policy.rehandshake_peers forget '[::1]' | grep 'forgotten: 1'
	await logged 'RPC forgot how [::1] took a re-handshake: 1 note'
	for number in 1 2; do
		[ -z "$(same tls_policy.rehandshake_peers)" ]
		rpc tls_policy.rehandshake all | grep 'requested: 1'
		await noted
		by_json tls_policy.rehandshake_peers forget "$([ "$number" = 1 ] && echo ::1 || echo 0:0::1)" | grep '"forgotten":.*1'
	done
}

@test "rejections, the event, the line of log, and whose address a certificate is not" {
	client -cert "$PKI/stranger.pem" -key "$PKI/stranger.key"
	await logged_like 'rule six: client \[::1\]:[0-9]+ refused: certificate-host-mismatch'
	[[ $(same tls_policy.rejections 1 | value peer) =~ ^\[::1\]:[0-9]+$ ]]
	await logged_like 'EVENT of \[::1\]:[0-9]+$'
	stop_server
	client -cert "$PKI/ip.pem" -key "$PKI/ip.key"
	await logged "peer-address-mismatch: [2001:db8::10] is acceptable, but the peer's address is [::1]"
}

@test "explain: listen and peer with and without brackets" {
	local listen peer
	for listen in "[::1]:$PORT" "[0:0::1]:$PORT"; do
		for peer in ::1 '[::1]' 0:0:0:0:0:0:0:1 '[0:0::1]'; do
			[ "$(same tls_policy.explain "listen=$listen" "peer=$peer" | value rule)" = six ]
		done
	done
	[ "$(same tls_policy.explain "listen=127.0.0.1:$PORT" peer=::1 | value rule)" = default ]
	[ "$(same tls_policy.explain "listen=[::2]:$PORT" peer=::1 | value rule)" = default ]
	same_fault 'peer: "[::1" is neither an address nor a network (ADDRESS/BITS)' tls_policy.explain 'peer=[::1'
	same_fault 'peer: "[127.0.0.1]" is neither an address nor a network (ADDRESS/BITS)' tls_policy.explain 'peer=[127.0.0.1]'
}

@test "a peer over IPv4 at a socket of [::] is asked for by either form of its address" {
	(
		new_dir
		trap 'stop_server; stop_kamailio' EXIT
		LISTEN="listen=tls:[::]:$PORT" start_kamailio
		client -connect "127.0.0.1:$PORT"
		for peer in 127.0.0.1 ::ffff:127.0.0.1 '[::ffff:127.0.0.1]'; do
			await has_peer "$peer"
		done
		! has_peer 127.0.0.2 || false
	)
}
has_peer() { rpc tls_policy.connections "s:peer=$1" | grep 'peer: \[::ffff:127.0.0.1\]:'; }

@test "check: host with and without brackets, and with a port; a list of hosts" {
	local host
	for host in 2001:db8::10 '[2001:db8::10]' '[2001:DB8:0::10]:5061'; do
		[ "$(same tls_policy.check "$PKI/ip.pem" peer=server rule=six "host=$host" | value verdict)" = accepted ]
	done
	same tls_policy.check "$PKI/ip.pem" peer=server rule=six 'host=[2001:db8::11]' |
		grep -F 'but the connection was opened to [2001:db8::11]'
	for host in ::1 '[::1]'; do
		rpc tls_policy.set tls_rehandshake_peers "s:$host"
		[ "$(same tls_policy.show name=tls_rehandshake_peers | value value)" = ::1 ]
	done
	for host in 2001:db8::10 '[2001:db8::10]' 'sip:[2001:db8::10]:5061'; do
		[ "$(same tls_policy.proxies "name=$host" rule=six)" = 2001:db8::10 ]
	done
}
