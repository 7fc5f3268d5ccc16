#!/usr/bin/env bats
# hostile_certs' certificates, shown to a real server and by a real one: each of
# the trusted CA, each with the CN of a configured proxy.
load helpers

setup_file() {
	export PKI=$BATS_FILE_TMPDIR/pki
	mkdir -p "$PKI"
	"$BUILD/hostile_certs" "$PKI"
	openssl req -new -key "$PKI/key.pem" -subj /CN=gateway.example |
		openssl x509 -req -CA "$PKI/ca.pem" -CAkey "$PKI/key.pem" -CAcreateserial -out "$PKI/server.pem" 2>/dev/null
	cp "$PKI/key.pem" "$PKI/server.key"
	new_dir 1
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" "$(policy proxy sip.carrier.example)" \
		"$(policy proxy no.other.example)" "$(policy proxy carrier.example)" "$(policy refusal_log_interval 0)"
}
teardown_file() { stop_kamailio; }

hostile() { echo "cert=$PKI/$1.pem key=$PKI/key.pem"; }

# shellcheck disable=SC2046
@test "as server: malformed, whatever the CN says, and nothing is parsed" {
	local path name count=0
	for path in "$PKI"/{san,ext}-*.pem; do
		name=$(basename "$path" .pem)
		[ "$name" != san-10000 ] || continue # OpenSSL reads no such message
		count=$((count + 1))
		expect_refused "$name-1.2" "bad certificate" version=1.2 $(hostile "$name")
		expect_refused "$name-1.3" "bad certificate" version=1.3 $(hostile "$name")
	done
	[ "$count" -ge 14 ]
	await all_malformed $((2 * count))
	! probe call_id=san-10000 $(hostile san-10000) || false
	! parsed san-10000
}

all_malformed() { [ "$(grep -c 'refused: certificate-malformed: ' "$DIR/log")" -eq "$1" ]; }

# shellcheck disable=SC2046
@test "as server: outside the name constraints of the CA" {
	local name
	for name in nc-cn nc-uri nc-wildcard ncdot-cn ncdot-uri; do
		expect_refused "$name" "bad certificate" $(hostile "$name")
	done
	await grep -qF 'CN "sip.carrier.example" (outside the name constraints of its CA)' "$DIR/log"
	await grep -qF 'dNSName "*.other.example" (outside the name constraints of its CA)' "$DIR/log"
	! probe call_id=nc-outside $(hostile nc-outside) || false
	! parsed nc-outside
}

# shellcheck disable=SC2046
@test "as client: the same, and the server gets no octet of SIP" {
	local name
	for name in san-nul san-long-entry ext-twice nc-cn; do
		not_relayed "to-$name" -cert "$PKI/$name.pem" -cert_chain "$PKI/$name.pem" -key "$PKI/key.pem"
		grep -qa 'alert bad certificate' "$DIR/s_server"
		! grep -qa SIP/2.0 "$DIR/s_server" || false
	done
}
