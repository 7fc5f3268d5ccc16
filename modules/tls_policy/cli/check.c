/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - see check.h.
 */
#include "check.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "../openssl/peer_cert.h"
#include "../openssl/verify_file.h"
#include "options.h"

enum
{
	LINE_OCTETS = 2048
};

static struct tlsp_peer_cert peer;

/* The index of the proxies; the caller frees it with free(3). */
static struct tlsp_proxies *build_proxies(
		const struct tlsp_proxies_builder *builder, char *error, size_t size)
{
	void *block = malloc(tlsp_proxies_builder_octets(builder));

	if(block)
		return tlsp_proxies_builder_write(builder, block);
	snprintf(error, size, "out of memory for the proxies");
	return NULL;
}

static void print_verdict(
		const struct tlsp_options *options, const struct tlsp_verdict *verdict)
{
	char line[LINE_OCTETS];

	if(verdict->accepted)
		puts(tlsp_verdict_print(verdict, &peer.facts, line, sizeof(line)));
	else
		puts("refused");
	for(unsigned bit = 1; bit != 0 && bit <= verdict->reasons; bit <<= 1)
		if(verdict->reasons & bit)
			puts(tlsp_verdict_explain((enum tlsp_reason)bit, &peer.facts, line,
					sizeof(line)));
	if(options->names_only)
		puts("chain-not-checked: --names-only counts the chain as verified");
}

static enum tlsp_check_exit judge(const struct tlsp_options *options,
		const struct tlsp_proxies *proxies, STACK_OF(X509) *certificates,
		X509_STORE *anchors)
{
	struct tlsp_verdict verdict;

	tlsp_peer_cert_read(&peer, sk_X509_value(certificates, 0));
	tlsp_peer_cert_set_chain(&peer,
			options->names_only ? X509_V_OK
								: tlsp_verify_file_chain(certificates, anchors,
										options->role));
	tlsp_verdict_judge(&options->policy, proxies, options->role, &peer.facts,
			&verdict);
	print_verdict(options, &verdict);
	tlsp_peer_cert_cleanup(&peer);
	return verdict.accepted ? TLSP_CHECK_ACCEPTED : TLSP_CHECK_REFUSED;
}

enum tlsp_check_exit tlsp_check_run(
		int argc, char **argv, char *error, size_t error_size)
{
	enum tlsp_check_exit result = TLSP_CHECK_UNUSABLE;
	struct tlsp_options options;
	struct tlsp_proxies *proxies = NULL;
	STACK_OF(X509) *certificates = NULL;
	X509_STORE *anchors = NULL;

	if(!tlsp_options_read(&options, argc, argv, error, error_size))
		goto done;
	proxies = build_proxies(options.proxies, error, error_size);
	if(!proxies)
		goto done;
	certificates = tlsp_verify_file_read(
			options.certificate_path, error, error_size);
	if(!certificates)
		goto done;
	anchors = tlsp_verify_file_trust(options.ca_path, error, error_size);
	if(!anchors)
		goto done;
	result = judge(&options, proxies, certificates, anchors);
done:
	X509_STORE_free(anchors);
	tlsp_verify_file_free(certificates);
	free(proxies);
	tlsp_options_cleanup(&options);
	return result;
}
