/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * identity - is what a certificate presents one of these proxies? The rules
 * about wildcards and the CN live here only. No allocation unless a CN is not
 * ASCII; any process.
 */
#ifndef TLSP_IDENTITY_H
#define TLSP_IDENTITY_H

#include "policy/host/hostname.h"
#include "policy/peer_facts.h"
#include "policy/proxies/proxies.h"

/* tlsp_identity_host: the host that |identity| is about, whoever may vouch for
 * it. False if its text is none. */
bool tlsp_identity_host(
		const struct tlsp_identity *identity, struct tlsp_host *out);

/*
 * tlsp_identity_is_proxy: does |identity| (any type) stand for one of
 * |proxies|? A "*." matches exactly one whole leftmost label of a configured
 * name, only if |wildcards|, never an address, and never in a URI (RFC 5922,
 * 7.2). A wildcard proxy matches any name one label below it. On true
 * |out_host| is the canonical identity.
 */
bool tlsp_identity_is_proxy(const struct tlsp_identity *identity,
		const struct tlsp_proxies *proxies, bool wildcards,
		struct tlsp_host *out_host);

/* tlsp_identity_prefetch: a hint that tlsp_identity_is_proxy will be asked the
 * same soon. */
void tlsp_identity_prefetch(const struct tlsp_identity *identity,
		const struct tlsp_proxies *proxies);

/*
 * tlsp_identity_stands_for: does |identity| name |host| (a NAME or an address)?
 * The same comparison as above, with one host instead of the proxies.
 */
bool tlsp_identity_stands_for(const struct tlsp_identity *identity,
		const struct tlsp_host *host, bool wildcards);

/* tlsp_identity_host_is_proxy: is |host| (a NAME or an address) one of
 * |proxies|, or one label below a wildcard proxy? */
bool tlsp_identity_host_is_proxy(
		const struct tlsp_host *host, const struct tlsp_proxies *proxies);

/* tlsp_identity_wildcard_over: as text, the one wildcard that covers |host|
 * (TLSP_HOSTNAME_MAX_OCTETS + 3 octets suffice); false if none does. */
bool tlsp_identity_wildcard_over(
		const struct tlsp_host *host, char *text, size_t size);

/* tlsp_identity_covers: is |host| a name exactly one label below |wildcard|
 * (of kind WILDCARD)? */
bool tlsp_identity_covers(
		const struct tlsp_host *wildcard, const struct tlsp_host *host);

/*
 * tlsp_identity_proxy_of: which proxy |matched|, of tlsp_identity_is_proxy, was
 * accepted for, if it is none itself: the first that a wildcard stands for, or
 * the wildcard proxy that it is below. |out| is of 0 octets otherwise.
 */
void tlsp_identity_proxy_of(const struct tlsp_host *matched,
		const struct tlsp_proxies *proxies, struct tlsp_host *out);

/*
 * tlsp_identity_check_proxies: may |proxies| be held? A wildcard proxy needs
 * |wildcard_proxies|, the parameter. If not, false and one sentence that names
 * the proxy and the parameter in |error| (cut at |error_size|).
 */
bool tlsp_identity_check_proxies(const struct tlsp_proxies *proxies,
		bool wildcard_proxies, char *error, size_t error_size);

/*
 * tlsp_identity_is_subject_name: does a CN equal |subject_name|
 * (TLSRemoteSubjectName)? Host names are compared as host names (case, IDN,
 * dot, wildcard in the CN if |wildcards|); a CN or a subject name that is no
 * host name octet by octet. An empty |subject_name| matches nothing.
 */
bool tlsp_identity_is_subject_name(const struct tlsp_identity *common_name,
		const char *subject_name, bool wildcards, struct tlsp_host *out_host);

/* tlsp_identity_is_subject_host: is |subject_name| (TLSRemoteSubjectName) the
 * host |host|? */
bool tlsp_identity_is_subject_host(
		const char *subject_name, const struct tlsp_host *host);

#endif
