/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jobs - does something to one established connection from any process that
 * may send: a marker is sent on it by the core's own tcp_send, so the encode
 * hook runs in this process, with the connection referenced and its
 * write_lock held, and does the job instead of encrypting the marker. Whoever
 * asks for a job holds no lock.
 */
#ifndef TLSP_JOBS_H
#define TLSP_JOBS_H

#include "held_writes.h"

enum tlsp_job_kind
{
	TLSP_JOB_JUDGE,		  /* anew; a refused peer loses the connection */
	TLSP_JOB_TRY,		  /* likewise, but nothing comes of it */
	TLSP_JOB_RENEW,		  /* likewise, but only what it carries depends on it */
	TLSP_JOB_KEY_UPDATE,  /* after judging anew */
	TLSP_JOB_RENEGOTIATE, /* sends what starts one */
	TLSP_JOB_GIVE_UP,	  /* a renegotiation that is not answered */
	TLSP_JOB_TIME_OUT,	  /* a first handshake that is not over: cut */
	TLSP_JOB_ADDRESSES,	  /* of a connection as client, for its successor */
	TLSP_JOB_CLOSE		  /* with close_notify */
};

enum tlsp_job_result
{
	TLSP_JOB_GONE,	  /* no such connection, or it is no more */
	TLSP_JOB_DONE,	  /* or, of a renegotiation: begun */
	TLSP_JOB_BUSY,	  /* data passed too recently; GIVE_UP, TIME_OUT: over */
	TLSP_JOB_REFUSED, /* judged: the peer is refused, the connection cut */
	TLSP_JOB_UNASKED, /* see judgement.h; cut if the job says so */
	TLSP_JOB_UNVERIFIABLE, /* likewise; cut too */
	TLSP_JOB_BROKEN,	   /* it failed after it had begun; cut too */
	TLSP_JOB_WAIT,		   /* see judgement.h; TIME_OUT: what the peer has
							  sent is not read yet; nothing was done */
	TLSP_JOB_IMPOSSIBLE	   /* as this SSL is now */
};

struct tlsp_job
{
	enum tlsp_job_kind kind;
	unsigned quiet_ms;	  /* 0: at once; else only after so long without data */
	bool idle;			  /* CLOSE: only past the core's idle timeout of now */
	bool ask_certificate; /* KEY_UPDATE: post-handshake authentication too */
	bool close_unasked;	  /* JUDGE: who was never asked for a certificate */
	enum tlsp_job_result result;
	struct tlsp_refusal refusal;	  /* TRY: if the result is REFUSED */
	union sockaddr_union peer, local; /* ADDRESSES */
	unsigned short local_port;		  /* likewise, as the core has it */
};

/* tlsp_jobs_run does |job| on the connection with the core's id |id|; may wait
 * for its write_lock and for tcp_main. No lock may be held. */
enum tlsp_job_result tlsp_jobs_run(int id, struct tlsp_job *job);

/* tlsp_jobs_renew: TLSP_JOB_RENEW, likewise. */
void tlsp_jobs_renew(int id);

/* tlsp_jobs_is_marker: is |buffer| the marker? */
bool tlsp_jobs_is_marker(const char *buffer);

/* tlsp_jobs_encode: in the encode hook, for the marker: does the job of
 * tlsp_jobs_run on |ssl| (NULL: nothing was sent or read yet). The gate is
 * open. Result as of the hook. */
int tlsp_jobs_encode(struct tcp_connection *c, SSL *ssl,
		const struct tlsp_encode_call *call);

#endif
