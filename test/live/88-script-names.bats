#!/usr/bin/env bats
# Which names a certificate stands for (doc/script.md): those that the policy
# would accept, were the one that is asked about its only proxy.
load helpers
load ../lib/ends
load ../lib/peers
load ../lib/rehandshake
load ../lib/trust

setup() {
	new_dir
	make_pki "$DIR/pki"
	PKI=$DIR/pki
	SAID=0
}
teardown() {
	stop_actors
	stop_ends
	stop_kamailio
}

# The names that the log has of a message; and whether they stand for X-Name,
# asked in both ways of the script's.
SEES=' verdict=$tlsp(verdict) identity=$tlsp(identity) match=$tlsp(match) left=$tlsp(names_left_out) resumed=$tlsp(resumed) again=$tlsp(rehandshakes) names=$tlsp(names)'
asked() {
	write_tls_cfg
	write_config "$@"
	sed -i 's/^\tif(is_method("OPTIONS").*/\tif($hdr(X-Name) != $null) {\n\t\ttls_policy_peer_is("$hdr(X-Name)");\n\t\t$var(quoted) = $rc;\n\t\ttls_policy_peer_is($hdr(X-Name));\n\t\txlog("L_NOTICE", "IS $ci $var(quoted) $rc\\n");\n\t}\n&/' "$DIR/kamailio.cfg"
	launch
	await_start
}
# shellcheck disable=SC2046
shows() { # NAME: opens its connection
	[ -z "${ENDS[peer]:-}" ] || stop_end peer
	end_of peer "$PORT" from="$(free_port)" ${1:+$(as "$1")}
	told_of
}
told_of() { # what its next message shows is in $line
	NUMBER=$((${NUMBER:-0} + 1))
	says_request peer OPTIONS "told$NUMBER" "sip:127.0.0.1:$PORT"
	await got peer "told$NUMBER" 'SIP/2.0 200' || return 1
	line=$(grep " PARSED told$NUMBER " "$DIR/log")
}
is() { # TEXT WANTED: what tls_policy_peer_is says of it, to the peer that showed
	NUMBER=$((${NUMBER:-0} + 1))
	says_request peer OPTIONS "is$NUMBER" "sip:127.0.0.1:$PORT" "X-Name: $1"
	await got peer "is$NUMBER" 'SIP/2.0 200' || return 1
	grep -q " IS is$NUMBER $2 $2$" "$DIR/log" && return 0
	echo "of \"$1\": $(grep " IS is$NUMBER " "$DIR/log")" >&2
	return 1
}
stands_for() { local name; for name; do is "$name" 1 || return 1; done; }
stands_not_for() { local name; for name; do is "$name" -1 || return 1; done; }
names_are() { # NAMES
	[[ $line == *" names=$1" ]] && return 0
	echo "expected names=$1: $line" >&2
	return 1
}

@test "a name, with whatever a SIP URI has around it; never a part of it, or what only looks like it" {
	asked "$(policy sips_require_client_certificate 1)"
	shows both-names
	[[ $line == *" verdict=accepted identity=<null> match=<null> left=0 "* ]]
	names_are trusted.example.com,stranger.example.com,both
	stands_for trusted.example.com stranger.example.com TRUSTED.Example.COM trusted.example.com. both \
		trusted.example.com:5061 'sip:a@trusted.example.com:5061;transport=tls' '<sips:trusted.example.com>'
	stands_not_for example.com a.trusted.example.com usted.example.com trusted.example.comm trusted '*.example.com' \
		192.0.2.1 'two words' 'a@trusted.example.com' 'trusted.example.com,stranger.example.com' ',' .
	# what a peer writes is no text with variables in it
	stands_not_for '$tlsp(name)' '$var(quoted)' '$(tlsp(names){s.select,0,,})'
}

@test "addresses" {
	asked "$(policy sips_require_client_certificate 1)"
	shows ip
	names_are 192.0.2.10,2001:db8::10,ip
	stands_for 192.0.2.10 '[2001:db8::10]' 2001:DB8:0:0::10 ::ffff:192.0.2.10
	stands_not_for 192.0.2.1 192.0.2.100 2001:db8::1 127.0.0.1
}

@test "a wildcard is one label, and none at all once the policy says so" {
	asked "$(policy sips_require_client_certificate 1)"
	shows wildcard
	names_are '*.carrier.example,wildcard'
	stands_for gw.carrier.example GW2.Carrier.Example
	stands_not_for carrier.example a.gw.carrier.example .carrier.example '*.carrier.example' '*.example' xcarrier.example
	rpc tls_policy.set wildcards 0
	stands_for gw.carrier.example # judged before
	rechecked
	stands_not_for gw.carrier.example '*.carrier.example'
	told_of
	names_are wildcard
	rpc tls_policy.set wildcards 1
	shows wildcard
	stands_for gw.carrier.example
}

@test "a sip URI counts where sip_uri_identities says so, and then no dNSName and no CN" {
	asked "$(policy sips_require_client_certificate 1)"
	shows uri
	names_are other.example.com,uri
	stands_for other.example.com
	stands_not_for trusted.example.com
	rpc tls_policy.set sip_uri_identities 1
	shows uri
	names_are trusted.example.com
	stands_for trusted.example.com
	stands_not_for other.example.com uri
}

@test "the CN counts unless SubjectAltName is critical" {
	asked "$(policy sips_require_client_certificate 1)"
	shows cn
	names_are trusted.example.com
	stands_for trusted.example.com
	shows cnother
	names_are stranger.example.com,trusted.example.com
	shows critical
	names_are stranger.example.com
	stands_not_for trusted.example.com
}

@test "nobody without a certificate, and nobody whose certificate the policy has not judged" {
	asked "$(policy peer_host_name_verification_mode server)" "$(policy proxy trusted.example.com)"
	shows ''
	[[ $line == *" verdict=accepted identity=<null> match=<null> left=0 "* ]]
	names_are '<null>'
	stands_not_for trusted.example.com
	stop_kamailio
	asked
	sed -i 's/^\[server:default\]/&\nverify_certificate = yes\nrequire_certificate = yes/' "$DIR/tls.cfg"
	rpc tls.reload | grep -q Ok
	shows trusted # tls.cfg asked, and the policy judged nothing
	[[ $line == *" verdict=not-asked identity=<null> match=<null> left=0 "* ]]
	names_are '<null>'
	stands_not_for trusted.example.com
}

@test "a name that a CA may not vouch for does not count, in a session neither" {
	more_pki
	cat "$PKI/ca.pem" "$PKI/lesser.pem" >"$PKI/two.pem"
	WORKERS=1 judging_all "$(policy sip_uri_identities 1)"
	local version
	for version in 1.2 1.3; do
		acts "a-$version" client version="$version" show=constrained open handshake keep options="full-$version" \
			answer="full-$version" leave resume open handshake options="again-$version" answer="again-$version" close
		over "a-$version"
		line=$(grep " PARSED full-$version " "$DIR/log")
		[[ $line == *' identity=other.example.com match=URI left=0 resumed=0 '* ]]
		names_are other.example.com
		line=$(grep " PARSED again-$version " "$DIR/log")
		[[ $line == *' identity=other.example.com match=URI left=1 resumed=1 '* ]]
		names_are other.example.com
	done
}

many_names() { # NAME FIRST-PART: of 1,024 names
	local names
	names=$(printf ",DNS:%s%04d.example" $(for i in {1..1024}; do echo "$2" "$i"; done))
	printf '%s\n' basicConstraints=CA:FALSE extendedKeyUsage=serverAuth,clientAuth "subjectAltName=${names#,}" >"$DIR/ext"
	openssl ecparam -genkey -name prime256v1 -noout -out "$PKI/$1.key"
	openssl req -new -key "$PKI/$1.key" -subj /CN=many -out "$DIR/csr"
	openssl x509 -req -in "$DIR/csr" -CA "$PKI/ca.pem" -CAkey "$PKI/ca.key" -CAcreateserial -days 30 \
		-extfile "$DIR/ext" -out "$PKI/$1.pem" 2>/dev/null
}

@test "1,024 names: as many as fit are kept, the accepted one whatever its place, the others counted" {
	local kept
	many_names many n
	SEES+=' first=$tlsp(name) second=$(tlsp(name)[1]) last=$(tlsp(name)[-1]) before=$(tlsp(name)[-2]) beyond=$(tlsp(name)[5000]) below=$(tlsp(name)[-5000]) same=$(tlsp(name)[*])'
	asked "$(policy sips_require_client_certificate 1)" "$(policy peer_host_name_verification_mode server)" \
		"$(policy proxy n1000.example)" 'modparam("xlog", "buf_size", 16384)'
	shows many
	[[ $line == *' identity=n1000.example match=dNSName '* ]]
	[[ $line =~ ' left='([0-9]+)' '.*' names='([^ ]*)' first='([^ ]*)' second='([^ ]*)' last='([^ ]*)' before='([^ ]*)' beyond='([^ ]*)' below='([^ ]*)' same='([^ ]*)$ ]]
	[ "${BASH_REMATCH[2]}" = "${BASH_REMATCH[9]}" ]
	[ "${#BASH_REMATCH[2]}" -gt 2900 ]
	[ "${#BASH_REMATCH[2]}" -le 3072 ]
	kept=$(tr , '\n' <<<"${BASH_REMATCH[2]}" | wc -l)
	[ $((kept + BASH_REMATCH[1])) -eq 1025 ]
	[ "${BASH_REMATCH[3]} ${BASH_REMATCH[4]}" = "n0001.example n0002.example" ]
	[ "${BASH_REMATCH[5]}" = n1000.example ]
	[ "${BASH_REMATCH[6]}" = "$(printf 'n%04d.example' $((kept - 1)))" ]
	[ "${BASH_REMATCH[7]} ${BASH_REMATCH[8]}" = "<null> <null>" ]
	stands_for n1000.example n0001.example "$(printf 'n%04d.example' $((kept - 1)))"
	stands_not_for n1001.example "$(printf 'n%04d.example' "$kept")"
}

@test "whatever names a peer has, a line of xlog as it is has them" {
	many_names many n
	asked "$(policy sips_require_client_certificate 1)" "$(policy peer_host_name_verification_mode server)" "$(policy proxy n1000.example)"
	shows many
	[[ $line == *' identity=n1000.example match=dNSName left='*' names=n0001.example,'*,n1000.example ]]
}

@test "a certificate that is shown again brings its names" {
	more_pki
	judging_all "$(policy tls_rehandshake_method renegotiate)" "$(policy tls_rehandshake_min_spacing 0)"
	acts auth client version=1.3 authenticates show=other open handshake options=auth answer=auth \
		hold options=auth-within show=both until=13 release answer=auth-within close
	asks_until auth 'came 13'
	over auth
	line=$(grep ' PARSED auth ' "$DIR/log")
	names_are other.example.com,other
	line=$(grep ' PARSED auth-within ' "$DIR/log")
	names_are trusted.example.com,other.example.com,both
	[[ $line == *' identity=other.example.com match=dNSName '* ]]
	acts again client version=1.2 show=other open handshake options=again answer=again \
		hold options=again-within show=both until=0 release answer=again-within close
	asks_until again 'came 0'
	over again
	line=$(grep ' PARSED again ' "$DIR/log")
	names_are other.example.com,other
	line=$(grep ' PARSED again-within ' "$DIR/log")
	names_are trusted.example.com,other.example.com,both
	[[ $line == *' resumed=0 again=1 '* ]]
}
