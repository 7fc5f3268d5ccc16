# sessions - in how many of the connections that offer one a session is resumed,
# with 4 workers: of a default and an SNI domain, at once, after tls.reload, and
# after a proxy was added. To be sourced by scripts/bench.
# shellcheck shell=bash

SESSIONS=200 # at once, each resumed once

# Each what stands between a full handshake and its resumption, on server NAME.
between_nothing() { :; }
between_tls_reload() { kamcmd -s "unix:${DIRS[$1]}/ctl" tls.reload >/dev/null; }
between_proxy_added() {
	echo "added$((ADDED = ${ADDED:-0} + 1)).example.com" >>"$(proxies 1000)"
	kamcmd -s "unix:${DIRS[$1]}/ctl" tls_policy.reload >/dev/null
}

# resumed_share NAME VERSION WHAT [LOAD-ARGUMENT...]: a line of $SHARES.
resumed_share() {
	local name=$1 version=$2 what=$3 line
	shift 3
	coproc LOAD { loads "$name" ec "$version" resume=1 wait=1 count=$SESSIONS warm=$SESSIONS flight=$SESSIONS "$@"; }
	local pid=$LOAD_PID from=${LOAD[0]} to=${LOAD[1]}
	read -r line <&"$from" # warm
	"between_$what" "$name"
	echo >&"$to"
	read -r line <&"$from"
	wait "$pid" || true
	echo "$name $version $what${1:+-sni} $line" >>"$SHARES"
}

part_sessions() {
	local name version
	SHARES=$BUILD/bench/shares.txt
	: >"$SHARES"
	for name in haproxy-4 stock-4 ours-4 ours-4-shared; do
		serve "$name"
		for version in 1.2 1.3; do
			resumed_share "$name" $version nothing
			[ "$name" != haproxy-4 ] || continue
			resumed_share "$name" $version nothing sni=sni.example
			resumed_share "$name" $version tls_reload
			resumed_share "$name" $version tls_reload sni=sni.example
			[[ $name == ours-* ]] || continue
			resumed_share "$name" $version proxy_added
			resumed_share "$name" $version proxy_added sni=sni.example
		done
		stop "$name"
	done
	printf '\nshare of sessions that are resumed, 4 workers, by what is between\n'
	awk -v ratios="$RATIOS" -v all="$SESSIONS" '{
		split($6, resumed, "=")
		share = resumed[2] / all
		printf "%-14s TLS %s  %-16s %5.1f %%\n", $1, $2, $3, 100 * share
		if($1 ~ /^ours/ && (least == "" || share < least))
			least = share
	} END { printf "ratio resumed_share %.3f\n", least >>ratios }' "$SHARES"
}
