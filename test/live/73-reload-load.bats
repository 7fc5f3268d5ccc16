#!/usr/bin/env bats
# The list is loaded anew, again and again, while clients connect: no failure, no
# growth of shared memory. RELOADS (20) and PROXIES (100000) make it longer.
load helpers

setup() {
	new_dir
	PROXIES=${PROXIES:-100000}
	seq -f 'sbc%.0f.carrier.example' "$PROXIES" >"$DIR/list"
}
teardown() { stop_kamailio; }

reload() { [ "$(rpc tls_policy.reload | tr -d ' \t\n{}')" = "proxies:$((PROXIES + 1))rules:0" ]; }
used() { rpc core.shmmem | sed -n 's/^[[:space:]]*used: //p'; }
closed() { [ "$(rpc core.tcp_info | sed -n 's/^[[:space:]]*opened_connections: //p')" = 0 ]; }

# Shared memory when no connection is left.
used_at_rest() {
	await closed
	used
}

hammer() { # CONNECTIONS
	"$BUILD/tls_load" "$PORT" "$PKI/trusted.pem" "$PKI/trusted.key" "$PKI/ca.pem" 4 "$1" 1.3 2>/dev/null 3>&-
}

@test "reloads under load: nobody is refused, nothing grows" {
	local before after reloads=0 load
	start_kamailio "$(policy sips_require_client_certificate 1)" "$(policy peer_host_name_verification_mode both)" \
		"$(policy proxy trusted.example.com)" "$(policy proxy_file "$DIR/list")"
	hammer 200 >/dev/null # every worker has made what it keeps
	reload
	before=$(used_at_rest)
	hammer 1200 >"$DIR/load" &
	load=$!
	while [ "$reloads" -lt "${RELOADS:-20}" ] || kill -0 "$load" 2>/dev/null; do
		reload
		reloads=$((reloads + 1))
	done
	wait "$load"
	grep -q 'failed=0' "$DIR/load"
	after=$(used_at_rest)
	echo "# figure: $reloads reloads of $((PROXIES + 1)) proxies, $(cat "$DIR/load"), shared memory $before -> $after" >&3
	# one list is more than 4,000,000 octets; connections leave some behind
	[ $((after - before)) -lt 400000 ]
}

@test "reloads that fail under load leave nothing behind" {
	local before after reloads=0 load
	start_kamailio "$(policy sips_require_client_certificate 1)" "$(policy peer_host_name_verification_mode both)" \
		"$(policy proxy trusted.example.com)" "$(policy proxy_file "$DIR/list")"
	hammer 200 >/dev/null
	before=$(used_at_rest)
	echo 'a..b' >>"$DIR/list"
	hammer 400 >"$DIR/load" &
	load=$!
	while [ "$reloads" -lt 10 ] || kill -0 "$load" 2>/dev/null; do
		rpc tls_policy.reload | grep -qF "$DIR/list:$((PROXIES + 1)): \"a..b\" has an empty label"
		reloads=$((reloads + 1))
	done
	wait "$load"
	grep -q 'failed=0' "$DIR/load"
	after=$(used_at_rest)
	[ $((after - before)) -lt 400000 ]
}

@test "no shared memory for another list: the old one stays" {
	start_kamailio "$(policy proxy_file "$DIR/list")"
	seq -f 'sbc%.0f.another-carrier-with-a-longer-name.example' 2500000 >"$DIR/list"
	rpc tls_policy.reload | grep -q 'no shared memory for an index of .* octets: start Kamailio with a larger -m'
	[ "$(rpc tls_policy.proxies name="sbc$PROXIES.carrier.example")" = "sbc$PROXIES.carrier.example" ]
	seq -f 'sbc%.0f.carrier.example' 10 >"$DIR/list"
	[ "$(rpc tls_policy.reload | tr -d ' \t\n{}')" = proxies:10rules:0 ]
}
