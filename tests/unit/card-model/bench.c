// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "si3210.h"

#define CS   0x04
#define SCLK 0x08
#define SDI  0x10
#define SDO  0x20

static int dma_read(void *data, uint32_t address, void *buffer, uint32_t size)
{
	struct bench *bench = data;

	if (address < BENCH_BASE || address - BENCH_BASE > BENCH_MEMORY - size)
		return -1;
	memcpy(buffer, bench->memory + (address - BENCH_BASE), size);
	return 0;
}

static int dma_write(void *data, uint32_t address, const void *buffer, uint32_t size)
{
	struct bench *bench = data;

	if (address < BENCH_BASE || address - BENCH_BASE > BENCH_MEMORY - size)
		return -1;
	memcpy(bench->memory + (address - BENCH_BASE), buffer, size);
	return 0;
}

static void set_irq(void *data, bool level)
{
	struct bench *bench = data;

	bench->irq = level;
	bench->edges += level;
}

static const struct card_host host = { dma_read, dma_write, set_irq };

void bench_open(struct bench *bench, const struct card_options *options)
{
	struct card_options defaults;

	memset(bench, 0, sizeof(*bench));
	card_defaults(&defaults);
	bench->card = card_new(options ? options : &defaults, &host, bench);
	assert_non_null(bench->card);
	card_write(bench->card, CARD_CONFIG, 4, 2, 7);
}

void bench_close(struct bench *bench)
{
	card_free(bench->card);
}

uint8_t get8(struct bench *bench, uint32_t reg)
{
	return (uint8_t)card_read(bench->card, CARD_MEMORY, reg, 1);
}

void set8(struct bench *bench, uint32_t reg, uint8_t value)
{
	card_write(bench->card, CARD_MEMORY, reg, 1, value);
}

uint32_t get32(struct bench *bench, uint32_t reg)
{
	return card_read(bench->card, CARD_MEMORY, reg, 4);
}

void set32(struct bench *bench, uint32_t reg, uint32_t value)
{
	card_write(bench->card, CARD_MEMORY, reg, 4, value);
}

void run_ms(struct bench *bench, unsigned int ms)
{
	card_run(bench->card, MS_FRAMES(ms));
}

void power_up(struct bench *bench)
{
	set8(bench, TJ_CNTL, 0x06);
	bench->pins = CS | SCLK | SDI;
	set8(bench, TJ_AUXD, bench->pins);
	set8(bench, TJ_AUXC, 0xdf);
	set8(bench, TJ_AUXFUNC, 0x04);
	run_ms(bench, 250);
	set8(bench, TJ_CNTL, 0x31);
	set8(bench, TJ_SERCTL, 0xc1);
	set8(bench, TJ_FSCDELAY, 0);
	run_ms(bench, 250);
}

void start_dma(struct bench *bench)
{
	for (unsigned int i = 0; i < 2; i++) {
		uint32_t base = i ? TJ_RX_START : TJ_TX_START, ring = i ? RX_RING : TX_RING;

		set32(bench, base, ring);
		set32(bench, base + 4, ring + 4 * (RING_WORDS / 2 - 1));
		set32(bench, base + 8, ring + 4 * (RING_WORDS - 1));
	}
	memset(bench->memory, 0xd5, 4 * RING_WORDS);
	set8(bench, TJ_PIB, 0x1f);
	set8(bench, TJ_CNTL, 0x0f);
	run_ms(bench, 1);
	set8(bench, TJ_INTSTAT, 0xff);
	set8(bench, TJ_MASK0, 0x3f);
	set8(bench, TJ_CNTL, 0x41);
	set8(bench, TJ_OPER, 0x01);
}

uint32_t ring_word(struct bench *bench, uint32_t ring, unsigned int index)
{
	const uint8_t *at = bench->memory + (ring - BENCH_BASE) + 4 * index;

	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

void set_ring_word(struct bench *bench, uint32_t ring, unsigned int index, uint32_t word)
{
	uint8_t *at = bench->memory + (ring - BENCH_BASE) + 4 * index;

	for (unsigned int i = 0; i < 4; i++)
		at[i] = (uint8_t)(word >> 8 * i);
}

/* --- the serial port */

static void pins(struct bench *bench, uint8_t clear, uint8_t set)
{
	bench->pins = (uint8_t)((bench->pins & ~clear) | set);
	set8(bench, TJ_AUXD, bench->pins);
}

void choose(struct bench *bench, unsigned int socket)
{
	set8(bench, TJ_PIB + 8, (uint8_t)(1u << socket));
	get8(bench, TJ_PIB + 8);
}

void resync(struct bench *bench)
{
	for (unsigned int i = 0; i < 2; i++) {
		get8(bench, TJ_AUXR);
		pins(bench, CS, 0);
		pins(bench, SCLK, 0);
		pins(bench, 0, SCLK);
		pins(bench, 0, CS);
	}
	get8(bench, TJ_AUXR);
}

static uint8_t exchange_byte(struct bench *bench, uint8_t out)
{
	uint8_t in = 0;

	pins(bench, CS, 0);
	for (unsigned int i = 0; i < 8; i++) {
		pins(bench, SCLK | SDI, out & 0x80 >> i ? SDI : 0);
		pins(bench, 0, SCLK);
		in = (uint8_t)(in << 1 | !!(get8(bench, TJ_AUXR) & SDO));
	}
	pins(bench, 0, CS | SDI);
	get8(bench, TJ_AUXR);
	return in;
}

uint8_t slic_get(struct bench *bench, unsigned int socket, uint8_t reg)
{
	choose(bench, socket);
	exchange_byte(bench, reg | 0x80);
	return exchange_byte(bench, 0);
}

void slic_set(struct bench *bench, unsigned int socket, uint8_t reg, uint8_t value)
{
	choose(bench, socket);
	exchange_byte(bench, reg);
	exchange_byte(bench, value);
}

uint8_t daa_get(struct bench *bench, unsigned int socket, uint8_t reg)
{
	choose(bench, socket);
	exchange_byte(bench, 0x60);
	exchange_byte(bench, reg);
	return exchange_byte(bench, 0);
}

void daa_set(struct bench *bench, unsigned int socket, uint8_t reg, uint8_t value)
{
	choose(bench, socket);
	exchange_byte(bench, 0x20);
	exchange_byte(bench, reg);
	exchange_byte(bench, value);
}

static void wait_indirect(struct bench *bench, unsigned int socket)
{
	for (unsigned int i = 0; i < 8; i++)
		if (!(slic_get(bench, socket, SLIC_PENDING) & 1))
			return;
	fail_msg("an indirect access does not end");
}

void slic_set_indirect(struct bench *bench, unsigned int socket, uint8_t reg, uint16_t value)
{
	slic_set(bench, socket, SLIC_DATA_LOW, (uint8_t)value);
	slic_set(bench, socket, SLIC_DATA_HIGH, (uint8_t)(value >> 8));
	slic_set(bench, socket, SLIC_ADDRESS, reg);
	wait_indirect(bench, socket);
}

uint16_t slic_get_indirect(struct bench *bench, unsigned int socket, uint8_t reg)
{
	slic_set(bench, socket, SLIC_ADDRESS, reg);
	wait_indirect(bench, socket);
	return (uint16_t)(slic_get(bench, socket, SLIC_DATA_LOW) |
			  slic_get(bench, socket, SLIC_DATA_HIGH) << 8);
}

/* --- modules */

static const uint16_t indirects[] = {
	0x55c2, 0x51e6, 0x4b85, 0x4937, 0x3333, 0x0202, 0x0202, 0x0198, 0x0198, 0x0611, 0x0202,
	0x00e5, 0x0a1c, 0x7b30, 0x0063, 0x0000, 0x7870, 0x007d, 0x0000, 0x0000, 0x7ef0, 0x0160,
	0x0000, 0x2000, 0x2000, 0x0000, 0x4000, 0x4000, 0x1000, 0x3600, 0x1000, 0x0200, 0x07c0,
	0x2600, 0x1b80, 0x8000, 0x0320, 0x008c, 0x0100, 0x0010, 0x0c00, 0x0c00, 0x1000, 0x1000,
};

static uint8_t address_of(bool si3215, unsigned int number)
{
	if (!si3215)
		return (uint8_t)number;
	return (uint8_t)(number == 41 ? 64 : number == 43 ? 66 : number - 13);
}

static void write_indirects(struct bench *bench, unsigned int socket)
{
	bool si3215 = slic_get(bench, socket, SLIC_PCM) & 0x80;

	for (unsigned int i = si3215 ? 13 : 0; i < sizeof(indirects) / sizeof(indirects[0]); i++)
		if (!si3215 || i != 42)
			slic_set_indirect(bench, socket, address_of(si3215, i), indirects[i]);
}

void slic_up(struct bench *bench, unsigned int socket)
{
	write_indirects(bench, socket);
	slic_set(bench, socket, SLIC_LOOPBACK, 0);
	slic_set(bench, socket, SLIC_ENHANCE, 0xeb);
	slic_set(bench, socket, SLIC_AUTO, 0x07);
	slic_set(bench, socket, SLIC_PWM, 0xff);
	slic_set(bench, socket, SLIC_POWER1, 0);
	run_ms(bench, 200);
	assert_true(slic_get(bench, socket, SLIC_BATTERY) >= 0xc0);
	slic_set(bench, socket, SLIC_DCDC, 0x99);
	slic_set(bench, socket, SLIC_CAL2, 0x1f);
	slic_set(bench, socket, SLIC_CAL1, 0x5f);
	run_ms(bench, 500);
	assert_int_equal(slic_get(bench, socket, SLIC_CAL1), 0);
	assert_int_equal(slic_get(bench, socket, SLIC_DCDC) & 0x80, 0);
	for (unsigned int i = 0; i < 4; i += 2) {
		slic_set(bench, socket, (uint8_t)(SLIC_TX_START + i), (uint8_t)((3 - socket) * 8));
		slic_set(bench, socket, (uint8_t)(SLIC_TX_START + i + 1), 0);
	}
	slic_set(bench, socket, SLIC_PCM, 0x20);
	slic_set(bench, socket, SLIC_LINEFEED, FEED_FORWARD);
	run_ms(bench, 20);
}

void daa_up(struct bench *bench, unsigned int socket)
{
	daa_set(bench, socket, 1, 0x80);
	run_ms(bench, 101);
	daa_set(bench, socket, 33, 0x20);
	for (unsigned int i = 34; i < 38; i++)
		daa_set(bench, socket, (uint8_t)i, i & 1 ? 0 : (uint8_t)((3 - socket) * 8));
	daa_set(bench, socket, 6, 0);
	run_ms(bench, 100);
	assert_int_not_equal(daa_get(bench, socket, 11) >> 4, 0);
	daa_set(bench, socket, 5, 0x08);
	run_ms(bench, 5);
}

/* --- the control language */

static double value_of(const char *answer, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = answer; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, length) && line[length] == ' ')
			return strtod(line + length, NULL);
	}
	return -1;
}

double tell(struct bench *bench, const char *command, const char *key)
{
	char line[200], *answer = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&answer, &size);
	double value;

	snprintf(line, sizeof(line), "%s", command);
	card_command(bench->card, line, out);
	fclose(out);
	if (size < 3 || strcmp(answer + size - 3, "ok\n"))
		fail_msg("%s: %s", command, answer);
	value = key ? value_of(answer, key) : 0;
	free(answer);
	return value;
}

void assert_no_violation(struct bench *bench)
{
	if (!bench->card->journal.violated)
		return;
	violations_print(bench->card, stderr);
	fail_msg("rules of the hardware were broken");
}

void assert_violation(struct bench *bench, const char *kind)
{
	struct journal *journal = &bench->card->journal;
	bool found = false;

	for (unsigned int i = 0; i < journal->violated; i++)
		found |= !strcmp(journal->violations[i].kind, kind);
	if (!found)
		violations_print(bench->card, stderr);
	journal->violated = 0;
	assert_true(found);
}
