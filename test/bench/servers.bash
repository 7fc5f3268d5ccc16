# servers - the servers that the benchmarks compare, each by its NAME:
#   floor-N haproxy-N nginx-N        with N processes (haproxy: threads)
#   stock-N[-fm]                     Kamailio with the fork cure alone
#   ours-N[-fm][-shared|-cache|-off] with tls_policy; session_tickets, if given
#   idle-N[-fm]                      with tls_policy that asks for nothing: no parameter set
# N: TCP workers; fm: started with `-x fm`. All require a client's certificate and serve
# two ports, with an ECDSA P-256 and an RSA-2048 certificate, TLS 1.2 and 1.3. To
# be sourced after live/helpers.
# shellcheck shell=bash

# shellcheck disable=SC2034 # DIRS: for who sources this
declare -gA PIDS=() PORTS=() DIRS=()
MEMORY=${MEMORY:-512} # of each Kamailio, in MB
NGINX_MODULES=/usr/lib/nginx/modules

# make_keys: $KEYS/ec and $KEYS/rsa: ca, server, trusted.
make_keys() {
	KEYS=$BATS_FILE_TMPDIR
	make_pki "$KEYS/ec"
	mkdir -p "$KEYS/rsa"
	(
		cd "$KEYS/rsa" || exit
		openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj "/CN=Test CA" \
			-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
		sign_rsa server "DNS:gateway.example,IP:127.0.0.1"
		sign_rsa trusted "DNS:trusted.example.com"
	) 2>/dev/null
}
sign_rsa() { # NAME SAN
	openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -subj "/CN=$1" |
		openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out "$1.pem" \
			-extfile <(printf '%s\n' "basicConstraints=CA:FALSE" "keyUsage=digitalSignature,keyEncipherment" \
				"extendedKeyUsage=serverAuth,clientAuth" "subjectAltName=$2")
}

# proxies COUNT: a file of so many, with the peer's in the middle; its name.
proxies() {
	local file=$BATS_FILE_TMPDIR/proxies.$1
	[ -e "$file" ] || awk -v count="$1" 'BEGIN {
		for(i = 1; i < count; i++) {
			if(i == int((count + 1) / 2)) print "trusted.example.com"
			printf "sbc%d.carrier%d.example\n", i, i % 101
		}
		if(count <= 2) print "trusted.example.com"
	}' >"$file"
	echo "$file"
}

ten_rules() { # of which the last is for our peers
	local i
	for ((i = 1; i < 10; i++)); do
		printf '[rule:carrier%d]\npeer = 203.0.113.%d\nserver_name = sbc%d.example\nproxy = sip%d.example\n' $i $i $i $i
	done
	printf '[rule:peers]\npeer = 127.0.0.0/8\n'
}

# The parameters of the manual, all on, and ten rules.
write_policy() { # DIR
	ten_rules >"$1/tls_policy.cfg"
	policy config "$1/tls_policy.cfg"
	policy tls_version 12
	policy tls_rehandshake_interval 60
	policy sips_require_client_certificate 1
	policy verify_server_certificate 1
	policy peer_host_name_verification_mode both
	policy proxy_file "$(proxies "${PROXIES:-1000}")"
}

write_domains() { # DIR RSA-PORT
	local section keys
	for section in server:default "server:127.0.0.1:$2" server:any client:default; do
		keys=$KEYS/ec
		[ "$section" != "server:127.0.0.1:$2" ] || keys=$KEYS/rsa
		printf '[%s]\nmethod = TLSv1.2+\nprivate_key = %s\ncertificate = %s\nca_list = %s\n' \
			"$section" "$keys/server.key" "$keys/server.pem" "$keys/ca.pem"
		printf 'verify_certificate = yes\nrequire_certificate = yes\n'
		[ "$section" != server:any ] || echo 'server_name = sni.example'
	done >"$1/tls.cfg"
}

write_kamailio() { # DIR WORKERS EC-PORT RSA-PORT LINE...
	local dir=$1 workers=$2 ec=$3 rsa=$4
	shift 4
	write_domains "$dir" "$rsa"
	cat >"$dir/kamailio.cfg" <<CFG
debug=1
log_stderror=yes
auto_aliases=no
dns=no
rev_dns=no
children=1
tcp_children=$workers
tcp_max_connections=20000
tls_max_connections=20000
tcp_connection_lifetime=3600
enable_tls=yes
listen=udp:127.0.0.1:$ec
listen=tls:127.0.0.1:$ec
listen=tls:127.0.0.1:$rsa
mpath="$("$ROOT/scripts/kamailio-modules")/"
loadmodule "ctl.so"
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "tls.so"
modparam("ctl", "binrpc", "unix:$dir/ctl")
modparam("tls", "config", "$dir/tls.cfg")
$(printf '%s\n' "$@")
request_route {
	if(is_method("REGISTER")) {
		save("location");
		exit;
	}
	sl_send_reply("200", "OK");
}
CFG
}

listens() {
	listening "${PORTS[$1-ec]}" && listening "${PORTS[$1-rsa]}" || return 1
	case $1 in # the process that is forked last is there
		stock-* | ours-* | idle-*) kamcmd -s "unix:${DIRS[$1]}/ctl" core.psx 2>/dev/null | grep -q 'tcp main process' ;;
	esac
}

# serve NAME: ready; its process is in PIDS, its ports are in PORTS[NAME-ec] and
# [NAME-rsa], its files in DIRS.
serve() {
	local name=$1 dir words
	[ -z "${PIDS[$name]:-}" ] || return 0
	IFS=- read -ra words <<<"$name"
	dir=$BATS_FILE_TMPDIR/$name
	mkdir -p "$dir"
	DIRS[$name]=$dir
	PORTS[$name-ec]=$(free_port)
	PORTS[$name-rsa]=$(free_port)
	case ${words[0]} in
		stock | ours | idle) serve_kamailio "$name" "$dir" "${words[@]}" ;;
		*) "serve_${words[0]}" "$dir" "${words[1]}" "${PORTS[$name-ec]}" "${PORTS[$name-rsa]}" ;;
	esac
	PIDS[$name]=$!
	SERVER=$! await listens "$name" || {
		tail -n 5 "$dir/log" >&2
		return 1
	}
}

serve_kamailio() { # NAME DIR WORDS...
	local name=$1 dir=$2 kind=$3 workers=$4 lines=() word options=()
	shift 4
	lines=("loadmodule \"$BUILD/bench/fork_cure.so\"")
	if [ "$kind" != stock ]; then
		mapfile -t lines < <(
			echo "loadmodule \"$BUILD/tls_policy.so\""
			[ "$kind" = idle ] || write_policy "$dir"
			for word; do
				[ "$word" = fm ] || policy session_tickets "$word"
			done
		)
	fi
	[ "${1:-}" != fm ] || options=(-x fm)
	write_kamailio "$dir" "$workers" "${PORTS[$name-ec]}" "${PORTS[$name-rsa]}" "${lines[@]}" ${LINES_TOO[@]+"${LINES_TOO[@]}"}
	${BEFORE[@]+"${BEFORE[@]}"} kamailio -f "$dir/kamailio.cfg" -DD -E -m "$MEMORY" -M 8 "${options[@]}" -Y "$dir" -w "$dir" >"$dir/log" 2>&1 3>&- 4>&- &
}

serve_floor() { # DIR WORKERS EC-PORT RSA-PORT
	"$BUILD/bench/floor" "$2" "$3" "$KEYS/ec/server.pem" "$KEYS/ec/server.key" "$KEYS/ec/ca.pem" \
		"$4" "$KEYS/rsa/server.pem" "$KEYS/rsa/server.key" "$KEYS/rsa/ca.pem" >"$1/log" 2>&1 &
}

# In the mode of HTTP, since then it waits for a request, as the others do, and
# needs no server behind it.
serve_haproxy() { # DIR WORKERS EC-PORT RSA-PORT
	local kind port
	cat >"$1/haproxy.cfg" <<CFG
global
	nbthread $2
	maxconn 8000
defaults
	mode http
	timeout client 60s
	timeout connect 60s
	timeout server 60s
CFG
	for kind in ec rsa; do
		cat "$KEYS/$kind/server.pem" "$KEYS/$kind/server.key" >"$1/$kind.pem"
		port=$3
		[ "$kind" = ec ] || port=$4
		printf 'frontend %s\n\tbind 127.0.0.1:%s ssl crt %s ssl-min-ver TLSv1.2 ca-file %s verify required\n' \
			"$kind" "$port" "$1/$kind.pem" "$KEYS/$kind/ca.pem"
	done >>"$1/haproxy.cfg"
	haproxy -db -f "$1/haproxy.cfg" >"$1/log" 2>&1 &
}

serve_nginx() { # DIR WORKERS EC-PORT RSA-PORT
	local kind port
	{
		printf 'load_module %s/ngx_stream_module.so;\n' "$NGINX_MODULES"
		printf 'daemon off;\nworker_processes %s;\npid %s/pid;\nerror_log %s/error.log;\n' "$2" "$1" "$1"
		printf 'events { worker_connections 8000; }\nstream {\nssl_session_cache shared:bench:10m;\n'
		for kind in ec rsa; do
			port=$3
			[ "$kind" = ec ] || port=$4
			printf 'server { listen 127.0.0.1:%s ssl; ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate %s; ssl_certificate_key %s;\n' \
				"$port" "$KEYS/$kind/server.pem" "$KEYS/$kind/server.key"
			printf 'ssl_client_certificate %s; ssl_verify_client on; return ""; }\n' "$KEYS/$kind/ca.pem"
		done
		echo '}'
	} >"$1/nginx.conf"
	nginx -p "$1" -e "$1/error.log" -c "$1/nginx.conf" >"$1/log" 2>&1 &
}

# stop NAME: also what it has forked.
stop() {
	# shellcheck disable=SC2034 # of stop_kamailio
	SERVER=${PIDS[$1]:-}
	unset "PIDS[$1]"
	stop_kamailio || true
}
stop_all() {
	local name
	for name in "${!PIDS[@]}"; do stop "$name"; done
}

# loads NAME KIND VERSION LOAD-ARGUMENT...: what load prints, of the server NAME with
# the certificates of KIND: ec, rsa. With WATCHED=0 it does not wait until the server
# is idle, to know its CPU time.
loads() {
	local name=$1 keys=$KEYS/$2 port=${PORTS[$1-$2]} version=$3
	shift 3
	"$BUILD/bench/load" port="$port" cert="$keys/trusted.pem" key="$keys/trusted.key" ca="$keys/ca.pem" \
		version="$version" server="${WATCHED-${PIDS[$name]}}" "$@"
}
