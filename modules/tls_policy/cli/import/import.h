/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import - `tls-policy import`: a gateway's ini file as a rules file.
 */
#ifndef TLSP_IMPORT_H
#define TLSP_IMPORT_H

#include "cli/command.h"

extern const char import_usage[];

/* import_run: the arguments from "import" on. The rules file is printed whole,
 * or nothing of it. */
enum command_status import_run(int argc, char **argv);

#endif
