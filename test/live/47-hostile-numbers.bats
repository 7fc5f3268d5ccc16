#!/usr/bin/env bats
# Many hostile peers at once, in both roles, beside honest ones: these are all
# served, and of those no SIP is parsed and none is sent to them. `make hostile`
# has them one kind after another (HOSTILE_APART=1) and in larger numbers.
load helpers
load ../lib/peers
load ../lib/rehandshake
load ../lib/hostile

setup_file() {
	new_dir 4
	hostile_pki
	hostile_server
	PROCESSES=
	await processes_settled
	export PROCESSES
}
teardown_file() { stop_kamailio; }
teardown() { tell_why; }

# The last one may still be forking.
processes_settled() {
	local before=$PROCESSES
	PROCESSES=$(processes)
	[ "$before" = "$PROCESSES" ]
}

EACH=${HOSTILE_EACH:-56}
CHAINS=${HOSTILE_CHAINS:-2} # one costs half a second of a worker
SLOW=${HOSTILE_SLOW:-60}

# NAME KIND COUNT OPTION...
hostile_kinds() {
	local kind
	echo "slow slow $SLOW"
	echo "silent silent $EACH patience=3"
	for kind in half-open aborted alerts records garbage; do
		echo "$kind $kind $EACH"
		echo "$kind-servers $kind $EACH serves=$(free_port)"
	done
	for kind in chains names; do
		echo "$kind $kind $CHAINS at_once=2"
		echo "$kind-servers $kind $CHAINS at_once=2 serves=$(free_port)"
	done
	echo "tickets tickets $EACH"
	echo "renegotiations renegotiations 8"
	echo "updates updates 8"
}

# Nobody is hurt but those who are hostile.
is_unhurt() { # NAME of honest ones
	[[ $(honest_of "$1") == *failed=0* ]] || return 1
	! grep 'PARSED hostile-' "$DIR/log" | grep -v hostile-ticket || return 1
	[ "$(processes)" = "$PROCESSES" ] || return 1
	! grep -iE 'double free|exited by a signal|BUG:' "$DIR/log"
}

ended() { # NAME: no SIP came to them, and the server has ended them all
	[ "$(saw "$1" answered)$(saw "$1" late)" = 00 ] && return 0
	[ "$1$(saw "$1" answered)" = silent0 ] && return 0 # the core's: tcp_connection_lifetime
	cat "$DIR/$1.hostile" >&2
	return 1
}

@test "every kind of hostile peer, in both roles: honest ones are served, and none of those" {
	local line name before
	before=$(statistic refused_handshake_failed)
	while read -r line; do
		# shellcheck disable=SC2086
		hostile $line
		[ -z "${HOSTILE_APART:-}" ] || {
			honest "${line%% *}"
			echo "# figure: $(cat "$DIR/${line%% *}.hostile"); $(honest_figure "${line%% *}")" >&3
			is_unhurt "${line%% *}"
		}
	done < <(hostile_kinds)
	if [ -z "${HOSTILE_APART:-}" ]; then
		honest all
		echo "# figure: $(cat "$DIR"/*.hostile | awk -F '[ =]' '{ sum += $4 } END { print sum }') hostile peers at once; $(honest_figure all)" >&3
		is_unhurt all
	fi
	while read -r name _; do ended "$name"; done < <(hostile_kinds)
	[ "$(statistic handshakes_timed_out)" -ge "$SLOW" ]
	await logged 'refused: handshake-failed: too many KeyUpdates in a minute'
	[ "$(grep -c 'too many KeyUpdates' "$DIR/log")" -eq 8 ]
}

shared_octets() { rpc core.shmmem | sed -n 's/^[[:space:]]*real_used: //p'; }
nobody_connected() { [ "$(rpc core.tcp_info | sed -n 's/^[[:space:]]*opened_connections: //p')" = 0 ]; }

# What a worker makes at its first refusal in a role, and keeps, is there: of some
# hundreds nothing is kept any more.
every_worker_has_refused() {
	local before round
	for round in 1 2 3 4 5 6 7 8; do
		before=$(shared_octets)
		hostile "first-$round" refused 100 at_once=16
		honest "first-$round"
		await nobody_connected
		[ $(($(shared_octets) - before)) -ge 8192 ] || return 0
	done
	echo "each 100 refused ones take more shared memory" >&2
	return 1
}

# Each from an address of its own: of 1,024 of them the log tells one by one.
@test "refused ones, one after another: the log and memory are bounded" {
	local count=${HOSTILE_REFUSED:-300} before log seconds=$SECONDS
	every_worker_has_refused
	before=$(shared_octets)
	log=$(wc -c <"$DIR/log")
	seconds=$SECONDS
	hostile refused refused "$count" at_once=16
	honest refused
	seconds=$((SECONDS - seconds))
	is_unhurt refused
	ended refused
	[ "$(saw refused alerted)" = "$count" ]
	await nobody_connected
	log=$(tail -c "+$((log + 1))" "$DIR/log" | grep -vc PARSED)
	echo "# figure: $count refused in $seconds s: $log lines of log, shared memory grew by $(($(shared_octets) - before)) octets; $(honest_figure refused)" >&3
	[ "$log" -le 1200 ]
	[ $(($(shared_octets) - before)) -lt 65536 ]
}

# The tls module leaves OpenSSL's errors where they are if an alert cannot be sent,
# and takes them for those of what the worker reads next.
# shellcheck disable=SC2046
@test "a peer that is gone before its alert costs nobody else the connection" {
	(
		new_dir 1
		export BROKEN_ALERT=$DIR/broken
		FAKED=(env "LD_PRELOAD=$BUILD/preload/broken_alert.so")
		start_kamailio "$(judging)"
		trap stop_kamailio EXIT
		client honest openssl version=1.3 rate=20 stay=1 window=1
		: >"$DIR/broken"
		for version in 1.2 1.2 1.2 1.2; do
			! probe call_id=gone version="$version" $(as stranger) || false
		done
		rm "$DIR/broken"
		! closed honest || false
		expect_accepted after version=1.3 $(as trusted)
		end_peer honest
		exact honest
		! parsed gone
	)
}
