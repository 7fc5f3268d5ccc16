# helpers - a real Kamailio for one test file. Ports are taken from what is free,
# files lie in a directory of the test's own, and only what was started here is
# ended, by its pid.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$ROOT/build
export ROOT BUILD

free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			echo "$port"
			return
		fi
	done
}

# poll SECONDS COMMAND...: until it succeeds.
poll() {
	local tries=$(($1 * 20))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

new_dir() {
	DIR=$(mktemp -d "${BATS_FILE_TMPDIR:-/tmp}/live.XXXXXX")
	PORT=$(free_port)
	WORKERS=${WORKERS:-4}
	[ -e "$BATS_FILE_TMPDIR/pki/ca.pem" ] || "$ROOT/test/lib/pki.sh" "$BATS_FILE_TMPDIR/pki" 2>/dev/null
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

# write_config LINE...: what the test wants, after the modules are loaded.
write_config() {
	cat >"$DIR/kamailio.cfg" <<CFG
debug=2
log_stderror=yes
auto_aliases=no
dns=no
rev_dns=no
children=1
tcp_children=$WORKERS
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
loadmodule \"$BUILD/tls_policy.so\"}
modparam("ctl", "binrpc", "unix:$DIR/ctl")
${TLS_CONFIG-modparam(\"tls\", \"config\", \"$DIR/tls.cfg\")}
$(printf '%s\n' "$@")
request_route {
	xlog("L_NOTICE", "PARSED \$ci from \$si\n");
	if(is_method("OPTIONS") && uri == myself) {
		sl_send_reply("200", "OK");
		exit;
	}
	if(!t_relay()) sl_reply_error();
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

launch() {
	kamailio -f "$DIR/kamailio.cfg" -DD -E -m 128 -M 8 -Y "$DIR" -w "$DIR" >"$DIR/log" 2>&1 3>&- 4>&- &
	SERVER=$!
	export SERVER
}

answers() { kamcmd -s "unix:$DIR/ctl" core.version >/dev/null 2>&1; }

start_kamailio() {
	write_config "$@"
	launch
	if ! poll 10 answers; then
		cat "$DIR/log" >&2
		return 1
	fi
}

# Kamailio hands SIGTERM on once; a child that was only just forked takes it for
# its parent's, and Kamailio waits a minute for it.
stop_kamailio() {
	[ -n "${SERVER:-}" ] || return 0
	kill -TERM "$SERVER" 2>/dev/null || true
	# shellcheck disable=SC2046
	poll 5 gone || kill -TERM $(ps -o pid= --ppid "$SERVER") 2>/dev/null || true
	poll 10 gone
	SERVER=
}
gone() { ! kill -0 "$SERVER" 2>/dev/null; }

# refuses_start SENTENCE LINE...: Kamailio ends by itself and says SENTENCE once.
refuses_start() {
	local sentence=$1
	shift
	write_config "$@"
	launch
	if ! poll 10 gone; then
		stop_kamailio
		echo "it started" >&2
		return 1
	fi
	wait "$SERVER" && return 1
	SERVER=
	[ "$(grep -cF "$sentence" "$DIR/log")" -eq 1 ] && return 0
	cat "$DIR/log" >&2
	return 1
}

rpc() { kamcmd -s "unix:$DIR/ctl" "$@" 2>&1; }

probe() { "$BUILD/tls_probe" "$PORT" "$@"; }

as() { # NAME: certificate options for probe
	echo "cert=$PKI/$1.pem key=$PKI/$1.key"
}

parsed() { grep -q "PARSED $1 " "$DIR/log"; }

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

# Kamailio as client: an openssl s_server that serves one connection.
start_server() { # PORT S_SERVER-OPTIONS...
	local port=$1
	shift
	rm -f "$DIR/in" "$DIR/s_server"
	mkfifo "$DIR/in"
	exec 7<>"$DIR/in"
	openssl s_server -accept "127.0.0.1:$port" -naccept 1 "$@" <&7 >"$DIR/s_server" 2>&1 3>&- 4>&- &
	PEER=$!
	poll 5 grep -q ACCEPT "$DIR/s_server"
}

stop_server() {
	kill "$PEER" 2>/dev/null || true
	wait "$PEER" 2>/dev/null || true
	exec 7>&-
}

send_request() { # CALL-ID PORT: over UDP, to be relayed to sip:127.0.0.1:PORT;transport=tls
	printf 'OPTIONS sip:peer@127.0.0.1:%s;transport=tls SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK%s\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n' \
		"$2" "$1" "$1" | cat >"/dev/udp/127.0.0.1/$PORT" # one datagram
}

server_decided() { # CALL-ID
	grep -qa "Call-ID: $1" "$DIR/s_server" || ! kill -0 "$PEER" 2>/dev/null
}

# relayed CALL-ID S_SERVER-OPTIONS...: did the request reach a server like this?
relayed() {
	local id=$1 port status=1
	shift
	port=$(free_port)
	start_server "$port" "$@" || return 2
	send_request "$id" "$port"
	poll 10 server_decided "$id" || echo "no decision about $id" >&2
	if grep -qa "Call-ID: $id" "$DIR/s_server"; then status=0; fi
	stop_server
	return "$status"
}

server_as() { echo "-cert $PKI/$1.pem -key $PKI/$1.key"; }
