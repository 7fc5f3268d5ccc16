/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entry - see entry.h.
 */
#include "entry.h"

#include <string.h>

#include "openssl/peer_names.h"
#include "openssl/rehandshake.h"

void tlsp_connection_refresh(struct tlsp_connection *connection, const SSL *ssl)
{
	struct tlsp_record *record = tlsp_record_of(ssl);

	connection->role = record->role;
	memcpy(connection->rule, record->rule_name, sizeof(connection->rule));
	connection->enforcement = record->enforcement;
	connection->standing = record->standing;
	connection->reasons = record->reasons;
	connection->interval_ms = record->interval_ms;
	connection->version = SSL_version(ssl);
	connection->cipher = SSL_get_cipher_name(ssl);
	connection->secure_renegotiation = tlsp_rehandshake_is_safe((SSL *)ssl);
	connection->match = record->accepted.match;
	connection->as_server = record->as_server;
	connection->reference = record->reference;
	connection->resumed = record->resumed;
	tlsp_peer_names_take(record, &connection->vouched);
}

void tlsp_connection_copy(
		struct tlsp_connection *out, const struct tlsp_connection *connection)
{
	*out = *connection;
	out->vouched = NULL;
}

void tlsp_connection_fill(struct tlsp_connection *connection,
		const struct tlsp_connection_facts *facts, uint64_t now_ms)
{
	memset(connection, 0, sizeof(*connection));
	connection->id = facts->id;
	connection->peer = *facts->peer;
	connection->peer_port = facts->peer_port;
	connection->accepted_socket = facts->accepted_socket;
	connection->server_id = facts->server_id;
	if(facts->record) {
		connection->reference = facts->record->reference;
		connection->successor = facts->record->successor;
	}
	connection->established_ms = now_ms;
	atomic_init(&connection->data_ms, now_ms);
	atomic_init(&connection->lifetime_ms, facts->lifetime_ms);
}

const char *tlsp_connection_standing_word(
		const struct tlsp_connection *connection)
{
	static const char *const words[] = {
			[TLSP_STANDING_NOT_JUDGED] = "not-judged",
			[TLSP_STANDING_NOT_ASKED] = "not-asked",
			[TLSP_STANDING_ACCEPTED] = "accepted",
			[TLSP_STANDING_WOULD_BE_REFUSED] = "would-be-refused",
	};

	return words[connection->standing];
}

bool tlsp_connection_is_replaced(const struct tlsp_connection *connection)
{
	return connection->phase == TLSP_PHASE_SUCCEEDING
		   || connection->phase == TLSP_PHASE_DRAINING
		   || connection->phase == TLSP_PHASE_CLOSING
		   || (connection->successor
				   && connection->phase == TLSP_PHASE_HANDSHAKE);
}

const char *tlsp_connection_version_word(
		const struct tlsp_connection *connection)
{
	switch(connection->version) {
		case TLS1_VERSION:
			return "TLSv1";
		case TLS1_1_VERSION:
			return "TLSv1.1";
		case TLS1_2_VERSION:
			return "TLSv1.2";
		case TLS1_3_VERSION:
			return "TLSv1.3";
		default:
			return "unknown";
	}
}

struct tlsp_peer_key tlsp_connection_peer(
		const struct tlsp_connection *connection)
{
	struct tlsp_peer_key key = {.kind = tlsp_rehandshake_plan_kind(
										connection->role, connection->version)};

	key.accepted = connection->vouched
				   && tlsp_vouched_identity(connection->vouched, &key.host);
	if(!key.accepted)
		tlsp_hostname_from_ip_address(
				&key.host, connection->peer.u.addr, connection->peer.len);
	return key;
}

uint64_t tlsp_connection_idle_ms(const struct tlsp_connection *connection)
{
	uint64_t lifetime_ms = atomic_load_explicit(
			&connection->lifetime_ms, memory_order_relaxed);

	if(!connection->revived || lifetime_ms == 0)
		return TLSP_SCHEDULE_NEVER;
	return tlsp_connection_data_ms(connection) + lifetime_ms;
}

uint64_t tlsp_connection_look_at(const struct tlsp_connection *connection)
{
	uint64_t idle_ms = tlsp_connection_idle_ms(connection);

	if(connection->by_operator)
		return 0;
	return idle_ms < connection->due_ms ? idle_ms : connection->due_ms;
}
