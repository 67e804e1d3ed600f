/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One line in the sound thread.  line.c holds what runs in the thread,
 * engine.c the thread and the session's side.
 */
#ifndef AUDIO_LINE_H
#define AUDIO_LINE_H

#include <alsa/asoundlib.h>
#include <poll.h>
#include <stdatomic.h>

#include "engine.h"

/* Longest period taken: 100 ms */
#define LINE_PERIOD_MAX	(AUDIO_RATE / 10)
/* Descriptors one PCM may have; hw: has one */
#define LINE_FDS	4
/* Playback leads capture by this many periods: one in the card, one to be late */
#define LINE_LEAD	2
#define LINE_PERIODS	8

/**
 * struct line_digits - rendered digits on their way to the line
 * @samples: owned by the session's thread, given to the sound thread
 * @count: how many
 * @at: how many have been played; the sound thread's
 * @digits: how many digits they hold
 */
struct line_digits {
	int16_t *samples;
	uint32_t count;
	uint32_t at;
	int digits;
	void (*done)(void *data, int digits);
	void *data;
};

/**
 * struct engine_line - a line
 * @client: who opened it
 * @capture: from the line
 * @playback: to the line, started together with @capture
 * @format: native format of the card
 * @period: frames
 * @running: in the sound thread's list
 * @source: what is played, or NULL; the sound thread's while @running
 * @sink: where it goes, or NULL
 * @digits: digits played instead of @source, or NULL
 * @first: the first period has not been reported
 * @failed: an error was reported; nothing moves any more
 * @news: enum line_news bits for the session's thread
 * @error: belongs to LINE_FAILED
 * @owned: the digits under way, freed by the session's thread
 */
struct engine_line {
	struct engine_client *client;
	struct engine_line *next;	/* of the client */
	snd_pcm_t *capture;
	snd_pcm_t *playback;
	snd_pcm_format_t format;
	snd_pcm_uframes_t period;
	bool linked;
	bool running;
	struct audio_port *source;
	struct audio_port *sink;
	struct line_digits *digits;
	bool first;
	bool failed;
	struct pollfd fds[LINE_FDS];
	int num_fds;
	_Atomic uint64_t captured;
	_Atomic uint64_t played;
	_Atomic uint32_t xruns;
	_Atomic unsigned int news;
	_Atomic int error;
	struct line_digits *owned;
	void (*notify)(void *data, enum tapi3_media_event event, int error);
	void *data;
	int16_t buffer[LINE_PERIOD_MAX];
};

/** What the sound thread wants told. */
enum line_news {
	LINE_NOTHING = 0,
	LINE_ACTIVE = 1 << 0,
	LINE_FAILED = 1 << 1,
	LINE_DIGITS_DONE = 1 << 2,
};

/* Open and configure both PCMs: session's thread */
int line_pcm_open(struct engine_line *line, const char *pcm, unsigned int period_ms);
void line_pcm_close(struct engine_line *line);
/* Fill the lead and start: session's thread, before the sound thread has it */
int line_pcm_start(struct engine_line *line);
void line_pcm_stop(struct engine_line *line);
/* One round in the sound thread: enum line_news bits; @error is set with LINE_FAILED */
unsigned int line_run(struct engine_line *line, int *error);

#endif /* AUDIO_LINE_H */
