#!/usr/bin/env bats
# A module that Kamailio loads for all to see (RTLD_GLOBAL) has a table
# `exports` as ours has: each must use its own, whichever comes first.
load helpers

setup() {
	new_dir
	cat >"$DIR/nothing.py" <<-'PYTHON'
		class Nothing:
		    def child_init(self, rank):
		        return 0
		def mod_init():
		    return Nothing()
	PYTHON
}
teardown() { stop_kamailio; }

load_in_order() { # MODULE...: of Kamailio's, and tls_policy
	local module
	for module in "$@"; do
		case $module in
			tls_policy) echo "loadmodule \"${TLS_POLICY_SO:-$BUILD/tls_policy.so}\"" ;;
			*) echo "loadmodule \"$module.so\"" ;;
		esac
	done
}

# works_in_order MODULE...: the parameters arrive, and are kept to. With Python
# before tls a Kamailio that has tls_threads_mode dies by itself unless it is off.
works_in_order() {
	MODULES=$(load_in_order "$@")
	export MODULES
	start_kamailio "$([ "$1" != app_python3 ] || threads_mode 0)" "modparam(\"app_python3\", \"load\", \"$DIR/nothing.py\")" \
		"$(policy tls_version 12)" "$(policy SIPSRequireClientCertificate 1)"
	rpc tls_policy.show | grep -A2 'name: tls_version' | grep -q 'value: 12'
	expect_refused old "protocol version" version=1.1
	# shellcheck disable=SC2046
	expect_accepted new version=1.2 $(as stranger)
	stop_kamailio
}

@test "beside app_python3, loaded first" {
	works_in_order app_python3 tls tls_policy
}

@test "beside app_python3, loaded last" {
	works_in_order tls tls_policy app_python3
}
