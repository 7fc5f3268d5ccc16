#!/usr/bin/env bats
# doc/operating.md, from its top to its end, on Debian's own kamailio.cfg: the
# blocks are taken out of the page and done, and what it says is seen. Addresses,
# ports and paths are others; names are those of the page.
load helpers
load ../lib/ends
load ../lib/page

export PAGE=$ROOT/doc/operating.md

setup_file() {
	new_dir 2
	PHONES=$(free_port)
	WORK=$BATS_FILE_TMPDIR/work # where the page's files without a path lie
	export PHONES WORK
	mkdir "$WORK"
	issue server ca "DNS:gateway.example,IP:127.0.0.1" serverAuth,clientAuth
	issue new ca "DNS:new.gateway.example" serverAuth,clientAuth
	issue carrier ca "DNS:sip.carrier.example" serverAuth,clientAuth
	issue partner ca "DNS:sip.partner.example" serverAuth,clientAuth
	issue renewed foreign-ca "DNS:sip.carrier.example" serverAuth,clientAuth
	issue web ca "DNS:sip.carrier.example" serverAuth
	issue web-partner ca "DNS:sip.partner.example" serverAuth
	issue teams ca "DNS:sip.pstnhub.microsoft.com,DNS:*.pstnhub.microsoft.com" serverAuth
	issue pbx-a foreign-ca "DNS:pbx.tenant-a.example" serverAuth,clientAuth
	issue pbx-b ca "DNS:pbx.tenant-b.example" serverAuth,clientAuth
	cp "$WORK"/server.* "$WORK"/new.* "$DIR"
	cp "$PKI/ca.pem" "$PKI/foreign-ca.pem" "$DIR"
	stock
	page_begins
}
teardown_file() {
	page_goes_on
	stop_kamailio
}
setup() {
	page_goes_on
	cd "$WORK" || return 1
}
teardown() {
	stop_ends
	tell_why
}

# issue NAME CA SAN PURPOSES: with its key, in the working directory.
issue() {
	printf '%s\n' basicConstraints=CA:FALSE "extendedKeyUsage=$4" "subjectAltName=$3" >"$WORK/ext"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/$1.key" -subj "/CN=$1" 2>/dev/null |
		openssl x509 -req -CA "$PKI/$2.pem" -CAkey "$PKI/$2.key" -days 30 -extfile "$WORK/ext" -out "$WORK/$1.pem" 2>/dev/null
}

# Debian's kamailio.cfg and tls.cfg, with TLS and on loopback.
stock() {
	printf '%s\n' '#!KAMAILIO' '#!define WITH_TLS' "mpath=\"$("$ROOT/scripts/kamailio-modules")/\"" \
		"listen=udp:127.0.0.1:$PORT" "listen=tls:127.0.0.1:$PORT" "listen=tls:127.0.0.1:$PHONES" >"$DIR/kamailio.cfg"
	sed -e "1d; s|/etc/kamailio|$DIR|g; s|^children=.*|children=1|" \
		-e "s|^# modparam(\"ctl\", \"binrpc\".*|modparam(\"ctl\", \"binrpc\", \"unix:$DIR/ctl\")|" /etc/kamailio/kamailio.cfg >>"$DIR/kamailio.cfg"
	sed "s|/etc/kamailio/kamailio-selfsigned|$DIR/server|" /etc/kamailio/tls.cfg >"$DIR/tls.cfg"
}

# What is other here than on the page.
put_in() {
	sed "s|/etc/kamailio|$DIR|g; s|\"tls_policy\.so\"|\"$BUILD/tls_policy.so\"|
		s|203\.0\.113\.0/24|127.0.0.1|; s|52\.112\.0\.0/14, 52\.122\.0\.0/15|127.0.0.1|; s|203\.0\.113\.7|127.0.0.1|
		s|198\.51\.100\.0/24|127.0.0.1|; s|198\.51\.100\.7|${FAR:-127.0.0.9}|
		s|192\.0\.2\.1:5061|127.0.0.1:$PORT|; s|192\.0\.2\.1:5071|127.0.0.1:$PHONES|
		s|sip\.[a-z.]*:5061|127.0.0.1:${PEER_PORT:-0}|; $([ "$(id -u)" -eq 0 ] || echo 's/ -o kamailio//')"
}
make() { env -u MAKEFLAGS -u MAKELEVEL make -C "$ROOT" "DESTDIR=$DIR/root" "$@"; }

# puts HEADING FILE [NUMBER]: the whole file.
puts() {
	block "$1" "$2" "${3:-1}" && cp "$DIR/block" "$DIR/$2"
}

# gets IN|OUT CERTIFICATE [PROBE-OPTION...]
gets() {
	local expected=$1 answer
	shift
	answer=$(probe version=1.3 ${1:+cert="$WORK/$1.pem" key="$WORK/$1.key"} "${@:2}") || true
	case $expected:$answer in
		in:*'alert=none answer=200') ;;
		out:*'answer=none') ;;
		*)
			echo "$* should be $expected: $answer" >&2
			return 1
			;;
	esac
}

connected() { [ "$(rpc tls_policy.connections | grep -c 'rule: ')" -eq "$1" ]; }
knows() { # RULE...: those of the connections
	local rule
	for rule; do rpc tls_policy.connections | grep -q "rule: $rule$" || return 1; done
}

# The four lines of the page's head, of which `recheck` closes somebody or not.
in_force() {
	types "Operating: what to type when" 1
	sees '0 errors'
}

@test "roll out: behind Debian's own configuration; in testing everybody gets in, and is told" {
	gets in ''
	block "Roll it out: watch first, then enforce" kamailio.cfg 1
	sed -i "/^loadmodule \"tls.so\"/r $DIR/block" "$DIR/kamailio.cfg"
	puts "Roll it out: watch first, then enforce" tls_policy.cfg
	types "Roll it out: watch first, then enforce" 1
	sees '0 errors' 'name: default' 'enforcement: testing'
	gets in carrier
	gets in partner
	gets in pbx-b
	gets in ''
	end_of stranger "$PORT" from="$(free_port)" cert="$WORK/pbx-b.pem" key="$WORK/pbx-b.key"
	await knows default
	types "Roll it out: watch first, then enforce" 2
	sees 'tls_policy.would_refuse: 3' 'verdict: would-be-refused' 'reason: certificate-host-mismatch' 'outcome: would-be-refused'
}

@test "enforce: who would have been refused is, also who is connected" {
	end_of stranger "$PORT" from="$(free_port)" cert="$WORK/pbx-b.pem" key="$WORK/pbx-b.key"
	end_of carrier "$PORT" from="$(free_port)" cert="$WORK/carrier.pem" key="$WORK/carrier.key"
	await connected 2
	types "Roll it out: watch first, then enforce" 3
	sees '0 errors' 'closed: 1'
	await grep -q closed "$DIR/stranger"
	gets in carrier
	gets in partner
	gets out pbx-b
	gets out ''
	rpc tls_policy.rejections 1 | grep 'verdict: refused'
	rpc tls_policy.set enforcement testing
	gets in ''
	rpc tls_policy.set enforcement enforce
	gets out ''
}

@test "one listener, one trunk: each has its rule, the rest is left alone" {
	local here="Limit it to one listener, or to one trunk"
	puts "$here" tls_policy.cfg
	types "$here" 1
	sees '0 errors'
	[ "$(sed -n 's/^[[:space:]]*rule: //p' "$DIR/typed" | paste -sd ' ')" = "trunk listener default" ]
	gets out ''
	end_of trunk "$PORT" from="$(free_port)" cert="$WORK/carrier.pem" key="$WORK/carrier.key"
	end_of far "$PORT" at=127.0.0.9 from="$(free_port)"
	end_of far-listener "$PHONES" at=127.0.0.9 from="$(free_port)"
	await knows trunk default listener
}

@test "who would be refused: by the connections, by the list, by a file, by a server" {
	local here="See who would be refused"
	end_of carrier "$PORT" from="$(free_port)" cert="$WORK/carrier.pem" key="$WORK/carrier.key"
	start_server -cert "$WORK/pbx-b.pem" -key "$WORK/pbx-b.key"
	cp pbx-b.pem peer.pem
	types "$here" 1 tls-policy
	stop_server
	sees 'reason: no-certificate' 'refused' 'issued by "/CN=Test CA"' 'certificate-host-mismatch' 'pbx.tenant-b.example'
	cp carrier.pem peer.pem
	start_server -cert "$WORK/carrier.pem" -key "$WORK/carrier.key"
	types "$here" 1
	stop_server
	sees 'accepted: dNSName sip.carrier.example'
}

@test "our certificate: by tls.reload, by reload, by watch" {
	local here="Rotate our certificate"
	shows gateway.example
	types "$here" 1
	sees 'Ok. TLS configuration reloaded.' 'days_left: 29' 'kind: own'
	shows new.gateway.example
	puts "$here" tls_policy.cfg
	in_force
	cp server.pem "$DIR/server.pem" # first the one, then the other
	rpc tls_policy.reload | grep 'holds a private key that is not'
	shows new.gateway.example
	cp server.key "$DIR/server.key"
	await shows gateway.example 2>/dev/null # watch
}
shows() { # NAME: of our certificate
	openssl s_client -connect "127.0.0.1:$PORT" </dev/null 2>/dev/null >"$DIR/hello" || true
	openssl x509 -noout -ext subjectAltName <"$DIR/hello" | grep -q "DNS:$1" && return 0
	cat "$DIR/hello" >&2
	return 1
}

@test "a CA: both, then the new one alone; who has one of the old is told before" {
	local here="Rotate a CA"
	gets out renewed
	cp "$PKI/foreign-ca.pem" new-ca.pem
	types "$here" 1
	sees 'kind: anchor'
	await anchors 2
	gets in renewed
	end_of late "$PORT" from="$(free_port)" cert="$WORK/partner.pem" key="$WORK/partner.key"
	end_of renewed "$PORT" from="$(free_port)" cert="$WORK/renewed.pem" key="$WORK/renewed.key"
	types "$here" 2
	[ "$(grep -c 'outcome: closed' "$DIR/typed")" -eq 1 ]
	sees 'certificate-not-trusted'
	gets in renewed
	gets out partner
	cp "$PKI/ca.pem" "$DIR/ca.pem"
}
anchors() { [ "$(rpc tls_policy.expiry | grep -c 'kind: anchor')" -eq "$1" ]; }

@test "the alarm: by command and by event route" {
	local here="An alarm before certificates end"
	types "$here" 1
	sees 'days_left: 29' 'kind: own'
	block "$here" kamailio.cfg 1
	cat "$DIR/block" >>"$DIR/kamailio.cfg"
	types "$here" 2
	await logged "ALERT: <script>: our certificate $DIR/server.pem (/CN=server) of https_cert_file_name expires in 29 days"
	await logged "ALERT: <script>: the trust anchor $DIR/ca.pem"
}

@test "a provider without clientAuth: by its rule, and no other" {
	local here="A trunk whose provider dropped clientAuth"
	rpc tls_policy.reload | grep rules
	gets out web
	await logged 'certificate-not-trusted: unsuitable certificate purpose: extendedKeyUsage has serverAuth and lacks clientAuth'
	puts "$here" tls_policy.cfg
	types "$here" 1
	sees '0 errors' 'accepted_server_auth_clients: 0'
	gets in web
	gets in carrier
	gets out web-partner
	types "$here" 1
	sees 'accepted_server_auth_clients: 1'
}

@test "Teams: the roots of Debian's ca-certificates; serverAuth alone is let in, of its names only" {
	local here="Microsoft Teams Direct Routing"
	puts "$here" tls_policy.cfg
	start_server -cert "$WORK/teams.pem" -key "$WORK/teams.key"
	types "$here" 1 probe # the CA of the test is none of Microsoft's
	sees '0 errors' 'certificate-not-trusted' 'rules: 1'
	stop_server
	[ "$(grep -c BEGIN "$DIR/microsoft-roots.pem")" -eq "$(microsoft_roots)" ]
	gets out teams
	cat "$PKI/ca.pem" >>"$DIR/microsoft-roots.pem"
	rpc tls_policy.reload | grep 'rules: 1'
	gets in teams
	gets out carrier
	gets out web
}

@test "tenants: the CA of one vouches for nobody of the other" {
	local here="Several tenants"
	cp "$PKI/foreign-ca.pem" "$DIR/tenant-a-ca.pem"
	cp "$PKI/ca.pem" "$DIR/tenant-b-ca.pem"
	puts "$here" tls_policy.cfg
	types "$here" 1
	sees '0 errors' 'rules: 2' 'rule: tenant-a' 'accepted: dNSName pbx.tenant-a.example'
	gets in pbx-a sni=a.example.net
	gets in pbx-b sni=b.example.net
	gets out pbx-a sni=b.example.net
	gets out pbx-b sni=a.example.net
	gets out pbx-a
	gets in carrier
}

@test "phones: they register and are called; trunks show their certificates" {
	local here="Phones beside trunks" FAR=127.0.0.1
	puts "$here" tls_policy.cfg
	types "$here" 1
	sees '0 errors' 'rules: 2' 'rule: calls-to-phones' 'requests_kept_back: 0'
	gets out ''
	gets in carrier
	phone alice
	phone bob
	TO=bob says_request alice INVITE call "sip:bob@127.0.0.1:$PHONES" "Contact: <sip:alice@127.0.0.1:$(own_port alice);transport=tls>"
	await got bob call INVITE
	await got alice call 'SIP/2.0 200'
}
phone() {
	end_of "$1" "$PHONES" from="$(free_port)" answer=1
	says_request "$1" REGISTER "register-$1" "sip:127.0.0.1:$PHONES" \
		"Contact: <sip:$1@127.0.0.1:$(own_port "$1");transport=tls>" 'Expires: 600'
	await got "$1" "register-$1" 'SIP/2.0 200'
}

@test "the gateway: its ini file, as a rules file" {
	local here="Coming from the gateway"
	cp "$ROOT/test/fuzz/seeds/import/6.4.ini" BOARD.ini
	types "$here" 1
	sees '0 errors' '# !!' 'HTTPSCertFileName'
	grep -q 'sips_require_client_certificate = 1' "$DIR/tls_policy.cfg"
}

@test "undone: at once by none, and then without the module" {
	local here="Undo everything"
	DESTDIR=$DIR/root "$ROOT/scripts/install" "$BUILD" >/dev/null
	types "$here" 1
	sees 'enforcement: none' 'name: default'
	gets in ''
	types "$here" 2 'grep -nF' # it finds nothing
	sees 'current: ' 'config file ok'
	! grep tls_policy "$DIR/kamailio.cfg" || false
	gets in ''
	types "$here" 3
	[ -z "$(find "$DIR/root" -type f)" ]
}

@test "no block of the page was left out" {
	# these are done in a root of their own: test/package/96-debian.bats;
	# the first two on the README's configuration: 21-readme.bats
	all_taken "Operating: what to type when|sh|2" "Undo everything|sh|4" "Upgrade Kamailio|sh|1" "Upgrade Kamailio|sh|2" \
		"Many handshakes: another memory manager|sh|1" "Many peers that reconnect at once|sh|1" "Certificates to try with|sh|1" "Certificates to try with|sh|2"
}
