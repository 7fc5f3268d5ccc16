/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fail_memory - loaded by LD_PRELOAD: of the allocations of a running Kamailio
 * that belong to tls_policy one fails, or all from one on, as the file says that
 * FAIL_MEMORY names (fail_memory.h). Those of other modules do not.
 */
#define _GNU_SOURCE
#include "fail_memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "core/mem/shm_mem.h"

extern void *__libc_malloc(size_t octets);
extern void *__libc_calloc(size_t count, size_t octets);
extern void *__libc_realloc(void *old, size_t octets);

static struct fail_memory *told;
static uintptr_t from, to; /* where the module's code lies */

static __typeof__(_shm_root.xmalloc) shared_malloc;
static CRYPTO_malloc_fn crypto_malloc;
static CRYPTO_realloc_fn crypto_realloc;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAIL_MEMORY");
	int fd = path ? open(path, O_RDWR) : -1;
	void *map = fd < 0 ? MAP_FAILED
					   : mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
							   MAP_SHARED, fd, 0);

	if(fd >= 0)
		close(fd);
	if(map != MAP_FAILED)
		told = map;
}

/* Is it this one's turn? */
static bool fails(unsigned kind, const char *file, long line)
{
	unsigned at, count;

	if(!told || !(told->kinds & kind))
		return false;
	count = atomic_fetch_add(&told->count, 1) + 1;
	at = told->at;
	if(at == 0 || count < at || (count > at && !told->for_ever))
		return false;
	if(atomic_fetch_add(&told->failed, 1) == 0)
		snprintf(told->site, sizeof(told->site), "%s:%ld", file, line);
	return true;
}

static int find_module(struct dl_phdr_info *info, size_t size, void *unused)
{
	const char *name = strrchr(info->dlpi_name, '/');

	(void)size, (void)unused;
	if(!name || strcmp(name, "/tls_policy.so") != 0)
		return 0;
	for(int i = 0; i < info->dlpi_phnum; i++)
		if(info->dlpi_phdr[i].p_flags & PF_X) {
			from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			to = from + info->dlpi_phdr[i].p_memsz;
		}
	return 1;
}

static bool libc_fails(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	if(!told || !(told->kinds & FAIL_LIBC))
		return false;
	if(to == 0)
		dl_iterate_phdr(find_module, NULL);
	return at >= from && at < to && fails(FAIL_LIBC, "libc", (long)(at - from));
}

static void *nothing(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t octets)
{
	return libc_fails(__builtin_return_address(0)) ? nothing()
												   : __libc_malloc(octets);
}

void *calloc(size_t count, size_t octets)
{
	return libc_fails(__builtin_return_address(0))
				   ? nothing()
				   : __libc_calloc(count, octets);
}

void *realloc(void *old, size_t octets)
{
	return libc_fails(__builtin_return_address(0))
				   ? nothing()
				   : __libc_realloc(old, octets);
}

static void *failing_shared(void *block, size_t octets, const char *file,
		const char *function, unsigned line, const char *module)
{
	if(strcmp(module, "tls_policy") == 0 && fails(FAIL_SHARED, file, line))
		return NULL;
	return shared_malloc(block, octets, file, function, line, module);
}

/* OpenSSL's own carry the name of their file, as the module's do. */
static bool crypto_fails(const char *file, int line)
{
	if(file && strncmp(file, "modules/tls_policy/", 19) == 0
			&& fails(FAIL_OWN, file, line))
		return true;
	return fails(FAIL_ALL, file ? file : "", line);
}

static void *failing_malloc(size_t octets, const char *file, int line)
{
	return crypto_fails(file, line) ? NULL : crypto_malloc(octets, file, line);
}

static void *failing_realloc(
		void *old, size_t octets, const char *file, int line)
{
	return crypto_fails(file, line) ? NULL
									: crypto_realloc(old, octets, file, line);
}

/* The tls module calls it when it is loaded: the core has its memory by then. */
int CRYPTO_set_mem_functions(CRYPTO_malloc_fn malloc_fn,
		CRYPTO_realloc_fn realloc_fn, CRYPTO_free_fn free_fn)
{
	int (*next)(CRYPTO_malloc_fn, CRYPTO_realloc_fn, CRYPTO_free_fn) =
			(__typeof__(next))dlsym(dlopen("libcrypto.so.3", RTLD_NOW),
					"CRYPTO_set_mem_functions");

	crypto_malloc = malloc_fn;
	crypto_realloc = realloc_fn;
	if(_shm_root.xmalloc && !shared_malloc) {
		shared_malloc = _shm_root.xmalloc;
		_shm_root.xmalloc = failing_shared;
	}
	return next(failing_malloc, failing_realloc, free_fn);
}
