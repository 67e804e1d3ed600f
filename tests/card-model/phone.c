// SPDX-License-Identifier: GPL-2.0-or-later
/* A telephone: contact, dial, keypad, bell, and somebody who listens and speaks. */
#include <math.h>
#include <string.h>

#include "line.h"

#define FRAMES(ms)	((uint64_t)(ms) * 8)
#define RING_GAP	FRAMES(200)	/* longer than a period of the ringing voltage */
#define PULSE_PAUSE_MS	800

void phone_init(struct phone *phone)
{
	*phone = (struct phone){ .plugged = true };
}

/** phone_contact() - whether the telephone lets current flow */
bool phone_contact(const struct phone *phone)
{
	return phone->plugged && phone->off_hook && !phone->broken;
}

static void stop_script(struct phone *phone)
{
	phone->keys[0] = phone->pulses[0] = 0;
	phone->key_on = phone->broken = false;
	phone->contact_until = 0;
}

void phone_lift(struct phone *phone)
{
	stop_script(phone);
	phone->off_hook = true;
}

void phone_hang(struct phone *phone)
{
	stop_script(phone);
	phone->off_hook = false;
}

void phone_flash(struct phone *phone, uint64_t now, unsigned int ms)
{
	phone->broken = true;
	phone->pulses[0] = 0;
	phone->contact_until = now + FRAMES(ms);
}

void phone_keys(struct phone *phone, uint64_t now, const char *digits, unsigned int on_ms,
		unsigned int off_ms)
{
	snprintf(phone->keys, sizeof(phone->keys), "%s", digits);
	phone->keys_at = 0;
	phone->key_frames = (unsigned int)FRAMES(on_ms);
	phone->gap_frames = (unsigned int)FRAMES(off_ms);
	phone->key_on = false;
	phone->key_until = now;
}

void phone_pulses(struct phone *phone, uint64_t now, const char *digits, unsigned int break_ms,
		  unsigned int make_ms)
{
	snprintf(phone->pulses, sizeof(phone->pulses), "%s", digits);
	phone->pulses_at = phone->pulse = 0;
	phone->break_frames = (unsigned int)FRAMES(break_ms);
	phone->make_frames = (unsigned int)FRAMES(make_ms);
	phone->broken = false;
	phone->contact_until = now + 1;
}

static unsigned int pulses_of(char digit)
{
	return digit == '0' ? 10 : digit >= '1' && digit <= '9' ? (unsigned int)(digit - '0') : 0;
}

/* The contact changes at contact_until: end of a flash, or the next edge of a pulse train */
static void move_contact(struct phone *phone, uint64_t now)
{
	char digit = phone->pulses[0] ? phone->pulses[phone->pulses_at] : 0;

	if (!phone->contact_until || now < phone->contact_until)
		return;
	if (phone->broken) {
		phone->broken = false;
		phone->contact_until = digit ? now + phone->make_frames : 0;
		if (digit && ++phone->pulse >= pulses_of(digit)) {
			phone->pulse = 0;
			phone->pulses_at++;
			phone->contact_until = now + FRAMES(PULSE_PAUSE_MS);
		}
	} else if (pulses_of(digit)) {
		phone->broken = true;
		phone->contact_until = now + phone->break_frames;
	} else {
		phone->pulses[0] = 0;
		phone->contact_until = 0;
	}
}

static int16_t press_keys(struct phone *phone, uint64_t now)
{
	if (!phone->keys[0])
		return 0;
	if (now >= phone->key_until) {
		if (phone->key_on) {
			phone->keys_at++;
			phone->key_until = now + phone->gap_frames;
		} else if (phone->keys[phone->keys_at]) {
			phone->key_since = now;
			phone->key_until = now + phone->key_frames;
		} else {
			phone->keys[0] = 0;
			return 0;
		}
		phone->key_on = !phone->key_on;
	}
	return phone->key_on ? dtmf_sample(phone->keys[phone->keys_at], now - phone->key_since) : 0;
}

static void hear_bell(struct phone *phone, const struct wire *wire, uint64_t now)
{
	bool rung = phone->plugged && !phone->off_hook && wire->ring_vrms >= RING_LEAST_VRMS;

	if (rung) {
		if (!phone->ring_last || now - phone->ring_last > RING_GAP)
			phone->rings++;
		phone->ring_last = now;
		phone->ring_frames++;
		phone->ring_hz = wire->ring_hz;
		phone->ring_vrms = wire->ring_vrms;
	}
	phone->ringing = rung;
}

/** phone_frame() - one frame: what it hears of the wire, what it says into it */
void phone_frame(struct phone *phone, struct wire *wire, uint64_t now)
{
	int16_t said = 0, heard = 0;

	move_contact(phone, now);
	hear_bell(phone, wire, now);
	if (phone->plugged && !wire->cut)
		heard = wire->down;
	phone->heard[phone->heard_at] = heard;
	phone->heard_at = (phone->heard_at + 1) % HEARD;
	if (!phone_contact(phone)) {
		phone->last = 0;
		return;
	}
	sound_put(&phone->sound, heard);
	said = mix(sound_next(&phone->sound), press_keys(phone, now));
	if (phone->echo)
		said = mix(said, phone->last);
	phone->last = heard;
	if (wire->cut)
		return;
	wire->closed = true;
	wire->up = mix(wire->up, said);
}
