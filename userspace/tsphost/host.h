/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host of one service provider: tapisrv at one end, the provider at the other.
 *
 *   main.c       options, sockets, signals
 *   host.c       the loop thread: the link to tapisrv, requests in
 *   send.c       the loop thread: answers and events out
 *   worker.c     threads that call the provider
 *   watch.c      functions of the provider while they run
 *   notes.c      what goes to tapisrv, in one order
 *   report.c     the thread that asks the provider about what needs more
 *   events.c     what the provider calls: events
 *   request.c    asynchronous requests and their completion
 *   handles.c    lines and calls
 *   loader.c     the module; setup.c: its life
 *   trampoline_line.c, trampoline_call.c: one function for each entry point
 *   query.c      structures the provider fills; text.c: UTF-16
 *   relay.c      lines in the kernel's relay; relay_instance.c: media providers there
 *
 * Threads: the loop thread owns the link and never calls the provider. Requests for one line are
 * run by one worker, in order. The report thread calls the provider to look at new calls. The
 * provider's own threads come in through events.c and request.c, which queue and return.
 *
 * Order of locks: requests, then handles or notes; the relay's, then handles; watch and log last.
 * The provider is never called with one held, but for the lock that serialises it.
 */
#ifndef TSPHOST_HOST_H
#define TSPHOST_HOST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>
#include <tapi/tspi.h>

#include "arena.h"
#include "link.h"
#include "structs.h"
#include "vtable.h"

#define WORKERS		4u
/* Calls a provider may offer at a time when tapisrv does not say */
#define CALLS_MAX	1024u
/* How long a function of the provider may run before tapisrv is told */
#define BUSY_USEC	(5 * UINT64_C(1000000))
/* How long the provider may take to shut down */
#define SHUTDOWN_USEC	(10 * UINT64_C(1000000))

/* ---- main.c ---- */

/* From the command line */
struct tsph_options {
	const char *name;
	const char *module;
	const char *trace;
	int fd;			/* -1: socket activation */
	bool any_owner;
};

extern struct tsph_options options;

/* ---- log.c ---- */

void tsph_log_open(const char *name);
/* A line of the host's, @priority as for syslog(3) */
void tsph_log(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A line of the provider's */
void tsph_log_provider(int priority, const char *text);

/* ---- loader.c ---- */

/**
 * loader_open - load the provider into tsp
 * @path: absolute path of the module
 * @why: out: text for people when it fails, to be freed
 *
 * Returns 0 or a negative LINEERR_.
 */
LONG loader_open(const char *path, char **why);

/* ---- worker.c ---- */

/**
 * struct job - something a worker does
 * @token: names the job; what must not overtake its answer is held back by it
 * @run: does it
 * @method: of tapi.proto; NULL for a job of the host's own, which is not answered
 * @in: what came, in @arena
 * @out: the answer, in @arena; begins as Result does
 * @answer: sends it
 * @reply: that the answer is there
 * @fd: that came with it, or -1; the job's
 * @data: of a job of the host's own, in @arena
 */
struct job {
	struct job *next;
	uint64_t token;
	LONG (*run)(struct job *job);
	const ProtobufCMethodDescriptor *method;
	const ProtobufCMessage *in;
	ProtobufCMessage *out;
	ProtobufCClosure answer;
	void *answer_data;
	struct note *reply;
	int fd;
	void *data;
	struct arena arena;
};

/* A job of the host's own, or NULL without memory */
struct job *job_new(LONG (*run)(struct job *job));
void job_free(struct job *job);
/* Zeroed memory that lives as long as the job, NULL when there is none */
void *job_alloc(struct job *job, size_t size);
/* Why the job failed, for the answer; the first text stays */
void job_why(struct job *job, uint32_t origin, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

int workers_start(void);
/* Jobs with the same key run in order */
void workers_add(struct job *job, uint32_t key);
/* Waits for those that run; those that wait are answered without being run */
void workers_stop(void);

/* ---- watch.c ---- */

/* Descriptor that is readable when something has not returned for BUSY_USEC; negative errno */
int watch_start(void);
/* From now on one function of the provider at a time */
void watch_serialise(void);
bool watch_serialised(void);
/* Arguments of the calls this thread makes next, for the trace */
void watch_message(const ProtobufCMessage *message);
void watch_text(const char *lifeline, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void watch_enter(const char *name);
void watch_leave(void);
/* The descriptor is readable: @late is called once for each function that does not return */
void watch_expired(void (*late)(const char *name));

/* ---- notes.c ---- */

enum note_kind {
	NOTE_ANSWER,		/* job */
	NOTE_COMPLETE,		/* request, result, call that was made, data */
	NOTE_LINE,		/* line, call, message, p */
	NOTE_NEWCALL,		/* line, call; report.c: p address, media mode, origin; call_id */
	NOTE_CREATE,		/* p */
	NOTE_REMOVE,		/* p */
	NOTE_GATHERED,		/* call, message end-to-end id, p reason, tick; data text */
	NOTE_LOG,		/* message priority; data text */
	NOTE_MSP,		/* line, call, message instance, data; report.c: call_id */
	NOTE_RELAY_NEW,		/* relay */
	NOTE_RELAY_END,		/* relay */
	NOTE_STOPPED,
};

/**
 * struct note - something for tapisrv, or for the loop thread
 * @hold: not before the job with this token is answered; 0 for none
 * @ask: the report thread has to look at it first
 * @data: malloc()ed; texts end with a NUL that @size leaves out
 */
struct note {
	struct note *next;
	enum note_kind kind;
	uint64_t hold;
	bool ask;
	struct job *job;
	struct relay *relay;
	uint32_t line, call, message, request, call_id;
	int32_t result;
	uint64_t p[3];
	void *data;
	size_t size;
};

/* Descriptor that is readable when notes_take() has something; negative errno */
int notes_start(void);
struct note *note_new(enum note_kind kind);
void note_free(struct note *note);

/* A job begins: notes may wait for its answer */
void notes_begin(uint64_t token);
/* At the end of the queue; behind the answer to the job @hold if that runs */
void notes_push(struct note *note, uint64_t hold);
/* The answer to a job, before what waits for it */
void notes_answer(uint64_t token, struct note *note);
/* Completions that wait for the answer to this job are not wanted */
void notes_forget(uint64_t token);
/* Waits for one to ask about; it keeps its place */
struct note *notes_wait(void);
/* That has been done; unless it is to be sent it is freed */
void notes_asked(struct note *note, bool send);
/* All that may be sent now, chained by @next */
struct note *notes_take(void);
/* Bytes and notes in the queue, roughly */
size_t notes_queued(void);

/* ---- report.c ---- */

int report_start(void);
/* Has the provider to be asked about this? @opening: its line is just being opened */
bool report_needed(const struct note *note, bool opening);

/* ---- send.c ---- */

int outbox_start(sd_event *event);
/* Bytes that wait for tapisrv to read */
size_t outbox_unsent(void);
/* The loop thread has sent, or could not */
void outbox_measure(void);

/* ---- host.c ---- */

enum host_state { HOST_NEW, HOST_LOADED, HOST_RUNNING, HOST_ENDING };

extern atomic_int host_state;

int host_start(sd_event *event);
/* The link to tapisrv; its descriptor becomes the host's */
int host_link(int fd);
/* Orderly end; may be called again */
void host_end(void);
/* The provider is shut down */
void host_ended(LONG result);
/* Something may have been sent: flushes it, ends when nothing is left to do */
void host_sent(void);
/* Has there been a connection */
bool host_connected(void);
/* NULL once the connection has ended */
struct link *host_peer(void);
sd_event *host_event(void);

/* ---- setup.c ---- */

LONG setup_setup(struct job *job);
LONG setup_start(struct job *job);
LONG setup_create_line(struct job *job);
/* TSPI_providerShutdown, in a thread of its own; NOTE_STOPPED follows */
int setup_shutdown(void);
/* Version negotiated for the whole provider */
uint32_t setup_version(void);

/* ---- handles.c ---- */

struct line_ref {
	uint32_t number;
	HDRVLINE driver;
	uint32_t version;
	uint32_t device;
};

struct call_ref {
	uint32_t number;
	HDRVCALL driver;
	uint32_t line;
	uint32_t version;
	uint32_t call_id;	/* 0: not known yet */
};

/* How many calls the provider may offer at a time */
void handles_limit(uint32_t calls);

/* A line that is being opened by the job @token; 0 or LINEERR_ */
LONG handles_add_line(uint32_t number, uint32_t device, uint32_t version, uint64_t token);
void handles_line_opened(uint32_t number, HDRVLINE driver);
/* With all its calls */
void handles_remove_line(uint32_t number);
/* An open line; 0 or LINEERR_INVALLINEHANDLE */
LONG handles_line(uint32_t number, struct line_ref *line);
/* Is there such a line, open or not; @token: of the job that opens it, or did, or 0 */
bool handles_line_known(uint32_t number, uint64_t *token);

/* A call of tapisrv's that is not there yet; 0 or LINEERR_ */
LONG handles_add_call(uint32_t number, uint32_t line);
void handles_call_driver(uint32_t number, HDRVCALL driver);
/* Is there such a call, which is no longer tentative */
bool handles_call_known(uint32_t number);
/* The request that makes it was completed with success */
void handles_call_made(uint32_t number);
/* A call of the provider's; returns its number, 0 when there is no room */
uint32_t handles_offer(uint32_t line, HDRVCALL driver);
void handles_remove_call(uint32_t number);
/* A call that is there; 0 or LINEERR_INVALCALLHANDLE */
LONG handles_call(uint32_t number, struct call_ref *call);
/* The call on a line with this dwCallID */
LONG handles_call_by_id(uint32_t line, uint32_t call_id, struct call_ref *call);
void handles_call_id(uint32_t number, uint32_t call_id);

/* As handles_call(); the provider keeps the call until handles_unuse() */
LONG handles_use(uint32_t number, struct call_ref *call);
void handles_unuse(uint32_t number);
/* From now on handles_use() refuses; returns when nobody uses it. 0: all */
void handles_retire_call(uint32_t number);
void handles_retire_line(uint32_t number);

/* A buffer for @count characters; NULL without memory */
WCHAR *handles_gather(uint32_t call, uint32_t id, uint32_t count);
/* What the buffer holds, as malloc()ed UTF-8; the buffer is gone. NULL: no such buffer */
char *handles_gathered(uint32_t call, uint32_t id);
/* The buffer was never used */
void handles_gather_failed(uint32_t call, uint32_t id);

/* ---- request.c ---- */

/**
 * request_begin - before a function that gets a request id
 * @id: the request
 * @line: it belongs to, 0 for none
 * @call: it belongs to, 0 for none
 * @made: call that it makes, 0 for none
 * @data: bytes the provider may write until the completion, or NULL; malloc()ed, the request's
 *
 * Returns 0, or a negative LINEERR_ for an id that is none or is in use.
 */
LONG request_begin(struct job *job, uint32_t id, uint32_t line, uint32_t call, uint32_t made,
		   void *data, size_t size);
/* After it: 0 when it was accepted, or a negative LINEERR_ */
LONG request_returned(struct job *job, uint32_t id, LONG result);
/* Closed without having completed these: does it for the provider */
void request_close_call(uint32_t call);
void request_close_line(uint32_t line);
/* What providers call */
void CALLBACK request_completion(DRV_REQUESTID id, LONG result);

/* ---- events.c ---- */

void CALLBACK events_line(HTAPILINE line, HTAPICALL call, DWORD message, DWORD_PTR p1,
			  DWORD_PTR p2, DWORD_PTR p3);
void CALLBACK events_create_line(HTAPILINE line, HTAPICALL call, DWORD message, DWORD_PTR p1,
				 DWORD_PTR p2, DWORD_PTR p3);
void CALLBACK events_create_phone(HTAPIPHONE phone, DWORD message, DWORD_PTR p1, DWORD_PTR p2,
				  DWORD_PTR p3);
/* HPROVIDER */
#define EVENTS_PROVIDER	((HPROVIDER)1)

/* ---- trampolines ---- */

struct trampoline {
	const char *name;	/* of the method */
	LONG (*run)(struct job *job);
};

extern const struct trampoline trampolines_line[];
extern const size_t trampolines_line_count;
extern const struct trampoline trampolines_call[];
extern const size_t trampolines_call_count;

/* ---- query.c ---- */

/* What a function that fills a structure is asked */
struct query {
	uint32_t device, address, version, ext_version, select;
	HDRVLINE line;
	HDRVCALL call;
	LPCWSTR device_class;
};

typedef LONG query_fn(const struct query *query, void *buffer);

/**
 * query_struct - ask the provider to fill a structure
 * @fn: calls it
 * @allocator: for the message
 * @message: out: the structure as a message
 *
 * Returns 0 or a negative LINEERR_.
 */
LONG query_struct(query_fn *fn, const struct query *query, const struct sv_table *table,
		  ProtobufCAllocator *allocator, ProtobufCMessage **message);
LONG query_varstring(query_fn *fn, const struct query *query, ProtobufCAllocator *allocator,
		     uint32_t *format, ProtobufCBinaryData *data);
/* TSPI_lineGetCallInfo */
query_fn query_call_info;
query_fn query_dev_caps;

/* ---- text.c ---- */

/* UTF-8 as UTF-16 with a NUL, in the job's memory; NULL for NULL. False: no memory */
bool text_wide(struct job *job, const char *text, LPCWSTR *wide);
/* Bytes before the NUL */
uint32_t text_bytes(LPCWSTR wide);
/* Text of the provider's that may be no UTF-8: then what is not ASCII becomes '?' */
void text_clean(char *text);
/* UTF-16 as malloc()ed UTF-8; ill-formed text is repaired. NULL without memory */
char *text_utf8(const WCHAR *wide, size_t bytes);

/* ---- relay.c, relay_instance.c ---- */

/* A line was opened: bind it when the provider has a descriptor for it */
void relay_line_opened(const struct line_ref *line);
/* A line is about to be closed */
void relay_line_closing(uint32_t line);
bool relay_line_bound(uint32_t line);
void relay_call_ended(const struct call_ref *call);
LONG relay_grant(struct job *job);
LONG relay_bind(struct job *job);
/* Loop thread */
void relay_send(const struct note *note);
void relay_watch(struct relay *relay);
void relay_unwatch(struct relay *relay);

#endif /* TSPHOST_HOST_H */
