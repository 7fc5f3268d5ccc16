#!/usr/bin/env bats
# HTTPSCertFileName and HTTPSRootFileName: what the peer is shown, whom we
# believe, and what is refused as a file.
load helpers

setup_file() {
	new_dir
	start_kamailio "$(policy sips_require_client_certificate 1)"
	cp "$PKI/trusted.pem" "$DIR/own.pem"
	cp "$PKI/trusted.key" "$DIR/own.key"
}
teardown_file() { stop_kamailio; }

setup() { unset_files; }

unset_files() {
	rpc tls_policy.set https_cert_file_name s:
	rpc tls_policy.set https_root_file_name s:
}

# hello OPTIONS...: what a client is shown, and which CAs it is asked for
hello() {
	openssl s_client -connect "127.0.0.1:$PORT" "$@" </dev/null 2>/dev/null >"$DIR/hello" || true
}

shown() { # SUBJECT OPTIONS...
	local subject=$1
	shift
	hello "$@"
	openssl x509 -noout -subject <"$DIR/hello" | grep -qx "subject=CN *= *$subject"
}

# refuses NAME FILE SENTENCE: and what was in force stays
refuses() {
	rpc tls_policy.set "$1" "$2" >"$DIR/said"
	grep -qF "error: 400 - $1: $2 $3" "$DIR/said" || {
		cat "$DIR/said" >&2
		return 1
	}
	[ "$(wc -l <"$DIR/said")" -eq 1 ]
}

# shellcheck disable=SC2046
@test "as server: the named certificate is shown, in the default and in an SNI domain, TLS 1.2 and 1.3" {
	for version in -tls1_2 -tls1_3; do
		shown gateway.example "$version"
		shown gateway.example "$version" -servername sni.example
	done
	rpc tls_policy.set HTTPSCertFileName "$DIR/own.pem"
	for i in 1 2 3 4; do # every worker
		for version in -tls1_2 -tls1_3; do
			shown trusted "$version"
			shown trusted "$version" -servername sni.example
		done
	done
	expect_accepted own-in $(as trusted)
	expect_accepted own-in-sni sni=sni.example $(as trusted)
	rpc tls_policy.set https_cert_file_name s:
	shown gateway.example -servername sni.example
}

# shellcheck disable=SC2046
@test "as client: the named certificate is shown" {
	relayed from-gateway $(server_as stranger) -Verify 1
	grep -qa 'subject=CN *= *gateway.example' "$DIR/s_server"
	rpc tls_policy.set https_cert_file_name "$DIR/own.pem"
	for version in -tls1_2 -tls1_3; do
		relayed "from-own$version" "$version" $(server_as stranger) -Verify 1
		grep -qa 'subject=CN *= *trusted' "$DIR/s_server"
	done
}

# shellcheck disable=SC2046
@test "as server: the named roots alone are believed and offered" {
	rpc tls_policy.set HTTPSRootFileName "$PKI/foreign-ca.pem"
	for sni in "" sni=sni.example; do
		for version in 1.2 1.3; do
			expect_accepted "roots-in-$version-$sni" "version=$version" $sni $(as foreign)
			expect_refused "roots-out-$version-$sni" "unknown CA" "version=$version" $sni $(as trusted)
		done
	done
	hello
	grep -A1 'Acceptable client certificate CA names' "$DIR/hello" | grep -q 'CN *= *Foreign CA'
	hello -servername sni.example
	grep -A1 'Acceptable client certificate CA names' "$DIR/hello" | grep -q 'CN *= *Foreign CA'
	! grep -A1 'Acceptable client certificate CA names' "$DIR/hello" | grep -q 'CN *= *Test CA' || false
	rpc tls_policy.set https_root_file_name s:
	expect_accepted roots-back $(as trusted)
	expect_refused roots-back-out "unknown CA" $(as foreign)
}

# shellcheck disable=SC2046
@test "as client: the named roots alone are believed, nothing is sent to others" {
	rpc tls_policy.set VerifyServerCertificate 1
	rpc tls_policy.set https_root_file_name "$PKI/foreign-ca.pem"
	for version in -tls1_2 -tls1_3; do
		relayed "roots-to-foreign$version" "$version" $(server_as foreign)
		not_relayed "roots-to-trusted$version" "$version" $(server_as trusted)
		grep -qa 'alert unknown ca' "$DIR/s_server"
		! grep -qa 'SIP/2.0' "$DIR/s_server" || false
	done
	rpc tls_policy.set VerifyServerCertificate 0
}

@test "a file that cannot be used is refused in one sentence, and nothing changes" {
	rpc tls_policy.set https_cert_file_name "$DIR/own.pem"
	refuses https_cert_file_name "$DIR/none.pem" "cannot be opened: No such file or directory"
	refuses https_cert_file_name "$DIR" "is a directory, not a PEM file"
	: >"$DIR/empty.pem"
	refuses https_cert_file_name "$DIR/empty.pem" "is empty"
	refuses https_root_file_name "$DIR/empty.pem" "is empty"
	echo text >"$DIR/text.pem"
	refuses https_cert_file_name "$DIR/text.pem" "holds no certificate in PEM"
	refuses https_root_file_name "$DIR/text.pem" "holds no certificate in PEM"
	cp "$PKI/stranger.pem" "$DIR/alone.pem"
	refuses https_cert_file_name "$DIR/alone.pem" "holds no private key, and there is no file of its name with .key added or in place of its ending"
	cp "$PKI/trusted.key" "$DIR/alone.key"
	rpc tls_policy.set https_cert_file_name "$DIR/alone.pem" |
		grep -qF "https_cert_file_name: $DIR/alone.key holds a private key that is not the certificate's"
	openssl pkcs8 -topk8 -in "$PKI/stranger.key" -passout pass:x -out "$DIR/alone.key"
	rpc tls_policy.set https_cert_file_name "$DIR/alone.pem" |
		grep -qF "https_cert_file_name: $DIR/alone.key holds no private key that can be read (without a password)"
	mkfifo "$DIR/pipe.pem"
	refuses https_root_file_name "$DIR/pipe.pem" "is not a regular file"
	head -c 1100000 /dev/zero >"$DIR/large.pem"
	refuses https_root_file_name "$DIR/large.pem" "is larger than 1048576 octets"
	shown trusted
}

@test "a key that the security level of a TLS domain forbids is refused by name" {
	openssl req -x509 -newkey rsa:1024 -nodes -keyout "$DIR/weak.key" -out "$DIR/weak.pem" -subj /CN=weak -days 2 2>/dev/null
	write_tls_cfg TLSv1.2+ ""
	rpc tls.reload
	rpc tls_policy.set https_cert_file_name "$DIR/weak.pem" |
		grep -qF 'https_cert_file_name: the certificate cannot be used in TLS domain [server:default]: ee key too small'
	write_tls_cfg
	rpc tls.reload
	rpc tls_policy.set https_cert_file_name "$DIR/weak.pem"
	shown weak -cipher DEFAULT@SECLEVEL=0
}

# shellcheck disable=SC2046
@test "the key may be in the same file or beside it, and the chain is sent" {
	cat "$PKI/stranger.key" "$PKI/stranger.pem" "$PKI/ca.pem" >"$DIR/all.pem"
	rpc tls_policy.set https_cert_file_name "$DIR/all.pem"
	shown stranger -showcerts
	[ "$(grep -c 'BEGIN CERTIFICATE' "$DIR/hello")" -ge 2 ]
	cp "$PKI/wildcard.pem" "$DIR/bare"
	cp "$PKI/wildcard.key" "$DIR/bare.key"
	rpc tls_policy.set https_cert_file_name "$DIR/bare"
	shown wildcard
}

# shellcheck disable=SC2046
@test "a changed file counts when it is named again, not before; old sessions end" {
	rpc tls_policy.set https_cert_file_name "$DIR/own.pem"
	expect_accepted before-change version=1.3 $(as stranger) "session_out=$DIR/session"
	cp "$PKI/wildcard.pem" "$DIR/own.pem"
	cp "$PKI/wildcard.key" "$DIR/own.key"
	shown trusted
	rpc tls_policy.set https_cert_file_name "$DIR/own.pem"
	shown wildcard
	for i in 1 2 3 4 5 6 7 8; do
		[[ $(probe call_id=after-change-$i version=1.3 $(as stranger) "session_in=$DIR/session") == *"resumed=0 alert=none answer=200" ]]
	done
	cp "$PKI/trusted.pem" "$DIR/own.pem"
	cp "$PKI/trusted.key" "$DIR/own.key"
}

# shellcheck disable=SC2046
@test "connections that are open keep what they have, under four workers and reloads" {
	rpc tls_policy.set https_cert_file_name "$DIR/own.pem"
	rpc tls_policy.set https_root_file_name "$PKI/ca.pem"
	"$BUILD/tls_load" "$PORT" "$PKI/trusted.pem" "$PKI/trusted.key" "$PKI/ca.pem" 4 200 1.3 >"$DIR/load" &
	local load=$!
	for i in 1 2 3 4 5 6 7 8 9 10; do
		rpc tls_policy.set https_cert_file_name "$DIR/own.pem"
		rpc tls.reload
	done
	wait "$load"
	grep -q 'ok=200 failed=0' "$DIR/load"
}

# shellcheck disable=SC2046
@test "CRLs of tls.cfg count beside the named roots" {
	make_crl
	sed -i "s|^ca_list = .*|&\ncrl = $DIR/crl.pem|" "$DIR/tls.cfg"
	rpc tls.reload
	rpc tls_policy.set https_root_file_name "$PKI/ca.pem"
	expect_refused crl-revoked "certificate revoked" $(as stranger)
	expect_accepted crl-good $(as trusted)
	rpc tls_policy.set https_root_file_name "$DIR/crl.pem" >"$DIR/said"
	grep -q 'holds "X509 CRL" and no certificate' "$DIR/said"
	cat "$PKI/ca.pem" "$DIR/crl.pem" >"$DIR/both.pem"
	refuses https_root_file_name "$DIR/both.pem" "holds a CRL: CRLs are named by crl_file_name"
	write_tls_cfg
	rpc tls.reload
}

make_crl() { # of the test CA, that revokes stranger
	mkdir -p "$DIR/db"
	: >"$DIR/db/index.txt"
	echo 01 >"$DIR/db/crlnumber"
	cat >"$DIR/db/ca.cnf" <<CONF
[ca]
default_ca = own
[own]
database = $DIR/db/index.txt
crlnumber = $DIR/db/crlnumber
certificate = $PKI/ca.pem
private_key = $PKI/ca.key
default_md = sha256
default_crl_days = 2
CONF
	openssl ca -config "$DIR/db/ca.cnf" -revoke "$PKI/stranger.pem" 2>/dev/null
	openssl ca -config "$DIR/db/ca.cnf" -gencrl -out "$DIR/crl.pem" 2>/dev/null
}

# shellcheck disable=SC2046
@test "tls_policy.reload reads the files anew, and refuses what cannot be used" {
	rpc tls_policy.set https_cert_file_name "$DIR/own.pem"
	shown trusted
	cp "$PKI/wildcard.pem" "$DIR/own.pem"
	rpc tls_policy.reload |
		grep -qF "https_cert_file_name: $DIR/own.key holds a private key that is not the certificate's"
	shown trusted
	cp "$PKI/wildcard.key" "$DIR/own.key"
	rpc tls_policy.reload
	shown wildcard
	cp "$PKI/trusted.pem" "$DIR/own.pem"
	cp "$PKI/trusted.key" "$DIR/own.key"
}

shared_used() { rpc core.shmmem | sed -n 's/.*\bused: //p'; }

# one round: a new generation, seen by every worker, then all connections gone
rounds() { # N
	local i
	for ((i = 0; i < $1; i++)); do
		rpc tls_policy.set https_root_file_name "$PKI/ca.pem"
		"$BUILD/tls_load" "$PORT" "$PKI/trusted.pem" "$PKI/trusted.key" "$PKI/ca.pem" 8 24 1.3 >/dev/null
	done
	await no_connections
}
no_connections() { rpc core.tcp_info | grep -q 'opened_tls_connections: 0'; }

@test "generations and connections come and go without a leak of shared memory" {
	local before after
	rpc tls_policy.set https_cert_file_name "$DIR/own.pem"
	rounds 5
	before=$(shared_used)
	rounds 15
	after=$(shared_used)
	echo "# figure: shared memory used before and after 15 generations and 360 connections: $before $after" >&3
	[ "$after" -lt $((before + 100000)) ]
}
