/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * functions - see functions.h.
 */
#include "functions.h"

#include "core/mod_fix.h"

#include "gauges.h"
#include "peer_is.h"

static int w_peer_is(sip_msg_t *msg, char *name, char *unused)
{
	str text;

	(void)unused;
	return get_str_fparam(&text, msg, (fparam_t *)name) < 0
				   ? -1
				   : tlsp_peer_is(msg, &text);
}

static int w_prom_gauges(sip_msg_t *msg, char *unused1, char *unused2)
{
	(void)unused1, (void)unused2;
	return tlsp_gauges_set(msg);
}

/* clang-format off */
cmd_export_t tlsp_functions[] = {
	{"tls_policy_peer_is", (cmd_function)w_peer_is, 1, tlsp_peer_is_fix,
		fixup_free_fparam_1, ANY_ROUTE},
	{"tls_policy_prom_gauges", (cmd_function)w_prom_gauges, 0, NULL,
		NULL, ANY_ROUTE},
	{0, 0, 0, 0, 0, 0}
};

sr_kemi_t tlsp_functions_kemi[] = {
	{ str_init("tls_policy"), str_init("peer_is"),
		SR_KEMIP_INT, tlsp_peer_is,
		{ SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("tls_policy"), str_init("prom_gauges"),
		SR_KEMIP_INT, tlsp_gauges_set,
		{ SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ {0, 0}, {0, 0}, 0, NULL, { 0, 0, 0, 0, 0, 0 } }
};
/* clang-format on */
