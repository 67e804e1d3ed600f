// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hook, flash and dial pulses from the timed edges of a telephone's loop.
 *
 * The loop of a telephone is closed while it is off hook.  Its dial opens the
 * loop for some 60 ms per pulse, its flash key for a few hundred ms, its
 * cradle for good: only the length of a break tells them apart, so a hang-up
 * is known when the longest flash has passed.
 *
 * Pure code: time comes in, decisions go out.  The caller asks
 * tapi_hook_deadline() when to call tapi_hook_tick().
 */
#include "hook.h"

struct hook_out {
	struct tapi_hook_event *ev;
	unsigned int num;
};

/**
 * tapi_debounce_edge() - a level was seen
 * @d: the filter
 * @level: the level
 * @ts_ns: when it began
 *
 * Return: whether it differs from the level seen before.
 */
bool tapi_debounce_edge(struct tapi_debounce *d, bool level, u64 ts_ns)
{
	if (d->raw == level)
		return false;
	d->raw = level;
	d->raw_ns = ts_ns;
	return true;
}

/**
 * tapi_debounce_deadline() - when does the present level begin to count?
 * @d: the filter
 * @hold_ns: how long a level must hold
 *
 * Return: the time, or %U64_MAX when it counts already.
 */
u64 tapi_debounce_deadline(const struct tapi_debounce *d, u64 hold_ns)
{
	return d->raw == d->level ? U64_MAX : d->raw_ns + hold_ns;
}

/**
 * tapi_debounce_settle() - let the present level count if it held long enough
 * @d: the filter
 * @hold_ns: how long a level must hold
 * @now_ns: the time
 *
 * Return: whether the level that counts changed; it did so at @d->raw_ns.
 */
bool tapi_debounce_settle(struct tapi_debounce *d, u64 hold_ns, u64 now_ns)
{
	if (tapi_debounce_deadline(d, hold_ns) > now_ns)
		return false;
	d->level = d->raw;
	return true;
}

static void hook_emit(struct hook_out *out, enum tapi_hook_what what, u64 ts_ns, u32 duration_ms,
		      u32 pulses)
{
	out->ev[out->num++] = (struct tapi_hook_event) {
		.what = what,
		.ts_ns = ts_ns,
		.duration_ms = duration_ms,
		.pulses = pulses,
	};
}

/*
 * A dial at its slowest makes a pulse in pulse_max and half as long again;
 * twice pulse_max without one is the pause between digits.
 */
static u64 hook_digit_pause(const struct tapi_hook_limits *lim)
{
	return 2 * lim->pulse_max_ns;
}

static void hook_end_digit(struct tapi_hook *h, struct hook_out *out)
{
	if (h->pulses)
		hook_emit(out, TAPI_HOOK_DIGIT, h->close_ns, 0, h->pulses);
	h->pulses = 0;
}

static void hook_hang_up(struct tapi_hook *h, struct hook_out *out)
{
	hook_end_digit(h, out);
	h->off_hook = false;
	hook_emit(out, TAPI_HOOK_ON, h->open_ns, 0, 0);
}

/* The loop was closed at @ts_ns */
static void hook_closed(struct tapi_hook *h, const struct tapi_hook_limits *lim, u64 ts_ns,
			struct hook_out *out)
{
	u64 length_ns = ts_ns - h->open_ns;

	if (h->off_hook && length_ns > lim->flash_max_ns)
		hook_hang_up(h, out);
	if (!h->off_hook) {
		h->off_hook = true;
		hook_emit(out, TAPI_HOOK_OFF, ts_ns, 0, 0);
	} else if (length_ns < lim->pulse_max_ns) {
		h->pulses++;
		h->close_ns = ts_ns;
	} else {
		hook_end_digit(h, out);
		hook_emit(out, TAPI_HOOK_FLASHED, ts_ns, length_ns / NSEC_PER_MSEC, 0);
	}
}

/* The loop was opened at @ts_ns */
static void hook_opened(struct tapi_hook *h, const struct tapi_hook_limits *lim, u64 ts_ns,
			struct hook_out *out)
{
	if (ts_ns - h->close_ns >= hook_digit_pause(lim))
		hook_end_digit(h, out);
	h->open_ns = ts_ns;
}

/**
 * tapi_hook_init() - start with a known state
 * @h: the classifier
 * @off_hook: what the telephone is
 */
void tapi_hook_init(struct tapi_hook *h, bool off_hook)
{
	memset(h, 0, sizeof(*h));
	h->off_hook = off_hook;
	h->loop.level = off_hook;
	h->loop.raw = off_hook;
}

/**
 * tapi_hook_deadline() - when is the next decision due without another edge?
 * @h: the classifier
 * @lim: its limits
 *
 * An edge that has not settled yet decides first: a break that ends just in
 * time for a flash is no hang-up because of the debounce time.
 *
 * Return: the time, or %U64_MAX.
 */
u64 tapi_hook_deadline(const struct tapi_hook *h, const struct tapi_hook_limits *lim)
{
	if (h->loop.raw != h->loop.level)
		return tapi_debounce_deadline(&h->loop, lim->debounce_ns);
	if (!h->loop.level && h->off_hook)
		return h->open_ns + lim->flash_max_ns + 1;
	if (h->loop.level && h->pulses)
		return h->close_ns + hook_digit_pause(lim);
	return U64_MAX;
}

static void hook_tick(struct tapi_hook *h, const struct tapi_hook_limits *lim, u64 now_ns,
		      struct hook_out *out)
{
	if (tapi_debounce_settle(&h->loop, lim->debounce_ns, now_ns)) {
		if (h->loop.level)
			hook_closed(h, lim, h->loop.raw_ns, out);
		else
			hook_opened(h, lim, h->loop.raw_ns, out);
	}
	if (h->loop.raw != h->loop.level || tapi_hook_deadline(h, lim) > now_ns)
		return;
	if (h->loop.level)
		hook_end_digit(h, out);
	else
		hook_hang_up(h, out);
}

/**
 * tapi_hook_tick() - time has passed
 * @h: the classifier
 * @lim: its limits
 * @now_ns: the time
 * @out: room for %TAPI_HOOK_EVENTS decisions
 *
 * Return: the number of decisions.
 */
unsigned int tapi_hook_tick(struct tapi_hook *h, const struct tapi_hook_limits *lim,
			    u64 now_ns, struct tapi_hook_event *out)
{
	struct hook_out o = { .ev = out };

	hook_tick(h, lim, now_ns, &o);
	return o.num;
}

/**
 * tapi_hook_edge() - the loop was seen closed or open
 * @h: the classifier
 * @lim: its limits
 * @closed: the level
 * @ts_ns: when it began
 * @out: room for %TAPI_HOOK_EVENTS decisions
 *
 * Return: the number of decisions.
 */
unsigned int tapi_hook_edge(struct tapi_hook *h, const struct tapi_hook_limits *lim,
			    bool closed, u64 ts_ns, struct tapi_hook_event *out)
{
	struct hook_out o = { .ev = out };

	/* What was due before this edge is decided without it. */
	if (h->loop.raw != closed && tapi_hook_deadline(h, lim) <= ts_ns)
		hook_tick(h, lim, ts_ns, &o);
	if (tapi_debounce_edge(&h->loop, closed, ts_ns))
		hook_tick(h, lim, ts_ns, &o);
	return o.num;
}

/**
 * tapi_hook_pulse_digit() - the digit of a number of dial pulses
 * @pulses: the number
 *
 * Return: the digit in ASCII, 0 when no dial makes that many.
 */
char tapi_hook_pulse_digit(u32 pulses)
{
	if (!pulses || pulses > 10)
		return 0;
	return '0' + pulses % 10;
}
