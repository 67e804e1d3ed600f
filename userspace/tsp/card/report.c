/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is told to the host.  Reports are queued under the lock, in the order in which things
 * happened, and delivered by the event thread without it: one after the other, as the host expects.
 */
#include <stdlib.h>
#include <string.h>

#include "card.h"

enum report_kind {
	REPORT_LINE,
	REPORT_CALL,
	REPORT_NEW_CALL,
	REPORT_DEVICE,
	REPORT_MSP,
	REPORT_COMPLETION,
};

/**
 * struct report - something to tell
 * @line: handles, not pointers: what has been closed meanwhile is not spoken of
 * @msp: the MSP that gets @data
 */
struct report {
	struct report *next;
	enum report_kind kind;
	HDRVLINE line;
	HDRVCALL call;
	HDRVMSPLINE msp;
	DWORD msg;
	DWORD_PTR p[3];
	DRV_REQUESTID request;
	LONG result;
	size_t size;
	unsigned char data[];
};

static struct queue {
	struct report *first;
	struct report **end;
	uint64_t queued;
	uint64_t delivered;
	pthread_cond_t progress;
} queue = { .end = &queue.first, .progress = PTHREAD_COND_INITIALIZER };

static void put(struct report *report)
{
	bool was_empty = !queue.first;

	report->next = NULL;
	*queue.end = report;
	queue.end = &report->next;
	queue.queued++;
	if (was_empty && !loop_is_me())
		loop_wake();
}

static struct report *take(void)
{
	struct report *report = queue.first;

	if (!report)
		return NULL;
	queue.first = report->next;
	if (!queue.first)
		queue.end = &queue.first;
	return report;
}

static struct report *make(enum report_kind kind, DWORD msg, size_t size)
{
	struct report *report = calloc(1, sizeof(*report) + size);

	if (!report) {
		card_log(3, "no memory: message %u is lost", msg);
		return NULL;
	}
	report->kind = kind;
	report->msg = msg;
	report->size = size;
	return report;
}

/**
 * report_request() - prepare the completion of a request, so that it cannot fail later
 *
 * Return: what report_complete() wants, NULL when there is no memory.
 */
struct report *report_request(DRV_REQUESTID id)
{
	struct report *report = make(REPORT_COMPLETION, LINE_REPLY, 0);

	if (report)
		report->request = id;
	return report;
}

/**
 * report_complete() - a request has ended; NULL is nobody's
 */
void report_complete(struct report *request, LONG result)
{
	if (!request)
		return;
	request->result = result;
	put(request);
}

/**
 * report_line() - a message about a line; one that is closed has nobody to hear it
 */
void report_line(struct card_line *line, DWORD msg, DWORD_PTR p1, DWORD_PTR p2, DWORD_PTR p3)
{
	struct report *report = line->handle ? make(REPORT_LINE, msg, 0) : NULL;

	if (!report)
		return;
	report->line = line->handle;
	report->p[0] = p1;
	report->p[1] = p2;
	report->p[2] = p3;
	put(report);
}

/**
 * report_call() - a message about a call, unless the host is just forgetting it
 */
void report_call(struct card_call *call, DWORD msg, DWORD_PTR p1, DWORD_PTR p2, DWORD_PTR p3)
{
	struct report *report = call->closing ? NULL : make(REPORT_CALL, msg, 0);

	if (!report)
		return;
	report->call = call->handle;
	report->p[0] = p1;
	report->p[1] = p2;
	report->p[2] = p3;
	put(report);
}

/**
 * report_new_call() - a call the host does not know; it gives its handle when it hears of it
 */
void report_new_call(struct card_call *call)
{
	struct report *report = make(REPORT_NEW_CALL, LINE_NEWCALL, 0);

	if (!report)
		return;
	report->call = call->handle;
	put(report);
}

/**
 * report_device() - a line came or went
 */
void report_device(DWORD msg, DWORD_PTR p1, DWORD_PTR p2)
{
	struct report *report = make(REPORT_DEVICE, msg, 0);

	if (!report)
		return;
	report->p[0] = p1;
	report->p[1] = p2;
	put(report);
}

/**
 * report_msp() - bytes for an MSP, which are copied
 * @call: what they are about, NULL for the address
 */
void report_msp(struct card_msp *msp, struct card_call *call, const void *data, size_t size)
{
	struct report *report = make(REPORT_MSP, LINE_SENDMSPDATA, size);

	if (!report)
		return;
	report->msp = msp->handle;
	report->call = call ? call->handle : 0;
	if (size)
		memcpy(report->data, data, size);
	put(report);
}

/**
 * struct target - where a report goes, found with the lock and used without
 */
struct target {
	LINEEVENT event;
	HTAPILINE line;
	HTAPICALL call;
	HTAPIMSPLINE msp;
};

static bool find_call(const struct report *report, struct target *target)
{
	struct card_call *call = handle_get(report->call, HANDLE_CALL);

	if (!call || !call->line->handle)
		return false;
	/* before NEWCALL has been answered there is nothing to speak about */
	if (!call->ht && report->kind != REPORT_NEW_CALL)
		return false;
	target->event = call->line->event;
	target->line = call->line->ht;
	target->call = call->ht;
	return true;
}

static bool find_msp(const struct report *report, struct target *target)
{
	struct card_msp *msp = handle_get(report->msp, HANDLE_MSP);

	if (!msp || !msp->line->handle)
		return false;
	if (report->call && !find_call(report, target))
		return false;
	target->event = msp->line->event;
	target->line = msp->line->ht;
	target->msp = msp->ht;
	return true;
}

static bool find(const struct report *report, struct target *target)
{
	struct card_line *line;

	switch (report->kind) {
	case REPORT_LINE:
		line = handle_get(report->line, HANDLE_LINE);
		if (!line)
			return false;
		target->event = line->event;
		target->line = line->ht;
		return true;
	case REPORT_CALL:
	case REPORT_NEW_CALL:
		return find_call(report, target);
	case REPORT_MSP:
		return find_msp(report, target);
	case REPORT_DEVICE:
		target->event = card.create_proc;
		return card.create_proc;
	case REPORT_COMPLETION:
		return card.completion;
	}
	return false;
}

/* Without the lock; returns the host's handle of a new call */
static HTAPICALL tell(struct report *report, const struct target *to)
{
	HTAPICALL ht = 0;

	switch (report->kind) {
	case REPORT_COMPLETION:
		card.completion(report->request, report->result);
		break;
	case REPORT_NEW_CALL:
		to->event(to->line, 0, LINE_NEWCALL, report->call, (DWORD_PTR)&ht, 0);
		break;
	case REPORT_MSP:
		to->event(to->line, to->call, LINE_SENDMSPDATA, to->msp,
			  (DWORD_PTR)report->data, report->size);
		break;
	default:
		to->event(to->line, to->call, report->msg, report->p[0], report->p[1],
			  report->p[2]);
		break;
	}
	return ht;
}

static void new_call_told(HDRVCALL handle, HTAPICALL ht)
{
	struct card_call *call = handle_get(handle, HANDLE_CALL);

	if (!call)
		return;
	call->ht = ht;
	/* no room at the host: the next burst of ringing tries again */
	if (!ht)
		call_forget(call);
}

/**
 * report_deliver() - tell everything that is queued; the event thread, with the lock, which is let
 * go around each report
 */
void report_deliver(void)
{
	struct report *report;
	HTAPICALL ht;

	while ((report = take())) {
		struct target target = { 0 };

		if (find(report, &target)) {
			card_unlock();
			ht = tell(report, &target);
			card_lock();
			if (report->kind == REPORT_NEW_CALL)
				new_call_told(report->call, ht);
		}
		free(report);
		queue.delivered++;
		pthread_cond_broadcast(&queue.progress);
	}
}

/**
 * report_flush() - wait until all that is queued now has been told; with the lock, which is let go
 * meanwhile
 */
void report_flush(void)
{
	uint64_t want = queue.queued;

	if (loop_is_me())
		return;
	while (queue.delivered < want)
		pthread_cond_wait(&queue.progress, &card.lock);
}

/**
 * report_end() - the event thread has gone: what is left is nobody's
 */
void report_end(void)
{
	struct report *report;

	while ((report = take())) {
		free(report);
		queue.delivered++;
	}
}
