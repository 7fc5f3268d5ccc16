/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sip_text - what the first octets of something that is sent say it is. The
 * text need not end in NUL and need not be whole. C11 and libc.
 */
#ifndef TLSP_SIP_TEXT_H
#define TLSP_SIP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* tlsp_sip_text_is_request: a first line that ends in SIP/2.0 (RFC 3261, 7.1;
 * case does not count). */
bool tlsp_sip_text_is_request(const char *text, size_t octets);

/* tlsp_sip_text_is_answer: a response of SIP (RFC 3261, 7.2) or HTTP (RFC 9112,
 * 4), which a server of that gives on the same port; or does it begin as STUN
 * does and SIP never (RFC 8489, 5)? */
bool tlsp_sip_text_is_answer(const char *text, size_t octets);

/* tlsp_sip_text_is_ping: nothing but CR, LF and NUL (RFC 5626, 4.4.1). */
bool tlsp_sip_text_is_ping(const char *text, size_t octets);

/* tlsp_sip_text_follows: an ACK or CANCEL? They follow their INVITE. */
bool tlsp_sip_text_follows(const char *text, size_t octets);

#endif
