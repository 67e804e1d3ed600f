/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TAPI 3 objects in C: addresses, calls, streams and terminals.
 *
 * Every object is opaque and reference counted.  A function that returns an
 * object returns a reference unless it is named _peek; give it back with the
 * object's _unref function.  Strings belong to the object that returned them
 * and live as long as it does.  All text is UTF-8.
 *
 * A context and all objects made from it belong to one thread at a time: the
 * library takes no lock for the program and calls nothing back.  Watch the
 * context's descriptor, call tapi3_dispatch() when it is readable, and fetch
 * what happened with tapi3_get_event().
 *
 * Functions that can fail return 0 or a negative value of enum tapi3_error;
 * tapi3_hresult() gives the TAPI_E_ code of the same name.  Enumerations may
 * grow: a program must tolerate values it does not know.
 */
#ifndef TAPI3_H
#define TAPI3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tapi3;			/* ITTAPI: the session */
struct tapi3_address;		/* ITAddress: one address of one line */
struct tapi3_call;		/* ITBasicCallControl, ITCallInfo, ITStreamControl */
struct tapi3_stream;		/* ITStream: one medium in one direction */
struct tapi3_terminal;		/* ITTerminal: a source or sink of media */
struct tapi3_event;		/* ITTAPIEventNotification::Event */

/** Results. Positive: TAPI3_FALSE, there was nothing to do (S_FALSE). */
enum tapi3_error {
	TAPI3_OK = 0,
	TAPI3_FALSE = 1,
	TAPI3_E_INVALIDARG = -1,	/* a wrong pointer or value */
	TAPI3_E_NOMEM = -2,
	TAPI3_E_FAILED = -3,		/* tried and failed; see tapi3_error_detail() */
	TAPI3_E_NOTSUPPORTED = -4,	/* not offered here */
	TAPI3_E_WRONG_STATE = -5,	/* not in this state of the call or stream */
	TAPI3_E_NOTOWNER = -6,
	TAPI3_E_INUSE = -7,
	TAPI3_E_TIMEOUT = -8,		/* a synchronous call took two minutes */
	TAPI3_E_SERVICE = -9,		/* tapisrv is not there */
	TAPI3_E_INVALIDMEDIATYPE = -10,
	TAPI3_E_INVALIDDIRECTION = -11,
	TAPI3_E_INVALIDTERMINAL = -12,
	TAPI3_E_INVALIDTERMINALCLASS = -13,
	TAPI3_E_TERMINALINUSE = -14,	/* on another stream already */
	TAPI3_E_MAXTERMINALS = -15,
	TAPI3_E_NOTERMINALSELECTED = -16,
	TAPI3_E_NOTSTOPPED = -17,
	TAPI3_E_NOFORMAT = -18,
	TAPI3_E_PEER_NOT_SET = -19,	/* the TSP does not know the call yet */
	TAPI3_E_AGAIN = -20,		/* the channel is full: wait for TAPI3_EVENT_MSP_READY */
	TAPI3_E_TOOBIG = -21,
	TAPI3_E_DISCONNECTED = -22,
	TAPI3_E_REMOVED = -23,		/* the line or object has gone */
	TAPI3_E_ACCESS = -24,
	TAPI3_E_BADADDRESS = -25,
};

/** Kinds of events; bits of the filter given to tapi3_new() (TAPI_EVENT). */
enum tapi3_event_type {
	TAPI3_EVENT_OBJECT = 0x1,		/* address added, removed; service lost, back */
	TAPI3_EVENT_ADDRESS = 0x2,		/* state, ringing */
	TAPI3_EVENT_CALL_NOTIFICATION = 0x4,	/* a new call, with all its streams */
	TAPI3_EVENT_CALL_STATE = 0x8,
	TAPI3_EVENT_CALL_MEDIA = 0x10,
	TAPI3_EVENT_CALL_INFO = 0x40,
	TAPI3_EVENT_PRIVATE = 0x80,		/* made by an MSP */
	TAPI3_EVENT_DIGIT = 0x8000,		/* a digit was detected */
	TAPI3_EVENT_GENERATE = 0x10000,		/* generated digits have been sent */
	TAPI3_EVENT_FILE_TERMINAL = 0x80000,
	TAPI3_EVENT_DEVICE_SPECIFIC = 0x1000000,
	TAPI3_EVENT_ALL = 0x7fffffff,
};

/** Media types (TAPIMEDIATYPE_). */
enum tapi3_media {
	TAPI3_MEDIA_AUDIO = 0x8,
	TAPI3_MEDIA_DATAMODEM = 0x10,
	TAPI3_MEDIA_G3FAX = 0x20,
	TAPI3_MEDIA_VIDEO = 0x8000,
};

/** Directions as seen from the terminal (TERMINAL_DIRECTION). */
enum tapi3_direction {
	TAPI3_CAPTURE = 0,	/* terminal gives sound: towards the line */
	TAPI3_RENDER = 1,	/* terminal takes sound: from the line */
	TAPI3_BIDIRECTIONAL = 2,
};

/** CALL_STATE. IDLE is the first state, DISCONNECTED the last. */
enum tapi3_call_state {
	TAPI3_CALL_IDLE = 0,
	TAPI3_CALL_INPROGRESS = 1,
	TAPI3_CALL_CONNECTED = 2,
	TAPI3_CALL_DISCONNECTED = 3,
	TAPI3_CALL_OFFERING = 4,
	TAPI3_CALL_HOLD = 5,
	TAPI3_CALL_QUEUED = 6,
};

/** CALL_STATE_EVENT_CAUSE. */
enum tapi3_call_cause {
	TAPI3_CAUSE_NONE = 0,
	TAPI3_CAUSE_NORMAL = 1,
	TAPI3_CAUSE_BUSY = 2,
	TAPI3_CAUSE_BADADDRESS = 3,
	TAPI3_CAUSE_NOANSWER = 4,
	TAPI3_CAUSE_CANCELLED = 5,
	TAPI3_CAUSE_REJECTED = 6,
	TAPI3_CAUSE_FAILED = 7,
	TAPI3_CAUSE_BLOCKED = 8,
};

/** CALL_MEDIA_EVENT. */
enum tapi3_media_event {
	TAPI3_MEDIA_NEW_STREAM = 0,
	TAPI3_MEDIA_STREAM_FAIL = 1,
	TAPI3_MEDIA_TERMINAL_FAIL = 2,
	TAPI3_MEDIA_STREAM_NOT_USED = 3,
	TAPI3_MEDIA_STREAM_ACTIVE = 4,	/* sound really flows */
	TAPI3_MEDIA_STREAM_INACTIVE = 5,
};

/** CALL_MEDIA_EVENT_CAUSE. */
enum tapi3_media_cause {
	TAPI3_MEDIA_CAUSE_UNKNOWN = 0,
	TAPI3_MEDIA_CAUSE_BAD_DEVICE = 1,
	TAPI3_MEDIA_CAUSE_CONNECT_FAIL = 2,
	TAPI3_MEDIA_CAUSE_LOCAL_REQUEST = 3,
	TAPI3_MEDIA_CAUSE_REMOTE_REQUEST = 4,
	TAPI3_MEDIA_CAUSE_TIMEOUT = 5,
	TAPI3_MEDIA_CAUSE_RECOVERED = 6,
	TAPI3_MEDIA_CAUSE_QUALITY = 7,
};

/** CALL_PRIVILEGE. */
enum tapi3_privilege {
	TAPI3_OWNER = 0,
	TAPI3_MONITOR = 1,
};

/** DISCONNECT_CODE. */
enum tapi3_disconnect_code {
	TAPI3_DISCONNECT_NORMAL = 0,
	TAPI3_DISCONNECT_NOANSWER = 1,
	TAPI3_DISCONNECT_REJECTED = 2,
};

/** What happened to the session: TAPI3_EVENT_OBJECT (TAPIOBJECT_EVENT). */
enum tapi3_object_event {
	TAPI3_OBJECT_ADDRESS_CREATE = 0,
	TAPI3_OBJECT_ADDRESS_REMOVE = 1,
	TAPI3_OBJECT_REINIT = 2,
	TAPI3_OBJECT_ADDRESS_CLOSE = 4,		/* forced close of the line */
	TAPI3_OBJECT_SERVICE_LOST = 0x100,
	TAPI3_OBJECT_SERVICE_BACK = 0x101,
};

/** What happened to an address: TAPI3_EVENT_ADDRESS (ADDRESS_EVENT). */
enum tapi3_address_event {
	TAPI3_ADDRESS_STATE = 0,
	TAPI3_ADDRESS_CAPSCHANGE = 1,
	TAPI3_ADDRESS_RINGING = 2,
};

/** ADDRESS_STATE. */
enum tapi3_address_state {
	TAPI3_INSERVICE = 0,
	TAPI3_OUTOFSERVICE = 1,
};

/** Kinds of terminals. */
enum tapi3_terminal_class {
	TAPI3_TERMINAL_SOUND = 1,	/* an ALSA sound device; static when enumerated */
	TAPI3_TERMINAL_FILE_PLAYBACK = 2,	/* any format of libsndfile, resampled */
	TAPI3_TERMINAL_FILE_RECORD = 3,	/* WAV, 8 kHz, the line's law or S16 */
	TAPI3_TERMINAL_RAW = 4,		/* the program's own samples: S16, 8 kHz, mono */
};

/** State of a file terminal (TERMINAL_MEDIA_STATE). */
enum tapi3_terminal_media_state {
	TAPI3_TERMINAL_IDLE = 0,
	TAPI3_TERMINAL_ACTIVE = 1,
	TAPI3_TERMINAL_PAUSED = 2,
};

/** Why a file terminal changed (FT_STATE_EVENT_CAUSE). */
enum tapi3_file_cause {
	TAPI3_FILE_NORMAL = 0,
	TAPI3_FILE_END = 1,
	TAPI3_FILE_READ_ERROR = 2,
	TAPI3_FILE_WRITE_ERROR = 3,
};

/** Texts of a call (CALLINFO_STRING). */
enum tapi3_call_string {
	TAPI3_CALLER_NAME = 0,
	TAPI3_CALLER_NUMBER = 1,
	TAPI3_CALLED_NAME = 2,
	TAPI3_CALLED_NUMBER = 3,
	TAPI3_CONNECTED_NAME = 4,
	TAPI3_CONNECTED_NUMBER = 5,
	TAPI3_DISPLAYABLE_ADDRESS = 12,
};

/** Numbers of a call (CALLINFO_LONG). */
enum tapi3_call_number {
	TAPI3_CALL_MEDIATYPES = 0,
	TAPI3_CALL_BEARERMODE = 1,
	TAPI3_CALL_ORIGIN = 7,
	TAPI3_CALL_REASON = 8,
	TAPI3_CALL_ID = 15,		/* dwCallID: the same for every program */
	TAPI3_CALL_NUM_OWNERS = 18,
	TAPI3_CALL_NUM_MONITORS = 19,
};

/** Digit modes (LINEDIGITMODE). */
enum tapi3_digit_mode {
	TAPI3_DIGIT_PULSE = 1,
	TAPI3_DIGIT_DTMF = 2,
	TAPI3_DIGIT_DTMF_END = 4,
};

/* --- session: ITTAPI --- */

/**
 * tapi3_new - start a session with the telephony service (ITTAPI::Initialize)
 * @program: the program's name, for priorities and for other programs to see
 * @event_filter: enum tapi3_event_type bits; nothing else is delivered (put_EventFilter)
 * @out: the session
 *
 * Returns 0, TAPI3_E_SERVICE when tapisrv cannot be reached, TAPI3_E_ACCESS,
 * TAPI3_E_NOMEM.  @since 1.0
 */
int tapi3_new(const char *program, uint32_t event_filter, struct tapi3 **out);
struct tapi3 *tapi3_ref(struct tapi3 *tapi);
/** The last reference ends the session: calls owned alone are dropped. */
struct tapi3 *tapi3_unref(struct tapi3 *tapi);
/** ITTAPI::Shutdown: drop everything now; objects stay valid and answer TAPI3_E_REMOVED. */
void tapi3_shutdown(struct tapi3 *tapi);
/** A descriptor that is readable while tapi3_dispatch() has something to do. */
int tapi3_get_fd(struct tapi3 *tapi);
/** Work off what is waiting, without blocking. 0 or TAPI3_E_SERVICE. */
int tapi3_dispatch(struct tapi3 *tapi);
/** The next event or NULL; give it back with tapi3_event_unref(). */
struct tapi3_event *tapi3_get_event(struct tapi3 *tapi);
/**
 * tapi3_addresses_list - all addresses (ITTAPI::EnumerateAddresses)
 * @out: a NULL-terminated array of references; free it with tapi3_address_list_free()
 */
int tapi3_addresses_list(struct tapi3 *tapi, struct tapi3_address ***out);
void tapi3_address_list_free(struct tapi3_address **list);
/**
 * tapi3_register_call_notifications - be offered calls of an address
 * @media: enum tapi3_media bits, with @owner only
 * Returns a positive number for tapi3_unregister_notifications() or an error.
 */
int tapi3_register_call_notifications(struct tapi3 *tapi, struct tapi3_address *address,
				      bool monitor, bool owner, uint32_t media);
int tapi3_unregister_notifications(struct tapi3 *tapi, int registration);
/** Why the last function of this session failed, for people. */
const char *tapi3_error_detail(struct tapi3 *tapi);
/** The TAPI_E_ code (HRESULT) for a result of this library. */
int32_t tapi3_hresult(int result);
const char *tapi3_strerror(int result);

/* --- address: ITAddress, ITMediaSupport, ITTerminalSupport --- */

struct tapi3_address *tapi3_address_ref(struct tapi3_address *address);
struct tapi3_address *tapi3_address_unref(struct tapi3_address *address);
const char *tapi3_address_get_name(struct tapi3_address *address);
const char *tapi3_address_get_dialable(struct tapi3_address *address);
const char *tapi3_address_get_provider(struct tapi3_address *address);
enum tapi3_address_state tapi3_address_get_state(struct tapi3_address *address);
uint32_t tapi3_address_get_line_id(struct tapi3_address *address);
uint32_t tapi3_address_get_address_id(struct tapi3_address *address);
uint32_t tapi3_address_get_media_types(struct tapi3_address *address);
/** True when an MSP serves this address: calls have streams. */
bool tapi3_address_has_msp(struct tapi3_address *address);
/**
 * tapi3_address_create_call - make a call object (ITAddress::CreateCall)
 * @destination: dialable; NULL to dial later
 * @media: enum tapi3_media bits
 * The MSP's call and its default streams exist when this returns; the TSP
 * hears of the call at tapi3_call_connect().
 */
int tapi3_address_create_call(struct tapi3_address *address, const char *destination,
			      uint32_t media, struct tapi3_call **out);
/** ITTerminalSupport::EnumerateStaticTerminals; free with tapi3_terminal_list_free(). */
int tapi3_address_terminals_list(struct tapi3_address *address, struct tapi3_terminal ***out);
void tapi3_terminal_list_free(struct tapi3_terminal **list);
/** ITTerminalSupport::GetDefaultStaticTerminal; TAPI3_FALSE when there is none. */
int tapi3_address_get_default_terminal(struct tapi3_address *address, enum tapi3_media media,
				       enum tapi3_direction direction,
				       struct tapi3_terminal **out);
/**
 * tapi3_address_create_terminal - ITTerminalSupport::CreateTerminal
 * @kind: kind of terminal
 * @direction: TAPI3_CAPTURE (gives sound) or TAPI3_RENDER (takes it)
 * @name: an ALSA PCM name, a file name; unused for TAPI3_TERMINAL_RAW
 */
int tapi3_address_create_terminal(struct tapi3_address *address, enum tapi3_terminal_class kind,
				  enum tapi3_direction direction, const char *name,
				  struct tapi3_terminal **out);
/**
 * tapi3_address_device_specific - ITAddress2::DeviceSpecific
 *
 * Address-level bytes to the TSP, uninterpreted (as ME_TSP_DATA without a call). Waits, at most two
 * minutes, until the TSP has taken or refused them; events that come meanwhile are queued. What the
 * TSP answers comes as TAPI3_EVENT_DEVICE_SPECIFIC, if at all.
 *
 * Returns 0, TAPI3_E_TIMEOUT, or the TSP's refusal as TAPI3_E_.
 */
int tapi3_address_device_specific(struct tapi3_address *address, const void *data, size_t size);
/** A private interface of the MSP's address object, or TAPI3_E_NOTSUPPORTED. */
int tapi3_address_query(struct tapi3_address *address, const char *interface,
			const void **methods, void **self);

/* --- call: ITBasicCallControl, ITCallInfo, ITLegacyCallMediaControl, ITStreamControl --- */

struct tapi3_call *tapi3_call_ref(struct tapi3_call *call);
/** The last reference frees the MSP's call and deallocates the call. */
struct tapi3_call *tapi3_call_unref(struct tapi3_call *call);
struct tapi3_address *tapi3_call_peek_address(struct tapi3_call *call);
enum tapi3_call_state tapi3_call_get_state(struct tapi3_call *call);
enum tapi3_privilege tapi3_call_get_privilege(struct tapi3_call *call);
/** LINECALLSTATE of the call: finer than tapi3_call_get_state(). */
uint32_t tapi3_call_get_line_state(struct tapi3_call *call);
/** NULL when unknown. Valid until the call's next information change. */
const char *tapi3_call_get_string(struct tapi3_call *call, enum tapi3_call_string what);
int tapi3_call_get_number(struct tapi3_call *call, enum tapi3_call_number what, uint32_t *value);
/**
 * tapi3_call_connect - ITBasicCallControl::Connect
 * @sync: wait for CONNECTED or DISCONNECTED, two minutes at most
 */
int tapi3_call_connect(struct tapi3_call *call, bool sync);
/** Only in OFFERING. Waits until the call is connected or the answer has failed. */
int tapi3_call_answer(struct tapi3_call *call);
/** As tapi3_call_answer() without waiting: the result comes as CALL_STATE. */
int tapi3_call_answer_async(struct tapi3_call *call);
int tapi3_call_disconnect(struct tapi3_call *call, enum tapi3_disconnect_code code);
int tapi3_call_dial(struct tapi3_call *call, const char *digits);
/** ITLegacyCallMediaControl::DetectDigits; enum tapi3_digit_mode bits, 0 stops. */
int tapi3_call_detect_digits(struct tapi3_call *call, uint32_t modes);
int tapi3_call_generate_digits(struct tapi3_call *call, const char *digits,
			       enum tapi3_digit_mode mode);
/** ITStreamControl::EnumerateStreams; free with tapi3_stream_list_free(). */
int tapi3_call_streams_list(struct tapi3_call *call, struct tapi3_stream ***out);
void tapi3_stream_list_free(struct tapi3_stream **list);
/** The stream of a medium and direction: TAPI3_CAPTURE goes to the line. */
int tapi3_call_get_stream(struct tapi3_call *call, enum tapi3_media media,
			  enum tapi3_direction direction, struct tapi3_stream **out);
/** ITBasicCallControl2::SelectTerminalOnCall: on every stream that fits. */
int tapi3_call_select_terminal(struct tapi3_call *call, struct tapi3_terminal *terminal);
int tapi3_call_unselect_terminal(struct tapi3_call *call, struct tapi3_terminal *terminal);
int tapi3_call_query(struct tapi3_call *call, const char *interface,
		     const void **methods, void **self);

/* --- stream: ITStream --- */

struct tapi3_stream *tapi3_stream_ref(struct tapi3_stream *stream);
struct tapi3_stream *tapi3_stream_unref(struct tapi3_stream *stream);
enum tapi3_media tapi3_stream_get_media(struct tapi3_stream *stream);
enum tapi3_direction tapi3_stream_get_direction(struct tapi3_stream *stream);
const char *tapi3_stream_get_name(struct tapi3_stream *stream);
/**
 * tapi3_stream_select_terminal - ITStream::SelectTerminal
 * At any time before or during the call.  The stream starts by itself when the
 * call is connected and the TSP has said so.
 */
int tapi3_stream_select_terminal(struct tapi3_stream *stream, struct tapi3_terminal *terminal);
int tapi3_stream_unselect_terminal(struct tapi3_stream *stream, struct tapi3_terminal *terminal);
/** After an own stop or pause only; before, the stream starts by itself. */
int tapi3_stream_start(struct tapi3_stream *stream);
int tapi3_stream_pause(struct tapi3_stream *stream);
int tapi3_stream_stop(struct tapi3_stream *stream);
bool tapi3_stream_is_active(struct tapi3_stream *stream);

/* --- terminal: ITTerminal, ITMediaControl --- */

struct tapi3_terminal *tapi3_terminal_ref(struct tapi3_terminal *terminal);
struct tapi3_terminal *tapi3_terminal_unref(struct tapi3_terminal *terminal);
const char *tapi3_terminal_get_name(struct tapi3_terminal *terminal);
enum tapi3_terminal_class tapi3_terminal_get_class(struct tapi3_terminal *terminal);
enum tapi3_direction tapi3_terminal_get_direction(struct tapi3_terminal *terminal);
bool tapi3_terminal_in_use(struct tapi3_terminal *terminal);
/**
 * A raw terminal's descriptor: readable when samples (render) or room (capture)
 * are there.  -1 for other classes.
 */
int tapi3_terminal_get_fd(struct tapi3_terminal *terminal);
/** S16 samples from a raw render terminal; never blocks. Returns samples or an error. */
ssize_t tapi3_terminal_read(struct tapi3_terminal *terminal, int16_t *samples, size_t count);
/** S16 samples to a raw capture terminal; never blocks. Returns samples taken or an error. */
ssize_t tapi3_terminal_write(struct tapi3_terminal *terminal, const int16_t *samples,
			     size_t count);
/** Samples that were missing (capture) or dropped (render) so far. */
uint64_t tapi3_terminal_get_lost(struct tapi3_terminal *terminal);

/* --- events --- */

struct tapi3_event *tapi3_event_ref(struct tapi3_event *event);
struct tapi3_event *tapi3_event_unref(struct tapi3_event *event);
enum tapi3_event_type tapi3_event_get_type(const struct tapi3_event *event);
/** The objects of an event, borrowed; NULL when it has none. */
struct tapi3_address *tapi3_event_peek_address(const struct tapi3_event *event);
struct tapi3_call *tapi3_event_peek_call(const struct tapi3_event *event);
struct tapi3_stream *tapi3_event_peek_stream(const struct tapi3_event *event);
struct tapi3_terminal *tapi3_event_peek_terminal(const struct tapi3_event *event);
/** CALL_STATE: enum tapi3_call_state; CALL_MEDIA: enum tapi3_media_event; and so on. */
int tapi3_event_get_code(const struct tapi3_event *event);
/** CALL_STATE: enum tapi3_call_cause; CALL_MEDIA: enum tapi3_media_cause; and so on. */
int tapi3_event_get_cause(const struct tapi3_event *event);
/** DIGIT: the character. */
char tapi3_event_get_digit(const struct tapi3_event *event);
/** DEVICE_SPECIFIC, PRIVATE: the bytes or the three numbers. */
const void *tapi3_event_get_data(const struct tapi3_event *event, size_t *size);
/** True when the library made it up to bring the program up to date. */
bool tapi3_event_is_synthetic(const struct tapi3_event *event);
/** CLOCK_MONOTONIC, ns, when the library learned of it. */
uint64_t tapi3_event_get_time(const struct tapi3_event *event);

#ifdef __cplusplus
}
#endif

#endif /* TAPI3_H */
