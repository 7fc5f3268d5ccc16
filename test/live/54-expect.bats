#!/usr/bin/env bats
# Whom a server must prove to be where nobody asks for a server name: what
# Kamailio sends by itself (pings, tm.t_uac_start, registrations) and what the
# script sends without one, by `expect` of the destination's rule. Each
# destination is an address of its own, at one port.
load helpers
load ../lib/ends
load ../lib/rehandshake

setup() {
	new_dir
	AT=$(free_port)
	RULES=$DIR/rules
}
teardown() {
	stop_ends
	stop_kamailio
}

# The second word of a Call-ID is the server name that is asked for.
# shellcheck disable=SC2016
serving() { # LINE...
	write_config 'modparam("tls", "xavp_cfg", "tls")' "$(policy config "$RULES")" "$@"
	sed -i '/^request_route {/a if($ci =~ "-") $xavp(tls=>server_name) = $(ci{s.select,1,-});' "$DIR/kamailio.cfg"
	launch
	await_start
}
# rules [LINE...]: of three destinations, of which one has none.
rules() {
	cat >"$RULES" - <<-RULES
		[default]
		verify_server_certificate = 1
		peer_host_name_verification_mode = client
		bind_to_peer = 1
		proxy = trusted.example.com, stranger.example.com
	RULES
}
rule() { printf '%s\n' "[rule:$1]" "peer = $2" 'peer_role = server' "${@:3}" >>"$RULES"; }

# shellcheck disable=SC2046
server_as_at() { # NAME CERTIFICATE ADDRESS [SIP_END-ARGUMENT...]
	end_of "$1" listen="$AT" at="$3" answer=1 $(as "$2") "${@:4}"
}
established() { grep -c '^established' "$DIR/$1" || true; } # NAME
refused_it() { grep -q '^alert bad certificate' "$DIR/$1"; }
got_nothing() { ! grep -q '^got' "$DIR/$1"; }

# dispatcher_of ADDRESS...: pinged each second; of a ping that is refused
# dispatcher hears nothing but the time.
dispatcher_of() {
	printf "1 sip:%s:$AT;transport=tls\n" "$@" >"$DIR/dispatcher.list"
	cat <<-CFG
		modparam("tm", "fr_timer", 2000)
		loadmodule "dispatcher.so"
		modparam("dispatcher", "list_file", "$DIR/dispatcher.list")
		modparam("dispatcher", "ds_ping_interval", 1)
		modparam("dispatcher", "ds_probing_mode", 1)
		modparam("dispatcher", "ds_probing_threshold", 1)
	CFG
}
# ADDRESS FLAGS: AP = active, and probed.
is_in_state() { rpc dispatcher.list | awk -v uri="sip:$1:" -v flags="$2" '$1 == "URI:" { here = index($2, uri) } here && $1 == "FLAGS:" && $2 == flags { found = 1 } END { exit !found }'; }

registrations_at() { # ADDRESS
	mkdir "$DIR/db"
	cp /usr/share/kamailio/dbtext/kamailio/version "$DIR/db/"
	head -n 1 /usr/share/kamailio/dbtext/kamailio/uacreg >"$DIR/db/uacreg"
	printf '1:one:us:example.com:us:example.com:example.com:us:secret:%s:%s:600:0:0:%s:%s\n' \
		"$(printf '%032d' 0)" "sip\:$1\:$AT;transport=tls" "127.0.0.1\:$PORT" "tls\:127.0.0.1\:$PORT" >>"$DIR/db/uacreg"
	cat <<-CFG
		loadmodule "db_text.so"
		loadmodule "rr.so"
		loadmodule "uac.so"
		modparam("uac", "reg_db_url", "text://$DIR/db")
		modparam("uac", "reg_contact_addr", "127.0.0.1:$PORT")
		modparam("uac", "reg_timer_interval", 1)
	CFG
}

# t_uac ADDRESS CALL-ID: what tm sends for an operator; no body.
t_uac() {
	rpc tm.t_uac_start OPTIONS "sip:a@$1:$AT;transport=tls" s:. s:. \
		$'s:From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: '"$2"$'\r\n\r\n' s:
}

@test "dispatcher's pings, uac's registration and tm.t_uac_start reach whom the rule expects, and nobody else" {
	rules
	rule right 127.0.0.2 'expect = Trusted.Example.com.'
	rule wrong 127.0.0.3 'expect = stranger.example.com'
	server_as_at right trusted 127.0.0.2
	server_as_at wrong trusted 127.0.0.3
	server_as_at unnamed trusted 127.0.0.4
	serving "$(dispatcher_of 127.0.0.2 127.0.0.3 127.0.0.4)" "$(registrations_at 127.0.0.2)"
	await got right '[^ ]*' 'OPTIONS sip:127.0.0.2'
	await got right '[^ ]*' REGISTER
	await is_in_state 127.0.0.2 AP
	await is_in_state 127.0.0.3 IP
	await is_in_state 127.0.0.4 IP
	t_uac 127.0.0.2 uac.right
	await got right uac.right
	# one connection for all of them, and for what the script sends
	AT_HOST=127.0.0.2 send_request relayed.right "$AT"
	await got right relayed.right
	[ "$(established right)" = 1 ]
	t_uac 127.0.0.3 uac.wrong
	await refused_it wrong
	await logged 'peer-not-dialled: trusted.example.com is acceptable, but the rule expects stranger.example.com'
	await refused_it unnamed
	await logged 'peer-not-dialled: trusted.example.com is acceptable, but the connection was opened to 127.0.0.4 without a server name'
	got_nothing wrong
	got_nothing unnamed
}

# relays CALL-ID ADDRESS NAME: it arrives at the end of that name.
relays() {
	AT_HOST=$2 send_request "$1" "$AT"
	await got "$3" "$1" OPTIONS
}
# The newest connection of a server ends at its end.
cut_newest() { # NAME
	local id
	id=$(connection_at "$AT")
	kill -KILL "$(pgrep -n -P "${ENDS[$1]}")"
	await is_gone "$id"
}
is_gone() { [ "$(connection_at "$AT")" != "$1" ]; }
rechecked() { rpc tls_policy.recheck | grep -q 'left: 0'; }
connections_open() { [ "$(connections | grep -c " server $AT .* open ")" = "$1" ]; } # COUNT

@test "a server name that is asked for comes first; another expectation, another connection" {
	rules
	rule both 127.0.0.2 'expect = trusted.example.com'
	server_as_at both both-names 127.0.0.2
	serving
	# one connection for both, though it is in its handshake when the second is sent
	kill -STOP "${ENDS[both]}"
	AT_HOST=127.0.0.2 send_request 0 "$AT"
	AT_HOST=127.0.0.2 send_request 1 "$AT"
	kill -CONT "${ENDS[both]}"
	await got both 0 OPTIONS
	await got both 1 OPTIONS
	[ "$(established both)" = 1 ]
	relays 2-stranger.example.com 127.0.0.2 both
	relays 3 127.0.0.2 both
	[ "$(established both)" = 2 ]
	sed -i 's/^expect = .*/expect = stranger.example.com/' "$RULES"
	rpc tls_policy.reload
	relays 4 127.0.0.2 both
	[ "$(established both)" = 3 ]
	relays 5-stranger.example.com 127.0.0.2 both
	relays 6 127.0.0.2 both
	[ "$(established both)" = 3 ]
	# who was accepted as another than is expected now, is no more
	rpc tls_policy.recheck
	await connections_open 2
	await logged 'refused: peer-not-dialled: trusted.example.com is acceptable, but the rule expects stranger.example.com'
	relays 7 127.0.0.2 both
	[ "$(established both)" = 3 ]
	# to a server of the old name nothing is sent
	stop_end both
	await connections_open 0
	server_as_at old trusted 127.0.0.2
	AT_HOST=127.0.0.2 send_request 8 "$AT"
	await refused_it old
	got_nothing old
}

@test "a connection that was bound to nobody is of use once it was judged anew" {
	rules
	sed -i s/bind_to_peer.*// "$RULES"
	rule one 127.0.0.2 tls_version=0
	server_as_at one trusted 127.0.0.2
	serving
	relays 1 127.0.0.2 one
	await connections_open 1 # a change before that would be noticed
	rpc tls_policy.set expect trusted.example.com rule=one
	relays 2 127.0.0.2 one
	[ "$(established one)" = 2 ]
	await rechecked
	cut_newest one
	relays 3 127.0.0.2 one
	[ "$(established one)" = 2 ]
	rpc tls_policy.set expect s: rule=one
	relays 4 127.0.0.2 one
	[ "$(established one)" = 2 ]
}

# shellcheck disable=SC2046
@test "a connection that a peer opened carries requests if the peer is whom the rule for its address expects" {
	rules
	sed -i s/bind_to_peer.*/sips_require_client_certificate=1/ "$RULES"
	rule one 127.0.0.2 'expect = stranger.example.com'
	serving
	end_of peer "$PORT" at=127.0.0.2 from="$AT" $(as trusted)
	server_as_at server stranger 127.0.0.2
	says_request peer OPTIONS spoken "sip:127.0.0.1:$PORT"
	await got peer spoken 'SIP/2.0 200'
	relays 1 127.0.0.2 server
	! got peer 1 || false
	rpc tls_policy.set expect trusted.example.com rule=one
	await rechecked
	relays 2 127.0.0.2 peer
	! got server 2 || false
}

# in_rule VALUE: a rule that expects it, and a line for its number.
in_rule() {
	rules
	rule one 127.0.0.2 "expect = $1"
	LINE=$(wc -l <"$RULES")
}

@test "a value that is no host: one sentence with its place; a reload leaves what was there" {
	in_rule trusted..example.com
	refuses_start "$RULES:$LINE: expect: \"trusted..example.com\" has an empty label" "$(policy config "$RULES")"
	in_rule '*.example.com'
	refuses_start "$RULES:$LINE: expect: \"*.example.com\" stands for many names: write one" "$(policy config "$RULES")"
	in_rule nobody.example.com
	refuses_start 'rule one: expect=nobody.example.com is none of the proxies' "$(policy config "$RULES")"
	in_rule trusted.example.com
	serving
	server_as_at server trusted 127.0.0.2
	relays 1 127.0.0.2 server
	in_rule 'a b'
	rpc tls_policy.reload | grep -F "$RULES:$LINE: expect: \"a b\" "
	in_rule nobody.example.com
	rpc tls_policy.reload | grep -F 'rule one: expect=nobody.example.com is none of the proxies'
	rpc tls_policy.set expect 'a b' rule=one | grep -F 'expect: "a b" '
	rpc tls_policy.set expect nobody.example.com rule=one | grep -F 'rule one: expect=nobody.example.com is none of the proxies'
	relays 2 127.0.0.2 server
	[ "$(established server)" = 1 ]
	rpc tls_policy.show name=expect rule=one | grep -q 'value: trusted.example.com'
	rpc tls_policy.explain peer=127.0.0.2 peer_role=server | grep -q 'expect: trusted.example.com'
	rpc tls_policy.dump | grep -q '^expect = trusted.example.com'
}

# shellcheck disable=SC2046
@test "tls_policy.check and the command hold a certificate against whom a rule expects" {
	in_rule stranger.example.com
	serving
	rpc tls_policy.check "$PKI/trusted.pem" peer=server rule=one | grep -F 'the rule expects stranger.example.com'
	rpc tls_policy.check "$PKI/stranger.pem" peer=server rule=one | grep -q 'verdict: accepted'
	rpc tls_policy.check "$PKI/trusted.pem" peer=server rule=one host=trusted.example.com | grep -q 'verdict: accepted'
	rpc tls_policy.check "$PKI/trusted.pem" peer=server rule=default | grep -q 'note: bind_to_peer is left out: it needs host='
	"$BUILD/tls-policy" check --ca "$PKI/ca.pem" --config "$RULES" --rule one --peer server "$PKI/stranger.pem"
	run "$BUILD/tls-policy" check --ca "$PKI/ca.pem" --config "$RULES" --rule one --peer server "$PKI/trusted.pem"
	[ "$status" = 1 ]
	grep -F 'the rule expects stranger.example.com' <<<"$output"
	# what is expected by command of all servers is no client's
	printf '%s\n' '[rule:clients]' 'peer_role = client' 'proxy = other.example.com' >>"$RULES"
	rpc tls_policy.reload
	rpc tls_policy.set expect trusted.example.com
	rpc tls_policy.show name=expect rule=clients | grep -q 'value: $'
	rpc tls_policy.dump >"$DIR/dumped"
	"$BUILD/tls-policy" check-config "$DIR/dumped"
	grep -A 4 -F '[default]' "$DIR/dumped" | grep -q '^expect = trusted.example.com'
	in_rule nobody.example.com
	run "$BUILD/tls-policy" check-config "$RULES"
	[ "$status" = 1 ]
	grep -F "$RULES:6: [rule:one] expect=nobody.example.com is none of the proxies" <<<"$output"
}

@test "a rule that expects somebody where no names are compared: one warning, with its place" {
	local said='mode=off compares no names of servers'
	in_rule trusted.example.com
	echo 'peer_host_name_verification_mode = off' >>"$RULES"
	serving
	[ "$(grep -c "$said" "$DIR/log")" = 1 ]
	grep -F "WARNING: tls_policy [" "$DIR/log" | grep -F "$RULES:$((LINE - 3)): [rule:one] expect=trusted.example.com "
	# by command there is no line
	rpc tls_policy.set peer_host_name_verification_mode client rule=one
	rpc tls_policy.set peer_host_name_verification_mode off rule=one
	await logged "rule one: expect=trusted.example.com has nothing to compare with"
	[ "$(grep -c "$said" "$DIR/log")" = 2 ]
}
