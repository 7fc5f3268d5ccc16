#!/usr/bin/env bats
# doc/migrating.md: a configuration of the first version starts as it is; its old
# words are errors that say the new one; the page's blocks are done, and its
# table is what becomes of the words.
load helpers
load ../lib/page

export PAGE=$ROOT/doc/migrating.md

setup_file() {
	new_dir 2
	mkdir -p "$DIR/modules" "$DIR/cron" "$DIR/root"
	ln -s "$("$ROOT/scripts/kamailio-modules")"/* "$DIR/modules"
	rm -f "$DIR/modules/tls_policy.so"
	install -m 644 "$BUILD/tls_policy.so" "$DIR/modules"
	: >"$BATS_FILE_TMPDIR/taken"
	first_version
	page_begins
}
teardown_file() { page_goes_on && stop_kamailio; }
setup() { page_goes_on && cd "$DIR"; }

# As the first version's README had it, with most of its parameters.
first_version() { # LINE...
	MODULES="mpath=\"$DIR/modules/\"
loadmodule \"tls.so\"
loadmodule \"tls_policy.so\"" write_config \
		"$(policy tls_version 12)" "$(policy SIPSRequireClientCertificate 1)" "$(policy peer_host_name_verification_mode both)" \
		"$(policy proxy trusted.example.com)" "$(policy VerifyServerCertificate 1)" "$(policy bind_to_peer 0)" \
		"$(policy tls_rehandshake_interval 60)" "$(policy tls_rehandshake_method auto)" "$(policy tls_expiry_check_start 1)" "$@"
}

put_in() {
	sed "s|/usr/lib/\*/kamailio/modules|$DIR/modules|; s|/root/|$DIR/root/|; s|/etc/cron\* /usr/local/bin|$DIR/cron|; s|/etc/kamailio|$DIR|g"
}
make() { install -m 644 "$BUILD/tls_policy.so" "$DIR/modules"; } # `make install` itself: test/package/10-install.bats

row() { grep -qF -- "| $1 | $2 |" "$PAGE"; } # of the table

# shellcheck disable=SC2046
judges() {
	probe version=1.3 call_id="$1" $(as trusted) | grep 'answer=200'
	probe version=1.3 call_id="$1-stranger" $(as stranger) | grep 'alert=bad certificate answer=none'
}

# shellcheck disable=SC2016
@test "before: what has to be changed is found" {
	judges first
	cp kamailio.cfg kept
	printf '%s\n' 'event_route[tls-policy:expiry] {' '	xlog("$tlsp(text)\n");' '}' '#if($tlsp(role) == "server")' >>kamailio.cfg
	echo 'kamcmd tls_policy.proxies a.example' >cron/script
	types "Before: what has to be changed" 1
	sees 'tlsp(role)' 'tls-policy:expiry' 'tls_policy.proxies a.example'
	mv kept kamailio.cfg
	cp kamailio.cfg kamailio.cfg.first
}

# shellcheck disable=SC2016
@test "the table: \$tlsp(role) does not start, and says what to write" {
	row '`$tlsp(role) == "server"`' '`$tlsp(peer_role) == "client"`'
	row '`$tlsp(role) == "client"`' '`$tlsp(peer_role) == "server"`'
	DIR=$DIR/other PORT=$(free_port)
	mkdir -p "$DIR/modules"
	ln -s "$BATS_FILE_TMPDIR"/live.*/modules/* "$DIR/modules"
	write_tls_cfg
	first_version
	printf '%s\n' 'event_route[tls-policy:rejected] {' '	if($tlsp(role) == "server") xlog("it\n");' '}' >>"$DIR/kamailio.cfg"
	starts_not '$tlsp(role): write $tlsp(peer_role), the part that the peer plays: client where $tlsp(role) was server'
	row 'modparam `tls_rehandshake_accept`' 'nothing: no peer starts a renegotiation any more ([rehandshake.md](rehandshake.md))'
	first_version "$(policy tls_rehandshake_accept 1)"
	starts_not tls_rehandshake_accept
}
starts_not() { # SENTENCE
	SERVER=
	launch
	await started_or_gone
	gone || { stop_kamailio && return 1; }
	SERVER=
	grep -F -- "$1" "$DIR/log"
}

# shellcheck disable=SC2016
@test "the table: the command line and the commands say the new form" {
	row '`tls-policy check --role server`' '`tls-policy check --peer client`'
	run tls-policy check --role server "$PKI/trusted.pem"
	[ "$status" -eq 2 ] && [[ $output == *'--role server is now --peer client'* ]]
	row '`tls-policy check --role client`' '`tls-policy check --peer server`'
	run tls-policy check --role client "$PKI/trusted.pem"
	[ "$status" -eq 2 ] && [[ $output == *'--role client is now --peer server'* ]]
	row '`kamcmd tls_policy.check FILE client HOST`' '`kamcmd tls_policy.check FILE peer=server host=HOST`'
	rpc tls_policy.check "$PKI/trusted.pem" client trusted.example.com | grep 'usage: tls_policy.check PEMFILE peer=client|server'
	rpc tls_policy.check "$PKI/trusted.pem" | grep 'usage: tls_policy.check PEMFILE peer=client|server'
	rpc tls_policy.check "$PKI/trusted.pem" peer=server host=trusted.example.com | grep 'verdict: accepted'
	row '`kamcmd tls_policy.proxies NAME`' '`kamcmd tls_policy.proxies name=NAME`'
	rpc tls_policy.proxies trusted.example.com | grep 'usage: tls_policy.proxies \[name=NAME\]'
	rpc tls_policy.proxies name=trusted.example.com | grep trusted.example.com
	row '`role` in the answers of `connections`, `rejections`, `check`' '`peer_role`, with the other word'
	rpc tls_policy.rejections 1 | grep 'peer_role: client'
}

@test "change over: with the modparams as they are, then with a rules file of them" {
	types "Change over" 1
	sees 'name: default' 'tls_policy.requests_kept_back: 0'
	judges now
	types "Change over" 2
	sees '0 errors'
	[ "$(grep -c 'modparam("tls_policy"' kamailio.cfg)" -eq 1 ]
	judges rules
	rpc tls_policy.show name=tls_rehandshake_interval | grep 'value: 60'
}

# The parameters of the first version; all others are new, and the page has them.
FIRST="tls_version tls_rehandshake_interval sips_require_client_certificate peer_host_name_verification_mode
	https_cert_file_name https_root_file_name tls_remote_subject_name verify_server_certificate require_strict_cert
	accept_server_auth_clients sip_domain_purpose tls_expiry_check_start tls_expiry_check_period wildcards wildcard_proxies
	sip_uri_identities bind_to_peer tls_rehandshake_interval_seconds tls_rehandshake_method tls_rehandshake_peers
	tls_rehandshake_quiet_ms tls_rehandshake_quiet_wait_ms tls_rehandshake_min_spacing tls_rehandshake_hold_octets
	tls_rehandshake_hold_timeout_ms tls_rehandshake_drain"
@test "what the first version has not is named" {
	local name new=0
	for name in $(rpc tls_policy.show | sed -n 's/^[[:space:]]*name: //p'); do
		[[ " ${FIRST//[[:space:]]/ } " != *" $name "* ]] || continue
		grep -qF "\`$name\`" "$PAGE" || { echo "not on the page: $name" >&2 && return 1; }
		new=$((new + 1))
	done
	[ "$new" -ge 9 ]
}

@test "and back" {
	types "And back" 1
	cmp kamailio.cfg kamailio.cfg.first
	judges back
}

@test "no block of the page was left out" { all_taken; }
