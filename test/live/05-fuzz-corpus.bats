#!/usr/bin/env bats
# The corpora of the fuzz targets, replayed under ASan and UBSan.
load helpers

setup_file() {
	export CORPUS=$BATS_FILE_TMPDIR/corpus
	"$ROOT/test/fuzz/make-corpus" "$BUILD" "$CORPUS"
}

replay() { # TARGET LEAST
	local inputs
	inputs=$("$BUILD/fuzz/$1-replay" "$CORPUS/$1"/*) || return 1
	echo "$inputs"
	[ "${inputs% inputs}" -ge "$2" ]
}

@test "certificates" { replay certificate 150; }
@test "host names" { replay hostname 100; }
@test "lines of proxies" { replay proxy_line 10; }
@test "parameters" { replay parameters 15; }
@test "rules files" { replay rules 8; }
@test "a gateway's ini files" { replay import 20; }
@test "handshakes that are edited on their way, in both roles" { replay handshake 128; }
@test "sessions whose evidence or ticket was changed" { replay tickets 400; }
@test "the schedule against a list" { replay schedule 30; }
@test "the table of connections and hold queues against arrays" { replay connections 30; }

@test "every fuzz target is replayed here" {
	local target
	for target in "$ROOT"/test/fuzz/*.c; do
		target=$(basename "$target" .c)
		[[ $target == replay || $target == host ]] || grep -q "{ replay $target " "$BATS_TEST_FILENAME"
	done
}
