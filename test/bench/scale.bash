# scale - what many connections cost while nothing happens, what a re-handshake
# costs, and for how long a reload of a million proxies delays a handshake. To be
# sourced by scripts/bench.
# shellcheck shell=bash

SCALE_CONNECTIONS=${SCALE_CONNECTIONS:-3000} # that are held, idle
SCALE_SECONDS=${SCALE_SECONDS:-10}           # in which the timer's process is watched
SCALE_ASKED=${SCALE_ASKED:-200}              # that are re-handshaken
SCALE_PROXIES=${SCALE_PROXIES:-1000000}

kam() { # NAME COMMAND...
	local name=$1
	shift
	kamcmd -s "unix:${DIRS[$name]}/ctl" "$@"
}

# hold NAME VERSION LOAD-ARGUMENT...: connections of load's, which obeys `told`.
hold() {
	local name=$1 version=$2 line
	shift 2
	coproc HELD { loads "$name" ec "$version" hold=1 timeout=300 "$@"; }
	# shellcheck disable=SC2153 # coproc HELD
	HELD_ID=$HELD_PID HELD_FROM=${HELD[0]} HELD_TO=${HELD[1]}
	read -r line <&"$HELD_FROM"
	printf '%s\n' "$line" | progress
	[[ $line == *" failed=0 "* ]] || return 1
	FRESH_US=${line##*cpu_us=}
}
told() {
	echo "$1" >&"$HELD_TO"
	read -r line <&"$HELD_FROM"
	echo "${line#*=}"
}
let_go() {
	exec {HELD_TO}>&-
	wait "$HELD_ID"
}

timer_of() {
	kam "$1" core.psx | awk '$1 == "PID:" { pid = $2 } /TLS POLICY RE-HANDSHAKE/ { print pid }'
}
# Nanoseconds on a CPU, and how often it was put there.
spent() { cut -d' ' -f1,3 "/proc/$1/schedstat"; }

# memory NAME: octets of shared memory that each of some idle connections takes.
memory() {
	local before after
	before=$(shared_used "$1")
	hold "$1" 1.3 count=500 bare=1
	after=$(shared_used "$1")
	let_go || true
	echo $(((after - before) / 500))
}
shared_used() { kam "$1" core.shmmem | awk '$1 == "real_used:" { print $2 }'; }

# A million proxies and re-handshakes are on (servers.bash); the hour is far off.
measure_idle() { # NAME
	local timer before after
	hold "$1" 1.3 count="$SCALE_CONNECTIONS" flight=8 bare=1
	timer=$(timer_of "$1")
	sleep 2 # those that came last
	read -ra before < <(spent "$timer")
	sleep "$SCALE_SECONDS"
	read -ra after < <(spent "$timer")
	let_go || true
	awk -v connections="$SCALE_CONNECTIONS" -v seconds="$SCALE_SECONDS" -v ratios="$RATIOS" \
		-v ns="$((after[0] - before[0]))" -v wakes="$((after[1] - before[1]))" 'BEGIN {
		printf "%d idle connections, re-handshakes on: the timer takes %.2f ms of CPU a second and wakes %.1f times\n",
			connections, ns / 1e6 / seconds, wakes / seconds
		printf "ratio timer_idle_ms_per_s %.2f\nratio timer_wakes_per_s %.1f\n", ns / 1e6 / seconds, wakes / seconds >>ratios
	}'
}

count_of() { kam "$1" stats.fetch "tls_policy.$2" | sed -n "s/.*: //p" | grep -o '[0-9]*' | tail -n 1; } # NAME COUNTER
reached() { [ "$(count_of "$1" "$2")" = "$3" ]; }

# measure_rehandshake NAME VERSION COUNTER CLAIM: of connections that were just opened.
measure_rehandshake() {
	local name=$1 before after until
	hold "$name" "$2" count="$SCALE_ASKED" warm=50 flight=8
	until=$(($(count_of "$name" "$3") + SCALE_ASKED))
	before=$(told cpu)
	kam "$name" tls_policy.rehandshake all >/dev/null
	SERVER=${PIDS[$name]} await reached "$name" "$3" "$until"
	after=$(told cpu)
	[ "$(told lost)" = 0 ]
	let_go || true
	awk -v each="$SCALE_ASKED" -v us="$((after - before))" -v fresh="$FRESH_US" -v ratios="$RATIOS" -v claim="$4" -v version="$2" 'BEGIN {
		printf "TLS %s: a re-handshake %.0f us of CPU, a fresh handshake %.0f\n", version, us / each, fresh
		printf "ratio %s %.3f\n", claim, us / each / fresh >>ratios
	}'
}

# longest NAME: of handshakes with a message and its answer, in ms; they begin at once.
longest() {
	local line
	line=$(WATCHED=0 loads "$1" ec 1.3 count=1000 flight=4 messages=1) || return 1
	[[ $line == *" failed=0 "* ]] || return 1
	line=${line##*longest_ms=}
	echo "${line%% *}"
}
# In each round quiet, and with a reload at once.
measure_reload() { # NAME
	local name=$1 round ms quiet=() loaded=() took=()
	for ((round = 1; round <= 3; round++)); do
		ms=$(longest "$name")
		quiet+=("$ms")
		exec {reloaded}< <(
			began=$(date +%s%N)
			kam "$name" tls_policy.reload | grep -q 'proxies:' || exit
			echo $((($(date +%s%N) - began) / 1000000))
		)
		ms=$(longest "$name")
		loaded+=("$ms")
		read -r ms <&"$reloaded"
		exec {reloaded}<&-
		took+=("$ms")
	done
	awk -v quiet="${quiet[*]}" -v loaded="${loaded[*]}" -v took="${took[*]}" -v proxies="$SCALE_PROXIES" -v ratios="$RATIOS" '
		function middle(text,   i, j, kept, list, sorted, count) {
			count = split(text, list, " ")
			for(i = 1; i <= count; i++) {
				for(j = i - 1; j > 0 && sorted[j] > list[i] + 0; j--)
					sorted[j + 1] = sorted[j]
				sorted[j + 1] = list[i] + 0
			}
			return sorted[int((count + 1) / 2)]
		}
		BEGIN {
			pause = middle(loaded) - middle(quiet)
			printf "a reload of %d proxies takes %.0f ms; the longest handshake beside it %.1f ms, without it %.1f ms\n",
				proxies, middle(took), middle(loaded), middle(quiet)
			printf "ratio reload_pause_ms %.1f\n", (pause > 0 ? pause : 0) >>ratios
		}'
}

part_scale() {
	local name=ours-4-fm
	echo
	"$BUILD/bench/table" | claims_apart
	PROXIES=$SCALE_PROXIES MEMORY=2048 serve "$name"
	measure_rehandshake "$name" 1.3 key_updates key_update_vs_handshake
	kam "$name" tls_policy.set tls_rehandshake_method renegotiate >/dev/null
	measure_rehandshake "$name" 1.2 renegotiations renegotiation_vs_handshake
	kam "$name" tls_policy.set tls_rehandshake_method auto >/dev/null
	measure_reload "$name"
	serve stock-4-fm
	printf 'an idle connection takes %d octets of shared memory, and %d with the module\n' \
		"$(memory stock-4-fm)" "$(memory "$name")"
	stop stock-4-fm
	measure_idle "$name"
	stop "$name"
}
