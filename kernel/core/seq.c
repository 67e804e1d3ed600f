// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cadences, dial strings and flashes as a list of timed steps.
 *
 * The caller performs a step, waits as long as the step says, and asks for the
 * next one.  tapi_seq_stop() gives the one step that leaves the line as it was.
 *
 * Pure code: no clock, no lock.  In the kernel the line's mutex covers it.
 */
#include "seq.h"

/* Steps of a cadence: a relay cannot follow shorter ones, nobody wants longer ones */
#define SEQ_STEP_MIN_MS		10
#define SEQ_STEP_MAX_MS		60000

/* Dialling defaults: 10 pulses a second, 60 % break; DTMF as ITU-T Q.24 receivers need it */
#define SEQ_DTMF_ON_MS		100
#define SEQ_DTMF_OFF_MS		100
#define SEQ_BREAK_MS		60
#define SEQ_MAKE_MS		40
#define SEQ_INTER_MS		800
#define SEQ_COMMA_MS		2000
/* An exchange needs a while to answer a flash with a new dial tone */
#define SEQ_AFTER_FLASH_MS	500

static bool seq_within(u32 value, u32 min, u32 max)
{
	return value >= min && value <= max;
}

static bool seq_default_or_within(u32 value, u32 min, u32 max)
{
	return !value || seq_within(value, min, max);
}

static unsigned int seq_pairs(const u32 *on_ms)
{
	unsigned int n = 0;

	while (n < TAPI_LINE_CADENCES && on_ms[n])
		n++;
	return n;
}

/* A zero ends the list, so nothing may follow it; a pause may be zero only after the last burst */
static int seq_check_cadence(u32 count, const u32 *on_ms, const u32 *off_ms)
{
	unsigned int pairs = seq_pairs(on_ms);
	unsigned int i;

	if (!pairs && count)
		return -EINVAL;
	for (i = 0; i < TAPI_LINE_CADENCES; i++) {
		if (i >= pairs) {
			if (on_ms[i] || off_ms[i])
				return -EINVAL;
			continue;
		}
		if (!seq_within(on_ms[i], SEQ_STEP_MIN_MS, SEQ_STEP_MAX_MS))
			return -EINVAL;
		if (!off_ms[i] && count && i + 1 == count)
			continue;
		if (!seq_within(off_ms[i], SEQ_STEP_MIN_MS, SEQ_STEP_MAX_MS))
			return -EINVAL;
	}
	return 0;
}

/**
 * tapi_seq_check_ring() - is a ring request sound?
 * @ring: the request, to start
 *
 * Return: 0 or -EINVAL.
 */
int tapi_seq_check_ring(const struct tapi_line_ring *ring)
{
	return seq_check_cadence(ring->count, ring->on_ms, ring->off_ms);
}

/**
 * tapi_seq_check_tone() - is a tone request sound?
 * @tone: the request, to start
 *
 * Return: 0 or -EINVAL.
 */
int tapi_seq_check_tone(const struct tapi_line_tone *tone)
{
	return seq_check_cadence(tone->count, tone->on_ms, tone->off_ms);
}

/**
 * tapi_seq_check_flash() - is this a sound length for a flash?
 * @duration_ms: the length, 0 for the default
 *
 * Return: 0 or -EINVAL.
 */
int tapi_seq_check_flash(u32 duration_ms)
{
	return seq_default_or_within(duration_ms, 20, 2000) ? 0 : -EINVAL;
}

static bool seq_dial_char_ok(char c, u32 mode)
{
	if ((c >= '0' && c <= '9') || c == ',' || c == '!')
		return true;
	if (mode != TAPI_LINE_DIAL_DTMF)
		return false;
	return c == '*' || c == '#' || (c >= 'A' && c <= 'D');
}

/**
 * tapi_seq_check_dial() - is a dial request sound?
 * @dial: the request
 *
 * Return: 0 or -EINVAL.
 */
int tapi_seq_check_dial(const struct tapi_line_dial *dial)
{
	unsigned int len, i;

	if (dial->mode != TAPI_LINE_DIAL_PULSE && dial->mode != TAPI_LINE_DIAL_DTMF)
		return -EINVAL;
	for (len = 0; len < TAPI_LINE_DIAL_MAX && dial->digits[len]; len++)
		if (!seq_dial_char_ok(dial->digits[len], dial->mode))
			return -EINVAL;
	for (i = len; i < TAPI_LINE_DIAL_MAX; i++)
		if (dial->digits[i])
			return -EINVAL;
	if (!len || !seq_default_or_within(dial->on_ms, 20, 10000) ||
	    !seq_default_or_within(dial->off_ms, 20, 10000) ||
	    !seq_default_or_within(dial->break_ms, 10, 200) ||
	    !seq_default_or_within(dial->make_ms, 10, 200) ||
	    !seq_default_or_within(dial->inter_ms, 100, 5000))
		return -EINVAL;
	return 0;
}

/**
 * tapi_seq_dial_flashes() - does a dial request contain a flash?
 * @dial: the request
 *
 * Return: whether it does.
 */
bool tapi_seq_dial_flashes(const struct tapi_line_dial *dial)
{
	unsigned int i;

	for (i = 0; i < TAPI_LINE_DIAL_MAX; i++)
		if (dial->digits[i] == '!')
			return true;
	return false;
}

static void seq_start(struct tapi_seq *seq, enum tapi_seq_kind kind)
{
	memset(seq, 0, sizeof(*seq));
	seq->kind = kind;
}

static void seq_set_cadence(struct tapi_seq *seq, u32 count, const u32 *on_ms, const u32 *off_ms)
{
	seq->count = count;
	seq->steps = seq_pairs(on_ms);
	memcpy(seq->on_ms, on_ms, sizeof(seq->on_ms));
	memcpy(seq->off_ms, off_ms, sizeof(seq->off_ms));
}

/**
 * tapi_seq_ring() - begin a ringing cadence
 * @seq: the sequence, idle
 * @ring: the checked request
 */
void tapi_seq_ring(struct tapi_seq *seq, const struct tapi_line_ring *ring)
{
	seq_start(seq, TAPI_SEQ_RING);
	seq_set_cadence(seq, ring->count, ring->on_ms, ring->off_ms);
}

/**
 * tapi_seq_tone() - begin a tone cadence
 * @seq: the sequence, idle
 * @tone: the checked request
 */
void tapi_seq_tone(struct tapi_seq *seq, const struct tapi_line_tone *tone)
{
	seq_start(seq, TAPI_SEQ_TONE);
	seq_set_cadence(seq, tone->count, tone->on_ms, tone->off_ms);
}

static void seq_default(u32 *value, u32 def)
{
	if (!*value)
		*value = def;
}

/**
 * tapi_seq_dial() - begin to dial
 * @seq: the sequence, idle
 * @dial: the checked request
 * @flash_ms: length of a flash
 */
void tapi_seq_dial(struct tapi_seq *seq, const struct tapi_line_dial *dial, u32 flash_ms)
{
	seq_start(seq, TAPI_SEQ_DIAL);
	seq->dial = *dial;
	seq->flash_ms = flash_ms;
	seq_default(&seq->dial.on_ms, SEQ_DTMF_ON_MS);
	seq_default(&seq->dial.off_ms, SEQ_DTMF_OFF_MS);
	seq_default(&seq->dial.break_ms, SEQ_BREAK_MS);
	seq_default(&seq->dial.make_ms, SEQ_MAKE_MS);
	seq_default(&seq->dial.inter_ms, SEQ_INTER_MS);
}

/**
 * tapi_seq_flash() - begin a flash
 * @seq: the sequence, idle
 * @flash_ms: its length
 */
void tapi_seq_flash(struct tapi_seq *seq, u32 flash_ms)
{
	seq_start(seq, TAPI_SEQ_FLASH);
	seq->flash_ms = flash_ms;
}

static void seq_step(struct tapi_seq_step *step, enum tapi_seq_act act, u32 hold_ms)
{
	step->act = act;
	step->hold_ms = hold_ms;
}

static void seq_next_burst(struct tapi_seq *seq, struct tapi_seq_step *step)
{
	bool ring = seq->kind == TAPI_SEQ_RING;

	if (!seq->on) {
		if (seq->count && seq->done == seq->count) {
			seq_step(step, TAPI_SEQ_END, 0);
			return;
		}
		seq->on = true;
		seq_step(step, ring ? TAPI_SEQ_RING_ON : TAPI_SEQ_TONE_ON,
			 seq->steps ? seq->on_ms[seq->step] : TAPI_SEQ_FOREVER);
		return;
	}
	seq->on = false;
	seq->done++;
	/* The pause after the last burst is nobody's. */
	seq_step(step, ring ? TAPI_SEQ_RING_OFF : TAPI_SEQ_TONE_OFF,
		 seq->count && seq->done == seq->count ? 0 : seq->off_ms[seq->step]);
	if (seq->steps)
		seq->step = (seq->step + 1) % seq->steps;
}

static void seq_begin_char(struct tapi_seq *seq, struct tapi_seq_step *step)
{
	char c = seq->pos < TAPI_LINE_DIAL_MAX ? seq->dial.digits[seq->pos] : 0;

	if (!c) {
		seq_step(step, TAPI_SEQ_END, 0);
		return;
	}
	if (c == ',') {
		seq->pos++;
		seq_step(step, TAPI_SEQ_WAIT, SEQ_COMMA_MS);
		return;
	}
	seq->on = true;
	if (c == '!') {
		seq_step(step, TAPI_SEQ_LOOP_OPEN, seq->flash_ms);
	} else if (seq->dial.mode == TAPI_LINE_DIAL_DTMF) {
		step->digit = c;
		seq_step(step, TAPI_SEQ_DTMF_ON, seq->dial.on_ms);
	} else {
		if (!seq->pulses)
			seq->pulses = c == '0' ? 10 : c - '0';
		seq_step(step, TAPI_SEQ_LOOP_OPEN, seq->dial.break_ms);
	}
}

static void seq_end_char(struct tapi_seq *seq, struct tapi_seq_step *step)
{
	char c = seq->dial.digits[seq->pos];

	seq->on = false;
	if (c == '!') {
		seq->pos++;
		seq_step(step, TAPI_SEQ_LOOP_CLOSE, SEQ_AFTER_FLASH_MS);
		return;
	}
	if (seq->dial.mode == TAPI_LINE_DIAL_DTMF) {
		step->digit = c;
		seq_step(step, TAPI_SEQ_DTMF_OFF, seq->dial.off_ms);
	} else {
		seq->pulses--;
		seq_step(step, TAPI_SEQ_LOOP_CLOSE,
			 seq->pulses ? seq->dial.make_ms : seq->dial.inter_ms);
		if (seq->pulses)
			return;
	}
	seq->pos++;
	seq->done++;
}

static void seq_next_flash(struct tapi_seq *seq, struct tapi_seq_step *step)
{
	if (seq->done) {
		seq_step(step, TAPI_SEQ_END, 0);
	} else if (!seq->on) {
		seq->on = true;
		seq_step(step, TAPI_SEQ_LOOP_OPEN, seq->flash_ms);
	} else {
		seq->on = false;
		seq->done = 1;
		seq_step(step, TAPI_SEQ_LOOP_CLOSE, 0);
	}
}

/**
 * tapi_seq_next() - the next step
 * @seq: the sequence
 * @step: filled in; after %TAPI_SEQ_END the sequence is idle
 */
void tapi_seq_next(struct tapi_seq *seq, struct tapi_seq_step *step)
{
	memset(step, 0, sizeof(*step));
	switch (seq->kind) {
	case TAPI_SEQ_RING:
	case TAPI_SEQ_TONE:
		seq_next_burst(seq, step);
		break;
	case TAPI_SEQ_DIAL:
		if (seq->on)
			seq_end_char(seq, step);
		else
			seq_begin_char(seq, step);
		break;
	case TAPI_SEQ_FLASH:
		seq_next_flash(seq, step);
		break;
	default:
		step->act = TAPI_SEQ_END;
		break;
	}
	if (step->act == TAPI_SEQ_END)
		seq->kind = TAPI_SEQ_IDLE;
}

/**
 * tapi_seq_stop() - stop a sequence at any point
 * @seq: the sequence; idle afterwards, @done stays
 * @step: what leaves the line as it was before, %TAPI_SEQ_WAIT for nothing
 */
void tapi_seq_stop(struct tapi_seq *seq, struct tapi_seq_step *step)
{
	memset(step, 0, sizeof(*step));
	if (seq->on) {
		switch (seq->kind) {
		case TAPI_SEQ_RING:
			step->act = TAPI_SEQ_RING_OFF;
			break;
		case TAPI_SEQ_TONE:
			step->act = TAPI_SEQ_TONE_OFF;
			break;
		case TAPI_SEQ_DIAL:
			step->digit = seq->dial.digits[seq->pos];
			step->act = seq->dial.mode == TAPI_LINE_DIAL_DTMF && step->digit != '!' ?
				    TAPI_SEQ_DTMF_OFF : TAPI_SEQ_LOOP_CLOSE;
			break;
		case TAPI_SEQ_FLASH:
			step->act = TAPI_SEQ_LOOP_CLOSE;
			break;
		case TAPI_SEQ_IDLE:
			break;
		}
	}
	seq->on = false;
	seq->kind = TAPI_SEQ_IDLE;
}
