/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The telephony service provider of kernel telephony cards.
 *
 *   module.c    what a host loads: descriptor, start and end, versions
 *   loop.c      the event thread: descriptors, timers
 *   handle.c    handles, so that a stale one is an error and no pointer
 *   report.c    what is told to the host: by the event thread, in order, no lock held
 *   lines.c     which lines there are; hotplug.c which come and go
 *   caps.c      what a line can do; status.c what it is doing; pack.c the size protocol
 *   open.c      lines opened and closed; events.c what the kernel says about them
 *   states.c    states of a call, as a table; call.c the object; control.c what a program does
 *   incoming.c  ringing, telephones; outgoing.c dialling
 *   sound.c     the provider's own ear; tones.c and callerid.c what it listens for
 *   channel.c   the MSPs of a line; wire.c the messages
 *   digits.c    digits during a call
 *
 * One lock covers everything.  Functions of the host's threads take it, change state, and queue
 * reports; the event thread lets go of it around each call of the host's procedures.
 */
#ifndef TSP_CARD_H
#define TSP_CARD_H

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/tapi_line.h>
#include <tapi/tspi.h>

#include "dial.h"

#define CARD_VERSION_LOW	0x00020000
#define CARD_VERSION_HIGH	0x00030001
/* From here on a line has an MSP */
#define CARD_VERSION_MSP	0x00030000
/* No id: of a line the host does not know yet */
#define CARD_NO_ID		0xffffffff
/* A line has one address */
#define CARD_ADDRESS		0
#define CARD_NODE_MAX		32
/* MDMF fields hold up to 255 bytes, no exchange sends more than some 50 */
#define CARD_ID_MAX		64

struct card_line;
struct card_call;
struct card_msp;
struct card_sound;
struct report;

/* handle.c: {generation, index}, never 0 */
enum handle_kind {
	HANDLE_FREE,
	HANDLE_LINE,
	HANDLE_CALL,
	HANDLE_MSP,
	HANDLE_CAPTURE,
	HANDLE_PLAYBACK,
};

uintptr_t handle_new(enum handle_kind kind, void *object);
void *handle_get(uintptr_t handle, enum handle_kind kind);
enum handle_kind handle_kind_of(uintptr_t handle);
void handle_free(uintptr_t handle);
void handle_end(void);

/* loop.c */
/* Descriptors of the provider itself; those of lines and sound are named by their handle */
enum loop_id {
	LOOP_WAKE = 1,
	LOOP_TIMER,
	LOOP_HOTPLUG,
	LOOP_IDS,
};

/**
 * struct card_timer - something to do at a time
 * @due_ns: CLOCK_MONOTONIC, 0 when it is not armed
 * @expired: called in the event thread, with the lock
 */
struct card_timer {
	struct card_timer *next;
	uint64_t due_ns;
	void (*expired)(void *data);
	void *data;
};

int loop_start(void);
void loop_stop(void);
bool loop_is_me(void);
void loop_wake(void);
int loop_add(int fd, uintptr_t handle, uint32_t events);
void loop_remove(int fd);
void timer_start(struct card_timer *timer, unsigned int ms, void (*expired)(void *data),
		 void *data);
void timer_stop(struct card_timer *timer);

/* report.c */
struct report *report_request(DRV_REQUESTID id);
void report_complete(struct report *request, LONG result);
void report_line(struct card_line *line, DWORD msg, DWORD_PTR p1, DWORD_PTR p2, DWORD_PTR p3);
void report_call(struct card_call *call, DWORD msg, DWORD_PTR p1, DWORD_PTR p2, DWORD_PTR p3);
void report_new_call(struct card_call *call);
void report_device(DWORD msg, DWORD_PTR p1, DWORD_PTR p2);
void report_msp(struct card_msp *msp, struct card_call *call, const void *data, size_t size);
void report_deliver(void);
void report_flush(void);
void report_end(void);

/**
 * struct card_provider - the whole provider
 * @lock: covers everything here, and everything that hangs on it.  A leaf: nothing of the host is
 *	called with it
 * @lines: by the order of discovery; an entry stays until the provider ends
 */
struct card_provider {
	pthread_mutex_t lock;
	const struct tapi_tsp_host *host;
	bool initialised;
	HPROVIDER provider;
	LINEEVENT create_proc;
	ASYNC_COMPLETION completion;
	struct card_line **lines;
	unsigned int line_count;
	DWORD next_call_id;
	/* settings */
	bool far_end;
	bool echo_private;
	bool busy_hangup;
	unsigned int dial_tone_ms;
	unsigned int assume_answer_ms;
};

extern struct card_provider card;

void card_lock(void);
void card_unlock(void);
__attribute__((format(printf, 2, 3))) void card_log(int prio, const char *format, ...);
const char *card_setting(const char *key);
void card_trace_event(const struct tapi_line_event *event);
void card_trace_request(unsigned long request, long value);
LONG card_error(int err);

/**
 * struct card_line - a line of a card
 * @node: name below /dev/tapi and in sysfs
 * @pcm: name for alsa-lib, empty without sound
 * @device_id: CARD_NO_ID until the host has given one
 * @gone: the card went; nothing comes back under this entry
 * @handle: of the open line, 0 when it is closed
 * @state: as the events tell it
 * @idle_polarity: before the present call
 * @call: the call that has the line, or NULL
 * @calls: all that the host still knows
 * @op_cookie: of the request of the line under way, 0 for none
 * @op_done: what to do when it has ended
 * @rings: bursts of the present ringing
 * @ring_ignored: its call was refused or dropped: not again
 * @drop_ms: how long the battery must be away to mean a hang-up
 */
struct card_line {
	char node[CARD_NODE_MAX];
	struct tapi_line_caps caps;
	char pcm[64];
	DWORD device_id;
	bool gone;

	HDRVLINE handle;
	HTAPILINE ht;
	LINEEVENT event;
	DWORD version;
	int fd;
	DWORD media_modes;
	DWORD line_states;
	DWORD address_states;
	struct tapi_line_state state;
	unsigned int idle_polarity;

	struct card_call *call;
	struct card_call *calls;
	struct card_msp *msps;

	uint32_t op_cookie;
	void (*op_done)(struct card_call *call, int status, unsigned int done);

	unsigned int rings;
	bool ring_ignored;
	struct card_timer ring_timer;
	unsigned int drop_ms;
	struct card_timer drop_timer;
	struct card_sound *sound;
};

/* lines.c */
struct card_line *line_by_id(DWORD device_id);
struct card_line *line_by_node(const char *node);
struct card_line *line_by_handle(HDRVLINE handle, LONG *error);
int lines_scan(void);
struct card_line *line_probe(const char *node);
const char *line_address(const struct card_line *line);
void lines_end(void);

/* hotplug.c */
int hotplug_start(void);
int hotplug_watch(void);
void hotplug_ready(void);
void hotplug_stop(void);
/* The card of @line has gone */
void hotplug_gone(struct card_line *line);

/* open.c */
void line_shut(struct card_line *line);
int line_request(struct card_line *line, unsigned long request, const void *argument);
int line_hook(struct card_line *line, uint32_t op, void (*done)(struct card_call *call,
								 int status, unsigned int n));
int line_dial(struct card_line *line, uint32_t mode, const char *digits,
	      const LINEDIALPARAMS *params,
	      void (*done)(struct card_call *call, int status, unsigned int n));
void line_abort(struct card_line *line);

/* events.c */
void events_ready(struct card_line *line);
/* Forgets what was queued before the line was claimed */
void events_begin(struct card_line *line);

/* states.c */
enum call_event {
	CALL_ACCEPTED,
	CALL_ANSWERED,
	CALL_DIAL_TONE,
	CALL_DIALLING,
	CALL_DIALLED,
	CALL_RINGBACK,
	CALL_BUSY_TONE,
	CALL_CONGESTION,
	CALL_SPECIAL_INFO,
	CALL_NO_DIAL_TONE,
	CALL_NO_ANSWER,
	CALL_HANGUP,
	CALL_ABANDONED,
	CALL_GONE,
	CALL_DROPPED,
	CALL_EVENTS,
};

/**
 * struct call_state - a state as TAPI tells it
 * @state: LINECALLSTATE_
 * @mode: its detail
 */
struct call_state {
	DWORD state;
	DWORD mode;
};

/* Pure: the next state, false when the event means nothing in this one */
bool call_next(struct call_state now, enum call_event event, struct call_state *next);

/* call.c, further below */

/* digits.c: who waits for what */
struct call_generate {
	bool active;
	bool by_msp;
	DWORD end_to_end;
	DWORD mode;
	uint32_t id;
	char *rest;
	char *next;
	struct card_timer timer;
};

struct call_gather {
	bool active;
	DWORD end_to_end;
	DWORD modes;
	WCHAR *buffer;
	DWORD room;
	DWORD count;
	char *stop;
	unsigned int inter_ms;
	struct card_timer timer;
};

/**
 * struct card_call - a call
 * @handle: the host's name of it
 * @ht: the host's own handle, 0 before it has one
 * @closing: the host knows it no longer: only MSPs are told what becomes of it
 * @line: its line; the call has it while line->call is this one
 * @request: an answer or a call under way
 * @answered_ns: since when it is connected, CLOCK_MONOTONIC
 * @dial: where dialling is in @called
 * @dial_more: the rest of the string comes by lineDial()
 * @wait_tone: dialling goes on at the dial tone
 * @stream: number of the last START
 * @offered: START was said, STOP was not
 */
struct card_call {
	struct card_call *next;
	HDRVCALL handle;
	HTAPICALL ht;
	bool closing;
	struct card_line *line;
	DWORD id;
	struct call_state state;
	SYSTEMTIME entered;
	DWORD origin;
	DWORD media_mode;
	DWORD bearer_mode;
	DWORD app_specific;
	LINEDIALPARAMS dial_params;
	struct report *request;
	uint64_t answered_ns;

	WCHAR *called;
	struct dial_cursor dial;
	uint32_t dial_mode;
	bool dial_more;
	bool dialling;
	bool wait_tone;
	unsigned int no_answer_ms;
	struct card_timer timer;
	struct card_timer no_answer;

	DWORD caller_flags;
	char caller_number[CARD_ID_MAX];
	char caller_name[CARD_ID_MAX];

	uint32_t stream;
	bool offered;
	DWORD monitor_modes;
	struct call_generate generate;
	struct call_gather gather;
};

struct card_call *call_new(struct card_line *line, DWORD origin);
/* A state from which the table leads on */
void call_set(struct card_call *call, DWORD state, DWORD mode);
struct card_call *call_by_handle(HDRVCALL handle, LONG *error);
/* The event takes the call to its next state and says so; false: it means nothing now */
bool call_happens(struct card_call *call, enum call_event event);
/* The host knows it no longer, or never did */
void call_forget(struct card_call *call);
/* Ends what runs and was asked for: nothing waits any more */
void call_cancel(struct card_call *call);
DWORD call_features(const struct card_call *call);

/* control.c */
/* Leaves the line as it was before the call; 0 or a negative errno */
int control_hang_up(struct card_call *call);

/* incoming.c */
void incoming_ring(struct card_line *line, bool on);
void incoming_answered(struct card_line *line);
void incoming_phone(struct card_line *line, bool off);
void incoming_flush(struct card_line *line);

/* What may be asked for when dialling, ms; the kernel takes digits from 20 ms on */
#define DIAL_PAUSE_MIN		100
#define DIAL_PAUSE_MAX		10000
#define DIAL_PAUSE_DEFAULT	2000
#define DIAL_DIGIT_MIN		40
#define DIAL_DIGIT_MAX		2000
#define DIAL_DIGIT_DEFAULT	100
#define DIAL_TONE_MAX		60000
/* Longest wait for an answer that may be asked for, s */
#define NO_ANSWER_MAX		3600

/* outgoing.c */
void outgoing_params(struct card_call *call, const LINECALLPARAMS *params);
void outgoing_answered(struct card_call *call);
/* A call-progress tone; CALL_EVENTS: it has ended */
void outgoing_tone(struct card_call *call, enum call_event tone);
bool outgoing_listens(const struct card_call *call);
void outgoing_cancel(struct card_call *call);
unsigned int outgoing_can(const struct card_line *line);

/* channel.c */
/**
 * struct card_msp - an MSP in some program
 * @version: of the messages, 0 until it has answered
 * @playing: the call whose sound it has in hand, or 0
 */
struct card_msp {
	struct card_msp *next;
	HDRVMSPLINE handle;
	HTAPIMSPLINE ht;
	struct card_line *line;
	uint32_t version;
	HDRVCALL playing;
};

void channel_announce(struct card_call *call);
void channel_start(struct card_call *call);
void channel_stop(struct card_call *call, unsigned int cause);
/* Bytes of a program's own to every MSP of the line; how many there are */
unsigned int channel_private(struct card_line *line, struct card_call *call, const void *data,
			     size_t size);
/* Longest bytes for channel_private() */
#define CHANNEL_PRIVATE_MAX	7676
int channel_play_digits(struct card_call *call, uint32_t id, const char *digits,
			const LINEDIALPARAMS *params);
void channel_end(struct card_line *line);

/* digits.c */
/* Limits of the time-outs of gathering, ms */
#define GATHER_MIN		250
#define GATHER_MAX		60000
DWORD digits_can_hear(const struct card_line *line);
DWORD digits_can_send(const struct card_line *line);
void digits_heard(struct card_line *line, char digit, DWORD mode, uint64_t ts_ns);
void digits_played(struct card_call *call, uint32_t id, int error);
void digits_cancel(struct card_call *call);

/* status.c */
void status_now(SYSTEMTIME *time);

/* module.c */
uint64_t card_now_ns(void);

/* pack.c */
/**
 * struct pack - a structure with variable parts on its way to the caller
 * @local: the whole fixed part, filled in by the callee
 * @fixed: how much of it the negotiated version has
 */
struct pack {
	unsigned char *out;
	unsigned char *local;
	DWORD fixed;
	DWORD total;
	DWORD used;
	DWORD needed;
};

LONG pack_begin(struct pack *pack, void *out, void *local, size_t fixed);
/* @where: offset of the size member; the offset member follows it */
void pack_bytes(struct pack *pack, size_t where, const void *data, size_t size);
void pack_text(struct pack *pack, size_t where, const char *text);
void pack_end(struct pack *pack);

#endif /* TSP_CARD_H */
