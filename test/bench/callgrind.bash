# callgrind - counts what processes of a Kamailio do, in instructions, from one
# moment to another, so that start-up is not in it and the result is the same on
# any machine. To be sourced after live/helpers.
# shellcheck shell=bash

# In front of Kamailio's command. vgdb(1) reaches a process that was forked only if
# it is traced.
# shellcheck disable=SC2034 # for who reads this file
CALLGRIND=(valgrind --quiet --tool=callgrind --trace-children=yes --instr-atstart=no
	--callgrind-out-file="$BATS_FILE_TMPDIR/callgrind.%p")

# processes_of CTL WORD...: the ids of those whose description begins so.
processes_of() {
	local ctl=$1 words
	shift
	words=$(printf '|%s' "$@")
	kamcmd -s "unix:$ctl" core.psx 2>/dev/null |
		awk -v words="^DSC: (${words:1})" '$1 == "PID:" { pid = $2 } { sub(/^[ \t]+/, "") } $0 ~ words { print pid }'
}

# tell "PID..." COMMAND...: to callgrind in each: instrumentation on, zero, dump MARK.
tell() {
	local pid pids=$1
	shift
	for pid in $pids; do
		timeout 60 vgdb --pid="$pid" "$@" >/dev/null 2>&1 || return 1
	done
}

# instructions MARK, allocations MARK: of what was dumped with it, all processes
# together; allocations are those from shared memory.
instructions() {
	# shellcheck disable=SC2046
	awk '/^totals:/ { sum += $2 } END { printf "%.0f\n", sum }' $(dumped "$1")
}
allocations() {
	# shellcheck disable=SC2046
	awk '/^c?fn=/ {
			id = $1
			sub(/^c?fn=/, "", id)
			if(NF > 1)
				name[FILENAME id] = $2
			callee = FILENAME id
		}
		/^calls=/ {
			split($1, calls, "=")
			called[callee] += calls[2]
		}
		END {
			for(id in called)
				if(name[id] ~ /_shm_(malloc|mallocxz|realloc|reallocxf)$/)
					sum += called[id]
			printf "%.0f\n", sum
		}' $(dumped "$1")
}
# costs MARK FUNCTION: of it and what it calls.
costs() {
	# shellcheck disable=SC2046
	callgrind_annotate --inclusive=yes --threshold=100 $(dumped "$1") 2>/dev/null |
		awk -v name="$2" '$0 ~ ":" name "( |$)" && !found { gsub(",", "", $1); print $1; found = 1 } END { if(!found) print 0 }'
}
dumped() { grep -ls "^desc: Trigger: dump $1\$" "$BATS_FILE_TMPDIR"/callgrind.*; }

quotient() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f", a / b }'; }
