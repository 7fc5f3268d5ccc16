#!/usr/bin/env bats
# Re-handshakes of connections that clients opened to us: nothing lost, nothing
# doubled, and what happens with clients that do not play along.
load helpers
load ../lib/peers
load ../lib/rehandshake
MEMORY_MANAGER=fm

setup() { new_dir; }
teardown() {
	stop_peers
	stop_kamailio
}

# under_traffic NAME VERSION TIMES: re-handshakes while 300 requests a second
# go in either direction; nothing is lost, doubled or out of order.
under_traffic() {
	local a=a$1 b=b$1 times=$3
	client "$a" openssl version="$2" rate=300 stay=1 || return 1
	client "$b" openssl version="$2" rate=300 stay=1 "$(to "$a")" || return 1
	rehandshake "$a" "$times" || return 1
	end_peer "$b" && end_peer "$a" || return 1
	exact "$a" && exact "$b" || return 1
	[ "$(figure "$a" received)" = "$(figure "$b" sent)" ] || return 1
	[ "$(figure "$a" reordered)" = 0 ] || return 1
	echo "# figure: TLS $2, as server: $times re-handshakes, $(figure "$a" sent) and" \
		"$(figure "$b" sent) requests, slowest $(figure "$a" slowest_ms) and $(figure "$b" slowest_ms) ms" >&3
}

@test "25 re-handshakes of each version under traffic in both directions" {
	rehandshaking renegotiate
	local version before
	before=$(processes)
	for version in 1.0 1.2 1.3; do
		at_once under_traffic "-$version" "$version" 25
	done
	all_went_well
	[ "$(figure a-1.0 handshakes)-$(figure a-1.2 handshakes)" = 26-26 ]
	[ "$(figure a-1.3 key_updates)" = 25 ]
	[ "$(statistic renegotiations)" -eq 50 ]
	[ "$(statistic messages_held)" -gt 0 ]
	[ "$(statistic messages_lost)" -eq 0 ]
	live $before
	no_crash
}

# in_segments VERSION: half a record is there nearly always.
in_segments() {
	client "h-$1" openssl version="$1" rate=50 segment=536 stay=1 || return 1
	rehandshake "h-$1" 10 || return 1
	end_peer "h-$1" || return 1
	exact "h-$1"
}

@test "a client whose records come in pieces" {
	rehandshaking renegotiate
	local version
	for version in 1.0 1.2 1.3; do at_once in_segments "$version"; done
	all_went_well
	[ "$(figure h-1.0 handshakes)-$(figure h-1.2 handshakes)-$(figure h-1.3 key_updates)" = 11-11-10 ]
	no_crash
}

@test "by the interval, which open connections follow when it changes" {
	rehandshaking auto "$(policy tls_rehandshake_peers trusted.example.com)"
	client a openssl version=1.2 rate=20 burst=5 stay=1
	client b openssl version=1.3 rate=20 burst=5 stay=1
	await connected a
	[ "$(connection_of a 6)" = 0 ]
	rpc tls_policy.set tls_rehandshake_interval_seconds 1
	await more_rehandshakes a 2
	await more_rehandshakes b 2
	rpc tls_policy.set TLSReHandshakeInterval 0
	rpc tls_policy.set tls_rehandshake_interval_seconds 0
	await never_next
	end_peer a && end_peer b
	exact a && exact b
	[ "$(figure a handshakes)" -ge 4 ]
	[ "$(figure b key_updates)" -ge 3 ]
}

never_next() { rpc tls_policy.connections | grep -q 'next_rehandshake: never'; }

@test "TLS 1.3: a client that offers it shows its certificate once more, and only once" {
	rehandshaking renegotiate
	client a openssl version=1.3 rate=100 stay=1 post_handshake=1
	rehandshake a 1
	await shown_again a
	rehandshake a 4
	end_peer a
	exact a
	[ "$(figure a handshakes)-$(figure a key_updates)" = 2-5 ]
}

shown_again() { [ "$(handshakes "$1")" = 2 ]; }

@test "auto leaves an unknown client of TLS 1.2 alone and counts it as due" {
	rehandshaking auto "$(policy tls_rehandshake_interval_seconds 1)"
	client a openssl version=1.2 rate=50 stay=1
	await has_left_due
	end_peer a
	exact a
	[ "$(figure a handshakes)" = 1 ]
}
has_left_due() { [ "$(statistic rehandshakes_left_due)" -gt 0 ]; }
remembered() { rpc tls_policy.rehandshake_peers | grep -A2 "peer: $1" | grep -q "outcome: $2"; }

@test "a client that refuses loses the connection once and is remembered" {
	rehandshaking auto "$(policy tls_rehandshake_peers trusted.example.com)" \
		"$(policy tls_rehandshake_interval_seconds 1)"
	client a openssl version=1.2 renegotiation=refuse
	await closed a
	await remembered trusted.example.com refused
	client b openssl version=1.2 renegotiation=refuse rate=50 stay=1
	await has_left_due
	end_peer b
	exact b
	[ "$(figure b handshakes)" = 1 ]
	rpc tls_policy.rehandshake_peers forget trusted.example.com | grep -q 'forgotten: 1'
}

@test "a client that ignores: what was held goes out at the timeout" {
	rehandshaking renegotiate "$(policy tls_rehandshake_hold_timeout_ms 500)"
	client a gnutls version=1.2 renegotiation=ignore rate=100 stay=1
	client b openssl rate=100 stay=1 "$(to a)"
	ask a
	await remembered trusted.example.com ignored
	ask a # the question still stands
	await has_left_due
	end_peer b && end_peer a
	exact a && exact b
	[ "$(figure a reordered)-$(figure a handshakes)" = 0-1 ]
	[ "$(figure a slowest_ms)" -ge 400 ]
	[ "$(statistic messages_lost)" -eq 0 ]
}

@test "a client that ignores: what was held goes out at the limit of octets" {
	rehandshaking renegotiate "$(policy tls_rehandshake_hold_timeout_ms 60000)" \
		"$(policy tls_rehandshake_hold_octets 20000)"
	client a gnutls version=1.2 renegotiation=ignore rate=100 stay=1
	client b openssl rate=100 pad=1000 stay=1 "$(to a)"
	ask a
	await holds 1
	await holds 0
	end_peer b && end_peer a
	exact a && exact b
	[ "$(figure a reordered)-$(figure a handshakes)" = 0-1 ]
}
holds() { [ "$(statistic messages_held)" -gt 0 ] && { [ "$1" = 1 ] || ! rpc tls_policy.connections | grep -q 'held: [1-9]'; }; }

@test "a client that stops reading hurts nobody else" {
	rehandshaking renegotiate "$(policy tls_rehandshake_hold_timeout_ms 8000)"
	client a openssl version=1.2 rate=200 mute_after=100 window=0 stay=1
	client b openssl version=1.2 rate=200 stay=1
	client c openssl version=1.3 rate=200 mute_after=100 window=0 stay=1
	client d openssl version=1.3 rate=200 stay=1
	await grep -q muted "$DIR/a"
	await grep -q muted "$DIR/c"
	ask_all 4
	rehandshake b 5
	rehandshake d 5
	end_peer b && end_peer d
	exact b && exact d
	await remembered trusted.example.com ignored
	no_crash
}

@test "a client that floods between HelloRequest and its answer" {
	rehandshaking renegotiate
	client a openssl version=1.2 rate=100 stay=1 flood=200
	rehandshake a 10
	end_peer a
	exact a
	[ "$(figure a handshakes)" = 11 ]
	[ "$(figure a sent)" -ge 2000 ]
}

@test "TLS 1.3: a client that does not answer a KeyUpdate, and one that starts its own" {
	rehandshaking renegotiate
	client a openssl version=1.3 rate=100 stay=1 key_update_unanswered=1
	client b openssl version=1.3 rate=100 stay=1 key_update_after=20
	rehandshake a 10
	rehandshake b 10
	end_peer a && end_peer b
	exact a && exact b
	[ "$(figure a key_updates)-$(figure b key_updates)" = 10-11 ] # one is the answer
}

@test "a client that resets TCP in the middle" {
	rehandshaking renegotiate
	client a openssl version=1.2 rate=100 stay=1 abort_in_handshake=1
	client b openssl version=1.2 rate=100 stay=1
	ask a
	await remembered trusted.example.com died
	rehandshake b 3
	end_peer b
	exact b
	finish_peer a
	[ "$(figure a closed_by)" = self ]
	no_crash
}

# changes NAME VERSION CERTIFICATE: shows it in the second handshake.
changes() {
	client "$1" openssl version="$2" stay=1 post_handshake=1 \
		second_cert="$PKI/$3.pem" second_key="$PKI/$3.key"
	ask "$1"
}

@test "TLS 1.3: a client that is gone without a word at a KeyUpdate is remembered, a polite one is not" {
	rehandshaking auto
	client polite openssl version=1.3 count=1 rate=1 stay=1
	ask_all 1
	await counted key_updates 1
	end_peer polite
	await none_left
	[ -z "$(rpc tls_policy.rehandshake_peers)" ]
	client gone openssl version=1.3 count=1 rate=1 stay=1 abort_at_key_update=1
	await gone_or_remembered
	rpc tls_policy.rehandshake_peers | grep -q 'kind: key-update'
}
counted() { [ "$(statistic "$1")" -ge "$2" ]; }
# It may be gone before its KeyUpdate is entered: then there is another.
gone_or_remembered() {
	remembered trusted.example.com died && return 0
	[ -n "$(connections)" ] || client gone openssl version=1.3 count=1 rate=1 stay=1 abort_at_key_update=1
	asked_all 1
	false
}

@test "a client that changes its certificate is judged by the new one" {
	rehandshaking renegotiate
	local version
	for version in 1.2 1.3; do
		changes "bad-$version" "$version" stranger
		await closed "bad-$version"
		finish_peer "bad-$version"
		[ "$(figure "bad-$version" alert)" = bad_certificate ]
	done
	await grep -q 'refused: certificate-host-mismatch' "$DIR/log"
	await none_connected
}
none_connected() { [ "$(connections | wc -l)" -eq 0 ]; }

@test "a client that changes its certificate to another accepted one is refused: who it is stays so" {
	rehandshaking renegotiate
	local version
	for version in 1.2 1.3; do
		changes "a-$version" "$version" server
		await closed "a-$version"
		finish_peer "a-$version"
		[ "$(figure "a-$version" alert)" = bad_certificate ]
	done
	await grep -q 'refused: peer-identity-changed' "$DIR/log"
	[ "$(statistic refused_peer_identity_changed)" -eq 2 ]
	await none_connected
}

rechecked_all() { rpc tls_policy.recheck >"$DIR/recheck" && grep -q 'left: 0' "$DIR/recheck"; }

# with_stranger LINE...: a Kamailio whose list of proxies names strangers too.
with_stranger() {
	echo stranger.example.com >"$DIR/proxies"
	rehandshaking auto "$(policy proxy_file "$DIR/proxies")" "$@"
}

stranger() { # NAME KEY=VALUE...
	local name=$1
	shift
	client "$name" openssl cert="$PKI/stranger.pem" key="$PKI/stranger.key" stay=1 "$@"
	await connected "$name"
}

@test "a name that left the list: recheck closes its connections, and no other" {
	with_stranger
	local version
	for version in 1.2 1.3; do
		stranger "s-$version" version="$version"
		client "t-$version" openssl version="$version" rate=50 stay=1
		await connected "t-$version"
	done
	await rechecked_all
	grep -q 'closed: 0' "$DIR/recheck"
	: >"$DIR/proxies"
	rpc tls_policy.reload
	rpc tls_policy.recheck >"$DIR/recheck"
	cat "$DIR/recheck"
	grep -q 'connections: 4' "$DIR/recheck"
	# after a second it tells how many are left to judge
	if grep -q 'left: 0' "$DIR/recheck"; then
		grep -q 'judged: 4' "$DIR/recheck"
		grep -q 'closed: 2' "$DIR/recheck"
	fi
	for version in 1.2 1.3; do
		await closed "s-$version"
		finish_peer "s-$version"
		[ "$(figure "s-$version" closed_by)" = close_notify ]
		end_peer "t-$version"
		exact "t-$version"
	done
	await counted closed_by_judgement 2
	[ "$(statistic closed_by_judgement)" -eq 2 ]
	await grep -q 'refused: certificate-host-mismatch' "$DIR/log"
}

@test "a name that left the list: the next re-handshake closes its connection" {
	with_stranger "$(policy tls_rehandshake_interval_seconds 1)"
	stranger s version=1.3 rate=50
	client t openssl version=1.3 rate=50 stay=1
	await more_rehandshakes t 0
	: >"$DIR/proxies"
	rpc tls_policy.reload
	await closed s
	finish_peer s
	[ "$(figure s closed_by)" = close_notify ]
	end_peer t
	exact t
}

@test "what the commands say" {
	rehandshaking renegotiate
	[[ $(rpc tls_policy.rehandshake) == *"usage: tls_policy.rehandshake CONID|all"* ]]
	[[ $(rpc tls_policy.rehandshake seven) == *'"seven" is no connection id and not "all"'* ]]
	[[ $(rpc tls_policy.rehandshake 4711) == *"there is no TLS connection 4711"* ]]
	[[ $(rpc tls_policy.rehandshake all) == *"requested: 0"* ]]
	[[ $(rpc tls_policy.rehandshake_peers forget) == *usage:* ]]
	[ -z "$(rpc tls_policy.connections)" ]
	client a openssl version=1.2 stay=1
	await connected a
	local key
	rpc tls_policy.connections >"$DIR/connections"
	for key in "id: [0-9]" "peer: 127.0.0.1:$(peer_port a)" "peer_role: client" "rule: default" "verdict: accepted" "version: TLSv1.2" "cipher: ECDHE-" \
		"identity: trusted.example.com" "age: [0-9]" "last_rehandshake: never" "next_rehandshake: never" \
		"last_kind: none" "rehandshakes: 0" "state: open"; do
		grep -q "$key" "$DIR/connections"
	done
	rehandshake a 1
	rpc tls_policy.connections >"$DIR/connections"
	grep -q 'last_kind: renegotiate' "$DIR/connections"
	grep -q 'rehandshakes: 1' "$DIR/connections"
	end_peer a
	await none_connected
}

@test "a renegotiation that the client starts is refused, also after ours" {
	rehandshaking renegotiate "$(policy tls_rehandshake_peers trusted.example.com)"
	client a openssl version=1.2 rate=100 renegotiate_after=50 stay=1
	await closed a
	finish_peer a
	[ "$(figure a handshakes)" = 1 ]
	client a openssl version=1.2 renegotiate_after=50 stay=1
	rehandshake a 3
	client b openssl rate=100 count=50 grace=1 "$(to a)"
	await closed a
	finish_peer a
	[ "$(figure a handshakes)" = 4 ]
	no_crash
}

@test "it is refused from a client that tls_rehandshake_peers names, too" {
	rehandshaking auto "$(policy tls_rehandshake_peers gateway.example)"
	client b openssl version=1.2 rate=100 renegotiate_after=50 stay=1 cert="$PKI/server.pem" key="$PKI/server.key"
	await closed b
	finish_peer b
	[ "$(figure b handshakes)" = 1 ]
}

@test "an idle connection ends at its idle timeout all the same" {
	rehandshaking renegotiate 'modparam("tls", "connection_timeout", 5)' "$(policy tls_rehandshake_interval_seconds 1)"
	client a openssl version=1.2 stay=1
	client b openssl version=1.3 stay=1
	client c openssl version=1.3 rate=20 stay=1
	await closed a
	await closed b
	finish_peer a && finish_peer b
	[ "$(figure a handshakes)" -gt 1 ] # it was re-handshaken in its time
	rehandshake c 1
	end_peer c
	exact c
}

@test "an idle connection that is judged again and again ends too" {
	rehandshaking auto 'modparam("tls", "connection_timeout", 5)' "$(policy tls_rehandshake_interval_seconds 1)"
	client a openssl version=1.2 stay=1
	await connected a
	[ "$(connection_of a 6)" = 0 ]
	client b openssl version=1.3 stay=1
	await closed_while_judged a
	await closed_while_judged b
	finish_peer a && finish_peer b
	[ "$(figure a handshakes)-$(figure b handshakes)" = 1-1 ]
	[ "$(statistic closed_by_judgement)" -eq 0 ]
}

closed_while_judged() { closed "$1" || { rpc tls_policy.recheck >/dev/null && false; }; }

@test "reconnect: closed with close_notify when quiet, and nothing that has arrived is lost" {
	rehandshaking reconnect "$(policy tls_rehandshake_interval_seconds 1)"
	local version
	for version in 1.2 1.3; do client "a-$version" openssl version="$version" rate=20 burst=15 again=1 stay=1; done
	for version in 1.2 1.3; do
		await closed_times "a-$version" 3
		end_peer "a-$version"
		exact "a-$version" 15
		[ "$(figure "a-$version" answered)" -ge 30 ]
		! grep -v 'closed close_notify' "$DIR/a-$version" | grep closed | grep -v sent=
		[ "$(figure "a-$version" connections)" -ge 3 ]
	done
}
closed_times() { [ "$(grep -c '^closed' "$DIR/$1")" -ge "$2" ]; }
