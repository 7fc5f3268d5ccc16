/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view_print - see view_print.h.
 */
#include "view_print.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "openssl/certificate/ends.h"
#include "openssl/certificate/peer_cert.h"
#include "openssl/certificate/subject.h"
#include "policy/escape.h"
#include "policy/expiry/certificate.h"
#include "policy/explain_names.h"

enum
{
	SHOWN_NAMES = 32,
	SHOWN_AUTHORITIES = 16,
	DATE_OCTETS = 32,
	LINE_OCTETS = 8192
};

static const char *quoted(const X509_NAME *name, char *out, size_t size)
{
	char subject[TLSP_SUBJECT_OCTETS];

	tlsp_subject_read_name(name, subject, sizeof(subject));
	return tlsp_escape(subject, strlen(subject), out, size);
}

static const char *date_of(const ASN1_TIME *time, char out[DATE_OCTETS])
{
	struct tm tm;

	if(ASN1_TIME_to_tm(time, &tm) != 1
			|| strftime(out, DATE_OCTETS, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		return "no date";
	return out;
}

static void print_dates(const X509 *certificate)
{
	char from[DATE_OCTETS], to[DATE_OCTETS], left[48] = "";
	int64_t ends_s;
	int days;

	if(tlsp_cert_ends_s(certificate, &ends_s)) {
		days = tlsp_certificate_days_left(ends_s, (int64_t)time(NULL));
		snprintf(left, sizeof(left),
				days < 0 ? "; it ended %d days ago" : "; %d days left",
				days < 0 ? -days : days);
	}
	printf("  valid from %s to %s%s\n",
			date_of(X509_get0_notBefore(certificate), from),
			date_of(X509_get0_notAfter(certificate), to), left);
}

static void append_names(char *line, const struct tlsp_identity *names,
		size_t count, size_t *shown)
{
	for(size_t i = 0; i < count && *shown < SHOWN_NAMES; i++, (*shown)++) {
		if(line[0])
			tlsp_escape_append(line, LINE_OCTETS, ", ");
		tlsp_explain_append_identity(line, LINE_OCTETS, &names[i]);
	}
}

/* The SubjectAltName. */
static void print_names(X509 *certificate)
{
	static struct tlsp_peer_cert peer; /* too large for a stack */
	const struct tlsp_peer_facts *facts = &peer.facts;
	char line[LINE_OCTETS] = "", more[48];
	size_t shown = 0, all;

	tlsp_peer_cert_read(&peer, certificate);
	append_names(line, facts->identities, facts->identity_count, &shown);
	append_names(line, facts->uris, facts->uri_count, &shown);
	all = facts->identity_count + facts->uri_count;
	if(facts->malformed)
		printf("  malformed: %s\n", facts->malformed);
	else if(facts->san_present)
		printf("  names%s: %s%s\n", facts->san_critical ? " (critical)" : "",
				all ? line : "none that is compared",
				all > shown
								&& snprintf(more, sizeof(more), " and %zu more",
										   all - shown)
										   > 0
						? more
						: "");
	tlsp_peer_cert_cleanup(&peer);
}

static void print_certificate(X509 *certificate, int number)
{
	char name[512];

	printf("certificate %d: \"%s\"\n", number,
			quoted(X509_get_subject_name(certificate), name, sizeof(name)));
	printf("  issued by \"%s\"\n",
			quoted(X509_get_issuer_name(certificate), name, sizeof(name)));
	print_dates(certificate);
	print_names(certificate);
}

static void print_request(const struct server_view *view)
{
	int count = sk_X509_NAME_num(view->authorities);
	char name[512];

	if(!view->asked) {
		puts("it asks for no client certificate");
		return;
	}
	puts(count > 0 ? "it asks for a client certificate, of the CAs"
				   : "it asks for a client certificate, of whatever CA");
	for(int i = 0; i < count && i < SHOWN_AUTHORITIES; i++)
		printf("  \"%s\"\n", quoted(sk_X509_NAME_value(view->authorities, i),
									 name, sizeof(name)));
	if(count > SHOWN_AUTHORITIES)
		printf("  and %d more\n", count - SHOWN_AUTHORITIES);
}

void view_print(const struct server_view *view, const char *where,
		const char *server_name)
{
	int count = sk_X509_num(view->chain);

	printf("%s: %s, %s; %s%s\n", where,
			view->version ? view->version_word : "no version was agreed on",
			view->version ? view->cipher : "no cipher",
			server_name[0] ? "asked for " : "asked for no server name",
			server_name);
	for(int i = 0; i < count && i < TLSP_CHAIN_MAX; i++)
		print_certificate(sk_X509_value(view->chain, i), i + 1);
	if(count > TLSP_CHAIN_MAX)
		printf("and %d certificates more\n", count - TLSP_CHAIN_MAX);
	print_request(view);
}
