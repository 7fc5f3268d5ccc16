#!/usr/bin/env bats
# Which connection carries a request of ours: never one that a peer opened and
# that would not be accepted from a server there, whatever it looks like
# (RFC 5923). What goes out is counted where it arrives, at both ends that are
# at one address: whoever connected from it, and the server that listens there.
load helpers
load ../lib/ends
MEMORY_MANAGER=fm

setup() {
	new_dir
	AT=$(free_port)
}
teardown() {
	stop_ends
	stop_kamailio
}

asking_servers() {
	start_kamailio "$(policy VerifyServerCertificate 1)" "$(policy PeerHostNameVerificationMode client)" \
		"$(policy proxy trusted.example.com)" "$@"
}

# shellcheck disable=SC2046
true_server() { end_of server listen="$AT" $(as "${1:-trusted}"); }

# The connection has come to its reader and has said something.
# shellcheck disable=SC2120
speaks() {
	says_request impostor OPTIONS spoken "sip:127.0.0.1:$PORT" "$@"
	await got impostor spoken 'SIP/2.0 200'
}

# relayed_once CALL-ID: to the server alone.
reaches_server_alone() {
	send_request "$1" "$AT" && await got server "$1" OPTIONS || return 1
	! got impostor "$1"
}
# reaches_impostor CALL-ID: what the tests must be able to see.
reaches_impostor() {
	send_request "$1" "$AT" && await got impostor "$1" OPTIONS && ! got server "$1"
}
tcp_accepted() { [ "$(rpc core.tcp_list | grep -c "src_port: $AT")" -gt 0 ]; }
tcp_gone() { ! tcp_accepted; }

@test "a TLS client without a certificate" {
	asking_servers
	end_of impostor "$PORT" from="$AT"
	true_server
	speaks
	reaches_server_alone one
	reaches_server_alone two
	[ "$(grep -c '^established' "$DIR/server")" = 1 ]
	await logged 'reuse_accepted_connections=always would permit it'
	[ "$(rpc stats.fetch tls_policy.requests_kept_back | grep -o '[0-9]*$')" = 1 ]
}

@test "a TLS client with a certificate that no server there may have" {
	asking_servers
	# shellcheck disable=SC2046
	end_of impostor "$PORT" from="$AT" $(as stranger)
	true_server
	speaks
	reaches_server_alone one
}

@test "one that has not said a word, and one in the middle of its handshake" {
	asking_servers
	end_of impostor "$PORT" from="$AT" silent=1
	await tcp_accepted
	true_server
	reaches_server_alone silent
	stop_ends
	AT=$(free_port)
	end_of impostor "$PORT" from="$AT" half=1
	true_server
	reaches_server_alone half
}

@test "one that is given the port by force_tcp_alias, with tcp_connection_match=1" {
	write_config "$(policy VerifyServerCertificate 1)" "$(policy proxy trusted.example.com)" 'tcp_connection_match=1'
	sed -i '/^request_route {/a if($ci == "alias") force_tcp_alias('"$AT"');' "$DIR/kamailio.cfg"
	launch
	await_start
	end_of impostor "$PORT" from="$(free_port)"
	says_request impostor OPTIONS alias "sip:127.0.0.1:$PORT"
	await got impostor alias 'SIP/2.0 200'
	true_server
	reaches_server_alone by-forced-alias
}

@test "one that names the port by Via's alias" {
	local named
	asking_servers 'tcp_accept_aliases=yes'
	named=$AT
	AT=$(free_port)
	end_of impostor "$PORT" from="$AT"
	VIA=';alias' says_request impostor OPTIONS other "sip:127.0.0.1:$PORT"
	await got impostor other 'SIP/2.0 200'
	say impostor "OPTIONS sip:127.0.0.1:$PORT SIP/2.0" "Via: SIP/2.0/TLS 127.0.0.1:$named;branch=z9hG4bKalias;alias" \
		'From: <sip:a@example.com>;tag=1' 'To: <sip:a@example.com>' 'Call-ID: alias' 'CSeq: 1 OPTIONS' 'Content-Length: 0'
	await got impostor alias 'SIP/2.0 200'
	AT=$named
	true_server
	reaches_server_alone by-alias
}

@test "always: it carries requests, as before, and after a change no longer" {
	asking_servers "$(policy reuse_accepted_connections always)"
	end_of impostor "$PORT" from="$AT"
	true_server
	speaks
	reaches_impostor one
	rpc tls_policy.set reuse_accepted_connections judged
	reaches_server_alone two
	rpc tls_policy.set reuse_accepted_connections always
	rpc tls_policy.set verify_server_certificate 0
	rpc tls_policy.set reuse_accepted_connections judged
	reaches_server_alone three
}

@test "where nothing is asked of servers it carries requests, as ever" {
	start_kamailio
	end_of impostor "$PORT" from="$AT"
	true_server
	speaks
	reaches_impostor one
	rpc tls_policy.set verify_server_certificate 1 # from now on it is
	reaches_server_alone two
}

# shellcheck disable=SC2046
@test "a peer that would be accepted as a server there gets requests over its connection" {
	asking_servers 'tcp_accept_aliases=yes' "$(policy SIPSRequireClientCertificate 1)"
	end_of impostor "$PORT" from="$AT" $(as trusted)
	true_server
	speaks
	reaches_impostor one
	say impostor "OPTIONS sip:127.0.0.1:$PORT SIP/2.0" "Via: SIP/2.0/TLS 127.0.0.1:$((AT + 7));branch=z9hG4bKalias;alias" \
		'From: <sip:a@example.com>;tag=1' 'To: <sip:a@example.com>' 'Call-ID: alias' 'CSeq: 1 OPTIONS' 'Content-Length: 0'
	await got impostor alias 'SIP/2.0 200'
	send_request by-alias $((AT + 7))
	await got impostor by-alias OPTIONS
	# No more so once its name is no proxy any more, and before anybody has
	# judged it anew.
	rpc tls_policy.set tls_remote_subject_name nobody
	reaches_server_alone two
	stop_end server
	rpc tls_policy.recheck
	await rechecked
	send_request again "$AT"
	await got impostor again OPTIONS
}
rechecked() { rpc tls_policy.recheck | grep -q 'left: 0'; }

@test "a reply goes over the connection that the request came on" {
	asking_servers
	end_of impostor "$PORT" from="$AT"
	true_server
	end_of far listen="$(free_port)" answer=1 cert="$PKI/trusted.pem" key="$PKI/trusted.key"
	says_request impostor OPTIONS asked "sip:far@127.0.0.1:$(own_port far);transport=tls"
	await got impostor asked 'SIP/2.0 200'
	got far asked OPTIONS
}

@test "over plain TCP, from the address of a server that is called over TLS" {
	local tcp
	tcp=$(free_port)
	LISTEN="listen=tls:127.0.0.1:$PORT
listen=tcp:127.0.0.1:$tcp" asking_servers
	grep -q 'may send over TCP what is meant for TLS' "$DIR/log"
	end_of impostor "$tcp" from="$AT" tcp=1
	say impostor "OPTIONS sip:127.0.0.1:$PORT SIP/2.0" "Via: SIP/2.0/TCP 127.0.0.1:$AT;branch=z9hG4bKtcp" \
		'From: <sip:a@example.com>;tag=1' 'To: <sip:a@example.com>' 'Call-ID: spoken' 'CSeq: 1 OPTIONS' 'Content-Length: 0'
	await got impostor spoken 'SIP/2.0 200'
	true_server
	reaches_server_alone over-tcp
	# nor is that what `always` is for
	stop_end server
	rpc tls_policy.set reuse_accepted_connections always
	true_server
	reaches_server_alone over-tcp-again
}

# The TLS domains in which we are client trust FILE alone from now on.
we_trust() { # FILE [LINE]
	awk -v ca="$1" -v line="${2:-}" '/^\[/ { client = /client/ } client && /^crl/ { next }
		client && /^ca_list/ { $0 = "ca_list = " ca (line ? "\n" line : "") } { print }' "$DIR/tls.cfg" >"$DIR/tls.new"
	mv "$DIR/tls.new" "$DIR/tls.cfg"
	rpc tls.reload | grep -q Ok
}
kept_back() { rpc stats.fetch tls_policy.requests_kept_back | grep -o '[0-9]*$'; }
is_kept_back() { # CALL-ID
	local before
	before=$(kept_back)
	send_request "$1" "$AT"
	await more_kept_back "$before" && ! got impostor "$1"
}
more_kept_back() { [ "$(kept_back)" -gt "$1" ]; }
has_alerts() { [ "$(grep -c '^alert' "$DIR/server")" -ge "$1" ]; }

@test "after a tls.reload a connection that we opened carries what its server may get by now" {
	asking_servers
	true_server
	send_request one "$AT" && await got server one OPTIONS
	we_trust "$PKI/ca.pem"
	send_request same "$AT" && await got server same OPTIONS
	we_trust "$PKI/foreign-ca.pem"
	send_request other "$AT" && await has_alerts 1
	we_trust "$PKI/ca.pem"
	send_request again "$AT" && await got server again OPTIONS
	! got server other
	[ "$(grep -c '^established' "$DIR/server")" = 1 ]
}

@test "after a tls.reload one that a peer opened carries nothing if we trust others by now" {
	asking_servers "$(policy sips_require_client_certificate 1)"
	# shellcheck disable=SC2046
	end_of impostor "$PORT" from="$AT" $(as trusted)
	speaks
	reaches_impostor one
	we_trust "$PKI/ca.pem"
	reaches_impostor same
	we_trust "$PKI/foreign-ca.pem"
	is_kept_back other
	we_trust "$PKI/ca.pem"
	reaches_impostor again
}

@test "after a tls.reload by which a CA is trusted for no server" {
	asking_servers "$(policy sips_require_client_certificate 1)"
	# the tls module wants one that says nothing of trust, too
	cat "$PKI/foreign-ca.pem" "$PKI/ca.pem" >"$DIR/both.pem"
	openssl x509 -in "$PKI/ca.pem" -addreject serverAuth -trustout | cat "$PKI/foreign-ca.pem" - >"$DIR/rejecting.pem"
	we_trust "$DIR/both.pem"
	# shellcheck disable=SC2046
	end_of impostor "$PORT" from="$AT" $(as trusted)
	speaks
	reaches_impostor one
	we_trust "$DIR/rejecting.pem"
	is_kept_back other
	stop_end impostor
	await tcp_gone
	we_trust "$DIR/both.pem"
	true_server
	send_request ours "$AT" && await got server ours OPTIONS
	we_trust "$DIR/rejecting.pem"
	send_request no-more "$AT"
	await has_alerts 1
	! got server no-more
}

# A TLS domain in which we are client, by either of these names.
client_domain() { # NAME ID CA
	printf '[client:any]\nserver_name = %s\nserver_id = %s\nprivate_key = %s\ncertificate = %s\nca_list = %s\nverify_certificate = yes\n' \
		"$1" "$2" "$PKI/server.key" "$PKI/server.pem" "$3"
}

# asking_for XAVP...: of the tls module, for each request, the last one first.
asking_for() {
	local line
	cp "$DIR/tls.cfg" "$DIR/tls.before"
	client_domain trusted.example.com one "$PKI/ca.pem" >>"$DIR/tls.cfg"
	write_config "$(policy VerifyServerCertificate 1)" "$(policy PeerHostNameVerificationMode client)" \
		"$(policy proxy trusted.example.com)" 'modparam("tls", "xavp_cfg", "tls")'
	for line; do sed -i "/^request_route {/a \$xavp($line\";" "$DIR/kamailio.cfg"; done
	launch
	await_start
	true_server
	send_request one "$AT"
	await got server one OPTIONS
	cp "$DIR/tls.before" "$DIR/tls.cfg"
}
carries_no_more() {
	rpc tls.reload | grep -q Ok
	send_request other "$AT"
	await has_alerts 1
	! got server other
}

@test "after a tls.reload that gives the server_id of our domain, for which nobody asked, to another one" {
	asking_for 'tls=>server_name) = "trusted.example.com'
	client_domain trusted.example.com two "$PKI/foreign-ca.pem" >>"$DIR/tls.cfg"
	client_domain legacy.example one "$PKI/ca.pem" >>"$DIR/tls.cfg"
	carries_no_more
}

@test "after a tls.reload that gives the server_id for which we asked to another domain" {
	asking_for 'tls[0]=>server_name) = "trusted.example.com' 'tls=>server_id) = "ONE'
	client_domain trusted.example.com two "$PKI/ca.pem" >>"$DIR/tls.cfg"
	client_domain legacy.example one "$PKI/foreign-ca.pem" >>"$DIR/tls.cfg"
	carries_no_more
}

# going_out_from ADDRESS: by [client:default]'s CA of before, and from elsewhere by
# another.
going_out_from() {
	[ -e "$DIR/tls.before" ] || cp "$DIR/tls.cfg" "$DIR/tls.before"
	awk -v at="$1" '/^\[/ { ours = /client:default/ } ours && /^\[/ { $0 = "[client:" at ":0]" } ours { print }' \
		"$DIR/tls.before" >"$DIR/tls.ours"
	cp "$DIR/tls.before" "$DIR/tls.cfg"
	cat "$DIR/tls.ours" >>"$DIR/tls.cfg"
	awk -v ca="$PKI/foreign-ca.pem" '/^\[/ { client = /client:default/ } client && /^ca_list/ { $0 = "ca_list = " ca } { print }' \
		"$DIR/tls.cfg" >"$DIR/tls.new"
	mv "$DIR/tls.new" "$DIR/tls.cfg"
	rpc tls.reload | grep -q Ok
}

@test "after a tls.reload in which another client domain has the trust anchors" {
	asking_servers
	going_out_from 127.0.0.1
	true_server
	send_request one "$AT" && await got server one OPTIONS
	going_out_from 127.0.0.9
	send_request other "$AT" && await has_alerts 1
	going_out_from 127.0.0.1
	send_request again "$AT" && await got server again OPTIONS
	! got server other
}
