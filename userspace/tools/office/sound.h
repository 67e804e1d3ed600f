/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sound to and from the line: S16 at 8 kHz inside, the line's own format outside.
 *
 * Both directions start together, so sample n that is heard passes the line at
 * the moment sample n that is played does.
 */
#ifndef OFFICE_SOUND_H
#define OFFICE_SOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#define SOUND_RATE 8000

enum sound_kind {
	SOUND_FILE,
	SOUND_TONE,
	SOUND_DIGITS,
	SOUND_CALLER_ID,
};

/* Format of the samples on the line */
enum sound_law {
	SOUND_LAW_AUTO,		/* the first that the line has, in this order */
	SOUND_LAW_LINEAR,
	SOUND_LAW_MU,
	SOUND_LAW_A,
};

/**
 * struct sound_source - what is played
 * @kind: what it is
 * @name: the file or the digits, or NULL; owned by the source
 * @error: why it ended early, or NULL; set by @read, owned by the source
 * @read: gives up to @count samples, fewer only at its end
 * @free: free it
 */
struct sound_source {
	enum sound_kind kind;
	char *name;
	const char *error;
	size_t (*read)(struct sound_source *source, int16_t *samples, size_t count);
	void (*free)(struct sound_source *source);
};

/**
 * struct sound_ops - what the owner is told
 * @heard: samples from the line
 * @ended: a source has ended after @frames samples passed the line; @complete: all of it did.
 *	The source is freed afterwards.
 * @failed: sound did not go on; @fatal: and never will
 */
struct sound_ops {
	void (*heard)(void *data, const int16_t *samples, size_t count);
	void (*ended)(void *data, const struct sound_source *source, uint64_t frames,
		      bool complete);
	void (*failed)(void *data, const char *what, int err, bool fatal);
};

struct sound;

/**
 * sound_new() - open the sound of a line
 * @event: the loop that carries it
 * @card: number of the ALSA card
 * @device: number of the PCM device
 * @law: format to use
 * @buffer_ms: how far ahead of the line it plays
 * @ops: what the owner is told; borrowed
 * @data: for @ops
 * @sound: the new object
 *
 * Return: 0 or a negative errno; -EINVAL when the line does not have the format.
 */
int sound_new(sd_event *event, unsigned int card, unsigned int device, enum sound_law law,
	      unsigned int buffer_ms, const struct sound_ops *ops, void *data,
	      struct sound **sound);

/** sound_free() - end and close; NULL is fine */
void sound_free(struct sound *sound);

/** sound_start() - samples pass from now on. 0, also when they do already, or a negative errno */
int sound_start(struct sound *sound);

/** sound_stop() - no sample passes any more; a source that plays ends */
void sound_stop(struct sound *sound);

/** sound_is_running() - do samples pass? */
bool sound_is_running(const struct sound *sound);

/**
 * sound_play_take() - play this now
 * @sound: sound
 * @source: what, becomes sound's; NULL is silence
 *
 * What played before ends. When no sound passes, the source's first sample will be the first
 * one after sound_start().
 *
 * Return: number of the sample that is its first, counted from sound_start().
 */
uint64_t sound_play_take(struct sound *sound, struct sound_source *source);

/** sound_playing_peek() - what plays, or NULL */
const struct sound_source *sound_playing_peek(const struct sound *sound);

/**
 * sound_catch_up() - hand out all samples that have been heard by now
 * @sound: sound
 *
 * Return: number of the next sample, counted from sound_start().
 */
uint64_t sound_catch_up(struct sound *sound);

/** sound_format_name() - ALSA's name of the format on the line */
const char *sound_format_name(const struct sound *sound);

#endif /* OFFICE_SOUND_H */
