/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_check - can what an operator wants be carried out in the TLS domains of
 * tls.cfg? A process that changes the policy (change.h), at PROC_INIT after the
 * tls module's own; takes the tls module's configuration lock for a moment.
 */
#ifndef TLSP_TLS_CHECK_H
#define TLSP_TLS_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "book.h"

/*
 * tlsp_tls_check: can |rule| be carried out in every TLS domain that its
 * connections may be in? If not, false and one sentence that names the domain in
 * |error|.
 */
bool tlsp_tls_check(
		const struct tlsp_book_rule *rule, char *error, size_t error_size);

/* Told of one TLS domain that is at fault, in a sentence that names it; false:
 * that is enough. */
typedef bool tlsp_tls_fault(void *to, const char *sentence);

/* tlsp_tls_check_each: as tlsp_tls_check, and |fault| with |to| is told of each
 * domain. */
void tlsp_tls_check_each(
		const struct tlsp_book_rule *rule, tlsp_tls_fault *fault, void *to);

/*
 * tlsp_tls_check_warning: do two TLS domains of one role, in which the default
 * of |book| compares names with the one list of proxies, trust different CAs,
 * and there are no rules to tell them apart? Then true and one sentence in
 * |buffer| that names two of them. |book| is one that tlsp_tls_check has
 * passed.
 */
bool tlsp_tls_check_warning(
		const struct tlsp_book *book, char *buffer, size_t size);

#endif
