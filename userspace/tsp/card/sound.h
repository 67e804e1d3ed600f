/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The provider's own ear on a line: its second capture substream, open only while somebody listens;
 * and its mouth for digits that the line cannot make, open only while they are played.
 */
#ifndef TSP_CARD_SOUND_H
#define TSP_CARD_SOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "card.h"

#define SOUND_RATE	8000

/* Makes what is open fit what the line's call needs now */
void sound_update(struct card_line *line);
/* Listens for a caller's number until it is told to stop */
void sound_caller_id(struct card_line *line, bool on);
/* Can the provider hear this line at all? */
bool sound_has(const struct card_line *line);
/*
 * Plays DTMF digits, then calls @done as a request of the line does.  0 or a negative errno, and
 * then @done is not called.
 */
int sound_play_digits(struct card_line *line, const char *digits, const LINEDIALPARAMS *params,
		      void (*done)(struct card_call *call, int status, unsigned int n));
void sound_stop_digits(struct card_line *line);
void sound_close(struct card_line *line);
void sound_capture_ready(struct card_sound *sound);
void sound_playback_ready(struct card_sound *sound);

/* tones.c: call-progress tones */
struct tones;

/*
 * @heard: CALL_DIAL_TONE, CALL_RINGBACK, CALL_BUSY_TONE, CALL_CONGESTION, CALL_SPECIAL_INFO;
 * CALL_EVENTS: the tone that was told has ended
 */
struct tones *tones_new(void (*heard)(void *data, enum call_event tone), void *data);
void tones_hear(struct tones *tones, const int16_t *samples, int count);
void tones_free(struct tones *tones);

/* callerid.c: the FSK message between the first two bursts of ringing */
struct callerid;

/**
 * struct caller - who calls
 * @flags: LINECALLPARTYID_
 */
struct caller {
	DWORD flags;
	char number[CARD_ID_MAX];
	char name[CARD_ID_MAX];
};

struct callerid *callerid_new(void (*heard)(void *data, const struct caller *caller), void *data);
void callerid_hear(struct callerid *callerid, const int16_t *samples, int count);
void callerid_free(struct callerid *callerid);

#endif /* TSP_CARD_SOUND_H */
