#!/usr/bin/env bats
# $tlsp(...) and tls_policy_peer_is: who is at the other end of the connection on
# which the current message came, in each type of route; and nobody elsewhere.
load helpers
load ../lib/ends

WHO='verdict=$tlsp(verdict) identity=$tlsp(identity) match=$tlsp(match) names=$tlsp(names)'

# Each route says who it sees; `t_set_fr` lets a silent server end in the failure
# route.
setup_file() {
	new_dir
	AT=$(free_port)
	export AT
	PLAIN=$(free_port)
	export PLAIN
	LISTEN="listen=tls:127.0.0.1:$PORT"$'\n'"listen=tcp:127.0.0.1:$PLAIN"
	SEES=" $WHO rule=\$tlsp(rule) reasons=\$tlsp(reasons) left=\$tlsp(names_left_out) resumed=\$tlsp(resumed) version=\$tlsp(version) again=\$tlsp(rehandshakes)"
	write_config "$(policy sips_require_client_certificate 1)" "$(policy peer_host_name_verification_mode both)" \
		"$(policy proxy trusted.example.com)" "$(policy proxy stranger.example.com)" \
		"branch_route[OUT] { xlog(\"L_NOTICE\", \"BRANCH \$ci $WHO\\n\"); }" \
		"onreply_route[IN] { xlog(\"L_NOTICE\", \"REPLY \$ci $WHO\\n\"); }" \
		"reply_route { xlog(\"L_NOTICE\", \"CORE-REPLY \$ci $WHO\\n\"); }" \
		"failure_route[FAILED] { xlog(\"L_NOTICE\", \"FAILED \$ci $WHO\\n\"); }" \
		"onsend_route { xlog(\"L_NOTICE\", \"ONSEND \$ci $WHO\\n\"); }" \
		"event_route[tm:local-request] { xlog(\"L_NOTICE\", \"LOCAL $WHO\\n\"); }" \
		"event_route[tls-policy:rejected] { xlog(\"L_NOTICE\", \"EVENT \$tlsp(peer_role) $WHO\\n\"); }"
	sed -i 's/^\tif(!t_relay()) {/\tt_on_branch("OUT"); t_on_reply("IN"); t_on_failure("FAILED");\n\tif(is_method("INFO")) t_set_fr("500", "500");\n&/' "$DIR/kamailio.cfg"
	launch
	await_start
}
setup() { SAID=0; }
teardown() {
	stop_ends
	tell_why
}
teardown_file() { stop_kamailio; }

# shellcheck disable=SC2046
caller() { end_of caller "$PORT" from="$(free_port)" $(as "$1"); }
# shellcheck disable=SC2046
callee() { end_of callee listen="$AT" $(as "$1") "${@:2}"; }

said() { grep -E " $1( |$)" "$DIR/log" | tail -n 1; }        # ROUTE [CALL-ID]
tells() { await logged " $1" && [[ $(said "$1") == *" $1 $2"* ]]; } # ROUTE-AND-ID TEXT
trusted='verdict=accepted identity=trusted.example.com match=dNSName names=trusted.example.com,trusted'
stranger='verdict=accepted identity=stranger.example.com match=dNSName names=stranger.example.com,stranger'
nobody='verdict=<null> identity=<null> match=<null> names=<null>'

@test "request, branch, onsend and reply routes: each its own end" {
	callee stranger answer=1
	caller trusted
	says_request caller OPTIONS both "sip:x@127.0.0.1:$AT;transport=tls"
	await got caller both 'SIP/2.0 200'
	[[ $(said 'PARSED both') == *" $trusted rule=default reasons=<null> left=0 resumed=0 version=TLSv1.3 again=0"* ]]
	tells 'BRANCH both' "$trusted"
	tells 'ONSEND both' "$trusted"
	tells 'REPLY both' "$stranger"
	tells 'CORE-REPLY both' "$stranger"
}

@test "failure route: whoever sent the request, and nobody once he is gone" {
	callee stranger
	caller trusted
	says_request caller INFO stays "sip:x@127.0.0.1:$AT;transport=tls"
	await got callee stays INFO
	tells 'FAILED stays' "$trusted"
	says_request caller INFO goes "sip:x@127.0.0.1:$AT;transport=tls"
	await parsed goes
	stop_end caller
	tells 'FAILED goes' "$nobody"
}

@test "UDP and TCP have nobody, and neither have event routes" {
	send_request plain "$PORT"
	await logged ' PARSED plain '
	[[ $(said 'PARSED plain') == *" $nobody rule=<null> reasons=<null> left=<null> resumed=<null> version=<null> again=<null>"* ]]
	end_of caller "$PLAIN" from="$(free_port)" tcp=1
	says_request caller OPTIONS plain-tcp "sip:127.0.0.1:$PLAIN"
	await logged ' PARSED plain-tcp '
	[[ $(said 'PARSED plain-tcp') == *" $nobody rule=<null> "* ]]
	# shellcheck disable=SC2046
	expect_refused turned-away "unknown CA" $(as foreign)
	await logged " EVENT client $nobody"
}

# shellcheck disable=SC2046
@test "a reply over TLS to a request that came over UDP" {
	callee trusted answer=1
	send_request udp-in "$AT"
	tells 'REPLY udp-in' "$trusted"
	[[ $(said 'BRANCH udp-in') == *" $nobody"* ]]
}

@test "a server of whom the policy asks nothing is not-asked, whatever it shows" {
	(
		new_dir
		trap 'stop_ends; stop_kamailio' EXIT
		AT=$(free_port)
		write_config "$(policy sips_require_client_certificate 1)" \
			'reply_route { xlog("L_NOTICE", "CORE-REPLY $ci verdict=$tlsp(verdict)\n"); }'
		launch
		await_start
		callee selfsigned answer=1
		send_request unasked "$AT"
		await logged ' CORE-REPLY unasked verdict='
		logged ' CORE-REPLY unasked verdict=not-asked'
		rpc tls_policy.connections | grep 'verdict: not-asked'
	)
}

# shellcheck disable=SC2046
@test "a peer that is not accepted any more has no identity and no names" {
	(
		new_dir
		trap 'stop_ends; stop_kamailio' EXIT
		SEES=" $WHO"
		printf '[default]\nsips_require_client_certificate = 1\n%s\n%s\n' 'peer_host_name_verification_mode = server' \
			'proxy = trusted.example.com' >"$DIR/rules"
		start_kamailio "$(policy config "$DIR/rules")"
		caller trusted
		asks accepted
		[[ $(said 'PARSED accepted') == *" $trusted" ]]
		sed -i 's/trusted/other/; $a enforcement = testing' "$DIR/rules"
		judged_anew
		asks testing
		[[ $(said 'PARSED testing') == *' verdict=would-be-refused identity=<null> match=<null> names=<null>' ]]
		! rpc tls_policy.connections | grep trusted || false
		sed -i 's/testing/none/' "$DIR/rules"
		judged_anew
		asks none
		[[ $(said 'PARSED none') == *' verdict=not-judged identity=<null> match=<null> names=<null>' ]]
		sed -i 's/other/trusted/; s/none/enforce/' "$DIR/rules"
		judged_anew
		asks again
		[[ $(said 'PARSED again') == *" $trusted" ]]
		rpc tls_policy.connections | grep 'identity: trusted.example.com'
	)
}
asks() {
	says_request caller OPTIONS "$1" "sip:127.0.0.1:$PORT"
	await got caller "$1" 'SIP/2.0 200'
}
judged_anew() { rpc tls_policy.reload | grep 'rules: 0' && rpc tls_policy.recheck | grep 'closed: 0'; }

# shellcheck disable=SC2046
@test "a resumed connection has its names" {
	local version id got
	for version in 1.2 1.3; do
		id=resumed-$version
		probe session_out="$DIR/session" version=$version $(as both-names)
		for try in 1 2 3 4 5 6 7 8 9 10 11 12; do
			got=$(probe session_in="$DIR/session" version=$version call_id="$id-$try" $(as both-names))
			[[ $got != *resumed=1* ]] || break
		done
		[[ $got == *resumed=1* ]]
		[[ $(said "PARSED $id-$try") == *" names=trusted.example.com,stranger.example.com,both "*" resumed=1 version=TLSv$version "* ]]
	done
}

@test "\$tlsp(role) tells the new form, and an unknown name all of them" {
	(
		new_dir
		refuses_start '$tlsp(role): write $tlsp(peer_role), the part that the peer plays: client where $tlsp(role) was server' \
			'event_route[tls-policy:rejected] { xlog("$tlsp(role)"); }'
		refuses_start 'only name has an index' 'route[A] { xlog("$(tlsp(names)[1])"); }'
		refuses_start 'tls_policy_peer_is("no host"): that' 'route[A] { if(tls_policy_peer_is("no host")) exit; }'
		refuses_start 'tls_policy_peer_is("*.example.com"): that is no host' \
			'route[A] { if(tls_policy_peer_is("*.example.com")) exit; }'
	)
}

@test "names that only what is read later asks for were not kept, and that is an error" {
	(
		new_dir
		SEES=' later=$var(later)'
		write_config "$(policy sips_require_client_certificate 1)"
		sed -i 's/^request_route {/&\n\t$var(format) = "$tlsp(" + "names)";\n\tpv_evalx("$var(later)", "$var(format)");/' "$DIR/kamailio.cfg"
		launch
		await_start
		# shellcheck disable=SC2046
		expect_accepted late $(as trusted)
		await logged '$tlsp(names): the names of peers are kept only if the configuration asks for them when Kamailio starts'
		stop_kamailio
	)
}
