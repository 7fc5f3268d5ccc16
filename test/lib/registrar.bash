# registrar - a Kamailio for phones, for tests that have loaded live/helpers.
# shellcheck shell=bash

# A registrar and a proxy that stays in the dialog. The phones are found by
# their received address, as nathelper and path have it.
# shellcheck disable=SC2016
registrar() { # LINE...
	MODULES='loadmodule "tls.so"
loadmodule "'${TLS_POLICY_SO:-$BUILD/tls_policy.so}'"
loadmodule "rr.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "path.so"
loadmodule "nathelper.so"
loadmodule "maxfwd.so"' write_config \
		'modparam("nathelper|registrar", "received_avp", "$avp(received)")' \
		'modparam("registrar", "use_path", 1)' 'modparam("path", "use_received", 1)' "$@"
	sed -i '/^request_route {/,$d' "$DIR/kamailio.cfg"
	cat >>"$DIR/kamailio.cfg" <<'CFG'
request_route {
	xlog("L_NOTICE", "PARSED $ci from $si\n");
	if(is_method("REGISTER")) {
		fix_nated_register();
		save("location");
		exit;
	}
	if(has_totag()) {
		loose_route();
		if(!t_relay()) xlog("L_NOTICE", "UNRELAYED $ci\n");
		exit;
	}
	if(is_method("OPTIONS")) {
		sl_send_reply("200", "OK");
		exit;
	}
	record_route();
	fix_nated_contact();
	if(!lookup("location")) {
		sl_send_reply("404", "Not Found");
		exit;
	}
	if(!t_relay()) sl_reply_error();
	exit; # a script that ends with an error costs its peer the connection
}
CFG
	launch
	await_start
}
