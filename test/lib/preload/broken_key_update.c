/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * broken_key_update - loaded by LD_PRELOAD: while the file that BROKEN_KEY_UPDATE
 * names is there, SSL_do_handshake fails after it has done its work, as if memory
 * had run out just then.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/ssl.h>

int SSL_do_handshake(SSL *ssl)
{
	int (*next)(SSL *) = (int (*)(SSL *))dlsym(RTLD_NEXT, "SSL_do_handshake");
	const char *file = getenv("BROKEN_KEY_UPDATE");
	int done;

	if(!next) /* the tls module's libssl is no library of the program's */
		next = (int (*)(SSL *))dlsym(
				dlopen("libssl.so.3", RTLD_NOW), "SSL_do_handshake");
	done = next(ssl);
	return file && access(file, F_OK) == 0 ? -1 : done;
}
