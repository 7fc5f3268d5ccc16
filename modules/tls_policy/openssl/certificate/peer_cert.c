/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_cert - see peer_cert.h. The SubjectAltName is decoded here rather than
 * by X509_get_ext_d2i(3), which passes over octets behind the sequence. No
 * error is left in OpenSSL's queue: SSL_get_error(3) would read it as its own.
 */
#define _GNU_SOURCE /* memmem(3) */
#include "peer_cert.h"

#include <string.h>

#include <openssl/err.h>

#include "san_size.h"
#include "subject.h"

enum
{
	EXTENSIONS_MAX = 64
};

/* id-kp-sipDomain, 1.3.6.1.5.5.7.3.20 (RFC 5924, 4); no NID in OpenSSL. */
static const unsigned char sip_domain[] = {
		0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x14};

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
	out->constrained = false;
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
 * dNSName, iPAddress and URI are passed over; what a URI says, policy/ reads. */
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
		case GEN_URI:
			set_identity(&facts->uris[facts->uri_count++], TLSP_IDENTITY_URI,
					entry->d.uniformResourceIdentifier);
			return NULL;
		default:
			facts->other_count++;
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
	if(count > TLSP_IDENTITIES_MAX) /* san_size has counted them */
		return "the SubjectAltName does not decode";
	for(int i = 0; i < count && !wrong; i++)
		wrong = add_entry(&out->facts, sk_GENERAL_NAME_value(out->names, i));
	return wrong;
}

/* OpenSSL decodes BER; only DER may stand in a certificate, and what another
 * reader could take for something else proves nothing. */
static bool is_der(
		const GENERAL_NAMES *names, const unsigned char *der, long octets)
{
	unsigned char *again = NULL;
	int again_octets = i2d_GENERAL_NAMES(names, &again);
	bool same = again_octets == octets && again
				&& memcmp(again, der, (size_t)octets) == 0;

	OPENSSL_free(again);
	return same;
}

static const char *read_san(struct tlsp_peer_cert *out, X509 *certificate)
{
	int place = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
	X509_EXTENSION *extension;
	const ASN1_OCTET_STRING *value;
	const unsigned char *der, *end;
	const char *wrong;

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
	wrong = tlsp_san_size_check(der, (size_t)(end - der));
	if(wrong)
		return wrong;
	out->names = d2i_GENERAL_NAMES(NULL, &der, end - der);
	if(!out->names)
		return "the SubjectAltName does not decode";
	if(der != end)
		return "the SubjectAltName has octets behind its end";
	if(!is_der(out->names, ASN1_STRING_get0_data(value),
			   ASN1_STRING_length(value)))
		return "the SubjectAltName is not in DER";
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

static bool appears_again(const X509 *certificate, int place)
{
	const ASN1_OBJECT *type =
			X509_EXTENSION_get_object(X509_get_ext(certificate, place));

	return X509_get_ext_by_OBJ(certificate, type, place) >= 0;
}

const char *tlsp_peer_cert_check_extensions(X509 *certificate)
{
	int count = X509_get_ext_count(certificate);

	if(count > EXTENSIONS_MAX)
		return "the certificate has more than 64 extensions";
	for(int i = 0; i < count; i++)
		if(appears_again(certificate, i))
			return "the certificate has an extension twice";
	if(count > 0 && X509_get_version(certificate) != X509_VERSION_3)
		return "the certificate has extensions and is not of version 3";
	if(X509_get_extension_flags(certificate) & EXFLAG_INVALID)
		return "an extension of the certificate does not decode";
	return NULL;
}

static bool lists_sip_domain(X509 *certificate)
{
	EXTENDED_KEY_USAGE *purposes =
			X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
	bool listed = false;

	for(int i = 0; !listed && i < sk_ASN1_OBJECT_num(purposes); i++) {
		const ASN1_OBJECT *purpose = sk_ASN1_OBJECT_value(purposes, i);

		listed = OBJ_length(purpose) == sizeof(sip_domain)
				 && memcmp(OBJ_get0_data(purpose), sip_domain,
							sizeof(sip_domain))
							== 0;
	}
	EXTENDED_KEY_USAGE_free(purposes);
	return listed;
}

/* Without its octets it is not listed: hardly any certificate has to be
 * decoded for it. */
static bool may_list_sip_domain(const X509 *certificate)
{
	int place = X509_get_ext_by_NID(certificate, NID_ext_key_usage, -1);
	const ASN1_STRING *value =
			X509_EXTENSION_get_data(X509_get_ext(certificate, place));
	const unsigned char *data = value ? ASN1_STRING_get0_data(value) : NULL;

	return data
		   && memmem(data, (size_t)ASN1_STRING_length(value), sip_domain,
				   sizeof(sip_domain));
}

static unsigned read_purposes(X509 *certificate)
{
	uint32_t known = X509_get_extended_key_usage(certificate);
	unsigned out = 0;

	if(known & XKU_SSL_CLIENT)
		out |= TLSP_PURPOSE_CLIENT_AUTH;
	if(known & XKU_SSL_SERVER)
		out |= TLSP_PURPOSE_SERVER_AUTH;
	if(may_list_sip_domain(certificate) && lists_sip_domain(certificate))
		out |= TLSP_PURPOSE_SIP_DOMAIN;
	return out;
}

void tlsp_peer_cert_read_usage(struct tlsp_cert_usage *out, X509 *certificate)
{
	uint32_t flags, usage;

	ERR_set_mark();
	flags = X509_get_extension_flags(certificate);
	usage = X509_get_key_usage(certificate);
	memset(out, 0, sizeof(*out));
	out->ca = (flags & EXFLAG_BCONS) && (flags & EXFLAG_CA);
	out->key_usage_present = (flags & EXFLAG_KUSAGE) != 0;
	if(out->key_usage_present)
		out->key_usage =
				(usage & KU_DIGITAL_SIGNATURE ? TLSP_KEY_DIGITAL_SIGNATURE : 0U)
				| (usage & KU_KEY_ENCIPHERMENT ? TLSP_KEY_ENCIPHERMENT : 0U)
				| (usage & KU_KEY_CERT_SIGN ? TLSP_KEY_CERT_SIGN : 0U);
	out->purposes_present = (flags & EXFLAG_XKUSAGE) != 0;
	if(out->purposes_present)
		out->purposes = read_purposes(certificate);
	tlsp_subject_read(certificate, out->subject, sizeof(out->subject));
	ERR_pop_to_mark();
}

/* All of |facts| but the array, whose first identity_count are in use. */
static void clear(struct tlsp_peer_cert *out)
{
	struct tlsp_peer_facts *facts = &out->facts;

	facts->certificate_presented = false;
	facts->chain = TLSP_CHAIN_NOT_CHECKED;
	facts->chain_error = NULL;
	memset(&facts->chain_place, 0, sizeof(facts->chain_place));
	memset(&facts->usage, 0, sizeof(facts->usage));
	facts->san_present = false;
	facts->san_critical = false;
	facts->malformed = NULL;
	facts->identity_count = 0;
	facts->uri_count = 0;
	facts->other_count = 0;
	facts->dialled_name_known = facts->dialled_name_expected = false;
	facts->peer_address_known = false;
	facts->accepted_known = false;
	facts->constraints = false;
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
	if(!out->facts.malformed)
		out->facts.malformed = tlsp_peer_cert_check_extensions(certificate);
	if(out->facts.malformed) { /* half a list proves nothing */
		out->facts.identity_count = out->facts.uri_count = 0;
	} else { /* OpenSSL decodes all extensions for it, the SAN too */
		tlsp_peer_cert_read_usage(
				&out->facts.usage.certificates[0], certificate);
		out->facts.usage.count = 1;
	}
	ERR_pop_to_mark();
}

/* The result of a CRL that is asked for and not to be had, or no good. */
static const char *crl_error(int x509_error)
{
	switch(x509_error) {
		case X509_V_ERR_UNABLE_TO_GET_CRL:
			return "the issuer's CRL is missing, so whether it is revoked is "
				   "not known";
		case X509_V_ERR_CRL_HAS_EXPIRED:
			return "the issuer's CRL has expired";
		case X509_V_ERR_CRL_NOT_YET_VALID:
			return "the issuer's CRL is not yet valid: is a clock wrong?";
		case X509_V_ERR_CRL_SIGNATURE_FAILURE:
		case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
		case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
		case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
		case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
		case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
		case X509_V_ERR_DIFFERENT_CRL_SCOPE:
		case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
		case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
			return X509_verify_cert_error_string(x509_error);
		default:
			return NULL;
	}
}

void tlsp_peer_cert_set_chain(struct tlsp_peer_cert *peer, int x509_error)
{
	struct tlsp_peer_facts *facts = &peer->facts;

	facts->chain_error = NULL;
	memset(&facts->chain_place, 0, sizeof(facts->chain_place));
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
			facts->chain = crl_error(x509_error) ? TLSP_CHAIN_REVOCATION_UNKNOWN
												 : TLSP_CHAIN_NOT_TRUSTED;
			break;
	}
	facts->chain_error = facts->chain == TLSP_CHAIN_REVOCATION_UNKNOWN
								 ? crl_error(x509_error)
								 : X509_verify_cert_error_string(x509_error);
}

void tlsp_peer_cert_cleanup(struct tlsp_peer_cert *peer)
{
	GENERAL_NAMES_free(peer->names);
	OPENSSL_free(peer->common_name);
	clear(peer);
}
