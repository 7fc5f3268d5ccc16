# sipp - callers and callees over TLS, for tests that have loaded live/helpers.
# shellcheck shell=bash

sipp() { "$ROOT/scripts/sipp" "$@"; }

start_callee() { # CERTIFICATE CALLS
	CALLEE_PORT=$(free_port)
	"$ROOT/scripts/sipp" -sf "$ROOT/test/sipp/uas.xml" -i 127.0.0.1 -p "$CALLEE_PORT" -t l1 \
		-tls_cert "$PKI/$1.pem" -tls_key "$PKI/$1.key" -m "$2" -nostdin -timeout 600 \
		${TLS_VERSION:+-tls_version "$TLS_VERSION"} -trace_msg -message_file "$DIR/callee.msg" >"$DIR/callee" 2>&1 3>&- &
	CALLEE=$!
	await callee_decided && listening "$CALLEE_PORT"
}

callee_decided() { listening "$CALLEE_PORT" || ! kill -0 "$CALLEE" 2>/dev/null; }

stop_callee() {
	[ -n "${CALLEE:-}" ] || return 0
	kill "$CALLEE" 2>/dev/null || true
	wait "$CALLEE" 2>/dev/null || true
	CALLEE=
}

# call CERTIFICATE CALLS [MS]: success if all end well; MS is how long to wait
# for each answer, where none is expected.
call() {
	sipp "127.0.0.1:$PORT" -sf "$ROOT/test/sipp/uac.xml" -s "$CALLEE_PORT" \
		-i 127.0.0.1 -p "$(free_port)" -t l1 -tls_cert "$PKI/$1.pem" -tls_key "$PKI/$1.key" \
		-m "$2" -r 20 -l 50 -nostdin -timeout 300 -recv_timeout "${3:-60000}" >"$DIR/caller" 2>&1
}

# start_caller CERTIFICATE RATE: calls until `hang_up`.
start_caller() {
	"$ROOT/scripts/sipp" "127.0.0.1:$PORT" -sf "$ROOT/test/sipp/uac.xml" -s "$CALLEE_PORT" \
		-i 127.0.0.1 -p "$(free_port)" -t l1 -tls_cert "$PKI/$1.pem" -tls_key "$PKI/$1.key" \
		${TLS_VERSION:+-tls_version "$TLS_VERSION"} -r "$2" -l 50 -nostdin -timeout 600 -recv_timeout 60000 \
		>"$DIR/caller" 2>&1 3>&- &
	CALLER=$!
}

# hang_up: no new calls; success when all that there were have ended well.
hang_up() {
	local status=0
	kill -USR1 "$CALLER" || status=1
	wait "$CALLER" || status=1
	CALLER=
	return "$status"
}

stop_caller() {
	[ -n "${CALLER:-}" ] || return 0
	kill "$CALLER" 2>/dev/null || true
	wait "$CALLER" 2>/dev/null || true
	CALLER=
}

# calls_ended WORD: how many calls of the caller were Successful or Failed.
calls_ended() { sed -n "s/^ *$1 call *|[^|]*| *\\([0-9]*\\).*/\\1/p" "$DIR/caller" | tail -n 1; }
