// SPDX-License-Identifier: GPL-2.0-or-later
/* The control language: what concerns the card, and the way to the other tables. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define SKIP_MOST 80000u /* the machine waits for us meanwhile */

const char bad_number[] = "not a number", bad_switch[] = "on or off is needed",
	   bad_word[] = "not known";

bool word_number(const char *word, unsigned int *value)
{
	char *end;
	unsigned long number;

	if (!word)
		return true;
	number = strtoul(word, &end, 10);
	if (*end || end == word || *word == '-' || number > UINT32_MAX)
		return false;
	*value = (unsigned int)number;
	return true;
}

bool word_hex(const char *word, unsigned int *value)
{
	char *end;
	unsigned long number;

	if (!word)
		return true;
	number = strtoul(word, &end, 16);
	if (*end || end == word || *word == '-' || number > 0xff)
		return false;
	*value = (unsigned int)number;
	return true;
}

bool word_double(const char *word, double *value)
{
	char *end;
	double number;

	if (!word)
		return true;
	number = strtod(word, &end);
	if (*end || end == word || !(number >= 0 && number <= 1e6))
		return false;
	*value = number;
	return true;
}

bool word_switch(const char *word, bool *value)
{
	if (!word || !strcmp(word, "on"))
		*value = true;
	else if (!strcmp(word, "off"))
		*value = false;
	else
		return false;
	return true;
}

const char *set_number(const char *word, unsigned int *value)
{
	return word_number(word, value) ? NULL : bad_number;
}

const char *set_double(const char *word, double *value)
{
	return word_double(word, value) ? NULL : bad_number;
}

const char *set_switch(const char *word, bool *value)
{
	return word_switch(word, value) ? NULL : bad_switch;
}

static const char *run_stat(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	const struct journal *journal = &card->journal;
	const struct tigerjet *tj = &card->tj;

	fprintf(out, "frames %" PRIu64 "\n", card->frame);
	fprintf(out, "reads %" PRIu64 "\nwrites %" PRIu64 "\nconfig %" PRIu64 "\n", journal->reads,
		journal->writes, journal->config);
	fprintf(out, "chip-reads %" PRIu64 "\nchip-writes %" PRIu64 "\n", journal->chip_reads,
		journal->chip_writes);
	fprintf(out, "bus-ns %" PRIu64 "\nposted-ns %u\nwaiting-ns %u\n", card->bus_ns,
		CARD_POSTED_NS, CARD_WAITING_NS);
	fprintf(out, "dma %u\nwords %" PRIu64 "\nevents %" PRIu64 "\ninterrupts %" PRIu64 "\n",
		dma_running(card), tj->words, tj->events, tj->raised);
	fprintf(out, "irq-line %u\nviolations %u\n", tj->line, journal->violated + journal->lost);
	fprintf(out, "bus-master %u\npulled %u\n", pci_bus_master(card), card->faults.dead);
	return NULL;
}

static const char *run_mode(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	const char *mode = words->word[1];
	double speed = 1;

	if (!word_double(words->word[2], &speed))
		return bad_number;
	if (!strcmp(mode, "ack"))
		card->clock.mode = CLOCK_PACED;
	else if (!strcmp(mode, "real"))
		card->clock.mode = CLOCK_REAL;
	else if (!strcmp(mode, "stepped"))
		card->clock.mode = CLOCK_STEPPED;
	else
		return bad_word;
	card->clock.speed = speed;
	card->clock.owed = 0;
	card->clock.started = false;
	return NULL;
}

static const char *run_step(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	unsigned int frames = 0;

	if (!word_number(words->word[1], &frames))
		return bad_number;
	if (card->clock.mode != CLOCK_STEPPED)
		return "only in mode stepped";
	card->clock.owed += frames;
	return NULL;
}

static const char *run_skip(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	unsigned int frames = 0;

	if (!word_number(words->word[1], &frames) || frames > SKIP_MOST)
		return bad_number;
	card_run(card, frames);
	return NULL;
}

static const char *run_pull(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	card->faults.dead = true;
	tj_update_irq(card);
	return NULL;
}

static const char *run_violations(struct card *card, unsigned int socket, const struct words *words,
				  FILE *out)
{
	if (!words->word[1])
		violations_print(card, out);
	else if (!strcmp(words->word[1], "clear"))
		card->journal.violated = card->journal.lost = 0;
	else
		return bad_word;
	return NULL;
}

static const char *run_trace(struct card *card, unsigned int socket, const struct words *words,
			     FILE *out)
{
	unsigned int count = 100;
	bool chips = words->word[1] && !strcmp(words->word[1], "chips");

	if (words->word[1] && !strcmp(words->word[1], "clear")) {
		card->journal.traced = 0;
		return NULL;
	}
	if (!word_number(words->word[chips ? 2 : 1], &count))
		return bad_number;
	trace_print(card, count, chips, out);
	return NULL;
}

static const char *run_registers(struct card *card, unsigned int socket, const struct words *words,
				 FILE *out)
{
	for (unsigned int i = 0; i < 256; i++)
		fprintf(out, "%02x%c", tj_read_byte(card, i), i % 16 == 15 ? '\n' : ' ');
	return NULL;
}

/* The FXO module leaves its exchange for the wire of an FXS socket */
static const char *run_cable(struct card *card, unsigned int socket, const struct words *words,
			     FILE *out)
{
	unsigned int a = 0, b = 0;

	if (!strcmp(words->word[1], "none")) {
		for (unsigned int i = 0; i < CARD_SOCKETS; i++) {
			card->modules[i].wire = &card->wires[i];
			card->exchanges[i].connected = card->options.chips[i] == CARD_SI3050;
			card->phones[i].plugged = card->options.chips[i] != CARD_SI3050;
		}
		return NULL;
	}
	if (!words->word[2] || !word_number(words->word[1], &a) ||
	    !word_number(words->word[2], &b) || a >= CARD_SOCKETS || b >= CARD_SOCKETS)
		return "two sockets are needed";
	if (!card->modules[a].chip || !card->modules[a].chip->feeds || !card->modules[b].chip ||
	    card->modules[b].chip->feeds)
		return "a cable goes from an FXS socket to an FXO socket";
	card->modules[b].wire = &card->wires[a];
	card->exchanges[b].connected = false;
	card->phones[a].plugged = card->phones[b].plugged = false;
	return NULL;
}

static const char *run_cut(struct card *card, unsigned int socket, const struct words *words,
			   FILE *out)
{
	return set_switch(words->word[2], &card->modules[socket].wire->cut);
}

static command_fn run_help, run_table;

static const struct command commands[] = {
	{ "help", "", "this", run_help, 0, 0 },
	{ "stat", "", "counters and state of the card", run_stat, 0, 0 },
	{ "registers", "", "the TigerJet's 256 bytes", run_registers, 0, 0 },
	{ "violations", "[clear]", "rules of the hardware that were broken", run_violations, 0, 1 },
	{ "trace", "[chips] [N] | clear", "the last accesses (100), or only those to modules",
	  run_trace, 0, 2 },
	{ "mode", "ack [SPEED] | real | stepped",
	  "how the card's time passes; SPEED 0: as fast as interrupts are acknowledged", run_mode,
	  1, 2 },
	{ "step", "FRAMES", "in mode stepped; answers when they have passed", run_step, 1, 1 },
	{ "skip", "FRAMES", "pass at once (at most 80000), acknowledged or not", run_skip, 1, 1 },
	{ "pull", "", "the card is gone: all ones", run_pull, 0, 0 },
	{ "cable", "FXS FXO | none", "joins two sockets", run_cable, 1, 2 },
	{ "cut", "SOCKET [on|off]", "the wire of a socket", run_cut, 1, 2 },
	{ "module", "SOCKET ...", NULL, run_table, 1, WORDS },
	{ "phone", "SOCKET ...", NULL, run_table, 2, WORDS },
	{ "exchange", "SOCKET ...", NULL, run_table, 2, WORDS },
	{ "fault", "...", NULL, run_table, 1, WORDS },
	{ 0 },
};

static const struct command *table_of(const char *name)
{
	switch (*name) {
	case 'm':
		return module_commands;
	case 'p':
		return phone_commands;
	case 'e':
		return exchange_commands;
	}
	return fault_commands;
}

static void help_table(const struct command *table, const char *prefix, FILE *out)
{
	for (; table->name; table++)
		if (table->help)
			fprintf(out, "%s%s%s%s\n\t%s\n", prefix, table->name,
				*table->usage ? " " : "", table->usage, table->help);
}

static const char *run_help(struct card *card, unsigned int socket, const struct words *words,
			    FILE *out)
{
	help_table(commands, "", out);
	help_table(module_commands, "module SOCKET ", out);
	help_table(phone_commands, "phone SOCKET ", out);
	help_table(exchange_commands, "exchange SOCKET ", out);
	help_table(fault_commands, "fault ", out);
	return NULL;
}

static const char *run_in(const struct command *table, struct card *card, unsigned int socket,
			  const struct words *words, FILE *out)
{
	for (; table->name; table++) {
		if (strcmp(table->name, words->word[0]))
			continue;
		if (words->count - 1 < table->least || words->count - 1 > table->most)
			return "wrong number of words (see help)";
		if (table->at_module &&
		    (!word_number(words->word[1], &socket) || socket >= CARD_SOCKETS ||
		     !card->modules[socket].chip))
			return "no module there";
		return table->run(card, socket, words, out);
	}
	return "unknown command (see help)";
}

/* module, phone, exchange: the socket comes first; a fault has it where it needs one */
static const char *run_table(struct card *card, unsigned int socket, const struct words *words,
			     FILE *out)
{
	unsigned int used = *words->word[0] == 'f' ? 1 : 2;
	struct words rest = { .count = words->count - used };

	if (used == 2 && (!word_number(words->word[1], &socket) || socket >= CARD_SOCKETS))
		return "no such socket";
	for (unsigned int i = 0; i < rest.count; i++)
		rest.word[i] = words->word[used + i];
	if (!rest.count) {
		static char state[] = "state";

		rest.word[rest.count++] = state;
	}
	return run_in(table_of(words->word[0]), card, socket, &rest, out);
}

bool card_command(struct card *card, char *line, FILE *out)
{
	struct words words = { 0 };
	const char *error = NULL;
	unsigned int socket = 0;
	char *word;

	while ((word = strsep(&line, " \t\r\n"))) {
		if (!*word)
			continue;
		if (words.count == WORDS - 1) {
			fputs("error: too many words\n", out);
			return true;
		}
		words.word[words.count++] = word;
	}
	if (words.count) {
		if (!strcmp(words.word[0], "cut") && words.count > 1 &&
		    (!word_number(words.word[1], &socket) || socket >= CARD_SOCKETS))
			error = "no such socket";
		else
			error = run_in(commands, card, socket, &words, out);
	}
	if (error)
		fprintf(out, "error: %s\n", error);
	else if (words.count && !strcmp(words.word[0], "step"))
		return false;
	else
		fputs("ok\n", out);
	return true;
}
