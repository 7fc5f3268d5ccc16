#!/usr/bin/env bats
# Phones that register over TLS without a certificate, behind NAT: INVITE and
# BYE reach them over the connection that they opened, where the operator says
# so, and otherwise nobody is called and the log says why.
load helpers
load ../lib/ends
load ../lib/registrar

setup() { new_dir; }
teardown() {
	stop_ends
	stop_kamailio
}

# A phone that is NATed: it does not know the address that others see.
phone() { # NAME SIP_END-ARGUMENT...
	local name=$1
	shift
	end_of "$name" "$PORT" from="$(free_port)" answer=1 "$@"
}
registers() { # NAME [HEADER...]
	local name=$1
	shift
	says_request "$name" REGISTER "register-$name" "sip:127.0.0.1:$PORT" \
		"Contact: <sip:$name@192.0.2.7:5061;transport=tls>" 'Expires: 600' "$@"
	await got "$name" "register-$name" 'SIP/2.0 200'
}
invites() { # FROM TO CALL-ID
	TO=$2 says_request "$1" INVITE "$3" "sip:$2@127.0.0.1:$PORT" \
		"Contact: <sip:$1@127.0.0.1:$(own_port "$1");transport=tls>"
}
# Within the dialog of |invites|, from either side: through the proxy, to the
# Contact of the other.
hangs_up() { # FROM TO CALL-ID
	local route="Route: <sip:127.0.0.1:$PORT;transport=tls;lr>"
	if [ "$4" = caller ]; then
		CSEQ=2 TO=$2 TO_TAG=end says_request "$1" BYE "$3" "sip:end@127.0.0.1:$(own_port "$2");transport=tls" "$route"
	else
		CSEQ=1 TO=$2 FROM=$1 TO_TAG=1 says_request "$1" BYE "$3" "sip:$2@127.0.0.1:$(own_port "$2");transport=tls" "$route"
	fi
}

calls_both_ways() {
	local by
	for by in caller callee; do
		invites alice bob "call-$by"
		await got bob "call-$by" INVITE || return 1
		await got alice "call-$by" 'SIP/2.0 200' || return 1
	done
	hangs_up alice bob call-caller caller
	await got bob call-caller BYE && await got alice call-caller 'SIP/2.0 200' || return 1
	hangs_up bob alice call-callee callee
	await got alice call-callee BYE
}

@test "always: REGISTER, INVITE, and BYE from either side, over one connection each" {
	registrar "$(policy VerifyServerCertificate 1)" "$(policy reuse_accepted_connections always)"
	phone alice
	phone bob
	registers alice
	registers bob
	calls_both_ways
	[ "$(rpc core.tcp_info | sed -n 's/.*opened_tls_connections: //p')" = 2 ]
	! logged 'kept_back' || false
}

@test "judged: they are registered, nobody is called, and start-up and the log say why" {
	registrar "$(policy VerifyServerCertificate 1)"
	logged 'reuse_accepted_connections=judged while registrar is loaded'
	phone alice
	phone bob
	registers alice
	registers bob
	invites alice bob call-judged
	await logged 'reuse_accepted_connections=always would permit it'
	await got alice call-judged 'SIP/2.0 [45]'
	! got bob call-judged INVITE || false
	rpc tls_policy.set reuse_accepted_connections always
	calls_both_ways
}

# shellcheck disable=SC2046
@test "judged: a phone whose certificate a server might have gets its calls" {
	registrar "$(policy VerifyServerCertificate 1)" "$(policy SIPSRequireClientCertificate 1)"
	phone alice $(as stranger)
	phone bob $(as trusted)
	registers alice
	registers bob
	calls_both_ways
	! logged 'kept_back' || false
}

@test "judged: what it cuts off is told when a set or a reload begins to judge" {
	local warning='reuse_accepted_connections=judged while registrar is loaded'
	printf '[default]\nverify_server_certificate = 1\nenforcement = testing\n' >"$DIR/rules"
	registrar "$(policy config "$DIR/rules")"
	! logged "$warning" || false
	rpc tls_policy.set enforcement enforce
	[ "$(grep -c "$warning" "$DIR/log")" = 1 ]
	rpc tls_policy.set tls_version 12
	rpc tls_policy.set enforcement testing
	sed -i 's/testing/enforce/' "$DIR/rules"
	rpc tls_policy.reload
	[ "$(grep -c "$warning" "$DIR/log")" = 2 ]
	# one rule more, though another one judges already
	printf '[rule:trunks]\npeer = 192.0.2.0/24\ntls_version = 8\n' >>"$DIR/rules"
	rpc tls_policy.reload
	[ "$(grep -c "$warning" "$DIR/log")" = 3 ]
}

@test "path: the next hop is the connection of the edge that registered for it" {
	registrar "$(policy VerifyServerCertificate 1)" "$(policy reuse_accepted_connections always)"
	phone alice
	phone edge
	says_request edge REGISTER register-edge "sip:127.0.0.1:$PORT" "Contact: <sip:edge@192.0.2.9:5061;transport=tls>" \
		"Path: <sip:127.0.0.1:$(own_port edge);transport=tls;lr>" 'Supported: path' 'Expires: 600'
	await got edge register-edge 'SIP/2.0 200'
	invites alice edge call-path
	await got edge call-path INVITE
	await got alice call-path 'SIP/2.0 200'
	rpc tls_policy.set reuse_accepted_connections judged
	invites alice edge call-path-judged
	await logged 'reuse_accepted_connections=always would permit it'
	! got edge call-path-judged INVITE || false
}
