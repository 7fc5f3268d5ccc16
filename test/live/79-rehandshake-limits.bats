#!/usr/bin/env bats
# Re-handshakes at their limits: more than go at once, a server that takes no
# connection, send sockets with their own port, and one that fails on our side
# when it cannot be taken back.
load helpers
load ../lib/ends
load ../lib/peers
load ../lib/rehandshake
MEMORY_MANAGER=fm

setup() {
	new_dir
	AT=$(free_port)
}
teardown() {
	stop_ends
	stop_kamailio
}

reconnecting() { # LINE...
	rehandshaking reconnect "$(policy tls_rehandshake_drain 1)" "$@"
}
# shellcheck disable=SC2046
server_end() { end_of "$1" listen="$2" "${@:3}" $(as trusted); }
reconnects_are() { [ "$(statistic reconnects)" -eq "$1" ]; }

@test "rehandshake all reaches more connections than are replaced at once" {
	local i many=280
	reconnecting 'tcp_max_connections=4096' 'modparam("tls", "connection_timeout", 600)'
	server_end s "$AT" at=0.0.0.0
	for ((i = 0; i < many; i++)); do
		AT_HOST=127.1.$((i / 200)).$((i % 200 + 1)) send_request "r-$i" "$AT"
	done
	await all_are_open
	rpc tls_policy.rehandshake all | grep -q "requested: $many"
	await reconnects_are "$many"
	[ "$(statistic rehandshakes_failed)$(statistic rehandshakes_postponed)" = 00 ]
	[ "$(grep -c '^established' "$DIR/s")" -eq $((2 * many)) ]
}
all_are_open() { [ "$(statistic connections_servers)" -eq "$many" ]; }

# Its listener is stopped and its queue is full: a SYN gets no answer.
takes_no_connection() { # NAME PORT
	local i
	kill -STOP "${ENDS[$1]}"
	for ((i = 0; i < 64; i++)); do comes_to "$2"; done
	await has_waiting "$2"
}
comes_to() { timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 3>&- 4>&- & }
has_waiting() { is_full "$1" || ! comes_to "$1"; }
# As many as listen(2) of its end has room for, and the one that Linux adds.
is_full() {
	awk -v at=":$(printf %04X "$1")" '$2 ~ at "$" && $4 == "0A" { split($5, queue, ":"); full = queue[2] == "00000041" }
		END { exit !full }' /proc/net/tcp
}

@test "with tcp_async=no a server that takes no connection holds nobody else up" {
	local other began
	other=$(free_port)
	reconnecting 'tcp_async=no'
	server_end dead "$AT"
	server_end alive "$other"
	send_request one "$AT"
	send_request two "$other"
	await got dead one
	await got alive two
	takes_no_connection dead "$AT"
	await asked_at "$AT"
	await is_replacing
	await asked_at "$other"
	await reconnects_are 1
	# and that one is still at it
	is_replacing
	kill -CONT "${ENDS[dead]}"
}
is_replacing() { connections | grep -q ' replacing '; }

timer_pid() { rpc core.psx | awk '$1 == "PID:" { pid = $2 } /TLS POLICY RE-HANDSHAKE/ { print pid }'; }
# How often it has gone to sleep so far.
timer_wakes() { sed -n 's/^voluntary_ctxt_switches:\t//p' "/proc/$TIMER/status"; }
two_seconds_later() { [ "$SECONDS" -gt $((began + 2)) ]; }
sleeps_for_ever() { [ -e "$NO_TIMEOUT.sleeps" ]; }

none_is_due() { rpc tls_policy.connections | grep -q 'next_rehandshake: never'; }

# shellcheck disable=SC2046
@test "with nothing due the timer sleeps; a command, and what is due, wakes it" {
	local began seen
	export NO_TIMEOUT=$DIR/for-ever LD_PRELOAD=$BUILD/preload/no_timeout.so
	rehandshaking auto "$(policy tls_rehandshake_interval 60)"
	unset LD_PRELOAD
	TIMER=$(timer_pid)
	end_of p "$PORT" from="$AT" version=1.3 $(as trusted)
	says_request p OPTIONS one "sip:127.0.0.1:$PORT"
	await got p one 'SIP/2.0 200'
	# two a second, and as many again for what has just been done
	began=$SECONDS seen=$(timer_wakes)
	await two_seconds_later
	[ $(($(timer_wakes) - seen)) -lt $((4 * (SECONDS - began + 1))) ]
	# from here on nothing wakes it but a ring
	: >"$NO_TIMEOUT"
	await sleeps_for_ever
	rpc tls_policy.rehandshake all | grep -q 'requested: 1'
	await updated
	rpc tls_policy.recheck | grep -q 'left: 0'
	await asked_at "$AT"
	await updated twice
	rpc tls_policy.set tls_rehandshake_interval 0
	await none_is_due
	rm "$NO_TIMEOUT"
}

# The core looks for the local port of the socket that it is to send from.
@test "with tcp_reuse_port and a send socket the successor is found by the core" {
	rehandshaking_from_socket() {
		write_config "$(judging)" "$(policy tls_rehandshake_method reconnect)" "$(policy tls_rehandshake_min_spacing 0)" \
			"$(policy tls_rehandshake_drain 1)" "$(policy verify_server_certificate 0)" \
			"$(policy peer_host_name_verification_mode server)" 'tcp_reuse_port=yes'
		sed -i "/^request_route {/a force_send_socket(tls:127.0.0.1:$PORT);" "$DIR/kamailio.cfg"
		launch
		await_start
	}
	rehandshaking_from_socket
	server_end s "$AT"
	send_request one "$AT"
	await got s one
	await asked_at "$AT"
	await reconnects_are 1
	send_request two "$AT"
	await got s two
	await drained
	send_request three "$AT"
	await got s three
	[ "$(grep -c '^established' "$DIR/s")" = 2 ]
}
drained() { ! connections | grep -q ' draining '; }

@test "a re-handshake that fails on our side after it has begun ends the connection, is told and counted" {
	export BROKEN_KEY_UPDATE=$DIR/broken LD_PRELOAD=$BUILD/preload/broken_key_update.so
	rehandshaking auto
	unset LD_PRELOAD
	end_of p "$PORT" from="$AT" version=1.3 cert="$PKI/trusted.pem" key="$PKI/trusted.key"
	says_request p OPTIONS one "sip:127.0.0.1:$PORT"
	await got p one 'SIP/2.0 200'
	await asked_at "$AT"
	await updated
	: >"$DIR/broken"
	await asked_at "$AT"
	await closed p
	await logged 'a re-handshake failed after it had begun'
	[ "$(grep -c 'a re-handshake failed after it had begun' "$DIR/log")" = 1 ]
	[ "$(statistic rehandshakes_broken)" = 1 ]
	[ "$(statistic closed_by_judgement)" = 0 ]
}
updated() { [ "$(statistic key_updates)" = $((1 + $#)) ]; }

# Beside it an honest one changes its keys now and then.
@test "a peer that floods with KeyUpdates is dropped, and told" {
	rehandshaking auto
	client honest openssl version=1.3 rate=100 stay=1 key_update_after=20
	client flood openssl version=1.3 rate=100 stay=1 key_update_after=20 key_update_again=1
	await closed flood
	await logged "refused: handshake-failed: too many KeyUpdates in a minute"
	[ "$(statistic refused_handshake_failed)" -eq 1 ]
	end_peer honest
	exact honest
	no_crash
}
