/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alarm - by which the process of the re-handshake timer sleeps until something
 * is due, and is woken when that comes to be earlier. One for all processes,
 * made before they are forked.
 */
#ifndef TLSP_ALARM_H
#define TLSP_ALARM_H

#include <stdint.h>

/* tlsp_alarm_init: main process, mod_init. 0, or -1. */
int tlsp_alarm_init(void);

/* tlsp_alarm_ring: whoever sleeps wakes, or will not fall asleep the next time.
 * Any process, with any lock held; never waits. */
void tlsp_alarm_ring(void);

/* tlsp_alarm_sleep: until tlsp_clock_ms() is |until_ms|, or it rings. One
 * process alone; no lock may be held. */
void tlsp_alarm_sleep(uint64_t until_ms);

#endif
