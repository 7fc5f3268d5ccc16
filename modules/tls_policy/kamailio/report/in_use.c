/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * in_use - see in_use.h.
 */
#include "in_use.h"

#include <stdio.h>
#include <string.h>

#include "openssl/certificate/ends.h"
#include "openssl/tls_context.h"
#include "policy/escape.h"
#include "kamailio/policy/tls_domains.h"

enum
{
	SEEN_MAX = 4096 /* that are told apart */
};

/* One look. */
static uint64_t seen[SEEN_MAX];
static size_t seen_count;

struct look
{
	struct tlsp_soonest *out;
	bool own_named;		/* https_cert_file_name replaces all of tls.cfg's */
	bool anchors_named; /* each rule has https_root_file_name */
	/* Where the next certificate is: */
	char place[TLSP_CERTIFICATE_TEXT_OCTETS];
	const char *file, *rule;
};

/* One may be ours and a trust anchor, too, and lie in two files. */
static bool is_new(enum tlsp_certificate_kind kind, uint64_t about)
{
	about += kind;
	for(size_t i = 0; i < seen_count; i++)
		if(seen[i] == about)
			return false;
	if(seen_count < SEEN_MAX)
		seen[seen_count++] = about;
	return true;
}

static void add(const struct look *look, enum tlsp_certificate_kind kind,
		const X509 *certificate)
{
	struct tlsp_certificate row = {
			.kind = kind, .about = tlsp_cert_about(certificate, look->file)};

	if(!is_new(kind, row.about) || !tlsp_cert_ends_s(certificate, &row.ends_s))
		return;
	tlsp_escape(look->file, strlen(look->file), row.name, sizeof(row.name));
	tlsp_cert_subject(certificate, row.subject, sizeof(row.subject));
	memcpy(row.place, look->place, sizeof(row.place));
	snprintf(row.rule, sizeof(row.rule), "%s", look->rule);
	tlsp_soonest_add(look->out, &row);
}

static void add_all(const struct look *look, enum tlsp_certificate_kind kind,
		STACK_OF(X509) * certificates)
{
	for(int i = 0; i < sk_X509_num(certificates); i++)
		add(look, kind, sk_X509_value(certificates, i));
}

/* The files of one rule; our certificate is the same in all. */
static void add_files(struct look *look, const struct tlsp_terms *terms)
{
	struct tlsp_own_objects own;

	if(!tlsp_own_files_open(&own, terms->own_files))
		return;
	snprintf(look->place, sizeof(look->place), "https_cert_file_name");
	look->file = terms->policy->https_cert_file_name;
	look->rule = "";
	if(own.certificate)
		add(look, TLSP_CERTIFICATE_OWN, own.certificate);
	add_all(look, TLSP_CERTIFICATE_OWN, own.chain);
	snprintf(look->place, sizeof(look->place), "https_root_file_name");
	look->file = terms->policy->https_root_file_name;
	look->rule = terms->rule;
	add_all(look, TLSP_CERTIFICATE_ANCHOR, own.roots);
	tlsp_own_files_close(&own);
}

struct domain_look
{
	struct look *look;
	const struct tlsp_tls_domain_files *domain;
};

static void add_of_domain(
		void *user, enum tlsp_certificate_kind kind, X509 *certificate)
{
	struct domain_look *of = user;
	bool own = kind == TLSP_CERTIFICATE_OWN;

	of->look->file = own ? of->domain->certificate : of->domain->anchors;
	if(own ? !of->look->own_named : !of->look->anchors_named)
		add(of->look, kind, certificate);
}

static void add_domain(void *user, const struct tlsp_tls_domain_files *domain)
{
	struct domain_look of = {user, domain};

	of.look->rule = "";
	snprintf(of.look->place, sizeof(of.look->place), "TLS domain %.140s",
			domain->name);
	tlsp_tls_context_each(domain->context, add_of_domain, &of);
}

void tlsp_in_use_read(struct tlsp_soonest *out, const struct tlsp_in_force *all)
{
	struct look look = {.out = out, .anchors_named = true};
	size_t next = 0;

	out->count = out->left_out = seen_count = 0;
	look.own_named = all->terms->policy->https_cert_file_name[0] != '\0';
	for(size_t i = 0; i <= all->rules; i++) {
		const struct tlsp_terms *terms = &all->terms[i];

		if(!terms->policy->https_root_file_name[0])
			look.anchors_named = false;
		if(terms->own_number < next)
			continue; /* the same files as an earlier rule's */
		next++;
		if(terms->own_files)
			add_files(&look, terms);
	}
	tlsp_tls_domains_each(add_domain, &look);
}
