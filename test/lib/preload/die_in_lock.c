/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * die_in_lock - loaded by LD_PRELOAD: while the file that DIE_IN_LOCK names is
 * there, a process in which tls_policy asks for the name of a cipher takes it
 * away and kills itself. The module does so under the lock of its table of
 * connections.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ssl.h>

static int is_the_module(const void *caller)
{
	Dl_info about;

	return dladdr(caller, &about) && about.dli_fname
		   && strstr(about.dli_fname, "/tls_policy.so");
}

const char *SSL_CIPHER_get_name(const SSL_CIPHER *cipher)
{
	const char *(*next)(const SSL_CIPHER *) =
			(const char *(*)(const SSL_CIPHER *))dlsym(
					dlopen("libssl.so.3", RTLD_NOW), "SSL_CIPHER_get_name");
	const char *file = getenv("DIE_IN_LOCK");

	if(file && is_the_module(__builtin_return_address(0)) && unlink(file) == 0)
		raise(SIGKILL);
	return next(cipher);
}
