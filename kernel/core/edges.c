// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports that need time to be understood: hook and ringing.
 *
 * The loop of a telephone and ringing voltage arrive as edges; hook.c says
 * what they mean, sometimes only when nothing happened for a while, so a timer
 * stands in for the edge that did not come.  Under line->ev_lock.
 */
#include <linux/string.h>

#include "core.h"

/* Longer than anything that is waited for */
#define EDGES_SLEEP_NS	(60ULL * NSEC_PER_SEC)

static u64 edges_param_ns(struct tapi_line *line, u32 id, s64 def_ms)
{
	return tapi_param_value(line, id, def_ms) * NSEC_PER_MSEC;
}

static void edges_limits(struct tapi_line *line, struct tapi_hook_limits *lim)
{
	lim->debounce_ns = edges_param_ns(line, TAPI_LINE_PARAM_DEBOUNCE, 0);
	lim->pulse_max_ns = edges_param_ns(line, TAPI_LINE_PARAM_PULSE_MAX, 120);
	lim->flash_max_ns = edges_param_ns(line, TAPI_LINE_PARAM_FLASH_MAX, 900);
}

/* Returns whether the telephone was picked up */
static bool edges_hook(struct tapi_line *line, bool off, u64 ts_ns)
{
	struct tapi_line_event ev = {
		.ts = ts_ns,
		.type = TAPI_LINE_EV_HOOK,
		.hook = {
			.state = off ? TAPI_LINE_OFF_HOOK : TAPI_LINE_ON_HOOK,
			.cause = TAPI_LINE_HOOK_BY_LINE,
		},
	};

	if (line->state.hook == ev.hook.state || line->gone)
		return false;
	line->state.hook = ev.hook.state;
	tapi_event_locked(line, &ev);
	return off;
}

static void edges_flash(struct tapi_line *line, const struct tapi_hook_event *what)
{
	struct tapi_line_event ev = {
		.ts = what->ts_ns,
		.type = TAPI_LINE_EV_FLASH,
		.hook = {
			.state = TAPI_LINE_OFF_HOOK,
			.cause = TAPI_LINE_HOOK_BY_LINE,
			.duration_ms = what->duration_ms,
		},
	};

	tapi_event_locked(line, &ev);
}

static void edges_digit(struct tapi_line *line, const struct tapi_hook_event *what)
{
	struct tapi_line_event ev = {
		.ts = what->ts_ns,
		.type = TAPI_LINE_EV_PULSE_DIGIT,
		.pulse = {
			.digit = tapi_hook_pulse_digit(what->pulses),
			.pulses = what->pulses,
		},
	};

	tapi_event_locked(line, &ev);
}

static bool edges_decided(struct tapi_line *line, const struct tapi_hook_event *what,
			  unsigned int num)
{
	bool answered = false;

	for (; num; num--, what++) {
		switch (what->what) {
		case TAPI_HOOK_OFF:
			answered |= edges_hook(line, true, what->ts_ns);
			break;
		case TAPI_HOOK_ON:
			edges_hook(line, false, what->ts_ns);
			break;
		case TAPI_HOOK_FLASHED:
			edges_flash(line, what);
			break;
		case TAPI_HOOK_DIGIT:
			edges_digit(line, what);
			break;
		}
	}
	return answered;
}

static void edges_ring(struct tapi_line *line, u64 now_ns)
{
	struct tapi_edges *e = &line->edges;
	u64 hold_ns = edges_param_ns(line, TAPI_LINE_PARAM_RING_DEBOUNCE, 0);
	struct tapi_line_event ev = { .type = TAPI_LINE_EV_RING };

	if (!tapi_debounce_settle(&e->ring, hold_ns, now_ns))
		return;
	ev.ts = e->ring.raw_ns;
	ev.ring.state = e->ring.level;
	ev.ring.freq_mhz = e->ring_mhz;
	if (e->ring.level)
		e->ring_ns = ev.ts;
	else
		ev.ring.duration_ms = div_u64(ev.ts - e->ring_ns, NSEC_PER_MSEC);
	line->state.ring = e->ring.level;
	tapi_event_locked(line, &ev);
}

/* Run the timer at the next decision that is due without an edge */
static void edges_arm(struct tapi_line *line, const struct tapi_hook_limits *lim)
{
	u64 hold_ns = edges_param_ns(line, TAPI_LINE_PARAM_RING_DEBOUNCE, 0);
	u64 due_ns = min(tapi_hook_deadline(&line->edges.hook, lim),
			 tapi_debounce_deadline(&line->edges.ring, hold_ns));

	if (due_ns != U64_MAX && !line->gone)
		hrtimer_start(&line->edges.timer, ns_to_ktime(due_ns), HRTIMER_MODE_ABS_SOFT);
}

static enum hrtimer_restart edges_timer(struct hrtimer *timer)
{
	struct tapi_line *line = container_of(timer, struct tapi_line, edges.timer);
	struct tapi_hook_event what[TAPI_HOOK_EVENTS];
	struct tapi_hook_limits lim;
	unsigned int num;
	unsigned long irq;
	bool answered;
	u64 now_ns;

	spin_lock_irqsave(&line->ev_lock, irq);
	now_ns = ktime_get_ns();
	edges_limits(line, &lim);
	num = tapi_hook_tick(&line->edges.hook, &lim, now_ns, what);
	answered = edges_decided(line, what, num);
	edges_ring(line, now_ns);
	edges_arm(line, &lim);
	if (answered)
		tapi_control_answered(line);
	spin_unlock_irqrestore(&line->ev_lock, irq);
	return HRTIMER_NORESTART;
}

/**
 * tapi_report_loop() - the loop of a telephone was closed or opened
 * @line: the line, FXS
 * @closed: which
 * @ts: when it was seen, CLOCK_MONOTONIC
 *
 * For cards that only have levels: the core tells hook, flash and dial pulses
 * apart.
 *
 * Context: Any, hard interrupt included.
 */
void tapi_report_loop(struct tapi_line *line, bool closed, ktime_t ts)
{
	struct tapi_hook_event what[TAPI_HOOK_EVENTS];
	struct tapi_hook_limits lim;
	unsigned int num;
	unsigned long irq;
	bool answered;

	spin_lock_irqsave(&line->ev_lock, irq);
	edges_limits(line, &lim);
	num = tapi_hook_edge(&line->edges.hook, &lim, closed, ktime_to_ns(ts), what);
	answered = edges_decided(line, what, num);
	edges_arm(line, &lim);
	if (answered)
		tapi_control_answered(line);
	spin_unlock_irqrestore(&line->ev_lock, irq);
}
EXPORT_SYMBOL_GPL(tapi_report_loop);

/**
 * tapi_report_hook() - a telephone is on or off hook
 * @line: the line, FXS
 * @off: which
 * @ts: when it was seen, CLOCK_MONOTONIC
 *
 * For cards that have told flashes and pulses apart already.
 *
 * Context: Any, hard interrupt included.
 */
void tapi_report_hook(struct tapi_line *line, bool off, ktime_t ts)
{
	unsigned long irq;
	bool answered;

	spin_lock_irqsave(&line->ev_lock, irq);
	tapi_hook_init(&line->edges.hook, off);
	answered = edges_hook(line, off, ktime_to_ns(ts));
	if (answered)
		tapi_control_answered(line);
	spin_unlock_irqrestore(&line->ev_lock, irq);
}
EXPORT_SYMBOL_GPL(tapi_report_hook);

/**
 * tapi_report_ring() - ringing voltage came or went
 * @line: the line, FXO
 * @on: which
 * @freq_mhz: its frequency, mHz, 0 when unknown
 * @ts: when it was seen, CLOCK_MONOTONIC
 *
 * Context: Any, hard interrupt included.
 */
void tapi_report_ring(struct tapi_line *line, bool on, u32 freq_mhz, ktime_t ts)
{
	struct tapi_hook_limits lim;
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	edges_limits(line, &lim);
	if (on)
		line->edges.ring_mhz = freq_mhz;
	if (tapi_debounce_edge(&line->edges.ring, on, ktime_to_ns(ts)))
		edges_ring(line, ktime_to_ns(ts));
	edges_arm(line, &lim);
	spin_unlock_irqrestore(&line->ev_lock, irq);
}
EXPORT_SYMBOL_GPL(tapi_report_ring);

/**
 * tapi_edges_init() - prepare a new line
 * @line: the line
 * @desc: its state when it is registered
 */
void tapi_edges_init(struct tapi_line *line, const struct tapi_line_desc *desc)
{
	tapi_hook_init(&line->edges.hook, desc->off_hook);
	line->state.hook = desc->off_hook ? TAPI_LINE_OFF_HOOK : TAPI_LINE_ON_HOOK;
	line->state.battery = desc->battery;
	if (line->type == TAPI_LINE_FXS)
		line->state.linefeed = TAPI_LINE_FEED_ACTIVE;
	tapi_hrtimer_setup(&line->edges.timer, edges_timer, CLOCK_MONOTONIC,
			   HRTIMER_MODE_ABS_SOFT);
}

/**
 * tapi_edges_suspend() - the line goes to sleep
 * @line: the line
 *
 * The monotonic clock stands still then: what waits for milliseconds to pass would take hours
 * for them.  So all of it is over now; a break of the loop is a hang-up.
 *
 * Context: Process context, may sleep.
 */
void tapi_edges_suspend(struct tapi_line *line)
{
	struct tapi_hook_event what[TAPI_HOOK_EVENTS];
	struct tapi_hook_limits lim;
	unsigned int num;
	u64 later_ns;

	hrtimer_cancel(&line->edges.timer);
	spin_lock_irq(&line->ev_lock);
	later_ns = ktime_get_ns() + EDGES_SLEEP_NS;
	edges_limits(line, &lim);
	num = tapi_hook_tick(&line->edges.hook, &lim, later_ns, what);
	edges_decided(line, what, num);
	edges_ring(line, later_ns);
	spin_unlock_irq(&line->ev_lock);
}

/**
 * tapi_edges_cancel() - stop what runs by itself
 * @line: a line that has gone
 *
 * Context: Process context, may sleep.
 */
void tapi_edges_cancel(struct tapi_line *line)
{
	hrtimer_cancel(&line->edges.timer);
}
