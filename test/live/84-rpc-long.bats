#!/usr/bin/env bats
# Answers that are longer than kamcmd takes: as many rows as arrive, and what to
# type for the others; over JSON-RPC all of them.
# shellcheck disable=SC2046
load helpers
load ../lib/rpc

OPEN=700 RULES=1500

write_rules() { # [RULE...]: lines in front of the others
	{
		printf '[default]\ntls_version = 12\n' && printf '%s\n' "$@"
		for n in $(seq "$RULES"); do
			printf '[rule:customer-number-%d]\npeer = 10.%d.%d.0/24\nwildcards = 0\n' "$n" $((n / 250)) $((n % 250))
		done
	} >"$DIR/rules.cfg"
}

setup_file() {
	new_dir
	write_rules '[rule:phones]' 'peer = 127.0.0.1' 'wildcards = 0'
	SHARED_MB=256 start_kamailio "$(policy config "$DIR/rules.cfg")" "$(over_json)"
	mkfifo "$DIR/orders"
	"$BUILD/bench/load" port="$PORT" cert="$PKI/trusted.pem" key="$PKI/trusted.key" ca="$PKI/ca.pem" version=1.3 \
		count="$OPEN" flight=8 hold=1 bare=1 <>"$DIR/orders" >"$DIR/load" 2>&1 3>&- 4>&- &
	LOAD=$!
	export LOAD
	await grep -q "^ok=$OPEN " "$DIR/load"
}
teardown_file() {
	kill "$LOAD" 2>/dev/null || true
	stop_kamailio
}

members() { sed -n "s/^[[:space:]]*$1: //p"; } # KEY

# pages KEY COMMAND: KEY of every row, as many pages as there are.
pages() {
	local key=$1 page more=''
	shift
	PAGES=0
	while :; do
		# shellcheck disable=SC2086
		page=$(rpc "$@" $more)
		members "$key" <<<"$page"
		more=$(members more <<<"$page")
		PAGES=$((PAGES + 1))
		[ -n "$more" ] || break
	done
	[ "$PAGES" -gt 1 ]
}

@test "rules: page by page all of them, in their order" {
	pages name tls_policy.rules >"$DIR/paged"
	by_json tls_policy.rules | jq -r '.result[].name' >"$DIR/all"
	[ "$(wc -l <"$DIR/all")" = $((RULES + 2)) ]
	diff "$DIR/all" "$DIR/paged"
	[ "$(rpc tls_policy.rules 2 | members name | tr '\n' ' ')" = 'phones customer-number-1 ' ]
	[ "$(rpc tls_policy.rules 2 | members left_out)" = "$RULES" ]
	[ "$(rpc tls_policy.rules from=customer-number-1500 | members name | tr '\n' ' ')" = 'customer-number-1500 default ' ]
	[ "$(rpc tls_policy.rules from=default | members name)" = default ]
	same_fault 'there is no rule "none"' tls_policy.rules from=none
}

@test "connections: newest first, page by page, by rule and by peer" {
	pages id tls_policy.connections >"$DIR/paged"
	by_json tls_policy.connections | jq -r '.result[].id' >"$DIR/all"
	[ "$(wc -l <"$DIR/all")" = "$OPEN" ]
	diff "$DIR/all" "$DIR/paged"
	sort -rn "$DIR/all" | diff "$DIR/all" -
	[ "$(rpc tls_policy.connections 3 | members id | tr '\n' ' ')" = "$(head -n 3 "$DIR/all" | tr '\n' ' ')" ]
	[ "$(rpc tls_policy.connections 3 | members left_out)" = $((OPEN - 3)) ]
	pages id tls_policy.connections rule=phones peer=127.0.0.1 | diff "$DIR/all" -
	[ -z "$(rpc tls_policy.connections rule=default)$(rpc tls_policy.connections 'peer=[::1]')" ]
	for words in 0 -1 x from=0 from=x peer=localhost 'rule=' '1 2'; do
		# shellcheck disable=SC2086
		same_fault 'usage: tls_policy.connections [N] [from=ID] [rule=RULE] [peer=ADDRESS]' tls_policy.connections $words
	done
}

@test "recheck dry: the sum first, then as many as arrive" {
	rpc tls_policy.set sips_require_client_certificate 1
	rpc tls_policy.recheck dry >"$DIR/dry"
	[ "$(members unasked <"$DIR/dry")" = "$OPEN" ]
	[ "$(($(members id <"$DIR/dry" | wc -l) + $(members left_out <"$DIR/dry")))" = "$OPEN" ]
	[ "$(by_json tls_policy.recheck dry | jq '.result | length')" = $((OPEN + 1)) ]
	rpc tls_policy.set sips_require_client_certificate 0
}

@test "connections whose rule is gone are counted, until they are judged anew" {
	write_rules
	rpc tls_policy.reload | grep "rules: $RULES"
	[ "$(by_json tls_policy.rules | jq -c '.result[-1]')" = "{\"name\":\"(gone)\",\"connections\":$OPEN}" ]
	rpc tls_policy.rules from=default | grep -A1 'name: (gone)' | grep "connections: $OPEN"
	rpc tls_policy.recheck | grep 'closed: 0'
	[ "$(by_json tls_policy.rules | jq -c '.result[-1] | [.name, .connections]')" = "[\"default\",$OPEN]" ]
}
