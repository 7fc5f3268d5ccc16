/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_list - collects proxies from any source (a parameter, the lines of a
 * file, the rows of a table) into one builder, and says in one sentence where
 * and why one cannot be taken. libc only; any process.
 */
#ifndef TLSP_PROXY_LIST_H
#define TLSP_PROXY_LIST_H

#include "proxies.h"

enum
{
	TLSP_PROXY_LINE_MAX_OCTETS = 4096,
	TLSP_PROXY_PLACE_MAX_OCTETS = 600,
	TLSP_PROXY_ERROR_OCTETS = 1200,
	TLSP_PROXY_FAULTS_TOLD = 20,
	TLSP_PROXY_FAULTS_MAX = 1000
};

/*
 * What cannot be taken, where all of that is to be known and not only the
 * first: counted, over as many lists as share it. |tell| is called for those
 * behind the first, TLSP_PROXY_FAULTS_TOLD with it at most; nothing is read
 * behind the one that is number TLSP_PROXY_FAULTS_MAX.
 */
struct tlsp_proxy_faults
{
	void (*tell)(const char *sentence);
	size_t count;
	char first[TLSP_PROXY_ERROR_OCTETS]; /* its sentence, or "" */
};

/* All or nothing: after the first false from any function below, |error| is
 * what to tell and the list is of no use. With |faults|, what cannot be taken
 * is counted there and reading goes on: look at faults->count in the end, too.
 */
struct tlsp_proxy_list
{
	struct tlsp_proxies_builder *builder; /* owned */
	bool wildcards;						  /* may a proxy be "*.name"? */
	int dispatcher_set; /* only this one's lines of files; -1 = every line */
	struct tlsp_proxy_faults
			*faults;	/* not owned; NULL: the first is the end */
	const char *prefix; /* of each sentence; not owned */
	char error[TLSP_PROXY_ERROR_OCTETS]; /* one sentence, or "" */
};

/* tlsp_proxy_list_init: an empty list of every set, without faults and prefix;
 * false (and |error|) without memory.
 * Pair with tlsp_proxy_list_cleanup in either case. */
bool tlsp_proxy_list_init(struct tlsp_proxy_list *list, bool wildcards);
void tlsp_proxy_list_cleanup(struct tlsp_proxy_list *list);

/*
 * tlsp_proxy_list_add takes one proxy as an operator writes it
 * (tlsp_hostname_from_operator). |place| begins the sentence, e.g. "proxy" or
 * "dispatcher.destination, row 3:"; it is printed as it is.
 */
bool tlsp_proxy_list_add(struct tlsp_proxy_list *list, const char *place,
		const char *text, size_t octets);

/* tlsp_proxy_list_fail: "PLACE: WHAT" into |error|, |place| escaped: nothing
 * more can be read. Always false. */
bool tlsp_proxy_list_fail(
		struct tlsp_proxy_list *list, const char *place, const char *what);

/* tlsp_proxy_faults_print: all of them (one at least) as one sentence into
 * |error|: the first, and how many more there are. */
void tlsp_proxy_faults_print(
		const struct tlsp_proxy_faults *faults, char *error, size_t size);

/* The text of one file, in pieces of any size. */
struct tlsp_proxy_text
{
	struct tlsp_proxy_list *list; /* not owned */
	const char *name;			  /* of the file; not owned */
	size_t number;				  /* of the line that is being read, from 1 */
	size_t used;
	char line[TLSP_PROXY_LINE_MAX_OCTETS + 1];
};

/*
 * tlsp_proxy_text_init, _feed, _end: one proxy for each line as in
 * proxy_line.h; LF or CRLF; a byte order mark of UTF-8 at the beginning is
 * passed over; a NUL or a line of more than TLSP_PROXY_LINE_MAX_OCTETS is an
 * error; so is, where |dispatcher_set| asks for one set, a line that is none of
 * a dispatcher.list. Errors begin with NAME:LINE. _end takes a last line that
 * does not end.
 */
void tlsp_proxy_text_init(struct tlsp_proxy_text *text,
		struct tlsp_proxy_list *list, const char *name);
bool tlsp_proxy_text_feed(
		struct tlsp_proxy_text *text, const char *data, size_t octets);
bool tlsp_proxy_text_end(struct tlsp_proxy_text *text);

#endif
