/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tickets - fuzz target: sessions whose evidence, ticket or certificate is not
 * what a full handshake left there. The first octet chooses version and whose
 * certificate the session holds; then come edits of the evidence in it, then of
 * the ticket. The tickets are sealed with our own keys, as if whoever changes
 * them had stolen these. Held: a session is resumed only if its evidence still
 * says what was verified, and nobody but a peer of an accepted name is.
 */
#include "fuzz.h"
#include "input.h"

#include <openssl/err.h>

#include "openssl/sessions.h"
#include "test/unit/tls_link.h"

enum
{
	TLS_1_3 = 1, /* bits of the first octet */
	SHOWN_SHIFT = 1,
	SHOWN = 2,
	KEY_OCTETS = 80, /* SSL_CTX_set_tlsext_ticket_keys(3) */
	EVIDENCE_OCTETS = 256,
	CONTEXT_OCTETS = SSL_MAX_SID_CTX_LENGTH
};

struct version
{
	int number;
	SSL_CTX *ours, *forger; /* with the same keys */
	SSL_CTX *peers[SHOWN];
	unsigned char evidence[EVIDENCE_OCTETS]; /* of a full handshake */
	size_t evidence_octets;
	unsigned char context[CONTEXT_OCTETS];
	unsigned context_octets;
	struct tlsp_evidence verified;
};

static struct version all[2] = {
		{.number = TLS1_2_VERSION}, {.number = TLS1_3_VERSION}};
static unsigned char forged[EVIDENCE_OCTETS];
static size_t forged_octets;
static SSL_SESSION *newest; /* that the peer got; owned */

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(newest);
	newest = session;
	return 1;
}

static int put_forged(SSL *ssl, void *unused)
{
	(void)unused;
	return SSL_SESSION_set1_ticket_appdata(
			SSL_get_session(ssl), forged, forged_octets);
}

static int take_anybody(int ok, X509_STORE_CTX *unused)
{
	(void)ok, (void)unused;
	return 1;
}

static SSL_CTX *new_peer(int version, const struct identity *shown)
{
	SSL_CTX *ctx = new_context(shown);

	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_session_cache_mode(
			ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, keep_session);
	return ctx;
}

/* What a real session of the accepted peer has, to start from. */
static void learn(struct version *version)
{
	struct pair pair;
	void *data;
	SSL_SESSION *session;
	const unsigned char *context;

	new_pair(&pair, version->ours, version->peers[0], TLSP_ROLE_SERVER);
	fuzz_hold(shake_hands(&pair));
	session = SSL_get0_session(pair.ours);
	fuzz_hold(SSL_SESSION_get0_ticket_appdata(
			session, &data, &version->evidence_octets));
	fuzz_hold(version->evidence_octets <= EVIDENCE_OCTETS);
	memcpy(version->evidence, data, version->evidence_octets);
	fuzz_hold(tlsp_evidence_get(session, &version->verified));
	context = SSL_SESSION_get0_id_context(session, &version->context_octets);
	memcpy(version->context, context, version->context_octets);
	free_pair(&pair);
}

static void make_version(struct version *version)
{
	const struct identity *const shown[SHOWN] = {&trusted, &stranger};
	unsigned char keys[KEY_OCTETS];

	version->ours = new_context(&gateway);
	version->forger = new_context(&gateway);
	for(size_t i = 0; i < SHOWN; i++)
		version->peers[i] = new_peer(version->number, shown[i]);
	SSL_CTX_get_tlsext_ticket_keys(version->ours, keys, sizeof(keys));
	SSL_CTX_set_tlsext_ticket_keys(version->forger, keys, sizeof(keys));
	SSL_CTX_set_session_ticket_cb(version->forger, put_forged, NULL, NULL);
	SSL_CTX_set_verify(version->forger, SSL_VERIFY_PEER, take_anybody);
	learn(version);
	SSL_CTX_set_session_id_context(
			version->forger, version->context, version->context_octets);
}

static void prepare_once(void)
{
	if(all[0].ours)
		return;
	fuzz_hold(make_ends(NULL) == 0);
	tlsp_tickets_share(NULL, NULL); /* the context's own keys can be taken */
	setup_strict(NULL);
	policy.session_tickets = TLSP_TICKETS_SHARED;
	make_version(&all[0]);
	make_version(&all[1]);
}

/* Both ends until neither has anything to say; true: both are done. */
static bool both(SSL *server, SSL *client)
{
	char octet;

	for(int round = 0; round < ROUNDS; round++) {
		SSL_do_handshake(client);
		SSL_do_handshake(server);
	}
	SSL_read(client, &octet, 1); /* the tickets of TLS 1.3 */
	return SSL_is_init_finished(server) && SSL_is_init_finished(client);
}

/* A session that our keys seal, with what is |forged| in it. */
static bool forge(const struct version *version, SSL_CTX *peer)
{
	SSL *server = SSL_new(version->forger), *client = SSL_new(peer);
	BIO *a, *b;
	bool done;

	fuzz_hold(server && client);
	BIO_new_bio_pair(&a, 1 << 16, &b, 1 << 16);
	SSL_set_bio(server, a, a);
	SSL_set_bio(client, b, b);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	done = both(server, client);
	SSL_set_shutdown(client, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(server);
	SSL_free(client); /* else its session would be no good */
	return done && newest;
}

static bool same(const struct tlsp_digest *a, const struct tlsp_digest *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void hold_resumed(const struct version *version, SSL *ssl)
{
	struct tlsp_evidence now;
	X509 *leaf = SSL_get0_peer_certificate(ssl);

	fuzz_hold(tlsp_evidence_get(SSL_get0_session(ssl), &now));
	fuzz_hold(now.role == TLSP_ROLE_SERVER);
	fuzz_hold(same(&now.chain, &version->verified.chain));
	fuzz_hold(same(&now.server_name, &version->verified.server_name));
	fuzz_hold(!now.named || same(&now.identity, &version->verified.identity));
	fuzz_hold(time(NULL) - now.verified_s <= TLSP_SESSION_LIFETIME_S);
	fuzz_hold(leaf && X509_cmp(leaf, trusted.certificate) == 0);
}

/* |sealed|: the ticket is as our keys sealed it; |unedited|: all of it. */
static void resume(const struct version *version, SSL_CTX *peer, bool sealed,
		bool unedited)
{
	struct pair pair;
	bool accepted, is_trusted = peer == version->peers[0];

	new_pair(&pair, version->ours, peer, TLSP_ROLE_SERVER);
	SSL_set_session(pair.peer, newest);
	accepted = shake_hands(&pair);
	fuzz_hold(is_trusted || !accepted);
	fuzz_hold(!sealed || accepted == is_trusted);
	fuzz_hold(!unedited || !is_trusted || SSL_session_reused(pair.ours));
	if(accepted && SSL_session_reused(pair.ours))
		hold_resumed(version, pair.ours);
	free_pair(&pair);
}

static bool edit(unsigned char *octets, size_t count, struct input *input)
{
	bool edited = false;

	for(unsigned left = next_octet(input) % 8; left > 0; left--) {
		size_t at = (size_t)next_number(input, 2) % count;
		unsigned char by = (unsigned char)next_octet(input);

		octets[at] ^= by;
		edited |= by != 0;
	}
	return edited;
}

/* The evidence, and sometimes cut or longer than it is. */
static bool forge_evidence(const struct version *version, struct input *input)
{
	unsigned cut = next_octet(input);

	memcpy(forged, version->evidence, version->evidence_octets);
	forged_octets = version->evidence_octets;
	if(edit(forged, forged_octets, input))
		cut |= 0x100;
	if(cut & 0x80)
		forged_octets = cut & 0x7f;
	return cut != 0;
}

/* Of the session as the peer keeps it. */
static bool edit_session(struct input *input)
{
	unsigned char *octets = NULL;
	const unsigned char *at;
	int count = i2d_SSL_SESSION(newest, &octets);
	bool edited = edit(octets, (size_t)count, input);
	SSL_SESSION *changed;

	at = octets;
	changed = edited ? d2i_SSL_SESSION(NULL, &at, count) : NULL;
	if(changed) {
		SSL_SESSION_free(newest);
		newest = changed;
	}
	OPENSSL_free(octets);
	return changed != NULL;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t octets)
{
	struct input input = {data, octets};
	unsigned kind = next_octet(&input);
	struct version *version;
	SSL_CTX *peer;
	bool edited, sealed;

	prepare_once();
	version = &all[kind & TLS_1_3];
	peer = version->peers[(kind >> SHOWN_SHIFT) % SHOWN];
	if(octets == 1)
		learn(version); /* its time is of now */
	edited = forge_evidence(version, &input);
	if(forge(version, peer)) {
		sealed = !edit_session(&input);
		resume(version, peer, sealed, sealed && !edited && octets == 1);
	}
	ERR_clear_error();
	return 0;
}
