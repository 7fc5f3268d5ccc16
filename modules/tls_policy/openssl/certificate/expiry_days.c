/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expiry_days - see expiry_days.h.
 */
#include "expiry_days.h"

#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "policy/escape.h"
#include "subject.h"

bool tlsp_cert_digest(
		const X509 *certificate, unsigned char out[TLSP_CERT_DIGEST_OCTETS])
{
	return X509_digest(certificate, EVP_sha256(), out, NULL) == 1;
}

/* ASN1_TIME_diff(3) gives both parts the sign of the difference. */
bool tlsp_cert_days_left(const X509 *certificate, int *out)
{
	int days, seconds;

	if(!ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)))
		return false;
	*out = days < 0 || seconds < 0 ? days - 1 : days;
	return true;
}

void tlsp_cert_days_describe(const X509 *certificate, char *subject,
		size_t subject_size, char *date, size_t date_size)
{
	char line[512];
	struct tm end;

	tlsp_subject_read(certificate, line, sizeof(line));
	tlsp_escape(line, strlen(line), subject, subject_size);
	date[0] = '\0';
	if(ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1)
		strftime(date, date_size, "%Y-%m-%d", &end);
}
