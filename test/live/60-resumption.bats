#!/usr/bin/env bats
# No session crosses a change of policy, nor the border of a TLS domain.
load helpers

setup_file() {
	WORKERS=1 new_dir
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode server)" "$(policy proxy trusted.example.com)"
}
teardown_file() { stop_kamailio; }

# shellcheck disable=SC2046
first() { probe session_out="$DIR/session" $(as trusted) "$@"; }
# shellcheck disable=SC2046
again() { probe session_in="$DIR/session" $(as trusted) "$@"; }

@test "without a change a session resumes" {
	for version in 1.2 1.3; do
		first "version=$version"
		[[ $(again "version=$version") == *resumed=1*answer=200 ]]
	done
}

@test "after tls_policy.set none does, 5 of 5" {
	for version in 1.2 1.3; do
		for value in 4 12 8 12 15; do
			rpc tls_policy.set tls_version 0
			first "version=$version"
			rpc tls_policy.set wildcards $((value % 2))
			[[ $(again "version=$version") == *resumed=0*answer=200 ]]
		done
	done
}

@test "a change there and back does not revive a session" {
	first
	rpc tls_policy.set wildcards 0
	rpc tls_policy.set wildcards 1
	[[ $(again) == *resumed=0*answer=200 ]]
}

@test "a session of one server name does not resume for another" {
	for version in 1.2 1.3; do
		first "version=$version" sni=other.example
		[[ $(again "version=$version" sni=other.example) == *resumed=1*answer=200 ]]
		[[ $(again "version=$version" sni=sni.example) == *resumed=0*answer=200 ]]
	done
}
