#!/usr/bin/env bats
# tls_policy.show, .set, .proxies and .reload, over kamcmd and JSON-RPC.
load helpers
load ../lib/rpc

setup_file() {
	new_dir
	start_kamailio "$(policy proxy trusted.example.com)" "$(policy proxy 'sip:u@[2001:DB8::1]:5061;transport=tls')" \
		"$(policy proxy BÜCHER.example)" "$(policy proxy trusted.example.com.)" \
		"$(over_json)"
}
teardown_file() { stop_kamailio; }

@test "show has every parameter with both names, value, default and unit" {
	local shown rows
	shown=$(rpc tls_policy.show)
	rows=$(grep -cE '^[[:space:]]*name: ' <<<"$shown")
	for name in tls_version tls_rehandshake_interval sips_require_client_certificate \
		peer_host_name_verification_mode tls_remote_subject_name verify_server_certificate wildcards \
		tls_rehandshake_interval_seconds tls_rehandshake_method tls_rehandshake_peers handshake_timeout \
		tls_rehandshake_quiet_ms tls_rehandshake_quiet_wait_ms tls_rehandshake_min_spacing \
		tls_rehandshake_hold_octets tls_rehandshake_hold_timeout_ms tls_rehandshake_drain \
		session_tickets session_cache_octets; do
		grep -q "name: $name" <<<"$shown"
	done
	for name in TLSVersion TLSReHandshakeInterval SIPSRequireClientCertificate \
		PeerHostNameVerificationMode TLSRemoteSubjectName VerifyServerCertificate; do
		grep -q "manual_name: $name" <<<"$shown"
	done
	[ "$(grep -c 'default: ' <<<"$shown")" -eq "$rows" ]
	[ "$(grep -c 'unit: ' <<<"$shown")" -eq "$rows" ]
	grep -q 'unit: minutes' <<<"$shown"
}

@test "set takes either spelling, and what is refused changes nothing" {
	rpc tls_policy.set tls_version 12
	rpc tls_policy.set TLSVersion 8
	rpc tls_policy.set tls_version 16 | grep -q '"16" is not a number from 0 to 15'
	rpc tls_policy.set tls_version abc | grep -q '"abc" is not a number'
	rpc tls_policy.set nonsense 1 | grep -q 'unknown parameter "nonsense"'
	rpc tls_policy.set tls_version | grep -q 'usage: tls_policy.set NAME VALUE'
	rpc tls_policy.show | grep -A2 'name: tls_version' | grep -q 'value: 8'
	rpc tls_policy.set PeerHostNameVerificationMode both
	rpc tls_policy.show | grep -A2 'name: peer_host' | grep -q 'value: 2'
	rpc tls_policy.set PeerHostNameVerificationMode off
	rpc tls_policy.set tls_version 0
}

@test "proxies are listed in canonical form, once each" {
	local listed
	listed=$(rpc tls_policy.proxies)
	grep -q 'count: 3' <<<"$listed"
	grep -q 'trusted.example.com' <<<"$listed"
	grep -q '2001:db8::1' <<<"$listed"
	grep -q 'xn--bcher-kva.example' <<<"$listed"
	[ "$(rpc tls_policy.proxies name=TRUSTED.example.com)" = trusted.example.com ]
	rpc tls_policy.proxies name=other.example | grep -q 'other.example is not a configured proxy'
	rpc tls_policy.proxies name=a..b | grep -q 'has an empty label'
}

@test "a change acts on the next connection in every worker" {
	for i in {1..8}; do
		rpc tls_policy.set tls_version 8
		for n in 1 2 3 4 5; do expect_refused "every-$i-$n" "protocol version" version=1.2; done
		rpc tls_policy.set tls_version 4
		for n in 1 2 3 4 5; do expect_accepted "all-$i-$n" version=1.2; done
	done
}

shown() { same tls_policy.show name="$1" | value "$2"; } # PARAMETER COLUMN

@test "show gives the same rows over JSON-RPC, with words and ranges, and one row for a name" {
	rpc tls_policy.set tls_version 0
	[ "$(same tls_policy.show | grep -c '^name: ')" -gt 25 ]
	[ "$(same tls_policy.show name=TLSVersion | value name)" = tls_version ]
	[ "$(shown peer_host_name_verification_mode value)-$(shown peer_host_name_verification_mode word)" = 0-off ]
	[ "$(shown peer_host_name_verification_mode range)" = 0..3 ]
	[ "$(shown tls_remote_subject_name range)" = "up to 255 octets" ]
	[ "$(shown handshake_timeout scope)-$(shown tls_version scope)" = server-rule ]
	[ "$(shown tls_version from)-$(shown tls_version changed)-$(shown tls_version word)" = "preset-no-as tls.cfg allows" ]
	same_fault 'unknown parameter "nonsense"' tls_policy.show name=nonsense
	for argument in tls_version name= rule= nme=tls_version ''; do
		same_fault 'usage: tls_policy.show [name=NAME] [rule=RULE]' tls_policy.show "$argument"
	done
	same_fault 'usage: tls_policy.show [name=NAME] [rule=RULE]' tls_policy.show name=wildcards name=wildcards
}

@test "what was set is marked, told in one line, and unmarked when it is as before" {
	[ -z "$(by_kamcmd tls_policy.set PeerHostNameVerificationMode client)" ]
	[ "$(shown peer_host_name_verification_mode from)-$(shown peer_host_name_verification_mode changed)" = set-yes ]
	[ "$(shown peer_host_name_verification_mode word)-$(shown peer_host_name_verification_mode configured)" = client-0 ]
	[ "$(same tls_policy.show | value changed | grep -c yes)" = 1 ]
	[ "$(grep -c 'RPC set peer_host_name_verification_mode of the default: "0" -> "3"' "$DIR/log")" = 1 ]
	by_json tls_policy.set PeerHostNameVerificationMode off | jq -e '.result'
	[ "$(shown peer_host_name_verification_mode from)" = preset ]
	grep 'RPC set peer_host_name_verification_mode of the default: "3" -> "0"' "$DIR/log"
	[ "$(same tls_policy.show | value changed | grep -c yes)" = 0 ]
}

@test "an empty value is one, an empty name is none" {
	rpc tls_policy.set tls_remote_subject_name x
	by_json tls_policy.set tls_remote_subject_name ''
	[ -z "$(shown tls_remote_subject_name value)" ]
	for words in "tls_version" "tls_version 12 13" "rule=a rule=b" "tls_version rule=a rule=b"; do
		# shellcheck disable=SC2086
		same_fault 'usage: tls_policy.set NAME VALUE [rule=RULE]' tls_policy.set $words
	done
	same_fault 'usage: tls_policy.set NAME VALUE [rule=RULE]' tls_policy.set '' 12
	same_fault 'tls_version: "" is not a number from 0 to 15 (bit mask)' tls_policy.set tls_version ''
}

# kamcmd sends 1.2 as a number; of JSON 1.0 is 1, which is TLS 1.0.
@test "1.2 is no value of TLSVersion, however it is written" {
	local sentence='tls_version is a sum: "1" = TLS 1.0, 2 = 1.1, 4 = 1.2, 8 = 1.3; so 4 for 1.2 alone, 12 for 1.2 and 1.3, 0 = as tls.cfg'
	[ "$(rpc tls_policy.set tls_version 1.2)" = "error: 400 - $sentence" ]
	[ "$(rpc tls_policy.set TLSVersion 1.3)" = "error: 400 - $sentence" ]
	same_fault "$sentence" tls_policy.set tls_version 1.2
	[ "$(by_json_value tls_policy.set '"tls_version"' 1.2 | rows_of_json)" = "${sentence:0:127}" ]
	[ "$(by_json_value tls_policy.set '"tls_version"' 1 | rows_of_json)" = "${sentence:0:127}" ]
	[ "$(shown tls_version value)" = 0 ]
	by_json_value tls_policy.set '"tls_version"' 12 | jq -e '.result'
	[ "$(shown tls_version value)-$(shown tls_version word)" = "12-TLS 1.2, 1.3" ]
	by_json tls_policy.set tls_version 1 | jq -e '.result'
	[ "$(shown tls_version word)" = "TLS 1.0" ]
	rpc tls_policy.set tls_version 12
	for number in 1.0 2.0 12.0 8.0000000000000001 1e1; do
		[ "$(rpc tls_policy.set tls_version "$number")" = "error: 400 - $sentence" ]
	done
	for number in 1.0 -0.5 0.5 12.9 1e-300 1e300 99999999999999999999; do
		[ "$(by_json_value tls_policy.set '"tls_version"' "$number" | rows_of_json)" = "${sentence:0:127}" ]
	done
	[ "$(shown tls_version value)" = 12 ]
	rpc tls_policy.set tls_version 0
	rpc tls_policy.set handshake_timeout 1.5 | grep 'handshake_timeout: "1.5" is not a number from 1 to 120'
}

@test "a number that is not whole, or too large, is none" {
	rpc tls_policy.set tls_rehandshake_interval 7
	for number in 0.9 -0.9 -1 7.5 1e20 99999999999999999999 -99999999999999999999 4294967296 4294967303 1e300 2147483648; do
		by_json_value tls_policy.set '"tls_rehandshake_interval"' "$number" | rows_of_json |
			grep '^tls_rehandshake_interval: ".*" is not a number from 0 to 1500'
		[ "$(shown tls_rehandshake_interval value)" = 7 ]
	done
	for number in 7.0 1e1 0 -0; do by_json_value tls_policy.set '"tls_rehandshake_interval"' "$number" | jq -e .result; done
	[ "$(shown tls_rehandshake_interval value)" = 0 ]
	for number in 1.9 0.5 -1 64.5 4294967297; do
		[ "$(by_json_value tls_policy.rejections "$number" | rows_of_json)" = 'usage: tls_policy.rejections [1..64]' ]
		by_json_value tls_policy.rehandshake "$number" | rows_of_json | grep 'is no connection id and not "all"'
		by_json_value tls_policy.expiry "$number" | rows_of_json | grep '^usage: tls_policy.expiry'
	done
	for value in true false null '[8]' '{"a":8}' '[]' '{}'; do
		[ "$(by_json_value tls_policy.set '"tls_rehandshake_interval"' "$value" | rows_of_json)" = 'usage: tls_policy.set NAME VALUE [rule=RULE]' ]
	done
	! grep 'field is not a' "$DIR/log" || false
}

counter() { rpc stats.fetchn "tls_policy:$1" | sed -n "s/.*tls_policy\.$1: //p"; }

@test "a reload is counted and told in one line, also one that fails" {
	local reloads failed
	reloads=$(counter reloads)
	failed=$(counter reloads_failed)
	[ "$(same tls_policy.reload | tr '\n' ' ')" = "proxies: 3 rules: 0 " ]
	[ "$(counter reloads)-$(counter reloads_failed)" = "$((reloads + 2))-$failed" ]
	[ "$(grep -c 'RPC reloaded: rules 0 -> 0, proxies 3 -> 3' "$DIR/log")" = 2 ]
	rpc tls_policy.set https_cert_file_name "$PKI/trusted.pem"
	cp "$PKI/trusted.pem" "$DIR/own.pem"
	cat "$PKI/trusted.key" >>"$DIR/own.pem"
	rpc tls_policy.set https_cert_file_name "$DIR/own.pem"
	rm "$DIR/own.pem"
	same_fault "https_cert_file_name: $DIR/own.pem cannot be opened: No such file or directory" tls_policy.reload
	[ "$(counter reloads)-$(counter reloads_failed)" = "$((reloads + 2))-$((failed + 2))" ]
	[ "$(grep -c 'RPC did not reload, and everything stays as it was: https_cert_file_name: .*own.pem cannot be opened' "$DIR/log")" = 2 ]
	rpc tls_policy.set https_cert_file_name s:
	same_fault 'usage: tls_policy.reload' tls_policy.reload now
	[ "$(counter reloads_failed)" = "$((failed + 2))" ]
}

@test "what a command changed is in the log of a server that says no debug" {
	(
		new_dir
		echo a.example >"$DIR/list"
		write_config "$(policy proxy_file "$DIR/list")"
		sed -i '/^debug=/d' "$DIR/kamailio.cfg"
		launch
		await_start
		rpc tls_policy.set tls_version 8
		echo b.example >>"$DIR/list"
		rpc tls_policy.reload
		rpc tls_policy.recheck
		rpc tls_policy.rehandshake_peers forget all
		rpc tls_policy.set watch 1
		echo c.example >>"$DIR/list"
		await logged "watch ($DIR/list) reloaded: rules 0 -> 0, proxies 2 -> 3"
		stop_kamailio
		[ "$(grep -c 'RPC ' "$DIR/log")" = 5 ]
		logged 'RPC set tls_version of the default: "0" -> "8"'
		logged 'RPC reloaded: rules 0 -> 0, proxies 1 -> 2'
		logged 'RPC rechecked 0 connections: 0 closed, 0 left to judge'
		logged 'RPC forgot how every peer took a re-handshake: 0 notes'
	)
}

@test "warnings of the start come at a set too" {
	rpc tls_policy.set peer_host_name_verification_mode server
	await logged 'peer_host_name_verification_mode=server without sips_require_client_certificate=1'
	rpc tls_policy.set peer_host_name_verification_mode off
}
