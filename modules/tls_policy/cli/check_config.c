/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_config - see check_config.h.
 */
#include "check_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/rules_file.h"
#include "openssl/certificate/own_dates.h"
#include "policy/names/identity.h"
#include "policy/escape.h"
#include "policy/rules/rules_check.h"
#include "policy/verdict.h"

/* clang-format off */
const char check_config_usage[] =
	"usage: tls-policy check-config FILE\n"
	"\n"
	"Says what is wrong with a rules file (the parameter config of the module) and\n"
	"with the files that it names. It knows no modparams, no database and no tls.cfg.\n"
	"Exit status: 0 the server would start with it, 1 it would not or would refuse\n"
	"everybody, 2 bad usage or unreadable input.\n";
/* clang-format on */

/* The rule whose files are being looked at. */
struct looking
{
	struct tlsp_rules *rules;
	const struct tlsp_rule *rule;
};

static void warn_of_date(void *user, const char *sentence)
{
	const struct looking *looking = user;

	(void)tlsp_rules_warn_of(looking->rules, looking->rule, "%s", sentence);
}

/* Does a connection of this rule fail without a certificate that verifies? */
static bool refuses(const struct tlsp_policy *policy)
{
	return policy->enforcement == TLSP_ENFORCE
		   && (policy->sips_require_client_certificate
				   || policy->verify_server_certificate
				   || policy->peer_host_name_verification_mode
							  != TLSP_VERIFY_NAMES_OFF);
}

static void look_at_own_files(struct looking *looking)
{
	struct tlsp_policy policy = looking->rule->policy;
	struct tlsp_own_files *files;
	char error[1536];

	if(!policy.https_root_file_name[0])
		policy.crl_file_name[0] = '\0'; /* tlsp_rules_finish has said so */
	files = tlsp_own_files_read(&policy, error, sizeof(error));
	if(!files)
		(void)tlsp_rules_complain_of(
				looking->rules, looking->rule, "%s", error);
	else if(!tlsp_own_dates_tell(
					files, &looking->rule->policy, warn_of_date, looking)
			&& refuses(&looking->rule->policy))
		(void)tlsp_rules_complain_of(looking->rules, looking->rule,
				"refuses everybody: https_root_file_name has no trust anchor "
				"that could vouch for a peer");
	tlsp_own_files_free(files);
}

static bool names_same_files(
		const struct tlsp_policy *a, const struct tlsp_policy *b)
{
	return strcmp(a->https_root_file_name, b->https_root_file_name) == 0
		   && strcmp(a->crl_file_name, b->crl_file_name) == 0
		   && refuses(a) == refuses(b);
}

/* The index of a list that was read; NULL without memory. */
static struct tlsp_proxies *index_of(const struct tlsp_proxy_list *list)
{
	void *block = malloc(tlsp_proxies_builder_octets(list->builder));

	return block ? tlsp_proxies_builder_write(list->builder, block) : NULL;
}

/* The proxies that |sources| name, or NULL and a sentence. */
static struct tlsp_proxies *read_proxies(
		const struct tlsp_rule_sources *sources, char *error, size_t size)
{
	struct tlsp_proxies *proxies = NULL;
	struct tlsp_proxy_list list;

	/* whether a wildcard may be is the rule's matter */
	if(tlsp_proxy_list_init(&list, true)
			&& tlsp_rules_file_add_proxies(&list, sources))
		proxies = index_of(&list);
	if(!proxies)
		snprintf(error, size, "%s",
				list.error[0] ? list.error : "no memory for the proxies");
	tlsp_proxy_list_cleanup(&list);
	return proxies;
}

static bool is_empty(const struct tlsp_rule_sources *sources)
{
	return sources->file_count == 0 && !sources->db_url;
}

/* Do the |proxies| that it has fit the rule? Those in a database are not
 * known. */
static void hold_against(struct tlsp_rules *rules, const struct tlsp_rule *rule,
		const struct tlsp_proxies *proxies, bool database)
{
	const struct tlsp_policy *policy = &rule->policy;
	char error[512];

	if(!tlsp_identity_check_proxies(
			   proxies, policy->wildcard_proxies, error, sizeof(error)))
		(void)tlsp_rules_complain_of(rules, rule, "%s", error);
	if(!database
			&& !(tlsp_parameters_check_combination(policy,
						 tlsp_proxies_count(proxies), error, sizeof(error))
					&& tlsp_verdict_check_expected(
							policy, proxies, error, sizeof(error))))
		(void)tlsp_rules_complain_of(rules, rule,
				"%s (those of modparams are not known here: write them in "
				"[default])",
				error);
}

/* |base| are the default's proxies, of a rule that names none itself; NULL if
 * they could not be read. Returns what was read for |rule|. */
static struct tlsp_proxies *look_at_proxies(struct tlsp_rules *rules,
		const struct tlsp_rule *rule, const struct tlsp_proxies *base)
{
	bool own = rule == rules->base || tlsp_rule_has_sources(rule);
	struct tlsp_rule_sources sources;
	struct tlsp_proxies *proxies = NULL;
	char error[TLSP_PROXY_ERROR_OCTETS];

	tlsp_rule_sources_in_force(&sources, rules, rule);
	if(own) {
		proxies = read_proxies(&sources, error, sizeof(error));
		if(!proxies)
			(void)tlsp_rules_complain_of(rules, rule, "%s", error);
		if(sources.db_url)
			(void)tlsp_rules_warn_of(rules, rule,
					"has proxies in a database, which is not asked here");
		if((sources.dispatcher_set >= 0 && is_empty(&sources))
				|| ((sources.db_table || sources.db_column) && !sources.db_url))
			(void)tlsp_rules_complain_of(rules, rule,
					"%s (those of modparams are not known here: write them in "
					"[default])",
					sources.db_url || sources.dispatcher_set < 0
							? "db_table and db_column need a db_url"
							: "dispatcher_set has neither a proxy_file nor a "
							  "db_url to choose from");
	}
	if(proxies || (!own && base))
		hold_against(
				rules, rule, proxies ? proxies : base, sources.db_url != NULL);
	return proxies;
}

static void look_at_default(struct tlsp_rules *rules)
{
	char sentence[512];
	const char *warning = tlsp_parameters_warning(
			&rules->base->policy, sentence, sizeof(sentence));

	if(warning && rules->base->policy.enforcement != TLSP_ENFORCE_NONE)
		(void)tlsp_rules_warn_of(rules, rules->base, "%s", warning);
}

static struct tlsp_rules *look_at_all(
		const char *path, char *error, size_t size)
{
	struct tlsp_policy defaults;
	struct tlsp_rules *rules;
	struct tlsp_proxies *base;
	struct looking looking;

	tlsp_parameters_defaults(&defaults);
	rules = tlsp_rules_file_read_all(path, &defaults, 0, error, size);
	if(!rules)
		return NULL;
	look_at_default(rules);
	looking = (struct looking){rules, rules->base};
	look_at_own_files(&looking);
	base = look_at_proxies(rules, rules->base, NULL);
	for(size_t i = 0; i < rules->count; i++) {
		struct tlsp_rule *rule = rules->rules[i];

		looking.rule = rule;
		/* the whole server's certificate was looked at */
		rule->policy.https_cert_file_name[0] = '\0';
		if(!names_same_files(&rule->policy, &rules->base->policy))
			look_at_own_files(&looking);
		free(look_at_proxies(rules, rule, base));
	}
	free(base);
	return rules;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* Every error and warning, and their number. */
static enum command_status check_file(const char *path)
{
	char error[2048], shown[300];
	struct tlsp_rules *rules = look_at_all(path, error, sizeof(error));
	bool starts;

	if(!rules) {
		command_complain(error);
		return COMMAND_UNUSABLE;
	}
	starts = rules->error_count == 0;
	for(size_t i = 0; i < rules->error_count; i++)
		printf("error: %s\n", rules->errors[i]);
	for(size_t i = 0; i < rules->warning_count; i++)
		printf("warning: %s\n", rules->warnings[i]);
	printf("%s: %zu rule%s, %zu error%s, %zu warning%s\n",
			tlsp_escape(path, strlen(path), shown, sizeof(shown)), rules->count,
			plural(rules->count), rules->error_count,
			plural(rules->error_count), rules->warning_count,
			plural(rules->warning_count));
	tlsp_rules_free(rules);
	return command_written(starts ? COMMAND_ACCEPTED : COMMAND_REFUSED);
}

enum command_status check_config_run(int argc, char **argv)
{
	const char *path = command_only_file(argc, argv,
			"name one rules file (see tls-policy check-config "
			"--help)");

	return path ? check_file(path) : COMMAND_UNUSABLE;
}
