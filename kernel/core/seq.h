/* SPDX-License-Identifier: GPL-2.0-only */
/* Cadences, dial strings, flashes: what to do to a line and for how long: seq.c */
#ifndef _TAPI_SEQ_H
#define _TAPI_SEQ_H

#include "pure.h"
#include <linux/tapi_line.h>

/* tapi_seq_step.hold_ms: nothing follows by itself */
#define TAPI_SEQ_FOREVER	U32_MAX

/* Length of a flash that nobody gave another: in the middle of what exchanges take */
#define TAPI_SEQ_FLASH_MS	500

/**
 * enum tapi_seq_kind - what is running
 * @TAPI_SEQ_IDLE: nothing
 * @TAPI_SEQ_RING: a ringing cadence
 * @TAPI_SEQ_TONE: a tone cadence
 * @TAPI_SEQ_DIAL: a dial string
 * @TAPI_SEQ_FLASH: one flash
 */
enum tapi_seq_kind {
	TAPI_SEQ_IDLE,
	TAPI_SEQ_RING,
	TAPI_SEQ_TONE,
	TAPI_SEQ_DIAL,
	TAPI_SEQ_FLASH,
};

/**
 * enum tapi_seq_act - what to do to the line
 * @TAPI_SEQ_WAIT: nothing
 * @TAPI_SEQ_RING_ON: put ringing voltage on the line
 * @TAPI_SEQ_RING_OFF: take it off
 * @TAPI_SEQ_TONE_ON: start the oscillators
 * @TAPI_SEQ_TONE_OFF: stop them
 * @TAPI_SEQ_DTMF_ON: start a DTMF digit
 * @TAPI_SEQ_DTMF_OFF: stop it
 * @TAPI_SEQ_LOOP_OPEN: open the loop
 * @TAPI_SEQ_LOOP_CLOSE: close it again
 * @TAPI_SEQ_END: the sequence is over
 */
enum tapi_seq_act {
	TAPI_SEQ_WAIT,
	TAPI_SEQ_RING_ON,
	TAPI_SEQ_RING_OFF,
	TAPI_SEQ_TONE_ON,
	TAPI_SEQ_TONE_OFF,
	TAPI_SEQ_DTMF_ON,
	TAPI_SEQ_DTMF_OFF,
	TAPI_SEQ_LOOP_OPEN,
	TAPI_SEQ_LOOP_CLOSE,
	TAPI_SEQ_END,
};

/**
 * struct tapi_seq_step - one step
 * @act: what to do now
 * @digit: for DTMF, ASCII
 * @hold_ms: how long to wait after it, %TAPI_SEQ_FOREVER for no next step
 */
struct tapi_seq_step {
	enum tapi_seq_act act;
	char digit;
	u32 hold_ms;
};

/**
 * struct tapi_seq - a running sequence
 * @kind: what it is
 * @on: a burst, digit or break is on the line
 * @done: bursts or digits that are complete
 * @count: bursts wanted, 0 for no end
 * @steps: pairs used of @on_ms and @off_ms, 0 for one burst without end
 * @step: the present one
 * @on_ms: burst lengths
 * @off_ms: pauses
 * @pos: the present character of @dial
 * @pulses: dial pulses left of the present digit
 * @flash_ms: length of a flash
 * @dial: the dial request, defaults filled in
 */
struct tapi_seq {
	enum tapi_seq_kind kind;
	bool on;
	u32 done;
	u32 count;
	u32 steps;
	u32 step;
	u32 on_ms[TAPI_LINE_CADENCES];
	u32 off_ms[TAPI_LINE_CADENCES];
	u32 pos;
	u32 pulses;
	u32 flash_ms;
	struct tapi_line_dial dial;
};

int tapi_seq_check_ring(const struct tapi_line_ring *ring);
int tapi_seq_check_tone(const struct tapi_line_tone *tone);
int tapi_seq_check_dial(const struct tapi_line_dial *dial);
int tapi_seq_check_flash(u32 duration_ms);
bool tapi_seq_dial_flashes(const struct tapi_line_dial *dial);

void tapi_seq_ring(struct tapi_seq *seq, const struct tapi_line_ring *ring);
void tapi_seq_tone(struct tapi_seq *seq, const struct tapi_line_tone *tone);
void tapi_seq_dial(struct tapi_seq *seq, const struct tapi_line_dial *dial, u32 flash_ms);
void tapi_seq_flash(struct tapi_seq *seq, u32 flash_ms);
void tapi_seq_next(struct tapi_seq *seq, struct tapi_seq_step *step);
void tapi_seq_stop(struct tapi_seq *seq, struct tapi_seq_step *step);

#endif /* _TAPI_SEQ_H */
