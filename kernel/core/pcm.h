/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the sound part share: pcm.c, pcm_pump.c, pcm_ops.c, pass.c.
 *
 * Locks: line->lock > tapi_pcm.cut_lock > pcm->open_mutex > line->pass_lock.
 * ALSA stream lock > tapi_pcm.lock.  tapi_pcm.prepare_lock is taken under
 * ALSA's buffer_mutex; nothing is taken under it.
 */
#ifndef _TAPI_PCM_H
#define _TAPI_PCM_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <sound/pcm.h>

#include "core.h"
#include "pump.h"

/* The streams of a line: a service plays, and two may listen */
enum pcm_kind {
	PCM_PLAY,
	PCM_CAPTURE,
	PCM_CAPTURE_2,
	PCM_KINDS,
};

/* Period and buffer of a stream, frames */
#define PCM_PERIOD_MIN		40
#define PCM_PERIOD_MAX		1600
#define PCM_PERIODS_MIN		2
#define PCM_PERIODS_MAX		32

/**
 * struct tapi_pcm_stream - one substream
 * @pump: position and buffer while it runs; under tapi_pcm.lock
 * @ss: the substream; lives as long as the ALSA card
 * @opener: thread group that opened it; under pcm->open_mutex
 * @cut: it may never run again, its process has no pass; under tapi_pcm.lock
 * @foreign: mapped by another process than @opener; sticks until it is closed
 */
struct tapi_pcm_stream {
	struct pump_stream pump;
	struct snd_pcm_substream *ss;
	struct pid *opener;
	bool cut;
	bool foreign;
};

/**
 * struct tapi_pcm_line - sound of a line
 * @pcm: sound of its card
 * @line: the line
 * @dev: the ALSA device, NULL without sound and once the card has gone; under
 *	tapi_pcm.cut_lock
 * @lane: place of the line's samples in a frame of the rings, bytes
 * @dirty: frames of its lane that still hold what a stream played
 * @streams: its streams
 * @volume: controls of its gains, SNDRV_PCM_STREAM_; NULL without
 * @xruns_tx: playback underruns
 * @xruns_rx: capture overruns
 */
struct tapi_pcm_line {
	struct tapi_pcm *pcm;
	struct tapi_line *line;
	struct snd_pcm *dev;
	u32 lane;
	u32 dirty;
	struct tapi_pcm_stream streams[PCM_KINDS];
	struct snd_kcontrol *volume[2];
	u64 xruns_tx;
	u64 xruns_rx;
};

/**
 * struct tapi_pcm - sound of a card
 * @card: the card
 * @lock: all that runs: everything below but the next members
 * @prepare_lock: @prepared
 * @cut_lock: the dev pointers of @lines against cutting streams, and telling of volumes
 * @reports: calls of tapi_pcm_advance() that are telling ALSA of periods
 * @reported: woken when there are none
 * @prepared: the driver has set its rings up
 * @started: the driver runs
 * @stopped: and never will again
 * @asleep: and will not before tapi_pcm_resume()
 * @awake: woken when it is not asleep, or stopped
 * @idle: frames since the last stream stopped
 * @run: lines with a running stream, a bit each
 * @dirty: lines with a lane to silence, a bit each
 * @mute: lines whose playback, whose capture is switched off, a bit each
 * @pump: rings and positions
 * @num_lines: number of @lines
 * @lines: the lines
 */
struct tapi_pcm {
	struct tapi_card *card;
	spinlock_t lock;		/* streams, positions, started */
	struct mutex prepare_lock;	/* prepared */
	struct mutex cut_lock;		/* dev of the lines */
	atomic_t reports;
	wait_queue_head_t reported;
	bool prepared;
	bool started;
	bool stopped;
	bool asleep;
	wait_queue_head_t awake;
	u32 idle;
	u32 run[PCM_KINDS];
	u32 dirty;
	u32 mute[2];
	struct pump pump;
	unsigned int num_lines;
	struct tapi_pcm_line lines[];
};

/* pcm_pump.c */
int pcm_prepare_card(struct tapi_pcm *pcm);
int pcm_start_streams(struct snd_pcm_substream *ss);
void pcm_stop_streams(struct snd_pcm_substream *ss);
void pcm_cut_stream(struct tapi_pcm *pcm, struct tapi_pcm_stream *st);
void pcm_set_asleep(struct tapi_pcm *pcm, bool asleep);
void pcm_wait_reports(struct tapi_pcm *pcm);

bool tapi_pcm_is_mute(struct tapi_line *line, int stream);
int tapi_pcm_mute(struct tapi_line *line, int stream, bool mute);

/* mixer.c */
int tapi_mixer_add(struct snd_card *snd, struct tapi_pcm_line *pl);

/* pcm_ops.c: what ALSA calls */
extern const struct snd_pcm_ops tapi_pcm_ops;

struct tapi_pcm_stream *pcm_stream(struct snd_pcm_substream *ss);

/* pass.c */
bool tapi_pass_holds(struct tapi_line *line, struct pid *tgid);

/* pcm.c: ends streams of processes without a pass, or @all of the line's */
void tapi_pcm_cut(struct tapi_line *line, bool all);

#endif /* _TAPI_PCM_H */
