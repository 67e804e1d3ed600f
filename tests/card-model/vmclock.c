// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmclock.h"

#define MEMORY_SIZE 4096u
#define COMMAND	    0x04u
#define BAR0	    0x10u

void vmclock_init(struct vmclock *clock, struct card *card, const struct vfu *bus)
{
	uint8_t *config = clock->config;

	*clock = (struct vmclock){ .card = card, .bus = bus };
	config[0] = VMCLOCK_VENDOR & 0xff;
	config[1] = VMCLOCK_VENDOR >> 8;
	config[2] = VMCLOCK_DEVICE & 0xff;
	config[3] = VMCLOCK_DEVICE >> 8;
	config[0x0a] = 0x80; /* base system peripheral, other */
	config[0x0b] = 0x08;
}

void vmclock_close(struct vmclock *clock)
{
	free(clock->answer);
	clock->answer = NULL;
}

static uint32_t region_size(unsigned int region)
{
	if (region == CARD_CONFIG)
		return sizeof(((struct vmclock *)NULL)->config);
	return region == 0 ? MEMORY_SIZE : 0;
}

static void run_command(struct vmclock *clock)
{
	FILE *out;

	free(clock->answer);
	clock->answer = NULL;
	clock->size = clock->taken = 0;
	clock->line[clock->used] = 0;
	clock->used = 0;
	out = open_memstream(&clock->answer, &clock->size);
	if (!out)
		return;
	/* "step" would have to be waited for: here the machine's time is the card's */
	if (!card_command(clock->card, clock->line, out))
		fputs("error: time passes with the machine's\n", out);
	fclose(out);
}

static void take_character(struct vmclock *clock, char character)
{
	if (character == '\n')
		run_command(clock);
	else if (clock->used < sizeof(clock->line) - 1)
		clock->line[clock->used++] = character;
}

static uint32_t give_answer(struct vmclock *clock)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < 4 && clock->taken < clock->size; i++)
		value |= (uint32_t)(uint8_t)clock->answer[clock->taken++] << 8 * i;
	return value;
}

static uint32_t read_clock(void *data, enum card_region region, uint32_t offset, unsigned int width)
{
	struct vmclock *clock = data;
	uint32_t value = 0;

	if (region == CARD_CONFIG) {
		memcpy(&value, clock->config + offset, width);
		return value;
	}
	if (width != 4)
		return 0xffffffff;
	switch (offset) {
	case VMCLOCK_ID:
		return VMCLOCK_NAME;
	case VMCLOCK_STATE:
		return vfu_irq_on_its_way(clock->bus) ? VMCLOCK_IRQ : 0;
	case VMCLOCK_ANSWER:
		return give_answer(clock);
	}
	return 0xffffffff;
}

static void write_clock(void *data, enum card_region region, uint32_t offset, unsigned int width,
			uint32_t value)
{
	struct vmclock *clock = data;

	if (region == CARD_CONFIG) {
		for (unsigned int i = offset; i < offset + width; i++, value >>= 8) {
			if (i == COMMAND)
				clock->config[i] = value & 0x02;
			else if (i == BAR0 + 1)
				clock->config[i] = value & 0xf0;
			else if (i == BAR0 + 2 || i == BAR0 + 3)
				clock->config[i] = (uint8_t)value;
		}
	} else if (offset == VMCLOCK_TIME && width == 4) {
		clock->now_ns = (uint64_t)value * CARD_FRAME_NS;
	} else if (offset == VMCLOCK_COMMAND && width == 1) {
		take_character(clock, (char)value);
	}
}

static void reset_clock(void *data)
{
	struct vmclock *clock = data;

	clock->used = 0;
	clock->taken = clock->size;
}

const struct vfu_device vmclock_device = { region_size, read_clock, write_clock, reset_clock };
