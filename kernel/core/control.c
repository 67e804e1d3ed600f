// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a claimer does to its line: hook, flash, ring, tone, feed, dial, abort.
 *
 * One sequence plays at a time.  seq.c says what to do next and for how long;
 * a timer counts and a work item acts, because a driver may sleep.  All of it
 * runs under line->lock; the driver is called inside SRCU.
 */
#include <linux/string.h>

#include "core.h"
#include "trace.h"

/* What every request below needs: the driver, and that it may be asked */
struct control_call {
	const struct tapi_card_ops *ops;
	int idx;
};

static int control_enter(struct tapi_line *line, struct control_call *call)
{
	lockdep_assert_held(&line->lock);
	if (line->asleep)
		return -EIO;
	call->ops = tapi_ops_get(line->card, &call->idx);
	return call->ops ? 0 : -ENODEV;
}

static void control_leave(struct tapi_line *line, struct control_call *call)
{
	tapi_ops_put(line->card, call->idx);
}

static bool control_busy(struct tapi_line *line)
{
	return line->player.seq.kind != TAPI_SEQ_IDLE;
}

static u32 player_burst_ms(struct tapi_player *p)
{
	return ktime_ms_delta(ktime_get(), p->burst);
}

/* Tell the readers what the driver has done */
static void player_report(struct tapi_line *line, enum tapi_seq_act act, bool flash)
{
	struct tapi_player *p = &line->player;

	switch (act) {
	case TAPI_SEQ_RING_ON:
		p->burst = ktime_get();
		tapi_event_ring(line, true, p->freq_mhz, 0);
		break;
	case TAPI_SEQ_RING_OFF:
		tapi_event_ring(line, false, p->freq_mhz, player_burst_ms(p));
		break;
	case TAPI_SEQ_LOOP_OPEN:
		p->burst = ktime_get();
		break;
	case TAPI_SEQ_LOOP_CLOSE:
		if (flash)
			tapi_event_flash(line, player_burst_ms(p));
		break;
	default:
		break;
	}
}

static int player_act(struct tapi_line *line, const struct tapi_card_ops *ops,
		      const struct tapi_seq_step *step)
{
	switch (step->act) {
	case TAPI_SEQ_RING_ON:
		return tapi_call(line->card, ring_on, ops->ring_on(line, line->player.freq_mhz));
	case TAPI_SEQ_RING_OFF:
		return tapi_call(line->card, ring_off, ops->ring_off(line));
	case TAPI_SEQ_TONE_ON:
		return tapi_call(line->card, tone_on, ops->tone_on(line, &line->player.tone));
	case TAPI_SEQ_TONE_OFF:
		return tapi_call(line->card, tone_off, ops->tone_off(line));
	case TAPI_SEQ_DTMF_ON:
		return tapi_call(line->card, dtmf_send, ops->dtmf_send(line, step->digit, true));
	case TAPI_SEQ_DTMF_OFF:
		return tapi_call(line->card, dtmf_send, ops->dtmf_send(line, step->digit, false));
	case TAPI_SEQ_LOOP_OPEN:
		return tapi_call(line->card, set_hook, ops->set_hook(line, false));
	case TAPI_SEQ_LOOP_CLOSE:
		return tapi_call(line->card, set_hook, ops->set_hook(line, true));
	default:
		return 0;
	}
}

/* Is the break that is on the line, or was a moment ago, a flash? */
static bool player_flashes(const struct tapi_seq *seq)
{
	if (seq->kind == TAPI_SEQ_DIAL)
		return seq->pos < TAPI_LINE_DIAL_MAX && seq->dial.digits[seq->pos] == '!';
	return seq->kind == TAPI_SEQ_FLASH;
}

static void player_complete(struct tapi_line *line, int status)
{
	struct tapi_player *p = &line->player;
	u32 cookie = p->cookie;

	p->cookie = 0;
	tapi_event_complete(line, cookie, status, p->seq.done);
}

/* End the sequence in the middle: the line is left as the sequence found it */
static void player_stop(struct tapi_line *line, const struct tapi_card_ops *ops, int status)
{
	struct tapi_player *p = &line->player;
	bool flash = player_flashes(&p->seq);
	struct tapi_seq_step step;
	int ret;

	hrtimer_cancel(&p->timer);
	tapi_seq_stop(&p->seq, &step);
	ret = player_act(line, ops, &step);
	if (!ret)
		player_report(line, step.act, flash);
	player_complete(line, ret && !status ? ret : status);
}

static void player_arm(struct tapi_player *p)
{
	if (ktime_compare(p->due, KTIME_MAX))
		hrtimer_start(&p->timer, p->due, HRTIMER_MODE_ABS_SOFT);
}

/*
 * Cadences keep to their own clock, so that late steps do not add up.  Digits
 * and breaks are measured from when they really began: a short one is a wrong
 * one.
 */
static void player_set_due(struct tapi_player *p, u32 hold_ms)
{
	bool cadence = p->seq.kind == TAPI_SEQ_RING || p->seq.kind == TAPI_SEQ_TONE;

	ktime_t now = ktime_get();

	if (hold_ms == TAPI_SEQ_FOREVER)
		p->due = KTIME_MAX;
	else if (cadence && ktime_after(ktime_add_ms(p->due, hold_ms), now))
		p->due = ktime_add_ms(p->due, hold_ms);
	else
		p->due = ktime_add_ms(now, hold_ms);
}

/* Perform the steps that are due; a failing driver ends the sequence */
static int player_run(struct tapi_line *line, const struct tapi_card_ops *ops)
{
	struct tapi_player *p = &line->player;
	struct tapi_seq_step step;

	while (control_busy(line) && ktime_compare(p->due, ktime_get()) <= 0) {
		bool flash = player_flashes(&p->seq);
		int ret;

		tapi_seq_next(&p->seq, &step);
		if (step.act == TAPI_SEQ_END) {
			player_complete(line, 0);
			return 0;
		}
		ret = player_act(line, ops, &step);
		if (ret) {
			player_stop(line, ops, ret);
			return ret;
		}
		player_report(line, step.act, flash);
		player_set_due(p, step.hold_ms);
	}
	if (control_busy(line))
		player_arm(p);
	return 0;
}

/* The first step runs in the caller's context, so that its failure is the caller's */
static int player_start(struct tapi_line *line, const struct tapi_card_ops *ops, u32 cookie)
{
	struct tapi_player *p = &line->player;
	int ret;

	p->due = ktime_get();
	p->cookie = 0;
	WRITE_ONCE(p->answered, false);
	ret = player_run(line, ops);
	if (!ret)
		p->cookie = cookie;
	return ret;
}

static enum hrtimer_restart player_timer(struct hrtimer *timer)
{
	struct tapi_line *line = container_of(timer, struct tapi_line, player.timer);

	queue_work(tapi_wq, &line->player.work);
	return HRTIMER_NORESTART;
}

static void player_work(struct work_struct *work)
{
	struct tapi_line *line = container_of(work, struct tapi_line, player.work);
	struct tapi_player *p = &line->player;
	struct control_call call;

	mutex_lock(&line->lock);
	if (control_busy(line) && !control_enter(line, &call)) {
		/* Nobody wants ringing voltage on the ear. */
		if (p->seq.kind == TAPI_SEQ_RING && READ_ONCE(p->answered))
			player_stop(line, call.ops, 0);
		else
			player_run(line, call.ops);
		control_leave(line, &call);
	}
	mutex_unlock(&line->lock);
}

/**
 * tapi_control_answered() - the telephone was picked up: ringing must end
 * @line: the line
 *
 * Context: Any, hard interrupt included; with line->ev_lock held and the line not gone, or
 * inside SRCU: else tapi_control_cancel() could miss the work.
 */
void tapi_control_answered(struct tapi_line *line)
{
	if (!(line->caps & TAPI_LINE_CAP_RING))
		return;
	WRITE_ONCE(line->player.answered, true);
	queue_work(tapi_wq, &line->player.work);
}

/* On and off hook, for a request */
static int control_set_hook(struct tapi_line *line, const struct tapi_card_ops *ops,
			    const struct tapi_line_hook *req)
{
	bool off = req->op == TAPI_LINE_OFF_HOOK;
	int ret;

	if (control_busy(line)) {
		/* Hanging up ends whatever is being dialled. */
		if (off)
			return -EBUSY;
		player_stop(line, ops, -ECANCELED);
	}
	ret = tapi_call(line->card, set_hook, ops->set_hook(line, off));
	if (ret) {
		/* It may have gone half the way. Undone past injection: nobody asked for this. */
		if (off && line->state.hook != TAPI_LINE_OFF_HOOK)
			ops->set_hook(line, false);
		return ret;
	}
	tapi_event_hook(line, req->op, TAPI_LINE_HOOK_BY_REQUEST);
	tapi_event_complete(line, req->cookie, 0, 0);
	return 0;
}

static int control_flash(struct tapi_line *line, const struct tapi_card_ops *ops,
			 const struct tapi_line_hook *req)
{
	u32 length_ms = req->duration_ms;

	if (!(line->caps & TAPI_LINE_CAP_FLASH))
		return -EOPNOTSUPP;
	if (control_busy(line))
		return -EBUSY;
	if (line->state.hook != TAPI_LINE_OFF_HOOK)
		return -ENOTCONN;
	if (!length_ms)
		length_ms = tapi_param_value(line, TAPI_LINE_PARAM_FLASH, TAPI_SEQ_FLASH_MS);
	tapi_seq_flash(&line->player.seq, length_ms);
	return player_start(line, ops, req->cookie);
}

/**
 * tapi_control_hook() - go on or off hook, or flash
 * @line: the line
 * @req: the checked request
 *
 * Context: Process context, line->lock held, may sleep.
 * Return: 0; -ENODEV the card has gone; -EOPNOTSUPP no such capability; -EBUSY a
 * sequence plays; -ENOTCONN a flash while on hook; what the driver says.
 */
int tapi_control_hook(struct tapi_line *line, const struct tapi_line_hook *req)
{
	struct control_call call;
	int ret = control_enter(line, &call);

	if (ret)
		return ret;
	if (!(line->caps & TAPI_LINE_CAP_HOOK))
		ret = -EOPNOTSUPP;
	else if (req->op == TAPI_LINE_HOOK_FLASH)
		ret = control_flash(line, call.ops, req);
	else
		ret = control_set_hook(line, call.ops, req);
	control_leave(line, &call);
	return ret;
}

/* Stop what plays when it is of the kind that a stop request names */
static int control_stop(struct tapi_line *line, const struct tapi_card_ops *ops,
			enum tapi_seq_kind kind, u32 cookie)
{
	if (line->player.seq.kind == kind)
		player_stop(line, ops, -ECANCELED);
	tapi_event_complete(line, cookie, 0, 0);
	return 0;
}

/**
 * tapi_control_ring() - start or stop ringing
 * @line: the line
 * @req: the checked request
 *
 * Context: Process context, line->lock held, may sleep.
 * Return: 0; -ENODEV the card has gone; -EOPNOTSUPP no such capability; -EBUSY a
 * sequence plays or the telephone is off hook; what the driver says.
 */
int tapi_control_ring(struct tapi_line *line, const struct tapi_line_ring *req)
{
	struct control_call call;
	int ret = control_enter(line, &call);

	if (ret)
		return ret;
	if (!(line->caps & TAPI_LINE_CAP_RING)) {
		ret = -EOPNOTSUPP;
	} else if (req->op == TAPI_LINE_OP_STOP) {
		ret = control_stop(line, call.ops, TAPI_SEQ_RING, req->cookie);
	} else if (control_busy(line) || line->state.hook == TAPI_LINE_OFF_HOOK) {
		ret = -EBUSY;
	} else {
		line->player.freq_mhz = req->freq_mhz;
		tapi_seq_ring(&line->player.seq, req);
		ret = player_start(line, call.ops, req->cookie);
		/* Picked up in the meantime: the report found nothing to stop. */
		if (!ret && READ_ONCE(line->state.hook) == TAPI_LINE_OFF_HOOK)
			tapi_control_answered(line);
	}
	control_leave(line, &call);
	return ret;
}

/**
 * tapi_control_tone() - start or stop a tone
 * @line: the line
 * @req: the checked request
 *
 * Context: Process context, line->lock held, may sleep.
 * Return: 0; -ENODEV the card has gone; -EOPNOTSUPP no such capability; -EBUSY a
 * sequence plays; what the driver says.
 */
int tapi_control_tone(struct tapi_line *line, const struct tapi_line_tone *req)
{
	struct control_call call;
	int ret = control_enter(line, &call);

	if (ret)
		return ret;
	if (!(line->caps & TAPI_LINE_CAP_TONE)) {
		ret = -EOPNOTSUPP;
	} else if (req->op == TAPI_LINE_OP_STOP) {
		ret = control_stop(line, call.ops, TAPI_SEQ_TONE, req->cookie);
	} else if (control_busy(line)) {
		ret = -EBUSY;
	} else {
		line->player.tone = *req;
		tapi_seq_tone(&line->player.seq, req);
		ret = player_start(line, call.ops, req->cookie);
	}
	control_leave(line, &call);
	return ret;
}

static int control_may_dial(struct tapi_line *line, const struct tapi_line_dial *req)
{
	u64 need = req->mode == TAPI_LINE_DIAL_DTMF ? TAPI_LINE_CAP_DTMF_DIAL :
						      TAPI_LINE_CAP_PULSE_DIAL;

	if (tapi_seq_dial_flashes(req))
		need |= TAPI_LINE_CAP_FLASH;
	if ((line->caps & need) != need)
		return -EOPNOTSUPP;
	if (control_busy(line))
		return -EBUSY;
	if (line->state.hook != TAPI_LINE_OFF_HOOK)
		return -ENOTCONN;
	return 0;
}

/**
 * tapi_control_dial() - dial digits
 * @line: the line
 * @req: the checked request
 *
 * Context: Process context, line->lock held, may sleep.
 * Return: 0; -ENODEV the card has gone; -EOPNOTSUPP no such capability; -EBUSY a
 * sequence plays; -ENOTCONN the line is on hook; what the driver says.
 */
int tapi_control_dial(struct tapi_line *line, const struct tapi_line_dial *req)
{
	struct control_call call;
	int ret = control_enter(line, &call);

	if (ret)
		return ret;
	ret = control_may_dial(line, req);
	if (!ret) {
		tapi_seq_dial(&line->player.seq, req,
			      tapi_param_value(line, TAPI_LINE_PARAM_FLASH, TAPI_SEQ_FLASH_MS));
		ret = player_start(line, call.ops, req->cookie);
	}
	control_leave(line, &call);
	return ret;
}

/**
 * tapi_control_linefeed() - feed the line
 * @line: the line
 * @req: the checked request
 *
 * Context: Process context, line->lock held, may sleep.
 * Return: 0; -ENODEV the card has gone; -EOPNOTSUPP no such capability; -EBUSY a
 * sequence plays; what the driver says.
 */
int tapi_control_linefeed(struct tapi_line *line, const struct tapi_line_linefeed *req)
{
	u64 need = TAPI_LINE_CAP_LINEFEED;
	struct control_call call;
	int ret = control_enter(line, &call);

	if (ret)
		return ret;
	if (req->polarity != line->state.polarity)
		need |= TAPI_LINE_CAP_POLARITY;
	if (req->state == TAPI_LINE_FEED_OHT)
		need |= TAPI_LINE_CAP_OHT;
	if ((line->caps & need) != need)
		ret = -EOPNOTSUPP;
	else if (control_busy(line))
		ret = -EBUSY;
	else
		ret = tapi_call(line->card, set_linefeed,
				call.ops->set_linefeed(line, req->state, req->polarity));
	if (!ret)
		tapi_event_linefeed(line, req->state, req->polarity, 0);
	control_leave(line, &call);
	return ret;
}

/**
 * tapi_control_abort() - abort what plays
 * @line: the line
 * @cookie: of the request, 0 for whatever plays
 *
 * Context: Process context, line->lock held, may sleep.
 * Return: 0, also when it has ended by itself; -ENODEV the card has gone.
 */
int tapi_control_abort(struct tapi_line *line, u32 cookie)
{
	struct control_call call;
	int ret = control_enter(line, &call);

	if (ret)
		return ret;
	if (control_busy(line) && (!cookie || cookie == line->player.cookie))
		player_stop(line, call.ops, -ECANCELED);
	control_leave(line, &call);
	return 0;
}

/**
 * tapi_control_measure() - measure the line
 * @line: the line
 * @m: filled in
 *
 * Context: Process context, line->lock held, may sleep.
 * Return: 0; -ENODEV the card has gone; -EOPNOTSUPP no such capability; -EBUSY a
 * sequence plays, which would be late; what the driver says.
 */
int tapi_control_measure(struct tapi_line *line, struct tapi_line_measure *m)
{
	struct control_call call;
	int ret = control_enter(line, &call);

	if (ret)
		return ret;
	if (!(line->caps & TAPI_LINE_CAP_MEASURE))
		ret = -EOPNOTSUPP;
	else if (control_busy(line))
		ret = -EBUSY;
	else
		ret = tapi_call(line->card, measure, call.ops->measure(line, m));
	control_leave(line, &call);
	return ret;
}

static int control_safe_default(struct tapi_line *line, const struct tapi_card_ops *ops)
{
	if (line->type == TAPI_LINE_FXO) {
		if (!ops->set_hook)
			return 0;
		return tapi_call(line->card, set_hook, ops->set_hook(line, false));
	}
	if (!ops->set_linefeed)
		return 0;
	return tapi_call(line->card, set_linefeed,
			 ops->set_linefeed(line, TAPI_LINE_FEED_ACTIVE, 0));
}

/* What plays ends with @status */
static int control_make_safe(struct tapi_line *line, const struct tapi_card_ops *ops, int status)
{
	int ret;

	if (control_busy(line))
		player_stop(line, ops, status);
	ret = ops->failsafe ? tapi_call(line->card, failsafe, ops->failsafe(line)) :
			      control_safe_default(line, ops);
	if (ret)
		dev_err_ratelimited(&line->dev, "safe state failed: %d\n", ret);
	else if (line->type == TAPI_LINE_FXO)
		tapi_event_hook(line, TAPI_LINE_ON_HOOK, TAPI_LINE_HOOK_BY_SAFE_STATE);
	else
		tapi_event_linefeed(line, TAPI_LINE_FEED_ACTIVE, 0, TAPI_LINE_EV_FL_SYNTHETIC);
	return ret;
}

/**
 * tapi_control_safe() - put the line in its safe state
 * @line: the line; one that is asleep goes there when it wakes
 *
 * Whatever plays is aborted; an FXO line goes on hook, an FXS line feeds its
 * telephone.  Parameters stay.
 *
 * Context: Process context, line->lock held, may sleep.
 */
void tapi_control_safe(struct tapi_line *line)
{
	struct control_call call;

	line->safe_due = line->asleep;
	if (control_enter(line, &call))
		return;
	control_make_safe(line, call.ops, -ECANCELED);
	control_leave(line, &call);
}

/**
 * tapi_control_suspend() - the line goes to sleep
 * @line: the line
 *
 * Whatever plays ends with -ESTRPIPE.  A line that is off hook (FXO) goes on hook: the exchange
 * will have cleared the call before anybody can speak again, and going off hook then would be
 * another call.
 *
 * Context: Process context, line->lock held, may sleep.
 */
void tapi_control_suspend(struct tapi_line *line)
{
	struct control_call call;

	if (!control_enter(line, &call)) {
		if (line->type == TAPI_LINE_FXO && line->state.hook == TAPI_LINE_OFF_HOOK)
			line->safe_due = control_make_safe(line, call.ops, -ESTRPIPE);
		else if (control_busy(line))
			player_stop(line, call.ops, -ESTRPIPE);
		control_leave(line, &call);
	}
	line->asleep = true;
}

/**
 * tapi_control_resume() - the line wakes up
 * @line: the line
 *
 * Context: Process context, line->lock held, may sleep.
 */
void tapi_control_resume(struct tapi_line *line)
{
	line->asleep = false;
	if (line->safe_due)
		tapi_control_safe(line);
}

/**
 * tapi_control_init() - prepare a new line
 * @line: the line
 */
void tapi_control_init(struct tapi_line *line)
{
	tapi_hrtimer_setup(&line->player.timer, player_timer, CLOCK_MONOTONIC,
			   HRTIMER_MODE_ABS_SOFT);
	INIT_WORK(&line->player.work, player_work);
}

/**
 * tapi_control_cancel() - stop what runs by itself
 * @line: a line that has gone
 *
 * Nobody can start anything: a sequence is played only inside SRCU, and the
 * driver's operations are no longer there.
 *
 * Context: Process context, may sleep, line->lock not held.
 */
void tapi_control_cancel(struct tapi_line *line)
{
	hrtimer_cancel(&line->player.timer);
	cancel_work_sync(&line->player.work);
}
