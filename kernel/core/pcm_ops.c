// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ALSA calls: operations of a line's substreams.
 *
 * open, mmap and copy ask whether the process has a pass.  open alone would not
 * do: ALSA lets a file that is opened with O_APPEND share a busy substream
 * without calling it, and files are inherited and handed over.  line->lock is
 * never taken here.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <sound/pcm_params.h>

#include "../compat.h"
#include "pcm.h"

/* The stream of a substream: one playback substream, two for capture */
struct tapi_pcm_stream *pcm_stream(struct snd_pcm_substream *ss)
{
	struct tapi_pcm_line *pl = ss->private_data;

	if (ss->stream == SNDRV_PCM_STREAM_PLAYBACK)
		return &pl->streams[PCM_PLAY];
	return &pl->streams[PCM_CAPTURE + ss->number];
}

static int pcm_constrain(struct snd_pcm_runtime *rt, const struct tapi_pcm *pcm)
{
	static const u64 formats[] = {
		[TAPI_PCM_MU_LAW] = SNDRV_PCM_FMTBIT_MU_LAW,
		[TAPI_PCM_A_LAW] = SNDRV_PCM_FMTBIT_A_LAW,
		[TAPI_PCM_S16] = SNDRV_PCM_FMTBIT_S16_LE,
	};
	u32 width = pcm->pump.width;
	int err;

	rt->hw = (struct snd_pcm_hardware){
		.info = SNDRV_PCM_INFO_MMAP | SNDRV_PCM_INFO_MMAP_VALID |
			SNDRV_PCM_INFO_INTERLEAVED | SNDRV_PCM_INFO_BLOCK_TRANSFER |
			SNDRV_PCM_INFO_JOINT_DUPLEX | SNDRV_PCM_INFO_SYNC_START,
		.formats = formats[pcm->card->desc.format],
		.rates = SNDRV_PCM_RATE_8000,
		.rate_min = PUMP_RATE,
		.rate_max = PUMP_RATE,
		.channels_min = 1,
		.channels_max = 1,
		.buffer_bytes_max = PUMP_BUFFER_MAX * width,
		.period_bytes_min = PCM_PERIOD_MIN * width,
		.period_bytes_max = PCM_PERIOD_MAX * width,
		.periods_min = PCM_PERIODS_MIN,
		.periods_max = PCM_PERIODS_MAX,
	};
	/* periods end with the card's interrupts */
	err = snd_pcm_hw_constraint_step(rt, 0, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, pcm->pump.grain);
	if (err < 0)
		return err;
	err = snd_pcm_hw_constraint_integer(rt, SNDRV_PCM_HW_PARAM_PERIODS);
	return err < 0 ? err : 0;
}

/* ALSA holds pcm->open_mutex here and in pcm_close() */
static int pcm_open(struct snd_pcm_substream *ss)
{
	struct tapi_pcm_line *pl = ss->private_data;
	struct tapi_pcm_stream *st = pcm_stream(ss);
	int err;

	err = tapi_pass_check(pl->line);
	if (err)
		return err;
	err = pcm_constrain(ss->runtime, pl->pcm);
	if (err)
		return err;
	snd_pcm_set_sync(ss);
	st->cut = false;
	st->foreign = false;
	st->opener = get_pid(task_tgid(current));
	return 0;
}

static int pcm_close(struct snd_pcm_substream *ss)
{
	struct tapi_pcm_stream *st = pcm_stream(ss);

	put_pid(st->opener);
	st->opener = NULL;
	return 0;
}

/* With a copy operation of its own, a driver clears the buffer itself */
static int pcm_hw_params(struct snd_pcm_substream *ss, struct snd_pcm_hw_params *params)
{
	struct tapi_pcm_line *pl = ss->private_data;

	/* whole pages: that much of it can be mapped */
	memset(ss->runtime->dma_area, pl->pcm->pump.silence, PAGE_ALIGN(ss->runtime->dma_bytes));
	return pcm_prepare_card(pl->pcm);
}

static int pcm_prepare(struct snd_pcm_substream *ss)
{
	struct tapi_pcm_line *pl = ss->private_data;

	if (READ_ONCE(pcm_stream(ss)->cut))
		return -EBADFD;
	return pcm_prepare_card(pl->pcm);
}

static int pcm_trigger(struct snd_pcm_substream *ss, int cmd)
{
	switch (cmd) {
	case SNDRV_PCM_TRIGGER_START:
		return pcm_start_streams(ss);
	case SNDRV_PCM_TRIGGER_STOP:
	/* the machine goes to sleep: the stream is to be prepared anew afterwards */
	case SNDRV_PCM_TRIGGER_SUSPEND:
		pcm_stop_streams(ss);
		return 0;
	}
	return -EINVAL;
}

static int pcm_sync_stop(struct snd_pcm_substream *ss)
{
	struct tapi_pcm_line *pl = ss->private_data;

	pcm_wait_reports(pl->pcm);
	return 0;
}

/* Samples between the wire and the stream's buffer, frames */
static u32 pcm_delay(struct tapi_pcm *pcm, bool play)
{
	const struct tapi_card_ops *ops;
	u32 rx, tx;
	int idx;

	/* tapi_pcm_advance() has just been there; no need to ask the card again */
	if (in_interrupt())
		return play ? pcm->pump.lead : 0;
	ops = tapi_ops_get(pcm->card, &idx);
	if (!ops)
		return 0;
	rx = pcm->pump.in.at;
	tx = pcm->pump.out.at;
	ops->pcm_pos(pcm->card, &rx, &tx);
	tapi_ops_put(pcm->card, idx);
	return play ? pump_ahead(&pcm->pump, tx) : pump_behind(&pcm->pump, rx);
}

/*
 * The position is what has been copied: nothing beyond can be read or is free.
 * What the card itself holds is told as the delay.
 */
static snd_pcm_uframes_t pcm_pointer(struct snd_pcm_substream *ss)
{
	struct tapi_pcm_line *pl = ss->private_data;
	struct tapi_pcm_stream *st = pcm_stream(ss);

	if (READ_ONCE(st->pump.lost))
		return SNDRV_PCM_POS_XRUN;
	ss->runtime->delay = pcm_delay(pl->pcm, ss->stream == SNDRV_PCM_STREAM_PLAYBACK);
	return READ_ONCE(st->pump.pos);
}

/*
 * Where to copy, or why not.  A process that opened the stream needs no second
 * look: when its pass ends its streams are cut, which ALSA checks.
 */
static void *pcm_copy_at(struct snd_pcm_substream *ss, unsigned long pos)
{
	struct tapi_pcm_line *pl = ss->private_data;
	int err;

	if (pcm_stream(ss)->opener != task_tgid(current)) {
		err = tapi_pass_check(pl->line);
		if (err)
			return ERR_PTR(err);
	}
	return ss->runtime->dma_area + pos;
}

#ifdef TAPI_PCM_COPY_ITER
static int pcm_copy(struct snd_pcm_substream *ss, int channel, unsigned long pos,
		    struct iov_iter *iter, unsigned long bytes)
{
	void *at = pcm_copy_at(ss, pos);
	size_t done;

	if (IS_ERR(at))
		return PTR_ERR(at);
	if (ss->stream == SNDRV_PCM_STREAM_PLAYBACK)
		done = copy_from_iter(at, bytes, iter);
	else
		done = copy_to_iter(at, bytes, iter);
	return done == bytes ? 0 : -EFAULT;
}
#else
static int pcm_copy_user(struct snd_pcm_substream *ss, int channel, unsigned long pos,
			 void __user *buf, unsigned long bytes)
{
	void *at = pcm_copy_at(ss, pos);
	unsigned long left;

	if (IS_ERR(at))
		return PTR_ERR(at);
	if (ss->stream == SNDRV_PCM_STREAM_PLAYBACK)
		left = copy_from_user(at, buf, bytes);
	else
		left = copy_to_user(buf, at, bytes);
	return left ? -EFAULT : 0;
}

/* The same for OSS emulation, which has the samples in the kernel */
static int pcm_copy_kernel(struct snd_pcm_substream *ss, int channel, unsigned long pos,
			   void *buf, unsigned long bytes)
{
	void *at = pcm_copy_at(ss, pos);

	if (IS_ERR(at))
		return PTR_ERR(at);
	if (ss->stream == SNDRV_PCM_STREAM_PLAYBACK)
		memcpy(at, buf, bytes);
	else
		memcpy(buf, at, bytes);
	return 0;
}
#endif

/*
 * A mapping cannot be taken back, so it must not reach a process that is not
 * checked: fork() does not hand it on, and one made by another process than the
 * opener is remembered.  The mark comes before the check: tapi_pass_bind(), which
 * changes the answer, looks at it afterwards.
 */
static int pcm_mmap(struct snd_pcm_substream *ss, struct vm_area_struct *area)
{
	struct tapi_pcm_line *pl = ss->private_data;
	struct tapi_pcm_stream *st = pcm_stream(ss);
	int err;

	if (st->opener != task_tgid(current))
		WRITE_ONCE(st->foreign, true);
	err = tapi_pass_check(pl->line);
	if (err)
		return err;
	if (READ_ONCE(st->cut))
		return -EBADFD;
	tapi_vm_flags_set(area, VM_DONTCOPY);
	return snd_pcm_lib_default_mmap(ss, area);
}

const struct snd_pcm_ops tapi_pcm_ops = {
	.open = pcm_open,
	.close = pcm_close,
	.hw_params = pcm_hw_params,
	.prepare = pcm_prepare,
	.trigger = pcm_trigger,
	.sync_stop = pcm_sync_stop,
	.pointer = pcm_pointer,
#ifdef TAPI_PCM_COPY_ITER
	.copy = pcm_copy,
#else
	.copy_user = pcm_copy_user,
	.copy_kernel = pcm_copy_kernel,
#endif
	.mmap = pcm_mmap,
};
