# helpers - a real Kamailio for one test file. Ports are the file's own, files
# lie in a directory of the test's own, and only what was started here is ended,
# by its pid. No wait is a guess: what is slow is awaited.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$ROOT/build
export ROOT BUILD

# shellcheck source=test/lib/ports.bash
. "$ROOT/test/lib/ports.bash"
# shellcheck source=test/lib/host.bash
. "$ROOT/test/lib/host.bash"
own_ports

# await COMMAND...: until it succeeds. Only what is broken uses PATIENCE up, and
# what can be known not to come any more fails at once: Kamailio has ended, or
# what `hopeless` (lib/peers) says.
PATIENCE=${PATIENCE:-120}
await() {
	local until=$((SECONDS + PATIENCE)) why='' tries=0 pauses=(0.01 0.02 0.05)
	while ! "$@"; do
		if [ -n "$why" ]; then
			echo "waited in vain, $why: $*" >&2
			return 1
		elif [ "$SECONDS" -ge "$until" ]; then
			why="$PATIENCE s"
		elif [ -n "${SERVER:-}" ] && gone; then
			why="Kamailio has ended"
		elif declare -F hopeless >/dev/null && hopeless; then
			why="a peer has ended"
		fi
		sleep "${pauses[tries++]:-0.1}"
	done
}

# make_pki DIR: the one of this run of all tests, or a new one.
make_pki() {
	if [ -n "${PKI_OF_RUN:-}" ]; then
		mkdir -p "$1" && cp -a "$PKI_OF_RUN/." "$1"
	else
		"$ROOT/test/lib/pki.sh" "$1" 2>/dev/null
	fi
}

# new_dir [WORKERS]: a directory, a port and a PKI for one Kamailio. (A variable
# before the call would not outlast it: bash 5.3.)
# shellcheck disable=SC2120
new_dir() {
	DIR=$(mktemp -d "${BATS_FILE_TMPDIR:-/tmp}/live.XXXXXX")
	PORT=$(free_port)
	WORKERS=${1:-${WORKERS:-4}}
	[ -e "$BATS_FILE_TMPDIR/pki/ca.pem" ] || make_pki "$BATS_FILE_TMPDIR/pki"
	PKI=$BATS_FILE_TMPDIR/pki
	export DIR PORT PKI WORKERS
	# shellcheck disable=SC2119
	write_tls_cfg
}

# write_tls_cfg [METHOD] [CIPHERS]: default and SNI server domain, client domain.
# Also TLS 1.0 and 1.1 unless told otherwise.
# shellcheck disable=SC2120
write_tls_cfg() {
	local method=${1:-TLSv1+} ciphers=${2-DEFAULT:@SECLEVEL=0} section
	: >"$DIR/tls.cfg"
	for section in server:default server:any client:default; do
		{
			echo "[$section]"
			echo "method = $method"
			[ -z "$ciphers" ] || echo "cipher_list = $ciphers"
			echo "private_key = $PKI/server.key"
			echo "certificate = $PKI/server.pem"
			[ -n "${NO_CA:-}" ] || echo "ca_list = $PKI/ca.pem"
			[ "$section" != server:any ] || echo "server_name = sni.example"
		} >>"$DIR/tls.cfg"
	done
}

# write_config LINE...: what the test wants, after the modules are loaded. The
# core's own timers are no part of a test: a slow machine must not reach one.
write_config() {
	cat >"$DIR/kamailio.cfg" <<CFG
debug=2
log_stderror=yes
auto_aliases=no
dns=no
rev_dns=no
children=1
tcp_children=$WORKERS
tcp_connect_timeout=120
tcp_send_timeout=120
${ENABLE_TLS:-enable_tls=yes}
listen=udp:127.0.0.1:$PORT
${LISTEN-listen=tls:127.0.0.1:$PORT}
mpath="$("$ROOT/scripts/kamailio-modules")/"
loadmodule "ctl.so"
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"
loadmodule "siputils.so"
${MODULES-loadmodule \"tls.so\"
loadmodule \"${TLS_POLICY_SO:-$BUILD/tls_policy.so}\"}
modparam("ctl", "binrpc", "unix:$DIR/ctl")
modparam("tm", "fr_timer", 120000)
${TLS_CONFIG-modparam(\"tls\", \"config\", \"$DIR/tls.cfg\")}
$(printf '%s\n' "$@")
request_route {
	xlog("L_NOTICE", "PARSED \$ci from \$si${SEES:-}\n");
	if(is_method("OPTIONS") && uri == myself) {
		sl_send_reply("200", "OK");
		exit;
	}
	if(!t_relay()) {
		xlog("L_NOTICE", "UNRELAYED \$ci\n");
		sl_reply_error();
		exit; # not with an error: Kamailio 6.0 would close a WebSocket for it
	}
}
CFG
	sed -i 's/\\"/"/g' "$DIR/kamailio.cfg"
}

policy() { # NAME VALUE: a modparam line
	case $2 in
		'' | *[!0-9]*) echo "modparam(\"tls_policy\", \"$1\", \"$2\")" ;;
		*) echo "modparam(\"tls_policy\", \"$1\", $2)" ;;
	esac
}

# UNDER is a command in whose hands Kamailio runs (scripts/watched). MEMORY_MANAGER=fm:
# as doc/operating.md recommends where handshakes are many; else it has the core's
# default, which looks at the ends of a block when that is freed.
launch() {
	[ -n "${UNDER:-}" ] || set -- ${MEMORY_MANAGER:+-x "$MEMORY_MANAGER"}
	# shellcheck disable=SC2086
	${FAKED[@]+"${FAKED[@]}"} ${UNDER:-} kamailio -f "$DIR/kamailio.cfg" "$@" ${OPTIONS[@]+"${OPTIONS[@]}"} -DD -E -m "${SHARED_MB:-128}" -M 8 -Y "$DIR" -w "$DIR" >"$DIR/log" 2>&1 3>&- 4>&- &
	SERVER=$!
	export SERVER
}

# The process that is forked last is there.
answers() { kamcmd -s "unix:$DIR/ctl" core.psx 2>/dev/null | grep -q 'tcp main process'; }

await_start() {
	await answers && return 0
	tail -n 20 "$DIR/log" >&2
	return 1
}

start_kamailio() {
	write_config "$@"
	launch
	await_start
}

# Kamailio hands SIGTERM on once; a child that was only just forked takes it for
# its parent's, and Kamailio waits a minute for it: so they are asked again.
stop_kamailio() {
	local asked=$SECONDS
	[ -n "${SERVER:-}" ] || return 0
	[[ " ${FUNCNAME[*]} " != *" teardown "* ]] || tell_why
	kill -TERM "$SERVER" 2>/dev/null || true
	if ! await gone_when_asked; then
		# shellcheck disable=SC2046
		kill -KILL $(pgrep -P "$SERVER") "$SERVER" 2>/dev/null || true
		return 1
	fi
	SERVER=
	[ -z "${UNDER:-}" ] || ! grep -E -A 12 'ERROR: AddressSanitizer|runtime error:' "$DIR/log" >&2
}
gone() { ! kill -0 "$SERVER" 2>/dev/null; }
gone_when_asked() {
	gone && return 0
	[ "$SECONDS" -gt $((asked + 2)) ] || return 1
	asked=$SECONDS
	# shellcheck disable=SC2046
	kill -TERM $(pgrep -P "$SERVER") 2>/dev/null || true
	return 1
}

# tell_why: in teardown, what the log has about a test that failed: each kind of
# warning once, for what follows from the first repeats itself.
tell_why() {
	[ -n "${BATS_TEST_NAME:-}" ] && [ -z "${BATS_TEST_COMPLETED:-}" ] && [ -e "${DIR:-}/log" ] || return 0
	echo "Kamailio's warnings and errors, each when it came first:" >&2
	grep -E ' ((WARNING|ERROR|CRITICAL|ALERT): |INFO: tls_policy .*clos)' "$DIR/log" |
		grep -vE 'openssl bug #1491|(our|the) (trust anchor|certificate) .* expires in' | kinds 6 >&2 || true
}
# kinds COUNT: of the lines, the first of each kind: the COUNT first kinds and the
# COUNT last ones. Numbers and addresses make no kind of their own.
kinds() {
	awk -v most="$1" '
		{ kind = $0; gsub(/0x[0-9a-f]+|[0-9]+/, "", kind); kind = substr(kind, 1, 160) }
		!times[kind]++ { name[++count] = kind; line[count] = substr($0, 1, 220) }
		END {
			for(i = 1; i <= count; i++)
				if(i <= most || i > count - most)
					print line[i] (times[name[i]] > 1 ? " (" times[name[i]] " such)" : "")
		}'
}
teardown() { tell_why; } # unless the file has its own

# refuses_start SENTENCE LINE...: Kamailio ends by itself and says SENTENCE once.
refuses_start() {
	local sentence=$1
	shift
	write_config "$@"
	launch
	await started_or_gone
	if ! gone; then
		stop_kamailio
		echo "it started" >&2
		return 1
	fi
	wait "$SERVER" && return 1
	SERVER=
	[ "$(grep -cF "$sentence" "$DIR/log")" -eq 1 ] && return 0
	echo "expected once: $sentence" >&2
	tail -n 20 "$DIR/log" >&2
	return 1
}
started_or_gone() { gone || answers; }

rpc() { kamcmd -s "unix:$DIR/ctl" "$@" 2>&1; }

probe() { "$BUILD/tls_probe" "$PORT" "$@"; }

as() { # NAME: certificate options for probe
	echo "cert=$PKI/$1.pem key=$PKI/$1.key"
}

parsed() { grep -q "PARSED $1 " "$DIR/log"; }

# A peer sees its alert before the line is written: to be awaited.
logged() { grep -qF -- "$1" "$DIR/log"; }
logged_like() { grep -qE -- "$1" "$DIR/log"; }

# expect_accepted CALL-ID PROBE-OPTIONS...
expect_accepted() {
	local id=$1 got
	shift
	got=$(probe call_id="$id" "$@") || {
		echo "$id: $got" >&2
		return 1
	}
	parsed "$id"
}

# expect_refused CALL-ID ALERT PROBE-OPTIONS...: the alert, and nothing parsed.
expect_refused() {
	local id=$1 alert=$2 got
	shift 2
	if got=$(probe call_id="$id" "$@"); then
		echo "$id was accepted: $got" >&2
		return 1
	fi
	case $got in
		*"alert=$alert answer=none") ;;
		*)
			echo "$id: $got, expected alert=$alert" >&2
			return 1
			;;
	esac
	! parsed "$id"
}

# Kamailio as client: an openssl s_server that serves one connection, at a port
# of its own.
start_server() { # S_SERVER-OPTIONS...
	rm -f "$DIR/in" "$DIR/s_server"
	mkfifo "$DIR/in"
	exec 7<>"$DIR/in"
	PEER_PORT=$(free_port)
	openssl s_server -accept "127.0.0.1:$PEER_PORT" -naccept 1 "$@" <&7 >"$DIR/s_server" 2>&1 3>&- 4>&- &
	PEER=$!
	await server_listens && grep -q ACCEPT "$DIR/s_server"
}
server_listens() { grep -qs ACCEPT "$DIR/s_server" || server_gone; }
server_gone() { ! kill -0 "$PEER" 2>/dev/null; }

stop_server() {
	kill "$PEER" 2>/dev/null || true
	wait "$PEER" 2>/dev/null || true
	exec 7>&-
}

# send_request CALL-ID PORT: over UDP, to be relayed to
# sip:127.0.0.1:PORT;transport=tls (or SCHEME, AT_HOST, TRANSPORT); again each second until it is parsed.
send_request() {
	local sent=-1
	await request_parsed "$1" "$2"
}
request_parsed() {
	if [ "$SECONDS" -gt "$sent" ]; then
		sent=$SECONDS
		printf '%s %s:peer@%s:%s;transport=%s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK%s\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: %s\r\nCSeq: 1 %s\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n' \
			"${METHOD:-OPTIONS}" "${SCHEME:-sip}" "${AT_HOST:-127.0.0.1}" "$2" "${TRANSPORT:-tls}" "$1" "$1" "${METHOD:-OPTIONS}" >"$DIR/request.$BASHPID"
		cat "$DIR/request.$BASHPID" >"/dev/udp/127.0.0.1/$PORT" # one datagram: printf writes each line by itself
	fi
	parsed "$1"
}

reached() { grep -qas "Call-ID: $1" "$DIR/s_server"; }

# decided CALL-ID: it has the request, or its one connection has ended, or the
# request did not get as far as a connection.
decided() { reached "$1" || server_gone || logged "UNRELAYED $1"; }

# decision CALL-ID S_SERVER-OPTIONS...: what became of a request to a server
# like this: relayed, refused (the server had its connection and no request).
decision() {
	local id=$1 verdict=none
	shift
	if start_server "$@" && send_request "$id" "$PEER_PORT" && await decided "$id"; then
		if reached "$id"; then
			verdict=relayed
		elif server_gone; then
			verdict=refused
		fi
	fi
	[ "$verdict" != none ] || echo "no decision about $id: $(tail -n 3 "$DIR/s_server")" >&2
	stop_server
	echo "$verdict" >"$DIR/decision"
}

# relayed, not_relayed CALL-ID S_SERVER-OPTIONS...: without a decision neither.
relayed() { decision "$@" && grep -q relayed "$DIR/decision"; }
not_relayed() { decision "$@" && grep -q refused "$DIR/decision"; }

server_as() { echo "-cert $PKI/$1.pem -key $PKI/$1.key"; }
