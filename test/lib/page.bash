# page - takes the blocks out of a page of doc/ and does what they say, for tests
# that have loaded live/helpers. PAGE is the page. In a block 'sh' each line is
# typed; one that begins with "# /etc/kamailio/NAME" is what is in that file.
# Whatever is taken is noted, so that `all_taken` finds what is not.
# shellcheck shell=bash

# blocks: of the page, each as "HEADING|WHAT|NUMBER", WHAT being sh or a file.
# block HEADING WHAT NUMBER: its lines.
pick() { # [HEADING|WHAT|NUMBER]
	awk -v wanted="$1" '
		/^```/ && inside { inside = 0; next }
		/^```/ { inside = 1; fresh = 1; what = substr($0, 4); next }
		/^##* / && !inside { heading = $0; sub(/^#* /, "", heading); delete times; next }
		!inside { next }
		fresh && what != "sh" { what = sub("^# /etc/kamailio/", "") ? $1 : "" }
		fresh { id = heading "|" what "|" ++times[what]; if(!wanted) print id }
		!(fresh && what != "sh") && id == wanted
		{ fresh = 0 }' "$PAGE"
}
blocks() { pick ''; }
block() {
	echo "$1|$2|$3" >>"$BATS_FILE_TMPDIR/taken"
	pick "$1|$2|$3" | put_in >"$DIR/block"
	[ -s "$DIR/block" ] || { echo "no such block: $1, $2, $3" >&2 && return 1; }
}

# all_taken [ID...]: no block but these was left.
all_taken() {
	diff <(blocks | sort) <({
		cat "$BATS_FILE_TMPDIR/taken"
		[ $# = 0 ] || printf '%s\n' "$@"
	} | sort -u) >&2
}

# types HEADING NUMBER [MAY-FAIL]: line by line, as a shell that goes on does. The
# answers are in $DIR/typed. A line that ends with another status than 0 is an
# error, unless it has MAY-FAIL in it.
types() {
	local line lines status home=$PWD
	block "$1" sh "$2" || return 1
	mapfile -t lines <"$DIR/block"
	: >"$DIR/typed"
	for line in "${lines[@]}"; do
		status=0
		echo "\$ $line" >>"$DIR/typed"
		eval "$line" >>"$DIR/typed" 2>&1 || status=$?
		[ "$status" -eq 0 ] || [[ -n ${3:-} && $line == *"$3"* ]] || {
			echo "status $status" >>"$DIR/typed"
			cat "$DIR/typed" >&2
			return 1
		}
	done
	cd "$home" || return 1
}

# sees TEXT...: all of it among the answers.
sees() {
	local text
	for text; do
		grep -v '^\$ ' "$DIR/typed" | grep -F -- "$text" >/dev/null && continue
		echo "not seen: $text" >&2
		cat "$DIR/typed" >&2
		return 1
	done
}

# What a page calls by these names; one Kamailio for the whole page, which
# outlives a test: a file has its process id.
kamcmd() { command kamcmd -s "unix:$DIR/ctl" "$@"; }
tls-policy() { "$BUILD/tls-policy" "$@"; }
systemctl() {
	[ "$*" = "restart kamailio" ] || return 1
	stop_kamailio && page_begins
}
page_begins() { launch && await_start && echo "$SERVER" >"$DIR/server"; }
page_goes_on() { SERVER=$(cat "$DIR/server"); }
