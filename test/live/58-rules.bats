#!/usr/bin/env bats
# Rules: which one is for a connection, and that each is held to its own: its
# versions, certificates, trust anchors, names. As server by listener and server
# name, as client by destination; at a reload, and over sessions.
load helpers
load ../lib/ends

setup() {
	new_dir
	PHONES=$(free_port)
	LISTEN="listen=tls:127.0.0.1:$PORT
listen=tls:127.0.0.1:$PHONES"
	RULES=$DIR/rules
}
teardown() {
	stop_ends
	stop_kamailio
}

# with_rules [LINE...]: a Kamailio by the rules on standard input.
with_rules() {
	cat >"$RULES"
	start_kamailio "$(policy config "$RULES")" "$@"
}

# Whatever has no rule is refused: it can only be here by mistake.
carriers_and_phones() {
	with_rules <<-RULES
		[default]
		sips_require_client_certificate = 1
		peer_host_name_verification_mode = both
		proxy = nobody.example.com
		[rule:phones]
		listen = 127.0.0.1:$PHONES       # no certificates there
		sips_require_client_certificate = 0
		peer_host_name_verification_mode = off
		[rule:carriers]
		listen = :$PORT
		peer = 192.0.2.0/24, 127.0.0.0/8
		proxy = trusted.example.com
	RULES
}

tenants() {
	with_rules "$@" <<-RULES
		[default]
		sips_require_client_certificate = 1
		peer_host_name_verification_mode = server
		proxy = trusted.example.com
		[rule:tenant-a]
		server_name = a.example
		https_root_file_name = $PKI/ca.pem
		[rule:tenant-b]
		server_name = b.example, *.b.example
		https_root_file_name = $PKI/foreign-ca.pem
		[rule:nobody]
		https_root_file_name = $PKI/selfsigned.pem
	RULES
}

# of_rule RULE COLUMN: a column of tls_policy.rules.
of_rule() {
	rpc tls_policy.rules | awk -v rule="$1" -v column="$2:" '
		$1 == "name:" { here = $2 == rule }
		here && $1 == column { print $2 }'
}

# shellcheck disable=SC2046
@test "phones without certificates beside carriers with mutual TLS, by listener" {
	carriers_and_phones
	expect_accepted carrier $(as trusted)
	expect_refused carrier-stranger "bad certificate" $(as stranger)
	expect_refused carrier-nothing "certificate required" version=1.3
	expect_refused carrier-nothing-1.2 "handshake failure" version=1.2
	PORT=$PHONES expect_accepted phone
	PORT=$PHONES expect_accepted phone-factory $(as selfsigned)
	PORT=$PHONES expect_accepted phone-stranger version=1.2 $(as stranger)
	await [ "$(of_rule phones accepted) $(of_rule carriers accepted) $(of_rule carriers refused)" = "3 1 3" ]
	[ "$(of_rule default accepted)" = 0 ]
}

@test "a listen where Kamailio does not listen is told, at start and at reload" {
	local told="no TLS socket at listen"
	with_rules <<-RULES
		[rule:here]
		listen = :$PHONES, 127.0.0.1:$PORT, 127.0.0.1
		[rule:mistyped]
		listen = 127.0.0.1:$PORT, 127.0.0.2:$PORT
		[rule:called]
		peer_role = server
		listen = 127.0.0.3
	RULES
	[ "$(grep -c "$told" "$DIR/log")" = 1 ]
	logged "WARNING: tls_policy"
	logged "rule mistyped: Kamailio has $told = 127.0.0.2:$PORT, so that no peer can connect there"
	local i
	for i in {1..10}; do printf '[rule:more-%s]\nlisten = [2001:db8::%x]:5061\n' "$i" "$i"; done >>"$RULES"
	rpc tls_policy.reload
	await logged '3 more values of listen are where Kamailio has no TLS socket'
	[ "$(grep -c "$told" "$DIR/log")" = 9 ]
}

@test "a listen of the other family: 0.0.0.0 takes no IPv6, [::] may take IPv4" {
	local told="no TLS socket at listen"
	LISTEN="listen=tls:0.0.0.0:$PORT" with_rules <<-RULES
		[rule:six]
		listen = [2001:db8::7]:$PORT, 192.0.2.7:$PORT
		wildcards = 0
	RULES
	[ "$(grep -c "$told" "$DIR/log")" = 1 ]
	logged "rule six: Kamailio has $told = [2001:db8::7]:$PORT,"
	stop_kamailio
	LISTEN="listen=tls:[::]:$PORT" start_kamailio "$(policy config "$RULES")"
	! logged "$told" || false
}

# shellcheck disable=SC2046
@test "tenants by server name: no CA of one vouches for a peer of another" {
	local version
	tenants
	for version in 1.2 1.3; do
		expect_accepted "a-$version" sni=a.example "version=$version" $(as trusted)
		expect_accepted "A-$version" sni=A.EXAMPLE "version=$version" $(as trusted)
		expect_refused "a-foreign-$version" "unknown CA" sni=a.example "version=$version" $(as foreign)
		expect_accepted "b-$version" sni=b.example "version=$version" $(as foreign)
		expect_accepted "x-b-$version" sni=x.b.example "version=$version" $(as foreign)
		expect_refused "b-trusted-$version" "unknown CA" sni=b.example "version=$version" $(as trusted)
		expect_refused "y-x-b-$version" "unknown CA" sni=y.x.b.example "version=$version" $(as foreign)
		expect_refused "none-$version" "unknown CA" "version=$version" $(as trusted)
	done
}

# shellcheck disable=SC2046
@test "a session is resumed by its own rule alone" {
	WORKERS=1 tenants
	local version
	for version in 1.2 1.3; do
		probe call_id="first-$version" "version=$version" sni=a.example "session_out=$DIR/session" $(as trusted)
		probe call_id="again-$version" "version=$version" sni=a.example "session_in=$DIR/session" $(as trusted) |
			grep 'resumed=1 alert=none answer=200'
		expect_refused "b-$version" "unknown CA" "version=$version" sni=b.example "session_in=$DIR/session" $(as trusted)
		# named otherwise, and the same in everything else
		sed -i 's/^\[rule:tenant-a.*/[rule:tenant-a'"-$version]/" "$RULES"
		rpc tls_policy.reload
		probe call_id="renamed-$version" "version=$version" sni=a.example "session_in=$DIR/session" $(as trusted) |
			grep 'resumed=0 alert=none answer=200'
	done
}

# shellcheck disable=SC2046
@test "versions by rule, gaps too, also where the domain is chosen by server name" {
	with_rules <<-RULES
		[default]
		tls_version = 4
		[rule:new]
		server_name = sni.example
		tls_version = 8
		[rule:gap]
		server_name = gap.example
		tls_version = 5
	RULES
	expect_accepted default-1.2 version=1.2
	expect_refused default-1.3 "protocol version" version=1.3
	expect_accepted new-1.3 version=1.3 sni=sni.example
	expect_refused new-1.2 "protocol version" version=1.2 sni=sni.example
	expect_accepted gap-1.0 version=1.0 sni=gap.example
	probe call_id=gap-1.1 version=1.1 sni=gap.example | grep 'established=no'
	expect_accepted gap-1.2 version=1.2 sni=gap.example
}

# shellcheck disable=SC2046
@test "as client by destination" {
	with_rules <<-RULES
		[default]
		verify_server_certificate = 1
		peer_host_name_verification_mode = client
		proxy = nobody.example.com
		[rule:elsewhere]
		peer = 192.0.2.0/24
		peer_role = server
		proxy = stranger.example.com
		[rule:inbound]
		peer = 127.0.0.1
		peer_role = client
		proxy = stranger.example.com
		[rule:here]
		peer = 127.0.0.1/32
		peer_role = server
		proxy = trusted.example.com
	RULES
	relayed one $(server_as trusted)
	not_relayed two $(server_as stranger)
	[ "$(of_rule here accepted) $(of_rule here refused)" = "1 1" ]
	[ "$(of_rule inbound accepted)" = 0 ]
}

# shellcheck disable=SC2046
@test "a reload that is wrong anywhere changes nothing and says where; rules may swap places" {
	tenants
	expect_accepted before sni=a.example $(as trusted)
	sed -i 's/^server_name = a.example/&\ntls_version = 99/' "$RULES"
	rpc tls_policy.reload | grep "$RULES:7: tls_version"
	expect_accepted after sni=a.example $(as trusted)
	sed -i '/^tls_version = 99/d' "$RULES"
	# shellcheck disable=SC2016
	sed -i '$a [rule:late]\nserver_name = c.example\nhttps_root_file_name = '"$PKI/ca.pem" "$RULES"
	rpc tls_policy.reload
	expect_refused late "unknown CA" sni=c.example $(as trusted) # nobody comes first
	sed -i '/^\[rule:nobody\]/,/^https/d' "$RULES"
	rpc tls_policy.reload
	expect_accepted late-first sni=c.example $(as trusted)
}

# shellcheck disable=SC2046
@test "a connection that a reload moves to another rule is judged by that one" {
	carriers_and_phones
	end_of carrier "$PORT" from="$(free_port)" $(as trusted)
	says_request carrier OPTIONS one "sip:127.0.0.1:$PORT"
	await got carrier one 'SIP/2.0 200'
	rpc tls_policy.recheck | grep 'closed: 0'
	sed -i 's/^peer = .*/peer = 192.0.2.0\/24/' "$RULES" # so the default is left
	rpc tls_policy.reload
	rpc tls_policy.recheck
	await grep -q '^closed' "$DIR/carrier"
}

# shellcheck disable=SC2046
@test "one parameter of one rule is set by command, and stays through a reload" {
	carriers_and_phones
	rpc tls_policy.set PeerHostNameVerificationMode off rule=carriers
	expect_accepted stranger $(as stranger)
	rpc tls_policy.reload
	expect_accepted stranger-again $(as stranger)
	rpc tls_policy.set tls_version 8 # of the default: who says nothing inherits it
	expect_refused inherits "protocol version" version=1.2 $(as trusted)
	PORT=$PHONES expect_refused phone "protocol version" version=1.2
	rpc tls_policy.set tls_version 12 rule=phones
	PORT=$PHONES expect_accepted phone version=1.2
	rpc tls_policy.set handshake_timeout 5 rule=phones | grep 'handshake_timeout is for the whole server'
	rpc tls_policy.set tls_version 12 rule=nobody | grep 'there is no rule "nobody"'
}

@test "start-up refuses what cannot be, with the rule and the place" {
	cat >"$RULES" <<-RULES
		[rule:one]
		listen = :5061
		proxy = a.example
		[rule:one]
		listen = :5062
	RULES
	refuses_start "$RULES:4:" "$(policy config "$RULES")"
	printf '[default]\n[rule:one]\npeer_host_name_verification_mode = both\n' >"$RULES"
	refuses_start 'rule one: peer_host_name_verification_mode=both compares names with the proxies, but no proxy is configured' \
		"$(policy config "$RULES")"
	printf '[rule:one]\nhttps_root_file_name = /nowhere.pem\n' >"$RULES"
	refuses_start 'rule one: https_root_file_name' "$(policy config "$RULES")"
	printf '[rule:one]\nproxy_file = /nowhere.list\n' >"$RULES"
	refuses_start 'rule one: /nowhere.list' "$(policy config "$RULES")"
	refuses_start "$DIR/none" "$(policy config "$DIR/none")"
	printf '[default]\ntls_version = 8\n' >"$RULES"
	refuses_start "$RULES:2:" "$(policy config "$RULES")" "$(policy TLSVersion 12)"
}

# shellcheck disable=SC2154
@test "a handshake whose rule is gone when it fails takes nobody with it" {
	local half
	with_rules <<-RULES
		[rule:gone]
		peer = 127.0.0.1
		tls_version = 12
	RULES
	exec {half}<>"/dev/tcp/127.0.0.1/$PORT"
	# a ClientHello of TLS 1.2 with one cipher suite, group and signature, and its answer
	printf '\x16\x3\x1\x0\x3f\x1\x0\x0\x3b\x3\x3%032d\x0\x0\x2\xc0\x2b\x1\x0' 0 >&"$half"
	printf '\x0\x10\x0\xa\x0\x4\x0\x2\x0\x17\x0\xd\x0\x4\x0\x2\x4\x3' >&"$half"
	timeout "$PATIENCE" head -c 5 <&"$half" | grep -qa $'^\x16\x03'
	echo '[default]' >"$RULES"
	rpc tls_policy.reload
	printf '\x16\x3\x3\x0\x4junk' >&"$half"
	await one_is_refused
	exec {half}>&-
	! gone || false
	expect_accepted after
}
one_is_refused() { [ "$(rpc stats.fetch tls_policy.refused | grep -o '[0-9]*$')" = 1 ]; }

in_shared_memory() { # octets that are in use
	rpc core.shmmem | sed -n 's/^[[:space:]]*real_used: //p'
}

@test "a reload leaves nothing of the files of the one before it" {
	local before i
	for i in $(seq 20); do cat "$PKI/ca.pem"; done >"$DIR/roots.pem"
	with_rules <<-RULES
		[rule:one]
		peer = 127.0.0.1
		https_root_file_name = $DIR/roots.pem
	RULES
	rpc tls_policy.reload
	before=$(in_shared_memory)
	for i in $(seq 20); do rpc tls_policy.reload; done
	await grown_by_less_than "$(wc -c <"$DIR/roots.pem")"
}
# Whoever still reads what a reload replaced leaves it to the next one.
grown_by_less_than() { rpc tls_policy.reload >/dev/null && [ "$(($(in_shared_memory) - before))" -lt "$1" ]; }
