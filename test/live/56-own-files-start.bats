#!/usr/bin/env bats
# HTTPSCertFileName and HTTPSRootFileName at start-up.
load helpers

setup() {
	new_dir
	cp "$PKI/trusted.pem" "$DIR/own.pem"
	cp "$PKI/trusted.key" "$DIR/own.key"
}
teardown() { stop_kamailio; }

# shellcheck disable=SC2046
@test "the files count from the first connection, without ca_list too" {
	NO_CA=1 write_tls_cfg
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy HTTPSCertFileName "$DIR/own.pem")" "$(policy https_root_file_name "$PKI/ca.pem")"
	openssl s_client -connect "127.0.0.1:$PORT" </dev/null 2>/dev/null >"$DIR/hello" || true
	openssl x509 -noout -subject <"$DIR/hello" | grep -qx 'subject=CN *= *trusted'
	expect_accepted start-in $(as trusted)
	expect_refused start-out "unknown CA" $(as foreign)
	rpc tls_policy.set https_root_file_name s: |
		grep -q 'TLS domain \[server:default\] has no trust anchors (ca_list) and https_root_file_name is unset'
	expect_accepted start-still $(as trusted)
}

@test "a wrong file is one sentence, and Kamailio does not start" {
	: >"$DIR/empty.pem"
	refuses_start "https_cert_file_name: $DIR/none.pem cannot be opened: No such file or directory" \
		"$(policy https_cert_file_name "$DIR/none.pem")"
	refuses_start "https_root_file_name: $DIR/empty.pem is empty" \
		"$(policy https_root_file_name "$DIR/empty.pem")"
}

@test "an expired certificate of ours stops nothing, and is an error in the log" {
	start_kamailio "$(policy HTTPSCertFileName "$PKI/expired.pem")"
	await grep -q "ERROR: tls_policy .*our certificate $PKI/expired.pem (/CN=expired) of https_cert_file_name expired on 2020-02-01" "$DIR/log"
	openssl s_client -connect "127.0.0.1:$PORT" </dev/null 2>/dev/null >"$DIR/hello" || true
	openssl x509 -noout -subject <"$DIR/hello" | grep -q 'expired'
}
