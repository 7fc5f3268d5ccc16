#!/usr/bin/env bats
# Memory that runs out at each place where the module asks for some, in turn:
# clear errors, no crash, and nobody passes who is not accepted. FAULTS=all: each
# place also where a look takes seconds or a start, and in handshakes each
# allocation of OpenSSL's, too.
load helpers
load ../lib/peers
load ../lib/rehandshake
load ../lib/faults

setup_file() {
	new_dir 1
	with_failing_memory
	printf 'far.example\n' >"$DIR/list"
	printf '[rule:far]\npeer = 198.51.100.1\nproxy = far.example\nhttps_root_file_name = %s\n' "$PKI/ca.pem" >"$DIR/rules"
	write_config "$(judging)" "$(policy proxy_file "$DIR/list")" "$(policy config "$DIR/rules")" \
		"$(policy tls_rehandshake_method renegotiate)" "$(policy tls_rehandshake_min_spacing 0)"
	launch
	await_start
	export SERVER FAIL_MEMORY
}
teardown_file() { stop_kamailio; }
teardown() {
	no_failure
	stop_peers
	tell_why
}

# some STEP COMMAND...: each STEPth alone, unless all are wanted.
some() {
	local STEP=$1
	[ -z "${FAULTS:-}" ] || STEP=1
	"${@:2}"
}

figure_of() { echo "# figure: $1: $SITES allocations failed in turn" >&3; }

# shellcheck disable=SC2046
@test "handshakes: whoever is to be refused is refused, and the next one is served" {
	local version name all=0
	for version in 1.2 1.3; do
		at_each_allocation "accepted, TLS $version" may_be_accepted "version=$version" $(as trusted)
		all=$((all + SITES))
		for name in stranger foreign; do
			at_each_allocation "$name, TLS $version" is_refused "version=$version" $(as "$name")
			all=$((all + SITES))
		done
		at_each_allocation "nobody, TLS $version" is_refused "version=$version"
		all=$((all + SITES))
		expect_accepted "after-$version" "version=$version" $(as trusted)
	done
	SITES=$all
	[ "$SITES" -ge 16 ]
	figure_of handshakes
	logged 'no shared memory to watch over it: closing it'
}

# shellcheck disable=SC2046,SC2016
@test "handshakes, with each allocation of OpenSSL's failing" {
	[ -n "${FAULTS:-}" ] || skip 'of `make faults`'
	local version all=0
	KINDS=all
	for version in 1.2 1.3; do
		at_each_allocation "accepted, TLS $version" may_be_accepted "version=$version" $(as trusted)
		all=$((all + SITES))
		at_each_allocation "stranger, TLS $version" is_refused "version=$version" $(as stranger)
		all=$((all + SITES))
		at_each_allocation "nobody, TLS $version" is_refused "version=$version"
		all=$((all + SITES))
		expect_accepted "after-all-$version" "version=$version" $(as trusted)
	done
	SITES=$all
	figure_of "handshakes, OpenSSL's too"
}

@test "commands: a fault that says why, and what was in force stays so" {
	local command all=0
	for command in show "set tls_version 12" "set https_root_file_name $PKI/ca.pem rule=far" "set tls_remote_subject_name x.example" \
		proxies rules explain reload dump "check $PKI/trusted.pem peer=client" connections "rehandshake all" recheck \
		"recheck dry" "rejections 5" rehandshake_peers expiry; do
		# shellcheck disable=SC2086
		at_each_allocation "$command" answers_or_says_why tls_policy.$command
		all=$((all + SITES))
	done
	SITES=$all
	[ "$SITES" -ge 40 ]
	figure_of commands
	holds_to_its_policy commands
}
# shellcheck disable=SC2046
holds_to_its_policy() { # CALL-ID
	is_refused $(as stranger) && expect_accepted "$1" $(as trusted) && rpc tls_policy.rules | grep -q 'name: far'
}

# Each time another list is to be loaded; what did not serve is tried again.
@test "watch: the log says why, and what is there is loaded when there is memory again" {
	rpc tls_policy.set watch 1
	some 70 at_each_allocation watch list_is_loaded_or_told
	[ "$SITES" -ge 2 ]
	figure_of watch
	holds_to_its_policy watch
	echo last.example >>"$DIR/list"
	await is_loaded last.example
	rpc tls_policy.set watch 0
}
is_loaded() { rpc tls_policy.proxies "name=$1" | grep -q "^$1"; }
list_is_loaded_or_told() {
	LISTED=$((${LISTED:-0} + 1))
	FROM=$(wc -c <"$DIR/log")
	echo "n$LISTED.example" >>"$DIR/list"
	await loaded_or_told
}
loaded_or_told() {
	is_loaded "n$LISTED.example" ||
		tail -c "+$((FROM + 1))" "$DIR/log" | grep -qiE 'ERROR: tls_policy .* memory'
}

# A peer with traffic, so that messages wait; it may lose its connection, then it
# comes again.
@test "re-handshakes: done, postponed, or the connection ends; the next one is done" {
	local version all=0
	for version in 1.2 1.3; do
		at_each_allocation "re-handshake, TLS $version" is_asked_again "$version"
		all=$((all + SITES))
		is_asked_again "$version"
		await more_rehandshakes r 0
		end_peer r >/dev/null
	done
	SITES=$all
	[ "$SITES" -ge 3 ]
	figure_of re-handshakes
	holds_to_its_policy rehandshakes
}
is_asked_again() { # VERSION
	local before
	if [ -z "${PEERS[r]:-}" ] || ! kill -0 "${PEERS[r]}" 2>/dev/null; then
		unset "PEERS[r]"
		client r openssl "version=$1" rate=200 stay=1 || return 0 # refused
	fi
	await connected_or_over || return 1
	before=$(rehandshakes r)
	[ -n "$before" ] || return 0
	asked || return 0
	await done_or_over "$before"
}
asked() { rpc tls_policy.rehandshake "$(connection_of r)" | grep -q 'requested: 1'; }
over() { ! kill -0 "${PEERS[r]}" 2>/dev/null || closed r; }
connected_or_over() { connected r || over; }
done_or_over() { more_rehandshakes r "$1" || over || has_failed; }

@test "start: with a sentence about memory, or it holds to its policy" {
	(
		SERVER=
		new_dir 1
		with_failing_memory
		printf 'far.example\n' >"$DIR/list"
		printf '[rule:far]\npeer = 198.51.100.1\nproxy = far.example\n' >"$DIR/rules"
		write_config "$(judging)" "$(policy proxy_file "$DIR/list")" "$(policy config "$DIR/rules")"
		some 30 at_each_allocation start starts_or_says_why
		[ "$SITES" -ge 3 ]
		figure_of start
	)
}
