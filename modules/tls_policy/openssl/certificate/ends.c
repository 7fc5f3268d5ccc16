/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ends - see ends.h.
 */
#include "ends.h"

#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "policy/escape.h"
#include "subject.h"

enum
{
	NAME_OCTETS = 1024 /* that count */
};

uint64_t tlsp_cert_about(const X509 *certificate, const char *name)
{
	unsigned char both[EVP_MAX_MD_SIZE + NAME_OCTETS];
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t octets = strlen(name);
	unsigned size;
	uint64_t about;

	if(octets > NAME_OCTETS)
		octets = NAME_OCTETS;
	if(X509_digest(certificate, EVP_sha256(), both, &size) != 1)
		return 0;
	memcpy(both + size, name, octets);
	if(EVP_Digest(both, size + octets, digest, NULL, EVP_sha256(), NULL) != 1)
		return 0;
	memcpy(&about, digest, sizeof(about));
	return about ? about : 1;
}

bool tlsp_cert_ends_s(const X509 *certificate, int64_t *out)
{
	struct tm end;
	bool known;

	ERR_set_mark();
	known = ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1;
	ERR_pop_to_mark();
	if(known)
		*out = (int64_t)timegm(&end);
	return known;
}

void tlsp_cert_subject(const X509 *certificate, char *out, size_t size)
{
	char line[512];

	tlsp_subject_read(certificate, line, sizeof(line));
	tlsp_escape(line, strlen(line), out, size);
}
