/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tones of an exchange and DTMF digits as sources of sound. */
#ifndef OFFICE_TONES_H
#define OFFICE_TONES_H

#include "command.h"
#include "sound.h"

/** tone_source_new() - a tone that goes on; NULL without memory */
struct sound_source *tone_source_new(enum tone tone);

/* Most digits of one source: spandsp's queue */
#define DIGITS_MAX 128

/** digits_source_new() - DTMF digits; times in ms, 0 for the default; NULL without memory */
struct sound_source *digits_source_new(const char *digits, unsigned int on_ms,
				       unsigned int off_ms);

#endif /* OFFICE_TONES_H */
