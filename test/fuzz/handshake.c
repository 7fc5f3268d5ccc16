/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handshake - fuzz target: octets into a real SSL that the policy guards, in
 * both roles. The first octet chooses: our role, the version, what the peer
 * shows, and whether what follows is all that it sends (raw) or edits what a
 * real peer sends. Held: only a peer whose certificate is accepted has octets
 * passed, and they are those that it wrote.
 */
#include "fuzz.h"
#include "input.h"

#include <openssl/err.h>

#include "openssl/record.h"
#include "test/unit/tls_link.h"

enum
{
	AS_CLIENT = 1, /* bits of the first octet */
	RAW = 2,
	VERSION_SHIFT = 2,
	SHOWN_SHIFT = 4,
	SHOWN = 4,
	EDITS = 16,
	RECORD_OCTETS = SSL3_RT_HEADER_LENGTH + SSL3_RT_MAX_ENCRYPTED_LENGTH
};

static const char said[] = "OPTIONS sip:a@example.com SIP/2.0\r\n\r\n";
static const int versions[4] = {
		TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
static SSL_CTX *ours, *peers[SHOWN];

/* One octet of one record of the peer's. */
struct edit
{
	unsigned record, at, by;
};

struct edits
{
	struct edit all[EDITS];
	size_t count;
	unsigned records; /* handed over so far */
};

static void read_edits(struct edits *edits, struct input *input)
{
	memset(edits, 0, sizeof(*edits));
	while(input->octets > 0 && edits->count < EDITS)
		edits->all[edits->count++] = (struct edit){next_octet(input) % 16,
				(unsigned)next_number(input, 2), next_octet(input)};
}

static void apply(struct edits *edits, unsigned char *record, unsigned octets)
{
	for(size_t i = 0; i < edits->count; i++)
		if(edits->all[i].record == edits->records)
			record[edits->all[i].at % octets] ^=
					(unsigned char)edits->all[i].by;
	edits->records++;
}

/* All that the peer has written, record by record, from |wire| to our end. */
static void hand_over(struct pair *pair, BIO *wire, struct edits *edits)
{
	unsigned char record[RECORD_OCTETS];

	while(BIO_read(wire, record, SSL3_RT_HEADER_LENGTH)
			== SSL3_RT_HEADER_LENGTH) {
		int octets = record[3] << 8 | record[4];

		fuzz_hold(BIO_read(wire, record + SSL3_RT_HEADER_LENGTH, octets)
				  == octets);
		octets += SSL3_RT_HEADER_LENGTH;
		apply(edits, record, (unsigned)octets);
		fuzz_hold(
				BIO_write(SSL_get_rbio(pair->ours), record, octets) == octets);
	}
}

static void hold_accepted(const struct pair *pair)
{
	const struct tlsp_record *record = tlsp_record_of(pair->ours);
	X509 *shown = SSL_get0_peer_certificate(pair->ours);

	fuzz_hold(record->stage == TLSP_STAGE_ACCEPTED);
	fuzz_hold(record->standing == TLSP_STANDING_ACCEPTED);
	fuzz_hold(record->accepted.match != TLSP_MATCH_NONE);
	fuzz_hold(shown && X509_cmp(shown, trusted.certificate) == 0);
}

/* True if something did. */
static bool read_what_passes(struct pair *pair)
{
	char got[sizeof(said)];
	int octets;

	open_gate();
	octets = SSL_read(pair->ours, got, sizeof(got));
	close_gate();
	if(octets <= 0 || !tlsp_record_passes(tlsp_record_of(pair->ours)))
		return false;
	hold_accepted(pair);
	fuzz_hold((size_t)octets <= strlen(said)
			  && memcmp(got, said, (size_t)octets) == 0);
	return true;
}

static void with_a_peer(struct pair *pair, struct input *input, bool acceptable)
{
	BIO *wire = cut_wire(pair);
	struct edits edits;
	bool passed = false;

	read_edits(&edits, input);
	for(int round = 0; round < ROUNDS; round++) {
		SSL_do_handshake(pair->peer);
		if(SSL_is_init_finished(pair->peer))
			SSL_write(pair->peer, said, (int)strlen(said));
		hand_over(pair, wire, &edits);
		step_ours(pair->ours);
		passed |= read_what_passes(pair);
	}
	fuzz_hold(!passed || acceptable);
	fuzz_hold(passed || !acceptable || edits.count > 0);
}

/* Each chunk begins with its length. Nobody has a key: nothing may pass. */
static void raw(struct pair *pair, struct input *input)
{
	BIO *in = (cut_wire(pair), SSL_get_rbio(pair->ours));

	while(input->octets > 0) {
		size_t octets = next_octet(input) * 8U + 1;

		octets = octets < input->octets ? octets : input->octets;
		if(octets > 0)
			BIO_write(in, input->next, (int)octets);
		input->next += octets;
		input->octets -= octets;
		step_ours(pair->ours);
		fuzz_hold(tlsp_record_of(pair->ours)->stage != TLSP_STAGE_ACCEPTED);
	}
}

static void prepare_once(void)
{
	const struct identity *const shown[SHOWN] = {
			&trusted, &stranger, &foreign, NULL};

	if(ours)
		return;
	fuzz_hold(make_ends(NULL) == 0);
	setup_strict(NULL);
	ours = new_context(&gateway);
	for(size_t i = 0; i < SHOWN; i++)
		peers[i] = new_context(shown[i]);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t octets)
{
	struct input input = {data, octets};
	unsigned kind = next_octet(&input);
	int version = versions[kind >> VERSION_SHIFT & 3];
	struct pair pair;

	prepare_once();
	new_pair(&pair, ours, peers[kind >> SHOWN_SHIFT & 3],
			kind & AS_CLIENT ? TLSP_ROLE_CLIENT : TLSP_ROLE_SERVER);
	SSL_set_min_proto_version(pair.peer, version);
	SSL_set_max_proto_version(pair.peer, version);
	if(kind & RAW)
		raw(&pair, &input);
	else
		with_a_peer(&pair, &input,
				SSL_get_certificate(pair.peer) == trusted.certificate);
	free_pair(&pair);
	ERR_clear_error();
	return 0;
}
