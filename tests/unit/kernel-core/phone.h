/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A telephone on the classifier: edges and the timer, decisions written down as text */
#ifndef TESTS_PHONE_H
#define TESTS_PHONE_H

#include "hook.h"

/**
 * struct phone - a telephone, its classifier, and what was decided
 * @hook: the classifier
 * @limits: its limits
 * @now_ns: the time
 * @late_ns: how late the timer runs
 * @text: decisions: "+" off hook, "-" on hook, "f" flash, digits
 * @len: length of @text
 * @flash_ms: length of the last flash
 * @on_ns: when the last hang-up is said to have been
 */
struct phone {
	struct tapi_hook hook;
	struct tapi_hook_limits limits;
	u64 now_ns;
	u64 late_ns;
	char text[256];
	unsigned int len;
	u32 flash_ms;
	u64 on_ns;
};

#define PHONE_LIMITS	{ .debounce_ns = 10000000, .pulse_max_ns = 120000000, \
			  .flash_max_ns = 900000000 }

void phone_wait(struct phone *p, u64 us);
void phone_loop(struct phone *p, bool closed);
void phone_pulse(struct phone *p, u64 break_us, u64 make_us);
void phone_dial(struct phone *p, char digit, u64 break_us, u64 make_us);

#endif
