#!/usr/bin/env bats
# tls_policy.check: the verdict of the policy in force on a file; the same as
# the command's and as a peer with that certificate gets.
load helpers

setup_file() {
	new_dir
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" \
		"$(policy proxy trusted.example.com)" "$(policy proxy sip.carrier.example)"
}
teardown_file() { stop_kamailio; }

NAMES="trusted stranger wildcard ip critical cn cnother foreign expired selfsigned"

verdict() { # FILE peer=client|server [host=HOST]: "accepted" or "refused"
	rpc tls_policy.check "$@" >"$DIR/check"
	sed -n 's/.*verdict: //p' "$DIR/check"
}

# The lines that both print: the sentence of acceptance, or each reason.
of_command() { # NAME PEER-ROLE
	"$BUILD/tls-policy" check --peer "$2" --ca "$PKI/ca.pem" --proxy trusted.example.com \
		--proxy sip.carrier.example "$PKI/$1.pem" | grep -vx refused || true
}
of_rpc() { # NAME PEER-ROLE
	if [ "$(verdict "$PKI/$1.pem" peer="$2")" = accepted ]; then
		sed -n 's/.*text: //p' "$DIR/check"
	else
		sed -n '/reasons: {/,/}/p' "$DIR/check" | sed -n 's/^[[:space:]]*\([a-z-]*: .*\)/\1/p' | grep -v '^reasons: '
	fi
}

@test "the command, the RPC and the log give the same reasons, in both roles" {
	for name in $NAMES; do
		for role in server client; do
			of_command "$name" "$role" >"$DIR/command"
			of_rpc "$name" "$role" >"$DIR/rpc"
			[ -s "$DIR/rpc" ]
			diff "$DIR/command" "$DIR/rpc"
		done
	done
}

# shellcheck disable=SC2046
@test "a peer with the certificate gets what the check said, in the words of the log" {
	local text
	for name in $NAMES; do
		if [ "$(verdict "$PKI/$name.pem" peer=client)" = accepted ]; then
			expect_accepted "check-$name" $(as "$name")
		else
			text=$(sed -n 's/.*text: //p' "$DIR/check")
			! probe call_id="check-$name" $(as "$name") >/dev/null || false
			await grep -qF "$text" "$DIR/log"
		fi
	done
}

@test "all reasons at once" {
	[ "$(verdict "$PKI/critical.pem" peer=client)" = refused ]
	grep -q 'certificate-host-mismatch: ' "$DIR/check"
	grep -q 'subject-alt-name-critical: ' "$DIR/check"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$DIR/x.key" -out "$DIR/x.pem" -days 2 -subj /CN=x \
		-addext subjectAltName=critical,DNS:x.example 2>/dev/null
	[ "$(verdict "$DIR/x.pem" peer=client)" = refused ]
	[ "$(grep -cE '^[[:space:]]*(certificate-not-trusted|certificate-host-mismatch|subject-alt-name-critical): ' "$DIR/check")" -eq 3 ]
}

@test "it follows the policy, the proxies and the roots in force" {
	rpc tls_policy.set tls_remote_subject_name stranger
	[ "$(verdict "$PKI/stranger.pem" peer=client)" = accepted ]
	rpc tls_policy.set tls_remote_subject_name s:
	[ "$(verdict "$PKI/stranger.pem" peer=client)" = refused ]
	rpc tls_policy.set https_root_file_name "$PKI/foreign-ca.pem"
	[ "$(verdict "$PKI/foreign.pem" peer=client)" = accepted ]
	[ "$(verdict "$PKI/trusted.pem" peer=client)" = refused ]
	rpc tls_policy.set https_root_file_name s:
	rpc tls_policy.set peer_host_name_verification_mode server
	[ "$(verdict "$PKI/foreign.pem" peer=server)" = accepted ]
	grep -q 'note: the policy asks no peer for a certificate in this role' "$DIR/check"
	[ "$(verdict "$PKI/foreign.pem" peer=client)" = refused ]
	rpc tls_policy.set peer_host_name_verification_mode both
}

@test "bind_to_peer takes host=" {
	rpc tls_policy.set bind_to_peer 1
	[ "$(verdict "$PKI/trusted.pem" peer=server host=trusted.example.com)" = accepted ]
	[ "$(verdict "$PKI/trusted.pem" peer=server host=sip.carrier.example)" = refused ]
	grep -q 'peer-not-dialled: ' "$DIR/check"
	[ "$(verdict "$PKI/trusted.pem" peer=server)" = accepted ]
	grep -q 'note: bind_to_peer is left out: it needs host=' "$DIR/check"
	rpc tls_policy.set bind_to_peer 0
}

USAGE='usage: tls_policy.check PEMFILE peer=client|server [rule=RULE] [host=HOST]'

says() { # SENTENCE ARGUMENTS...
	local sentence=$1
	shift
	rpc tls_policy.check "$@" >"$DIR/said"
	[ "$(cat "$DIR/said")" = "error: 400 - $sentence" ] || {
		cat "$DIR/said" >&2
		return 1
	}
}

@test "what cannot be judged is one sentence that names the file, and never waits" {
	says "$DIR/none.pem cannot be opened: No such file or directory" "$DIR/none.pem" peer=client
	says "$DIR is a directory, not a PEM file" "$DIR" peer=client
	mkfifo "$DIR/pipe"
	says "$DIR/pipe is not a regular file" "$DIR/pipe" peer=client
	says "/dev/zero is not a regular file" /dev/zero peer=client
	head -c 1100000 /dev/zero >"$DIR/large"
	says "$DIR/large is larger than 1048576 octets" "$DIR/large" peer=client
	says "$PKI/ca.key holds \"PRIVATE KEY\" and no certificate" "$PKI/ca.key" peer=client
	says "$USAGE" "$PKI/trusted.pem"
	says 'host is no host name and no address' "$PKI/trusted.pem" peer=server host=a..b
	says 'host is no host name and no address' "$PKI/trusted.pem" peer=server 'host=*.example.com'
}

@test "the old words, and what is empty, twice or too much, print the new form" {
	local words
	while read -r -a words; do
		says "$USAGE" "${words[@]}"
	done <<-WORDS
		$PKI/trusted.pem client
		$PKI/trusted.pem server trusted.example.com
		$PKI/trusted.pem role=server
		$PKI/trusted.pem peer=both
		$PKI/trusted.pem peer=
		$PKI/trusted.pem peer=client peer=client
		$PKI/trusted.pem peer=client rule=
		$PKI/trusted.pem peer=client host=
		$PKI/trusted.pem peer=client $PKI/trusted.pem
		peer=client
	WORDS
}

@test "hostile certificates get the command's verdict, and Kamailio lives" {
	local file said count=0
	mkdir "$DIR/hostile"
	"$BUILD/hostile_certs" "$DIR/hostile" >/dev/null
	rpc tls_policy.set https_root_file_name "$DIR/hostile/ca.pem"
	for file in "$DIR"/hostile/*.pem; do
		said=$("$BUILD/tls-policy" check --ca "$DIR/hostile/ca.pem" --proxy trusted.example.com \
			--proxy sip.carrier.example "$file") || true
		[ "$(verdict "$file" peer=client)" = "$(sed -n '1s/^\(accepted\|refused\).*/\1/p' <<<"$said")" ]
		count=$((count + 1))
	done
	[ "$count" -gt 10 ]
	rpc tls_policy.set https_root_file_name s:
	answers
}
