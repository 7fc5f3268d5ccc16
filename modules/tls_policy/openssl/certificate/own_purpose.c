/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_purpose - see own_purpose.h.
 */
#include "own_purpose.h"

#include "peer_cert.h"
#include "policy/cert_usage.h"

bool tlsp_own_purpose_lacks_client(X509 *certificate)
{
	struct tlsp_cert_usage usage;

	tlsp_peer_cert_read_usage(&usage, certificate);
	return usage.purposes_present
		   && !tlsp_cert_usage_is_for(TLSP_ROLE_SERVER, usage.purposes);
}
