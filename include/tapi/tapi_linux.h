/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libtapi has beside TAPI: event loops, reasons of errors, origin of messages, names of
 * numbers.  Since libtapi 2.0 unless said otherwise.
 */
#ifndef TAPI_TAPI_LINUX_H
#define TAPI_TAPI_LINUX_H

#include <tapi/tapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Flag for LINEINITIALIZEEXPARAMS.dwOptions together with LINEINITIALIZEEXOPTION_USEHIDDENWINDOW:
 * the library starts no thread.  The program polls tapi_get_fd() and calls tapi_dispatch(), which
 * calls the callback in the thread of its caller.
 */
#define TAPI_LINUX_DISPATCH_NONE	0x40000000

/**
 * tapi_get_fd - descriptor that becomes readable when there is something to do
 * @app: from lineInitializeEx(), any mode
 *
 * An epoll descriptor that belongs to the library: poll it, do not read or close it.  Readable
 * means that lineGetMessage() or tapi_dispatch() is worth calling; there need not be a message.
 *
 * Returns the descriptor, or a negative LINEERR_.
 */
TAPI_API int tapi_get_fd(HLINEAPP app);

/**
 * tapi_dispatch - handles what has arrived, without waiting
 * @app: from lineInitializeEx() with TAPI_LINUX_DISPATCH_NONE
 *
 * Calls the program's callback once per message.
 *
 * Returns the number of messages delivered, or a negative LINEERR_.
 */
TAPI_API LONG tapi_dispatch(HLINEAPP app);

/* Who reported an error: struct tapi_error_detail.origin; unknown values may appear */
#define TAPI_ORIGIN_NONE	0
#define TAPI_ORIGIN_LIBRARY	1
#define TAPI_ORIGIN_SERVER	2
#define TAPI_ORIGIN_PROVIDER	3
#define TAPI_ORIGIN_KERNEL	4

/**
 * struct tapi_error_detail - why a function or a request failed
 * @size: sizeof(struct tapi_error_detail), set by the caller
 * @origin: TAPI_ORIGIN_
 * @code: the LINEERR_ that was returned, or that LINE_REPLY told
 * @error: errno behind it, or 0
 * @text: one sentence for people, in English
 */
struct tapi_error_detail {
	uint32_t size;
	uint32_t origin;
	int32_t code;
	int32_t error;
	char text[240];
};

/**
 * tapi_last_error_detail - why something failed, as this thread was told last
 * @detail: out: the reason; its size member must be set
 *
 * The reason of the last call of this thread that returned a negative LINEERR_, or of the last
 * LINE_REPLY with a negative result that this thread got, whichever was later.  So ask for the
 * reason of an asynchronous request inside the callback, or right after lineGetMessage().  Both are
 * told apart by @code only, so compare it.  What succeeds leaves the last reason alone.
 *
 * Returns 0, LINEERR_INVALPOINTER or LINEERR_STRUCTURETOOSMALL.
 */
TAPI_API LONG tapi_last_error_detail(struct tapi_error_detail *detail);

/* struct tapi_message_info.flags */
/* Not sent by tapisrv: made up by the library to bring the program up to date */
#define TAPI_MESSAGE_SYNTHETIC	0x00000001
/* Messages that may be lost (digits, tones, vendor messages) were lost before this one */
#define TAPI_MESSAGE_LOST	0x00000002

/**
 * struct tapi_message_info - where a message comes from
 * @size: sizeof(struct tapi_message_info), set by the caller
 * @flags: TAPI_MESSAGE_
 * @sequence: number of the event in tapisrv, 0 for a synthetic message
 * @queued: messages that wait behind it
 */
struct tapi_message_info {
	uint32_t size;
	uint32_t flags;
	uint32_t sequence;
	uint32_t queued;
};

/**
 * tapi_message_info - about the message this thread got last
 * @info: out: the facts; its size member must be set
 *
 * Call it after lineGetMessage(), or inside the callback.
 *
 * Returns 0, LINEERR_INVALPOINTER, LINEERR_STRUCTURETOOSMALL, or LINEERR_OPERATIONFAILED when the
 * thread has got none yet.
 */
TAPI_API LONG tapi_message_info(struct tapi_message_info *info);

/**
 * tapi_error_name - "LINEERR_NODEVICE" for 0x80000042
 * @code: LINEERR_, PHONEERR_, TAPI_E_ or TAPIERR_
 *
 * Returns static text; "unknown" for a number that has no name.
 */
TAPI_API const char *tapi_error_name(LONG code);

/**
 * tapi_error_text - the same as a sentence
 * @code: LINEERR_, PHONEERR_, TAPI_E_ or TAPIERR_
 *
 * Returns static text.
 */
TAPI_API const char *tapi_error_text(LONG code);

/**
 * tapi_message_name - "LINE_CALLSTATE" for 2
 * @message: LINEMESSAGE.dwMessageID or PHONEMESSAGE.dwMessageID
 *
 * Returns static text; "unknown" for a number that has no name.
 */
TAPI_API const char *tapi_message_name(DWORD message);

/**
 * tapi_call_state_name - "CONNECTED" for LINECALLSTATE_CONNECTED
 * @state: one LINECALLSTATE_ bit
 *
 * Returns static text; "unknown" for a number that has no name.
 */
TAPI_API const char *tapi_call_state_name(DWORD state);

/**
 * tapi_disconnect_mode_name - "BUSY" for LINEDISCONNECTMODE_BUSY
 * @mode: one LINEDISCONNECTMODE_ bit
 *
 * Returns static text; "unknown" for a number that has no name.
 */
TAPI_API const char *tapi_disconnect_mode_name(DWORD mode);

#ifdef __cplusplus
}
#endif

#endif /* TAPI_TAPI_LINUX_H */
