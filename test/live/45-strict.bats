#!/usr/bin/env bats
# RequireStrictCert, accept_server_auth_clients and sip_domain_purpose, and what
# is said of dates and CRLs: over real connections in both roles, and by the
# command. The certificates are strict_certs'; each lacks one thing.
load helpers

setup_file() {
	export PKI=$BATS_FILE_TMPDIR/pki
	mkdir -p "$PKI"
	"$BUILD/strict_certs" "$PKI"
	new_dir 1 # one set of ticket keys
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy verify_server_certificate 1)"
}
teardown_file() { stop_kamailio; }

counter() { rpc stats.fetchn "tls_policy:$1" | sed -n "s/.*tls_policy\.$1: //p"; }

set_policy() { # STRICT ACCEPT-SERVER-AUTH SIP-DOMAIN
	rpc tls_policy.set RequireStrictCert "$1"
	rpc tls_policy.set accept_server_auth_clients "$2"
	rpc tls_policy.set sip_domain_purpose "$3"
}

# shellcheck disable=SC2086
chain_of() { echo "-cert $PKI/$1.pem -cert_chain $PKI/$1.pem -key $PKI/$1.key"; }

refused_with() { # ALERT CALL-ID S_SERVER-OPTIONS...
	local alert=$1
	shift
	not_relayed "$@" || return 1
	grep -qa "alert $alert" "$DIR/s_server" && ! grep -qa SIP/2.0 "$DIR/s_server"
}

# shellcheck disable=SC2046
@test "strict off: absent extensions do, the wrong purpose does not" {
	local name
	set_policy 0 0 ignore
	for name in good nothing no-usage no-purposes under-no-purposes client-only; do
		expect_accepted "off-$name" $(as "$name")
	done
	for name in server-only server-chain sip-only any-purpose code-signing; do
		expect_refused "off-$name-1.2" "unsupported certificate" version=1.2 $(as "$name")
		expect_refused "off-$name-1.3" "unsupported certificate" version=1.3 $(as "$name")
	done
	refused_with "unsupported certificate" off-gated $(chain_of gated)
	await logged "certificate-extended-key-usage: extendedKeyUsage of the end entity lacks serverAuth"
	await logged "certificate-not-trusted: unsuitable certificate purpose: extendedKeyUsage has serverAuth and lacks clientAuth (see accept_server_auth_clients)"
}

# shellcheck disable=SC2046
@test "strict on, as server: every certificate of the chain, the reason names the bit" {
	local name version
	set_policy 1 0 ignore
	for version in 1.2 1.3; do
		for name in good good-root client-only sip-both; do
			expect_accepted "on-$name-$version" "version=$version" $(as "$name")
		done
		for name in no-usage no-purposes nothing no-signature under-no-purposes under-no-usage; do
			expect_refused "on-$name-$version" "unsupported certificate" "version=$version" $(as "$name")
		done
	done
	await logged "refused: certificate-key-usage: the end entity has no keyUsage"
	await logged "refused: certificate-extended-key-usage: the end entity has no extendedKeyUsage"
	await logged "certificate-key-usage: the end entity has no keyUsage; certificate-extended-key-usage: the end entity has no extendedKeyUsage"
	await logged "refused: certificate-key-usage: keyUsage of the end entity lacks digitalSignature"
	await logged 'certificate-extended-key-usage: the CA "/CN=int-no-purposes" at depth 1 has no extendedKeyUsage'
	await logged 'certificate-key-usage: the CA "/CN=int-no-usage" at depth 1 has no keyUsage'
}

# shellcheck disable=SC2046
@test "strict on: a session resumes under the policy that judged its chain" {
	local version
	set_policy 1 0 ignore
	for version in 1.2 1.3; do
		probe version=$version session_out="$DIR/session" $(as good)
		[[ $(probe version=$version session_in="$DIR/session" $(as good)) == *resumed=1*answer=200 ]]
	done
}

# shellcheck disable=SC2046
@test "strict on, as client: the server's chain; RSA key transport wants keyEncipherment" {
	local name
	set_policy 1 0 ignore
	for name in good server-only server-chain; do
		relayed "to-$name-1.2" -tls1_2 $(chain_of "$name")
		relayed "to-$name-1.3" -tls1_3 $(chain_of "$name")
	done
	for name in no-usage no-purposes under-no-purposes under-no-usage client-only; do
		refused_with "unsupported certificate" "not-to-$name" $(chain_of "$name")
	done
	relayed to-rsa -tls1_2 -cipher AES128-SHA256 $(chain_of server-encrypts)
	refused_with "unsupported certificate" not-to-rsa -tls1_2 -cipher ECDHE-RSA-AES128-SHA256 $(chain_of server-encrypts)
	set_policy 0 0 ignore
	relayed to-rsa-off -tls1_2 -cipher ECDHE-RSA-AES128-SHA256 $(chain_of server-encrypts)
}

# shellcheck disable=SC2046
@test "accept_server_auth_clients: serverAuth alone is let in and logged, nothing else is" {
	local name strict before
	before=$(counter accepted_server_auth_clients)
	for strict in 0 1; do
		expect_accepted "accept-$strict-good" $(as good)
		set_policy "$strict" 1 ignore
		for name in server-only server-chain; do
			expect_accepted "accept-$strict-$name-1.2" version=1.2 $(as "$name")
			expect_accepted "accept-$strict-$name-1.3" version=1.3 $(as "$name")
		done
		for name in server-encrypts sip-only any-purpose code-signing; do
			expect_refused "accept-$strict-$name" "unsupported certificate" $(as "$name")
		done
		expect_refused "accept-$strict-expired" "certificate expired" $(as expired)
	done
	await logged "accepted: no name was judged; extendedKeyUsage allows this only by accept_server_auth_clients"
	[ "$(counter accepted_server_auth_clients)" -eq $((before + 8)) ]
	# as client nothing changes
	refused_with "unsupported certificate" accept-client-only $(chain_of client-only)
}

# shellcheck disable=SC2046
@test "sip_domain_purpose: ignore, accept, require" {
	set_policy 0 0 accept
	expect_accepted sip-accept-only $(as sip-only)
	expect_accepted sip-accept-good $(as good)
	expect_accepted sip-accept-nothing $(as nothing)
	expect_refused sip-accept-server "unsupported certificate" $(as server-only)
	relayed sip-accept-client $(chain_of sip-only)
	set_policy 0 0 require
	expect_accepted sip-require-only $(as sip-only)
	expect_accepted sip-require-both $(as sip-both)
	expect_refused sip-require-good "unsupported certificate" $(as good)
	expect_refused sip-require-nothing "unsupported certificate" $(as nothing)
	await logged "certificate-extended-key-usage: extendedKeyUsage of the end entity lacks id-kp-sipDomain"
	refused_with "unsupported certificate" sip-require-client $(chain_of good)
	set_policy 1 0 accept
	expect_refused sip-strict "unsupported certificate" $(as nothing)
	set_policy 0 0 ignore
}

# shellcheck disable=SC2046
@test "dates: since when, until when, and which certificate of the chain" {
	set_policy 0 0 ignore
	expect_refused date-expired "certificate expired" $(as expired)
	expect_refused date-just "certificate expired" $(as just-expired)
	expect_refused date-int "certificate expired" $(as under-expired)
	expect_refused date-future "bad certificate" $(as future)
	await grep -Eq 'refused: certificate-expired: expired 3 days ago \(notAfter 20[0-9-]+ [0-9:]{8} UTC\)$' "$DIR/log"
	await grep -Eq 'refused: certificate-expired: expired [0-9]+ (s|minutes) ago \(notAfter .* UTC\): is a clock wrong\?$' "$DIR/log"
	await grep -Eq 'refused: certificate-expired: expired 3 days ago \(notAfter .* UTC\): the CA "/CN=int-expired" at depth 1 of the chain$' "$DIR/log"
	await grep -Eq 'refused: certificate-not-yet-valid: not yet valid for another [23] hours \(notBefore .* UTC\): is a clock wrong\?$' "$DIR/log"
}

crl() { # FILE
	sed -i '/^crl = /d' "$DIR/tls.cfg"
	sed -i "s#^ca_list = .*#&\ncrl = $PKI/$1.crl#" "$DIR/tls.cfg"
	rpc tls.reload
}

# The log has so many reasons of one address apart, and no more (doc/refusals.md).
rejected() { rpc tls_policy.rejections 3 | grep -Eq "$1"; }

# shellcheck disable=SC2046
@test "CRLs of tls.cfg: revoked, expired, missing; in both roles" {
	set_policy 0 0 ignore
	expect_accepted crl-none $(as revoked)
	crl good
	expect_accepted crl-good $(as good)
	expect_refused crl-revoked-1.2 "certificate revoked" version=1.2 $(as revoked)
	expect_refused crl-revoked-1.3 "certificate revoked" version=1.3 $(as revoked)
	relayed crl-to-good $(chain_of good)
	refused_with "certificate revoked" crl-to-revoked $(chain_of revoked)
	await logged "refused: certificate-revoked: certificate revoked"
	crl expired
	expect_refused crl-expired "certificate expired" $(as good)
	await rejected "certificate-revocation-unknown: the issuer's CRL has expired \(3 days ago, nextUpdate .* UTC\)$"
	crl missing
	expect_refused crl-missing "unknown CA" $(as good)
	await rejected "certificate-revocation-unknown: the issuer's CRL is missing"
	expect_accepted crl-elsewhere $(as good-root)
}

check() { "$BUILD/tls-policy" check --ca "$PKI/ca.pem" --proxy trusted.example.com "$@"; }

@test "the command says the same" {
	local name
	check --strict "$PKI/good.pem"
	check --strict --peer server "$PKI/server-chain.pem"
	"$BUILD/tls-policy" check --strict --ca "$PKI/plain-ca.pem" --proxy trusted.example.com "$PKI/good-plain.pem"
	for name in no-usage no-purposes nothing no-signature under-no-purposes under-no-usage server-only; do
		! check --strict "$PKI/$name.pem" >"$DIR/out" || false
		grep -Eq '^certificate-(extended-)?key-usage: ' "$DIR/out"
	done
	check --strict --names-only "$PKI/good.pem"
	! check --strict --names-only "$PKI/no-signature.pem" || false
	! check "$PKI/server-only.pem" >"$DIR/out" || false
	grep -qF "see accept_server_auth_clients" "$DIR/out"
	check --accept-server-auth-clients "$PKI/server-only.pem" | grep -q 'only by accept_server_auth_clients'
	! check --peer server --accept-server-auth-clients "$PKI/client-only.pem" || false
	check --sip-domain-purpose accept "$PKI/sip-only.pem" | grep -q 'only by sip_domain_purpose'
	check --sip-domain-purpose 2 "$PKI/sip-both.pem"
	! check --sip-domain-purpose require "$PKI/good.pem" || false
	local status=0
	check --sip-domain-purpose perhaps "$PKI/good.pem" 2>"$DIR/err" || status=$?
	[ "$status" -eq 2 ] && [ "$(wc -l <"$DIR/err")" -eq 1 ] && grep -q 'ignore, accept, require' "$DIR/err"
}
