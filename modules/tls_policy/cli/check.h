/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - `tls-policy check`: would peers that show the certificates of these
 * files be accepted?
 */
#ifndef TLSP_CHECK_H
#define TLSP_CHECK_H

#include "command.h"

extern const char check_usage[];

/* check_run: the arguments from "check" on. The status is the worst of the
 * files'. */
enum command_status check_run(int argc, char **argv);

#endif
