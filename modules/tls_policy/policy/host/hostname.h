/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostname - one canonical form for every host that an operator configures or
 * a certificate presents. Owns no state; libc, libunistring and libidn2 only;
 * runs in every process.
 */
#ifndef TLSP_HOSTNAME_H
#define TLSP_HOSTNAME_H

#include <stdbool.h>
#include <stddef.h>

#include "host.h"

/*
 * tlsp_hostname_from_operator reads what an operator writes for one proxy:
 * "sip.example.com", "192.0.2.1", "2001:db8::1", "[2001:db8::1]",
 * "host:5061", "[2001:db8::1]:5061", "sip:user@host:5061;transport=tls",
 * "<sip:host>", "*.carrier.net" (kind WILDCARD; the caller decides whether
 * it allows that), names in UTF-8 (IDNA2008, non-transitional, UTS #46
 * mapped, NFC). |text| need not end in NUL. One trailing dot of a name is
 * dropped; underscores are allowed as operators use them. Writes |out| only
 * when it returns TLSP_HOST_OK. Takes no lock; may allocate (libidn2).
 */
enum tlsp_host_error tlsp_hostname_from_operator(
		struct tlsp_host *out, const char *text, size_t octets);

/* tlsp_hostname_and_port_from_operator: likewise; |port|: did it name one? */
enum tlsp_host_error tlsp_hostname_and_port_from_operator(
		struct tlsp_host *out, bool *port, const char *text, size_t octets);

/*
 * tlsp_hostname_from_dns_name reads a dNSName of a certificate: A-labels
 * only, never an address, "*." as whole leftmost label gives WILDCARD (two
 * labels or more must follow: RFC 6125, 6.4.3 and the manual). A name that
 * looks like an IPv4 address is TLSP_HOST_BAD_ADDRESS: an address belongs in
 * iPAddress (RFC 5280, 4.2.1.6). Does not allocate. Writes |out| only on
 * TLSP_HOST_OK.
 */
enum tlsp_host_error tlsp_hostname_from_dns_name(
		struct tlsp_host *out, const unsigned char *text, size_t octets);

/*
 * tlsp_hostname_from_common_name reads a subject CN that was converted to
 * UTF-8: as a dNSName, and U-labels become A-labels. A CN that is text of an
 * address gives IPV4 or IPV6. Allocates (libidn2) only when it is not ASCII.
 */
enum tlsp_host_error tlsp_hostname_from_common_name(
		struct tlsp_host *out, const unsigned char *utf8, size_t octets);

/*
 * tlsp_hostname_from_ip_address takes an iPAddress of a certificate: 4 or 16
 * octets in network order, else TLSP_HOST_BAD_ADDRESS.
 */
enum tlsp_host_error tlsp_hostname_from_ip_address(
		struct tlsp_host *out, const unsigned char *address, size_t octets);

/*
 * tlsp_hostname_from_sip_uri reads the host of a certificate's URI, which is
 * the whole SIP domain (RFC 5922, 7.1 and 7.2): scheme "sip" in any case, no
 * '@'; port, parameters and headers are passed over. A-labels only, no
 * wildcard; an address may stand for itself. Does not allocate. Writes |out|
 * only on TLSP_HOST_OK; TLSP_HOST_BAD_URI if the URI names no SIP domain.
 */
enum tlsp_host_error tlsp_hostname_from_sip_uri(
		struct tlsp_host *out, const unsigned char *uri, size_t octets);

/* tlsp_hostname_is_sip_domain: is |uri| of the type that names a SIP domain,
 * whether its host can be read or not (RFC 5922, 7.1)? */
bool tlsp_hostname_is_sip_domain(const unsigned char *uri, size_t octets);

/* tlsp_hostname_equal: same kind, same octets. */
bool tlsp_hostname_equal(const struct tlsp_host *a, const struct tlsp_host *b);

/*
 * tlsp_hostname_print writes the canonical text ("sip.example.com",
 * "*.example.com", "192.0.2.1", "2001:db8::1") and NUL into |buffer|, cut at
 * |size|; 256 always suffice. Returns |buffer|.
 */
char *tlsp_hostname_print(
		const struct tlsp_host *host, char *buffer, size_t size);

/* tlsp_hostname_print_peer: likewise, of whom a connection is with: an IPv6
 * address in brackets, as in a URI. */
char *tlsp_hostname_print_peer(
		const struct tlsp_host *host, char *buffer, size_t size);

/* tlsp_hostname_error_text: half a sentence that follows the quoted input,
 * for example "has an empty label". Static, never NULL. */
const char *tlsp_hostname_error_text(enum tlsp_host_error error);

#endif
