/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program's one object: joins the exchange (what to do) with the line, its
 * sound, and those who give commands.
 */
#ifndef OFFICE_OFFICE_H
#define OFFICE_OFFICE_H

#include <spandsp.h>
#include <systemd/sd-event.h>

#include "cid.h"
#include "control.h"
#include "exchange.h"
#include "file.h"
#include "line.h"
#include "report.h"
#include "sound.h"
#include "tones.h"

/* Where dialled DTMF digits are heard */
enum hearing {
	HEARING_AUTO,		/* by the line's decoder if it has one, else in the sound */
	HEARING_LINE,
	HEARING_SOUND,
	HEARING_BOTH,
};

/**
 * struct office_options - from the command line
 * @device: path or name of the line
 * @socket: control socket instead of standard input, or NULL
 * @law: format of the sound
 * @buffer_ms: how far ahead of the line sound is played
 * @hearing: where digits are heard
 * @keep: go on when standard input ends
 * @trace: tell what is asked of the line on standard error
 * @exchange: how the exchange behaves
 */
struct office_options {
	const char *device;
	const char *socket;
	enum sound_law law;
	unsigned int buffer_ms;
	enum hearing hearing;
	bool keep;
	bool trace;
	struct exchange_config exchange;
};

/**
 * struct office - all there is
 * @options: from the command line
 * @event: the loop
 * @now: time of what is being handled, ms
 * @line: the line
 * @line_io: its events in the loop
 * @timer: the exchange's
 * @exchange: the call
 * @off_hook: what was last told of the telephone
 * @restored: when the battery came back last, ns
 * @ring_cookie: of the last ring request
 * @dial_cookie: of digits that the line's generator sends, 0
 * @next_cookie: for the next request
 * @dialling: these digits, or NULL; owned
 * @sound: sound of the line, NULL when it has none
 * @armed_play: what plays from the next answer on, or NULL; owned
 * @armed_record: what records from the next answer on, or NULL; owned
 * @recorder: what records, or NULL; owned
 * @detector: decoder for digits in the sound, or NULL; owned
 * @input: where commands come from
 * @report: where events go
 */
struct office {
	const struct office_options *options;
	sd_event *event;
	uint64_t now;
	struct line line;
	sd_event_source *line_io;
	sd_event_source *timer;
	struct exchange exchange;
	bool off_hook;
	uint64_t restored;
	unsigned int ring_cookie;
	unsigned int dial_cookie;
	unsigned int next_cookie;
	char *dialling;
	struct sound *sound;
	struct sound_source *armed_play;
	struct recorder *armed_record;
	struct recorder *recorder;
	dtmf_rx_state_t *detector;
	struct control *input;
	struct report report;
};

/* office.c */

/**
 * office_init() - open the line and begin to serve it
 * @office: zeroed; office_fini() it, also after an error
 * @options: borrowed
 *
 * Return: 0, or a negative errno after it was told on standard error.
 */
int office_init(struct office *office, const struct office_options *options);

/** office_fini() - leave the line as it was found, end files */
void office_fini(struct office *office);

/** office_say() - tell an event that happens now */
void office_say(struct office *office, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** office_say_file() - tell an event about a file; @rest is what follows its name */
void office_say_file(struct office *office, const char *event, const char *file,
		     const char *rest_format, ...) __attribute__((format(printf, 4, 5)));

/** office_trace() - tell what is done, if wanted */
void office_trace(struct office *office, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** office_update() - after anything was handled: set the timer */
void office_update(struct office *office);

/* media.c: sound during a call */

/** office_media_ops - what sound tells the office */
extern const struct sound_ops office_media_ops;

/** office_play_take() - play now, or NULL nothing; the source becomes the office's; needs sound */
void office_play_take(struct office *office, struct sound_source *source);

/** office_play_file() - play now, or from the next answer on */
void office_play_file(struct office *office, const char *path, bool loop);

/** office_record() - record now, or from the next answer on */
void office_record(struct office *office, const char *path);

/** office_stop_play() - end what plays or would; false when there is nothing */
bool office_stop_play(struct office *office);

/** office_stop_record() - end what records or would; false when there is nothing */
bool office_stop_record(struct office *office);

/** office_begin_armed() - a conversation begins */
void office_begin_armed(struct office *office);

/** office_sound() - sound passes from now on, or no more */
void office_sound(struct office *office, bool on);

/** office_dtmf() - send digits to the line: a COMMAND_DTMF */
void office_dtmf(struct office *office, const struct command *command);

/* run.c */

/** office_run() - carry out a line of commands */
void office_run(struct office *office, const char *line);

#endif /* OFFICE_OFFICE_H */
