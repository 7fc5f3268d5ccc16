/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client_purpose - warns of certificates that we would show as client and that
 * are not for that. Main process at PROC_INIT, an RPC process, or that of
 * watch/watcher; takes the tls module's lock of its configuration for a moment.
 */
#ifndef TLSP_CLIENT_PURPOSE_H
#define TLSP_CLIENT_PURPOSE_H

#include "book.h"

/* tlsp_client_purpose_warn: one warning in the log for each such certificate:
 * that of https_cert_file_name, or those of the TLS domains of clients. */
void tlsp_client_purpose_warn(const struct tlsp_book *book);

#endif
