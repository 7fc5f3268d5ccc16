/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load - many TLS clients at once against a server on loopback, and what they
 * cost it:
 *   load port=N cert=FILE key=FILE ca=FILE version=1.2|1.3 [count=100]
 *        [flight=8] [warm=0] [resume=1] [messages=0] [kind=OPTIONS|REGISTER]
 *        [sni=NAME] [chain=1] [server=PID] [hold=1 [bare=1]] [wait=1]
 *        [timeout=60]
 * Makes |warm| connections and then |count|, |flight| of them at once: a
 * handshake with a certificate of the client's own, |messages| with an answer
 * of 200 to each, close_notify, and the server's end. resume: with the session
 * that the last connection in the same place has left. chain: its CA's
 * certificate is sent along. Prints
 *   ok=N failed=N resumed=N wall_ms=N median_ms=N p99_ms=N longest_ms=N cpu_us=N
 * of the |count|: milliseconds from connect(2) until all of that but the close
 * was done; and CPU time for each, of the process |server| and all that it has
 * forked. wait: prints "warm" before they begin, and begins at a line of the
 * standard input.
 *
 * hold: they stay, and answer re-handshakes; bare: without an SSL of ours, for
 * large numbers. Then it does what each line of the standard input says, and
 * prints one: "cpu" (CPU time so far, in microseconds), "ask N" (N messages on
 * each, one connection after the other), "lost" (how many have ended). Exit
 * status 0 if none failed.
 */
#define _GNU_SOURCE
#include "load.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum
{
	EVENTS = 256,
	TICKET_US =
			10 * 1000 * 1000, /* in which it must come, after the handshake */
	LOOK_MS = 100
};

struct settings settings;

static int argument_count;
static char **arguments;
static int epoll;
static struct connection *all; /* slots; held: a connection each */
static unsigned busy, lost;
static bool held;

static struct
{
	unsigned ok, failed, resumed;
	double *ms; /* of each that is ok */
} result;

static const char *option(const char *name, const char *otherwise)
{
	size_t octets = strlen(name);

	for(int i = 1; i < argument_count; i++)
		if(strncmp(arguments[i], name, octets) == 0
				&& arguments[i][octets] == '=')
			return arguments[i] + octets + 1;
	if(!otherwise) {
		fprintf(stderr, "load: %s= is missing\n", name);
		exit(2);
	}
	return otherwise;
}

static unsigned number(const char *name, const char *otherwise)
{
	return (unsigned)atoi(option(name, otherwise));
}

static void read_settings(void)
{
	const char *sni = option("sni", "");

	settings.port = (int)number("port", NULL);
	settings.cert = option("cert", NULL);
	settings.key = option("key", NULL);
	settings.ca = option("ca", NULL);
	settings.version = strcmp(option("version", NULL), "1.3") == 0
							   ? TLS1_3_VERSION
							   : TLS1_2_VERSION;
	settings.server_name = *sni ? sni : NULL;
	settings.count = number("count", "100");
	settings.flight = number("flight", "8");
	settings.warm = number("warm", "0");
	settings.messages = number("messages", "0");
	settings.kind = strcmp(option("kind", "OPTIONS"), "REGISTER") == 0
							? KIND_REGISTER
							: KIND_OPTIONS;
	settings.resume = number("resume", "0");
	settings.hold = number("hold", "0");
	settings.bare = number("bare", "0");
	settings.chain = number("chain", "0");
	settings.timeout_us = (uint64_t)number("timeout", "60") * 1000000;
	if(settings.flight > settings.count)
		settings.flight = settings.count;
}

/* As many descriptors as this process may have. */
static void raise_limit(void)
{
	struct rlimit limit;

	if(getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void note(struct connection *c)
{
	if(c->step == STEP_FAILED) {
		result.failed++;
		return;
	}
	result.ms[result.ok++] = (double)(c->done_us - c->began_us) / 1e3;
	result.resumed += c->resumed;
}

static void go(struct connection *c)
{
	bool was_held = c->step == STEP_HELD;

	connection_go(c);
	if(c->step < STEP_HELD || (was_held && c->step == STEP_HELD))
		return;
	if(was_held || held) {
		lost += c->step == STEP_FAILED;
		if(c->step == STEP_FAILED)
			connection_end(c);
		return;
	}
	note(c);
	busy--;
	if(c->step != STEP_HELD)
		connection_end(c);
}

static void begin(unsigned place, unsigned slot, unsigned which)
{
	struct connection *c = &all[place];
	struct epoll_event event = {
			.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};

	connection_begin(c, slot, which);
	if(epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) {
		perror("load: epoll_ctl");
		exit(2);
	}
	busy++;
	go(c);
}

static void look_at_events(int timeout_ms)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(epoll, events, EVENTS, timeout_ms);

	for(int i = 0; i < count; i++) {
		struct connection *c = events[i].data.ptr;

		if(c->fd >= 0)
			go(c);
	}
}

/* Those that wait for what does not come. */
static void look_at_times(unsigned places)
{
	static uint64_t last_us;
	uint64_t us = now_us();

	if(us < last_us + LOOK_MS * 1000)
		return;
	last_us = us;
	for(unsigned i = 0; i < places; i++) {
		struct connection *c = &all[i];

		if(c->fd < 0 || c->step >= STEP_HELD)
			continue;
		if(c->step == STEP_TICKET && us > c->shaken_us + TICKET_US)
			c->has_session = true; /* none is given */
		else if(us > c->began_us + settings.timeout_us)
			connection_time_out(c);
		else
			continue;
		go(c);
	}
}

/* |count| connections, in the slots or, held, each in a place of its own. */
static void run(unsigned count, bool in_slots)
{
	unsigned begun = 0, places = in_slots ? settings.flight : count;

	for(unsigned i = 0; i < places; i++)
		all[i].fd = -1;
	while(begun < count || busy > 0) {
		for(unsigned i = 0; in_slots && i < places && begun < count; i++)
			if(all[i].fd < 0)
				begin(i, i, begun++);
		while(!in_slots && begun < count && busy < settings.flight) {
			begin(begun, begun % settings.flight, begun);
			begun++;
		}
		look_at_events(LOOK_MS);
		look_at_times(in_slots ? places : begun);
	}
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double part(double share)
{
	unsigned last = result.ok ? result.ok - 1 : 0;

	return result.ok ? result.ms[(unsigned)(share * last + 0.5)] : 0;
}

static void print_result(uint64_t wall_us, double cpu_us)
{
	qsort(result.ms, result.ok, sizeof(*result.ms), compare);
	printf("ok=%u failed=%u resumed=%u wall_ms=%.1f median_ms=%.2f p99_ms=%.2f "
		   "longest_ms=%.2f cpu_us=%.1f\n",
			result.ok, result.failed, result.resumed, (double)wall_us / 1e3,
			part(0.5), part(0.99), part(1), result.ok ? cpu_us / result.ok : 0);
	fflush(stdout);
}

static void ask_all(unsigned messages)
{
	unsigned answered = 0;

	for(unsigned i = 0; i < settings.count; i++) {
		struct connection *c = &all[i];

		if(c->fd < 0 || c->step != STEP_HELD || !c->ssl)
			continue;
		connection_ask(c, messages);
		while(c->step < STEP_HELD)
			look_at_events(LOOK_MS);
		answered += c->step == STEP_HELD;
	}
	printf("asked=%u\n", answered);
}

/* False at the end of the input. */
static bool obey(void)
{
	char line[128];

	if(!fgets(line, sizeof(line), stdin))
		return false;
	if(strncmp(line, "ask ", 4) == 0)
		ask_all((unsigned)atoi(line + 4));
	else if(strcmp(line, "lost\n") == 0)
		printf("lost=%u\n", lost);
	else
		printf("cpu_us=%.0f\n", server_cpu_us());
	fflush(stdout);
	return true;
}

static void serve_held(void)
{
	struct pollfd wait[] = {
			{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = epoll, .events = POLLIN},
	};

	held = true;
	for(;;) {
		poll(wait, 2, -1);
		if(wait[1].revents)
			look_at_events(0);
		if(wait[0].revents && !obey())
			return;
	}
}

static void measure(void)
{
	char line[16];
	uint64_t began_us;
	double cpu_us;

	if(number("wait", "0")) {
		puts("warm");
		fflush(stdout);
		if(!fgets(line, sizeof(line), stdin))
			exit(2);
	}
	memset(&result, 0, offsetof(__typeof__(result), ms));
	cpu_us = server_cpu_settled_us();
	began_us = now_us();
	run(settings.count, !settings.hold);
	began_us = now_us() - began_us;
	print_result(began_us, server_cpu_settled_us() - cpu_us);
}

int main(int argc, char **argv)
{
	unsigned server, most;

	argument_count = argc;
	arguments = argv;
	read_settings();
	raise_limit();
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdin, NULL, _IONBF, 0); /* poll(2) sees what is there */
	epoll = epoll_create1(0);
	connection_init(settings.flight);
	most = settings.count > settings.warm ? settings.count : settings.warm;
	all = calloc(most, sizeof(*all));
	result.ms = calloc(most, sizeof(*result.ms));
	if(!all || !result.ms)
		return 2;
	server = number("server", "0");
	if(server)
		server_cpu_init((pid_t)server);
	if(settings.warm) {
		bool hold = settings.hold;

		settings.hold = false;
		run(settings.warm, true);
		connection_shuffle(settings.flight);
		settings.hold = hold;
	}
	measure();
	if(settings.hold)
		serve_held();
	return result.failed > 0 || lost > 0;
}
