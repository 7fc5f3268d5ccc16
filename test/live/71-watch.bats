#!/usr/bin/env bats
# watch: files that change are loaded without a command, all or nothing, once
# they are quiet; what tls.cfg names is told until tls.reload; and a tls.reload
# that the policy cannot live with is told at once.
load helpers
load ../lib/rpc

setup_file() {
	new_dir
	cp "$PKI/ca.pem" "$PKI/server.pem" "$PKI/server.key" "$DIR"
	sed -i "s|$PKI/|$DIR/|" "$DIR/tls.cfg"
	own_as trusted
	echo trusted.example.com >"$DIR/proxies"
	echo trusted.example.com >"$DIR/list-b"
	cp "$PKI/ca.pem" "$DIR/roots-b.pem"
	mkdir "$DIR/db"
	crl >"$DIR/crl-b.pem"
	rules >"$DIR/rules"
	start_kamailio "$(policy watch 1)" "$(policy config "$DIR/rules")" "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode server)" "$(policy proxy_file "$DIR/proxies")" \
		"$(policy https_cert_file_name "$DIR/own.pem")" "$(over_json)"
}
teardown_file() { stop_kamailio; }

rules() { # LINE...: of the rule that is for b.example
	printf '%s\n' "[rule:b]" "server_name = b.example" "proxy_file = list-b" \
		"https_root_file_name = $DIR/roots-b.pem" "crl_file_name = $DIR/crl-b.pem" "$@"
}

own_as() { # NAME: first the certificate, then its key
	cp "$PKI/$1.pem" "$DIR/own.pem"
	cp "$PKI/$1.key" "$DIR/own.key"
}

crl() { # NAME...: of the test CA, of what it has revoked
	local name
	printf '%s\n' '[ca]' 'default_ca = own' '[own]' "database = $DIR/db/index.txt" "crlnumber = $DIR/db/number" \
		"certificate = $PKI/ca.pem" "private_key = $PKI/ca.key" 'default_md = sha256' 'default_crl_days = 2' >"$DIR/db/ca.cnf"
	: >"$DIR/db/index.txt"
	[ -e "$DIR/db/number" ] || echo 01 >"$DIR/db/number"
	for name; do openssl ca -config "$DIR/db/ca.cnf" -revoke "$PKI/$name.pem" 2>/dev/null; done
	openssl ca -config "$DIR/db/ca.cnf" -gencrl 2>/dev/null
}

# At once, never half: as by mv.
replace() { # FILE: by standard input
	cat >"$1.new"
	mv "$1.new" "$1"
}

counter() { rpc stats.fetchn "tls_policy:$1" | sed -n "s/.*tls_policy\.$1: //p"; }
counted() { [ "$(counter "$1")" -eq "$2" ]; }
remember() {
	RELOADS=$(counter reloads)
	FAILED=$(counter reloads_failed)
	LINES=$(wc -l <"$DIR/log")
}
reloaded() { await counted reloads $((RELOADS + ${1:-1})) && counted reloads_failed "$FAILED"; }
since() { tail -n "+$((LINES + 1))" "$DIR/log" | grep -cE -- "$1"; } # how many lines of the log

shown() { # SUBJECT
	openssl s_client -connect "127.0.0.1:$PORT" </dev/null 2>/dev/null >"$DIR/hello" || true
	openssl x509 -noout -subject <"$DIR/hello" | grep -qx "subject=CN *= *$1"
}

# looks N: the module looks N times at all files, up to three; each time it finds
# another one of tls.cfg.
looks() {
	local files=(ca.pem server.pem server.key) i
	for ((i = 1; i <= $1; i++)); do
		touch "$DIR/${files[i - 1]}"
		await counted tls_reload_pending "$i"
	done
	rpc tls.reload >/dev/null
	await counted tls_reload_pending 0
}

@test "watch is a parameter as any other" {
	[ "$(same tls_policy.show name=watch | value value)" = 1 ]
	[ "$(same tls_policy.show name=watch | value range)-$(same tls_policy.show name=watch | value scope)" = 0..86400-server ]
	rpc tls_policy.dump | grep -q '^watch = 1$'
	same_fault 'watch: "86401" is not a number from 0 to 86400 (s)' tls_policy.set watch 86401
	same_fault 'watch is for the whole server: set it without rule=' tls_policy.set watch 2 rule=b
}

# shellcheck disable=SC2046
@test "whatever changes is loaded without a command: lists, certificate, key, trust anchors and CRLs" {
	local files=("$DIR/crl-b.pem" "$DIR/list-b" "$DIR/own.key" "$DIR/own.pem" "$DIR/proxies" "$DIR/roots-b.pem" "$DIR/rules")
	expect_refused line-before "bad certificate" $(as stranger)
	expect_accepted crl-before sni=b.example $(as trusted)
	expect_refused roots-before "unknown CA" sni=b.example $(as foreign)
	shown trusted
	rpc tls_policy.set watch 0 # however long it takes to write them
	remember
	echo stranger.example.com >>"$DIR/proxies"
	own_as wildcard
	crl trusted | replace "$DIR/crl-b.pem"
	cat "$PKI/ca.pem" "$PKI/foreign-ca.pem" >"$DIR/roots-b.pem"
	printf '%s\n' trusted.example.com more.example.com | replace "$DIR/list-b"
	rules "wildcards = 0" | replace "$DIR/rules"
	rpc tls_policy.set watch 1
	reloaded
	expect_accepted line-after $(as stranger)
	expect_refused crl-after "certificate revoked" sni=b.example $(as trusted)
	shown wildcard
	[ "$(rpc tls_policy.proxies name=more.example.com rule=b)" = more.example.com ]
	same tls_policy.show name=wildcards rule=b | grep -q '^value: 0$'
	[ "$(since "WARNING: .*: watch \(${files[0]} and $((${#files[@]} - 1)) others\) reloaded: rules 1 -> 1, proxies 2 -> 4$")" -eq 1 ]
}

# Half a line is no host: whoever reads it in between fails. A writer that was
# held up for nearly a period proves nothing, and begins again.
written_in_pieces() {
	local piece last now longest=0
	remember
	last=${EPOCHREALTIME/./}
	for piece in '[' 2001 : db8 : : '7]'; do
		printf '%s' "$piece" >>"$DIR/proxies"
		sleep 0.3
		now=${EPOCHREALTIME/./}
		[ $((now - last)) -le "$longest" ] || longest=$((now - last))
		last=$now
	done
	reloaded && return 0
	[ "$longest" -gt 800000 ] || return 1
	echo trusted.example.com | replace "$DIR/proxies"
	return 2
}

@test "a list that is written in pieces is loaded when it is quiet" {
	local state=2
	while [ "$state" -eq 2 ]; do
		state=0
		written_in_pieces || state=$?
	done
	[ "$state" -eq 0 ]
	[ "$(rpc tls_policy.proxies name=2001:db8::7)" = 2001:db8::7 ]
}

# shellcheck disable=SC2046
@test "rules that are wrong: one line, and the old ones stay; mended, they are in force" {
	remember
	rules 'no_such_parameter = 1' | replace "$DIR/rules"
	await counted reloads_failed $((FAILED + 1))
	looks 2
	counted reloads_failed $((FAILED + 1))
	counted reloads "$RELOADS"
	[ "$(since 'did not reload')" -eq 1 ]
	[ "$(since "ERROR: .*: watch \($DIR/rules\) did not reload, and everything stays as it was: $DIR/rules:6: ")" -eq 1 ]
	expect_refused rules-wrong "bad certificate" sni=b.example $(as ip)
	remember
	rules "proxy_file = list-late" | replace "$DIR/rules"
	await counted reloads_failed $((FAILED + 1))
	[ "$(since "did not reload, .*: rule b: $DIR/list-late: No such file or directory")" -eq 1 ]
	echo 192.0.2.10 >"$DIR/list-late"
	await counted reloads $((RELOADS + 1))
	counted reloads_failed $((FAILED + 1))
	[ "$(since "WARNING: .*: watch \($DIR/list-late\) reloaded")" -eq 1 ]
	expect_accepted rules-mended sni=b.example $(as ip)
}

@test "what does not serve is tried again when something else that it needs has changed" {
	remember
	printf '%s\n' trusted.example.com '*.carrier.example' | replace "$DIR/proxies"
	await counted reloads_failed $((FAILED + 1))
	[ "$(since 'watch .*/proxies\) did not reload, .*"\*.carrier.example" stands for every name below it')" -eq 1 ]
	rpc tls_policy.set wildcard_proxies 1
	await counted reloads $((RELOADS + 1))
	counted reloads_failed $((FAILED + 1))
	[ "$(rpc tls_policy.proxies name='*.carrier.example')" = '*.carrier.example' ]
}

@test "what a command has loaded is not loaded again" {
	rpc tls_policy.set watch 0
	remember
	echo commanded.example.com | replace "$DIR/proxies"
	rpc tls_policy.reload >/dev/null
	rpc tls_policy.set watch 1
	looks 3
	counted reloads $((RELOADS + 1))
	counted reloads_failed "$FAILED"
	[ "$(rpc tls_policy.proxies name=commanded.example.com)" = commanded.example.com ]
}

@test "tls.cfg's ca_list has changed: told once, pending until tls.reload" {
	remember
	touch "$DIR/ca.pem"
	await counted tls_reload_pending 1
	touch "$DIR/ca.pem"
	replace "$DIR/proxies" <<<trusted.example.com
	reloaded # at least one look later
	counted tls_reload_pending 1
	[ "$(since 'has changed, and is not loaded')" -eq 1 ]
	[ "$(since "WARNING: .*: watch: ca_list $DIR/ca.pem of TLS domain \[server:default\] has changed, and is not loaded")" -eq 1 ]
	rpc tls.reload
	await counted tls_reload_pending 0
}

# in_domain NAME SED-EXPRESSION
in_domain() { sed -i "/^\[$1\]/,/^\[/$2" "$DIR/tls.cfg"; }
errors() { since 'ERROR: .*tls.reload: the policy in force cannot be carried out with what tls.cfg says now'; }

@test "a tls.reload that the policy cannot live with is an error at once, with watch and without" {
	local said='the policy in force cannot be carried out with what tls.cfg says now: TLS domain'
	cp "$DIR/tls.cfg" "$DIR/good.cfg"
	rpc tls_policy.set watch 0
	rpc tls_policy.set tls_version 8
	remember
	in_domain server:any 's|^ca_list.*||'
	rpc tls.reload
	await logged "$said [server:any] server_name=sni.example has no trust anchors (ca_list) and https_root_file_name is unset, so every client certificate would be refused"
	cp "$DIR/good.cfg" "$DIR/tls.cfg"
	rpc tls.reload
	in_domain server:default 's|^method.*|method = TLSv1.2|'
	rpc tls.reload
	# a line for each rule and domain: rule b's connections are in none of their own
	await logged "${said%TLS*}rule b: TLS domain [server:default] "
	[ "$(since "$said \\[server:default\\] ")" -eq 1 ]
	[ "$(errors)" -eq 3 ]
	cp "$DIR/good.cfg" "$DIR/tls.cfg"
	rpc tls.reload
}

@test "of many such domains eight are told, and how many more there are" {
	local n
	remember
	for n in {1..9}; do sed -n "s/sni.example/n$n.example/;s/^method.*/method = TLSv1.2/;/^\[server:any\]/,/^server_name/p" "$DIR/good.cfg"; done >>"$DIR/tls.cfg"
	rpc tls.reload
	await logged 'with what tls.cfg says now: and 1 more'
	[ "$(errors)" -eq 9 ]
	[ "$(since 'TLS domain \[server:any\] server_name=n[1-9].example ')" -eq 8 ]
	cp "$DIR/good.cfg" "$DIR/tls.cfg"
	rpc tls.reload
}
