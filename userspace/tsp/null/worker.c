/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thread that does everything in turn: completes requests, reports events.
 *
 * Two queues: jobs in turn, and jobs that wait for a time, sorted by it.  A job runs its effect
 * under provider.lock, then the host's procedures are called under the delivery lock alone, which
 * keeps them from being entered twice at once.
 */
#include <stdlib.h>
#include <syslog.h>

#include "null.h"

struct queue {
	struct job *first;
	struct job **last;
};

static struct {
	pthread_mutex_t delivery;
	pthread_mutex_t lock;		/* everything below */
	pthread_cond_t changed;		/* a job came, or has run */
	pthread_t thread;
	bool running;
	bool stop;
	struct queue turn;
	struct job *timed;
	uint64_t queued, done;		/* jobs in turn, ever */
} worker = {
	.delivery = PTHREAD_MUTEX_INITIALIZER,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000) + now.tv_nsec / 1000000;
}

struct job *job_new(effect_fn *effect, HDRVLINE line, HDRVCALL call)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->completions = 1;
	job->effect = effect;
	job->line = line;
	job->call = call;
	return job;
}

static void report_free(struct report *report)
{
	free(report->data);
	free(report);
}

void job_free(struct job *job)
{
	struct report *report;

	if (!job)
		return;
	while ((report = job->first)) {
		job->first = report->next;
		report_free(report);
	}
	free(job->text);
	free(job);
}

struct report *report_add(struct job *job, HDRVLINE line, HDRVCALL call, DWORD msg)
{
	struct report *report = calloc(1, sizeof(*report));

	if (!report) {
		host_log(LOG_ERR, "no memory for an event, it is lost");
		return NULL;
	}
	report->line = line;
	report->call = call;
	report->msg = msg;
	if (job->last)
		job->last->next = report;
	else
		job->first = report;
	job->last = report;
	return report;
}

void report_call(struct job *job, struct call *call, DWORD msg, DWORD_PTR p1, DWORD_PTR p2,
		 DWORD_PTR p3)
{
	struct report *report = report_add(job, call->line->handle, call->handle, msg);

	if (!report)
		return;
	report->p1 = p1;
	report->p2 = p2;
	report->p3 = p3;
}

void report_line(struct job *job, struct line *line, DWORD msg, DWORD_PTR p1, DWORD_PTR p2,
		 DWORD_PTR p3)
{
	struct report *report = line->handle ? report_add(job, line->handle, 0, msg) : NULL;

	if (!report)
		return;
	report->p1 = p1;
	report->p2 = p2;
	report->p3 = p3;
}

/* Whom an event goes to: nobody when its line or call is gone */
static LINEEVENT resolve(const struct report *report, HTAPILINE *ht_line, HTAPICALL *ht_call)
{
	struct line *line = NULL;
	struct call *call = NULL;
	LINEEVENT proc = NULL;

	provider_lock();
	*ht_line = 0;
	*ht_call = 0;
	if (report->line)
		line = line_get(report->line);
	if (report->call)
		call = call_get(report->call);
	if (!report->line)
		proc = provider.create_proc;
	else if (line && (!report->call || report->msg == LINE_NEWCALL || (call && call->ht_call)))
		proc = line->event;
	if (line)
		*ht_line = line->ht_line;
	if (call)
		*ht_call = call->ht_call;
	provider_unlock();
	return proc;
}

/* The host names the call, or refuses it */
static void offer(LINEEVENT proc, HTAPILINE ht_line, HDRVCALL handle)
{
	HTAPICALL ht_call = 0;
	struct call *call;

	proc(ht_line, 0, LINE_NEWCALL, handle, (DWORD_PTR)&ht_call, 0);
	provider_lock();
	call = call_get(handle);
	if (call && ht_call)
		call->ht_call = ht_call;
	else if (call)
		call_forget(call);
	provider_unlock();
	if (!ht_call)
		host_log(LOG_NOTICE, "a new call was refused, it is dropped");
}

static void deliver(const struct report *report)
{
	HTAPILINE ht_line;
	HTAPICALL ht_call;
	LINEEVENT proc = resolve(report, &ht_line, &ht_call);

	if (!proc)
		return;
	if (report->msg == LINE_NEWCALL)
		offer(proc, ht_line, report->call);
	else
		proc(ht_line, ht_call, report->msg, report->p1, report->p2, report->p3);
}

/* What the job does to lines and calls; the result is that of its request */
static LONG apply(struct job *job)
{
	struct call *call = NULL;
	LONG result = job->forced;

	provider_lock();
	if (job->call) {
		call = call_get(job->call);
		if (!call && !result)
			result = LINEERR_INVALCALLHANDLE;
	}
	if (!result && job->effect)
		result = job->effect(job, call);
	if (result && job->makes_call && call)
		call_forget(call);
	provider_unlock();
	return result;
}

static void complete(const struct job *job, LONG result)
{
	unsigned int i;

	for (i = 0; job->request && i < job->completions; i++)
		provider.completion(job->request, result);
}

static void run(struct job *job)
{
	const struct report *report;
	LONG result;

	pthread_mutex_lock(&worker.delivery);
	result = apply(job);
	complete(job, result);
	for (report = job->first; report; report = report->next)
		deliver(report);
	pthread_mutex_unlock(&worker.delivery);
}

void worker_inside(struct job *job)
{
	LONG result;

	pthread_mutex_lock(&worker.delivery);
	result = apply(job);
	complete(job, result);
	pthread_mutex_unlock(&worker.delivery);
	/* what is left of it is its events */
	job->request = 0;
	job->effect = NULL;
	job->call = 0;
	worker_post(job);
}

/* With worker.lock held */
static void enqueue(struct job *job)
{
	job->next = NULL;
	*worker.turn.last = job;
	worker.turn.last = &job->next;
	worker.queued++;
	pthread_cond_broadcast(&worker.changed);
}

void worker_post(struct job *job)
{
	pthread_mutex_lock(&worker.lock);
	enqueue(job);
	pthread_mutex_unlock(&worker.lock);
}

void worker_post_after(struct job *job, unsigned int ms)
{
	struct job **at = &worker.timed;

	job->due = now_ms() + ms;
	pthread_mutex_lock(&worker.lock);
	while (*at && (*at)->due <= job->due)
		at = &(*at)->next;
	job->next = *at;
	*at = job;
	pthread_cond_broadcast(&worker.changed);
	pthread_mutex_unlock(&worker.lock);
}

/* Inside the host's procedures nothing can be waited for: they would wait for themselves */
static bool is_worker(void)
{
	return pthread_equal(pthread_self(), worker.thread);
}

/* With worker.lock held: until the jobs queued so far have run */
static void wait_turn(void)
{
	uint64_t until = worker.queued;

	while (worker.done < until)
		pthread_cond_wait(&worker.changed, &worker.lock);
}

void worker_do(struct job *job)
{
	job->waited = true;
	pthread_mutex_lock(&worker.lock);
	enqueue(job);
	while (!job->ran)
		pthread_cond_wait(&worker.changed, &worker.lock);
	pthread_mutex_unlock(&worker.lock);
}

void worker_settle(HDRVLINE line, HDRVCALL call)
{
	struct job **at = &worker.timed;
	struct job *job;

	if (!worker.running || is_worker())
		return;
	pthread_mutex_lock(&worker.lock);
	while ((job = *at)) {
		if ((!line || job->line != line) && (!call || job->call != call)) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		job->forced = LINEERR_OPERATIONFAILED;
		enqueue(job);
	}
	wait_turn();
	pthread_mutex_unlock(&worker.lock);
}

void worker_flush(void)
{
	if (is_worker())
		return;
	pthread_mutex_lock(&worker.delivery);
	pthread_mutex_unlock(&worker.delivery);
}

/* With worker.lock held: moves what is due to those in turn; returns when the next one is, or 0 */
static uint64_t take_due(void)
{
	struct job *job;
	uint64_t now;

	if (!worker.timed)
		return 0;
	now = now_ms();
	while ((job = worker.timed) && (job->due <= now || worker.stop)) {
		worker.timed = job->next;
		if (worker.stop)
			job->forced = LINEERR_OPERATIONFAILED;
		enqueue(job);
	}
	return job ? job->due : 0;
}

/* With worker.lock held: the next job, or NULL when it is time to end */
static struct job *next_job(void)
{
	struct timespec until;
	struct job *job;
	uint64_t due;

	for (;;) {
		due = take_due();
		job = worker.turn.first;
		if (job || worker.stop)
			break;
		if (!due) {
			pthread_cond_wait(&worker.changed, &worker.lock);
			continue;
		}
		until.tv_sec = due / 1000;
		until.tv_nsec = due % 1000 * 1000000;
		pthread_cond_timedwait(&worker.changed, &worker.lock, &until);
	}
	if (!job)
		return NULL;
	worker.turn.first = job->next;
	if (!worker.turn.first)
		worker.turn.last = &worker.turn.first;
	return job;
}

static void *work(void *unused)
{
	struct job *job;

	pthread_mutex_lock(&worker.lock);
	while ((job = next_job())) {
		pthread_mutex_unlock(&worker.lock);
		run(job);
		pthread_mutex_lock(&worker.lock);
		if (job->waited)
			job->ran = true;
		else
			job_free(job);
		worker.done++;
		pthread_cond_broadcast(&worker.changed);
	}
	pthread_mutex_unlock(&worker.lock);
	return NULL;
}

int worker_start(void)
{
	pthread_condattr_t attr;

	worker.stop = false;
	worker.turn.last = &worker.turn.first;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&worker.changed, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&worker.thread, NULL, work, NULL)) {
		pthread_cond_destroy(&worker.changed);
		return -1;
	}
	worker.running = true;
	return 0;
}

void worker_stop(void)
{
	if (!worker.running)
		return;
	pthread_mutex_lock(&worker.lock);
	worker.stop = true;
	pthread_cond_broadcast(&worker.changed);
	pthread_mutex_unlock(&worker.lock);
	pthread_join(worker.thread, NULL);
	pthread_cond_destroy(&worker.changed);
	worker.running = false;
}
