/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alarm - see alarm.h. An eventfd(2): its counter is not 0 once it has rung.
 */
#include "alarm.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/dprint.h"

#include "clock.h"

static int bell = -1;

int tlsp_alarm_init(void)
{
	bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if(bell >= 0)
		return 0;
	LM_ERR("no eventfd for the process of re-handshakes: %s\n",
			strerror(errno));
	return -1;
}

/* It cannot fail but for a counter that is full, and then it has rung. */
void tlsp_alarm_ring(void)
{
	const uint64_t once = 1;
	ssize_t unused = write(bell, &once, sizeof(once));

	(void)unused;
}

void tlsp_alarm_sleep(uint64_t until_ms)
{
	struct pollfd wait = {.fd = bell, .events = POLLIN};
	uint64_t now_ms = tlsp_clock_ms(), left_ms, rung;
	ssize_t unused;

	left_ms = until_ms > now_ms ? until_ms - now_ms : 0;
	poll(&wait, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);
	unused = read(bell, &rung, sizeof(rung));
	(void)unused;
}
