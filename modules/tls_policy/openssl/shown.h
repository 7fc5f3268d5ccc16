/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shown - what is told of a certificate that a peer has shown, once it was
 * accepted with it: whose it is and when it ends. OpenSSL and policy/ only; any
 * process, under the lock that the caller holds for the SSL.
 */
#ifndef TLSP_SHOWN_H
#define TLSP_SHOWN_H

#include "record.h"

/* tlsp_shown_tell: the peer on |ssl| was accepted, after Finished: tells the gate
 * of its certificate, if the policy asks for one and it has shown one, now or
 * when its session began. Decides nothing. */
void tlsp_shown_tell(SSL *ssl, const struct tlsp_record *record);

#endif
