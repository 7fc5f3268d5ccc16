#!/usr/bin/env bats
# What is in progress ends in time: a first handshake by handshake_timeout, and
# what can be verified no more by a recheck; nobody else notices.
load helpers
load ../lib/peers
load ../lib/rehandshake
load ../lib/trust
MEMORY_MANAGER=fm

setup() { new_dir 1; } # who takes its own tickets
teardown() {
	stop_actors
	stop_kamailio
}

@test "a peer that is silent, drips, or stops at any message is closed after handshake_timeout; others are served" {
	judging_all "$(policy handshake_timeout 5)"
	local name version slow=(silent drips half server 2-1 2-2 2-3 3-1 3-2 3-3)
	acts silent client version=1.3 show=trusted open hold handshake octets=1 end
	acts drips client version=1.3 show=trusted open hold handshake octets=90 end
	acts half client version=1.2 show=trusted open hold handshake cut end
	acts server server version=1.3 show=other "listen=$(free_port)" request=server accept hold handshake cut end
	for version in 2 3; do
		for name in 1 2 3; do
			acts "$version-$name" client "version=1.$version" show=trusted open hold "pass=$name" handshake end
		done
	done
	# one after another all the time
	acts honest client version=1.3 show=other open handshake options=honest answer=honest "$(go honest 1)" \
		options=later answer=later close
	for name in a b c d e f g h; do
		expect_accepted "between-$name" $(as trusted)
	done
	await counted handshakes_timed_out "${#slow[@]}"
	for name in "${slow[@]}"; do
		over "$name"
		expect "$name" 'ended eof'
	done
	# an established connection has no such end
	on honest
	over honest
	expect honest 'got later'
	[ "$(statistic handshakes_timed_out)" -eq "${#slow[@]}" ]
	[ -z "$(connections)" ]
	await [ "$(statistic accepted)" -eq 9 ]
	no_crash
}

@test "a peer whose octets wait to be read is not closed for that: it is the server that is late" {
	judging_all "$(policy handshake_timeout 8)"
	local worker
	worker=$(rpc core.psx | awk '$1 == "PID:" { pid = $2 } /tcp receiver/ { print pid }')
	acts slow client version=1.3 show=other open hold pass=1 handshake "$(go slow 1)" release handshake options=slow answer=slow close
	waits slow
	acts silent client version=1.3 show=trusted open hold pass=1 handshake "$(go silent 1)" end
	waits silent
	kill -STOP "$worker"
	on slow
	# the other has begun later, so the time of both is over by then
	await counted handshakes_timed_out 1
	kill -CONT "$worker"
	over slow
	expect slow 'got slow'
	[ "$(statistic handshakes_timed_out)" -eq 1 ]
}

@test "handshake_timeout counts from the first octet, not from the connection, and not after the end" {
	judging_all "$(policy handshake_timeout 5)"
	acts slow client version=1.3 show=other open hold handshake octets=2 release handshake options=slow answer=slow \
		"$(go slow 1)" options=later answer=later close
	acts held client version=1.2 show=other open hold pass=1 handshake end
	over held
	# the other is older by now than it may take
	on slow
	over slow
	expect slow 'got later'
	[ "$(statistic handshakes_timed_out)" -eq 1 ]
}

@test "recheck passes over a held handshake, which is judged when it ends" {
	judging_all
	local name
	for name in stays leaves; do
		acts "$name" client version=1.3 show="$([ "$name" = stays ] && echo other || echo trusted)" open hold pass=1 \
			handshake "$(go "$name" 1)" release handshake options="$name" answer="$name"
		waits "$name"
	done
	acts open client version=1.3 show=other open handshake options=open answer=open "$(go open 1)" \
		options=later answer=later close
	waits open
	proxies other.example.com
	rechecked
	grep -q 'connections: 1$' "$DIR/recheck"
	grep -q 'closed: 0' "$DIR/recheck"
	for name in stays leaves open; do on "$name"; done
	over stays leaves open
	expect stays 'got stays'
	expect leaves 'ended alert bad certificate'
	expect open 'got later'
	! saw leaves
	saw stays other
}

@test "what is resumed and can be verified no more is closed politely, counted apart, and comes back at once" {
	judging_all
	local name refused many=40
	for name in 2 3 sni; do
		acts "$name" client version="1.${name/sni/3}" show=other name="${name/[23]/}" open handshake keep \
			options="first-$name" answer="first-$name" close resume open handshake options="$name" \
			answer="$name" "$(go "$name" 1)" end open handshake options="back-$name" answer="back-$name" close
	done
	for ((name = 100; name < 100 + many; name++)); do
		acts "$name" client version=1.3 show=other open handshake keep close resume open handshake \
			options="$name" answer="$name" "$(go "$name" 1)" end
	done
	acts full client version=1.3 show=other open handshake options=full answer=full "$(go full 1)" \
		options=later answer=later close
	for name in 2 3 sni full $(seq 100 $((99 + many))); do waits "$name"; done
	refused=$(statistic refused)
	# first what needs the leaf alone, which costs nobody anything
	proxies other.example.com gateway.example
	rechecked
	grep -q 'closed: 0' "$DIR/recheck"
	trust "$PKI/ca.pem" "$PKI/none.crl"
	rechecked
	await counted closed_unverifiable $((many + 3))
	for name in 2 3 sni full $(seq 100 $((99 + many))); do on "$name"; done
	for name in 2 3 sni; do
		over "$name"
		expect "$name" 'ended close_notify'
		expect "$name" "got back-$name"
		[ "$(grep -c 'resumed=1' "$DIR/$name")" -eq 1 ]
		[[ $(grep established "$DIR/$name" | tail -n 1) == *resumed=0 ]]
		saw "back-$name" other
	done
	for ((name = 100; name < 100 + many; name++)); do
		over "$name"
		expect "$name" 'ended close_notify'
	done
	over full
	expect full 'got later'
	[ "$(statistic closed_unverifiable)" -eq $((many + 3)) ]
	[ "$(statistic closed_by_judgement)" -eq 0 ]
	[ "$(statistic refused)" -eq "$refused" ]
	no_crash
}
