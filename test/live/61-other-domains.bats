#!/usr/bin/env bats
# A session comes back only where the TLS domain that its server name chooses still
# verifies by the same; and what a domain verifies it verifies in testing, too.
# shellcheck disable=SC2046
load helpers
load ../lib/trust
MEMORY_MANAGER=fm

setup() { new_dir 1; }
teardown() { stop_kamailio; }

# domains DEFAULT-LINES -- SNI-LINES: tls.cfg
domains() {
	local head="method = TLSv1.2+
private_key = $PKI/server.key
certificate = $PKI/server.pem"
	printf '[server:default]\n%s\n%s\n[server:any]\nserver_name = sni.example\n%s\n%s\n[client:default]\nmethod = TLSv1.2+\n' \
		"$head" "$1" "$head" "$2" >"$DIR/tls.cfg"
}
verified="verify_certificate = yes
require_certificate = yes"
# refused_now DEFAULT SNI DEFAULT-AFTER SNI-AFTER OPTIONS: who is refused after tls.reload is no more resumed
refused_now() {
	local v bad=0
	for v in 1.2 1.3; do
		domains "$1" "$2"
		rpc tls.reload | grep -q Ok
		probe version=$v session_out="$DIR/s$v" "${@:5}"
		domains "$3" "$4"
		rpc tls.reload | grep -q Ok
		echo "full    $v $(probe version=$v "${@:5}")"
		echo "resumed $v $(probe version=$v session_in="$DIR/s$v" "${@:5}")" | tee "$DIR/got"
		grep -q 'answer=none' "$DIR/got" || bad=1
	done
	[ $bad = 0 ]
}
# shellcheck disable=SC2046
lets_nobody_in() { ! probe version=1.3 sni=sni.example $(as trusted) "$@" || return 1; }
across_sni() {
	refused_now "ca_list = $PKI/ca.pem
$D" "ca_list = $PKI/ca.pem
$verified" "ca_list = $PKI/ca.pem
$D" "ca_list = $PKI/foreign-ca.pem
$verified" sni=sni.example $(as trusted)
}
@test "none: a CA that left the domain of a server name" {
	start_kamailio "$(policy enforcement none)"
	D='' across_sni
}
@test "testing: likewise, where both domains verify" {
	start_kamailio "$(policy enforcement testing)"
	D=$verified across_sni
}
@test "none: a revoked peer, 20 minutes" {
	local t
	more_pki
	faked_clock
	domains "" "ca_list = $PKI/ca.pem
$verified"
	start_kamailio "$(policy enforcement none)"
	probe version=1.3 sni=sni.example $(as trusted) session_out="$DIR/s"
	domains "" "ca_list = $PKI/ca.pem
crl = $PKI/trusted.crl
$verified"
	rpc tls.reload
	for t in 200 400 600 800 1000 1200; do
		clock $t
		probe version=1.3 sni=sni.example $(as trusted) session_in="$DIR/s" session_out="$DIR/n" || true
		[ ! -s "$DIR/n" ] || mv "$DIR/n" "$DIR/s"
	done
	lets_nobody_in session_in="$DIR/s"
}
optional_now() { # verify_client: the same mode, another callback
	refused_now "ca_list = $PKI/ca.pem
verify_client = optional_no_ca" "" "ca_list = $PKI/ca.pem
verify_client = optional" "" $(as foreign)
}
@test "enforce, the policy asks clients for nothing: verify_client optional_no_ca -> optional, shared" {
	start_kamailio "$(policy session_tickets shared)"
	optional_now
}
@test "the same, cache" {
	start_kamailio "$(policy session_tickets cache)"
	optional_now
}
strict_name() {
	domains "" "ca_list = $PKI/foreign-ca.pem
$verified"
}
@test "testing: tls.cfg's verification of a server name's domain stays" {
	strict_name
	start_kamailio "$(policy enforcement testing)"
	lets_nobody_in
}
@test "a rule for the server name that enforces, or is none, under a default in testing" {
	strict_name
	printf '[default]\nenforcement = testing\n[rule:x]\nserver_name = sni.example\nenforcement = enforce\n' >"$DIR/rules"
	start_kamailio "$(policy config "$DIR/rules")"
	lets_nobody_in
	rpc tls_policy.set enforcement none rule=x
	lets_nobody_in
}
