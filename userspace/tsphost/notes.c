/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that goes to tapisrv goes through this queue, in the order in which the provider said
 * it. An answer is put before what must not come before it: a completion from within the function
 * that was asked, events of a line from within TSPI_lineOpen. Those stand in the queue, held, and
 * so do those behind them.
 *
 * The loop thread takes from the front. What the provider has to be asked about first is made
 * complete by the report thread when it has come to the front, and stays there meanwhile.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host.h"

static struct {
	pthread_mutex_t lock;
	pthread_cond_t ask;
	int fd;				/* eventfd: the loop thread's turn */
	bool told;			/* it is readable, or about to be read */
	struct note *first, **last;
	size_t queued;
	uint64_t running[WORKERS];	/* tokens of jobs */
} notes = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.ask = PTHREAD_COND_INITIALIZER,
	.fd = -1,
	.last = &notes.first,
};

int notes_start(void)
{
	/* what was logged before is there already */
	notes.fd = eventfd(notes.told, EFD_NONBLOCK | EFD_CLOEXEC);
	return notes.fd < 0 ? -errno : notes.fd;
}

struct note *note_new(enum note_kind kind)
{
	struct note *note = calloc(1, sizeof(*note));

	if (note)
		note->kind = kind;
	return note;
}

void note_free(struct note *note)
{
	if (!note)
		return;
	free(note->data);
	free(note);
}

/* Under the lock: the slot of a running job, or a free one for token 0; NULL for none */
static uint64_t *slot(uint64_t token)
{
	for (unsigned int i = 0; i < WORKERS; i++) {
		if (notes.running[i] == token)
			return &notes.running[i];
	}
	return NULL;
}

void notes_begin(uint64_t token)
{
	uint64_t *free_slot;

	pthread_mutex_lock(&notes.lock);
	free_slot = slot(0);
	if (free_slot)
		*free_slot = token;
	pthread_mutex_unlock(&notes.lock);
}

/* Gives up the lock and wakes the one whose turn it is, who finds it free */
static void unlock(void)
{
	bool ready = notes.first && !notes.first->hold, ask = ready && notes.first->ask;
	bool tell = ready && !ask && !notes.told;

	notes.told |= tell;
	pthread_mutex_unlock(&notes.lock);
	if (ask)
		pthread_cond_signal(&notes.ask);
	if (tell)
		eventfd_write(notes.fd, 1);
}

/* Under the lock */
static void insert(struct note **at, struct note *note)
{
	note->next = *at;
	*at = note;
	if (!note->next)
		notes.last = &note->next;
	notes.queued += sizeof(*note) + note->size;
}

/* Under the lock */
static struct note *cut(struct note **at)
{
	struct note *note = *at;

	*at = note->next;
	if (!*at)
		notes.last = at;
	notes.queued -= sizeof(*note) + note->size;
	return note;
}

void notes_push(struct note *note, uint64_t hold)
{
	bool opening;

	/* report_needed() takes the relay's lock, which is taken before ours elsewhere */
	pthread_mutex_lock(&notes.lock);
	opening = hold && slot(hold);
	pthread_mutex_unlock(&notes.lock);
	note->ask = report_needed(note, opening);
	pthread_mutex_lock(&notes.lock);
	note->hold = hold && slot(hold) ? hold : 0;
	insert(notes.last, note);
	unlock();
}

void notes_answer(uint64_t token, struct note *note)
{
	struct note **at, **place = NULL;
	uint64_t *mine;

	pthread_mutex_lock(&notes.lock);
	mine = slot(token);
	if (mine)
		*mine = 0;
	for (at = &notes.first; *at; at = &(*at)->next) {
		if ((*at)->hold != token)
			continue;
		(*at)->hold = 0;
		if (!place)
			place = at;
	}
	insert(place ? place : notes.last, note);
	unlock();
}

void notes_forget(uint64_t token)
{
	struct note **at = &notes.first;

	pthread_mutex_lock(&notes.lock);
	while (*at) {
		if ((*at)->hold == token && (*at)->kind == NOTE_COMPLETE)
			note_free(cut(at));
		else
			at = &(*at)->next;
	}
	unlock();
}

struct note *notes_wait(void)
{
	struct note *note;

	pthread_mutex_lock(&notes.lock);
	while (!notes.first || notes.first->hold || !notes.first->ask)
		pthread_cond_wait(&notes.ask, &notes.lock);
	note = notes.first;
	pthread_mutex_unlock(&notes.lock);
	return note;
}

void notes_asked(struct note *note, bool send)
{
	pthread_mutex_lock(&notes.lock);
	note->ask = false;
	if (!send)
		note_free(cut(&notes.first));
	unlock();
}

struct note *notes_take(void)
{
	struct note *run = NULL, **end = &run;
	uint64_t count;

	pthread_mutex_lock(&notes.lock);
	if (read(notes.fd, &count, sizeof(count)) > 0)
		notes.told = false;
	while (notes.first && !notes.first->hold && !notes.first->ask) {
		*end = cut(&notes.first);
		end = &(*end)->next;
	}
	*end = NULL;
	unlock();
	return run;
}

size_t notes_queued(void)
{
	size_t queued;

	pthread_mutex_lock(&notes.lock);
	queued = notes.queued;
	pthread_mutex_unlock(&notes.lock);
	return queued;
}
