/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host - see host.c: how often the process of the timer was woken.
 */
#ifndef TLSP_FUZZ_HOST_H
#define TLSP_FUZZ_HOST_H

extern unsigned host_rings;

#endif
