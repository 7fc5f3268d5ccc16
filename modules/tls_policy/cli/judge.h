/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge - certificates of a peer -> the module's verdict on them, printed:
 * openssl/certificate and policy/ judge, here is only who asks them.
 */
#ifndef TLSP_JUDGE_H
#define TLSP_JUDGE_H

#include <openssl/x509.h>

#include "command.h"
#include "request.h"

struct judge
{
	const struct request *request;
	X509_STORE *anchors; /* NULL: no chain is verified */
};

/* judge_open: the trust anchors and CRLs of |request|, which is borrowed. False,
 * once it has complained, if they cannot be read. Pair with judge_close in
 * either case. */
bool judge_open(struct judge *out, const struct request *request);
void judge_close(struct judge *judge);

/*
 * judge_print: the verdict on the peer that shows |certificates|, the end entity
 * first, and every reason, on a line each; behind "NAME: ", if there is a |name|
 * (escaped here). ACCEPTED or REFUSED.
 */
enum command_status judge_print(const struct judge *judge,
		STACK_OF(X509) * certificates, const char *name);

#endif
