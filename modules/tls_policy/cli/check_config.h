/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_config - `tls-policy check-config`: what start-up would find in a rules
 * file, without Kamailio. files/, openssl/certificate and policy/ only.
 */
#ifndef TLSP_CHECK_CONFIG_H
#define TLSP_CHECK_CONFIG_H

#include "command.h"

extern const char check_config_usage[];

/*
 * check_config_run: the arguments from "check-config" on. All that is wrong with
 * the rules file, and with the files that it names, is printed. ACCEPTED: the
 * server would start with it.
 */
enum command_status check_config_run(int argc, char **argv);

#endif
