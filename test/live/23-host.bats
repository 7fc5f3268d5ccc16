#!/usr/bin/env bats
# What tls_policy needs of the Kamailio that it runs in, looked at when all
# modules had their say: its hooks are still in place, OpenSSL's state is not
# shared over a fork, and no two processes draw the same random octets.
load helpers

setup_file() {
	gcc "@$BUILD/kamailio.flags" -DMOD_NAME='"foreign_hooks"' -Wall ${WERROR:+-Werror} -shared -fPIC -Wl,-Bsymbolic \
		-o "$BATS_FILE_TMPDIR/foreign_hooks.so" "$ROOT/test/live/foreign_hooks.c"
	# What a later core has; where it has not, it comes with the loader.
	for mode in 0 1 2 3; do
		echo "int ksr_tls_threads_mode = $mode;" |
			gcc -x c -shared -fPIC -o "$BATS_FILE_TMPDIR/mode$mode.so" -
	done
}
setup() { new_dir; }
teardown() { stop_kamailio; }

foreign() { # NAME VALUE
	echo "modparam(\"foreign_hooks\", \"$1\", $2)"
}

loaded() { # before|after
	local ours="loadmodule \"${TLS_POLICY_SO:-$BUILD/tls_policy.so}\"" theirs="loadmodule \"$BATS_FILE_TMPDIR/foreign_hooks.so\""
	[ "$1" = after ] && MODULES=$(printf '%s\n' 'loadmodule "tls.so"' "$ours" "$theirs") ||
		MODULES=$(printf '%s\n' 'loadmodule "tls.so"' "$theirs" "$ours")
	export MODULES
}

@test "hooks that another module lays over ours: no start, and it is named" {
	local hook
	loaded after
	for hook in read encode clean; do
		refuses_start "hooks were replaced by $BATS_FILE_TMPDIR/foreign_hooks.so" "$(foreign hook "\"$hook\"")"
	done
}

# Then there are processes to be ended first, for which Kamailio takes its time.
@test "also if it does so last of all, before TLS is served" {
	loaded after
	write_config "$(foreign hook '"read"')" "$(foreign at_init 1)"
	launch
	await grep -qF "hooks were replaced by $BATS_FILE_TMPDIR/foreign_hooks.so" "$DIR/log"
	stop_kamailio
	grep -q 'error in init_child' "$DIR/log"
}

@test "a hook that is gone: no start" {
	loaded after
	refuses_start 'hooks were replaced by nothing' "$(foreign hook '"nobody"')"
}

@test "another module that leaves the hooks alone, or lays ours over its own" {
	loaded after
	start_kamailio
	expect_accepted untouched
	stop_kamailio
	loaded before
	start_kamailio "$(foreign hook '"read"')" "$(policy tls_version 12)"
	expect_accepted under version=1.2
	expect_refused under-old "protocol version" version=1.1
}

guards() { grep -q "guarding OpenSSL's thread state" "$DIR/log"; }
does_not_guard() { ! guards; }

# starts_with_mode MODE LINE...: a core with tls_threads_mode.
starts_with_mode() {
	local mode=$1
	shift
	has_threads_mode || export LD_PRELOAD=$BATS_FILE_TMPDIR/mode$mode.so
	start_kamailio "$(threads_mode "$mode")" "$@"
	unset LD_PRELOAD
}

@test "a core without tls_threads_mode, or with it off: guarded" {
	local mode
	start_kamailio
	if cures_fork; then does_not_guard; else guards; fi
	stop_kamailio
	for mode in 0 3; do
		starts_with_mode $mode
		guards
		stop_kamailio
	done
}

@test "a core with tls_threads_mode on: not guarded twice" {
	local mode
	for mode in 1 2; do
		starts_with_mode $mode
		does_not_guard
		stop_kamailio
	done
}

@test "tls_threads_mode counts as it is when all modules have started" {
	loaded after
	starts_with_mode 0 "$(foreign threads_mode 2)"
	does_not_guard
	stop_kamailio
	starts_with_mode 2 "$(foreign threads_mode 0)"
	guards
}

@test "guarded with tls_threads_mode off, parallel connections do no harm" {
	starts_with_mode 0
	"$BUILD/tls_load" "$PORT" "$PKI/trusted.pem" "$PKI/trusted.key" "$PKI/ca.pem" 16 4000 1.3 2>/dev/null |
		grep 'failed=0$'
	! grep -qiE 'double free|signal|BUG:' "$DIR/log"
}

# all_differ: of the first connections of each worker, when none has drawn much.
all_differ() { # LINE...
	local version
	for version in 1.2 1.3; do
		start_kamailio "$@"
		"$BUILD/tls_load" "$PORT" "$PKI/trusted.pem" "$PKI/trusted.key" "$PKI/ca.pem" 8 80 "$version" randoms \
			>"$DIR/randoms" 2>/dev/null
		stop_kamailio
		[ "$(grep -c '^random ' "$DIR/randoms")" -eq 80 ]
		[ -z "$(sort "$DIR/randoms" | uniq -d)" ] || return 1
	done
}

@test "no two TCP workers draw the same random octets, whichever rand_engine the tls module has" {
	local engine
	all_differ
	for engine in cryptorand kxlibssl krand fastrand; do
		all_differ "modparam(\"tls\", \"rand_engine\", \"$engine\")"
	done
}
