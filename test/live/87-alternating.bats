#!/usr/bin/env bats
# Two policies, one after the other all the time, by reload and set, and tls.reload
# between, while 16 clients connect: each is accepted or refused by a policy that
# was in force between its start and its end, and for no other reason. One that has
# changed when the handshake is over has no alert any more: the connection ends.
# FAULTS=all: for longer.
load helpers

CHANGES=${FAULTS:+1500}
CHANGES=${CHANGES:-36}

setup_file() {
	export SHARED_MB=512
	new_dir 4
	echo trusted.example.com >"$DIR/list"
	start_kamailio "$(policy sips_require_client_certificate 1)" "$(policy peer_host_name_verification_mode both)" \
		"$(policy proxy_file "$DIR/list")" "$(policy tls_version 12)"
}
teardown_file() { stop_kamailio; }
teardown() { tell_why; }

now_us() { echo "${EPOCHREALTIME/[.,]/}"; }

# changed COMMAND...: writes when a state may have begun, since when it is in force
# for sure, whom it accepts and by which versions.
NAME=trusted VERSIONS=12
changed() {
	local from
	from=$(now_us)
	"$@" >>"$DIR/answers" 2>&1
	echo "state $from $(now_us) $NAME $VERSIONS" >>"$DIR/states"
}

alternate() {
	local i
	for ((i = 0; i < CHANGES; i++)); do
		case $((i % 3)) in
			0)
				NAME=$([ "$NAME" = trusted ] && echo stranger || echo trusted)
				echo "$NAME.example.com" >"$DIR/list"
				changed rpc tls_policy.reload
				;;
			1) rpc tls.reload >>"$DIR/answers" ;;
			2)
				VERSIONS=$((20 - VERSIONS)) # 12, 8: with TLS 1.2 or without
				changed rpc tls_policy.set tls_version "$VERSIONS"
				;;
		esac
		sleep "0.$((RANDOM % 20 + 10))" # so that some connections see one state only
	done
}

clients() { # NAME VERSION
	"$BUILD/tls_load" "$PORT" "$PKI/$1.pem" "$PKI/$1.key" "$PKI/ca.pem" 4 4 "$2" times "while=$CHANGER" \
		2>>"$DIR/load.err" 3>&- 4>&- | sed -n "s/^time/time $1 $2/p" >"$DIR/load.$1.$2" || true
}

# The last state that was over for sure before FROM, and all that may have begun by
# TO, may have been in force.
judge() {
	sort -s -k1,1 "$DIR/states" "$DIR"/load.* | awk '
		function name_may(state, name) { return of[state] == name }
		function version_may(state, version) { return version == "1.3" || versions[state] == 12 }
		$1 == "state" { began[++states] = $2; sure[states] = $3; of[states] = $4; versions[states] = $5 }
		$1 == "time" {
			all++
			what = $6; for(i = 7; i <= NF; i++) what = what " " $i
			first = 1; accepting = refusing = nameless = versionless = 0
			for(s = 1; s <= states && sure[s] <= $4; s++) first = s
			for(s = first; s <= states && began[s] <= $5; s++) {
				if(name_may(s, $2) && version_may(s, $3)) accepting++; else refusing++
				nameless += !name_may(s, $2); versionless += !version_may(s, $3)
			}
			certain += accepting == 0 || refusing == 0
			good = what == "ok" ? accepting : what == "bad certificate" ? nameless : what == "protocol version" ? versionless : refusing
			accepted += what == "ok"
			closed += what == "failed"
			if(!good) { wrong++; if(wrong < 20) print "wrong: " $0 > "/dev/stderr" }
		}
		END { print all " connections, " accepted " accepted, " certain " under one policy alone, " closed + 0 " closed when their handshake was over, " wrong + 0 " wrong"; exit wrong > 0 || certain == 0 }'
}

@test "16 clients under two policies: nobody is accepted or refused but by one that was in force" {
	local name version jobs=()
	echo "state 0 0 trusted 12" >"$DIR/states"
	alternate 3>&- 4>&- &
	CHANGER=$!
	for name in trusted stranger; do
		for version in 1.2 1.3; do
			clients "$name" "$version" &
			jobs+=($!)
		done
	done
	wait "$CHANGER"
	wait "${jobs[@]}"
	judge >"$DIR/judged" || {
		cat "$DIR/judged" >&2
		return 1
	}
	echo "# figure: $CHANGES changes, $(cat "$DIR/judged")" >&3
	! grep -iE 'error|fault' "$DIR/answers" || false
	! grep -qiE 'double free|exited by a signal|BUG:' "$DIR/log" || false
}
