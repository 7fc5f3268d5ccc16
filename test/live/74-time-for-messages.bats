#!/usr/bin/env bats
# A core of 5.7 or later closes a connection on which a message has begun and does
# not come (tcp_msg_read_timeout), or on which none ever came (tcp_msg_data_timeout):
# a handshake begins no message, and our connection that is none waits for none.
load helpers
load ../lib/ends
load ../lib/peers
load ../lib/rehandshake

setup() {
	new_dir 1
	AT=$(free_port)
}
teardown() {
	stop_ends
	stop_kamailio
}

# core_has_looked: a message that was begun now has had its time, so has whatever
# was read before.
core_has_looked() {
	times_messages || return 0
	end_of half "$PORT" "from=$(free_port)" $(as trusted)
	printf 'OPTIONS sip:' >"$DIR/half.begun"
	echo "$DIR/half.begun" >&"${ENDS_IN[half]}"
	await grep -q '^closed' "$DIR/half"
	stop_end half
}

# shellcheck disable=SC2046
@test "a renegotiation on a quiet connection begins no message" {
	rehandshaking renegotiate "$(message_time tcp_msg_read_timeout 2)"
	end_of quiet "$PORT" "from=$(free_port)" version=1.2 $(as trusted)
	says_request quiet OPTIONS before "sip:127.0.0.1:$PORT"
	await got quiet before
	await asked_at "$(own_port quiet)"
	await is_rehandshaken
	core_has_looked
	says_request quiet OPTIONS after "sip:127.0.0.1:$PORT"
	await got quiet after
}
is_rehandshaken() { [ "$(connection_at "$(own_port quiet)" 6)" = 1 ]; }

# shellcheck disable=SC2046
@test "as client: a server's tickets begin no message" {
	rehandshaking auto "$(message_time tcp_msg_read_timeout 2)"
	end_of server listen="$AT" version=1.3 $(as trusted)
	send_request one "$AT"
	await got server one
	core_has_looked
	send_request two "$AT"
	await got server two
	[ "$(grep -c '^established' "$DIR/server")" -eq 1 ]
}

@test "a connection that is none is never closed because nothing comes on it" {
	start_kamailio "$(message_time tcp_msg_data_timeout 1)"
	end_of mute "$PORT" "from=$(free_port)"
	! times_messages || await grep -q '^closed' "$DIR/mute"
	! logged 'message processing timeout on connection id: 1 ' || false
}
