#!/usr/bin/env bats
# Connections, and the recheck that tells before it acts: dry says who would be
# closed and why; who was never asked for a certificate stays, unless `unasked`.
load helpers
load ../lib/rpc
load ../lib/ends

setup() {
	new_dir
	TENANT=$(free_port)
	LISTEN="listen=tls:127.0.0.1:$PORT
listen=tls:127.0.0.1:$TENANT"
	cat >"$DIR/rules" <<-RULES
		[default]
		proxy = trusted.example.com
		[rule:tenant]
		listen = :$TENANT
		sips_require_client_certificate = 1
		peer_host_name_verification_mode = server
		proxy = trusted.example.com, stranger.example.com
	RULES
	start_kamailio "$(policy config "$DIR/rules")" "$(over_json)"
}
teardown() {
	stop_ends
	stop_kamailio
}

# An end that is there, with its port.
is_there() { # NAME PORT SIP_END-ARGUMENT...
	local name=$1 port=$2
	shift 2
	end_of "$name" "$port" from="$(free_port)" "$@"
	says_request "$name" OPTIONS "$name-0" "sip:127.0.0.1:$PORT"
	await got "$name" "$name-0" 'SIP/2.0 200'
}
serves() { # NAME CALL-ID: it still does
	says_request "$1" OPTIONS "$2" "sip:127.0.0.1:$PORT"
	await got "$1" "$2" 'SIP/2.0 200'
}
peer_of() { echo "127.0.0.1:$(own_port "$1")"; }
ended() { grep -q '^closed' "$DIR/$1"; }

# what COLUMN NAME: of the connection of that end, in the answer last given.
what() {
	awk -v peer="$(peer_of "$2")" -v column="$1:" '
		$1 == "id:" { line = 1; id = $0; here = 0 }
		$1 == "peer:" { here = $2 == peer }
		here && column == "id:" && !done { sub(/^[^:]*: /, "", id); print id; done = 1 }
		here && $1 == column { sub(/^[^:]*: /, ""); print }' "$DIR/said"
}
recheck() { same tls_policy.recheck "$@" >"$DIR/said"; }
sum() { value "$1" <"$DIR/said" | head -n 1; }
listed() { grep -c '^id: ' "$DIR/said" || true; }

# shellcheck disable=SC2046
@test "dry: who would be closed and why; not dry: those are" {
	is_there phone "$PORT"
	is_there stranger "$TENANT" $(as stranger)
	is_there trusted "$TENANT" $(as trusted)
	recheck dry
	[ "$(sum dry)-$(sum connections)-$(sum closed)-$(listed)" = yes-3-0-0 ]
	sed -i 's/, stranger.example.com//' "$DIR/rules"
	rpc tls_policy.reload
	recheck dry
	[ "$(sum connections)-$(sum judged)-$(sum closed)-$(listed)" = 3-3-1-1 ]
	[ "$(what outcome stranger)-$(what rule stranger)-$(what peer_role stranger)" = closed-tenant-client ]
	[[ $(what text stranger) == 'refused: certificate-host-mismatch: '*'stranger.example.com'* ]]
	# nothing came of it
	serves stranger stranger-1
	! grep -E 'RPC recheck|refused: ' "$DIR/log" || false
	[ -z "$(same tls_policy.rejections)" ]
	[ "$(rpc tls_policy.recheck | rows_of_kamcmd | value closed)" = 1 ]
	grep 'RPC rechecked 3 connections: 1 closed, 0 left to judge' "$DIR/log"
	await ended stranger
	serves trusted trusted-1
	serves phone phone-1
}

# shellcheck disable=SC2046
@test "who was never asked for a certificate is told as such, and stays until unasked is said" {
	is_there phone "$PORT"
	is_there trusted "$TENANT" $(as trusted)
	rpc tls_policy.set sips_require_client_certificate 1
	recheck dry
	[ "$(sum connections)-$(sum closed)-$(sum unasked)-$(listed)" = 2-0-1-1 ]
	[ "$(what outcome phone)-$(what rule phone)" = not-asked-default ]
	[ "$(what text phone)" = "its peer was never asked for the certificate that is required now" ]
	rpc tls_policy.recheck | rows_of_kamcmd >"$DIR/said"
	[ "$(sum closed)-$(sum unasked)" = 0-1 ]
	serves phone phone-1
	same tls_policy.connections >"$DIR/said"
	[ "$(what verdict phone)-$(what verdict trusted)" = not-asked-accepted ]
	recheck dry unasked
	[ "$(sum closed)-$(sum unasked)-$(what outcome phone)" = 1-1-closed ]
	serves phone phone-2
	rpc tls_policy.recheck unasked | rows_of_kamcmd >"$DIR/said"
	[ "$(sum dry)-$(sum closed)-$(sum unasked)" = no-1-1 ]
	await ended phone
	serves trusted trusted-1
	# now it is asked
	expect_refused phone-again "certificate required" version=1.3
	rpc stats.fetchn tls_policy:closed_unasked | grep 'closed_unasked: 1'
	# a new one that shows a certificate is judged
	is_there known "$PORT" $(as trusted)
	recheck dry unasked
	[ "$(sum closed)-$(sum unasked)-$(listed)" = 0-0-0 ]
}

@test "by JSON-RPC too it acts" {
	is_there phone "$PORT"
	rpc tls_policy.set sips_require_client_certificate 1
	[ "$(by_json tls_policy.recheck | jq -r '.result[0] | "\(.closed)-\(.unasked)"')" = 0-1 ]
	[ "$(by_json tls_policy.recheck unasked | jq -r '.result[0].closed')" = 1 ]
	await ended phone
}

# shellcheck disable=SC2046
@test "a rule in testing closes nobody, and dry says whom it would" {
	is_there stranger "$TENANT" $(as stranger)
	rpc tls_policy.set enforcement testing rule=tenant
	sed -i 's/, stranger.example.com//' "$DIR/rules"
	rpc tls_policy.reload
	recheck dry
	[ "$(sum closed)-$(what outcome stranger)" = 0-would-be-refused ]
	[ "$(rpc tls_policy.recheck | rows_of_kamcmd | value closed)" = 0 ]
	serves stranger stranger-1
	same tls_policy.connections >"$DIR/said"
	[ "$(what verdict stranger)-$(what reasons stranger)" = would-be-refused-certificate-host-mismatch ]
}

@test "a dry recheck keeps no idle connection alive" {
	stop_kamailio
	start_kamailio "$(policy config "$DIR/rules")" 'tcp_connection_lifetime=4' \
		'modparam("tls", "connection_timeout", 4)' "$(over_json)"
	is_there phone "$PORT"
	await ended_while_asked phone
}
ended_while_asked() { ended "$1" || { rpc tls_policy.recheck dry >/dev/null && false; }; }

# shellcheck disable=SC2046
@test "connections: the peer's role, its rule and its verdict, the same over both" {
	same_fault 'usage: tls_policy.connections [N] [from=ID] [rule=RULE] [peer=ADDRESS]' tls_policy.connections x
	[ -z "$(same tls_policy.connections)" ]
	[ "$(by_json tls_policy.connections | jq -c .result)" = '[]' ]
	is_there phone "$PORT"
	is_there trusted "$TENANT" $(as trusted)
	same tls_policy.connections >"$DIR/said"
	[ "$(listed)" = 2 ]
	[ "$(what peer_role trusted)-$(what rule trusted)-$(what verdict trusted)-$(what identity trusted)" = \
		client-tenant-accepted-trusted.example.com ]
	[ "$(what rule phone)-$(what identity phone)" = default- ]
	! grep '^role: ' "$DIR/said" || false
}

# shellcheck disable=SC2046
@test "rehandshake: one, all, and what is no connection; rehandshake_peers" {
	is_there trusted "$TENANT" version=1.3 $(as trusted)
	same tls_policy.connections >"$DIR/said"
	local id usage='usage: tls_policy.rehandshake CONID|all'
	id=$(what id trusted)
	[ "$(by_kamcmd tls_policy.rehandshake "$id" | rows_of_kamcmd)" = 'requested: 1' ]
	await rehandshaken 1
	[ "$(by_json_value tls_policy.rehandshake "$id" | rows_of_json)" = 'requested: 1' ]
	await rehandshaken 2
	[ "$(by_json tls_policy.rehandshake all | rows_of_json)" = 'requested: 1' ]
	await rehandshaken 3
	for argument in '' "$id $id" "all all"; do
		# shellcheck disable=SC2086
		same_fault "$usage" tls_policy.rehandshake $argument
	done
	same_fault "$usage" tls_policy.rehandshake ''
	same_fault "there is no TLS connection 4711" tls_policy.rehandshake 4711
	same_fault '"id=1" is no connection id and not "all"' tls_policy.rehandshake id=1
	usage='usage: tls_policy.rehandshake_peers [forget HOST|all]'
	for argument in forget "remember all" "forget all all" "all"; do
		# shellcheck disable=SC2086
		same_fault "$usage" tls_policy.rehandshake_peers $argument
	done
	same_fault "$usage" tls_policy.rehandshake_peers forget ''
	[ "$(same tls_policy.rehandshake_peers forget trusted.example.com)" = 'forgotten: 0' ]
	grep 'RPC forgot how trusted.example.com took a re-handshake: 0 notes' "$DIR/log"
	[ "$(same tls_policy.rehandshake_peers forget all)" = 'forgotten: 0' ]
	grep 'RPC forgot how every peer took a re-handshake: 0 notes' "$DIR/log"
	[ -z "$(same tls_policy.rehandshake_peers)" ]
}
rehandshaken() { [ "$(rpc tls_policy.connections | rows_of_kamcmd | value rehandshakes)" = "$1" ]; }

# shellcheck disable=SC2046
@test "rejections: the same over both, as many as are asked for, with rule and verdict" {
	[ "$(by_json tls_policy.rejections | jq -c .result)" = '[]' ]
	probe_tenant foreign
	probe_tenant selfsigned
	await rejected 2
	[ "$(same tls_policy.rejections 1 | grep -c '^conid: ')" = 1 ]
	[ "$(by_json_value tls_policy.rejections 2 | rows_of_json | grep -c '^conid: ')" = 2 ]
	[ "$(same tls_policy.rejections 2 | value rule | sort -u)" = tenant ]
	[ "$(same tls_policy.rejections 2 | value peer_role | sort -u)-$(same tls_policy.rejections 2 | value verdict | sort -u)" = client-refused ]
	for argument in 0 65 x -1 n=1 '1 2'; do
		# shellcheck disable=SC2086
		same_fault 'usage: tls_policy.rejections [1..64]' tls_policy.rejections $argument
	done
	same_fault 'usage: tls_policy.rejections [1..64]' tls_policy.rejections ''
}
probe_tenant() { ! "$BUILD/tls_probe" "$TENANT" call_id="tenant-$1" $(as "$1") >"$DIR/probe"; }
rejected() { [ "$(rpc tls_policy.rejections | grep -c conid)" -ge "$1" ]; }
