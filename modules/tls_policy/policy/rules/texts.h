/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * texts - an array of strings from malloc that grows. libc only; any process.
 */
#ifndef TLSP_TEXTS_H
#define TLSP_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

/* tlsp_texts_keep: |text|, from malloc or NULL, behind the |*count| others,
 * which then own it. False, and |text| freed, without memory. */
bool tlsp_texts_keep(char ***texts, size_t *count, char *text);

/* tlsp_texts_free: the strings and the array, which may be NULL. */
void tlsp_texts_free(char **texts, size_t count);

#endif
