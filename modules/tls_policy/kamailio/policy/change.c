/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change - see change.h.
 */
#include "change.h"

#include <stdio.h>
#include <string.h>

#include "core/dprint.h"

#include "openssl/certificate/own_dates.h"
#include "policy/escape.h"
#include "policy/names/identity.h"
#include "book_files.h"
#include "client_purpose.h"
#include "listeners.h"
#include "live_policy.h"
#include "session_memory.h"
#include "tls_check.h"

enum
{
	UNFIT_TOLD = 8 /* after tls.reload, of rules and TLS domains */
};

static tlsp_change_follower *follow;

/* False if there is no such rule. */
static bool find_rule(const struct tlsp_book *book,
		const struct tlsp_change *change, size_t *number, char *error,
		size_t size)
{
	char quoted[TLSP_ESCAPE_QUOTED_OCTETS];

	*number = 0;
	if(!change->rule || tlsp_book_find(book, change->rule, number))
		return true;
	snprintf(error, size, "there is no rule \"%s\"",
			tlsp_escape_written(change->rule, strlen(change->rule), quoted,
					sizeof(quoted)));
	return false;
}

static bool set(struct tlsp_book *book, const struct tlsp_change *change,
		char *error, size_t size)
{
	size_t number;

	return find_rule(book, change, &number, error, size)
		   && tlsp_book_set(
				   book, number, change->name, change->value, error, size)
		   && (!tlsp_own_files_named_by(change->name)
				   || tlsp_book_read_files(book, NULL, error, size));
}

/* What is in force with what |change| brings laid over it. A book that was read
 * anew keeps what was set by command, and then its files may be others. */
static bool lay_over(struct tlsp_book *next, const struct tlsp_book *current,
		const struct tlsp_change *change, char *error, size_t size)
{
	bool done = change->book ? !current || tlsp_book_set_as(next, current)
							 : tlsp_book_copy(next, current);

	if(!done)
		snprintf(error, size, "no memory for a new policy");
	if(done && change->book && current)
		done = tlsp_book_read_files(next, change->seen, error, size);
	return done && (!change->name || set(next, change, error, size));
}

/* What decides nothing need not be possible. */
static bool rule_fits(
		const struct tlsp_book_rule *rule, char *error, size_t size)
{
	enum tlsp_enforcement enforcement =
			(enum tlsp_enforcement)rule->policy->enforcement;

	if(enforcement == TLSP_ENFORCE_NONE)
		return true;
	return tlsp_parameters_check_combination(
				   rule->policy, tlsp_proxies_count(rule->proxies), error, size)
		   && tlsp_identity_check_proxies(
				   rule->proxies, rule->policy->wildcard_proxies, error, size)
		   && tlsp_verdict_check_expected(
				   rule->policy, rule->proxies, error, size)
		   && (enforcement == TLSP_ENFORCE_TESTING
				   || tlsp_tls_check(rule, error, size));
}

/* "rule NAME: " before what is said of it; nothing of the default. */
static char *prefix_of(const struct tlsp_book_rule *rule, bool is_default,
		char text[TLSP_RULE_NAME_OCTETS + 8])
{
	snprintf(text, TLSP_RULE_NAME_OCTETS + 8,
			is_default ? "" : "rule %s: ", rule->name);
	return text;
}

static bool fits(const struct tlsp_book *next, char *error, size_t size)
{
	char why[1024], prefix[TLSP_RULE_NAME_OCTETS + 8];

	for(size_t i = 0; i <= next->count; i++) {
		if(rule_fits(&next->rules[i], why, sizeof(why)))
			continue;
		snprintf(error, size, "%s%s",
				prefix_of(&next->rules[i], i == 0, prefix), why);
		return false;
	}
	return true;
}

static bool publish(struct tlsp_book *next, char *error, size_t size)
{
	if(tlsp_live_policy_publish(next) == 0)
		return true;
	snprintf(error, size, "no shared memory for a new policy");
	return false;
}

/* "rule NAME" or "the default". */
static char *name_rule(const struct tlsp_book_rule *rule, bool is_default,
		char text[TLSP_RULE_NAME_OCTETS + 8])
{
	snprintf(text, TLSP_RULE_NAME_OCTETS + 8,
			is_default ? "the default" : "rule %s", rule->name);
	return text;
}

static char *quote_value(const struct tlsp_parameter *parameter,
		const struct tlsp_policy *policy,
		char quoted[TLSP_ESCAPE_QUOTED_OCTETS])
{
	char value[TLSP_PARAMETER_VALUE_OCTETS];

	tlsp_parameters_print(parameter, policy, value, sizeof(value));
	return tlsp_escape_written(
			value, strlen(value), quoted, TLSP_ESCAPE_QUOTED_OCTETS);
}

static void tell_set(const struct tlsp_change *change,
		const struct tlsp_book *current, const struct tlsp_book *next,
		char *line, size_t size)
{
	const struct tlsp_parameter *parameter = tlsp_parameters_find(change->name);
	char old[TLSP_ESCAPE_QUOTED_OCTETS], new[TLSP_ESCAPE_QUOTED_OCTETS];
	char rule[TLSP_RULE_NAME_OCTETS + 8];
	size_t number = 0;

	if(change->rule)
		tlsp_book_find(next, change->rule, &number);
	snprintf(line, size, "%s set %s of %s: \"%s\" -> \"%s\"", change->by,
			parameter->name, name_rule(&next->rules[number], number == 0, rule),
			quote_value(parameter, current->rules[number].policy, old),
			quote_value(parameter, next->rules[number].policy, new));
}

/* What was set by command for a rule goes with it. */
static void warn_of_lost(
		const struct tlsp_book *current, const struct tlsp_book *next)
{
	size_t number;

	for(size_t i = 1; i <= current->count; i++)
		if(current->rules[i].set
				&& !tlsp_book_find(next, current->rules[i].name, &number))
			LM_WARN("rule %s is gone, and what was set for it by command\n",
					current->rules[i].name);
}

/* What becomes other, before it is so: later |current| may not be there. */
static void tell(const struct tlsp_change *change,
		const struct tlsp_book *current, const struct tlsp_book *next,
		char *line, size_t size)
{
	if(change->name)
		tell_set(change, current, next, line, size);
	else
		snprintf(line, size,
				"%s reloaded: rules %zu -> %zu, proxies %zu -> %zu", change->by,
				current->count, next->count, tlsp_book_count_proxies(current),
				tlsp_book_count_proxies(next));
}

static void tell_date(void *unused, const char *sentence)
{
	(void)unused;
	LM_WARN("%s\n", sentence);
}

/* Of each block of files once. */
static void warn_of_dates(const struct tlsp_book *book, size_t number)
{
	const struct tlsp_book_rule *rule = &book->rules[number];

	for(size_t i = 0; i < number; i++)
		if(book->rules[i].files == rule->files)
			return;
	if(rule->files
			&& !tlsp_own_dates_tell(rule->files, rule->policy, tell_date, NULL))
		LM_ERR("rule %s: no trust anchor of %s can vouch for a peer now\n",
				rule->name, rule->policy->https_root_file_name);
}

static void warn_of_domains(const struct tlsp_book *book)
{
	char text[1024];

	tlsp_client_purpose_warn(book);
	if(tlsp_tls_check_warning(book, text, sizeof(text)))
		LM_WARN("%s\n", text);
}

/* What is in force, but may not be meant. Of a rule as its file has it that was
 * told when |is_read|, with the line. */
static void warn(const struct tlsp_book *book, bool is_read)
{
	char text[1024], prefix[TLSP_RULE_NAME_OCTETS + 8];

	for(size_t i = 0; i <= book->count; i++) {
		const struct tlsp_book_rule *rule = &book->rules[i];
		bool told = is_read && i > 0 && rule->policy == rule->configured;

		warn_of_dates(book, i);
		if(told || !tlsp_parameters_warning(rule->policy, text, sizeof(text)))
			continue;
		LM_WARN("%s%s\n", prefix_of(rule, i == 0, prefix), text);
	}
	if(is_read)
		tlsp_listeners_warn(book);
	warn_of_domains(book);
}

/* What the policy in force cannot be carried out in. */
struct unfit
{
	char prefix[TLSP_RULE_NAME_OCTETS + 8]; /* of the rule that is looked at */
	unsigned long count;
};

static void tell_unfit(const char *prefix, const char *why)
{
	LM_ERR("tls.reload: the policy in force cannot be carried out with what "
		   "tls.cfg says now: %s%s\n",
			prefix, why);
}

static bool tell_some(void *to, const char *sentence)
{
	struct unfit *unfit = to;

	if(unfit->count++ < UNFIT_TOLD)
		tell_unfit(unfit->prefix, sentence);
	return true;
}

/* All but the TLS domains fitted when it was put in force. */
static void check_domains(const struct tlsp_book *book)
{
	struct unfit unfit = {.count = 0};
	char more[64];

	for(size_t i = 0; i <= book->count; i++) {
		prefix_of(&book->rules[i], i == 0, unfit.prefix);
		if(book->rules[i].policy->enforcement == TLSP_ENFORCE)
			tlsp_tls_check_each(&book->rules[i], tell_some, &unfit);
	}
	if(unfit.count <= UNFIT_TOLD)
		return;
	snprintf(more, sizeof(more), "and %lu more", unfit.count - UNFIT_TOLD);
	tell_unfit("", more);
}

void tlsp_policy_check_again(void)
{
	const struct tlsp_in_force *all = tlsp_live_policy_acquire();
	const struct tlsp_book *book = all ? tlsp_live_policy_book(all) : NULL;

	if(book) {
		check_domains(book);
		warn_of_domains(book);
	}
	tlsp_live_policy_release(all);
}

bool tlsp_policy_change(struct tlsp_change *change, char *error, size_t size)
{
	struct tlsp_book copy = {.rules = NULL};
	struct tlsp_book *next = change->book ? change->book : &copy;
	const struct tlsp_in_force *before; /* what |next| borrows from stays */
	const struct tlsp_book *current;
	struct tlsp_session_room room = {.changes = false};
	char line[1024] = "";
	bool done;

	tlsp_live_policy_lock();
	before = tlsp_live_policy_acquire();
	current = tlsp_live_policy_current();
	done = lay_over(next, current, change, error, size)
		   && fits(next, error, size)
		   && tlsp_session_memory_reserve(
				   &room, next->rules[0].policy, error, size);
	if(done && current && change->by)
		tell(change, current, next, line, sizeof(line));
	done = done && publish(next, error, size);
	tlsp_session_memory_settle(&room, done);
	if(done && line[0])
		LM_WARN("%s\n", line); /* shown where kamailio.cfg says no debug */
	if(done && before && change->book)
		warn_of_lost(tlsp_live_policy_book(before), next);
	if(done) /* what it refers to is there while no other change is */
		warn(next, change->book);
	tlsp_book_cleanup(next);
	tlsp_live_policy_release(before);
	if(done && follow)
		follow();
	tlsp_live_policy_unlock();
	if(done && before)
		tlsp_live_policy_collect();
	return done;
}

void tlsp_policy_change_follow(tlsp_change_follower *function)
{
	follow = function;
}
