/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The objects behind tapi3.h, and who owns whom.
 *
 *   session <- address <- call (with its streams) <- event
 *
 * Each arrow is a reference.  The session knows its calls and addresses through
 * lists that hold none.  A stream lives in its call and shares its counter.
 * Everything here belongs to one thread, see tapi3.h.
 */
#ifndef LIBTAPI3_PRIVATE_H
#define LIBTAPI3_PRIVATE_H

#include <tapi/tapi.h>
#include <tapi/tapi_linux.h>
#include <tapi3/msp.h>
#include <tapi3/tapi3.h>

#include "audio/engine.h"
#include "list.h"
#include "relay_nl.h"
#include "terminal.h"

/* Streams of one call: both directions of four media */
#define CALL_STREAMS	8

/**
 * struct tapi3_stream - one medium in one direction
 * @call: where it lives
 * @msp: the MSP's side
 * @info: as the MSP described it
 * @terminal: selected terminal, a reference, or NULL
 */
struct tapi3_stream {
	struct tapi3_call *call;
	struct msp_stream *msp;
	struct msp_stream_info info;
	struct tapi3_terminal *terminal;
};

/**
 * struct operation - an asynchronous request of libtapi
 * @request: its number, 0 when none is under way
 * @result: of the last one
 * @why: it failed
 */
struct operation {
	LONG request;
	LONG result;
	char why[sizeof(((struct tapi_error_detail *)0)->text)];
};

/**
 * struct tapi3_call - a call
 * @node: in the address's list
 * @handle: HCALL, 0 while the TSP does not know the call or when it is over
 * @id: dwCallID, 0 while unknown
 * @operation: what the program does with it; the call is held until the reply
 * @line_state: LINECALLSTATE
 * @info: LINECALLINFO, NULL when it must be read again
 * @msp: the MSP's call or NULL
 */
struct tapi3_call {
	unsigned int refs;
	struct list node;
	struct tapi3_address *address;
	HCALL handle;
	HLINE line;
	uint32_t id;
	uint32_t media;
	char *destination;
	struct operation operation;
	enum tapi3_call_state state;
	enum tapi3_privilege privilege;
	uint32_t line_state;
	bool incoming;
	bool unseen;			/* kept for the program until it was told the state */
	LINECALLINFO *info;
	char *strings[16];
	struct msp_call *msp;
	struct tapi3_stream streams[CALL_STREAMS];
	unsigned int num_streams;
};

/**
 * struct msp_host_address - the MSP of an address
 * @module: of the plug-in
 * @msp: the MSP's object; NULL before it is needed and when there is none
 * @instance: in the relay, 0 when not connected
 * @seen: the kernel still knows @instance: during a resynchronisation
 * @held: messages that wait for their call, oldest first
 * @held_timer: they do not wait for ever
 */
struct msp_host_address {
	struct tapi3_address *address;
	const struct msp_module *module;
	void *library;
	struct msp_address *msp;
	bool tried;
	uint32_t instance;
	bool seen;
	struct list held;
	struct msp_timer *held_timer;
};

/**
 * struct tapi3_address - an address
 * @node: in the session's list
 * @line: opened without privileges for outgoing calls and the MSP; 0 when not open
 */
struct tapi3_address {
	unsigned int refs;
	struct list node;
	struct tapi3 *tapi;
	uint32_t line_id;
	uint32_t address_id;
	uint32_t version;
	uint32_t media;
	uint32_t dev_flags;
	uint32_t line_states;	/* that the line reports: LINEDEVSTATE_ */
	enum tapi3_address_state state;
	bool removed;
	char *name;
	char *dialable;
	char *provider;
	HLINE line;
	struct list calls;
	struct msp_host_address host;
};

/**
 * struct registration - one tapi3_register_call_notifications()
 * @line: opened with the privileges asked for
 */
struct registration {
	struct list node;
	int number;
	HLINE line;
	struct tapi3_address *address;
};

struct msp_timer {
	struct list node;
	struct tapi3 *tapi;
	uint64_t when;		/* us of CLOCK_MONOTONIC */
	void (*expired)(void *data);
	void *data;
};

/**
 * struct tapi3 - a session
 * @refs: the program's references
 * @holds: one for all of @refs, and one per address
 * @app: HLINEAPP, 0 after the shutdown
 * @epoll_fd: what the program polls
 * @escape: the device-specific request that is waited for
 */
struct tapi3 {
	unsigned int refs;
	unsigned int holds;
	uint32_t filter;
	HLINEAPP app;
	int epoll_fd;
	int timer_fd;
	struct list timers;
	struct list addresses;
	struct list registrations;
	int next_registration;
	struct list events;
	struct engine_client *engine;
	struct terminal_hub hub;
	bool has_hub;
	struct relay_nl *relay;
	struct operation escape;
	char detail[256];
};

/* context.c */
int tapi3_watch(struct tapi3 *tapi, int fd);
void tapi3_unwatch(struct tapi3 *tapi, int fd);
/* Remembers the reason; returns @error */
int tapi3_fail(struct tapi3 *tapi, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same for a negative LINEERR_: origin and text come from libtapi */
int tapi3_fail_line(struct tapi3 *tapi, LONG code, const char *what);
/*
 * LINE_REPLY was taken just now: keeps its result and reason if it belongs to @operation. Then the
 * reason, later: returns TAPI3_E_
 */
bool operation_reply(struct operation *operation, LONG request, LONG result);
int operation_failed(struct tapi3 *tapi, const struct operation *operation, const char *what);
/*
 * A structure of libtapi's that ends with parts of any length, to be freed; @size is the first
 * guess. NULL: @code says why
 */
void *structure_read(DWORD size, LONG (*ask)(void *structure, const void *of), const void *of,
		     LONG *code);
/* Works off everything until @done(@data) or @timeout_ms has passed: 0 or TAPI3_E_TIMEOUT */
int tapi3_wait(struct tapi3 *tapi, bool (*done)(void *data), void *data, int timeout_ms);
void tapi3_hold(struct tapi3 *tapi);
void tapi3_release(struct tapi3 *tapi);

/* Synchronous operations give up after two minutes, as TAPI 3 does */
#define SYNC_TIMEOUT_MS	120000

/* message.c: one LINEMESSAGE */
void message_handle(struct tapi3 *tapi, const LINEMESSAGE *message);

/* address.c */
int address_new(struct tapi3 *tapi, uint32_t line_id, uint32_t address_id,
		struct tapi3_address **out);
struct tapi3_address *address_find(struct tapi3 *tapi, uint32_t line_id, uint32_t address_id);
/* The address whose line is open as @line */
struct tapi3_address *address_of_line(struct tapi3 *tapi, HLINE line, uint32_t address_id);
int address_open(struct tapi3_address *address);
void address_shutdown(struct tapi3_address *address);
/* The line has gone or was closed by force: calls end */
void address_lost(struct tapi3_address *address, bool removed);

/* call.c */
int call_new(struct tapi3_address *address, struct tapi3_call **out);
struct tapi3_call *call_find(struct tapi3 *tapi, HCALL handle);
void call_incoming(struct tapi3_address *address, HLINE line, HCALL handle, uint32_t privilege);
void call_set_line_state(struct tapi3_call *call, uint32_t state, uint32_t detail,
			 bool synthetic);
void call_info_changed(struct tapi3_call *call, uint32_t what);
void call_reply(struct tapi3 *tapi, LONG request, LONG result);
/* Reads LINECALLINFO when it is out of date; NULL: not to be had */
const LINECALLINFO *call_info(struct tapi3_call *call);
/* The call is over, whatever its line did: DISCONNECTED */
void call_lost(struct tapi3_call *call, enum tapi3_call_cause cause);
void call_seen(struct tapi3_call *call);

/* stream.c */
int streams_create(struct tapi3_call *call);
void streams_destroy(struct tapi3_call *call);

/* host.c: what MSPs are given */
extern const struct msp_host_ops msp_host;
/* msp_loader.c */
int msp_load(const uint8_t guid[16], const struct msp_module **module, void **library,
	     char *why, size_t size);

/* relay.c: the MSP's way to its TSP */
int relay_connect(struct tapi3_address *address);
void relay_reconnect(struct tapi3_address *address);
void relay_disconnect(struct tapi3_address *address);
void relay_call_known(struct tapi3_call *call);
int relay_dispatch(struct tapi3 *tapi);

/* timer.c */
void timers_dispatch(struct tapi3 *tapi);
struct msp_timer *timer_start(struct tapi3 *tapi, unsigned int ms, void (*expired)(void *data),
			      void *data);
void timer_cancel(struct msp_timer *timer);

/* event.c */
struct tapi3_event_init {
	enum tapi3_event_type type;
	struct tapi3_address *address;
	struct tapi3_call *call;
	struct tapi3_stream *stream;
	struct tapi3_terminal *terminal;
	int code;
	int cause;
	char digit;
	const void *data;
	size_t size;
	bool synthetic;
};

void event_post(struct tapi3 *tapi, const struct tapi3_event_init *init);
void events_clear(struct tapi3 *tapi);

static inline struct tapi3_call *call_of_host(struct msp_host_call *host)
{
	return (struct tapi3_call *)host;
}

static inline struct msp_host_call *host_of_call(struct tapi3_call *call)
{
	return (struct msp_host_call *)call;
}

#endif /* LIBTAPI3_PRIVATE_H */
