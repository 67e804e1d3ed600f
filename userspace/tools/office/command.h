/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of tapi-office: one a line, words apart by blanks, a word with
 * blanks in double quotes.  Pure.
 */
#ifndef OFFICE_COMMAND_H
#define OFFICE_COMMAND_H

#include <stdbool.h>

#include "route.h"

/* What a command wants */
enum command_verb {
	COMMAND_NONE,		/* an empty line or a comment */
	COMMAND_RING,
	COMMAND_STOP_RING,
	COMMAND_PLAY,
	COMMAND_STOP_PLAY,
	COMMAND_RECORD,
	COMMAND_STOP_RECORD,
	COMMAND_TONE,
	COMMAND_DTMF,
	COMMAND_HANGUP,
	COMMAND_ANSWER_AFTER,
	COMMAND_ROUTE,
	COMMAND_STATUS,
	COMMAND_QUIT,
};

/* The tones of an exchange */
enum tone {
	TONE_OFF,
	TONE_DIAL,
	TONE_RINGBACK,
	TONE_BUSY,
	TONE_REORDER,
	TONE_COUNT,
};

/**
 * struct command - a command taken apart
 * @verb: what it wants
 * @text: the words; owned, the strings below point into it
 * @error: why it could not be taken apart, for people; owned
 * @file: of play, record; route: what the called party plays
 * @record: route: where the called party records
 * @number: ring: caller's number
 * @name: ring: caller's name
 * @digits: of dtmf, route
 * @cadence_ms: ring: length of a burst and of the pause after it
 * @count: ring: bursts, 0 until stopped
 * @on_ms: dtmf: length of a digit, 0 for the default
 * @off_ms: dtmf: length of a pause, 0 for the default
 * @after_ms: answer-after
 * @tone: tone
 * @answer: route: what becomes of a call
 * @loop: play: begin again at the end
 * @sound: dtmf: as sound, even when the line has a generator
 */
struct command {
	enum command_verb verb;
	char *text;
	char *error;
	const char *file;
	const char *record;
	const char *number;
	const char *name;
	const char *digits;
	unsigned int cadence_ms[2];
	unsigned int count;
	unsigned int on_ms;
	unsigned int off_ms;
	unsigned int after_ms;
	enum tone tone;
	struct route_answer answer;
	bool loop;
	bool sound;
};

/**
 * command_parse() - take a line apart
 * @line: the line, without its newline
 * @command: filled in; command_free() it, also after an error
 *
 * Return: 0; -EINVAL, then @command->error says why; -ENOMEM.
 */
int command_parse(const char *line, struct command *command);

/** command_free() - free what command_parse() made */
void command_free(struct command *command);

/** tone_name() - the word for a tone */
const char *tone_name(enum tone tone);

#endif /* OFFICE_COMMAND_H */
