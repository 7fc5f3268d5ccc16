/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parameters - the one table of parameters: both spellings, range, default,
 * unit and help. modparam, RPC, documentation and tests read it; nothing else
 * knows a parameter by name. libc only; any process.
 */
#ifndef TLSP_PARAMETERS_H
#define TLSP_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/host/host.h"
#include "policy/rehandshake/peers.h"

enum
{
	TLSP_SUBJECT_NAME_MAX_OCTETS = 255,
	TLSP_FILE_NAME_MAX_OCTETS = 1023,
	TLSP_PARAMETER_VALUE_OCTETS = 1024 /* any value as text, with its NUL */
};

/* PeerHostNameVerificationMode; the words off, server, both, client. */
enum tlsp_verification_mode
{
	TLSP_VERIFY_NAMES_OFF = 0,
	TLSP_VERIFY_NAMES_SERVER = 1, /* when we act as server (the manual, 6.4) */
	TLSP_VERIFY_NAMES_BOTH = 2,
	TLSP_VERIFY_NAMES_CLIENT = 3 /* ours: when we act as client */
};

/* enforcement; the words enforce, testing, none. */
enum tlsp_enforcement
{
	TLSP_ENFORCE = 0,
	TLSP_ENFORCE_TESTING = 1, /* everything is judged, no outcome changes */
	TLSP_ENFORCE_NONE = 2	  /* the connection is left alone */
};

/* session_tickets; the words shared, cache, off. */
enum tlsp_session_tickets
{
	TLSP_TICKETS_SHARED = 0, /* the session is in the ticket */
	TLSP_TICKETS_CACHE = 1,	 /* the ticket is its number in a cache */
	TLSP_TICKETS_OFF = 2	 /* nobody is resumed */
};

/* tls_rehandshake_method; the words auto, renegotiate, reconnect. */
enum tlsp_rehandshake_method
{
	TLSP_METHOD_AUTO = 0,
	TLSP_METHOD_RENEGOTIATE = 1,
	TLSP_METHOD_RECONNECT = 2
};

/* reuse_accepted_connections; the words judged, always. */
enum tlsp_reuse
{
	TLSP_REUSE_JUDGED = 0, /* as RFC 5923 has it */
	TLSP_REUSE_ALWAYS = 1  /* as RFC 5626 needs it */
};

/* sip_domain_purpose: id-kp-sipDomain of RFC 5924. */
enum tlsp_sip_domain_purpose
{
	TLSP_SIP_DOMAIN_IGNORE = 0,
	TLSP_SIP_DOMAIN_ACCEPT = 1, /* as good as clientAuth or serverAuth */
	TLSP_SIP_DOMAIN_REQUIRE = 2 /* every end entity has it */
};

/* What the connections of this server are held to. Flat: may be copied. */
struct tlsp_policy
{
	int tls_version;					  /* 0..15, see versions.h */
	int tls_rehandshake_interval;		  /* minutes, 0..1500; 0 = none */
	int sips_require_client_certificate;  /* 0, 1 */
	int peer_host_name_verification_mode; /* enum tlsp_verification_mode */
	char tls_remote_subject_name[TLSP_SUBJECT_NAME_MAX_OCTETS + 1]; /* "" =
																	  unset */
	char https_cert_file_name[TLSP_FILE_NAME_MAX_OCTETS + 1]; /* "" = unset */
	char https_root_file_name[TLSP_FILE_NAME_MAX_OCTETS + 1]; /* "" = unset */
	int tls_expiry_check_start;		/* days, 0..3650 */
	int tls_expiry_check_period;	/* days, 1..3650 */
	int verify_server_certificate;	/* 0, 1 */
	int require_strict_cert;		/* 0, 1: see cert_usage.h */
	int accept_server_auth_clients; /* 0, 1 */
	int sip_domain_purpose;			/* enum tlsp_sip_domain_purpose */
	int wildcards;					/* 0, 1: may a certificate hold "*.name"? */
	int wildcard_proxies;			/* 0, 1: may a proxy be "*.name"? */
	int sip_uri_identities;			/* 0, 1: see names.h */
	int bind_to_peer;				/* 0, 1: see names.h */
	char expect[TLSP_HOSTNAME_MAX_OCTETS + 1]; /* "" = unset; see names.h */
	int reuse_accepted_connections;			   /* enum tlsp_reuse */
	int tls_rehandshake_interval_seconds; /* 0..90000; 0 = the minutes count */
	int tls_rehandshake_method;			  /* enum tlsp_rehandshake_method */
	char tls_rehandshake_peers[TLSP_REHANDSHAKE_PEERS_MAX_OCTETS + 1]; /* see
																peers.h */
	int tls_rehandshake_quiet_ms;		 /* 10..5000 */
	int tls_rehandshake_quiet_wait_ms;	 /* 0..60000 */
	int tls_rehandshake_min_spacing;	 /* seconds, 0..90000 */
	int tls_rehandshake_hold_octets;	 /* 1024..16777216 */
	int tls_rehandshake_hold_timeout_ms; /* 100..60000 */
	int tls_rehandshake_drain;			 /* seconds, 1..3600 */
	int handshake_timeout;				 /* seconds, 1..120 */
	int session_tickets;				 /* enum tlsp_session_tickets */
	int session_cache_octets;			 /* 1048576..1073741824 */
	int enforcement;					 /* enum tlsp_enforcement */
	char crl_file_name[TLSP_FILE_NAME_MAX_OCTETS + 1]; /* "" = unset */
	int refusal_log_interval;						   /* seconds, 0..86400 */
	int watch; /* seconds, 0..86400; 0 = never */
};

enum tlsp_parameter_type
{
	TLSP_PARAMETER_NUMBER,
	TLSP_PARAMETER_TEXT,
	TLSP_PARAMETER_FILE, /* text: the name of a file */
	TLSP_PARAMETER_HOST, /* text: one host, kept in canonical form */
	TLSP_PARAMETER_HOSTS /* likewise several */
};

/* What of a peer a parameter decides about, and so what a session must not
 * outlive: see openssl/terms.h. */
enum tlsp_decides
{
	TLSP_DECIDES_NOTHING, /* that was judged of a peer */
	TLSP_DECIDES_LEAF,	  /* what the end entity alone shows: its names */
	TLSP_DECIDES_CHAIN	  /* what only the whole chain shows */
};

/* For what a parameter may be set. */
enum tlsp_scope
{
	TLSP_SCOPE_RULE,  /* for the whole server, or in a rule */
	TLSP_SCOPE_GLOBAL /* for the whole server only */
};

/* One row. |words| (may be NULL) holds max - min + 1 words that may be
 * written instead of the numbers min..max. */
struct tlsp_parameter
{
	const char *name;		 /* Kamailio's style; never NULL */
	const char *manual_name; /* the manual's; NULL for parameters of ours */
	enum tlsp_parameter_type type;
	int min, max;		/* of a number; of a text: octets */
	int default_number; /* of a number; a text's default is "" */
	const char *unit;	/* "" where there is none */
	const char *const *words;
	size_t offset; /* of the member in struct tlsp_policy */
	enum tlsp_decides decides;
	enum tlsp_scope scope;
	const char *help;
};

/* tlsp_parameters_count: the number of rows. */
size_t tlsp_parameters_count(void);

/* tlsp_parameters_at: row |i|, 0 <= i < count. Static. */
const struct tlsp_parameter *tlsp_parameters_at(size_t i);

/* tlsp_parameters_find: the row of either spelling (case matters not), or
 * NULL. */
const struct tlsp_parameter *tlsp_parameters_find(const char *name);

/* tlsp_parameters_row: the number of |parameter|, as in tlsp_parameters_at. */
size_t tlsp_parameters_row(const struct tlsp_parameter *parameter);

/* tlsp_parameters_take: the values of |rows| (bit i: row i) from |from|. */
void tlsp_parameters_take(
		struct tlsp_policy *to, const struct tlsp_policy *from, uint64_t rows);

/* tlsp_parameters_defaults: every parameter of |policy| as in the table. */
void tlsp_parameters_defaults(struct tlsp_policy *policy);

/*
 * tlsp_parameters_set reads |text| for the parameter |name| (either spelling)
 * into |policy|. On failure returns false, leaves |policy| as it was and
 * writes one sentence with the name, the value and what is allowed into
 * |error| (NUL terminated, cut at |error_size|).
 */
bool tlsp_parameters_set(struct tlsp_policy *policy, const char *name,
		const char *text, char *error, size_t error_size);

/* tlsp_parameters_check_combination: do the values fit each other and the
 * number of |proxies|? If not, false and one sentence in |error|. */
bool tlsp_parameters_check_combination(const struct tlsp_policy *policy,
		size_t proxies, char *error, size_t error_size);

/* tlsp_parameters_warning: a sentence in |buffer| about a combination that is
 * allowed but easily misunderstood, or NULL. */
const char *tlsp_parameters_warning(
		const struct tlsp_policy *policy, char *buffer, size_t size);

/* tlsp_parameters_print: the value of |parameter| as text into |buffer|;
 * TLSP_PARAMETER_VALUE_OCTETS always suffice. Returns |buffer|. */
char *tlsp_parameters_print(const struct tlsp_parameter *parameter,
		const struct tlsp_policy *policy, char *buffer, size_t size);

/* tlsp_parameters_default_text: the default as text, likewise. */
char *tlsp_parameters_default_text(
		const struct tlsp_parameter *parameter, char *buffer, size_t size);

/* tlsp_parameters_value: the value of |parameter| in |policy| as it is kept: a
 * number, or text with its NUL; and how many octets that are. */
const void *tlsp_parameters_value(const struct tlsp_parameter *parameter,
		const struct tlsp_policy *policy, size_t *octets);

#endif
