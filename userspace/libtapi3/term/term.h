/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is behind a terminal's port: a file, a sound device, or the program.
 * terminal.c holds the objects the program sees; the files here move samples
 * between a port and the outside, in threads of their own.
 */
#ifndef TERM_H
#define TERM_H

#include "../audio/port.h"
#include <tapi3/tapi3.h>

struct term_file;
struct term_sound;

/**
 * struct term_news - how a backend thread tells the session something
 * @fd: the session's eventfd
 * @cause: enum tapi3_file_cause + 1, 0 for nothing new
 * @state: enum tapi3_terminal_media_state
 */
struct term_news {
	int fd;
	_Atomic int cause;
	_Atomic int state;
};

/**
 * term_file_open - a sound file behind @port
 * @record: write the line's sound as WAV, else play the file
 *
 * Playing starts when a line takes samples; 0, -ENOENT, -EACCES, -EINVAL (not a sound
 * file, or more than two channels), -ENOMEM.
 */
int term_file_open(struct audio_port *port, struct term_news *news, const char *path,
		   bool record, struct term_file **out);
/** A line is about to use the port, or has stopped: fill it, or write out the rest. */
void term_file_kick(struct term_file *file);
/** The rest of a recording is written and the file is closed when this returns. */
void term_file_close(struct term_file *file);

/** An ALSA sound device behind @port; opened when started. */
int term_sound_new(struct audio_port *port, struct term_news *news, const char *pcm,
		   struct term_sound **out);
/** 0 or what ALSA says. */
int term_sound_start(struct term_sound *sound);
void term_sound_stop(struct term_sound *sound);
/** The device's clock against the line's, ppm. */
int term_sound_drift(struct term_sound *sound);
void term_sound_free(struct term_sound *sound);

/** From a backend's thread: tell the session; the newest cause wins. */
void term_tell(struct term_news *news, int cause, int state);

#endif /* TERM_H */
