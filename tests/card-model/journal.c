// SPDX-License-Identifier: GPL-2.0-or-later
/* What a test reads afterwards: the accesses, and the rules that were broken. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

int journal_init(struct card *card)
{
	card->journal.entries = calloc(TRACE_ENTRIES, sizeof(*card->journal.entries));
	return card->journal.entries ? 0 : -1;
}

void journal_free(struct card *card)
{
	free(card->journal.entries);
}

void trace(struct card *card, enum trace_kind kind, unsigned int place, unsigned int offset,
	   unsigned int width, uint32_t value)
{
	struct journal *journal = &card->journal;

	switch (kind) {
	case TRACE_READ:
	case TRACE_WRITE:
		if (place == CARD_CONFIG)
			journal->config++;
		else if (kind == TRACE_READ)
			journal->reads++;
		else
			journal->writes++;
		break;
	case TRACE_CHIP_READ:
		journal->chip_reads++;
		break;
	case TRACE_CHIP_WRITE:
		journal->chip_writes++;
		break;
	case TRACE_IRQ:
		break;
	}
	journal->entries[journal->traced++ % TRACE_ENTRIES] = (struct trace_entry){
		.frame = card->frame,
		.kind = kind,
		.place = (uint8_t)place,
		.offset = (uint16_t)offset,
		.width = (uint8_t)width,
		.value = value,
	};
}

static void print_entry(const struct card *card, const struct trace_entry *entry, FILE *out)
{
	static const char *const regions[] = {
		[CARD_IO] = "io", [CARD_MEMORY] = "mem", [CARD_CONFIG] = "config"
	};

	fprintf(out, "%" PRIu64 " ", entry->frame);
	switch (entry->kind) {
	case TRACE_READ:
	case TRACE_WRITE:
		fprintf(out, "%s%u %s %02x %0*x\n", entry->kind == TRACE_READ ? "read" : "write",
			entry->width * 8u, regions[entry->place], entry->offset, entry->width * 2,
			entry->value);
		break;
	case TRACE_CHIP_READ:
	case TRACE_CHIP_WRITE:
		fprintf(out, "%s socket %u %s %u %02x\n",
			entry->kind == TRACE_CHIP_READ ? "get" : "set", entry->place,
			module_name(&card->modules[entry->place]), entry->offset, entry->value);
		break;
	default:
		if (entry->place)
			fprintf(out, "abort %08x\n", entry->value);
		else
			fprintf(out, "irq %u\n", entry->value);
	}
}

/** trace_print() - the last @count entries; with @chips only accesses to modules */
void trace_print(const struct card *card, uint64_t count, bool chips, FILE *out)
{
	const struct journal *journal = &card->journal;
	uint64_t kept = journal->traced < TRACE_ENTRIES ? journal->traced : TRACE_ENTRIES;

	for (uint64_t i = journal->traced - (count < kept ? count : kept); i < journal->traced;
	     i++) {
		const struct trace_entry *entry = &journal->entries[i % TRACE_ENTRIES];

		if (!chips || entry->kind == TRACE_CHIP_READ || entry->kind == TRACE_CHIP_WRITE)
			print_entry(card, entry, out);
	}
}

/** violation() - a rule of the hardware was broken; equal ones are counted */
void violation(struct card *card, const char *kind, const char *format, ...)
{
	struct journal *journal = &card->journal;
	struct violation *entry;
	char text[sizeof(entry->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (unsigned int i = 0; i < journal->violated; i++) {
		entry = &journal->violations[i];
		if (!strcmp(entry->kind, kind) && !strcmp(entry->text, text)) {
			entry->count++;
			return;
		}
	}
	if (journal->violated == VIOLATIONS) {
		journal->lost++;
		return;
	}
	entry = &journal->violations[journal->violated++];
	*entry = (struct violation){ .frame = card->frame, .count = 1 };
	snprintf(entry->kind, sizeof(entry->kind), "%s", kind);
	snprintf(entry->text, sizeof(entry->text), "%s", text);
}

void violations_print(const struct card *card, FILE *out)
{
	const struct journal *journal = &card->journal;

	for (unsigned int i = 0; i < journal->violated; i++) {
		const struct violation *entry = &journal->violations[i];

		fprintf(out, "%" PRIu64 " %s: %s", entry->frame, entry->kind, entry->text);
		fprintf(out, entry->count > 1 ? " (%u times)\n" : "\n", entry->count);
	}
	if (journal->lost)
		fprintf(out, "and %u more\n", journal->lost);
}
