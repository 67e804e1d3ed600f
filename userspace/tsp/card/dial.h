/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Dialable strings, taken apart into steps for an analogue line.
 *
 * dial_check() looks at the whole string before anything is dialled, so that a string the line
 * cannot dial leaves the line on hook.  dial_next() then gives one step after the other; it
 * allocates nothing and looks at no clock, the text stays the caller's.
 */
#ifndef TSP_CARD_DIAL_H
#define TSP_CARD_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/tapi_line.h>
#include <tapi/tapi.h>

/* What the line and its provider can do, bits */
enum {
	DIAL_CAN_PULSE = 1,
	DIAL_CAN_DIALTONE = 2,		/* W */
	DIAL_CAN_QUIET = 4,		/* @ */
	DIAL_CAN_BILLING = 8,		/* $ */
	DIAL_CAN_VOICE = 16,		/* : */
	DIAL_CAN_FLASH = 32,		/* ! */
	DIAL_CAN_DTMF = 64,		/* T */
};

enum dial_kind {
	DIAL_END,
	DIAL_DIGITS,
	DIAL_PAUSE,
	DIAL_FLASH,
	DIAL_WAIT_DIALTONE,
	DIAL_WAIT_QUIET,
	DIAL_WAIT_BILLING,
	DIAL_WAIT_VOICE,
};

/**
 * struct dial_step - one thing to do
 * @kind: what
 * @mode: TAPI_LINE_DIAL_PULSE or TAPI_LINE_DIAL_DTMF; DIAL_DIGITS only
 * @digits: as struct tapi_line_dial takes them, NUL behind the last; DIAL_DIGITS only
 */
struct dial_step {
	enum dial_kind kind;
	__u32 mode;
	char digits[TAPI_LINE_DIAL_MAX];
};

/* Where dial_next() is in a string that dial_check() has accepted */
struct dial_cursor {
	const WCHAR *text;	/* borrowed */
	size_t len;
	size_t pos;
	__u32 mode;
};

/**
 * dial_check() - can this string be dialled?
 * @text: the string, UTF-16
 * @len: its length, WCHARs
 * @can: DIAL_CAN_ bits
 * @mode: TAPI_LINE_DIAL_ mode in force before the first P or T
 * @more: set when a semicolon says that the rest comes by lineDial(); may be NULL
 *
 * Return: 0; the LINEERR_DIAL error of the first character the line cannot honour; or
 * LINEERR_INVALADDRESS for a string no line could dial.
 */
LONG dial_check(const WCHAR *text, size_t len, unsigned int can, __u32 mode, bool *more);

/**
 * dial_start() - begin at the front of a checked string
 * @mode: as for dial_check(); after the last step, cursor->mode is the one to go on with
 */
void dial_start(struct dial_cursor *cursor, const WCHAR *text, size_t len, __u32 mode);

/**
 * dial_next() - next step
 *
 * Return: true with *step filled in, false at the end of the string (DIAL_END).
 */
bool dial_next(struct dial_cursor *cursor, struct dial_step *step);

#endif /* TSP_CARD_DIAL_H */
