#!/usr/bin/env bats
# Proxies from parameters and files; reload is all or nothing.
load helpers
load ../lib/sources

setup() { new_dir; }
teardown() { stop_kamailio; }

@test "one list from parameters and files, each host once" {
	printf 'a.example # one\n\nsip:u@B.example.:5061;transport=tls\n' >"$DIR/one"
	printf '# setid(int) destination(sip uri) flags(int,opt) priority(int,opt) attrs(str,opt)\n1 sip:c.example:5060 8 10 weight=50\n2 sip:[2001:db8::10]:5061\n2 sip:192.0.2.10\n' >"$DIR/dispatcher.list"
	start_kamailio "$(policy proxy trusted.example.com)" "$(policy proxy A.example)" \
		"$(policy proxy_file "$DIR/one")" "$(policy proxy_file "$DIR/dispatcher.list")"
	[ "$(count)" = 6 ]
	for name in trusted.example.com a.example b.example c.example 2001:db8::10 192.0.2.10; do
		[ "$(rpc tls_policy.proxies name="$name")" = "$name" ]
	done
}

@test "a reload takes effect on the next connection, in every worker" {
	echo other.example >"$DIR/list"
	start_kamailio "$(names)" "$(policy proxy_file "$DIR/list")"
	for round in 1 2 3; do
		echo trusted.example.com >"$DIR/list"
		reloaded 1
		for n in 1 2 3 4 5; do expect_accepted "in-$round-$n" $(as trusted); done
		echo other.example >"$DIR/list"
		reloaded 1
		for n in 1 2 3 4 5; do expect_refused "out-$round-$n" "bad certificate" $(as trusted); done
	done
}

@test "files: what does not start, by file and line" {
	printf 'a.example\nb..example\n' >"$DIR/list"
	refuses_start "$DIR/list:2: \"b..example\" has an empty label" "$(policy proxy_file "$DIR/list")"
	refuses_start "$DIR/none: No such file or directory" "$(policy proxy_file "$DIR/none")"
	refuses_start "$DIR: Is a directory" "$(policy proxy_file "$DIR")"
	refuses_start "proxy_file is empty" 'modparam("tls_policy", "proxy_file", "")'
	: >"$DIR/empty"
	refuses_start "no proxy is configured" "$(names)" "$(policy proxy_file "$DIR/empty")"
}

@test "files: NUL, long lines, CRLF, a byte order mark, two hosts, a wildcard" {
	printf '\xef\xbb\xbfa.example\r\n# c\r\n\r\n1 sip:b.example:5060 8\r\nc.example' >"$DIR/list"
	start_kamailio "$(names)" "$(policy proxy_file "$DIR/list")"
	[ "$(count)" = 3 ]
	printf 'a.example\nb.exa\0mple\n' >"$DIR/list"
	reload_refused "$DIR/list:2: \"b.exa\\x00mple\" has a NUL octet"
	{ echo a.example; head -c 5000 /dev/zero | tr '\0' a; } >"$DIR/list"
	reload_refused "$DIR/list:2: the line is longer than 4096 octets"
	printf 'a.example b.example\n' >"$DIR/list"
	reload_refused "$DIR/list:1: \"a.example b.example\" has a character that no host has"
	printf 'a.example\n\n\n*.carrier.example\n' >"$DIR/list"
	reload_refused "$DIR/list:4: \"*.carrier.example\" stands for every name below it, which wildcard_proxies=1 has to permit"
	rpc tls_policy.set wildcard_proxies 1
	reloaded 2
	rpc tls_policy.set wildcard_proxies 0 | grep -qF 'proxy "*.carrier.example" stands for every name below it'
	printf '\xff\xfea\0.\0b\0' >"$DIR/list"
	reload_refused "$DIR/list:1: \"\\xff\\xfea\\x00.\\x00b\\x00\" has a NUL octet"
	rm "$DIR/list"
	reload_refused "$DIR/list: No such file or directory"
	mkdir "$DIR/list"
	reload_refused "$DIR/list: Is a directory"
	rmdir "$DIR/list"
	: >"$DIR/list"
	reload_refused "no proxy is configured"
	mkfifo "$DIR/pipe" && mv "$DIR/pipe" "$DIR/list"
	reload_refused "$DIR/list: not a regular file" # nobody writes
	exec 4<>"$DIR/list"
	reload_refused "$DIR/list: not a regular file" # somebody may, one day
	exec 4>&-
	ln -sf /dev/zero "$DIR/list"
	reload_refused "$DIR/list: not a regular file"
	rm "$DIR/list"
	truncate -s 268435457 "$DIR/list"
	reload_refused "$DIR/list: larger than 268435456 octets"
	printf 'a.example\nb.example\n' >"$DIR/new" && mv "$DIR/new" "$DIR/list"
	reloaded 2
}

@test "without names to compare, an empty list is no error" {
	: >"$DIR/list"
	start_kamailio "$(policy proxy_file "$DIR/list")"
	reloaded 0
	echo a.example >"$DIR/list"
	reloaded 1
	: >"$DIR/list"
	reloaded 0
}

@test "a policy changed at run time counts for the next reload" {
	echo a.example >"$DIR/list"
	start_kamailio "$(policy proxy_file "$DIR/list")"
	rpc tls_policy.set peer_host_name_verification_mode both
	: >"$DIR/list"
	reload_refused "no proxy is configured"
	rpc tls_policy.set peer_host_name_verification_mode off
	reloaded 0
	rpc tls_policy.set peer_host_name_verification_mode both | grep -q "no proxy is configured"
}
