/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shown - see shown.h.
 */
#include "shown.h"

#include <string.h>

#include "openssl/certificate/ends.h"

/* The subject where no name was judged, or one that is no host. */
static void tell_identity(struct tlsp_shown *out,
		const struct tlsp_accepted *accepted, const X509 *certificate)
{
	if(accepted->match != TLSP_MATCH_NONE && accepted->host.octets > 0) {
		tlsp_hostname_print(
				&accepted->host, out->identity, sizeof(out->identity));
		return;
	}
	tlsp_cert_subject(certificate, out->identity, sizeof(out->identity));
}

void tlsp_shown_tell(SSL *ssl, const struct tlsp_record *record)
{
	const X509 *certificate = SSL_get0_peer_certificate(ssl);
	struct tlsp_shown *out;
	int64_t ends_s;

	if(record->standing != TLSP_STANDING_ACCEPTED || !record->shown.certificate
			|| !certificate || !tlsp_cert_ends_s(certificate, &ends_s))
		return;
	out = tlsp_gate_shown();
	out->role = record->role;
	memcpy(out->rule, record->rule_name, sizeof(out->rule));
	out->ends_s = ends_s;
	out->by_server_auth = record->shown.by_server_auth;
	tell_identity(out, &record->shown, certificate);
}
