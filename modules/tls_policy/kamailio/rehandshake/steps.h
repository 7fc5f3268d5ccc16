/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * steps - what the re-handshake timer does to one connection, given a copy of
 * its entry. That process only; no lock may be held. Each leaves the entry in a
 * phase and with a time at which it is looked at again.
 */
#ifndef TLSP_STEPS_H
#define TLSP_STEPS_H

#include "kamailio/connection/connections.h"

enum
{
	TLSP_AGAIN_MS = 20 /* until the next look, while something is awaited */
};

/* tlsp_steps_close: with close_notify, after |quiet_ms| without data; 0: at
 * once. */
void tlsp_steps_close(
		const struct tlsp_connection *view, unsigned quiet_ms, uint64_t now_ms);

/* tlsp_steps_close_idle: what the core would have closed by now. */
void tlsp_steps_close_idle(const struct tlsp_connection *view, uint64_t now_ms);

/* tlsp_steps_judge: the verdict of now, and nothing on the wire. */
void tlsp_steps_judge(const struct tlsp_connection *view, uint64_t now_ms);

/* tlsp_steps_recheck: the same, for tls_policy.recheck. What cannot be judged is
 * looked at again, for |timeout_ms|, and then closed. */
void tlsp_steps_recheck(const struct tlsp_connection *view, unsigned timeout_ms,
		uint64_t now_ms);

/* tlsp_steps_time_out: the first handshake is not over in time. Where octets of
 * the peer wait to be read it is this server that is late: looked at again. */
void tlsp_steps_time_out(const struct tlsp_connection *view, uint64_t now_ms);

/* tlsp_steps_update_keys: the verdict of now, and KeyUpdate. If an operator wants
 * it while another handshake goes on, it waits, for a minute and |timeout_ms|
 * at most. */
void tlsp_steps_update_keys(const struct tlsp_connection *view,
		bool ask_certificate, unsigned timeout_ms, uint64_t now_ms);

/* tlsp_steps_renegotiate: asks for one after |quiet_ms| without data (0: at
 * once), which must be over after |timeout_ms|. */
void tlsp_steps_renegotiate(const struct tlsp_connection *view,
		unsigned quiet_ms, unsigned timeout_ms, uint64_t now_ms);

/* tlsp_steps_give_up: a renegotiation was not over in time. */
void tlsp_steps_give_up(const struct tlsp_connection *view, uint64_t now_ms);

/* tlsp_steps_drain: closes a replaced connection after |drain_ms| without
 * data, or, after ten times that, as soon as there was none for |quiet_ms|. */
void tlsp_steps_drain(const struct tlsp_connection *view, uint64_t drain_ms,
		unsigned quiet_ms, uint64_t now_ms);

#endif
