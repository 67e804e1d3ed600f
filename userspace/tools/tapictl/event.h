/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of TAPI as records. */
#ifndef TAPICTL_EVENT_H
#define TAPICTL_EVENT_H

#include "out.h"
#include "session.h"

/**
 * struct event - one message; what is NULL, 0 or, in indices, negative is left out
 * @line: device id
 * @name: of the line
 * @call: dwCallID
 * @mode: detail of the state
 * @what: bits, by name
 * @p1: parameters, for messages that only the vendor understands
 */
struct event {
	char time[32];
	const char *time_text;
	int64_t line, address;
	const char *name;
	uint32_t call;
	const char *message, *state, *mode, *privilege, *digit, *reason;
	char *what;
	const char *caller, *caller_name, *called;
	uint32_t request;
	const char *result;
	const char *flags;
	uint64_t p1, p2, p3;
	char digit_text[2];
	char number[16];
};

extern const struct table event_table;

/* What a message says by itself; the rest is up to those who know lines and calls */
void event_decode(struct event *event, const LINEMESSAGE *message);
/* The same for a call's state, whoever told it */
void event_state(struct event *event, DWORD state, DWORD mode, DWORD privilege);
/* Parties of the call; they live as long as @info */
void event_parties(struct event *event, const LINECALLINFO *info);
void event_print(struct event *event);	/* and ends it */

#endif /* TAPICTL_EVENT_H */
