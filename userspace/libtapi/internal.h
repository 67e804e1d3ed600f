/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the library is built.
 *
 * One registration (struct app) has one link to tapisrv. One mutex protects everything; it is never
 * held while a thread sleeps or while the program's callback runs. Whoever needs something from a
 * link while nobody reads it reads it himself (wait.c), so there is no thread unless the program
 * asked for callbacks.
 *
 * A program's handles are this library's own numbers, mapped to those of the server: so they
 * outlive a server that was started again (resync.c).
 */
#ifndef LIBTAPI_INTERNAL_H
#define LIBTAPI_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <tapi/tapi.h>
#include <tapi/tapi_linux.h>

#include "handle.h"
#include "link.h"
#include "list.h"
#include "structs.h"
#include "tapi.pb-c.h"

#define NS_PER_MS		1000000ll
#define FOREVER			INT64_MAX

/* tapisrv answers within 15 s; who does not answer in this time hangs */
#define ANSWER_NS		(30000 * NS_PER_MS)
/* How long a lost server may be away before the lines are given up */
#define AWAY_NS			(10000 * NS_PER_MS)

/* Bytes of one argument: what surely fits into a frame together with everything else */
#define BYTES_MAX		32768u

#define MAP_BUCKETS		64u

/* First member of what is known to the program and to the server by a number each */
struct object {
	struct object *next;		/* in the bucket */
	uint32_t handle;		/* the program's */
	uint32_t server;		/* 0: not known to the server (any more) */
};

/**
 * struct line - an open line
 * @record: how it was opened, to open it again; its line member is unused
 * @instance: dwCallbackInstance
 */
struct line {
	struct object object;
	struct list node;
	struct app *app;
	Tapi__Rpc__OpenRecord record;
	DWORD_PTR instance;
};

/**
 * struct call - a call the program has a handle of
 *
 * A handle outlives its call, and even a server that was started again and did not get to know the
 * call: then it is idle, and what there is of it is @record.
 * @record: as of the last event; its call and line members are unused
 * @fresh: got by lineGetNewCalls(), but the program has not been told its handle yet
 * @seen: mark of resync.c
 */
struct call {
	struct object object;
	struct list node;
	struct app *app;
	struct line *line;
	Tapi__Rpc__CallRecord record;
	bool fresh, seen;
	struct list gathers;
};

/**
 * struct request - an asynchronous request under way
 * @id: what the program was told
 * @server: what the server calls it, 0 while it has not been accepted
 * @line: handle, whose closing suppresses the reply
 * @instance: of the line
 * @call_out: lineMakeCall(): where the handle goes
 * @buffer: lineDevSpecific(): where @data goes
 * @returned: the program knows @id: now the reply may be handed out
 * @suppressed: the reply is not wanted any more
 * @detail: why it failed, once it has; NULL: no more is known than the code
 * @message: its reply
 */
struct request {
	struct list node;
	struct app *app;
	uint32_t id, server;
	HLINE line;
	DWORD_PTR instance;
	HCALL *call_out;
	HCALL call;
	void *buffer;
	uint32_t size;
	uint8_t *data;
	size_t data_size;
	bool returned, suppressed;
	struct tapi_error_detail *detail;
	struct message *message;
};

/* The buffer of one lineGatherDigits() */
struct gather {
	struct list node;
	void *buffer;
	uint32_t count;
	bool wide;
	char *digits;			/* once they are there */
};

/**
 * struct message - waits for the program
 * @line: what it will get
 * @about_line: handle it belongs to, or 0: goes away with it
 * @about_call: likewise
 * @request: of LINE_REPLY
 * @gather: of LINE_GATHERDIGITS
 */
struct message {
	struct list node;
	LINEMESSAGE line;
	uint32_t flags, sequence;
	HLINE about_line;
	HCALL about_call;
	struct request *request;
	struct gather *gather;
};

enum link_state {
	LINKED,
	LOST,		/* no server: the timer tries again */
	GREETING,	/* connected again, on the way to LINKED */
	ENDED,		/* given up: the next call tries */
};

struct app {
	unsigned int refs;
	HLINEAPP handle;
	uint32_t server;
	bool closing;
	uint32_t version;
	uint32_t devices;		/* number of line ids */
	uint32_t options;
	char *friendly_name;

	/* wait.c */
	struct link *link;
	int public_fd;			/* epoll: link, timer, event: what programs poll */
	int event_fd;			/* readable while a message can be had */
	int timer_fd;			/* armed while the server is away */
	int wake_fd;			/* wakes the leader */
	int port_fd;			/* the program's epoll descriptor, or -1 */
	bool signalled;			/* event_fd is readable */
	bool leader;			/* a thread polls */
	bool leader_listens;		/* and wants to know of messages */
	pthread_cond_t changed;

	/* dispatch.c: callbacks */
	LINECALLBACK callback;
	bool threaded;
	bool calling;			/* the thread is in the program's callback */
	pthread_t thread;
	bool thread_runs;

	/* resync.c */
	enum link_state state;
	bool told;			/* ENDED: the program knows */
	int64_t lost_at;
	unsigned int delay_ms;
	bool comparing;

	struct list node;
	struct object *map[MAP_BUCKETS];
	struct list lines, calls, requests, messages;
	uint32_t messages_count;
};

extern pthread_mutex_t tapi_lock;
extern struct handle_table tapi_handles;
/* Types of handles */
extern const char handle_app[1], handle_line[1], handle_call[1];

/* ---- init.c: registrations, and the way in and out of every function ---- */

/*
 * These lock, look the handle up, wait while the server is being reached again, and hold the app.
 * On a negative result nothing is locked.
 */
LONG enter_app(HLINEAPP handle, struct app **app);
LONG enter_line(HLINE handle, struct line **line);
LONG enter_call(HCALL handle, struct call **call);
/* Also a call of which the server knows nothing any more: object.server is 0 */
LONG enter_call_or_ended(HCALL handle, struct call **call);
/* The same without waiting for the server: app->state tells */
LONG enter_app_now(HLINEAPP handle, struct app **app);
LONG enter_line_now(HLINE handle, struct line **line);
LONG enter_call_now(HCALL handle, struct call **call);
/* Returns @result */
LONG leave(struct app *app, LONG result);
void app_unref(struct app *app);

/* ---- connect.c ---- */

/* Path of the socket, and a connected one or a negative errno */
const char *socket_path(void);
int socket_connect(bool wait);
/* A link on @fd that feeds @app */
int app_attach(struct app *app, int fd);
void fill_hello(Tapi__Rpc__HelloIn *in);
void fill_initialize(Tapi__Rpc__InitializeIn *in, struct app *app);
const char *program_name(void);

/* ---- wait.c: leader and followers ---- */

int64_t now_ns(void);
/* Reads what is there, without waiting, unless somebody else is about to */
void app_pump(struct app *app);
/* Sleeps until something happens or @deadline has passed. @listens: messages matter, too */
void app_wait(struct app *app, int64_t deadline, bool listens);
void app_dispatch(struct app *app);
/* Something the leader must look at has changed */
void app_wake(struct app *app);

/**
 * struct exchange - one request and its answer
 * @name: for traces, "lineAnswer"
 * @take: looks at a good answer, with the lock held, before the requesting thread wakes; returns
 *	0 or a negative LINEERR_. NULL: the result is all there is
 */
struct exchange {
	struct app *app;
	const char *name;
	LONG (*take)(const ProtobufCMessage *out, void *data);
	void *data;
	LONG result;
	bool done;
	struct tapi_error_detail detail;
};

bool exchange_start(struct exchange *x, const ProtobufCMessage *in);
LONG exchange_finish(struct exchange *x);
void exchange_answered(const ProtobufCMessage *out, void *x);

/* A closure with the type any stub wants */
#define EXCHANGE_CLOSURE	((void *)(uintptr_t)exchange_answered)
#define SERVICE_OF(app_, id)	link_service((app_)->link, TAPI__RPC__SERVICE_ID__##id)

/* Asks and waits for the answer. x: struct exchange, stub: tapi__rpc__..., in: its input */
#define ASK(x, id, stub, in)							\
	(exchange_start(x, &(in)->base) ?					\
	 (stub(SERVICE_OF((x)->app, id), in, EXCHANGE_CLOSURE, x), exchange_finish(x)) : \
	 exchange_finish(x))

/* An optional scalar of a message */
#define SET(in, member, value)	((in)->has_##member = 1, (in)->member = (value))

/* ---- objects.c: lines, calls and their numbers ---- */

struct line *line_new(struct app *app);		/* has a handle, is not known to the server */
struct call *call_new(struct app *app, struct line *line, uint32_t server);
void object_bind(struct app *app, struct object *object, uint32_t server);
struct line *line_of_server(struct app *app, uint32_t server);
struct call *call_of_server(struct app *app, uint32_t server);
/* End the handle; queued messages stay */
void line_free(struct line *line);		/* and its calls */
void call_free(struct call *call);
struct gather *gather_new(struct call *call, void *buffer, uint32_t count, bool wide);
void gather_free(struct gather *gather);

/* ---- queue.c: messages for the program ---- */

struct message *message_new(struct app *app, DWORD device, DWORD id, struct line *line,
			    struct call *call);
void message_add(struct app *app, struct message *message);
/* Hands the first one over: false when there is none. Sets what tapi_message_info() tells */
bool message_take(struct app *app, LINEMESSAGE *to);
void messages_forget_line(struct app *app, HLINE line);
void messages_forget_call(struct app *app, HCALL call);
void messages_clear(struct app *app);
void queue_update(struct app *app);		/* after the first message has changed */

struct request *request_new(struct line *line);
/* Ends the function that made it, with a negative error or the id */
LONG request_return(struct request *request, LONG result);
/* Its LINE_REPLY. @error: why it failed, or NULL */
void request_reply(struct request *request, LONG result, const Tapi__Rpc__Error *error,
		   uint32_t flags, uint32_t sequence);
/* The same, made up: the server does not know of it */
void request_lost(struct request *request);
void request_suppress(struct request *request);
struct request *request_of_server(struct app *app, uint32_t server);
/* An exchange whose answer accepts a request */
LONG request_accepted(const ProtobufCMessage *out, void *request);
/* Everything the server was still working on */
void requests_lost(struct app *app);

/* ---- dispatch.c: events from the server, callbacks for the program ---- */

extern const Tapi__Rpc__AppEvents_Service app_events;
/* A call the server told of; remembers the rest if it is new */
struct call *call_learn(struct line *line, uint32_t server);
int thread_start(struct app *app);
/* One message by callback; called and returns with the lock held */
bool message_call(struct app *app);

/* ---- resync.c ---- */

void app_lost(struct app *app);		/* the link has ended */
void app_timer(struct app *app);
bool app_ready(struct app *app);		/* waits; false when the server stays away */
void app_resynchronise(struct app *app);	/* compares with what the server knows */
static inline bool app_linked(const struct app *app)
{
	return app->link && app->state == LINKED;
}

/* ---- text.c: text and bytes of the program ---- */

/* UTF-8 of a text that ends with NUL; NULL stays NULL. Free with free() */
LONG text_in(const void *text, bool wide, char **out);
/* The same of @size bytes, which may or may not have a NUL */
LONG text_in_sized(const void *text, size_t size, bool wide, char **out);
LONG bytes_in(const void *bytes, uint32_t size, LONG too_big, protobuf_c_boolean *has,
	      ProtobufCBinaryData *out);
/* LINECALLPARAMS; NULL stays NULL */
LONG params_in(const void *params, uint32_t version, bool wide, Tapi__Rpc__CallParams **out);
void params_free(Tapi__Rpc__CallParams *params);

/**
 * struct output - a structure of the program that will be filled
 * @at: offset of the message in the answer
 */
struct output {
	const struct sv_table *table;
	uint32_t version;
	bool wide;
	void *buffer;
	uint32_t total;
	size_t at;
};

/* Is there a structure, and is it large enough? */
LONG output_check(struct output *output);
/* take() of struct exchange: data is a struct output */
LONG output_take(const ProtobufCMessage *out, void *data);
LONG output_pack(const struct output *output, const ProtobufCMessage *message);
bool version_known(uint32_t version);

/* ---- names.c: reasons ---- */

/* Notes the reason for tapi_last_error_detail(); returns @code */
LONG fail(LONG code, unsigned int origin, int error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
LONG fail_detail(const struct tapi_error_detail *detail);
/* A mistake of the program, with the usual text */
LONG refuse(LONG code);
void detail_of_error(struct tapi_error_detail *detail, LONG code, const Tapi__Rpc__Error *error);
void note_message(const struct message *message, uint32_t queued);

#endif /* LIBTAPI_INTERNAL_H */
