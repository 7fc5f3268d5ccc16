#!/usr/bin/env bats
# 4 TCP workers, 16 clients in parallel: no error, no crash, the same processes.
# LOAD_CONNECTIONS (2000 for each version) makes it longer.
load helpers

setup() { new_dir; }
teardown() { stop_kamailio; }

pids() { pgrep -P "$SERVER" | sort | tr '\n' ' '; }

hammer() { # VERSION
	"$BUILD/tls_load" "$PORT" "$PKI/trusted.pem" "$PKI/trusted.key" "$PKI/ca.pem" 16 \
		"${LOAD_CONNECTIONS:-2000}" "$1" 2>/dev/null
}

@test "with the module nothing fails" {
	start_kamailio "$(policy sips_require_client_certificate 1)" \
		"$(policy peer_host_name_verification_mode both)" "$(policy proxy trusted.example.com)"
	local before version got
	before=$(pids)
	for version in 1.2 1.3; do
		got=$(hammer "$version") || true
		echo "# load: TLS $version, with the module: $got" >&3
		[[ $got == *failed=0 ]]
	done
	[ "$before" = "$(pids)" ]
	! grep -qiE 'double free|signal|BUG:' "$DIR/log"
}

@test "the control run without the module is reported" {
	MODULES='loadmodule "tls.so"' LOAD_CONNECTIONS=800 start_kamailio
	local got
	got=$(LOAD_CONNECTIONS=800 timeout 60 "$BUILD/tls_load" "$PORT" "$PKI/trusted.pem" "$PKI/trusted.key" "$PKI/ca.pem" 16 800 1.3 2>/dev/null || true)
	echo "# control: stock Kamailio $(dpkg-query -W -f '${Version}' kamailio), 4 workers: ${got:-no end within 60 s}, server $(kill -0 "$SERVER" 2>/dev/null && echo alive || echo dead)" >&3
}
