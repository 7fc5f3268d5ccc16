#!/usr/bin/env bats
# TLSExpiryCheckStart and TLSExpiryCheckPeriod: our own certificates. Those of
# the test PKI last 30 days.
load helpers

setup() {
	new_dir
	cp "$PKI/trusted.pem" "$DIR/own.pem"
	cp "$PKI/trusted.key" "$DIR/own.key"
}
teardown() { stop_kamailio; }

lines() { grep -c 'tls_policy.*our certificate .* expire' "$DIR/log" || true; }
said() { grep -qE "our certificate $1 \(/CN=$2\) of $3 expires in (29|30) days, on 20[0-9]{2}-[0-9]{2}-[0-9]{2}" "$DIR/log"; }

@test "start-up: the log names file, certificate and days left, once for all TLS domains" {
	start_kamailio
	await said "$PKI/server.pem" gateway.example 'TLS domain \[server:default\]'
	[ "$(lines)" -eq 1 ]
}

@test "outside of tls_expiry_check_start nothing is said; a change looks at once" {
	start_kamailio "$(policy TLSExpiryCheckStart 20)"
	rpc tls_policy.set tls_expiry_check_start 10
	[ "$(lines)" -eq 0 ]
	rpc tls_policy.set TLSExpiryCheckStart 31
	await said "$PKI/server.pem" gateway.example 'TLS domain \[server:default\]'
	[ "$(lines)" -eq 1 ]
	rpc tls_policy.set tls_expiry_check_start 3651 | grep -q 'is not a number from 0 to 3650 (days)'
	rpc tls_policy.set tls_expiry_check_period 0 | grep -q 'is not a number from 1 to 3650 (days)'
}

@test "the named certificate is looked at instead of tls.cfg's" {
	start_kamailio "$(policy tls_expiry_check_start 20)"
	rpc tls_policy.set https_cert_file_name "$DIR/own.pem"
	rpc tls_policy.set tls_expiry_check_start 40
	await said "$DIR/own.pem" trusted https_cert_file_name
	[ "$(lines)" -eq 1 ]
}

@test "an expired certificate of tls.cfg is an error in the log" {
	sed -i "s|/server\.|/expired.|" "$DIR/tls.cfg"
	start_kamailio
	await grep -q "ERROR: tls_policy .*our certificate $PKI/expired.pem (/CN=expired) of .* expired on 2020-02-01" "$DIR/log"
}

@test "event_route[tls-policy:expiry] has file, subject, days and text" {
	start_kamailio 'event_route[tls-policy:expiry] {
	xlog("L_NOTICE", "EXPIRY file=$tlsp(file) subject=$tlsp(subject) days=$tlsp(days) peer=$tlsp(peer) text=$tlsp(text)\n");
}'
	await grep -qE " EXPIRY file=$PKI/server.pem subject=/CN=gateway.example days=(29|30) peer=<null> text=our certificate $PKI/server.pem " "$DIR/log"
	[ "$(grep -c ' EXPIRY file=' "$DIR/log")" -eq 1 ]
	[ "$(lines)" -ge 1 ]
}
