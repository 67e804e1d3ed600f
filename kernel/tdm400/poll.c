// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking at the lines: the modules have no interrupt of their own.
 *
 * Each line says when it wants to be looked at next: seldom while nothing happens or its chip
 * keeps what does, every 10 ms while its state may matter within a dial pulse.  One timer for
 * the card is set to the earliest, and queues one work item, because the modules are asked in
 * process context.  It runs while lines are registered.
 */
#include "compat.h"
#include "tdm400.h"

/* Looks that are due within this are taken together */
#define POLL_SLACK_NS		(2 * NSEC_PER_MSEC)
/* A line whose chip is busy with an operation is looked at this much later */
#define POLL_BUSY_NS		(5 * NSEC_PER_MSEC)
/* Without a line to look at */
#define POLL_IDLE_NS		(1000ULL * NSEC_PER_MSEC)

static u64 poll_port(struct tdm400_port *p, u64 now_ns)
{
	u64 due_ns;

	if (!mutex_trylock(&p->lock))
		return now_ns + POLL_BUSY_NS;
	if (p->down) {
		if (p->retry_ns && now_ns >= p->retry_ns) {
			p->retry_ns = 0;
			queue_work(tdm400_wq, &p->work);
		}
		due_ns = now_ns + POLL_IDLE_NS;
	} else {
		p->polls++;
		due_ns = p->kind == TDM400_FXS ? fxs_poll(p, now_ns) : fxo_poll(p, now_ns);
		tdm400_module_faults_end(p, now_ns);
	}
	mutex_unlock(&p->lock);
	return due_ns;
}

static void poll_work(struct work_struct *work)
{
	struct tdm400 *tdm = container_of(work, struct tdm400, poll_work);
	u64 due_ns = ktime_get_ns() + POLL_IDLE_NS;
	unsigned int i;

	for (i = 0; i < TDM400_SOCKETS; i++) {
		struct tdm400_port *p = &tdm->port[i];
		u64 now_ns = ktime_get_ns();

		if (!p->line)
			continue;
		if (now_ns + POLL_SLACK_NS >= READ_ONCE(p->due_ns))
			WRITE_ONCE(p->due_ns, poll_port(p, now_ns));
		due_ns = min(due_ns, p->due_ns);
	}
	tdm400_sound_watch(tdm, ktime_get_ns(), &due_ns);
	if (READ_ONCE(tdm->polling) && tdm400_usable(tdm))
		hrtimer_start(&tdm->timer, ns_to_ktime(due_ns), HRTIMER_MODE_ABS_SOFT);
}

static enum hrtimer_restart poll_timer(struct hrtimer *timer)
{
	struct tdm400 *tdm = container_of(timer, struct tdm400, timer);

	if (READ_ONCE(tdm->polling))
		queue_work(tdm400_wq, &tdm->poll_work);
	return HRTIMER_NORESTART;
}

/**
 * tdm400_poll_init() - prepare a new card
 * @tdm: the card
 */
void tdm400_poll_init(struct tdm400 *tdm)
{
	INIT_WORK(&tdm->poll_work, poll_work);
	tapi_hrtimer_setup(&tdm->timer, poll_timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
}

/**
 * tdm400_poll_start() - begin to look at the lines
 * @tdm: the card
 *
 * Context: Process context.
 */
void tdm400_poll_start(struct tdm400 *tdm)
{
	WRITE_ONCE(tdm->polling, true);
	queue_work(tdm400_wq, &tdm->poll_work);
}

/**
 * tdm400_poll_kick() - look now
 * @tdm: the card
 *
 * Context: Any.
 */
void tdm400_poll_kick(struct tdm400 *tdm)
{
	if (READ_ONCE(tdm->polling))
		queue_work(tdm400_wq, &tdm->poll_work);
}

/**
 * tdm400_poll_stop() - no look runs, and none will
 * @tdm: the card
 *
 * Context: Process context, may sleep; without a port's lock. Nothing may kick it meanwhile
 * that is not stopped by @tdm->polling.
 */
void tdm400_poll_stop(struct tdm400 *tdm)
{
	WRITE_ONCE(tdm->polling, false);
	/* the work may set the timer once more, the timer queue the work */
	hrtimer_cancel(&tdm->timer);
	cancel_work_sync(&tdm->poll_work);
	hrtimer_cancel(&tdm->timer);
	cancel_work_sync(&tdm->poll_work);
}
