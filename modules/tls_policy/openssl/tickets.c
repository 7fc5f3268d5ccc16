/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tickets - see tickets.h. OpenSSL asks the context in which an SSL was made,
 * also after a server name has chosen another; only the length of a session id
 * in a ServerHello is the other's. A context does as it was marked last, so each
 * callback looks at what its SSL was armed with.
 */
#include "tickets.h"

#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "tls_context.h"

enum
{
	/* Sessions that one client has looked at: a ClientHello of TLS 1.3 has room
	 * for more than a thousand names of them. */
	FOUND_AT_MOST = 4
};

static struct tlsp_ticket_keys *keys; /* of all processes; NULL = none */
static struct tlsp_session_cache *cache;
static bool (*may_use)(SSL *ssl, SSL_SESSION *session); /* of this process */
static int mark_index = -1;

/* On a context. */
struct mark
{
	enum tlsp_session_tickets how;
	long mode_before; /* SSL_CTX_set_session_cache_mode(3), of the tls module */
};

static void free_mark(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx,
		long argl, void *argp)
{
	(void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
	OPENSSL_free(ptr);
}

void tlsp_tickets_share(
		struct tlsp_ticket_keys *shared_keys, struct tlsp_session_cache *shared)
{
	keys = shared_keys;
	cache = shared;
}

bool tlsp_tickets_init(bool (*judge)(SSL *ssl, SSL_SESSION *session))
{
	may_use = judge;
	mark_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_mark);
	return mark_index >= 0;
}

/* ---- tickets under shared keys ---- */

void tlsp_tickets_bind(struct tlsp_record *record, SSL_CTX *context)
{
	struct tlsp_digest made = {.octets = {0}}, chosen = {.octets = {0}};
	const struct tlsp_part parts[] = {{made.octets, sizeof(made.octets)},
			{chosen.octets, sizeof(chosen.octets)}};

	record->bound = record->made_in
					&& tlsp_tls_context_digest_sessions(record->made_in, &made)
					&& tlsp_tls_context_digest_sessions(context, &chosen);
	record->binding = made;
	if(record->bound && !tlsp_digest_equal(&made, &chosen))
		record->bound = tlsp_digest(
				&record->binding, parts, sizeof(parts) / sizeof(*parts));
}

static bool begin(EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
		struct tlsp_ticket_key *key, const unsigned char *iv, int encrypts)
{
	static EVP_CIPHER *aes; /* of this process */
	static char sha256[] = "SHA256";
	OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY,
								   key->mac, sizeof(key->mac)),
			OSSL_PARAM_construct_utf8_string(
					OSSL_MAC_PARAM_DIGEST, sha256, sizeof(sha256) - 1),
			OSSL_PARAM_construct_end()};

	if(!aes)
		aes = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	return aes
		   && EVP_CipherInit_ex2(cipher, aes, key->cipher, iv, encrypts, NULL)
		   && EVP_MAC_CTX_set_params(mac, params);
}

static int encrypt(SSL *ssl, unsigned char *name, unsigned char *iv,
		EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	const struct tlsp_record *record = tlsp_record_of(ssl);
	struct tlsp_ticket_key key;
	bool done = record && record->bound
				&& tlsp_ticket_keys_newest(
						keys, (int64_t)time(NULL), record->binding.octets, &key)
				&& RAND_bytes(iv, 16) == 1 && begin(cipher, mac, &key, iv, 1);

	if(done)
		memcpy(name, key.name, sizeof(key.name));
	OPENSSL_cleanse(&key, sizeof(key));
	return done ? 1 : 0; /* 0: no ticket */
}

/* TLS 1.3 gives a new ticket only where the old one is to be renewed. */
static int decrypt(SSL *ssl, const unsigned char *name, const unsigned char *iv,
		EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	struct tlsp_record *record = tlsp_record_of(ssl);
	struct tlsp_ticket_key key;
	bool done = record && record->bound && record->found < FOUND_AT_MOST
				&& tlsp_ticket_keys_find(keys, (int64_t)time(NULL), name,
						record->binding.octets, &key)
				&& begin(cipher, mac, &key, iv, 0);
	bool renews = done && (!key.newest || SSL_version(ssl) >= TLS1_3_VERSION);

	OPENSSL_cleanse(&key, sizeof(key));
	if(!done)
		return 0; /* a full handshake */
	record->found++;
	return renews ? 2 : 1;
}

/* SSL_CTX_set_tlsext_ticket_key_evp_cb(3). What fails here fails for one session
 * only. */
static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv,
		EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypts)
{
	int result;

	ERR_set_mark();
	result = encrypts ? encrypt(ssl, name, iv, cipher, mac)
					  : decrypt(ssl, name, iv, cipher, mac);
	ERR_pop_to_mark();
	return result;
}

/* ---- the shared cache ---- */

static unsigned char encoded[TLSP_SESSION_MAX_OCTETS]; /* of this process */

static bool uses_cache(const struct tlsp_record *record)
{
	return cache && record && record->tickets == TLSP_TICKETS_CACHE
		   && tlsp_record_is_enforced(record);
}

static const unsigned char *id_of(const SSL_SESSION *session)
{
	unsigned octets = 0;
	const unsigned char *id =
			session ? SSL_SESSION_get_id(session, &octets) : NULL;

	return octets == TLSP_SESSION_ID_OCTETS ? id : NULL;
}

static void keep(SSL_SESSION *session)
{
	const unsigned char *id = id_of(session);
	struct tlsp_evidence evidence;
	unsigned char *end = encoded;
	int octets = id && tlsp_evidence_get(session, &evidence)
						 ? i2d_SSL_SESSION(session, NULL)
						 : 0;

	if(octets <= 0 || octets > (int)sizeof(encoded))
		return;
	if(i2d_SSL_SESSION(session, &end) == octets)
		tlsp_session_cache_put(cache, id, encoded, (size_t)octets,
				evidence.verified_s + TLSP_SESSION_LIFETIME_S);
	OPENSSL_cleanse(encoded, (size_t)octets);
}

/* SSL_CTX_sess_set_new_cb(3). In TLS 1.3 the last word is spoken, and the
 * evidence written. Takes no reference. */
static int on_new(SSL *ssl, SSL_SESSION *session)
{
	const struct tlsp_record *record = tlsp_record_of(ssl);

	if(uses_cache(record) && record->stage == TLSP_STAGE_ACCEPTED
			&& SSL_version(ssl) >= TLS1_3_VERSION)
		keep(session);
	return 0;
}

void tlsp_tickets_keep(SSL *ssl, const struct tlsp_record *record)
{
	if(uses_cache(record) && record->role == TLSP_ROLE_SERVER
			&& SSL_version(ssl) < TLS1_3_VERSION)
		keep(SSL_get_session(ssl));
}

static SSL_SESSION *decode(const unsigned char *id)
{
	size_t octets =
			tlsp_session_cache_get(cache, id, encoded, (int64_t)time(NULL));
	const unsigned char *end = encoded, *found_id;
	SSL_SESSION *session = NULL;

	if(octets == 0)
		return NULL;
	ERR_set_mark();
	session = d2i_SSL_SESSION(NULL, &end, (long)octets);
	ERR_pop_to_mark();
	OPENSSL_cleanse(encoded, octets);
	found_id = id_of(session);
	if(found_id && memcmp(found_id, id, TLSP_SESSION_ID_OCTETS) == 0)
		return session;
	SSL_SESSION_free(session);
	return NULL;
}

/* SSL_CTX_sess_set_get_cb(3). What is found here is judged here, as a ticket's
 * session is when it has been decrypted. */
static SSL_SESSION *on_find(
		SSL *ssl, const unsigned char *id, int octets, int *refers)
{
	struct tlsp_record *record = tlsp_record_of(ssl);
	SSL_SESSION *session = NULL;

	*refers = 0;
	if(octets == TLSP_SESSION_ID_OCTETS && uses_cache(record)
			&& record->found < FOUND_AT_MOST)
		session = decode(id);
	if(!session)
		return NULL;
	record->found++;
	if(may_use(ssl, session))
		return session;
	SSL_SESSION_free(session);
	return NULL;
}

void tlsp_tickets_forget(SSL *ssl, const struct tlsp_record *record)
{
	const unsigned char *id = id_of(SSL_get_session(ssl));

	if(id && uses_cache(record) && record->stage == TLSP_STAGE_ACCEPTED)
		tlsp_session_cache_forget(cache, id);
}

/* ---- contexts and SSLs ---- */

static struct mark *mark_of(SSL_CTX *context)
{
	struct mark *mark = SSL_CTX_get_ex_data(context, mark_index);

	if(mark)
		return mark;
	mark = OPENSSL_zalloc(sizeof(*mark));
	if(mark && SSL_CTX_set_ex_data(context, mark_index, mark)) {
		mark->how = TLSP_TICKETS_SHARED;
		mark->mode_before = SSL_CTX_get_session_cache_mode(context);
		if(keys)
			SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
		return mark;
	}
	OPENSSL_free(mark);
	return NULL;
}

bool tlsp_tickets_mark(SSL_CTX *context, enum tlsp_session_tickets how)
{
	struct mark *mark = mark_of(context);
	bool cached = how == TLSP_TICKETS_CACHE;
	long mode = SSL_SESS_CACHE_NO_INTERNAL | SSL_SESS_CACHE_NO_AUTO_CLEAR;

	if(!mark || mark->how == how)
		return mark != NULL;
	if(how == TLSP_TICKETS_SHARED)
		mode = mark->mode_before;
	else if(cached)
		mode |= SSL_SESS_CACHE_SERVER;
	SSL_CTX_set_session_cache_mode(context, mode);
	SSL_CTX_sess_set_new_cb(context, cached ? on_new : NULL);
	SSL_CTX_sess_set_get_cb(context, cached ? on_find : NULL);
	mark->how = how;
	return true;
}

void tlsp_tickets_arm(
		SSL *ssl, struct tlsp_record *record, enum tlsp_session_tickets how)
{
	record->tickets = how;
	if(how != TLSP_TICKETS_SHARED)
		SSL_set_options(ssl, SSL_OP_NO_TICKET);
	SSL_set_num_tickets(ssl, how == TLSP_TICKETS_OFF ? 0 : 1);
}
