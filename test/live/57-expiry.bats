#!/usr/bin/env bats
# TLSExpiryCheckStart and TLSExpiryCheckPeriod: our own certificates, the trust
# anchors in use, and what peers have shown; tls_policy.expiry. Those of the test
# PKI last 30 days.
load helpers
load ../lib/rpc

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

# anchor FILE SUBJECT PLACE: the log has it; once: of all TLS domains one.
anchor() { grep -qE "the trust anchor $1 \(/CN=$2\) of $3 expires in (29|30) days, on 20[0-9]{2}-[0-9]{2}-[0-9]{2}" "$DIR/log"; }
anchors() { grep -c 'tls_policy.*the trust anchor .* expires in' "$DIR/log" || true; }

@test "trust anchors: those of a rule; a reload tells of new ones alone" {
	cp "$PKI/ca.pem" "$DIR/anchors.pem"
	printf '[rule:a]\nhttps_root_file_name = %s\nserver_name = a.example\n' "$DIR/anchors.pem" >"$DIR/rules"
	start_kamailio "$(policy config "$DIR/rules")"
	await anchor "$DIR/anchors.pem" 'Test CA' 'https_root_file_name of rule a'
	await anchor "$PKI/ca.pem" 'Test CA' 'TLS domain \[server:default\]'
	[ "$(anchors)" -eq 2 ]
	cat "$PKI/foreign-ca.pem" >>"$DIR/anchors.pem"
	rpc tls_policy.reload | grep 'rules: 1'
	await anchor "$DIR/anchors.pem" 'Foreign CA' 'https_root_file_name of rule a'
	[ "$(anchors)" -eq 3 ]
	[ "$(lines)" -eq 1 ]
}

@test "tls.cfg loaded anew: its certificates are looked at, and the new ones told" {
	start_kamailio
	await anchor "$PKI/ca.pem" 'Test CA' 'TLS domain \[server:default\]'
	sed -i "s|server\.|server-rsa.|; s|/ca\.pem|/foreign-ca.pem|" "$DIR/tls.cfg"
	rpc tls.reload
	await anchor "$PKI/foreign-ca.pem" 'Foreign CA' 'TLS domain \[server:default\]'
	await said "$PKI/server-rsa.pem" gateway.example 'TLS domain \[server:default\]'
	rpc tls_policy.expiry | grep -cE 'kind: (own|anchor)' | grep -x 2
}

# shellcheck disable=SC2046
@test "what is named replaces tls.cfg's; our chain counts; what peers showed, newest first to end" {
	cat "$PKI/trusted.pem" "$PKI/foreign-ca.pem" >"$DIR/own.pem"
	start_kamailio "$(policy https_cert_file_name "$DIR/own.pem")" "$(policy https_root_file_name "$PKI/ca.pem")" \
		"$(policy sips_require_client_certificate 1)" "$(policy peer_host_name_verification_mode server)" \
		"$(policy proxy trusted.example.com)" "$(over_json)" \
		'event_route[tls-policy:expiry] {
	xlog("L_NOTICE", "EXPIRY $tlsp(kind) file=$tlsp(file) subject=$tlsp(subject) identity=$tlsp(identity) $tlsp(peer_role) $tlsp(rule) days=$tlsp(days) verdict=$tlsp(verdict)\n");
}'
	await logged_like "EXPIRY own file=$DIR/own.pem subject=/CN=trusted identity=<null> <null> <null> days=(29|30) verdict=<null>"
	await logged_like "EXPIRY own file=$DIR/own.pem subject=/CN=Foreign CA identity=<null> <null> <null> days=(29|30)"
	await logged_like "EXPIRY anchor file=$PKI/ca.pem subject=/CN=Test CA identity=<null> <null> default days=(29|30)"
	for version in 1.2 1.3; do expect_accepted "peer-$version" "version=$version" $(as trusted); done
	! probe call_id=nobody $(as stranger) || false
	await logged_like 'EXPIRY peer file=<null> subject=<null> identity=trusted.example.com client default days=(29|30)'
	await logged_like 'WARNING: tls_policy.*the certificate of the client trusted.example.com \(rule default\) expires in (29|30) days, on 20'
	[ "$(grep -c 'EXPIRY ' "$DIR/log")" -eq 4 ]
	[ "$(same tls_policy.expiry | value kind | sort | uniq -c | tr -s ' \n' ' ')" = " 1 anchor 2 own 1 peer " ]
	[ "$(same tls_policy.expiry | value identity | grep .)" = trusted.example.com ]
	[ "$(same tls_policy.expiry | value file | grep -c .)" = 3 ]
	same tls_policy.expiry | value days_left | sort -nc
	[ "$(same tls_policy.expiry 1 | grep -c '^kind: ')" = 1 ]
	for argument in 0 513 x ''; do same_fault 'usage: tls_policy.expiry [1..512]' tls_policy.expiry "$argument"; done
	rpc stats.fetchn tls_policy: | grep -E 'days_left_(own|anchors|peers): (29|30)$' | wc -l | grep -x 3
}

# shellcheck disable=SC2046
@test "a peer without a judged name is its subject; who is refused is none" {
	start_kamailio "$(policy sips_require_client_certificate 1)"
	! probe call_id=nobody $(as foreign) || false
	! rpc tls_policy.expiry | grep 'kind: peer' || false
	rpc stats.fetchn tls_policy:days_left_peers | grep ': 99999'
	expect_accepted subject $(as stranger)
	rpc tls_policy.expiry | grep -E -A6 'kind: peer' | grep 'identity: /CN=stranger'
	await logged 'the certificate of the client /CN=stranger (rule default) expires in'
}

# only_for PURPOSE: a certificate of ours, and its key, in $DIR/only.
only_for() {
	openssl req -new -key "$PKI/server.key" -subj /CN=only | openssl x509 -req -CA "$PKI/ca.pem" -CAkey "$PKI/ca.key" \
		-set_serial 7 -days 30 -extfile <(printf 'extendedKeyUsage=%s\n' "$1") -out "$DIR/only.pem" 2>/dev/null
	cp "$PKI/server.key" "$DIR/only.key"
}
lacks() { grep -c "WARNING: tls_policy.*our certificate $DIR/only.pem (/CN=only) of $1 lacks clientAuth in its extendedKeyUsage" "$DIR/log" || true; }

lacking() { [ "$(lacks "$2")" -eq "$1" ]; }

@test "our client certificate without clientAuth is named at start and at every reload" {
	only_for serverAuth
	sed -i "/client:default/,\$s|$PKI/server|$DIR/only|" "$DIR/tls.cfg"
	start_kamailio
	[ "$(lacks 'TLS domain \[client:default\]')" -eq 1 ]
	rpc tls_policy.reload | grep 'rules: 0'
	[ "$(lacks 'TLS domain \[client:default\]')" -eq 2 ]
	rpc tls.reload
	await lacking 3 'TLS domain \[client:default\]'
	rpc tls_policy.set https_cert_file_name "$DIR/only.pem"
	[ "$(lacks https_cert_file_name)" -eq 1 ]
	only_for serverAuth,clientAuth
	rpc tls_policy.reload | grep 'rules: 0'
	[ "$(lacks https_cert_file_name)" -eq 1 ]
	only_for anyExtendedKeyUsage
	rpc tls_policy.reload | grep 'rules: 0'
	[ "$(lacks https_cert_file_name)" -eq 2 ]
}
