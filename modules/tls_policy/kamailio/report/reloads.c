/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reloads - see reloads.h.
 */
#include "reloads.h"

#include "core/dprint.h"

#include "statistics.h"

void tlsp_reloads_tell(const char *by, bool done, const char *why)
{
	tlsp_statistics_count(
			done ? TLSP_STATISTIC_RELOADS : TLSP_STATISTIC_RELOADS_FAILED);
	if(!done)
		LM_ERR("%s did not reload, and everything stays as it was: %s\n", by,
				why);
}
