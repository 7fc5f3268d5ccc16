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

static const char crls_name[] = "crl_file_name";

struct telling
{
	const struct tlsp_policy *policy;
	tlsp_own_dates_fn *tell;
	void *user;
};

/* "PARAMETER: FILE: WHAT of SUBJECT HOW [DATE]" */
static void tell(const struct telling *telling, const char *parameter,
		const char *file, const char *what, const X509_NAME *whose,
		const char *how, const ASN1_TIME *date)
{
	char path[192], line[512], subject[256], when[32] = "", sentence[1024];
	struct tm tm;

	tlsp_escape_written(file, strlen(file), path, sizeof(path));
	tlsp_subject_read_name(whose, line, sizeof(line));
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
	const X509_NAME *whose = X509_get_subject_name(certificate);

	if(X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0)
		tell(telling, parameter, file, what, whose, "expired on",
				X509_get0_notAfter(certificate));
	else if(X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
		tell(telling, parameter, file, what, whose, "is not valid before",
				X509_get0_notBefore(certificate));
	else
		return true;
	return false;
}

/* Is there a CRL of |issuer| that is in force? If not, *ended is when the last
 * of them ended, or NULL. */
static bool has_crl(STACK_OF(X509_CRL) * crls, const X509_NAME *issuer,
		const ASN1_TIME **ended)
{
	*ended = NULL;
	for(int i = 0; i < sk_X509_CRL_num(crls); i++) {
		const X509_CRL *crl = sk_X509_CRL_value(crls, i);
		const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);

		if(X509_NAME_cmp(X509_CRL_get_issuer(crl), issuer) != 0)
			continue;
		if(!next || X509_cmp_current_time(next) > 0)
			return true;
		if(!*ended || ASN1_TIME_compare(next, *ended) > 0)
			*ended = next;
	}
	return false;
}

static bool tell_of_crl_of_root(const struct telling *telling, const X509 *root,
		STACK_OF(X509_CRL) * crls)
{
	const X509_NAME *whose = X509_get_subject_name(root);
	const ASN1_TIME *ended;

	if(has_crl(crls, whose, &ended))
		return true;
	tell(telling, crls_name, telling->policy->crl_file_name, "the trust anchor",
			whose,
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
			valid = tell_of_crl_of_root(telling, root, own->crls) && valid;
		any = any || valid;
	}
	return any;
}

static bool is_root(const struct tlsp_own_objects *own, const X509_NAME *name)
{
	for(int i = 0; i < sk_X509_num(own->roots); i++)
		if(X509_NAME_cmp(
				   X509_get_subject_name(sk_X509_value(own->roots, i)), name)
				== 0)
			return true;
	return false;
}

/* Of the intermediate CAs. Of several one is in force, or each is told. */
static void tell_of_other_crls(
		const struct telling *telling, const struct tlsp_own_objects *own)
{
	for(int i = 0; i < sk_X509_CRL_num(own->crls); i++) {
		const X509_NAME *issuer =
				X509_CRL_get_issuer(sk_X509_CRL_value(own->crls, i));
		const ASN1_TIME *ended;

		if(!is_root(own, issuer) && !has_crl(own->crls, issuer, &ended))
			tell(telling, crls_name, telling->policy->crl_file_name,
					"the CRL of the CA", issuer, "expired on", ended);
	}
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
	tell_of_other_crls(&telling, &own);
	tlsp_own_files_close(&own);
	return serves;
}
