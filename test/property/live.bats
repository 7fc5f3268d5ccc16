#!/usr/bin/env bats
# What a session and a handshake may carry, on a real server: the states of
# live-states.tsv, and what has to come out (live-states.awk).
load ../live/helpers
load ../lib/peers
load ../lib/rehandshake
load ../lib/trust
MEMORY_MANAGER=fm

setup() { new_dir 1; }
teardown() {
	stop_actors
	stop_kamailio
}

STATES=$ROOT/test/property/live-states.tsv

# The certificate of a state's peer. To those whom the change is not about it
# does not matter whom else it is about.
shown() { # CHANGE WHOM
	case $1-$2 in
		purpose-this) echo serving ;;
		*-this) echo trusted ;;
		*) echo other ;;
	esac
}

# steps_of NUMBER PEER VERSION SESSION NAME DOMAIN CHANGE WHOM MOMENT PROGRESS PASSED:
# into STEPS. A peer stops three times: before the change; after it and what is
# asked then; and after recheck. What it does in between is its state.
steps_of() {
	local n=$1 peer=$2 session=$4 name=$5 domain=$6 moment=$9 progress=${10} passed=${11}
	local asked=0 first='' later=b.example
	[ "$domain" != sni ] || { first=sni.example later=sni.example; }
	STEPS=("version=$3" "show=$(shown "$7" "$8")" authenticates)
	[ "$session" != id ] || STEPS+=(by_id)
	[ "$moment" != before ] || STEPS+=("$(go "$n" 1)" "$(go "$n" 2)" "$(go "$n" 3)")
	if [ "$session" != full ]; then
		# another name than the connection's will be
		[ "$name" = same ] && STEPS+=("name=$first") || STEPS+=(name=a.example)
		STEPS+=(open handshake keep "options=$n-first" "answer=$n-first" leave resume)
		[ "$session" != chain ] || STEPS+=(open handshake keep "options=$n-chain" "answer=$n-chain" leave)
	fi
	[ "$name" = same ] && STEPS+=("name=$first") || STEPS+=("name=$later")
	[ "$name" != retry ] || STEPS+=(second_name=strict.example)
	[ "$moment-$progress" != between-nothing ] || STEPS+=("$(go "$n" 1)" "$(go "$n" 2)" "$(go "$n" 3)")
	if [ "$peer" = server ]; then
		STEPS+=("listen=$(free_port)" "request=$n-request" accept)
		asked=1
	else
		STEPS+=(open)
	fi
	[ "$moment-$progress" = between-nothing ] || [ "$moment" != between ] || hold_and_stop
	[ "$moment" = between ] && [ "$progress" != nothing ] || STEPS+=(handshake)
	[ "$peer" = client ] || STEPS+=("reached=$n-request")
	if [ "$moment" = after ]; then
		[ "$name" = retry ] || STEPS+=("options=$n-before" "answer=$n-before")
		case $progress in
			nothing) STEPS+=("$(go "$n" 1)" "$(go "$n" 2)" "$(go "$n" 3)") ;;
			half)
				[ "$peer" = client ] && STEPS+=(half_update) || STEPS+=(half_ticket)
				STEPS+=("$(go "$n" 1)" "$(go "$n" 2)" "$(go "$n" 3)" "${ENDS[$n]}")
				return 0
				;;
			*)
				# what begins the handshake is of type 0, 1 or 13
				STEPS+=(hold "$(go "$n" 1)" "until=$(begins_with "$peer" "$3")" "pass=$passed" held)
				[ "$progress" = held ] || STEPS+=(cut)
				STEPS+=("$(go "$n" 2)" "$(go "$n" 3)" release)
				;;
		esac
	fi
	STEPS+=("options=$n-end" "answer=$n-end")
}
begins_with() { # PEER VERSION
	if [ "$1" = server ]; then echo 1; elif [ "$2" = 1.2 ]; then echo 0; else echo 13; fi
}
hold_and_stop() {
	STEPS+=(hold "pass=$passed" handshake)
	[ "$progress" = held ] || STEPS+=(cut)
	STEPS+=("$(go "$n" 1)" "$(go "$n" 2)" "$(go "$n" 3)" release handshake)
}

# all_wait N: each of the batch stands there, or has done all it was told.
all_wait() { await all_stand "$1"; }
all_stand() {
	local n
	for n in "${BATCH[@]}"; do
		[ -z "${STANDS[$n-$1]:-}" ] || continue
		grep -q "^at .*go$1\$" "$DIR/$n" || ! kill -0 "${ACTORS[$n]}" 2>/dev/null || return 1
		STANDS[$n-$1]=1
	done
}
all_on() {
	local n
	for n in "${BATCH[@]}"; do on "$n" "$1"; done
}

# What changes, for everybody.
change() {
	case $1 in
		none) ;;
		version) rpc tls_policy.set tls_version "$VERSION" ;;
		proxies) proxies other.example.com gateway.example ;;
		anchors) trust "$CA" ;;
		crl) trust "$PKI/ca.pem" "$PKI/trusted.crl" ;;
		purpose) rpc tls_policy.set accept_server_auth_clients 0 ;;
	esac
}
change_back() {
	rpc tls_policy.set tls_version 12
	rpc tls_policy.set accept_server_auth_clients 1
	proxies trusted.example.com other.example.com gateway.example
	trust "$PKI/ca.pem"
}

# ask_for_more: re-handshakes of those that hold them open.
ask_for_more() {
	local n
	rpc tls_policy.set tls_rehandshake_method renegotiate
	for n in "${HOLDING[@]}"; do asks_until "$n" "at $DIR/$n.go2|ended .*" || return 1; done
	rpc tls_policy.set tls_rehandshake_method auto
}
# Those with a handshake in progress are waited for, and may be left.
rechecked_but() {
	rpc tls_policy.recheck >"$DIR/recheck"
	[ "$(sed -n 's/.*left: //p' "$DIR/recheck")" -le "$1" ]
}

# came_out NUMBER: full, resumed, out, alive.
came_out() {
	local established
	established=$(grep '^established' "$DIR/$1" | tail -n 1)
	if told "$1" "got $1-end" && saw "$1-end"; then
		[ "${established##*resumed=}" = 1 ] && echo resumed || echo full
	elif parsed "$1-end"; then
		echo parsed # and not answered, or from nobody
	elif told "$1" 'ended .*'; then
		echo out
	elif told "$1" alive; then
		echo alive
	else
		echo nothing
	fi
}
is_expected() { # GOT EXPECTED
	case $2 in
		in) [ "$1" = full ] || [ "$1" = resumed ] ;;
		either) [ "$1" != parsed ] && [ "$1" != nothing ] ;;
		*) [ "$1" = "$2" ] ;;
	esac
}

# batch CHANGE [WHOM VERSION]: all states of one change; others are not there.
batch() {
	local -A expected=() what=() ENDS=() STANDS=()
	local n peer version session name domain change whom moment progress passed expects got
	BATCH=() HOLDING=()
	while IFS=$'\t' read -r n peer version session name domain change whom moment progress passed expects; do
		[ "$change" = "$1" ] || continue
		[ -z "${2:-}" ] || [ "$whom" = "$2" ] || continue
		[ -z "${3:-}" ] || [ "$version" = "$3" ] || continue
		BATCH+=("$n")
		expected[$n]=$expects
		what[$n]="$peer $version $session $name $domain $change $whom $moment $progress $passed"
		ENDS[$n]=alive
		[ "$expects" = alive ] || ENDS[$n]=end
		steps_of "$n" "$peer" "$version" "$session" "$name" "$domain" "$change" "$whom" "$moment" "$progress" "$passed"
		[[ $moment-$progress != after-held && $moment-$progress != after-cut ]] || [ "$name" = retry ] || HOLDING+=("$n")
		acts "$n" "$peer" "${STEPS[@]}"
	done < <(tail -n +2 "$STATES")
	all_wait 1 || return 1
	all_on 1
	ask_for_more || return 1
	all_wait 2 || return 1
	change "$1" || return 1
	await rechecked_but "${#HOLDING[@]}" || return 1
	all_on 2
	all_wait 3 || return 1
	all_on 3
	for n in "${BATCH[@]}"; do
		wait "${ACTORS[$n]}" || true
		unset "ACTORS[$n]"
		got=$(came_out "$n")
		STATES_SEEN=$((STATES_SEEN + 1))
		is_expected "$got" "${expected[$n]}" && continue
		echo "state $n (${what[$n]}): $got, expected ${expected[$n]}: $(tr '\n' ';' <"$DIR/$n") $(cat "$DIR/$n.err")"
		DIFFER=$((DIFFER + 1))
	done
	change_back
}

@test "every state comes out as the oracle says, both at the peer and at the parser" {
	STATES_SEEN=0 DIFFER=0
	hello_retry
	judging_all "$(policy accept_server_auth_clients 1)" "$(policy tls_rehandshake_hold_timeout_ms 30000)" \
		"$(policy handshake_timeout 120)" "$(policy tls_rehandshake_min_spacing 0)"
	rpc tls_policy.set tls_version 12
	batch none
	batch proxies
	batch crl
	batch purpose
	# a policy that forbids the version of this peer; and one that forbids the
	# other version to others
	VERSION=8 batch version this 1.2
	VERSION=4 batch version this 1.3
	VERSION=4 batch version others 1.2
	VERSION=8 batch version others 1.3
	CA=$PKI/foreign-ca.pem batch anchors this
	cat "$PKI/ca.pem" "$PKI/foreign-ca.pem" >"$DIR/both.pem"
	CA=$DIR/both.pem batch anchors others
	no_crash
	[ "$STATES_SEEN" -eq "$(($(wc -l <"$STATES") - 1))" ]
	echo "# figure: $STATES_SEEN live states, $SECONDS s" >&3
	[ "$DIFFER" -eq 0 ]
}
