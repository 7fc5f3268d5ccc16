# storm - a server of many peers has been started anew, and all come back at once:
# a full handshake, a REGISTER and its 200 for each; they stay. To be sourced by
# scripts/bench.
# shellcheck shell=bash

STORM_PEERS=${STORM_PEERS:-500} # at once; as many as Linux bears as it comes
STORM_MANY=${STORM_MANY:-5000}  # likewise, with -x fm
STORM_ROUNDS=${STORM_ROUNDS:-2} # of many one

# CPU time of a server and its children, in ticks.
ticks_of() {
	local pid
	for pid in "$1" $(pgrep -P "$1"); do cut -d' ' -f14,15 "/proc/$pid/stat"; done | awk '{ sum += $1 + $2 } END { print sum }'
}
# await_idle NAME: all that its peers have left behind is cleared away.
await_idle() {
	local before=-1 now
	now=$(ticks_of "${PIDS[$1]}")
	while [ "$now" != "$before" ]; do
		before=$now
		sleep 0.5
		now=$(ticks_of "${PIDS[$1]}")
	done
}

# storm NAME ROUND PEERS: a line of $STORMS.
storm() {
	local name=$1 line
	serve "$name"
	line=$(loads "$name" ec 1.3 count="$3" flight="$3" messages=1 kind=REGISTER \
		hold=1 bare=1 timeout=300 </dev/null) || true
	await_idle "$name"
	stop "$name"
	printf '%s/%s %s %s\n' "$name" "$3" "$2" "$line" | tee -a "$STORMS" | progress
}

part_storm() {
	local round name
	STORMS=$BUILD/bench/storms.txt
	: >"$STORMS"
	for ((round = 1; round <= STORM_ROUNDS; round++)); do
		for name in stock-4 ours-4 stock-4-fm ours-4-fm; do storm "$name" "$round" "$STORM_PEERS"; done
	done
	for name in stock-4-fm ours-4-fm; do MEMORY=1500 storm "$name" 1 "$STORM_MANY"; done
	printf '\nSERVER/so many peers come back at once, TLS 1.3, each with a REGISTER and its 200\n'
	awk -v ratios="$RATIOS" -v peers="/$STORM_PEERS" -v many="/$STORM_MANY" '
		function value(name,   i, pair) {
			for(i = 3; i <= NF; i++) {
				split($i, pair, "=")
				if(pair[1] == name)
					return pair[2] + 0
			}
			return 0
		}
		function middle(name, what,   i, j, kept, list) {
			for(i = 1; i <= rounds[name]; i++) {
				kept = of[name, i, what]
				for(j = i - 1; j > 0 && list[j] > kept; j--)
					list[j + 1] = list[j]
				list[j + 1] = kept
			}
			return list[int((rounds[name] + 1) / 2)]
		}
		{
			if(!($1 in failed))
				names[++count] = $1
			rounds[$1] = $2
			of[$1, $2, "cpu_us"] = value("cpu_us")
			of[$1, $2, "wall_ms"] = value("wall_ms")
			of[$1, $2, "longest_ms"] = value("longest_ms")
			failed[$1] += value("failed") + (value("ok") == 0)
		}
		function times(stock, ours) {
			return middle(ours, "cpu_us") > 0 ? middle(stock, "cpu_us") / middle(ours, "cpu_us") : 0
		}
		function less(a, b) { return a < b ? a : b }
		END {
			printf "%-16s %12s %12s %12s %8s\n", "", "CPU us each", "all ms", "longest ms", "failed"
			for(i = 1; i <= count; i++)
				printf "%-16s %12.0f %12.0f %12.0f %8d\n", names[i], middle(names[i], "cpu_us"), middle(names[i], "wall_ms"),
					middle(names[i], "longest_ms"), failed[names[i]]
			printf "ratio storm_vs_stock %.3f\n", less(times("stock-4" peers, "ours-4" peers),
				less(times("stock-4-fm" peers, "ours-4-fm" peers), times("stock-4-fm" many, "ours-4-fm" many))) >>ratios
			printf "ratio storm_failed %d\n", failed["ours-4" peers] + failed["ours-4-fm" peers] + failed["ours-4-fm" many] >>ratios
		}' "$STORMS"
}
