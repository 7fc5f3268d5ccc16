#!/usr/bin/env bats
# The peers of the re-handshake tests count right: against each other, and where
# a message is lost or doubled on purpose.
load helpers
load ../lib/peers

setup_file() { new_dir; }
setup() { PORT=$(free_port); }
teardown() { stop_peers; }

SERVER_FILES="cert=%s/server.pem key=%s/server.key ca=%s/ca.pem"
CLIENT_FILES="cert=%s/trusted.pem key=%s/trusted.key ca=%s/ca.pem"
credentials() { printf "$1" "$PKI" "$PKI" "$PKI"; }

# pair CLIENT-STACK SERVER-STACK CLIENT-OPTIONS [SERVER-OPTIONS]: where something
# begins after 100 answers, the window leaves requests that come after its end.
# shellcheck disable=SC2046,SC2086
pair() {
	peer server "$2" server "$PORT" $(credentials "$SERVER_FILES") ${4:-}
	peer client "$1" client "$PORT" $(credentials "$CLIENT_FILES") rate=2000 count=500 window=50 $3
	finish_peer client
	end_peer server
}

# In a subshell, several at once.
both_roles() { # STACK VERSION
	PORT=$(free_port)
	DIR=$DIR/$1-$2
	mkdir "$DIR"
	pair "$1" openssl "version=$2" "version=$2"
	exact client && exact server || return 1
	[ "$(figure client answered)-$(figure server received)" = 500-500 ] || return 1
	[ "$(figure client version)" = "$2" ] || return 1
	pair openssl "$1" "version=$2" "version=$2"
	exact client && exact server || return 1
	[ "$(figure client answered)-$(figure server received)" = 500-500 ] || return 1
	[ "$(figure server version)" = "$2" ]
}

@test "each stack, both roles, every version it has" {
	local stack version
	for stack in openssl gnutls wolfssl go java; do
		for version in 1.0 1.2 1.3; do
			[ "$stack-$version" != wolfssl-1.0 ] || continue # Debian's has none
			at_once both_roles "$stack" "$version"
		done
	done
	all_went_well
}

# In a subshell, several at once: that an answer is lost only silence tells.
loses() { # STACK
	PORT=$(free_port)
	DIR=$DIR/loses-$1
	mkdir "$DIR"
	pair "$1" openssl grace=8 lose=100
	[ "$(figure client lost)" = 5 ] && ! exact client 2>/dev/null
}
loses_and_repeats() { # STACK
	PORT=$(free_port)
	DIR=$DIR/repeats-$1
	mkdir "$DIR"
	pair "$1" openssl grace=8 "lose=100 repeat=150" # 300: one answer
	[ "$(figure client lost)-$(figure client doubled)" = 4-2 ]
}

@test "a lost, a doubled, a repeated and an unanswered message are noticed" {
	local stack
	at_once loses openssl
	for stack in openssl go java; do
		at_once loses_and_repeats "$stack"
	done
	all_went_well
	for stack in openssl go java; do
		pair openssl "$stack" repeat=100
		[ "$(figure server received)-$(figure server repeated)" = 500-5 ]
		exact client
	done
	# a peer that is reset in the middle
	pair openssl openssl "version=1.2 renegotiate_after=100 abort_in_handshake=1" renegotiation=allow
	[ "$(figure client closed_by)" = self ]
}

@test "handshakes and key updates are counted" {
	local stack
	for stack in openssl gnutls java; do
		pair openssl "$stack" "version=1.2 renegotiate_after=100" renegotiation=allow
		exact client && exact server
		[ "$(figure client handshakes)-$(figure server handshakes)" = 2-2 ]
		pair openssl "$stack" "version=1.3 key_update_after=100"
		exact client && exact server
		[ "$(figure client key_updates)" = 1 ]
	done
	pair openssl openssl "version=1.3 key_update_after=100" key_update_unanswered=1
	exact client
	[ "$(figure client key_updates)-$(figure server key_updates)" = 0-1 ]
}

@test "an end that is not polite has its name" {
	pair openssl openssl "version=1.2 renegotiate_after=100" renegotiation=refuse
	[ "$(figure client alert)" = no_renegotiation ]
	pair openssl go "version=1.2 renegotiate_after=100"
	[[ $(figure client closed_by) == @(alert|error|reset) ]]
}
