#!/usr/bin/env bats
# tls_policy.dump: a rules file that loads, and brings what was in force.
load helpers
load ../lib/rpc

setup() {
	new_dir
}
teardown() {
	stop_kamailio
}

# everything: what is in force, by what the commands show of it. A relative file
# of Kamailio's directory is written with "./" in a rules file.
everything() {
	local rule
	rpc tls_policy.rules | grep -v 'line: '
	for rule in default $(rpc tls_policy.rules | sed -n 's/^[[:space:]]*name: //p'); do
		rpc tls_policy.show rule="$rule" | grep -E '^[[:space:]]*(name|value|word): '
		rpc tls_policy.proxies rule="$rule" | sort
	done | sed 's/\(value: \)\.\//\1/'
	rpc tls_policy.explain peer=203.0.113.9 server_name=trunk.example.net | grep -v 'line: ' | sed 's/\(file_name: \)\.\//\1/'
	rpc tls_policy.explain listen=:5099 | grep -v 'line: ' | sed 's/\(file_name: \)\.\//\1/'
}

# dumped_and_loaded [LINE...]: the same after a start by the dump alone.
dumped_and_loaded() {
	everything >"$DIR/before"
	rpc tls_policy.dump >"$DIR/dumped"
	by_json tls_policy.dump | jq -r '.result[]' | diff "$DIR/dumped" - >&2
	stop_kamailio
	mkdir -p "$DIR/elsewhere"
	mv "$DIR/dumped" "$DIR/elsewhere/rules"
	start_kamailio "$(policy config "$DIR/elsewhere/rules")" "$(over_json)" "$@"
	everything >"$DIR/after"
	diff "$DIR/before" "$DIR/after" >&2
	[ "$(rpc tls_policy.show | grep -c 'changed: yes')" = 0 ]
	# and what it would dump now is the same file
	rpc tls_policy.dump | diff "$DIR/elsewhere/rules" -
}

@test "modparams and what was set become the default" {
	echo b.example >"$DIR/list"
	cp "$PKI/ca.pem" "$DIR/anchors.pem"
	start_kamailio "$(policy proxy trusted.example.com)" "$(policy proxy 'sip:u@[2001:DB8::1]:5061;transport=tls')" \
		"$(policy proxy_file list)" "$(policy PeerHostNameVerificationMode both)" \
		"$(policy https_root_file_name anchors.pem)" "$(policy tls_rehandshake_peers 'b.example a.example')" "$(over_json)"
	rpc tls_policy.set SIPSRequireClientCertificate 1
	rpc tls_policy.set tls_remote_subject_name "s:a name; and=more # no"
	same_fault 'no rules file can say what is in force: tls_remote_subject_name of the default' tls_policy.dump
	rpc tls_policy.set tls_remote_subject_name "s:a name;and=more"
	[ "$(rpc tls_policy.dump | grep -c '^#.*modparam')" = 2 ]
	[ "$(rpc tls_policy.dump | grep -v '^#' | head -n 1)" = "[default]" ]
	dumped_and_loaded
	expect_refused no-certificate "certificate required" version=1.3
}

@test "rules, what they inherit, and what was set for them or for all" {
	echo other.example >"$DIR/carriers.list"
	{
		cat <<-RULES
			[default]
			tls_version = 12
			tls_remote_subject_name = somebody
			proxy = trusted.example.com
			[rule:phones]
			listen = :5099
			peer_role = client
			tls_remote_subject_name =
			sips_require_client_certificate = 0
			[rule:carriers]
			peer = 203.0.113.0/24, 2001:db8::/32
			server_name = trunk.example.net
			sips_require_client_certificate = 1
			proxy = sip.carrier.example
			proxy_file = carriers.list
			tls_rehandshake_interval = 60
			enforcement = testing
			[rule:many]
			wildcards = 0
		RULES
		printf 'peer = 198.51.100.%s\n' {1..200}
		printf 'proxy = a-host-with-quite-a-long-name-%s.example.com\n' {1..100}
	} >"$DIR/rules"
	start_kamailio "$(policy config "$DIR/rules")" "$(over_json)"
	# the seconds are for those who do not say the minutes: phones has both
	rpc tls_policy.set tls_rehandshake_interval_seconds 30
	rpc tls_policy.set tls_rehandshake_interval 5 rule=phones
	rpc tls_policy.set tls_version 8 rule=phones
	rpc tls_policy.set wildcards 0
	dumped_and_loaded
	[ "$(rpc tls_policy.show rule=phones name=tls_rehandshake_interval_seconds | sed -n 's/.*value: //p')" = 30 ]
}

@test "the example of the documentation" {
	cp "$PKI/ca.pem" "$DIR/carriers-ca.pem"
	: >"$DIR/index"
	printf '[ca]\ndefault_ca = x\n[x]\ndatabase = %s\ndefault_md = sha256\n' "$DIR/index" >"$DIR/ca.cnf"
	openssl ca -gencrl -config "$DIR/ca.cnf" -keyfile "$PKI/ca.key" -cert "$PKI/ca.pem" -crldays 30 \
		-out "$DIR/carriers.crl" 2>/dev/null
	echo sip.other.example >"$DIR/carriers.list"
	sed -n '/^```ini/,/^```$/p' "$ROOT/doc/rules.md" | sed '/^```$/Q; /^```/d' >"$DIR/rules"
	grep -q '^\[rule:others\]' "$DIR/rules"
	start_kamailio "$(policy config "$DIR/rules")" "$(over_json)"
	dumped_and_loaded
}

@test "a database: as it is written, but not its password" {
	sqlite3 "$DIR/proxies.db" "CREATE TABLE dispatcher (id INTEGER PRIMARY KEY, setid INTEGER, destination TEXT); INSERT INTO dispatcher VALUES (1, 2, 'sip:a.example');"
	start_kamailio 'loadmodule "db_sqlite.so"' "$(policy db_url "sqlite:///$DIR/proxies.db")" "$(policy proxy b.example)" "$(over_json)"
	dumped_and_loaded 'loadmodule "db_sqlite.so"'
	[ "$(rpc tls_policy.proxies | sed -n 's/.*count: //p')" = 2 ]
}

@test "what kamcmd would not get whole is a fault, and no file" {
	cd "$DIR"
	{ printf '[default]\ntls_version = 12\n'; for n in {1..400}; do printf '[rule:r%d]\npeer = 10.1.%d.%d\nproxy = a-host-with-quite-a-long-name.example.com\n' "$n" $((n / 250)) $((n % 250)); done; } >rules
	start_kamailio "$(policy config "$DIR/rules")" "$(over_json)"
	by_json tls_policy.dump | jq -r '.result[]' >new.cfg
	[ "$(rpc tls_policy.dump)" = "error: 500 - the dump has $(stat -c %s new.cfg) octets, and kamcmd gets 32768 at most (binrpc_max_body_size of ctl): ask by JSON-RPC, which has no limit" ]
	# as doc/commands.md has it
	cp rules tls_policy.cfg
	! (rpc tls_policy.dump >new.cfg && "$BUILD/tls-policy" check-config new.cfg && mv new.cfg tls_policy.cfg) || false
	cmp rules tls_policy.cfg
	stop_kamailio
	start_kamailio "$(policy config "$DIR/rules")" 'modparam("ctl", "binrpc_max_body_size", 100)'
	rpc tls_policy.dump >new.cfg
	"$BUILD/tls-policy" check-config new.cfg
}

@test "arguments are a fault" {
	start_kamailio "$(over_json)"
	same_fault 'usage: tls_policy.dump' tls_policy.dump "$DIR/file"
	same_fault 'usage: tls_policy.dump' tls_policy.dump ''
}

@test "no password is told of a line that is wrong, and *** is none" {
	local rules=$DIR/rules
	printf '[rule:a]\npeer = 203.0.113.7\nwildcards = 0\n' >"$rules"
	start_kamailio "$(policy config "$rules")" "$(over_json)"
	for line in 'db_url mysql://kamailio:S3CRET@h/d' ' db_url = mysql://kamailio:S3CRET@h/d'; do
		printf '%s\n' "$line" >>"$rules"
		rpc tls_policy.reload | tee "$DIR/answer_of_reload" | grep -qF "$rules:4: \""
		! grep S3CRET "$DIR/answer_of_reload" || false
		sed -i 4d "$rules"
	done
	rpc tls_policy.set tls_remote_subject_name 's:mysql://kamailio:S3CRET@h/d'
	logged '"" -> "mysql ***"'
	! grep S3CRET "$DIR/log" || false
	echo 'db_url = mysql://kamailio:***@h/d' >>"$rules"
	same_fault "$rules:1: [rule:a] db_url has *** where tls_policy.dump hides the password: write the password itself" tls_policy.reload
	stop_kamailio
	refuses_start 'db_url has *** where tls_policy.dump hides the password' "$(policy db_url 'mysql://kamailio:***@h/d')"
}
