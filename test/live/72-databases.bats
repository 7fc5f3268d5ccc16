#!/usr/bin/env bats
# Proxies from real databases: SQLite, PostgreSQL and MariaDB, with the tables
# that Kamailio makes there. What is wrong is named by its key, a reload is all
# or nothing, and a database may go and come back.
load helpers
load ../lib/sources
load ../lib/databases
load ../lib/ends

setup_file() {
	databases_init
	pg_start
	my_start
}
teardown_file() { databases_stop; }

setup() { new_dir; }
teardown() {
	kill -CONT "$(cat "$DB_DIR/pg.pid")" 2>/dev/null || true
	stop_ends
	stop_kamailio
}

fresh_table() { # KIND
	dispatcher_of "$1" && sql "$1" "INSERT INTO dispatcher (id, setid, destination) VALUES
		(11, 1, 'sip:trusted.example.com:5061;transport=tls'), (12, 1, 'sip:[2001:DB8::10]'), (13, 2, 'sips:b.example')"
}

for_each_database() { # FUNCTION
	local kind
	for kind in sqlite postgres mariadb; do
		"$1" "$kind" || {
			echo "with $kind" >&2
			return 1
		}
		stop_kamailio
	done
}

dispatcher_table() {
	fresh_table "$1" &&
		start_kamailio "$(names)" "$(database_of "$1")" "$(policy proxy_file "$DIR/list")" &&
		is_in_force "$1" && rows_are_judged "$1" && ! grep -q secret "$DIR/log"
}

is_in_force() {
	[ "$(count)" = 4 ] &&
		[ "$(rpc tls_policy.proxies name=b.example)" = b.example ] &&
		expect_accepted "db-$1" $(as trusted) &&
		sql "$1" "UPDATE dispatcher SET destination = 'sip:other.example' WHERE id = 11" &&
		expect_accepted "before-$1" $(as trusted) &&
		reloaded 4 &&
		expect_refused "after-$1" "bad certificate" $(as trusted) &&
		sql "$1" "UPDATE dispatcher SET destination = 'trusted.example.com' WHERE id = 11" &&
		rpc tls_policy.set watch 1 && echo more.example >>"$DIR/list" && await counts 5 &&
		expect_accepted "watched-$1" $(as trusted) && rpc tls_policy.set watch 0
}
counts() { [ "$(count)" = "$1" ]; }

rows_are_judged() {
	sql "$1" "INSERT INTO dispatcher (id, destination) VALUES (4711, 'sip:a..b')"
	reload_refused 'dispatcher.destination, id 4711: "sip:a..b" has an empty label' || return 1
	sql "$1" "INSERT INTO dispatcher (id, destination) VALUES (5000, 'sip:c d'), (5001, '')"
	reload_refused 'dispatcher.destination, id 4711: "sip:a..b" has an empty label; and 2 more, which the log names' || return 1
	logged 'dispatcher.destination, id 5000: "sip:c d" has a character that no host has' || return 1
	logged 'dispatcher.destination, id 5001: "" is empty' || return 1
	sql "$1" "DELETE FROM dispatcher WHERE id >= 5000; UPDATE dispatcher SET destination = '*.carrier.example' WHERE id = 4711"
	reload_refused 'id 4711: "*.carrier.example" stands for every name below it' || return 1
	: >"$DIR/list"
	sql "$1" "DELETE FROM dispatcher"
	reload_refused "no proxy is configured" || return 1
	sql "$1" "ALTER TABLE dispatcher RENAME COLUMN destination TO target"
	reload_refused "dispatcher.destination: the database does not give this column" || return 1
	sql "$1" "DROP TABLE dispatcher"
	reload_refused "dispatcher.destination: the database does not give this column" || return 1
	fresh_table "$1" && reloaded 3
}

@test "the dispatcher table, beside a file, by command and by watch; what is wrong in it is named by its key, and the old list stays" {
	for_each_database with_a_file
}
with_a_file() { echo file.example >"$DIR/list" && dispatcher_table "$1"; }

# In turn: without a key, with one of two columns, with one that is the column
# itself, and a view.
own_table() {
	sql "$1" "DROP TABLE IF EXISTS carriers" 2>/dev/null
	sql "$1" "CREATE TABLE carriers (host CHAR(40), port INTEGER);
		INSERT INTO carriers VALUES ('x.example', 1), (NULL, 2), ('  BÜCHER.example', 3)" &&
		start_kamailio "$(database_of "$1")" "$(policy db_table carriers)" "$(policy db_column host)" &&
		[ "$(count)" = 2 ] &&
		[ "$(rpc tls_policy.proxies name=xn--bcher-kva.example)" = xn--bcher-kva.example ] &&
		sql "$1" "INSERT INTO carriers VALUES ('', 4)" &&
		reload_refused 'carriers.host, row 4: "" is empty' &&
		sql "$1" "DELETE FROM carriers" && reloaded 0 && own_key "$1" && view "$1"
}

own_key() {
	sql "$1" "DROP TABLE carriers; CREATE TABLE carriers (host VARCHAR(40), site VARCHAR(20) NOT NULL, \"order\" INTEGER NOT NULL,
			PRIMARY KEY (site, \"order\")); INSERT INTO carriers VALUES ('a.example', 'vienna', 1)" &&
		reloaded 1 &&
		sql "$1" "INSERT INTO carriers VALUES ('b..c', 'graz \"1\"', 20)" &&
		reload_refused 'carriers.host, site graz \x221\x22, order 20: "b..c" has an empty label' &&
		sql "$1" "DROP TABLE carriers; CREATE TABLE carriers (host VARCHAR(40) PRIMARY KEY);
			INSERT INTO carriers VALUES ('b..c')" &&
		reload_refused 'carriers.host, row 1: "b..c" has an empty label' &&
		sql "$1" "DROP TABLE carriers"
}

view() {
	fresh_table "$1" &&
		sql "$1" "CREATE VIEW carriers AS SELECT destination AS host FROM dispatcher WHERE setid = 1" &&
		reloaded 2 && sql "$1" "UPDATE dispatcher SET destination = 'a..b' WHERE setid = 1" &&
		reload_refused 'carriers.host, row 1: "a..b" has an empty label; and 1 more, which the log names' &&
		sql "$1" "DROP VIEW carriers"
}

@test "another table and column, with and without a key, and a view: blanks trimmed, NULL passed over, an empty text refused" {
	for_each_database own_table
}

bad_at_start() {
	local i rows=
	for i in {101..130}; do rows+="${rows:+, }($i, 3, 'sip:bad $i')"; done
	fresh_table "$1" && sql "$1" "INSERT INTO dispatcher (id, setid, destination) VALUES $rows" || return 1
	refuses_start 'id 101: "sip:bad 101" has a character that no host has; and 29 more, of which the log names 19' \
		"$(database_of "$1")" || return 1
	for i in {101..120}; do
		[ "$(grep -c "dispatcher.destination, id $i: \"sip:bad $i\" has a character" "$DIR/log")" -eq 1 ] || return 1
	done
	! grep -q 'id 121: ' "$DIR/log"
}

@test "at the start all bad rows are named at once, twenty at most, and counted" {
	for_each_database bad_at_start
}

# Each kind is the list of one rule, so all of them are at once.
three_rules() {
	local kind number=0
	for kind in sqlite postgres mariadb; do
		echo "[rule:$kind]"
		echo "peer = 192.0.2.$((++number))"
		database_of "$kind" | sed -n 's/^modparam("tls_policy", "db_url", "\(.*\)")/db_url = \1/p'
	done
	echo "dispatcher_set = 2" # of the last
}

@test "rules with databases of their own: everything that is wrong in any of them is told at once" {
	local kind
	three_rules >"$DIR/rules"
	for kind in sqlite postgres mariadb; do
		fresh_table "$kind"
	done
	sql mariadb "INSERT INTO dispatcher (id, setid, destination) VALUES (98, 1, 'c..d'), (99, 2, 'a..b')"
	start_with_rules_refused 'rule mariadb: dispatcher.destination, id 99: "a..b" has an empty label'
	! logged 'id 98' || false # of another set
	for kind in sqlite postgres; do
		sql "$kind" "INSERT INTO dispatcher (id, setid, destination) VALUES (98, 1, 'c..d')"
	done
	start_with_rules_refused 'rule sqlite: dispatcher.destination, id 98: "c..d" has an empty label; and 2 more, which the log names'
	logged 'rule postgres: dispatcher.destination, id 98: "c..d" has an empty label'
	logged 'rule mariadb: dispatcher.destination, id 99: "a..b" has an empty label'
}
start_with_rules_refused() {
	refuses_start "$1" "$(for kind in sqlite postgres mariadb; do database_of "$kind" | grep loadmodule; done)" "$(policy config "$DIR/rules")"
}

@test "a database that is not there at start-up" {
	fresh_table sqlite
	refuses_start 'dispatcher.flags: the column is no text' "$(database_of sqlite)" "$(policy db_column flags)"
	refuses_start 'nothing.destination: the database does not give this column' "$(database_of sqlite)" "$(policy db_table nothing)"
	refuses_start 'dispatcher.nothing: the database does not give this column' "$(database_of sqlite)" "$(policy db_column nothing)"
	refuses_start 'db_column is no name of letters' "$(database_of sqlite)" "$(policy db_column 'a; DROP TABLE dispatcher')"
	refuses_start 'db_url needs the module db_sqlite: add loadmodule "db_sqlite.so"' "$(policy db_url "sqlite:///$DIR/proxies.db")"
	refuses_start 'db_url is no URL of a database' "$(policy db_url nonsense)"
	refuses_start 'db_url: no connection to the database (postgres)' 'loadmodule "db_postgres.so"' \
		"$(policy db_url "postgres://kamailio:secret@127.0.0.1:$(free_port)/postgres")"
	refuses_start 'db_url: no connection to the database (mysql)' 'loadmodule "db_mysql.so"' \
		"$(policy db_url "mysql://kamailio:secret@127.0.0.1:$(free_port)/kamailio")"
	refuses_start 'db_url: no connection to the database (mysql)' 'loadmodule "db_mysql.so"' \
		"$(policy db_url "mysql://kamailio:wrong@127.0.0.1:$MY_PORT/kamailio")"
}

stopped_between() { # KIND pg|my SCHEME
	fresh_table "$1" && start_kamailio "$(names)" "$(database_of "$1")" || return 1
	database_stop "$2"
	reload_refused "db_url: no connection to the database ($3)" || return 1
	expect_accepted "meanwhile-$1" $(as trusted) || return 1
	"$2_start" && reloaded 3 && stop_kamailio
}

@test "stopped and started again between reloads" {
	stopped_between postgres pg postgres
	stopped_between mariadb my mysql
}

# A view that answers after ten minutes: the reload waits for it.
slow_view() { # KIND
	case $1 in
		postgres) pg "CREATE OR REPLACE VIEW hosts AS SELECT CAST('trusted.example.com' AS CHAR(40)) AS host FROM pg_sleep(600)" ;;
		mariadb) my "CREATE OR REPLACE VIEW hosts AS SELECT CONCAT('trusted.example.com', SLEEP(600)) AS host" ;;
	esac
}
is_asked() { # KIND
	case $1 in
		postgres) [ "$(pg "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%hosts%'")" = 1 ] ;;
		mariadb) [ "$(my "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%from%hosts%' AND id <> connection_id()")" = 1 ] ;;
	esac
}
fast_view() {
	sql "$1" "DROP VIEW IF EXISTS hosts" 2>/dev/null
	sql "$1" "CREATE VIEW hosts AS SELECT CAST('trusted.example.com' AS CHAR(40)) AS host"
}

lost_during() { # KIND pg|my SIGNAL
	local before job
	fast_view "$1" &&
		start_kamailio "$(names)" "$(database_of "$1")" "$(policy db_table hosts)" "$(policy db_column host)" || return 1
	before=$(rpc tls_policy.proxies)
	slow_view "$1" || return 1
	rpc tls_policy.reload >"$DIR/answer" &
	job=$!
	await is_asked "$1" || return 1
	database_stop "$2" "$3"
	wait "$job"
	grep -q 'hosts.host: the connection to the database was lost' "$DIR/answer" || {
		cat "$DIR/answer" >&2
		return 1
	}
	[ "$before" = "$(rpc tls_policy.proxies)" ] || return 1
	expect_accepted "lost-$1" $(as trusted) || return 1
	"$2_start" && fast_view "$1" && reloaded 1 && stop_kamailio
}

@test "lost in the middle of a reload: one sentence, the old list stays, and the next reload works" {
	lost_during postgres pg QUIT
	lost_during mariadb my KILL
}

@test "SQLite, locked by somebody else: one sentence, the old list stays" {
	fresh_table sqlite
	start_kamailio "$(names)" "$(database_of sqlite)"
	mkfifo "$DIR/hold"
	sqlite3 "$DIR/proxies.db" <"$DIR/hold" >"$DIR/held" 2>&1 3>&- &
	exec 7>"$DIR/hold"
	printf 'BEGIN EXCLUSIVE;\nSELECT 1;\n' >&7
	await grep -q 1 "$DIR/held"
	reload_refused 'dispatcher.destination: another process has locked the database, or the file is none; the log says which'
	exec 7>&-
	wait $!
	reloaded 3
}

@test "SQLite, a file that is not there, or is none: told as that, and nothing is made" {
	fresh_table sqlite
	start_kamailio "$(names)" "$(database_of sqlite)"
	mv "$DIR/proxies.db" "$DIR/away.db"
	reload_refused 'db_url: the file of the database cannot be read: No such file or directory'
	[ ! -e "$DIR/proxies.db" ]
	mkdir "$DIR/proxies.db"
	reload_refused 'db_url: the file of the database cannot be read: not a regular file'
	rmdir "$DIR/proxies.db"
	echo 'no database, but a text that somebody has put here by mistake' >"$DIR/proxies.db"
	reload_refused 'dispatcher.destination: another process has locked the database, or the file is none; the log says which'
	mv "$DIR/away.db" "$DIR/proxies.db"
	reloaded 3
	stop_kamailio
	rm "$DIR/proxies.db"
	refuses_start 'db_url: the file of the database cannot be read: No such file or directory' "$(database_of sqlite)"
	[ ! -e "$DIR/proxies.db" ]
}

@test "MariaDB: a NUL octet in a row is refused by its key" {
	fresh_table mariadb
	start_kamailio "$(names)" "$(database_of mariadb)"
	sql mariadb "INSERT INTO dispatcher (id, destination) VALUES (99, CONCAT('nul.example', CHAR(0), '.evil'))"
	reload_refused 'dispatcher.destination, id 99: the text has a NUL octet'
	sql mariadb "DELETE FROM dispatcher WHERE id = 99"
	reloaded 3
}

# As text and as a blob; in a table and in a view.
@test "SQLite: a NUL octet in a row is refused by its key" {
	fresh_table sqlite
	sql sqlite "CREATE VIEW hosts AS SELECT id, destination FROM dispatcher"
	start_kamailio "$(names)" "$(database_of sqlite)"
	for value in "'nul.example'||char(0)||'.evil'" "X'6e756c2e6578616d706c65002e6576696c'" "'nul.example'||char(0)"; do
		sql sqlite "DELETE FROM dispatcher WHERE id = 99; INSERT INTO dispatcher (id, destination) VALUES (99, $value)"
		reload_refused 'dispatcher.destination, id 99: "nul.example\x00'
	done
	sql sqlite "DELETE FROM dispatcher WHERE id = 99"
	reloaded 3
	stop_kamailio
	sql sqlite "INSERT INTO dispatcher (id, destination) VALUES (99, 'nul.example'||char(0)||'.evil')"
	refuses_start 'hosts.destination, row 4: "nul.example\x00.evil"' "$(database_of sqlite)" "$(policy db_table hosts)"
}

# PostgreSQL moves a row that changes to the end.
many_rows() {
	fresh_table "$1"
	sql "$1" "INSERT INTO dispatcher (id, destination) WITH RECURSIVE n(i) AS (SELECT 14 UNION ALL SELECT i + 1 FROM n
		WHERE i < 12010) SELECT i * 3, 'sip:p' || i || '.example' FROM n" &&
		start_kamailio "$(database_of "$1")" && [ "$(count)" = 12000 ] &&
		[ "$(rpc tls_policy.proxies name=p12010.example)" = p12010.example ] &&
		[ "$(rpc tls_policy.proxies name=p5001.example)" = p5001.example ] &&
		sql "$1" "UPDATE dispatcher SET destination = 'a..b' WHERE id = 30000" &&
		reload_refused 'dispatcher.destination, id 30000: "a..b" has an empty label'
}

@test "more rows than are fetched at once" {
	for_each_database many_rows
}

watcher() { rpc core.psx | awk '$1 == "PID:" { pid = $2 } /TLS POLICY WATCH/ { print pid }'; }
waits_for_database() { [ "$(find "/proc/$WATCHER/fd" -lname 'socket:*' | wc -l)" -gt "$SOCKETS" ]; }
closed_end() { grep -q '^closed' "$DIR/$1"; }
timed_out() { [ "$(rpc stats.fetchn tls_policy:handshakes_timed_out | sed -n 's/.*timed_out: //p')" -ge 1 ]; }

# The server takes every connection and answers none.
# shellcheck disable=SC2046
@test "a database that hangs holds up its own reload and nothing else" {
	fresh_table postgres
	echo other.example >"$DIR/list"
	start_kamailio "$(policy sips_require_client_certificate 1)" "$(database_of postgres)" "$(policy proxy_file "$DIR/list")" \
		"$(policy watch 1)" "$(policy handshake_timeout 5)"
	end_of client "$PORT" $(as stranger)
	WATCHER=$(watcher)
	SOCKETS=$(find "/proc/$WATCHER/fd" -lname 'socket:*' | wc -l)
	kill -STOP "$(cat "$DB_DIR/pg.pid")"
	echo more.example >>"$DIR/list"
	await waits_for_database
	# who is refused now is closed, and who is silent runs out of time
	exec 9<>"/dev/tcp/127.0.0.1/$PORT"
	printf '\x16\x03\x01' >&9
	rpc tls_policy.set peer_host_name_verification_mode both
	rpc tls_policy.recheck | grep -E 'left: 0'
	await closed_end client
	await timed_out
	exec 9>&-
	expect_refused during "bad certificate" $(as stranger)
	expect_accepted during $(as trusted)
	# another reload is told whom it would have to wait for, and since when
	rpc tls_policy.reload | grep -E "^error: 500 - another reload is running since 20..-..-..T..:..:..Z \([0-9]+ s\), by watch \($DIR/list\), in process $WATCHER: it waits for a file or a database if it does not end$"
	[ "$(count)" = 4 ]
	kill -CONT "$(cat "$DB_DIR/pg.pid")"
	await counts 5
	rpc tls_policy.reload | grep 'proxies: 5'
}

# stock_config: Debian's own, with its own switches (-A), our ports and files, and
# this module behind tls.so.
stock_config() {
	sed -e "s|^loadmodule \"tls.so\"|&\nloadmodule \"${TLS_POLICY_SO:-$BUILD/tls_policy.so}\"|" \
		-e "s|^modparam(\"tls\", \"config\", .*|modparam(\"tls\", \"config\", \"$DIR/tls.cfg\")\n$(names | tr '\n' '~' | sed 's/~/\\n/g')\nmodparam(\"tls_policy\", \"db_url\", DBURL)|" \
		-e 's/^log_stderror=no/log_stderror=yes/' \
		-e "s|^#!KAMAILIO|&\nlisten=udp:127.0.0.1:$PORT\nlisten=tls:127.0.0.1:$PORT\nauto_aliases=no\ndns=no\nrev_dns=no|" \
		-e "s|^loadmodule \"ctl.so\"|&\nmodparam(\"ctl\", \"binrpc\", \"unix:$DIR/ctl\")\nmodparam(\"jsonrpcs\", \"transport\", 0)|" \
		/etc/kamailio/kamailio.cfg
}

@test "Debian's own kamailio.cfg with WITH_MYSQL, its database also for the proxies" {
	local table
	fresh_table mariadb
	for table in usrloc acc auth_db; do
		sql mariadb "$(cat "/usr/share/kamailio/mysql/$table-create.sql")" 2>/dev/null || true # some are there already
	done
	stock_config >"$DIR/kamailio.cfg"
	OPTIONS=(-A WITH_MYSQL -A WITH_TLS -A WITH_USRLOCDB -A WITH_ACCDB -A WITH_AUTH
		-A "DBURL=\"mysql://kamailio:secret@127.0.0.1:$MY_PORT/kamailio\"")
	launch
	await_start
	[ "$(count)" = 3 ]
	probe call_id=stock $(as trusted) | grep 'alert=none'
	probe call_id=stock $(as stranger) | grep 'alert=bad certificate answer=none'
	sql mariadb "UPDATE dispatcher SET destination = 'stranger.example.com' WHERE id = 11"
	reloaded 3
	probe call_id=stock $(as stranger) | grep 'alert=none'
	sql mariadb "UPDATE dispatcher SET destination = 'a..b' WHERE id = 12"
	reload_refused 'dispatcher.destination, id 12: "a..b" has an empty label'
}
