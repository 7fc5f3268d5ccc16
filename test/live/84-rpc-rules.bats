#!/usr/bin/env bats
# tls_policy.rules, .explain, and rule= of the others, over kamcmd and JSON-RPC.
load helpers
load ../lib/rpc
load ../lib/ends

setup_file() {
	new_dir
	PHONES=$(free_port)
	export PHONES
	LISTEN="listen=tls:127.0.0.1:$PORT
listen=tls:127.0.0.1:$PHONES"
	echo other.example.com >"$DIR/carriers.list"
	cat >"$DIR/rules" <<-RULES
		[default]
		tls_version = 12
		sips_require_client_certificate = 1
		peer_host_name_verification_mode = server
		proxy = sip.example.com
		[rule:phones]
		listen = :$PHONES
		peer_role = client
		sips_require_client_certificate = 0
		peer_host_name_verification_mode = off
		[rule:tenant]
		server_name = tenant.example, *.tenant.example
		proxy = stranger.example.com
		[rule:carriers]
		peer = 203.0.113.0/24, 2001:db8::/32, 127.0.0.1
		proxy = trusted.example.com
		proxy_file = carriers.list
		tls_version = 8
		enforcement = testing
		[rule:one-carrier]
		peer = 203.0.113.7
		tls_version = 4
	RULES
	start_kamailio "$(policy config "$DIR/rules")" "$(over_json)"
}
teardown_file() {
	stop_kamailio
}
teardown() {
	stop_ends
	tell_why
}

# of RULE COLUMN: as tls_policy.rules has it.
of() {
	same tls_policy.rules | awk -v rule="$1" -v column="$2:" '
		$1 == "name:" { mine = $2 == rule }
		mine && $1 == column { sub(/^[^:]*: /, ""); print }'
}

@test "rules: in the file's order, the default at last, with their conditions and lines" {
	[ "$(same tls_policy.rules | value name | tr '\n' ' ')" = "phones tenant carriers one-carrier default " ]
	[ "$(of phones conditions)" = "listen = :$PHONES; peer_role = client" ]
	[ "$(of tenant conditions)" = "server_name = tenant.example, *.tenant.example" ]
	[ "$(of carriers conditions)" = "peer = 203.0.113.0/24, 2001:db8::/32, 127.0.0.1" ]
	[ -z "$(of default conditions)" ]
	[ "$(of phones enforcement)-$(of carriers enforcement)" = enforce-testing ]
	[ "$(of phones line)-$(of carriers line)" = 6-14 ]
	same_fault "usage: tls_policy.rules [N] [from=RULE]" tls_policy.rules tenant
}

counts() { echo "$(of "$1" accepted) $(of "$1" refused) $(of "$1" would_refuse) $(of "$1" connections)"; }
count_is() { [ "$(counts "$1")" = "$2" ]; }

# shellcheck disable=SC2046
@test "rules: accepted, refused, would_refuse, and the connections of now" {
	count_is phones "0 0 0 0"
	end_of phone "$PHONES" from="$(free_port)"
	says_request phone OPTIONS phone "sip:127.0.0.1:$PORT"
	await count_is phones "1 0 0 1"
	expect_accepted carrier version=1.3 $(as trusted)
	await count_is carriers "1 0 0 0"
	expect_accepted watched version=1.3 $(as stranger)
	await count_is carriers "1 0 1 0"
	expect_refused tenant "bad certificate" sni=tenant.example $(as trusted)
	await count_is tenant "0 1 0 0"
	expect_accepted tenant-itself sni=tenant.example $(as stranger)
	await count_is tenant "1 1 0 0"
	count_is one-carrier "0 0 0 0"
	stop_end phone
	await count_is phones "1 0 0 0"
	# they go on through a reload
	same tls_policy.reload | grep -x 'rules: 4'
	count_is tenant "1 1 0 0"
}

# explained RULE NEXT ARGUMENT...: by both, the same.
explained() {
	local rule=$1 next=$2
	shift 2
	same tls_policy.explain "$@" >"$DIR/explained"
	[ "$(value rule <"$DIR/explained")-$(value next <"$DIR/explained")" = "$rule-$next" ] && return 0
	cat "$DIR/explained" >&2
	return 1
}
parameter() { value "$1" <"$DIR/explained" | tail -n 1; }

@test "explain: the first whose conditions all hold, and who would be next" {
	explained default ''
	explained phones default listen="192.0.2.1:$PHONES"
	explained phones carriers listen=":$PHONES" peer=203.0.113.9
	explained phones tenant listen=":$PHONES" peer=203.0.113.7 server_name=x.tenant.example
	explained carriers one-carrier peer=203.0.113.7
	[ "$(parameter tls_version)-$(parameter enforcement)-$(parameter proxies)" = 8-1-2 ]
	[ "$(parameter sips_require_client_certificate)" = 1 ]
	explained carriers default peer=2001:db8::1
	explained carriers one-carrier peer=::ffff:203.0.113.7
	explained default '' peer=2001:db9::1
	explained tenant default server_name=TENANT.example
	explained tenant default server_name=a.tenant.example
	explained default '' server_name=a.b.tenant.example
	explained tenant default server_name=tenant.example.
	# phones are clients; nobody chose a port of ours as client
	explained default '' listen="192.0.2.1:$PHONES" peer_role=server
	explained carriers default listen="192.0.2.1" peer=127.0.0.1 peer_role=server
	[ "$(value peer_role <"$DIR/explained")" = server ]
	explained phones default listen="192.0.2.1:$PHONES" peer_role=client
	[ "$(parameter sips_require_client_certificate)-$(parameter tls_version)" = 0-12 ]
}

@test "explain: what a connection gets is what was explained" {
	local name
	for name in phones carriers tenant; do
		case $name in
			phones) explained phones carriers listen="127.0.0.1:$PHONES" peer=127.0.0.1 ;;
			carriers) explained carriers default listen="127.0.0.1:$PORT" peer=127.0.0.1 ;;
			tenant) explained tenant carriers listen="127.0.0.1:$PORT" peer=127.0.0.1 server_name=tenant.example ;;
		esac
	done
	end_of phone "$PHONES" from="$(free_port)"
	says_request phone OPTIONS explained-phone "sip:127.0.0.1:$PORT"
	await got phone explained-phone
	[ "$(same tls_policy.connections | value rule)" = phones ]
}

@test "explain: unknown, empty, doubled and impossible arguments are faults" {
	local usage="usage: tls_policy.explain [listen=ADDRESS:PORT] [peer=ADDRESS] [server_name=NAME] [peer_role=client|server]" argument
	for argument in listen= peer= nme=x role=server 203.0.113.7 ''; do
		same_fault "$usage" tls_policy.explain "$argument"
	done
	same_fault "$usage" tls_policy.explain peer=203.0.113.7 peer=203.0.113.8
	same_fault 'peer: "203.0.113.0/24" is a network: write one address' tls_policy.explain peer=203.0.113.0/24
	same_fault 'peer_role: "both" is not client or server' tls_policy.explain peer_role=both
	same_fault 'server_name: "*.tenant.example" stands for many names: write one' tls_policy.explain "server_name=*.tenant.example"
}

@test "proxies: of the default, of a rule with its own, of one that inherits" {
	[ "$(same tls_policy.proxies | tr '\n' ' ')" = "count: 1 proxies: sip.example.com " ]
	[ "$(same tls_policy.proxies rule=phones | tr '\n' ' ')" = "count: 1 proxies: sip.example.com " ]
	[ "$(same tls_policy.proxies rule=carriers | sort | tr '\n' ' ')" = "count: 2 other.example.com proxies: trusted.example.com " ]
	[ "$(same tls_policy.proxies name=Other.Example.com. rule=carriers)" = other.example.com ]
	same_fault 'other.example.com is not a configured proxy' tls_policy.proxies name=other.example.com
	same_fault 'there is no rule "nobody"' tls_policy.proxies rule=nobody
	local argument
	for argument in sip.example.com name= rule= ''; do
		same_fault 'usage: tls_policy.proxies [name=NAME] [rule=RULE]' tls_policy.proxies "$argument"
	done
	same_fault 'usage: tls_policy.proxies [name=NAME] [rule=RULE]' tls_policy.proxies rule=carriers rule=carriers
}

@test "proxies: as many as kamcmd gets, and how many more there are; over JSON-RPC all" {
	local i listed
	for i in {1..600}; do echo "gateway-$i.customers.example.net"; done >>"$DIR/carriers.list"
	rpc tls_policy.reload | grep 'proxies: 604'
	by_json tls_policy.proxies rule=carriers >"$DIR/all.json"
	jq -r '.result.proxies[]' "$DIR/all.json" >"$DIR/all"
	[ "$(jq -c '.result | [.count, (.proxies | length), keys]' "$DIR/all.json")" = '[602,602,["count","proxies"]]' ]
	rpc tls_policy.proxies rule=carriers | rows_of_kamcmd >"$DIR/said"
	listed=$(grep -cFxf "$DIR/all" "$DIR/said")
	[ "$listed" -gt 100 ]
	[ "$(value count <"$DIR/said")-$((listed + $(value left_out <"$DIR/said")))" = 602-602 ]
	value more <"$DIR/said" | grep -x 'name=NAME tells of one; JSON-RPC lists 1,000'
	sed -i '1!d' "$DIR/carriers.list"
	rpc tls_policy.reload | grep 'proxies: 4'
}

shown() { same tls_policy.show name="$1" ${3:+rule="$3"} | value "$2"; } # PARAMETER COLUMN [RULE]

@test "show and set: of a rule, and of those that inherit" {
	[ "$(shown tls_version value carriers)-$(shown tls_version from carriers)" = 8-rule ]
	[ "$(shown tls_version value phones)-$(shown tls_version from phones)" = 12-inherited ]
	[ "$(shown tls_version value)-$(shown tls_version from)" = 12-configured ]
	[ -z "$(rpc tls_policy.set tls_version 15 rule=carriers)" ]
	[ "$(shown tls_version value carriers)-$(shown tls_version changed carriers)-$(shown tls_version configured carriers)" = 15-yes-8 ]
	[ "$(shown tls_version from carriers)" = "set" ]
	[ "$(shown tls_version changed)" = no ]
	grep 'RPC set tls_version of rule carriers: "8" -> "15"' "$DIR/log"
	# a rule that was set does not inherit any more; others do
	rpc tls_policy.set tls_version 12 rule=phones
	rpc tls_policy.set tls_version 8
	[ "$(shown tls_version value phones)-$(shown tls_version value tenant)-$(shown tls_version changed tenant)" = 12-8-yes ]
	grep 'RPC set tls_version of the default: "12" -> "8"' "$DIR/log"
	# it stays through a reload, for each rule
	rpc tls_policy.reload
	[ "$(shown tls_version value phones)-$(shown tls_version value tenant)-$(shown tls_version value carriers)" = 12-8-15 ]
	# set as it is configured, it is not set any more
	rpc tls_policy.set tls_version 12
	rpc tls_policy.set tls_version 8 rule=carriers
	[ "$(shown tls_version from carriers)-$(shown tls_version from)" = rule-configured ]
	[ "$(same tls_policy.show rule=carriers | value changed | sort -u)" = no ]
	sed -i 's/^tls_version = 12/tls_version = 15/' "$DIR/rules"
	rpc tls_policy.reload
	[ "$(shown tls_version value)-$(shown tls_version value phones)" = 15-12 ]
	sed -i 's/^tls_version = 15/tls_version = 12/' "$DIR/rules"
	rpc tls_policy.reload
	same_fault 'there is no rule "nobody"' tls_policy.show rule=nobody
	same_fault 'there is no rule "nobody"' tls_policy.set tls_version 8 rule=nobody
	same_fault 'handshake_timeout is for the whole server: set it without rule=' tls_policy.set handshake_timeout 8 rule=phones
}

@test "what was set for a rule goes with it, and that is told" {
	rpc tls_policy.set tls_version 8 rule=one-carrier
	cp "$DIR/rules" "$DIR/rules.all"
	sed -i '/one-carrier/,$d' "$DIR/rules"
	same tls_policy.reload | grep -x 'rules: 3'
	grep 'RPC reloaded: rules 4 -> 3, proxies 4 -> 4' "$DIR/log"
	grep 'rule one-carrier is gone, and what was set for it by command' "$DIR/log"
	cp "$DIR/rules.all" "$DIR/rules"
	rpc tls_policy.reload
	[ "$(shown tls_version value one-carrier)" = 4 ]
}

verdict() { same tls_policy.check "$PKI/$1.pem" peer="$2" ${3:+rule="$3"} >"$DIR/verdict" && value verdict <"$DIR/verdict"; }

@test "check: by the default or by a rule" {
	[ "$(verdict trusted client)-$(value rule <"$DIR/verdict")" = refused-default ]
	[ "$(verdict trusted client carriers)-$(value rule <"$DIR/verdict")" = accepted-carriers ]
	grep 'note: nobody is refused: enforcement = testing' "$DIR/verdict"
	[ "$(verdict stranger client carriers)" = refused ]
	[ "$(verdict stranger client tenant)" = accepted ]
	[ "$(verdict trusted client tenant)" = refused ]
	[ "$(verdict stranger client phones)" = accepted ]
	grep 'note: the policy asks no peer for a certificate in this role' "$DIR/verdict"
	same_fault 'there is no rule "nobody"' tls_policy.check "$PKI/trusted.pem" peer=client rule=nobody
}
