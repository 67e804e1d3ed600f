/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "phone.h"

static void phone_note(struct phone *p, const struct tapi_hook_event *ev, unsigned int num)
{
	for (; num && p->len + 1 < sizeof(p->text); num--, ev++) {
		char c = '?';

		switch (ev->what) {
		case TAPI_HOOK_OFF:
			c = '+';
			break;
		case TAPI_HOOK_ON:
			c = '-';
			p->on_ns = ev->ts_ns;
			break;
		case TAPI_HOOK_FLASHED:
			c = 'f';
			p->flash_ms = ev->duration_ms;
			break;
		case TAPI_HOOK_DIGIT:
			c = tapi_hook_pulse_digit(ev->pulses);
			if (!c)
				c = '?';
			break;
		}
		p->text[p->len++] = c;
	}
}

/* Time passes; the timer runs when it is due, or later */
void phone_wait(struct phone *p, u64 us)
{
	struct tapi_hook_event ev[TAPI_HOOK_EVENTS];
	u64 end_ns = p->now_ns + us * 1000;
	u64 due_ns;

	for (;;) {
		due_ns = tapi_hook_deadline(&p->hook, &p->limits);
		if (due_ns == U64_MAX || due_ns + p->late_ns > end_ns)
			break;
		phone_note(p, ev, tapi_hook_tick(&p->hook, &p->limits, due_ns + p->late_ns, ev));
	}
	p->now_ns = end_ns;
}

void phone_loop(struct phone *p, bool closed)
{
	struct tapi_hook_event ev[TAPI_HOOK_EVENTS];

	phone_note(p, ev, tapi_hook_edge(&p->hook, &p->limits, closed, p->now_ns, ev));
}

void phone_pulse(struct phone *p, u64 break_us, u64 make_us)
{
	phone_loop(p, false);
	phone_wait(p, break_us);
	phone_loop(p, true);
	phone_wait(p, make_us);
}

void phone_dial(struct phone *p, char digit, u64 break_us, u64 make_us)
{
	unsigned int pulses = digit == '0' ? 10 : (unsigned int)(digit - '0');

	while (pulses--)
		phone_pulse(p, break_us, make_us);
}
