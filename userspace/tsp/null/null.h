/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The scripted test provider: lines without hardware, driven through a socket.
 *
 *   module.c    descriptor, settings, life of the provider
 *   lines.c     lines: open, close, filters
 *   calls.c     calls: their states and what is reported about them
 *   request.c   the asynchronous functions
 *   digits.c    digits and media: monitor, gather, generate
 *   caps.c      capabilities and states as TAPI structures
 *   callinfo.c  LINECALLINFO and LINECALLSTATUS
 *   msp.c       the opaque channel to media providers
 *   worker.c    the thread that completes requests and reports events
 *   fault.c     misbehaviour on demand
 *   journal.c   which functions were called
 *   control.c   the socket;  verbs.c  its commands;  command.c  how they are written
 *   table.c     handles;  layout.c  the size protocol;  text.c  texts and names of numbers
 *
 * Who changes what: calls change only in jobs, which run one after the other, so the order of
 * events is the order of jobs.  Jobs are run by the worker, or, when a fault says so, by the
 * caller.  Everything shared is read and written under provider.lock; no procedure of the host is
 * called with it held.  Order of locks: the worker's delivery lock, provider.lock, all others.
 */
#ifndef TSP_NULL_H
#define TSP_NULL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <tapi/tspi.h>

/* Versions spoken; that with media providers only when one is configured */
#define NULL_VERSION_MIN	0x00010003
#define NULL_VERSION_MAX	0x00020002
#define NULL_VERSION_MSP	0x00030000
/* The vendor extension: LINE_DEVSPECIFIC with numbers from the script */
#define NULL_EXT_VERSION	0x00010000
/* Enough for a benchmark, and room in the numbering of addresses */
#define NULL_LINES_MAX		1024
#define NULL_ADDRESSES_MAX	32
/* More calls than a telephone could have, so that tests reach the limit soon */
#define NULL_CALLS_MAX		64
/* What lines can do */
#define NULL_MEDIA_MODES	(LINEMEDIAMODE_UNKNOWN | LINEMEDIAMODE_INTERACTIVEVOICE | \
				 LINEMEDIAMODE_AUTOMATEDVOICE | LINEMEDIAMODE_DATAMODEM | \
				 LINEMEDIAMODE_G3FAX)
#define NULL_DIGIT_MODES	(LINEDIGITMODE_DTMF | LINEDIGITMODE_DTMFEND)
/* Gathering waits as long as this, in ms */
#define NULL_GATHER_MIN		1
#define NULL_GATHER_MAX		600000
/* Device id of a line that was announced and not accepted yet */
#define NULL_NO_DEVICE		0xFFFFFFFFu

/* table.c */

struct table_slot {
	void *object;		/* NULL: free */
	uint16_t generation;
	uint16_t next_free;	/* 1 + index; 0 ends the list */
};

/**
 * struct table - objects behind handles that tell when they are stale
 * @kind: 1 to 3, part of each handle, so that a line is no call
 */
struct table {
	uintptr_t kind;
	struct table_slot *slots;
	size_t size;
	uint16_t free;
};

/**
 * table_add() - give an object a handle
 *
 * Return: the handle, 0 when there is no memory.
 */
uintptr_t table_add(struct table *table, void *object);
/* Object of a handle, NULL when it is none or no longer one */
void *table_get(const struct table *table, uintptr_t handle);
/* The handle is stale from now on */
void table_remove(struct table *table, uintptr_t handle);
void table_free(struct table *table);

/* layout.c */

/**
 * struct part - variable part of a structure
 * @at: offset of its ...Size member, behind which ...Offset follows
 * @data: borrowed
 * @size: 0 for a part that is not there
 */
struct part {
	size_t at;
	const void *data;
	size_t size;
};

/* Members the caller owns, and which stay as they came */
struct keep {
	size_t at;
	size_t size;
};

/**
 * struct layout - a structure to be handed out
 * @values: all members, dwTotalSize excepted; written to
 * @fixed: size of the fixed part in the version of the caller
 * @parts: in the order in which they are laid out
 */
struct layout {
	void *values;
	size_t fixed;
	const struct part *parts;
	size_t part_count;
	const struct keep *keep;
	size_t keep_count;
};

/**
 * layout_write() - fill the structure of a caller by the size protocol
 * @to: starts with its dwTotalSize
 *
 * Return: 0 or LINEERR_STRUCTURETOOSMALL, with dwNeededSize if there is room for that.
 */
LONG layout_write(void *to, const struct layout *layout);

/* Versions in which structures grew, index of a table of sizes */
enum { SIZE_1_3, SIZE_1_4, SIZE_2_0, SIZE_2_2, SIZE_3_0, SIZE_VERSIONS };
size_t layout_fixed(const uint16_t sizes[SIZE_VERSIONS], DWORD version);

/* text.c */

/* UTF-16 of UTF-8, to be freed; NULL when it is ill-formed or there is no memory */
WCHAR *text_wide(const char *text);
/* UTF-8 of UTF-16, to be freed; NULL for NULL or when there is no memory */
char *text_narrow(const WCHAR *text);
WCHAR *text_copy(const WCHAR *text);
/* Both behind each other; NULL when there is no memory */
WCHAR *text_join(const WCHAR *text, const WCHAR *more);
size_t text_length(const WCHAR *text);
/* Bytes with the NUL, 0 for NULL */
size_t text_bytes(const WCHAR *text);
/* Compares with ASCII, whatever the case */
bool text_is(const WCHAR *text, const char *ascii);

enum names {
	NAMES_STATE,
	NAMES_DISCONNECT,
	NAMES_BUSY,
	NAMES_DIALTONE,
	NAMES_OFFERING,
	NAMES_CONNECTED,
	NAMES_SPECIALINFO,
	NAMES_LINESTATE,
	NAMES_MEDIA,
	NAMES_ERROR,
};

/**
 * names_value() - number of a name
 * @text: with or without prefix, in any case; or a number
 *
 * Return: whether there is such a name.
 */
bool names_value(enum names family, const char *text, DWORD *value);
/* "CONNECTED"; "?" when it has no name */
const char *names_name(enum names family, DWORD value);
/* Names of the details of this call state; NAMES_STATE when it has none */
enum names names_mode(DWORD state);

/* worker.c */

struct job;
struct call;
struct line;

/**
 * typedef effect_fn - what a job does
 * @call: the call it is about, NULL when it is not about one
 *
 * Runs with provider.lock held.  Events are added to the job with the report functions.
 *
 * Return: result of the request.
 */
typedef LONG effect_fn(struct job *job, struct call *call);

/**
 * struct report - one event on its way to the host
 * @line: 0: for the procedure given to TSPI_providerEnumDevices()
 * @call: 0: about the line
 * @data: bytes of LINE_SENDMSPDATA, owned
 */
struct report {
	struct report *next;
	HDRVLINE line;
	HDRVCALL call;
	DWORD msg;
	DWORD_PTR p1, p2, p3;
	void *data;
};

/**
 * struct job - something to be done in turn
 * @due: in turn, if 0; else not before this time, in ms of CLOCK_MONOTONIC
 * @request: to be completed, 0 for none
 * @completions: how often; 1 but for a fault
 * @forced: result without doing anything, if it is not 0
 * @makes_call: the call exists only when the job succeeds
 * @waited: somebody waits for the job and frees it
 * @ran: it has run
 * @text, @value, @data, @size: for the effect; @text is owned, @data borrowed
 * @first, @last: reports of the effect, owned
 */
struct job {
	struct job *next;
	uint64_t due;
	DRV_REQUESTID request;
	unsigned int completions;
	LONG forced;
	bool makes_call;
	bool waited;
	bool ran;
	HDRVLINE line;
	HDRVCALL call;
	effect_fn *effect;
	WCHAR *text;
	uintptr_t value;
	void *data;
	size_t size;
	struct report *first, *last;
};

int worker_start(void);
/* Completes what is left with LINEERR_OPERATIONFAILED */
void worker_stop(void);
struct job *job_new(effect_fn *effect, HDRVLINE line, HDRVCALL call);
void job_free(struct job *job);
/* Takes the job */
void worker_post(struct job *job);
void worker_post_after(struct job *job, unsigned int ms);
/* Runs it in this thread; its events come in turn.  Takes the job */
void worker_inside(struct job *job);
/* Waits until it has run and its events have been delivered; the job stays the caller's */
void worker_do(struct job *job);
/*
 * Ends what is outstanding for a line or a call: what waits for a time fails, what has its turn
 * is waited for
 */
void worker_settle(HDRVLINE line, HDRVCALL call);
/* Waits until the host's procedures have returned */
void worker_flush(void);

/* Adds an event to a job; NULL when there is no memory */
struct report *report_add(struct job *job, HDRVLINE line, HDRVCALL call, DWORD msg);
/* The same about a call, and about its line */
void report_call(struct job *job, struct call *call, DWORD msg, DWORD_PTR p1, DWORD_PTR p2,
		 DWORD_PTR p3);
void report_line(struct job *job, struct line *line, DWORD msg, DWORD_PTR p1, DWORD_PTR p2,
		 DWORD_PTR p3);

/* fault.c, journal.c */

/* Every function that is exported; A(name) asynchronous, S(name) synchronous */
#define NULL_FUNCTIONS(A, S)							\
	S(providerEnumDevices) S(providerInit) S(providerShutdown)		\
	S(providerCreateLineDevice)						\
	S(lineNegotiateTSPIVersion) S(lineNegotiateExtVersion)			\
	S(lineGetExtensionID) S(lineSelectExtVersion)				\
	S(lineGetDevCaps) S(lineGetAddressCaps) S(lineGetLineDevStatus)		\
	S(lineGetAddressStatus) S(lineGetAddressID) S(lineGetNumAddressIDs)	\
	S(lineGetID) S(lineSetStatusMessages) S(lineSetDefaultMediaDetection)	\
	S(lineConditionalMediaDetection) S(lineOpen) S(lineClose)		\
	A(lineMakeCall) A(lineDial) A(lineAnswer) A(lineAccept) A(lineDrop)	\
	A(lineHold) A(lineUnhold) A(lineDevSpecific) S(lineCloseCall)		\
	S(lineGetCallInfo) S(lineGetCallStatus) S(lineGetCallAddressID)		\
	S(lineGetCallIDs) S(lineMonitorDigits) S(lineGenerateDigits)		\
	S(lineGatherDigits) S(lineMonitorMedia) S(lineSetMediaMode)		\
	S(lineSetAppSpecific) S(lineMSPIdentify) S(lineCreateMSPInstance)	\
	S(lineCloseMSPInstance) S(lineReceiveMSPData)

#define NULL_FUNCTION_ENUM(name)	FN_##name,
enum function { NULL_FUNCTIONS(NULL_FUNCTION_ENUM, NULL_FUNCTION_ENUM) FN_COUNT };

enum fault_kind {
	FAULT_NONE,
	FAULT_ERROR,		/* returns an error */
	FAULT_FAILS,		/* completes with an error */
	FAULT_NEVER,		/* never completes */
	FAULT_LATE,		/* completes, or returns, after some time */
	FAULT_CRASH,
	FAULT_HANG,		/* does not return */
	FAULT_ZERO,		/* returns 0 and does nothing */
	FAULT_TWICE,		/* completes twice */
	FAULT_INSIDE,		/* completes before it returns */
};

struct fault {
	enum fault_kind kind;
	LONG error;
	unsigned int ms;
};

/**
 * entry() - what each function of the provider begins with
 * @fault: out: how to complete the request
 * @result: out: what to return
 * @format: arguments for the journal
 *
 * Writes the call into the journal and plays the fault that is set for it.
 *
 * Return: true when the function is to return *result at once.
 */
__attribute__((format(printf, 4, 5)))
bool entry(enum function function, struct fault *fault, LONG *result, const char *format, ...);
/* The fault for the next @count calls.  Returns false when a synchronous function cannot do it */
bool fault_set(enum function function, const struct fault *fault, unsigned int count);
/* Number of a name without TSPI_, FN_COUNT when there is none */
enum function function_find(const char *name);
const char *function_name(enum function function);
bool function_is_async(enum function function);
/* Forgets all faults and the journal */
void fault_reset(void);

/* Longest line of the journal */
#define JOURNAL_LINE	256
void journal_add(const char *line);
/*
 * Takes the oldest lines that fit, each ended by a newline.  Returns their number, in *lost those
 * that had to be forgotten since the last time, in *left those that did not fit.
 */
unsigned int journal_take(char *buffer, size_t size, unsigned int *lost, unsigned int *left);

/* module.c */

/**
 * struct settings - from the [Provider] section
 * @name: prefix of line names, borrowed from the host
 * @control: path of the socket or NULL, borrowed
 * @automatic: outgoing calls run by themselves
 * @echo: bytes of programs go back to them
 * @msp, @msp_class: lines have a media provider
 * @wave: number of the first wave device; has_wave: lines have one
 */
struct settings {
	unsigned int lines;
	unsigned int addresses;
	const char *name;
	const char *control;
	bool automatic;
	bool echo;
	bool msp;
	GUID msp_class;
	bool has_wave;
	DWORD wave;
};

struct provider {
	pthread_mutex_t lock;
	bool running;
	struct settings settings;
	HPROVIDER handle;
	LINEEVENT create_proc;
	ASYNC_COMPLETION completion;
	struct line **lines;		/* all of this session, removed ones too */
	unsigned int line_count;
	struct table open_lines;
	struct table calls;
	struct table instances;
	DWORD next_call;
	DWORD next_stream;
};

extern struct provider provider;

static inline void provider_lock(void)
{
	pthread_mutex_lock(&provider.lock);
}

static inline void provider_unlock(void)
{
	pthread_mutex_unlock(&provider.lock);
}

/* To the host's journal */
__attribute__((format(printf, 2, 3)))
void host_log(int prio, const char *format, ...);
/* NULL when it is not set */
const char *host_setting(const char *key);
DWORD version_max(void);

/* lines.c: everything here with provider.lock held */

/**
 * struct line - one line of this session
 * @index: its number on the control socket
 * @device: NULL_NO_DEVICE before the host has accepted it
 * @handle: 0 when it is closed; the members behind it matter while it is open
 */
struct line {
	unsigned int index;
	DWORD device;
	bool removed;
	bool in_service;
	bool connected;
	bool message_waiting;
	HDRVLINE handle;
	HTAPILINE ht_line;
	LINEEVENT event;
	DWORD version;
	DWORD ext_version;
	DWORD media;
	DWORD line_states;
	DWORD address_states;
	struct call *calls;		/* oldest first */
	unsigned int call_count;
	struct instance *instances;
};

int lines_make(DWORD base, unsigned int count);
void lines_free(void);
struct line *line_new(DWORD device);
struct line *line_get(HDRVLINE handle);
struct line *line_at(unsigned int index);
/* NULL, and in *err LINEERR_BADDEVICEID or LINEERR_NODEVICE */
struct line *line_of_device(DWORD device, LONG *err);
/* Number of a line for the journal, -1 for a bad handle; takes provider.lock itself */
int line_shown(HDRVLINE handle);
/* "201": second line, address 1 */
void line_address(const struct line *line, DWORD address, char *text, size_t size);
void line_name(const struct line *line, char *text, size_t size);
/* Calls in a kind of states, on an address or on all (NULL_NO_DEVICE) */
unsigned int line_count(const struct line *line, DWORD address, DWORD states);

/* calls.c: everything here with provider.lock held */

#define CALLSTATES_ACTIVE	(~(DWORD)(LINECALLSTATE_IDLE | LINECALLSTATE_ONHOLD))

/**
 * struct gather - digits being collected
 * @buffer: the host's, NULL when nothing is gathered
 * @serial: tells a time-out of an earlier one
 */
struct gather {
	WCHAR *buffer;
	DWORD wanted;
	DWORD count;
	DWORD modes;
	DWORD id;
	DWORD between;
	WCHAR *terminators;
	unsigned int serial;
};

/**
 * struct call - one call
 * @number: LINECALLINFO.dwCallID, and its name on the control socket
 * @ht_call: 0 before the host has named it
 * @begun: false while it is tentative: nothing may be said about it
 * @caller, @caller_name, @called: owned, NULL when unknown
 */
struct call {
	struct call *next;
	struct line *line;
	HDRVCALL handle;
	HTAPICALL ht_call;
	DWORD number;
	bool begun;
	DWORD address;
	DWORD state;
	DWORD mode;
	struct timespec since;
	DWORD media;
	DWORD bearer;
	DWORD origin;
	DWORD country;
	DWORD app_specific;
	WCHAR *caller;
	WCHAR *caller_name;
	WCHAR *called;
	DWORD digit_modes;
	DWORD media_modes;
	struct gather gather;
	DWORD stream;			/* 0: the media provider has no sound */
};

/* NULL when the line is full or there is no memory */
struct call *call_new(struct line *line, DWORD address);
struct call *call_get(HDRVCALL handle);
struct call *call_numbered(DWORD number);
/* Number of a call for the journal, 0 for a bad handle; takes provider.lock itself */
DWORD call_shown(HDRVCALL handle);
/* The call is over for the provider; its handle is stale */
void call_forget(struct call *call);
/* New state, with everything that follows from it; the first one makes a call of a tentative one */
void call_enter(struct job *job, struct call *call, DWORD state, DWORD mode);
/* What an owner may do now */
DWORD call_features(const struct call *call);

/* digits.c: with provider.lock held */

/* Says which of "monitor" and "gather" took the digit, as bits 1 and 2 */
unsigned int digit_heard(struct job *job, struct call *call, char digit);
/* Ends a gathering; what was collected is in the host's buffer */
void gather_end(struct job *job, struct call *call, DWORD reason);

/* msp.c: with provider.lock held */

struct instance;

/* The call is known to the host: media providers may speak about it now */
void msp_announce(struct job *job, struct call *call);
/* Before and behind the report of a new state */
void msp_before(struct job *job, struct call *call, DWORD state);
void msp_after(struct job *job, struct call *call);
/* Bytes to all media providers of the line; call may be NULL.  False: no memory */
bool msp_send(struct job *job, struct line *line, struct call *call, const void *data,
	      size_t size);
void msp_forget(struct line *line);
unsigned int msp_count(const struct line *line);

/* control.c, verbs.c, command.c */

#define COMMAND_WORDS	16
#define COMMAND_MAX	16384

/**
 * struct command - a command taken apart
 * @words: the verb, then arguments in their order
 * @keys, @values: those that are written key=value
 *
 * All point into the text that was parsed.
 */
struct command {
	char *words[COMMAND_WORDS];
	unsigned int word_count;
	char *keys[COMMAND_WORDS];
	char *values[COMMAND_WORDS];
	unsigned int key_count;
};

/**
 * command_parse() - take a command apart
 * @text: changed; words are separated by blanks, "quotes" keep blanks, a backslash takes the next
 *	character as it is
 *
 * Return: NULL, or what is wrong.
 */
const char *command_parse(char *text, struct command *command);
/* Value of a key, NULL when it is not there */
const char *command_value(const struct command *command, const char *key);
/* A number, decimal, or hexadecimal behind 0x; false when it is none or too large */
bool command_number(const char *text, uint64_t max, uint64_t *number);
/* Bytes of a text of hexadecimal digits; -1 when it is none, or longer than room */
long command_bytes(const char *text, uint8_t *bytes, size_t room);

/* Longest answer; fits into any socket's buffer */
#define REPLY_MAX	61440

struct reply {
	char text[REPLY_MAX];
	size_t size;
};

__attribute__((format(printf, 2, 3)))
void reply_add(struct reply *reply, const char *format, ...);
/* Forgets what was there: "error ..." */
__attribute__((format(printf, 2, 3)))
void reply_error(struct reply *reply, const char *format, ...);
/* Runs one command */
void verbs_run(char *text, struct reply *reply);

int control_start(const char *path);
void control_stop(void);

#endif /* TSP_NULL_H */
