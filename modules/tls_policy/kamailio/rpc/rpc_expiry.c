/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc_expiry - see rpc_expiry.h.
 */
#include "rpc_expiry.h"

#include <stdlib.h>
#include <time.h>

#include "kamailio/report/certificates.h"
#include "kamailio/report/peer_text.h"
#include "rpc_arguments.h"
#include "rpc_rows.h"

enum
{
	TIME_OCTETS = 32
};

/* clang-format off */
const char *tlsp_rpc_expiry_doc[] = {
	"Lists our own certificates, the trust anchors in use, and the certificates "
	"that peers have shown lately, those that end first at first: [N]", NULL};
/* clang-format on */

static char *print_time(int64_t at_s, char text[TIME_OCTETS])
{
	time_t at = (time_t)at_s;
	struct tm utc;

	text[0] = '\0';
	if(at_s != 0 && gmtime_r(&at, &utc))
		strftime(text, TIME_OCTETS, "%Y-%m-%dT%H:%M:%SZ", &utc);
	return text;
}

/* The same keys for all kinds. */
static void add_row(
		struct tlsp_rpc_rows *rows, const struct tlsp_certificate *certificate)
{
	char ends[TIME_OCTETS], shown[TIME_OCTETS];
	bool peer = certificate->kind == TLSP_CERTIFICATE_PEER;
	struct tlsp_rpc_row row = {.count = 0};

	tlsp_rpc_row_text(
			&row, "kind", tlsp_certificate_kind_word(certificate->kind));
	tlsp_rpc_row_number(&row, "days_left",
			tlsp_certificate_days_left(
					certificate->ends_s, (int64_t)time(NULL)));
	tlsp_rpc_row_text(&row, "ends", print_time(certificate->ends_s, ends));
	tlsp_rpc_row_text(&row, "file", peer ? "" : certificate->name);
	tlsp_rpc_row_text(&row, "subject", certificate->subject);
	tlsp_rpc_row_text(&row, "place", certificate->place);
	tlsp_rpc_row_text(&row, "identity", peer ? certificate->name : "");
	tlsp_rpc_row_text(&row, "peer_role",
			peer ? tlsp_peer_role_word(certificate->role) : "");
	tlsp_rpc_row_text(&row, "rule", certificate->rule);
	tlsp_rpc_row_text(&row, "shown", print_time(certificate->shown_s, shown));
	tlsp_rpc_rows_add(rows, &row);
}

void tlsp_rpc_expiry(rpc_t *rpc, void *ctx)
{
	static const char usage[] = "expiry [1..512]";
	static struct tlsp_rpc_argument argument = {TLSP_RPC_PLACE};
	size_t max = TLSP_CERTIFICATES_MAX, count;
	struct tlsp_certificate *rows;
	struct tlsp_rpc_rows answer;

	if(!tlsp_rpc_arguments_read(rpc, ctx, &argument, 1, usage))
		return;
	if(argument.given)
		max = tlsp_rpc_count(&argument, TLSP_CERTIFICATES_MAX);
	if(max == 0) {
		tlsp_rpc_usage(rpc, ctx, usage);
		return;
	}
	rows = calloc(TLSP_CERTIFICATES_MAX, sizeof(*rows));
	if(!rows) {
		rpc->fault(ctx, 500, "no memory");
		return;
	}
	tlsp_rpc_rows_init(&answer, rpc, ctx);
	count = tlsp_certificates_list(rows);
	for(size_t i = 0; i < count && i < max; i++)
		add_row(&answer, &rows[i]);
	tlsp_rpc_rows_end(&answer, "JSON-RPC lists all");
	free(rows);
}
