/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines in the kernel's relay. A line with hardware is bound with the descriptor the provider has
 * of it, on a socket of the host's own; for others tapisrv binds, and passes the socket.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <syslog.h>

#include <tapi/tapi_linux.h>

#include "relay.h"

pthread_mutex_t relay_lock = PTHREAD_MUTEX_INITIALIZER;

static struct relay_line *bound_lines;
static struct relay own = { .refs = 1 };	/* for ever */
/* Why the last line was not bound, for whoever asks for a grant */
static char reason[200] = "the provider has no media provider for it";

struct relay_line *relay_find(uint32_t line)
{
	struct relay_line *bound = bound_lines;

	while (bound && bound->line != line)
		bound = bound->next;
	return bound;
}

static bool same(const struct relay_nl_line *a, const struct relay_nl_line *b)
{
	if (a->hardware != b->hardware)
		return false;
	return a->hardware ? a->card == b->card && a->line == b->line :
			     !memcmp(a->guid, b->guid, sizeof(a->guid));
}

struct relay_line *relay_find_name(const struct relay *relay, const struct relay_nl_line *name)
{
	struct relay_line *bound = bound_lines;

	while (bound && (bound->relay != relay || !same(&bound->name, name)))
		bound = bound->next;
	return bound;
}

bool relay_line_bound(uint32_t line)
{
	bool bound;

	pthread_mutex_lock(&relay_lock);
	bound = relay_find(line) != NULL;
	pthread_mutex_unlock(&relay_lock);
	return bound;
}

/* Under the lock */
static void failed(uint32_t line, int err, const struct relay_nl *nl)
{
	const char *words = nl ? relay_nl_error(nl) : "";

	snprintf(reason, sizeof(reason), "%s%s%s", err == -ENOENT && !nl ?
		 "the kernel module tapi is not loaded" : strerror(-err), *words ? ": " : "",
		 words);
	tsph_log(LOG_NOTICE, "line %#x: not bound to the kernel's relay, so without media "
		 "providers: %s", line, reason);
}

/* Under the lock */
static int remember(uint32_t line, struct relay *relay, const struct relay_nl_line *name)
{
	struct relay_line *bound = calloc(1, sizeof(*bound));

	if (!bound)
		return -ENOMEM;
	*bound = (struct relay_line) {
		.next = bound_lines, .line = line, .relay = relay, .name = *name,
	};
	bound_lines = bound;
	relay->refs++;
	return 0;
}

/* The loop thread is to watch the socket, or to end that */
static void tell_loop(enum note_kind kind, struct relay *relay)
{
	struct note *note = note_new(kind);

	if (!note)
		return;
	note->relay = relay;
	notes_push(note, 0);
}

void relay_put(struct relay *relay)
{
	if (!--relay->refs)
		tell_loop(NOTE_RELAY_END, relay);
}

void relay_forget(struct relay_line *bound)
{
	struct relay_line **at = &bound_lines;

	while (*at != bound)
		at = &(*at)->next;
	*at = bound->next;
	relay_put(bound->relay);
	free(bound);
}

/* ---- lines with a descriptor ---- */

/* Under the lock */
static int open_own(void)
{
	int err;

	if (own.nl)
		return 0;
	err = relay_nl_open(&own.nl, relay_heard, &own);
	if (!err)
		tell_loop(NOTE_RELAY_NEW, &own);
	return err;
}

/* Under the lock */
static void bind_fd(uint32_t line, int fd)
{
	struct relay_nl_line name;
	int err = open_own();

	if (err) {
		failed(line, err, NULL);
		return;
	}
	err = relay_nl_bind_fd(own.nl, fd, &name);
	if (!err)
		err = remember(line, &own, &name);
	if (err)
		failed(line, err, own.nl);
}

void relay_line_opened(const struct line_ref *line)
{
	LONG result;
	int fd = -1;

	if (!tsp.line_fd)
		return;
	watch_enter("line_fd");
	result = tsp.line_fd(line->driver, &fd);
	watch_leave();
	if (result || fd < 0)
		return;		/* a line without a device: tapisrv may bind it */
	pthread_mutex_lock(&relay_lock);
	bind_fd(line->number, fd);
	pthread_mutex_unlock(&relay_lock);
}

/* ---- lines tapisrv binds ---- */

/* The name of such a line is its GUID */
static LONG line_guid(struct job *job, const struct line_ref *line, struct relay_nl_line *name)
{
	struct query query = { .device = line->device, .version = line->version };
	ProtobufCMessage *message = NULL;
	Tapi__Rpc__DevCaps *caps;
	LONG result = query_struct(query_dev_caps, &query, &sv_linedevcaps, &job->arena.allocator,
				   &message);

	if (result)
		return result;
	caps = (Tapi__Rpc__DevCaps *)message;
	if (caps->permanent_line_guid.len != sizeof(name->guid)) {
		job_why(job, TAPI_ORIGIN_PROVIDER, "the line has no PermanentLineGuid");
		return LINEERR_OPERATIONUNAVAIL;
	}
	memset(name, 0, sizeof(*name));
	memcpy(name->guid, caps->permanent_line_guid.data, sizeof(name->guid));
	return 0;
}

/* Takes the job's descriptor when it succeeds */
static int adopt(struct job *job, uint32_t line, const struct relay_nl_line *name)
{
	struct relay *relay = calloc(1, sizeof(*relay));
	int err = relay ? 0 : -ENOMEM;

	if (!err)
		err = relay_nl_adopt(&relay->nl, job->fd, relay_heard, relay);
	if (err) {
		free(relay);
		return err;
	}
	job->fd = -1;
	pthread_mutex_lock(&relay_lock);
	err = relay_find(line) ? -EEXIST : remember(line, relay, name);
	if (!err)
		tell_loop(NOTE_RELAY_NEW, relay);
	pthread_mutex_unlock(&relay_lock);
	if (err) {
		relay_nl_close(relay->nl);
		free(relay);
	}
	return err;
}

LONG relay_bind(struct job *job)
{
	const Tapi__Rpc__LineIn *in = (const Tapi__Rpc__LineIn *)job->in;
	struct relay_nl_line name;
	struct line_ref line;
	int err;
	LONG result = handles_line(in->line, &line);

	if (!result && job->fd < 0) {
		job_why(job, TAPI_ORIGIN_SERVER, "the socket is missing");
		result = LINEERR_INVALPARAM;
	}
	if (!result)
		result = line_guid(job, &line, &name);
	if (result)
		return result;
	err = adopt(job, in->line, &name);
	if (err) {
		job_why(job, TAPI_ORIGIN_SERVER, "relay socket: %s", strerror(-err));
		return err == -ENOMEM ? LINEERR_NOMEM : LINEERR_OPERATIONFAILED;
	}
	return 0;
}

/* ---- grants ---- */

static LONG give(struct job *job, const struct relay_nl_grant *grant)
{
	Tapi__Rpc__GrantOut *out = (Tapi__Rpc__GrantOut *)job->out;

	out->cookie.data = job_alloc(job, sizeof(grant->cookie));
	if (!out->cookie.data)
		return LINEERR_NOMEM;
	memcpy(out->cookie.data, grant->cookie, sizeof(grant->cookie));
	out->cookie.len = sizeof(grant->cookie);
	out->has_cookie = out->has_expires_ms = 1;
	out->expires_ms = grant->expires_ms;
	return 0;
}

LONG relay_grant(struct job *job)
{
	const Tapi__Rpc__HostGrantIn *in = (const Tapi__Rpc__HostGrantIn *)job->in;
	struct relay_nl_grant grant;
	struct relay_line *bound;
	struct line_ref line;
	LONG result = handles_line(in->line, &line);
	int err;

	if (result)
		return result;
	pthread_mutex_lock(&relay_lock);
	bound = relay_find(in->line);
	if (!bound) {
		job_why(job, TAPI_ORIGIN_SERVER, "the line has no channel to media providers: %s",
			reason);
		pthread_mutex_unlock(&relay_lock);
		return LINEERR_OPERATIONUNAVAIL;
	}
	err = relay_nl_grant(bound->relay->nl, &bound->name, in->address,
			     in->has_uid ? &in->uid : NULL, in->has_pid ? &in->pid : NULL, &grant);
	if (err)
		job_why(job, TAPI_ORIGIN_KERNEL, "grant: %s: %s", strerror(-err),
			relay_nl_error(bound->relay->nl));
	pthread_mutex_unlock(&relay_lock);
	if (err)
		return LINEERR_OPERATIONFAILED;
	return give(job, &grant);
}

/* ---- ends ---- */

void relay_line_closing(uint32_t line)
{
	struct relay_line *bound;
	int err;

	relay_close_instances(line);
	pthread_mutex_lock(&relay_lock);
	bound = relay_find(line);
	if (bound) {
		err = relay_nl_unbind(bound->relay->nl, &bound->name);
		if (err)
			tsph_log(LOG_INFO, "line %#x: unbind: %s", line, strerror(-err));
		relay_forget(bound);
	}
	pthread_mutex_unlock(&relay_lock);
}

/* An error is no news: no media provider may have heard of the call */
void relay_call_ended(const struct call_ref *call)
{
	struct relay_line *bound;

	if (!call->call_id)
		return;
	pthread_mutex_lock(&relay_lock);
	bound = relay_find(call->line);
	if (bound)
		(void)relay_nl_call_end(bound->relay->nl, &bound->name, 0, call->call_id);
	pthread_mutex_unlock(&relay_lock);
}

/* ---- loop thread ---- */

static int readable(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct relay *relay = user;
	int err = relay_nl_dispatch(relay->nl);

	if (err < 0) {
		tsph_log(LOG_ERR, "relay: %s", strerror(-err));
		relay->source = sd_event_source_disable_unref(relay->source);
	}
	return 0;
}

void relay_watch(struct relay *relay)
{
	int err = sd_event_add_io(host_event(), &relay->source, relay_nl_fd(relay->nl), EPOLLIN,
				  readable, relay);

	if (err < 0)
		tsph_log(LOG_ERR, "relay: %s", strerror(-err));
}

void relay_unwatch(struct relay *relay)
{
	sd_event_source_disable_unref(relay->source);
	relay_nl_close(relay->nl);
	free(relay);
}

/* One message, to one media provider or to all of the line */
static int send_data(const struct relay_line *bound, const struct note *note, size_t *missed)
{
	uint64_t number = note->call_id;
	const uint64_t *call = note->call ? &number : NULL;
	struct relay *relay = bound->relay;

	if (!note->message)
		return relay_nl_broadcast(relay->nl, &bound->name, call, note->data, note->size,
					  NULL, 0, missed);
	if (relay_of_instance(note->message, note->line) != relay)
		return -ENOENT;
	return relay_nl_send(relay->nl, note->message, call, 0, note->data, note->size);
}

/* Said once, until one is sent again. Under the lock. */
static void lost(struct relay_line *bound, const struct note *note, int err)
{
	if (!bound->lost++)
		tsph_log(LOG_WARNING, "line %#x: %zu bytes for media provider %u are lost: %s",
			 bound->line, note->size, note->message, strerror(-err));
}

static void sent(struct relay_line *bound, size_t missed)
{
	if (bound->lost)
		tsph_log(LOG_NOTICE, "line %#x: media providers are reached again; %u messages "
			 "were lost", bound->line, bound->lost);
	bound->lost = 0;
	if (missed)
		tsph_log(LOG_INFO, "line %#x: %zu media providers missed a message", bound->line,
			 missed);
}

void relay_send(const struct note *note)
{
	struct relay_line *bound;
	size_t missed = 0;
	int err;

	pthread_mutex_lock(&relay_lock);
	bound = relay_find(note->line);
	if (bound) {
		err = send_data(bound, note, &missed);
		if (err < 0)
			lost(bound, note, err);
		else
			sent(bound, missed);
	} else {
		tsph_log(LOG_INFO, "line %#x: %zu bytes, but no channel to media providers",
			 note->line, note->size);
	}
	pthread_mutex_unlock(&relay_lock);
}
