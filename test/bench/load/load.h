/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load - what the parts of the load generator share (main.c says what it does).
 * One process, one thread.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <openssl/ssl.h>

enum kind
{
	KIND_OPTIONS,
	KIND_REGISTER
};

struct settings
{
	int port;
	const char *cert, *key, *ca, *server_name;
	int version;	   /* as SSL_version(3) */
	unsigned count;	   /* connections that are counted */
	unsigned warm;	   /* and those before */
	unsigned flight;   /* at once */
	unsigned messages; /* on each */
	enum kind kind;
	bool resume; /* where there is a session */
	bool hold;	 /* connections stay */
	bool bare;	 /* and their SSL does not */
	bool chain;	 /* the CA's certificate is sent along */
	uint64_t timeout_us;
};

extern struct settings settings;

/* connection.c: one of them, from connect(2) to its end, never blocking. */

enum step
{
	STEP_HANDSHAKE,
	STEP_TICKET, /* TLS 1.3: the session that is to be resumed */
	STEP_ASK,
	STEP_ANSWER,
	STEP_CLOSE, /* until the server has closed, too */
	STEP_HELD,
	STEP_DONE,
	STEP_FAILED
};

struct connection
{
	int fd;
	SSL *ssl; /* NULL: bare */
	enum step step;
	unsigned slot;	 /* whose session it uses and leaves */
	unsigned number; /* of all */
	unsigned left;	 /* messages to be sent */
	bool resumed, has_session;
	uint64_t began_us, done_us; /* done: all that was asked of it */
	uint64_t shaken_us;			/* its handshake is over */
	unsigned octets;
	char answer[2048];
};

/* connection_init: of the program; the sessions of |slots|. */
void connection_init(unsigned slots);

/* connection_shuffle: the sessions change their |slots|, so that whom a server
 * of many workers gives a connection to has nothing to do with whom it gave the
 * last one in the same slot. */
void connection_shuffle(unsigned slots);

/* connection_begin: |c| is the |number|th and uses |slot|. */
void connection_begin(struct connection *c, unsigned slot, unsigned number);

/* connection_go: as far as it comes without waiting. */
void connection_go(struct connection *c);

/* connection_ask: |messages| on one that is held. */
void connection_ask(struct connection *c, unsigned messages);

/* connection_time_out: |c| has waited for too long. */
void connection_time_out(struct connection *c);

/* connection_end: its socket and SSL are gone. */
void connection_end(struct connection *c);

uint64_t now_us(void);

/* server_cpu.c: the CPU time of processes. */

/* server_cpu_init: |pid| and all that descend from it by now. */
void server_cpu_init(pid_t pid);

/* server_cpu_us: what they have used so far, user and system; _settled: when
 * they have nothing more to do. 0 if there are none. */
double server_cpu_us(void);
double server_cpu_settled_us(void);

#endif
