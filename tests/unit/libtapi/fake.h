/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server for tests of libtapi: speaks the protocol in a thread of the test, knows two lines, and
 * does what the test tells it. Everything that is not said otherwise succeeds.
 */
#ifndef TEST_FAKE_H
#define TEST_FAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <tapi/tapi.h>
#include <tapi/tapi_linux.h>

#include "link.h"
#include "tapi.pb-c.h"

#define FAKE_LINES	2u
#define FAKE_CALLS	8u

/* What the server is told to do next; reset by fake_start() */
struct fake {
	int32_t result;			/* of every request, once it is not 0 */
	bool hold;			/* answer no request */
	bool reply;			/* LINE_REPLY right behind the acceptance */
	int32_t reply_result;
	const char *reply_why;		/* with origin and errno, or NULL */
	bool mute_hello;		/* does not greet */
	uint32_t new_calls;		/* lineGetNewCalls() finds so many */

	/* what it has seen */
	unsigned int links, requests, shutdowns, closes;
	char method[64];		/* of the last request */
	char text[256];			/* its text, or empty */
	uint32_t line, call, value, request;
	uint8_t bytes[64];
	size_t bytes_size;

	/* what it knows */
	uint32_t opened[8], opens;
	uint32_t calls[FAKE_CALLS], calls_count;
	/* App.Resume: what came, and which of it is there no more */
	size_t resumed_lines, resumed_calls;
	uint32_t resumed_call_id;
	bool lose_calls;
	/* App.Snapshot */
	Tapi__Rpc__CallRecord snapshot[FAKE_CALLS];
	size_t snapshot_calls;
	bool snapshot_no_requests;
	uint32_t devices;
};

extern struct fake fake;

/* Starts it at a new socket, which TAPI_SOCKET names */
void fake_start(void);
void fake_stop(void);
/* The socket goes away and comes back; links break */
void fake_leave(void);
void fake_return(void);
const char *fake_path(void);

/* Runs in the server's thread, and waits for it */
void fake_run(void (*function)(void *data), void *data);
/* Afterwards what the server has seen can be read */
void fake_settle(void);
/* Sends to the newest link */
void fake_event(const Tapi__Rpc__Event *event);
void fake_message(uint32_t device, uint32_t message, uint64_t p1, uint64_t p2, uint64_t p3);
void fake_new_call(uint32_t line, uint32_t call, uint32_t call_id);
void fake_state(uint32_t call, uint32_t state, uint32_t mode);
void fake_reply(uint32_t request, int32_t result, uint32_t call, const char *data);
void fake_digits(uint32_t call, const char *digits, uint32_t reason);
void fake_resynchronise(void);
/* Ends the newest link */
void fake_hang_up(void);

/* ---- what most tests do ---- */

HLINEAPP start_app(DWORD mechanism);		/* with a running server */
HLINEAPP start_app_with(DWORD options, LINECALLBACK callback, LINEINITIALIZEEXPARAMS *params);
HLINE open_line(HLINEAPP app, DWORD device, DWORD_PTR instance);
/* A call that is announced and offered; both messages are taken */
HCALL offered_call(HLINEAPP app, HLINE line, uint32_t call_id);
/* Waits at most two seconds for a message */
LINEMESSAGE next_message(HLINEAPP app);
void no_message(HLINEAPP app);

#endif /* TEST_FAKE_H */
