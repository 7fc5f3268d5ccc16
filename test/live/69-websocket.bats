#!/usr/bin/env bats
# WebSocket over TLS (RFC 7118): a connection is one of WSS from its opening
# handshake on, which is HTTP on the port of SIP; it carries what is for WSS, by
# the same rule, and nothing that is for TLS at the same address.
load helpers
load ../lib/ends

setup() {
	new_dir
	AT=$(free_port)
}
teardown() {
	stop_ends
	stop_kamailio
}

# shellcheck disable=SC2016
serving() { # LINE...
	write_config 'tcp_accept_no_cl=yes' 'loadmodule "xhttp.so"' 'loadmodule "websocket.so"' 'loadmodule "usrloc.so"' \
		'loadmodule "registrar.so"' 'loadmodule "nathelper.so"' 'modparam("nathelper|registrar", "received_avp", "$avp(received)")' \
		"$(policy VerifyServerCertificate 1)" "$(policy PeerHostNameVerificationMode client)" \
		"$(policy proxy trusted.example.com)" "$@"
	sed -i '/^request_route {/a if(is_method("REGISTER")) { fix_nated_register(); save("location"); exit; } if(!has_totag() && uri =~ "^sip:called@") lookup("location"); if(has_totag()) handle_ruri_alias(); else if(is_method("INVITE")) add_contact_alias();' "$DIR/kamailio.cfg"
	cat >>"$DIR/kamailio.cfg" <<-'CFG'
		onreply_route { add_contact_alias(); }
		event_route[xhttp:request] {
			if($hdr(Upgrade) =~ "websocket") ws_handle_handshake();
			else xhttp_reply("200", "OK", "text/plain", "plain answer\n");
		}
	CFG
	launch
	await_start
}
phone() { # NAME SIP_END-ARGUMENT...
	end_of "$1" "$PORT" from="$(free_port)" ws=1 answer=1 "${@:2}"
	grep -q '^opened HTTP/1.1 101' "$DIR/$1"
}
# shellcheck disable=SC2046
true_server() { end_of server listen="$AT" $(as trusted); }
speaks() { # NAME
	says_request "$1" OPTIONS "spoken-$1" "sip:127.0.0.1:$PORT"
	await got "$1" "spoken-$1" 'SIP/2.0 200'
}
# sips over WebSocket is WSS.
over_wss() { SCHEME=sips TRANSPORT=ws send_request "$1" "$2"; } # CALL-ID PORT
kept_back() { rpc stats.fetch tls_policy.requests_kept_back | grep -o '[0-9]*$'; }

@test "what is asked by HTTP is answered where it was asked" {
	serving
	printf 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n' >"$DIR/get"
	(cat "$DIR/get" && await grep -q 'plain answer' "$DIR/answer") |
		openssl s_client -quiet -no_ign_eof -connect "127.0.0.1:$PORT" >"$DIR/answer" 2>/dev/null
	grep -q '^HTTP/1.1 200 OK' "$DIR/answer"
	[ "$(kept_back)" = 0 ]
}

@test "judged: a peer without a certificate gets answers, and no request over WSS" {
	serving
	phone p
	speaks p
	over_wss one "$(own_port p)"
	await logged 'UNRELAYED one'
	[ "$(kept_back)" = 1 ]
	! got p one || false
	rpc tls_policy.set reuse_accepted_connections always
	over_wss two "$(own_port p)"
	await got p two OPTIONS
}

# shellcheck disable=SC2046
@test "judged: a peer that would be accepted as a server gets requests over WSS" {
	serving "$(policy SIPSRequireClientCertificate 1)"
	phone p $(as trusted)
	speaks p
	over_wss one "$(own_port p)"
	await got p one OPTIONS
}

@test "a peer that connects by WSS from the address of a server gets nothing that is for TLS, whatever the setting" {
	local setting
	serving
	end_of impostor "$PORT" from="$AT" ws=1
	speaks impostor
	true_server
	for setting in judged always; do
		rpc tls_policy.set reuse_accepted_connections "$setting"
		send_request "$setting-1" "$AT"
		await got server "$setting-1" OPTIONS
		! got impostor "$setting-1" || return 1
	done
}

# A call between two phones, with BYE from either side, found by nathelper's
# received and alias.
call() { # BY
	TO=called says_request caller INVITE "call-$1" "sip:called@127.0.0.1:$PORT" "Contact: <sip:caller@192.0.2.1;transport=ws>"
	await got called "call-$1" INVITE || return 1
	await got caller "call-$1" 'SIP/2.0 200'
}
@test "phones over WSS: REGISTER, INVITE and BYE from either side, where the operator says so" {
	local name
	serving
	for name in caller called; do
		phone "$name"
		says_request "$name" REGISTER "register-$name" "sip:127.0.0.1:$PORT" \
			"Contact: <sip:$name@192.0.2.7;transport=ws>" 'Expires: 600'
		await got "$name" "register-$name" 'SIP/2.0 200'
	done
	TO=called says_request caller INVITE call-judged "sip:called@127.0.0.1:$PORT" "Contact: <sip:caller@192.0.2.1;transport=ws>"
	await logged 'reuse_accepted_connections=always would permit it'
	await got caller call-judged 'SIP/2.0 [45]'
	! got called call-judged INVITE || return 1
	rpc tls_policy.set reuse_accepted_connections always
	call caller
	CSEQ=2 TO=called TO_TAG=end says_request caller BYE call-caller \
		"sip:end@192.0.2.1;transport=ws;alias=127.0.0.1~$(own_port called)~6"
	await got called call-caller BYE
	await got caller call-caller 'SIP/2.0 200'
	call called
	CSEQ=1 FROM=called TO=caller TO_TAG=1 says_request called BYE call-called \
		"sip:caller@192.0.2.1;transport=ws;alias=127.0.0.1~$(own_port caller)~6"
	await got caller call-called BYE
	[ "$(rpc core.tcp_info | sed -n 's/.*opened_tls_connections: //p')" = 2 ]
}
