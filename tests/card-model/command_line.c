// SPDX-License-Identifier: GPL-2.0-or-later
/* The control language: telephones and exchanges. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "command.h"

static struct phone *phone_of(struct card *card, unsigned int socket)
{
	return &card->phones[socket];
}

static struct exchange *exchange_of(struct card *card, unsigned int socket)
{
	return &card->exchanges[socket];
}

static const char *play(struct sound *sound, const struct words *words)
{
	bool repeat = words->word[2];

	if (repeat && strcmp(words->word[2], "repeat"))
		return bad_word;
	return sound_from(sound, words->word[1], repeat) ? strerror(errno) : NULL;
}

static const char *record(struct sound *sound, const struct words *words)
{
	return sound_to(sound, words->word[1]) ? strerror(errno) : NULL;
}

static const char *hear(const int16_t *heard, const struct words *words, FILE *out)
{
	double hz = 0;

	if (!word_double(words->word[1], &hz))
		return bad_number;
	fprintf(out, "dbm0 %.1f\n", heard_dbm0(heard, hz));
	return NULL;
}

/* --- telephone */

static const char *phone_state(struct card *card, unsigned int socket, const struct words *words,
			       FILE *out)
{
	const struct phone *phone = phone_of(card, socket);

	fprintf(out, "plugged %u\noff-hook %u\nringing %u\nrings %u\n", phone->plugged,
		phone_contact(phone), phone->ringing, phone->rings);
	fprintf(out, "ring-ms %" PRIu64 "\nring-hz %.1f\nring-vrms %.1f\n", phone->ring_frames / 8,
		phone->ring_hz, phone->ring_vrms);
	fprintf(out, "volts %.0f\n", card->wires[socket].volts);
	fprintf(out, "busy %u\n", phone->keys[0] || phone->contact_until);
	return NULL;
}

static const char *do_plug(struct card *card, unsigned int socket, const struct words *words,
			   FILE *out)
{
	phone_of(card, socket)->plugged = true;
	return NULL;
}

static const char *do_unplug(struct card *card, unsigned int socket, const struct words *words,
			     FILE *out)
{
	phone_of(card, socket)->plugged = false;
	return NULL;
}

static const char *do_lift(struct card *card, unsigned int socket, const struct words *words,
			   FILE *out)
{
	phone_lift(phone_of(card, socket));
	return NULL;
}

static const char *do_hang(struct card *card, unsigned int socket, const struct words *words,
			   FILE *out)
{
	phone_hang(phone_of(card, socket));
	return NULL;
}

static const char *do_flash(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	unsigned int ms = 300;

	if (!word_number(words->word[1], &ms))
		return bad_number;
	phone_flash(phone_of(card, socket), card->frame, ms);
	return NULL;
}

static const char *do_dtmf(struct card *card, unsigned int socket, const struct words *words,
			   FILE *out)
{
	unsigned int on = 80, off = 80;

	if (!word_number(words->word[2], &on) || !word_number(words->word[3], &off))
		return bad_number;
	if (strspn(words->word[1], "0123456789*#ABCD") != strlen(words->word[1]))
		return "not digits";
	phone_keys(phone_of(card, socket), card->frame, words->word[1], on, off);
	return NULL;
}

static const char *do_pulse(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	unsigned int open = 60, closed = 40;

	if (!word_number(words->word[2], &open) || !word_number(words->word[3], &closed))
		return bad_number;
	if (strspn(words->word[1], "0123456789") != strlen(words->word[1]))
		return "not digits";
	phone_pulses(phone_of(card, socket), card->frame, words->word[1], open, closed);
	return NULL;
}

static const char *phone_play(struct card *card, unsigned int socket, const struct words *words,
			      FILE *out)
{
	return play(&phone_of(card, socket)->sound, words);
}

static const char *phone_record(struct card *card, unsigned int socket, const struct words *words,
				FILE *out)
{
	return record(&phone_of(card, socket)->sound, words);
}

static const char *phone_stop(struct card *card, unsigned int socket, const struct words *words,
			      FILE *out)
{
	sound_close(&phone_of(card, socket)->sound);
	return NULL;
}

static const char *phone_echo(struct card *card, unsigned int socket, const struct words *words,
			      FILE *out)
{
	return set_switch(words->word[1], &phone_of(card, socket)->echo);
}

static const char *phone_hear(struct card *card, unsigned int socket, const struct words *words,
			      FILE *out)
{
	return hear(phone_of(card, socket)->heard, words, out);
}

static const char *clear_rings(struct card *card, unsigned int socket, const struct words *words,
			       FILE *out)
{
	struct phone *phone = phone_of(card, socket);

	phone->rings = 0;
	phone->ring_frames = phone->ring_last = 0;
	return NULL;
}

const struct command phone_commands[] = {
	{ "state", "", "hook, ringer, voltage; \"busy\" while it dials", phone_state, 0, 0 },
	{ "plug", "", "connects it to the wire", do_plug, 0, 0 },
	{ "unplug", "", "nothing is there", do_unplug, 0, 0 },
	{ "lift", "", "the handset", do_lift, 0, 0 },
	{ "hang", "", "hangs up", do_hang, 0, 0 },
	{ "flash", "[MS]", "opens the contact for a while (300)", do_flash, 0, 1 },
	{ "dtmf", "DIGITS [ON OFF]", "presses keys, times in ms (80 80)", do_dtmf, 1, 3 },
	{ "pulse", "DIGITS [BREAK MAKE]", "turns the dial, times in ms (60 40)", do_pulse, 1, 3 },
	{ "play", "FILE [repeat]", "says it: WAV or raw, 8000 Hz, 16 bit", phone_play, 1, 2 },
	{ "record", "FILE", "what it hears while off hook, raw", phone_record, 1, 1 },
	{ "stop", "", "ends play and record", phone_stop, 0, 0 },
	{ "echo", "[on|off]", "says what it hears, a frame later", phone_echo, 0, 1 },
	{ "hear", "[HZ]", "level of the last 100 ms, of all or of one tone", phone_hear, 0, 1 },
	{ "forget", "", "counts rings from 0", clear_rings, 0, 0 },
	{ 0 },
};

/* --- exchange */

static const char *exchange_state(struct card *card, unsigned int socket, const struct words *words,
				  FILE *out)
{
	const struct exchange *exchange = exchange_of(card, socket);

	fprintf(out, "connected %u\nbattery %u\nreverse %u\nringing %u\nseized %u\ndigits %s\n",
		exchange->connected, exchange->battery, exchange->reverse, exchange->ringing,
		exchange->seized, exchange->digits);
	return NULL;
}

static const char *do_connect(struct card *card, unsigned int socket, const struct words *words,
			      FILE *out)
{
	return set_switch(words->word[1], &exchange_of(card, socket)->connected);
}

static const char *do_battery(struct card *card, unsigned int socket, const struct words *words,
			      FILE *out)
{
	struct exchange *exchange = exchange_of(card, socket);

	exchange->battery_until = 0;
	return set_switch(words->word[1], &exchange->battery);
}

static const char *do_volts(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	return set_double(words->word[1], &exchange_of(card, socket)->volts);
}

static const char *do_disconnect(struct card *card, unsigned int socket, const struct words *words,
				 FILE *out)
{
	struct exchange *exchange = exchange_of(card, socket);
	unsigned int ms = 500;

	if (!word_number(words->word[1], &ms))
		return bad_number;
	exchange->battery = false;
	exchange->battery_until = card->frame + MS_FRAMES(ms) + 1;
	return NULL;
}

static const char *do_reverse(struct card *card, unsigned int socket, const struct words *words,
			      FILE *out)
{
	return set_switch(words->word[1], &exchange_of(card, socket)->reverse);
}

static const char *do_ring(struct card *card, unsigned int socket, const struct words *words,
			   FILE *out)
{
	unsigned int on = 1000, off = 4000, bursts = 0;

	if (!strcmp(words->word[1], "off")) {
		exchange_of(card, socket)->ringing = false;
		return NULL;
	}
	if (strcmp(words->word[1], "on"))
		return bad_switch;
	if (!word_number(words->word[2], &on) || !word_number(words->word[3], &off) ||
	    !word_number(words->word[4], &bursts))
		return bad_number;
	exchange_ring(exchange_of(card, socket), card->frame, on, off, bursts);
	return NULL;
}

static const char *do_ringer(struct card *card, unsigned int socket, const struct words *words,
			     FILE *out)
{
	struct exchange *exchange = exchange_of(card, socket);

	return word_double(words->word[1], &exchange->ring_vrms) &&
			       word_double(words->word[2], &exchange->ring_hz) ?
		       NULL :
		       bad_number;
}

static const char *do_tone(struct card *card, unsigned int socket, const struct words *words,
			   FILE *out)
{
	struct exchange *exchange = exchange_of(card, socket);
	double a = 0, b = 0;
	unsigned int on = 0, off = 0;

	if (!strcmp(words->word[1], "dial"))
		exchange_tone(exchange, card->frame, 425, 0, 0, 0);
	else if (!strcmp(words->word[1], "busy"))
		exchange_tone(exchange, card->frame, 425, 0, 480, 480);
	else if (!strcmp(words->word[1], "ringback"))
		exchange_tone(exchange, card->frame, 425, 0, 1000, 4000);
	else if (!strcmp(words->word[1], "none"))
		exchange_tone(exchange, card->frame, 0, 0, 0, 0);
	else if (!word_double(words->word[1], &a) || !word_double(words->word[2], &b) ||
		 !word_number(words->word[3], &on) || !word_number(words->word[4], &off))
		return bad_number;
	else
		exchange_tone(exchange, card->frame, a, b, on, off);
	return NULL;
}

static const char *do_dial_tone(struct card *card, unsigned int socket, const struct words *words,
				FILE *out)
{
	return set_switch(words->word[1], &exchange_of(card, socket)->auto_dial_tone);
}

static const char *do_caller(struct card *card, unsigned int socket, const struct words *words,
			     FILE *out)
{
	struct exchange *exchange = exchange_of(card, socket);
	long begin;
	FILE *file = sound_open(words->word[1], &begin);

	if (!file)
		return strerror(errno);
	if (exchange->after_ring)
		fclose(exchange->after_ring);
	exchange->after_ring = file;
	exchange->after_begin = begin;
	return NULL;
}

static const char *exchange_play(struct card *card, unsigned int socket, const struct words *words,
				 FILE *out)
{
	return play(&exchange_of(card, socket)->sound, words);
}

static const char *exchange_record(struct card *card, unsigned int socket,
				   const struct words *words, FILE *out)
{
	return record(&exchange_of(card, socket)->sound, words);
}

static const char *exchange_stop(struct card *card, unsigned int socket, const struct words *words,
				 FILE *out)
{
	sound_close(&exchange_of(card, socket)->sound);
	return NULL;
}

static const char *exchange_echo(struct card *card, unsigned int socket, const struct words *words,
				 FILE *out)
{
	return set_switch(words->word[1], &exchange_of(card, socket)->echo);
}

static const char *exchange_hear(struct card *card, unsigned int socket, const struct words *words,
				 FILE *out)
{
	return hear(exchange_of(card, socket)->heard, words, out);
}

static const char *clear_digits(struct card *card, unsigned int socket, const struct words *words,
				FILE *out)
{
	exchange_of(card, socket)->digits[0] = 0;
	exchange_of(card, socket)->digit_count = 0;
	return NULL;
}

const struct command exchange_commands[] = {
	{ "state", "", "what it does and sees; digits as tones and pulses", exchange_state, 0, 0 },
	{ "connect", "[on|off]", "its wire to the socket", do_connect, 0, 1 },
	{ "battery", "[on|off]", "its voltage", do_battery, 0, 1 },
	{ "volts", "V", "how much (48)", do_volts, 1, 1 },
	{ "disconnect", "[MS]", "no battery for a while (500): the far end has hung up",
	  do_disconnect, 0, 1 },
	{ "reverse", "[on|off]", "polarity", do_reverse, 0, 1 },
	{ "ring", "on [ON OFF [BURSTS]] | off", "times in ms (1000 4000); for ever, or so often",
	  do_ring, 1, 4 },
	{ "ringer", "VRMS [HZ]", "the ringing voltage (75 25)", do_ringer, 1, 2 },
	{ "tone", "dial|busy|ringback|none | HZ [HZ ON OFF]", "what it sends", do_tone, 1, 4 },
	{ "dial-tone", "[on|off]", "by itself when seized, until the first digit", do_dial_tone, 0,
	  1 },
	{ "caller-id", "FILE", "sound to send 500 ms after the next first burst", do_caller, 1, 1 },
	{ "play", "FILE [repeat]", "sends it: WAV or raw, 8000 Hz, 16 bit", exchange_play, 1, 2 },
	{ "record", "FILE", "what comes while the line is seized, raw", exchange_record, 1, 1 },
	{ "stop", "", "ends play and record", exchange_stop, 0, 0 },
	{ "echo", "[on|off]", "sends back what comes, a frame later", exchange_echo, 0, 1 },
	{ "hear", "[HZ]", "level of the last 100 ms, of all or of one tone", exchange_hear, 0, 1 },
	{ "forget", "", "the digits", clear_digits, 0, 0 },
	{ 0 },
};
