#!/usr/bin/env bats
# SIPSRequireClientCertificate: who gets in, and the alert that others see.
load helpers

setup_file() {
	new_dir
	start_kamailio "$(policy sips_require_client_certificate 1)"
}
teardown_file() { stop_kamailio; }

# shellcheck disable=SC2046
@test "required: a certificate of the CA gets in" {
	for version in 1.0 1.1 1.2 1.3; do
		expect_accepted "cert-$version" "version=$version" $(as stranger)
		expect_accepted "cert-sni-$version" "version=$version" sni=sni.example $(as stranger)
	done
}

# shellcheck disable=SC2046
@test "required: the alert of each refusal, nothing parsed" {
	expect_refused none-1.2 "handshake failure" version=1.2
	expect_refused none-1.3 "certificate required" version=1.3
	for version in 1.2 1.3; do
		expect_refused "foreign-$version" "unknown CA" "version=$version" $(as foreign)
		expect_refused "self-$version" "unknown CA" "version=$version" $(as selfsigned)
		expect_refused "expired-$version" "certificate expired" "version=$version" $(as expired)
		expect_refused "sni-$version" "unknown CA" "version=$version" sni=sni.example $(as foreign)
	done
	expect_refused sni-none "certificate required" version=1.3 sni=sni.example
	await grep -q 'refused: no-certificate: the peer showed no certificate' "$DIR/log"
	await grep -q 'refused: certificate-expired: ' "$DIR/log"
	await grep -q 'refused: certificate-not-trusted: ' "$DIR/log"
}

# shellcheck disable=SC2046
@test "not required: nobody is asked" {
	rpc tls_policy.set SIPSRequireClientCertificate 0
	expect_accepted open-none version=1.3
	expect_accepted open-foreign version=1.2 $(as foreign)
	rpc tls_policy.set SIPSRequireClientCertificate 1
}

@test "0 never switches off what tls.cfg demands" {
	sed -i 's/^\[server:default\]/&\nrequire_certificate = yes\nverify_certificate = yes/' "$DIR/tls.cfg"
	rpc tls.reload
	rpc tls_policy.set sips_require_client_certificate 0
	expect_refused domain-demands "certificate required" version=1.3
}
