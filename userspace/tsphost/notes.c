/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that goes to tapisrv goes through this queue, in the order in which the provider said
 * it. An answer is put before what must not come before it: a completion from within the function
 * that was asked, events of a line from within TSPI_lineOpen. Those stand in the queue, held, and
 * so do those behind them.
 */
#include <pthread.h>
#include <stdlib.h>

#include "host.h"

static struct {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct note *first, **last;
	size_t queued;
	uint64_t running[WORKERS];	/* tokens of jobs */
} notes = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.wake = PTHREAD_COND_INITIALIZER,
	.last = &notes.first,
};

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

/* Under the lock */
static void insert(struct note **at, struct note *note)
{
	note->next = *at;
	*at = note;
	if (!note->next)
		notes.last = &note->next;
	notes.queued += sizeof(*note) + note->size;
	pthread_cond_signal(&notes.wake);
}

void notes_push(struct note *note, uint64_t hold)
{
	pthread_mutex_lock(&notes.lock);
	note->hold = hold && slot(hold) ? hold : 0;
	insert(notes.last, note);
	pthread_mutex_unlock(&notes.lock);
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
	pthread_mutex_unlock(&notes.lock);
}

void notes_forget(uint64_t token)
{
	struct note **at = &notes.first, *note;

	pthread_mutex_lock(&notes.lock);
	while ((note = *at)) {
		if (note->hold != token || note->kind != NOTE_COMPLETE) {
			at = &note->next;
			continue;
		}
		*at = note->next;
		if (!*at)
			notes.last = at;
		notes.queued -= sizeof(*note) + note->size;
		note_free(note);
	}
	pthread_mutex_unlock(&notes.lock);
}

struct note *notes_wait(void)
{
	struct note *note;

	pthread_mutex_lock(&notes.lock);
	while (!notes.first || notes.first->hold)
		pthread_cond_wait(&notes.wake, &notes.lock);
	note = notes.first;
	notes.first = note->next;
	if (!notes.first)
		notes.last = &notes.first;
	notes.queued -= sizeof(*note) + note->size;
	pthread_mutex_unlock(&notes.lock);
	note->next = NULL;
	return note;
}

size_t notes_queued(void)
{
	size_t queued;

	pthread_mutex_lock(&notes.lock);
	queued = notes.queued;
	pthread_mutex_unlock(&notes.lock);
	return queued;
}
