// SPDX-License-Identifier: GPL-2.0-or-later
/* The clock beside the card: what time it is, interrupts that are on their way, commands. */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bench.h"
#include "vmclock.h"

struct fixture {
	struct bench bench;
	struct vfu bus;
	struct vmclock clock;
};

static void open_fixture(struct fixture *fixture)
{
	bench_open(&fixture->bench, NULL);
	vfu_init(&fixture->bus, -1, fixture->bench.card);
	vmclock_init(&fixture->clock, fixture->bench.card, &fixture->bus);
}

static void close_fixture(struct fixture *fixture)
{
	vmclock_close(&fixture->clock);
	vfu_close(&fixture->bus);
	bench_close(&fixture->bench);
}

static uint32_t get_clock(struct fixture *fixture, enum card_region region, uint32_t offset,
			  unsigned int width)
{
	return vmclock_device.read(&fixture->clock, region, offset, width);
}

static void set_clock(struct fixture *fixture, enum card_region region, uint32_t offset,
		      unsigned int width, uint32_t value)
{
	vmclock_device.write(&fixture->clock, region, offset, width, value);
}

static void say(struct fixture *fixture, const char *text)
{
	while (*text)
		set_clock(fixture, CARD_IO, VMCLOCK_COMMAND, 1, (uint8_t)*text++);
}

static void hear(struct fixture *fixture, char *text, size_t size)
{
	uint32_t got;

	memset(text, 0, size);
	for (size_t at = 0; at + 4 < size; at += 4) {
		got = get_clock(fixture, CARD_IO, VMCLOCK_ANSWER, 4);
		memcpy(text + at, &got, 4);
		if (!(got >> 24))
			break;
	}
}

static void function(void **state)
{
	struct fixture f;

	open_fixture(&f);
	assert_int_equal(vmclock_device.size(0), 4096);
	assert_int_equal(vmclock_device.size(1), 0);
	assert_int_equal(vmclock_device.size(CARD_CONFIG), 256);
	assert_int_equal(get_clock(&f, CARD_CONFIG, 0, 4), VMCLOCK_DEVICE << 16 | VMCLOCK_VENDOR);
	assert_int_equal(get_clock(&f, CARD_CONFIG, 0x3d, 1), 0);
	set_clock(&f, CARD_CONFIG, 0x10, 4, 0xfebd1234);
	assert_int_equal(get_clock(&f, CARD_CONFIG, 0x10, 4), 0xfebd1000);
	set_clock(&f, CARD_CONFIG, 4, 2, 0xffff);
	assert_int_equal(get_clock(&f, CARD_CONFIG, 4, 2), 2);
	set_clock(&f, CARD_CONFIG, 0, 4, 0);
	assert_int_equal(get_clock(&f, CARD_CONFIG, 0, 2), VMCLOCK_VENDOR);
	assert_int_equal(get_clock(&f, CARD_IO, VMCLOCK_ID, 4), VMCLOCK_NAME);
	assert_int_equal(get_clock(&f, CARD_IO, VMCLOCK_ID, 1), 0xffffffff);
	assert_int_equal(get_clock(&f, CARD_IO, 0x40, 4), 0xffffffff);
	close_fixture(&f);
}

static void time_and_interrupts(void **state)
{
	uint64_t count;
	struct fixture f;

	open_fixture(&f);
	assert_int_equal(f.clock.now_ns, 0);
	set_clock(&f, CARD_IO, VMCLOCK_TIME, 1, 8);
	assert_int_equal(f.clock.now_ns, 0);
	set_clock(&f, CARD_IO, VMCLOCK_TIME, 4, 0xffffffff);
	assert_int_equal(f.clock.now_ns, 0xffffffffull * CARD_FRAME_NS);
	assert_int_equal(get_clock(&f, CARD_IO, VMCLOCK_STATE, 4), 0);
	f.bus.irq_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_true(f.bus.irq_fd >= 0);
	assert_int_equal(get_clock(&f, CARD_IO, VMCLOCK_STATE, 4), 0);
	vfu_host.set_irq(&f.bus, true);
	assert_int_equal(get_clock(&f, CARD_IO, VMCLOCK_STATE, 4), VMCLOCK_IRQ);
	assert_int_equal(read(f.bus.irq_fd, &count, sizeof(count)), sizeof(count));
	assert_int_equal(get_clock(&f, CARD_IO, VMCLOCK_STATE, 4), 0);
	close_fixture(&f);
}

static void commands(void **state)
{
	char text[8192];
	struct fixture f;

	open_fixture(&f);
	hear(&f, text, sizeof(text));
	assert_string_equal(text, "");
	say(&f, "phone 0 lift\n");
	hear(&f, text, sizeof(text));
	assert_string_equal(text, "ok\n");
	assert_true(f.bench.card->phones[0].off_hook);
	/* an answer that nobody has heard to its end is forgotten */
	say(&f, "stat\n");
	get_clock(&f, CARD_IO, VMCLOCK_ANSWER, 4);
	say(&f, "nonsense\n");
	hear(&f, text, sizeof(text));
	assert_string_equal(text, "error: unknown command (see help)\n");
	say(&f, "mode stepped\n");
	say(&f, "step 5\n");
	hear(&f, text, sizeof(text));
	assert_string_equal(text, "error: time passes with the machine's\n");
	for (unsigned int i = 0; i < 2 * VMCLOCK_LINE; i++)
		say(&f, "x");
	say(&f, "\nstat\n");
	hear(&f, text, sizeof(text));
	assert_non_null(strstr(text, "frames "));
	assert_non_null(strstr(text, "\nok\n"));
	say(&f, "pho");
	vmclock_device.reset(&f.clock);
	say(&f, "phone 0 hang\n");
	hear(&f, text, sizeof(text));
	assert_string_equal(text, "ok\n");
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(function),
		cmocka_unit_test(time_and_interrupts),
		cmocka_unit_test(commands),
	};

	return cmocka_run_group_tests_name("vmclock", tests, NULL, NULL);
}
