#!/usr/bin/env bats
# tls-policy import: a gateway's ini file as a rules file that check-config takes
# and Kamailio loads; a comment for each line that is not carried over; a bad
# value is an error with FILE:LINE and prints nothing.
load helpers

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }
teardown() { [ -z "${SERVER:-}" ] || stop_kamailio; }

ini() { cat >board.ini; }

# Whatever a file says, it is done within 300 MB.
run_it() { # ARGUMENTS...: status, and the files out and err
	status=0
	(ulimit -v 300000 && exec "$BUILD/tls-policy" "$@") >out 2>err || status=$?
}

show() { # WHAT
	echo "$1: status $status" >&2
	sed 's/^/  out: /' out >&2
	sed 's/^/  err: /' err >&2
	return 1
}

# imports: the file, and that check-config finds no error in it.
imports() {
	run_it import board.ini
	[ "$status" -eq 0 ] && [ ! -s err ] || show "not imported" || return 1
	cp out made.cfg
	run_it check-config made.cfg
	[ "$status" -eq 0 ] && ! grep '^error' out || show "not taken"
}

has() { grep -qF -- "$1" made.cfg || { cat made.cfg >&2 && echo "expected: $1" >&2 && return 1; }; }
# says LINE: a line without its comment.
says() { sed 's/ *# .*//' made.cfg | grep -qxF -- "$1" || { cat made.cfg >&2 && echo "expected: $1" >&2 && return 1; }; }
lacks() { ! sed 's/ *# .*//' made.cfg | grep -qF -- "$1"; }
# settings: all that is no comment, and without the first section.
settings() { sed 's/ *#.*//; /^$/d' made.cfg; }

# refused LINE SENTENCE: nothing printed; this among what is told.
refused() {
	run_it import board.ini
	[ "$status" -eq 1 ] && [ ! -s out ] && grep -q "^tls-policy: board.ini:$1: " err &&
		grep -qF -- "$2" err && ! grep -v '^tls-policy: board.ini:[0-9]*: ' err || show "not refused ($1: $2)"
}

@test "parameters in both spellings, in any case, quoted or with a remark behind" {
	ini <<-'END'
		;Board: Mediant 600
		;Software Version: 6.40A
		[SIP Params]
		TLSVersion = 12
		TLSREHANDSHAKEINTERVAL=60 ; minutes
		sipsrequireclientcertificate	=	1
		PeerHostNameVerificationMode = 2;
		TLSRemoteSubjectName = 'Carrier; GW, 1'
		verify_server_certificate = 1
		RequireStrictCert = "1"
		TLSExpiryCheckStart = 30
		;TLSVersion = 1
		' TLSVersion = 2
		TLSExpiryCheckPeriod = 1
		ProxyIp = 192.0.2.1
		ProxyIp_1 = 'sip.carrier.example:5061'
		PROXYIP_20 = [2001:db8::1]:5061
	END
	sed -i 's/$/\r/' board.ini # as the gateway writes it
	imports
	diff <(settings) - <<-'END'
		[default]
		tls_version = 12
		tls_rehandshake_interval = 60
		sips_require_client_certificate = 1
		peer_host_name_verification_mode = both
		tls_remote_subject_name = Carrier; GW, 1
		verify_server_certificate = 1
		require_strict_cert = 1
		tls_expiry_check_start = 30
		tls_expiry_check_period = 1
		proxy = 192.0.2.1
		proxy = sip.carrier.example
		proxy = 2001:db8::1
	END
	grep -qE '^tls_version = 12 +# line 4$' made.cfg
	grep -qE '^proxy = sip.carrier.example +# line 16$' made.cfg
	[ "$(grep -c '^# .*line [0-9]*: ' made.cfg)" -eq 0 ]
}

@test "every parameter of the manual, by its own name" {
	local name manual line=1 rows
	rows=$("$BUILD/doc/parameters" | awk -F'\t' '$4 { print $1, $4 }')
	[ "$(wc -l <<<"$rows")" -ge 10 ]
	{
		echo "ProxyIp = a.example"
		while read -r name manual; do echo "$manual = 1"; done <<<"$rows"
	} >board.ini
	imports
	while read -r name manual; do
		line=$((line + 1))
		case $name in
			peer_host_name_verification_mode) says "$name = server" ;;
			https_*) has "# !! line $line: $manual: the file is on the gateway. With a copy in PEM beside this one: $name = 1" ;;
			*) says "$name = 1" ;;
		esac
	done <<<"$rows"
}

@test "the tables of 6.4 and of 7.x: columns by name, in any order, with and without the table's prefix" {
	ini <<-'END'
		[ ProxyIp ]
		FORMAT ProxyIp_Index = ProxyIp_IpAddress, ProxyIp_TransportType, ProxyIp_ProxySetId;
		ProxyIp 0 = 10.33.37.77, -1, 0;
		ProxyIp 1 = "sip.carrier.example:5061", 2, 1;
		[ \ProxyIp ]
		[ CodersGroup0 ]
		FORMAT CodersGroup0_Index = CodersGroup0_Name;
		CodersGroup0 0 = g711Alaw64k;
		[ \CodersGroup0 ]
	END
	imports
	says "proxy = 10.33.37.77"
	says "proxy = sip.carrier.example"
	has "# line 6: the table CodersGroup0, up to line 9: not about TLS"
	ini <<-'END'
		[ProxyIp]
		FORMAT Index = Weight, TransportType, IpAddress, ProxySetId, ProxyIpIndex;
		ProxyIp 7 = 0, 2, "[2001:db8::1]:5061", "3", 0 ;
		ProxyIp 8 = $$, $$, 192.0.2.1, , $$; ; a remark
		ProxyIp 9 = 0, 0, "198.51.100.1", "3", 1;
		ProxyIp 10 = 0, 0, "", "3", 1;
		[\ProxyIp]
	END
	imports
	says "proxy = 2001:db8::1"
	says "proxy = 192.0.2.1"
	says "proxy = 198.51.100.1"
	has "# line 5: not reached over TLS by the gateway, but one of its proxies"
	has "# line 6: ProxyIp: a row without an address"
}

@test "what is not carried over is a comment that says why, without its value" {
	ini <<-'END'
		[SYSTEM Params]
		SyslogServerIP = 10.13.2.69
		[WEB Params]
		HTTPSCertFileName = 'server.pem'
		HTTPSRootFileName = 'root.pem'
		HTTPSPkeyFileName = 'secret-key.pem'
		HTTPSCipherString = 'RC4:EXP'
		HTTPSOnly = 1
		TLSLocalSIPPort = 5061
		SIPTransportType = 2
		EnableMediaSecurity = 1
		OCSPEnable = 1
		TLSSomethingNew = 7
		SomePassword = 'hunter2'
		this is no parameter
		[ WebUsers ]
		FORMAT Index = Username, Password;
		WebUsers 0 = "Admin", "$1$hunter2";
		[ \WebUsers ]
		[ DspTemplates ]
		;
		; This table contains hidden elements and will not be exposed.
		;
		[ \DspTemplates ]
	END
	imports
	[ "$(settings)" = "[default]" ]
	local line
	for line in 2 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		grep -qE "^# (!! )?line $line: " made.cfg || { cat made.cfg >&2 && echo "no comment for $line" >&2 && return 1; }
	done
	has "# !! line 4: HTTPSCertFileName: the file is on the gateway. With a copy in PEM beside this one: https_cert_file_name = server.pem"
	has "# !! line 5: HTTPSRootFileName: the file is on the gateway. With a copy in PEM beside this one: https_root_file_name = root.pem"
	has "# !! line 6: HTTPSPkeyFileName: the key is on the gateway"
	has "# line 7: HTTPSCipherString: ciphers are a matter of tls.cfg: cipher_list"
	has "# line 9: TLSLocalSIPPort: a matter of kamailio.cfg: listen=tls:ADDRESS:PORT"
	has "# !! line 12: OCSPEnable: OCSP is not asked here"
	has "# !! line 13: TLSSomethingNew: a parameter of TLS that this module has not"
	has "# line 14: SomePassword: not about TLS"
	has "# line 15: this is no parameter: not about TLS"
	has "# line 16: the table WebUsers, up to line 19: not about TLS"
	! grep -E 'hunter2|secret-key|Admin|RC4' made.cfg
	has "# 5 comments with !! want a decision"
}

@test "what another edition of the manual means is told" {
	printf '%s\n' 'PeerHostNameVerificationMode = 1' 'ProxyIp = a.example' >board.ini
	imports
	says "peer_host_name_verification_mode = server"
	has '# !! line 1: 1 is "when acting as a server" in edition 6.4 of the manual, and "when acting as a client" in later ones'
	has '# !! line 1: peer_host_name_verification_mode=server without sips_require_client_certificate=1: a client that shows no certificate is accepted unjudged'
	echo 'SIPSRequireClientCertificate = 1' >board.ini
	imports
	has '# !! line 1: in later editions of the manual 1 also verifies servers'
	echo 'VerifyServerCertificate = 1' >>board.ini
	imports
	! grep 'also verifies servers' made.cfg
	echo 'TLSVersion = 1' >board.ini
	imports
	has '# !! line 1: TLS 1.0 and 1.1 need method = TLSv1+ and a cipher_list with @SECLEVEL=0 in tls.cfg'
	echo 'TLSVersion = 0' >board.ini
	imports
	has '# line 1: 0 is whatever tls.cfg allows'
}

contexts() {
	cat <<-'END'
		[ TLSContexts ]
		FORMAT Index = Name, TLSVersion, DTLSVersion, ServerCipherString, RequireStrictCert, OcspEnable;
		TLSContexts 0 = "default", 12, 0, "DEFAULT", 0, 0;
		TLSContexts 1 = "Trunk", 4, 0, "DEFAULT", 1, 1;
		[ \TLSContexts ]
	END
}

# brief: rules without the comments, a rule on one line.
brief() { settings | awk '/^\[/ { printf "%s%s", n++ ? "\n" : "", $0; next } { printf " | %s", $0 } END { print "" }'; }

@test "TLS contexts: proxy sets first, then SIP interfaces, as the gateway looks for one" {
	{
		contexts
		cat <<-'END'
			[ SIPInterface ]
			FORMAT Index = InterfaceName, NetworkInterface, TLSPort, TLSContext, TLSMutualAuthentication;
			SIPInterface 0 = "LAN", "LAN", 5061, "default", -1;
			SIPInterface 1 = "WAN", "WAN", 5067, "Trunk", 1;
			SIPInterface 2 = "none", "WAN", 0, "Trunk", 1;
			[ \SIPInterface ]
			[ ProxySet ]
			FORMAT Index = ProxyName, TLSContextName, SBCIPv4SIPInterfaceName;
			ProxySet 0 = "plain", "", "LAN";
			ProxySet 1 = "trunk", "Trunk", "WAN";
			ProxySet 2 = "out", "", "WAN";
			ProxySet 3 = "except", "default", "WAN";
			[ \ProxySet ]
			[ ProxyIp ]
			FORMAT Index = ProxySetId, ProxyIpIndex, IpAddress, TransportType;
			ProxyIp 0 = "0", 0, "10.1.1.1", 0;
			ProxyIp 1 = "1", 0, "trunk.example.net:5061", 2;
			ProxyIp 2 = "1", 1, "203.0.113.7:5061", 2;
			ProxyIp 3 = "1", 2, "203.0.113.7:5062", 2;
			ProxyIp 4 = "1", 3, "203.0.113.9", 0;
			ProxyIp 5 = "2", 0, "192.0.2.77", 2;
			ProxyIp 6 = "3", 0, "192.0.2.78", -1;
			[ \ProxyIp ]
		END
	} >board.ini
	imports
	diff <(brief | tail -n +2) - <<-'END'
		[rule:proxy-set-1-interface-1] | peer = 203.0.113.7 | listen = :5067 | peer_role = client | tls_version = 4 | require_strict_cert = 1 | sips_require_client_certificate = 1
		[rule:proxy-set-1] | peer = 203.0.113.7 | tls_version = 4 | require_strict_cert = 1
		[rule:proxy-set-1-names] | server_name = trunk.example.net | peer_role = server | tls_version = 4 | require_strict_cert = 1
		[rule:proxy-set-2] | peer = 192.0.2.77 | peer_role = server | tls_version = 4 | require_strict_cert = 1
		[rule:proxy-set-3-interface-1] | peer = 192.0.2.78 | listen = :5067 | peer_role = client | sips_require_client_certificate = 1
		[rule:proxy-set-3] | peer = 192.0.2.78 | enforcement = enforce
		[rule:sip-interface-1] | listen = :5067 | peer_role = client | tls_version = 4 | require_strict_cert = 1 | sips_require_client_certificate = 1
	END
	[ "$(brief | head -n 1)" = "[default] | tls_version = 12 | require_strict_cert = 0 | proxy = 10.1.1.1 | proxy = trunk.example.net | proxy = 203.0.113.7 | proxy = 203.0.113.7 | proxy = 203.0.113.9 | proxy = 192.0.2.77 | proxy = 192.0.2.78" ]
	has '[rule:proxy-set-1] # line 15: "trunk"'
	has "# line 14: ProxySet 0 needs no rule of its own"
	has "# line 8: SIPInterface 0 needs no rule of its own"
	has "# line 10: SIPInterface 2 needs no rule of its own"
	has '# !! line 4: https_root_file_name = FILE: the trusted roots of the TLS context "Trunk" are on the gateway'
	has "# !! line 4: OCSP is not asked here"
	has "# line 3: the default TLS context: its ciphers"
}

@test "two SIP interfaces with one TLS port are told apart by address, or refused" {
	{
		contexts
		cat <<-'END'
			[ InterfaceTable ]
			FORMAT Index = ApplicationTypes, IPAddress, InterfaceName;
			InterfaceTable 0 = 6, 192.0.2.1, "WAN";
			InterfaceTable 1 = 6, 2001:db8::1, "LAN";
			[ \InterfaceTable ]
			[ SIPInterface ]
			FORMAT Index = InterfaceName, NetworkInterface, TLSPort, TLSContext, TLSMutualAuthentication;
			SIPInterface 0 = "LAN", "LAN", 5061, "default", 1;
			SIPInterface 1 = "WAN", "WAN", 5061, "Trunk", 1;
			SIPInterface 2 = "A", "WAN", 5071, "Trunk", -1;
			SIPInterface 3 = "B", "LAN", 5071, "Trunk", -1;
			[ \SIPInterface ]
		END
	} >board.ini
	imports
	diff <(brief | tail -n +2) - <<-'END'
		[rule:sip-interface-0] | listen = [2001:db8::1]:5061 | peer_role = client | sips_require_client_certificate = 1
		[rule:sip-interface-1] | listen = 192.0.2.1:5061 | peer_role = client | tls_version = 4 | require_strict_cert = 1 | sips_require_client_certificate = 1
		[rule:sip-interface-2] | listen = :5071 | peer_role = client | tls_version = 4 | require_strict_cert = 1
	END
	has "# !! line 13: the gateway's address: write that of Kamailio"
	has "# line 16: SIPInterface 3 needs no rule of its own"
	has "# line 7: the table InterfaceTable: addresses are a matter of kamailio.cfg: listen="
	sed -i 's/192.0.2.1/0.0.0.x/' board.ini
	refused 14 "another SIP interface has the TLS port 5061 too and says something else, and InterfaceTable has no address"
	sed -i '/Interface.able/d' board.ini
	refused 9 "another SIP interface has the TLS port 5061 too"
}

@test "a bad value is an error with FILE:LINE, and nothing is printed" {
	printf '%s\n' '; x' '[SIP Params]' 'TLSVersion = 16' >board.ini
	refused 3 'tls_version: "16" is not a number from 0 to 15 (bit mask)'
	printf '%s\n' 'TLSVersion = 12' 'SIPSRequireClientCertificate = yes' 'PeerHostNameVerificationMode = 9' >board.ini
	refused 2 'sips_require_client_certificate: "yes" is not a number from 0 to 1'
	refused 3 'peer_host_name_verification_mode: "9"'
	[ "$(wc -l <err)" -eq 2 ]
	printf '%s\n' 'TLSVersion = 12' 'tls_version = 8' >board.ini
	refused 2 "tls_version stands twice: line 1 has it already"
	echo 'TLSReHandshakeInterval = -1' >board.ini
	refused 1 'tls_rehandshake_interval: "-1" is not a number'
	echo "TLSRemoteSubjectName = 'open" >board.ini
	refused 1 "TLSRemoteSubjectName: a quote is not closed"
	echo "TLSRemoteSubjectName = 'a' b" >board.ini
	refused 1 "TLSRemoteSubjectName: something follows a quoted value"
	for value in "a #b" "a ;b" " a" "a " '"a"' "#a"; do
		echo "TLSRemoteSubjectName = '$value'" >board.ini
		refused 1 "cannot be said in a rules file (blanks, quotes or a comment)"
	done
	echo "TLSRemoteSubjectName = $(printf 'a%.0s' {1..200})" >board.ini
	refused 1 "cannot be said in a rules file (a line has at most 199 octets)"
	for value in a..b 300.1.2.3 '192.0.2.1/32:5060' a.example:0 '*.a.example' 'a b'; do
		echo "ProxyIp = '$value'" >board.ini
		refused 1 "ProxyIp \"$value\" "
	done
	echo 'PeerHostNameVerificationMode = 2' >board.ini
	refused 1 "peer_host_name_verification_mode=both compares names with the proxies, but no proxy is configured: the file has no ProxyIp"
}

# table NAME COLUMNS ROW...: an ini with it alone.
table() {
	printf '[ %s ]\nFORMAT Index = %s;\n' "$1" "$2"
	printf "$1 %s\n" "${@:3}"
	printf '[ \\%s ]\n' "$1"
}

@test "a bad table is an error with FILE:LINE" {
	table ProxyIp 'IpAddress, ProxySetId' '0 = a.example, 0' >board.ini
	refused 3 "ProxyIp: the line does not end in ';'"
	table ProxyIp 'IpAddress, ProxySetId' '0 = a.example;' >board.ini
	refused 3 "ProxyIp has 1 values, and its FORMAT in line 2 has 2 columns"
	table ProxyIp 'IpAddress, ProxySetId' '0 = a.example, x;' >board.ini
	refused 3 "ProxySetId is no number of a proxy set"
	table ProxyIp 'IpAddress' '0 = "a.example;' >board.ini
	refused 3 "ProxyIp: a quote is not closed"
	table ProxyIp 'IpAddress' '0 = "a.example" x;' >board.ini
	refused 3 "ProxyIp: something follows a quoted value"
	printf '%s\n' '[ ProxyIp ]' 'ProxyIp 0 = a.example;' >board.ini
	refused 2 "a row of ProxyIp stands before its FORMAT"
	printf '%s\n' 'ProxyIp 0 = a.example;' >board.ini
	refused 1 "a row of ProxyIp stands outside of [ProxyIp]"
	printf '%s\n' '[ ProxyIp ]' 'FORMAT Index = IpAddress;' 'FORMAT Index = IpAddress;' >board.ini
	refused 3 "FORMAT of [ProxyIp] stands twice: line 2 has it already"
	printf '%s\n' '[ ProxyIp ]' 'FORMAT Index = IpAddress;' 'Other 0 = a.example;' >board.ini
	refused 3 "[ProxyIp] has a row of something else"
	table SIPInterface 'TLSPort' '0 = 65536;' >board.ini
	refused 3 "TLSPort is not a number up to 65535"
	table SIPInterface 'TLSPort, TLSMutualAuthentication' '0 = 5061, 2;' >board.ini
	refused 3 'sips_require_client_certificate: "2" is not a number'
	table SIPInterface 'TLSPort' 'x = 1;' >board.ini
	refused 3 "the index of a SIPInterface is a number of at most 9 digits"
	table ProxySet 'ProxyName' '1 = a;' '2 = b;' '01 = c;' >board.ini
	refused 5 "ProxySet 1 stands twice: line 3 has it already"
	table TLSContexts 'Name, TLSVersion' '0 = default, 16;' '1 = "x", 99;' >board.ini
	refused 3 'tls_version: "16"'
	refused 4 'TLSVersion: "99"'
}

@test "hostile files: garbage, NUL, no end, large, none" {
	printf 'TLSVersion = 12\n\0\n' >board.ini
	refused 2 "the line has a NUL octet"
	printf 'TLSVersion = 1\0012\n' >board.ini
	refused 1 "the line has a control character"
	head -c 300000 /dev/urandom >board.ini
	run_it import board.ini
	[ "$status" -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -le 100 ] || show "garbage"
	printf '\xef\xbb\xbfTLSVersion = 12' >board.ini
	imports
	says "tls_version = 12"
	: >board.ini
	imports
	[ "$(settings)" = "[default]" ]
	has "# !! line 1: nothing in this file is about TLS: is it the gateway's ini file?"
	head -c 4194305 /dev/zero | tr '\0' ';' >board.ini
	run_it import board.ini
	[ "$status" -eq 2 ] && grep -qx 'tls-policy: board.ini: larger than 4194304 octets' err || show "large"
	head -c 4000000 /dev/zero | tr '\0' '=' >board.ini
	run_it import board.ini
	[ "$status" -eq 0 ] || show "one long line"
	yes 'a = 1' | head -n 600000 >board.ini
	timeout 60 "$BUILD/tls-policy" import board.ini >out
	[ "$(grep -c ': a: not about TLS' out)" -eq 600000 ]
	local path
	for path in none.ini . /dev/zero; do
		run_it import "$path"
		[ "$status" -eq 2 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] || show "$path"
	done
	mkfifo pipe
	run_it import pipe
	[ "$status" -eq 2 ] && grep -qx 'tls-policy: pipe: not a regular file' err || show "pipe"
}

@test "usage" {
	run_it import
	[ "$status" -eq 2 ] && grep -qx 'tls-policy: name one ini file (see tls-policy import --help)' err || show none
	run_it import a b
	[ "$status" -eq 2 ] || show two
	run_it import --strict
	[ "$status" -eq 2 ] || show option
	echo 'TLSVersion = 12' >--x
	run_it import -- --x
	[ "$status" -eq 0 ] || show --
	echo 'TLSVersion = 12' >board.ini
	status=0
	"$BUILD/tls-policy" import board.ini >/dev/full 2>err || status=$?
	[ "$status" -eq 2 ] || show full
}

@test "Kamailio loads what was imported, and holds its peers to it" {
	new_dir
	PORT2=$(free_port)
	{
		contexts | sed 's/"Trunk", 4/"Trunk", 8/; s/, 1, 1;$/, 0, 0;/'
		cat <<-END
			SIPSRequireClientCertificate = 1
			PeerHostNameVerificationMode = 2
			[ SIPInterface ]
			FORMAT Index = InterfaceName, NetworkInterface, TLSPort, TLSContext, TLSMutualAuthentication;
			SIPInterface 0 = "main", "LAN", $PORT, "default", -1;
			SIPInterface 1 = "trunk", "LAN", $PORT2, "Trunk", 0;
			[ \\SIPInterface ]
			[ ProxyIp ]
			FORMAT Index = ProxySetId, ProxyIpIndex, IpAddress, TransportType;
			ProxyIp 0 = "0", 0, "trusted.example.com:5061", 2;
			[ \\ProxyIp ]
		END
	} >board.ini
	imports
	cp made.cfg "$DIR/"
	LISTEN="listen=tls:127.0.0.1:$PORT
listen=tls:127.0.0.1:$PORT2" start_kamailio "$(policy config "$DIR/made.cfg")"
	expect_accepted trusted version=1.2 $(as trusted)
	expect_refused stranger "bad certificate" version=1.2 $(as stranger)
	expect_refused none "handshake failure" version=1.2
	rpc tls_policy.show name=peer_host_name_verification_mode | grep -q 'value: 2'
	"$BUILD/tls_probe" "$PORT2" version=1.3 call_id=new >/dev/null
	! "$BUILD/tls_probe" "$PORT2" version=1.2 call_id=old || false
	parsed new
	! parsed old
}

@test "a file of many sets is done in time, or refused" {
	contexts | sed 's/, 1, 1;$/, 0, 0;/' >board.ini
	{
		cat board.ini
		printf '%s\n' '[ SIPInterface ]' 'FORMAT Index = TLSPort, TLSMutualAuthentication;'
		seq 1000 | awk '{ printf "SIPInterface %d = %d, MUTUAL;\n", $1, 5060 + $1 }'
		printf '%s\n' '[ \SIPInterface ]' '[ ProxySet ]' 'FORMAT Index = TLSContextName;'
		seq 5000 | awk '{ printf "ProxySet %d = Trunk;\n", $1 }'
		printf '%s\n' '[ \ProxySet ]' '[ ProxyIp ]' 'FORMAT Index = ProxySetId, IpAddress;'
		seq 5000 | awk '{ printf "ProxyIp %d = %d, 10.0.%d.%d;\n", $1, $1, $1 / 250, $1 % 250 }'
		printf '%s\n' '[ \ProxyIp ]'
	} >all.ini
	sed 's/MUTUAL/-1/' all.ini >board.ini
	imports
	[ "$(grep -c '^\[rule:proxy-set-' made.cfg)" -eq 5000 ]
	sed 's/MUTUAL/1/' all.ini >board.ini
	refused '[0-9]*' "there would be more than 65535 rules"
	{
		contexts
		printf '%s\n' '[ ProxySet ]' 'FORMAT Index = TLSContextName;' 'ProxySet 0 = Trunk;' '[ \ProxySet ]' \
			'[ ProxyIp ]' 'FORMAT Index = IpAddress;'
		seq 60000 | awk '{ printf "ProxyIp %d = 10.0.%d.%d;\n", $1, $1 / 250, $1 % 250 }'
	} >board.ini
	refused 8 "the proxy set has more than 4096 addresses"
}
