/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random_source - see random_source.h. getentropy(3) keeps no state in the
 * process, so there is none that two could have in common; and it does not block
 * once the system is up.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method(3) */
#include "random_source.h"

#include <unistd.h>

#include <openssl/rand.h>

#include "core/dprint.h"

enum
{
	MOST_OCTETS = 256 /* of one call, getentropy(3) */
};

static int from_system(unsigned char *out, int octets)
{
	while(octets > 0) {
		int piece = octets < MOST_OCTETS ? octets : MOST_OCTETS;

		if(getentropy(out, (size_t)piece) != 0)
			return 0;
		out += piece;
		octets -= piece;
	}
	return 1;
}

static int is_seeded(void)
{
	return 1;
}

static const RAND_METHOD system_random = {
		NULL, from_system, NULL, NULL, from_system, is_seeded};

int tlsp_random_source_install(void)
{
	const RAND_METHOD *now = RAND_get_rand_method();
	unsigned char octet;

	if(!now || now == RAND_OpenSSL())
		return 0;
	if(!from_system(&octet, 1) || RAND_set_rand_method(&system_random) != 1) {
		LM_ERR("the system gives no random octets\n");
		return -1;
	}
	LM_INFO("OpenSSL's random octets are the system's: those of the tls "
			"module (rand_engine) come out the same in several processes\n");
	return 0;
}
