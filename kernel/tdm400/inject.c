// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breaking the card on purpose, for tests.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "tdm400.h"

#define INJECT_COUNT_MAX	100000

const char tdm400_inject_help[] =
	"irq drop N		the next N interrupts of the card come to nothing\n"
	"spi flip N		the next N register reads have a wrong bit\n"
	"spi stuck 0xNN		register reads give this\n"
	"reset LINE		the module's chip loses its settings\n"
	"alarm LINE		the chip opens the line as for a power alarm (FXS)\n";

/**
 * tdm400_inject_read() - what a register read gives
 * @tdm: the card
 * @value: what it gave
 *
 * Context: Any.
 * Return: @value, or what was asked for.
 */
u8 tdm400_inject_read(struct tdm400 *tdm, u8 value)
{
	int stuck = READ_ONCE(tdm->inject_stuck);

	if (stuck >= 0)
		return stuck;
	if (atomic_dec_if_positive(&tdm->inject_flips) >= 0)
		return value ^ BIT(atomic_read(&tdm->inject_flips) & 7);
	return value;
}

static struct tdm400_port *inject_port(struct tdm400 *tdm, const char *number)
{
	unsigned int i, n;

	if (!number || kstrtouint(number, 10, &n))
		return NULL;
	for (i = 0; i < TDM400_SOCKETS; i++)
		if (tdm->port[i].line && tapi_line_number(tdm->port[i].line) == n)
			return &tdm->port[i];
	return NULL;
}

/* The Si3210 has no reset of its own: its registers take the values they have after one */
static int inject_reset(struct tdm400_port *p)
{
	static const u8 fxs[][2] = {
		{ FXS_LINEFEED, FXS_LF_OPEN },
		{ FXS_POWER, FXS_POWER_DC_OFF },
		{ FXS_PCM, 0 },
		{ FXS_LOOPBACK, FXS_LOOPBACK_RESET },
	};

	if (p->kind == TDM400_FXS)
		return tdm400_write_table(p, fxs, ARRAY_SIZE(fxs));
	return tdm400_write(p, FXO_CONTROL1, FXO_CONTROL1_RESET);
}

static int inject_chip(struct tdm400_port *p, bool reset)
{
	int ret = -EIO;

	if (!p || (!reset && p->kind != TDM400_FXS))
		return -EINVAL;
	mutex_lock(&p->lock);
	if (!p->down)
		ret = reset ? inject_reset(p) : tdm400_write(p, FXS_LINEFEED, FXS_LF_OPEN);
	mutex_unlock(&p->lock);
	return ret;
}

static int inject_count(atomic_t *left, const char *word)
{
	unsigned int n;

	if (!word || kstrtouint(word, 10, &n) || !n || n > INJECT_COUNT_MAX)
		return -EINVAL;
	atomic_set(left, n);
	return 0;
}

static int inject_stuck(struct tdm400 *tdm, const char *word)
{
	u8 value;

	if (!word || kstrtou8(word, 16, &value))
		return -EINVAL;
	WRITE_ONCE(tdm->inject_stuck, value);
	return 0;
}

static int inject_clear(struct tdm400 *tdm)
{
	atomic_set(&tdm->inject_irqs, 0);
	atomic_set(&tdm->inject_flips, 0);
	WRITE_ONCE(tdm->inject_stuck, -1);
	return 0;
}

/**
 * tdm400_inject() - break something
 * @card: the card
 * @cmd: what; taken apart
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for a command that is none; -EIO the chip is down already.
 */
int tdm400_inject(struct tapi_card *card, char *cmd)
{
	struct tdm400 *tdm = tdm400_of(card);
	char *word[3] = {};
	unsigned int num = 0;
	char *next;

	while ((next = strsep(&cmd, " \t"))) {
		if (!*next)
			continue;
		if (num == ARRAY_SIZE(word))
			return -EINVAL;
		word[num++] = next;
	}
	if (num == 1)
		return strcmp(word[0], "clear") ? -EINVAL : inject_clear(tdm);
	if (num == 2 && !strcmp(word[0], "reset"))
		return inject_chip(inject_port(tdm, word[1]), true);
	if (num == 2 && !strcmp(word[0], "alarm"))
		return inject_chip(inject_port(tdm, word[1]), false);
	if (num != 3)
		return -EINVAL;
	if (!strcmp(word[0], "irq") && !strcmp(word[1], "drop"))
		return inject_count(&tdm->inject_irqs, word[2]);
	if (!strcmp(word[0], "spi") && !strcmp(word[1], "flip"))
		return inject_count(&tdm->inject_flips, word[2]);
	if (!strcmp(word[0], "spi") && !strcmp(word[1], "stuck"))
		return inject_stuck(tdm, word[2]);
	return -EINVAL;
}
