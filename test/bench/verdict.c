/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict - what a verdict costs with 1, 1,000 and 1,000,000 proxies, beside a
 * loop of X509_check_host(3) and a bare look-up, in CPU time of one run; what
 * is allocated; what loading a million proxies costs; what it costs to refuse
 * a SubjectAltName of 95 kB. Figures are the best of
 * several rounds in turn. Exit status 1 if a promise is not kept.
 *
 * A certificate has three dNSNames, as SIP servers do; the last one is a proxy.
 * The peers are spread at random over all proxies, so that nothing that is
 * looked up is still in the CPU's caches. All names have the same length, so
 * that only the index differs. What
 * is presented lies in the order of its use, for every number of proxies
 * alike.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/x509v3.h>

#include "openssl/certificate/peer_cert.h"
#include "policy/proxies/proxy_list.h"

enum
{
	MOST = 1000000,
	FACTS = 1000000,	  /* verdicts on prepared facts in a round */
	CERTIFICATES = 20000, /* verdicts on certificates in a round */
	CHECK_HOST_PROXIES = 10000,
	CHECK_HOST_ROUNDS = 10,
	ROUNDS = 5,
	HOSTILE_OCTETS = 95000, /* a message of TLS takes 100 kB in all */
	HOSTILE_VERDICTS = 200, /* in a round */
	NAME_OCTETS = 48
};

/* Every allocation of the process but OpenSSL's, by whatever library. */
extern void *__libc_malloc(size_t octets);
extern void *__libc_calloc(size_t count, size_t octets);
extern void *__libc_realloc(void *memory, size_t octets);
extern void __libc_free(void *memory);

static unsigned long allocations, openssl_allocations;

void *malloc(size_t octets)
{
	allocations++;
	return __libc_malloc(octets);
}

void *calloc(size_t count, size_t octets)
{
	allocations++;
	return __libc_calloc(count, octets);
}

void *realloc(void *memory, size_t octets)
{
	allocations++;
	return __libc_realloc(memory, octets);
}

static void *openssl_malloc(size_t octets, const char *file, int line)
{
	(void)file, (void)line;
	openssl_allocations++;
	return __libc_malloc(octets);
}

static void *openssl_realloc(
		void *memory, size_t octets, const char *file, int line)
{
	(void)file, (void)line;
	openssl_allocations++;
	return __libc_realloc(memory, octets);
}

static void openssl_free(void *memory, const char *file, int line)
{
	(void)file, (void)line;
	__libc_free(memory);
}

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "verdict: %s\n", what);
	exit(2);
}

/* xorshift64*, the same sequence in every run. */
static size_t random_below(size_t limit)
{
	static unsigned long long state = 88172645463325252u;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (size_t)((state * 2685821657736338717u) >> 16) % limit;
}

static int print_name(char *name, size_t i)
{
	return snprintf(name, NAME_OCTETS, "sbc%06zu.pop%02zu.carrier%04zu.example",
			i, i % 37, i % 1009);
}

/* |count| proxies by the text of a file, as the module and the command line
 * read it; *out_names is the octets of all names. */
static struct tlsp_proxies *load(size_t count, size_t *out_names)
{
	char *file = malloc(count * NAME_OCTETS);
	struct tlsp_proxy_list list;
	struct tlsp_proxy_text text;
	struct tlsp_proxies *proxies;
	size_t used = 0;
	double before;
	void *block;

	if(!file || !tlsp_proxy_list_init(&list, false))
		die("no memory");
	for(size_t i = 0; i < count; i++) {
		used += (size_t)print_name(file + used, i);
		file[used++] = '\n';
	}
	*out_names = used - count;
	before = cpu_ns();
	tlsp_proxy_text_init(&text, &list, "proxies");
	for(size_t done = 0; done < used; done += 65536)
		if(!tlsp_proxy_text_feed(&text, file + done,
				   used - done < 65536 ? used - done : 65536))
			die(list.error);
	block = malloc(tlsp_proxies_builder_octets(list.builder));
	if(!tlsp_proxy_text_end(&text) || !block)
		die("no memory");
	proxies = tlsp_proxies_builder_write(list.builder, block);
	tlsp_proxy_list_cleanup(&list);
	if(count == MOST)
		printf("load        %zu proxies: %.2f s of CPU, %.1f octets each "
			   "beyond the name\n\n",
				count, (cpu_ns() - before) / 1e9,
				(double)(tlsp_proxies_octets(proxies) - *out_names)
						/ (double)count);
	free(file);
	return proxies;
}

/* One number of proxies, and what is presented to it. */
struct scene
{
	size_t count;
	struct tlsp_proxies *proxies;
	char (*names)[NAME_OCTETS];					  /* [FACTS], each a proxy */
	X509 **certificates;						  /* [CERTIFICATES], likewise */
	double lookup_ns, verdict_ns, certificate_ns; /* the best of a round */
	unsigned long verdict_allocations;
	unsigned long certificate_allocations, decode_allocations; /* OpenSSL's */
};

/* The rest of |name| behind a dot. */
static const char *above(const char *name)
{
	return strchr(name, '.') + 1;
}

static X509 *certificate_for(const char *name)
{
	X509 *certificate = X509_new();
	char value[3 * NAME_OCTETS + 16];
	X509_EXTENSION *san;

	snprintf(value, sizeof(value), "DNS:%s,DNS:%s,DNS:%s", above(name),
			above(above(name)), name);
	san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value);
	if(!certificate || !san || !X509_set_version(certificate, X509_VERSION_3)
			|| !X509_add_ext(certificate, san, -1))
		die("no certificate");
	X509_EXTENSION_free(san);
	return certificate;
}

static void prepare(struct scene *scene, size_t count)
{
	size_t octets;

	memset(scene, 0, sizeof(*scene));
	scene->count = count;
	scene->proxies = load(count, &octets);
	scene->names = malloc(FACTS * sizeof(*scene->names));
	scene->certificates = malloc(CERTIFICATES * sizeof(X509 *));
	if(!scene->names || !scene->certificates)
		die("no memory");
	for(size_t i = 0; i < FACTS; i++)
		print_name(scene->names[i], random_below(count));
	for(size_t i = 0; i < CERTIFICATES; i++)
		scene->certificates[i] = certificate_for(scene->names[i]);
}

static void keep_best(double *best, double ns)
{
	if(*best == 0 || ns < *best)
		*best = ns;
}

static void time_lookups(struct scene *scene)
{
	struct tlsp_host host = {.kind = TLSP_HOST_NAME};
	double before = cpu_ns();

	for(size_t i = 0; i < FACTS; i++) {
		host.octets = (uint8_t)strlen(scene->names[i]);
		memcpy(host.name, scene->names[i], host.octets);
		if(!tlsp_proxies_find(scene->proxies, &host))
			die("a proxy was not found");
	}
	keep_best(&scene->lookup_ns, (cpu_ns() - before) / FACTS);
}

static void policy_of_all(struct tlsp_policy *policy)
{
	tlsp_parameters_defaults(policy);
	policy->sips_require_client_certificate = 1;
	policy->peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
}

static void present(struct tlsp_peer_facts *facts, const char *name)
{
	struct tlsp_identity *next = &facts->identities[facts->identity_count++];

	next->type = TLSP_IDENTITY_DNS_NAME;
	next->data = (const unsigned char *)name;
	next->octets = strlen(name);
}

static void time_verdicts(struct scene *scene, const struct tlsp_policy *policy)
{
	static struct tlsp_peer_facts facts;
	struct tlsp_verdict verdict;
	unsigned long allocated = allocations;
	double before;

	facts.certificate_presented = facts.san_present = true;
	facts.chain = TLSP_CHAIN_VERIFIED;
	before = cpu_ns();
	for(size_t i = 0; i < FACTS; i++) {
		facts.identity_count = 0;
		present(&facts, above(scene->names[i]));
		present(&facts, above(above(scene->names[i])));
		present(&facts, scene->names[i]);
		tlsp_verdict_judge(
				policy, scene->proxies, TLSP_ROLE_SERVER, &facts, &verdict);
		if(!verdict.accepted)
			die("a proxy was refused");
	}
	keep_best(&scene->verdict_ns, (cpu_ns() - before) / FACTS);
	scene->verdict_allocations += allocations - allocated;
}

static void time_certificates(
		struct scene *scene, const struct tlsp_policy *policy)
{
	static struct tlsp_peer_cert peer;
	struct tlsp_verdict verdict;
	unsigned long allocated = allocations, decoded = openssl_allocations;
	double before = cpu_ns();

	for(size_t i = 0; i < CERTIFICATES; i++) {
		tlsp_peer_cert_read(&peer, scene->certificates[i]);
		tlsp_peer_cert_set_chain(&peer, X509_V_OK);
		tlsp_verdict_judge(policy, scene->proxies, TLSP_ROLE_SERVER,
				&peer.facts, &verdict);
		if(!verdict.accepted)
			die("a proxy was refused");
		tlsp_peer_cert_cleanup(&peer);
	}
	keep_best(&scene->certificate_ns, (cpu_ns() - before) / CERTIFICATES);
	scene->certificate_allocations += allocations - allocated;
	scene->decode_allocations += openssl_allocations - decoded;
}

/* X509_check_host(3) for one proxy after the other; the last one matches. */
static double check_host_ns(void)
{
	static char names[CHECK_HOST_PROXIES][NAME_OCTETS];
	X509 *certificate;
	double best = 0;

	for(size_t i = 0; i < CHECK_HOST_PROXIES; i++)
		print_name(names[i], i);
	certificate = certificate_for(names[CHECK_HOST_PROXIES - 1]);
	for(int round = 0; round < CHECK_HOST_ROUNDS; round++) {
		double before = cpu_ns();
		size_t i = 0;

		while(X509_check_host(certificate, names[i], 0, 0, NULL) != 1)
			if(++i == CHECK_HOST_PROXIES)
				die("X509_check_host found nothing");
		keep_best(&best, cpu_ns() - before);
	}
	X509_free(certificate);
	return best;
}

/* A SAN of |one| over and over, as the entries or as the RDNs of one. */
static X509 *hostile_certificate(const char *one, size_t octets, int nested)
{
	static unsigned char der[HOSTILE_OCTETS + 32];
	size_t count = HOSTILE_OCTETS / octets, body = count * octets;
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509 *certificate = X509_new();
	unsigned char *place = der;
	X509_EXTENSION *san;

	ASN1_put_object(&place, 1, (int)(body + (nested ? 10 : 0)), V_ASN1_SEQUENCE,
			V_ASN1_UNIVERSAL);
	if(nested) {
		ASN1_put_object(
				&place, 1, (int)body + 5, GEN_DIRNAME, V_ASN1_CONTEXT_SPECIFIC);
		ASN1_put_object(
				&place, 1, (int)body, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
	}
	for(size_t i = 0; i < count; i++, place += octets)
		memcpy(place, one, octets);
	ASN1_OCTET_STRING_set(value, der, (int)(place - der));
	san = X509_EXTENSION_create_by_NID(NULL, NID_subject_alt_name, 0, value);
	if(!certificate || !san || !X509_set_version(certificate, X509_VERSION_3)
			|| !X509_add_ext(certificate, san, -1))
		die("no certificate");
	X509_EXTENSION_free(san);
	ASN1_OCTET_STRING_free(value);
	return certificate;
}

/* From the certificate to the refusal. */
static void time_refusals(double *best, X509 *certificate,
		const struct tlsp_policy *policy, const struct tlsp_proxies *proxies)
{
	static struct tlsp_peer_cert peer;
	struct tlsp_verdict verdict;
	double before = cpu_ns();

	for(int i = 0; i < HOSTILE_VERDICTS; i++) {
		tlsp_peer_cert_read(&peer, certificate);
		tlsp_peer_cert_set_chain(&peer, X509_V_OK);
		tlsp_verdict_judge(
				policy, proxies, TLSP_ROLE_SERVER, &peer.facts, &verdict);
		if(!(verdict.reasons & TLSP_REASON_MALFORMED))
			die("a hostile certificate was not malformed");
		tlsp_peer_cert_cleanup(&peer);
	}
	keep_best(best, (cpu_ns() - before) / HOSTILE_VERDICTS);
}

static void print_scene(const struct scene *scene, const struct scene *one)
{
	printf("%9zu  %7.0f  %7.0f %6.2f  %7.0f %6.2f  %6.2f  %6.2f\n",
			scene->count, scene->lookup_ns, scene->verdict_ns,
			scene->verdict_ns / one->verdict_ns, scene->certificate_ns,
			scene->certificate_ns / one->certificate_ns,
			(double)scene->verdict_allocations / ((double)FACTS * ROUNDS),
			(double)scene->decode_allocations
					/ ((double)CERTIFICATES * ROUNDS));
}

static int promise(const char *what, double got, double limit, int at_most)
{
	int kept = at_most ? got <= limit : got >= limit;

	printf("%-4s %s: %.2f (%s %.0f)\n", kept ? "kept" : "NOT", what, got,
			at_most ? "at most" : "at least", limit);
	return !kept;
}

static int judge(const struct scene *scenes, double check_host,
		const double hostile_ns[2])
{
	const struct scene *one = &scenes[0], *most = &scenes[2];
	int broken = 0;

	broken += promise("a verdict with 1,000,000 proxies against one with 1",
			most->verdict_ns / one->verdict_ns, 2, 1);
	broken += promise("the same from the certificate on",
			most->certificate_ns / one->certificate_ns, 2, 1);
	broken += promise("X509_check_host over 10,000 proxies against a verdict "
					  "with 1,000,000",
			check_host / most->verdict_ns, 5000, 0);
	printf("     the same from the certificate on: %.0f\n",
			check_host / most->certificate_ns);
	broken += promise("allocations of a verdict",
			(double)(one->verdict_allocations + scenes[1].verdict_allocations
					 + most->verdict_allocations),
			0, 1);
	broken += promise("allocations from the certificate on, but OpenSSL's",
			(double)(one->certificate_allocations
					 + scenes[1].certificate_allocations
					 + most->certificate_allocations),
			0, 1);
	broken += promise("a SAN of 95 kB, refused for its 47,500 entries, against "
					  "a verdict from the certificate on",
			hostile_ns[0] / one->certificate_ns, 5, 1);
	broken += promise("a SAN of 95 kB, refused for the 7,916 parts of one "
					  "entry, against the same",
			hostile_ns[1] / one->certificate_ns, 20, 1);
	return broken;
}

static void print_ratios(const struct scene *scenes, double check_host)
{
	const struct scene *one = &scenes[0], *most = &scenes[2];

	printf("ratio verdict_1e6_over_1 %.2f\n",
			most->verdict_ns / one->verdict_ns);
	printf("ratio check_host_over_verdict %.0f\n",
			check_host / most->verdict_ns);
	printf("ratio verdict_allocations %lu\n",
			(unsigned long)(one->verdict_allocations
							+ scenes[1].verdict_allocations
							+ most->verdict_allocations));
}

int main(void)
{
	static const size_t counts[] = {1, 1000, MOST};
	static struct scene scenes[3];
	struct tlsp_policy policy;
	double check_host, hostile_ns[2] = {0, 0};
	X509 *hostile[2];
	bool kept;

	if(!CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free))
		die("OpenSSL has allocated before");
	policy_of_all(&policy);
	for(int i = 0; i < 3; i++)
		prepare(&scenes[i], counts[i]);
	hostile[0] = hostile_certificate("\x82\0", 2, 0);
	hostile[1] = hostile_certificate(
			"\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01x", 12, 1);
	for(int round = 0; round < ROUNDS; round++) {
		for(int i = 0; i < 3; i++) {
			time_lookups(&scenes[i]);
			time_verdicts(&scenes[i], &policy);
			time_certificates(&scenes[i], &policy);
		}
		for(int i = 0; i < 2; i++)
			time_refusals(
					&hostile_ns[i], hostile[i], &policy, scenes[0].proxies);
	}
	check_host = check_host_ns();
	puts("            look-up  verdict         from the cert   allocations\n"
		 "  proxies       ns       ns  to 1       ns  to 1   policy/ "
		 "OpenSSL's");
	for(int i = 0; i < 3; i++)
		print_scene(&scenes[i], &scenes[0]);
	printf("X509_check_host in a loop over %d proxies: %.0f ns\n\n",
			CHECK_HOST_PROXIES, check_host);
	kept = judge(scenes, check_host, hostile_ns) == 0;
	print_ratios(scenes, check_host);
	return kept ? 0 : 1;
}
