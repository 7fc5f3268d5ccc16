/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_dates - see own_dates.h.
 */
#include "own_dates.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy/escape.h"
#include "subject.h"

struct telling
{
	const struct tlsp_policy *policy;
	tlsp_own_dates_fn *tell;
	void *user;
};

/* "PARAMETER: FILE: WHAT of SUBJECT HOW [DATE]" */
static void tell(const struct telling *telling, const char *parameter,
		const char *file, const char *what, const X509 *whose, const char *how,
		const ASN1_TIME *date)
{
	char path[192], line[512], subject[256], when[32] = "", sentence[1024];
	struct tm tm;

	tlsp_escape(file, strlen(file), path, sizeof(path));
	tlsp_subject_read(whose, line, sizeof(line));
	tlsp_escape(line, strlen(line), subject, sizeof(subject));
	if(date && ASN1_TIME_to_tm(date, &tm) == 1)
		strftime(when, sizeof(when), " %Y-%m-%d %H:%M:%S UTC", &tm);
	snprintf(sentence, sizeof(sentence), "%s: %s: %s (%s) %s%s", parameter,
			path, what, subject, how, when);
	telling->tell(telling->user, sentence);
}

/* Is |certificate| within its dates? Tells it if not. */
static bool is_valid(const struct telling *telling, const char *parameter,
		const char *file, const char *what, const X509 *certificate)
{
	if(X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0)
		tell(telling, parameter, file, what, certificate, "expired on",
				X509_get0_notAfter(certificate));
	else if(X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
		tell(telling, parameter, file, what, certificate, "is not valid before",
				X509_get0_notBefore(certificate));
	else
		return true;
	return false;
}

/* Is there a CRL of |root| that is in force? Tells it if not. */
static bool has_crl(const struct telling *telling, const X509 *root,
		STACK_OF(X509_CRL) * crls)
{
	const char *file = telling->policy->crl_file_name;
	const ASN1_TIME *ended = NULL;

	for(int i = 0; i < sk_X509_CRL_num(crls); i++) {
		X509_CRL *crl = sk_X509_CRL_value(crls, i);
		const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);

		if(X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(root))
				!= 0)
			continue;
		if(!next || X509_cmp_current_time(next) > 0)
			return true;
		ended = next;
	}
	tell(telling, "crl_file_name", file, "the trust anchor", root,
			ended ? "vouches for nobody: its CRL expired on"
				  : "vouches for nobody: it has no CRL here",
			ended);
	return false;
}

static bool tell_of_roots(
		const struct telling *telling, const struct tlsp_own_objects *own)
{
	bool any = false;

	for(int i = 0; i < sk_X509_num(own->roots); i++) {
		const X509 *root = sk_X509_value(own->roots, i);
		bool valid = is_valid(telling, "https_root_file_name",
				telling->policy->https_root_file_name, "the trust anchor",
				root);

		if(own->crls)
			valid = has_crl(telling, root, own->crls) && valid;
		any = any || valid;
	}
	return any;
}

bool tlsp_own_dates_tell(const struct tlsp_own_files *files,
		const struct tlsp_policy *policy, tlsp_own_dates_fn *fn, void *user)
{
	const struct telling telling = {policy, fn, user};
	struct tlsp_own_objects own;
	bool serves = true;

	if(!tlsp_own_files_open(&own, files))
		return false;
	if(own.certificate)
		is_valid(&telling, "https_cert_file_name", policy->https_cert_file_name,
				"our certificate", own.certificate);
	for(int i = 0; i < sk_X509_num(own.chain); i++)
		is_valid(&telling, "https_cert_file_name", policy->https_cert_file_name,
				"a certificate of our chain", sk_X509_value(own.chain, i));
	if(own.roots)
		serves = tell_of_roots(&telling, &own);
	tlsp_own_files_close(&own);
	return serves;
}
