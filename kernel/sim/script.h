/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a far side does, as text: words and, between them, "+250ms".  Pure.
 */
#ifndef _TAPI_SIM_SCRIPT_H
#define _TAPI_SIM_SCRIPT_H

#include "core/pure.h"

/* 32 digits of ten pulses, two edges each, after the loop was closed */
#define SIM_SCRIPT_STEPS	(1 + 32 * 20)
/* An hour between two words: a timer counts in 32 bits of microseconds */
#define SIM_SCRIPT_US_MAX	3600000000U

/**
 * enum sim_act - what the scripts of a far side are about, one of each at a time
 * @SIM_ACT_HOOK: a telephone's loop: files hook, flash and dial
 * @SIM_ACT_RING: ringing voltage
 * @SIM_ACT_BATTERY: feed
 * @SIM_ACT_POLARITY: of the feed
 * @SIM_ACT_DTMF: digits
 * @SIM_ACTS: their number
 */
enum sim_act {
	SIM_ACT_HOOK,
	SIM_ACT_RING,
	SIM_ACT_BATTERY,
	SIM_ACT_POLARITY,
	SIM_ACT_DTMF,
	SIM_ACTS,
};

/**
 * enum sim_words - the languages
 * @SIM_WORDS_HOOK: onhook, offhook
 * @SIM_WORDS_FLASH: a number: the loop is open for so many ms
 * @SIM_WORDS_DIAL: digits, as pulses
 * @SIM_WORDS_RING: off, on, on:HZ
 * @SIM_WORDS_BATTERY: off, on
 * @SIM_WORDS_POLARITY: normal, reversed
 * @SIM_WORDS_DTMF: digits, as DTMF
 */
enum sim_words {
	SIM_WORDS_HOOK,
	SIM_WORDS_FLASH,
	SIM_WORDS_DIAL,
	SIM_WORDS_RING,
	SIM_WORDS_BATTERY,
	SIM_WORDS_POLARITY,
	SIM_WORDS_DTMF,
};

/**
 * struct sim_script - what is to be done
 * @us: time of the next step while it is being read; that of the end afterwards
 * @count: steps
 * @step: when, microseconds from the start, and what: off hook, mHz of ringing, fed,
 *	reversed, or a digit; 0 is the opposite
 */
struct sim_script {
	u32 us;
	u32 count;
	struct {
		u32 us;
		u32 value;
	} step[SIM_SCRIPT_STEPS];
};

int sim_script_parse(struct sim_script *script, enum sim_words words, const char *text);

#endif /* _TAPI_SIM_SCRIPT_H */
