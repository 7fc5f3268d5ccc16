#!/usr/bin/env bats
# `make run`: one line when ready, and SIGTERM to its process group ends all.
load helpers

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	PORT=$(free_port)
}
teardown() { [ -z "${GROUP:-}" ] || kill -KILL -- "-$GROUP" 2>/dev/null || true; }

ready_or_over() { grep -q '^ready ' "$log" || nobody_left; }
nobody_left() { ! pgrep -g "$GROUP" >/dev/null; }

@test "ready line, a command to paste, PKI, policy, and the end" {
	local log=$BATS_TEST_TMPDIR/log ctl pki
	setsid make -C "$ROOT" run "PORT=$PORT" WORKERS=2 LEGACY=1 >"$log" 2>&1 3>&- &
	GROUP=$!
	await ready_or_over
	grep -qE "^ready tls=127.0.0.1:$PORT ctl=[^ ]+ pki=[^ ]+$" "$log"
	ctl=$(sed -n 's/^ready .*ctl=\([^ ]*\).*/\1/p' "$log")
	pki=$(sed -n 's/^ready .*pki=//p' "$log")
	for name in trusted stranger foreign; do
		[ -s "$pki/$name.pem" ] && [ -s "$pki/$name.key" ]
	done
	[ -s "$pki/ca.pem" ]
	# the next line is to be pasted
	await grep -q '^phones=' "$log"
	grep -A1 '^ready ' "$log" | tail -n 1 >paste
	grep -qxF "kamcmd -s unix:$ctl tls_policy.rules" paste
	[ "$(bash <paste | grep -c '^[[:blank:]]*name: ')" -ge 3 ]
	kamcmd -s "$ctl" tls_policy.show | grep -A2 'name: tls_version' | grep -q 'value: 12'
	"$BUILD/tls_probe" "$PORT" "cert=$pki/trusted.pem" "key=$pki/trusted.key"
	! "$BUILD/tls_probe" "$PORT" "cert=$pki/stranger.pem" "key=$pki/stranger.key" || false
	kamcmd -s "$ctl" tls_policy.set TLSVersion 1
	"$BUILD/tls_probe" "$PORT" version=1.0 "cert=$pki/trusted.pem" "key=$pki/trusted.key"
	kill -TERM -- "-$GROUP"
	await nobody_left
	[ ! -e "$pki" ]
	GROUP=
}
