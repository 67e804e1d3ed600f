/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ALSA streams of a line, without waiting in alsa-lib.  Functions return 0 or a negative errno. */
#ifndef COMPLIANCE_STREAM_H
#define COMPLIANCE_STREAM_H

#include <stdint.h>

#include <alsa/asoundlib.h>

#include "line.h"

#define STREAM_RATE	8000
#define STREAM_PERIOD	160

struct stream {
	snd_pcm_t *pcm;			/* NULL: closed */
	snd_pcm_format_t format;
	unsigned int width;		/* bytes of a frame */
	snd_pcm_uframes_t period, buffer;
};

/* Opens only */
int stream_open(struct stream *s, const struct line *line, snd_pcm_stream_t direction);
/* Opens with about @buffer frames; starts only when told to */
int stream_prepare(struct stream *s, const struct line *line, snd_pcm_stream_t direction,
		   snd_pcm_access_t access, unsigned int buffer);
void stream_close(struct stream *s);

/* Exactly @frames, or an error; -ETIME when they do not come within twice their time and more */
int stream_read(struct stream *s, void *buf, snd_pcm_uframes_t frames);

/* Code of silence, and the linear value of a code; @format is that of a stream */
int16_t stream_linear(snd_pcm_format_t format, const void *buf, size_t index);
bool stream_silent(const struct stream *s, const void *buf, size_t frames);

#endif /* COMPLIANCE_STREAM_H */
