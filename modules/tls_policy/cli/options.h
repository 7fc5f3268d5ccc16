/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options - the options of `tls-policy check` and `tls-policy probe`, one table
 * for both -> what is asked. libc, files/ and policy/ only.
 */
#ifndef TLSP_OPTIONS_H
#define TLSP_OPTIONS_H

#include <stdbool.h>

#include "policy/parameters.h"
#include "policy/proxies/proxy_list.h"
#include "rule_request.h"

enum
{
	TLSP_REQUEST_CRL_FILES = 64
};

enum request_command
{
	REQUEST_CHECK,
	REQUEST_PROBE
};

struct request
{
	enum tlsp_role role; /* ours: SERVER when the peer is a client */
	const char *ca_file; /* NULL: the system's trust anchors */
	const char *crl_files[TLSP_REQUEST_CRL_FILES];
	size_t crl_count;
	bool input_taken; /* one of the files is the standard input */
	bool names_only;
	const char *config, *rule_name; /* NULL: the options say it all */
	const char *said;				/* an option that a rule says instead */
	bool proxies_given;
	struct rule_request rule;
	struct tlsp_policy policy;
	struct tlsp_host dialled_name; /* if not of 0 octets */
	struct tlsp_host peer_address; /* likewise */
	struct tlsp_proxy_list list;
	struct tlsp_proxies *proxies; /* the index of |list| */
	/* of check */
	char *const *certificates; /* the files */
	size_t certificate_count;
	/* of probe */
	struct tlsp_host target;
	char port[6];
	const char *server_name; /* that is asked for; "": none */
	char server_name_text[TLSP_HOSTNAME_MAX_OCTETS + 1];
	const char *own_certificate, *own_key; /* NULL: we show none */
	unsigned timeout_s;
};

/* options_read: the options in |argv| into |request|, whose defaults are there;
 * files of proxies are read. optind is where the rest begins. False, once it has
 * complained, if anything is wrong or no option of |command|. */
bool options_read(struct request *request, enum request_command command,
		int argc, char **argv);

/* options_take_path: |path| is going to be read. False, once it has complained,
 * if it is the standard input ("-") for a second time. */
bool options_take_path(struct request *request, const char *path);

#endif
