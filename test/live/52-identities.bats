#!/usr/bin/env bats
# bind_to_peer in both roles, URI:sip: identities, wildcard proxies.
load helpers

# The name that is asked for (SNI) when a Call-ID begins with "sni-".
ask_for_names() {
	# shellcheck disable=SC2016
	sed -i '/^request_route {/a if($ci =~ "^sni-trusted") $xavp(tls=>server_name) = "trusted.example.com"; else if($ci =~ "^sni-") $xavp(tls=>server_name) = "gw1.carrier.example";' \
		"$DIR/kamailio.cfg"
}

setup_file() {
	new_dir
	write_config 'modparam("tls", "xavp_cfg", "tls")' \
		"$(policy proxy trusted.example.com)" "$(policy proxy 127.0.0.1)" "$(policy proxy 192.0.2.10)" \
		"$(policy proxy '*.carrier.example')" \
		"$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" \
		"$(policy wildcard_proxies 1)"
	ask_for_names
	launch
	await answers
}
teardown_file() { stop_kamailio; }

set_bind() { rpc tls_policy.set bind_to_peer "$1"; }

# shellcheck disable=SC2046
@test "as server: a proxy given by address comes from there" {
	set_bind 0
	expect_accepted unbound-ip $(as ip)
	set_bind 1
	for version in 1.2 1.3; do
		expect_accepted "bound-local-$version" "version=$version" $(as local)
		expect_accepted "bound-trusted-$version" "version=$version" $(as trusted)
		expect_refused "bound-ip-$version" "bad certificate" "version=$version" $(as ip)
	done
	await grep -qF "peer-address-mismatch: 192.0.2.10 is acceptable, but the peer's address is 127.0.0.1" "$DIR/log"
}

# shellcheck disable=SC2046
@test "as client: the proxy that was dialled by address, and no other" {
	set_bind 0
	relayed address-unbound $(server_as trusted)
	set_bind 1
	for version in -tls1_2 -tls1_3; do
		relayed "address-local$version" "$version" $(server_as local)
		not_relayed "address-trusted$version" "$version" $(server_as trusted)
		grep -qa 'alert bad certificate' "$DIR/s_server"
		! grep -qa 'SIP/2.0' "$DIR/s_server" || false
	done
	await grep -qF 'peer-not-dialled: trusted.example.com is acceptable, but the connection was opened to 127.0.0.1 without a server name' "$DIR/log"
}

# shellcheck disable=SC2046
@test "as client: the proxy whose name was asked for, and no other" {
	set_bind 1
	for version in -tls1_2 -tls1_3; do
		relayed "sni-trusted$version" "$version" $(server_as trusted)
		not_relayed "sni-trusted-local$version" "$version" $(server_as local)
		not_relayed "sni-carrier$version" "$version" $(server_as trusted)
		relayed "sni-carrier-below$version" "$version" $(server_as below)
	done
	await grep -qF 'peer-not-dialled: trusted.example.com is acceptable, but the connection was opened to gw1.carrier.example' "$DIR/log"
}

# shellcheck disable=SC2046
@test "URI:sip: identities, and the dNSName beside one" {
	set_bind 0
	expect_refused uri-off "bad certificate" $(as uri)
	expect_accepted uriother-off $(as uriother)
	rpc tls_policy.set sip_uri_identities 1
	expect_accepted uri-on $(as uri)
	expect_refused uriother-on "bad certificate" $(as uriother)
	await grep -qF 'no proxy matches URI "sip:stranger.example.com", dNSName "trusted.example.com"' "$DIR/log"
	await grep -qF 'beside a sip: URI neither dNSName nor CN count (closest: trusted.example.com)' "$DIR/log"
	expect_accepted uri-trusted $(as trusted)
	rpc tls_policy.set sip_uri_identities 0
}

# shellcheck disable=SC2046
@test "a wildcard proxy, permitted after it was named, and the permission stays" {
	local answer
	expect_accepted below $(as below)
	expect_refused stranger "bad certificate" $(as stranger)
	answer=$(rpc tls_policy.set wildcard_proxies 0) || true
	grep -qF 'proxy "*.carrier.example" stands for every name below it, which wildcard_proxies=1 has to permit' <<<"$answer"
	expect_accepted below-still $(as below)
}
