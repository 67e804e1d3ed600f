/* SPDX-License-Identifier: GPL-2.0-only */
/* From timed edges of a telephone's loop to hook, flash and dial pulses: hook.c */
#ifndef _TAPI_HOOK_H
#define _TAPI_HOOK_H

#include "pure.h"

/**
 * struct tapi_debounce - a level that must hold before it counts
 * @level: the level that counts
 * @raw: the level seen last
 * @raw_ns: when it began
 */
struct tapi_debounce {
	bool level;
	bool raw;
	u64 raw_ns;
};

bool tapi_debounce_edge(struct tapi_debounce *d, bool level, u64 ts_ns);
bool tapi_debounce_settle(struct tapi_debounce *d, u64 hold_ns, u64 now_ns);
u64 tapi_debounce_deadline(const struct tapi_debounce *d, u64 hold_ns);

/**
 * struct tapi_hook_limits - how long is what
 * @debounce_ns: shortest level that counts
 * @pulse_max_ns: a shorter break is a dial pulse
 * @flash_max_ns: a break up to this is a flash, a longer one a hang-up
 */
struct tapi_hook_limits {
	u64 debounce_ns;
	u64 pulse_max_ns;
	u64 flash_max_ns;
};

/**
 * struct tapi_hook - the classifier of one telephone
 * @loop: closed or open, debounced
 * @off_hook: what the telephone is held to be
 * @open_ns: when the present break began
 * @close_ns: when the last pulse ended
 * @pulses: pulses of the digit being dialled
 */
struct tapi_hook {
	struct tapi_debounce loop;
	bool off_hook;
	u64 open_ns;
	u64 close_ns;
	u32 pulses;
};

/* What was decided */
enum tapi_hook_what {
	TAPI_HOOK_OFF,
	TAPI_HOOK_ON,
	TAPI_HOOK_FLASHED,
	TAPI_HOOK_DIGIT,
};

struct tapi_hook_event {
	enum tapi_hook_what what;
	u64 ts_ns;
	u32 duration_ms;	/* of a flash */
	u32 pulses;		/* of a digit */
};

/*
 * One settled edge decides at most on a digit, a hang-up and an off-hook; one
 * call sees at most one edge settle, and after it one timeout.
 */
#define TAPI_HOOK_EVENTS	5

void tapi_hook_init(struct tapi_hook *h, bool off_hook);
unsigned int tapi_hook_edge(struct tapi_hook *h, const struct tapi_hook_limits *lim,
			    bool closed, u64 ts_ns, struct tapi_hook_event *out);
unsigned int tapi_hook_tick(struct tapi_hook *h, const struct tapi_hook_limits *lim,
			    u64 now_ns, struct tapi_hook_event *out);
u64 tapi_hook_deadline(const struct tapi_hook *h, const struct tapi_hook_limits *lim);
char tapi_hook_pulse_digit(u32 pulses);

#endif /* _TAPI_HOOK_H */
