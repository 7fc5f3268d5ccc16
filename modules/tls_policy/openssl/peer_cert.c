/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_cert - see peer_cert.h. The SubjectAltName is decoded here rather than
 * by X509_get_ext_d2i(3), which passes over octets behind the sequence. No
 * error is left in OpenSSL's queue: SSL_get_error(3) would read it as its own.
 */
#include "peer_cert.h"

#include <string.h>

#include <openssl/err.h>

/* Takes the text of |string| as it lies in the certificate; the data of an
 * empty string may be NULL. */
static void set_identity(struct tlsp_identity *out,
		enum tlsp_identity_type type, const ASN1_STRING *string)
{
	const unsigned char *data = ASN1_STRING_get0_data(string);
	int octets = ASN1_STRING_length(string);

	out->type = type;
	out->data = data && octets > 0 ? data : (const unsigned char *)"";
	out->octets = data && octets > 0 ? (size_t)octets : 0;
}

/* RFC 5280, 4.2.1.6: dNSName is an IA5String, so seven bits. */
static const char *check_dns_name(const struct tlsp_identity *name)
{
	for(size_t i = 0; i < name->octets; i++) {
		if(name->data[i] == '\0')
			return "a dNSName of the SubjectAltName has a NUL octet";
		if(name->data[i] > 0x7f)
			return "a dNSName of the SubjectAltName is not ASCII";
	}
	return NULL;
}

/* Adds one entry to |facts|, or says what is wrong with it. Other types than
 * dNSName and iPAddress are passed over. */
static const char *add_entry(
		struct tlsp_peer_facts *facts, const GENERAL_NAME *entry)
{
	struct tlsp_identity *next = &facts->identities[facts->identity_count];
	const char *wrong = NULL;

	switch(entry->type) {
		case GEN_DNS:
			set_identity(next, TLSP_IDENTITY_DNS_NAME, entry->d.dNSName);
			wrong = check_dns_name(next);
			break;
		case GEN_IPADD:
			set_identity(next, TLSP_IDENTITY_IP_ADDRESS, entry->d.iPAddress);
			if(next->octets != 4 && next->octets != 16)
				wrong = "an iPAddress of the SubjectAltName has neither 4 nor "
						"16 octets";
			break;
		default:
			return NULL;
	}
	if(!wrong)
		facts->identity_count++;
	return wrong;
}

static const char *add_entries(struct tlsp_peer_cert *out)
{
	int count = sk_GENERAL_NAME_num(out->names);
	const char *wrong = NULL;

	if(count <= 0)
		return "the SubjectAltName is empty";
	if(count > TLSP_IDENTITIES_MAX)
		return "the SubjectAltName has more than 1024 entries";
	for(int i = 0; i < count && !wrong; i++)
		wrong = add_entry(&out->facts, sk_GENERAL_NAME_value(out->names, i));
	return wrong;
}

static const char *read_san(struct tlsp_peer_cert *out, X509 *certificate)
{
	int place = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
	X509_EXTENSION *extension;
	const ASN1_OCTET_STRING *value;
	const unsigned char *der, *end;

	if(place < 0)
		return NULL;
	extension = X509_get_ext(certificate, place);
	out->facts.san_present = true;
	out->facts.san_critical = X509_EXTENSION_get_critical(extension) != 0;
	if(X509_get_ext_by_NID(certificate, NID_subject_alt_name, place) >= 0)
		return "the SubjectAltName appears twice"; /* RFC 5280, 4.2 */
	value = X509_EXTENSION_get_data(extension);
	der = ASN1_STRING_get0_data(value);
	if(!der || ASN1_STRING_length(value) <= 0)
		return "the SubjectAltName does not decode";
	end = der + ASN1_STRING_length(value);
	out->names = d2i_GENERAL_NAMES(NULL, &der, end - der);
	if(!out->names)
		return "the SubjectAltName does not decode";
	if(der != end)
		return "the SubjectAltName has octets behind its end";
	return add_entries(out);
}

/* The most specific CN is the last one (RFC 6125, 2.3.1 writes it first, as
 * the string form reverses the order). */
static const char *read_common_name(
		struct tlsp_peer_cert *out, X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	const ASN1_STRING *text;
	int last = -1, octets;

	for(int i = -1;
			(i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) >= 0;)
		last = i;
	if(last < 0)
		return NULL;
	text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last));
	octets = ASN1_STRING_to_UTF8(&out->common_name, text);
	if(octets < 0) {
		out->common_name = NULL;
		return "the CN is no text";
	}
	if(memchr(out->common_name, '\0', (size_t)octets))
		return "the CN has a NUL octet";
	out->facts.common_name_present = true;
	out->facts.common_name.type = TLSP_IDENTITY_COMMON_NAME;
	out->facts.common_name.data = out->common_name;
	out->facts.common_name.octets = (size_t)octets;
	return NULL;
}

/* All of |facts| but the array, whose first identity_count are in use. */
static void clear(struct tlsp_peer_cert *out)
{
	struct tlsp_peer_facts *facts = &out->facts;

	facts->certificate_presented = false;
	facts->chain = TLSP_CHAIN_NOT_CHECKED;
	facts->chain_error = NULL;
	facts->san_present = false;
	facts->san_critical = false;
	facts->malformed = NULL;
	facts->identity_count = 0;
	facts->common_name_present = false;
	memset(&facts->common_name, 0, sizeof(facts->common_name));
	out->names = NULL;
	out->common_name = NULL;
}

void tlsp_peer_cert_read(struct tlsp_peer_cert *out, X509 *certificate)
{
	clear(out);
	if(!certificate)
		return;
	ERR_set_mark();
	out->facts.certificate_presented = true;
	out->facts.malformed = read_san(out, certificate);
	if(!out->facts.malformed)
		out->facts.malformed = read_common_name(out, certificate);
	if(out->facts.malformed)
		out->facts.identity_count = 0; /* half a list proves nothing */
	ERR_pop_to_mark();
}

void tlsp_peer_cert_set_chain(struct tlsp_peer_cert *peer, int x509_error)
{
	struct tlsp_peer_facts *facts = &peer->facts;

	facts->chain_error = NULL;
	switch(x509_error) {
		case X509_V_OK:
			facts->chain = TLSP_CHAIN_VERIFIED;
			return;
		case X509_V_ERR_CERT_HAS_EXPIRED:
			facts->chain = TLSP_CHAIN_EXPIRED;
			break;
		case X509_V_ERR_CERT_NOT_YET_VALID:
			facts->chain = TLSP_CHAIN_NOT_YET_VALID;
			break;
		case X509_V_ERR_CERT_REVOKED:
			facts->chain = TLSP_CHAIN_REVOKED;
			break;
		default:
			facts->chain = TLSP_CHAIN_NOT_TRUSTED;
			break;
	}
	facts->chain_error = X509_verify_cert_error_string(x509_error);
}

void tlsp_peer_cert_cleanup(struct tlsp_peer_cert *peer)
{
	GENERAL_NAMES_free(peer->names);
	OPENSSL_free(peer->common_name);
	clear(peer);
}
