#!/usr/bin/env bats
# A session comes back to whichever TCP worker it meets, by a ticket under keys
# that all share or out of a cache that all share, in the default domain and in
# one chosen by server name, over tls.reload and a change of the list; with off it
# does not. What was not given like that is a full handshake.
load helpers
load ../lib/trust
MEMORY_MANAGER=fm

# shellcheck disable=SC2016
SEES=' worker=$pp'

setup_file() {
	new_dir 4
	echo trusted.example.com >"$DIR/proxies"
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode server)" "$(policy proxy_file "$DIR/proxies")"
}
teardown_file() { stop_kamailio; }
teardown() { [ -z "${OWN:-}" ] || stop_kamailio; }

# own: this test has a Kamailio of its own, in the place of the file's.
own() {
	stop_kamailio
	OWN=1
}

comes_back_by() { rpc tls_policy.set session_tickets "$1"; }

# sessions VERSION CLIENTS CONNECTIONS OPTIONS...
sessions() {
	"$BUILD/tls_load" "$PORT" "$PKI/trusted.pem" "$PKI/trusted.key" "$PKI/ca.pem" "$2" "$3" "$1" resume "${@:4}"
}

# all_resumed VERSION OPTIONS...: of 100 no less than 97, by more than one worker: who
# finds the cache in use by another process makes a full handshake.
all_resumed() {
	local got before
	before=$(wc -l <"$DIR/log")
	got=$(sessions "$1" 5 100 "${@:2}")
	[[ $got =~ ^ok=100\ failed=0\ resumed=([0-9]+)$ && ${BASH_REMATCH[1]} -ge 97 ]] || {
		echo "$*: $got" >&2
		return 1
	}
	[ "$(tail -n +"$before" "$DIR/log" | grep -o 'worker=[0-9]*' | sort -u | wc -l)" -gt 1 ]
}
everywhere() { # OPTIONS...
	local version
	for version in 1.2 1.3; do
		all_resumed "$version" "$@"
		all_resumed "$version" name=sni.example "$@"
	done
}

@test "shared: they are resumed, whichever worker they meet" {
	comes_back_by shared
	everywhere
}

@test "cache: they are resumed, also of clients that take no tickets" {
	comes_back_by cache
	everywhere
	everywhere by_id
}

# Eight clients get a session each, of both versions, in both domains; then what
# $2 does; then each uses its session four times. |$1|: how many of 32 are resumed, or
# one or two less: who finds the keys being turned, or the cache in use, by another
# process makes a full handshake.
over() { # COUNT COMMAND...
	local version name count=$1 got files=()
	shift
	rm -f "$DIR/go" "$DIR"/over-*
	for version in 1.2 1.3; do
		for name in trusted.example sni.example; do
			files+=("$DIR/over-$version-$name")
			sessions "$version" 2 8 first "after=$DIR/go" "name=$name" >"${files[-1]}" 2>&1 3>&- 4>&- &
		done
	done
	await have_sessions 8
	"$@"
	: >"$DIR/go"
	wait_for_all
	got=$(cat "${files[@]}" | awk -F= '/^ok=8 failed=0 resumed=/ { sum += $4; files++ } END { print files == 4 ? sum : -1 }')
	[[ $got -ge 0 && $got -le $count && $got -ge $((count - 2)) ]] || {
		tail -n 2 "${files[@]}" >&2
		return 1
	}
}
have_sessions() { [ "$(cat "$DIR"/over-* | grep -c '^has a session$')" -eq "$1" ]; }
wait_for_all() { # but Kamailio
	local job
	for job in $(jobs -p); do [ "$job" = "$SERVER" ] || wait "$job" || return 1; done
}

each_way() { # COMMAND...
	local how
	for how in shared cache; do
		comes_back_by "$how"
		"$@"
	done
}

reload() { rpc tls.reload | grep -q Ok; }
add_proxy() {
	echo new.example.com >>"$DIR/proxies"
	rpc tls_policy.reload
}
both() { reload && add_proxy; }
@test "sessions outlive a tls.reload where nothing changed, and a new proxy" { each_way over 32 both; }

other_ciphers() {
	sed -i.before 's/^cipher_list.*/cipher_list = ECDHE-ECDSA-CHACHA20-POLY1305:@SECLEVEL=0/' "$DIR/tls.cfg"
	reload
}
the_ciphers_of_before() {
	mv "$DIR/tls.cfg.before" "$DIR/tls.cfg"
	reload
}
no_other_ciphers() {
	over 0 other_ciphers
	the_ciphers_of_before
}
@test "where tls.cfg permits other ciphers now nobody goes on with one of before" { each_way no_other_ciphers; }

@test "off: nobody is resumed, and nobody gets a ticket" {
	each_way over 0 comes_back_by off
	comes_back_by off
	# shellcheck disable=SC2046
	[[ $(probe version=1.3 session_out="$DIR/session" $(as trusted)) == *answer=200 ]]
	[ ! -s "$DIR/session" ]
}

# A bit of the ticket, or of the id, here and there.
touched() {
	local version bit
	for version in 1.2 1.3; do
		# shellcheck disable=SC2046
		probe version="$version" $(as trusted) session_out="$DIR/session"
		for bit in 0 130 255; do
			# shellcheck disable=SC2046
			[[ $(probe version="$version" $(as trusted) session_in="$DIR/session" touch="$bit") == \
				*"resumed=0 alert=none answer=200" ]] || return 1
		done
		# shellcheck disable=SC2046
		[[ $(probe version="$version" $(as trusted) session_in="$DIR/session") == *"resumed=1 alert=none answer=200" ]] ||
			return 1
	done
}
@test "a ticket or an id that was touched is a full handshake" { each_way touched; }

# Without what connections have: some of it is freed behind their end, on a busy
# machine long behind it, so that SLACK octets prove nothing.
SLACK=262144
free_memory() {
	LAST=
	await no_connections
	await stays
	echo "$LAST"
}
no_connections() { rpc core.tcp_info | grep -q 'opened_tls_connections: 0'; }
stays() {
	local now
	now=$(rpc core.shmmem | sed -n 's/^[[:space:]]*free: //p')
	[ "$now" = "$LAST" ] || {
		LAST=$now
		return 1
	}
}

@test "the cache has its memory while it is wanted, and no more than there is" {
	local before
	comes_back_by shared
	all_resumed 1.3
	before=$(free_memory)
	comes_back_by cache
	[ $((before - $(free_memory))) -ge $((8388608 - SLACK)) ]
	rpc tls_policy.set session_cache_octets 1073741824 |
		grep 'no shared memory for session_tickets=cache with session_cache_octets=1073741824'
	rpc tls_policy.set session_cache_octets 1048575 | grep 'is not a number from 1048576 to 1073741824 (octets)'
	rpc tls_policy.set session_tickets often | grep 'or one of shared, cache, off'
	all_resumed 1.3
	rpc tls_policy.set session_cache_octets 2097152
	[ $((before - $(free_memory))) -lt 8388608 ]
	all_resumed 1.3
	for _ in 1 2 3 4 5; do
		comes_back_by off
		comes_back_by cache
	done
	comes_back_by shared
	[ $((before - $(free_memory))) -lt $SLACK ]
}

@test "as it was configured: a cache from the start, or no start" {
	own
	refuses_start 'no shared memory for session_tickets=cache with session_cache_octets=1073741824' \
		"$(policy session_tickets cache)" "$(policy session_cache_octets 1073741824)"
	start_kamailio "$(policy session_tickets cache)" "$(policy session_cache_octets 1048576)"
	all_resumed 1.2 by_id
}

@test "what is over is no use, in any worker" {
	own
	faked_clock
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode server)" "$(policy proxy trusted.example.com)"
	local how at=0
	for how in shared cache; do
		comes_back_by "$how"
		over 32 clock $((at + 150))
		at=$((at + 150))
		over 32 clock $((at + 270))
		at=$((at + 270))
		over 0 clock $((at + 310))
		at=$((at + 310))
	done
}
