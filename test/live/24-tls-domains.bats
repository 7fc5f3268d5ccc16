#!/usr/bin/env bats
# TLS domains that trust different CAs but share one list of proxies: a warning
# at every change that is put in force, and not otherwise.
load helpers

setup() {
	new_dir
	cat "$PKI/ca.pem" "$PKI/foreign-ca.pem" >"$DIR/both.pem"
	cat "$PKI/foreign-ca.pem" "$PKI/ca.pem" >"$DIR/both-again.pem"
	: >"$DIR/tls.cfg"
}
teardown() { stop_kamailio; }

domain() { # SECTION CA-FILE LINE...
	{
		printf '[%s]\n%s\n' "$1" "method = TLSv1.2+"
		printf 'private_key = %s\ncertificate = %s\n' "$PKI/server.key" "$PKI/server.pem"
		[ -z "$2" ] || echo "ca_list = $2"
		shift 2
		printf '%s\n' "$@"
	} >>"$DIR/tls.cfg"
}

sni() { echo "server_name = $1.example"; }

judged() { # MODE
	policy peer_host_name_verification_mode "$1"
	policy proxy trusted.example.com
	policy sips_require_client_certificate 1
}

# warnings NUMBER [TEXT]: so many there are, and each has the text.
warnings() {
	[ "$(grep -c "share one list of proxies" "$DIR/log")" -eq "$1" ] &&
		[ "$(grep "share one list of proxies" "$DIR/log" | grep -cF "WARNING: tls_policy" || true)" -eq "$1" ] &&
		[ "$(grep "share one list of proxies" "$DIR/log" | grep -cF -- "${2:-}" || true)" -eq "$1" ] && return 0
	echo "not $1 warnings with: ${2:-}" >&2
	grep "share one list" "$DIR/log" >&2
	return 1
}

@test "at the start, at set and reload; not when nothing changed" {
	local said
	domain server:default "$PKI/ca.pem"
	domain server:any "$PKI/ca.pem" "$(sni a)"
	domain server:any "$PKI/foreign-ca.pem" "$(sni b)"
	domain server:any "$DIR/both.pem" "$(sni c)"
	domain client:default "$PKI/ca.pem"
	start_kamailio "$(judged both)"
	# Whichever of the two the tls module keeps first.
	said=$(grep -o "TLS domains .* trust different CAs" "$DIR/log")
	[[ $said == 'TLS domains [server:default] and [server:any] server_name='[bc]'.example trust different CAs' ]]
	warnings 1 "the other's clients"
	rpc tls_policy.set tls_rehandshake_interval 5
	warnings 2 "$said"
	rpc tls_policy.set tls_rehandshake_interval 5000 | grep -q 'is not a number'
	rpc tls_policy.set sips_require_client_certificate 7 | grep -q 'is not a number'
	warnings 2
	rpc tls_policy.reload | grep -q 'proxies: 1'
	warnings 3 "$said"
	rpc tls_policy.recheck | grep -q 'judged: 0'
	rpc tls_policy.show | grep -q tls_version
	expect_accepted served cert="$PKI/trusted.pem" key="$PKI/trusted.key"
	warnings 3
	rpc tls_policy.set peer_host_name_verification_mode client
	warnings 3
	rpc tls_policy.set peer_host_name_verification_mode server
	warnings 4 "$said"
	rpc tls_policy.set https_root_file_name "$PKI/ca.pem"
	warnings 4
	rpc tls_policy.set https_root_file_name s:
	warnings 5 "$said"
	rpc tls.reload
	await warnings 6 "$said" 2>/dev/null
}

@test "client domains, where names of servers are judged" {
	domain server:default "$PKI/ca.pem"
	domain client:default "$PKI/ca.pem"
	domain client:127.0.0.1:5061 "$PKI/foreign-ca.pem"
	start_kamailio "$(judged server)"
	warnings 0
	rpc tls_policy.set peer_host_name_verification_mode client
	warnings 1 "TLS domains [client:default] and [client:127.0.0.1:5061] trust different CAs"
	warnings 1 "the other's servers"
	rpc tls_policy.set peer_host_name_verification_mode off
	warnings 1
}

@test "none where the CAs are the same, in another file and order" {
	domain server:default "$DIR/both.pem"
	domain server:any "$DIR/both-again.pem" "$(sni a)"
	domain client:default "$PKI/ca.pem"
	start_kamailio "$(judged both)"
	warnings 0
	expect_accepted same cert="$PKI/trusted.pem" key="$PKI/trusted.key"
}

@test "CRLs are no trust anchors" {
	make_crl
	domain server:default "$PKI/ca.pem"
	domain server:any "$PKI/ca.pem" "$(sni a)" "crl = $DIR/crl.pem"
	domain client:default "$PKI/ca.pem"
	start_kamailio "$(judged both)"
	warnings 0
}

make_crl() {
	: >"$DIR/index.txt"
	printf '[ca]\ndefault_ca = own\n[own]\ndatabase = %s\ndefault_md = sha256\n' "$DIR/index.txt" >"$DIR/ca.cnf"
	openssl ca -gencrl -config "$DIR/ca.cnf" -cert "$PKI/ca.pem" -keyfile "$PKI/ca.key" -crldays 30 \
		-out "$DIR/crl.pem" 2>/dev/null
}

@test "another directory of CAs is another trust" {
	mkdir "$DIR/one" "$DIR/two"
	domain server:default "$PKI/ca.pem" "ca_path = $DIR/one"
	domain server:any "$PKI/ca.pem" "$(sni a)" "ca_path = $DIR/two"
	domain client:default "$PKI/ca.pem"
	start_kamailio "$(judged server)"
	warnings 1 "[server:any] server_name=a.example"
}

# sent_to NAME: the certificates that the server sends who asks for NAME.example.
sent_to() {
	openssl s_client -connect "127.0.0.1:$PORT" -servername "$1.example" -showcerts </dev/null 2>/dev/null |
		sed -n '/^-----BEGIN CERT/,/^-----END CERT/p' | grep -v '^---$'
}

# OpenSSL looks for them in each handshake; we do once.
@test "the certificates that go along with ours are those of stock Kamailio" {
	local name
	mkdir "$DIR/hashed"
	cat "$PKI/server.pem" "$PKI/foreign-ca.pem" >"$DIR/with-another.pem"
	domain server:default "$PKI/ca.pem"
	domain server:any "$PKI/foreign-ca.pem" "$(sni a)"
	domain server:any "$PKI/foreign-ca.pem" "$(sni b)" "ca_path = $DIR/hashed"
	domain server:any "$PKI/ca.pem" "$(sni c)" "certificate = $DIR/with-another.pem"
	domain client:default "$PKI/ca.pem"
	WORKERS=1 MODULES='loadmodule "tls.so"' start_kamailio
	for name in default a b c; do sent_to "$name" >"$DIR/$name.stock"; done
	stop_kamailio
	cmp "$DIR/c.stock" "$DIR/with-another.pem"
	[ "$(grep -c BEGIN "$DIR/default.stock") $(grep -c BEGIN "$DIR/a.stock") $(grep -c BEGIN "$DIR/c.stock")" = "2 1 2" ]
	WORKERS=1 start_kamailio "$(policy tls_rehandshake_interval 5)"
	for name in default a b c default a b c; do
		sent_to "$name" >"$DIR/$name.ours"
		cmp "$DIR/$name.stock" "$DIR/$name.ours"
	done
	# a directory may hold more the next time
	[ "$(grep -c BEGIN "$DIR/b.ours")" = 1 ]
	cp "$PKI/ca.pem" "$DIR/hashed/$(openssl x509 -in "$PKI/ca.pem" -noout -hash).0"
	sent_to b | cmp "$DIR/default.stock" -
}
