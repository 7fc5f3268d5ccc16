#!/usr/bin/env bats
# Re-handshakes with other TLS stacks, SIPp, another Kamailio; and many of them.
load helpers
load ../lib/peers
load ../lib/rehandshake
load ../lib/sipp
MEMORY_MANAGER=fm

setup() { new_dir; }
teardown() {
	stop_peers
	stop_callee
	stop_caller
	stop_kamailio
	stop_other
}

STACKS=(openssl gnutls wolfssl go java)
versions_of() { [ "$1" = wolfssl ] && echo 1.2 1.3 || echo 1.0 1.2 1.3; } # Debian's wolfSSL

# spared STACK VERSION: a client and a server under traffic, while the interval
# of one second passes three times.
spared() {
	local name=$1-$2
	client "c-$name" "$1" version="$2" rate=50 stay=1 || return 1
	server "s-$name" "$1" version="$2" || return 1
	client "d-$name" openssl rate=50 stay=1 "$(to "s-$name")" || return 1
	await due_times "c-$name" 3 || return 1
	await more_rehandshakes "s-$name" 2 || return 1
	end_peer "d-$name" && end_peer "s-$name" && end_peer "c-$name" || return 1
	exact "c-$name" && exact "s-$name" && exact "d-$name" || return 1
	[ "$(figure "c-$name" connections)" = 1 ] || return 1
	[ "$2" = 1.3 ] || [ "$(figure "c-$name" handshakes)" = 1 ]
}
# TLS 1.3: re-handshaken so many times; below: was due and is left alone.
due_times() {
	[ "$(connection_of "$1" 9)" = leave-due ] || more_rehandshakes "$1" $(($2 - 1))
}

@test "auto costs no stack a connection or a message, whatever the version and the role" {
	rehandshaking auto "$(policy tls_rehandshake_interval_seconds 1)" "$(policy tls_rehandshake_drain 5)"
	local stack version
	for stack in "${STACKS[@]}"; do
		for version in $(versions_of "$stack"); do
			at_once spared "$stack" "$version"
		done
		all_went_well
	done
	[ "$(statistic messages_lost)" = 0 ]
	no_crash
}

# fate NAME: what became of a re-handshake that an operator asked for.
fate() {
	ask "$1" || return 1
	await fate_decided "$1" || return 1
	if closed_now "$1"; then
		echo died
	elif more_rehandshakes "$1" 0; then
		echo took
	else
		connection_of "$1" 9
	fi
}
closed_now() { grep -q '^closed\|^sent=' "$DIR/$1"; }
fate_decided() { closed_now "$1" || more_rehandshakes "$1" 0 || [ "$(connection_of "$1" 9)" = leave-due ]; }

# tells STACK VERSION ROLE WORD [KEY=VALUE...]: on a quiet connection.
tells() {
	local stack=$1 version=$2 role=$3 word=$4 name=$3-$1-$2-${5#*=} got
	shift 4
	if [ "$role" = client ]; then
		client "$name" "$stack" version="$version" stay=1 "$@" || return 1
	else
		server "$name" "$stack" version="$version" "$@" || return 1
		client "ask-$name" openssl rate=10 count=1 "$(to "$name")" || return 1
		finish_peer "ask-$name" || return 1
	fi
	got=$(fate "$name")
	echo "# figure: $stack as $role, TLS $version${1:+ ($*)}: $got" >&3
	[ "$got" = "$word" ] && return 0
	echo "$name: $got, expected $word; $(cat "$DIR/$name" "$DIR/$name.err")" >&2
	return 1
}

# Where RFC 7627 is missing (Go before 1.21, GnuTLS in TLS 1.0) none is begun.
@test "a renegotiation with each stack in either role" {
	rehandshaking renegotiate
	local stack go=(leave-due leave-due leave-due)
	! go_knows_rfc7627 || go=(died took died)
	while read -r stack version role word option; do
		# shellcheck disable=SC2086
		at_once tells "$stack" "$version" "$role" "$word" $option
	done <<-LIST
		openssl 1.0 client took
		openssl 1.2 client took
		openssl 1.2 client died renegotiation=refuse
		openssl 1.2 server died
		openssl 1.2 server took renegotiation=allow
		gnutls 1.0 client leave-due
		gnutls 1.2 client took
		gnutls 1.2 server took
		gnutls 1.2 server died renegotiation=refuse
		wolfssl 1.2 client leave-due
		wolfssl 1.2 server died
		go 1.2 client ${go[0]}
		go 1.2 client ${go[1]} renegotiation=allow
		go 1.2 server ${go[2]}
		java 1.0 client took
		java 1.2 client took
		java 1.2 server took
	LIST
	all_went_well
	no_crash
}

# busy STACK ROLE [KEY=VALUE]: 8 renegotiations, 300 requests a second either way.
busy() {
	local name=$2-$1
	if [ "$2" = client ]; then
		client "$name" "$1" version=1.2 rate=300 stay=1 ${3:+"$3"} || return 1
	else
		server "$name" "$1" version=1.2 rate=300 ${3:+"$3"} || return 1
	fi
	client "to-$name" openssl rate=300 stay=1 "$(to "$name")" || return 1
	rehandshake "$name" 8 || return 1
	end_peer "to-$name" && end_peer "$name" || return 1
	exact "$name" && exact "to-$name" || return 1
	[ "$(figure "$name" handshakes)-$(figure "$name" reordered)" = 9-0 ]
}

@test "8 renegotiations under traffic with the stacks that bear it" {
	rehandshaking renegotiate
	local stack role option
	while read -r stack role option; do
		at_once busy "$stack" "$role" "$option"
	done <<-LIST
		gnutls client
		gnutls server
	LIST
	all_went_well
	[ "$(statistic messages_lost)" = 0 ]
}

@test "Java bears it on a quiet link" {
	rehandshaking auto "$(policy tls_rehandshake_interval_seconds 1)" \
		"$(policy tls_rehandshake_peers trusted.example.com,gateway.example)"
	client j java version=1.2 stay=1
	server k java version=1.2
	requests_to first j
	requests_to second k
	await more_rehandshakes j 3
	await more_rehandshakes k 3
	rpc tls_policy.set tls_rehandshake_interval_seconds 0
	await no_more
	requests_to third j
	requests_to fourth k
	end_peer k && end_peer j
	exact j && exact k
	[ "$(figure j connections)-$(figure k connections)" = 1-1 ]
	[ "$(figure j received)-$(figure k received)" = 200-200 ]
}
no_more() { ! rpc tls_policy.connections | grep -E 'next_rehandshake: [0-9]|state: (waiting|renegotiating)'; }
requests_to() { # ID NAME
	client "$1" openssl rate=2000 count=100 "$(to "$2")"
	finish_peer "$1"
	exact "$1"
}

# thirty STACK: of a client and of a server.
thirty() {
	local name
	client "c-$1" "$1" version=1.3 rate=50 stay=1 || return 1
	server "s-$1" "$1" version=1.3 rate=50 || return 1
	client "d-$1" openssl rate=50 stay=1 "$(to "s-$1")" || return 1
	rehandshake "c-$1" 30 || return 1
	rehandshake "s-$1" 30 || return 1
	ask "c-$1" || return 1
	await left_due "c-$1" || return 1
	for name in d s c; do
		end_peer "$name-$1" || return 1
		exact "$name-$1" || return 1
	done
	[[ $(figure "c-$1" key_updates) == @(-|30) ]]
}

@test "30 key updates with each stack in either role under traffic, and not one more" {
	rehandshaking renegotiate
	local stack
	for stack in "${STACKS[@]}"; do at_once thirty "$stack"; done
	all_went_well
	[ "$(statistic key_updates)" -eq 300 ]
	no_crash
}
left_due() { [ "$(connection_of "$1" 9)" = leave-due ]; }

# calls VERSION: SIPp calls SIPp through Kamailio until both connections had 20
# re-handshakes: KeyUpdates (TLS 1.3); below, the caller's by renegotiation, and
# the callee's by a new connection, for OpenSSL's servers refuse the other.
calls() {
	trap 'stop_caller; stop_callee' EXIT
	local ctl=$DIR/ctl TLS_VERSION=$1 caller callee times=0
	DIR=$DIR/calls-$1
	mkdir "$DIR"
	ln -s "$ctl" "$DIR/ctl"
	ln -s "${ctl%ctl}log" "$DIR/log"
	start_callee server 100000 || return 1
	start_caller trusted 80
	await both_called || return 1
	while [ "$times" -lt 20 ]; do
		await asked_at "$caller" || return 1
		await asked_at "$CALLEE_PORT" || return 1
		times=$((times + 1))
		await both_have_or_over "$times" && both_have "$times" || { not_all "$times"; return 1; }
	done
	await enough_calls || return 1
	hang_up || { tail -n 40 "$DIR/caller" >&2; return 1; }
	stop_callee
	[ "$(calls_ended Failed)" = 0 ] || return 1
	[ "$(calls_ended Successful)" -gt 50 ] || return 1
	[ "$(grep -c '^INVITE sip:' "$DIR/callee.msg")" = "$(calls_ended Successful)" ] || return 1
	[ "$(grep -c '^BYE sip:' "$DIR/callee.msg")" = "$(calls_ended Successful)" ] || return 1
	echo "# figure: SIPp, TLS $1: $(calls_ended Successful) calls through $times re-handshakes of either connection" >&3
}
both_called() {
	caller=$(connections | awk -v version="TLSv$TLS_VERSION" '$2 == "client" && $4 == version { print $3 }')
	[ -n "$caller" ] && [ -n "$(connection_at "$CALLEE_PORT")" ]
}
both_have() {
	[ "$(connection_at "$caller" 6)" -ge "$1" ] && [ "$(connection_at "$CALLEE_PORT" 6)" -ge "$1" ]
}
enough_calls() { [ "$(grep -c '^INVITE sip:' "$DIR/callee.msg")" -gt 60 ]; }
both_have_or_over() {
	both_have "$1" || [ -z "$(connection_at "$caller")" ] || logged "connection $ASKED: no accepted successor" ||
		! kill -0 "$CALLER" 2>/dev/null || ! kill -0 "$CALLEE" 2>/dev/null
}
not_all() { # TIMES
	echo "TLS $TLS_VERSION, caller at $caller, callee at $CALLEE_PORT: not $1 of each:" >&2
	connections >&2
}

@test "SIPp calls SIPp through 20 re-handshakes of both connections" {
	sipp --prepare
	rehandshaking auto "$(policy tls_rehandshake_peers trusted.example.com)" "$(policy tls_rehandshake_drain 5)"
	local version
	for version in 1.2 1.3; do
		at_once calls "$version"
	done
	all_went_well
	[ "$(statistic messages_lost)" = 0 ]
	no_crash
}

# The other Kamailio: what helpers know about the first one, put aside.
other() {
	OTHER_DIR=$DIR OTHER_SERVER=$SERVER OTHER_PORT=$PORT
	new_dir
}
other_rpc() { kamcmd -s "unix:$OTHER_DIR/ctl" "$@" 2>&1; }
stop_other() {
	SERVER=${OTHER_SERVER:-} OTHER_SERVER=
	stop_kamailio
}

# each_other TLS-VERSION LINE...: by turns, and now and then both at once.
each_other() {
	local i
	rehandshaking auto "$@"
	other
	rehandshaking auto "$@"
	client c openssl rate=200 stay=1 "uri=sip:127.0.0.1:$OTHER_PORT;transport=tls"
	for i in {1..20}; do
		await asked_by $((i % 2 + 2 * (i % 6 == 3)))
		await one_more
	done
	end_peer c
	exact c
	echo "# figure: two Kamailios, TLS $(connection_at "$OTHER_PORT" 4): $(figure c sent) requests," \
		"$(both_sides) re-handshakes of the connection by both" >&3
	[ "$(statistic rehandshakes_failed)-$(statistic messages_lost)" = 0-0 ]
	no_crash
}

# Below TLS 1.3 the one that is client opens a new connection; the one that is
# server leaves it due, since no peer takes a renegotiation that it did not start.
@test "two Kamailios re-handshake under traffic by new connections, TLS 1.2" {
	local i before
	rehandshaking auto "$(policy tls_version 4)"
	other
	rehandshaking auto "$(policy tls_version 4)" "$(policy tls_rehandshake_drain 1)"
	client c openssl rate=200 stay=1 "uri=sip:127.0.0.1:$OTHER_PORT;transport=tls"
	for i in {1..10}; do
		before=$(connection_at "$OTHER_PORT" 6)
		await asked_at "$OTHER_PORT"
		await one_more_here "${before:-0}"
	done
	other_rpc tls_policy.rehandshake all >/dev/null
	await left_due_there
	end_peer c
	exact c
	echo "# figure: two Kamailios, TLS $(connection_at "$OTHER_PORT" 4): $(figure c sent) requests," \
		"$(connection_at "$OTHER_PORT" 6) new connections" >&3
	[ "$(statistic reconnects)-$(statistic messages_lost)" = 10-0 ]
	no_crash
}
one_more_here() { [ "$(connection_at "$OTHER_PORT" 6)" -gt "$1" ]; }
left_due_there() { other_rpc tls_policy.connections | grep -q 'last_plan: leave-due'; }

@test "two Kamailios re-handshake each other under traffic, TLS 1.3" {
	each_other "$(policy tls_version 8)"
}
# 0: the other asks; 1: we do; 3: we do, and so does the other at once.
asked_by() {
	before=$(both_sides)
	case $1 in
		0) other_rpc tls_policy.rehandshake all | grep -q 'requested: 1' ;;
		1) asked_at "$OTHER_PORT" ;;
		3) asked_at "$OTHER_PORT" && { other_rpc tls_policy.rehandshake all >/dev/null || true; } ;;
	esac
}
both_sides() {
	local ours theirs
	ours=$(connection_at "$OTHER_PORT" 6)
	theirs=$(other_rpc tls_policy.connections | sed -n 's/.*rehandshakes: //p' | head -n 1)
	echo $((ours + theirs))
}
one_more() { [ "$(both_sides)" -gt "$before" ]; }

shared_memory() { rpc core.shmmem | sed -n 's/^[[:space:]]*used: *\([0-9]*\).*/\1/p'; }

# round: 40 connections at a time, each replaced after 100 requests, all
# re-handshaken every second; and some that do not play along.
round() {
	local name version
	for version in 1.2 1.3; do
		for name in a b; do
			client "$name-$version" openssl version="$version" parallel=10 each=100 rate=400 seconds="$1"
		done
		client "reset-$version" openssl version="$version" again=1 abort_in_handshake=1 rate=20 seconds="$1" grace=1 \
			cert="$PKI/server.pem" key="$PKI/server.key"
	done
	client ignores gnutls version=1.2 renegotiation=ignore rate=20 seconds="$1" \
		cert="$PKI/server.pem" key="$PKI/server.key"
	for version in 1.2 1.3; do
		for name in a b; do
			finish_peer "$name-$version"
			exact "$name-$version"
		done
		finish_peer "reset-$version"
	done
	finish_peer ignores
	exact ignores
	await none_left
}

# On a slow machine in more than one round.
churned() {
	[ "$(statistic renegotiations)" -gt 20 ] && [ "$(statistic key_updates)" -gt 20 ] && return 0
	round 10 >>"$DIR/round"
	false
}

@test "churn under 4 workers: shared memory does not grow" {
	rehandshaking renegotiate "$(policy tls_rehandshake_interval_seconds 1)" \
		"$(policy tls_rehandshake_quiet_wait_ms 0)" "$(policy tls_rehandshake_hold_timeout_ms 8000)"
	local before after processes
	processes=$(processes)
	round 4 >/dev/null
	before=$(shared_memory)
	round 30 >"$DIR/round"
	await churned
	after=$(shared_memory)
	echo "# figure: churn: $(statistic accepted) connections, $(statistic renegotiations) renegotiations," \
		"$(statistic key_updates) key updates; shared memory $before, then $after octets" >&3
	[ "$after" -le $((before + 65536)) ]
	live $processes
	no_crash
}
