# trust - what the tests of sessions and handshakes share: a Kamailio whose trust
# changes, and peers that do what they are told (lib/trust); for tests
# that have loaded live/helpers and lib/peers.
# shellcheck shell=bash

# more_pki: beside those of lib/pki.sh, in a directory of the test's own: `other`
# and `both` (names of other proxies), `serving` (no clientAuth), `constrained`
# (trusted.example.com, for which its CA may not vouch, and other.example.com), and CRLs: `none.crl`, and
# `trusted.crl` that revokes `trusted`.
more_pki() {
	local ca=(openssl ca -batch -config "$PKI/more.cnf" -cert "$PKI/ca.pem" -keyfile "$PKI/ca.key")
	[ ! -e "$PKI/trusted.crl" ] || return 0
	(
		cd "$PKI" || exit 1
		mkdir -p more
		: >more/index.txt
		echo 2000 >more/serial
		echo 01 >more/crlnumber
		cat >more.cnf <<-CNF
			[ca]
			default_ca = own
			[own]
			database = $PKI/more/index.txt
			serial = $PKI/more/serial
			crlnumber = $PKI/more/crlnumber
			new_certs_dir = $PKI/more
			default_md = sha256
			default_days = 30
			default_crl_days = 30
			policy = any
			unique_subject = no
			[any]
			commonName = supplied
			[other]
			subjectAltName = DNS:other.example.com
			extendedKeyUsage = serverAuth,clientAuth
			[both]
			subjectAltName = DNS:trusted.example.com,DNS:other.example.com
			extendedKeyUsage = serverAuth,clientAuth
			[serving]
			subjectAltName = DNS:trusted.example.com
			extendedKeyUsage = serverAuth
			[constrained]
			subjectAltName = URI:sip:trusted.example.com,URI:sip:other.example.com
			extendedKeyUsage = serverAuth,clientAuth
			[lesser]
			basicConstraints = critical,CA:TRUE
			keyUsage = critical,keyCertSign
			nameConstraints = critical,excluded;DNS:trusted.example.com
		CNF
		for name in other both serving lesser constrained; do
			openssl ecparam -genkey -name prime256v1 -noout -out "$name.key"
			openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
			[ "$name" != constrained ] || continue
			"${ca[@]}" -in "$name.csr" -out "$name.pem" -extensions "$name" -notext
		done
		# OpenSSL itself says nothing: the names are no dNSName
		openssl ca -batch -config more.cnf -cert lesser.pem -keyfile lesser.key \
			-in constrained.csr -out constrained.pem -extensions constrained -notext
		cat lesser.pem >>constrained.pem
		"${ca[@]}" -gencrl -out none.crl
		"${ca[@]}" -revoke trusted.pem
		"${ca[@]}" -gencrl -out trusted.crl
	) >/dev/null 2>&1
	[ -s "$PKI/trusted.crl" ]
}

# trusting [CA-LIST] [CRL]: tls.cfg. sni.example has a domain of its own with the
# same trust; strict.example one that never trusts our CA.
trusting() {
	local ca_list=${1:-$PKI/ca.pem} crl=${2:-} section
	: >"$DIR/tls.cfg.new"
	for section in server:default server:any/sni.example server:any/strict.example client:default; do
		{
			echo "[${section%/*}]"
			echo "method = TLSv1.2+"
			echo "private_key = $PKI/server.key"
			echo "certificate = $PKI/server.pem"
			if [ "${section#*/}" = strict.example ]; then
				echo "ca_list = $PKI/foreign-ca.pem"
			else
				echo "ca_list = $ca_list"
				[ -z "$crl" ] || echo "crl = $crl"
			fi
			[ "${section#*/}" = "$section" ] || echo "server_name = ${section#*/}"
		} >>"$DIR/tls.cfg.new"
	done
	mv "$DIR/tls.cfg.new" "$DIR/tls.cfg"
}
trust() { # [CA-LIST] [CRL]: from now on
	trusting "$@"
	rpc tls.reload | grep -q 'Ok'
}
name_proxies() { printf '%s\n' "$@" >"$DIR/proxies"; }
proxies() { # NAME...: from now on
	name_proxies "$@"
	rpc tls_policy.reload >/dev/null
}

# What the parser sees of a message: behind PARSED CALL-ID from ADDRESS.
# shellcheck disable=SC2016
SEES=' cn=$(tls_peer_subject_cn) verified=$(tls_peer_verified)'

# The group that clients offer first is none of the server's.
hello_retry() {
	cat >"$DIR/openssl.cnf" <<-CNF
		openssl_conf = all
		[all]
		ssl_conf = ssl
		[ssl]
		system_default = tls
		[tls]
		Groups = P-256
	CNF
	export OPENSSL_CONF=$DIR/openssl.cnf
}

# judging_all LINE...: a Kamailio that judges every peer by name in both roles;
# with SESSION_TICKETS=cache sessions come back that way.
judging_all() {
	export SEES
	more_pki && trusting || return 1
	name_proxies trusted.example.com other.example.com gateway.example
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy verify_server_certificate 1)" "$(policy peer_host_name_verification_mode both)" \
		"$(policy proxy_file "$DIR/proxies")" 'modparam("tls", "session_cache", 1)' \
		'modparam("tls", "session_id", "trust")' "$(policy session_tickets "${SESSION_TICKETS:-shared}")" "$@"
}

# faked_clock: of the Kamailio that is started next; clock SECONDS: it is so far
# ahead of ours.
clock() {
	echo "+$1" >"$DIR/clock.new"
	mv "$DIR/clock.new" "$DIR/clock"
}
faked_clock() {
	local lib
	lib=$(dpkg -L libfaketime | grep 'libfaketime\.so\.1$')
	clock 0
	# shellcheck disable=SC2034 # launch (helpers) uses it
	FAKED=(env "LD_PRELOAD=$lib" "FAKETIME_TIMESTAMP_FILE=$DIR/clock" FAKETIME_NO_CACHE=1
		FAKETIME_DONT_FAKE_MONOTONIC=1)
}

declare -gA ACTORS=()

# acts NAME client|server STEP...: a peer, in the background; what it tells is in
# $DIR/NAME. It goes on where it says `at` once `on NAME` is called.
acts() {
	local name=$1 role=$2
	shift 2
	: >"$DIR/$name"
	"$BUILD/trust_peer" "$role" "$PORT" "$PKI" "$@" >"$DIR/$name" 2>"$DIR/$name.err" 3>&- 4>&- 7>&- &
	ACTORS[$name]=$!
}
told() { grep -qxE -- "$2" "$DIR/$1"; }                # NAME LINE
tells() { await told_or_over "$1" "$2" && told "$@"; } # NAME LINE
told_or_over() { told "$@" || ! kill -0 "${ACTORS[$1]}" 2>/dev/null; }
over() { # NAME...: they have done all they were told
	local name failed=0
	for name in "$@"; do
		wait "${ACTORS[$name]}" || {
			echo "$name: $(cat "$DIR/$name" "$DIR/$name.err")" >&2
			failed=1
		}
		unset "ACTORS[$name]"
	done
	return "$failed"
}
# waits NAME N: it stands at its Nth `$(go NAME N)`; on NAME N: it goes on.
go() { echo "go=$DIR/$1.go$2"; }
waits() { tells "$1" "at $DIR/$1.go${2:-1}"; }
on() { : >"$DIR/$1.go${2:-1}"; }

# saw CALL-ID [CN]: the parser has seen it, from whom.
saw() { grep -qE "PARSED $1 from .* cn=${2-.*} verified=1" "$DIR/log"; }
# expect NAME TEXT: one line it told; else what it told instead.
expect() {
	told "$@" && return 0
	echo "$1 did not tell \"$2\": $(cat "$DIR/$1" "$DIR/$1.err")" >&2
	return 1
}

# rechecked: recheck, and all were judged; its answer is in $DIR/recheck.
rechecked() { await rechecked_now; }
rechecked_now() { rpc tls_policy.recheck >"$DIR/recheck" && grep -q 'left: 0' "$DIR/recheck"; }

# asks_until NAME LINE: an operator's re-handshakes of its connection.
asks_until() { await asked_and_told "$1" "$2"; }
asked_and_told() {
	local id
	told "$1" "$2" && return 0
	id=$(connection_at "$(sed -n 's/^port //p' "$DIR/$1" | tail -n 1)")
	[ -z "$id" ] || rpc tls_policy.rehandshake "$id" >/dev/null
	false
}

counted() { [ "$(statistic "$1")" -ge "$2" ]; } # COUNTER N

stop_actors() {
	local name
	for name in "${!ACTORS[@]}"; do
		kill -KILL "${ACTORS[$name]}" 2>/dev/null || true
		wait "${ACTORS[$name]}" 2>/dev/null || true
	done
	ACTORS=()
}
