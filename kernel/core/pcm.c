// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ALSA card of a telephony card: one PCM device per line, one stream out and
 * two in; a service plays and listens while another process decodes digits.
 * Made and taken away by core.c; streams are cut on behalf of pass.c.  The
 * locks are described in pcm.h.
 */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <sound/core.h>
#include <sound/initval.h>

#include "pcm.h"

/* The places in ALSA's table that are tried: any but 0, which belongs to people's speakers */
#define PCM_CARD_INDEX		(-2)
#define PCM_CAPTURE_STREAMS	2

static void pcm_free_snd(struct snd_card *snd)
{
	struct tapi_card *card = snd->private_data;

	put_device(&card->dev);
}

static bool pcm_wanted(const struct tapi_card *card)
{
	unsigned int n;

	for (n = 0; n < card->num_lines; n++)
		if (card->lines[n]->caps & TAPI_LINE_CAP_PCM)
			return true;
	return false;
}

static struct tapi_pcm *pcm_alloc(struct tapi_card *card)
{
	static const u8 silence[] = {
		[TAPI_PCM_MU_LAW] = 0xff,
		[TAPI_PCM_A_LAW] = 0xd5,
		[TAPI_PCM_S16] = 0,
	};
	u32 grain = card->desc.grain;
	struct tapi_pcm *pcm;
	unsigned int n;

	if (!grain || grain > PCM_PERIOD_MAX || card->desc.format >= ARRAY_SIZE(silence))
		return ERR_PTR(-EINVAL);
	pcm = tapi_alloc(sound, kzalloc(struct_size(pcm, lines, card->num_lines), GFP_KERNEL));
	if (!pcm)
		return ERR_PTR(-ENOMEM);
	pcm->card = card;
	pcm->num_lines = card->num_lines;
	pcm->pump.grain = grain;
	pcm->pump.lead = 2 * grain;
	pcm->pump.width = card->desc.format == TAPI_PCM_S16 ? 2 : 1;
	pcm->pump.silence = silence[card->desc.format];
	spin_lock_init(&pcm->lock);
	mutex_init(&pcm->prepare_lock);
	mutex_init(&pcm->cut_lock);
	atomic_set(&pcm->reports, 0);
	init_waitqueue_head(&pcm->reported);
	init_waitqueue_head(&pcm->awake);
	for (n = 0; n < card->num_lines; n++) {
		pcm->lines[n].pcm = pcm;
		pcm->lines[n].line = card->lines[n];
	}
	return pcm;
}

static int pcm_new_device(struct tapi_pcm_line *pl, struct snd_card *snd)
{
	struct tapi_line *line = pl->line;
	struct snd_pcm_substream *ss;
	struct snd_pcm *dev;
	int err;

	err = snd_pcm_new(snd, "TAPI", line->number, 1, PCM_CAPTURE_STREAMS, &dev);
	if (err)
		return err;
	/* sound servers and udev's rules for sound pass over modems */
	dev->dev_class = SNDRV_PCM_CLASS_MODEM;
	dev->private_data = pl;
	strscpy(dev->name, line->name, sizeof(dev->name));
	snd_pcm_set_ops(dev, SNDRV_PCM_STREAM_PLAYBACK, &tapi_pcm_ops);
	snd_pcm_set_ops(dev, SNDRV_PCM_STREAM_CAPTURE, &tapi_pcm_ops);
	err = snd_pcm_set_managed_buffer_all(dev, SNDRV_DMA_TYPE_CONTINUOUS, NULL, 0, 0);
	if (err)
		return err;
	pl->streams[PCM_PLAY].ss = dev->streams[SNDRV_PCM_STREAM_PLAYBACK].substream;
	for (ss = dev->streams[SNDRV_PCM_STREAM_CAPTURE].substream; ss; ss = ss->next)
		pl->streams[PCM_CAPTURE + ss->number].ss = ss;
	pl->dev = dev;
	return 0;
}

static int pcm_new_card(struct tapi_pcm *pcm, struct module *owner)
{
	struct tapi_card *card = pcm->card;
	struct snd_card *snd;
	unsigned int n;
	char id[16];
	int err;

	snprintf(id, sizeof(id), "TAPI%u", card->number);
	/* an open stream pins the card's driver, as an open line does */
	err = snd_card_new(&card->dev, PCM_CARD_INDEX, id, owner, 0, &snd);
	if (err)
		return err;
	get_device(&card->dev);
	snd->private_data = card;
	snd->private_free = pcm_free_snd;
	strscpy(snd->driver, card->desc.driver, sizeof(snd->driver));
	strscpy(snd->shortname, card->desc.name, sizeof(snd->shortname));
	snprintf(snd->longname, sizeof(snd->longname), "%s at %s", card->desc.name,
		 card->desc.bus_info);
	for (n = 0; n < card->num_lines && !err; n++)
		if (card->lines[n]->caps & TAPI_LINE_CAP_PCM)
			err = pcm_new_device(&pcm->lines[n], snd) ?:
			      tapi_mixer_add(snd, &pcm->lines[n]);
	card->pcm = pcm;
	card->snd = snd;
	if (!err)
		err = snd_card_register(snd);
	if (err) {
		card->snd = NULL;
		snd_card_free(snd);
		return err;
	}
	WRITE_ONCE(card->snd_number, snd->number);
	return 0;
}

/**
 * tapi_pcm_register() - give a card its sound
 * @card: card; its device is registered already, and is the sound card's parent
 *
 * Makes card->snd and card->pcm, unless no line has sound. What it made goes with
 * tapi_pcm_disconnect() and tapi_pcm_free().
 *
 * Context: process, may sleep.
 * Return: 0, -EINVAL when operations are missing or the grain makes no sense,
 * -ENODEV when all places for sound cards are taken, -ENOMEM.
 */
int tapi_pcm_register(struct tapi_card *card)
{
	const struct tapi_card_ops *ops;
	struct tapi_pcm *pcm;
	struct module *owner;
	bool complete;
	int idx, err;

	if (!pcm_wanted(card))
		return 0;
	ops = tapi_ops_get(card, &idx);
	if (!ops)
		return -ENODEV;
	complete = ops->pcm_prepare && ops->pcm_start && ops->pcm_stop && ops->pcm_pos;
	owner = ops->owner;
	tapi_ops_put(card, idx);
	if (!complete)
		return -EINVAL;
	pcm = pcm_alloc(card);
	if (IS_ERR(pcm))
		return PTR_ERR(pcm);
	err = pcm_new_card(pcm, owner);
	if (err)
		tapi_pcm_free(card);
	return err;
}

static bool pcm_line_in_use(struct tapi_pcm_line *pl)
{
	bool used = false;
	unsigned int kind;

	if (!pl->dev)
		return false;
	mutex_lock(&pl->dev->open_mutex);
	for (kind = 0; kind < PCM_KINDS; kind++)
		used |= !!pl->streams[kind].opener;
	mutex_unlock(&pl->dev->open_mutex);
	return used;
}

/**
 * tapi_pcm_in_use() - is a stream open
 * @card: card
 *
 * Context: process, may sleep.
 * Return: whether one is.
 */
bool tapi_pcm_in_use(struct tapi_card *card)
{
	struct tapi_pcm *pcm = card->pcm;
	bool used = false;
	unsigned int n;

	if (!pcm)
		return false;
	mutex_lock(&pcm->cut_lock);
	for (n = 0; n < pcm->num_lines && !used; n++)
		used = pcm_line_in_use(&pcm->lines[n]);
	mutex_unlock(&pcm->cut_lock);
	return used;
}

/**
 * tapi_pcm_suspend() - a card's sound goes to sleep
 * @card: card
 *
 * Streams are suspended: whoever uses one is told so (-ESTRPIPE), and prepares it anew. ALSA has
 * done that already when the whole machine goes to sleep.
 *
 * Context: process, may sleep.
 */
void tapi_pcm_suspend(struct tapi_card *card)
{
	struct tapi_pcm *pcm = card->pcm;
	unsigned int n;

	if (!pcm)
		return;
	pcm_set_asleep(pcm, true);
	/* when this can be had, nobody sets up rings, and nobody begins to */
	mutex_lock(&pcm->prepare_lock);
	mutex_unlock(&pcm->prepare_lock);
	mutex_lock(&pcm->cut_lock);
	for (n = 0; n < pcm->num_lines; n++)
		if (pcm->lines[n].dev)
			snd_pcm_suspend_all(pcm->lines[n].dev);
	mutex_unlock(&pcm->cut_lock);
}

/**
 * tapi_pcm_resume() - a card's sound wakes up
 * @card: card
 *
 * Context: process, may sleep.
 */
void tapi_pcm_resume(struct tapi_card *card)
{
	struct tapi_pcm *pcm = card->pcm;

	if (!pcm)
		return;
	mutex_lock(&pcm->prepare_lock);
	WRITE_ONCE(pcm->prepared, false);
	mutex_unlock(&pcm->prepare_lock);
	pcm_set_asleep(pcm, false);
}

/**
 * tapi_pcm_disconnect() - take a card's sound away from its users
 * @card: card, after tapi_pcm_stop()
 *
 * Streams end as disconnected, sleepers wake, files can only be closed. The sound
 * card goes with the last of them.
 *
 * Context: process, may sleep.
 */
void tapi_pcm_disconnect(struct tapi_card *card)
{
	struct tapi_pcm *pcm = card->pcm;
	unsigned int n;

	for (n = 0; n < card->num_lines; n++)
		tapi_pass_gone(card->lines[n]);
	if (!pcm || !card->snd)
		return;
	mutex_lock(&pcm->cut_lock);
	for (n = 0; n < pcm->num_lines; n++)
		pcm->lines[n].dev = NULL;
	mutex_unlock(&pcm->cut_lock);
	WRITE_ONCE(card->snd_number, TAPI_LINE_NONE);
	snd_card_disconnect(card->snd);
	pcm_wait_reports(pcm);
	snd_card_free_when_closed(card->snd);
	card->snd = NULL;
}

/**
 * tapi_pcm_free() - free what tapi_pcm_register() made
 * @card: card without users
 *
 * Context: process.
 */
void tapi_pcm_free(struct tapi_card *card)
{
	kfree(card->pcm);
	card->pcm = NULL;
}

/**
 * tapi_pcm_stats() - the sound's part of a line's counters
 * @line: line
 * @stats: missed_periods, dma_resyncs, xruns_tx and xruns_rx are added to
 *
 * Context: any but hard interrupt.
 */
void tapi_pcm_stats(struct tapi_line *line, struct tapi_line_stats *stats)
{
	struct tapi_pcm *pcm = line->card->pcm;
	struct tapi_pcm_line *pl;
	unsigned long flags;

	if (!pcm)
		return;
	pl = &pcm->lines[line->number];
	spin_lock_irqsave(&pcm->lock, flags);
	stats->missed_periods += pcm->pump.missed;
	stats->dma_resyncs += pcm->pump.resyncs;
	stats->xruns_tx += pl->xruns_tx;
	stats->xruns_rx += pl->xruns_rx;
	spin_unlock_irqrestore(&pcm->lock, flags);
}

/*
 * Ends one stream the way snd_pcm_dev_disconnect() does, but without
 * snd_pcm_stop(), which would stop those linked with it too.  Its state may
 * change again on behalf of those; st->cut is what keeps it from running.
 */
static void pcm_cut(struct tapi_pcm_line *pl, struct tapi_pcm_stream *st)
{
	struct snd_pcm_substream *ss = st->ss;

	dev_info_ratelimited(&pl->line->dev, "sound of process %d ends: it has no pass\n",
			     pid_nr(st->opener));
	snd_pcm_stream_lock_irq(ss);
	pcm_cut_stream(pl->pcm, st);
	__snd_pcm_set_state(ss->runtime, SNDRV_PCM_STATE_DISCONNECTED);
	wake_up(&ss->runtime->sleep);
	wake_up(&ss->runtime->tsleep);
	snd_pcm_stream_unlock_irq(ss);
}

/*
 * Ends the streams of processes without a pass, and those that another process
 * than the opener has mapped: it may be one without; or @all.  ALSA cannot take
 * a substream away from its process: it stays busy until that closes it.
 */
void tapi_pcm_cut(struct tapi_line *line, bool all)
{
	struct tapi_pcm *pcm = line->card->pcm;
	struct tapi_pcm_line *pl;
	unsigned int kind;

	if (!pcm)
		return;
	pl = &pcm->lines[line->number];
	mutex_lock(&pcm->cut_lock);
	if (pl->dev) {
		mutex_lock(&pl->dev->open_mutex);
		for (kind = 0; kind < PCM_KINDS; kind++) {
			struct tapi_pcm_stream *st = &pl->streams[kind];

			if (!st->opener || st->cut)
				continue;
			if (all || READ_ONCE(st->foreign) || !tapi_pass_holds(line, st->opener))
				pcm_cut(pl, st);
		}
		mutex_unlock(&pl->dev->open_mutex);
		pcm_wait_reports(pcm);
	}
	mutex_unlock(&pcm->cut_lock);
}
