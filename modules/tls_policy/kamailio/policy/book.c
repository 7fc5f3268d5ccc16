/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * book - see book.h.
 */
#include "book.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared.h"

static bool append(void ***items, size_t *count, void *item)
{
	void **more = realloc(*items, (*count + 1) * sizeof(*more));

	if(!more)
		return false;
	*items = more;
	more[(*count)++] = item;
	return true;
}

bool tlsp_book_keep(struct tlsp_book *book, void *block)
{
	if(block && append(&book->heap, &book->heap_count, block))
		return true;
	free(block);
	return false;
}

bool tlsp_book_keep_shared(struct tlsp_book *book, void *block)
{
	if(block && append(&book->shared, &book->shared_count, block))
		return true;
	tlsp_shared_drop(block);
	return false;
}

static bool share_seen(struct tlsp_book *book, struct tlsp_seen_files *seen,
		const struct tlsp_seen_files **out)
{
	void *block;

	*out = NULL;
	if(!tlsp_seen_files_settle(seen))
		return false;
	if(seen->count == 0)
		return true;
	block = tlsp_shared_new(tlsp_seen_files_octets(seen), false);
	if(block)
		*out = tlsp_seen_files_write(seen, block);
	return tlsp_book_keep_shared(book, block);
}

bool tlsp_book_keep_seen(struct tlsp_book *book, struct tlsp_seen_files *seen,
		bool done, const struct tlsp_seen_files **out,
		struct tlsp_seen_files *all)
{
	if(all)
		tlsp_seen_files_add(all, seen);
	done = done && share_seen(book, seen, out);
	tlsp_seen_files_cleanup(seen);
	return done;
}

void tlsp_book_cleanup(struct tlsp_book *book)
{
	for(size_t i = 0; i < book->shared_count; i++)
		tlsp_shared_drop(book->shared[i]);
	for(size_t i = 0; i < book->heap_count; i++)
		free(book->heap[i]);
	free(book->heap);
	free(book->shared);
	free(book->rules);
	memset(book, 0, sizeof(*book));
}

bool tlsp_book_copy(struct tlsp_book *out, const struct tlsp_book *current)
{
	size_t octets = (current->count + 1) * sizeof(*current->rules);

	memset(out, 0, sizeof(*out));
	out->rules = malloc(octets);
	if(!out->rules)
		return false;
	memcpy(out->rules, current->rules, octets);
	out->count = current->count;
	out->selection = current->selection;
	out->sources_seen = current->sources_seen;
	out->files_seen = current->files_seen;
	out->by_server_name = current->by_server_name;
	out->by_local_address = current->by_local_address;
	return true;
}

static char *print(struct tlsp_book *book, const struct tlsp_rule *rule,
		size_t (*printer)(
				const struct tlsp_rule *rule, char *buffer, size_t size))
{
	size_t octets = printer(rule, NULL, 0) + 1;
	char *text = malloc(octets);

	if(!tlsp_book_keep(book, text))
		return NULL;
	printer(rule, text, octets);
	return text;
}

static bool read_rule(struct tlsp_book *book, struct tlsp_book_rule *out,
		const struct tlsp_rule *rule)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->name, rule->name, sizeof(out->name));
	out->line = rule->line;
	out->own = rule->own;
	if(tlsp_rule_is_for_clients(rule))
		out->uninherited = (uint64_t)1 << tlsp_parameters_row(
								   tlsp_parameters_find("expect"));
	out->policy = &rule->policy; /* until they are shared */
	out->own_proxies = tlsp_rule_has_sources(rule);
	out->conditions = print(book, rule, tlsp_rule_print_conditions);
	out->sources = print(book, rule, tlsp_rule_print_sources);
	return out->conditions && out->sources;
}

static int compare(const void *a, const void *b)
{
	const struct tlsp_book_rule *one = *(struct tlsp_book_rule *const *)a;
	const struct tlsp_book_rule *other = *(struct tlsp_book_rule *const *)b;

	if(one->own != other->own)
		return one->own < other->own ? -1 : 1;
	return memcmp(one->policy, other->policy, sizeof(*one->policy));
}

static const struct tlsp_policy *copy_policy(
		struct tlsp_book *book, const struct tlsp_policy *policy)
{
	struct tlsp_policy *copy = malloc(sizeof(*copy));

	if(copy)
		*copy = *policy;
	return tlsp_book_keep(book, copy) ? copy : NULL;
}

/* One copy of each policy, for all rules that say the same. */
static bool share_policies(struct tlsp_book *book)
{
	size_t count = book->count + 1;
	struct tlsp_book_rule **sorted = malloc(count * sizeof(*sorted));
	const struct tlsp_policy *read = NULL, *copy = NULL;
	bool done = sorted != NULL;

	for(size_t i = 0; done && i < count; i++)
		sorted[i] = &book->rules[i];
	if(done)
		qsort(sorted, count, sizeof(*sorted), compare);
	for(size_t i = 0; done && i < count; i++) {
		struct tlsp_book_rule *rule = sorted[i];

		if(i == 0 || rule->own != sorted[i - 1]->own
				|| memcmp(rule->policy, read, sizeof(*read)) != 0) {
			read = rule->policy;
			copy = copy_policy(book, read);
			done = copy != NULL;
		}
		rule->policy = rule->configured = copy;
	}
	free(sorted);
	return done;
}

static bool build_selection(
		struct tlsp_book *book, const struct tlsp_rules *rules)
{
	struct tlsp_selection *made;
	size_t octets;
	void *shared;

	if(rules->count == 0)
		return true;
	made = tlsp_selection_build(rules, &octets);
	shared = made ? tlsp_shared_new(octets, false) : NULL;
	if(shared)
		memcpy(shared, made, octets);
	free(made);
	book->selection = shared;
	return tlsp_book_keep_shared(book, shared);
}

/* What rules for servers ask for that is not known before one is connected to. */
static void note_conditions(
		struct tlsp_book *book, const struct tlsp_conditions *conditions)
{
	if(conditions->peer_role == TLSP_PEER_ROLE_CLIENT)
		return;
	book->by_server_name |= conditions->server_name_count > 0;
	for(size_t i = 0; i < conditions->listen_count; i++)
		book->by_local_address |= conditions->listens[i].port == 0;
}

bool tlsp_book_read(struct tlsp_book *out, const struct tlsp_rules *rules)
{
	bool done;

	memset(out, 0, sizeof(*out));
	out->rules = calloc(rules->count + 1, sizeof(*out->rules));
	out->count = rules->count;
	done = out->rules && read_rule(out, &out->rules[0], rules->base);
	for(size_t i = 0; done && i < rules->count; i++) {
		done = read_rule(out, &out->rules[i + 1], rules->rules[i]);
		note_conditions(out, &rules->rules[i]->conditions);
	}
	return done && share_policies(out) && build_selection(out, rules);
}

bool tlsp_book_find(
		const struct tlsp_book *book, const char *name, size_t *number)
{
	for(size_t i = 0; i <= book->count; i++)
		if(strcmp(book->rules[i].name, name) == 0) {
			*number = i;
			return true;
		}
	return false;
}

unsigned long tlsp_book_counted(const struct tlsp_book_rule *rule,
		enum tlsp_rule_count what, enum tlsp_role role)
{
	return atomic_load_explicit(
			&rule->counters->of[what][role], memory_order_relaxed);
}

size_t tlsp_book_count_proxies(const struct tlsp_book *book)
{
	size_t count = 0;

	for(size_t i = 0; i <= book->count; i++)
		if(book->rules[i].own_proxies)
			count += tlsp_proxies_count(book->rules[i].proxies);
	return count;
}

/* One line, KEY = VALUE. */
static bool read_condition(struct tlsp_conditions *out, const char *line,
		size_t octets, char *error, size_t size)
{
	char *text = strndup(line, octets);
	char *value = text ? strstr(text, " = ") : NULL;
	bool done = false;

	if(value) {
		*value = '\0';
		done = tlsp_conditions_add(out, text, value + 3, error, size);
	} else {
		snprintf(error, size, "no memory for conditions");
	}
	free(text);
	return done;
}

bool tlsp_book_conditions(const struct tlsp_book_rule *rule,
		struct tlsp_conditions *out, char *error, size_t size)
{
	const char *line = rule->conditions, *end;

	memset(out, 0, sizeof(*out));
	for(; (end = strchr(line, '\n')); line = end + 1)
		if(!read_condition(out, line, (size_t)(end - line), error, size))
			return false;
	return true;
}

/* A policy that |rows| of another are laid over; the rules that had the same one
 * share it. */
struct laid
{
	const struct tlsp_policy *before, *after;
};

struct laying
{
	struct tlsp_book *book;
	struct laid *laid;
	size_t count;
};

static bool lay_over(struct laying *laying, struct tlsp_book_rule *rule,
		const struct tlsp_policy *from, uint64_t rows)
{
	struct tlsp_policy *after;
	struct laid *more;

	for(size_t i = 0; i < laying->count; i++)
		if(laying->laid[i].before == rule->policy) {
			rule->policy = laying->laid[i].after;
			return true;
		}
	more = realloc(laying->laid, (laying->count + 1) * sizeof(*more));
	if(!more)
		return false;
	laying->laid = more;
	after = malloc(sizeof(*after));
	if(!tlsp_book_keep(laying->book, after))
		return false;
	*after = *rule->policy;
	tlsp_parameters_take(after, from, rows);
	more[laying->count++] = (struct laid){rule->policy, after};
	rule->policy = after;
	return true;
}

static bool inherits(const struct tlsp_book_rule *rule, size_t row)
{
	return !((rule->own | rule->set | rule->uninherited) >> row & 1);
}

/* To the default and whoever inherits it. */
static bool lay_over_all(
		struct tlsp_book *book, const struct tlsp_policy *from, size_t row)
{
	struct laying laying = {book, NULL, 0};
	bool done = true;

	for(size_t i = 0; done && i <= book->count; i++)
		if(i == 0 || inherits(&book->rules[i], row))
			done = lay_over(&laying, &book->rules[i], from, (uint64_t)1 << row);
	free(laying.laid);
	return done;
}

static bool lay_over_one(struct tlsp_book *book, struct tlsp_book_rule *rule,
		const struct tlsp_policy *from, size_t row)
{
	struct laying laying = {book, NULL, 0};
	bool done = lay_over(&laying, rule, from, (uint64_t)1 << row);

	free(laying.laid);
	return done;
}

static bool is_as_configured(const struct tlsp_book_rule *rule, size_t row)
{
	const struct tlsp_parameter *parameter = tlsp_parameters_at(row);
	size_t octets, configured;
	const void *now = tlsp_parameters_value(parameter, rule->policy, &octets);
	const void *then =
			tlsp_parameters_value(parameter, rule->configured, &configured);

	return octets == configured && memcmp(now, then, octets) == 0;
}

/* A rule that inherited the value must be set to it not to inherit another. */
static bool put(struct tlsp_book *book, size_t number,
		const struct tlsp_policy *from, size_t row)
{
	struct tlsp_book_rule *rule = &book->rules[number];
	uint64_t bit = (uint64_t)1 << row;
	bool done;

	rule->set |= bit;
	done = number == 0 ? lay_over_all(book, from, row)
					   : lay_over_one(book, rule, from, row);
	if(done && (number == 0 || (rule->own & bit))
			&& is_as_configured(rule, row))
		rule->set &= ~bit;
	return done;
}

bool tlsp_book_set(struct tlsp_book *book, size_t number, const char *name,
		const char *value, char *error, size_t size)
{
	const struct tlsp_parameter *parameter = tlsp_parameters_find(name);
	struct tlsp_policy policy = *book->rules[number].policy;

	if(!tlsp_parameters_set(&policy, name, value, error, size))
		return false;
	if(number > 0 && parameter->scope == TLSP_SCOPE_GLOBAL) {
		snprintf(error, size,
				"%s is for the whole server: set it without rule=",
				parameter->name);
		return false;
	}
	if(put(book, number, &policy, tlsp_parameters_row(parameter)))
		return true;
	snprintf(error, size, "no memory for a new policy");
	return false;
}

bool tlsp_book_set_as(struct tlsp_book *book, const struct tlsp_book *before)
{
	for(size_t i = 0; i <= book->count; i++) {
		book->rules[i].policy = book->rules[i].configured;
		book->rules[i].set = 0;
	}
	for(size_t i = 0; i <= before->count; i++) {
		const struct tlsp_book_rule *from = &before->rules[i];
		size_t number;

		if(!from->set || !tlsp_book_find(book, from->name, &number))
			continue;
		for(size_t row = 0; row < tlsp_parameters_count(); row++)
			if((from->set >> row & 1) && !put(book, number, from->policy, row))
				return false;
	}
	return true;
}
