// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what a driver reports to the records that readers get.
 *
 * A report folds into the line's snapshot, becomes a numbered record, and goes
 * to every open file that wants it.  All of it runs under line->ev_lock with
 * interrupts off, so drivers may report from any context.
 */
#include <linux/string.h>

#include "core.h"
#include "trace.h"

/* Longest break of the battery that is a signal of the exchange and no cut wire */
#define REPORT_LOOP_DROP_MAX_MS	2000

#define REPORT_DIGITS	(BIT(TAPI_LINE_EV_DTMF) | BIT(TAPI_LINE_EV_PULSE_DIGIT))

/* Digits belong to the call: while the line has a provider only the claimer gets them */
static bool report_is_private(struct tapi_line *line, struct tapi_fh *fh)
{
	return (line->state.flags & TAPI_LINE_ST_BOUND) && line->claimer != fh;
}

static void report_put(struct tapi_line *line, struct tapi_fh *fh,
		       const struct tapi_line_event *ev)
{
	line->dropped += tapi_ring_put(&fh->ring, ev);
	wake_up_interruptible(&fh->wait);
}

static void report_put_private(struct tapi_line *line, struct tapi_fh *fh,
			       const struct tapi_line_event *ev)
{
	struct tapi_line_event hidden = *ev;

	if (ev->type == TAPI_LINE_EV_DTMF) {
		hidden.dtmf.digit = 0;
	} else {
		hidden.pulse.digit = 0;
		hidden.pulse.pulses = 0;
	}
	report_put(line, fh, &hidden);
}

/**
 * tapi_event_locked() - number a record and give it to all readers
 * @line: the line
 * @ev: the record; its number is filled in
 *
 * Context: Any, line->ev_lock held.
 */
void tapi_event_locked(struct tapi_line *line, struct tapi_line_event *ev)
{
	struct tapi_fh *fh;

	lockdep_assert_held(&line->ev_lock);
	if (line->gone)
		return;
	ev->seq = ++line->state.seq;
	line->state.ts = ev->ts;
	line->events++;
	trace_tapi_event(line, ev);
	list_for_each_entry(fh, &line->fhs, entry) {
		if (!tapi_ring_wants(&fh->ring, ev->type))
			continue;
		if ((REPORT_DIGITS & 1U << ev->type) && report_is_private(line, fh))
			report_put_private(line, fh, ev);
		else
			report_put(line, fh, ev);
	}
}

static void report_make_state(struct tapi_line *line, struct tapi_line_event *ev, u32 flags)
{
	memset(ev, 0, sizeof(*ev));
	ev->type = TAPI_LINE_EV_STATE;
	ev->flags = flags;
	ev->ts = ktime_get_ns();
	ev->seq = line->state.seq;
	ev->state.hook = line->state.hook;
	ev->state.ring = line->state.ring;
	ev->state.linefeed = line->state.linefeed;
	ev->state.polarity = line->state.polarity;
	ev->state.battery = line->state.battery;
	ev->state.faults = line->state.faults;
	ev->state.flags = line->state.flags;
}

/**
 * tapi_event_state_locked() - give a snapshot to all readers
 * @line: the line
 * @flags: TAPI_LINE_EV_FL_ bits
 *
 * Context: Any, line->ev_lock held.
 */
void tapi_event_state_locked(struct tapi_line *line, u32 flags)
{
	struct tapi_line_event ev;

	report_make_state(line, &ev, flags);
	tapi_event_locked(line, &ev);
}

/**
 * tapi_event_open() - a file begins to read
 * @line: the line
 * @fh: the file
 *
 * Its first record is the state at this moment; what comes after it follows.
 *
 * Context: Process context.
 */
void tapi_event_open(struct tapi_line *line, struct tapi_fh *fh)
{
	struct tapi_line_event ev;

	spin_lock_irq(&line->ev_lock);
	report_make_state(line, &ev, TAPI_LINE_EV_FL_INITIAL);
	tapi_ring_put(&fh->ring, &ev);
	list_add_tail(&fh->entry, &line->fhs);
	spin_unlock_irq(&line->ev_lock);
}

/**
 * tapi_event_close() - a file ends
 * @line: the line
 * @fh: the file
 *
 * Context: Process context.
 */
void tapi_event_close(struct tapi_line *line, struct tapi_fh *fh)
{
	spin_lock_irq(&line->ev_lock);
	list_del(&fh->entry);
	spin_unlock_irq(&line->ev_lock);
}

/* A record that the core makes in process context */
static void report_send(struct tapi_line *line, struct tapi_line_event *ev)
{
	unsigned long irq;

	ev->ts = ktime_get_ns();
	spin_lock_irqsave(&line->ev_lock, irq);
	tapi_event_locked(line, ev);
	spin_unlock_irqrestore(&line->ev_lock, irq);
}

/**
 * tapi_event_complete() - a request has ended
 * @line: the line
 * @cookie: of the request, 0 when nobody wants to know
 * @status: 0 or a negative errno
 * @done: digits or bursts done
 *
 * Context: Any.
 */
void tapi_event_complete(struct tapi_line *line, u32 cookie, int status, u32 done)
{
	struct tapi_line_event ev = { .type = TAPI_LINE_EV_COMPLETE, .cookie = cookie };

	if (!cookie)
		return;
	ev.complete.status = status;
	ev.complete.done = done;
	report_send(line, &ev);
}

static u32 report_cause_flags(u32 cause)
{
	return cause == TAPI_LINE_HOOK_BY_SAFE_STATE ? TAPI_LINE_EV_FL_SYNTHETIC : 0;
}

static void report_hook_locked(struct tapi_line *line, u32 hook, u32 cause, u64 ts_ns)
{
	struct tapi_line_event ev = {
		.ts = ts_ns,
		.type = TAPI_LINE_EV_HOOK,
		.flags = report_cause_flags(cause),
		.hook = { .state = hook, .cause = cause },
	};

	if (line->state.hook == hook)
		return;
	line->state.hook = hook;
	tapi_event_locked(line, &ev);
}

/**
 * tapi_event_hook() - the core has put the line on or off hook
 * @line: the line
 * @hook: %TAPI_LINE_ON_HOOK or %TAPI_LINE_OFF_HOOK
 * @cause: TAPI_LINE_HOOK_BY_
 *
 * Context: Any.
 */
void tapi_event_hook(struct tapi_line *line, u32 hook, u32 cause)
{
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	report_hook_locked(line, hook, cause, ktime_get_ns());
	spin_unlock_irqrestore(&line->ev_lock, irq);
}

/**
 * tapi_event_flash() - the core has flashed
 * @line: the line
 * @duration_ms: how long
 *
 * Context: Any.
 */
void tapi_event_flash(struct tapi_line *line, u32 duration_ms)
{
	struct tapi_line_event ev = {
		.type = TAPI_LINE_EV_FLASH,
		.hook = {
			.state = TAPI_LINE_OFF_HOOK,
			.cause = TAPI_LINE_HOOK_BY_REQUEST,
			.duration_ms = duration_ms,
		},
	};

	report_send(line, &ev);
}

/**
 * tapi_event_ring() - the core has started or ended a ring burst
 * @line: the line
 * @on: which
 * @freq_mhz: ringing frequency, mHz
 * @duration_ms: length of the burst that ended
 *
 * Context: Any.
 */
void tapi_event_ring(struct tapi_line *line, bool on, u32 freq_mhz, u32 duration_ms)
{
	struct tapi_line_event ev = {
		.type = TAPI_LINE_EV_RING,
		.ring = { .state = on, .freq_mhz = freq_mhz, .duration_ms = duration_ms },
		.ts = ktime_get_ns(),
	};
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	if (line->state.ring != on) {
		line->state.ring = on;
		tapi_event_locked(line, &ev);
	}
	spin_unlock_irqrestore(&line->ev_lock, irq);
}

static void report_level_locked(struct tapi_line *line, u32 type, u32 flags, u32 *level, u32 value,
				u64 ts_ns)
{
	struct tapi_line_event ev = {
		.ts = ts_ns,
		.type = type,
		.flags = flags,
		.level = { .value = value, .old = *level },
	};

	if (*level == value)
		return;
	*level = value;
	tapi_event_locked(line, &ev);
}

/**
 * tapi_event_linefeed() - the core has changed how the line is fed
 * @line: the line
 * @state: TAPI_LINE_FEED_
 * @polarity: 1 for reversed
 * @flags: TAPI_LINE_EV_FL_ bits
 *
 * Context: Any.
 */
void tapi_event_linefeed(struct tapi_line *line, u32 state, u32 polarity, u32 flags)
{
	u64 now_ns = ktime_get_ns();
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	report_level_locked(line, TAPI_LINE_EV_LINEFEED, flags, &line->state.linefeed, state,
			    now_ns);
	report_level_locked(line, TAPI_LINE_EV_POLARITY, flags, &line->state.polarity, polarity,
			    now_ns);
	spin_unlock_irqrestore(&line->ev_lock, irq);
}

/**
 * tapi_event_gone() - the last record of a line
 * @line: the line
 *
 * Wakes everybody who waits; nothing is queued after it.
 *
 * Context: Any.
 */
void tapi_event_gone(struct tapi_line *line)
{
	struct tapi_line_event ev = {
		.ts = ktime_get_ns(),
		.type = TAPI_LINE_EV_GONE,
		.flags = TAPI_LINE_EV_FL_SYNTHETIC,
	};
	struct tapi_fh *fh;
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	ev.seq = ++line->state.seq;
	line->state.ts = ev.ts;
	line->gone = true;
	trace_tapi_event(line, &ev);
	list_for_each_entry(fh, &line->fhs, entry) {
		tapi_ring_put_gone(&fh->ring, &ev);
		wake_up_interruptible_all(&fh->wait);
	}
	spin_unlock_irqrestore(&line->ev_lock, irq);
}

/**
 * tapi_event_resumed() - the line has slept
 * @line: the line
 *
 * The state for all readers, who cannot know how old theirs is.
 *
 * Context: Any.
 */
void tapi_event_resumed(struct tapi_line *line)
{
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	tapi_event_state_locked(line, TAPI_LINE_EV_FL_RESUMED);
	spin_unlock_irqrestore(&line->ev_lock, irq);
}

/**
 * tapi_line_set_bound() - a provider came to the line or left it
 * @line: the line
 * @bound: which
 *
 * Context: Any.
 */
void tapi_line_set_bound(struct tapi_line *line, bool bound)
{
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	if (bound != !!(line->state.flags & TAPI_LINE_ST_BOUND)) {
		line->state.flags ^= TAPI_LINE_ST_BOUND;
		tapi_event_state_locked(line, 0);
	}
	spin_unlock_irqrestore(&line->ev_lock, irq);
}

/**
 * tapi_line_snapshot() - the state of a line as one of its files may see it
 * @line: the line
 * @fh: the file, NULL for the public part
 * @state: filled in
 *
 * Context: Any.
 */
void tapi_line_snapshot(struct tapi_line *line, struct tapi_fh *fh, struct tapi_line_state *state)
{
	s64 left_ms = 0;
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	*state = line->state;
	if (report_is_private(line, fh) || !fh)
		state->dtmf = 0;
	if (state->flags & TAPI_LINE_ST_LINGER)
		left_ms = ktime_ms_delta(line->linger_end, ktime_get());
	spin_unlock_irqrestore(&line->ev_lock, irq);
	state->linger_ms = TAPI_LINE_NONE;
	if (state->flags & TAPI_LINE_ST_LINGER)
		state->linger_ms = max_t(s64, left_ms, 0);
}

/**
 * tapi_line_event_types() - what a line can report
 * @line: the line
 *
 * Return: a bit for each type.
 */
u64 tapi_line_event_types(const struct tapi_line *line)
{
	u64 types = BIT_ULL(TAPI_LINE_EV_STATE) | BIT_ULL(TAPI_LINE_EV_HOOK) |
		    BIT_ULL(TAPI_LINE_EV_COMPLETE) | BIT_ULL(TAPI_LINE_EV_FAULT) |
		    BIT_ULL(TAPI_LINE_EV_CLAIM) | BIT_ULL(TAPI_LINE_EV_GONE) |
		    BIT_ULL(TAPI_LINE_EV_LOST);

	if (line->type == TAPI_LINE_FXS)
		types |= BIT_ULL(TAPI_LINE_EV_FLASH) | BIT_ULL(TAPI_LINE_EV_PULSE_DIGIT);
	else
		types |= BIT_ULL(TAPI_LINE_EV_RING) | BIT_ULL(TAPI_LINE_EV_POLARITY) |
			 BIT_ULL(TAPI_LINE_EV_BATTERY) | BIT_ULL(TAPI_LINE_EV_LOOP_DROP);
	if (line->caps & TAPI_LINE_CAP_FLASH)
		types |= BIT_ULL(TAPI_LINE_EV_FLASH);
	if (line->caps & TAPI_LINE_CAP_RING)
		types |= BIT_ULL(TAPI_LINE_EV_RING);
	if (line->caps & TAPI_LINE_CAP_LINEFEED)
		types |= BIT_ULL(TAPI_LINE_EV_LINEFEED);
	if (line->caps & TAPI_LINE_CAP_POLARITY)
		types |= BIT_ULL(TAPI_LINE_EV_POLARITY);
	if (line->caps & TAPI_LINE_CAP_DTMF_DETECT)
		types |= BIT_ULL(TAPI_LINE_EV_DTMF);
	return types;
}

/* A report of a driver: @ts is when the edge was seen */
static u64 report_ms_since(u64 since_ns, u64 ts_ns)
{
	return ts_ns > since_ns ? div_u64(ts_ns - since_ns, NSEC_PER_MSEC) : 0;
}

/**
 * tapi_report_polarity() - the polarity of the line
 * @line: the line
 * @reversed: whether it is reversed
 * @ts: when it was seen, CLOCK_MONOTONIC
 *
 * Context: Any, hard interrupt included.
 */
void tapi_report_polarity(struct tapi_line *line, bool reversed, ktime_t ts)
{
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	report_level_locked(line, TAPI_LINE_EV_POLARITY, 0, &line->state.polarity, reversed,
			    ktime_to_ns(ts));
	spin_unlock_irqrestore(&line->ev_lock, irq);
}
EXPORT_SYMBOL_GPL(tapi_report_polarity);

/* A short break while off hook is how an exchange says that the other side hung up */
static void report_loop_drop_locked(struct tapi_line *line, s32 mv, u64 ts_ns)
{
	u64 length_ms = report_ms_since(line->edges.battery_ns, ts_ns);
	struct tapi_line_event ev = {
		.ts = ts_ns,
		.type = TAPI_LINE_EV_LOOP_DROP,
		.battery = { .state = 1, .mv = mv },
	};

	if (line->type != TAPI_LINE_FXO || line->state.hook != TAPI_LINE_OFF_HOOK)
		return;
	if (length_ms < tapi_param_value(line, TAPI_LINE_PARAM_LOOP_DROP, 0) ||
	    length_ms > REPORT_LOOP_DROP_MAX_MS)
		return;
	tapi_event_locked(line, &ev);
}

/**
 * tapi_report_battery() - whether the line is fed
 * @line: the line
 * @on: whether it is
 * @mv: voltage, mV, 0 when unknown
 * @ts: when it was seen, CLOCK_MONOTONIC
 *
 * Context: Any, hard interrupt included.
 */
void tapi_report_battery(struct tapi_line *line, bool on, s32 mv, ktime_t ts)
{
	u64 ts_ns = ktime_to_ns(ts);
	struct tapi_line_event ev = {
		.ts = ts_ns,
		.type = TAPI_LINE_EV_BATTERY,
		.battery = { .state = on, .mv = mv },
	};
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	if (line->state.battery != on) {
		line->state.battery = on;
		tapi_event_locked(line, &ev);
		if (on)
			report_loop_drop_locked(line, mv, ts_ns);
		else
			line->edges.battery_ns = ts_ns;
	}
	spin_unlock_irqrestore(&line->ev_lock, irq);
}
EXPORT_SYMBOL_GPL(tapi_report_battery);

/**
 * tapi_report_dtmf() - a digit that a decoder in hardware found
 * @line: the line
 * @digit: 0-9 * # A-D
 * @pressed: whether it began or ended
 * @ts: when it was seen, CLOCK_MONOTONIC
 *
 * Context: Any, hard interrupt included.
 */
void tapi_report_dtmf(struct tapi_line *line, char digit, bool pressed, ktime_t ts)
{
	u64 ts_ns = ktime_to_ns(ts);
	struct tapi_line_event ev = {
		.ts = ts_ns,
		.type = TAPI_LINE_EV_DTMF,
		.dtmf = { .digit = digit, .pressed = pressed },
	};
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	if (pressed) {
		line->state.dtmf = digit;
		line->edges.dtmf_ns = ts_ns;
	} else {
		if (line->state.dtmf)
			ev.dtmf.duration_ms = report_ms_since(line->edges.dtmf_ns, ts_ns);
		line->state.dtmf = 0;
	}
	tapi_event_locked(line, &ev);
	spin_unlock_irqrestore(&line->ev_lock, irq);
}
EXPORT_SYMBOL_GPL(tapi_report_dtmf);

/**
 * tapi_report_fault() - what is wrong with the line
 * @line: the line
 * @faults: all present faults, TAPI_LINE_FAULT_ bits
 * @ts: when it was seen, CLOCK_MONOTONIC
 *
 * Context: Any, hard interrupt included.
 */
void tapi_report_fault(struct tapi_line *line, u32 faults, ktime_t ts)
{
	struct tapi_line_event ev = {
		.ts = ktime_to_ns(ts),
		.type = TAPI_LINE_EV_FAULT,
		.fault.faults = faults,
	};
	unsigned long irq;

	spin_lock_irqsave(&line->ev_lock, irq);
	ev.fault.changed = line->state.faults ^ faults;
	if (ev.fault.changed) {
		line->state.faults = faults;
		tapi_event_locked(line, &ev);
	}
	spin_unlock_irqrestore(&line->ev_lock, irq);
}
EXPORT_SYMBOL_GPL(tapi_report_fault);
