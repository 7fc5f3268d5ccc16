/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host - of Kamailio's core what the table of connections needs, for a fuzz
 * target without the core: memory (libc's, so that the sanitizers see each
 * block), a log that goes nowhere, and no counters; and an alarm that is counted.
 */
#include "host.h"

#include <stdlib.h>

#include "core/dprint.h"
#include "core/mem/shm.h"

#include "kamailio/connection/alarm.h"
#include "kamailio/report/statistics.h"

int process_no, log_stderr, log_color;
volatile int dprint_crit;
str *log_prefix_val;
struct log_level_info log_level_info[1];
km_log_f _km_log_func;
ksr_slog_f _ksr_slog_func;

int my_pid(void)
{
	return 0;
}

/* Below every message: none is written. */
int get_debug_level(char *name, int octets)
{
	(void)name, (void)octets;
	return L_ALERT - 1;
}

int get_debug_facility(char *name, int octets)
{
	(void)name, (void)octets;
	return 0;
}

void dprint_color(int level)
{
	(void)level;
}

void dprint_color_reset(void)
{
}

static void *take(void *pool, size_t octets, const char *file,
		const char *function, unsigned int line, const char *module)
{
	(void)pool, (void)file, (void)function, (void)line, (void)module;
	return malloc(octets);
}

static void give_back(void *pool, void *block, const char *file,
		const char *function, unsigned int line, const char *module)
{
	(void)pool, (void)file, (void)function, (void)line, (void)module;
	free(block);
}

sr_shm_api_t _shm_root = {.xmalloc = take, .xfree = give_back};

void tlsp_statistics_count(enum tlsp_statistic statistic)
{
	(void)statistic;
}

void tlsp_statistics_add(enum tlsp_statistic statistic, int number)
{
	(void)statistic, (void)number;
}

void tlsp_statistics_connection(enum tlsp_role role, int change)
{
	(void)role, (void)change;
}

unsigned host_rings;

void tlsp_alarm_ring(void)
{
	host_rings++;
}
