#!/usr/bin/env bats
# tls-policy check-config, and check under a rule of a rules file, without any
# Kamailio.
load helpers

setup_file() {
	PKI=$BATS_FILE_TMPDIR/pki
	STRICT=$BATS_FILE_TMPDIR/strict
	export PKI STRICT
	make_pki "$PKI"
	mkdir -p "$STRICT"
	"$BUILD/strict_certs" "$STRICT"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cp "$PKI/ca.pem" "$PKI/foreign-ca.pem" .
	printf '1 sip:trusted.example.com:5061;transport=tls\n2 sip:other.example.com\n' >sets.list
}

rules() { cat >rules.cfg; }

run_it() { # ARGUMENTS...: status, and the files out and err
	status=0
	"$BUILD/tls-policy" "$@" >out 2>err || status=$?
}

show() { # WHAT
	echo "$1: status $status" >&2
	sed 's/^/  out: /' out >&2
	sed 's/^/  err: /' err >&2
	return 1
}

# finds STATUS LINE...: exactly these lines, the last one apart.
finds() {
	local wanted=$1
	shift
	run_it check-config rules.cfg
	[ "$status" -eq "$wanted" ] && [ ! -s err ] || show "not $wanted" || return 1
	diff -u <(printf '%s\n' "$@") <(head -n -1 out) >&2 || return 1
	tail -n 1 out | grep -Eq '^rules.cfg: [0-9]+ rules?, [0-9]+ errors?, [0-9]+ warnings?$' || show "no last line"
}

says() { # STATUS TEXT: both among what check said
	[ "$status" -eq "$1" ] && cat out err | grep -qF -- "$2" || show "not $1 ($2)"
}

check() { run_it check --config rules.cfg --rule "$@"; }

@test "a file without fault" {
	cp "$STRICT/ca.pem" roots.pem
	cp "$STRICT/good.crl" all.crl
	rules <<-'END'
		[default]
		tls_version = 12
		[rule:carriers]
		peer = 203.0.113.0/24
		sips_require_client_certificate = 1
		peer_host_name_verification_mode = both
		proxy_file = sets.list
		dispatcher_set = 2
		https_root_file_name = roots.pem
		crl_file_name = all.crl
		[rule:phones]
		enforcement = none
	END
	run_it check-config rules.cfg
	says 0 "rules.cfg: 2 rules, 0 errors, 0 warnings"
	[ "$(wc -l <out)" -eq 1 ]
	mkdir elsewhere && cd elsewhere
	run_it check-config ../rules.cfg
	says 0 "../rules.cfg: 2 rules, 0 errors, 0 warnings"
}

@test "all errors at once: of the text, of files, of what does not fit" {
	cp "$PKI/stranger.pem" alone.pem
	echo 'sip..example' >bad.list
	rules <<-'END'
		[default]
		https_cert_file_name = alone.pem
		[rule:a]
		peer = 10.0.0.1
		peer_host_name_verification_mode = server
		sips_require_client_certificate = 1
		[rule:b]
		peer = 10.0.0.2
		proxy_file = bad.list
		[rule:c]
		peer = 10.0.0.3
		proxy_file = none.list
		https_root_file_name = none.pem
		[rule:d]
		peer = 10.0.0.4/8
		[rule:e]
		peer = 10.0.0.5
		proxy_file = bad.list
		dispatcher_set = 1
		[rule:f]
		peer = 10.0.0.6
		dispatcher_set = 1
		[rule:g]
		peer = 10.0.0.7
		proxy_file = sets.list
		https_root_file_name = ca.pem
		crl_file_name = ca.pem
	END
	finds 1 \
		'error: rules.cfg:15: peer: "10.0.0.4/8" has bits behind those of its network: write the network'"'"'s first address, or the address alone' \
		'error: rules.cfg:1: [default] https_cert_file_name: alone.pem holds no private key, and there is no file of its name with .key added or in place of its ending' \
		'error: rules.cfg:3: [rule:a] peer_host_name_verification_mode=server compares names with the proxies, but no proxy is configured (those of modparams are not known here: write them in [default])' \
		'error: rules.cfg:7: [rule:b] bad.list:1: "sip..example" has an empty label' \
		'error: rules.cfg:10: [rule:c] https_root_file_name: none.pem cannot be opened: No such file or directory' \
		'error: rules.cfg:10: [rule:c] none.list: No such file or directory' \
		'error: rules.cfg:16: [rule:e] bad.list:1: "sip..example" is no line of a dispatcher.list (SET DESTINATION ...), and dispatcher_set = 1 asks for one' \
		'error: rules.cfg:20: [rule:f] dispatcher_set has neither a proxy_file nor a db_url to choose from (those of modparams are not known here: write them in [default])' \
		'error: rules.cfg:23: [rule:g] crl_file_name: ca.pem holds "CERTIFICATE", and CRLs are wanted'
}

@test "a fault is said once" {
	cp "$STRICT/good.crl" all.crl
	rules <<-'END'
		[default]
		crl_file_name = all.crl
	END
	finds 1 "error: rules.cfg:1: [default] crl_file_name needs https_root_file_name beside it: without one tls.cfg's trust anchors and its crl count"
	echo 'https_cert_file_name = none.pem' >>rules.cfg # what else is wrong is still found
	finds 1 "error: rules.cfg:1: [default] crl_file_name needs https_root_file_name beside it: without one tls.cfg's trust anchors and its crl count" \
		'error: rules.cfg:1: [default] https_cert_file_name: none.pem cannot be opened: No such file or directory'
}

@test "what has expired: a warning, and an error where nobody would be left" {
	cp "$STRICT/ca.pem" roots.pem
	cp "$STRICT/expired.crl" int-old.crl
	cp "$PKI/expired.pem" "$PKI/expired.key" .
	rules <<-'END'
		[default]
		https_cert_file_name = expired.pem
		[rule:a]
		peer = 10.0.0.1
		https_root_file_name = expired.pem
	END
	run_it check-config rules.cfg
	says 0 "warning: rules.cfg:1: [default] https_cert_file_name: expired.pem: our certificate (/CN=expired) expired on 2020-02-01"
	says 0 "warning: rules.cfg:3: [rule:a] https_root_file_name: expired.pem: the trust anchor (/CN=expired) expired on 2020-02-01"
	echo 'verify_server_certificate = 1' >>rules.cfg
	run_it check-config rules.cfg
	says 1 "error: rules.cfg:3: [rule:a] refuses everybody: https_root_file_name has no trust anchor that could vouch for a peer"
	echo 'enforcement = testing' >>rules.cfg
	run_it check-config rules.cfg
	says 0 "0 errors, 2 warnings"
	rules <<-'END'
		[rule:a]
		peer = 10.0.0.1
		sips_require_client_certificate = 1
		https_root_file_name = roots.pem
		crl_file_name = int-old.crl
	END
	run_it check-config rules.cfg
	says 0 "warning: rules.cfg:1: [rule:a] crl_file_name: int-old.crl: the CRL of the CA (/CN=int) expired on 20"
}

@test "a database is not asked, and said so" {
	rules <<-'END'
		[rule:a]
		peer = 10.0.0.1
		peer_host_name_verification_mode = client
		db_url = mysql://kamailio:secret@127.0.0.1/kamailio
		dispatcher_set = 2
	END
	finds 0 "warning: rules.cfg:1: [rule:a] has proxies in a database, which is not asked here"
	check a --peer server "$PKI/trusted.pem"
	says 2 "the rule has proxies in a database, which is not asked here: name them by --proxy or --proxies"
	check a --peer server --ca ca.pem --proxy trusted.example.com "$PKI/trusted.pem"
	says 0 "accepted: "
	! grep -q secret out err || false
}

@test "a password is not told, however its line is wrong; nor is what stands for one taken" {
	for line in 'db_url mysql://kamailio:S3CRET@h/d' ' db_url = mysql://kamailio:S3CRET@h/d' 'DB_URL = "odbc:S3CRET"' \
		'tls_version = mysql://kamailio:S3CRET@h/d' 'proxy_file = mysql://kamailio:S3CRET@h/d'; do
		printf '[rule:a]\npeer = 10.0.0.1\n%s\n' "$line" >rules.cfg
		run_it check-config rules.cfg
		says 1 "error: rules.cfg"
		! grep S3CRET out err || false
	done
	printf '[rule:a]\npeer = 10.0.0.1\ndb_url = mysql://kamailio:***@h/d\n' >rules.cfg
	run_it check-config rules.cfg
	says 1 "error: rules.cfg:1: [rule:a] db_url has *** where tls_policy.dump hides the password: write the password itself"
}

@test "usage: one file, that can be read" {
	run_it check-config
	says 2 "tls-policy: name one rules file (see tls-policy check-config --help)"
	run_it check-config a b
	says 2 "tls-policy: name one rules file"
	run_it check-config --strict
	says 2 "tls-policy: name one rules file"
	run_it check-config none.cfg
	says 2 "tls-policy: none.cfg: No such file or directory"
	run_it check-config .
	says 2 "tls-policy: .: Is a directory"
	mkfifo pipe
	run_it check-config pipe
	says 2 "tls-policy: pipe: not a regular file"
	: >empty.cfg
	run_it check-config empty.cfg
	says 0 "empty.cfg: 0 rules, 0 errors, 0 warnings"
}

@test "check --rule: the rule's policy, proxies, trust anchors and CRLs" {
	cp "$STRICT/ca.pem" "$STRICT/good.crl" .
	cp "$PKI/ca.pem" pki-ca.pem
	rules <<-'END'
		[default]
		sips_require_client_certificate = 1
		peer_host_name_verification_mode = both
		proxy_file = sets.list
		https_root_file_name = pki-ca.pem
		[rule:one]
		peer = 10.0.0.1
		dispatcher_set = 1
		[rule:two]
		peer = 10.0.0.2
		dispatcher_set = 2
		[rule:foreign]
		peer = 10.0.0.3
		https_root_file_name = foreign-ca.pem
		[rule:crl]
		peer = 10.0.0.4
		https_root_file_name = ca.pem
		crl_file_name = good.crl
		[rule:testing]
		peer = 10.0.0.5
		dispatcher_set = 2
		enforcement = testing
		[rule:none]
		peer = 10.0.0.6
		enforcement = none
		[rule:unasked]
		peer = 10.0.0.7
		sips_require_client_certificate = 0
		peer_host_name_verification_mode = off
	END
	check default "$PKI/trusted.pem"
	says 0 "trusted.example.com is a configured proxy"
	check one "$PKI/trusted.pem"
	says 0 "trusted.example.com is a configured proxy"
	check two "$PKI/trusted.pem"
	says 1 "certificate-host-mismatch: "
	check foreign "$PKI/trusted.pem"
	says 1 "certificate-not-trusted: "
	check foreign "$PKI/foreign.pem"
	says 0 "trusted.example.com is a configured proxy"
	check default "$PKI/foreign.pem"
	says 1 "certificate-not-trusted: "
	check crl "$STRICT/good.pem"
	says 0 "accepted: "
	check crl "$STRICT/revoked.pem"
	says 1 "certificate-revoked: "
	check testing "$PKI/trusted.pem"
	says 1 "certificate-host-mismatch: "
	says 1 "enforcement = testing: the outcome of the connection does not change"
	check none "$PKI/stranger.pem"
	says 0 "accepted: enforcement = none: the connection is left alone"
	check unasked "$PKI/stranger.pem"
	says 0 "accepted"
}

@test "options that say what the rule says are refused" {
	rules <<-'END'
		[default]
		peer_host_name_verification_mode = both
		proxy = trusted.example.com
		[rule:anchors]
		peer = 10.0.0.1
		https_root_file_name = ca.pem
		[rule:none]
		peer = 10.0.0.2
		dispatcher_set = 3
		proxy_file = sets.list
	END
	check default --ca ca.pem "$PKI/trusted.pem"
	says 0 "accepted: "
	local option
	for option in --strict --no-wildcards --wildcard-proxies --sip-uri-identities --accept-server-auth-clients; do
		check default --ca ca.pem $option "$PKI/trusted.pem"
		says 2 "$option contradicts --config: the rule says it"
	done
	check default --sip-domain-purpose accept "$PKI/trusted.pem"
	says 2 "--sip-domain-purpose contradicts --config: the rule says it"
	check default --remote-subject-name x "$PKI/trusted.pem"
	says 2 "--remote-subject-name contradicts --config: the rule says it"
	check default --proxy a.example "$PKI/trusted.pem"
	says 2 "--proxy and --proxies contradict --config: the rule says which proxies it has"
	check default --proxies sets.list "$PKI/trusted.pem"
	says 2 "--proxy and --proxies contradict --config"
	check anchors --ca ca.pem "$PKI/trusted.pem"
	says 2 "--ca and --crl contradict --config: the rule has https_root_file_name"
	check anchors --crl ca.pem "$PKI/trusted.pem"
	says 2 "--ca and --crl contradict --config"
	run_it check --config rules.cfg "$PKI/trusted.pem"
	says 2 "--config and --rule go together"
	run_it check --rule default "$PKI/trusted.pem"
	says 2 "--config and --rule go together"
	check nobody "$PKI/trusted.pem"
	says 2 'rules.cfg has no rule "nobody"'
	check none "$PKI/trusted.pem"
	says 2 "peer_host_name_verification_mode=both compares names with the proxies, but no proxy is configured"
	echo 'x = 1' >>rules.cfg
	check default "$PKI/trusted.pem"
	says 2 'tls-policy: rules.cfg:11: unknown key "x"'
}

@test "the rules files of doc/rules.md can be read" {
	awk '/^```ini$/ { name = "doc-" ++n ".cfg"; next } /^```$/ { name = "" } name { print >name }' "$ROOT/doc/rules.md"
	local file
	for file in doc-*.cfg; do
		run_it check-config "$file"
		# files of the examples are not here; all else is as it should be
		! grep -v 'No such file or directory' out | grep -E '^(error|warning): ' || show "$file"
		grep -Eq "^$file: [1-9]" out || show "$file"
	done
	[ -e doc-2.cfg ]
}
