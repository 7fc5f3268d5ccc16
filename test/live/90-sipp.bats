#!/usr/bin/env bats
# SIPp over TLS with client certificates: caller -> Kamailio -> callee, both legs
# judged.
load helpers
load ../lib/sipp

setup_file() {
	sipp --prepare
	new_dir
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" "$(policy proxy trusted.example.com)" \
		"$(policy tls_version 12)"
}
teardown_file() { stop_kamailio; }
teardown() {
	tell_why
	stop_callee
}

@test "100 calls between two proxies" {
	start_callee trusted 100
	call trusted 100 || { tail -n 15 "$DIR/caller" >&2; false; }
	[ "$(grep -c 'INVITE sip:' "$DIR/callee.msg")" -eq 100 ]
}

@test "a caller that is no proxy gets no call through" {
	start_callee trusted 1
	! call stranger 1 2000 || false
	! grep -q 'INVITE sip:' "$DIR/callee.msg" || false
	await grep -q 'client 127.0.0.1:.*refused: certificate-host-mismatch' "$DIR/log"
}

@test "a callee that is no proxy gets no octet of SIP" {
	start_callee stranger 1
	! call trusted 1 2000 || false
	! grep -q 'INVITE sip:' "$DIR/callee.msg" || false
	await grep -q 'server 127.0.0.1:.*refused: certificate-host-mismatch' "$DIR/log"
}
