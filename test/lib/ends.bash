# ends - the ends of lib/sip_end, for tests that have loaded live/helpers. Each
# has a NAME; what it prints is in $DIR/NAME.
# shellcheck shell=bash

declare -gA ENDS=() ENDS_IN=()

# end_of NAME SIP_END-ARGUMENT...: in the background, ready.
end_of() {
	local name=$1 input
	shift
	rm -f "$DIR/$name.in"
	mkfifo "$DIR/$name.in"
	: >"$DIR/$name"
	exec {input}<>"$DIR/$name.in"
	"$BUILD/sip_end" "$@" <"$DIR/$name.in" >"$DIR/$name" 2>"$DIR/$name.err" 3>&- 4>&- &
	ENDS[$name]=$!
	ENDS_IN[$name]=$input
	await end_started "$name" && grep -q '^ready' "$DIR/$name"
}
end_started() {
	grep -q '^ready\|^closed' "$DIR/$1" || ! kill -0 "${ENDS[$1]}" 2>/dev/null
}

# say NAME TEXT: sends it, with CR LF for each line end.
say() {
	SAID=$((${SAID:-0} + 1))
	printf '%s\r\n' "${@:2}" '' >"$DIR/$1.say.$SAID"
	echo "$DIR/$1.say.$SAID" >&"${ENDS_IN[$1]}"
}

# says_request NAME METHOD CALL-ID URI [HEADER...]: over TLS, from its own port.
says_request() {
	local name=$1 method=$2 id=$3 uri=$4
	shift 4
	say "$name" "$method $uri SIP/2.0" "Via: SIP/2.0/TLS 127.0.0.1:$(own_port "$name");branch=z9hG4bK$id$method${VIA:-}" \
		"From: <sip:${FROM:-$name}@example.com>;tag=1" "To: <sip:${TO:-$name}@example.com>${TO_TAG:+;tag=$TO_TAG}" \
		"Call-ID: $id" "CSeq: ${CSEQ:-1} $method" "Max-Forwards: 10" "$@" "Content-Length: 0"
}
own_port() { tr '\0' '\n' <"/proc/${ENDS[$1]}/cmdline" | sed -n 's/^from=//p;s/^listen=//p'; }

got() { grep -q "^got $2 ${3:-}" "$DIR/$1"; }      # NAME CALL-ID [LINE]
times_got() { grep -c "^got $2 ${3:-}" "$DIR/$1"; } # NAME CALL-ID [LINE]

stop_ends() {
	local name input
	for name in "${!ENDS[@]}"; do
		kill -KILL "${ENDS[$name]}" 2>/dev/null || true
		wait "${ENDS[$name]}" 2>/dev/null || true
		input=${ENDS_IN[$name]}
		exec {input}>&-
	done
	ENDS=()
}
stop_end() { # NAME
	kill -KILL "${ENDS[$1]}" 2>/dev/null || true
	wait "${ENDS[$1]}" 2>/dev/null || true
	unset "ENDS[$1]"
}
