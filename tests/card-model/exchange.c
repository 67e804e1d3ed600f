// SPDX-License-Identifier: GPL-2.0-or-later
/* The exchange at the far end of an FXO socket's line. */
#include <math.h>
#include <string.h>

#include "line.h"

#define FRAMES(ms)	((uint64_t)(ms) * 8)
#define PULSE_MAX	FRAMES(120)	/* a longer break is a flash or the end of the call */
#define DIGIT_PAUSE	FRAMES(250)
#define CALLER_ID_PAUSE	FRAMES(500)

void exchange_init(struct exchange *exchange, bool connected)
{
	*exchange = (struct exchange){
		.connected = connected,
		.battery = true,
		.volts = NORMAL_VOLTS,
		.ring_hz = 25,
		.ring_vrms = 75,
	};
}

void exchange_ring(struct exchange *exchange, uint64_t now, unsigned int on_ms,
		   unsigned int off_ms, unsigned int bursts)
{
	exchange->ringing = true;
	exchange->ring_since = now;
	exchange->on_frames = (unsigned int)FRAMES(on_ms);
	exchange->off_frames = (unsigned int)FRAMES(off_ms);
	exchange->bursts = bursts;
	exchange->phase = 0;
}

void exchange_tone(struct exchange *exchange, uint64_t now, double a, double b,
		   unsigned int on_ms, unsigned int off_ms)
{
	exchange->tone_hz[0] = a;
	exchange->tone_hz[1] = b;
	exchange->tone_on = (unsigned int)FRAMES(on_ms);
	exchange->tone_off = (unsigned int)FRAMES(off_ms);
	exchange->tone_since = now;
}

/* Caller id comes once, in the pause after the first burst */
static void say_caller(struct exchange *exchange, uint64_t at)
{
	if (!exchange->after_ring || at != exchange->on_frames + CALLER_ID_PAUSE)
		return;
	sound_from(&exchange->sound, NULL, false);
	exchange->sound.from = exchange->after_ring;
	exchange->sound.begin = exchange->after_begin;
	exchange->after_ring = NULL;
}

static void drive_ringing(struct exchange *exchange, struct wire *wire, uint64_t now)
{
	uint64_t period = exchange->on_frames + exchange->off_frames, at;

	if (!exchange->ringing || !period)
		return;
	at = now - exchange->ring_since;
	say_caller(exchange, at);
	if (exchange->bursts && at / period >= exchange->bursts) {
		exchange->ringing = false;
		return;
	}
	if (at % period >= exchange->on_frames)
		return;
	exchange->phase += 2 * M_PI * exchange->ring_hz / 8000;
	wire->ring_hz = exchange->ring_hz;
	wire->ring_vrms = exchange->ring_vrms;
	wire->ring_volts = exchange->ring_vrms * M_SQRT2 * sin(exchange->phase);
}

static int16_t tone_now(const struct exchange *exchange, uint64_t now)
{
	uint64_t period = exchange->tone_on + exchange->tone_off, at = now - exchange->tone_since;
	double amplitude = level_amplitude(-12), value = 0;

	if (!exchange->tone_hz[0] || (period && at % period >= exchange->tone_on))
		return 0;
	for (unsigned int i = 0; i < 2; i++)
		value += amplitude * sin(2 * M_PI * exchange->tone_hz[i] * (double)at / 8000);
	return (int16_t)lrint(value);
}

/** exchange_drive() - its side of the wire: battery, ringing, sound */
void exchange_drive(struct exchange *exchange, struct wire *wire, uint64_t now)
{
	if (!exchange->connected || wire->cut)
		return;
	if (exchange->battery_until && now >= exchange->battery_until) {
		exchange->battery_until = 0;
		exchange->battery = true;
	}
	if (!exchange->battery)
		return;
	wire->volts = exchange->reverse ? -exchange->volts : exchange->volts;
	wire->loop_ma = 25;
	drive_ringing(exchange, wire, now);
	wire->down = mix(sound_next(&exchange->sound), tone_now(exchange, now));
	if (exchange->echo)
		wire->down = mix(wire->down, exchange->last);
}

static void add_digit(struct exchange *exchange, char digit)
{
	if (exchange->digit_count + 1 < DIGITS) {
		exchange->digits[exchange->digit_count++] = digit;
		exchange->digits[exchange->digit_count] = 0;
	}
	if (exchange->auto_dial_tone)
		exchange->tone_hz[0] = 0;
}

static void seize(struct exchange *exchange, uint64_t now)
{
	exchange->seized = true;
	exchange->pulses = 0;
	if (exchange->ringing)
		exchange->ringing = false;
	else if (exchange->auto_dial_tone)
		exchange_tone(exchange, now, 425, 0, 0, 0);
}

/* The loop as pulses, seizure and release; breaks are counted when they end */
static void watch_loop(struct exchange *exchange, bool closed, uint64_t now)
{
	if (closed && !exchange->seized) {
		seize(exchange, now);
	} else if (!closed && exchange->seized && !exchange->opened_at) {
		exchange->opened_at = now;
	} else if (closed && exchange->opened_at) {
		if (now - exchange->opened_at <= PULSE_MAX)
			exchange->pulses++;
		exchange->opened_at = 0;
		exchange->closed_at = now;
	} else if (exchange->opened_at && now - exchange->opened_at > FRAMES(900)) {
		exchange->seized = false;
		exchange->opened_at = 0;
		exchange->pulses = 0;
		exchange->tone_hz[0] = 0;
	}
	if (closed && exchange->pulses && now - exchange->closed_at > DIGIT_PAUSE) {
		add_digit(exchange, exchange->pulses > 9 ? '0' : (char)('0' + exchange->pulses));
		exchange->pulses = 0;
	}
}

/** exchange_sense() - what comes from the other end */
void exchange_sense(struct exchange *exchange, struct wire *wire, uint64_t now)
{
	bool closed = wire->closed && exchange->battery && !wire->cut;
	int16_t heard = closed ? wire->up : 0;
	char digit;

	if (!exchange->connected)
		return;
	watch_loop(exchange, closed, now);
	exchange->last = heard;
	exchange->heard[exchange->heard_at] = heard;
	exchange->heard_at = (exchange->heard_at + 1) % HEARD;
	if (closed)
		sound_put(&exchange->sound, heard);
	digit = dtmf_hear(&exchange->dtmf, heard);
	if (digit)
		add_digit(exchange, digit);
}
