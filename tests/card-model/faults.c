// SPDX-License-Identifier: GPL-2.0-or-later
/* Faults on command, and what a test may look at and do in a module. */
#include <string.h>

#include "command.h"

static const char *run_dead(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	return set_switch(words->word[2], &card->modules[socket].faults.dead);
}

static const char *run_calibration(struct card *card, unsigned int socket,
				   const struct words *words, FILE *out)
{
	struct module *module = &card->modules[socket];

	if (!strcmp(words->word[2], "good"))
		module->faults.calibration = CALIBRATION_GOOD;
	else if (!strcmp(words->word[2], "manual"))
		module->faults.calibration = CALIBRATION_MANUAL_ONLY;
	else if (!strcmp(words->word[2], "bad"))
		module->faults.calibration = CALIBRATION_BAD;
	else
		return bad_word;
	return NULL;
}

static const char *run_leak(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	return set_switch(words->word[2], &card->modules[socket].faults.leak);
}

static const char *run_no_link(struct card *card, unsigned int socket, const struct words *words,
			       FILE *out)
{
	struct module *module = &card->modules[socket];

	if (!word_switch(words->word[2], &module->faults.no_link))
		return bad_switch;
	/* A link that was up is lost and not found again until powered down and up */
	if (module->faults.no_link)
		module->daa.link = module->daa.off_hook = false;
	return NULL;
}

static const char *run_stuck(struct card *card, unsigned int socket, const struct words *words,
			     FILE *out)
{
	struct module *module = &card->modules[socket];
	unsigned int and = 0xff, or = 0;

	if (!word_hex(words->word[2], &and) || !word_hex(words->word[3], & or))
		return bad_number;
	module->faults.stuck_and = (uint8_t) and;
	module->faults.stuck_or = (uint8_t) or ;
	return NULL;
}

static const char *run_flip(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	return set_number(words->word[2], &card->modules[socket].faults.flip);
}

static const char *run_alarm(struct card *card, unsigned int socket, const struct words *words,
			     FILE *out)
{
	struct module *module = &card->modules[socket];
	unsigned int transistors = 0x01;

	if (!module->chip->feeds)
		return "no FXS module there";
	if (!word_hex(words->word[2], &transistors) || transistors > 0x3f)
		return bad_number;
	si3210_power_alarm(module, (uint8_t)transistors);
	return NULL;
}

static const char *run_drop(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	return set_number(words->word[1], &card->faults.drop);
}

static const char *run_late(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	unsigned int ms;

	if (!word_number(words->word[1], &ms) || ms > 10000)
		return bad_number;
	card->faults.late_frames = ms * 8;
	return NULL;
}

static const char *run_no_irq(struct card *card, unsigned int socket, const struct words *words,
			      FILE *out)
{
	if (!word_switch(words->word[1], &card->faults.no_irq))
		return bad_switch;
	tj_update_irq(card);
	return NULL;
}

static const char *run_abort(struct card *card, unsigned int socket, const struct words *words,
			     FILE *out)
{
	return set_number(words->word[1], &card->faults.stray);
}

static const char *run_cpld(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	return set_switch(words->word[1], &card->faults.cpld_dead);
}

static const char *run_12v(struct card *card, unsigned int socket, const struct words *words,
			   FILE *out)
{
	return set_switch(words->word[1], &card->options.no_12v);
}

static const char *run_clear(struct card *card, unsigned int socket, const struct words *words,
			     FILE *out)
{
	bool dead = card->faults.dead;

	card->faults = (struct faults){ .dead = dead };
	card->options.no_12v = false;
	for (unsigned int i = 0; i < CARD_SOCKETS; i++)
		card->modules[i].faults = (struct module_faults){ .stuck_and = 0xff };
	tj_update_irq(card);
	return NULL;
}

const struct command fault_commands[] = {
	{ "dead", "SOCKET [on|off]", "the module does not answer", run_dead, 1, 2, true },
	{ "calibration", "SOCKET good|manual|bad",
	  "automatic calibration fails; all calibration fails", run_calibration, 2, 2, true },
	{ "leak", "SOCKET [on|off]", "the battery breaks down under load", run_leak, 1, 2, true },
	{ "no-link", "SOCKET [on|off]", "the isolation link of an FXO module fails", run_no_link, 1, 2,
	  true },
	{ "stuck", "SOCKET AND [OR]", "hexadecimal masks on every register read", run_stuck, 2, 3, true },
	{ "flip", "SOCKET N", "one wrong bit in the next N registers read", run_flip, 2, 2, true },
	{ "alarm", "SOCKET [MASK]", "power alarm, once; bit n is transistor Qn+1", run_alarm, 1, 2,
	  true },
	{ "drop", "N", "the next N interrupt events are lost", run_drop, 1, 1 },
	{ "late", "MS", "interrupts come so late; 0 ends it", run_late, 1, 1 },
	{ "no-irq", "[on|off]", "the interrupt line is never raised", run_no_irq, 0, 1 },
	{ "abort", "N", "the next N transfers end in a master abort", run_abort, 1, 1 },
	{ "cpld", "[on|off]", "the CPLD does not answer", run_cpld, 0, 1 },
	{ "no-12v", "[on|off]", "no battery voltage", run_12v, 0, 1 },
	{ "clear", "", "ends all faults but a pulled card", run_clear, 0, 0 },
	{ 0 },
};

/* --- modules */

static const char *show_state(struct card *card, unsigned int socket, const struct words *words,
			      FILE *out)
{
	struct module *module = &card->modules[socket];

	fprintf(out, "chip %s\n", module_name(module));
	if (module->chip)
		module->chip->dump(module, out);
	return NULL;
}

static const char *show_registers(struct card *card, unsigned int socket, const struct words *words,
				  FILE *out)
{
	for (unsigned int i = 0; i < sizeof(card->modules[socket].regs); i++)
		fprintf(out, "%02x%c", card->modules[socket].regs[i], i % 16 == 15 ? '\n' : ' ');
	return NULL;
}

static const char *reset_chip(struct card *card, unsigned int socket, const struct words *words,
			      FILE *out)
{
	module_reset(&card->modules[socket]);
	return NULL;
}

static const char *set_register(struct card *card, unsigned int socket, const struct words *words,
				FILE *out)
{
	unsigned int reg = 0, value = 0;

	if (!word_number(words->word[1], &reg) || !word_hex(words->word[2], &value))
		return bad_number;
	if (reg >= sizeof(card->modules[socket].regs))
		return "no such register";
	card->modules[socket].regs[reg] = (uint8_t)value;
	return NULL;
}

const struct command module_commands[] = {
	{ "state", "", "what the chip does; indirect registers", show_state, 0, 0 },
	{ "registers", "", "its registers as written, 128 bytes", show_registers, 0, 0 },
	{ "poke", "REGISTER VALUE",
	  "changes a register behind the driver's back (decimal, hexadecimal)", set_register, 2,
	  2 },
	{ "reset", "", "the chip resets itself", reset_chip, 0, 0 },
	{ 0 },
};
