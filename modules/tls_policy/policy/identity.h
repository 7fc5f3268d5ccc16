/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * identity - is what a certificate presents one of these proxies? The rules
 * about wildcards and the CN live here only. No allocation unless a CN is not
 * ASCII; any process.
 */
#ifndef TLSP_IDENTITY_H
#define TLSP_IDENTITY_H

#include "verdict.h"

/*
 * tlsp_identity_is_proxy: does |identity| (any type) stand for one of
 * |proxies|? A "*." matches exactly one whole leftmost label of a configured
 * name, only if |wildcards|, never an address. A wildcard proxy matches any
 * name one label below it. On true |out_host| is the canonical identity.
 */
bool tlsp_identity_is_proxy(const struct tlsp_identity *identity,
		const struct tlsp_proxies *proxies, bool wildcards,
		struct tlsp_host *out_host);

/*
 * tlsp_identity_is_subject_name: does a CN equal |subject_name|
 * (TLSRemoteSubjectName)? Host names are compared as host names (case, IDN,
 * dot, wildcard in the CN if |wildcards|); a CN or a subject name that is no
 * host name octet by octet. An empty |subject_name| matches nothing.
 */
bool tlsp_identity_is_subject_name(const struct tlsp_identity *common_name,
		const char *subject_name, bool wildcards, struct tlsp_host *out_host);

#endif
