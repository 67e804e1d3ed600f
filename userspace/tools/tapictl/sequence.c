/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapictl trace: reads traces, puts them in order, writes them as text, JSON or a drawing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "sequence.h"
#include "tapictl.h"
#include "trace.h"
#include "utf.h"
#include "walk.h"

/* From what happens outside to what the user sees */
static const char *const order[] = {
	TRACE_DRIVER, TRACE_TSP, TRACE_TAPISRV, TRACE_TAPI3, TRACE_MSP, TRACE_APP,
};

#define ORDER (sizeof(order) / sizeof(order[0]))

static bool begin(struct sequence *sequence)
{
	memset(sequence, 0, sizeof(*sequence));
	for (size_t i = 0; i < ORDER; i++) {
		sequence->lifelines[i] = strdup(order[i]);
		if (!sequence->lifelines[i])
			return false;
		sequence->lifelines_count++;
	}
	return true;
}

static void end(struct sequence *sequence)
{
	for (size_t i = 0; i < sequence->count; i++) {
		free(sequence->steps[i].name);
		free(sequence->steps[i].args);
	}
	free(sequence->steps);
	for (unsigned int i = 0; i < sequence->lifelines_count; i++)
		free(sequence->lifelines[i]);
}

/* ---- one record ---- */

struct record {
	struct json_part t, from, to, name, args;
};

static bool equals(struct json_part part, const char *text)
{
	return part.size == strlen(text) && !memcmp(part.at, text, part.size);
}

/* Members we do not know are from a later version: passed over */
static bool read_members(struct json *json, struct record *record)
{
	struct json_part key, value;
	bool more;

	if (!json_open(json, '{'))
		return false;
	for (bool first = true; json_member(json, first, &more, &key); first = false) {
		if (!more)
			return json_done(json);
		if (!json_value(json, &value))
			return false;
		if (equals(key, "\"t\""))
			record->t = value;
		else if (equals(key, "\"from\""))
			record->from = value;
		else if (equals(key, "\"to\""))
			record->to = value;
		else if (equals(key, "\"name\""))
			record->name = value;
		else if (equals(key, "\"args\""))
			record->args = value;
	}
	return false;
}

static bool lifeline(struct sequence *sequence, struct json_part part, unsigned int *number)
{
	char *name = part.at ? json_string(part) : NULL;

	if (!name || !*name) {
		free(name);
		return false;
	}
	for (*number = 0; *number < sequence->lifelines_count; (*number)++) {
		if (!strcmp(sequence->lifelines[*number], name)) {
			free(name);
			return true;
		}
	}
	if (*number == LIFELINES_MAX) {
		free(name);
		return false;
	}
	sequence->lifelines[sequence->lifelines_count++] = name;
	return true;
}

static struct step *add_step(struct sequence *sequence)
{
	size_t room = sequence->room ? sequence->room * 2 : 256;
	struct step *bigger;

	if (sequence->count == sequence->room) {
		bigger = realloc(sequence->steps, room * sizeof(*bigger));
		if (!bigger)
			return NULL;
		sequence->steps = bigger;
		sequence->room = room;
	}
	return &sequence->steps[sequence->count];
}

static bool read_record(struct sequence *sequence, const char *text, size_t size)
{
	struct record record = { 0 };
	struct step *step;
	struct json json;

	json_begin(&json, text, size);
	step = add_step(sequence);
	if (!step || !utf8_valid(text, size) || !read_members(&json, &record) || !record.name.at)
		return false;
	*step = (struct step) { .order = sequence->count };
	if (!record.t.at || !json_u64(record.t, &step->t) ||
	    !lifeline(sequence, record.from, &step->from) ||
	    !lifeline(sequence, record.to, &step->to))
		return false;
	step->name = json_string(record.name);
	step->args = record.args.at ? strndup(record.args.at, record.args.size) : strdup("{}");
	if (!step->name || !step->args) {
		free(step->name);
		free(step->args);
		return false;
	}
	sequence->count++;
	return true;
}

/* ---- files ---- */

/* A line that is no record, such as the last one of a full disk, is told and left out */
static int read_file(struct sequence *sequence, const char *path)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	size_t room = 0, number = 0;
	char *line = NULL;
	ssize_t length;
	int error;

	if (!file)
		return complain(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_REFUSED, "%s: %s",
				path, strerror(errno));
	errno = 0;
	while ((length = getline(&line, &room, file)) >= 0) {
		number++;
		if (length && line[length - 1] == '\n')
			length--;
		if (length && !read_record(sequence, line, (size_t)length))
			complain(0, "%s:%zu: not a step of a trace, left out", path, number);
	}
	error = ferror(file) ? errno : 0;
	free(line);
	if (file != stdin)
		fclose(file);
	return error ? complain(STATUS_REFUSED, "%s: %s", path, strerror(error)) : 0;
}

static int by_time(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->t != y->t)
		return x->t < y->t ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Leaves the steps between --from and --to */
static int choose(struct sequence *sequence)
{
	size_t first = settings.first ? settings.first : 1;
	size_t last = settings.last ? settings.last : sequence->count;

	if (first > last || last > sequence->count)
		return complain(STATUS_USAGE, "steps go from 1 to %zu", sequence->count);
	for (size_t i = 0; i < sequence->count; i++) {
		struct step *step = &sequence->steps[i];

		step->number = i + 1;
		if (i + 1 >= first && i < last)
			continue;
		free(step->name);
		free(step->args);
	}
	memmove(sequence->steps, &sequence->steps[first - 1],
		(last - first + 1) * sizeof(*sequence->steps));
	sequence->count = last - first + 1;
	return 0;
}

static void forget_unused(struct sequence *sequence)
{
	bool used[LIFELINES_MAX] = { false };

	for (size_t i = 0; i < sequence->count; i++)
		used[sequence->steps[i].from] = used[sequence->steps[i].to] = true;
	for (unsigned int i = 0; i < sequence->lifelines_count; i++) {
		if (used[i])
			continue;
		free(sequence->lifelines[i]);
		sequence->lifelines[i] = NULL;
	}
}

/* ---- output ---- */

double sequence_ms(const struct sequence *sequence, const struct step *step)
{
	return (double)(step->t - sequence->steps[0].t) / 1e6;
}

static int longest_lifeline(const struct sequence *sequence)
{
	int width = 0;

	for (unsigned int i = 0; i < sequence->lifelines_count; i++) {
		if (sequence->lifelines[i] && (int)strlen(sequence->lifelines[i]) > width)
			width = (int)strlen(sequence->lifelines[i]);
	}
	return width;
}

static void write_text(const struct sequence *sequence, FILE *to)
{
	int width = longest_lifeline(sequence);

	for (size_t i = 0; i < sequence->count; i++) {
		const struct step *step = &sequence->steps[i];
		char *args = sequence_args(step);

		fprintf(to, "%5zu %12.3f ms  %*s -> %-*s  %s%s%s\n", step->number,
			sequence_ms(sequence, step), width, sequence->lifelines[step->from], width,
			sequence->lifelines[step->to], step->name, args && *args ? "  " : "",
			args ? args : "");
		free(args);
	}
}

static void write_json(const struct sequence *sequence, FILE *to)
{
	fputs("[", to);
	for (size_t i = 0; i < sequence->count; i++) {
		const struct step *step = &sequence->steps[i];

		fprintf(to, "%s\n{\"step\":%zu,\"ms\":%.6f,\"t\":%llu,\"from\":", i ? "," : "",
			step->number, sequence_ms(sequence, step), (unsigned long long)step->t);
		walk_json_string(sequence->lifelines[step->from], to);
		fputs(",\"to\":", to);
		walk_json_string(sequence->lifelines[step->to], to);
		fputs(",\"name\":", to);
		walk_json_string(step->name, to);
		fprintf(to, ",\"args\":%s}", step->args);
	}
	fputs("\n]\n", to);
}

static int write_all(const struct sequence *sequence)
{
	FILE *to = settings.output ? fopen(settings.output, "we") : stdout;
	int bad;

	if (!to)
		return complain(STATUS_REFUSED, "%s: %s", settings.output, strerror(errno));
	if (settings.text)
		write_text(sequence, to);
	else if (settings.json || settings.format == FORMAT_JSON)
		write_json(sequence, to);
	else
		svg_write(sequence, to);
	if (to == stdout)
		return 0;
	bad = ferror(to);
	if (fclose(to) || bad)
		return complain(STATUS_REFUSED, "%s: %s", settings.output, strerror(errno));
	return 0;
}

int trace(int argc, char **argv)
{
	struct sequence sequence;
	int status = 0;

	if (settings.text && (settings.json || settings.format == FORMAT_JSON))
		return complain(STATUS_USAGE, "--text and --json exclude each other");
	if (!begin(&sequence))
		status = complain(STATUS_REFUSED, "not enough memory");
	for (int i = 0; !status && i < argc; i++)
		status = read_file(&sequence, argv[i]);
	if (!status && !sequence.count)
		status = complain(STATUS_NOT_FOUND, "there are no steps in it");
	if (!status) {
		qsort(sequence.steps, sequence.count, sizeof(*sequence.steps), by_time);
		status = choose(&sequence);
	}
	if (!status) {
		forget_unused(&sequence);
		status = write_all(&sequence);
	}
	end(&sequence);
	return status;
}
