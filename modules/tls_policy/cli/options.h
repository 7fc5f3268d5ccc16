/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options - the command line of `tls-policy check` as a struct. libc and
 * policy/ only; the command's process.
 */
#ifndef TLSP_OPTIONS_H
#define TLSP_OPTIONS_H

#include <stdbool.h>

#include "../policy/parameters.h"
#include "../policy/verdict.h"
#include "proxy_list.h"

struct tlsp_options
{
	enum tlsp_role role;
	const char *ca_path; /* NULL: the system's default trust anchors */
	bool names_only;
	const char *certificate_path;
	struct tlsp_policy policy;
	struct tlsp_proxies_builder *proxies; /* owned */
};

/*
 * tlsp_options_read reads |argv|, where argv[0] is the word "check", and the
 * proxies that it names. Returns false and one sentence in |error| when
 * something is wrong. Pair with tlsp_options_cleanup in either case.
 */
bool tlsp_options_read(struct tlsp_options *out, int argc, char **argv,
		char *error, size_t error_size);

void tlsp_options_cleanup(struct tlsp_options *options);

#endif
