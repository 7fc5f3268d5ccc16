#!/usr/bin/env bats
# One server and the kinds of peers that it has, each played by SIPp: a trunk in
# both directions, a carrier in testing, a phone that registers and is called.
load helpers
load ../lib/sipp
load ../lib/registrar

setup_file() { sipp --prepare; }
setup() {
	new_dir
	TRIAL=$(free_port)
	PHONES=$(free_port)
	LISTEN="listen=tls:127.0.0.1:$PORT
listen=tls:127.0.0.1:$TRIAL
listen=tls:127.0.0.1:$PHONES"
	cat >"$DIR/rules" <<-RULES
		[default]
		tls_version = 12
		sips_require_client_certificate = 1
		peer_host_name_verification_mode = server
		proxy = trusted.example.com
		[rule:trial]
		listen = :$TRIAL
		enforcement = testing
		[rule:phones]
		listen = :$PHONES
		sips_require_client_certificate = 0
		peer_host_name_verification_mode = off
		[rule:trunks]
		peer_role = server
		peer = 127.0.0.1
		verify_server_certificate = 1
		peer_host_name_verification_mode = both
		reuse_accepted_connections = always
	RULES
}
teardown() {
	stop_callee
	stop_phone
	stop_kamailio
}

by_rules() { start_kamailio "$(policy config "$DIR/rules")"; }
statistic() { rpc stats.fetch "tls_policy.$1" | grep -o '[0-9]*$'; }

@test "a trunk in both directions" {
	by_rules
	start_callee trusted 10
	call trusted 10
	[ "$(grep -c 'INVITE sip:' "$DIR/callee.msg")" -eq 10 ]
	[ "$(statistic refused)" = 0 ]
}

@test "a carrier in testing makes its calls, and is told to be one that would be refused" {
	by_rules
	start_callee trusted 5
	PORT=$TRIAL call stranger 5
	[ "$(grep -c 'INVITE sip:' "$DIR/callee.msg")" -eq 5 ]
	[ "$(statistic would_refuse)-$(statistic refused)" = 1-0 ]
	rpc tls_policy.rejections 1 | grep 'verdict: would-be-refused'
}

# A phone with the certificate of its factory.
start_phone() {
	"$ROOT/scripts/sipp" "127.0.0.1:$PHONES" -sf "$ROOT/test/sipp/phone.xml" -oocsf "$ROOT/test/sipp/called.xml" \
		-i 127.0.0.1 -p "$(free_port)" -t l1 -tls_cert "$PKI/selfsigned.pem" -tls_key "$PKI/selfsigned.key" \
		-m 1 -nostdin -timeout 600 -trace_msg -message_file "$DIR/phone.msg" >"$DIR/phone" 2>&1 3>&- &
	PHONE=$!
	await is_registered
}
is_registered() { grep -q '^SIP/2.0 200' "$DIR/phone.msg" 2>/dev/null; }
stop_phone() {
	[ -n "${PHONE:-}" ] || return 0
	kill "$PHONE" 2>/dev/null || true
	wait "$PHONE" 2>/dev/null || true
	PHONE=
}

@test "a phone registers and is called by a trunk, over the connection that it opened" {
	registrar "$(policy config "$DIR/rules")"
	start_phone
	sipp "127.0.0.1:$PORT" -sf "$ROOT/test/sipp/caller.xml" -i 127.0.0.1 -p "$(free_port)" -t l1 \
		-tls_cert "$PKI/trusted.pem" -tls_key "$PKI/trusted.key" -m 1 -nostdin -timeout 300 \
		-recv_timeout 60000 >"$DIR/caller" 2>&1 || { tail -n 15 "$DIR/caller" >&2; false; }
	[ "$(grep -c '^BYE ' "$DIR/phone.msg")" -eq 1 ]
	[ "$(statistic requests_kept_back)-$(statistic refused)" = 0-0 ]
}
