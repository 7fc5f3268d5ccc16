/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offered_versions - see offered_versions.h.
 */
#include "offered_versions.h"

#include "policy/versions.h"

static const struct
{
	unsigned bit;
	uint64_t off;
} version_options[] = {
		{TLSP_TLS_1_0, SSL_OP_NO_TLSv1},
		{TLSP_TLS_1_1, SSL_OP_NO_TLSv1_1},
		{TLSP_TLS_1_2, SSL_OP_NO_TLSv1_2},
		{TLSP_TLS_1_3, SSL_OP_NO_TLSv1_3},
};

/* What the context and earlier options leave to the policy. */
static unsigned versions_offered(SSL *ssl)
{
	unsigned set = tlsp_versions_of_range((int)SSL_get_min_proto_version(ssl),
			(int)SSL_get_max_proto_version(ssl));
	uint64_t options = SSL_get_options(ssl);

	for(size_t i = 0; i < sizeof(version_options) / sizeof(*version_options);
			i++)
		if(options & version_options[i].off)
			set &= ~version_options[i].bit;
	return set;
}

/*
 * SSL_set_security_callback(3). A client that leaves a gap with SSL_OP_NO_*
 * offers only what is below it, so as client the whole range is offered and a
 * ServerHello inside the gap is refused here: OpenSSL asks about versions
 * again when it has read one, and answers protocol_version.
 */
static int refuse_gap(const SSL *ssl, const SSL_CTX *ctx, int op, int bits,
		int nid, void *other, void *ex)
{
	const struct tlsp_record *record = tlsp_record_of(ssl);

	if(!record)
		return 0;
	if(op == SSL_SECOP_VERSION && SSL_get_state(ssl) == TLS_ST_CR_SRVR_HELLO
			&& !(record->versions & tlsp_versions_of_wire(SSL_version(ssl))))
		return 0;
	return record->security(ssl, ctx, op, bits, nid, other, ex);
}

static void leave_gaps(SSL *ssl, struct tlsp_record *record)
{
	if(record->role == TLSP_ROLE_CLIENT) {
		record->security = SSL_get_security_callback(ssl);
		SSL_set_security_callback(ssl, refuse_gap);
		return;
	}
	for(size_t i = 0; i < sizeof(version_options) / sizeof(*version_options);
			i++)
		if(!(record->versions & version_options[i].bit))
			SSL_set_options(ssl, version_options[i].off);
}

void tlsp_offered_versions_narrow(
		SSL *ssl, struct tlsp_record *record, int tls_version)
{
	unsigned set =
			versions_offered(ssl) & tlsp_versions_from_parameter(tls_version);

	record->versions = set;
	if(tls_version == 0)
		return;
	if(set == 0) {
		tlsp_offered_versions_forbid_all(ssl);
		return;
	}
	SSL_set_min_proto_version(ssl, tlsp_versions_lowest(set));
	SSL_set_max_proto_version(ssl, tlsp_versions_highest(set));
	leave_gaps(ssl, record);
}

void tlsp_offered_versions_forbid_all(SSL *ssl)
{
	SSL_set_options(ssl, SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1
								 | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3);
}
