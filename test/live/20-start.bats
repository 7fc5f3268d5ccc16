#!/usr/bin/env bats
# What does not start, and the one sentence that says why.
load helpers

setup() { new_dir; }
teardown() { stop_kamailio; }

@test "defaults start and accept" {
	start_kamailio
	expect_accepted defaults
}

@test "both spellings, numbers and texts" {
	start_kamailio "$(policy TLSVersion 12)" "$(policy sips_require_client_certificate 0)" \
		'modparam("tls_policy", "SIPSRequireClientCertificate", "1")' \
		"$(policy TLSRemoteSubjectName cn.example)" "$(policy TLSReHandshakeInterval 1500)"
	rpc tls_policy.show | grep -A2 'name: tls_version' | grep -q 'value: 12'
	rpc tls_policy.show | grep -A2 'name: sips_require_client_certificate' | grep -q 'value: 1'
	rpc tls_policy.show | grep -A2 'name: tls_rehandshake_interval' | grep -q 'value: 1500'
}

@test "the words of PeerHostNameVerificationMode" {
	local word number=0
	for word in off server both client; do
		start_kamailio "$(policy PeerHostNameVerificationMode "$word")" "$(policy proxy a.example)"
		rpc tls_policy.show | grep -A2 'name: peer_host' | grep -q "value: $number"
		stop_kamailio
		number=$((number + 1))
	done
}

@test "values out of range and no numbers" {
	refuses_start 'tls_version: "16" is not a number from 0 to 15' "$(policy tls_version 16)"
	refuses_start 'tls_version: "-1" is not a number' 'modparam("tls_policy", "TLSVersion", -1)'
	refuses_start 'tls_version: "1x" is not a number' "$(policy tls_version 1x)"
	refuses_start 'tls_version: "" is not a number' 'modparam("tls_policy", "tls_version", "")'
	refuses_start 'tls_rehandshake_interval: "1501" is not a number from 0 to 1500' "$(policy TLSReHandshakeInterval 1501)"
	refuses_start 'sips_require_client_certificate: "2" is not a number from 0 to 1' "$(policy sips_require_client_certificate 2)"
	refuses_start 'or one of off, server, both, client' "$(policy peer_host_name_verification_mode sometimes)"
	refuses_start 'is not text of at most 255 octets' "$(policy tls_remote_subject_name "$(printf 'a%.0s' {1..256})")"
}

@test "an unknown parameter" {
	refuses_start 'parameter <tls_colour> of type' "$(policy tls_colour 1)"
}

@test "a proxy that is no host" {
	refuses_start 'proxy "" is empty' 'modparam("tls_policy", "proxy", "")'
	refuses_start 'proxy "a b" has a character that no host has' "$(policy proxy 'a b')"
	refuses_start 'proxy "a..b" has an empty label' "$(policy proxy a..b)"
	refuses_start 'has a label of more than 63 octets' "$(policy proxy "$(printf 'a%.0s' {1..64}).example")"
	refuses_start 'is longer than 253 octets' "$(policy proxy "$(printf 'abc.%.0s' {1..64})example")"
	refuses_start 'proxy "[junk]" has brackets without an IPv6 address' "$(policy proxy '[junk]')"
	refuses_start 'proxy "*.example" has a misplaced wildcard' "$(policy proxy '*.example')"
	refuses_start 'proxy "*.carrier.example" stands for every name below it, which wildcard_proxies=1 has to permit' \
		"$(policy proxy '*.carrier.example')" "$(policy proxy sip.example)"
	refuses_start 'proxy "host:0" has a port that is not from 1 to 65535' "$(policy proxy host:0)"
}

@test "names to compare but no proxy" {
	refuses_start 'no proxy is configured' "$(policy peer_host_name_verification_mode server)"
}

@test "client certificates required without trust anchors, naming the domain" {
	NO_CA=1 write_tls_cfg
	refuses_start 'TLS domain [server:default] has no trust anchors' "$(policy sips_require_client_certificate 1)"
}

@test "a CA file that is missing or empty" {
	sed -i "s|$PKI/ca.pem|$DIR/missing.pem|" "$DIR/tls.cfg"
	refuses_start "Unable to load CA list file" "$(policy sips_require_client_certificate 1)" || \
		await grep -q "Unable to load CA list file" "$DIR/log"
	: >"$DIR/missing.pem"
	write_config "$(policy sips_require_client_certificate 1)"
	launch
	await gone
	await grep -q "Unable to load CA list file" "$DIR/log"
}

@test "no version left, naming the domain and both ranges" {
	write_tls_cfg TLSv1.2+
	refuses_start 'TLS domain [server:default] allows TLS 1.2, 1.3 and tls_version=3 allows TLS 1.0, 1.1' "$(policy tls_version 3)"
}

@test "TLS 1.0 at a security level that forbids it, naming the cure" {
	write_tls_cfg TLSv1+ ""
	refuses_start '@SECLEVEL=0 to its cipher_list' "$(policy tls_version 1)"
}

@test "without the tls module, and with TLS off" {
	MODULES="loadmodule \"${TLS_POLICY_SO:-$BUILD/tls_policy.so}\"" TLS_CONFIG='' LISTEN='' \
		refuses_start 'the tls module is missing' ''
	ENABLE_TLS='enable_tls=no' LISTEN='' refuses_start 'TLS is off' ''
}

@test "tls_policy loaded before tls" {
	MODULES="loadmodule \"${TLS_POLICY_SO:-$BUILD/tls_policy.so}\"
loadmodule \"tls.so\"" refuses_start 'load tls.so before' ''
}

@test "start-up warns: names judged, certificates optional" {
	start_kamailio "$(policy peer_host_name_verification_mode server)" "$(policy proxy trusted.example.com)"
	await grep -q 'a client that shows no certificate is accepted unjudged' "$DIR/log"
}
