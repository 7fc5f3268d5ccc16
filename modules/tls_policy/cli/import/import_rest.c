/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_rest - see import_rest.h.
 */
#include "import_rest.h"

#include <string.h>
#include <strings.h>

/* The first row whose |head| the name begins with; |look|: somebody should. */
/* clang-format off */
static const struct
{
	const char *head;
	bool look;
	const char *why;
} reasons[] = {
	{"HTTPSPkeyFileName", true, "the key is on the gateway: beside the "
		"certificate of https_cert_file_name, with the ending .key"},
	{"HTTPSCipherString", false, "ciphers are a matter of tls.cfg: cipher_list"},
	{"HTTPS", false, "of the gateway's web interface"},
	{"TLSLocalSIPPort", false, "a matter of kamailio.cfg: listen=tls:ADDRESS:PORT"},
	{"TLSPkey", false, "of the gateway's own key"},
	{"TLSFipsMode", false, "a matter of OpenSSL's configuration"},
	{"TLSContext", false, "which certificate is shown is a matter of tls.cfg"},
	{"TLS", true, "a parameter of TLS that this module has not"},
	{"SIPSRequire", true, "a parameter of TLS that this module has not"},
	{"EnableSIPS", false, "which transport is used is a matter of the routing"},
	{"SIPTransportType", false, "which transport is used is a matter of the "
		"routing"},
	{"Ocsp", true, "OCSP is not asked here: name CRLs by crl_file_name, or by "
		"crl of tls.cfg"},
	{"ClientCipherString", false, "ciphers are a matter of tls.cfg: cipher_list"},
	{"ServerCipherString", false, "ciphers are a matter of tls.cfg: cipher_list"},
	{"DTLS", false, "of media, not of SIP"},
	{"Srtp", false, "of media, not of SIP"},
	{"MediaSecurity", false, "of media, not of SIP"},
	{"EnableMediaSecurity", false, "of media, not of SIP"},
	{"ProxyName", false, "a name for the Request-URI is a matter of the routing"},
	{"", false, "not about TLS"},
};
/* clang-format on */

static size_t reason_of(const struct tlsp_text_line *name)
{
	size_t i = 0;

	while(name->octets < strlen(reasons[i].head)
			|| strncasecmp(name->text, reasons[i].head, strlen(reasons[i].head))
					   != 0)
		i++;
	return i;
}

static void tell(struct importing *importing, const struct board_rest *rest)
{
	char name[TLSP_ESCAPE_QUOTED_OCTETS];
	size_t i = reason_of(&rest->name);

	importing_shown(&rest->name, name);
	if(rest->last)
		importing_say(importing, rest->line,
				"the table %s, up to line %u: not about TLS", name, rest->last);
	else if(reasons[i].look)
		importing_look(importing, rest->line, "%s: %s", name, reasons[i].why);
	else
		importing_say(importing, rest->line, "%s: %s", name, reasons[i].why);
}

void import_rest(struct importing *importing)
{
	const struct board *board = &importing->board;

	if(board->rest_count || board->tables[BOARD_INTERFACES].format_line)
		fputs("\n# What a rules file does not say:\n", importing->out);
	for(size_t i = 0; i < board->rest_count; i++)
		tell(importing, &board->rests[i]);
	if(board->tables[BOARD_INTERFACES].format_line)
		importing_say(importing, board->tables[BOARD_INTERFACES].format_line,
				"the table InterfaceTable: addresses are a matter of "
				"kamailio.cfg: listen=");
}
