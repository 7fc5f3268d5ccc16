#!/usr/bin/env bats
# TLSVersion 0..15 comes out exactly, in both roles and for the SNI domain.
load helpers

setup_file() {
	new_dir
	start_kamailio "$(policy tls_version 0)"
}
teardown_file() { stop_kamailio; }

versions=(1.0 1.1 1.2 1.3)

allowed() { [ "$1" -eq 0 ] || [ $(($1 >> $2 & 1)) -eq 1 ]; }

wire() { [ "$1" = 1.0 ] && echo TLSv1 || echo "TLSv$1"; }

masks_as_server() { # PROBE-OPTIONS...
	local mask i got wrong=0
	for mask in {0..15}; do
		rpc tls_policy.set tls_version "$mask"
		for i in 0 1 2 3; do
			got=$(probe "version=${versions[i]}" "$@" || true)
			if allowed "$mask" "$i"; then
				[[ $got == "established=$(wire "${versions[i]}") resumed=0 alert=none answer=200" ]] && continue
			else
				[[ $got == established=no*answer=none ]] && continue
			fi
			echo "mask $mask, TLS ${versions[i]}: $got" >&2
			wrong=$((wrong + 1))
		done
	done
	rpc tls_policy.set tls_version 0
	[ "$wrong" -eq 0 ]
}

@test "64 cells as server, default domain" { masks_as_server; }

@test "64 cells as server, SNI domain" { masks_as_server sni=sni.example; }

@test "a version below the range is answered with protocol version" {
	rpc tls_policy.set TLSVersion 12
	expect_refused below "protocol version" version=1.1
	rpc tls_policy.set TLSVersion 0
}

@test "64 cells as client" {
	local mask i flag wrong=0 id
	for mask in {0..15}; do
		rpc tls_policy.set tls_version "$mask"
		for i in 0 1 2 3; do
			flag=-tls${versions[i]/./_}
			[ "$flag" != -tls1_0 ] || flag=-tls1
			id="client-$mask-$i"
			# shellcheck disable=SC2046
			if allowed "$mask" "$i"; then
				relayed "$id" "$flag" -cipher DEFAULT:@SECLEVEL=0 $(server_as server) && continue
			else
				not_relayed "$id" "$flag" -cipher DEFAULT:@SECLEVEL=0 $(server_as server) && continue
			fi
			echo "mask $mask, TLS ${versions[i]}: $(tail -n 3 "$DIR/s_server")" >&2
			wrong=$((wrong + 1))
		done
	done
	rpc tls_policy.set tls_version 0
	[ "$wrong" -eq 0 ]
}

@test "a hello in the format of SSL 2.0: accepted with 0, else an alert" {
	local mask
	sed -i 's/server\.\(key\|pem\)/server-rsa.\1/' "$DIR/tls.cfg"
	rpc tls.reload
	[ "$(probe ssl2hello=1)" = "ssl2hello=server-hello" ]
	for mask in 1 3 15; do
		rpc tls_policy.set tls_version "$mask"
		[ "$(probe ssl2hello=1 || true)" = "ssl2hello=alert alert=protocol version" ]
	done
	rpc tls_policy.set tls_version 0
}

@test "what the TLS domain forbids stays forbidden" {
	write_tls_cfg TLSv1.2+
	rpc tls.reload
	rpc tls_policy.set tls_version 15
	expect_refused narrow "protocol version" version=1.1
	expect_accepted narrow-1.3 version=1.3
	rpc tls_policy.set tls_version 1 | grep -q 'no version is left'
	expect_accepted narrow-1.2 version=1.2
}
