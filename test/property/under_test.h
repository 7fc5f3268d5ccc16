/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * under_test - the few calls of openssl/ that the walk needs beside the ends of
 * a connection (tls_ends.h), in the words of the oracle. Nothing else here
 * knows how the code under test says it.
 */
#ifndef TLSP_TEST_UNDER_TEST_H
#define TLSP_TEST_UNDER_TEST_H

#include "openssl/rehandshake.h"
#include "oracle.h"

/* How the tls module's SNI callback and tls.reload choose contexts. */
struct under_test_contexts
{
	SSL_CTX *(*context_for)(SSL *ssl, const char *server_name);
	SSL_CTX *(*context_now)(SSL *ssl);
	bool (*changed)(SSL *ssl);
};

void under_test_init(const struct under_test_contexts *contexts);

/* under_test_publish: |policy| and |terms| (tls_ends.h) are in force. */
void under_test_publish(void);

/* under_test_again: the verdict of now on an established connection; one of
 * enum again. */
unsigned under_test_again(SSL *ssl, struct tlsp_record *record);

/* As what the peer is accepted now. */
struct under_test_accepted
{
	enum tlsp_match match;
	struct tlsp_host host; /* if match is not NONE */
	unsigned handshakes;
};

struct under_test_accepted under_test_accepted(
		const struct tlsp_record *record);

/* under_test_asked: is post-handshake authentication open? */
bool under_test_asked(const struct tlsp_record *record);

/* under_test_withholds: must clear text that was read wait? */
bool under_test_withholds(const SSL *ssl, const struct tlsp_record *record);

#endif
