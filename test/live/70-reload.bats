#!/usr/bin/env bats
# tls.reload under load lets nobody past the policy.
load helpers

setup_file() {
	new_dir
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" "$(policy proxy trusted.example.com)"
}
teardown_file() { stop_kamailio; }

# shellcheck disable=SC2046
@test "2,400 strangers while the TLS domains are reloaded: none gets in" {
	"$BUILD/tls_load" "$PORT" "$PKI/stranger.pem" "$PKI/stranger.key" "$PKI/ca.pem" 8 2400 1.3 >"$DIR/load" 2>/dev/null 3>&- &
	local load=$! reloads=0
	while kill -0 "$load" 2>/dev/null && [ "$reloads" -lt 40 ]; do
		rpc tls.reload | grep -q Ok
		reloads=$((reloads + 1))
	done
	wait "$load" || true
	echo "# figure: $reloads reloads, $(cat "$DIR/load")" >&3
	grep -q '^ok=0 ' "$DIR/load"
	! grep -q PARSED "$DIR/log" || false
	expect_accepted after $(as trusted)
	expect_accepted after-sni sni=sni.example $(as trusted)
	expect_refused after-stranger "bad certificate" $(as stranger)
	expect_refused after-stranger-sni "bad certificate" sni=sni.example $(as stranger)
}
