/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record - see record.h.
 */
#include "record.h"

#include <stdio.h>
#include <string.h>

#include "policy/escape.h"
#include "policy/explain.h"
#include "policy/verdict.h"

static int record_index = -1;
static void (*info_callback)(const SSL *ssl, int where, int ret);

/* Inside SSL_new. Nothing else of the SSL may be touched: OpenSSL 3.5 has not
 * given it its context yet. */
static void attach(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx,
		long argl, void *argp)
{
	struct tlsp_record *record;

	(void)ptr, (void)argl, (void)argp;
	if(!tlsp_gate_attach())
		return;
	record = OPENSSL_zalloc(sizeof(*record));
	if(!record)
		return;
	if(!CRYPTO_set_ex_data(ad, idx, record)) {
		OPENSSL_free(record);
		return;
	}
	record->ssl = parent;
	SSL_set_info_callback(parent, info_callback);
}

static void free_record(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx,
		long argl, void *argp)
{
	struct tlsp_record *record = ptr;

	(void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
	if(record) {
		X509_STORE_free(record->anchors);
		OPENSSL_free(record->vouched_shown);
		OPENSSL_free(record->vouched);
	}
	OPENSSL_free(record);
}

/* A copy of an SSL gets no record, so nothing passes on it. */
static int drop_record(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from,
		void **data, int idx, long argl, void *argp)
{
	(void)to, (void)from, (void)idx, (void)argl, (void)argp;
	*data = NULL;
	return 1;
}

bool tlsp_record_init(void (*on_info)(const SSL *ssl, int where, int ret))
{
	info_callback = on_info;
	record_index =
			SSL_get_ex_new_index(0, NULL, attach, drop_record, free_record);
	return record_index >= 0;
}

struct tlsp_record *tlsp_record_of(const SSL *ssl)
{
	return ssl ? SSL_get_ex_data(ssl, record_index) : NULL;
}

bool tlsp_record_passes(const struct tlsp_record *record)
{
	if(!record || record->stage == TLSP_STAGE_REFUSED)
		return false;
	return record->stage == TLSP_STAGE_ACCEPTED
		   || !SSL_is_init_finished(record->ssl);
}

/* By which rule. One that was chosen in an earlier generation has another
 * number in this one, or none. */
static void note_rule(
		struct tlsp_refusal *refusal, const struct tlsp_record *record)
{
	const struct tlsp_in_force *all = tlsp_gate_in_force();
	bool known = all && all->terms->generation == record->ruled;

	refusal->rule_known = known;
	refusal->rule_number = known ? record->rule : 0;
	snprintf(refusal->rule, sizeof(refusal->rule), "%s",
			known ? all->terms[record->rule].rule : record->rule_name);
}

/* What the caller does not know. */
static struct tlsp_refusal *note(
		struct tlsp_record *record, unsigned reasons, bool testing)
{
	struct tlsp_refusal *refusal = tlsp_gate_refused();
	const char *name =
			SSL_get_servername(record->ssl, TLSEXT_NAMETYPE_host_name);

	refusal->testing = testing;
	refusal->role = record->role;
	refusal->reasons = reasons;
	note_rule(refusal, record);
	tlsp_escape(name ? name : "", name ? strlen(name) : 0, refusal->server_name,
			sizeof(refusal->server_name));
	return refusal;
}

struct tlsp_refusal *tlsp_record_refused_by_tls(
		struct tlsp_record *record, unsigned reasons)
{
	record->stage = TLSP_STAGE_REFUSED;
	record->reasons |= reasons;
	return note(record, reasons, false);
}

struct tlsp_refusal *tlsp_record_refuse_for(
		struct tlsp_record *record, unsigned reasons)
{
	if(record->enforcement != TLSP_ENFORCE_TESTING)
		return tlsp_record_refused_by_tls(record, reasons);
	record->standing = TLSP_STANDING_WOULD_BE_REFUSED;
	record->reasons |= reasons;
	return note(record, reasons, true);
}

bool tlsp_record_is_enforced(const struct tlsp_record *record)
{
	return record->enforcement == TLSP_ENFORCE;
}

char *tlsp_record_refusal_text(struct tlsp_refusal *refusal, size_t *size)
{
	size_t used = (size_t)snprintf(refusal->why, sizeof(refusal->why), "%s",
			refusal->testing ? "would be " : "");

	*size = sizeof(refusal->why) - used;
	return refusal->why + used;
}

static void say(struct tlsp_refusal *refusal, const char *why)
{
	size_t size;
	char *text = tlsp_record_refusal_text(refusal, &size);

	tlsp_explain_handshake(why, text, size);
}

void tlsp_record_refuse(struct tlsp_record *record, const char *why)
{
	say(tlsp_record_refuse_for(record, TLSP_REASON_HANDSHAKE), why);
}

void tlsp_record_refuse_always(struct tlsp_record *record, const char *why)
{
	say(tlsp_record_refused_by_tls(record, TLSP_REASON_HANDSHAKE), why);
}
