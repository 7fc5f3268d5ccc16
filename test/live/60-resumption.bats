#!/usr/bin/env bats
# No session crosses a change of what its chain was verified by, nor the border of
# a TLS domain; names are judged anew.
load helpers

setup_file() {
	new_dir 1
	echo trusted.example.com >"$DIR/proxies"
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode server)" "$(policy proxy_file "$DIR/proxies")"
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

@test "after a change of what needs the chain none does, 6 of 6" {
	for version in 1.2 1.3; do
		for value in 1 0 1 0 1 0; do
			first "version=$version"
			rpc tls_policy.set accept_server_auth_clients "$value"
			[[ $(again "version=$version") == *resumed=0*answer=200 ]]
			[[ $(again "version=$version") == *resumed=0*answer=200 ]]
		done
	done
}

@test "a change of names costs nobody a full handshake, and lets nobody in" {
	local value
	for version in 1.2 1.3; do
		first "version=$version"
		for value in 0 1; do
			rpc tls_policy.set wildcards "$value"
			[[ $(again "version=$version") == *resumed=1*answer=200 ]]
		done
		echo other.example.com >"$DIR/proxies.new"
		mv "$DIR/proxies.new" "$DIR/proxies"
		rpc tls_policy.reload
		[[ $(again "version=$version") == *"alert=bad certificate answer=none" ]]
		echo trusted.example.com >"$DIR/proxies.new"
		mv "$DIR/proxies.new" "$DIR/proxies"
		rpc tls_policy.reload
	done
}

@test "a session of one server name does not resume for another" {
	for version in 1.2 1.3; do
		first "version=$version" sni=other.example
		[[ $(again "version=$version" sni=other.example) == *resumed=1*answer=200 ]]
		[[ $(again "version=$version" sni=sni.example) == *resumed=0*answer=200 ]]
	done
}

@test "where tls.cfg trusts a directory of CAs nobody is resumed" {
	mkdir "$DIR/cas"
	cp "$PKI/ca.pem" "$DIR/cas"
	openssl rehash "$DIR/cas"
	cp "$DIR/tls.cfg" "$DIR/tls.cfg.before"
	sed -i "s#^ca_list.*#ca_path = $DIR/cas#" "$DIR/tls.cfg"
	rpc tls.reload | grep -q Ok
	for version in 1.2 1.3; do
		first "version=$version"
		[[ $(again "version=$version") == *resumed=0*answer=200 ]]
	done
	mv "$DIR/tls.cfg.before" "$DIR/tls.cfg"
	rpc tls.reload | grep -q Ok
	first version=1.3
	[[ $(again version=1.3) == *resumed=1*answer=200 ]]
}
