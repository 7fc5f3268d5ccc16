/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entry - see entry.h.
 */
#include "entry.h"

#include <stdio.h>
#include <string.h>

#include "openssl/rehandshake.h"

void tlsp_connection_refresh(struct tlsp_connection *connection, const SSL *ssl)
{
	const struct tlsp_record *record = tlsp_record_of(ssl);

	connection->role = record->role;
	connection->version = SSL_version(ssl);
	snprintf(connection->cipher, sizeof(connection->cipher), "%s",
			SSL_get_cipher_name(ssl));
	connection->secure_renegotiation = tlsp_rehandshake_is_safe((SSL *)ssl);
	connection->match = record->accepted.match;
	connection->reverse = record->reverse;
	connection->identity = record->accepted.host;
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
		connection->server_name = facts->record->server_name;
		connection->successor = facts->record->successor;
	}
	connection->established_ms = now_ms;
	atomic_init(&connection->data_ms, now_ms);
	atomic_init(&connection->lifetime_ms, facts->lifetime_ms);
}

bool tlsp_connection_is_replaced(const struct tlsp_connection *connection)
{
	return connection->phase == TLSP_PHASE_SUCCEEDING
		   || connection->phase == TLSP_PHASE_DRAINING
		   || connection->phase == TLSP_PHASE_CLOSING
		   || (connection->successor
				   && connection->phase == TLSP_PHASE_HANDSHAKE);
}

struct tlsp_peer_key tlsp_connection_peer(
		const struct tlsp_connection *connection)
{
	struct tlsp_peer_key key = {
			.accepted = connection->match != TLSP_MATCH_NONE,
			.kind = tlsp_rehandshake_plan_kind(
					connection->role, connection->version)};

	if(key.accepted)
		key.host = connection->identity;
	else
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
