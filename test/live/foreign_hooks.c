/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foreign_hooks - for 23-host.bats: a module of Kamailio's that lays a hook of
 * its own over those in place, or sets tls_threads_mode after tls_policy's
 * mod_init.
 */
#include <dlfcn.h>
#include <string.h>

#include "core/sr_module.h"
#include "core/tls_hooks.h"

MODULE_VERSION

static char *hook = "";
static int at_init; /* 1: not in mod_init but in child_init(PROC_INIT) */
static int threads_mode = -1;
static struct tls_hooks before;

static int foreign_read(struct tcp_connection *c, rd_conn_flags_t *flags)
{
	return before.read(c, flags);
}

static int foreign_encode(struct tcp_connection *c, const char **buffer,
		unsigned int *octets, const char **rest, unsigned int *rest_octets,
		snd_flags_t *flags)
{
	return before.encode(c, buffer, octets, rest, rest_octets, flags);
}

static void foreign_clean(struct tcp_connection *c)
{
	before.tcpconn_clean(c);
}

static int take(void)
{
	struct tls_hooks mine = before = tls_hook;

	if(strcmp(hook, "read") == 0)
		mine.read = foreign_read;
	else if(strcmp(hook, "encode") == 0)
		mine.encode = foreign_encode;
	else if(strcmp(hook, "clean") == 0)
		mine.tcpconn_clean = foreign_clean;
	else if(strcmp(hook, "nobody") == 0)
		mine.read = NULL;
	return register_tls_hooks(&mine);
}

static int mod_init(void)
{
	int *mode = dlsym(RTLD_DEFAULT, "ksr_tls_threads_mode");

	if(mode && threads_mode >= 0)
		*mode = threads_mode;
	return *hook && !at_init ? take() : 0;
}

static int child_init(int rank)
{
	return *hook && at_init && rank == PROC_INIT ? take() : 0;
}

/* clang-format off */
static param_export_t params[] = {
	{"hook",         PARAM_STRING, &hook},
	{"at_init",      PARAM_INT,    &at_init},
	{"threads_mode", PARAM_INT,    &threads_mode},
	{0, 0, 0}
};
/* clang-format on */

struct module_exports exports = {
		.name = "foreign_hooks",
		.dlflags = DEFAULT_DLFLAGS,
		.params = params,
		.init_mod_f = mod_init,
		.init_child_f = child_init,
};
