#!/usr/bin/env bats
# Proxies from parameters, files and real databases; reload is all or nothing.
load helpers

DISPATCHER='CREATE TABLE dispatcher (id INTEGER PRIMARY KEY NOT NULL, setid INTEGER DEFAULT 0 NOT NULL,
destination VARCHAR(192) DEFAULT '"''"' NOT NULL, flags INTEGER DEFAULT 0 NOT NULL, priority INTEGER DEFAULT 0 NOT NULL,
attrs VARCHAR(128) DEFAULT '"''"' NOT NULL, description VARCHAR(64) DEFAULT '"''"' NOT NULL);'

# PostgreSQL does not run as root; its process is ours by pid either way.
as_postgres() {
	if [ "$(id -u)" -eq 0 ]; then
		exec setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
	else
		exec "$@"
	fi
}

pg_ready() { pg "SELECT 1" >/dev/null 2>&1; }

pg_start() {
	(cd / && as_postgres "$PG_BIN/postgres" -D "$PG_DIR/data" -k "$PG_DIR" -h 127.0.0.1 -p "$PG_PORT" \
		-c fsync=off -c shared_buffers=4MB -c autovacuum=off >"$PG_DIR/log" 2>&1 3>&- 4>&-) &
	PG_PID=$!
	echo "$PG_PID" >"$PG_DIR/pid"
	await pg_ready
}

pg_gone() { ! kill -0 "$PG_PID" 2>/dev/null; }

pg_stop() {
	PG_PID=$(cat "$PG_DIR/pid")
	kill -INT "$PG_PID" 2>/dev/null || true # fast shutdown
	await pg_gone
}

pg() { # SQL
	psql -X -q -t -A -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U kamailio -d postgres -c "$1"
}

setup_file() {
	PG_BIN=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
	PG_DIR=$(mktemp -d /tmp/live-pg.XXXXXX)
	PG_PORT=$(free_port)
	export PG_BIN PG_DIR PG_PORT
	[ "$(id -u)" -ne 0 ] || chown postgres:postgres "$PG_DIR"
	(cd / && as_postgres "$PG_BIN/initdb" -D "$PG_DIR/data" -A trust -U kamailio -E UTF8 --locale=C --no-sync >/dev/null)
	pg_start
}

teardown_file() {
	pg_stop
	rm -rf "$PG_DIR"
}

setup() { new_dir; }
teardown() { stop_kamailio; }

source_lines() { # sqlite|postgres
	if [ "$1" = sqlite ]; then
		printf 'loadmodule "db_sqlite.so"\n'
		policy db_url "sqlite:///$DIR/proxies.db"
	else
		printf 'loadmodule "db_postgres.so"\n'
		policy db_url "postgres://kamailio:secret@127.0.0.1:$PG_PORT/postgres"
	fi
}

sql() { # sqlite|postgres SQL
	if [ "$1" = sqlite ]; then sqlite3 "$DIR/proxies.db" "$2"; else pg "$2"; fi
}

fresh_table() { # sqlite|postgres
	sql "$1" "DROP TABLE IF EXISTS dispatcher; $DISPATCHER" 2>/dev/null
	sql "$1" "INSERT INTO dispatcher (id, setid, destination) VALUES
		(1, 1, 'sip:trusted.example.com:5061;transport=tls'), (2, 1, 'sip:[2001:DB8::10]'), (3, 2, 'sips:b.example')"
}

names() { policy peer_host_name_verification_mode both; policy sips_require_client_certificate 1; }

count() { rpc tls_policy.proxies | sed -n 's/^[[:space:]]*count: //p'; }

# reload_refused SENTENCE: the answer holds it, and the list stays.
reload_refused() {
	local before answer
	before=$(rpc tls_policy.proxies)
	answer=$(rpc tls_policy.reload)
	if ! grep -qF -- "$1" <<<"$answer"; then
		echo "expected: $1; got: $answer" >&2
		return 1
	fi
	[ "$before" = "$(rpc tls_policy.proxies)" ]
}

reloaded() { # COUNT
	[ "$(rpc tls_policy.reload | tr -d ' \t\n{}')" = "proxies:$1rules:0" ]
	[ "$(count)" = "$1" ]
}

@test "one list from parameters and files, each host once" {
	printf 'a.example # one\n\nsip:u@B.example.:5061;transport=tls\n' >"$DIR/one"
	printf '# setid(int) destination(sip uri) flags(int,opt) priority(int,opt) attrs(str,opt)\n1 sip:c.example:5060 8 10 weight=50\n2 sip:[2001:db8::10]:5061\n2 sip:192.0.2.10\n' >"$DIR/dispatcher.list"
	start_kamailio "$(policy proxy trusted.example.com)" "$(policy proxy A.example)" \
		"$(policy proxy_file "$DIR/one")" "$(policy proxy_file "$DIR/dispatcher.list")"
	[ "$(count)" = 6 ]
	for name in trusted.example.com a.example b.example c.example 2001:db8::10 192.0.2.10; do
		[ "$(rpc tls_policy.proxies name="$name")" = "$name" ]
	done
}

@test "a reload takes effect on the next connection, in every worker" {
	echo other.example >"$DIR/list"
	start_kamailio "$(names)" "$(policy proxy_file "$DIR/list")"
	for round in 1 2 3; do
		echo trusted.example.com >"$DIR/list"
		reloaded 1
		for n in 1 2 3 4 5; do expect_accepted "in-$round-$n" $(as trusted); done
		echo other.example >"$DIR/list"
		reloaded 1
		for n in 1 2 3 4 5; do expect_refused "out-$round-$n" "bad certificate" $(as trusted); done
	done
}

@test "files: what does not start, by file and line" {
	printf 'a.example\nb..example\n' >"$DIR/list"
	refuses_start "$DIR/list:2: \"b..example\" has an empty label" "$(policy proxy_file "$DIR/list")"
	refuses_start "$DIR/none: No such file or directory" "$(policy proxy_file "$DIR/none")"
	refuses_start "$DIR: Is a directory" "$(policy proxy_file "$DIR")"
	refuses_start "proxy_file is empty" 'modparam("tls_policy", "proxy_file", "")'
	: >"$DIR/empty"
	refuses_start "no proxy is configured" "$(names)" "$(policy proxy_file "$DIR/empty")"
}

@test "files: NUL, long lines, CRLF, a byte order mark, two hosts, a wildcard" {
	printf '\xef\xbb\xbfa.example\r\n# c\r\n\r\n1 sip:b.example:5060 8\r\nc.example' >"$DIR/list"
	start_kamailio "$(names)" "$(policy proxy_file "$DIR/list")"
	[ "$(count)" = 3 ]
	printf 'a.example\nb.exa\0mple\n' >"$DIR/list"
	reload_refused "$DIR/list:2: \"b.exa\\x00mple\" has a NUL octet"
	{ echo a.example; head -c 5000 /dev/zero | tr '\0' a; } >"$DIR/list"
	reload_refused "$DIR/list:2: the line is longer than 4096 octets"
	printf 'a.example b.example\n' >"$DIR/list"
	reload_refused "$DIR/list:1: \"a.example b.example\" has a character that no host has"
	printf 'a.example\n\n\n*.carrier.example\n' >"$DIR/list"
	reload_refused "$DIR/list:4: \"*.carrier.example\" stands for every name below it, which wildcard_proxies=1 has to permit"
	rpc tls_policy.set wildcard_proxies 1
	reloaded 2
	rpc tls_policy.set wildcard_proxies 0 | grep -qF 'proxy "*.carrier.example" stands for every name below it'
	printf '\xff\xfea\0.\0b\0' >"$DIR/list"
	reload_refused "$DIR/list:1: \"\\xff\\xfea\\x00.\\x00b\\x00\" has a NUL octet"
	rm "$DIR/list"
	reload_refused "$DIR/list: No such file or directory"
	mkdir "$DIR/list"
	reload_refused "$DIR/list: Is a directory"
	rmdir "$DIR/list"
	: >"$DIR/list"
	reload_refused "no proxy is configured"
	mkfifo "$DIR/pipe" && mv "$DIR/pipe" "$DIR/list"
	reload_refused "$DIR/list: not a regular file" # nobody writes
	exec 4<>"$DIR/list"
	reload_refused "$DIR/list: not a regular file" # somebody may, one day
	exec 4>&-
	ln -sf /dev/zero "$DIR/list"
	reload_refused "$DIR/list: not a regular file"
	rm "$DIR/list"
	truncate -s 268435457 "$DIR/list"
	reload_refused "$DIR/list: larger than 268435456 octets"
	printf 'a.example\nb.example\n' >"$DIR/new" && mv "$DIR/new" "$DIR/list"
	reloaded 2
}

@test "without names to compare, an empty list is no error" {
	: >"$DIR/list"
	start_kamailio "$(policy proxy_file "$DIR/list")"
	reloaded 0
	echo a.example >"$DIR/list"
	reloaded 1
	: >"$DIR/list"
	reloaded 0
}

@test "a policy changed at run time counts for the next reload" {
	echo a.example >"$DIR/list"
	start_kamailio "$(policy proxy_file "$DIR/list")"
	rpc tls_policy.set peer_host_name_verification_mode both
	: >"$DIR/list"
	reload_refused "no proxy is configured"
	rpc tls_policy.set peer_host_name_verification_mode off
	reloaded 0
	rpc tls_policy.set peer_host_name_verification_mode both | grep -q "no proxy is configured"
}

for_each_database() { # FUNCTION
	local kind
	for kind in sqlite postgres; do
		"$1" "$kind" || {
			echo "with $kind" >&2
			return 1
		}
		stop_kamailio
	done
}

counts() { [ "$(count)" = "$1" ]; }

dispatcher_table() {
	echo file.example >"$DIR/list"
	fresh_table "$1" &&
		start_kamailio "$(names)" "$(source_lines "$1")" "$(policy proxy_file "$DIR/list")" &&
		[ "$(count)" = 4 ] &&
		[ "$(rpc tls_policy.proxies name=b.example)" = b.example ] &&
		expect_accepted "db-$1" $(as trusted) &&
		sql "$1" "UPDATE dispatcher SET destination = 'sip:other.example' WHERE id = 1" &&
		expect_accepted "before-$1" $(as trusted) &&
		reloaded 4 &&
		expect_refused "after-$1" "bad certificate" $(as trusted) &&
		sql "$1" "UPDATE dispatcher SET destination = 'trusted.example.com' WHERE id = 1" &&
		rpc tls_policy.set watch 1 && echo more.example >>"$DIR/list" && await counts 5 &&
		expect_accepted "watched-$1" $(as trusted) &&
		! grep -q secret "$DIR/log"
}

@test "the dispatcher table, beside a file, by command and by watch" {
	for_each_database dispatcher_table
}

own_table() {
	sql "$1" "DROP TABLE IF EXISTS carriers; CREATE TABLE carriers (host CHAR(40), port INTEGER)" 2>/dev/null
	sql "$1" "INSERT INTO carriers VALUES ('x.example', 1), (NULL, 2), ('  BÜCHER.example', 3)" &&
		start_kamailio "$(source_lines "$1")" "$(policy db_table carriers)" "$(policy db_column host)" &&
		[ "$(count)" = 2 ] &&
		[ "$(rpc tls_policy.proxies name=xn--bcher-kva.example)" = xn--bcher-kva.example ] &&
		sql "$1" "INSERT INTO carriers VALUES ('', 4)" &&
		reload_refused 'carriers.host, row 4: "" is empty' &&
		sql "$1" "DELETE FROM carriers" && reloaded 0 && sql "$1" "DROP TABLE carriers"
}

@test "another table and column: blanks trimmed, NULL passed over, an empty text refused" {
	for_each_database own_table
}

bad_rows() {
	fresh_table "$1"
	start_kamailio "$(names)" "$(source_lines "$1")" || return 1
	sql "$1" "INSERT INTO dispatcher (id, destination) VALUES (4, 'sip:a..b')"
	reload_refused 'dispatcher.destination, row 4: "sip:a..b" has an empty label' || return 1
	sql "$1" "UPDATE dispatcher SET destination = '*.carrier.example' WHERE id = 4"
	reload_refused '"*.carrier.example" stands for every name below it' || return 1
	sql "$1" "DELETE FROM dispatcher"
	reload_refused "no proxy is configured" || return 1
	sql "$1" "ALTER TABLE dispatcher RENAME COLUMN destination TO target"
	reload_refused "dispatcher.destination: the database does not give this column" || return 1
	sql "$1" "DROP TABLE dispatcher"
	reload_refused "dispatcher.destination: the database does not give this column" || return 1
	fresh_table "$1"
	reloaded 3
}

@test "bad rows, no row, no column, no table: the old list stays" {
	for_each_database bad_rows
}

@test "a database that is not there at start-up" {
	fresh_table sqlite
	refuses_start 'dispatcher.flags: the column is no text' "$(source_lines sqlite)" "$(policy db_column flags)"
	refuses_start 'nothing.destination: the database does not give this column' "$(source_lines sqlite)" "$(policy db_table nothing)"
	refuses_start 'dispatcher.nothing: the database does not give this column' "$(source_lines sqlite)" "$(policy db_column nothing)"
	refuses_start 'db_column is no name of letters' "$(source_lines sqlite)" "$(policy db_column 'a; DROP TABLE dispatcher')"
	refuses_start 'db_url needs the module db_sqlite: add loadmodule "db_sqlite.so"' "$(policy db_url "sqlite:///$DIR/proxies.db")"
	refuses_start 'db_url is no URL of a database' "$(policy db_url nonsense)"
	refuses_start 'db_url: no connection to the database (postgres)' 'loadmodule "db_postgres.so"' \
		"$(policy db_url "postgres://kamailio:secret@127.0.0.1:$(free_port)/postgres")"
}

@test "PostgreSQL stopped and started again between reloads" {
	fresh_table postgres
	start_kamailio "$(names)" "$(source_lines postgres)"
	pg_stop
	reload_refused 'db_url: no connection to the database (postgres)'
	expect_accepted meanwhile $(as trusted)
	pg_start
	reloaded 3
}

# PostgreSQL moves a row that changes to the end.
many_rows() {
	fresh_table "$1"
	sql "$1" "INSERT INTO dispatcher (id, destination) WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n
		WHERE i < 12000) SELECT i * 3, 'sip:p' || i || '.example' FROM n" &&
		start_kamailio "$(source_lines "$1")" && [ "$(count)" = 12000 ] &&
		[ "$(rpc tls_policy.proxies name=p12000.example)" = p12000.example ] &&
		[ "$(rpc tls_policy.proxies name=p5001.example)" = p5001.example ] &&
		sql "$1" "UPDATE dispatcher SET destination = 'a..b' WHERE id = 30000" &&
		reload_refused ': "a..b" has an empty label'
}

@test "more rows than are fetched at once" {
	for_each_database many_rows
}

view() {
	fresh_table "$1"
	sql "$1" "DROP VIEW IF EXISTS carriers; CREATE VIEW carriers AS SELECT destination AS host FROM dispatcher WHERE setid = 1" # the first DROP may say NOTICE
	start_kamailio "$(source_lines "$1")" "$(policy db_table carriers)" "$(policy db_column host)" &&
		[ "$(count)" = 2 ] && sql "$1" "DROP VIEW carriers"
}

@test "a view" {
	for_each_database view
}
