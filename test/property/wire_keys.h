/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire_keys - the keys of a wire (wire.h): under which the peer writes.
 */
#ifndef TLSP_TEST_WIRE_KEYS_H
#define TLSP_TEST_WIRE_KEYS_H

#include "wire.h"

/* The peer's next key: TLS 1.3, of |secret|, and after KeyUpdate; TLS 1.2, of
 * the handshake that it is in. */
void wire_use_secret(struct wire *wire, const unsigned char *secret);
void wire_use_next_secret(struct wire *wire);
void wire_use_master_secret(struct wire *wire);

/* wire_demand: ends the walk; a fault of the test. */
void wire_demand(bool holds, const char *what);

#endif
