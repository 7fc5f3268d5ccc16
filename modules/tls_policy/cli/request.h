/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request - the arguments of `tls-policy check` -> what is asked. libc, files/
 * and policy/ only.
 */
#ifndef TLSP_REQUEST_H
#define TLSP_REQUEST_H

#include <stdbool.h>

#include "policy/cert_usage.h"
#include "policy/proxies/proxy_list.h"
#include "rule_request.h"

enum
{
	TLSP_REQUEST_CRL_FILES = 64
};

struct request
{
	enum tlsp_role role; /* ours: SERVER when the peer is a client */
	const char *ca_file; /* NULL: the system's trust anchors */
	const char *crl_files[TLSP_REQUEST_CRL_FILES];
	size_t crl_count;
	const char *certificate; /* the file */
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
};

extern const char request_usage[];

/* request_complain: one line on stderr. Returns false. */
bool request_complain(const char *sentence);

/*
 * request_read fills |request| from the arguments behind "check" and reads the
 * files of proxies. False, once it has complained, if anything is wrong. Pair
 * with request_cleanup in either case.
 */
bool request_read(struct request *request, int argc, char **argv);
void request_cleanup(struct request *request);

#endif
