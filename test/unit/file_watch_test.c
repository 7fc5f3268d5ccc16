/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file_watch_test - files as they are read, as they change, and what a look at
 * them gives: when it is time to read anew, and when not.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "files/file_watch.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static char directory[] = "/tmp/file_watch_test.XXXXXX";

/* In the directory of the test, which is the working one. */
static int set_up(void **state)
{
	(void)state;
	return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return chdir("/") == 0 && rmdir(directory) == 0 ? 0 : -1;
}

static void append(const char *name, const char *text)
{
	FILE *file = fopen(name, "a");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* Nothing but its time of writing becomes another. */
static void touch(const char *name, long nanoseconds)
{
	const struct timespec times[] = {{1000, 0}, {1000, nanoseconds}};

	assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

static void a_state_is_that_of_the_file_behind_a_link(void **state)
{
	struct tlsp_file_state none = tlsp_file_state_read("a"), one, two;

	(void)state;
	assert_int_equal(none.error, ENOENT);
	append("a", "x");
	touch("a", 1);
	one = tlsp_file_state_read("a");
	assert_int_equal(one.error, 0);
	assert_int_equal(one.octets, 1);
	assert_true(one.written_ns == 1000000000001);
	assert_false(tlsp_file_state_same(&none, &one));
	two = tlsp_file_state_read("./a");
	assert_true(tlsp_file_state_same(&one, &two));
	assert_int_equal(symlink("a", "link"), 0);
	two = tlsp_file_state_read("link");
	assert_true(tlsp_file_state_same(&one, &two));
	unlink("link");
	unlink("a");
}

/* Each member alone. */
static void states_differ_in_any_member(void **state)
{
	const struct tlsp_file_state base = {1, 2, 3, 4, 5, 0};
	const struct tlsp_file_state others[] = {{9, 2, 3, 4, 5, 0},
			{1, 9, 3, 4, 5, 0}, {1, 2, 9, 4, 5, 0}, {1, 2, 3, 9, 5, 0},
			{1, 2, 3, 4, 9, 0}, {1, 2, 3, 4, 5, 9}};

	(void)state;
	assert_true(tlsp_file_state_same(&base, &base));
	for(size_t i = 0; i < COUNT(others); i++)
		assert_false(tlsp_file_state_same(&base, &others[i]));
}

static void of_a_file_that_is_noted_twice_the_first_counts(void **state)
{
	const char *const names[] = {"c", "a", "b", "a", "c", "d", "a"};
	struct tlsp_seen_files seen = {NULL}, more = {NULL};
	const struct tlsp_seen_files *written;
	void *block;

	(void)state;
	for(size_t i = 0; i < COUNT(names); i++) {
		tlsp_seen_files_note(&seen, names[i]);
		seen.last->state.octets = i; /* which of them counts? */
	}
	assert_true(tlsp_seen_files_settle(&seen));
	assert_int_equal(seen.count, 4);
	assert_int_equal(tlsp_seen_files_find(&seen, "a")->state.octets, 1);
	assert_int_equal(tlsp_seen_files_find(&seen, "b")->state.octets, 2);
	assert_int_equal(tlsp_seen_files_find(&seen, "c")->state.octets, 0);
	assert_int_equal(tlsp_seen_files_find(&seen, "d")->state.octets, 5);
	assert_null(tlsp_seen_files_find(&seen, "e"));
	for(size_t i = 0; i + 1 < seen.count; i++)
		assert_true(strcmp(seen.files[i]->name, seen.files[i + 1]->name) < 0);

	block = malloc(tlsp_seen_files_octets(&seen));
	written = tlsp_seen_files_write(&seen, block);
	assert_true(tlsp_seen_files_same(&seen, written));
	tlsp_seen_files_add(&more, written);
	tlsp_seen_files_note(&more, "e");
	assert_true(tlsp_seen_files_settle(&more));
	assert_false(tlsp_seen_files_same(&more, written));
	tlsp_seen_files_cleanup(&seen);
	assert_non_null(tlsp_seen_files_find(written, "d"));
	free(block);
	tlsp_seen_files_cleanup(&more);
	assert_true(tlsp_seen_files_settle(&more));
	more.incomplete = true;
	assert_false(tlsp_seen_files_settle(&more));
	tlsp_seen_files_cleanup(&more);
}

/* What happens before a look, and what the look gives. */
struct step
{
	const char *label;
	enum
	{
		NOTHING,
		READ, /* all is read anew: both lists */
		READ_WITHOUT_B,
		READ_IN_VAIN,		  /* a, b and c */
		READ_A_IN_VAIN,		  /* which was there before the others */
		WRITE_A,			  /* one octet more */
		TOUCH_A,			  /* as large as before */
		REPLACE_B,			  /* by a file of the same size and time */
		REMOVE_B,			  /* both are there at first, */
		WRITE_C,			  /* which is not */
		WRITE_A_WHILE_READING /* which is in vain */
	} what;
	enum tlsp_file_look found;
	const char *which;
};

static const struct step steps[] = {
		{"as they were read", READ, TLSP_FILES_UNCHANGED, ""},
		{"still", NOTHING, TLSP_FILES_UNCHANGED, ""},
		{"one is larger", WRITE_A, TLSP_FILES_RESTLESS, "a"},
		{"and larger", WRITE_A, TLSP_FILES_RESTLESS, "a"},
		{"and is written to", TOUCH_A, TLSP_FILES_RESTLESS, "a"},
		{"and is quiet", NOTHING, TLSP_FILES_CHANGED, "a"},
		{"nobody has read it", NOTHING, TLSP_FILES_CHANGED, "a"},
		{"now", READ, TLSP_FILES_UNCHANGED, ""},
		{"another by mv", REPLACE_B, TLSP_FILES_RESTLESS, "b"},
		{"and a change elsewhere", WRITE_A, TLSP_FILES_RESTLESS,
				"a and 1 other"},
		{"both are quiet", NOTHING, TLSP_FILES_CHANGED, "a and 1 other"},
		{"read by somebody before they were quiet", READ, TLSP_FILES_UNCHANGED,
				""},
		{"gone", REMOVE_B, TLSP_FILES_RESTLESS, "b"},
		{"still gone", NOTHING, TLSP_FILES_CHANGED, "b"},
		{"which nobody wants any more", READ_WITHOUT_B, TLSP_FILES_UNCHANGED,
				""},
		{"there again", REPLACE_B, TLSP_FILES_UNCHANGED, ""},
		{"wanted again", READ, TLSP_FILES_UNCHANGED, ""},

		{"what does not serve", WRITE_A, TLSP_FILES_RESTLESS, "a"},
		{"is quiet", NOTHING, TLSP_FILES_CHANGED, "a"},
		{"is not tried again", READ_IN_VAIN, TLSP_FILES_TRIED, "a"},
		{"nor later", NOTHING, TLSP_FILES_TRIED, "a"},
		{"what it names is there by now", WRITE_C, TLSP_FILES_RESTLESS, "a"},
		{"and quiet", NOTHING, TLSP_FILES_CHANGED, "c"},
		{"in vain", READ_IN_VAIN, TLSP_FILES_TRIED, "a"},
		{"mended", WRITE_A, TLSP_FILES_RESTLESS, "a"},
		{"and tried", NOTHING, TLSP_FILES_CHANGED, "a"},
		{"in vain but for what came while it was read", WRITE_A_WHILE_READING,
				TLSP_FILES_RESTLESS, "a"},
		{"which is tried", NOTHING, TLSP_FILES_CHANGED, "a"},
		{"it failed at the first file", READ_A_IN_VAIN, TLSP_FILES_TRIED, "a"},
		{"another has changed", REPLACE_B, TLSP_FILES_RESTLESS,
				"a and 1 other"},
		{"which is quiet", NOTHING, TLSP_FILES_CHANGED, "b"},
		{"and serves", READ, TLSP_FILES_UNCHANGED, ""},
		{"nothing is left of the attempts", TOUCH_A, TLSP_FILES_RESTLESS, "a"},
		{"and quiet", NOTHING, TLSP_FILES_CHANGED, "a"},
};

struct world
{
	struct tlsp_seen_files lists[2]; /* a; b */
	struct tlsp_file_watch watch;
	long times;
};

static void read_one(struct tlsp_seen_files *list, const char *name)
{
	tlsp_seen_files_cleanup(list);
	if(name)
		tlsp_seen_files_note(list, name);
	assert_true(tlsp_seen_files_settle(list));
}

static void replace(const char *name)
{
	append("new", "x");
	touch("new", 0);
	assert_int_equal(rename("new", name), 0);
}

static void fail_to_read(struct world *world, int files)
{
	static const char *const names[] = {"a", "b", "c"};
	struct tlsp_seen_files attempt = {NULL};

	for(int i = 0; i < files; i++)
		tlsp_seen_files_note(&attempt, names[i]);
	if(files == 0) {
		tlsp_seen_files_note(&attempt, "a");
		append("a", "x");
	}
	tlsp_file_watch_tried(&world->watch, &attempt);
	tlsp_seen_files_cleanup(&attempt);
}

static void happen(struct world *world, const struct step *step)
{
	switch(step->what) {
		case NOTHING:
			break;
		case READ:
		case READ_WITHOUT_B:
			read_one(&world->lists[0], "a");
			read_one(&world->lists[1], step->what == READ ? "b" : NULL);
			break;
		case READ_IN_VAIN:
			fail_to_read(world, 3);
			break;
		case READ_A_IN_VAIN:
			fail_to_read(world, 1);
			break;
		case WRITE_A:
			append("a", "x");
			break;
		case TOUCH_A:
			touch("a", ++world->times);
			break;
		case REPLACE_B:
			replace("b");
			break;
		case REMOVE_B:
			unlink("b");
			break;
		case WRITE_C:
			append("c", "x");
			break;
		case WRITE_A_WHILE_READING:
			fail_to_read(world, 0);
			break;
	}
}

static void it_is_time_to_read_when_what_changed_is_quiet(void **state)
{
	struct world world = {.times = 1};
	const struct tlsp_seen_files *const read[] = {
			&world.lists[0], &world.lists[1], NULL};
	size_t wrong = 0;

	(void)state;
	append("a", "x");
	replace("b");
	for(size_t i = 0; i < COUNT(steps); i++) {
		char which[64] = "";
		enum tlsp_file_look found;

		happen(&world, &steps[i]);
		found = tlsp_file_watch_look(
				&world.watch, read, COUNT(read), which, sizeof(which));
		if(found == steps[i].found && strcmp(which, steps[i].which) == 0)
			continue;
		print_message("FAIL step %zu, %s: %d \"%s\"\n", i, steps[i].label,
				(int)found, which);
		wrong++;
	}
	tlsp_file_watch_forget(&world.watch);
	for(size_t i = 0; i < COUNT(world.lists); i++)
		tlsp_seen_files_cleanup(&world.lists[i]);
	unlink("a");
	unlink("b");
	unlink("c");
	assert_int_equal(wrong, 0);
}

static size_t length(const struct tlsp_seen_files *list)
{
	size_t files = 0;

	for(const struct tlsp_seen_file *file = list->first; file;
			file = file->next)
		files++;
	return files;
}

/* A file that stays wrong is tried every five minutes. */
static void attempts_in_vain_do_not_pile_up(void **state)
{
	struct world world = {.times = 1};
	const struct tlsp_seen_files *const read[] = {&world.lists[0]};
	char which[64];

	(void)state;
	append("a", "x");
	read_one(&world.lists[0], "a");
	append("a", "x");
	for(int i = 0; i < 12; i++) {
		tlsp_file_watch_look(&world.watch, read, 1, which, sizeof(which));
		fail_to_read(&world, 3);
		assert_int_equal(length(&world.watch.tried), 3);
		assert_int_equal(length(&world.watch.now), 3);
	}
	tlsp_file_watch_forget(&world.watch);
	tlsp_seen_files_cleanup(&world.lists[0]);
	unlink("a");
}

/* How long there was no quiet. */
static void looks_without_quiet_are_counted(void **state)
{
	struct world world = {.times = 1};
	const struct tlsp_seen_files *const read[] = {&world.lists[0]};
	char which[400];

	(void)state;
	append("a\n", "x");
	read_one(&world.lists[0], "a\n");
	for(unsigned i = 1; i <= 12; i++) {
		append("a\n", "x");
		assert_int_equal(tlsp_file_watch_look(
								 &world.watch, read, 1, which, sizeof(which)),
				TLSP_FILES_RESTLESS);
		assert_int_equal(world.watch.restless, i);
		assert_string_equal(which, "a\\x0a");
	}
	assert_int_equal(
			tlsp_file_watch_look(&world.watch, read, 1, which, sizeof(which)),
			TLSP_FILES_CHANGED);
	assert_int_equal(world.watch.restless, 0);
	tlsp_file_watch_forget(&world.watch);
	tlsp_seen_files_cleanup(&world.lists[0]);
	unlink("a\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(a_state_is_that_of_the_file_behind_a_link),
			cmocka_unit_test(states_differ_in_any_member),
			cmocka_unit_test(of_a_file_that_is_noted_twice_the_first_counts),
			cmocka_unit_test(it_is_time_to_read_when_what_changed_is_quiet),
			cmocka_unit_test(attempts_in_vain_do_not_pile_up),
			cmocka_unit_test(looks_without_quiet_are_counted),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
