#!/usr/bin/env bats
# SIPp over TLS with client certificates: caller -> Kamailio -> callee, both legs
# judged.
load helpers

setup_file() {
	"$ROOT/scripts/sipp" --prepare
	new_dir
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" "$(policy proxy trusted.example.com)" \
		"$(policy tls_version 12)"
}
teardown_file() { stop_kamailio; }
teardown() { stop_callee; }

start_callee() { # CERTIFICATE CALLS
	CALLEE_PORT=$(free_port)
	"$ROOT/scripts/sipp" -sf "$ROOT/test/sipp/uas.xml" -i 127.0.0.1 -p "$CALLEE_PORT" -t l1 \
		-tls_cert "$PKI/$1.pem" -tls_key "$PKI/$1.key" -m "$2" -nostdin -timeout 40 \
		-trace_msg -message_file "$DIR/callee.msg" >"$DIR/callee" 2>&1 3>&- &
	CALLEE=$!
	poll 10 listening "$CALLEE_PORT"
}
listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

stop_callee() {
	[ -n "${CALLEE:-}" ] || return 0
	kill "$CALLEE" 2>/dev/null || true
	wait "$CALLEE" 2>/dev/null || true
	CALLEE=
}

call() { # CERTIFICATE CALLS
	"$ROOT/scripts/sipp" "127.0.0.1:$PORT" -sf "$ROOT/test/sipp/uac.xml" -s "$CALLEE_PORT" \
		-i 127.0.0.1 -p "$(free_port)" -t l1 -tls_cert "$PKI/$1.pem" -tls_key "$PKI/$1.key" \
		-m "$2" -r 20 -nostdin -timeout 20 -recv_timeout 6000 >"$DIR/caller" 2>&1
}

@test "100 calls between two proxies" {
	start_callee trusted 100
	call trusted 100 || { tail -n 30 "$DIR/caller" "$DIR/log" >&2; false; }
	[ "$(grep -c 'INVITE sip:' "$DIR/callee.msg")" -eq 100 ]
}

@test "a caller that is no proxy gets no call through" {
	start_callee trusted 1
	! call stranger 1
	! grep -q 'INVITE sip:' "$DIR/callee.msg"
	grep -q 'client 127.0.0.1:.*refused: certificate-host-mismatch' "$DIR/log"
}

@test "a callee that is no proxy gets no octet of SIP" {
	start_callee stranger 1
	! call trusted 1
	! grep -q 'INVITE sip:' "$DIR/callee.msg"
	grep -q 'server 127.0.0.1:.*refused: certificate-host-mismatch' "$DIR/log"
}
