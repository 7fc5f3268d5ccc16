/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay FILE... - runs one fuzz target over the files of a corpus, without
 * libFuzzer; prints how many there were.
 */
#include "fuzz.h"

enum
{
	MAX_OCTETS = 1 << 20
};

int main(int argc, char **argv)
{
	unsigned char *data = malloc(MAX_OCTETS);

	for(int i = 1; data && i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		size_t octets;

		if(!file) {
			perror(argv[i]);
			return 2;
		}
		octets = fread(data, 1, MAX_OCTETS, file);
		fclose(file);
		LLVMFuzzerTestOneInput(data, octets);
	}
	printf("%d inputs\n", argc - 1);
	free(data);
	return data && argc > 1 ? 0 : 2;
}
