#!/usr/bin/env bats
# What a session and a handshake may carry: nothing that was not judged now, as
# the one who was accepted. Each test is a way around the policy that must lead
# nowhere: what the peer sees, and what the parser does.
load helpers
load ../lib/peers
load ../lib/rehandshake
load ../lib/trust
MEMORY_MANAGER=fm

setup() { new_dir 1; }
teardown() {
	[ ! -p "$DIR/log" ] || read_the_log
	stop_actors
	stop_peers
	stop_kamailio
}

@test "another server name after HelloRetryRequest ends the handshake, also while resuming" {
	hello_retry
	judging_all
	# the same name again is nobody's fault
	acts same client version=1.3 show=trusted name=sni.example open handshake keep options=same answer=same \
		close resume open handshake options=same-again answer=same-again close
	over same
	expect same 'established TLSv1.3 resumed=1'
	saw same-again trusted
	acts none client version=1.3 show=trusted second_name=sni.example open handshake options=none end
	acts other client version=1.3 show=trusted name=sni.example second_name=strict.example \
		open handshake options=other end
	# a ticket of the domain of the second name, which its CA would never give
	acts back client version=1.3 show=trusted name=sni.example open handshake keep close \
		resume name=other.example second_name=sni.example open handshake options=back end
	over none other back
	local name
	for name in none other back; do
		expect "$name" 'ended alert illegal parameter'
		! saw "$name"
	done
}

# Versions and ways of one session: NAME of the peer, its options.
every_session() { # COMMAND
	"$1" 2-ticket version=1.2 && "$1" 2-id version=1.2 by_id && "$1" 3-ticket version=1.3
}
EVERY_SESSION=(2-ticket 2-id 3-ticket)

# A full and a resumed connection, both open, then what $1 does.
resumed_beside_full() { # NAME OPTIONS...
	local name=$1
	shift
	acts "full-$name" client "$@" show="${SHOWN:-trusted}" open handshake keep \
		options="full-$name" answer="full-$name" "$(go "full-$name" 1)" end
	acts "resumed-$name" client "$@" show="${SHOWN:-trusted}" open handshake keep options="first-$name" \
		answer="first-$name" leave resume open handshake options="resumed-$name" answer="resumed-$name" \
		"$(go "resumed-$name" 1)" end open handshake options="again-$name" answer="again-$name" close
}
all_wait() {
	local name
	for name in "${EVERY_SESSION[@]}"; do
		waits "full-$name" && waits "resumed-$name" && told "resumed-$name" 'established .* resumed=1' || return 1
	done
}
all_on() {
	local name
	for name in "${EVERY_SESSION[@]}"; do on "full-$name" && on "resumed-$name"; done
}

# all_end COMMAND...: which makes every peer unacceptable by its chain; their
# sessions are of no use after it.
all_end() {
	local name
	every_session resumed_beside_full
	all_wait
	"$@"
	rechecked
	for name in "${EVERY_SESSION[@]}"; do
		tells "full-$name" 'ended close_notify'
		tells "resumed-$name" 'ended close_notify'
	done
	all_on
	for name in "${EVERY_SESSION[@]}"; do
		over "full-$name" "resumed-$name"
		expect "resumed-$name" "missed again-$name"
		! saw "again-$name"
	done
}

revoked_or_so() { # COMMAND...
	local name
	judging_all
	all_end "$@"
	for name in "${EVERY_SESSION[@]}"; do saw "resumed-$name" trusted; done
	no_crash
}

@test "a CRL ends resumed connections as it does full ones, and their sessions" {
	revoked_or_so trust "$PKI/ca.pem" "$PKI/trusted.crl"
}

@test "a CA that left ca_list ends resumed connections as it does full ones, and their sessions" {
	revoked_or_so trust "$PKI/foreign-ca.pem"
}

@test "accept_server_auth_clients=0 ends resumed connections as it does full ones, and their sessions" {
	export SHOWN=serving
	judging_all "$(policy accept_server_auth_clients 1)"
	all_end rpc tls_policy.set accept_server_auth_clients 0
}

@test "a session keeps who it was: a name for which its CA may not vouch is no way in" {
	judging_all "$(policy sip_uri_identities 1)"
	local version
	for version in 1.2 1.3; do
		acts "a-$version" client version="$version" show=constrained open handshake keep options="first-$version" \
			answer="first-$version" leave resume open handshake options="again-$version" \
			answer="again-$version" "$(go "a-$version" 1)" end resume open handshake options="late-$version" end
		waits "a-$version"
	done
	[ "$(connections | grep -c 'other.example.com')" -eq 4 ]
	! connections | grep -q trusted.example.com
	proxies trusted.example.com
	rechecked
	for version in 1.2 1.3; do
		on "a-$version"
		over "a-$version"
		saw "again-$version" constrained
		! saw "late-$version"
	done
	[ -z "$(connections)" ]
}

@test "300 s after the certificate was shown nothing is resumed, whatever was issued since" {
	faked_clock
	judging_all
	local name steps
	for name in 3-chain 2-chain; do
		steps=(version="1.${name%-*}" show=trusted open handshake keep options="$name-0" answer="$name-0" close)
		for i in 1 2 3 4; do
			steps+=("$(go "$name" "$i")" resume open handshake keep options="$name-$i" answer="$name-$i" close)
		done
		acts "$name" client "${steps[@]}"
	done
	acts id client version=1.2 by_id show=trusted open handshake keep options=id-0 answer=id-0 leave \
		"$(go id 1)" resume open handshake options=id-1 answer=id-1 leave \
		"$(go id 2)" open handshake options=id-2 answer=id-2 close
	both_at 1
	waits id 1
	clock 140
	both_on 1
	on id 1
	both_at 2
	waits id 2
	clock 280
	both_on 2
	both_at 3
	for name in 3-chain 2-chain; do
		[ "$(grep -c 'resumed=1' "$DIR/$name")" -eq 2 ]
	done
	[ "$(grep -c 'resumed=1' "$DIR/id")" -eq 1 ]
	clock 320
	both_on 3
	on id 2
	both_at 4
	over id
	for name in 3-chain 2-chain; do
		[ "$(grep -c 'resumed=1' "$DIR/$name")" -eq 2 ]
		expect "$name" "got $name-3"
	done
	[ "$(grep -c 'resumed=1' "$DIR/id")" -eq 1 ]
	expect id 'got id-2'
	# the full handshake at 320 s began a new chain
	clock 460
	both_on 4
	over 3-chain 2-chain
	for name in 3-chain 2-chain; do
		[ "$(grep -c 'resumed=1' "$DIR/$name")" -eq 3 ]
	done
}
both_at() { waits 3-chain "$1" && waits 2-chain "$1"; }
both_on() { on 3-chain "$1" && on 2-chain "$1"; }

@test "recheck waits for no half KeyUpdate and no half NewSessionTicket" {
	judging_all
	acts client client version=1.3 show=trusted open handshake options=client answer=client half_update \
		"$(go client 1)" end
	acts half client version=1.3 show=trusted open handshake options=half answer=half half=never \
		"$(go half 1)" end
	server_acts server server half_ticket
	server_acts update server half_update
	local name
	for name in client half server update; do waits "$name"; done
	proxies other.example.com
	rechecked
	await counted closed_by_judgement 4
	# in the middle of a message OpenSSL has no way to say it
	for name in client half server update; do
		tells "$name" 'ended .*'
		on "$name"
	done
	over client half server update
	expect half 'ended close_notify'
	! saw never
}
# server_acts NAME CERTIFICATE STEP...: to whom Kamailio relayed a request.
server_acts() {
	local name=$1 shown=$2
	shift 2
	acts "$name" server version=1.3 show="$shown" listen="$(free_port)" request="$name" accept handshake \
		reached="$name" options="from-$name" answer="from-$name" "$@" "$(go "$name" 1)" end
}

@test "recheck waits for a renegotiation's ClientHello that comes in halves no longer than hold_timeout" {
	judging_all "$(policy tls_rehandshake_method renegotiate)" \
		"$(policy tls_rehandshake_hold_timeout_ms 1000)"
	acts halves client version=1.2 large show=trusted open handshake options=halves answer=halves \
		hold until=0 pass=1 "$(go halves 1)" end
	acts honest client version=1.2 show=other open handshake options=honest answer=honest "$(go honest 1)" \
		options=later answer=later close
	asks_until halves 'came 0'
	waits halves
	proxies other.example.com
	rechecked
	tells halves 'ended .*'
	on halves
	on honest
	over halves honest
	expect honest 'got later'
	saw later other
}

@test "post-handshake authentication: nobody is somebody else before proving it" {
	judging_all "$(policy tls_rehandshake_method renegotiate)" \
		"$(policy tls_rehandshake_hold_timeout_ms 1000)"
	# [SIP][the certificate of another] in one segment, and no more
	acts stalls client version=1.3 authenticates show=other open handshake options=stalls answer=stalls \
		hold options=stalls-within show=trusted until=13 pass=2 "$(go stalls 1)" end
	asks_until stalls 'at .*'
	await withheld_or_seen stalls
	! saw stalls-within
	! connections | grep -q trusted.example.com
	on stalls
	# the same with all of it: accepted before, but as another
	acts whole client version=1.3 authenticates show=other open handshake options=whole answer=whole \
		hold options=whole-within show=trusted until=13 release end
	asks_until whole 'came 13'
	over whole
	expect whole 'ended alert bad certificate'
	! saw whole-within
	# and without the key
	acts borrows client version=1.3 authenticates show=other open handshake options=borrows answer=borrows \
		hold options=borrows-within borrow=trusted until=13 release end
	asks_until borrows 'came 13'
	over borrows
	! saw borrows-within
	# its own again: what waited is parsed, from whom it was all the time
	acts honest client version=1.3 authenticates show=other open handshake options=honest answer=honest \
		hold options=honest-within until=13 release answer=honest-within close
	asks_until honest 'came 13'
	over honest
	expect honest 'got honest-within'
	saw honest-within other
	rpc tls_policy.recheck >/dev/null
	tells stalls 'ended .*'
	over stalls
	! grep 'PARSED .*within' "$DIR/log" | grep -v 'cn=other verified=1'
}
# Something was read that waits, or the parser has it.
withheld_or_seen() { rpc tls_policy.recheck >/dev/null; told "$1" 'ended .*' || parsed "$1-within"; }

@test "a renegotiation: SIP in one segment with its ClientHello waits for its end, or is dropped" {
	judging_all "$(policy tls_rehandshake_method renegotiate)" \
		"$(policy tls_rehandshake_hold_timeout_ms 5000)"
	acts honest client version=1.2 show=other open handshake options=honest answer=honest \
		hold options=honest-within until=0 release answer=honest-within close
	asks_until honest 'came 0'
	over honest
	expect honest 'got honest-within'
	saw honest-within other
	acts stalls client version=1.2 show=other open handshake options=stalls answer=stalls \
		hold options=stalls-within until=0 pass=2 end
	asks_until stalls 'came 0'
	over stalls
	expect stalls 'ended .*'
	! saw stalls-within
	# half a message by one, the rest by another
	acts becomes client version=1.2 show=other open handshake options=becomes answer=becomes \
		hold half=becomes-within until=0 show=trusted release end
	asks_until becomes 'came 0'
	over becomes
	expect becomes 'ended alert bad certificate'
	! saw becomes-within
	[ "$(grep -c 'PARSED .* verified=1' "$DIR/log")" -eq "$(grep -c PARSED "$DIR/log")" ]
	! connections | grep -q trusted.example.com
}

# held_over COMMAND...: handshakes that are open at every message while
# `trusted` stops being acceptable by COMMAND, all of which end afterwards.
held_over() {
	local name message
	judging_all
	for message in 0 1 2 3 4 5; do
		acts "2-$message" client version=1.2 show=trusted open hold "pass=$message" handshake \
			"$(go "2-$message" 1)" release handshake options="2-$message" answer="2-$message"
	done
	for message in 0 1 2 3; do
		acts "3-$message" client version=1.3 show=trusted open hold "pass=$message" handshake \
			"$(go "3-$message" 1)" release handshake options="3-$message" answer="3-$message"
	done
	acts other client version=1.3 show=other open hold pass=1 handshake "$(go other 1)" release handshake \
		options=other answer=other close
	local held=(2-{0..5} 3-{0..3})
	for name in "${held[@]}" other; do waits "$name"; done
	"$@"
	rechecked
	for name in "${held[@]}" other; do on "$name"; done
	over "${held[@]}" other
	for name in "${held[@]}"; do
		expect "$name" "missed $name|established.*|held"
		told "$name" 'ended .*'
		! saw "$name"
		! told "$name" "got $name"
	done
	expect other 'got other'
	saw other other
	no_crash
}

@test "a handshake that is held open at any message while a CRL comes ends under the new trust" {
	held_over trust "$PKI/ca.pem" "$PKI/trusted.crl"
}

@test "a handshake that is held open at any message while a proxy leaves ends under the new list" {
	held_over proxies other.example.com
}

# renegotiates_after COMMAND...: open connections of `trusted`, then COMMAND,
# then a renegotiation (TLS 1.2) or post-handshake authentication, no recheck.
renegotiates_after() {
	local name
	acts default client version=1.2 show=trusted open handshake options=default answer=default \
		"$(go default 1)" end
	acts sni client version=1.2 show=trusted name=sni.example open handshake options=sni answer=sni \
		"$(go sni 1)" end
	acts auth client version=1.3 authenticates show=trusted open handshake options=auth answer=auth \
		"$(go auth 1)" end
	acts other client version=1.2 show=other name=sni.example open handshake options=other answer=other \
		"$(go other 1)" options=later answer=later close
	for name in default sni auth other; do waits "$name"; done
	"$@"
	for name in default sni auth; do
		asks_until "$name" 'ended .*'
		on "$name"
	done
	on other
	over default sni auth other
	expect other 'got later'
	saw later other
}

@test "a renegotiation and a post-handshake authentication are verified by the trust of now" {
	WORKERS=3
	judging_all "$(policy tls_rehandshake_method renegotiate)"
	renegotiates_after trust "$PKI/ca.pem" "$PKI/trusted.crl"
}

@test "a renegotiation is verified by https_root_file_name, in an SNI domain too" {
	WORKERS=3
	judging_all "$(policy tls_rehandshake_method renegotiate)" "$(policy https_root_file_name "$PKI/ca.pem")"
	trust "$PKI/foreign-ca.pem"
	local name when
	for when in before after; do
		for name in default sni; do
			acts "$name-$when" client version=1.2 show=other name="${SERVER_NAME[$name]}" open handshake \
				options="$name-$when" answer="$name-$when" "$(go "$name-$when" 1)" \
				until=0 options="$name-$when-later" answer="$name-$when-later" close
			acts "$name-$when-bad" client version=1.2 show=trusted name="${SERVER_NAME[$name]}" open handshake \
				options="$name-$when-bad" answer="$name-$when-bad" "$(go "$name-$when-bad" 1)" \
				show=foreign until=0 options="$name-$when-bad-later" end
			waits "$name-$when" && waits "$name-$when-bad"
		done
		[ "$when" = before ] || trust "$PKI/foreign-ca.pem"
		for name in default sni; do
			on "$name-$when" && on "$name-$when-bad"
			asks_until "$name-$when" "got $name-$when-later"
			saw "$name-$when-later" other
			asks_until "$name-$when-bad" 'ended .*'
			over "$name-$when" "$name-$when-bad"
			! saw "$name-$when-bad-later"
		done
	done
}
declare -A SERVER_NAME=([default]='' [sni]=sni.example)

@test "peers start no renegotiation" {
	judging_all "$(policy tls_rehandshake_method renegotiate)"
	client starts openssl version=1.2 rate=100 renegotiate_after=20 stay=1
	await closed starts
	finish_peer starts
	[ "$(figure starts handshakes)" = 1 ]
}

# The worker stands still between its verdict and the entry in the table: it has
# a line to log (of one that only a setting accepts), and its log takes no more.
# From then on nobody else logs anything.
@test "a recheck misses nobody who is being accepted while it runs" {
	mkfifo "$DIR/log"
	cat "$DIR/log" >"$DIR/log.text" 3>&- 4>&- &
	reader=$!
	judging_all debug=1 'loadmodule "cfg_rpc.so"' "$(policy accept_server_auth_clients 1)" "$(policy https_root_file_name "$PKI/ca.pem")"
	acts a client version=1.3 show=serving open handshake end
	await listed 1
	kill -STOP "$reader"
	await stands "$reader"
	fill "$DIR/log"
	acts b client version=1.3 show=serving open handshake end
	tells b 'established .*'
	await counted accepted 2
	listed 1 # the worker stands there
	rpc -- cfg.set_now_int core debug -4
	proxies other.example.com
	rpc tls_policy.recheck | grep -q 'connections: 1' # it is judged once it can be logged
	kill -CONT "$reader"
	tells a 'ended close_notify'
	tells b 'ended close_notify'
	over a b
}
stands() { grep -q '^State:.T' "/proc/$1/status"; }
listed() { [ "$(connections | grep -c ' open ')" -eq "$1" ]; }
read_the_log() {
	kill -CONT "$reader"
	rm "$DIR/log"
	tr -d '\0' <"$DIR/log.text" >"$DIR/log"
}
fill() {
	dd if=/dev/zero of="$1" oflag=nonblock bs=4096 count=1024 || true
	dd if=/dev/zero of="$1" oflag=nonblock bs=1 count=8192 || true
} 2>/dev/null
