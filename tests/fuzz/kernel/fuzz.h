/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzzer of the line device and the relay, guided by coverage. It makes programs: short lists of
 * calls that follow the grammar of the interfaces, mostly. Each runs in a process of its own; the
 * code of the kernel it passed is told by KCOV; what passed something new is kept and changed on.
 *
 * A program is text, a call a line, programs are parted by "---". See README.md.
 */
#ifndef KERNEL_FUZZ_H
#define KERNEL_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define MAX_CALLS	24
#define MAX_ARGS	16
#define MAX_TEXT	80
#define SLOTS		4	/* of files, of sockets, and of what the relay has told */
#define CARDS		2	/* 0: the module's own, 1: made by configfs */
#define LINES		4	/* of each card */

/*
 * An argument. Those of a call from the table of ops are numbers. An attribute of a message has a
 * type, a length other than the usual one if @len is not negative, and may stand for what has been
 * learnt: c cookie, g grant, i instance, s sequence number last received, f file, k card, p process.
 */
struct arg {
	uint64_t value;
	int32_t len;
	uint16_t type;
	char ref;
};

struct call {
	uint8_t op;
	uint8_t nargs;
	bool aside;		/* in a thread, while the program goes on */
	bool has_text;
	struct arg arg[MAX_ARGS];
	char text[MAX_TEXT + 1];
};

struct program {
	unsigned int n;
	struct call call[MAX_CALLS];
};

/* A number of an op: usual values, and where it goes in an ioctl's argument */
struct param {
	uint64_t min, max;
	uint16_t offset, size;
};

struct op {
	const char *name;
	int (*run)(const struct call *call);	/* 0 or more, or -errno */
	unsigned long request;			/* of an ioctl */
	const struct param *param;		/* ends with size 0 */
	unsigned int weight;			/* how often it is chosen */
	const int *errors;			/* all it may fail with, ends with 0; NULL: any */
	void (*words)(char text[MAX_TEXT + 1]);	/* makes its text */
};

/* ---- grammar.c, messages.c: what there is to call */

extern const struct op ops[];
extern const unsigned int nops;

const struct op *op_by_name(const char *name, size_t len);
unsigned int op_params(const struct op *op);
const char *command_name(uint64_t number);
const char *attribute_name(unsigned int type);
bool command_number(const char *name, size_t len, uint64_t *number);
bool attribute_number(const char *name, size_t len, uint64_t *number);
bool is_send(const struct op *op);
#define SEND_ARGS	4	/* socket, command, flags, bytes cut off; then attributes */

/* ---- text.c */

bool program_read(FILE *from, struct program *program, bool *error);
void program_write(FILE *to, const struct program *program);

/* ---- mutate.c */

void random_start(uint64_t seed);
uint32_t random_below(uint32_t below);
void call_make(struct call *call);
void message_make(struct call *call);
void message_mutate(struct call *call);
void program_make(struct program *program);
void program_mutate(struct program *program, const struct program *other);

/* ---- run.c, relay.c, sim.c: calls in the child */

extern int files[SLOTS], sockets[SLOTS];
extern unsigned int card_number[CARDS];

int run_open(const struct call *call);
int run_close(const struct call *call);
int run_dup(const struct call *call);
int run_read(const struct call *call);
int run_write(const struct call *call);
int run_poll(const struct call *call);
int run_map(const struct call *call);
int run_seek(const struct call *call);
int run_mode(const struct call *call);
int run_wait(const struct call *call);
int run_user(const struct call *call);
int run_netns(const struct call *call);
int run_ioctl(const struct call *call);
int run_raw(const struct call *call);
int run_socket(const struct call *call);
int run_hangup(const struct call *call);
int run_receive(const struct call *call);
int run_send(const struct call *call);
int run_config(const struct call *call);
int run_make(const struct call *call);
int run_take(const struct call *call);
int run_show(const struct call *call);
int run_unplug(const struct call *call);
int run_plug(const struct call *call);

void slots_start(void);
void slots_end(void);
bool relay_start(void);
void relay_forget(void);
const int *message_errors(const struct call *call);
void config_words(char text[MAX_TEXT + 1]);
void make_words(char text[MAX_TEXT + 1]);
void show_words(char text[MAX_TEXT + 1]);
void digits_words(char text[MAX_TEXT + 1]);

/* The cards are there, as programs find them */
bool scene_start(void);
bool scene_restore(void);
void scene_end(void);

/* ---- watch.c: a program in a child, and what became of it */

enum outcome { PASSED, WRONG, STUCK, SPLAT };

bool watch_start(bool need_kcov);
enum outcome watch_run(const struct program *program, char *why, size_t size);
unsigned int watch_new_edges(bool keep);
unsigned int watch_edges(void);

#endif /* KERNEL_FUZZ_H */
