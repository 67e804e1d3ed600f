// SPDX-License-Identifier: GPL-2.0-or-later
/* Configuration space, registers, DMA engine and interrupts of the card's model. */
#include <string.h>

#include "bench.h"

static int setup(void **state)
{
	static struct bench bench;

	bench_open(&bench, NULL);
	*state = &bench;
	return 0;
}

static int teardown(void **state)
{
	bench_close(*state);
	return 0;
}

static void config_space(void **state)
{
	struct bench *b = *state;

	assert_int_equal(card_read(b->card, CARD_CONFIG, 0, 4), 0x0001e159);
	assert_int_equal(card_read(b->card, CARD_CONFIG, 0x2c, 4), 0x0003b1d9);
	card_write(b->card, CARD_CONFIG, 0x10, 4, 0xffffffff);
	card_write(b->card, CARD_CONFIG, 0x14, 4, 0xffffffff);
	assert_int_equal(card_read(b->card, CARD_CONFIG, 0x10, 4), 0xffffff01);
	assert_int_equal(card_read(b->card, CARD_CONFIG, 0x14, 4), 0xfffff000);
	card_write(b->card, CARD_CONFIG, 0x11, 1, 0xe0);
	assert_int_equal(card_read(b->card, CARD_CONFIG, 0x10, 2), 0xe001);
	/* no INTx disable bit before PCI 2.3 */
	card_write(b->card, CARD_CONFIG, 4, 2, 0xffff);
	assert_int_equal(card_read(b->card, CARD_CONFIG, 4, 2) & 0x0400, 0);
	assert_int_equal(card_read(b->card, CARD_CONFIG, 0x3d, 1), 1);
}

static void byte_lanes(void **state)
{
	struct bench *b = *state;

	set32(b, TJ_TX_START, 0x11223344);
	assert_int_equal(get8(b, TJ_TX_START), 0x44);
	assert_int_equal(card_read(b->card, CARD_IO, TJ_TX_START + 2, 2), 0x1122);
	card_write(b->card, CARD_IO, TJ_TX_START + 1, 1, 0xab);
	assert_int_equal(get32(b, TJ_TX_START), 0x1122ab44);
	/* a word at 2c is four registers, of the peripheral bus only the lowest lane is one */
	set32(b, 0x2c, 0x02c10000);
	assert_int_equal(get8(b, TJ_SERCTL), 0);
	assert_int_equal(get8(b, TJ_FSCDELAY), 2);
	set8(b, TJ_CNTL, 1);
	set32(b, TJ_PIB + 4, 0xffffff5a);
	assert_int_equal(get32(b, TJ_PIB + 4), 0xffffff5a);
	assert_int_equal(card_read(b->card, CARD_MEMORY, 0x100, 4), 0xffffffff);
	assert_violation(b, "offset");
}

static void cpld(void **state)
{
	struct bench *b = *state;

	set8(b, TJ_CNTL, 1);
	assert_int_equal(get8(b, TJ_PIB + 12), 0x73);
	for (unsigned int i = 0; i < 255; i++) {
		set8(b, TJ_PIB + 8, (uint8_t)i);
		assert_int_equal(get8(b, TJ_PIB + 8), i);
	}
	tell(b, "fault cpld on", NULL);
	assert_int_equal(get8(b, TJ_PIB + 12), 0xff);
}

/* Both rings, all four status bits, at the frames the chip has them */
static void ring(void **state)
{
	struct bench *b = *state;

	power_up(b);
	start_dma(b);
	card_run(b->card, RING_WORDS / 2 - 1);
	assert_false(b->irq);
	assert_int_equal(get8(b, TJ_INTSTAT), 0);
	card_run(b->card, 1);
	assert_true(b->irq);
	assert_int_equal(get8(b, TJ_INTSTAT), 0x05);
	assert_int_equal(get32(b, TJ_TX_CURRENT), TX_RING + 4 * (RING_WORDS / 2 - 1));
	assert_int_equal(get32(b, TJ_RX_CURRENT), RX_RING + 4 * (RING_WORDS / 2 - 1));
	/* latched until cleared */
	card_run(b->card, 3);
	assert_int_equal(get8(b, TJ_INTSTAT), 0x05);
	set8(b, TJ_INTSTAT, 0x01);
	assert_true(b->irq);
	set8(b, TJ_INTSTAT, 0x04);
	assert_false(b->irq);
	card_run(b->card, RING_WORDS / 2 - 3);
	assert_int_equal(get8(b, TJ_INTSTAT), 0x0a);
	assert_int_equal(get32(b, TJ_TX_CURRENT), TX_RING + 4 * (RING_WORDS - 1));
	set8(b, TJ_INTSTAT, 0x0f);
	card_run(b->card, 1);
	assert_int_equal(get32(b, TJ_TX_CURRENT), TX_RING);
	assert_int_equal(b->edges, 2);
	assert_no_violation(b);
}

static void unlatched(void **state)
{
	struct bench *b = *state;

	power_up(b);
	start_dma(b);
	set8(b, TJ_CNTL, 0x01);
	card_run(b->card, RING_WORDS / 2);
	assert_int_equal(get8(b, TJ_INTSTAT), 0x05);
	assert_true(b->irq);
	card_run(b->card, 1);
	assert_int_equal(get8(b, TJ_INTSTAT), 0);
	assert_false(b->irq);
}

static void stop_at_end(void **state)
{
	struct bench *b = *state;

	power_up(b);
	start_dma(b);
	set8(b, TJ_CNTL, 0xc1);
	card_run(b->card, 3 * RING_WORDS);
	assert_int_equal(get32(b, TJ_TX_CURRENT), TX_RING + 4 * (RING_WORDS - 1));
	assert_int_equal(get8(b, TJ_INTSTAT), 0x0f);
	set8(b, TJ_OPER, 0x03);
	card_run(b->card, 1);
	assert_no_violation(b);
}

static void bus_master_off(void **state)
{
	struct bench *b = *state;
	uint8_t before[BENCH_MEMORY];

	power_up(b);
	start_dma(b);
	card_run(b->card, 10);
	assert_no_violation(b);
	card_write(b->card, CARD_CONFIG, 4, 2, 3);
	assert_violation(b, "bus-master");
	memcpy(before, b->memory, sizeof(before));
	card_run(b->card, 10);
	assert_memory_equal(before, b->memory, sizeof(before));
	assert_violation(b, "bus-master");
	assert_int_equal(get8(b, TJ_INTSTAT) & TJ_INT_MASTER_ABORT, TJ_INT_MASTER_ABORT);
}

static void master_abort(void **state)
{
	struct bench *b = *state;

	power_up(b);
	start_dma(b);
	card_run(b->card, 5);
	tell(b, "fault abort 1", NULL);
	card_run(b->card, 5);
	assert_true(b->irq);
	assert_int_equal(get8(b, TJ_INTSTAT), TJ_INT_MASTER_ABORT);
	assert_int_equal(card_read(b->card, CARD_CONFIG, 7, 1) & 0x20, 0x20);
	/* stands still until it is started again */
	assert_int_equal(get32(b, TJ_TX_CURRENT), TX_RING + 4 * 5);
	set8(b, TJ_OPER, 0);
	set8(b, TJ_INTSTAT, 0xff);
	start_dma(b);
	card_run(b->card, RING_WORDS);
	assert_int_equal(get8(b, TJ_INTSTAT), 0x0f);
	assert_no_violation(b);
	/* a ring where no memory is */
	set8(b, TJ_OPER, 0);
	set32(b, TJ_RX_START, 0x40);
	start_dma(b);
	assert_no_violation(b);
	set8(b, TJ_OPER, 0);
	set32(b, TJ_RX_START, 0x80000000);
	set8(b, TJ_OPER, 1);
	assert_violation(b, "dma-ring");
}

static void interrupt_faults(void **state)
{
	struct bench *b = *state;

	power_up(b);
	start_dma(b);
	tell(b, "fault drop 1", NULL);
	card_run(b->card, RING_WORDS / 2);
	assert_false(b->irq);
	card_run(b->card, RING_WORDS / 2);
	assert_int_equal(get8(b, TJ_INTSTAT), 0x0a);
	set8(b, TJ_INTSTAT, 0x0f);
	tell(b, "fault late 2", NULL);
	card_run(b->card, RING_WORDS / 2);
	assert_int_equal(get8(b, TJ_INTSTAT), 0x05);
	assert_false(b->irq);
	card_run(b->card, 16);
	assert_true(b->irq);
	tell(b, "fault no-irq on", NULL);
	assert_false(b->irq);
	tell(b, "fault clear", NULL);
	assert_true(b->irq);
	tell(b, "pull", NULL);
	assert_false(b->irq);
	assert_int_equal(get32(b, TJ_TX_START), 0xffffffff);
	assert_int_equal(card_read(b->card, CARD_CONFIG, 0, 2), 0xffff);
}

/* The three ways in which time passes */
static void pacing(void **state)
{
	struct bench *b = *state;
	uint64_t now = 1000, frame;

	power_up(b);
	start_dma(b);
	card_tick(b->card, now);
	/* held at the interrupt however long it takes */
	for (unsigned int i = 0; i < 100; i++)
		card_tick(b->card, now += 1000000);
	assert_true(b->irq);
	assert_int_equal(get8(b, TJ_INTSTAT), 0x05);
	frame = b->card->frame;
	assert_int_equal(card_tick(b->card, now += 1000000), -1);
	assert_int_equal(b->card->frame, frame);
	/* goes on when acknowledged, and stops at the next */
	set8(b, TJ_INTSTAT, 0x0f);
	for (unsigned int i = 0; i < 100; i++)
		card_tick(b->card, now += 1000000);
	assert_int_equal(b->card->frame, frame + RING_WORDS / 2);
	set8(b, TJ_INTSTAT, 0x0f);
	tell(b, "mode stepped", NULL);
	card_tick(b->card, now += 1000000000);
	assert_int_equal(b->card->frame, frame + RING_WORDS / 2);
	b->card->clock.owed = 3;
	card_tick(b->card, now);
	assert_int_equal(b->card->frame, frame + RING_WORDS / 2 + 3);
	tell(b, "mode real", NULL);
	card_tick(b->card, now);
	card_tick(b->card, now + 100000000);
	assert_int_equal(b->card->frame, frame + RING_WORDS / 2 + 803);
}

static void sleep_and_reset(void **state)
{
	struct bench *b = *state;

	power_up(b);
	set32(b, TJ_TX_START, 0x1234);
	card_write(b->card, CARD_CONFIG, 0x44, 2, 3);
	assert_int_equal(get32(b, TJ_TX_START), 0xffffffff);
	card_write(b->card, CARD_CONFIG, 0x44, 2, 0);
	assert_int_equal(get32(b, TJ_TX_START), 0);
	assert_int_equal(card_read(b->card, CARD_CONFIG, 4, 2), 0);
	assert_int_equal(card_read(b->card, CARD_CONFIG, 0x2c, 2), 0xb1d9);
}

/* Accesses are counted, and what they cost: writes to ports and all reads wait for the bus */
static void counters(void **state)
{
	struct bench *b = *state;
	double reads = tell(b, "stat", "reads"), writes = tell(b, "stat", "writes");
	double config = tell(b, "stat", "config"), bus_ns = tell(b, "stat", "bus-ns");
	double posted_ns = tell(b, "stat", "posted-ns"), waiting_ns = tell(b, "stat", "waiting-ns");

	assert_true(posted_ns > 0 && posted_ns < waiting_ns);
	for (unsigned int i = 0; i < 5; i++)
		card_write(b->card, CARD_MEMORY, TJ_TX_START, 4, 0);
	for (unsigned int i = 0; i < 3; i++)
		card_write(b->card, CARD_IO, TJ_TX_START, 4, 0);
	card_read(b->card, CARD_MEMORY, TJ_TX_START, 4);
	card_read(b->card, CARD_IO, TJ_TX_START, 1);
	card_read(b->card, CARD_CONFIG, 0, 4);
	assert_true(tell(b, "stat", "writes") == writes + 8);
	assert_true(tell(b, "stat", "reads") == reads + 2);
	assert_true(tell(b, "stat", "config") == config + 1);
	assert_true(tell(b, "stat", "bus-ns") == bus_ns + 5 * posted_ns + 5 * waiting_ns);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(config_space), TEST(byte_lanes), TEST(cpld), TEST(ring), TEST(unlatched),
		TEST(stop_at_end), TEST(bus_master_off), TEST(master_abort), TEST(interrupt_faults),
		TEST(pacing), TEST(sleep_and_reset), TEST(counters),
	};

	return cmocka_run_group_tests_name("bus", tests, NULL, NULL);
}
