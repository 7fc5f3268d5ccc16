/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change - the one way in which anything is put in force: what start-up, set
 * and reload bring is laid over what is in force, checked as a whole, and
 * published as a new generation, or nothing changes. The only caller of
 * live_policy's lock and of its publishing.
 */
#ifndef TLSP_CHANGE_H
#define TLSP_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/parameters.h"
#include "policy/proxies/proxies.h"

/* What is to be other than it is now. Zeroed: nothing. */
struct tlsp_change
{
	const struct tlsp_policy
			*policy;		  /* all parameters; the first must have it */
	const char *name, *value; /* one parameter, in either spelling */
	const struct tlsp_proxies *proxies; /* of tlsp_live_policy_write_index */
	bool own_files; /* read our certificate and anchors anew, also if they are
					   named as before; naming one does so, too */
};

/*
 * tlsp_policy_change: do the parameters, proxies and files that |change| leads
 * to fit each other and every TLS domain? Then they are in force when this
 * returns true, and change->proxies belong to the generations; if not, false,
 * one sentence in |error|, and all is as it was. Main process at PROC_INIT, or
 * an RPC process; takes the lock of the writers, under which regular files may
 * be read; no other lock of ours may be held. Handshakes never wait for it. A
 * log line warns where TLS domains trust different CAs for one list of proxies.
 */
bool tlsp_policy_change(
		const struct tlsp_change *change, char *error, size_t size);

#endif
