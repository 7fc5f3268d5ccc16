# hostile - many hostile peers of one kind (lib/hostile) beside honest ones, for
# what has loaded live/helpers.
# shellcheck shell=bash

# hostile_pki: hostile_certs' beside those of this directory, whose CA is trusted,
# too.
hostile_pki() {
	local name
	cp -r "$PKI" "$DIR/pki"
	PKI=$DIR/pki
	mkdir "$DIR/hostile"
	"$BUILD/hostile_certs" "$DIR/hostile"
	for name in chain-64k san-3500 san-10000; do
		cp "$DIR/hostile/$name.pem" "$PKI"
		cp "$DIR/hostile/key.pem" "$PKI/$name.key"
	done
	cat "$DIR/hostile/ca.pem" >>"$PKI/ca.pem"
	write_tls_cfg
}

# hostile_server LINE...: everybody must be a proxy. Log lines that are not ours
# are left out, as doc/refusals.md has it.
hostile_server() {
	start_kamailio "$(policy session_tickets shared)" "$(policy sips_require_client_certificate 1)" "$(policy verify_server_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" "$(policy proxy trusted.example.com)" \
		'tcp_max_connections=16384' 'modparam("tls", "con_ct_wq_max", 8000000)' \
		'loadmodule "debugger.so"' 'modparam("debugger", "mod_hash_size", 5)' 'modparam("debugger", "mod_level_mode", 1)' \
		'modparam("debugger", "mod_level", "tls=-2")' 'corelog=3' "$@"
}

declare -gA HOSTILE=() # by its name: the process

# hostile NAME KIND COUNT OPTION...: in the background; what they saw will be in
# $DIR/NAME.hostile.
hostile() {
	local name=$1
	shift
	"$BUILD/hostile_peer" "$PORT" "$PKI" "$@" >"$DIR/$name.hostile" 2>"$DIR/$name.err" 3>&- 4>&- &
	HOSTILE[$name]=$!
}

# honest NAME: connects as long as there are hostile ones, and 20 times at least;
# what it saw is in $DIR/NAME.honest. All of them are over then.
honest() {
	local pid name
	for name in "${!HOSTILE[@]}"; do
		pid=${HOSTILE[$name]}
		"$BUILD/tls_load" "$PORT" "$PKI/trusted.pem" "$PKI/trusted.key" "$PKI/ca.pem" 2 20 "${HONEST_VERSION:-1.3}" \
			times "while=$pid" >>"$DIR/$1.honest" 2>>"$DIR/$1.honest.err" 3>&- 4>&- || true
		wait "$pid" || {
			cat "$DIR/$name.err" >&2
			return 1
		}
	done
	HOSTILE=()
}

# milliseconds NAME: median, 99th part and longest of the honest ones.
milliseconds() {
	awk '$1 == "time" { print ($3 - $2) / 1000 }' "$DIR/$1.honest" | sort -n |
		awk '{ ms[NR] = $1 } END { if(NR) printf "median %.1f ms, 99%% %.1f ms, longest %.1f ms", ms[int((NR + 1) / 2)], ms[int(NR * 0.99 + 0.5)], ms[NR] }'
}
honest_of() { awk -F '[ =]' '/^ok=/ { ok += $2; failed += $4 } END { print "ok=" ok " failed=" failed }' "$DIR/$1.honest"; }
saw() { sed -n "s/.* $2=\([0-9]*\).*/\1/p" "$DIR/$1.hostile"; } # NAME WHAT

honest_figure() { echo "honest ones beside them: $(honest_of "$1"), $(milliseconds "$1")"; }
