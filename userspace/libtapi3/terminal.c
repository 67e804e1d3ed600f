/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "terminal.h"

/* A disk may be busy for two seconds, a program for one */
#define FILE_SAMPLES	(2 * AUDIO_RATE)
#define RAW_SAMPLES	AUDIO_RATE
#define SOUND_SAMPLES	(AUDIO_RATE / 2)
/* Files move in pieces of a quarter of a second, programs in periods of 20 ms */
#define FILE_WAKE	(AUDIO_RATE / 4)
#define RAW_WAKE	(AUDIO_RATE / 50)

int terminal_hub_init(struct terminal_hub *hub)
{
	hub->list = NULL;
	hub->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return hub->fd < 0 ? -EMFILE : 0;
}

static void leave_hub(struct tapi3_terminal *terminal)
{
	struct tapi3_terminal **at;

	if (!terminal->hub)
		return;
	for (at = &terminal->hub->list; *at != terminal; at = &(*at)->next)
		;
	*at = terminal->next;
	terminal->hub = NULL;
}

/* No thread may write to the hub's descriptor any more */
static void close_backend(struct tapi3_terminal *terminal)
{
	term_file_close(terminal->file);
	term_sound_free(terminal->sound);
	terminal->file = NULL;
	terminal->sound = NULL;
}

void terminal_hub_fini(struct terminal_hub *hub)
{
	while (hub->list) {
		struct tapi3_terminal *terminal = hub->list;

		close_backend(terminal);
		leave_hub(terminal);
	}
	close(hub->fd);
}

void terminal_hub_dispatch(struct terminal_hub *hub,
			   void (*told)(void *data, struct tapi3_terminal *terminal, int cause,
					int state), void *data)
{
	struct tapi3_terminal *terminal;
	uint64_t count;

	if (read(hub->fd, &count, sizeof(count)) < 0)
		return;
again:
	for (terminal = hub->list; terminal; terminal = terminal->next) {
		int cause = atomic_exchange(&terminal->news.cause, 0);

		if (cause) {
			told(data, terminal, cause - 1, atomic_load(&terminal->news.state));
			goto again;	/* the list may have changed */
		}
	}
}

static int open_backend(struct tapi3_terminal *terminal)
{
	switch (terminal->kind) {
	case TAPI3_TERMINAL_FILE_PLAYBACK:
	case TAPI3_TERMINAL_FILE_RECORD:
		return term_file_open(&terminal->port, &terminal->news, terminal->name,
				      terminal->kind == TAPI3_TERMINAL_FILE_RECORD,
				      &terminal->file);
	case TAPI3_TERMINAL_SOUND:
		return term_sound_new(&terminal->port, &terminal->news, terminal->name,
				      &terminal->sound);
	case TAPI3_TERMINAL_RAW:
		return 0;
	}
	return -EINVAL;
}

static int init_port(struct tapi3_terminal *terminal)
{
	bool source = terminal->direction == TAPI3_CAPTURE;

	switch (terminal->kind) {
	case TAPI3_TERMINAL_FILE_PLAYBACK:
	case TAPI3_TERMINAL_FILE_RECORD:
		return audio_port_init(&terminal->port, source, FILE_SAMPLES, FILE_WAKE);
	case TAPI3_TERMINAL_SOUND:
		/* its thread runs by the device, nobody is to be woken */
		return audio_port_init(&terminal->port, source, SOUND_SAMPLES, UINT32_MAX);
	default:
		return audio_port_init(&terminal->port, source, RAW_SAMPLES, RAW_WAKE);
	}
}

static int check_direction(enum tapi3_terminal_class kind, enum tapi3_direction direction)
{
	switch (kind) {
	case TAPI3_TERMINAL_FILE_PLAYBACK:
		return direction == TAPI3_CAPTURE ? 0 : TAPI3_E_INVALIDDIRECTION;
	case TAPI3_TERMINAL_FILE_RECORD:
		return direction == TAPI3_RENDER ? 0 : TAPI3_E_INVALIDDIRECTION;
	case TAPI3_TERMINAL_SOUND:
	case TAPI3_TERMINAL_RAW:
		return direction == TAPI3_CAPTURE || direction == TAPI3_RENDER ?
			0 : TAPI3_E_INVALIDDIRECTION;
	}
	return TAPI3_E_INVALIDTERMINALCLASS;
}

static int error_of(int err)
{
	switch (err) {
	case 0:
		return 0;
	case -ENOMEM:
		return TAPI3_E_NOMEM;
	case -EACCES:
	case -EPERM:
		return TAPI3_E_ACCESS;
	case -EINVAL:
		return TAPI3_E_NOFORMAT;
	default:
		return TAPI3_E_FAILED;
	}
}

int terminal_new(struct terminal_hub *hub, enum tapi3_terminal_class kind,
		 enum tapi3_direction direction, const char *name, struct tapi3_terminal **out)
{
	struct tapi3_terminal *terminal;
	int err = check_direction(kind, direction);

	if (err)
		return err;
	if (kind != TAPI3_TERMINAL_RAW && (!name || !*name))
		return TAPI3_E_INVALIDARG;
	terminal = calloc(1, sizeof(*terminal));
	if (!terminal)
		return TAPI3_E_NOMEM;
	terminal->refs = 1;
	terminal->kind = kind;
	terminal->direction = direction;
	terminal->news.fd = hub->fd;
	terminal->name = strdup(name ? name : "");
	err = terminal->name ? init_port(terminal) : -ENOMEM;
	if (!err) {
		err = open_backend(terminal);
		if (err)
			audio_port_free(&terminal->port);
	}
	if (err) {
		free(terminal->name);
		free(terminal);
		return error_of(err);
	}
	terminal->hub = hub;
	terminal->next = hub->list;
	hub->list = terminal;
	*out = terminal;
	return 0;
}

int terminal_start(struct tapi3_terminal *terminal)
{
	if (terminal->file)
		term_file_kick(terminal->file);
	if (terminal->sound)
		return term_sound_start(terminal->sound);
	return 0;
}

void terminal_stop(struct tapi3_terminal *terminal)
{
	if (terminal->file && terminal->kind == TAPI3_TERMINAL_FILE_RECORD)
		term_file_kick(terminal->file);
	if (terminal->sound)
		term_sound_stop(terminal->sound);
}

int terminal_drift(struct tapi3_terminal *terminal)
{
	return terminal->sound ? term_sound_drift(terminal->sound) : 0;
}

struct tapi3_terminal *tapi3_terminal_ref(struct tapi3_terminal *terminal)
{
	if (terminal)
		terminal->refs++;
	return terminal;
}

struct tapi3_terminal *tapi3_terminal_unref(struct tapi3_terminal *terminal)
{
	if (!terminal || --terminal->refs)
		return NULL;
	close_backend(terminal);
	leave_hub(terminal);
	audio_port_free(&terminal->port);
	free(terminal->name);
	free(terminal);
	return NULL;
}

const char *tapi3_terminal_get_name(struct tapi3_terminal *terminal)
{
	return terminal->name;
}

enum tapi3_terminal_class tapi3_terminal_get_class(struct tapi3_terminal *terminal)
{
	return terminal->kind;
}

enum tapi3_direction tapi3_terminal_get_direction(struct tapi3_terminal *terminal)
{
	return terminal->direction;
}

bool tapi3_terminal_in_use(struct tapi3_terminal *terminal)
{
	return terminal->owner;
}

int tapi3_terminal_get_fd(struct tapi3_terminal *terminal)
{
	return terminal->kind == TAPI3_TERMINAL_RAW ? terminal->port.wake_fd : -1;
}

/* The descriptor says "look again": clear it before looking */
static void clear_wake(struct tapi3_terminal *terminal)
{
	uint64_t count;

	if (read(terminal->port.wake_fd, &count, sizeof(count)) < 0)
		return;		/* it was clear */
}

ssize_t tapi3_terminal_read(struct tapi3_terminal *terminal, int16_t *samples, size_t count)
{
	if (!samples || terminal->kind != TAPI3_TERMINAL_RAW)
		return TAPI3_E_INVALIDARG;
	if (terminal->port.source)
		return TAPI3_E_INVALIDDIRECTION;
	clear_wake(terminal);
	if (count > RAW_SAMPLES)
		count = RAW_SAMPLES;
	return audio_ring_get(&terminal->port.ring, samples, count);
}

ssize_t tapi3_terminal_write(struct tapi3_terminal *terminal, const int16_t *samples,
			     size_t count)
{
	ssize_t put;

	if (!samples || terminal->kind != TAPI3_TERMINAL_RAW)
		return TAPI3_E_INVALIDARG;
	if (!terminal->port.source)
		return TAPI3_E_INVALIDDIRECTION;
	clear_wake(terminal);
	if (count > RAW_SAMPLES)
		count = RAW_SAMPLES;
	put = audio_ring_put(&terminal->port.ring, samples, count);
	atomic_store(&terminal->port.primed, true);
	return put;
}

uint64_t tapi3_terminal_get_lost(struct tapi3_terminal *terminal)
{
	return atomic_load(&terminal->port.lost);
}
