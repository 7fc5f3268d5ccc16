# rows - CPU time of a handshake by real servers, in rounds that alternate among
# them. To be sourced by scripts/bench.
# shellcheck shell=bash

# What is compared where: SCENE is KEYS-VERSION-KIND; resumed: sessions are used
# where they can be; message: a full handshake, an OPTIONS and its 200.
BENCH_SCENES=${BENCH_SCENES-ec-1.2-full ec-1.3-full ec-1.2-resumed ec-1.3-resumed ec-1.3-message \
	rsa-1.2-full rsa-1.3-full rsa-1.2-resumed rsa-1.3-resumed}
BENCH_ROUNDS=${BENCH_ROUNDS:-5}
BENCH_COUNT=${BENCH_COUNT:-100} # connections of each server in a round

servers_for() { # SCENE
	if [ -n "${BENCH_SERVERS:-}" ]; then
		echo "$BENCH_SERVERS"
		return
	fi
	case $1 in
		*-message) echo floor-4 stock-4 ours-4 stock-4-fm ours-4-fm ;;
		rsa-*) echo floor-4 haproxy-4 nginx-4 stock-4 ours-4 stock-4-fm ours-4-fm ;;
		ec-1.3-full) echo floor-1 floor-4 haproxy-1 haproxy-4 nginx-1 nginx-4 stock-1 stock-4 ours-1 ours-4 ours-4-shared ours-4-off \
			stock-4-fm ours-4-fm ours-4-fm-shared ours-4-fm-off ;;
		*-resumed) echo floor-4 haproxy-4 nginx-4 stock-4 ours-4 stock-4-fm ours-4-fm ours-4-fm-shared ;;
		*) echo floor-1 floor-4 haproxy-1 haproxy-4 nginx-1 nginx-4 stock-1 stock-4 ours-1 ours-4 stock-4-fm ours-4-fm ;;
	esac
}

# measure_row SCENE SERVER ROUND: a line of ROWS.
measure_row() {
	local scene=$1 server=$2 round=$3 keys version kind printed options=()
	IFS=- read -r keys version kind <<<"$scene"
	case $kind in
		resumed) options=(resume=1) ;;
		message) options=(messages=1) ;;
	esac
	printed=$(loads "$server" "$keys" "$version" count="$BENCH_COUNT" warm=8 "${options[@]}") || true
	printf '%s %s %s %s\n' "$scene" "$server" "$round" "$printed" | tee -a "$ROWS" | progress
}

measure_rows() {
	local round scene server
	: >"$ROWS"
	for scene in $BENCH_SCENES; do
		for server in $(servers_for "$scene"); do serve "$server"; done
	done
	for ((round = 1; round <= BENCH_ROUNDS; round++)); do
		for scene in $BENCH_SCENES; do
			for server in $(servers_for "$scene"); do
				measure_row "$scene" "$server" "$round"
			done
		done
	done
	stop_all
}

# print_rows, row_ratios: of what ROWS has.
print_rows() { awk -f test/bench/rows.awk "$ROWS"; }
row_ratios() { awk -v ratios=1 -f test/bench/rows.awk "$ROWS"; }
