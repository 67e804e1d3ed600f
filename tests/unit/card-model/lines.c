// SPDX-License-Identifier: GPL-2.0-or-later
/* Telephones, exchanges, cables: what happens on the lines of the card's model, and its sound. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "g711.h"
#include "si3210.h"

static int setup(void **state)
{
	static struct bench bench;

	bench_open(&bench, NULL);
	power_up(&bench);
	slic_up(&bench, 0);
	daa_up(&bench, 2);
	*state = &bench;
	return 0;
}

static int teardown(void **state)
{
	bench_close(*state);
	return 0;
}

static void companding(void **state)
{
	for (unsigned int i = 0; i < 256; i++) {
		assert_int_equal(g711_to_alaw(g711_from_alaw((uint8_t)i)), i);
		/* the two zeros of mu-law are one */
		if (i != 0x7f)
			assert_int_equal(g711_to_ulaw(g711_from_ulaw((uint8_t)i)), i);
	}
	assert_int_equal(g711_from_alaw(0xd5), 8);
	assert_int_equal(g711_from_ulaw(0xff), 0);
	assert_int_equal(g711_from_ulaw(0x00), -32124);
	assert_int_equal(g711_to_ulaw(INT16_MIN), 0x00);
	assert_int_equal(g711_to_alaw(INT16_MIN), 0x2a);
}

static void hook_and_debounce(void **state)
{
	struct bench *b = *state;

	assert_int_equal(slic_get(b, 0, SLIC_LOOP) & LOOP_CLOSED, 0);
	tell(b, "phone 0 lift", NULL);
	run_ms(b, 10);
	assert_int_equal(slic_get(b, 0, SLIC_LOOP), 0);
	run_ms(b, 5);
	assert_int_equal(slic_get(b, 0, SLIC_LOOP), LOOP_CLOSED);
	assert_int_equal(slic_get(b, 0, SLIC_STATUS2) & 0x02, 0x02);
	assert_int_equal(slic_get(b, 0, SLIC_LOOP_CURRENT), 16);
	tell(b, "phone 0 hang", NULL);
	run_ms(b, 15);
	assert_int_equal(slic_get(b, 0, SLIC_LOOP), LOOP_RAW);
	tell(b, "phone 0 lift", NULL);
	tell(b, "cut 0 on", NULL);
	run_ms(b, 20);
	assert_int_equal(slic_get(b, 0, SLIC_LOOP), LOOP_RAW);
}

/* Counts the breaks a driver sees that looks every @step ms */
static unsigned int breaks_seen(struct bench *b, unsigned int ms)
{
	unsigned int count = 0;
	bool closed = true;

	for (unsigned int i = 0; i < ms; i += 5) {
		bool now;

		run_ms(b, 5);
		now = slic_get(b, 0, SLIC_LOOP) & LOOP_CLOSED;
		count += closed && !now;
		closed = now;
	}
	return count;
}

static void dial(void **state)
{
	struct bench *b = *state;

	tell(b, "phone 0 lift", NULL);
	run_ms(b, 50);
	tell(b, "phone 0 pulse 30", NULL);
	assert_int_equal(tell(b, "phone 0 state", "busy"), 1);
	assert_int_equal(breaks_seen(b, 3500), 13);
	assert_int_equal(tell(b, "phone 0 state", "busy"), 0);
	tell(b, "phone 0 flash 300", NULL);
	run_ms(b, 200);
	assert_int_equal(slic_get(b, 0, SLIC_LOOP) & LOOP_CLOSED, 0);
	run_ms(b, 150);
	assert_int_equal(slic_get(b, 0, SLIC_LOOP) & LOOP_CLOSED, 1);
}

static void digits(void **state)
{
	static const uint8_t codes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0 };
	struct bench *b = *state;

	tell(b, "phone 0 lift", NULL);
	run_ms(b, 50);
	tell(b, "phone 0 dtmf 1234567890*#ABCD 50 50", NULL);
	for (unsigned int i = 0; i < 16; i++) {
		run_ms(b, 45);
		assert_int_equal(slic_get(b, 0, SLIC_DTMF), 0x10 | codes[i]);
		assert_int_equal(slic_get(b, 0, SLIC_STATUS3) & 1, 1);
		slic_set(b, 0, SLIC_STATUS3, 0xff);
		run_ms(b, 55);
		assert_int_equal(slic_get(b, 0, SLIC_DTMF), codes[i]);
	}
}

static void ring_and_trip(void **state)
{
	struct bench *b = *state;

	slic_set(b, 0, SLIC_LINEFEED, FEED_RINGING);
	run_ms(b, 1000);
	assert_int_equal(slic_get(b, 0, SLIC_LINEFEED), 0x44);
	assert_int_equal(tell(b, "phone 0 state", "ringing"), 1);
	assert_true(fabs(tell(b, "phone 0 state", "ring-hz") - 20) < 0.6);
	assert_true(fabs(tell(b, "phone 0 state", "ring-vrms") - 46) < 2);
	slic_set(b, 0, SLIC_LINEFEED, FEED_FORWARD_OHT);
	run_ms(b, 500);
	slic_set(b, 0, SLIC_LINEFEED, FEED_RINGING);
	run_ms(b, 500);
	assert_int_equal(tell(b, "phone 0 state", "rings"), 2);
	tell(b, "phone 0 lift", NULL);
	run_ms(b, 14);
	/* the chip answers by itself */
	assert_int_equal(slic_get(b, 0, SLIC_LINEFEED), 0x11);
	assert_int_equal(slic_get(b, 0, SLIC_STATUS2) & 1, 1);
	run_ms(b, 15);
	assert_int_equal(slic_get(b, 0, SLIC_LOOP) & (LOOP_CLOSED | LOOP_TRIPPED), 3);
	assert_int_equal(tell(b, "phone 0 state", "ringing"), 0);
	assert_no_violation(b);
}

/* The cadence in the chip: 200 ms on, 300 ms off */
static void ring_cadence(void **state)
{
	struct bench *b = *state;

	slic_set(b, 0, 48, 0x40);
	slic_set(b, 0, 49, 0x06);
	slic_set(b, 0, 50, 0x60);
	slic_set(b, 0, 51, 0x09);
	slic_set(b, 0, SLIC_RING_OSC, 0x18);
	slic_set(b, 0, SLIC_LINEFEED, FEED_RINGING);
	run_ms(b, 100);
	assert_int_equal(slic_get(b, 0, SLIC_LINEFEED), 0x44);
	run_ms(b, 250);
	assert_int_equal(slic_get(b, 0, SLIC_LINEFEED), 0x24);
	assert_int_equal(tell(b, "phone 0 state", "ringing"), 0);
	run_ms(b, 1600);
	assert_int_equal(tell(b, "phone 0 state", "rings"), 4);
	/* lifted in a pause: the longer debounce, then active */
	tell(b, "phone 0 lift", NULL);
	run_ms(b, 20);
	run_ms(b, 100);
	assert_int_equal(slic_get(b, 0, SLIC_LINEFEED) & 7, FEED_FORWARD);
}

static void tones(void **state)
{
	struct bench *b = *state;

	tell(b, "phone 0 lift", NULL);
	/* nothing from the bus; oscillator 1 towards the telephone: 350 Hz, then 440 Hz */
	slic_set(b, 0, SLIC_PCM, 0);
	slic_set(b, 0, SLIC_OSC1, 0x06);
	run_ms(b, 200);
	assert_true(tell(b, "phone 0 hear 350", "dbm0") > -25);
	assert_true(tell(b, "phone 0 hear 440", "dbm0") < -40);
	slic_set_indirect(b, 0, IND_OSC1, 0x786f);
	run_ms(b, 200);
	assert_true(tell(b, "phone 0 hear 440", "dbm0") > -25);
	assert_true(fabs(tell(b, "phone 0 hear 440", "dbm0") - tell(b, "phone 0 hear", "dbm0")) <
		    0.1);
	slic_set(b, 0, SLIC_LINEFEED, FEED_RINGING);
	assert_no_violation(b);
	slic_set(b, 0, SLIC_LINEFEED, FEED_FORWARD);
	slic_set(b, 0, SLIC_OSC1 + 1, 0x06);
	slic_set(b, 0, SLIC_LINEFEED, FEED_RINGING);
	assert_violation(b, "osc2");
}

/* A cable: the FXS module is the other's exchange; every sample arrives in its frame, both ways */
static void cable(void **state)
{
	struct bench *b = *state;
	uint32_t word;

	tell(b, "cable 0 2", NULL);
	run_ms(b, 1);
	assert_int_equal(daa_get(b, 2, 29), 48);
	slic_set(b, 0, SLIC_LINEFEED, FEED_RINGING);
	run_ms(b, 300);
	assert_int_equal(daa_get(b, 2, 4) & 0x80, 0x80);
	daa_set(b, 2, 5, 0x09);
	run_ms(b, 40);
	assert_int_equal(slic_get(b, 0, SLIC_LINEFEED), 0x11);
	assert_int_equal(slic_get(b, 0, SLIC_LOOP) & LOOP_CLOSED, 1);
	start_dma(b);
	for (unsigned int i = 0; i < RING_WORDS; i++)
		set_ring_word(b, TX_RING, i, 0xd500d500u | i | (i + 0x80) << 16);
	card_run(b->card, RING_WORDS);
	for (unsigned int i = 0; i < RING_WORDS; i++) {
		word = ring_word(b, RX_RING, i);
		assert_int_equal(word & 0xff, i + 0x80);
		assert_int_equal(word >> 16 & 0xff, i);
	}
	/* sockets without a module on the bus are ones */
	assert_int_equal(word & 0xff00ff00, 0xff00ff00);
	assert_no_violation(b);
}

static void gains(void **state)
{
	struct bench *b = *state;

	tell(b, "phone 0 lift", NULL);
	tell(b, "phone 0 echo on", NULL);
	run_ms(b, 50);
	start_dma(b);
	for (unsigned int i = 0; i < RING_WORDS; i++)
		set_ring_word(b, TX_RING, i, 0xd5d5d500u | g711_to_alaw(8000));
	slic_set_indirect(b, 0, IND_ADC, 0x2000);
	card_run(b->card, RING_WORDS);
	assert_in_range(g711_from_alaw(ring_word(b, RX_RING, 40) & 0xff), 3900, 4100);
	slic_set(b, 0, SLIC_GAIN, 0x20);
	card_run(b->card, RING_WORDS);
	assert_in_range(abs(g711_from_alaw(ring_word(b, RX_RING, 40) & 0xff)), 0, 8);
}

/* Through files: what the telephone says is what the bus gets, sample by sample */
static void files(void **state)
{
	struct bench *b = *state;
	char said[] = "/tmp/card-said.XXXXXX", heard[] = "/tmp/card-heard.XXXXXX", line[100];
	int16_t samples[RING_WORDS], got[RING_WORDS];
	int fd = mkstemp(said), other = mkstemp(heard);
	FILE *file;

	for (unsigned int i = 0; i < RING_WORDS; i++)
		samples[i] = g711_from_alaw((uint8_t)(i * 3));
	assert_int_equal(write(fd, samples, sizeof(samples)), sizeof(samples));
	tell(b, "phone 0 lift", NULL);
	run_ms(b, 50);
	start_dma(b);
	for (unsigned int i = 0; i < RING_WORDS; i++)
		set_ring_word(b, TX_RING, i, 0xd5d5d500u | (i ^ 0x55));
	snprintf(line, sizeof(line), "phone 0 play %s", said);
	tell(b, line, NULL);
	snprintf(line, sizeof(line), "phone 0 record %s", heard);
	tell(b, line, NULL);
	card_run(b->card, RING_WORDS);
	tell(b, "phone 0 stop", NULL);
	for (unsigned int i = 0; i < RING_WORDS; i++)
		assert_int_equal(ring_word(b, RX_RING, i) & 0xff, (uint8_t)(i * 3));
	file = fopen(heard, "rb");
	assert_non_null(file);
	assert_int_equal(fread(got, sizeof(got[0]), RING_WORDS, file), RING_WORDS);
	for (unsigned int i = 0; i < RING_WORDS; i++)
		assert_int_equal(got[i], g711_from_alaw((uint8_t)(i ^ 0x55)));
	fclose(file);
	close(fd);
	close(other);
	unlink(said);
	unlink(heard);
}

static void exchange(void **state)
{
	struct bench *b = *state;

	tell(b, "exchange 2 dial-tone on", NULL);
	daa_set(b, 2, 5, 0x09);
	run_ms(b, 100);
	assert_int_equal(tell(b, "exchange 2 state", "seized"), 1);
	/* pulses by the hook, then the far end hangs up */
	for (unsigned int i = 0; i < 4; i++) {
		daa_set(b, 2, 5, 0x08);
		run_ms(b, 60);
		daa_set(b, 2, 5, 0x09);
		run_ms(b, 40);
	}
	run_ms(b, 400);
	assert_int_equal(tell(b, "exchange 2 state", "digits"), 4);
	tell(b, "exchange 2 disconnect 300", NULL);
	run_ms(b, 100);
	assert_int_equal(daa_get(b, 2, 12), 0x40);
	run_ms(b, 250);
	assert_int_equal(daa_get(b, 2, 12), 0x47);
	assert_no_violation(b);
}

static void language(void **state)
{
	static const char *const wrong[] = {
		"nonsense",
		"phone",
		"phone 4 lift",
		"phone 0 fly",
		"phone 0 dtmf 12x",
		"mode fast",
		"cable 2 0",
		"cable 0 1",
		"step 5",
		"skip -1",
		"fault stuck 0 zz",
		"fault alarm 2",
		"phone 0 play /nonexistent",
		"a b c d e f g h i j",
		"phone 0 lift now",
		"cut 9 on",
		"module 0 poke 200 00",
		"exchange 2 volts -3",
		"mode ack nan",
	};
	struct bench *b = *state;

	tell(b, "help", NULL);
	tell(b, "", NULL);
	tell(b, "trace chips 10", NULL);
	tell(b, "registers", NULL);
	tell(b, "module 2 registers", NULL);
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char line[100], answer[200] = "";
		FILE *out = fmemopen(answer, sizeof(answer), "w");

		snprintf(line, sizeof(line), "%s", wrong[i]);
		assert_true(card_command(b->card, line, out));
		fclose(out);
		if (strncmp(answer, "error: ", 7))
			fail_msg("\"%s\" is answered by: %s", wrong[i], answer);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(companding),
		TEST(hook_and_debounce),
		TEST(dial),
		TEST(digits),
		TEST(ring_and_trip),
		TEST(ring_cadence),
		TEST(tones),
		TEST(cable),
		TEST(gains),
		TEST(files),
		TEST(exchange),
		TEST(language),
	};

	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
