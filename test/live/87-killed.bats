#!/usr/bin/env bats
# A process that is killed, also while it holds a lock of the module: Kamailio ends
# as a whole, with the module as without, and at once; what starts it again finds
# nothing of it.
load helpers
load ../lib/peers
load ../lib/rehandshake

setup() { new_dir 2; }
teardown() { stop_kamailio; }

worker() { rpc core.psx | awk '/PID:/ { pid = $2 } /tcp receiver/ { print pid; exit }'; }
all_gone() { # PID...
	local pid
	for pid in "$@"; do ! kill -0 "$pid" 2>/dev/null || return 1; done
}

# Not by its own alarm, a minute later.
ended_by_itself() {
	local status=0
	wait "$SERVER" || status=$?
	[ "$status" -lt 128 ] && SERVER=
}

@test "stock: a worker that is killed takes Kamailio with it" {
	local all
	MODULES='loadmodule "tls.so"' start_kamailio
	all=$(processes)
	kill -KILL "$(worker)"
	# shellcheck disable=SC2086
	await all_gone $all "$SERVER"
	logged 'exited by a signal 9'
	ended_by_itself
}

# shellcheck disable=SC2046,SC2086
@test "with the module: the same, connected peers see it, and it starts again on the same port" {
	local all
	start_kamailio "$(judging)"
	expect_accepted before $(as trusted)
	client honest openssl version=1.3 rate=20 stay=1
	all=$(processes)
	kill -KILL "$(worker)"
	await all_gone $all "$SERVER"
	logged 'exited by a signal 9'
	ended_by_itself
	! grep -qiE 'double free|signal 11|signal 6|BUG:' "$DIR/log" || false
	await closed honest
	stop_peers
	launch
	await_start
	expect_accepted after $(as trusted)
	is_refused_again
}
# shellcheck disable=SC2046
is_refused_again() { expect_refused stranger "bad certificate" $(as stranger); }

# Beside it are processes that want that lock all the time: a timer every 20 ms, and
# a worker with a peer.
# shellcheck disable=SC2046,SC2086
@test "a worker that dies with the lock of the table of connections: the others end, too" {
	local all
	export DIE_IN_LOCK=$DIR/die
	FAKED=(env "LD_PRELOAD=$BUILD/preload/die_in_lock.so")
	start_kamailio "$(judging)"
	client honest openssl version=1.3 rate=20 stay=1
	all=$(processes)
	: >"$DIR/die"
	! probe call_id=dies $(as trusted) || false
	[ ! -e "$DIR/die" ]
	await all_gone $all "$SERVER"
	logged 'exited by a signal 9'
	ended_by_itself
	! grep -qiE 'double free|signal 11|signal 6|BUG:' "$DIR/log" || false
	! parsed dies
	launch
	await_start
	expect_accepted after $(as trusted)
	is_refused_again
}
