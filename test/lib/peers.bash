# peers - the SIP-over-TLS peers of test/peers, for tests that have loaded
# live/helpers. Each has a NAME, its lines are in $DIR/NAME, what it says about
# errors in $DIR/NAME.err.
# shellcheck shell=bash

declare -gA PEERS=()

# peer NAME STACK client|server PORT key=value...: in the background, ready.
peer() {
	local name=$1 stack=$2
	shift 2
	: >"$DIR/$name"
	"$BUILD/peers/$stack" "$@" >"$DIR/$name" 2>"$DIR/$name.err" 3>&- 4>&- 7>&- &
	PEERS[$name]=$!
	await peer_started "$name" && grep -q '^ready' "$DIR/$name"
}

peer_started() { grep -q '^ready\|^sent=' "$DIR/$1" || ! kill -0 "${PEERS[$1]}" 2>/dev/null; }

# hopeless: for await; a peer has ended without its last line.
hopeless() {
	local name
	for name in "${!PEERS[@]}"; do
		kill -0 "${PEERS[$name]}" 2>/dev/null || grep -q '^sent=' "$DIR/$name" || return 0
	done
	return 1
}

peer_port() { # NAME
	local line port=
	while read -r line; do
		[[ $line != "ready port="* ]] || port=${line#ready port=}
	done <"$DIR/$1"
	echo "$port"
}

# end_peer NAME: asks it to end once its last answers are in; its last line.
end_peer() {
	kill "${PEERS[$1]}" 2>/dev/null || true
	finish_peer "$1"
}

# finish_peer NAME: waits until it ends by itself; its last line.
finish_peer() {
	wait "${PEERS[$1]}" 2>/dev/null || true
	unset "PEERS[$1]"
	tail -n 1 "$DIR/$1"
}

# stop_peers: whatever still runs.
stop_peers() {
	local name
	for name in "${!PEERS[@]}"; do
		kill -KILL "${PEERS[$name]}" 2>/dev/null || true
		wait "${PEERS[$name]}" 2>/dev/null || true
	done
	PEERS=()
}

# figure NAME KEY: one figure of its last line.
figure() { tail -n 1 "$DIR/$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }

# handshakes NAME: complete ones on its present connection, as it goes.
handshakes() { sed -n 's/^handshake //p' "$DIR/$1" | tail -n 1 | grep . || echo 1; }

# exact NAME [BURST]: everything sent was answered with 200 once, nothing came
# twice. With BURST, whole bursts may be lost: one that crosses the close_notify of
# a server was never read there, or a part of it would be answered.
exact() {
	local key many
	for key in lost failed doubled strange repeated; do
		many=$(figure "$1" "$key")
		[ "$key$#" != lost2 ] || many=$((many % $2))
		if [ "$many" != 0 ]; then
			echo "$1: $(tail -n 1 "$DIR/$1")" >&2
			cat "$DIR/$1.err" >&2
			return 1
		fi
	done
}

# at_once COMMAND...: in a subshell of its own; all_went_well waits for those
# started so and fails if one of them failed.
declare -ga AT_ONCE=()
at_once() {
	(
		trap stop_peers EXIT
		PEERS=()
		"$@"
	) &
	AT_ONCE+=($!)
}
all_went_well() {
	local pid status=0
	for pid in "${AT_ONCE[@]}"; do wait "$pid" || status=1; done
	AT_ONCE=()
	return "$status"
}
