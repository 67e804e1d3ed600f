// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pump: moves samples between the rings of a card and the streams that
 * run, each time the card's driver calls tapi_pcm_advance().  The card starts
 * with the first stream and stops when the last one has been played out.
 * tapi_pcm.lock covers it; ALSA is told of periods after it was dropped.
 */
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/minmax.h>

#include "pcm.h"
#include "trace.h"

/* Longer than a reset of the bus and of a card's chips takes */
#define PCM_WAKE	(5 * HZ)

static bool pcm_check_ring(struct tapi_pcm *pcm, const struct tapi_pcm_ring *ring)
{
	u32 width = pcm->pump.width;
	unsigned int n;

	if (!ring->rx || !ring->tx || !ring->frames || ring->stride < width)
		return false;
	if (ring->frames % (2 * pcm->pump.grain) || ring->frames > PUMP_BUFFER_MAX)
		return false;
	for (n = 0; n < pcm->num_lines; n++)
		if (pcm->lines[n].dev && ring->lane[n] + width > ring->stride)
			return false;
	return true;
}

static int pcm_prepare_rings(struct tapi_pcm *pcm)
{
	struct tapi_pcm_ring ring = {};
	const struct tapi_card_ops *ops;
	unsigned int n;
	int idx, err;

	ops = tapi_ops_get(pcm->card, &idx);
	if (!ops)
		return -ENODEV;
	err = tapi_call(pcm->card, pcm_prepare, ops->pcm_prepare(pcm->card, &ring));
	tapi_ops_put(pcm->card, idx);
	if (err)
		return err;
	if (!pcm_check_ring(pcm, &ring)) {
		dev_err(&pcm->card->dev, "bad sound rings: %u frames of %u bytes\n",
			ring.frames, ring.stride);
		return -EINVAL;
	}
	pcm->pump.rx = ring.rx;
	pcm->pump.tx = ring.tx;
	pcm->pump.frames = ring.frames;
	pcm->pump.stride = ring.stride;
	for (n = 0; n < pcm->num_lines; n++)
		pcm->lines[n].lane = ring.lane[n];
	return 0;
}

/*
 * Programs of a card that its driver resets are told to prepare their streams anew while it still
 * sleeps: an error would end them.  Not for ever: it may not come up again.
 */
static int pcm_wait_awake(struct tapi_pcm *pcm)
{
	long left = wait_event_interruptible_timeout(pcm->awake,
						     !READ_ONCE(pcm->asleep) ||
						     READ_ONCE(pcm->stopped), PCM_WAKE);

	return left > 0 ? 0 : left ?: -EIO;
}

/* Has the driver set up its rings, unless that was done; sleeps */
int pcm_prepare_card(struct tapi_pcm *pcm)
{
	bool asleep;
	int err;

	do {
		err = pcm_wait_awake(pcm);
		if (err)
			return err;
		mutex_lock(&pcm->prepare_lock);
		asleep = READ_ONCE(pcm->asleep);
		if (asleep && READ_ONCE(pcm->stopped)) {
			err = -ENODEV;
		} else if (!asleep && !pcm->prepared) {
			err = pcm_prepare_rings(pcm);
			WRITE_ONCE(pcm->prepared, !err);
		}
		mutex_unlock(&pcm->prepare_lock);
		/* it fell asleep once more meanwhile */
	} while (asleep && !err);
	return err;
}

static int pcm_start_card(struct tapi_pcm *pcm)
{
	const struct tapi_card_ops *ops;
	u32 rx = 0, tx = 0;
	int idx, err;

	lockdep_assert_held(&pcm->lock);
	if (pcm->stopped)
		return -ENODEV;
	/* prepared, but before it slept: to be prepared anew, as what was suspended when it ran */
	if (pcm->asleep || !READ_ONCE(pcm->prepared))
		return -ESTRPIPE;
	ops = tapi_ops_get(pcm->card, &idx);
	if (!ops)
		return -ENODEV;
	memset(pcm->pump.tx, pcm->pump.silence, pcm->pump.frames * pcm->pump.stride);
	pcm->dirty = 0;
	err = tapi_call(pcm->card, pcm_start, ops->pcm_start(pcm->card));
	if (!err) {
		ops->pcm_pos(pcm->card, &rx, &tx);
		pump_start(&pcm->pump, rx % pcm->pump.frames, tx % pcm->pump.frames,
			   ktime_get_ns());
		pcm->started = true;
	}
	tapi_ops_put(pcm->card, idx);
	return err;
}

static void pcm_stop_card(struct tapi_pcm *pcm)
{
	const struct tapi_card_ops *ops;
	int idx;

	lockdep_assert_held(&pcm->lock);
	pcm->started = false;
	ops = tapi_ops_get(pcm->card, &idx);
	if (!ops)
		return;
	ops->pcm_stop(pcm->card);
	tapi_ops_put(pcm->card, idx);
}

static bool pcm_runs(const struct tapi_pcm *pcm)
{
	return pcm->run[PCM_PLAY] | pcm->run[PCM_CAPTURE] | pcm->run[PCM_CAPTURE_2];
}

/* What a stream has put ahead of the card is not heard any more */
static void pcm_hush(struct tapi_pcm *pcm, const struct tapi_pcm_line *pl)
{
	const struct tapi_card_ops *ops;
	u32 rx = 0, tx = 0;
	int idx;

	lockdep_assert_held(&pcm->lock);
	ops = tapi_ops_get(pcm->card, &idx);
	if (!ops)
		return;
	ops->pcm_pos(pcm->card, &rx, &tx);
	tapi_ops_put(pcm->card, idx);
	pump_hush(&pcm->pump, pl->lane, tx);
}

/* Takes a stream out of the pump; its lane is silent at once, or when it was played out */
static void pcm_remove_stream(struct tapi_pcm *pcm, struct tapi_pcm_stream *st, bool at_once)
{
	struct tapi_pcm_line *pl = st->ss->private_data;
	u32 bit = BIT(pl->line->number);
	int kind = st - pl->streams;

	lockdep_assert_held(&pcm->lock);
	if (!(pcm->run[kind] & bit))
		return;
	pcm->run[kind] &= ~bit;
	if (kind == PCM_PLAY) {
		pcm->dirty |= bit;
		pl->dirty = pcm->pump.frames;
		if (at_once && pcm->started)
			pcm_hush(pcm, pl);
	}
}

/*
 * A stream that is stopped with samples left to play was dropped, or closed: whoever does
 * that wants silence.  One that was drained, or ran dry, is heard to its end.
 */
static bool pcm_dropped(struct snd_pcm_substream *ss)
{
	struct snd_pcm_runtime *rt = ss->runtime;
	snd_pcm_uframes_t empty = rt->stop_threshold;

	if (ss->stream != SNDRV_PCM_STREAM_PLAYBACK)
		return false;
	if (rt->state == SNDRV_PCM_STATE_DRAINING)
		empty = rt->buffer_size;
	return snd_pcm_playback_avail(rt) < empty;
}

/* Counts a stop that ALSA makes because the process was too slow */
static void pcm_count_xrun(struct snd_pcm_substream *ss)
{
	struct tapi_pcm_line *pl = ss->private_data;
	struct snd_pcm_runtime *rt = ss->runtime;

	if (rt->state != SNDRV_PCM_STATE_RUNNING)
		return;
	if (ss->stream == SNDRV_PCM_STREAM_CAPTURE) {
		if (snd_pcm_capture_avail(rt) >= rt->stop_threshold)
			pl->xruns_rx++;
	} else if (snd_pcm_playback_avail(rt) >= rt->stop_threshold) {
		pl->xruns_tx++;
	}
}

/*
 * Starts a stream and those linked with it: all are served from the same call
 * of tapi_pcm_advance() on.  Called by ALSA's trigger with the stream locks held.
 */
int pcm_start_streams(struct snd_pcm_substream *ss)
{
	struct tapi_pcm_line *pl = ss->private_data;
	struct tapi_pcm *pcm = pl->pcm;
	struct snd_pcm_substream *s;
	int err = 0;

	spin_lock(&pcm->lock);
	snd_pcm_group_for_each_entry(s, ss)
		if (s->pcm->card == ss->pcm->card && pcm_stream(s)->cut)
			err = -EBADFD;
	if (!err && !pcm->started)
		err = pcm_start_card(pcm);
	if (err)
		goto unlock;
	snd_pcm_group_for_each_entry(s, ss) {
		struct tapi_pcm_stream *st;

		if (s->pcm->card != ss->pcm->card)
			continue;
		st = pcm_stream(s);
		pl = s->private_data;
		pump_stream_start(&st->pump, s->runtime->dma_area, s->runtime->buffer_size,
				  s->runtime->period_size);
		pcm->run[st - pl->streams] |= BIT(pl->line->number);
		snd_pcm_trigger_done(s, ss);
	}
	pcm->dirty &= ~pcm->run[PCM_PLAY];
unlock:
	spin_unlock(&pcm->lock);
	return err;
}

/* Stops a stream and those linked with it; the card goes on until they are played out */
void pcm_stop_streams(struct snd_pcm_substream *ss)
{
	struct tapi_pcm_line *pl = ss->private_data;
	struct tapi_pcm *pcm = pl->pcm;
	struct snd_pcm_substream *s;

	spin_lock(&pcm->lock);
	snd_pcm_group_for_each_entry(s, ss) {
		if (s->pcm->card != ss->pcm->card)
			continue;
		pcm_count_xrun(s);
		pcm_remove_stream(pcm, pcm_stream(s), pcm_dropped(s));
		snd_pcm_trigger_done(s, ss);
	}
	pcm->idle = 0;
	spin_unlock(&pcm->lock);
}

/* Makes sure a stream never runs again, whatever ALSA thinks of its state */
void pcm_cut_stream(struct tapi_pcm *pcm, struct tapi_pcm_stream *st)
{
	spin_lock(&pcm->lock);
	st->cut = true;
	pcm_remove_stream(pcm, st, true);
	pcm->idle = 0;
	spin_unlock(&pcm->lock);
}

/**
 * tapi_pcm_is_mute() - is a direction of a line's sound switched off?
 * @line: the line
 * @stream: SNDRV_PCM_STREAM_
 *
 * Context: Any.
 * Return: whether it is.
 */
bool tapi_pcm_is_mute(struct tapi_line *line, int stream)
{
	return READ_ONCE(line->card->pcm->mute[stream]) & BIT(line->number);
}

/**
 * tapi_pcm_mute() - switch a direction of a line's sound off or on
 * @line: the line
 * @stream: SNDRV_PCM_STREAM_
 * @mute: off
 *
 * Streams go on, with silence.
 *
 * Context: Process context.
 * Return: 1 when it was the other way before, else 0.
 */
int tapi_pcm_mute(struct tapi_line *line, int stream, bool mute)
{
	struct tapi_pcm *pcm = line->card->pcm;
	u32 old, new;

	spin_lock_irq(&pcm->lock);
	old = pcm->mute[stream];
	new = mute ? old | BIT(line->number) : old & ~BIT(line->number);
	WRITE_ONCE(pcm->mute[stream], new);
	spin_unlock_irq(&pcm->lock);
	return old != new;
}

/* Waits until no call of tapi_pcm_advance() uses a stream that was stopped before; sleeps */
void pcm_wait_reports(struct tapi_pcm *pcm)
{
	wait_event(pcm->reported, !atomic_read(&pcm->reports));
}

/* The card is to sleep: it stops, and does not start before it is awake */
void pcm_set_asleep(struct tapi_pcm *pcm, bool asleep)
{
	unsigned long flags;

	spin_lock_irqsave(&pcm->lock, flags);
	WRITE_ONCE(pcm->asleep, asleep);
	if (asleep && pcm->started)
		pcm_stop_card(pcm);
	spin_unlock_irqrestore(&pcm->lock, flags);
	wake_up_all(&pcm->awake);
}

/**
 * tapi_pcm_stop() - stop the card's sound for good
 * @card: card
 *
 * The first step of unregistering: the driver's operations still work.
 *
 * Context: any but hard interrupt.
 */
void tapi_pcm_stop(struct tapi_card *card)
{
	struct tapi_pcm *pcm = card->pcm;
	unsigned long flags;

	if (!pcm)
		return;
	spin_lock_irqsave(&pcm->lock, flags);
	/* also of a card that stands still: the driver frees its rings after this */
	if (!pcm->stopped)
		pcm_stop_card(pcm);
	WRITE_ONCE(pcm->stopped, true);
	spin_unlock_irqrestore(&pcm->lock, flags);
	wake_up_all(&pcm->awake);
}

/*
 * Samples of a playback stream that its process has handed over.  A stream that
 * may run dry (stop_threshold above the buffer) is all valid: its process
 * writes ahead of the pump without saying so, as dmix does.
 */
static u32 pcm_ready(const struct tapi_pcm_stream *st)
{
	const struct snd_pcm_runtime *rt = st->ss->runtime;
	snd_pcm_uframes_t hw = READ_ONCE(rt->status->hw_ptr);
	/* the process may change it any time, to anything */
	snd_pcm_uframes_t appl = READ_ONCE(rt->control->appl_ptr);
	snd_pcm_sframes_t left;
	u32 done;

	if (rt->stop_threshold > rt->buffer_size)
		return U32_MAX;
	left = appl - hw;
	if (left < 0)
		left += rt->boundary;
	if (left < 0 || left > rt->buffer_size)
		return 0;
	/* ALSA learns of the pump's progress once a period */
	hw %= st->pump.frames;
	done = st->pump.pos >= hw ? st->pump.pos - hw : st->pump.pos + st->pump.frames - hw;
	return left > done ? left - done : 0;
}

static void pcm_pump_in(struct tapi_pcm *pcm, enum pcm_kind kind, u32 *elapsed)
{
	unsigned long run = pcm->run[kind];
	unsigned int n;

	for_each_set_bit(n, &run, TAPI_CARD_LINES) {
		struct tapi_pcm_line *pl = &pcm->lines[n];

		if (pcm->mute[SNDRV_PCM_STREAM_CAPTURE] & BIT(n) ?
		    pump_deaf(&pcm->pump, &pl->streams[kind].pump) :
		    pump_capture(&pcm->pump, pl->lane, &pl->streams[kind].pump))
			elapsed[kind] |= BIT(n);
	}
}

static void pcm_pump_out(struct tapi_pcm *pcm, u32 *elapsed)
{
	unsigned long run = pcm->run[PCM_PLAY];
	unsigned int n;

	for_each_set_bit(n, &run, TAPI_CARD_LINES) {
		struct tapi_pcm_line *pl = &pcm->lines[n];
		struct tapi_pcm_stream *st = &pl->streams[PCM_PLAY];
		bool mute = pcm->mute[SNDRV_PCM_STREAM_PLAYBACK] & BIT(n);

		if (pump_play(&pcm->pump, pl->lane, &st->pump, mute ? 0 : pcm_ready(st)))
			elapsed[PCM_PLAY] |= BIT(n);
	}
}

/* Lanes that a stream has left are silenced once round the ring, then left alone */
static void pcm_pump_quiet(struct tapi_pcm *pcm)
{
	unsigned long dirty = pcm->dirty;
	unsigned int n;

	for_each_set_bit(n, &dirty, TAPI_CARD_LINES) {
		struct tapi_pcm_line *pl = &pcm->lines[n];

		pump_quiet(&pcm->pump, pl->lane);
		if (pl->dirty > pcm->pump.out.step)
			pl->dirty -= pcm->pump.out.step;
		else
			pcm->dirty &= ~BIT(n);
	}
}

/* One step with the lock held; true when ALSA is to be told of periods */
static bool pcm_pump(struct tapi_pcm *pcm, u32 *elapsed)
{
	pcm_pump_in(pcm, PCM_CAPTURE, elapsed);
	pcm_pump_in(pcm, PCM_CAPTURE_2, elapsed);
	pcm_pump_out(pcm, elapsed);
	if (pcm->dirty)
		pcm_pump_quiet(pcm);
	if (!pcm_runs(pcm)) {
		/* what lies ahead in the ring is still to be heard */
		pcm->idle += pcm->pump.out.step;
		if (pcm->idle > pcm->pump.lead)
			pcm_stop_card(pcm);
	}
	if (!(elapsed[PCM_PLAY] | elapsed[PCM_CAPTURE] | elapsed[PCM_CAPTURE_2]))
		return false;
	atomic_inc(&pcm->reports);
	return true;
}

static void pcm_report(struct tapi_pcm *pcm, const u32 *elapsed)
{
	unsigned int kind, n;

	for (kind = 0; kind < PCM_KINDS; kind++) {
		unsigned long lines = elapsed[kind];

		for_each_set_bit(n, &lines, TAPI_CARD_LINES)
			snd_pcm_period_elapsed(pcm->lines[n].streams[kind].ss);
	}
	if (atomic_dec_and_test(&pcm->reports) && wq_has_sleeper(&pcm->reported))
		wake_up(&pcm->reported);
}

/**
 * tapi_pcm_active() - which lanes of the rings matter
 * @card: card
 * @active: filled in
 *
 * Lanes of lines that do not play are silent from the card's position on; those of
 * lines that do not listen are read by nobody: a driver that moves samples itself
 * has nothing to do for them. A line that begins to play after the call is heard a
 * grain later at the earliest; one that begins to listen may hear the grain that
 * ends as it was before.
 *
 * Context: any. The driver must not hold a lock that pcm_start() or pcm_stop() takes.
 */
void tapi_pcm_active(struct tapi_card *card, struct tapi_pcm_active *active)
{
	struct tapi_pcm *pcm = card->pcm;
	unsigned long flags;

	*active = (struct tapi_pcm_active){};
	if (!pcm)
		return;
	spin_lock_irqsave(&pcm->lock, flags);
	active->playing = pcm->run[PCM_PLAY] | pcm->dirty;
	active->listening = pcm->run[PCM_CAPTURE] | pcm->run[PCM_CAPTURE_2];
	spin_unlock_irqrestore(&pcm->lock, flags);
}
EXPORT_SYMBOL_GPL(tapi_pcm_active);

/**
 * tapi_pcm_advance() - the card's sound has moved on
 * @card: card
 * @rx: position in the receive ring, frames: the card writes here next
 * @tx: position in the transmit ring, frames: the card reads here next
 * @ts: when the card was there, CLOCK_MONOTONIC
 *
 * To be called about every grain. A call that comes late is made good from the
 * positions and the time, which is why the time has to belong to them: a driver
 * that catches up in several calls gives each its own. Samples are lost when a
 * call is late by more than a grain (playback) or the rings' length (capture).
 *
 * May call the driver's pcm_stop(), at once or from within ALSA: the driver must
 * not hold a lock that pcm_stop() takes, and must not wait there for this call.
 *
 * Context: any, hard interrupt too. Calls for one card must not overlap.
 */
void tapi_pcm_advance(struct tapi_card *card, u32 rx, u32 tx, ktime_t ts)
{
	struct tapi_pcm *pcm = card->pcm;
	u32 elapsed[PCM_KINDS] = {};
	u64 begin_ns = tapi_inject_begin();
	unsigned long flags;
	bool report = false;

	if (!pcm)
		return;
	spin_lock_irqsave(&pcm->lock, flags);
	if (pcm->started && pump_step(&pcm->pump, rx, tx, ktime_to_ns(ts))) {
		report = pcm_pump(pcm, elapsed);
		tapi_inject_pump(card, ts, begin_ns);
		trace_tapi_pump(card, pcm->pump.in.step, pcm->pump.out.step, ktime_to_ns(ts));
	}
	spin_unlock_irqrestore(&pcm->lock, flags);
	if (report)
		pcm_report(pcm, elapsed);
}
EXPORT_SYMBOL_GPL(tapi_pcm_advance);
