/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_link - see tls_link.h.
 */
#include "tls_link.h"

#include <string.h>

#include <openssl/err.h>

const enum tlsp_role roles[2] = {TLSP_ROLE_SERVER, TLSP_ROLE_CLIENT};
const int old_versions[3] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION};

enum
{
	RECORD_HEADER_OCTETS = SSL3_RT_HEADER_LENGTH
};

unsigned peer_received[256], peer_sent[256];

static void count_message(int written, int version, int content_type,
		const void *buffer, size_t octets, SSL *ssl, void *unused)
{
	unsigned *count = written ? peer_sent : peer_received;

	(void)version, (void)ssl, (void)unused;
	if(content_type == SSL3_RT_HANDSHAKE && octets > 0)
		count[*(const unsigned char *)buffer]++;
}

void forget_messages(void)
{
	memset(peer_received, 0, sizeof(peer_received));
	memset(peer_sent, 0, sizeof(peer_sent));
}

int setup_strict(void **state)
{
	setup_policy(state);
	policy.sips_require_client_certificate = 1;
	policy.verify_server_certificate = 1;
	policy.peer_host_name_verification_mode = TLSP_VERIFY_NAMES_BOTH;
	return 0;
}

void prepare(struct link *link, enum tlsp_role role, int version,
		const struct identity *shown)
{
	memset(link, 0, sizeof(*link));
	link->role = role;
	link->offers_authentication = true;
	link->ours = new_context(&gateway);
	link->peer = new_context(shown);
	SSL_CTX_set_min_proto_version(link->peer, version);
	SSL_CTX_set_max_proto_version(link->peer, version);
	SSL_CTX_set_options(link->peer, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
}

void establish(struct link *link)
{
	forget_messages();
	new_pair(&link->ends, link->ours, link->peer, link->role);
	SSL_set_msg_callback(link->ends.peer, count_message);
	SSL_set_post_handshake_auth(link->ends.peer, link->offers_authentication);
	link->record = tlsp_record_of(link->ends.ours);
	assert_true(shake_hands(&link->ends));
}

void set_up(struct link *link, enum tlsp_role role, int version,
		const struct identity *shown)
{
	prepare(link, role, version, shown);
	establish(link);
}

void tear_down(struct link *link)
{
	free_pair(&link->ends);
	SSL_CTX_free(link->ours);
	SSL_CTX_free(link->peer);
}

void read_into(SSL *ssl, char *text)
{
	size_t used = strlen(text), octets;

	ERR_clear_error();
	if(SSL_read_ex(ssl, text + used, TEXT_OCTETS - 1 - used, &octets))
		text[used + octets] = '\0';
}

void ours_reads(struct link *link)
{
	open_gate();
	read_into(link->ends.ours, link->ours_got);
	close_gate();
}

void pump(struct link *link)
{
	for(int i = 0; i < ROUNDS; i++) {
		read_into(link->ends.peer, link->peer_got);
		ours_reads(link);
	}
}

bool writes(SSL *ssl, const char *text)
{
	size_t octets;

	ERR_clear_error();
	return SSL_write_ex(ssl, text, strlen(text), &octets);
}

bool ours_writes(struct link *link, const char *text)
{
	bool done;

	open_gate();
	done = writes(link->ends.ours, text);
	close_gate();
	return done;
}

bool talks(struct link *link)
{
	link->ours_got[0] = link->peer_got[0] = '\0';
	if(!tlsp_record_passes(tlsp_record_of(link->ends.ours))
			|| tlsp_rehandshake_holds(link->record)
			|| !ours_writes(link, "INVITE") || !writes(link->ends.peer, "BYE"))
		return false;
	pump(link);
	return strcmp(link->ours_got, "BYE") == 0
		   && strcmp(link->peer_got, "INVITE") == 0
		   && tlsp_record_passes(tlsp_record_of(link->ends.ours));
}

void send_made(struct link *link, const unsigned char *octets, size_t made)
{
	assert_int_equal(
			BIO_write(SSL_get_wbio(link->ends.ours), octets, (int)made),
			(int)made);
}

size_t renegotiate(struct link *link)
{
	const unsigned char *octets;
	size_t made;

	open_gate();
	made = tlsp_rehandshake_renegotiate(link->ends.ours, link->record, &octets);
	close_gate();
	send_made(link, octets, made);
	return made;
}

size_t key_update(struct link *link, bool ask_certificate)
{
	const unsigned char *octets;
	size_t made;

	open_gate();
	made = tlsp_rehandshake_key_update(
			link->ends.ours, link->record, ask_certificate, &octets);
	close_gate();
	send_made(link, octets, made);
	return made;
}

BIO *cut_wire(struct pair *ends)
{
	BIO *wire = SSL_get_wbio(ends->ours), *in = BIO_new(BIO_s_mem());

	assert_non_null(in);
	BIO_set_mem_eof_return(in, -1);
	SSL_set0_rbio(ends->ours, in);
	return wire;
}

bool feed_record(struct pair *ends, BIO *wire)
{
	unsigned char record[RECORD_HEADER_OCTETS + SSL3_RT_MAX_ENCRYPTED_LENGTH];
	int octets;

	if(BIO_read(wire, record, RECORD_HEADER_OCTETS) != RECORD_HEADER_OCTETS)
		return false;
	octets = record[3] << 8 | record[4];
	assert_int_equal(
			BIO_read(wire, record + RECORD_HEADER_OCTETS, octets), octets);
	octets += RECORD_HEADER_OCTETS;
	assert_int_equal(
			BIO_write(SSL_get_rbio(ends->ours), record, octets), octets);
	return true;
}

void peer_starts(struct link *link)
{
	ERR_clear_error();
	assert_int_equal(SSL_renegotiate(link->ends.peer), 1);
	SSL_do_handshake(link->ends.peer);
}

void peer_shows(struct link *link, const struct identity *shown)
{
	SSL_certs_clear(link->ends.peer);
	if(!shown)
		return;
	assert_true(SSL_use_certificate(link->ends.peer, shown->certificate));
	assert_true(SSL_use_PrivateKey(link->ends.peer, shown->key));
}
