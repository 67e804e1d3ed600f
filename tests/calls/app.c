/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program of TAPI 3 that does what its standard input says, a command a line, and tells what
 * happens on standard output, an event a line. Nothing but the public interface of the library:
 * what a test sees is what any program sees.
 *
 *	app NAME
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

#define NS_PER_MS	1000000u
/* A byte of the longest message takes two letters */
#define COMMAND_MAX	32768

struct input {
	char buffer[COMMAND_MAX];
	size_t used;
	bool ended;
};

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

void say(uint64_t time_ns, const char *format, ...)
{
	va_list args;

	printf("%llu ", (unsigned long long)(time_ns / NS_PER_MS));
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* All whole lines that are there */
static void input_lines(struct input *input, struct app *app)
{
	char *line = input->buffer, *end;

	while ((end = memchr(line, '\n', input->buffer + input->used - line))) {
		*end = '\0';
		if (!app_command(app, line))
			say(now_ns(), "error %s: no such command", line);
		line = end + 1;
	}
	input->used -= line - input->buffer;
	memmove(input->buffer, line, input->used);
}

static void input_read(struct input *input, struct app *app)
{
	ssize_t got = read(STDIN_FILENO, input->buffer + input->used,
			   sizeof(input->buffer) - input->used);

	if (got <= 0) {
		input->ended = true;
		return;
	}
	input->used += got;
	input_lines(input, app);
	if (input->used == sizeof(input->buffer)) {
		fprintf(stderr, "app: a command of more than %d bytes\n", COMMAND_MAX);
		input->ended = true;
	}
}

static void take_events(struct app *app)
{
	struct tapi3_event *event;

	while ((event = tapi3_get_event(app->tapi))) {
		app_event(app, event);
		tapi3_event_unref(event);
	}
}

static int run(struct app *app, struct input *input)
{
	while (!app->quit && !input->ended) {
		struct pollfd fds[2 + TERMINALS] = {
			{ .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = tapi3_get_fd(app->tapi), .events = POLLIN },
		};
		struct slot *slots[TERMINALS];
		int raw[TERMINALS];
		unsigned int count = sound_poll(app, slots, raw);

		for (unsigned int i = 0; i < count; i++)
			fds[2 + i] = (struct pollfd){ .fd = raw[i], .events = POLLIN };
		if (poll(fds, 2 + count, -1) < 0 && errno != EINTR)
			return 1;
		for (unsigned int i = 0; i < count; i++) {
			if (fds[2 + i].revents)
				sound_move(slots[i]);
		}
		if (fds[1].revents && tapi3_dispatch(app->tapi) < 0)
			return 1;
		take_events(app);
		/* last: what it removes was looked at */
		if (fds[0].revents)
			input_read(input, app);
		/* a request that waits for its answer takes in events */
		take_events(app);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct input input;
	struct app app = { 0 };
	int result;

	if (argc != 2) {
		fprintf(stderr, "usage: %s NAME\n", argv[0]);
		return 2;
	}
	setlinebuf(stdout);
	sound_init(&app);
	result = tapi3_new(argv[1], TAPI3_EVENT_ALL, &app.tapi);
	if (result < 0) {
		say(now_ns(), "error start %s", error_name(result));
		return 1;
	}
	say(now_ns(), "ready");
	result = run(&app, &input);
	sound_end(&app);
	tapi3_call_unref(app.call);
	tapi3_unref(app.tapi);
	say(now_ns(), "end");
	return result;
}
