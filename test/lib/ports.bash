# ports - a test file (or a script) has a range of ports of its own on this
# machine, whoever else runs tests on it; below those that the kernel gives to
# clients.
# shellcheck shell=bash

# own_ports: takes a range that nobody has, until this process ends (test/property/carry
# has some 330 ports at once, closed ones that wait included); what it
# starts shares the range.
own_ports() {
	local each=400 ranges=30 start=$((RANDOM % 30)) dir range i
	[ -z "${PORTS_FILE:-}" ] || return 0
	dir=/tmp/tls_policy-ports-$(id -u)
	mkdir -p "$dir"
	for ((i = 0; i < ranges; i++)); do
		range=$(((start + i) % ranges))
		exec {PORTS_LOCK}>>"$dir/$range"
		if flock -n "$PORTS_LOCK"; then
			PORTS_FILE=$dir/$range
			PORTS_FROM=$((20000 + range * each))
			PORTS_EACH=$each
			export PORTS_FILE PORTS_FROM PORTS_EACH
			return 0
		fi
		exec {PORTS_LOCK}>&-
	done
	echo "all ranges of ports are taken: $dir" >&2
	return 1
}

# in_use PORT [STATE]: TCP or UDP, whatever the state (0A: listening). Nobody is
# called: a server that serves one connection would take that for it.
in_use() {
	local hex
	hex=$(printf '%04X' "$1")
	grep -qE "^ *[0-9]+: [0-9A-F]+:$hex [0-9A-F]+:[0-9A-F]+ ${2:-}" /proc/net/{tcp,tcp6,udp,udp6} 2>/dev/null
}
listening() { in_use "$1" 0A; }

# free_port: the next one of the range; also of several processes at once.
free_port() {
	(
		exec 9>"$PORTS_FILE.next.lock"
		flock 9
		next=$(cat "$PORTS_FILE.next" 2>/dev/null || echo 0)
		for ((i = 1; i <= PORTS_EACH; i++)); do
			port=$((PORTS_FROM + (next + i) % PORTS_EACH))
			in_use "$port" && continue
			echo $(((next + i) % PORTS_EACH)) >"$PORTS_FILE.next"
			echo "$port"
			exit 0
		done
		echo "no free port from $PORTS_FROM on" >&2
		exit 1
	)
}
