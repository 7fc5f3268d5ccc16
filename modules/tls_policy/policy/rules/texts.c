/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * texts - see texts.h.
 */
#include "texts.h"

#include <stdlib.h>

bool tlsp_texts_keep(char ***texts, size_t *count, char *text)
{
	char **array = *texts;

	if(text && (*count & (*count - 1)) == 0) { /* full are 0, 1, 2, 4, 8 ... */
		array = realloc(array, (*count ? *count * 2 : 1) * sizeof(*array));
		if(array)
			*texts = array;
	}
	if(!text || !array) {
		free(text);
		return false;
	}
	array[(*count)++] = text;
	return true;
}

void tlsp_texts_free(char **texts, size_t count)
{
	for(size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}
