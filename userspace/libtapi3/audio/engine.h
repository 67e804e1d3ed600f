/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sound thread: one per process, for all lines.  It owns the PCMs of
 * running lines and moves samples between them and the ports of terminals.
 * It never allocates, locks, logs or opens anything.
 *
 * All functions here are called by the thread that owns a session; what the
 * sound thread has to say arrives in engine_client_dispatch().
 */
#ifndef AUDIO_ENGINE_H
#define AUDIO_ENGINE_H

#include <stdint.h>
#include <tapi3/msp.h>

#include "port.h"

struct engine_client;		/* a session's door to the sound thread */
struct engine_line;

/** Start using the sound thread. 0, -ENOMEM, -EMFILE, -EAGAIN (no thread). */
int engine_client_new(struct engine_client **out);
/** All lines of the client are closed already. */
void engine_client_free(struct engine_client *client);
/** Readable when engine_client_dispatch() has something to say. */
int engine_client_get_fd(struct engine_client *client);
/** Calls the notify and done functions of what has happened. */
void engine_client_dispatch(struct engine_client *client);

/**
 * engine_line_open - open a line's PCM, both directions
 * @config: see struct msp_line_config; strings are copied
 *
 * Nothing flows until engine_line_start(). 0 or what ALSA says: -EACCES when
 * the call's sound is not ours, -EBUSY, -ENODEV, -EINVAL for an unknown format.
 */
int engine_line_open(struct engine_client *client, const struct msp_line_config *config,
		     struct engine_line **out);
int engine_line_start(struct engine_line *line);
/** The sound thread has let go of the PCM and of all ports when this returns. */
int engine_line_stop(struct engine_line *line);
void engine_line_close(struct engine_line *line);
/** One source and one sink per line; -EBUSY when there is one, -EINVAL for a wrong port. */
int engine_line_attach(struct engine_line *line, struct audio_port *port);
/** The sound thread no longer touches @port when this returns. -ENOENT: not attached. */
int engine_line_detach(struct engine_line *line, struct audio_port *port);
int engine_line_digits(struct engine_line *line, const char *digits, unsigned int on_ms,
		       unsigned int off_ms, void (*done)(void *data, int digits), void *data);
void engine_line_stats(struct engine_line *line, struct msp_line_stats *stats);

#endif /* AUDIO_ENGINE_H */
