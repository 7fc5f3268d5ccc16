/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer - a SIP-over-TLS peer for the re-handshake tests, the same for several
 * TLS stacks: peer.c has the connections, figures.c the output, sip.c the
 * messages and the counting, one file for each stack the TLS. One process, one
 * thread. README.md of this directory has the command line and the output.
 */
#ifndef TEST_PEERS_PEER_H
#define TEST_PEERS_PEER_H

#include <stdbool.h>
#include <stddef.h>

enum
{
	PEER_IN_OCTETS = 65536,
	PEER_REQUEST_OCTETS = 20000,
};

/* What a stack's read, write and handshake return beside a count > 0. */
enum
{
	PEER_AGAIN = -1, /* want_write of the connection tells what to wait for */
	PEER_ENDED = -2, /* ended of the connection tells how */
};

struct peer_options
{
	bool server;
	int port;
	const char *version; /* NULL: whatever the stack likes */
	const char *cert, *key, *ca, *sni;
	const char *id;	 /* starts every Call-ID; default: the process id */
	const char *uri; /* where requests go to */
	int rate;		 /* requests per second; 0: none */
	int burst;		 /* this many at a time */
	int count;		 /* requests; 0: no limit */
	int seconds;	 /* of sending; 0: no limit */
	int grace;		 /* seconds to wait for the last answers */
	int window;		 /* requests of a connection without answer; 0: any */
	int segment;	 /* of TCP, in octets; 0: as it comes */
	int pad;		 /* octets more in each request */
	int parallel;	 /* connections of a client */
	int each;		 /* requests on a connection until it is replaced */
	int accept;		 /* connections of a server; 0: no limit */
	bool stay;		 /* a client: until SIGTERM, though all is answered */
	bool again;		 /* a client: connect again after a close */
	const char *renegotiation; /* default, allow, refuse, ignore */
	/* to prove that the counting notices: every so many answers (requests) */
	int lose, repeat;
	/* misbehaviour, OpenSSL only (mute_after: all) */
	const char *second_cert, *second_key;
	int mute_after, renegotiate_after, key_update_after, key_update_again,
			flood;
	bool abort_in_handshake, abort_at_key_update, post_handshake,
			key_update_unanswered;
};

struct peer_connection
{
	int fd;
	void *tls;
	bool established, want_write, retired, abort, muted;
	bool flood_due, flooded; /* OpenSSL: before the next handshake record */
	const char *ended;		 /* close_notify, eof, reset, alert, error */
	double opened_at;
	int handshakes, sent, answered, received;
	size_t in_octets, out_octets, out_size;
	char *out;
	char in[PEER_IN_OCTETS];
};

/* What a TLS stack offers. All calls are on non-blocking sockets. */
struct peer_stack
{
	bool counts_key_updates;
	/* Loads certificates, once; exits on failure. */
	void (*prepare)(const struct peer_options *options);
	bool (*open)(struct peer_connection *connection);
	int (*handshake)(struct peer_connection *connection); /* 1: done */
	int (*read)(struct peer_connection *connection, char *to, size_t size);
	int (*write)(
			struct peer_connection *connection, const char *from, size_t size);
	const char *(*version)(struct peer_connection *connection);
	/* NULL or called after each message received. */
	void (*misbehave)(struct peer_connection *connection);
	/* Says close_notify if |politely| and frees what open made. */
	void (*close)(struct peer_connection *connection, bool politely);
};
extern const struct peer_stack peer_stack;
extern struct peer_options peer_options;

/* The figures that are printed at the end. */
struct peer_figures
{
	int sent, answered, failed, doubled, strange;
	int received, repeated, reordered;
	int handshakes, key_updates, connections;
	double slowest_ms;
	const char *closed_by, *alert, *version;
};
extern struct peer_figures peer_figures;

/* figures.c */
double peer_now(void); /* seconds, monotonic */
_Noreturn void peer_die(const char *sentence);
void peer_handshake_done(struct peer_connection *connection);
void peer_alert_received(int alert);
void peer_print_figures(void);

/* peer.c */
void peer_queue(
		struct peer_connection *connection, const char *text, size_t octets);
void peer_send_request(struct peer_connection *connection);
void peer_flush(struct peer_connection *connection);

/* sip.c */
/* Writes the request of |number| into |text|; returns its octets. */
int peer_sip_request(char *text, size_t size, int number, int local_port);
/* Takes all whole messages out of connection->in: answers requests and counts
 * everything. False if what came is no SIP. */
bool peer_sip_received(struct peer_connection *connection);

/* options.c */
void peer_options_read(int argc, char **argv);

#endif
