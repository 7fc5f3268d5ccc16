/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fork_guard - see fork_guard.h. The handler runs in the forking process just
 * before every fork (pthread_atfork(3)): it gives the thread's OpenSSL state
 * back (OPENSSL_thread_stop(3)), so parent and child each make their own at
 * the next use.
 */
#include "fork_guard.h"

#include <pthread.h>

#include <openssl/crypto.h>

#include "core/dprint.h"

#include "core_tcp.h"

static void stop_openssl_thread(void)
{
	OPENSSL_thread_stop();
}

int tlsp_fork_guard_install(void)
{
	if(tlsp_core_tls_cures_fork())
		return 0;
	if(pthread_atfork(stop_openssl_thread, NULL, NULL) != 0) {
		LM_ERR("no memory for a pthread_atfork handler\n");
		return -1;
	}
	LM_INFO("guarding OpenSSL's thread state across fork\n");
	return 0;
}
