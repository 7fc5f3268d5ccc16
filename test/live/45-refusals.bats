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

# The peer has its alert before the refusal is entered: wait for that.
listed() { # NAME N: the last N refusals are there, and the newest is of NAME
	rpc tls_policy.rejections "$2" >"$DIR/last"
	[ "$(field "$DIR/last" 1 reason)" = "$1" ]
}

# field FILE N NAME: of the Nth entry that tls_policy.rejections listed
field() { grep "	$3: " "$1" | sed -n "$2s/.*	$3: //p"; }

# shellcheck disable=SC2046
@test "accepted and refused are counted, each reason apart" {
	local accepted refused mismatch expired handshake
	rpc stats.fetchn tls_policy: >"$DIR/all"
	grep -q 'tls_policy.refused_no_certificate: 0' "$DIR/all"
	accepted=$(counter accepted)
	expect_accepted count-in $(as trusted)
	await counted "$accepted" accepted
	refused=$(counter refused)
	mismatch=$(counter refused_certificate_host_mismatch)
	expect_refused count-out "bad certificate" $(as stranger)
	await counted "$refused" refused
	await counted "$mismatch" refused_certificate_host_mismatch
	expired=$(counter refused_certificate_expired)
	expect_refused count-expired "certificate expired" $(as expired)
	await counted "$expired" refused_certificate_expired
	handshake=$(counter refused_handshake_failed)
	rpc tls_policy.set tls_version 8
	expect_refused count-version "protocol version" version=1.2
	await counted "$handshake" refused_handshake_failed
	rpc tls_policy.set tls_version 0
	await grep -q 'refused: handshake-failed: alert sent: protocol version' "$DIR/log"
}

# shellcheck disable=SC2046
@test "tls_policy.rejections lists the last refusals, newest first" {
	expect_refused list-foreign "unknown CA" $(as foreign)
	await listed certificate-not-trusted 1
	expect_refused list-stranger "bad certificate" sni=sni.example $(as stranger)
	await listed certificate-host-mismatch 2
	[ "$(grep -c '	text: ' "$DIR/last")" -eq 2 ]
	[ "$(field "$DIR/last" 1 reason)" = certificate-host-mismatch ]
	[ "$(field "$DIR/last" 1 sni)" = sni.example ]
	[ "$(field "$DIR/last" 2 reason)" = certificate-not-trusted ]
	[ "$(field "$DIR/last" 2 sni)" = "" ]
	[ "$(field "$DIR/last" 1 peer_role)" = client ]
	[[ $(field "$DIR/last" 1 peer) =~ ^127\.0\.0\.1:[0-9]+$ ]]
	[[ $(field "$DIR/last" 1 time) =~ ^20[0-9-]+T[0-9:]+Z$ ]]
	[ "$(field "$DIR/last" 1 conid)" -gt "$(field "$DIR/last" 2 conid)" ]
	# the text is the log line
	await grep -qF "client $(field "$DIR/last" 1 peer) $(field "$DIR/last" 1 text)" "$DIR/log"
}

listed_as_client() {
	listed certificate-host-mismatch 1 && [ "$(field "$DIR/last" 1 peer_role)" = server ]
}

# shellcheck disable=SC2046
@test "tls_policy.rejections as client: the server that was refused" {
	not_relayed list-server $(server_as stranger)
	await listed_as_client
	await grep -qF "server $(field "$DIR/last" 1 peer) $(field "$DIR/last" 1 text)" "$DIR/log"
}

@test "tls_policy.rejections keeps the last 64 and takes 1 to 64" {
	local refused
	refused=$(counter refused)
	! "$BUILD/tls_load" "$PORT" "$PKI/foreign.pem" "$PKI/foreign.key" "$PKI/ca.pem" 4 80 1.3 >"$DIR/load" 2>&1 || false
	await counted $((refused + 79)) refused
	rpc tls_policy.rejections >"$DIR/last"
	[ "$(grep -c '	text: ' "$DIR/last")" -eq 64 ]
	[ "$(grep -c '	reason: certificate-not-trusted' "$DIR/last")" -eq 64 ]
	for wrong in 0 65 x; do
		rpc tls_policy.rejections "$wrong" | grep -q 'usage: tls_policy.rejections \[1..64\]'
	done
}
