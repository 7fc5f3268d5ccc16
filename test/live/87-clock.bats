#!/usr/bin/env bats
# A clock that jumps by hours, both ways, while the monotonic one goes on:
# re-handshakes neither storm nor stop, no session gets younger, no refusal is
# lost from the log, and certificates that end are told by the new time.
load helpers
load ../lib/peers
load ../lib/rehandshake
load ../lib/trust

H=3600
NOW=40 # hours ahead: the certificates are of now, and valid for 30 days

setup_file() {
	new_dir 1
	export PKI SERVER
	faked_clock
	hour $NOW
	judging_all "$(policy tls_rehandshake_interval_seconds 1)" "$(policy tls_rehandshake_min_spacing 0)" \
		"$(policy refusal_log_interval $H)" "$(policy tls_expiry_check_start 40)" "$(policy tls_expiry_check_period 7)"
}
teardown_file() { stop_kamailio; }
teardown() {
	stop_actors
	stop_peers
	tell_why
}

hour() { clock $(($1 * H)); }

updates() { statistic key_updates; }

# Peers with traffic: a core that jumps ahead may end those that are idle.
served() {
	[ -n "${PEERS[p]:-}" ] && kill -0 "${PEERS[p]}" 2>/dev/null && ! closed p && return 0
	LOST=$((LOST + 1))
	unset "PEERS[p]"
	client p openssl version=1.3 rate=50 stay=1
}

# Two more of them, but not more than the time that has passed allows.
goes_on() { # JUMP
	local from=$SECONDS before
	served
	before=$(updates)
	await two_more "$before"
	[ $(($(updates) - before)) -le $((SECONDS - from + 3)) ] && return 0
	echo "a storm at $1: $(($(updates) - before)) in $((SECONDS - from)) s" >&2
	return 1
}
two_more() { served && [ "$(updates)" -ge $(($1 + 2)) ]; }

@test "re-handshakes: neither a storm nor a standstill" {
	local jump LOST=-1
	for jump in 0 5 -5 ${FAULTS:+0 30 -30 100} 0; do
		hour $((NOW + jump))
		goes_on "$jump h"
	done
	echo "# figure: connections with traffic that the jumps cost: $LOST" >&3
	end_peer p >/dev/null
	no_crash
}

refuse() { # COUNT
	local i
	# shellcheck disable=SC2046
	for ((i = 0; i < $1; i++)); do probe $(as stranger) >/dev/null || true; done
}
told_of() { grep -c "$1.* refused: certificate-host-mismatch: no proxy" "$DIR/log" || true; }
left_out() { sed -nE 's/.*\.\.\. and ([0-9]+) more of this peer since ..:..:..$/\1/p' "$DIR/log" | awk '{ sum += $1 } END { print sum + 0 }'; }
all_told() { [ $(($(told_of 'client 127.0.0.1') + $(left_out))) -eq "$1" ]; }

# shellcheck disable=SC2046
@test "refusals: told and left out together are all of them" {
	local jump all=0
	for jump in 0 5 -5 0; do
		hour $((NOW + jump))
		refuse 8
		all=$((all + 8))
	done
	[ "$(left_out)" -lt "$all" ]
	rpc tls_policy.set refusal_log_interval 0
	await all_told "$all"
	[ "$(told_of 'client 127.0.0.1')" -le $((4 * 5)) ]
}

@test "a session is resumed neither hours later nor hours before" {
	local version
	for version in 1.2 1.3; do
		hour $NOW
		acts "s-$version" client version="$version" show=other open handshake keep options="first-$version" \
			answer="first-$version" leave resume open handshake options="same-$version" answer="same-$version" leave \
			"$(go "s-$version" 1)" open handshake options="before-$version" answer="before-$version" leave \
			"$(go "s-$version" 2)" open handshake options="after-$version" answer="after-$version" close
		waits "s-$version" 1
		hour $((NOW - 5))
		on "s-$version" 1
		waits "s-$version" 2
		hour $((NOW + 5))
		on "s-$version" 2
		over "s-$version"
		[ "$(grep -c 'established .* resumed=1' "$DIR/s-$version")" = 1 ]
		saw "after-$version" other
	done
}

days_told() { grep -oE "trust anchor $PKI/ca.pem .* expires in [0-9]+ days" "$DIR/log" | grep -oE '[0-9]+ days' | tr '\n' ' '; }

@test "certificates that end are told again when the period is over, by the new time" {
	local before
	hour $NOW
	await test -n "$(days_told)"
	before=$(days_told)
	hour $((NOW + 8 * 24))
	await told_again "$before"
	[[ $(days_told) =~ (20|21)\ days\ $ ]]
	rpc tls_policy.expiry 1 | grep -qE 'days_left: (20|21)'
	hour $NOW
	rpc tls_policy.expiry 1 | grep -qE 'days_left: (28|29)'
}
told_again() { [ "$(days_told)" != "$1" ]; }
