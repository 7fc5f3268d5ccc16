#!/usr/bin/env bats
# tls-policy probe: what real servers show (openssl s_server, Kamailio with the
# module), judged as `check` judges a file; and what becomes of it if they
# refuse us, are not there, say nothing or say nonsense.
load helpers

setup_file() {
	WORKERS=2
	new_dir
	start_kamailio "$(policy sips_require_client_certificate 1)" "$(policy peer_host_name_verification_mode server)" \
		"$(policy proxy trusted.example.com)"
	export SERVER
}
teardown_file() { stop_kamailio; }

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	TRUST="--ca $PKI/ca.pem"
	PROXY="--proxy trusted.example.com"
}
teardown() {
	tell_why
	[ -z "${PEER:-}" ] || stop_peer
}

probe() { # ARGUMENTS...: status, and the files out and err
	status=0
	"$BUILD/tls-policy" probe "$@" >out 2>err || status=$?
}

show() { # WHAT
	echo "$1: status $status" >&2
	sed 's/^/  out: /' out >&2
	sed 's/^/  err: /' err >&2
	return 1
}

# gives STATUS TEXT ARGUMENTS...
gives() {
	local wanted=$1 text=$2
	shift 2
	probe "$@"
	[ "$status" -eq "$wanted" ] && cat out err | grep -qF -- "$text" || show "not $wanted ($text): $*"
}

# unusable TEXT ARGUMENTS...: one line on stderr, nothing else.
unusable() {
	gives 2 "$@" && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && grep -q '^tls-policy: ' err || show "not one sentence"
}

# serve NAME S_SERVER-OPTIONS...: as many connections as come; what the peers
# send is in received.
serve() {
	local name=$1
	shift
	[ -z "${PEER:-}" ] || stop_peer
	PEER_PORT=$(free_port)
	rm -f in
	mkfifo in
	exec 8<>in
	: >peer.log # that of an earlier one says ACCEPT
	openssl s_server -accept "${AT:-127.0.0.1}:$PEER_PORT" -cert "$PKI/$name.pem" -key "$PKI/$name.key" "$@" \
		<&8 >peer.log 2>peer.err 3>&- 4>&- &
	PEER=$!
	await listens
	AT_PORT=${AT:-127.0.0.1}:$PEER_PORT
}
listens() { grep -q ACCEPT peer.log || server_gone; }
# listener KIND: on PEER_FREE, to every connection: silent, close, nonsense,
# record (the head of one that never ends).
listener() {
	[ -z "${PEER:-}" ] || stop_peer
	: >peer.log
	perl -MSocket -e '
		my ($port, $kind) = @ARGV;
		socket(S, PF_INET, SOCK_STREAM, 0) and setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1)
			and bind(S, sockaddr_in($port, INADDR_LOOPBACK)) and listen(S, 9) or die;
		$| = 1;
		print "ACCEPT\n";
		my @kept;
		while(accept(my $c, S)) {
			if($kind eq "silent") { push @kept, $c; next; }
			sysread($c, my $hello, 16384);
			syswrite($c, $kind eq "nonsense" ? "SIP/2.0 200 OK\r\n\r\n" : "\x16\x03\x03\x7f\xff\x02") if $kind ne "close";
		}' "$PEER_FREE" "$1" >peer.log 2>&1 3>&- 4>&- 8>&- &
	PEER=$!
	await listens
}
stop_peer() {
	kill "$PEER" 2>/dev/null || true
	wait "$PEER" 2>/dev/null || true
	PEER=
	exec 8>&-
}

@test "what a server shows is told, and judged" {
	serve trusted
	gives 0 "accepted: dNSName trusted.example.com is a configured proxy" $TRUST $PROXY "$AT_PORT"
	grep -q "^$AT_PORT: TLSv1.3, TLS_[A-Z0-9_]*; asked for no server name$" out
	grep -qxF 'certificate 1: "/CN=trusted"' out
	grep -qxF '  issued by "/CN=Test CA"' out
	grep -qE '^  valid from 20[0-9-]{8} [0-9:]{8} UTC to 20[0-9-]{8} [0-9:]{8} UTC; [0-9]+ days left$' out
	grep -qxF '  names: dNSName "trusted.example.com"' out
	grep -qxF 'it asks for no client certificate' out
	[ ! -s err ]
	gives 1 "certificate-host-mismatch: no proxy matches dNSName \"trusted.example.com\"" $TRUST --proxy other.example "$AT_PORT"
	gives 1 "certificate-not-trusted: " --ca "$PKI/foreign-ca.pem" $PROXY "$AT_PORT"
	gives 1 "certificate-not-trusted: " $PROXY "$AT_PORT"
	gives 0 "the chain was not verified (--names-only)" --names-only $PROXY "$AT_PORT"
	gives 0 "accepted: the CN is TLSRemoteSubjectName" $TRUST --remote-subject-name trusted "$AT_PORT"
	gives 2 "gone.list: No such file or directory" $TRUST --proxies gone.list "$AT_PORT"
	echo trusted.example.com >list
	gives 0 "accepted: " $TRUST --proxies list "$AT_PORT"
}

@test "the whole chain that it sends, critical names, addresses, a date that is over" {
	cat "$PKI/critical.pem" "$PKI/ca.pem" >chain.pem
	serve critical -cert_chain "$PKI/ca.pem"
	gives 1 "subject-alt-name-critical: " $TRUST --proxy trusted.example.com "$AT_PORT"
	grep -qxF '  names (critical): dNSName "stranger.example.com"' out
	grep -qxF 'certificate 2: "/CN=Test CA"' out
	serve ip
	gives 0 "accepted: iPAddress 192.0.2.10" $TRUST --proxy 192.0.2.10 "$AT_PORT"
	grep -qxF '  names: iPAddress "192.0.2.10", iPAddress "2001:db8::10"' out
	serve uri
	gives 0 "accepted: URI sip:trusted.example.com" $TRUST $PROXY --sip-uri-identities "$AT_PORT"
	grep -qxF '  names: dNSName "other.example.com", URI "sip:trusted.example.com"' out
	serve expired
	gives 1 "certificate-expired: " $TRUST $PROXY "$AT_PORT"
	grep -qE '^  valid from .*; it ended [0-9]+ days ago$' out
}

@test "the server name that is asked for" {
	serve stranger -servername sni.example -cert2 "$PKI/trusted.pem" -key2 "$PKI/trusted.key"
	gives 0 "asked for sni.example" --server-name SNI.example. $TRUST $PROXY "$AT_PORT"
	gives 0 "accepted: " --server-name sni.example $TRUST $PROXY "localhost:$PEER_PORT"
	gives 1 'certificate 1: "/CN=stranger"' $TRUST $PROXY "$AT_PORT"
	gives 1 "asked for localhost" $TRUST $PROXY "localhost:$PEER_PORT"
	gives 1 "asked for no server name" --server-name "" $TRUST $PROXY "localhost:$PEER_PORT"
	# without anything to compare with: that name, else where we connected to
	gives 1 "(closest: sni.example)" --server-name sni.example $TRUST "$AT_PORT"
	gives 1 "(closest: 127.0.0.1)" $TRUST "$AT_PORT"
	serve server
	gives 0 "accepted: iPAddress 127.0.0.1 is a configured proxy" $TRUST "$AT_PORT"
	gives 0 "accepted: dNSName gateway.example" --server-name gateway.example $TRUST "$AT_PORT"
	unusable '--server-name "*.x.example" is no host name' --server-name '*.x.example' $TRUST "$AT_PORT"
	unusable '--server-name "192.0.2.1" is no host name' --server-name 192.0.2.1 $TRUST "$AT_PORT"
}

@test "a server that asks for our certificate: of which CAs, and whether it takes ours" {
	local version none
	for version in -tls1_2 -tls1_3; do
		none="handshake failure"
		[ "$version" = -tls1_2 ] || none="certificate required"
		serve trusted $version -Verify 1 -verify_return_error -CAfile "$PKI/ca.pem"
		gives 2 "tls-policy: the connection has ended: the peer sent the alert \"$none\" (it asks for a client certificate: --cert)" \
			$TRUST $PROXY "$AT_PORT"
		grep -q "^accepted: " out
		grep -qxF 'it asks for a client certificate, of the CAs' out && grep -qxF '  "/CN=Test CA"' out
		gives 1 "certificate-host-mismatch" $TRUST --proxy other.example "$AT_PORT"
		gives 0 "accepted: " $TRUST $PROXY --cert "$PKI/stranger.pem" --key "$PKI/stranger.key" "$AT_PORT"
		[ ! -s err ]
		cat "$PKI/stranger.pem" "$PKI/stranger.key" >both.pem
		gives 0 "accepted: " $TRUST $PROXY --cert both.pem "$AT_PORT"
		gives 2 "the connection has ended: " $TRUST $PROXY --cert "$PKI/foreign.pem" --key "$PKI/foreign.key" "$AT_PORT"
	done
	serve trusted -verify 1
	gives 0 "it asks for a client certificate, of whatever CA" $TRUST $PROXY "$AT_PORT"
}

@test "our certificate and key: what cannot be shown is one sentence that names the file" {
	unusable "--key needs --cert" --key "$PKI/trusted.key" 127.0.0.1
	unusable "none.pem is no certificate in PEM that can be shown: No such file or directory" --cert none.pem 127.0.0.1
	unusable "ca.pem holds no private key of the certificate, in PEM and without a password, and no --key says where it is" --cert "$PKI/ca.pem" 127.0.0.1
	unusable "stranger.key holds no private key of the certificate" --cert "$PKI/trusted.pem" --key "$PKI/stranger.key" 127.0.0.1
	openssl ec -in "$PKI/trusted.key" -aes128 -passout pass:x -out locked.key 2>/dev/null
	unusable "locked.key holds no private key of the certificate, in PEM and without a password" --cert "$PKI/trusted.pem" --key locked.key 127.0.0.1
}

@test "under a rule: its versions are offered, its names and anchors count" {
	cp "$PKI/ca.pem" .
	cat >rules.cfg <<-'END'
		[default]
		verify_server_certificate = 1
		peer_host_name_verification_mode = both
		proxy = trusted.example.com
		https_root_file_name = ca.pem
		[rule:new]
		peer = 10.0.0.1
		tls_version = 8
		[rule:gap]
		peer = 10.0.0.2
		tls_version = 5
		[rule:bound]
		peer = 10.0.0.3
		bind_to_peer = 1
		[rule:none]
		peer = 10.0.0.4
		enforcement = none
		[rule:testing]
		peer = 10.0.0.5
		enforcement = testing
		proxy = other.example
		[rule:unasked]
		peer = 10.0.0.6
		verify_server_certificate = 0
		peer_host_name_verification_mode = off
	END
	rule() { echo "--config rules.cfg --rule $1"; }
	serve trusted -tls1_2
	gives 0 "accepted: " $(rule default) "$AT_PORT"
	gives 1 'handshake-failed: with TLS 1.3 (tls_version=8) there is no handshake: the peer sent the alert "protocol version"; the peer speaks TLSv1.2' \
		$(rule new) "$AT_PORT"
	grep -qx refused out && grep -qxF 'certificate 1: "/CN=trusted"' out
	gives 0 "accepted: " $(rule gap) "$AT_PORT"
	gives 1 "peer-not-dialled: " $(rule bound) --server-name other.example "$AT_PORT"
	gives 0 "accepted: " $(rule bound) --server-name trusted.example.com "$AT_PORT"
	gives 1 "enforcement = testing: the outcome of the connection does not change" $(rule testing) "$AT_PORT"
	gives 0 "the policy asks no peer for a certificate in this role" $(rule unasked) "$AT_PORT"
	unusable "--config and --rule go together" --config rules.cfg "$AT_PORT"
	unusable "--strict contradicts --config: the rule says it" $(rule default) --strict "$AT_PORT"
	serve stranger
	gives 0 "accepted: enforcement = none: the connection is left alone" $(rule none) "$AT_PORT"
	serve trusted -tls1_1 -cipher ALL:@SECLEVEL=0
	gives 1 "handshake-failed: with TLS 1.0, 1.2 (tls_version=5) it would be refused; the peer speaks TLSv1.1" $(rule gap) "$AT_PORT"
	gives 1 "handshake-failed: with what OpenSSL offers by itself (tls_version=0) there is no handshake" $TRUST $PROXY "$AT_PORT"
}

@test "IPv6 in brackets" {
	grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 || skip "no IPv6 here"
	AT='[::1]' serve trusted
	gives 0 "[::1]:$PEER_PORT: TLSv1.3" $TRUST $PROXY "[::1]:$PEER_PORT"
	gives 0 "accepted: " $TRUST $PROXY "[0:0::1]:$PEER_PORT"
}

@test "no octet of SIP, or of anything else, is sent" {
	serve trusted -tls1_2 -msg # 17: a record of application data
	gives 0 "accepted: " $TRUST $PROXY "$AT_PORT"
	await grep -q 'warning close_notify' peer.log
	! grep -q '^ *17 03 03' peer.log || show "$(cat peer.log)"
	echo OPTIONS | timeout 60 openssl s_client -connect "$AT_PORT" >/dev/null 2>&1 || true
	await grep -q '^ *17 03 03' peer.log
}

@test "a Kamailio with the module: asks for a certificate, refuses who it does not know, and parses nothing" {
	gives 0 "accepted: iPAddress 127.0.0.1" $TRUST --cert "$PKI/trusted.pem" --key "$PKI/trusted.key" "127.0.0.1:$PORT"
	grep -q '^it asks for a client certificate' out
	gives 2 'the connection has ended: the peer sent the alert "certificate required"' $TRUST "127.0.0.1:$PORT"
	gives 2 'the connection has ended: the peer sent the alert "bad certificate"' $TRUST \
		--cert "$PKI/stranger.pem" --key "$PKI/stranger.key" "127.0.0.1:$PORT"
	await logged "refused: certificate-host-mismatch"
	! grep -q PARSED "$DIR/log"
}

@test "what does not answer: refused, closed, silent, no TLS" {
	PEER_FREE=$(free_port)
	unusable "no TLS connection: 127.0.0.1:$PEER_FREE: Connection refused" "127.0.0.1:$PEER_FREE"
	unusable "no TLS connection: none.invalid: " none.invalid:5061
	listener silent
	unusable "127.0.0.1 port $PEER_FREE did not answer within 1 s" --timeout 1 "127.0.0.1:$PEER_FREE"
	listener close
	unusable "no TLS connection: 127.0.0.1:$PEER_FREE: the peer closed the connection" "127.0.0.1:$PEER_FREE"
	listener nonsense
	unusable "no TLS connection: 127.0.0.1:$PEER_FREE: wrong version number" "127.0.0.1:$PEER_FREE"
	listener record
	unusable "no TLS connection: 127.0.0.1:$PEER_FREE: " "127.0.0.1:$PEER_FREE"
}

@test "usage" {
	unusable "name one HOST:PORT (see tls-policy probe --help)"
	unusable "name one HOST:PORT" a b
	unusable 'bad option "--nonsense" (see tls-policy probe --help)' --nonsense a
	unusable "--peer is no option of probe" --peer server a
	unusable "--peer-address is no option of probe" --peer-address 192.0.2.1 a
	local seconds
	for seconds in 0 -1 1.5 x 3601 99999999999999999999 ""; do
		unusable "--timeout is a number from 1 to 3600 (s)" --timeout "$seconds" 127.0.0.1
	done
	local bad
	for bad in "" " " 127.0.0.1:x 127.0.0.1:0 127.0.0.1:65536 127.0.0.1:123456 '[::1' '[::1]x' sip:a:5061 \
		'sip:u@a.example' 'sip:a.example;transport=tls' '*.a.example' $'a\nb' 'a b' a..b; do
		unusable "tls-policy: HOST:PORT \"" "$bad"
	done
	status=0
	"$BUILD/tls-policy" check --server-name x "$PKI/trusted.pem" >out 2>err || status=$?
	[ "$status" -eq 2 ] && grep -q -- "--server-name is no option of check" err
}
