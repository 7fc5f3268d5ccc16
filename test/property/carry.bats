#!/usr/bin/env bats
# Which connection carries a request, on a real server: the states of
# carry-states.tsv, and what has to come out (carry-states.awk). What goes out is
# counted where it arrives, at all ends at once.
load ../live/helpers
load ../lib/ends
load ../lib/peers
load ../lib/rehandshake
load ../lib/trust
MEMORY_MANAGER=fm

setup() {
	new_dir
	TCP_PORT=$(free_port)
}
teardown() {
	stop_ends
	stop_kamailio
}

STATES=${STATES:-$ROOT/test/property/carry-states.tsv}

# The name that is asked for, if any is, is the third word of the Call-ID, and the
# id of a connection that the script is to choose the fourth.
# shellcheck disable=SC2016
serving() {
	more_pki
	sed -i '/^\[server:default\]/a verify_certificate = yes' "$DIR/tls.cfg"
	LISTEN="listen=tls:127.0.0.1:$PORT
listen=tcp:127.0.0.1:$TCP_PORT" write_config 'tcp_accept_aliases=yes' 'tcp_accept_no_cl=yes' \
		'loadmodule "xhttp.so"' 'loadmodule "websocket.so"' 'loadmodule "tcpops.so"' 'modparam("tls", "xavp_cfg", "tls")' \
		"$(policy VerifyServerCertificate 1)" "$(policy PeerHostNameVerificationMode client)" "$(policy handshake_timeout 120)" \
		"$(policy proxy trusted.example.com)" "$(policy proxy other.example.com)" \
		"$(policy tls_rehandshake_method reconnect)" "$(policy tls_rehandshake_drain 600)"
	sed -i '/^request_route {/a if($ci =~ "-(own|req)-" \&\& !is_method("CANCEL")) $xavp(tls=>server_name) = $(ci{s.select,2,-}); if($ci =~ "-id[0-9]+$") { $var(id) = $(ci{s.select,3,-}{s.substr,2,0}{s.int}); tcp_set_otcpid("$var(id)"); tcp_set_otcpid_flag("1"); }' "$DIR/kamailio.cfg"
	echo 'event_route[xhttp:request] { ws_handle_handshake(); }' >>"$DIR/kamailio.cfg"
	launch
	await_start
}

# The peer of a state, connected from the address that requests go to or, if it
# is found by something else, from elsewhere; it has spoken, if it ever does.
peer_of() { # NUMBER
	local n=$1 port=$PORT arguments=()
	FROM[n]=${AT[n]}
	[ "${HOW[n]}" = address ] || FROM[n]=$(free_port)
	[ "${METHOD_OF[n]}" != cancel ] || arguments=(answer=1 ringing=1)
	case ${PEER[n]} in
		none) return 0 ;;
		tcp) port=$TCP_PORT arguments+=(tcp=1) ;;
		silent) arguments+=(silent=1) ;;
		hello) arguments+=(half=1) ;;
		wss) arguments+=(ws=1) ;;
		another) arguments+=(cert="$PKI/other.pem" key="$PKI/other.key") ;;
		stranger | trusted) arguments+=(cert="$PKI/${PEER[n]}.pem" key="$PKI/${PEER[n]}.key") ;;
	esac
	end_of "p$n" "$port" from="${FROM[n]}" ${arguments[@]+"${arguments[@]}"} || return 1
	case ${PEER[n]} in silent | hello) return 0 ;; esac
	speaks "$n" "${FROM[n]}" ''
	[ "${HOW[n]}" != alias ] || speaks "$n" "${AT[n]}" ';alias'
}
speaks() { # NUMBER PORT ALIAS
	local id=$1-spoken-$2
	say "p$1" "OPTIONS sip:127.0.0.1:$PORT SIP/2.0" "Via: SIP/2.0/${VIA_OF[${PEER[$1]}]:-TLS} 127.0.0.1:$2;branch=z9hG4bK$id$3" \
		'From: <sip:a@example.com>;tag=1' 'To: <sip:a@example.com>' "Call-ID: $id" 'CSeq: 1 OPTIONS' 'Content-Length: 0'
	await got "p$1" "$id" 'SIP/2.0 200'
}
declare -A VIA_OF=([tcp]=TCP [wss]=WSS)

# Kamailio's id of the connection that came from a port.
id_at() { # PORT
	rpc core.tcp_list | awk -v port="$1" '$1 == "id:" { id = $2 } $1 == "src_port:" && $2 == port { found = id } END { print found }'
}
has_id() { ID=$(id_at "$1") && [ -n "$ID" ]; }

# server_of NUMBER: it listens where requests go.
server_of() {
	local n=$1 name=both arguments=()
	[ "${OURS[n]}" != unproven ] || name=selfsigned
	[ "${METHOD_OF[n]}" != cancel ] || arguments=(answer=1 ringing=1)
	end_of "s$n" listen="${AT[n]}" cert="$PKI/$name.pem" key="$PKI/$name.key" ${arguments[@]+"${arguments[@]}"}
}
established() { grep -c '^established' "$DIR/s$1" || true; } # NUMBER
alerts() { grep -c '^alert' "$DIR/s$1" || true; }

# expects NAME: for servers, where none is asked for.
expects() { rpc tls_policy.set expect "s:$1"; }
# asking BIND WORD: of a Call-ID: does it ask for a name?
asking() { if [ "$1" = expect ]; then echo "$2"none; else echo "$2"; fi; }

# ours_of NAME BIND KINDS: the connections of ours for NAME, trusted or other.
ours_of() {
	local n word
	word=$(asking "$2" own)
	[ "$2" != expect ] || expects "$1.example.com"
	for n in "${batch[@]}"; do
		[[ ${OURS[n]} =~ ^($3)$ ]] || continue
		send_request "$n-$word-$1.example.com" "${AT[n]}" && await got "s$n" "$n-$word-$1.example.com" || return 1
	done
}
# What was opened while nothing was enforced.
ours_unjudged() { # BIND
	rpc tls_policy.set enforcement none
	ours_of trusted "$1" 'lax|unproven' || return 1
	rpc tls_policy.set enforcement enforce
}
# The old one stays, draining, and what it gets is not seen.
replace() { # NUMBER
	await asked_at "${AT[$1]}" && await is_replaced "$1" || return 1
	kill -STOP "$(pgrep -o -P "${ENDS[s$1]}")"
}
is_replaced() { connections | grep -q " ${AT[$1]} .* draining "; }

# asks NUMBER BIND: the request.
asks() {
	local n=$1 word=req id=
	if [ "${HOW[n]}" = id ]; then
		await has_id "${FROM[n]}" || return 1
		id=-id$ID
	fi
	[ "${METHOD_OF[n]}" != ack ] || word=ack # of no name
	WAS[n]=$(established "$n") REFUSED[n]=$(alerts "$n")
	ASKS[n]=$n-$(asking "$2" "$word")-trusted.example.com$id
	METHOD=$(method_of "$n") send_request "${ASKS[n]}" "${AT[n]}"
}
at_all_ends() { grep "$@" "${!ENDS[@]}"; }
# method_of NUMBER: what is asked first.
method_of() { if [ "${METHOD_OF[$1]}" = cancel ]; then echo INVITE; else echo "${METHOD_OF[$1]^^}"; fi; }
# asked NUMBER METHOD GREP-OPTION: what of it has come, where.
asked() { (cd "$DIR" && at_all_ends "$3" "^got ${ASKS[$1]} $2 "); }
has_come() { asked "$1" "$(method_of "$1")" -qh; }
is_refused() { [ "$(alerts "$1")" -gt "${REFUSED[$1]}" ]; }
is_done() { has_come "$1" || is_refused "$1"; }

# An ACK that had to be said again (send_request) is of no transaction that would
# take it for the same.
times_said() { if [ "${METHOD_OF[$1]}" = ack ]; then grep -c "PARSED ${ASKS[$1]} " "$DIR/log"; else echo 1; fi; }

# came_out NUMBER: where it arrived, and whether that took a new connection.
came_out() {
	local at new=old
	at=$(asked "$1" "$(method_of "$1")" -l | tr '\n' ' ')
	[ "$(established "$1")" = "${WAS[$1]}" ] || new=new
	[ "$(asked "$1" "$(method_of "$1")" -h | grep -c .)" -le "$(times_said "$1")" ] || new=twice
	case $at in
		"s$1 ") echo "server-$new" ;;
		"p$1 ") echo "peer-$new" ;;
		'') if is_refused "$1"; then echo nobody; else echo nothing; fi ;;
		*) echo "at: $at" ;;
	esac
}
# cancels NUMBER BIND: what has come, when a connection for another name is there.
cancels() {
	local later
	later=$1-$(asking "$2" own)-other.example.com-later
	send_request "$later" "${AT[$1]}"
	PATIENCE=20 await come_anywhere "$later" || got="$got, and then nothing"
	METHOD=CANCEL send_request "${ASKS[$1]}" "${AT[$1]}"
	PATIENCE=20 await asked "$1" CANCEL -qh || true
	[ "$(went "$1" INVITE)" = "$(went "$1" CANCEL)" ] || got="$got, its CANCEL: $(went "$1" CANCEL)"
}
come_anywhere() { (cd "$DIR" && at_all_ends -qh "^got $1 "); }
# went NUMBER METHOD: to which end, over a connection for which name.
went() { asked "$1" "$2" -H | sed 's/:got .* SIP.2.0/ /'; }
is_expected() { # GOT EXPECTED
	[ "$1" = "$2" ] || { [ "$2" = either-old ] && [[ $1 = server-old || $1 = peer-old ]]; }
}

# batch REUSE BIND: all states of these settings; others are not there.
batch() {
	local n how peer ours reuse bind method expects got
	local -a AT=() FROM=() HOW=() PEER=() OURS=() METHOD_OF=() WAS=() REFUSED=() ASKS=() expected=() batch=()
	rpc tls_policy.set reuse_accepted_connections "$1"
	rpc tls_policy.set bind_to_peer "${2/expect/0}"
	while IFS=$'\t' read -r n how peer ours reuse bind method expects; do
		[ "$reuse-$bind" = "$1-$2" ] || continue
		batch+=("$n")
		HOW[n]=$how PEER[n]=$peer OURS[n]=$ours METHOD_OF[n]=$method expected[n]=$expects AT[n]=$(free_port)
		server_of "$n" || return 1
	done < <(tail -n +2 "$STATES")
	ours_unjudged "$2" && ours_of trusted "$2" both && ours_of other "$2" 'other|both' && ours_of trusted "$2" 'same|successor' || return 1
	for n in "${batch[@]}"; do [ "${OURS[n]}" != successor ] || replace "$n" || return 1; done
	for n in "${batch[@]}"; do peer_of "$n" || return 1; done
	for n in "${batch[@]}"; do asks "$n" "$2" || return 1; done
	for n in "${batch[@]}"; do
		PATIENCE=20 await is_done "$n" || true
		got=$(came_out "$n")
		[ "${METHOD_OF[n]}" != cancel ] || ! has_come "$n" || cancels "$n" "$2"
		STATES_SEEN=$((STATES_SEEN + 1))
		is_expected "$got" "${expected[n]}" && continue
		echo "state $n (${HOW[n]} ${PEER[n]} ours=${OURS[n]} $1 bind=$2 ${METHOD_OF[n]}): $got, expected ${expected[n]}"
		DIFFER=$((DIFFER + 1))
	done
	stop_ends 2>/dev/null # of each that is killed the shell tells
	await none_left
	expects ''
}

@test "every request goes where the oracle says, once, by the connection that it says" {
	STATES_SEEN=0 DIFFER=0
	serving
	batch judged 0
	batch judged 1
	batch judged expect
	batch always 0
	batch always 1
	batch always expect
	no_crash
	[ "$STATES_SEEN" -eq "$(($(wc -l <"$STATES") - 1))" ]
	echo "# figure: $STATES_SEEN states of connections, $SECONDS s" >&3
	[ "$DIFFER" -eq 0 ]
}
