// SPDX-License-Identifier: GPL-2.0-only
/*
 * A telephone on a Si3210, what is seen of it: hook, digits, power alarms, resets.
 *
 * Process context, the port's lock held.  The chip debounces the loop for 12.5 ms and switches
 * to the active feed by itself when ringing trips or the loop closes; we only have to notice.
 */
#include "tdm400.h"

/* After an edge of the loop the next one may be that of a dial pulse or a flash */
#define FXS_EDGE_NS		(1000ULL * NSEC_PER_MSEC)
/* Before that, off hook: the chip remembers an edge, its time is known to half of this */
#define FXS_QUIET_NS		(50 * NSEC_PER_MSEC)
/* The chip remembers one digit, too; the fastest are 80 ms from one to the next */
#define FXS_DIGIT_NS		(50 * NSEC_PER_MSEC)
#define FXS_DIGIT_SLACK_NS	(5 * NSEC_PER_MSEC)
/* Until it ends: pauses last 40 ms at least */
#define FXS_DIGIT_END_NS	(20 * NSEC_PER_MSEC)
#define FXS_CHECK_NS		(1000ULL * NSEC_PER_MSEC)
#define FXS_ALARM_NS		(250 * NSEC_PER_MSEC)

/* What all registers read as when the serial port is stuck means something in each of them */
static bool answers(struct tdm400_port *p)
{
	int revision = si3210_revision(p);
	bool silent = revision < 0;

	if (silent)
		p->spi_errors++;
	if (revision == -ENODEV && !p->fxs.silent && tdm400_usable(p->tdm))
		dev_warn_ratelimited(&p->tdm->pdev->dev, "socket %u: the module does not answer\n",
				     p->socket + 1);
	p->fxs.silent = silent;
	return !silent;
}

static int digit_of(int code)
{
	return code < 0 || !(code & FXS_DTMF_VALID) ? 0 : tables_dtmf(code);
}

static void digit_report(struct tdm400_port *p, char digit, bool on, u64 now_ns)
{
	tapi_report_dtmf(p->line, digit, on, ns_to_ktime(now_ns));
	p->fxs.digit = on ? digit : 0;
}

/* A digit that has ended already counts as well */
static void digit_began(struct tdm400_port *p, u64 now_ns)
{
	int code;

	p->fxs.digit_ns = now_ns + FXS_DIGIT_NS;
	if (tdm400_read_bits(p, FXS_INT3, FXS_INT3_DTMF) <= 0)
		return;
	code = tdm400_read_twice(p, FXS_INT3);
	if (code < 0 || !(code & FXS_INT3_DTMF) || !answers(p) ||
	    tdm400_write(p, FXS_INT3, FXS_INT3_DTMF))
		return;
	code = tdm400_read_twice(p, FXS_DTMF);
	if (code < 0)
		return;
	digit_report(p, tables_dtmf(code), true, now_ns);
	if (code & FXS_DTMF_VALID)
		p->fxs.digit_ns = now_ns + FXS_DIGIT_END_NS;
	else
		digit_report(p, p->fxs.digit, false, now_ns);
}

static void poll_digit(struct tdm400_port *p, u64 now_ns)
{
	struct tdm400_fxs *f = &p->fxs;
	int code;

	if (!f->digit) {
		digit_began(p, now_ns);
		return;
	}
	f->digit_ns = now_ns + FXS_DIGIT_END_NS;
	code = tdm400_read(p, FXS_DTMF);
	if (code < 0 || digit_of(code) == f->digit)
		return;
	code = tdm400_read_twice(p, FXS_DTMF);
	if (code < 0 || digit_of(code) == f->digit)
		return;
	digit_report(p, f->digit, false, now_ns);
	/* another one at once was remembered */
	f->digit_ns = now_ns;
}

/* The chip has opened the line to save its transistors */
static void power_alarm(struct tdm400_port *p, u64 now_ns)
{
	struct device *dev = &p->tdm->pdev->dev;
	int which = tdm400_read(p, FXS_INT2);

	p->power_alarms++;
	tdm400_module_fault(p, TAPI_LINE_FAULT_POWER);
	tdm400_write(p, FXS_INT2, 0xff);
	if (detect_alarm(&p->alarms, now_ns)) {
		p->down = true;
		si3210_power_down(p);
		dev_err(dev, "socket %u: power alarm again and again, line switched off\n",
			p->socket + 1);
		return;
	}
	dev_warn_ratelimited(dev, "socket %u: power alarm (0x%02x), feed restored\n",
			     p->socket + 1, which < 0 ? 0 : which & 0xfc);
	fxs_set_feed(p, p->fxs.feed);
	p->fxs.check_ns = now_ns + FXS_ALARM_NS;
}

/* Is the line fed as it was told to be? False: it is being seen to, and its loop tells nothing */
static bool poll_check(struct tdm400_port *p, u64 now_ns)
{
	struct tdm400_fxs *f = &p->fxs;
	int feed = tdm400_read_bits(p, FXS_LINEFEED, FXS_LF_MASK);
	int loopback;

	f->check_ns = now_ns + FXS_CHECK_NS;
	/* an open line tells nothing, a reset is seen in register 8 */
	if (feed > 0 && f->feed != FXS_LF_OPEN && !f->silent)
		return true;
	feed = tdm400_read_twice(p, FXS_LINEFEED);
	if (feed < 0 || !answers(p))
		return false;
	if (f->feed != FXS_LF_OPEN && (feed & FXS_LF_MASK))
		return true;
	loopback = tdm400_read_twice(p, FXS_LOOPBACK);
	if (loopback < 0)
		return false;
	if (loopback)
		tdm400_module_revive(p);
	else if (f->feed != FXS_LF_OPEN)
		power_alarm(p, now_ns);
	else
		return true;
	return false;
}

/* No edge for long: the next one need not be seen at once, the chip keeps it */
static bool loop_quiet(const struct tdm400_fxs *f, u64 now_ns)
{
	return f->closed && !f->ringing && now_ns >= f->edge_ns + FXS_EDGE_NS;
}

/*
 * Has the loop moved since the last look?  The chip's memory is cleared before the loop is looked
 * at: what happens meanwhile is found the next time.
 */
static int loop_moved(struct tdm400_port *p, u64 now_ns)
{
	struct tdm400_fxs *f = &p->fxs;
	bool armed = f->armed;
	int moved, ret;

	f->armed = loop_quiet(f, now_ns);
	if (!f->armed)
		return 0;
	moved = armed ? tdm400_read_bits(p, FXS_INT2, FXS_INT2_LOOP) : 0;
	if (moved > 0)
		moved = tdm400_read_twice(p, FXS_INT2);
	if (moved > 0)
		moved &= FXS_INT2_LOOP;
	if (moved < 0 || (armed && !moved))
		return moved;
	if (moved && !answers(p))
		return -EIO;
	ret = tdm400_write(p, FXS_INT2, FXS_INT2_LOOP);
	return ret ? ret : moved;
}

static void loop_report(struct tdm400_port *p, bool closed, u64 at_ns)
{
	struct tdm400_fxs *f = &p->fxs;

	f->closed = closed;
	f->edge_ns = at_ns;
	/* digits of an earlier call */
	if (closed)
		tdm400_write(p, FXS_INT3, FXS_INT3_DTMF);
	if (closed && (f->ringing || f->oht_ns)) {
		/* The chip has done so itself. */
		f->oht_ns = 0;
		f->ringing = false;
		fxs_set_feed(p, fxs_active_feed(f));
	}
	tapi_report_loop(p->line, closed, ns_to_ktime(at_ns));
}

/* Between two looks that were far apart is when an edge was, as far as is known */
static u64 loop_between(const struct tdm400_fxs *f, u64 now_ns)
{
	return now_ns - min_t(u64, now_ns - f->look_ns, FXS_QUIET_NS) / 2;
}

static void poll_loop(struct tdm400_port *p, u64 now_ns)
{
	struct tdm400_fxs *f = &p->fxs;
	u8 closed_bits = FXS_LOOP_CLOSED | (f->ringing ? FXS_LOOP_RING_TRIP : 0);
	bool armed = f->armed;
	int moved = loop_moved(p, now_ns);
	int loop;

	if (moved < 0 || (armed && f->armed && !moved && now_ns < f->level_ns))
		return;
	f->level_ns = now_ns + FXS_CHECK_NS;
	loop = tdm400_read_bits(p, FXS_LOOP, closed_bits);
	if (loop < 0 || (!moved && !!loop == f->closed))
		return;
	loop = tdm400_read_twice(p, FXS_LOOP);
	if (loop < 0 || (!moved && !!(loop & closed_bits) == f->closed)) {
		p->spi_errors++;
		return;
	}
	/* a line without feed is open, too */
	if (!answers(p) || (f->closed && !poll_check(p, now_ns))) {
		f->armed = false;
		return;
	}
	if (moved)
		loop_report(p, false, loop_between(f, now_ns));
	if (!!(loop & closed_bits) != f->closed)
		loop_report(p, !f->closed, now_ns);
}

/**
 * fxs_poll() - look at a line
 * @p: the socket, locked and working
 * @now_ns: the time
 *
 * Context: Process context, may sleep.
 * Return: when to look again.
 */
u64 fxs_poll(struct tdm400_port *p, u64 now_ns)
{
	struct tdm400_fxs *f = &p->fxs;
	u64 due_ns = now_ns + tdm400_poll_ms * NSEC_PER_MSEC;

	if (now_ns >= f->check_ns && !poll_check(p, now_ns))
		f->armed = false;
	else if (now_ns < f->settled_ns)
		f->armed = false;
	else
		poll_loop(p, now_ns);
	if (p->down)
		return now_ns;
	f->look_ns = now_ns;
	if (f->oht_ns && now_ns >= f->oht_ns) {
		f->oht_ns = 0;
		fxs_set_feed(p, f->asked);
	}
	if (loop_quiet(f, now_ns))
		due_ns = now_ns + FXS_QUIET_NS;
	else if (f->edge_ns && now_ns < f->edge_ns + FXS_EDGE_NS)
		due_ns = now_ns + TDM400_POLL_BUSY_NS;
	if (f->si3215 || !(f->closed || f->digit))
		return due_ns;
	/* with the look before it, if they are not far apart */
	if (now_ns + FXS_DIGIT_SLACK_NS >= f->digit_ns)
		poll_digit(p, now_ns);
	return min(due_ns, max(f->digit_ns, now_ns + TDM400_POLL_BUSY_NS));
}
