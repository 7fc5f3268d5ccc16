#!/usr/bin/env bats
# tls-policy check: its verdicts, its exit status and its sentences, without any
# Kamailio. Exit status: 0 accepted, 1 refused, 2 bad usage or unreadable input.
load helpers

setup_file() {
	PKI=$BATS_FILE_TMPDIR/pki
	HOSTILE=$BATS_FILE_TMPDIR/hostile
	STRICT=$BATS_FILE_TMPDIR/strict
	export PKI HOSTILE STRICT
	make_pki "$PKI"
	mkdir -p "$HOSTILE" "$STRICT"
	"$BUILD/hostile_certs" "$HOSTILE"
	"$BUILD/strict_certs" "$STRICT"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	TRUST="--ca $PKI/ca.pem"
	PROXY="--proxy trusted.example.com"
}

check() { # ARGUMENTS...: status, and the files out and err
	status=0
	"$BUILD/tls-policy" check "$@" >out 2>err || status=$?
}

show() { # WHAT ARGUMENTS...
	echo "$1: check ${*:2}: status $status" >&2
	sed 's/^/  out: /' out >&2
	sed 's/^/  err: /' err >&2
	return 1
}

lacks() { ! grep -qF -- "$1" "$2"; }

# accepted TEXT ARGUMENTS...: one line of verdict, nothing on stderr.
accepted() {
	local text=$1
	shift
	check "$@"
	[ "$status" -eq 0 ] && [ ! -s err ] && grep -qF -- "$text" out &&
		grep -q '^accepted: ' out && lacks refused out || show "not accepted ($text)" "$@"
}

# refused WORD ARGUMENTS...: one of the reasons is WORD.
refused() {
	local word=$1
	shift
	check "$@"
	[ "$status" -eq 1 ] && [ ! -s err ] && grep -q "^$word: ." out &&
		[ "$(head -n 1 out)" = refused ] && lacks accepted out || show "not refused ($word)" "$@"
}

# unusable TEXT ARGUMENTS...: exactly one line, on stderr.
unusable() {
	local text=$1
	shift
	check "$@"
	[ "$status" -eq 2 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
		grep -q '^tls-policy: ' err && grep -qF -- "$text" err || show "not one sentence ($text)" "$@"
}

only_reason() { # WORD
	[ "$(grep -vc '^refused$' out)" -eq 1 ] && grep -q "^$1: " out || show "more than $1"
}

@test "a configured proxy under our CA is accepted, in both roles" {
	accepted "dNSName trusted.example.com is a configured proxy" $TRUST $PROXY "$PKI/trusted.pem"
	accepted "trusted.example.com" --peer client $TRUST $PROXY "$PKI/trusted.pem"
	accepted "trusted.example.com" --peer server $TRUST $PROXY "$PKI/trusted.pem"
	accepted "trusted.example.com" $TRUST --proxy other.example --proxy "sip:u@TRUSTED.example.com.:5061;transport=tls" "$PKI/trusted.pem"
}

@test "--peer is client or server, nothing else; the default is a client" {
	unusable "--peer is client or server" --peer both $TRUST $PROXY "$PKI/trusted.pem"
	unusable "--peer is client or server" --peer "" $TRUST $PROXY "$PKI/trusted.pem"
	unusable "--peer is client or server" --peer SERVER $TRUST $PROXY "$PKI/trusted.pem"
	accepted trusted.example.com --ca "$STRICT/ca.pem" $PROXY "$STRICT/client-only.pem"
	accepted trusted.example.com --ca "$STRICT/ca.pem" $PROXY --peer client "$STRICT/client-only.pem"
	refused certificate-not-trusted --ca "$STRICT/ca.pem" $PROXY --peer server "$STRICT/client-only.pem"
}

@test "--role is an error that prints the new form" {
	unusable "--role server is now --peer client" --role server $TRUST $PROXY "$PKI/trusted.pem"
	unusable "--role client is now --peer server" --role client $TRUST $PROXY "$PKI/trusted.pem"
	unusable "--role is now --peer client or --peer server" --role both $TRUST $PROXY "$PKI/trusted.pem"
}

@test "a stranger is refused for its names alone, and they are shown" {
	refused certificate-host-mismatch $TRUST $PROXY "$PKI/stranger.pem"
	only_reason certificate-host-mismatch
	grep -qF 'dNSName "stranger.example.com"' out
	accepted stranger.example.com $TRUST --proxy stranger.example.com "$PKI/stranger.pem"
}

@test "a chain that does not verify is refused for itself" {
	refused certificate-not-trusted $TRUST $PROXY "$PKI/foreign.pem"
	only_reason certificate-not-trusted
	refused certificate-expired $TRUST $PROXY "$PKI/expired.pem"
	only_reason certificate-expired
	refused certificate-not-trusted $TRUST $PROXY "$PKI/selfsigned.pem"
	only_reason certificate-not-trusted
	accepted trusted.example.com --ca "$PKI/foreign-ca.pem" $PROXY "$PKI/foreign.pem"
}

@test "without --ca our CA is nobody" {
	refused certificate-not-trusted $PROXY "$PKI/trusted.pem"
}

@test "every reason is told at once" {
	refused certificate-not-trusted $TRUST --proxy other.example "$PKI/foreign.pem"
	grep -q '^certificate-host-mismatch: ' out
	refused certificate-expired $TRUST --proxy other.example "$PKI/expired.pem"
	grep -q '^certificate-host-mismatch: ' out
}

@test "--names-only passes over the chain and says so" {
	local name
	for name in trusted foreign expired selfsigned; do
		accepted "the chain was not verified (--names-only)" --names-only $PROXY "$PKI/$name.pem"
	done
	refused certificate-host-mismatch --names-only $PROXY "$PKI/stranger.pem"
	grep -qF "the chain was not verified (--names-only)" out
	accepted trusted --names-only --ca "$BATS_TEST_TMPDIR/none.pem" $PROXY "$PKI/foreign.pem"
}

@test "a wildcard stands for one label, unless --no-wildcards" {
	accepted "dNSName *.carrier.example stands for the proxy sip.carrier.example" $TRUST --proxy sip.carrier.example "$PKI/wildcard.pem"
	accepted "stands for the proxy b.carrier.example" $TRUST --proxy a.carrier.example --proxy b.carrier.example \
		--peer server --dialled-name b.carrier.example "$PKI/wildcard.pem"
	refused certificate-host-mismatch $TRUST --no-wildcards --proxy sip.carrier.example "$PKI/wildcard.pem"
	refused certificate-host-mismatch $TRUST --proxy a.sip.carrier.example "$PKI/wildcard.pem"
	refused certificate-host-mismatch $TRUST --proxy carrier.example "$PKI/wildcard.pem"
	accepted trusted.example.com $TRUST --no-wildcards $PROXY "$PKI/trusted.pem"
}

@test "--wildcard-proxies permits a proxy *.NAME, wherever it stands" {
	local wanted='proxy "*.carrier.example" stands for every name below it, which wildcard_proxies=1 has to permit'
	unusable "$wanted" $TRUST --proxy '*.carrier.example' "$PKI/below.pem"
	accepted "gw1.carrier.example is below the proxy *.carrier.example" $TRUST --proxy '*.carrier.example' --wildcard-proxies "$PKI/below.pem"
	accepted "gw1.carrier.example" $TRUST --wildcard-proxies --proxy '*.carrier.example' "$PKI/below.pem"
	refused certificate-host-mismatch $TRUST --wildcard-proxies --proxy '*.example.com' "$PKI/below.pem"
	echo '*.carrier.example' >list
	unusable 'which wildcard_proxies=1 has to permit' $TRUST --proxies list "$PKI/below.pem"
	accepted "gw1.carrier.example" $TRUST --proxies list --wildcard-proxies "$PKI/below.pem"
	accepted "gw1.carrier.example" $TRUST --wildcard-proxies --proxies list "$PKI/below.pem"
}

@test "--sip-uri-identities: the URI counts, and shuts dNSName and CN out" {
	refused certificate-host-mismatch $TRUST $PROXY "$PKI/uri.pem"
	grep -qF 'passed over: URI "sip:trusted.example.com" (sip_uri_identities=1 would count it)' out
	accepted "URI sip:trusted.example.com is a configured proxy" $TRUST $PROXY --sip-uri-identities "$PKI/uri.pem"
	accepted "dNSName trusted.example.com" $TRUST $PROXY "$PKI/uriother.pem"
	refused certificate-host-mismatch $TRUST $PROXY --sip-uri-identities "$PKI/uriother.pem"
	grep -qF '(closest: trusted.example.com)' out
}

@test "--dialled-name and --peer-address bind to one peer" {
	local both="$TRUST $PROXY --proxy sip.carrier.example" name
	accepted trusted.example.com $both --peer server --dialled-name trusted.example.com "$PKI/trusted.pem"
	refused peer-not-dialled $both --peer server --dialled-name sip.carrier.example "$PKI/trusted.pem"
	only_reason peer-not-dialled
	refused peer-not-dialled $both --peer server --peer-address 192.0.2.10 "$PKI/trusted.pem"
	accepted trusted.example.com $both --peer client --peer-address 192.0.2.10 "$PKI/trusted.pem"
	accepted 192.0.2.10 $TRUST --proxy 192.0.2.10 --peer-address 192.0.2.10 "$PKI/ip.pem"
	refused peer-address-mismatch $TRUST --proxy 192.0.2.10 --peer-address 192.0.2.11 "$PKI/ip.pem"
	unusable "--peer-address is an IPv4 or IPv6 address" $TRUST $PROXY --peer-address gw.example "$PKI/ip.pem"
}

@test "--dialled-name is of a server" {
	unusable "--dialled-name is of a server: it needs --peer server" $TRUST $PROXY --dialled-name trusted.example.com "$PKI/trusted.pem"
	unusable "it needs --peer server" $TRUST $PROXY --dialled-name trusted.example.com --peer client "$PKI/trusted.pem"
	accepted trusted.example.com $TRUST $PROXY --dialled-name trusted.example.com --peer server "$PKI/trusted.pem"
}

@test "--dialled-name and --peer-address are read as an operator writes hosts" {
	local name v6="--proxy 2001:db8::10"
	for name in trusted.example.com:5061 TRUSTED.example.com. sip:trusted.example.com; do
		accepted trusted.example.com $TRUST $PROXY --peer server --dialled-name "$name" "$PKI/trusted.pem"
	done
	for name in '[2001:db8::10]' '[2001:db8::10]:5061' 2001:db8:0::10; do
		accepted 2001:db8::10 $TRUST $v6 --peer server --dialled-name "$name" "$PKI/ip.pem"
		accepted 2001:db8::10 $TRUST $v6 --peer server --peer-address "$name" "$PKI/ip.pem"
		accepted 2001:db8::10 $TRUST $v6 --peer-address "$name" "$PKI/ip.pem"
	done
	accepted 192.0.2.10 $TRUST --proxy 192.0.2.10 --peer-address 192.0.2.10:5061 "$PKI/ip.pem"
	refused peer-address-mismatch $TRUST $v6 --peer-address '[2001:db8::11]:5061' "$PKI/ip.pem"
	for name in "" a..b '[::1' gw.example:0 $'a\nb' '*.example.com'; do
		unusable "--dialled-name \"" $TRUST $PROXY --peer server --dialled-name "$name" "$PKI/trusted.pem"
		unusable "--peer-address \"" $TRUST $PROXY --peer-address "$name" "$PKI/trusted.pem"
	done
}

@test "--crl revokes, asks for a CRL of every CA, and is repeatable" {
	local trust="--ca $STRICT/ca.pem $PROXY"
	accepted trusted.example.com $trust "$STRICT/revoked.pem"
	refused certificate-revoked $trust --crl "$STRICT/good.crl" "$STRICT/revoked.pem"
	only_reason certificate-revoked
	accepted trusted.example.com $trust --crl "$STRICT/good.crl" "$STRICT/good.pem"
	refused certificate-revocation-unknown $trust --crl "$STRICT/missing.crl" "$STRICT/good.pem"
	refused certificate-revocation-unknown $trust --crl "$STRICT/expired.crl" "$STRICT/good.pem"
	awk '/BEGIN/ {n++} {print >"crl" n}' "$STRICT/good.crl"
	refused certificate-revocation-unknown $trust --crl crl1 "$STRICT/good.pem"
	accepted trusted.example.com $trust --crl crl1 --crl crl2 "$STRICT/good.pem"
	refused certificate-revoked $trust --crl crl2 --crl crl1 "$STRICT/revoked.pem"
}

@test "a CRL in --ca, or what is none in --crl, is refused and named" {
	cat "$STRICT/ca.pem" "$STRICT/good.crl" >both.pem
	unusable "both.pem holds a CRL, which belongs into a file of its own (--crl)" --ca both.pem $PROXY "$STRICT/revoked.pem"
	unusable 'both.pem holds "CERTIFICATE", and CRLs are wanted' --ca "$STRICT/ca.pem" --crl both.pem $PROXY "$STRICT/revoked.pem"
	unusable "none.crl cannot be opened" --ca "$STRICT/ca.pem" --crl none.crl $PROXY "$STRICT/good.pem"
	: >empty.crl
	unusable "empty.crl is empty" --ca "$STRICT/ca.pem" --crl empty.crl $PROXY "$STRICT/good.pem"
	echo text >text.crl
	unusable "text.crl holds no CRL in PEM" --ca "$STRICT/ca.pem" --crl text.crl $PROXY "$STRICT/good.pem"
	head -n 3 "$STRICT/good.crl" >cut.crl
	unusable "cut.crl has a PEM block that is cut off or damaged" --ca "$STRICT/ca.pem" --crl cut.crl $PROXY "$STRICT/good.pem"
}

@test "what the keyUsage forbids is not told as a missing purpose" {
	refused certificate-not-trusted --ca "$STRICT/ca.pem" $PROXY --accept-server-auth-clients "$STRICT/server-encrypts.pem"
	grep -qF "keyUsage does not allow TLS" out
	lacks clientAuth out
}

@test "a setting that only a CA of the chain needs is told" {
	accepted 'extendedKeyUsage of the CA "/CN=int-server" at depth 1 allows this only by accept_server_auth_clients' \
		--ca "$STRICT/ca.pem" $PROXY --accept-server-auth-clients "$STRICT/client-under-server.pem"
	refused certificate-not-trusted --ca "$STRICT/ca.pem" $PROXY "$STRICT/client-under-server.pem"
}

@test "a CA's subject is escaped once" {
	refused certificate-expired --ca "$STRICT/ca.pem" $PROXY "$STRICT/under-utf8.pem"
	grep -qF 'the CA "/CN=M\xc3\xbcnchen" at depth 1' out
}

@test "the closest proxies are told: beside, below, above, the address that was meant" {
	refused certificate-host-mismatch $TRUST --proxy a.example.com --proxy b.example.org "$PKI/trusted.pem"
	grep -qF '(closest: a.example.com)' out
	seq 5000 | sed 's/.*/gw&.far.example/' >list
	refused certificate-host-mismatch $TRUST --proxies list --proxy example.com --proxy x.trusted.example.com "$PKI/trusted.pem"
	grep -qF '(closest: x.trusted.example.com, example.com)' out
	refused certificate-host-mismatch $TRUST --proxies list "$PKI/trusted.pem"
	lacks closest out
}

@test "addresses match however they are written" {
	accepted "iPAddress 192.0.2.10 is a configured proxy" $TRUST --proxy 192.0.2.10 "$PKI/ip.pem"
	accepted "iPAddress 2001:db8::10 is a configured proxy" $TRUST --proxy "[2001:DB8:0::10]:5061" "$PKI/ip.pem"
	refused certificate-host-mismatch $TRUST --proxy 192.0.2.11 "$PKI/ip.pem"
	refused certificate-host-mismatch $TRUST --proxy 192.0.2.10 "$PKI/trusted.pem"
}

@test "a CN counts without a SAN, and beside one that does not match" {
	accepted "CN trusted.example.com is a configured proxy" $TRUST $PROXY "$PKI/cn.pem"
	accepted "CN trusted.example.com is a configured proxy" $TRUST $PROXY "$PKI/cnother.pem"
	refused certificate-host-mismatch $TRUST --proxy other.example "$PKI/cn.pem"
	refused certificate-host-mismatch $TRUST --proxy other.example "$PKI/cnother.pem"
}

@test "a critical SAN that does not match shuts the CN out" {
	refused subject-alt-name-critical $TRUST $PROXY "$PKI/critical.pem"
	refused subject-alt-name-critical $TRUST --remote-subject-name trusted.example.com "$PKI/critical.pem"
	accepted "dNSName stranger.example.com" $TRUST --proxy stranger.example.com "$PKI/critical.pem"
}

@test "--remote-subject-name is compared with the CN" {
	accepted "the CN is TLSRemoteSubjectName" $TRUST --remote-subject-name stranger "$PKI/stranger.pem"
	accepted "the CN is TLSRemoteSubjectName" $TRUST $PROXY --remote-subject-name STRANGER "$PKI/stranger.pem"
	refused certificate-host-mismatch $TRUST --remote-subject-name strange "$PKI/stranger.pem"
	refused certificate-host-mismatch $TRUST --remote-subject-name stranger.example.com "$PKI/stranger.pem"
	refused certificate-not-trusted $TRUST --remote-subject-name trusted "$PKI/foreign.pem"
	unusable "tls_remote_subject_name" $TRUST --remote-subject-name "$(printf 'a%.0s' {1..256})" "$PKI/stranger.pem"
}

@test "--proxies takes comments, hosts, URIs and dispatcher lines" {
	printf '%s\n' '# proxies' '' '   ' 'other.example # a comment' $'\t192.0.2.10' '[2001:db8::99]' \
		'1 sip:trusted.example.com:5061;transport=tls 0 5 weight=50' >list
	accepted trusted.example.com $TRUST --proxies list "$PKI/trusted.pem"
	accepted 192.0.2.10 $TRUST --proxies list "$PKI/ip.pem"
	refused certificate-host-mismatch $TRUST --proxies list "$PKI/stranger.pem"
	accepted stranger.example.com $TRUST --proxies list --proxy stranger.example.com "$PKI/stranger.pem"
	printf 'other.example\r\ntrusted.example.com' >list # CR LF, no newline at the end
	accepted trusted.example.com $TRUST --proxies list "$PKI/trusted.pem"
}

@test "a comment does not make a proxy" {
	printf '# trusted.example.com\nother.example\n' >list
	refused certificate-host-mismatch $TRUST --proxies list "$PKI/trusted.pem"
}

@test "a bad line of --proxies is told as FILE:LINE" {
	printf 'good.example\n\n# comment\na..b\ntrusted.example.com\n' >list
	unusable "list:4: " $TRUST --proxies list "$PKI/trusted.pem"
	grep -qF "has an empty label" err
	printf 'trusted.example.com\ntwo.example hosts.example\n' >list
	unusable "list:2: " $TRUST --proxies list "$PKI/trusted.pem"
	printf 'trusted.example.com\n1 sip:300.1.2.3\n' >list
	unusable "list:2: " $TRUST --proxies list "$PKI/trusted.pem"
	printf 'trusted.example.com\0.evil.example\n' >list
	unusable "list:1: " $TRUST --proxies list "$PKI/trusted.pem"
}

@test "a file of proxies that cannot be read is one sentence" {
	unusable "none.list" $TRUST --proxies none.list "$PKI/trusted.pem"
	mkdir folder
	unusable "folder" $TRUST --proxies folder "$PKI/trusted.pem"
	: >empty
	unusable "nothing to compare with" $TRUST --proxies empty "$PKI/trusted.pem"
	printf '# none\n' >list
	unusable "nothing to compare with" $TRUST --proxies list "$PKI/trusted.pem"
}

@test "a newline in the path of a file of proxies is still one sentence" {
	unusable "x" $TRUST --proxies $'x\ny' "$PKI/trusted.pem"
}

@test "a newline in the path of a file with a bad line is still one sentence" {
	echo a..b >$'x\ny'
	unusable "has an empty label" $TRUST --proxies $'x\ny' "$PKI/trusted.pem"
}

@test "a bad --proxy is one sentence, escaped" {
	local bad
	for bad in "" " " a..b .a -a.example 300.1.2.3 'http://a.example' '[::1' a.example:0 a.example:65536 \
		'fe80::1%eth0' '*.example' 'a*.b.example' $'a\nb.example' "$(printf 'a%.0s' {1..300})"; do
		unusable "--proxy " $TRUST --proxy trusted.example.com --proxy "$bad" "$PKI/trusted.pem"
	done
}

@test "no proxies and no subject name is bad usage" {
	unusable "nothing to compare with" $TRUST "$PKI/trusted.pem"
	unusable "nothing to compare with" --names-only "$PKI/trusted.pem"
}

@test "a certificate file that is none is one sentence that names it" {
	local size
	unusable "none.pem cannot be opened" $TRUST $PROXY none.pem
	: >empty.pem
	unusable "empty.pem is empty" $TRUST $PROXY empty.pem
	size=$(wc -c <"$PKI/trusted.pem")
	head -c $((size / 2)) "$PKI/trusted.pem" >truncated.pem
	unusable "truncated.pem " $TRUST $PROXY truncated.pem
	unusable "PRIVATE KEY\" and no certificate" $TRUST $PROXY "$PKI/trusted.key"
	mkdir folder
	unusable "folder is a directory" $TRUST $PROXY folder
	head -c 10000000 /dev/zero >zeros.pem
	unusable "zeros.pem is larger than" $TRUST $PROXY zeros.pem
	head -c 1000 /dev/zero >few.pem
	unusable "few.pem holds no certificate in PEM" $TRUST $PROXY few.pem
	unusable "x" $TRUST $PROXY $'x\ny.pem'
}

@test "a whole certificate does not excuse what is cut off behind it" {
	{
		cat "$PKI/trusted.pem"
		head -n 4 "$PKI/ca.pem"
	} >chain.pem
	unusable "chain.pem has a PEM block that is cut off" $TRUST $PROXY chain.pem
}

@test "a key beside the certificate, and its chain, are no obstacle" {
	cat "$PKI/trusted.key" "$PKI/trusted.pem" "$PKI/ca.pem" >all.pem
	accepted trusted.example.com $TRUST $PROXY all.pem
}

@test "the end entity comes first: what lies behind it lends no name" {
	cat "$PKI/stranger.pem" "$PKI/trusted.pem" >both.pem
	refused certificate-host-mismatch $TRUST $PROXY both.pem
	cat "$PKI/foreign.pem" "$PKI/foreign-ca.pem" >both.pem
	refused certificate-not-trusted $TRUST $PROXY both.pem
}

@test "a file that begins with the CA is told to be in the wrong order" {
	cat "$PKI/ca.pem" "$PKI/trusted.pem" >chain.pem
	refused certificate-host-mismatch $TRUST $PROXY chain.pem
	grep -qF 'its first certificate, "/CN=Test CA", is the CA of another; the end entity comes first, which is number 2, "/CN=trusted"' out
	csplit -sz -f link "$STRICT/good.pem" '/BEGIN/' '{*}'
	cat link01 link02 link00 >chain.pem
	refused certificate-host-mismatch --ca "$STRICT/ca.pem" $PROXY chain.pem
	grep -qF 'which is number 3, "/CN=good"' out
	cat link00 link02 link01 >chain.pem # only the end entity has a place
	accepted trusted.example.com --ca "$STRICT/ca.pem" $PROXY chain.pem
	refused certificate-host-mismatch $TRUST $PROXY "$PKI/ca.pem"
	lacks "wrong order" out
	cat "$PKI/stranger.pem" "$PKI/trusted.pem" >both.pem
	refused certificate-host-mismatch $TRUST $PROXY both.pem
	lacks "wrong order" out
	cat "$PKI/ca.pem" "$PKI/ca.pem" >twice.pem
	refused certificate-host-mismatch $TRUST $PROXY twice.pem
	lacks "wrong order" out
}

@test "- and pipes are read like files" {
	accepted trusted.example.com $TRUST $PROXY - <"$PKI/trusted.pem"
	accepted trusted.example.com $TRUST $PROXY <(cat "$PKI/trusted.pem")
	accepted trusted.example.com $TRUST --proxies - "$PKI/trusted.pem" < <(echo trusted.example.com)
	accepted trusted.example.com $TRUST --proxies /dev/stdin "$PKI/trusted.pem" < <(echo trusted.example.com)
	accepted trusted.example.com $TRUST --proxies <(echo trusted.example.com) "$PKI/trusted.pem"
	unusable "the standard input is empty" $TRUST $PROXY - </dev/null
	refused certificate-host-mismatch $TRUST $PROXY - < <(cat "$PKI/stranger.pem")
	accepted trusted.example.com --ca - $PROXY "$PKI/trusted.pem" <"$PKI/ca.pem"
	refused certificate-revoked --ca "$STRICT/ca.pem" $PROXY --crl - "$STRICT/revoked.pem" <"$STRICT/good.crl"
	# a socket cannot be opened as /dev/stdin
	status=0
	perl -MSocket -e 'socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0) or die; open(my $f, "<", shift) or die;
		print $a do { local $/; <$f> }; close($a); open(STDIN, "<&", $b) or die; exec(@ARGV)' \
		"$PKI/trusted.pem" "$BUILD/tls-policy" check $TRUST $PROXY - >out 2>err || status=$?
	[ "$status" -eq 0 ] && grep -q "^accepted: " out || show "a socket"
	unusable "the standard input cannot be opened" $TRUST $PROXY - <&-
}

@test "the standard input is read once" {
	local twice='"-" stands twice: the standard input can be read once'
	unusable "$twice" $TRUST $PROXY - - <"$PKI/trusted.pem"
	unusable "$twice" $TRUST --proxies - - < <(echo trusted.example.com)
	unusable "$twice" --ca - $PROXY - <"$PKI/trusted.pem"
	unusable "$twice" $TRUST --crl - $PROXY - <"$PKI/trusted.pem"
}

der() { openssl "$1" -in "$2" -outform DER -out "$3"; }

@test "DER is read: a certificate, a CA, a CRL" {
	der x509 "$PKI/trusted.pem" trusted.der
	der x509 "$PKI/ca.pem" ca.der
	accepted trusted.example.com $TRUST $PROXY trusted.der
	accepted trusted.example.com --ca ca.der $PROXY trusted.der
	accepted trusted.example.com --ca ca.der $PROXY "$PKI/trusted.pem"
	accepted trusted.example.com --ca ca.der $PROXY - <trusted.der
	refused certificate-not-trusted --ca ca.der $PROXY "$PKI/foreign.pem"
	awk '/BEGIN/ {n++} {print >"crl" n}' "$STRICT/good.crl"
	der crl crl1 crl1.der
	der crl crl2 crl2.der
	accepted trusted.example.com --ca "$STRICT/ca.pem" $PROXY --crl crl1.der --crl crl2.der "$STRICT/good.pem"
	refused certificate-revoked --ca "$STRICT/ca.pem" $PROXY --crl crl1.der --crl crl2.der "$STRICT/revoked.pem"
}

@test "DER that is cut off, followed by more or something else is one sentence" {
	local size
	der x509 "$PKI/trusted.pem" trusted.der
	size=$(wc -c <trusted.der)
	for cut in 2 3 4 5 100 $((size - 1)); do
		head -c "$cut" trusted.der >cut.der
		unusable "cut.der looks like DER, and is no certificate that is whole and sound" $TRUST $PROXY cut.der
		unusable "cut.der looks like DER" --ca cut.der $PROXY trusted.der
		unusable "cut.der looks like DER, and is no CRL" $TRUST --crl cut.der $PROXY trusted.der
	done
	cat trusted.der trusted.der >two.der
	unusable "two.der has $size octets behind the certificate in DER: a file holds one" $TRUST $PROXY two.der
	{
		cat trusted.der
		printf '\0'
	} >more.der
	unusable "more.der has 1 octets behind" $TRUST $PROXY more.der
	der rsa <(openssl genrsa 2>/dev/null) key.der 2>/dev/null
	unusable "key.der looks like DER, and is no certificate" $TRUST $PROXY key.der
	unusable "trusted.der looks like DER, and is no CRL" $TRUST --crl trusted.der $PROXY trusted.der
	{
		printf '\060\204\177\377\377\377'
		head -c 100000 /dev/urandom
	} >garbage.der
	unusable "garbage.der looks like DER" $TRUST $PROXY garbage.der
}

@test "a CA file that is none is one sentence that names it" {
	unusable "none.pem cannot be opened" --ca none.pem $PROXY "$PKI/trusted.pem"
	: >empty.pem
	unusable "empty.pem is empty" --ca empty.pem $PROXY "$PKI/trusted.pem"
	unusable "and no certificate" --ca "$PKI/ca.key" $PROXY "$PKI/trusted.pem"
	mkdir folder
	unusable "folder is a directory" --ca folder $PROXY "$PKI/trusted.pem"
	unusable "cannot be opened" --ca "" $PROXY "$PKI/trusted.pem"
}

@test "a certificate file is named" {
	unusable "name a certificate file (see tls-policy check --help)" $TRUST $PROXY
}

# several STATUS NAME...: of check $TRUST $PROXY NAME...
several() {
	local wanted=$1
	shift
	check $TRUST $PROXY "$@"
	[ "$status" -eq "$wanted" ] || show "not $wanted" "$@"
}

@test "several files: each is judged, each line has its name, the worst is the status" {
	cp "$PKI"/{trusted,stranger,foreign,wildcard}.pem .
	several 0 trusted.pem trusted.pem
	[ "$(grep -c '^trusted.pem: accepted: ' out)" -eq 2 ]
	several 1 trusted.pem stranger.pem foreign.pem trusted.pem
	[ "$(grep -c '^trusted.pem: accepted: ' out)" -eq 2 ]
	grep -qx 'stranger.pem: refused' out
	grep -q '^stranger.pem: certificate-host-mismatch: ' out
	grep -q '^foreign.pem: certificate-not-trusted: ' out
	! grep -vE '^(trusted|stranger|foreign).pem: ' out || show "a line without a name"
	[ ! -s err ]
	several 2 trusted.pem none.pem stranger.pem trusted.pem
	[ "$(grep -c '^trusted.pem: accepted: ' out)" -eq 2 ] && grep -qx 'stranger.pem: refused' out
	[ "$(cat err)" = "tls-policy: none.pem cannot be opened: No such file or directory" ]
	several 0 trusted.pem - <trusted.pem
	grep -q '^-: accepted: ' out
	cp trusted.pem $'x\ny.pem'
	several 0 $'x\ny.pem' trusted.pem
	grep -q '^x\\x0ay.pem: accepted: ' out
	cp trusted.pem ./--help
	several 0 -- --help trusted.pem
	grep -q '^--help: accepted: ' out
	# what is said behind a verdict has its file, too
	check --names-only $PROXY trusted.pem foreign.pem
	[ "$(grep -c ': the chain was not verified (--names-only)$' out)" -eq 2 ]
}

@test "nobody is judged by another's certificate: a file between others, in any order" {
	cp "$PKI"/{trusted,stranger,cn,critical}.pem .
	local order
	for order in "trusted stranger cn critical" "critical cn stranger trusted" "stranger critical trusted cn"; do
		several 1 $(printf '%s.pem ' $order)
		for name in trusted cn; do grep -q "^$name.pem: accepted: " out; done
		for name in stranger critical; do grep -qx "$name.pem: refused" out; done
	done
}

@test "bad usage exits 2, --help exits 0" {
	unusable 'bad option "--nonsense" (see tls-policy check --help)' --nonsense "$PKI/trusted.pem"
	unusable 'bad option "--x\x0ay"' $'--x\ny' "$PKI/trusted.pem"
	unusable 'bad option "-z"' -z "$PKI/trusted.pem"
	unusable 'bad option "--strict=1"' --strict=1 "$PKI/trusted.pem"
	unusable 'no value follows "--proxy"' "$PKI/trusted.pem" --proxy
	local words
	for words in "" judge "--strict check"; do
		status=0
		"$BUILD/tls-policy" $words >out 2>err || status=$?
		[ "$status" -eq 2 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ]
		grep -qF 'tls-policy: the commands are "check", "probe", "check-config" and "import" (see tls-policy --help)' err
	done
	status=0
	"$BUILD/tls-policy" check --names-only $PROXY "$PKI/trusted.pem" >/dev/full 2>err || status=$?
	[ "$status" -eq 2 ] && grep -qF "the verdict cannot be written" err
	"$BUILD/tls-policy" --help >out 2>err
	[ ! -s err ] && grep -qF "Exit status: 0 accepted" out
}

@test "-h and --help everywhere, --version" {
	local command option
	for option in -h --help; do
		"$BUILD/tls-policy" "$option" >out 2>err
		[ ! -s err ] && grep -q '^usage: tls-policy COMMAND' out
		for command in check probe check-config import; do
			grep -q "^  $command " out
			"$BUILD/tls-policy" "$command" "$option" >help 2>err
			[ ! -s err ] && grep -q "^usage: tls-policy $command " help && grep -q '^Exit status: 0 ' help
			"$BUILD/tls-policy" "$command" --strict x "$option" >again 2>err
			cmp help again
			[ "$(wc -L <help)" -le 80 ]
		done
	done
	"$BUILD/tls-policy" --version >out 2>err
	[ ! -s err ] && [ "$(head -n 1 out)" = "tls-policy $(sed -n '1s/.*(\(.*\)).*/\1/p' "$ROOT/debian/changelog")" ]
	status=0
	"$BUILD/tls-policy" --version >/dev/full 2>err || status=$?
	[ "$status" -eq 2 ]
}

@test "hostile certificates are malformed, whatever their CN says" {
	local name
	for name in san-nul san-10000 san-malformed san-twice san-empty san-long-length san-long-entry \
		san-indefinite san-constructed san-trailing san-latin1 san-ip-5 ext-twice ext-70 ext-version-1; do
		refused certificate-malformed --ca "$HOSTILE/ca.pem" --proxy sip.carrier.example "$HOSTILE/$name.pem"
		refused certificate-malformed --names-only --proxy sip.carrier.example "$HOSTILE/$name.pem"
		only_names=$(grep -c '^certificate-' out)
		[ "$only_names" -eq 1 ]
		refused certificate-malformed --ca "$HOSTILE/ca.pem" --remote-subject-name sip.carrier.example "$HOSTILE/$name.pem"
	done
}

@test "a chain that verifies does not save a hostile SAN" {
	refused certificate-malformed --ca "$HOSTILE/ca.pem" --proxy sip.carrier.example "$HOSTILE/san-nul.pem"
	only_reason certificate-malformed
	refused certificate-malformed --ca "$HOSTILE/ca.pem" --proxy n0.carrier.example "$HOSTILE/san-10000.pem"
	only_reason certificate-malformed
}

@test "name constraints hold for every name that is compared: CN, URI and wildcard too" {
	local ca="--ca $HOSTILE/ca.pem" name
	for name in nc-cn nc-uri; do
		refused certificate-host-mismatch $ca --proxy sip.carrier.example "$HOSTILE/$name.pem"
		only_reason certificate-host-mismatch
		grep -qF 'CN "sip.carrier.example" (outside the name constraints of its CA)' out
		refused certificate-host-mismatch $ca --remote-subject-name sip.carrier.example "$HOSTILE/$name.pem"
	done
	refused certificate-not-trusted $ca --proxy sip.carrier.example "$HOSTILE/nc-cn-email.pem"
	refused certificate-host-mismatch $ca --sip-uri-identities --proxy sip.carrier.example "$HOSTILE/nc-uri.pem"
	accepted sip.other.example $ca --proxy sip.other.example "$HOSTILE/nc-cn.pem"
	refused certificate-host-mismatch $ca --proxy no.other.example "$HOSTILE/nc-wildcard.pem"
	grep -qF '"*.other.example" (outside the name constraints' out
	refused certificate-not-trusted $ca --proxy sip.carrier.example "$HOSTILE/nc-outside.pem"
	accepted "not verified" --names-only --proxy sip.carrier.example "$HOSTILE/nc-cn.pem"
	# permitted .carrier.example wants a label in front
	refused certificate-host-mismatch $ca --proxy carrier.example "$HOSTILE/ncdot-cn.pem"
	grep -qF 'CN "carrier.example" (outside the name constraints of its CA)' out
	refused certificate-host-mismatch $ca --remote-subject-name carrier.example "$HOSTILE/ncdot-cn.pem"
	refused certificate-host-mismatch $ca --sip-uri-identities --proxy carrier.example "$HOSTILE/ncdot-uri.pem"
	accepted x.carrier.example $ca --proxy x.carrier.example "$HOSTILE/ncdot-cn.pem"
}
