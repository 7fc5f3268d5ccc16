/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random_source - the random octets of OpenSSL, in every process. The generator
 * that the tls module of Kamailio 5.6 gives OpenSSL goes on from the parent's
 * state after fork: several TCP workers send the same ServerHello.random and
 * session id, and make the same ephemeral keys. Main process, mod_init.
 */
#ifndef TLSP_RANDOM_SOURCE_H
#define TLSP_RANDOM_SOURCE_H

/* tlsp_random_source_install: where a generator of the tls module's is in place,
 * the system's takes it, in this process and its children. 0, or -1 if the system
 * has none. */
int tlsp_random_source_install(void);

#endif
