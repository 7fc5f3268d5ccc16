#!/usr/bin/env bats
# No session crosses a change of what its chain was verified by, nor the border of
# a TLS domain; names are judged anew. The same, whether tickets hold sessions or a
# cache does, and where nobody is resumed at all.
load helpers
MEMORY_MANAGER=fm

setup_file() {
	new_dir 1
	echo trusted.example.com >"$DIR/proxies"
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode server)" "$(policy proxy_file "$DIR/proxies")"
}
teardown_file() { stop_kamailio; }

# in_each_way COMMAND...: RESUMED is what an unchanged session comes to.
in_each_way() {
	for how in shared cache off; do
		rpc tls_policy.set session_tickets "$how"
		RESUMED=1
		[ "$how" != off ] || RESUMED=0
		"$@" || return 1
	done
}

# shellcheck disable=SC2046
first() { probe session_out="$DIR/session" $(as trusted) "$@"; }
# shellcheck disable=SC2046
again() { probe session_in="$DIR/session" $(as trusted) "$@"; }

unchanged() {
	for version in 1.2 1.3; do
		first "version=$version" || return 1
		[[ $(again "version=$version") == *"resumed=$RESUMED"*answer=200 ]] || return 1
	done
}
@test "without a change a session resumes" { in_each_way unchanged; }

of_the_chain() {
	for version in 1.2 1.3; do
		for value in 1 0 1 0 1 0; do
			first "version=$version" || return 1
			rpc tls_policy.set accept_server_auth_clients "$value"
			[[ $(again "version=$version") == *resumed=0*answer=200 ]] || return 1
			[[ $(again "version=$version") == *resumed=0*answer=200 ]] || return 1
		done
	done
}
@test "after a change of what needs the chain none does, 6 of 6" { in_each_way of_the_chain; }

of_names() {
	local value
	for version in 1.2 1.3; do
		first "version=$version" || return 1
		for value in 0 1; do
			rpc tls_policy.set wildcards "$value"
			[[ $(again "version=$version") == *"resumed=$RESUMED"*answer=200 ]] || return 1
		done
		echo other.example.com >"$DIR/proxies.new"
		mv "$DIR/proxies.new" "$DIR/proxies"
		rpc tls_policy.reload
		[[ $(again "version=$version") == *"alert=bad certificate answer=none" ]] || return 1
		echo trusted.example.com >"$DIR/proxies.new"
		mv "$DIR/proxies.new" "$DIR/proxies"
		rpc tls_policy.reload
	done
}
@test "a change of names costs nobody a full handshake, and lets nobody in" { in_each_way of_names; }

of_a_name() {
	for version in 1.2 1.3; do
		first "version=$version" sni=other.example || return 1
		[[ $(again "version=$version" sni=other.example) == *"resumed=$RESUMED"*answer=200 ]] || return 1
		[[ $(again "version=$version" sni=sni.example) == *resumed=0*answer=200 ]] || return 1
	done
}
@test "a session of one server name does not resume for another" { in_each_way of_a_name; }

of_a_directory() {
	mkdir -p "$DIR/cas"
	cp "$PKI/ca.pem" "$DIR/cas"
	openssl rehash "$DIR/cas"
	cp "$DIR/tls.cfg" "$DIR/tls.cfg.before"
	sed -i "s#^ca_list.*#ca_path = $DIR/cas#" "$DIR/tls.cfg"
	rpc tls.reload | grep -q Ok || return 1
	for version in 1.2 1.3; do
		first "version=$version" || return 1
		[[ $(again "version=$version") == *resumed=0*answer=200 ]] || return 1
	done
	mv "$DIR/tls.cfg.before" "$DIR/tls.cfg"
	rpc tls.reload | grep -q Ok || return 1
	first version=1.3 || return 1
	[[ $(again version=1.3) == *"resumed=$RESUMED"*answer=200 ]] || return 1
}
@test "where tls.cfg trusts a directory of CAs nobody is resumed" { in_each_way of_a_directory; }
