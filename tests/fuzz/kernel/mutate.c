// SPDX-License-Identifier: GPL-2.0-or-later
/* New programs, and old ones changed. All choices come from one seed. */
#include <string.h>

#include "fuzz.h"

static uint64_t state = 1;

void random_start(uint64_t seed)
{
	state = seed * 0x9E3779B97F4A7C15u + 0x2545F4914F6CDD1Du;
	state += !state;
}

/* xorshift64* */
uint32_t random_below(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)(state * 0x2545F4914F6CDD1Du >> 32) % below;
}

static uint64_t wild(void)
{
	static const uint64_t numbers[] = {
		0, 1, 2, 63, 64, 65, 127, 128, 255, 256, 1000, 4000000, 0x7fffffff, 0x80000000,
		0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, ~0ULL,
	};
	uint32_t at = random_below(sizeof(numbers) / sizeof(numbers[0]) + 1);

	return at ? numbers[at - 1] : (uint64_t)random_below(~0U) << random_below(33);
}

/* Mostly what is usual; an end of its range more often than what lies between */
static uint64_t number(const struct param *param)
{
	uint64_t span = param->max - param->min;

	if (!random_below(40))
		return wild();
	if (!random_below(4))
		return random_below(2) ? param->min : param->max;
	return param->min + (span ? random_below(span >= ~0U ? ~0U : (uint32_t)span + 1) : 0);
}

static const struct op *any_op(void)
{
	unsigned int total = 0, at, i;

	for (i = 0; i < nops; i++)
		total += ops[i].weight;
	at = random_below(total);
	for (i = 0; at >= ops[i].weight; i++)
		at -= ops[i].weight;
	return &ops[i];
}

/* A call of whatever kind */
void call_make(struct call *call)
{
	const struct op *op = any_op();

	memset(call, 0, sizeof(*call));
	call->op = (uint8_t)(op - ops);
	call->aside = !random_below(25);
	call->nargs = (uint8_t)op_params(op);
	for (unsigned int i = 0; i < call->nargs; i++)
		call->arg[i] = (struct arg){ .value = number(&op->param[i]), .len = -1 };
	if (is_send(op))
		message_make(call);
	if (op->words) {
		call->has_text = true;
		op->words(call->text);
	}
}

/* What many calls need before them, said by what is often first */
static void make_named(struct call *call, const char *name, const uint64_t *values)
{
	const struct op *op = op_by_name(name, strlen(name));

	memset(call, 0, sizeof(*call));
	call->op = (uint8_t)(op - ops);
	call->nargs = (uint8_t)op_params(op);
	for (unsigned int i = 0; i < call->nargs; i++)
		call->arg[i] = (struct arg){ .value = values[i], .len = -1 };
}

/* From nothing: mostly an open, claimed line, and a socket or two */
void program_make(struct program *program)
{
	unsigned int n = 2 + random_below(10);

	program->n = 0;
	for (unsigned int i = 0; i < 1 + random_below(2); i++) {
		make_named(&program->call[program->n++], "open",
			   (const uint64_t[]){ i, random_below(CARDS), random_below(LINES), 0, 0 });
		make_named(&program->call[program->n++], "claim",
			   (const uint64_t[]){ i, 0, random_below(3) * 10, 0, 0, 0 });
	}
	for (unsigned int i = 0; i < random_below(3); i++)
		make_named(&program->call[program->n++], "socket",
			   (const uint64_t[]){ i, random_below(2) });
	while (n--)
		call_make(&program->call[program->n++]);
}

static void insert(struct program *program, unsigned int at, const struct call *call)
{
	if (program->n == MAX_CALLS)
		return;
	memmove(&program->call[at + 1], &program->call[at],
		(program->n - at) * sizeof(program->call[0]));
	program->call[at] = *call;
	program->n++;
}

static void drop(struct program *program, unsigned int at)
{
	program->n--;
	memmove(&program->call[at], &program->call[at + 1],
		(program->n - at) * sizeof(program->call[0]));
}

static void change_text(struct call *call)
{
	size_t len = strlen(call->text);

	if (random_below(3) || !len)
		ops[call->op].words(call->text);
	else
		call->text[random_below((uint32_t)len)] = (char)(1 + random_below(126));
}

static void change_call(struct call *call)
{
	const struct op *op = &ops[call->op];
	unsigned int at = call->nargs ? random_below(call->nargs) : 0;

	if (op->words && (!call->nargs || random_below(2)))
		change_text(call);
	else if (is_send(op) && random_below(4))
		message_mutate(call);
	else if (at < op_params(op) && !random_below(6))
		call->arg[at].value = wild();
	else if (at < op_params(op))
		call->arg[at].value = number(&op->param[at]);
}

/* The end of another program behind the beginning of this one */
static void splice(struct program *program, const struct program *other)
{
	unsigned int from = random_below(other->n);

	program->n = random_below(program->n) + 1;
	while (from < other->n && program->n < MAX_CALLS)
		program->call[program->n++] = other->call[from++];
}

/**
 * program_mutate() - change a program in one to five places
 * @program: it, with one call at least
 * @other: another, parts of which may be taken
 */
void program_mutate(struct program *program, const struct program *other)
{
	unsigned int changes = 1 + random_below(5);
	struct call call;

	if (!random_below(6))
		splice(program, other);
	while (changes--) {
		unsigned int at = random_below(program->n);

		switch (random_below(10)) {
		case 0:
		case 1:
		case 2:
			call_make(&call);
			insert(program, random_below(program->n + 1), &call);
			break;
		case 3:
			call = program->call[at];
			insert(program, at, &call);
			break;
		case 4:
			if (program->n > 1)
				drop(program, at);
			break;
		case 5:
			program->call[at].aside = !random_below(3);
			break;
		default:
			change_call(&program->call[at]);
			break;
		}
	}
}
