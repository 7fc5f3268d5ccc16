#!/usr/bin/env bats
# The figures: Debian's Prometheus scrapes cfg/kamailio.cfg with PROMETHEUS, and
# answers queries for them; what doc/figures.md, the dashboard and the alerts name
# is among what it got.
load helpers
load ../lib/ends

# Kamailio as `make run` has it, Prometheus that asks it every second, and of each
# kind of peer one.
# shellcheck disable=SC2046
setup_file() {
	DIR=$(mktemp -d "$BATS_FILE_TMPDIR/figures.XXXXXX")
	PORT=$(free_port) # phones, browsers and figures have the three behind it
	for _ in 1 2 3; do free_port >/dev/null; done
	AT=$(free_port)
	SAID=0
	setsid make -C "$ROOT" run "PORT=$PORT" WORKERS=2 PROMETHEUS=1 >"$DIR/run" 2>&1 3>&- &
	GROUP=$!
	await ready_or_over
	URL=$(sed -n 's|^curl \(http://[^ ]*\).*|\1|p' "$DIR/run")
	CTL=$(sed -n 's/^ready .*ctl=\([^ ]*\).*/\1/p' "$DIR/run")
	PKI=$(sed -n 's/^ready .*pki=//p' "$DIR/run")
	start_prometheus
	end_of client "$PORT" $(as trusted)
	end_of server listen="$AT" $(as trusted) answer=1
	says client "$PORT"
	says client "$AT"
	for name in stranger foreign; do ! probe $(as "$name") || return 1; done
	probe sni=new-carrier.example $(as stranger)
	declare -p ENDS DIR PORT GROUP URL CTL PKI PROMETHEUS_PORT PROMETHEUS | sed 's/^declare/& -g/' >"$BATS_FILE_TMPDIR/state"
}
teardown_file() {
	# shellcheck source=/dev/null
	. "$BATS_FILE_TMPDIR/state" 2>/dev/null || true
	for pid in "${ENDS[@]}" ${PROMETHEUS:-}; do kill -KILL "$pid" 2>/dev/null || true; done
	[ -z "${GROUP:-}" ] || kill -TERM -- "-$GROUP" 2>/dev/null || true
	[ -z "${GROUP:-}" ] || await nobody_left || kill -KILL -- "-$GROUP" 2>/dev/null || true
}
# shellcheck source=/dev/null
setup() { . "$BATS_FILE_TMPDIR/state"; }
teardown() { :; }

ready_or_over() { grep -q '^curl ' "$DIR/run" || nobody_left; }
nobody_left() { ! pgrep -g "$GROUP" >/dev/null; }
says() { # NAME PORT: an OPTIONS for whoever is at it, answered
	says_request "$1" OPTIONS "to-$2" "sip:127.0.0.1:$2;transport=tls"
	await got "$1" "to-$2" 'SIP/2.0 200'
}
own_port() { echo 9; }

start_prometheus() {
	PROMETHEUS_PORT=$(free_port)
	mkdir "$DIR/prometheus"
	cat >"$DIR/prometheus.yml" <<-YML
		rule_files: ["$ROOT/doc/prometheus-alerts.yml"]
		scrape_configs:
		  - job_name: kamailio
		    scrape_interval: 1s
		    static_configs: [targets: ["${URL#http://}"]]
	YML
	sed -i 's|/metrics"|"|' "$DIR/prometheus.yml"
	prometheus --config.file="$DIR/prometheus.yml" --storage.tsdb.path="$DIR/prometheus" \
		--web.listen-address="127.0.0.1:$PROMETHEUS_PORT" >"$DIR/prometheus.log" 2>&1 3>&- &
	PROMETHEUS=$!
}

api() { # PATH [NAME=VALUE]: the data of the answer
	curl -sfG "http://127.0.0.1:$PROMETHEUS_PORT/api/v1/$1" ${2:+--data-urlencode "$2"} | jq -ce 'select(.status == "success").data'
}
# query EXPRESSION: the values, one a line.
query() { api query "query=$1" | jq -r '.result[].value[1]'; }
is() { # VALUE EXPRESSION
	[ "$(query "$2")" = "$1" ]
}
known() { api label/__name__/values | jq -r '.[]' | grep '^kamailio_tls_policy_' | sort; }

# shellcheck disable=SC2016 # PromQL
@test "by rule and by the part that the peer plays" {
	await is 1 'kamailio_tls_policy_connections{rule="default",peer_role="client"}'
	await is 1 'kamailio_tls_policy_connections{rule="default",peer_role="server"}'
	await is 1 'kamailio_tls_policy_judged_total{rule="default",peer_role="client",verdict="accepted"}'
	await is 1 'kamailio_tls_policy_judged_total{rule="default",peer_role="server",verdict="accepted"}'
	await is 2 'kamailio_tls_policy_judged_total{rule="default",peer_role="client",verdict="refused"}'
	await is 1 'kamailio_tls_policy_judged_total{rule="new-carrier",verdict="would-be-refused"}'
	await is 1 'kamailio_tls_policy_reasons_total{reason="certificate-not-trusted",verdict="refused"}'
	await is 1 'kamailio_tls_policy_reasons_total{reason="certificate-host-mismatch",verdict="would-be-refused"}'
	is 2 'kamailio_tls_policy_rule_proxies{rule="default"}'
	# a rule without peers has no series
	is '' 'kamailio_tls_policy_connections{rule="tenant-a"}'
	# but for one whose connections a reload left behind
	is 0 'kamailio_tls_policy_connections{rule="(gone)",peer_role="client"}'
}

@test "the same, without labels" {
	await is 1 kamailio_tls_policy_would_refuse
	is 2 kamailio_tls_policy_accepted
	is 1 kamailio_tls_policy_accepted_clients
	is 1 kamailio_tls_policy_accepted_servers
	is 0 kamailio_tls_policy_accepted_server_auth_clients
	is 2 kamailio_tls_policy_refused_clients
	is 0 kamailio_tls_policy_refused_servers
	is 1 kamailio_tls_policy_would_refuse_clients
	is 1 kamailio_tls_policy_connections_servers
	is 0 kamailio_tls_policy_held_octets
	is 6 kamailio_tls_policy_rules
	is 4 kamailio_tls_policy_proxies
	is 1 kamailio_tls_policy_generation
	for kind in own anchors peers; do query "kamailio_tls_policy_days_left_$kind" | grep -xE '29|30'; done
}

@test "days left, by file and by peer" {
	for file in "own $PKI/server.pem" "anchor $PKI/ca.pem" "anchor $PKI/foreign-ca.pem"; do
		query "kamailio_tls_policy_days_left{kind=\"${file% *}\",file=\"${file#* }\"}" | grep -xE '29|30'
	done
	for role in client server; do
		query "kamailio_tls_policy_peer_days_left{rule=\"default\",peer_role=\"$role\",identity=\"trusted.example.com\"}" | grep -xE '29|30'
	done
	is 2 'count(kamailio_tls_policy_peer_days_left)'
}

@test "a peer that has renewed has the days of its new certificate" {
	openssl req -new -key "$PKI/trusted.key" -subj /CN=renewed -out "$DIR/renewed.csr"
	openssl x509 -req -in "$DIR/renewed.csr" -CA "$PKI/ca.pem" -CAkey "$PKI/ca.key" -set_serial 4711 -days 365 -out "$DIR/renewed.pem" \
		-extfile <(printf 'subjectAltName=DNS:trusted.example.com\nextendedKeyUsage=clientAuth,serverAuth\n') 2>/dev/null
	probe cert="$DIR/renewed.pem" key="$PKI/trusted.key" | grep alert=none
	await renewed client
	query 'kamailio_tls_policy_peer_days_left{rule="default",peer_role="server",identity="trusted.example.com"}' | grep -xE '29|30'
}
renewed() { query "kamailio_tls_policy_peer_days_left{rule=\"default\",peer_role=\"$1\",identity=\"trusted.example.com\"}" | grep -xE '36[45]'; }

@test "every name of doc/figures.md was scraped, and no other" {
	local reasons
	reasons=$(sed -nE 's/^\t*\{TLSP_REASON_[A-Z_]+, "([a-z-]+)"\},.*/\1/p' "$ROOT/modules/tls_policy/policy/explain.c" | tr - _)
	{
		sed -nE 's/^\| `([a-z_]+)` \| (counter|gauge) \|.*/kamailio_tls_policy_\1/p; s/^\| `(kamailio_[a-z_]+)` \|.*/\1/p' "$ROOT/doc/figures.md"
		for reason in $reasons; do printf 'kamailio_tls_policy_%s\n' "refused_$reason" "would_refuse_$reason"; done
	} | sort >"$BATS_TEST_TMPDIR/named"
	known | diff "$BATS_TEST_TMPDIR/named" -
}

# shellcheck disable=SC2016 # Grafana's variables
@test "the dashboard's expressions are answered, by names that were scraped" {
	local expression names count=0
	names=$(known)
	while read -r expression; do
		expression=${expression//'$__rate_interval'/1m}
		expression=${expression//'$instance'/.*}
		expression=${expression//'$rule'/.*}
		for name in $(grep -oE 'kamailio_[a-z_]+' <<<"$expression"); do grep -qx "$name" <<<"$names"; done
		[ -n "$(await answered "$expression")" ]
		count=$((count + 1))
	done < <(jq -r '(.panels[].targets[].expr), (.templating.list[].query.query? // empty | sub("label_values\\((?<name>[a-z_]+),.*"; "\(.name)"))' "$ROOT/doc/grafana-dashboard.json")
	[ "$count" -gt 20 ]
}
answered() { query "$1" | grep .; }

@test "the alerts are good rules, over names that were scraped" {
	promtool check rules "$ROOT/doc/prometheus-alerts.yml" | grep 'SUCCESS: [0-9]* rules found'
	for name in $(grep -oE 'kamailio_[a-z_]+' "$ROOT/doc/prometheus-alerts.yml"); do known | grep -qx "$name"; done
	api rules | jq -e '[.groups[].rules[] | select(.health == "err")] == []'
}

@test "a rule that is new is told at the next scrape" {
	printf '[rule:%s]\nlisten = :%s\nenforcement = testing\n' new "$PORT" >>"$(dirname "$CTL")/tls_policy.cfg"
	kamcmd -s "$CTL" tls_policy.reload | grep 'rules: 7'
	# shellcheck disable=SC2046
	probe sni=elsewhere.example $(as stranger) || true
	await is 7 kamailio_tls_policy_rules
	await is 2 kamailio_tls_policy_generation
	await is 1 'kamailio_tls_policy_judged_total{rule="new",verdict="would-be-refused"}'
	is 1 kamailio_tls_policy_reloads
}

@test "only the figures, and only where they are asked for" {
	[ "$(curl -s -o /dev/null -w '%{http_code}' "$URL/other")" = 404 ]
	# a browser's listener is left alone by the policy
	browsers=$(sed -n 's/.* browsers=127.0.0.1:\([0-9]*\)$/\1/p' "$DIR/run")
	[ "$(curl -sk -o /dev/null -w '%{http_code}' "https://127.0.0.1:$browsers/metrics")" = 404 ]
	# no SIP on it
	port=${URL##*:} port=${port%/*}
	exec 6<>"/dev/tcp/127.0.0.1/$port"
	printf 'OPTIONS sip:127.0.0.1:%s SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKx\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n' "$port" >&6
	printf 'GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n' >&6
	read -r -t 30 first <&6
	exec 6>&-
	[[ $first == "HTTP/1.1 200"* ]]
}

@test "Debian's prometheus.yml takes what the page adds to it" {
	local page=$ROOT/doc/figures.md yml=$DIR/debian/prometheus.yml
	mkdir "$DIR/debian"
	cp /etc/prometheus/prometheus.yml "$ROOT/doc/prometheus-alerts.yml" "$DIR/debian"
	awk '/^```/ { inside = 0 } inside; /^```yaml/ { inside = 1 }' "$page" >>"$yml"
	eval "$(sed -n "s|/etc/prometheus/prometheus.yml|$yml|; /^sed -i/p" "$page")"
	promtool check config "$yml" | grep 'SUCCESS: 1 rule files found'
	promtool check config "$yml" | grep 'SUCCESS: 5 rules found'
	sed -n '/^scrape_configs:/,$p' "$yml" | grep -A 1 -- '- job_name: kamailio' | grep 127.0.0.1:9464
}
