#!/usr/bin/env bats
# VerifyServerCertificate and TLSRemoteSubjectName, in the role that each is
# about and in the other; what the peer sees.
load helpers

setup_file() {
	new_dir
	start_kamailio "$(policy VerifyServerCertificate 1)" "$(policy proxy trusted.example.com)"
}
teardown_file() { stop_kamailio; }

# refuses_server NAME ALERT: in both versions, no octet of SIP. A Call-ID of its
# own each time, or the transaction of an earlier one answers.
# shellcheck disable=SC2046
refuses_server() {
	local version
	asked=$((${asked:-0} + 1))
	for version in -tls1_2 -tls1_3; do
		not_relayed "not-$1-$BATS_TEST_NUMBER-$asked$version" "$version" $(server_as "$1") || return 1
		grep -qa "alert $2" "$DIR/s_server" || return 1
		! grep -qa 'SIP/2.0' "$DIR/s_server" || return 1
	done
}

# shellcheck disable=SC2046
@test "VerifyServerCertificate: servers of the CA, whatever their name" {
	for version in -tls1_2 -tls1_3; do
		for name in trusted stranger critical cn; do
			relayed "verified-$name$version" "$version" $(server_as "$name")
		done
	done
}

@test "VerifyServerCertificate: others get the alert that says why" {
	refuses_server foreign 'unknown ca'
	refuses_server selfsigned 'unknown ca'
	refuses_server expired 'certificate expired'
	await grep -q 'server 127.0.0.1:.* refused: certificate-not-trusted: ' "$DIR/log"
	await grep -q 'server 127.0.0.1:.* refused: certificate-expired: ' "$DIR/log"
}

# shellcheck disable=SC2046
@test "VerifyServerCertificate says nothing about clients" {
	expect_accepted client-none
	expect_accepted client-foreign $(as foreign)
}

# shellcheck disable=SC2046
@test "VerifyServerCertificate=0 and a mode that compares names verify the chain all the same" {
	rpc tls_policy.set verify_server_certificate 0
	relayed unverified $(server_as foreign)
	rpc tls_policy.set PeerHostNameVerificationMode client
	refuses_server foreign 'unknown ca'
	refuses_server stranger 'bad certificate'
	relayed named $(server_as trusted)
	rpc tls_policy.set VerifyServerCertificate 1
}

# shellcheck disable=SC2046
@test "TLSRemoteSubjectName as client: the CN, unless the SubjectAltName is critical" {
	rpc tls_policy.set PeerHostNameVerificationMode client
	refuses_server stranger 'bad certificate'
	rpc tls_policy.set TLSRemoteSubjectName STRANGER
	for version in -tls1_2 -tls1_3; do
		relayed "subject$version" "$version" $(server_as stranger)
	done
	rpc tls_policy.set TLSRemoteSubjectName trusted.example.com
	refuses_server critical 'bad certificate'
	refuses_server stranger 'bad certificate'
	rpc tls_policy.set TLSRemoteSubjectName s:
}

# shellcheck disable=SC2046
@test "TLSRemoteSubjectName does not make a foreign certificate good" {
	rpc tls_policy.set PeerHostNameVerificationMode both
	rpc tls_policy.set TLSRemoteSubjectName trusted
	refuses_server foreign 'unknown ca'
	for version in 1.2 1.3; do
		expect_refused "subject-foreign-$version" "unknown CA" "version=$version" $(as foreign)
	done
	rpc tls_policy.set TLSRemoteSubjectName s:
	rpc tls_policy.set PeerHostNameVerificationMode off
}
