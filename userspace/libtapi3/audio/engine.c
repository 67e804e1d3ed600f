/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sound thread and the session's side of it.
 *
 * A session changes what the thread works on by handing over one command and
 * waiting for the answer, so the thread's own lists need no lock.  The thread
 * answers between two rounds, within a period.  What happens on a line is left
 * as bits in the line; the session's eventfd says that there are some.
 */
#include <pthread.h>
#include <signal.h>
#include <spandsp.h>
#include <stdlib.h>

#include "line.h"
#include "memory.h"

/* Lines of one process: 16 cards of 4 lines */
#define ENGINE_LINES	64
/* Above everything without a deadline, below what guards the machine */
#define ENGINE_PRIORITY	10
#define ENGINE_STACK	(256 << 10)

enum command_type {
	COMMAND_ADD,
	COMMAND_REMOVE,
	COMMAND_PORTS,		/* set source and sink */
	COMMAND_DIGITS,
	COMMAND_QUIT,
};

struct command {
	enum command_type type;
	struct engine_line *line;
	struct audio_port *source;
	struct audio_port *sink;
	struct line_digits *digits;
	int result;
};

/**
 * struct engine - the thread; there is one
 * @lock: serialises sessions; never taken by the thread
 * @users: clients
 * @command: what a session wants, NULL when done
 * @wake_fd: written with a new @command
 * @done_fd: written when it is done
 * @lines: the thread's own
 */
static struct engine {
	pthread_mutex_t lock;
	unsigned int users;
	pthread_t thread;
	struct command *_Atomic command;
	int wake_fd;
	int done_fd;
	struct engine_line *lines[ENGINE_LINES];
	unsigned int num_lines;
	struct pollfd fds[1 + ENGINE_LINES * LINE_FDS];
} engine = { .lock = PTHREAD_MUTEX_INITIALIZER };

/**
 * struct engine_client - a session
 * @news_fd: written by the thread when a line has news
 * @lines: open lines
 */
struct engine_client {
	int news_fd;
	struct engine_line *lines;
};

static void signal_fd(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		return;		/* the counter is full: the reader will come */
}

/* --- the thread --- */

static int thread_add(struct engine_line *line)
{
	if (engine.num_lines == ENGINE_LINES)
		return -ENOSPC;
	engine.lines[engine.num_lines++] = line;
	return 0;
}

static void thread_remove(struct engine_line *line)
{
	for (unsigned int i = 0; i < engine.num_lines; i++) {
		if (engine.lines[i] == line) {
			engine.lines[i] = engine.lines[--engine.num_lines];
			return;
		}
	}
}

static void set_port(struct audio_port **slot, struct audio_port *port)
{
	if (*slot)
		atomic_store(&(*slot)->active, false);
	*slot = port;
	if (port)
		atomic_store(&port->active, true);
}

/* Returns false when the thread is to end */
static bool thread_command(void)
{
	struct command *command = atomic_load_explicit(&engine.command, memory_order_acquire);
	bool go_on = true;

	if (!command)
		return true;
	switch (command->type) {
	case COMMAND_ADD:
		command->result = thread_add(command->line);
		break;
	case COMMAND_REMOVE:
		thread_remove(command->line);
		break;
	case COMMAND_PORTS:
		set_port(&command->line->source, command->source);
		set_port(&command->line->sink, command->sink);
		break;
	case COMMAND_DIGITS:
		command->line->digits = command->digits;
		break;
	case COMMAND_QUIT:
		go_on = false;
		break;
	}
	atomic_store_explicit(&engine.command, NULL, memory_order_release);
	signal_fd(engine.done_fd);
	return go_on;
}

static unsigned int thread_fds(void)
{
	unsigned int count = 0;

	engine.fds[count++] = (struct pollfd){ .fd = engine.wake_fd, .events = POLLIN };
	for (unsigned int i = 0; i < engine.num_lines; i++) {
		struct engine_line *line = engine.lines[i];

		for (int k = 0; k < line->num_fds && !line->failed; k++)
			engine.fds[count++] = line->fds[k];
	}
	return count;
}

static void thread_line(struct engine_line *line)
{
	int error = 0;
	unsigned int news = line_run(line, &error);

	if (!news)
		return;
	if (news & LINE_DIGITS_DONE)
		line->digits = NULL;
	if (news & LINE_FAILED)
		atomic_store_explicit(&line->error, error, memory_order_relaxed);
	atomic_fetch_or_explicit(&line->news, news, memory_order_release);
	signal_fd(line->client->news_fd);
}

static void *thread_main(void *unused)
{
	uint64_t count;

	(void)unused;
	audio_memory_lock_stack();
	for (;;) {
		if (ppoll(engine.fds, thread_fds(), NULL, NULL) < 0)
			continue;	/* EINTR: all signals are blocked, a debugger stopped us */
		if (engine.fds[0].revents && read(engine.wake_fd, &count, sizeof(count)) < 0)
			continue;
		for (unsigned int i = 0; i < engine.num_lines; i++) {
			if (!engine.lines[i]->failed)
				thread_line(engine.lines[i]);
		}
		if (!thread_command())
			return NULL;
	}
}

/* --- the session --- */

/* The caller holds engine.lock */
static int command_run(struct command *command)
{
	uint64_t count;

	atomic_store_explicit(&engine.command, command, memory_order_release);
	signal_fd(engine.wake_fd);
	while (atomic_load_explicit(&engine.command, memory_order_acquire) == command) {
		/* blocks: the thread answers within a period */
		if (read(engine.done_fd, &count, sizeof(count)) < 0 && errno != EINTR)
			break;
	}
	return command->result;
}

static int command_send(struct command *command)
{
	int result;

	pthread_mutex_lock(&engine.lock);
	result = command_run(command);
	pthread_mutex_unlock(&engine.lock);
	return result;
}

static int thread_create(bool realtime)
{
	struct sched_param param = { .sched_priority = ENGINE_PRIORITY };
	pthread_attr_t attr;
	sigset_t all, old;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return -err;
	if (realtime) {
		pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
		pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
		pthread_attr_setschedparam(&attr, &param);
	}
	/* small enough to be locked; ALSA's and ours take a few KiB of it */
	pthread_attr_setstacksize(&attr, ENGINE_STACK);
	/* signals are the program's business */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&engine.thread, &attr, thread_main, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (err)
		return -err;
	pthread_setname_np(engine.thread, "tapi-sound");
	return 0;
}

static int engine_start(void)
{
	int err = -EMFILE;

	engine.wake_fd = eventfd(0, EFD_CLOEXEC);
	engine.done_fd = eventfd(0, EFD_CLOEXEC);
	if (engine.wake_fd >= 0 && engine.done_fd >= 0) {
		err = thread_create(true);
		if (err == -EPERM)
			err = thread_create(false);
	}
	if (err) {
		if (engine.wake_fd >= 0)
			close(engine.wake_fd);
		if (engine.done_fd >= 0)
			close(engine.done_fd);
	}
	return err;
}

static void engine_stop(void)
{
	struct command quit = { .type = COMMAND_QUIT };

	command_run(&quit);
	pthread_join(engine.thread, NULL);
	close(engine.wake_fd);
	close(engine.done_fd);
}

int engine_client_new(struct engine_client **out)
{
	struct engine_client *client = calloc(1, sizeof(*client));
	int err = 0;

	if (!client)
		return -ENOMEM;
	client->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (client->news_fd < 0) {
		free(client);
		return -EMFILE;
	}
	pthread_mutex_lock(&engine.lock);
	if (!engine.users)
		err = engine_start();
	if (!err)
		engine.users++;
	pthread_mutex_unlock(&engine.lock);
	if (err) {
		close(client->news_fd);
		free(client);
		return err;
	}
	*out = client;
	return 0;
}

void engine_client_free(struct engine_client *client)
{
	if (!client)
		return;
	while (client->lines)
		engine_line_close(client->lines);
	pthread_mutex_lock(&engine.lock);
	if (--engine.users == 0)
		engine_stop();
	pthread_mutex_unlock(&engine.lock);
	close(client->news_fd);
	free(client);
}

int engine_client_get_fd(struct engine_client *client)
{
	return client->news_fd;
}

static void digits_free(struct engine_line *line)
{
	if (line->owned)
		free(line->owned->samples);
	free(line->owned);
	line->owned = NULL;
}

static void line_tell(struct engine_line *line)
{
	unsigned int news = atomic_exchange_explicit(&line->news, 0, memory_order_acquire);

	/* each callback may close the line: one piece of news at a time, the rest goes back */
	if (news & LINE_DIGITS_DONE) {
		struct line_digits digits = *line->owned;

		atomic_fetch_or(&line->news, news & ~LINE_DIGITS_DONE);
		digits_free(line);
		if (digits.done)
			digits.done(digits.data, digits.digits);
	} else if (news & LINE_ACTIVE) {
		atomic_fetch_or(&line->news, news & ~LINE_ACTIVE);
		line->notify(line->data, TAPI3_MEDIA_STREAM_ACTIVE, 0);
	} else if (news & LINE_FAILED) {
		line->notify(line->data, TAPI3_MEDIA_STREAM_FAIL, atomic_load(&line->error));
	}
}

void engine_client_dispatch(struct engine_client *client)
{
	struct engine_line *line;
	uint64_t count;

	if (read(client->news_fd, &count, sizeof(count)) < 0)
		return;
again:
	for (line = client->lines; line; line = line->next) {
		if (atomic_load(&line->news)) {
			line_tell(line);
			goto again;	/* the list may have changed */
		}
	}
}

int engine_line_open(struct engine_client *client, const struct msp_line_config *config,
		     struct engine_line **out)
{
	struct engine_line *line;
	int err;

	if (!config->pcm || !config->notify || config->period_ms < 5 || config->period_ms > 100)
		return -EINVAL;
	line = audio_memory_new(sizeof(*line));
	if (!line)
		return -ENOMEM;
	line->client = client;
	line->notify = config->notify;
	line->data = config->data;
	err = line_pcm_open(line, config->pcm, config->period_ms);
	if (err < 0) {
		audio_memory_free(line, sizeof(*line));
		return err;
	}
	line->next = client->lines;
	client->lines = line;
	*out = line;
	return 0;
}

int engine_line_start(struct engine_line *line)
{
	struct command add = { .type = COMMAND_ADD, .line = line };
	int err;

	if (line->running)
		return 0;
	line->first = true;
	line->failed = false;
	err = line_pcm_start(line);
	if (err < 0)
		return err;
	if (line->source)
		atomic_store(&line->source->active, true);
	if (line->sink)
		atomic_store(&line->sink->active, true);
	err = command_send(&add);
	if (err < 0)
		line_pcm_stop(line);
	else
		line->running = true;
	return err;
}

int engine_line_stop(struct engine_line *line)
{
	struct command remove = { .type = COMMAND_REMOVE, .line = line };

	if (!line->running)
		return 0;
	command_send(&remove);
	line->running = false;
	line->digits = NULL;
	digits_free(line);
	atomic_store(&line->news, 0);
	if (line->source)
		atomic_store(&line->source->active, false);
	if (line->sink)
		atomic_store(&line->sink->active, false);
	line_pcm_stop(line);
	return 0;
}

void engine_line_close(struct engine_line *line)
{
	struct engine_line **at;

	if (!line)
		return;
	engine_line_stop(line);
	for (at = &line->client->lines; *at != line; at = &(*at)->next)
		;
	*at = line->next;
	line_pcm_close(line);
	audio_memory_free(line, sizeof(*line));
}

static int set_ports(struct engine_line *line, struct audio_port *source, struct audio_port *sink)
{
	struct command ports = { .type = COMMAND_PORTS, .line = line, .source = source,
				 .sink = sink };

	if (line->running)
		return command_send(&ports);
	line->source = source;
	line->sink = sink;
	return 0;
}

int engine_line_attach(struct engine_line *line, struct audio_port *port)
{
	if (port->source ? line->source != NULL : line->sink != NULL)
		return -EBUSY;
	return set_ports(line, port->source ? port : line->source,
			 port->source ? line->sink : port);
}

int engine_line_detach(struct engine_line *line, struct audio_port *port)
{
	if (port->source ? line->source != port : line->sink != port)
		return -ENOENT;
	return set_ports(line, port->source ? NULL : line->source,
			 port->source ? line->sink : NULL);
}

/* All digits as samples, with their pauses */
static struct line_digits *digits_render(const char *text, unsigned int on_ms,
					 unsigned int off_ms)
{
	struct line_digits *digits = calloc(1, sizeof(*digits));
	dtmf_tx_state_t *tx = dtmf_tx_init(NULL);
	size_t room = strlen(text) * (on_ms + off_ms) * (AUDIO_RATE / 1000);

	if (digits)
		digits->samples = calloc(room ? room : 1, sizeof(int16_t));
	if (!digits || !digits->samples || !tx) {
		free(digits ? digits->samples : NULL);
		free(digits);
		digits = NULL;
	} else {
		dtmf_tx_set_timing(tx, on_ms, off_ms);
		for (const char *at = text; *at; at++, digits->digits++) {
			dtmf_tx_put(tx, at, 1);
			digits->count += dtmf_tx(tx, digits->samples + digits->count,
						 room - digits->count);
		}
	}
	if (tx)
		dtmf_tx_free(tx);
	return digits;
}

int engine_line_digits(struct engine_line *line, const char *text, unsigned int on_ms,
		       unsigned int off_ms, void (*done)(void *data, int digits), void *data)
{
	struct command command = { .type = COMMAND_DIGITS, .line = line };

	if (!*text || strspn(text, "0123456789*#ABCD") != strlen(text) || strlen(text) > 128)
		return -EINVAL;
	if (on_ms < 20 || on_ms > 2000 || off_ms < 20 || off_ms > 2000)
		return -EINVAL;
	if (!line->running)
		return -ENOTCONN;
	if (line->owned)
		return -EBUSY;
	line->owned = digits_render(text, on_ms, off_ms);
	if (!line->owned)
		return -ENOMEM;
	line->owned->done = done;
	line->owned->data = data;
	command.digits = line->owned;
	return command_send(&command);
}

void engine_line_stats(struct engine_line *line, struct msp_line_stats *stats)
{
	*stats = (struct msp_line_stats){
		.captured = atomic_load(&line->captured),
		.played = atomic_load(&line->played),
		.xruns = atomic_load(&line->xruns),
		.latency_us = line->period * LINE_LEAD * (1000000 / AUDIO_RATE),
	};
}
