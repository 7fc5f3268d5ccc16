/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * local_address - from which of our addresses a message goes out, if a
 * connection has to be opened for it. Any process; no lock, no wait; four
 * system calls unless the sender says the address.
 */
#ifndef TLSP_LOCAL_ADDRESS_H
#define TLSP_LOCAL_ADDRESS_H

#include <stdbool.h>

#include "core/ip_addr.h"

/* tlsp_local_address_for: that of what is sent |to| now: the one that is
 * forced, or else the one that the system's routes say. False if nobody knows.
 */
bool tlsp_local_address_for(struct ip_addr *out, const struct dest_info *to);

#endif
