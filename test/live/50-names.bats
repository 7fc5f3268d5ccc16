#!/usr/bin/env bats
# PeerHostNameVerificationMode in both roles.
load helpers

setup_file() {
	new_dir
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" \
		"$(policy proxy trusted.example.com)" "$(policy proxy sip.carrier.example)" \
		"$(policy proxy '[2001:db8:0::10]:5061')"
}
teardown_file() { stop_kamailio; }

set_mode() { rpc tls_policy.set peer_host_name_verification_mode "$1"; }

# shellcheck disable=SC2046
@test "as server: names of proxies get in" {
	for name in trusted wildcard ip cn cnother; do
		for version in 1.2 1.3; do
			expect_accepted "in-$name-$version" "version=$version" $(as "$name")
		done
		expect_accepted "in-$name-sni" sni=sni.example $(as "$name")
	done
}

# shellcheck disable=SC2046
@test "as server: others get bad certificate and no octet is parsed" {
	for name in stranger critical; do
		for version in 1.2 1.3; do
			expect_refused "out-$name-$version" "bad certificate" "version=$version" $(as "$name")
			expect_refused "out-$name-sni-$version" "bad certificate" "version=$version" sni=sni.example $(as "$name")
		done
	done
	expect_refused out-foreign "unknown CA" $(as foreign)
	await grep -q 'certificate-host-mismatch: no proxy matches dNSName "stranger.example.com"' "$DIR/log"
	await grep -q 'subject-alt-name-critical' "$DIR/log"
}

# shellcheck disable=SC2046
@test "wildcards=0 refuses a wildcard" {
	rpc tls_policy.set wildcards 0
	expect_refused no-wildcard "bad certificate" $(as wildcard)
	rpc tls_policy.set wildcards 1
	expect_accepted wildcard-again $(as wildcard)
}

# shellcheck disable=SC2046
@test "TLSRemoteSubjectName is compared with the CN" {
	expect_refused subject-before "bad certificate" $(as stranger)
	rpc tls_policy.set TLSRemoteSubjectName stranger
	expect_accepted subject-after $(as stranger)
	expect_refused subject-critical "bad certificate" $(as critical)
	rpc tls_policy.set TLSRemoteSubjectName s:
}

# shellcheck disable=SC2046
@test "modes: as server only in server and both" {
	set_mode off
	expect_accepted mode-off $(as stranger)
	set_mode client
	expect_accepted mode-client $(as stranger)
	set_mode 1
	expect_refused mode-server "bad certificate" $(as stranger)
	set_mode both
}

# shellcheck disable=SC2046
@test "names judged, certificates optional: none is accepted, a wrong one not" {
	rpc tls_policy.set sips_require_client_certificate 0
	expect_accepted optional-none
	expect_accepted optional-trusted $(as trusted)
	expect_refused optional-stranger "bad certificate" $(as stranger)
	expect_refused optional-foreign "unknown CA" $(as foreign)
	rpc tls_policy.set sips_require_client_certificate 1
}

# shellcheck disable=SC2046
@test "as client: names of proxies get our requests" {
	for name in trusted wildcard ip cn cnother; do
		relayed "to-$name" $(server_as "$name")
	done
	relayed to-trusted-1.2 -tls1_2 $(server_as trusted)
}

# shellcheck disable=SC2046
@test "as client: others get the alert and no octet of SIP" {
	for version in -tls1_2 -tls1_3; do
		for name in stranger critical; do
			not_relayed "not-to-$name$version" "$version" $(server_as "$name")
			grep -qa 'alert bad certificate' "$DIR/s_server"
			! grep -qa 'SIP/2.0' "$DIR/s_server" || false
		done
		not_relayed "not-to-foreign$version" "$version" $(server_as foreign)
		grep -qa 'alert unknown ca' "$DIR/s_server"
		not_relayed "not-to-expired$version" "$version" $(server_as expired)
		grep -qa 'alert certificate expired' "$DIR/s_server"
	done
}

# shellcheck disable=SC2046
@test "modes: as client only in client and both" {
	set_mode server
	relayed client-off-1 $(server_as stranger)
	set_mode 3
	not_relayed client-on-3 $(server_as stranger)
	set_mode off
	relayed client-off-0 $(server_as foreign)
	rpc tls_policy.set VerifyServerCertificate 1
	not_relayed client-verify $(server_as foreign)
	relayed client-verify-stranger $(server_as stranger)
	rpc tls_policy.set VerifyServerCertificate 0
	set_mode both
}
