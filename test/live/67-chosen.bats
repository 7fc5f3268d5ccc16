#!/usr/bin/env bats
# A connection that was chosen before the core looks for one: by whom ever, it
# leads to the address that the message is for, is of the message's protocol and
# TLS domain, and if it ends before the core has it, no other takes its place.
load helpers
load ../lib/ends
load ../lib/peers
load ../lib/rehandshake
MEMORY_MANAGER=fm

setup_file() {
	gcc "@$BUILD/kamailio.flags" -DMOD_NAME='"in_between"' -Wall ${WERROR:+-Werror} -shared -fPIC -Wl,-Bsymbolic \
		-o "$BATS_FILE_TMPDIR/in_between.so" "$ROOT/test/live/in_between.c"
}
setup() {
	new_dir
	AT=$(free_port)
	tcp=$(free_port)
}
teardown() {
	rm -f "$DIR/holds"
	stop_ends
	stop_kamailio
}

# What is loaded first registers first, and what registers first is asked last.
beside_in_between() {
	MODULES="loadmodule \"tls.so\"
loadmodule \"$BATS_FILE_TMPDIR/in_between.so\"
loadmodule \"${TLS_POLICY_SO:-$BUILD/tls_policy.so}\""
	export MODULES
}
with_tcp() { # COMMAND...
	LISTEN="listen=tls:127.0.0.1:$PORT
listen=tcp:127.0.0.1:$tcp" "$@"
}

judging_servers() { # LINE...
	write_config 'modparam("tls", "xavp_cfg", "tls")' "$(policy VerifyServerCertificate 1)" \
		"$(policy PeerHostNameVerificationMode client)" "$(policy proxy trusted.example.com)" \
		"$(policy proxy stranger.example.com)" "$@"
}
launched() {
	launch
	await_start
}

# shellcheck disable=SC2046
server_at() { # NAME PORT [SIP_END-ARGUMENT...]
	local name=$1 at=$2
	shift 2
	end_of "$name" listen="$at" "${@:-cert=$PKI/trusted.pem}" key="$PKI/trusted.key"
}

# ---- an id that a script sets ----

# The id is the end of the Call-ID: N-preset-ID.
presetting() { # LINE...
	judging_servers 'loadmodule "tcpops.so"' "$@"
	# shellcheck disable=SC2016
	sed -i '/^request_route {/a if($ci =~ "-preset-") { $var(id) = $(ci{s.select,2,-}{s.int}); tcp_set_otcpid("$var(id)"); tcp_set_otcpid_flag("1"); }' "$DIR/kamailio.cfg"
	launched
}

@test "an id that a script sets: of a server at another address or port, the request goes where it is for" {
	presetting
	server_at first "$AT"
	other=$(free_port)
	server_at elsewhere "$AT" at=127.0.0.2 cert="$PKI/trusted.pem"
	server_at second "$other"
	send_request one "$AT"
	await got first one
	id=$(connection_at "$AT")
	AT_HOST=127.0.0.2 send_request "two-preset-$id" "$AT"
	await got elsewhere "two-preset-$id"
	send_request "three-preset-$id" "$other"
	await got second "three-preset-$id"
	# what it was opened to is what it may be chosen for
	send_request "four-preset-$id" "$AT"
	await got first "four-preset-$id"
	[ "$(grep -c '^got' "$DIR/first")-$(grep -c '^established' "$DIR/first")" = 2-1 ]
}

# shellcheck disable=SC2046
@test "an id that a script sets: of a peer that would be accepted as a server, for its own address only" {
	presetting "$(policy SIPSRequireClientCertificate 1)"
	end_of peer "$PORT" from="$(free_port)" $(as trusted)
	says_request peer OPTIONS spoken "sip:127.0.0.1:$PORT"
	await got peer spoken 'SIP/2.0 200'
	id=$(connection_at "$(own_port peer)")
	server_at elsewhere "$AT" at=127.0.0.2 cert="$PKI/trusted.pem"
	AT_HOST=127.0.0.2 send_request "one-preset-$id" "$AT"
	await got elsewhere "one-preset-$id"
	# the port of one that a peer opened says nothing about the peer
	send_request "two-preset-$id" "$AT"
	await got peer "two-preset-$id" OPTIONS
	! got peer "one-preset-$id" || false
}

@test "an id that a script sets: where nothing is asked of servers it is taken as it is" {
	write_config 'loadmodule "tcpops.so"'
	# shellcheck disable=SC2016
	sed -i '/^request_route {/a if($ci =~ "-preset-") { $var(id) = $(ci{s.select,2,-}{s.int}); tcp_set_otcpid("$var(id)"); tcp_set_otcpid_flag("1"); }' "$DIR/kamailio.cfg"
	launched
	server_at first "$AT"
	send_request one "$AT"
	await got first one
	send_request "two-preset-$(connection_at "$AT")" "$(free_port)"
	await got first "two-preset-$(connection_at "$AT")"
}

# ---- another protocol ----

over_tcp_beside() { # SIP_END-ARGUMENT...: of the peer that has the address over TLS
	end_of peer "$PORT" from="$AT" "$@"
	says_request peer OPTIONS spoken "sip:127.0.0.1:$PORT"
	await got peer spoken 'SIP/2.0 200'
	end_of server listen="$AT" tcp=1
	for id in one two; do
		TRANSPORT=tcp send_request "$id" "$AT"
		await got server "$id" OPTIONS
		! got peer "$id" || return 1
	done
}

@test "over TCP to an address where only a peer's TLS connection is: a TCP connection of its own" {
	judging_servers
	with_tcp judging_servers
	launched
	over_tcp_beside
}

# shellcheck disable=SC2046
@test "over TCP, where the peer's TLS connection could carry what is for TLS" {
	with_tcp judging_servers "$(policy SIPSRequireClientCertificate 1)"
	launched
	over_tcp_beside $(as trusted)
	TRANSPORT=tls send_request three "$AT"
	await got peer three OPTIONS
}

# ---- what was chosen ends before the core has it ----

# holding LINE...: the sender of what is sent while $DIR/holds is there waits
# until what was chosen for it has ended.
holding() {
	beside_in_between
	judging_servers "modparam(\"in_between\", \"holds\", \"$DIR/holds\")" "$@"
	# shellcheck disable=SC2016
	sed -i '/^request_route {/a if($ci =~ "^bound-") $xavp(tls=>server_name) = $(ci{s.select,1,-});' "$DIR/kamailio.cfg"
	launched
}

@test "what was chosen ends before the core has it: a TCP connection from that address gets nothing" {
	with_tcp holding
	server_at server "$AT"
	send_request one "$AT"
	await got server one
	end_of impostor "$tcp" from="$AT" tcp=1
	say impostor "OPTIONS sip:127.0.0.1:$PORT SIP/2.0" "Via: SIP/2.0/TCP 127.0.0.1:$AT;branch=z9hG4bKtcp" \
		'From: <sip:a@example.com>;tag=1' 'To: <sip:a@example.com>' 'Call-ID: spoken' 'CSeq: 1 OPTIONS' 'Content-Length: 0'
	await got impostor spoken 'SIP/2.0 200'
	: >"$DIR/holds"
	send_request two "$AT"
	await logged_like 'HELD [1-9]'
	stop_end server
	await logged 'UNRELAYED two'
	rm "$DIR/holds"
	server_at server "$AT"
	send_request three "$AT"
	await got server three
	! got impostor two || false
	! got impostor three || false
}

@test "what was chosen ends before the core has it: one that is bound to another name gets nothing" {
	holding "$(policy bind_to_peer 1)"
	end_of server listen="$AT" cert="$PKI/both-names.pem" key="$PKI/both-names.key"
	send_request bound-trusted.example.com-1 "$AT"
	await got server bound-trusted.example.com-1
	first=$(pgrep -P "${ENDS[server]}")
	send_request bound-stranger.example.com-1 "$AT"
	await got server bound-stranger.example.com-1
	: >"$DIR/holds"
	send_request bound-trusted.example.com-2 "$AT"
	await logged_like 'HELD [1-9]'
	kill -KILL "$first"
	await logged 'UNRELAYED bound-trusted.example.com-2'
	rm "$DIR/holds"
	send_request bound-trusted.example.com-3 "$AT"
	await got server bound-trusted.example.com-3
	! got server bound-trusted.example.com-2 || false
}

# ---- from the middle of a handshake ----

from_inside() { # PORT, negative: by tcp_send
	beside_in_between
	judging_servers "modparam(\"in_between\", \"sends\", \"$DIR/sends\")"
	launched
	server_at server "$AT"
	other=$(free_port)
	server_at victim "$other"
	echo "$1$other" >"$DIR/sends"
	send_request one "$AT"
	await logged 'INSIDE refused'
	await got server one
	[ "$(grep -c "$2" "$DIR/log")" = 1 ]
	! got victim inside || return 1
	send_request two "$other"
	await got victim two
	no_crash
}

@test "a message that is sent from the middle of a handshake is not sent, and the log says so" {
	from_inside '' 'ERROR: .*comes from the middle of a TLS handshake'
}

@test "likewise one that is sent without asking" {
	from_inside - 'ERROR: .*from the middle of a TLS handshake is not sent'
}

# ---- server_id ----

# The id is the first word of the Call-ID.
by_server_id() { # LINE...
	local id
	for id in trusted stranger; do
		cat >>"$DIR/tls.cfg" <<-CFG
			[client:any]
			method = TLSv1+
			server_id = $id
			server_name = trusted.example.com
			private_key = $PKI/$id.key
			certificate = $PKI/$id.pem
			ca_list = $PKI/ca.pem
		CFG
	done
	judging_servers "$@"
	# shellcheck disable=SC2016
	sed -i '/^request_route {/a $xavp(tls=>server_name) = "trusted.example.com"; $xavp(tls[0]=>server_id) = $(ci{s.select,0,-});' "$DIR/kamailio.cfg"
	launched
	server_at server "$AT"
}
three_of_each() {
	local i id
	for i in 1 2 3; do
		for id in trusted stranger; do
			send_request "$id-$i" "$AT"
			await got server "$id-$i" || return 1
		done
	done
}

@test "bind_to_peer: another server_id, so another certificate of ours, has a connection of its own, which is reused" {
	by_server_id "$(policy bind_to_peer 1)" "$(policy tls_rehandshake_method reconnect)" "$(policy tls_rehandshake_drain 1)"
	three_of_each
	[ "$(grep -c '^established' "$DIR/server")" = 2 ]
	# a successor serves the server_id of the one that it replaces
	await asked_at "$AT"
	await replaced_once
	three_of_each
	[ "$(grep -c '^established' "$DIR/server")" = 3 ]
}
replaced_once() { [ "$(statistic reconnects)" = 1 ]; }

@test "without bind_to_peer the connection is found by its address, as ever" {
	by_server_id
	three_of_each
	[ "$(grep -c '^established' "$DIR/server")" = 1 ]
}
