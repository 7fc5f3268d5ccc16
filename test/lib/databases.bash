# databases - real servers for one test file, each in a directory of its own on
# loopback, as somebody who is not root, ended by its pid; and what tests ask of
# any of them: sqlite, postgres, mariadb. helpers must be there.
# shellcheck shell=bash

databases_init() {
	DB_DIR=$(mktemp -d /tmp/live-db.XXXXXX)
	PG_PORT=$(free_port)
	MY_PORT=$(free_port)
	export DB_DIR PG_PORT MY_PORT
	chmod 755 "$DB_DIR"
	mkdir "$DB_DIR/pg" "$DB_DIR/my"
}

databases_stop() {
	local kind
	for kind in pg my; do
		[ ! -e "$DB_DIR/$kind.pid" ] || database_stop "$kind"
	done
	rm -rf "$DB_DIR"
}

# as_user NAME COMMAND...: neither server runs as root; the process is ours by its
# pid either way.
as_user() {
	local name=$1
	shift
	cd / || return
	export TMPDIR=/tmp # ours may be closed to others
	if [ "$(id -u)" -eq 0 ]; then
		exec setpriv --reuid="$name" --regid="$(id -gn "$name")" --clear-groups "$@"
	fi
	exec "$@"
}

owned_by() { [ "$(id -u)" -ne 0 ] || chown "$1:" "$2"; }

# database_stop pg|my [SIGNAL]: both end at INT and TERM quickly.
database_stop() {
	local pid
	pid=$(cat "$DB_DIR/$1.pid")
	kill "-${2:-$(if [ "$1" = pg ]; then echo INT; else echo TERM; fi)}" "$pid" 2>/dev/null || true
	await process_gone "$pid"
	rm "$DB_DIR/$1.pid"
}
process_gone() { ! kill -0 "$1" 2>/dev/null; }

pg_start() {
	local bin
	bin=$(compgen -G '/usr/lib/postgresql/*/bin' | tail -n 1)
	if [ ! -e "$DB_DIR/pg/data" ]; then
		owned_by postgres "$DB_DIR/pg"
		(as_user postgres "$bin/initdb" -D "$DB_DIR/pg/data" -A trust -U kamailio -E UTF8 --locale=C --no-sync >/dev/null)
	fi
	(as_user postgres "$bin/postgres" -D "$DB_DIR/pg/data" -k "$DB_DIR/pg" -h 127.0.0.1 -p "$PG_PORT" \
		-c fsync=off -c shared_buffers=4MB -c autovacuum=off >"$DB_DIR/pg.log" 2>&1 3>&- 4>&-) &
	echo $! >"$DB_DIR/pg.pid"
	await pg_ready
}
pg_ready() { pg "SELECT 1" >/dev/null 2>&1; }
pg() { # SQL
	psql -X -q -t -A -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U kamailio -d postgres -c "$1"
}

my_start() {
	local new=
	if [ ! -e "$DB_DIR/my/data" ]; then
		owned_by nobody "$DB_DIR/my"
		(as_user nobody mariadb-install-db --no-defaults --auth-root-authentication-method=normal --skip-test-db \
			--skip-name-resolve --innodb-log-file-size=4M --datadir="$DB_DIR/my/data" >"$DB_DIR/my.log" 2>&1)
		new=1
	fi
	(as_user nobody mariadbd --no-defaults --datadir="$DB_DIR/my/data" --socket="$DB_DIR/my/socket" \
		--bind-address=127.0.0.1 --port="$MY_PORT" --skip-name-resolve --skip-log-bin --innodb-log-file-size=4M \
		--innodb-buffer-pool-size=8M --innodb-flush-log-at-trx-commit=0 >"$DB_DIR/my.log" 2>&1 3>&- 4>&-) &
	echo $! >"$DB_DIR/my.pid"
	await my_ready
	[ -z "$new" ] || my_root "CREATE DATABASE kamailio; CREATE USER kamailio@'127.0.0.1' IDENTIFIED BY 'secret';
		GRANT ALL ON kamailio.* TO kamailio@'127.0.0.1'"
}
my_ready() { my_root "SELECT 1" >/dev/null 2>&1; }
my_root() { mariadb --no-defaults -S "$DB_DIR/my/socket" -u root -N -B -e "$1"; }
# The same SQL as for the others: || and "name"; recursion without a limit.
my() {
	mariadb --no-defaults -h 127.0.0.1 -P "$MY_PORT" -u kamailio -psecret --default-character-set=utf8mb4 -N -B kamailio \
		-e "SET sql_mode = 'ANSI', max_recursive_iterations = 1000000; $1"
}

sql() { # KIND SQL
	case $1 in
		sqlite) sqlite3 "$DIR/proxies.db" "$2" ;;
		postgres) pg "$2" ;;
		mariadb) my "$2" ;;
	esac
}

# database_of KIND: the lines of kamailio.cfg that name it.
database_of() {
	case $1 in
		sqlite)
			printf 'loadmodule "db_sqlite.so"\n'
			policy db_url "sqlite:///$DIR/proxies.db"
			;;
		postgres)
			printf 'loadmodule "db_postgres.so"\n'
			policy db_url "postgres://kamailio:secret@127.0.0.1:$PG_PORT/postgres"
			;;
		mariadb)
			printf 'loadmodule "db_mysql.so"\n'
			policy db_url "mysql://kamailio:secret@127.0.0.1:$MY_PORT/kamailio"
			;;
	esac
}

# dispatcher_of KIND: an empty table, as Kamailio itself makes it.
dispatcher_of() {
	local kind=$1 folder=/usr/share/kamailio tables
	case $kind in
		sqlite) folder+=/db_sqlite ;;
		postgres) folder+=/postgres ;;
		mariadb) folder+=/mysql ;;
	esac
	tables=$(cat "$folder/standard-create.sql" "$folder/dispatcher-create.sql")
	sql "$kind" "DROP TABLE IF EXISTS version; DROP TABLE IF EXISTS dispatcher; $tables" >/dev/null 2>&1
}
