# sources - what tests ask of a list of proxies. helpers must be there.
# shellcheck shell=bash

names() { policy peer_host_name_verification_mode both; policy sips_require_client_certificate 1; }

count() { rpc tls_policy.proxies | sed -n 's/^[[:space:]]*count: //p'; }

# reload_refused SENTENCE: the answer holds it, and the list stays.
reload_refused() {
	local before answer
	before=$(rpc tls_policy.proxies)
	answer=$(rpc tls_policy.reload)
	if ! grep -qF -- "$1" <<<"$answer"; then
		echo "expected: $1; got: $answer" >&2
		return 1
	fi
	[ "$before" = "$(rpc tls_policy.proxies)" ]
}

reloaded() { # COUNT
	[ "$(rpc tls_policy.reload | tr -d ' \t\n{}')" = "proxies:$1rules:0" ]
	[ "$(count)" = "$1" ]
}
