#!/usr/bin/env bats
# cfg/kamailio.cfg with CHECK_FROM_DOMAIN: a request whose From domain the peer's
# certificate does not stand for gets 403, and goes nowhere.
load helpers
load ../lib/ends

setup() {
	DIR=$(mktemp -d "$BATS_FILE_TMPDIR/example.XXXXXX")
	export DIR
	PORT=$(free_port) # phones and browsers have the two behind it
	free_port >"$DIR/phones"
	free_port >"$DIR/browsers"
	AT=$(free_port)
	SAID=0
}
teardown() {
	stop_ends
	[ -z "${GROUP:-}" ] || kill -TERM -- "-$GROUP" 2>/dev/null || true
	[ -z "${GROUP:-}" ] || await nobody_left || kill -KILL -- "-$GROUP" 2>/dev/null || true
}

ready_or_over() { grep -q '^ready ' "$DIR/run" || nobody_left; }
nobody_left() { ! pgrep -g "$GROUP" >/dev/null; }
runs() { # NAME=VALUE...
	setsid make -C "$ROOT" run "PORT=$PORT" WORKERS=2 "$@" >"$DIR/run" 2>&1 3>&- &
	GROUP=$!
	await ready_or_over
	PKI=$(sed -n 's/^ready .*pki=//p' "$DIR/run")
	[ -n "$PKI" ]
}

# asks CALL-ID FROM-DOMAIN [METHOD] [URI]
asks() {
	say caller "${3:-OPTIONS} ${4:-sip:127.0.0.1:$PORT} SIP/2.0" "Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK$1" \
		"From: <sip:a@$2>;tag=1" "To: <sip:b@example.net>${TO_TAG:+;tag=$TO_TAG}" "Call-ID: $1" "CSeq: 1 ${3:-OPTIONS}" \
		'Max-Forwards: 10' 'Content-Length: 0'
}
vouched() { asks "$1" "$2" && await got caller "$1" && got caller "$1" 'SIP/2.0 200'; }
not_vouched() { asks "$1" "$2" && await got caller "$1" && got caller "$1" 'SIP/2.0 403'; }

# shellcheck disable=SC2046
@test "From domains of the certificate, and others" {
	runs CHECK_FROM_DOMAIN=1
	end_of caller "$PORT" $(as both-names)
	vouched one trusted.example.com
	vouched two Stranger.Example.COM
	vouched three trusted.example.com:5061
	not_vouched four example.com
	not_vouched five evil.example.org
	not_vouched six sub.trusted.example.com
	not_vouched seven '$tlsp(identity)'
	# nothing of it goes on, an ACK neither
	end_of callee listen="$AT" $(as trusted) answer=1
	asks eight evil.example.org MESSAGE "sip:b@127.0.0.1:$AT;transport=tls"
	asks nine evil.example.org ACK "sip:b@127.0.0.1:$AT;transport=tls"
	asks ten trusted.example.com MESSAGE "sip:b@127.0.0.1:$AT;transport=tls"
	await got caller ten 'SIP/2.0 200'
	got caller eight 'SIP/2.0 403'
	got callee ten MESSAGE
	! got callee eight || false
	! got callee nine || false
	# whoever was called hangs up: From is what the caller had dialled
	TO_TAG=2 asks eleven evil.example.org BYE "sip:b@127.0.0.1:$AT;transport=tls"
	await got caller eleven
	got caller eleven 'SIP/2.0 200'
	got callee eleven BYE
}

# shellcheck disable=SC2046
@test "without CHECK_FROM_DOMAIN it is not asked" {
	runs
	end_of caller "$PORT" $(as both-names)
	vouched free evil.example.org
}
