#!/usr/bin/env bats
# As client we speak first, as whom and to whom the sender said: a server that
# speaks before our ClientHello makes no other process begin the handshake,
# which would ask for no server name and take another TLS domain.
load helpers
load ../lib/ends
load ../lib/peers
load ../lib/rehandshake
MEMORY_MANAGER=fm

setup() { new_dir; }
teardown() {
	stop_ends
	stop_kamailio
}

naming() { # LINE...
	write_config 'modparam("tls", "xavp_cfg", "tls")' "$(policy VerifyServerCertificate 1)" \
		"$(policy tls_rehandshake_method reconnect)" "$(policy tls_rehandshake_drain 1)" "$@"
	# shellcheck disable=SC2016
	sed -i '/^request_route {/a $xavp(tls=>server_name) = "trusted.example.com";' "$DIR/kamailio.cfg"
	launch
	await_start
}

# shellcheck disable=SC2046
speaking_server() { end_of "$1" listen="$(free_port)" speaks=1 $(as trusted); }

# Whoever was connected was asked for by name.
named_alone() { # NAME
	! grep -q '^established [^ ]* -' "$DIR/$1" || { cat "$DIR/$1" >&2 && false; }
}
@test "a server that speaks first while the sender has not begun: the connection ends" {
	LD_PRELOAD=$BUILD/preload/slow_send_fd.so naming 'tcp_async=no' 'tcp_delayed_ack=no'
	speaking_server s
	send_request to-s "$(own_port s)"
	await logged 'refused: handshake-failed: it speaks before our ClientHello'
	named_alone s
	! got s to-s || false
	[ "$(grep -c 'speaks before our ClientHello' "$DIR/log")" = 1 ]
}

successors_are_named() {
	local i
	naming "$@"
	speaking_server s
	# In the end a connection of the first kind is there.
	await first_is_there
	for i in 1 2 3 4 5 6 7 8 9 10; do
		asked_at "$(own_port s)" || await asked_at "$(own_port s)"
		await replaced "$i"
	done
	named_alone s
	[ "$(grep -c '^established [^ ]* trusted.example.com' "$DIR/s")" -ge 11 ]
}
first_is_there() {
	first=$((${first:-0} + 1))
	send_request "first-$first" "$(own_port s)" && await first_decided && got s "first-$first"
}
first_decided() { got s "first-$first" || logged_like 'refused|UNRELAYED'; }
replaced() { [ "$(statistic reconnects)" -ge "$1" ]; }

@test "successors of a connection to a server that speaks first ask for its name" {
	successors_are_named 'tcp_delayed_ack=no'
}

@test "successors likewise where the core connects without tcp_async" {
	# The server's first octets wait until it was asked, in the test above too.
	successors_are_named 'tcp_async=no' 'tcp_delayed_ack=no'
}
