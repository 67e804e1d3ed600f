// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who controls a line: claim, release, linger.
 *
 * One open file controls a line at a time.  When it closes, also by the death
 * of its process, the line keeps its state for the linger the claimer asked
 * for, so that a restarted service gets its calls back; then it goes to its
 * safe state.  All of it runs under line->lock.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/string.h>

#include "core.h"

#define CLAIM_FLAGS	(TAPI_LINE_ST_CLAIMED | TAPI_LINE_ST_LINGER)

/* The CLAIM record's levels are the claim bits of the state: 0 free, 1 claimed, 2 lingering */
static void claim_set(struct tapi_line *line, struct tapi_fh *fh, u32 flags, u32 ev_flags)
{
	struct tapi_line_event ev = {
		.ts = ktime_get_ns(),
		.type = TAPI_LINE_EV_CLAIM,
		.flags = ev_flags,
	};
	unsigned long irq;

	lockdep_assert_held(&line->lock);
	spin_lock_irqsave(&line->ev_lock, irq);
	line->claimer = fh;
	ev.level.old = line->state.flags & CLAIM_FLAGS;
	ev.level.value = flags;
	line->state.flags = (line->state.flags & ~CLAIM_FLAGS) | flags;
	tapi_event_locked(line, &ev);
	tapi_event_state_locked(line, ev_flags);
	spin_unlock_irqrestore(&line->ev_lock, irq);
}

static bool claim_lingers(struct tapi_line *line)
{
	return line->state.flags & TAPI_LINE_ST_LINGER;
}

static bool claim_is_same(struct tapi_line *line, const struct tapi_line_claim *claim)
{
	return uid_eq(line->claim.uid, current_euid()) &&
	       !memcmp(line->claim.key, claim->key, sizeof(claim->key));
}

/**
 * tapi_claim_take() - make a file the claimer of its line
 * @fh: the file
 * @claim: the checked request
 *
 * Context: Process context, line->lock held.
 * Return: 0; -EPERM when the file is not writable, or to force without
 * CAP_SYS_ADMIN; -EBUSY when the line is claimed, or lingers for someone else.
 */
int tapi_claim_take(struct tapi_fh *fh, const struct tapi_line_claim *claim)
{
	struct tapi_line *line = fh->line;
	bool force = claim->flags & TAPI_LINE_CLAIM_FORCE;

	if (!fh->writable)
		return -EPERM;
	if (force && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (line->claimer)
		return -EBUSY;
	if (claim_lingers(line)) {
		bool same = claim_is_same(line, claim);

		if (!same && !force)
			return -EBUSY;
		hrtimer_cancel(&line->claim.timer);
		/* A stranger inherits the state of the line, not who may hear it. */
		if (!same)
			tapi_relay_claim_gone(line, 0);
	}
	line->claim.uid = current_euid();
	line->claim.linger_ms = claim->linger_ms;
	memcpy(line->claim.key, claim->key, sizeof(line->claim.key));
	claim_set(line, fh, TAPI_LINE_ST_CLAIMED, 0);
	return 0;
}

/**
 * tapi_claim_end() - the claimer lets go of its line
 * @fh: the claimer
 * @linger_ms: how long the line keeps its state, 0 for the safe state at once
 *
 * Context: Process context, line->lock held.
 */
void tapi_claim_end(struct tapi_fh *fh, u32 linger_ms)
{
	struct tapi_line *line = fh->line;
	ktime_t end = ktime_add_ms(ktime_get(), linger_ms);

	if (linger_ms) {
		spin_lock_irq(&line->ev_lock);
		line->linger_end = end;
		spin_unlock_irq(&line->ev_lock);
		claim_set(line, NULL, TAPI_LINE_ST_LINGER, 0);
		hrtimer_start(&line->claim.timer, end, HRTIMER_MODE_ABS_SOFT);
	} else {
		tapi_control_safe(line);
		claim_set(line, NULL, 0, 0);
	}
	tapi_relay_claim_gone(line, linger_ms);
}

/**
 * tapi_line_claim_lingers() - does the line's state outlive its claimer
 * @line: the line
 *
 * A process that dies closes its claiming file before or after its other files: it makes no
 * difference to the answer.
 *
 * Context: Any but hard interrupt; line->lock need not be held, and may be.
 * Return: whether the claimer asked for a linger, or the line is in one.
 */
bool tapi_line_claim_lingers(struct tapi_line *line)
{
	unsigned long irq;
	bool lingers;

	/* linger_ms is written before the claimer, which is written under ev_lock */
	spin_lock_irqsave(&line->ev_lock, irq);
	lingers = line->claimer ? READ_ONCE(line->claim.linger_ms) : claim_lingers(line);
	spin_unlock_irqrestore(&line->ev_lock, irq);
	return lingers;
}

/**
 * tapi_claim_gone() - the card has gone, and with it every claim
 * @line: the line
 *
 * Context: Process context, line->lock held.
 */
void tapi_claim_gone(struct tapi_line *line)
{
	claim_set(line, NULL, 0, 0);
}

static enum hrtimer_restart claim_timer(struct hrtimer *timer)
{
	struct tapi_line *line = container_of(timer, struct tapi_line, claim.timer);

	queue_work(tapi_wq, &line->claim.work);
	return HRTIMER_NORESTART;
}

/* The linger is over, unless somebody claimed the line in the meantime */
static void claim_work(struct work_struct *work)
{
	struct tapi_line *line = container_of(work, struct tapi_line, claim.work);

	mutex_lock(&line->lock);
	if (claim_lingers(line) && ktime_compare(ktime_get(), line->linger_end) >= 0) {
		tapi_control_safe(line);
		claim_set(line, NULL, 0, TAPI_LINE_EV_FL_SYNTHETIC);
		tapi_relay_claim_gone(line, 0);
	}
	mutex_unlock(&line->lock);
}

/**
 * tapi_claim_init() - prepare a new line
 * @line: the line
 */
void tapi_claim_init(struct tapi_line *line)
{
	tapi_hrtimer_setup(&line->claim.timer, claim_timer, CLOCK_MONOTONIC,
			   HRTIMER_MODE_ABS_SOFT);
	INIT_WORK(&line->claim.work, claim_work);
}

/**
 * tapi_claim_cancel() - stop what runs by itself
 * @line: a line that has gone
 *
 * Context: Process context, may sleep, line->lock not held.
 */
void tapi_claim_cancel(struct tapi_line *line)
{
	hrtimer_cancel(&line->claim.timer);
	cancel_work_sync(&line->claim.work);
}
