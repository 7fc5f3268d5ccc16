#!/usr/bin/env bats
# event_route[tls-policy:rejected]: run for each refusal, outside of the
# workers.
load helpers

setup_file() {
	new_dir
	start_kamailio 'loadmodule "cfgutils.so"' 'modparam("pv", "shvset", "go=i:0")' 'max_while_loops=100000' \
		"$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" \
		"$(policy proxy trusted.example.com)" 'event_route[tls-policy:rejected] {
	xlog("L_NOTICE", "EVENT conid=$tlsp(conid) peer=$tlsp(peer) from=$proto:$si:$sp role=$tlsp(peer_role) sni=$tlsp(sni) reason=$tlsp(reason) at=$tlsp(time) text=$tlsp(text)\n");
	if($tlsp(sni) == "slow.example") {
		while($shv(go) == 0) usleep("10000");
		xlog("L_NOTICE", "SLOW EVENT ends\n");
	}
}
route[UNUSED] {
	xlog("$tlsp(reason)");
}'
	sed -i 's/^\txlog("L_NOTICE", "PARSED.*/&\n\txlog("L_NOTICE", "OUTSIDE [$tlsp(reason)]\\n");/' "$DIR/kamailio.cfg"
	stop_kamailio
	launch # with the line added
	await answers
}
teardown_file() { stop_kamailio; }

events() { grep -c ' EVENT conid=' "$DIR/log" || true; }
counter() { rpc stats.fetchn "tls_policy:$1" | sed -n "s/.*tls_policy\.$1: //p"; }

# shellcheck disable=SC2046
@test "the route has what was refused, why, and the peer's address" {
	expect_refused event-stranger "bad certificate" sni=sni.example $(as stranger)
	await grep -q ' EVENT conid=' "$DIR/log"
	local line peer
	line=$(grep ' EVENT conid=' "$DIR/log")
	peer=$(sed -n 's/.* peer=\([^ ]*\) .*/\1/p' <<<"$line")
	[[ $peer =~ ^127\.0\.0\.1:[0-9]+$ ]]
	[[ $line == *" from=tls:$peer role=client sni=sni.example reason=certificate-host-mismatch at="[0-9]*" text=refused: certificate-host-mismatch: "* ]]
	await grep -qF "client $peer ${line#* text=}" "$DIR/log"
	rpc tls_policy.rejections 1 | grep -q "conid: $(sed -n 's/.*conid=\([0-9]*\) .*/\1/p' <<<"$line")$"
}

# shellcheck disable=SC2046
@test "as client: the server that was refused" {
	not_relayed event-server $(server_as stranger)
	await grep -q ' EVENT conid=.* role=server sni=<null> reason=certificate-host-mismatch' "$DIR/log"
}

# shellcheck disable=SC2046
@test "accepted peers run no event, and outside of the route there are no variables" {
	local before
	before=$(events)
	expect_accepted no-event $(as trusted)
	await grep -q 'OUTSIDE \[<null>\]' "$DIR/log"
	expect_refused an-event "unknown CA" $(as foreign)
	await grep -q ' EVENT conid=.* reason=certificate-not-trusted' "$DIR/log"
	[ "$(events)" -eq $((before + 1)) ]
}

all_events() { # TOTAL: every refusal was run or is counted as lost
	[ $(($(events) + $(counter events_lost))) -eq "$1" ]
}

# shellcheck disable=SC2046
@test "a flood: every refusal is run or counted as lost" {
	! "$BUILD/tls_load" "$PORT" "$PKI/foreign.pem" "$PKI/foreign.key" "$PKI/ca.pem" 4 400 1.3 >"$DIR/load" 2>&1 || false
	await all_events "$(counter refused)"
	[ "$(events)" -ge 64 ]
}

# shellcheck disable=SC2046
@test "a route that takes its time holds up nobody" {
	expect_refused slow-event "bad certificate" sni=slow.example $(as stranger)
	await grep -q ' EVENT conid=.* sni=slow.example ' "$DIR/log"
	expect_accepted while-slow $(as trusted)
	expect_refused refused-while-slow "unknown CA" $(as foreign)
	! grep -q 'SLOW EVENT ends' "$DIR/log" || false
	rpc pv.shvSet go int 1
	await grep -q 'SLOW EVENT ends' "$DIR/log"
	await all_events "$(counter refused)"
}

@test "the module's own name will do, and without a route there is no process" {
	(
		new_dir
		start_kamailio 'event_route[tls_policy:rejected] { xlog("EVENT"); }'
		rpc core.psx | grep -q 'TLS POLICY EVENTS'
		stop_kamailio
		start_kamailio
		! rpc core.psx | grep -q 'TLS POLICY EVENTS' || false
		stop_kamailio
	)
}

@test "an unknown variable does not start" {
	(
		new_dir
		refuses_start '$tlsp(nonsense): the names are rule, verdict, identity, match, names, name, names_left_out, reasons, resumed, version and rehandshakes; in event routes of tls-policy reason, text, peer, peer_role, sni, conid, time, kind, file, subject, days, rule and identity' \
			'event_route[tls-policy:rejected] { xlog("$tlsp(nonsense)"); }'
	)
}
