#!/usr/bin/env bats
# Re-handshakes of connections that we opened to servers: nothing lost, nothing
# doubled, and what happens with servers that do not play along.
load helpers
load ../lib/peers
load ../lib/rehandshake
MEMORY_MANAGER=fm

setup() { new_dir; }
teardown() {
	stop_peers
	stop_kamailio
}

# under_traffic NAME VERSION TIMES KEY=VALUE...: re-handshakes while 300
# requests a second go in either direction; nothing is lost, doubled or out of
# order. The server sends too once Kamailio has connected.
under_traffic() {
	local s=s$1 c=c$1 version=$2 times=$3
	shift 3
	server "$s" openssl version="$version" rate=300 stay=1 "$@" || return 1
	client "$c" openssl rate=300 stay=1 "$(to "$s")" || return 1
	rehandshake "$s" "$times" || return 1
	end_peer "$c" && end_peer "$s" || return 1
	exact "$c" && exact "$s" || return 1
	[ "$(figure "$s" received)" = "$(figure "$c" sent)" ] || return 1
	[ "$(figure "$s" sent)" -gt 0 ] || return 1
	echo "# figure: TLS $version, as client: $times re-handshakes, $(figure "$c" sent) and" \
		"$(figure "$s" sent) requests, slowest $(figure "$c" slowest_ms) and $(figure "$s" slowest_ms) ms" >&3
}

@test "25 re-handshakes of each version under traffic in both directions" {
	rehandshaking renegotiate
	local version before
	before=$(processes)
	for version in 1.0 1.2 1.3; do
		at_once under_traffic "-$version" "$version" 25 renegotiation=allow
	done
	all_went_well
	[ "$(figure s-1.0 handshakes)-$(figure s-1.2 handshakes)" = 26-26 ]
	[ "$(figure s-1.0 reordered)-$(figure s-1.2 reordered)-$(figure s-1.3 reordered)" = 0-0-0 ]
	[ "$(figure s-1.3 key_updates)" = 25 ]
	[ "$(statistic renegotiations)" -eq 50 ]
	[ "$(statistic messages_held)" -gt 0 ]
	[ "$(statistic messages_lost)" -eq 0 ]
	live $before
	no_crash
}

@test "reconnect: 20 new connections take over under traffic, whatever the version" {
	rehandshaking reconnect "$(policy tls_rehandshake_drain 5)"
	local version
	for version in 1.0 1.2 1.3; do
		at_once under_traffic "-$version" "$version" 20
	done
	all_went_well
	for version in 1.0 1.2 1.3; do
		[ "$(figure "s-$version" connections)-$(figure "s-$version" handshakes)" = 21-21 ]
	done
	[ "$(statistic reconnects)" -eq 60 ]
	no_crash
}

@test "reconnect: the old connection is closed with close_notify once it is quiet" {
	rehandshaking reconnect "$(policy tls_rehandshake_drain 1)"
	server s openssl
	client c openssl rate=100 stay=1 "$(to s)"
	rehandshake s 2
	await closed_times s 2
	end_peer c && end_peer s
	exact c && exact s
	[ "$(grep -c '^closed close_notify' "$DIR/s")" -ge 2 ]
}
closed_times() { [ "$(grep -c '^closed' "$DIR/$1")" -ge "$2" ]; }

@test "reconnect: a server that takes no second connection keeps its first" {
	rehandshaking reconnect
	server s openssl accept=1
	client c openssl rate=100 stay=1 "$(to s)"
	await connected s
	ask s
	await counted rehandshakes_failed
	await grep -q 'no accepted successor, so it stays' "$DIR/log"
	end_peer c && end_peer s
	exact c && exact s
	[ "$(figure s connections)" = 1 ]
}
counted() { [ "$(statistic "$1")" -gt 0 ]; }

# While the server is stopped its kernel takes the connection, and nobody speaks
# TLS on it.
@test "reconnect: handshake_timeout says how long a successor may take" {
	local i
	rehandshaking reconnect
	server s openssl
	client c openssl rate=100 count=10 "$(to s)"
	finish_peer c
	rpc tls_policy.set handshake_timeout 1
	kill -STOP "${PEERS[s]}"
	for i in 1 2 3; do
		ask_all 1
		await failed_times "$i"
		[ "$(statistic reconnects)" = 0 ]
	done
	rpc tls_policy.set handshake_timeout 120
	ask_all 1
	await past $((SECONDS + 11)) # more than the default
	kill -CONT "${PEERS[s]}"
	await more_rehandshakes s 0
	client d openssl rate=100 count=10 "$(to s)"
	finish_peer d
	end_peer s
	exact c && exact d && exact s
	[ "$(figure s connections)-$(figure s received)" = 2-20 ]
}
failed_times() { [ "$(statistic rehandshakes_failed)" -ge "$1" ] || [ "$(statistic reconnects)" != 0 ]; }
past() { [ "$SECONDS" -gt "$1" ]; }

@test "reconnect: a successor that the policy refuses does not take over" {
	rehandshaking reconnect
	server s openssl accept=1
	client c openssl rate=100 stay=1 "$(to s)"
	await connected s
	peer stranger openssl server "$(peer_port s)" cert="$PKI/stranger.pem" key="$PKI/stranger.key"
	ask s
	await counted rehandshakes_failed
	await grep -q 'server 127.0.0.1:.*refused: certificate-host-mismatch' "$DIR/log"
	end_peer c && end_peer s && end_peer stranger
	exact c && exact s
	[ "$(figure s connections)-$(figure stranger received)" = 1-0 ]
}

@test "by the interval, quietly, and an idle connection is not kept alive" {
	rehandshaking auto "$(policy tls_rehandshake_interval_seconds 1)" "$(policy tls_rehandshake_drain 5)" \
		'modparam("tls", "connection_timeout", 5)' 'tcp_connection_lifetime=5' # 6.1 looks at the latter
	server busy openssl version=1.2
	server idle-1.2 openssl version=1.2
	server idle-1.3 openssl version=1.3
	client c openssl rate=20 burst=5 stay=1 "$(to busy)"
	client once-1.2 openssl rate=10 count=1 "$(to idle-1.2)"
	client once-1.3 openssl rate=10 count=1 "$(to idle-1.3)"
	await none_to idle-1.2
	await none_to idle-1.3
	await more_rehandshakes busy 2
	end_peer c && end_peer busy && end_peer idle-1.2 && end_peer idle-1.3
	exact c && exact busy && exact idle-1.2 && exact idle-1.3
	[ "$(figure busy connections)" -ge 3 ]
	[ "$(figure idle-1.2 connections)" -le 6 ]
}
none_to() { [ "$(figure "once-${1#idle-}" answered)" = 1 ] && ! connected "$1"; }

remembered() { rpc tls_policy.rehandshake_peers | grep -A2 "peer: $1" | grep -q "outcome: $2"; }

@test "auto: an unknown server gets a new connection, a named one a renegotiation" {
	rehandshaking auto "$(policy tls_rehandshake_drain 5)"
	server s openssl version=1.2 renegotiation=allow
	client c openssl rate=50 stay=1 "$(to s)"
	rehandshake s 2
	[ "$(connection_of s 8)" = reconnect ]
	rpc tls_policy.set tls_rehandshake_peers gateway.example
	rehandshake s 2
	[ "$(connection_of s 8)" = renegotiate ]
	end_peer c && end_peer s
	exact c && exact s
	[ "$(figure s connections)-$(figure s handshakes)" = 3-5 ]
}

@test "auto: a server that refuses loses the connection once; then it gets new ones" {
	rehandshaking auto "$(policy tls_rehandshake_peers gateway.example)" "$(policy tls_rehandshake_drain 5)"
	server s openssl version=1.2
	client c openssl rate=20 count=10 "$(to s)"
	finish_peer c
	exact c
	ask s
	await remembered gateway.example refused
	client d openssl rate=50 stay=1 "$(to s)"
	rehandshake s 3
	end_peer d && end_peer s
	exact d && exact s
	[ "$(figure s connections)" = 5 ]
}

@test "a server that does not answer: the connection is closed at the timeout, the next one serves" {
	rehandshaking renegotiate "$(policy tls_rehandshake_hold_timeout_ms 500)"
	server s openssl version=1.2 renegotiation=allow mute_after=10
	client c openssl rate=50 count=10 "$(to s)"
	finish_peer c
	await grep -q muted "$DIR/s"
	ask s
	await remembered gateway.example ignored
	await not_connected s
	client d openssl rate=50 count=9 "$(to s)"
	finish_peer d
	exact d
	no_crash
}
not_connected() { ! connected "$1"; }

@test "a server that does not answer: the connection is closed at the limit of octets" {
	rehandshaking renegotiate "$(policy tls_rehandshake_hold_timeout_ms 60000)" \
		"$(policy tls_rehandshake_hold_octets 20000)"
	server s openssl version=1.2 renegotiation=allow mute_after=10
	client c openssl rate=50 count=10 "$(to s)"
	finish_peer c
	await grep -q muted "$DIR/s"
	ask s
	client d openssl rate=50 pad=1000 count=40 grace=1 "$(to s)"
	await grep -q 'over tls_rehandshake_hold_octets: closing it' "$DIR/log"
	finish_peer d
	no_crash
}

@test "a server that resets TCP in the middle: the next request gets a new connection" {
	rehandshaking renegotiate
	server s openssl version=1.2 renegotiation=allow abort_in_handshake=1
	client c openssl rate=50 count=10 "$(to s)"
	finish_peer c
	ask s
	await remembered gateway.example died
	client d openssl rate=50 count=10 "$(to s)"
	finish_peer d
	exact c && exact d
	end_peer s
	exact s
	[ "$(figure s connections)" = 2 ]
	no_crash
}

@test "a server that changes its certificate is refused with an alert" {
	rehandshaking renegotiate
	server s openssl version=1.2 renegotiation=allow second_cert="$PKI/stranger.pem" \
		second_key="$PKI/stranger.key"
	client c openssl rate=50 count=10 "$(to s)"
	finish_peer c
	exact c
	ask s
	await grep -q '^closed' "$DIR/s"
	end_peer s
	[ "$(figure s alert)" = bad_certificate ]
	await grep -q 'server 127.0.0.1:.*refused: certificate-host-mismatch' "$DIR/log"
}

@test "a server that floods between our ClientHello and its answer" {
	rehandshaking renegotiate
	server s openssl version=1.2 renegotiation=allow flood=200
	client c openssl rate=100 stay=1 "$(to s)"
	rehandshake s 10
	end_peer c && end_peer s
	exact c && exact s
	[ "$(figure s handshakes)-$(figure s sent)" = 11-2000 ]
}

@test "a HelloRequest that the server starts is refused, whoever is named" {
	local named
	rehandshaking auto
	for named in other.example gateway.example; do
		rpc tls_policy.set tls_rehandshake_peers "$named"
		server "s-$named" openssl version=1.2 renegotiate_after=10
		client "c-$named" openssl rate=50 count=10 "$(to "s-$named")"
		await closed "s-$named"
		end_peer "s-$named"
		[ "$(figure "s-$named" handshakes)" = 1 ]
	done
}
