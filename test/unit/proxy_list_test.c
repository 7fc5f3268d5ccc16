/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxy_list_test - what a text of proxies gives, in pieces of every size: the
 * hosts, or the one sentence with the place; and what a file gives.
 */
#define _XOPEN_SOURCE 600 /* posix_openpt(3) */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "files/proxy_file.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define TEXT(text) text, sizeof(text) - 1

struct row
{
	const char *label;
	const char *text;
	size_t octets;
	const char *expected; /* the hosts, each with a blank; or the sentence */
	bool wildcards;
};

static const struct row rows[] = {
		{"nothing", TEXT(""), "", false},
		{"blank lines alone", TEXT("\n \n\t\r\n"), "", false},
		{"comments alone", TEXT("# a.example\n  # b.example"), "", false},
		{"a last line without its end", TEXT("a.example\nb.example"),
				"a.example b.example ", false},
		{"CRLF", TEXT("a.example\r\n\r\nb.example\r\n"), "a.example b.example ",
				false},
		{"a byte order mark",
				TEXT("\xef\xbb\xbf"
					 "a.example\n"),
				"a.example ", false},
		{"a byte order mark alone", TEXT("\xef\xbb\xbf"), "", false},
		{"a byte order mark before a comment", TEXT("\xef\xbb\xbf# c\na.b"),
				"a.b ", false},
		{"a byte order mark in the second line",
				TEXT("a.b\n\xef\xbb\xbf"
					 "c.d"),
				"f:2: \"\\xef\\xbb\\xbfc.d\" is no internationalized name "
				"(IDNA2008)",
				false},
		{"a dispatcher.list",
				TEXT("# sets\n1 sip:a.b:5060 8 10 weight=50\n2 "
					 "sips:[2001:DB8::1]\n"),
				"a.b 2001:db8::1 ", false},
		{"a host twice", TEXT("a.b\nA.B.\nsip:x@a.b:5061"), "a.b ", false},
		{"a bad line, counted with the blank ones", TEXT("\n\na.b\n\nc..d\n"),
				"f:5: \"c..d\" has an empty label", false},
		{"a bad last line without its end", TEXT("a.b\nc..d"),
				"f:2: \"c..d\" has an empty label", false},
		{"two hosts in a line", TEXT("a.b c.d"),
				"f:1: \"a.b c.d\" has a character that no host has", false},
		{"a NUL", TEXT("a.b\0c"), "f:1: \"a.b\\x00c\" has a NUL octet", false},
		{"a NUL behind a host and a blank", TEXT("a.b \0"),
				"f:1: \"a.b \\x00\" has a NUL octet", false},
		{"a NUL in a comment", TEXT("# \0\na.b"),
				"f:1: \"# \\x00\" has a NUL octet", false},
		{"UTF-16",
				TEXT("\xff\xfe"
					 "a\0.\0b\0\n\0"),
				"f:1: \"\\xff\\xfea\\x00.\\x00b\\x00\" has a NUL octet", false},
		{"a wildcard that may be", TEXT("*.a.b\n"), "*.a.b ", true},
		{"a wildcard that may not be", TEXT("x.y\n*.a.b\n"),
				"f:2: \"*.a.b\" stands for every name below it, which "
				"wildcard_proxies=1 has to permit",
				false},
		{"a misplaced wildcard", TEXT("a*.b.c"),
				"f:1: \"a*.b.c\" has a misplaced wildcard", true},
};

/* Where dispatcher_set asks for one set. */
static const struct
{
	struct row row;
	int set;
} of_sets[] = {
		{{"one set",
				 TEXT("# s\n1 sip:a.b\n\n2 sip:c.d 0 # x\n02 e.f\n22 g.h\n"),
				 "c.d e.f ", false},
				2},
		{{"set 0", TEXT("1 sip:a.b\n0 sip:c.d\n"), "c.d ", false}, 0},
		{{"a set without a line", TEXT("1 sip:a.b\n"), "", false}, 2},
		{{"a set far beyond an int", TEXT("42949672960002 sip:a.b\n2 c.d"),
				 "c.d ", false},
				2},
		{{"one set of a plain list", TEXT("2 a.b\nc.d\n"),
				 "f:2: \"c.d\" is no line of a dispatcher.list (SET "
				 "DESTINATION "
				 "...), and dispatcher_set = 2 asks for one",
				 false},
				2},
		{{"one set, and a line of words", TEXT("a.b c.d\n"),
				 "f:1: \"a.b c.d\" is no line of a dispatcher.list (SET "
				 "DESTINATION ...), and dispatcher_set = 2 asks for one",
				 false},
				2},
		{{"one set, and a bad destination in it", TEXT("1 x..y\n2 c..d\n"),
				 "f:2: \"2 c..d\" has an empty label", false},
				2},
};

/* The hosts of |list| one after the other, each with a blank. */
static void print_hosts(
		const struct tlsp_proxy_list *list, char *out, size_t size)
{
	void *block = malloc(tlsp_proxies_builder_octets(list->builder));
	struct tlsp_proxies *proxies;
	char text[256];
	struct tlsp_host host;

	assert_non_null(block);
	proxies = tlsp_proxies_builder_write(list->builder, block);
	out[0] = '\0';
	for(size_t i = 0; i < tlsp_proxies_count(proxies); i++) {
		tlsp_proxies_at(proxies, i, &host);
		snprintf(out + strlen(out), size - strlen(out), "%s ",
				tlsp_hostname_print(&host, text, sizeof(text)));
	}
	free(block);
}

static bool feed(struct tlsp_proxy_text *text, const char *data, size_t octets,
		size_t piece)
{
	for(size_t done = 0; done < octets; done += piece) {
		size_t now = octets - done < piece ? octets - done : piece;
		char *copy = malloc(now); /* exactly as long */
		bool ok;

		assert_non_null(copy);
		memcpy(copy, data + done, now);
		ok = tlsp_proxy_text_feed(text, copy, now);
		free(copy);
		if(!ok)
			return false;
	}
	return tlsp_proxy_text_end(text);
}

static bool holds(const struct row *row, size_t piece, int set)
{
	struct tlsp_proxy_list list;
	struct tlsp_proxy_text text;
	char got[TLSP_PROXY_ERROR_OCTETS];

	assert_true(tlsp_proxy_list_init(&list, row->wildcards));
	list.dispatcher_set = set;
	tlsp_proxy_text_init(&text, &list, "f");
	if(feed(&text, row->text, row->octets, piece))
		print_hosts(&list, got, sizeof(got));
	else
		snprintf(got, sizeof(got), "%s", list.error);
	tlsp_proxy_list_cleanup(&list);
	if(strcmp(got, row->expected) == 0)
		return true;
	print_message("FAIL %s, pieces of %zu: [%s], expected [%s]\n", row->label,
			piece, got, row->expected);
	return false;
}

static void test_texts(void **state)
{
	int failures = 0;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++)
		for(size_t piece = 1; piece < 20; piece++)
			failures += !holds(&rows[i], piece, -1);
	for(size_t i = 0; i < COUNT(of_sets); i++)
		for(size_t piece = 1; piece < 20; piece++)
			failures += !holds(&of_sets[i].row, piece, of_sets[i].set);
	assert_int_equal(failures, 0);
}

/* A comment of |octets| octets, and a host. */
static bool takes_line_of(size_t octets, size_t piece)
{
	struct tlsp_proxy_list list;
	struct tlsp_proxy_text text;
	char *line = malloc(octets + 4);
	bool taken;

	assert_non_null(line);
	memset(line, 'x', octets);
	line[0] = '#';
	memcpy(line + octets, "\na.b", 4);
	assert_true(tlsp_proxy_list_init(&list, false));
	tlsp_proxy_text_init(&text, &list, "f");
	taken = feed(&text, line, octets + 4, piece);
	assert_string_equal(list.error,
			taken ? "" : "f:1: the line is longer than 4096 octets");
	tlsp_proxy_list_cleanup(&list);
	free(line);
	return taken;
}

static void test_long_lines(void **state)
{
	static const size_t pieces[] = {1, 1000, 4096, 4097, 10000};

	(void)state;
	for(size_t i = 0; i < COUNT(pieces); i++) {
		assert_true(takes_line_of(4096, pieces[i]));
		assert_false(takes_line_of(4097, pieces[i]));
		assert_false(takes_line_of(100000, pieces[i]));
	}
}

static void test_add_names_its_place(void **state)
{
	struct tlsp_proxy_list list;

	(void)state;
	assert_true(tlsp_proxy_list_init(&list, false));
	assert_true(tlsp_proxy_list_add(&list, "proxy", TEXT("a.b")));
	assert_false(tlsp_proxy_list_add(&list, "t.c, row 3:", TEXT("a\nb\"")));
	assert_string_equal(list.error,
			"t.c, row 3: \"a\\x0ab\\x22\" has a character that no host has");
	assert_false(tlsp_proxy_list_add(&list, "t.c, row 4:", TEXT("")));
	assert_string_equal(list.error, "t.c, row 4: \"\" is empty");
	tlsp_proxy_list_cleanup(&list);
}

static char told[TLSP_PROXY_FAULTS_TOLD][TLSP_PROXY_ERROR_OCTETS];
static size_t told_count;

static void tell(const char *sentence)
{
	assert_true(told_count < COUNT(told));
	snprintf(told[told_count++], sizeof(told[0]), "%s", sentence);
}

/* Of two lists, as rules have them. */
static void test_all_faults(void **state)
{
	struct tlsp_proxy_faults faults = {.tell = tell};
	struct tlsp_proxy_list list, other;
	struct tlsp_proxy_text text;
	char error[300];

	(void)state;
	told_count = 0;
	assert_true(tlsp_proxy_list_init(&list, false));
	assert_true(tlsp_proxy_list_init(&other, false));
	list.faults = other.faults = &faults;
	other.prefix = "rule x: ";
	assert_true(tlsp_proxy_list_add(&list, "t.c, id 3:", TEXT("a..b")));
	tlsp_proxy_faults_print(&faults, error, sizeof(error));
	assert_string_equal(error, "t.c, id 3: \"a..b\" has an empty label");
	assert_true(tlsp_proxy_list_add(&list, "t.c, id 4:", TEXT("a.b")));
	tlsp_proxy_text_init(&text, &list, "f");
	assert_true(feed(&text, TEXT("\na.b c.d\ne.f\ng..h"), 3));
	other.dispatcher_set = 2;
	tlsp_proxy_text_init(&text, &other, "o");
	assert_true(feed(&text, TEXT("a.b\n2 c.d\n3 e..f\n"), 3));
	tlsp_proxy_faults_print(&faults, error, sizeof(error));
	assert_string_equal(error,
			"t.c, id 3: \"a..b\" has an empty label; and 3 more, which the log "
			"names");
	assert_int_equal(told_count, 3);
	assert_string_equal(
			told[0], "f:2: \"a.b c.d\" has a character that no host has");
	assert_string_equal(told[1], "f:4: \"g..h\" has an empty label");
	assert_non_null(strstr(told[2], "rule x: o:1: \"a.b\" is no line of a"));
	print_hosts(&list, error, sizeof(error)); /* and what is right was read */
	assert_string_equal(error, "a.b e.f ");
	assert_false(tlsp_proxy_list_fail(&other, "f", "is gone"));
	assert_string_equal(other.error, "rule x: f: is gone");
	tlsp_proxy_list_cleanup(&list);
	tlsp_proxy_list_cleanup(&other);
}

static void test_faults_without_end(void **state)
{
	struct tlsp_proxy_faults faults = {.tell = tell};
	struct tlsp_proxy_list list;
	char error[300];
	int taken = 0;

	(void)state;
	told_count = 0;
	assert_true(tlsp_proxy_list_init(&list, false));
	list.faults = &faults;
	while(tlsp_proxy_list_add(&list, "t.c:", TEXT("a..b")))
		if(++taken == 29) {
			tlsp_proxy_faults_print(&faults, error, sizeof(error));
			assert_string_equal(error,
					"t.c: \"a..b\" has an empty label; and 28 more, of which "
					"the log names 19");
		}
	assert_int_equal(taken, TLSP_PROXY_FAULTS_MAX - 1);
	assert_int_equal(told_count, TLSP_PROXY_FAULTS_TOLD - 1);
	tlsp_proxy_faults_print(&faults, error, sizeof(error));
	assert_string_equal(error,
			"t.c: \"a..b\" has an empty label; and 999 more at least, of which "
			"the log names 19");
	tlsp_proxy_list_cleanup(&list);
}

static void test_files(void **state)
{
	char path[] = "/tmp/proxy_list_test.XXXXXX", sentence[64], got[64];
	struct tlsp_proxy_list list;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a.b\nc.d\n", 8), 8);
	close(fd);
	assert_true(tlsp_proxy_list_init(&list, false));
	assert_true(tlsp_proxy_file_add(&list, path));
	assert_true(tlsp_proxy_file_add(&list, path));
	print_hosts(&list, got, sizeof(got));
	assert_string_equal(got, "a.b c.d ");
	unlink(path);
	assert_false(tlsp_proxy_file_add(&list, path));
	snprintf(sentence, sizeof(sentence), "%s: No such file or directory", path);
	assert_string_equal(list.error, sentence);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_false(tlsp_proxy_file_add(&list, path));
	snprintf(sentence, sizeof(sentence), "%s: Is a directory", path);
	assert_string_equal(list.error, sentence);
	assert_false(tlsp_proxy_file_add_any(&list, path));
	assert_string_equal(list.error, sentence);
	rmdir(path);
	tlsp_proxy_list_cleanup(&list);
}

static bool refused_as(
		struct tlsp_proxy_list *list, const char *path, const char *sentence)
{
	char wanted[128];

	snprintf(wanted, sizeof(wanted), "%s: %s", path, sentence);
	return !tlsp_proxy_file_add(list, path) && strcmp(list->error, wanted) == 0;
}

/* Nobody may have written to them yet, and nobody may ever. */
static void test_only_regular_files(void **state)
{
	static const char sentence[] = "not a regular file";
	char path[] = "/tmp/proxy_list_test.XXXXXX", got[64];
	struct tlsp_proxy_list list;
	int terminal, fd;

	(void)state;
	close(mkstemp(path));
	unlink(path);
	assert_true(tlsp_proxy_list_init(&list, false));
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(refused_as(&list, path, sentence)); /* without a writer */
	fd = open(path, O_RDWR);
	assert_true(refused_as(&list, path, sentence)); /* with one, that waits */
	assert_true(refused_as(&list, "/dev/zero", sentence));
	assert_true(refused_as(&list, "/dev/null", sentence));
	terminal = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(
			terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
	assert_true(refused_as(&list, ptsname(terminal), sentence));
	close(terminal);
	/* on a command line a pipe is as good as a file */
	assert_int_equal(write(fd, "a.b\n", 4), 4);
	{
		int reader = open(path, O_RDONLY | O_NONBLOCK);

		close(fd);
		assert_true(tlsp_proxy_file_add_any(&list, path));
		close(reader);
	}
	print_hosts(&list, got, sizeof(got));
	assert_string_equal(got, "a.b ");
	assert_false(tlsp_proxy_file_add_any(&list, "/dev/zero"));
	assert_non_null(strstr(list.error, "/dev/zero:1"));
	unlink(path);
	tlsp_proxy_list_cleanup(&list);
}

/* Writes |octets| line feeds into a pipe from another process. */
static int feed_lines(size_t octets)
{
	static char lines[1 << 16];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	memset(lines, '\n', sizeof(lines));
	if(fork() == 0) {
		close(ends[0]);
		signal(SIGPIPE, SIG_IGN);
		while(octets > 0) {
			ssize_t done = write(ends[1], lines,
					octets < sizeof(lines) ? octets : sizeof(lines));

			if(done < 0)
				break;
			octets -= (size_t)done;
		}
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

/* 256 MiB: by the size of the file, and by what is read of a pipe. */
static void test_large_files(void **state)
{
	static const char sentence[] = "larger than 268435456 octets";
	char path[] = "/tmp/proxy_list_test.XXXXXX", name[32];
	struct tlsp_proxy_list list;
	int fd = mkstemp(path);

	(void)state;
	assert_true(tlsp_proxy_list_init(&list, false));
	assert_int_equal(ftruncate(fd, (1 << 28) + 1), 0);
	assert_true(refused_as(&list, path, sentence));
	assert_int_equal(ftruncate(fd, 1 << 28), 0); /* NUL octets */
	assert_false(tlsp_proxy_file_add(&list, path));
	assert_null(strstr(list.error, sentence));
	close(fd);
	unlink(path);
	for(size_t more = 0; more < 2; more++) {
		fd = feed_lines((1 << 28) + more);
		snprintf(name, sizeof(name), "/dev/fd/%d", fd);
		assert_int_equal(tlsp_proxy_file_add_any(&list, name), more == 0);
		if(more)
			assert_non_null(strstr(list.error, sentence));
		close(fd);
		wait(NULL);
	}
	tlsp_proxy_list_cleanup(&list);
}

/* Empty lines, which are passed over at once, are counted. */
static void test_empty_lines_are_counted(void **state)
{
	static const char text[] = "\n\n\r\n\na.b\n\n\nx..y\n";
	struct tlsp_proxy_list list;
	struct tlsp_proxy_text feed;

	(void)state;
	for(size_t piece = 1; piece < sizeof(text); piece++) {
		bool fed = true;

		assert_true(tlsp_proxy_list_init(&list, false));
		tlsp_proxy_text_init(&feed, &list, "f");
		for(size_t at = 0; fed && at < sizeof(text) - 1; at += piece)
			fed = tlsp_proxy_text_feed(&feed, text + at,
					sizeof(text) - 1 - at < piece ? sizeof(text) - 1 - at
												  : piece);
		assert_false(fed);
		assert_string_equal(list.error, "f:8: \"x..y\" has an empty label");
		tlsp_proxy_list_cleanup(&list);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_texts),
			cmocka_unit_test(test_long_lines),
			cmocka_unit_test(test_add_names_its_place),
			cmocka_unit_test(test_all_faults),
			cmocka_unit_test(test_faults_without_end),
			cmocka_unit_test(test_files),
			cmocka_unit_test(test_only_regular_files),
			cmocka_unit_test(test_large_files),
			cmocka_unit_test(test_empty_lines_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
