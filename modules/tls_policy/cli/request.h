/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request - the arguments of `tls-policy check` and `tls-policy probe` -> what
 * is asked, complete: the policy, of options or of a rule, and the index of the
 * proxies. libc, files/ and policy/ only.
 */
#ifndef TLSP_REQUEST_H
#define TLSP_REQUEST_H

#include "options.h"

/*
 * request_read_check, request_read_probe fill |request| from the arguments from
 * the command's name on. False, once they have complained, if anything is wrong.
 * Pair with request_cleanup in either case.
 */
bool request_read_check(struct request *request, int argc, char **argv);
bool request_read_probe(struct request *request, int argc, char **argv);
void request_cleanup(struct request *request);

#endif
