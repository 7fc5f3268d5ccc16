#!/usr/bin/env bash
# demo - a real Kamailio on loopback, real peers (openssl, SIPp) through every
# rule, one line each: peer | rule | expected | got.
set -uo pipefail
BATS_FILE_TMPDIR=$(mktemp -d)
export BATS_FILE_TMPDIR
# shellcheck source=test/live/helpers.bash
. "$(dirname "$0")/live/helpers.bash"
# shellcheck source=test/lib/sipp.bash
. "$(dirname "$0")/lib/sipp.bash"

passed=0
failed=0
finish() {
	stop_callee
	stop_kamailio
	rm -rf "$BATS_FILE_TMPDIR"
}
trap finish EXIT
trap 'exit 130' INT TERM

row() { # PEER RULE EXPECTED GOT
	printf '%-34s | %-50s | %-30s | %s\n' "$1" "$2" "$3" "$4"
	if [ "$3" = "$4" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

options() { # CALL-ID
	printf 'OPTIONS sip:127.0.0.1:%s SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK%s;rport\r\nFrom: <sip:demo@example.com>;tag=1\r\nTo: <sip:demo@example.com>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n' \
		"$PORT" "$1" "$1"
}

# What `openssl s_client` sees: "200 OK", or the alert. Anything but that, or a
# parsed octet of a refused peer, shows up in the table.
client() { # CALL-ID S_CLIENT-OPTIONS...
	local id=$1 out=$DIR/client.$1 in pid
	shift
	mkfifo "$DIR/fifo.$id"
	openssl s_client -connect "127.0.0.1:$PORT" -cipher DEFAULT:@SECLEVEL=0 "$@" \
		<"$DIR/fifo.$id" >"$out" 2>&1 &
	pid=$!
	exec {in}>"$DIR/fifo.$id"
	options "$id" >&"$in"
	await client_decided "$out" "$pid" || true
	exec {in}>&-
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	if grep -qa 'SIP/2.0 200' "$out"; then
		echo "200 OK"
	elif parsed "$id"; then
		echo "PARSED"
	elif grep -qaE 'alert number [0-9]+' "$out"; then
		alert_name "$(grep -aoE 'alert number [0-9]+' "$out" | head -n 1)"
	else
		echo "closed"
	fi
}
client_decided() { grep -qaE 'SIP/2.0 200|alert number' "$1" || ! kill -0 "$2" 2>/dev/null; }

alert_name() {
	case $1 in
		*' 40') echo "alert handshake_failure" ;;
		*' 42') echo "alert bad_certificate" ;;
		*' 45') echo "alert certificate_expired" ;;
		*' 48') echo "alert unknown_ca" ;;
		*' 70') echo "alert protocol_version" ;;
		*' 116') echo "alert certificate_required" ;;
		*) echo "$1" ;;
	esac
}

server() { # CALL-ID S_SERVER-OPTIONS...: what a server that we dial sees
	if relayed "$@"; then
		echo "request arrives"
	elif grep -qaE 'alert number [0-9]+' "$DIR/s_server"; then
		alert_name "$(grep -aoE 'alert number [0-9]+' "$DIR/s_server" | head -n 1)"
	else
		echo "closed"
	fi
}

# What a client sees of a re-handshake: how many requests were answered, before
# and after it, and how many re-handshakes Kamailio completed.
rehandshaken() { # CALL-ID S_CLIENT-OPTIONS...
	local id=$1 out=$DIR/client.$1 in pid
	shift
	mkfifo "$DIR/fifo.$id"
	openssl s_client -connect "127.0.0.1:$PORT" -quiet "$@" <"$DIR/fifo.$id" >"$out" 2>&1 &
	pid=$!
	exec {in}>"$DIR/fifo.$id"
	options "$id-a" >&"$in"
	await answers_in "$out" 1
	await requested
	await completed 1
	options "$id-b" >&"$in"
	await answers_in "$out" 2
	echo "$(grep -ac 'SIP/2.0 200' "$out") answers, $(rpc tls_policy.connections |
		sed -n 's/.*rehandshakes: //p') re-handshake"
	exec {in}>&-
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	await completed ''
}
requested() { rpc tls_policy.rehandshake all | grep -q 'requested: 1'; }
answers_in() { [ "$(grep -ac 'SIP/2.0 200' "$1")" = "$2" ]; }
completed() { [ "$(rpc tls_policy.connections | sed -n 's/.*rehandshakes: //p')" = "$1" ]; }

# rechecked CALL-ID S_CLIENT-OPTIONS...: a connection whose version is forbidden
# after it was set up.
rechecked() {
	local id=$1 out=$DIR/client.$1 in pid closed=0
	shift
	mkfifo "$DIR/fifo.$id"
	openssl s_client -connect "127.0.0.1:$PORT" -quiet "$@" <"$DIR/fifo.$id" >"$out" 2>&1 &
	pid=$!
	exec {in}>"$DIR/fifo.$id"
	options "$id" >&"$in"
	await answers_in "$out" 1
	rpc tls_policy.set TLSVersion 8
	await rechecked_all
	echo "closed $closed"
	rpc tls_policy.set TLSVersion 12
	exec {in}>&-
	wait "$pid" 2>/dev/null
}
rechecked_all() {
	rpc tls_policy.recheck >"$DIR/recheck"
	closed=$((closed + $(sed -n 's/.*closed: //p' "$DIR/recheck")))
	grep -q 'left: 0' "$DIR/recheck"
}

# shellcheck disable=SC2119
new_dir
start_kamailio "$(policy tls_version 12)" "$(policy SIPSRequireClientCertificate 1)" \
	"$(policy peer_host_name_verification_mode both)" "$(policy proxy trusted.example.com)" \
	"$(policy proxy sip.carrier.example)" "$(policy proxy 192.0.2.10)" || exit 1
sipp --prepare || exit 1

own() { echo "-cert $PKI/$1.pem -key $PKI/$1.key"; }

printf '%-34s | %-50s | %-30s | %s\n' peer rule expected got
# shellcheck disable=SC2046
{
	row "client, TLS 1.2, a proxy's name" "SAN dNSName is a configured proxy" "200 OK" "$(client d1 -tls1_2 $(own trusted))"
	row "client, TLS 1.3, a proxy's name" "SAN dNSName is a configured proxy" "200 OK" "$(client d2 -tls1_3 $(own trusted))"
	row "client, SNI domain" "the same policy in a domain chosen by SNI" "200 OK" "$(client d3 -servername sni.example $(own trusted))"
	row "client, *.carrier.example" "a wildcard stands for one whole label" "200 OK" "$(client d4 $(own wildcard))"
	row "client, iPAddress 192.0.2.10" "SAN iPAddress is a configured proxy" "200 OK" "$(client d5 $(own ip))"
	row "client, no SAN, CN of a proxy" "CN is a configured proxy" "200 OK" "$(client d6 $(own cn))"
	row "client, other SAN, CN of a proxy" "SAN not critical: the CN is compared" "200 OK" "$(client d7 $(own cnother))"
	row "client, critical other SAN" "SAN critical: the CN is not compared" "alert bad_certificate" "$(client d8 $(own critical))"
	row "client, stranger of our CA" "PeerHostNameVerificationMode, TLS 1.3" "alert bad_certificate" "$(client d9 $(own stranger))"
	row "client, stranger of our CA" "PeerHostNameVerificationMode, TLS 1.2" "alert bad_certificate" "$(client d10 -tls1_2 $(own stranger))"
	row "client, stranger, SNI domain" "the same policy in a domain chosen by SNI" "alert bad_certificate" "$(client d11 -servername sni.example $(own stranger))"
	row "client, foreign CA, a proxy's name" "an unverified name proves nothing" "alert unknown_ca" "$(client d12 $(own foreign))"
	row "client, self-signed" "an unverified name proves nothing" "alert unknown_ca" "$(client d13 $(own selfsigned))"
	row "client, expired" "verification" "alert certificate_expired" "$(client d14 $(own expired))"
	row "client, no certificate, TLS 1.2" "SIPSRequireClientCertificate" "alert handshake_failure" "$(client d15 -tls1_2)"
	row "client, no certificate, TLS 1.3" "SIPSRequireClientCertificate" "alert certificate_required" "$(client d16 -tls1_3)"
	row "client, TLS 1.1" "TLSVersion 12" "alert protocol_version" "$(client d17 -tls1_1 $(own trusted))"
	rpc tls_policy.set TLSVersion 8
	row "client, TLS 1.2" "TLSVersion 8, set by RPC" "alert protocol_version" "$(client d18 -tls1_2 $(own trusted))"
	rpc tls_policy.set TLSVersion 12
	rpc tls_policy.set TLSRemoteSubjectName stranger
	row "client, CN stranger" "TLSRemoteSubjectName" "200 OK" "$(client d19 $(own stranger))"
	rpc tls_policy.set TLSRemoteSubjectName s:
	rpc tls_policy.set wildcards 0
	row "client, *.carrier.example" "wildcards off" "alert bad_certificate" "$(client d20 $(own wildcard))"
	rpc tls_policy.set wildcards 1
	row "server, a proxy's name" "as client: SAN is a configured proxy" "request arrives" "$(server s1 $(server_as trusted))"
	row "server, stranger of our CA" "as client: no proxy matches" "alert bad_certificate" "$(server s2 $(server_as stranger))"
	row "server, foreign CA" "as client: verification" "alert unknown_ca" "$(server s3 $(server_as foreign))"
	row "server, TLS 1.1 only" "as client: TLSVersion 12" "closed" "$(server s4 -tls1_1 -cipher DEFAULT:@SECLEVEL=0 $(server_as trusted))"
	row "operator" "a value out of range changes nothing" "refused" "$(rpc tls_policy.set tls_version 16 | grep -q 'is not a number from 0 to 15' && echo refused)"
}
# shellcheck disable=SC2046
{
	row "client, TLS 1.3" "re-handshake: KeyUpdate" "2 answers, 1 re-handshake" "$(rehandshaken r1 -tls1_3 $(own trusted))"
	rpc tls_policy.set tls_rehandshake_method renegotiate
	row "client, TLS 1.2" "re-handshake: renegotiation" "2 answers, 1 re-handshake" "$(rehandshaken r2 -tls1_2 $(own trusted))"
	rpc tls_policy.set tls_rehandshake_method auto
	row "client, TLS 1.2, open" "TLSVersion 8, then recheck" "closed 1" "$(rechecked r3 -tls1_2 $(own trusted))"
}
start_callee trusted 10
row "SIPp caller and callee, proxies" "10 calls through both legs" "10 calls" "$(call trusted 10 && grep -c 'INVITE sip:' "$DIR/callee.msg") calls"
stop_callee
start_callee trusted 1
row "SIPp caller, stranger" "no call gets through" "0 calls" "$(call stranger 1 || grep -c 'INVITE sip:' "$DIR/callee.msg") calls"
stop_callee
start_callee stranger 1
row "SIPp callee, stranger" "no call gets through" "0 calls" "$(call trusted 1 || grep -c 'INVITE sip:' "$DIR/callee.msg") calls"
stop_callee

# The deployment of cfg/: many kinds of peers on one server.
stop_kamailio
# shellcheck disable=SC2119
new_dir
PHONES=$(free_port)
BROWSERS=$(free_port)
sed -e "s|:PHONES|:$PHONES|; s|:BROWSERS|:$BROWSERS|; s|RUNDIR/pki|$PKI|" "$ROOT/cfg/tls_policy.cfg" >"$DIR/rules"
LISTEN="listen=tls:127.0.0.1:$PORT
listen=tls:127.0.0.1:$PHONES
listen=tls:127.0.0.1:$BROWSERS" start_kamailio "$(policy tls_version 12)" \
	"$(policy sips_require_client_certificate 1)" "$(policy peer_host_name_verification_mode both)" \
	"$(policy proxy trusted.example.com)" "$(policy config "$DIR/rules")" || exit 1

# asked PORT: does the server there ask for a certificate?
asked() {
	openssl s_client -connect "127.0.0.1:$1" -msg </dev/null >"$DIR/asked" 2>/dev/null
	if grep -q CertificateRequest "$DIR/asked"; then
		echo "asked"
	else
		echo "not asked"
	fi
}
would_be_refused() {
	rpc tls_policy.rejections 1 | sed -n 's/^[[:space:]]*verdict: //p'
}
# shellcheck disable=SC2046
{
	row "carrier, a proxy's name" "default: mutual TLS, names" "200 OK" "$(client k1 $(own trusted))"
	row "carrier, no certificate" "default: mutual TLS, names" "alert certificate_required" "$(client k2)"
	row "phone, no certificate" "rule phones, by listener" "200 OK" "$(PORT=$PHONES client k3)"
	row "phone, factory certificate" "rule phones, by listener" "200 OK" "$(PORT=$PHONES client k4 $(own selfsigned))"
	row "browser" "rule browsers: no certificate prompt" "not asked" "$(asked "$BROWSERS")"
	row "browser" "rule browsers: left alone" "200 OK" "$(PORT=$BROWSERS client k5)"
	row "carrier" "the others are asked" "asked" "$(asked "$PORT")"
	row "tenant A, its CA, its name" "rule tenant-a, by server name" "200 OK" "$(client k6 -servername a.example $(own stranger))"
	row "tenant A's CA, tenant B's name" "rule tenant-a: not its list" "alert bad_certificate" "$(client k7 -servername a.example $(own trusted))"
	row "tenant A's CA, tenant B's name" "rule tenant-b: not its CA" "alert unknown_ca" "$(client k8 -servername b.example $(own trusted))"
	row "tenant B, its CA, its name" "rule tenant-b, by server name" "200 OK" "$(client k9 -servername b.example $(own foreign))"
	row "carrier on trial, a stranger" "rule new-carrier: testing" "200 OK" "$(client k10 -servername new-carrier.example $(own stranger))"
	row "operator" "... and it is listed" "would-be-refused" "$(would_be_refused)"
	row "operator" "the rule for a listener" "phones" "$(rpc tls_policy.explain "listen=127.0.0.1:$PHONES" peer=192.0.2.1 peer_role=client | sed -n 's/^[[:space:]]*rule: //p')"
}

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
