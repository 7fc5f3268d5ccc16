/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - see check.h.
 */
#include "check.h"

#include "judge.h"
#include "openssl/certificate/verify_file.h"
#include "request.h"

/* clang-format off */
const char check_usage[] =
	"usage: tls-policy check [--peer client|server] [--ca FILE] [--crl FILE]...\n"
	"           [--names-only] [--proxy NAME]... [--proxies FILE]\n"
	"           [--remote-subject-name NAME] [--no-wildcards] [--wildcard-proxies]\n"
	"           [--sip-uri-identities] [--dialled-name HOST[:PORT]]\n"
	"           [--peer-address ADDRESS[:PORT]] [--strict]\n"
	"           [--accept-server-auth-clients]\n"
	"           [--sip-domain-purpose ignore|accept|require]\n"
	"           [--config FILE --rule NAME] CERT.pem|-...\n"
	"\n"
	"Says whether a peer with this certificate (PEM, the end entity first, then its\n"
	"chain; or DER) is accepted, and every reason why not. Of several files each\n"
	"line begins with the file. --peer is the part that the peer plays: a client\n"
	"(default) connects to us, to a server we connect. Without --ca the system's\n"
	"trust anchors count. With --crl a CRL of every CA of the chain is asked for,\n"
	"the root included. With --names-only the chain is not verified. With\n"
	"--dialled-name (of a server) or --peer-address the certificate must be that\n"
	"peer's (bind_to_peer). \"-\" is the standard input, for one of the files. With\n"
	"--config the rule NAME of a rules file (default: what no rule is for) says\n"
	"policy, proxies and trust anchors.\n"
	"Exit status: 0 accepted, 1 refused, 2 bad usage or unreadable input; of several\n"
	"files the greatest.\n";
/* clang-format on */

static enum command_status check_file(
		const struct judge *judge, const char *path, bool named)
{
	enum command_status status;
	char error[4608];
	STACK_OF(X509) *certificates = tlsp_verify_file_read(
			path, TLSP_PEM_ANY_FILE, error, sizeof(error));

	if(!certificates) {
		command_complain(error);
		return COMMAND_UNUSABLE;
	}
	status = judge_print(judge, certificates, named ? path : NULL);
	tlsp_verify_file_free(certificates);
	return command_written(status);
}

enum command_status check_run(int argc, char **argv)
{
	enum command_status worst = COMMAND_UNUSABLE, status;
	struct judge judge = {0};
	struct request request;

	if(request_read_check(&request, argc, argv)
			&& judge_open(&judge, &request)) {
		worst = COMMAND_ACCEPTED;
		for(size_t i = 0; i < request.certificate_count; i++) {
			status = check_file(&judge, request.certificates[i],
					request.certificate_count > 1);
			if(status > worst)
				worst = status;
		}
	}
	judge_close(&judge);
	request_cleanup(&request);
	return worst;
}
