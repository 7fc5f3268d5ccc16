/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server_cpu - see load.h. By the CPU-time clock of each process
 * (clock_getcpuclockid(3)), which counts all its threads, in nanoseconds.
 */
#define _GNU_SOURCE
#include "load.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum
{
	MOST = 256,
	PAUSE_US = 20 * 1000,
	IDLE_US = 1000, /* in a pause: timers, and nothing else */
	PAUSES = 250
};

static pid_t pids[MOST];
static clockid_t clocks[MOST];
static int count;

static pid_t parent_of(pid_t pid)
{
	char name[64], text[512], *at;
	int parent = 0;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	file = fopen(name, "r");
	if(!file)
		return 0;
	at = fgets(text, sizeof(text), file);
	fclose(file);
	while(at && *at && *at != ')') /* no command of a server has one */
		at++;
	return at && sscanf(at, ") %*c %d", &parent) == 1 ? (pid_t)parent : 0;
}

static bool is_known(pid_t pid)
{
	for(int i = 0; i < count; i++)
		if(pids[i] == pid)
			return true;
	return false;
}

static void add(pid_t pid)
{
	if(count == MOST || clock_getcpuclockid(pid, &clocks[count]) != 0) {
		fprintf(stderr, "load: no CPU time of process %d\n", (int)pid);
		exit(2);
	}
	pids[count++] = pid;
}

static bool add_children(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int before = count;

	while(dir && (entry = readdir(dir))) {
		pid_t pid = (pid_t)atoi(entry->d_name);

		if(pid > 0 && !is_known(pid) && is_known(parent_of(pid)))
			add(pid);
	}
	if(dir)
		closedir(dir);
	return count > before;
}

void server_cpu_init(pid_t pid)
{
	add(pid);
	while(add_children())
		;
}

double server_cpu_us(void)
{
	double total = 0;

	for(int i = 0; i < count; i++) {
		struct timespec spent;

		if(clock_gettime(clocks[i], &spent) == 0)
			total += (double)spent.tv_sec * 1e6 + (double)spent.tv_nsec / 1e3;
	}
	return total;
}

double server_cpu_settled_us(void)
{
	double before = server_cpu_us();

	for(int i = 0; count > 0 && i < PAUSES; i++) {
		double now;

		usleep(PAUSE_US);
		now = server_cpu_us();
		if(now - before < IDLE_US)
			return now;
		before = now;
	}
	return before;
}
