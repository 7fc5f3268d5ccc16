#!/usr/bin/env bats
# The same from KEMI, in Lua and in Python: KSR.tls_policy.peer_is, $tlsp(...)
# through KSR.pv, and the events by event_callback.
load helpers
load ../lib/ends

setup() {
	new_dir
	AT=$(free_port)
	SAID=0
}
teardown() {
	stop_ends
	stop_kamailio
}

# kemi LANGUAGE MODULE FILE LINE...: a Kamailio whose routing is that script.
kemi() {
	local language=$1 module=$2 file=$3
	shift 3
	write_config "loadmodule \"$module.so\"" "modparam(\"$module\", \"load\", \"$DIR/$file\")" \
		"cfgengine \"$language\"" "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" "$(policy proxy trusted.example.com)" \
		"$(policy event_callback ksr_tls_event)" "$@"
	sed -i '/^request_route/,$d' "$DIR/kamailio.cfg"
	launch
	await_start
}

in_lua() {
	cat >"$DIR/routing.lua" <<-'LUA'
		function who(route)
			KSR.notice(route .. " " .. KSR.pv.gete("$ci") .. " " .. KSR.pv.gete("$tlsp(verdict)")
				.. " " .. KSR.pv.gete("$tlsp(identity)") .. " " .. KSR.pv.gete("$(tlsp(name)[-1])")
				.. " " .. KSR.tls_policy.peer_is("trusted.example.com")
				.. " " .. KSR.tls_policy.peer_is("other.example.com")
				.. " " .. KSR.tls_policy.peer_is(KSR.pv.gete("$hdr(X-Name)")) .. "\n")
		end
		function ksr_request_route()
			who("REQUEST")
			if KSR.is_OPTIONS() and KSR.is_myself_ruri() then
				KSR.sl.sl_send_reply(200, "OK")
				return 1
			end
			KSR.tm.t_on_branch("ksr_branch")
			KSR.tm.t_on_reply("ksr_tm_reply")
			KSR.tm.t_on_failure("ksr_failure")
			if KSR.is_INFO() then KSR.tm.t_set_fr(500, 500) end
			KSR.tm.t_relay()
			return 1
		end
		function ksr_branch() who("BRANCH") return 1 end
		function ksr_tm_reply() who("TM-REPLY") return 1 end
		function ksr_reply_route() who("REPLY") return 1 end
		function ksr_onsend_route() who("ONSEND") return 1 end
		function ksr_failure() who("FAILED") return 1 end
		function ksr_tls_event(event)
			KSR.notice("EVENT " .. event .. " " .. KSR.pv.gete("$tlsp(peer_role)") .. " "
				.. KSR.pv.gete("$tlsp(reason)") .. KSR.pv.gete("$tlsp(subject)") .. " verdict="
				.. KSR.pv.gete("$tlsp(verdict)") .. "\n")
			return 1
		end
	LUA
	kemi lua app_lua routing.lua "$@"
}

in_python() {
	cat >"$DIR/routing.py" <<-'PYTHON'
		import KSR as KSR

		def who(route):
		    KSR.notice("%s %s %s %s %s %d %d %d\n" % (route, KSR.pv.gete("$ci"),
		        KSR.pv.gete("$tlsp(verdict)"), KSR.pv.gete("$tlsp(identity)"),
		        KSR.pv.gete("$(tlsp(name)[-1])"), KSR.tls_policy.peer_is("trusted.example.com"),
		        KSR.tls_policy.peer_is("other.example.com"),
		        KSR.tls_policy.peer_is(KSR.pv.gete("$hdr(X-Name)"))))

		class Routing:
		    def child_init(self, rank):
		        return 0
		    def ksr_request_route(self, msg):
		        who("REQUEST")
		        if KSR.is_OPTIONS() and KSR.is_myself_ruri():
		            KSR.sl.sl_send_reply(200, "OK")
		            return 1
		        KSR.tm.t_on_branch("ksr_branch")
		        KSR.tm.t_on_reply("ksr_tm_reply")
		        KSR.tm.t_on_failure("ksr_failure")
		        if KSR.is_INFO():
		            KSR.tm.t_set_fr(500, 500)
		        KSR.tm.t_relay()
		        return 1
		    def ksr_branch(self, msg):
		        who("BRANCH")
		        return 1
		    def ksr_tm_reply(self, msg):
		        who("TM-REPLY")
		        return 1
		    def ksr_reply_route(self, msg):
		        who("REPLY")
		        return 1
		    def ksr_onsend_route(self, msg):
		        who("ONSEND")
		        return 1
		    def ksr_failure(self, msg):
		        who("FAILED")
		        return 1
		    def ksr_tls_event(self, msg, event):
		        KSR.notice("EVENT %s %s %s%s verdict=%s\n" % (event, KSR.pv.gete("$tlsp(peer_role)"),
		            KSR.pv.gete("$tlsp(reason)"), KSR.pv.gete("$tlsp(subject)"), KSR.pv.gete("$tlsp(verdict)")))
		        return 1

		def mod_init():
		    return Routing()
	PYTHON
	kemi python app_python3 routing.py "$@"
}

line() { await logged " $1 " && grep -F " $1 " "$DIR/log" | tail -n 1 | sed "s/.* $1 //"; }
tells() { # ROUTE-AND-ID TEXT
	[ "$(line "$1")" = "$2" ] && return 0
	echo "$1: $(line "$1"), expected: $2" >&2
	return 1
}

# shellcheck disable=SC2046
each_route() {
	end_of callee listen="$AT" $(as trusted) answer=1
	end_of caller "$PORT" from="$(free_port)" $(as trusted)
	says_request caller OPTIONS here "sip:127.0.0.1:$PORT" 'X-Name: TRUSTED.example.com.'
	await got caller here 'SIP/2.0 200'
	tells 'REQUEST here' 'accepted trusted.example.com trusted 1 -1 1'
	says_request caller OPTIONS there "sip:x@127.0.0.1:$AT;transport=tls" 'X-Name: $tlsp(identity)'
	await got caller there 'SIP/2.0 200'
	tells 'REQUEST there' 'accepted trusted.example.com trusted 1 -1 -1'
	tells 'BRANCH there' 'accepted trusted.example.com trusted 1 -1 -1'
	tells 'ONSEND there' 'accepted trusted.example.com trusted 1 -1 -1'
	tells 'REPLY there' 'accepted trusted.example.com trusted 1 -1 -1'
	tells 'TM-REPLY there' 'accepted trusted.example.com trusted 1 -1 -1'
	stop_end callee
	end_of callee listen="$AT" $(as trusted)
	says_request caller INFO fails "sip:x@127.0.0.1:$AT;transport=tls"
	tells 'FAILED fails' 'accepted trusted.example.com trusted 1 -1 -1'
	send_plain
	tells 'REQUEST plain' '   -1 -1 -1'
}
send_plain() { await plain_parsed; }
plain_parsed() {
	printf 'OPTIONS sip:127.0.0.1:%s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKplain\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: plain\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n' \
		"$PORT" | cat >"/dev/udp/127.0.0.1/$PORT"
	logged ' REQUEST plain '
}

# shellcheck disable=SC2046
events() {
	expect_refused refused "bad certificate" $(as stranger)
	await logged ' EVENT tls-policy:rejected client certificate-host-mismatch verdict='
	await logged_like ' EVENT tls-policy:expiry  .*gateway.example verdict='
}

@test "Lua: every route, and the events" {
	in_lua "$(policy tls_expiry_check_start 3650)"
	each_route
	events
}

@test "Python: every route, and the events" {
	in_python "$(policy tls_expiry_check_start 3650)"
	each_route
	events
}

@test "event_callback without a KEMI script does not start" {
	refuses_start 'event_callback "ksr_tls_event" is a function of a KEMI script, and there is none' \
		"$(policy event_callback ksr_tls_event)"
}
