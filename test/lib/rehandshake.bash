# rehandshake - what the tests of the re-handshake share; for tests that have
# loaded live/helpers and lib/peers.
# shellcheck shell=bash

# Every certificate of the peers is accepted by name, in both roles.
judging() {
	policy sips_require_client_certificate 1
	policy verify_server_certificate 1
	policy peer_host_name_verification_mode both
	policy proxy trusted.example.com
	policy proxy gateway.example
}

# No more than so many requests of a connection are without answer: at a rate
# alone a slow machine would be buried under them.
WINDOW=50

# rehandshaking METHOD LINE...: a Kamailio that re-handshakes when told to. What
# waits, and a handshake, are limited by what LINE says: a slow machine must not
# reach a limit, nor the tls module's own of what waits for a first handshake.
rehandshaking() {
	local method=$1
	shift
	start_kamailio "$(judging)" "$(policy tls_rehandshake_method "$method")" \
		"$(policy tls_rehandshake_min_spacing 0)" "$(policy tls_rehandshake_hold_octets 8000000)" \
		"$(policy tls_rehandshake_hold_timeout_ms 60000)" "$(policy handshake_timeout 120)" \
		'modparam("tls", "con_ct_wq_max", 8000000)' "$@"
}

# client NAME STACK key=value...: a client with the accepted certificate.
client() {
	local name=$1 stack=$2
	shift 2
	peer "$name" "$stack" client "$PORT" cert="$PKI/trusted.pem" key="$PKI/trusted.key" \
		ca="$PKI/ca.pem" id="$name" window="$WINDOW" "$@"
}

# server NAME STACK key=value...: a server with the accepted certificate; its
# port is `peer_port NAME`. It may send to Kamailio with rate=.
server() {
	local name=$1 stack=$2
	shift 2
	peer "$name" "$stack" server "$(free_port)" cert="$PKI/server.pem" key="$PKI/server.key" \
		ca="$PKI/ca.pem" id="$name" uri="sip:127.0.0.1:$PORT" window="$WINDOW" "$@"
}

# to NAME: the URI whose requests Kamailio relays to that peer's connection. The
# peer may have seen its handshake end a moment before Kamailio has entered it as
# accepted, and before that it gets no request.
to() {
	await accepted_of "$1"
	echo "uri=sip:$1@127.0.0.1:$(peer_port "$1");transport=tls"
}
accepted_of() { [ "$(connection_of "$1" 5)" != handshake ]; } # or there is none

# connections: a line for each:
# id peer_role port version state rehandshakes identity last_kind last_plan
# connection_at PORT [COLUMN]: Kamailio's id (or another column) of the newest
# connection with a peer at that port.
connections() {
	rpc tls_policy.connections | awk -v port="${1:-}" -v column="${2:-1}" '
		BEGIN { columns = split("id peer_role port version state rehandshakes identity last_kind last_plan", name) }
		function show(  i, text) {
			if(!("id" in f)) return
			for(i = 1; port == "" && i <= columns; i++) text = text (i > 1 ? " " : "") f[name[i]]
			if(port == "") print text
			else if(f["port"] == port && f["id"] + 0 >= newest + 0) { newest = f["id"]; found = f[name[column]] }
		}
		{ key = $1; sub(/:$/, "", key); value = $2; for(i = 3; i <= NF; i++) value = value "_" $i }
		key == "id" { show(); delete f }
		key == "peer" { n = split(value, part, ":"); f["port"] = part[n] }
		/:/ { f[key] = value == "" ? "-" : value }
		END { show(); if(port != "") print found }'
}
connection_at() { [ -z "$1" ] || connections "$@"; }

connection_of() { connection_at "$(peer_port "$1")" "${2:-1}"; } # NAME [COLUMN]

connected() { [ -n "$(connection_of "$1")" ]; }
none_left() { [ -z "$(connections)" ]; }

# rehandshakes NAME: completed ones on its connection, as Kamailio counts.
rehandshakes() { connection_of "$1" 6; }

# more_rehandshakes NAME COUNT
more_rehandshakes() { [ "$(rehandshakes "$1")" -gt "$2" ] 2>/dev/null; }

# ask NAME: for a re-handshake of its connection, once it has one and is not in
# the middle of another. ask_all COUNT: of all, once there are so many.
ask() { await asked "$1"; }
asked() { asked_at "$(peer_port "$1")"; }
asked_at() { # PORT
	ASKED=$(connection_at "$1")
	[ -n "$ASKED" ] && rpc tls_policy.rehandshake "$ASKED" | grep -q 'requested: 1'
}
ask_all() { await asked_all "$1"; }
asked_all() {
	[ "$(connections | grep -c ' open ')" -eq "$1" ] && rpc tls_policy.rehandshake all | grep -q "requested: $1"
}

# rehandshake NAME TIMES: one after another, each complete before the next.
rehandshake() {
	local name=$1 times=$2 before
	await connected "$name" || return 1
	while [ "$times" -gt 0 ]; do
		before=$(rehandshakes "$name")
		if ! ask "$name" || ! await rehandshaken_or_over "$name" "${before:-0}" || [ -n "$OVER" ]; then
			echo "$name: no re-handshake after $before: $(tail -n 5 "$DIR/$name" "$DIR/$name.err")" >&2
			rpc tls_policy.connections | grep -E ' (id|peer|state|last_plan|why):' | tail -n 25 >&2
			return 1
		fi
		times=$((times - 1))
	done
}
# It is there, or (OVER) cannot come any more.
rehandshaken_or_over() {
	OVER=
	more_rehandshakes "$1" "$2" && return 0
	if ! kill -0 "${PEERS[$1]}" 2>/dev/null || logged "connection $ASKED: no accepted successor"; then
		OVER=1
	fi
	[ -n "$OVER" ]
}

statistic() { # NAME
	rpc stats.fetch "tls_policy.$1" | sed -n "s/.*: //p" | grep -o '[0-9]*' | tail -n 1
}

closed() { grep -q '^closed\|^sent=' "$DIR/$1"; } # NAME

# Some may still be forking when Kamailio answers for the first time.
processes() { pgrep -P "$SERVER" | tr '\n' ' '; }
live() { # PID...
	local pid
	for pid in "$@"; do kill -0 "$pid" || return 1; done
}
no_crash() { ! grep -qiE 'double free|signal|BUG:' "$DIR/log"; }
