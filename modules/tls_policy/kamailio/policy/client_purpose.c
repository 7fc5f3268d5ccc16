/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client_purpose - see client_purpose.h.
 */
#include "client_purpose.h"

#include <string.h>

#include "core/dprint.h"

#include "openssl/certificate/ends.h"
#include "openssl/certificate/own_purpose.h"
#include "policy/escape.h"
#include "policy/expiry/certificate.h"
#include "tls_domains.h"

enum
{
	SEEN_MAX = 64, /* that are told apart */
	PLACE_OCTETS = 512
};

/* Those that were told of. The same stands in many TLS domains. */
struct seen
{
	size_t count;
	uint64_t about[SEEN_MAX];
};

static bool is_new(struct seen *seen, const X509 *certificate, const char *file)
{
	uint64_t about = tlsp_cert_about(certificate, file);

	for(size_t i = 0; i < seen->count; i++)
		if(seen->about[i] == about)
			return false;
	if(seen->count < SEEN_MAX)
		seen->about[seen->count++] = about;
	return true;
}

static void warn(const char *place, const char *file, X509 *certificate)
{
	char path[TLSP_CERTIFICATE_NAME_OCTETS];
	char subject[TLSP_CERTIFICATE_NAME_OCTETS];

	tlsp_escape(file, strlen(file), path, sizeof(path));
	tlsp_cert_subject(certificate, subject, sizeof(subject));
	LM_WARN("our certificate %s (%s) of %s lacks clientAuth in its "
			"extendedKeyUsage: servers that ask us for a certificate will "
			"refuse it; public CAs issue that no longer, so take one of a CA "
			"of "
			"your own or of your peers'\n",
			path, subject, place);
}

static void look_at(void *user, const struct tlsp_tls_domain_files *domain)
{
	X509 *certificate = SSL_CTX_get0_certificate(domain->context);
	char place[PLACE_OCTETS];

	if(domain->role != TLSP_ROLE_CLIENT || !certificate
			|| !tlsp_own_purpose_lacks_client(certificate)
			|| !is_new(user, certificate, domain->certificate))
		return;
	snprintf(place, sizeof(place), "TLS domain %s", domain->name);
	warn(place, domain->certificate, certificate);
}

void tlsp_client_purpose_warn(const struct tlsp_book *book)
{
	const struct tlsp_policy *policy = book->rules[0].policy;
	struct tlsp_own_objects own = {0};
	struct seen seen = {0};

	if(policy->https_cert_file_name[0] == '\0') {
		tlsp_tls_domains_each(look_at, &seen);
		return;
	}
	if(tlsp_own_files_open(&own, book->rules[0].files) && own.certificate
			&& tlsp_own_purpose_lacks_client(own.certificate))
		warn("https_cert_file_name", policy->https_cert_file_name,
				own.certificate);
	tlsp_own_files_close(&own);
}
