#!/usr/bin/env bats
# enforcement: in `testing` everything is judged and told and nothing is decided;
# `none` leaves a connection alone. Both have the outcomes and alerts that there
# are without the module.
load helpers
load ../lib/ends

setup() {
	new_dir
	RULES=$DIR/rules
}
teardown() {
	stop_ends
	stop_kamailio
}

with_rules() {
	cat >"$RULES"
	start_kamailio "$(policy config "$RULES")" "$@"
}

testing() {
	with_rules "$@" <<-RULES
		[default]
		sips_require_client_certificate = 1
		verify_server_certificate = 1
		peer_host_name_verification_mode = both
		proxy = trusted.example.com
		tls_version = 8
		[rule:carriers]
		enforcement = testing
		https_root_file_name = $PKI/ca.pem
	RULES
}

# tls.cfg_of NAME VALUE: in both server domains.
tls_cfg_says() {
	sed -i "/^\[server/a $1 = $2" "$DIR/tls.cfg"
}

would() { statistic "would_refuse_${1//-/_}"; }
statistic() { rpc stats.fetch "tls_policy.$1" | grep -o '[0-9]*$'; }

# rows COMMAND KEY: the values of one column.
rows() { rpc "tls_policy.$1" | sed -n "s/^[[:space:]]*$2: //p"; }

# shellcheck disable=SC2046
@test "whoever would be refused gets in, is counted, told once and listed" {
	testing
	expect_accepted trusted version=1.3 $(as trusted)
	[ "$(statistic would_refuse)" = 0 ]
	expect_accepted stranger version=1.3 $(as stranger)
	expect_accepted stranger-again version=1.3 $(as stranger)
	expect_accepted foreign version=1.3 $(as foreign)
	expect_accepted selfsigned version=1.3 $(as selfsigned)
	expect_accepted expired version=1.3 $(as expired)
	expect_accepted nothing version=1.3
	expect_accepted old version=1.2 $(as trusted)
	await [ "$(would certificate-host-mismatch)-$(would certificate-not-trusted)-$(would certificate-expired)-$(would no-certificate)-$(would handshake-failed)" = 2-2-1-1-1 ]
	[ "$(statistic would_refuse)-$(statistic refused)" = 7-0 ]
	[ "$(grep -c 'would be refused: certificate-host-mismatch' "$DIR/log")" = 1 ]
	grep 'would be refused: certificate-host-mismatch: .*stranger.example.com.* (rule carriers is in testing)' "$DIR/log"
	[ "$(rows rejections verdict | sort -u)" = would-be-refused ]
	[ "$(rows rejections text | grep -vc '^would be refused: ')" = 0 ]
	rows rejections text | grep -x 'would be refused: handshake-failed: the policy forbids the version of this connection'
	[ "$(rows rules would_refuse | head -n 1)-$(rows rules accepted | head -n 1)" = 7-1 ]
}

# shellcheck disable=SC2046
@test "an open connection says what it is" {
	testing
	end_of stranger "$PORT" from="$(free_port)" version=1.3 $(as stranger)
	says_request stranger OPTIONS one "sip:127.0.0.1:$PORT"
	await got stranger one 'SIP/2.0 200'
	[ "$(rows connections verdict)-$(rows connections reasons)-$(rows connections rule)" = \
		would-be-refused-certificate-host-mismatch-carriers ]
	rpc tls_policy.recheck | grep 'closed: 0'
	rpc tls_policy.recheck dry | grep 'outcome: would-be-refused'
	rpc tls_policy.recheck dry | grep 'text: would be refused: certificate-host-mismatch: '
	rpc tls_policy.rehandshake all | grep 'requested: 0'
	says_request stranger OPTIONS two "sip:127.0.0.1:$PORT"
	await got stranger two 'SIP/2.0 200'
	# and switched on it is refused
	rpc tls_policy.set enforcement enforce rule=carriers
	rpc tls_policy.recheck dry | grep 'outcome: closed'
	rpc tls_policy.recheck
	await grep -q '^closed' "$DIR/stranger"
	expect_refused stranger "bad certificate" version=1.3 $(as stranger)
}

# shellcheck disable=SC2046
@test "as client: a server that would be refused gets the request" {
	testing
	relayed one $(server_as stranger) -tls1_3
	relayed two $(server_as foreign) -tls1_2
	await [ "$(would certificate-host-mismatch)-$(would certificate-not-trusted)-$(would handshake-failed)" = 1-0-1 ]
}

# shellcheck disable=SC2046
@test "what tls.cfg itself demands is decided by tls.cfg, with its alerts" {
	tls_cfg_says verify_certificate yes
	tls_cfg_says require_certificate yes
	testing
	expect_accepted stranger version=1.3 $(as stranger)
	expect_refused foreign "unknown CA" version=1.3 $(as foreign)
	expect_refused nothing "certificate required" version=1.3
	expect_refused expired "certificate expired" version=1.3 $(as expired)
	await [ "$(statistic refused)-$(statistic would_refuse)" = 3-1 ]
}

# shellcheck disable=SC2046
@test "tls.cfg's CA is another one than the rule's: both are asked" {
	tls_cfg_says verify_certificate yes
	sed -i "s#^ca_list = .*#ca_list = $PKI/foreign-ca.pem#" "$DIR/tls.cfg"
	testing
	expect_accepted foreign version=1.3 $(as foreign) # tls.cfg trusts it
	expect_refused trusted "unknown CA" version=1.3 $(as trusted)
	await [ "$(would certificate-not-trusted)-$(statistic refused)" = 1-1 ]
}

# asked_for_certificate SERVER_NAME: does the server send a CertificateRequest?
asked_for_certificate() {
	openssl s_client -connect "127.0.0.1:$PORT" -servername "$1" -msg </dev/null 2>/dev/null |
		grep -q CertificateRequest
}

# shellcheck disable=SC2046
@test "none: nobody is asked, judged or hidden; beside a rule that asks" {
	with_rules <<-RULES
		[default]
		sips_require_client_certificate = 1
		peer_host_name_verification_mode = both
		proxy = trusted.example.com
		tls_version = 8
		[rule:browsers]
		server_name = browsers.example
		enforcement = none
		[rule:trial]
		server_name = trial.example
		enforcement = testing
	RULES
	asked_for_certificate carriers.example
	asked_for_certificate trial.example
	! asked_for_certificate browsers.example || false
	expect_accepted browser sni=browsers.example version=1.2
	expect_accepted browser-cert sni=browsers.example version=1.3 $(as stranger)
	expect_refused carrier "certificate required" version=1.3
	[ "$(statistic would_refuse)" = 1 ] # the trial above
	end_of browser "$PORT" from="$(free_port)" sni=browsers.example
	says_request browser OPTIONS one "sip:127.0.0.1:$PORT"
	await got browser one 'SIP/2.0 200'
	[ "$(rows connections verdict)-$(rows connections rule)" = not-judged-browsers ]
	rpc tls_policy.recheck unasked | grep 'closed: 0'
}

# shellcheck disable=SC2046
@test "a session of a rule that decides nothing opens no door" {
	WORKERS=1 testing
	local version name
	sed -i '$a [rule:strict]' "$RULES"
	for version in 1.2 1.3; do
		for name in stranger foreign; do
			probe call_id="$name-$version" "version=$version" "session_out=$DIR/session" $(as "$name")
			rpc tls_policy.set enforcement enforce rule=carriers
			rpc tls_policy.set tls_version 12 rule=carriers
			probe call_id="$name-$version-again" "version=$version" "session_in=$DIR/session" $(as "$name") |
				grep 'answer=none'
			! parsed "$name-$version-again" || false
			rpc tls_policy.set enforcement none rule=carriers
			probe call_id="$name-$version-none" "version=$version" "session_out=$DIR/session" $(as "$name")
			rpc tls_policy.set enforcement enforce rule=carriers
			probe call_id="$name-$version-after" "version=$version" "session_in=$DIR/session" $(as "$name") |
				grep 'answer=none'
			rpc tls_policy.set enforcement testing rule=carriers
		done
	done
}

# A session of `none` says nothing of its peer, and has none of the age that a
# ticket goes on with.
# shellcheck disable=SC2046
@test "a session of a rule that judges nobody is resumed in testing as without the module" {
	WORKERS=1 testing
	local version
	rpc tls_policy.set tls_version 12 rule=carriers
	for version in 1.2 1.3; do
		rpc tls_policy.set enforcement none rule=carriers
		probe call_id="none-$version" "version=$version" "session_out=$DIR/none" $(as stranger)
		rpc tls_policy.set enforcement testing rule=carriers
		probe call_id="testing-$version" "version=$version" "session_in=$DIR/none" "session_out=$DIR/next" $(as stranger) |
			grep 'resumed=1 alert=none answer=200'
		[ "$version" = 1.2 ] || probe call_id="next-$version" "version=$version" "session_in=$DIR/next" $(as stranger) |
			grep 'resumed=1 alert=none answer=200'
	done
}

@test "two peers whose hashes meet are told once each" {
	local address i
	testing
	for i in 1 2 3; do
		for address in 127.0.0.117 127.0.1.193; do
			openssl s_client -bind "$address:0" -connect "127.0.0.1:$PORT" -tls1_3 </dev/null >/dev/null 2>&1
		done
	done
	await all_counted
	[ "$(grep -c 'would be refused: no-certificate' "$DIR/log")" = 2 ]
}
all_counted() { [ "$(would no-certificate)" = 6 ]; }
