/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule - whose terms one SSL is held to: those of the rule that is for its
 * connection, among the ones that the gate offers. Chosen once for each
 * generation and kept in the record. OpenSSL and policy/ only; any process that
 * does TLS, under the lock of the SSL. Nothing here allocates.
 */
#ifndef TLSP_RULE_H
#define TLSP_RULE_H

#include "record.h"

/* tlsp_rule_terms: the terms of now for |record|'s connection, by its addresses
 * and the server name that was asked for, as far as they are known; NULL if
 * nothing is in force, or |record| is NULL. */
const struct tlsp_terms *tlsp_rule_terms(struct tlsp_record *record);

/* tlsp_rule_choose: likewise, anew, as server in the ClientHello callback:
 * |server_name| is the one that the client asks for, or "". */
const struct tlsp_terms *tlsp_rule_choose(
		struct tlsp_record *record, const char *server_name);

/* tlsp_rule_terms_of_server: the terms for a server at the peer's address, if we
 * connected to it and asked for no name; NULL if nothing is in force. */
const struct tlsp_terms *tlsp_rule_terms_of_server(void);

/* tlsp_rule_refer: |terms| say from now on whom a connection that we open is to
 * be with. Once the server name that is asked for was noted. */
void tlsp_rule_refer(
		struct tlsp_record *record, const struct tlsp_terms *terms);

#endif
