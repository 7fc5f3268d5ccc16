/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modparams - see modparams.h. A modparam callback is not told its own name,
 * so each row of the table of parameters has a numbered one. A wrong value is
 * refused while the file is parsed, so that the core adds file and line.
 */
#include "modparams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/sr_module.h"

#include "policy/parameters.h"
#include "live_policy.h"
#include "change.h"
#include "sources.h"

enum
{
	MAX_PARAMETERS = 48,
	ROWS_FOR_EACH = 4, /* two spellings, each as number and as text */
	MAX_OTHERS = 4,
	ERROR_OCTETS = 2048,
	BY_OCTETS = 100,	   /* leaves room in a fault */
	COLLECT_TRIES = 200,   /* for readers of the old lists ... */
	COLLECT_WAIT_US = 5000 /* ... to end their step of a handshake */
};

static struct tlsp_policy policy;
static uint64_t named; /* bits of the rows that kamailio.cfg sets */
static bool started;

/* Shared: the reload that runs, if one does. */
static struct
{
	gen_lock_t running; /* held through it */
	gen_lock_t told;	/* for a moment, of what follows: */
	char by[BY_OCTETS];
	time_t since;
	int process;
} * reloading;

static void start(void)
{
	if(started)
		return;
	tlsp_parameters_defaults(&policy);
	started = true;
}

static int set_parameter(size_t row, modparam_t type, void *value)
{
	char error[ERROR_OCTETS];
	char number[16];
	const char *text = value;

	start();
	if(PARAM_TYPE_MASK(type) == PARAM_INT) {
		snprintf(number, sizeof(number), "%d", (int)(long)value);
		text = number;
	}
	if(tlsp_parameters_set(&policy, tlsp_parameters_at(row)->name, text, error,
			   sizeof(error))) {
		named |= (uint64_t)1 << row;
		return 0;
	}
	LM_ERR("%s\n", error);
	return -1;
}

/* clang-format off */
#define SETTER(row) \
	static int set_##row(modparam_t type, void *value) \
	{ \
		return set_parameter(row, type, value); \
	}
#define EACH_ROW(x) \
	x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7) x(8) x(9) x(10) x(11) x(12) \
	x(13) x(14) x(15) x(16) x(17) x(18) x(19) x(20) x(21) x(22) x(23) x(24) \
	x(25) x(26) x(27) x(28) x(29) x(30) x(31) x(32) x(33) x(34) x(35) x(36) \
	x(37) x(38) x(39) x(40) x(41) x(42) x(43) x(44) x(45) x(46) x(47)
EACH_ROW(SETTER)
#define SETTER_NAME(row) set_##row,
static const param_func_t setters[MAX_PARAMETERS] = { EACH_ROW(SETTER_NAME) };
/* clang-format on */

static void add_rows(param_export_t **next, const char *name, param_func_t set)
{
	const modparam_t types[] = {PARAM_INT, PARAM_STRING};

	for(size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		(*next)->name = (char *)name;
		(*next)->type = types[i] | PARAM_USE_FUNC;
		(*next)->param_pointer = (void *)set;
		(*next)++;
	}
}

param_export_t *tlsp_modparams_table(const param_export_t *others, size_t count)
{
	static param_export_t rows[MAX_PARAMETERS * ROWS_FOR_EACH
							   + TLSP_PROXY_SOURCES_PARAMS + MAX_OTHERS + 1];
	param_export_t *next = rows;

	if(tlsp_parameters_count() > MAX_PARAMETERS || count > MAX_OTHERS)
		abort(); /* give EACH_ROW more numbers */
	for(size_t i = 0; i < tlsp_parameters_count(); i++) {
		const struct tlsp_parameter *parameter = tlsp_parameters_at(i);

		add_rows(&next, parameter->name, setters[i]);
		if(parameter->manual_name)
			add_rows(&next, parameter->manual_name, setters[i]);
	}
	memcpy(next, tlsp_proxy_sources_params(),
			TLSP_PROXY_SOURCES_PARAMS * sizeof(*next));
	memcpy(next + TLSP_PROXY_SOURCES_PARAMS, others, count * sizeof(*next));
	return rows;
}

int tlsp_modparams_init(void)
{
	reloading = shm_malloc(sizeof(*reloading));
	if(reloading)
		memset(reloading, 0, sizeof(*reloading));
	if(reloading && lock_init(&reloading->running)
			&& lock_init(&reloading->told))
		return 0;
	SHM_MEM_ERROR;
	return -1;
}

/* Everything anew, and in force, or nothing. */
static bool put_in_force(
		const char *by, struct tlsp_seen_files *seen, char *error, size_t size)
{
	struct tlsp_book book;
	struct tlsp_change change = {.book = &book, .seen = seen, .by = by};

	start();
	if(tlsp_sources_read(&book, &policy, named, seen, error, size))
		return tlsp_policy_change(&change, error, size);
	tlsp_book_cleanup(&book);
	return false;
}

int tlsp_modparams_publish(void)
{
	char text[ERROR_OCTETS];

	if(put_in_force(NULL, NULL, text, sizeof(text)))
		return 0;
	LM_ERR("%s\n", text);
	return -1;
}

static void say_who(const char *by)
{
	lock_get(&reloading->told);
	snprintf(reloading->by, sizeof(reloading->by), "%s", by);
	reloading->since = time(NULL);
	reloading->process = getpid();
	lock_release(&reloading->told);
}

static void say_busy(char *error, size_t size)
{
	char when[32] = "";
	struct tm utc;

	lock_get(&reloading->told);
	if(gmtime_r(&reloading->since, &utc))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &utc);
	snprintf(error, size,
			"another reload is running since %s (%ld s), by %s, in process %d: "
			"it waits for a file or a database if it does not end",
			when, (long)(time(NULL) - reloading->since), reloading->by,
			reloading->process);
	lock_release(&reloading->told);
}

enum tlsp_reloaded tlsp_modparams_reload(
		const char *by, struct tlsp_seen_files *seen, char *error, size_t size)
{
	bool done;

	if(lock_try(&reloading->running) != 0) {
		say_busy(error, size);
		return TLSP_RELOAD_BUSY;
	}
	say_who(by);
	tlsp_live_policy_collect();
	done = put_in_force(by, seen, error, size);
	for(int i = 0; done && i < COLLECT_TRIES && !tlsp_live_policy_collect();
			i++)
		usleep(COLLECT_WAIT_US);
	lock_release(&reloading->running);
	return done ? TLSP_RELOADED : TLSP_RELOAD_REFUSED;
}
