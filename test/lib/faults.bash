# faults - allocations that fail, one after another, in a running Kamailio; for
# what has loaded live/helpers, lib/peers and lib/rehandshake. STEP (1): only each
# STEPth of them.
# shellcheck shell=bash

KINDS=shared,own,libc # see test/lib/preload/fail_memory.h

# with_failing_memory: in what is launched from now on.
with_failing_memory() {
	export FAIL_MEMORY=$DIR/memory
	no_failure
	# shellcheck disable=SC2034 # launch
	FAKED=(env "LD_PRELOAD=$BUILD/preload/fail_memory.so")
}
fail_memory() { "$BUILD/fail_memory" "$FAIL_MEMORY" "$@"; }
no_failure() { fail_memory none 0; }
site() { fail_memory | sed 's/.*site=//'; }
has_failed() { ! fail_memory | grep -q ' failed=0 '; }

# at_each_allocation NAME COMMAND...: COMMAND again and again, each time with the
# next allocation failing (with FOR_EVER and all after it), until it needs no more
# of them; how many there were is in SITES. COMMAND fails if what it sees is wrong;
# the processes of the server must be there after it as before.
at_each_allocation() {
	local name=$1 n=1 server=${SERVER:-} children=
	shift
	SITES=0
	[ -z "$server" ] || children=$(processes)
	while :; do
		fail_memory "$KINDS" "$n" ${FOR_EVER:+for-ever}
		"$@" || {
			echo "$name: wrong with allocation $n ($(site)) failing" >&2
			return 1
		}
		has_failed || break
		[ -z "$server" ] || [ "$(processes)" = "$children" ] || {
			echo "$name: a process has ended with allocation $n ($(site)) failing" >&2
			return 1
		}
		SITES=$((SITES + 1))
		n=$((n + ${STEP:-1}))
	done
	no_failure
	did_not_crash
}
# Whoever is told to end says that, too.
did_not_crash() { ! grep -qiE 'double free|exited by a signal|BUG:' "$DIR/log"; }

# may_be_accepted, is_refused PROBE-OPTIONS...: by the policy, whatever fails; no
# SIP is parsed of whom it does not accept.
may_be_accepted() { probe "$@" >"$DIR/probe" || true; }
is_refused() {
	local id=never-$BATS_TEST_NUMBER-$((PROBES = ${PROBES:-0} + 1))
	! probe call_id="$id" "$@" >"$DIR/probe" && ! parsed "$id"
}

# starts_or_says_why: a Kamailio that starts holds to its policy; one that does
# not says that it is memory.
starts_or_says_why() {
	SERVER=
	launch
	await started_or_gone
	if gone; then
		wait "$SERVER"
		[ $? -eq 255 ] || return 1 # no signal
		SERVER=
		grep -qE 'ERROR: tls_policy .* memory' "$DIR/log" && did_not_crash
		return
	fi
	# shellcheck disable=SC2046
	is_refused $(as stranger) && stop_kamailio && SERVER=
}

# answers_or_says_why COMMAND...: an RPC; a fault is about memory.
answers_or_says_why() {
	rpc "$@" >"$DIR/answer" && ! grep '^error: ' "$DIR/answer" | grep -v memory >&2
}
