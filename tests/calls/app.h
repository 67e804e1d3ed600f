/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program of TAPI 3 that does what its standard input says: see app.c. */
#ifndef TESTS_CALLS_APP_H
#define TESTS_CALLS_APP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <tapi3/tapi3.h>

#define TERMINALS	4
#define RAW_CHUNK	160

/**
 * struct slot - a kind of terminal, of which the call has one at most
 * @name: as commands call it
 * @terminal: NULL while there is none
 * @file: samples of a raw terminal, from or to it
 */
struct slot {
	const char *name;
	enum tapi3_terminal_class kind;
	enum tapi3_direction direction;
	struct tapi3_terminal *terminal;
	FILE *file;
};

/**
 * struct app - the program
 * @call: the one that commands are about, NULL when there is none
 * @quit: the command was given
 */
struct app {
	struct tapi3 *tapi;
	struct tapi3_call *call;
	struct slot slots[TERMINALS];
	bool quit;
};

/* app.c: one line on standard output: the time in ms, and words */
void say(uint64_t time_ns, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint64_t now_ns(void);

/* app_event.c */
void app_event(struct app *app, struct tapi3_event *event);
const char *error_name(int result);
const char *call_state_name(enum tapi3_call_state state);
const char *line_state_name(uint32_t state);
/* @hex has room for two digits a byte, and the NUL */
void to_hex(char *hex, const unsigned char *data, size_t size);

/* app_command.c: false: what @line says is not a command */
bool app_command(struct app *app, char *line);

/* app_sound.c: terminals; 0 or a negative value of enum tapi3_error */
void sound_init(struct app *app);
int sound_select(struct app *app, const char *name, const char *path);
int sound_unselect(struct app *app, const char *name);
/* Descriptors of raw terminals, at most TERMINALS */
unsigned int sound_poll(struct app *app, struct slot **slots, int *fds);
void sound_move(struct slot *slot);
const char *sound_name(struct app *app, const struct tapi3_terminal *terminal);
void sound_end(struct app *app);

#endif /* TESTS_CALLS_APP_H */
