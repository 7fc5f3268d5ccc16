#!/usr/bin/env bats
# The configuration of README works when pasted: its files start Kamailio, let in
# who is named there, and nobody else. Another port, directory and name only.
load helpers

setup() { new_dir; }
teardown() { stop_kamailio; }

# block NAME: the fenced block of README that begins with this file's name.
block() {
	awk -v file="# /etc/kamailio/$1" '/^```/ { inside = 0 } $0 == file { inside = 1 } inside' "$ROOT/README.md" |
		sed "s|/etc/kamailio|$DIR|g; s|0\.0\.0\.0:5061|127.0.0.1:$PORT|; s|sip\.carrier\.example|trusted.example.com|
			s|\"tls_policy\.so\"|\"$BUILD/tls_policy.so\"|"
}

paste() {
	block tls.cfg >"$DIR/tls.cfg"
	block tls_policy.cfg >"$DIR/tls_policy.cfg"
	cp "$PKI"/{server.pem,server.key,ca.pem} "$DIR"
	{
		printf 'debug=2\nlog_stderror=yes\nmpath="%s/"\n' "$("$ROOT/scripts/kamailio-modules")"
		block kamailio.cfg
		echo "modparam(\"ctl\", \"binrpc\", \"unix:$DIR/ctl\")"
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"$DIR/kamailio.cfg"
	grep -c . "$DIR/tls.cfg" "$DIR/tls_policy.cfg"
	launch
	await_start
}

# README's route has no log line; what is not answered was not parsed.
# shellcheck disable=SC2046
trusted_and_nobody_else() {
	probe call_id=trusted version=1.3 $(as trusted) | grep 'answer=200'
	probe call_id=stranger version=1.3 $(as stranger) | grep 'alert=bad certificate answer=none'
	probe call_id=nothing version=1.3 | grep 'alert=certificate required answer=none'
}

@test "kamailio.cfg and tls.cfg" {
	paste
	trusted_and_nobody_else
}

# shellcheck disable=SC2016 # backticks of Markdown
@test "and tls_policy.cfg" {
	paste "$(sed -n 's/^`\(modparam("tls_policy", "config", .*)\)` .*/\1/p' "$ROOT/README.md" | sed "s|/etc/kamailio|$DIR|")"
	trusted_and_nobody_else
	rpc tls_policy.rules | grep -A 9 'new-carrier' | grep testing
	"$BUILD/tls-policy" check-config "$DIR/tls_policy.cfg" | grep ': 2 rules, 0 errors, 0 warnings'
}

@test "and the commands to try on it" {
	local line lines
	paste
	mapfile -t lines < <(sed -n 's/^    kamcmd \(tls_policy\.[^#]*\).*/\1/p' "$ROOT/README.md")
	[ "${#lines[@]}" -ge 6 ]
	for line in "${lines[@]}"; do
		# shellcheck disable=SC2086
		rpc $line >"$DIR/answer"
		! grep -E '^error' "$DIR/answer" || { echo "$line" >&2 && false; }
	done
	rpc tls_policy.show name=TLSVersion | grep 'value: 8'
	cp "$PKI/trusted.pem" "$DIR/peer.pem"
	cd "$DIR" || return 1
	line=$(sed -n 's/^    tls-policy \(check [^#]*\).*/\1/p' "$ROOT/README.md" | sed 's|sip\.carrier\.example|trusted.example.com|')
	# shellcheck disable=SC2086
	"$BUILD/tls-policy" $line | grep accepted
}

# Under the same names as on the page, but for directory and port.
@test "and the certificates to try with, of which one gets in" {
	local PAGE=$ROOT/doc/operating.md here="Certificates to try with"
	paste
	# shellcheck source=test/lib/page.bash
	. "$ROOT/test/lib/page.bash"
	put_in() { sed "s|/etc/kamailio|$DIR|; s|127\.0\.0\.1:5061|127.0.0.1:$PORT|; s|^chown kamailio|true|; s|&\$|3>\&- &|"; }
	systemctl() { sed -i 's|trusted\.example\.com|sip.carrier.example|' "$DIR/kamailio.cfg" && stop_kamailio && launch && await_start; }
	kamcmd() { # the peers are awaited
		[[ $1 != tls_policy.[cr]* ]] || await finds "$@"
		command kamcmd -s "unix:$DIR/ctl" "$@"
	}
	finds() { command kamcmd -s "unix:$DIR/ctl" "$@" | grep -qE 'state: open|reason: '; }
	types "$here" 1
	cd "$DIR" || return 1
	types "$here" 2
	sees 'alert bad certificate' 'identity: sip.carrier.example' 'verdict: accepted' \
		'certificate-host-mismatch: no proxy matches dNSName "sip.stranger.example"'
}
