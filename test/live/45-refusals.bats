#!/usr/bin/env bats
# What an operator sees of a refusal: counters, tls_policy.rejections, event
# route.
load helpers

setup_file() {
	new_dir
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" \
		"$(policy proxy trusted.example.com)"
}
teardown_file() { stop_kamailio; }

counter() { rpc stats.fetchn "tls_policy:$1" | sed -n "s/.*tls_policy\.$1: //p"; }

# counted BEFORE NAME: the counter went up by one.
counted() {
	[ "$(counter "$2")" -eq $(($1 + 1)) ]
}

# shellcheck disable=SC2046
@test "accepted and refused are counted, each reason apart" {
	local accepted refused mismatch expired handshake
	rpc stats.fetchn tls_policy: >"$DIR/all"
	grep -q 'tls_policy.refused_no_certificate: 0' "$DIR/all"
	accepted=$(counter accepted)
	expect_accepted count-in $(as trusted)
	counted "$accepted" accepted
	refused=$(counter refused)
	mismatch=$(counter refused_certificate_host_mismatch)
	expect_refused count-out "bad certificate" $(as stranger)
	counted "$refused" refused
	counted "$mismatch" refused_certificate_host_mismatch
	expired=$(counter refused_certificate_expired)
	expect_refused count-expired "certificate expired" $(as expired)
	counted "$expired" refused_certificate_expired
	handshake=$(counter refused_handshake_failed)
	rpc tls_policy.set tls_version 8
	expect_refused count-version "protocol version" version=1.2
	counted "$handshake" refused_handshake_failed
	rpc tls_policy.set tls_version 0
	[ "$(counter accepted)" -eq $((accepted + 1)) ]
	grep -q 'refused: handshake-failed: alert sent: protocol version' "$DIR/log"
}
