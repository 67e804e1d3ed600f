/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is connected to the sockets. A wire has one end that feeds it (an FXS module, or the
 * exchange) and ends that take from it (telephones, an FXO module). Sound is kept apart by
 * direction: no echo, each sample arrives as it was sent.
 */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "dtmf.h"

#define NORMAL_VOLTS	48.0
#define OFF_HOOK_VOLTS	7.0
#define RING_LEAST_VRMS	25.0		/* of a telephone's bell */
#define DIGITS		64
#define HEARD		800		/* 100 ms */

struct wire {
	/* of the feeding end */
	double volts;			/* with nobody off hook; the sign is the polarity */
	double ring_vrms, ring_hz;	/* 0 = no ringing now */
	double ring_volts;		/* at this instant */
	double loop_ma;			/* that it gives into a closed loop */
	int16_t down;
	/* of the others */
	bool closed;			/* current flows */
	int16_t up;
	bool cut;			/* opened between the two */
};

/* Sound of an end: from a file, to a file. Raw files are 16 bit, 8000 a second, this machine's
 * order; a WAV file has the same inside.
 */
struct sound {
	FILE *from, *to;
	bool repeat;
	long begin;			/* offset of the first sample */
};

struct phone {
	bool plugged, off_hook;
	bool echo;			/* says what it hears */
	int16_t last;
	struct sound sound;
	/* script: what the contact and the keypad do, one step after the other */
	char keys[DIGITS];
	unsigned int keys_at;
	uint64_t key_until, key_since;
	bool key_on;
	unsigned int key_frames, gap_frames;
	char pulses[DIGITS];
	unsigned int pulses_at, pulse;	/* digit, pulse of it */
	uint64_t contact_until;
	unsigned int break_frames, make_frames;
	bool broken;			/* the contact is open within a pulse or flash */
	/* ringer */
	bool ringing;
	unsigned int rings;		/* bursts heard */
	uint64_t ring_frames, ring_last;
	double ring_hz, ring_vrms;
	int16_t heard[HEARD];
	unsigned int heard_at;
};

struct exchange {
	bool connected, battery, reverse;
	double volts;
	uint64_t battery_until;		/* frame at which a disconnect ends; 0 = none */
	/* ringing */
	bool ringing;
	double ring_hz, ring_vrms, phase;
	uint64_t ring_since;
	unsigned int on_frames, off_frames, bursts;	/* bursts: 0 = until told or tripped */
	/* what it sends */
	double tone_hz[2];
	unsigned int tone_on, tone_off;
	uint64_t tone_since;
	bool auto_dial_tone;
	FILE *after_ring;		/* caller id: played 500 ms after the first burst */
	long after_begin;
	struct sound sound;
	/* what it sees */
	bool seized;
	uint64_t opened_at, closed_at;	/* frames; of a break within pulses */
	unsigned int pulses;
	char digits[DIGITS];
	unsigned int digit_count;
	struct dtmf dtmf;
	int16_t heard[HEARD];
	unsigned int heard_at;
	bool echo;
	int16_t last;
};

/* wire.c: the sound of an end, and helpers of both */
int sound_from(struct sound *sound, const char *path, bool repeat);
int sound_to(struct sound *sound, const char *path);
FILE *sound_open(const char *path, long *begin);
void sound_close(struct sound *sound);
int16_t sound_next(struct sound *sound);
void sound_put(struct sound *sound, int16_t sample);
int16_t mix(int a, int b);
double heard_dbm0(const int16_t *heard, double hz);

/* phone.c */
void phone_init(struct phone *phone);
bool phone_contact(const struct phone *phone);
void phone_lift(struct phone *phone);
void phone_hang(struct phone *phone);
void phone_flash(struct phone *phone, uint64_t now, unsigned int ms);
void phone_keys(struct phone *phone, uint64_t now, const char *digits, unsigned int on_ms,
		unsigned int off_ms);
void phone_pulses(struct phone *phone, uint64_t now, const char *digits, unsigned int break_ms,
		  unsigned int make_ms);
void phone_frame(struct phone *phone, struct wire *wire, uint64_t now);

/* exchange.c */
void exchange_init(struct exchange *exchange, bool connected);
void exchange_ring(struct exchange *exchange, uint64_t now, unsigned int on_ms,
		   unsigned int off_ms, unsigned int bursts);
void exchange_tone(struct exchange *exchange, uint64_t now, double a, double b,
		   unsigned int on_ms, unsigned int off_ms);
void exchange_drive(struct exchange *exchange, struct wire *wire, uint64_t now);
void exchange_sense(struct exchange *exchange, struct wire *wire, uint64_t now);

#endif
