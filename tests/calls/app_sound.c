/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Terminals of the call: files, and samples of the program's own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"

void sound_init(struct app *app)
{
	static const struct slot slots[TERMINALS] = {
		{ "play", TAPI3_TERMINAL_FILE_PLAYBACK, TAPI3_CAPTURE },
		{ "record", TAPI3_TERMINAL_FILE_RECORD, TAPI3_RENDER },
		{ "raw-play", TAPI3_TERMINAL_RAW, TAPI3_CAPTURE },
		{ "raw-record", TAPI3_TERMINAL_RAW, TAPI3_RENDER },
	};

	memcpy(app->slots, slots, sizeof(slots));
}

static struct slot *find(struct app *app, const char *name)
{
	for (unsigned int i = 0; i < TERMINALS; i++) {
		if (!strcmp(app->slots[i].name, name))
			return &app->slots[i];
	}
	return NULL;
}

/* Let go of a slot's terminal: what it lost is told */
static void put(struct slot *slot)
{
	if (!slot->terminal)
		return;
	say(now_ns(), "terminal %s lost %llu", slot->name,
	    (unsigned long long)tapi3_terminal_get_lost(slot->terminal));
	slot->terminal = tapi3_terminal_unref(slot->terminal);
	if (slot->file)
		fclose(slot->file);
	slot->file = NULL;
}

int sound_select(struct app *app, const char *name, const char *path)
{
	struct slot *slot = find(app, name);
	bool raw = slot && slot->kind == TAPI3_TERMINAL_RAW;
	int result;

	if (!slot || !app->call)
		return TAPI3_E_INVALIDARG;
	if (slot->terminal)
		return TAPI3_E_TERMINALINUSE;
	if (raw) {
		slot->file = fopen(path, slot->direction == TAPI3_CAPTURE ? "rb" : "wb");
		if (!slot->file)
			return TAPI3_E_ACCESS;
	}
	result = tapi3_address_create_terminal(tapi3_call_peek_address(app->call), slot->kind,
					       slot->direction, raw ? NULL : path,
					       &slot->terminal);
	if (result == 0) {
		if (raw)
			sound_move(slot);
		result = tapi3_call_select_terminal(app->call, slot->terminal);
		if (result < 0)
			put(slot);
	} else if (slot->file) {
		fclose(slot->file);
		slot->file = NULL;
	}
	return result;
}

int sound_unselect(struct app *app, const char *name)
{
	struct slot *slot = find(app, name);
	int result;

	if (!slot || !slot->terminal)
		return TAPI3_E_INVALIDTERMINAL;
	result = app->call ? tapi3_call_unselect_terminal(app->call, slot->terminal) : 0;
	if (slot->kind == TAPI3_TERMINAL_RAW && slot->direction == TAPI3_RENDER)
		sound_move(slot);
	put(slot);
	return result;
}

unsigned int sound_poll(struct app *app, struct slot **slots, int *fds)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < TERMINALS; i++) {
		struct slot *slot = &app->slots[i];

		if (!slot->terminal || slot->kind != TAPI3_TERMINAL_RAW || !slot->file)
			continue;
		slots[count] = slot;
		fds[count++] = tapi3_terminal_get_fd(slot->terminal);
	}
	return count;
}

static void raw_record(struct slot *slot)
{
	int16_t samples[RAW_CHUNK];
	ssize_t got;

	while ((got = tapi3_terminal_read(slot->terminal, samples, RAW_CHUNK)) > 0) {
		if (fwrite(samples, sizeof(samples[0]), got, slot->file) != (size_t)got)
			say(now_ns(), "error %s: cannot write", slot->name);
	}
}

/* What the terminal does not take is read again */
static void raw_play(struct slot *slot)
{
	int16_t samples[RAW_CHUNK];
	ssize_t put_now;
	size_t got;

	do {
		got = fread(samples, sizeof(samples[0]), RAW_CHUNK, slot->file);
		if (!got) {
			say(now_ns(), "raw %s end", slot->name);
			fclose(slot->file);
			slot->file = NULL;
			return;
		}
		put_now = tapi3_terminal_write(slot->terminal, samples, got);
		if (put_now < 0)
			return;
	} while (put_now == (ssize_t)got);
	fseek(slot->file, -(long)((got - put_now) * sizeof(samples[0])), SEEK_CUR);
}

void sound_move(struct slot *slot)
{
	if (!slot->file)
		return;
	if (slot->direction == TAPI3_RENDER)
		raw_record(slot);
	else
		raw_play(slot);
}

const char *sound_name(struct app *app, const struct tapi3_terminal *terminal)
{
	for (unsigned int i = 0; i < TERMINALS; i++) {
		if (terminal && app->slots[i].terminal == terminal)
			return app->slots[i].name;
	}
	return "-";
}

void sound_end(struct app *app)
{
	for (unsigned int i = 0; i < TERMINALS; i++)
		put(&app->slots[i]);
}
