/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The threads that call the provider. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tapi/tapi_linux.h>

#include "errmap.h"
#include "host.h"

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct job *first, **last;
	bool stop;
};

static struct worker workers[WORKERS];
static unsigned int started;

struct job *job_new(LONG (*run)(struct job *job))
{
	static atomic_uint_fast64_t tokens;
	struct job *job = malloc(sizeof(*job));

	if (!job)
		return NULL;
	memset(job, 0, offsetof(struct job, arena));
	job->token = atomic_fetch_add(&tokens, 1) + 1;
	job->run = run;
	job->fd = -1;
	arena_init(&job->arena);
	return job;
}

void job_free(struct job *job)
{
	if (job->fd >= 0)
		close(job->fd);
	arena_reset(&job->arena);
	free(job);
}

void *job_alloc(struct job *job, size_t size)
{
	void *p = job->arena.allocator.alloc(job->arena.allocator.allocator_data, size);

	if (p)
		memset(p, 0, size);
	return p;
}

void job_why(struct job *job, uint32_t origin, const char *format, ...)
{
	Tapi__Rpc__Result *out = (Tapi__Rpc__Result *)job->out;
	char text[400];
	va_list args;

	if (!out || out->error)
		return;
	out->error = job_alloc(job, sizeof(*out->error));
	if (!out->error)
		return;
	tapi__rpc__error__init(out->error);
	out->error->has_origin = 1;
	out->error->origin = origin;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	out->error->text = job_alloc(job, strlen(text) + 1);
	if (out->error->text)
		strcpy(out->error->text, text);
}

/* What the provider did not explain is explained by its number */
static void set_result(struct job *job, LONG result)
{
	Tapi__Rpc__Result *out = (Tapi__Rpc__Result *)job->out;
	const struct errmap_entry *entry;

	if (result > 0) {
		job_why(job, TAPI_ORIGIN_PROVIDER, "%s returned %d", job->method->name, result);
		result = LINEERR_OPERATIONFAILED;
	}
	out->has_result = 1;
	out->result = result;
	if (result >= 0)
		return;
	entry = errmap_find_error(result);
	job_why(job, TAPI_ORIGIN_PROVIDER, "%s", entry ? entry->text : "unknown error");
}

static void run(struct job *job)
{
	LONG result;

	if (!job->method) {
		watch_message(NULL);
		job->run(job);
		job_free(job);
		return;
	}
	notes_begin(job->token);
	watch_message(job->in);
	result = job->run(job);
	watch_message(NULL);
	set_result(job, result);
	notes_answer(job->token, job->reply);
}

/* Not run any more: answered all the same, so that the link can be closed */
static void refuse(struct job *job)
{
	if (!job->method) {
		job_free(job);
		return;
	}
	set_result(job, LINEERR_UNINITIALIZED);
	notes_push(job->reply, 0);
}

static struct job *next_job(struct worker *w)
{
	struct job *job;

	pthread_mutex_lock(&w->lock);
	while (!w->first && !w->stop)
		pthread_cond_wait(&w->wake, &w->lock);
	job = w->stop ? NULL : w->first;
	if (job) {
		w->first = job->next;
		if (!w->first)
			w->last = &w->first;
	}
	pthread_mutex_unlock(&w->lock);
	return job;
}

static void *work(void *arg)
{
	struct job *job;

	while ((job = next_job(arg)))
		run(job);
	return NULL;
}

int workers_start(void)
{
	struct worker *w;
	int err;

	for (w = workers; w < workers + WORKERS; w++) {
		pthread_mutex_init(&w->lock, NULL);
		pthread_cond_init(&w->wake, NULL);
		w->last = &w->first;
		err = pthread_create(&w->thread, NULL, work, w);
		if (err)
			return -err;
		started++;
	}
	return 0;
}

void workers_add(struct job *job, uint32_t key)
{
	struct worker *w = &workers[watch_serialised() ? 0 : key % WORKERS];
	bool stop;

	job->next = NULL;
	pthread_mutex_lock(&w->lock);
	stop = w->stop;
	if (!stop) {
		*w->last = job;
		w->last = &job->next;
	}
	pthread_mutex_unlock(&w->lock);
	if (stop)
		refuse(job);
	else
		pthread_cond_signal(&w->wake);
}

void workers_stop(void)
{
	struct job *job;
	unsigned int i;

	for (i = 0; i < started; i++) {
		pthread_mutex_lock(&workers[i].lock);
		workers[i].stop = true;
		pthread_cond_signal(&workers[i].wake);
		pthread_mutex_unlock(&workers[i].lock);
	}
	for (i = 0; i < started; i++) {
		pthread_join(workers[i].thread, NULL);
		while ((job = workers[i].first)) {
			workers[i].first = job->next;
			refuse(job);
		}
	}
}
