// SPDX-License-Identifier: GPL-2.0-only
/*
 * Things that break on purpose, at a command from the core's error-inj in debugfs.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "sim.h"

/* A minute is long for everything that ends by itself */
#define INJECT_MS_MAX		60000
#define INJECT_DROP_MAX		1000
#define INJECT_WORDS		3

const char sim_inject_help[] =
	"alarm LINE         power alarm: the line is dead for 250 ms\n"
	"reset LINE         the line's chip is reset: dead for 100 ms\n"
	"cut LINE on|off    its wires are cut, or joined again\n"
	"irq drop N         the sound clock's next N (0-1000) steps go unnoticed\n"
	"dma stall MS       the sound clock stands still for MS (1-60000) ms\n"
	"slow MS            operations take MS (0-5000) ms\n";

static int inject_uint(const char *word, unsigned int min, unsigned int max, unsigned int *value)
{
	if (kstrtouint(word, 10, value) || *value < min || *value > max)
		return -EINVAL;
	return 0;
}

static int inject_line(struct sim_card *sim, const char *word, struct sim_line **line)
{
	unsigned int n;

	if (inject_uint(word, 0, sim->lines - 1, &n))
		return -EINVAL;
	*line = &sim->line[n];
	return 0;
}

static int inject_fault(struct sim_card *sim, const char *word, u32 fault)
{
	struct sim_line *line;

	if (inject_line(sim, word, &line))
		return -EINVAL;
	return sim_cable_fault(line->cable, line->side, fault);
}

static int inject_cut(struct sim_card *sim, const char *word, const char *how)
{
	struct sim_line *line;
	bool cut = !strcmp(how, "on");

	if (inject_line(sim, word, &line) || (!cut && strcmp(how, "off")))
		return -EINVAL;
	sim_cable_cut(line->cable, cut);
	return 0;
}

static int inject_two(struct sim_card *sim, const char *what, const char *arg)
{
	unsigned int ms;

	if (!strcmp(what, "alarm"))
		return inject_fault(sim, arg, TAPI_LINE_FAULT_POWER);
	if (!strcmp(what, "reset"))
		return inject_fault(sim, arg, TAPI_LINE_FAULT_RESET);
	if (strcmp(what, "slow") || inject_uint(arg, 0, SIM_SLOW_MS_MAX, &ms))
		return -EINVAL;
	WRITE_ONCE(sim->setup->slow_ms, ms);
	return 0;
}

static int inject_three(struct sim_card *sim, char **word)
{
	unsigned int n;

	if (!strcmp(word[0], "cut"))
		return inject_cut(sim, word[1], word[2]);
	if (!strcmp(word[0], "irq") && !strcmp(word[1], "drop") &&
	    !inject_uint(word[2], 0, INJECT_DROP_MAX, &n)) {
		sim_clock_drop(&sim->clock, n);
		return 0;
	}
	if (!strcmp(word[0], "dma") && !strcmp(word[1], "stall") &&
	    !inject_uint(word[2], 1, INJECT_MS_MAX, &n)) {
		sim_clock_stall(&sim->clock, n);
		return 0;
	}
	return -EINVAL;
}

/* What ends by itself is left to do so */
static int inject_clear(struct sim_card *sim)
{
	unsigned int i;

	WRITE_ONCE(sim->setup->slow_ms, 0);
	sim_clock_drop(&sim->clock, 0);
	for (i = 0; i < sim->lines; i++)
		sim_cable_cut(sim->line[i].cable, false);
	return 0;
}

/**
 * sim_inject() - break something
 * @card: the card
 * @cmd: what, as in sim_inject_help, or "clear"; is taken apart
 *
 * Context: Process context.
 * Return: 0; -EINVAL for something else; as sim_cable_fault().
 */
int sim_inject(struct tapi_card *card, char *cmd)
{
	struct sim_card *sim = tapi_card_priv(card);
	char *word[INJECT_WORDS + 1];
	unsigned int n = 0;

	while (cmd && n <= INJECT_WORDS) {
		word[n] = strsep(&cmd, " ");
		/* any number of blanks between words */
		if (*word[n])
			n++;
	}
	switch (n) {
	case 1:
		return strcmp(word[0], "clear") ? -EINVAL : inject_clear(sim);
	case 2:
		return inject_two(sim, word[0], word[1]);
	case 3:
		return inject_three(sim, word);
	default:
		return -EINVAL;
	}
}
