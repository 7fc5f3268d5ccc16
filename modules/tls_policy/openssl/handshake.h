/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handshake - holds one SSL to the policy: the OpenSSL callbacks, each of which
 * only calls those who know (versions, verification, sessions, own identity,
 * judgement, rehandshake). OpenSSL and policy/ only; runs in every process
 * that does TLS, always under the lock that the caller holds for the SSL.
 *
 * The caller opens a gate around the code that creates SSLs and drives their
 * handshakes. An SSL made inside the gate gets a record (record.h); it is armed
 * at its first handshake start from the policy that the gate offers. One made
 * outside is left alone.
 */
#ifndef TLSP_HANDSHAKE_H
#define TLSP_HANDSHAKE_H

#include "record.h"

/* tlsp_handshake_init registers the callbacks for the process and, if called
 * before fork, for its children. |gate| is the process' own and lives for
 * ever. False without memory. */
bool tlsp_handshake_init(struct tlsp_gate *gate);

#endif
