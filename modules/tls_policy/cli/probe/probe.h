/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe - `tls-policy probe`: what does a server show, and would it be accepted?
 */
#ifndef TLSP_PROBE_H
#define TLSP_PROBE_H

#include "cli/command.h"

extern const char probe_usage[];

/* probe_run: the arguments from "probe" on. UNUSABLE also if no connection comes
 * about, or if the peer ends it. */
enum command_status probe_run(int argc, char **argv);

#endif
