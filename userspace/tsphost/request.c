/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asynchronous requests: each is completed once for tapisrv, whatever the provider does. A
 * completion may come before the function has returned; it then waits in the queue behind the
 * answer. A request that was ended without the provider is kept until the provider completes it,
 * because it may still write to the request's bytes.
 */
#include <pthread.h>
#include <stdlib.h>
#include <syslog.h>

#include <tapi/tapi_linux.h>

#include "host.h"
#include "trace.h"

#define BUCKETS	256u

enum request_state {
	INSIDE,		/* the function has not returned */
	COMPLETED,	/* it has not, but the completion has come */
	OPEN,
	ENDED,		/* without the provider */
};

struct request {
	struct request *next;
	uint32_t id, line, call, made;
	enum request_state state;
	uint64_t token;
	const char *name;
	void *data;
	size_t size;
};

static struct request *requests[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Under the lock; *at is NULL when there is none */
static struct request **find(uint32_t id)
{
	struct request **at = &requests[id % BUCKETS];

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

/* Under the lock */
static void drop(struct request **at)
{
	struct request *request = *at;

	*at = request->next;
	free(request->data);
	free(request);
}

LONG request_begin(struct job *job, uint32_t id, uint32_t line, uint32_t call, uint32_t made,
		   void *data, size_t size)
{
	struct request *request = calloc(1, sizeof(*request)), **at;
	LONG err = request ? 0 : LINEERR_NOMEM;

	pthread_mutex_lock(&lock);
	at = find(id);
	if (!err && (*at || !id || id > INT32_MAX)) {
		job_why(job, TAPI_ORIGIN_SERVER, "request %u is none, or has not ended", id);
		err = LINEERR_INVALPARAM;
	}
	if (!err) {
		*request = (struct request) {
			.id = id, .line = line, .call = call, .made = made, .token = job->token,
			.name = job->method->name, .data = data, .size = size,
		};
		*at = request;
	}
	pthread_mutex_unlock(&lock);
	if (err) {
		free(data);
		free(request);
	}
	return err;
}

/* Returned 0, or a number that is not the request's */
static LONG wrong_result(struct job *job, uint32_t id, LONG result)
{
	tsph_log(LOG_WARNING, "%s returned %d for request %u; it is taken as failed",
		 job->method->name, result, id);
	job_why(job, TAPI_ORIGIN_PROVIDER, "the provider returned %d, which is neither the request "
		"nor an error", result);
	return LINEERR_OPERATIONFAILED;
}

LONG request_returned(struct job *job, uint32_t id, LONG result)
{
	bool good = result > 0 && (uint32_t)result == id, completed, keep;
	struct request **at;
	uint32_t made = 0;

	pthread_mutex_lock(&lock);
	at = find(id);
	completed = (*at)->state == COMPLETED;
	keep = !completed && result >= 0;	/* a completion may yet come */
	if (keep)
		(*at)->state = good ? OPEN : ENDED;
	if (!good) {
		made = (*at)->made;
		notes_forget(job->token);
	}
	if (!keep)
		drop(at);
	pthread_mutex_unlock(&lock);
	if (made)
		handles_remove_call(made);
	if (completed && result < 0)
		tsph_log(LOG_WARNING, "%s failed and completed request %u as well",
			 job->method->name, id);
	if (good)
		return 0;
	return result < 0 ? result : wrong_result(job, id, result);
}

/* Under the lock: what tapisrv hears, before anything the provider says next */
static void complete(struct request *request, LONG result)
{
	struct note *note = note_new(NOTE_COMPLETE);

	if (request->made && result == 0)
		handles_call_made(request->made);
	else if (request->made)
		handles_remove_call(request->made);
	if (!note)
		return;		/* tapisrv's deadline ends it */
	note->request = request->id;
	note->result = result;
	note->line = request->line;
	note->call = request->made;
	note->data = request->data;
	note->size = request->data ? request->size : 0;
	request->data = NULL;
	notes_push(note, request->token);
}

static LONG checked(LONG result, DRV_REQUESTID id)
{
	if (result <= 0)
		return result;
	tsph_log(LOG_WARNING, "request %u was completed with %d, which is no error; it is taken as "
		 "failed", id, result);
	return LINEERR_OPERATIONFAILED;
}

void CALLBACK request_completion(DRV_REQUESTID id, LONG result)
{
	enum request_state state = ENDED;
	const char *name = NULL;
	struct request **at;

	result = checked(result, id);
	pthread_mutex_lock(&lock);
	at = find(id);
	if (*at) {
		state = (*at)->state;
		name = (*at)->name;
		trace_text(TRACE_TSP, TRACE_TAPISRV, "completion",
			   "\"request\":%u,\"result\":%d,\"of\":\"%s\"", id, result, name);
		if (state == INSIDE || state == OPEN)
			complete(*at, result);
		if (state == INSIDE)
			(*at)->state = COMPLETED;
		else if (state != COMPLETED)
			drop(at);
	}
	pthread_mutex_unlock(&lock);
	if (!name)
		tsph_log(LOG_WARNING, "completion of request %u, which is not open: a second one, or "
			 "one nobody asked for; ignored", id);
	else if (state == COMPLETED || state == ENDED)
		tsph_log(LOG_WARNING, "completion of request %u (%s) after its end; ignored", id,
			 name);
}

/* Ends what should have been completed before the line or the call was closed; 0: any */
static void close_requests(uint32_t line, uint32_t call)
{
	unsigned int count = 0;
	struct request *request;
	void *data;

	pthread_mutex_lock(&lock);
	for (unsigned int i = 0; i < BUCKETS; i++) {
		for (request = requests[i]; request; request = request->next) {
			if (request->state != OPEN || (call && request->call != call) ||
			    (line && request->line != line))
				continue;
			data = request->data;	/* the provider may still write to it */
			request->data = NULL;
			complete(request, LINEERR_OPERATIONFAILED);
			request->data = data;
			request->state = ENDED;
			count++;
		}
	}
	pthread_mutex_unlock(&lock);
	if (count)
		tsph_log(LOG_WARNING, "%s %#x: closed with %u requests not completed",
			 call ? "call" : "line", call ? call : line, count);
}

void request_close_call(uint32_t call)
{
	close_requests(0, call);
}

void request_close_line(uint32_t line)
{
	close_requests(line, 0);
}
