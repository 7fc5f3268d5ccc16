#!/usr/bin/env bats
# The commands of kamcmd.
load helpers

setup_file() {
	new_dir
	start_kamailio "$(policy proxy trusted.example.com)" "$(policy proxy 'sip:u@[2001:DB8::1]:5061;transport=tls')" \
		"$(policy proxy BÜCHER.example)" "$(policy proxy trusted.example.com.)"
}
teardown_file() { stop_kamailio; }

@test "show has every parameter with both names, value, default and unit" {
	local shown rows
	shown=$(rpc tls_policy.show)
	rows=$(grep -cE '^[[:space:]]*name: ' <<<"$shown")
	for name in tls_version tls_rehandshake_interval sips_require_client_certificate \
		peer_host_name_verification_mode tls_remote_subject_name verify_server_certificate wildcards \
		tls_rehandshake_interval_seconds tls_rehandshake_method tls_rehandshake_peers handshake_timeout \
		tls_rehandshake_quiet_ms tls_rehandshake_quiet_wait_ms tls_rehandshake_min_spacing \
		tls_rehandshake_hold_octets tls_rehandshake_hold_timeout_ms tls_rehandshake_drain; do
		grep -q "name: $name" <<<"$shown"
	done
	for name in TLSVersion TLSReHandshakeInterval SIPSRequireClientCertificate \
		PeerHostNameVerificationMode TLSRemoteSubjectName VerifyServerCertificate; do
		grep -q "manual_name: $name" <<<"$shown"
	done
	[ "$(grep -c 'default: ' <<<"$shown")" -eq "$rows" ]
	[ "$(grep -c 'unit: ' <<<"$shown")" -eq "$rows" ]
	grep -q 'unit: minutes' <<<"$shown"
}

@test "set takes either spelling, and what is refused changes nothing" {
	rpc tls_policy.set tls_version 12
	rpc tls_policy.set TLSVersion 8
	rpc tls_policy.set tls_version 16 | grep -q '"16" is not a number from 0 to 15'
	rpc tls_policy.set tls_version abc | grep -q '"abc" is not a number'
	rpc tls_policy.set nonsense 1 | grep -q 'unknown parameter "nonsense"'
	rpc tls_policy.set tls_version | grep -q 'usage: tls_policy.set NAME VALUE'
	rpc tls_policy.show | grep -A2 'name: tls_version' | grep -q 'value: 8'
	rpc tls_policy.set PeerHostNameVerificationMode both
	rpc tls_policy.show | grep -A2 'name: peer_host' | grep -q 'value: 2'
	rpc tls_policy.set PeerHostNameVerificationMode off
	rpc tls_policy.set tls_version 0
}

@test "proxies are listed in canonical form, once each" {
	local listed
	listed=$(rpc tls_policy.proxies)
	grep -q 'count: 3' <<<"$listed"
	grep -q 'trusted.example.com' <<<"$listed"
	grep -q '2001:db8::1' <<<"$listed"
	grep -q 'xn--bcher-kva.example' <<<"$listed"
	[ "$(rpc tls_policy.proxies TRUSTED.example.com)" = trusted.example.com ]
	rpc tls_policy.proxies other.example | grep -q 'other.example is not a configured proxy'
	rpc tls_policy.proxies a..b | grep -q 'has an empty label'
}

@test "a change acts on the next connection in every worker" {
	for i in {1..8}; do
		rpc tls_policy.set tls_version 8
		for n in 1 2 3 4 5; do expect_refused "every-$i-$n" "protocol version" version=1.2; done
		rpc tls_policy.set tls_version 4
		for n in 1 2 3 4 5; do expect_accepted "all-$i-$n" version=1.2; done
	done
}
