/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A port is where a terminal meets the sound thread: a ring of S16 samples at
 * 8 kHz.  A source port is filled by its terminal and emptied by the line; a
 * sink port the other way round.
 */
#ifndef AUDIO_PORT_H
#define AUDIO_PORT_H

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ring.h"

/* The rate of every telephone line here, Hz */
#define AUDIO_RATE	8000

/**
 * struct audio_port - one end of a terminal
 * @ring: the samples
 * @source: the terminal gives sound; else it takes sound
 * @primed: set by a source that has begun, cleared at its end: a gap between is loss
 * @active: a line moves samples through the port just now
 * @lost: samples missing (source) or dropped (sink)
 * @moved: samples moved by the sound thread
 * @wake_fd: eventfd that the sound thread writes when the terminal may work
 * @wake_at: a sink's fill, a source's room, from which @wake_fd is written
 */
struct audio_port {
	struct audio_ring ring;
	bool source;
	_Atomic bool primed;
	_Atomic bool active;
	_Atomic uint64_t lost;
	_Atomic uint64_t moved;
	int wake_fd;
	uint32_t wake_at;
};

/** Samples of a port's ring: how long a terminal may be late. 0 or -ENOMEM, -EMFILE. */
static inline int audio_port_init(struct audio_port *port, bool source, uint32_t samples,
				  uint32_t wake_at)
{
	*port = (struct audio_port){ .source = source, .wake_at = wake_at };
	port->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (port->wake_fd < 0)
		return -errno;
	if (!audio_ring_init(&port->ring, samples)) {
		close(port->wake_fd);
		return -ENOMEM;
	}
	return 0;
}

static inline void audio_port_free(struct audio_port *port)
{
	audio_ring_free(&port->ring);
	close(port->wake_fd);
}

/* Let the terminal's side work */
static inline void audio_port_wake(struct audio_port *port)
{
	uint64_t one = 1;

	/* a full counter means that the reader has not looked yet: nothing is lost */
	if (write(port->wake_fd, &one, sizeof(one)) < 0)
		return;
}

#endif /* AUDIO_PORT_H */
