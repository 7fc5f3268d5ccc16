/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_text - the text of a gateway's ini file -> the text of a rules file, or
 * every sentence that says why it is none. policy/ only; opens nothing.
 */
#ifndef TLSP_IMPORT_TEXT_H
#define TLSP_IMPORT_TEXT_H

#include "policy/rules/rules.h"

struct import_text
{
	char *text; /* owned; of use only without errors */
	size_t octets;
	struct tlsp_rules *errors; /* owned; FILE:LINE */
};

/*
 * import_text: |octets| of |text| of the file |file|, whose name begins every
 * sentence. The result was read as a rules file and brings the parameters and as
 * many rules as were meant. False without memory. Pair with import_text_cleanup
 * in either case.
 */
bool import_text(struct import_text *out, const char *file, const char *text,
		size_t octets);
void import_text_cleanup(struct import_text *made);

#endif
