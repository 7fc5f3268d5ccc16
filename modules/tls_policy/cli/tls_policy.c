/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls-policy - the verdict of the module from the command line, without
 * Kamailio: `tls-policy check`; and what it would say of a rules file:
 * `tls-policy check-config`. Exit status: 0 accepted, 1 refused, 2 bad usage or
 * unreadable input.
 */
#include <stdio.h>
#include <string.h>

#include "check_config.h"
#include "openssl/certificate/subject.h"
#include "openssl/certificate/verify_file.h"
#include "policy/escape.h"
#include "policy/explain.h"
#include "policy/names/names.h"
#include "request.h"

enum exit_status
{
	ACCEPTED = 0,
	REFUSED = 1,
	UNUSABLE = 2
};

static void print_verdict(
		const struct tlsp_verdict *verdict, const struct tlsp_peer_facts *facts)
{
	char text[2048];

	if(verdict->accepted)
		puts(tlsp_explain_verdict(verdict, facts, text, sizeof(text)));
	else
		puts("refused");
	for(unsigned reason = 1; reason && reason <= verdict->reasons; reason <<= 1)
		if(verdict->reasons & reason)
			puts(tlsp_explain_reason((enum tlsp_reason)reason, verdict, facts,
					text, sizeof(text)));
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
static void print_order(STACK_OF(X509) * certificates)
{
	char subject[TLSP_SUBJECT_OCTETS], first[TLSP_SUBJECT_OCTETS];
	char last[TLSP_SUBJECT_OCTETS];
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
	printf("the file is in the wrong order: its first certificate, \"%s\", is "
		   "the CA of another; the end entity comes first, which is number "
		   "%d, \"%s\"\n",
			first, i + 1, last);
}

static X509_STORE *open_trust(const struct request *request)
{
	char error[4608];
	X509_STORE *anchors =
			tlsp_verify_file_trust(request->ca_file, error, sizeof(error));

	for(size_t i = 0; anchors && i < request->crl_count; i++)
		if(!tlsp_verify_file_add_crls(
				   anchors, request->crl_files[i], error, sizeof(error))) {
			X509_STORE_free(anchors);
			anchors = NULL;
		}
	if(!anchors)
		request_complain(error);
	return anchors;
}

static void set_connection(
		struct tlsp_peer_facts *facts, const struct request *request)
{
	char name[TLSP_HOSTNAME_MAX_OCTETS + 3] = "";

	if(request->dialled_name.octets)
		tlsp_hostname_print(&request->dialled_name, name, sizeof(name));
	tlsp_names_set_connection(facts, request->role, name[0] ? name : NULL,
			request->peer_address.octets ? &request->peer_address : NULL);
}

static enum exit_status written(enum exit_status status)
{
	if(fflush(stdout) == 0)
		return status;
	request_complain("the verdict cannot be written");
	return UNUSABLE;
}

static enum exit_status judge(
		const struct request *request, STACK_OF(X509) * certificates)
{
	static struct tlsp_peer_cert peer;
	struct tlsp_verdict verdict;
	struct tlsp_verify_trust trust = {
			NULL, TLSP_VERIFY_FILE_DEPTH, TLSP_VERIFY_FILE_SECURITY_LEVEL};

	if(request->policy.enforcement == TLSP_ENFORCE_NONE) {
		puts("accepted: enforcement = none: the connection is left alone");
		return written(ACCEPTED);
	}
	if(!request->names_only && !(trust.anchors = open_trust(request)))
		return UNUSABLE;
	tlsp_verify_file_peer(&peer, certificates,
			request->names_only ? NULL : &trust, &request->policy,
			request->role);
	X509_STORE_free(trust.anchors);
	set_connection(&peer.facts, request);
	tlsp_verdict_judge(&request->policy, request->proxies, request->role,
			&peer.facts, &verdict);
	print_verdict(&verdict, &peer.facts);
	if(!verdict.accepted)
		print_order(certificates);
	if(request->names_only)
		puts("the chain was not verified (--names-only)");
	if(request->policy.enforcement == TLSP_ENFORCE_TESTING)
		puts("enforcement = testing: the outcome of the connection does not "
			 "change");
	tlsp_peer_cert_cleanup(&peer);
	return written(verdict.accepted ? ACCEPTED : REFUSED);
}

static enum exit_status check(int argc, char **argv)
{
	enum exit_status status = UNUSABLE;
	STACK_OF(X509) *certificates = NULL;
	struct request request;
	char error[4608];

	if(request_read(&request, argc, argv)) {
		bool input = strcmp(request.certificate, "-") == 0;

		certificates = tlsp_verify_file_read(
				input ? "/dev/stdin" : request.certificate, TLSP_PEM_ANY_FILE,
				error, sizeof(error));
		if(certificates)
			status = judge(&request, certificates);
		else
			request_complain(error);
	}
	tlsp_verify_file_free(certificates);
	request_cleanup(&request);
	return status;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* Every error and warning, and their number. */
static enum exit_status check_file(const char *path)
{
	char error[2048], shown[300];
	struct tlsp_rules *rules = check_config(path, error, sizeof(error));
	bool starts;

	if(!rules) {
		request_complain(error);
		return UNUSABLE;
	}
	starts = rules->error_count == 0;
	for(size_t i = 0; i < rules->error_count; i++)
		printf("error: %s\n", rules->errors[i]);
	for(size_t i = 0; i < rules->warning_count; i++)
		printf("warning: %s\n", rules->warnings[i]);
	printf("%s: %zu rule%s, %zu error%s, %zu warning%s\n",
			tlsp_escape(path, strlen(path), shown, sizeof(shown)), rules->count,
			plural(rules->count), rules->error_count,
			plural(rules->error_count), rules->warning_count,
			plural(rules->warning_count));
	tlsp_rules_free(rules);
	return written(starts ? ACCEPTED : REFUSED);
}

int main(int argc, char **argv)
{
	if(argc >= 2 && strcmp(argv[argc - 1], "--help") == 0) {
		fputs(request_usage, stdout);
		return ACCEPTED;
	}
	if(argc >= 2 && strcmp(argv[1], "check") == 0)
		return (int)check(argc - 1, argv + 1);
	if(argc >= 2 && strcmp(argv[1], "check-config") == 0) {
		if(argc == 3 && argv[2][0] != '-')
			return (int)check_file(argv[2]);
		request_complain("name one rules file (see tls-policy --help)");
		return UNUSABLE;
	}
	request_complain("the commands are \"check\" and \"check-config\" (see "
					 "tls-policy --help)");
	return UNUSABLE;
}
