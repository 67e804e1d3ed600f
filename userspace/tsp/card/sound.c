/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The provider's ear and mouth.  Both are PCMs of the line, in the event thread's poll set while
 * they are open; what needs them is decided anew whenever a call changes.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <alsa/asoundlib.h>
#include <spandsp.h>

#include "sound.h"

#define PERIOD		160		/* frames: 20 ms */
/* The most a line has: on a busy machine the event thread may be late by more than half a second */
#define PERIODS		32
/* The MSP has the first capture substream, we have the second */
#define OUR_SUBDEVICE	",1"
/* An exchange's DTMF receiver wants -9 dBm0 in sum or a little more */
#define DTMF_LEVEL	(-6)
#define DTMF_TWIST	0

/* One direction: a PCM and its place in the poll set */
struct pcm {
	snd_pcm_t *pcm;
	uintptr_t handle;
	int fd;
	snd_pcm_format_t format;
};

struct card_sound {
	struct card_line *line;
	struct pcm capture;
	struct tones *tones;
	struct callerid *callerid;
	dtmf_rx_state_t *dtmf;
	bool want_callerid;

	struct pcm playback;
	dtmf_tx_state_t *generator;
	char digits[TAPI_LINE_DIAL_MAX];
	size_t next;
	bool draining;
	void (*played)(struct card_call *call, int status, unsigned int n);
	/* what is in work: digits free the sound in the middle of reading it */
	bool busy;
};

bool sound_has(const struct card_line *line)
{
	return line->pcm[0];
}

static int set_params(struct pcm *pcm)
{
	static const snd_pcm_format_t formats[] = { SND_PCM_FORMAT_S16, SND_PCM_FORMAT_MU_LAW,
						    SND_PCM_FORMAT_A_LAW };
	snd_pcm_hw_params_t *hw;
	int err;

	snd_pcm_hw_params_alloca(&hw);
	err = snd_pcm_hw_params_any(pcm->pcm, hw);
	if (err < 0)
		return err;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		pcm->format = formats[i];
		err = snd_pcm_hw_params_set_format(pcm->pcm, hw, formats[i]);
		if (!err)
			break;
	}
	if (!err)
		err = snd_pcm_hw_params_set_access(pcm->pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED);
	if (!err)
		err = snd_pcm_hw_params_set_channels(pcm->pcm, hw, 1);
	if (!err)
		err = snd_pcm_hw_params_set_rate(pcm->pcm, hw, SOUND_RATE, 0);
	if (!err)
		err = snd_pcm_hw_params_set_period_size(pcm->pcm, hw, PERIOD, 0);
	if (!err)
		err = snd_pcm_hw_params_set_periods(pcm->pcm, hw, PERIODS, 0);
	return err ? err : snd_pcm_hw_params(pcm->pcm, hw);
}

static void pcm_close(struct pcm *pcm)
{
	if (pcm->handle) {
		loop_remove(pcm->fd);
		handle_free(pcm->handle);
	}
	if (pcm->pcm)
		snd_pcm_close(pcm->pcm);
	*pcm = (struct pcm){ 0 };
}

static int pcm_watch(struct pcm *pcm, struct card_sound *sound, enum handle_kind kind,
		     uint32_t events)
{
	struct pollfd poller;
	int err;

	/* hardware has one descriptor */
	if (snd_pcm_poll_descriptors(pcm->pcm, &poller, 1) != 1)
		return -EINVAL;
	pcm->fd = poller.fd;
	pcm->handle = handle_new(kind, sound);
	if (!pcm->handle)
		return -ENOMEM;
	err = loop_add(pcm->fd, pcm->handle, events);
	if (err) {
		handle_free(pcm->handle);
		pcm->handle = 0;
	}
	return err;
}

static int pcm_open(struct pcm *pcm, const char *name, snd_pcm_stream_t direction)
{
	int err = snd_pcm_open(&pcm->pcm, name, direction, SND_PCM_NONBLOCK);

	if (err < 0) {
		pcm->pcm = NULL;
		return err;
	}
	return set_params(pcm);
}

static struct card_sound *sound_of(struct card_line *line)
{
	if (line->sound)
		return line->sound;
	line->sound = calloc(1, sizeof(*line->sound));
	if (line->sound)
		line->sound->line = line;
	return line->sound;
}

static void free_if_unused(struct card_sound *sound)
{
	if (sound->capture.pcm || sound->playback.pcm || sound->busy)
		return;
	sound->line->sound = NULL;
	free(sound);
}

/*
 * Listening
 */

static void tone_heard(void *data, enum call_event tone)
{
	struct card_sound *sound = data;

	if (sound->line->call)
		outgoing_tone(sound->line->call, tone);
}

static void caller_heard(void *data, const struct caller *caller)
{
	struct card_sound *sound = data;
	struct card_call *call = sound->line->call;

	sound->want_callerid = false;
	if (!call)
		return;
	call->caller_flags = caller->flags;
	memcpy(call->caller_number, caller->number, sizeof(call->caller_number));
	memcpy(call->caller_name, caller->name, sizeof(call->caller_name));
	report_call(call, LINE_CALLINFO, LINECALLINFOSTATE_CALLERID, 0, 0);
}

static void digits_decoded(void *data, const char *digits, int count)
{
	struct card_sound *sound = data;

	for (int i = 0; i < count; i++) {
		digits_heard(sound->line, digits[i], LINEDIGITMODE_DTMF, card_now_ns());
		/* the decoder speaks when a digit is certain; its end is not told */
		digits_heard(sound->line, digits[i], LINEDIGITMODE_DTMFEND, card_now_ns());
	}
}

static bool wants_digits(const struct card_call *call)
{
	DWORD modes = call->monitor_modes | (call->gather.active ? call->gather.modes : 0);

	return modes & (LINEDIGITMODE_DTMF | LINEDIGITMODE_DTMFEND) &&
	       !(call->line->caps.caps & TAPI_LINE_CAP_DTMF_DETECT);
}

static void stop_listening(struct card_sound *sound)
{
	pcm_close(&sound->capture);
	tones_free(sound->tones);
	sound->tones = NULL;
	callerid_free(sound->callerid);
	sound->callerid = NULL;
	if (sound->dtmf)
		dtmf_rx_free(sound->dtmf);
	sound->dtmf = NULL;
	sound->want_callerid = false;
}

static int start_capture(struct card_sound *sound)
{
	char name[sizeof(sound->line->pcm) + sizeof(OUR_SUBDEVICE)];
	int err;

	if (sound->capture.pcm)
		return 0;
	snprintf(name, sizeof(name), "%s" OUR_SUBDEVICE, sound->line->pcm);
	err = pcm_open(&sound->capture, name, SND_PCM_STREAM_CAPTURE);
	if (!err)
		err = snd_pcm_start(sound->capture.pcm);
	if (!err)
		err = pcm_watch(&sound->capture, sound, HANDLE_CAPTURE, EPOLLIN);
	return err;
}

/* What is listened for comes and goes with what the call needs */
static bool fit(struct card_sound *sound)
{
	struct card_call *call = sound->line->call;
	bool tones = call && outgoing_listens(call);
	bool digits = call && wants_digits(call);

	if (!tones) {
		tones_free(sound->tones);
		sound->tones = NULL;
	} else if (!sound->tones) {
		sound->tones = tones_new(tone_heard, sound);
	}
	if (!sound->want_callerid) {
		callerid_free(sound->callerid);
		sound->callerid = NULL;
	} else if (!sound->callerid) {
		sound->callerid = callerid_new(caller_heard, sound);
	}
	if (!digits && sound->dtmf) {
		dtmf_rx_free(sound->dtmf);
		sound->dtmf = NULL;
	} else if (digits && !sound->dtmf) {
		sound->dtmf = dtmf_rx_init(NULL, digits_decoded, sound);
	}
	return sound->tones || sound->callerid || sound->dtmf;
}

static bool needs_ear(const struct card_line *line)
{
	const struct card_call *call = line->call;

	return (call && (outgoing_listens(call) || wants_digits(call))) ||
	       (line->sound && line->sound->want_callerid);
}

void sound_update(struct card_line *line)
{
	struct card_sound *sound = line->sound;
	int err;

	/* detectors are not taken from under their own feet: sound_capture_ready() looks again */
	if (!sound_has(line) || (sound && sound->busy))
		return;
	if (needs_ear(line) && line->fd >= 0)
		sound = sound_of(line);
	if (!sound)
		return;
	if (line->fd < 0 || !needs_ear(line) || !fit(sound)) {
		stop_listening(sound);
	} else {
		err = start_capture(sound);
		if (err) {
			card_log(4, "line %s: cannot listen on %s: %s; tones and digits are not heard",
				 line->node, line->pcm, strerror(-err));
			stop_listening(sound);
		}
	}
	free_if_unused(sound);
}

void sound_caller_id(struct card_line *line, bool on)
{
	struct card_sound *sound = on && sound_has(line) ? sound_of(line) : line->sound;

	if (!sound || sound->want_callerid == on)
		return;
	sound->want_callerid = on;
	sound_update(line);
}

static void to_linear(const struct pcm *pcm, const void *from, int16_t *to, int count)
{
	const uint8_t *law = from;

	for (int i = 0; i < count; i++) {
		if (pcm->format == SND_PCM_FORMAT_MU_LAW)
			to[i] = ulaw_to_linear(law[i]);
		else if (pcm->format == SND_PCM_FORMAT_A_LAW)
			to[i] = alaw_to_linear(law[i]);
		else
			to[i] = ((const int16_t *)from)[i];
	}
}

static void hear(struct card_sound *sound, const int16_t *samples, int count)
{
	if (sound->tones)
		tones_hear(sound->tones, samples, count);
	if (sound->callerid)
		callerid_hear(sound->callerid, samples, count);
	if (sound->dtmf)
		dtmf_rx(sound->dtmf, samples, count);
}

/* An overrun loses sound, nothing else; an end of the PCM is an end of hearing */
static int recover(snd_pcm_t *pcm, int err)
{
	if (err != -EPIPE && err != -ESTRPIPE)
		return err;
	err = snd_pcm_prepare(pcm);
	return err < 0 ? err : snd_pcm_start(pcm);
}

/**
 * sound_capture_ready() - there is something to hear; the event thread, with the lock
 */
void sound_capture_ready(struct card_sound *sound)
{
	int16_t raw[PERIOD], samples[PERIOD];
	snd_pcm_sframes_t n;
	int err = 0;

	sound->busy = true;
	for (;;) {
		n = snd_pcm_readi(sound->capture.pcm, raw, PERIOD);
		if (n == -EAGAIN || n == 0)
			break;
		if (n < 0) {
			err = recover(sound->capture.pcm, n);
			if (err < 0)
				break;
			continue;
		}
		to_linear(&sound->capture, raw, samples, n);
		hear(sound, samples, n);
	}
	sound->busy = false;
	if (err < 0) {
		card_log(4, "line %s: hears no more: %s", sound->line->node, strerror(-err));
		stop_listening(sound);
		free_if_unused(sound);
		return;
	}
	sound_update(sound->line);
}

/*
 * Playing
 */

static void stop_playing(struct card_sound *sound)
{
	pcm_close(&sound->playback);
	if (sound->generator)
		dtmf_tx_free(sound->generator);
	sound->generator = NULL;
	sound->played = NULL;
}

static void from_linear(const struct pcm *pcm, const int16_t *from, void *to, int count)
{
	uint8_t *law = to;

	for (int i = 0; i < count; i++) {
		if (pcm->format == SND_PCM_FORMAT_MU_LAW)
			law[i] = linear_to_ulaw(from[i]);
		else if (pcm->format == SND_PCM_FORMAT_A_LAW)
			law[i] = linear_to_alaw(from[i]);
		else
			((int16_t *)to)[i] = from[i];
	}
}

/* The next samples. false: that is all */
static bool make(struct card_sound *sound, int16_t *samples)
{
	memset(samples, 0, PERIOD * sizeof(*samples));
	if (dtmf_tx(sound->generator, samples, PERIOD))
		return true;
	if (!sound->digits[sound->next])
		return false;
	dtmf_tx_put(sound->generator, &sound->digits[sound->next++], 1);
	return true;
}

static void play_end(struct card_sound *sound, int status)
{
	void (*played)(struct card_call *call, int status, unsigned int n) = sound->played;
	struct card_line *line = sound->line;
	unsigned int n = sound->next;

	stop_playing(sound);
	free_if_unused(sound);
	if (line->call && played)
		played(line->call, status, n);
}

/* Writes what there is room for; after the last sample the PCM runs dry, and that is the end */
static int fill(struct card_sound *sound)
{
	int16_t samples[PERIOD], raw[PERIOD];
	snd_pcm_sframes_t room = snd_pcm_avail_update(sound->playback.pcm);

	while (room >= PERIOD && !sound->draining) {
		if (!make(sound, samples)) {
			sound->draining = true;
			/* not waited for: the poll set says when */
			room = snd_pcm_drain(sound->playback.pcm);
			return room == -EAGAIN ? 0 : room;
		}
		from_linear(&sound->playback, samples, raw, PERIOD);
		room = snd_pcm_writei(sound->playback.pcm, raw, PERIOD);
		if (room < 0)
			return room;
		room = snd_pcm_avail_update(sound->playback.pcm);
	}
	return room < 0 ? room : 0;
}

/**
 * sound_playback_ready() - there is room for more; the event thread, with the lock
 */
void sound_playback_ready(struct card_sound *sound)
{
	int err = sound->draining ? 0 : fill(sound);

	if (sound->draining && snd_pcm_state(sound->playback.pcm) != SND_PCM_STATE_DRAINING)
		play_end(sound, 0);
	else if (err < 0 && err != -EAGAIN)
		play_end(sound, err);
}

static int start_playing(struct card_sound *sound, const char *digits,
			 const LINEDIALPARAMS *params)
{
	int err = pcm_open(&sound->playback, sound->line->pcm, SND_PCM_STREAM_PLAYBACK);

	if (err)
		return err;
	sound->generator = dtmf_tx_init(NULL);
	if (!sound->generator)
		return -ENOMEM;
	dtmf_tx_set_level(sound->generator, DTMF_LEVEL, DTMF_TWIST);
	dtmf_tx_set_timing(sound->generator, params->dwDigitDuration, params->dwDialSpeed);
	snprintf(sound->digits, sizeof(sound->digits), "%s", digits);
	sound->next = 0;
	sound->draining = false;
	err = fill(sound);
	if (!err && snd_pcm_state(sound->playback.pcm) == SND_PCM_STATE_PREPARED)
		err = snd_pcm_start(sound->playback.pcm);
	return err ? err : pcm_watch(&sound->playback, sound, HANDLE_PLAYBACK, EPOLLOUT);
}

int sound_play_digits(struct card_line *line, const char *digits, const LINEDIALPARAMS *params,
		      void (*done)(struct card_call *call, int status, unsigned int n))
{
	struct card_sound *sound;
	int err;

	if (!sound_has(line))
		return -EOPNOTSUPP;
	sound = sound_of(line);
	if (!sound)
		return -ENOMEM;
	if (sound->playback.pcm)
		return -EBUSY;
	err = start_playing(sound, digits, params);
	if (err) {
		stop_playing(sound);
		free_if_unused(sound);
		return err;
	}
	sound->played = done;
	return 0;
}

void sound_stop_digits(struct card_line *line)
{
	if (!line->sound)
		return;
	stop_playing(line->sound);
	free_if_unused(line->sound);
}

/**
 * sound_close() - the line is closed, or gone
 */
void sound_close(struct card_line *line)
{
	if (!line->sound)
		return;
	stop_playing(line->sound);
	stop_listening(line->sound);
	free_if_unused(line->sound);
}
