/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge - see judge.h.
 */
#include "judge.h"

#include <stdio.h>
#include <string.h>

#include "openssl/certificate/subject.h"
#include "openssl/certificate/verify_file.h"
#include "policy/escape.h"
#include "policy/explain.h"
#include "policy/names/names.h"

enum
{
	SHOWN_NAME_OCTETS = 300,
	ERROR_OCTETS = 4608
};

/* One line, behind the |name| if there are several. */
static void say(const char *name, const char *line)
{
	char shown[SHOWN_NAME_OCTETS];

	if(name)
		printf("%s: %s\n",
				tlsp_escape(name, strlen(name), shown, sizeof(shown)), line);
	else
		puts(line);
}

static void print_verdict(const struct tlsp_verdict *verdict,
		const struct tlsp_peer_facts *facts, const char *name)
{
	char text[2048];

	say(name, verdict->accepted
					  ? tlsp_explain_verdict(verdict, facts, text, sizeof(text))
					  : "refused");
	for(unsigned reason = 1; reason && reason <= verdict->reasons; reason <<= 1)
		if(verdict->reasons & reason)
			say(name, tlsp_explain_reason((enum tlsp_reason)reason, verdict,
							  facts, text, sizeof(text)));
}

static bool issued(X509 *issuer, X509 *certificate)
{
	return X509_cmp(issuer, certificate) != 0
		   && X509_NAME_cmp(X509_get_subject_name(issuer),
					  X509_get_issuer_name(certificate))
					  == 0;
}

static bool issued_any(STACK_OF(X509) * certificates, int i)
{
	for(int j = 0; j < sk_X509_num(certificates); j++)
		if(issued(sk_X509_value(certificates, i),
				   sk_X509_value(certificates, j)))
			return true;
	return false;
}

/* A file that begins with a CA of its own end entity is judged as that CA. */
static void print_order(STACK_OF(X509) * certificates, const char *name)
{
	char subject[TLSP_SUBJECT_OCTETS], first[TLSP_SUBJECT_OCTETS];
	char last[TLSP_SUBJECT_OCTETS], text[512];
	int i = sk_X509_num(certificates) - 1;

	if(!issued_any(certificates, 0))
		return;
	while(i > 0 && issued_any(certificates, i))
		i--;
	if(i == 0)
		return;
	tlsp_subject_read(sk_X509_value(certificates, 0), subject, sizeof(subject));
	tlsp_escape(subject, strlen(subject), first, sizeof(first));
	tlsp_subject_read(sk_X509_value(certificates, i), subject, sizeof(subject));
	tlsp_escape(subject, strlen(subject), last, sizeof(last));
	snprintf(text, sizeof(text),
			"the file is in the wrong order: its first certificate, \"%s\", is "
			"the CA of another; the end entity comes first, which is number "
			"%d, \"%s\"",
			first, i + 1, last);
	say(name, text);
}

bool judge_open(struct judge *out, const struct request *request)
{
	char error[ERROR_OCTETS];

	*out = (struct judge){.request = request};
	if(request->names_only || request->policy.enforcement == TLSP_ENFORCE_NONE)
		return true;
	out->anchors =
			tlsp_verify_file_trust(request->ca_file, error, sizeof(error));
	if(!out->anchors)
		return command_complain(error);
	for(size_t i = 0; i < request->crl_count; i++)
		if(!tlsp_verify_file_add_crls(
				   out->anchors, request->crl_files[i], error, sizeof(error)))
			return command_complain(error);
	return true;
}

void judge_close(struct judge *judge)
{
	X509_STORE_free(judge->anchors);
	judge->anchors = NULL;
}

static void set_connection(
		struct tlsp_peer_facts *facts, const struct request *request)
{
	char name[TLSP_HOSTNAME_MAX_OCTETS + 3] = "";

	if(request->dialled_name.octets)
		tlsp_hostname_print(&request->dialled_name, name, sizeof(name));
	tlsp_names_set_connection(facts, &request->policy, request->role,
			name[0] ? name : NULL,
			request->peer_address.octets ? &request->peer_address : NULL);
}

/* What the verdict does not mean. */
static void print_notes(const struct request *request, const char *name)
{
	if(request->names_only)
		say(name, "the chain was not verified (--names-only)");
	if(request->policy.enforcement == TLSP_ENFORCE_TESTING)
		say(name,
				"enforcement = testing: the outcome of the connection does not "
				"change");
	else if(!tlsp_verdict_asks_certificate(&request->policy, request->role))
		say(name, "the policy asks no peer for a certificate in this role");
}

enum command_status judge_print(const struct judge *judge,
		STACK_OF(X509) * certificates, const char *name)
{
	static struct tlsp_peer_cert peer; /* too large for a stack */
	const struct request *request = judge->request;
	struct tlsp_verify_trust trust = {judge->anchors, TLSP_VERIFY_FILE_DEPTH,
			TLSP_VERIFY_FILE_SECURITY_LEVEL};
	struct tlsp_verdict verdict;

	if(request->policy.enforcement == TLSP_ENFORCE_NONE) {
		say(name, "accepted: enforcement = none: the connection is left alone");
		return COMMAND_ACCEPTED;
	}
	tlsp_verify_file_peer(&peer, certificates, judge->anchors ? &trust : NULL,
			&request->policy, request->role);
	set_connection(&peer.facts, request);
	tlsp_verdict_judge(&request->policy, request->proxies, request->role,
			&peer.facts, &verdict);
	print_verdict(&verdict, &peer.facts, name);
	if(!verdict.accepted)
		print_order(certificates, name);
	print_notes(request, name);
	tlsp_peer_cert_cleanup(&peer);
	return verdict.accepted ? COMMAND_ACCEPTED : COMMAND_REFUSED;
}
