/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_config - `tls-policy check-config`: what start-up would find in a rules
 * file, without Kamailio. files/, openssl/certificate and policy/ only.
 */
#ifndef TLSP_CHECK_CONFIG_H
#define TLSP_CHECK_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/rules/rules.h"

/*
 * check_config: all that is wrong with the rules file |path|, and with the
 * files that it names, added to the errors and warnings of the rules, which the
 * caller frees. NULL and a sentence in |error| if it cannot be read.
 */
struct tlsp_rules *check_config(const char *path, char *error, size_t size);

#endif
