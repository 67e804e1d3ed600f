/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media providers at the other end of the relay: the kernel's instances, each an HTAPIMSPLINE. The
 * loop thread hears of them; the provider is told by the worker of their line.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "relay.h"
#include "trace.h"

/**
 * struct instance - one media provider
 * @id: of the kernel
 * @told: TSPI_lineCreateMSPInstance succeeded
 * @driver: what it gave; only the line's worker uses it
 * @seen: by the list that is being made
 */
struct instance {
	struct instance *next;
	uint32_t id, line, address;
	struct relay *relay;
	bool told, seen;
	HDRVMSPLINE driver;
};

/* What a job is about */
struct about {
	uint32_t id, line, seq;
	uint64_t call;
	bool has_call;
	size_t size;
	unsigned char data[];
};

static struct instance *instances;

/* Under the lock; *at is NULL when there is none */
static struct instance **find(const struct relay *relay, uint32_t id)
{
	struct instance **at = &instances;

	while (*at && ((*at)->relay != relay || (*at)->id != id))
		at = &(*at)->next;
	return at;
}

/* Under the lock: on a line; any for id 0 */
static struct instance *find_on(uint32_t line, uint32_t id)
{
	struct instance *instance = instances;

	while (instance && (instance->line != line || (id && instance->id != id)))
		instance = instance->next;
	return instance;
}

struct relay *relay_of_instance(uint32_t id, uint32_t line)
{
	struct instance *instance = find_on(line, id);

	return instance ? instance->relay : NULL;
}

/* Under the lock */
static void drop(struct instance *instance)
{
	*find(instance->relay, instance->id) = instance->next;
	relay_put(instance->relay);
	free(instance);
}

/* ---- jobs: the line's worker ---- */

static LONG create(struct job *job)
{
	const struct about *about = job->data;
	struct instance *instance;
	uint32_t address = 0;
	struct line_ref line;
	HDRVMSPLINE driver = 0;
	LONG result = handles_line(about->line, &line);

	pthread_mutex_lock(&relay_lock);
	instance = find_on(about->line, about->id);
	if (instance)
		address = instance->address;
	pthread_mutex_unlock(&relay_lock);
	if (result || !instance)
		return 0;
	watch_text(TRACE_TAPISRV, "\"line\":%u,\"address\":%u,\"instance\":%u", about->line,
		   address, about->id);
	result = TSP(lineCreateMSPInstance, line.driver, address, about->id, &driver);
	if (result)
		tsph_log(LOG_WARNING, "line %#x: the provider refuses media provider %u: %#x",
			 about->line, about->id, (DWORD)result);
	pthread_mutex_lock(&relay_lock);
	instance = find_on(about->line, about->id);
	if (instance && !result) {
		instance->told = true;
		instance->driver = driver;
	} else if (instance) {
		relay_nl_close_instance(instance->relay->nl, instance->id);
		drop(instance);
	}
	pthread_mutex_unlock(&relay_lock);
	return 0;
}

/* Takes an instance of a line out of the list, and tells the provider if it knew it */
static bool close_one(uint32_t line, uint32_t id)
{
	struct instance copy = { 0 }, *instance;

	pthread_mutex_lock(&relay_lock);
	instance = find_on(line, id);
	if (instance) {
		copy = *instance;
		drop(instance);
	}
	pthread_mutex_unlock(&relay_lock);
	if (copy.told) {
		watch_text(TRACE_TAPISRV, "\"line\":%u,\"instance\":%u", line, copy.id);
		TSP(lineCloseMSPInstance, copy.driver);
	}
	return copy.id;
}

static LONG gone(struct job *job)
{
	const struct about *about = job->data;

	if (about->id)
		close_one(about->line, about->id);
	else
		relay_close_instances(about->line);
	return 0;
}

void relay_close_instances(uint32_t line)
{
	while (close_one(line, 0))
		;
}

static void deliver(const struct about *about, HDRVMSPLINE driver)
{
	struct call_ref call = { 0 };
	struct line_ref line;
	LONG result = handles_line(about->line, &line);

	if (!result && about->has_call)
		result = about->call > UINT32_MAX ? LINEERR_INVALCALLHANDLE :
			 handles_call_by_id(about->line, (uint32_t)about->call, &call);
	if (result) {
		tsph_log(LOG_INFO, "line %#x: %zu bytes about call id %llu, which is over; dropped",
			 about->line, about->size, (unsigned long long)about->call);
		return;
	}
	watch_text(TRACE_MSP, "\"line\":%u,\"call\":%u,\"instance\":%u,\"size\":%zu", about->line,
		   call.number, about->id, about->size);
	result = TSP(lineReceiveMSPData, line.driver, call.driver, driver,
		     (LPVOID)(uintptr_t)about->data, (DWORD)about->size);
	if (result)
		tsph_log(LOG_NOTICE, "line %#x: the provider refuses %zu bytes of media provider "
			 "%u: %#x", about->line, about->size, about->id, (DWORD)result);
}

/* Dealt with: the other end may send more */
static LONG receive(struct job *job)
{
	const struct about *about = job->data;
	struct instance *instance;
	HDRVMSPLINE driver = 0;
	bool told;

	pthread_mutex_lock(&relay_lock);
	instance = find_on(about->line, about->id);
	told = instance && instance->told;
	if (told)
		driver = instance->driver;
	pthread_mutex_unlock(&relay_lock);
	if (told)
		deliver(about, driver);
	pthread_mutex_lock(&relay_lock);
	instance = find_on(about->line, about->id);
	if (instance)
		relay_nl_consumed(instance->relay->nl, about->id, about->seq);
	pthread_mutex_unlock(&relay_lock);
	return 0;
}

/* ---- the loop thread: what the kernel says ---- */

static struct about *submit(LONG (*run)(struct job *job), uint32_t line,
			    const struct relay_nl_msg *msg, uint32_t id)
{
	struct job *job = job_new(run);
	struct about *about = job ? job_alloc(job, sizeof(*about) + msg->len) : NULL;

	if (!about) {
		if (job)
			job_free(job);
		tsph_log(LOG_ERR, "no memory for media provider %u", id);
		return NULL;
	}
	about->id = id;
	about->line = line;
	about->seq = msg->seq;
	about->has_call = msg->has_call;
	about->call = msg->call;
	about->size = msg->len;
	if (msg->len)
		memcpy(about->data, msg->data, msg->len);
	job->data = about;
	workers_add(job, line);
	return about;
}

/* Line of an instance; 0 when it is none */
static uint32_t line_of(const struct relay *relay, uint32_t id)
{
	struct instance *instance;
	uint32_t line;

	pthread_mutex_lock(&relay_lock);
	instance = *find(relay, id);
	line = instance ? instance->line : 0;
	pthread_mutex_unlock(&relay_lock);
	return line;
}

static void begun(struct relay *relay, const struct relay_nl_msg *msg)
{
	struct instance *instance = calloc(1, sizeof(*instance));
	struct relay_line *bound;
	uint32_t line = 0;

	pthread_mutex_lock(&relay_lock);
	bound = relay_find_name(relay, &msg->line);
	if (bound && instance && !*find(relay, msg->instance)) {
		line = bound->line;
		*instance = (struct instance) {
			.next = instances, .id = msg->instance, .line = line,
			.address = msg->address, .relay = relay, .seen = true,
		};
		instances = instance;
		relay->refs++;
		instance = NULL;
	}
	pthread_mutex_unlock(&relay_lock);
	free(instance);
	if (line)
		submit(create, line, msg, msg->instance);
}

static void ended(struct relay *relay, const struct relay_nl_msg *msg, uint32_t id)
{
	uint32_t line = line_of(relay, id);

	if (line)
		submit(gone, line, msg, id);
}

/* The line is bound no longer, its instances have ended */
static void unbound(struct relay *relay, const struct relay_nl_msg *msg)
{
	struct relay_line *bound;
	uint32_t line = 0;

	pthread_mutex_lock(&relay_lock);
	bound = relay_find_name(relay, &msg->line);
	if (bound) {
		line = bound->line;
		relay_forget(bound);
	}
	pthread_mutex_unlock(&relay_lock);
	if (!line)
		return;
	tsph_log(LOG_NOTICE, "line %#x: the kernel has ended the channel to media providers", line);
	submit(gone, line, msg, 0);
}

/* ---- notices were lost: the list says what is there ---- */

static void overrun(struct relay *relay)
{
	struct instance *instance;
	int err;

	pthread_mutex_lock(&relay_lock);
	for (instance = instances; instance; instance = instance->next)
		instance->seen = instance->seen && instance->relay != relay;
	pthread_mutex_unlock(&relay_lock);
	err = relay_nl_dump_instances(relay->nl);
	if (err && err != -EBUSY)
		tsph_log(LOG_ERR, "relay: notices were lost, and the list is refused: %s",
			 strerror(-err));
}

static void listed(struct relay *relay, const struct relay_nl_msg *msg)
{
	struct instance *instance;

	pthread_mutex_lock(&relay_lock);
	instance = *find(relay, msg->instance);
	if (instance)
		instance->seen = true;
	pthread_mutex_unlock(&relay_lock);
	if (!instance && msg->has_line)
		begun(relay, msg);
}

static void list_done(struct relay *relay, const struct relay_nl_msg *msg)
{
	struct instance *instance;
	uint32_t id;

	if (msg->error) {
		overrun(relay);
		return;
	}
	do {
		pthread_mutex_lock(&relay_lock);
		for (instance = instances; instance; instance = instance->next) {
			if (instance->relay == relay && !instance->seen)
				break;
		}
		id = instance ? instance->id : 0;
		if (instance)
			instance->seen = true;
		pthread_mutex_unlock(&relay_lock);
		if (id)
			ended(relay, msg, id);
	} while (id);
}

void relay_heard(void *arg, const struct relay_nl_msg *msg)
{
	struct relay *relay = arg;
	uint32_t line;

	switch (msg->cmd) {
	case TAPI_NL_CMD_INSTANCE_NEW:
		begun(relay, msg);
		break;
	case TAPI_NL_CMD_INSTANCE_GONE:
		ended(relay, msg, msg->instance);
		break;
	case TAPI_NL_CMD_PROVIDER_GONE:
		unbound(relay, msg);
		break;
	case TAPI_NL_CMD_DATA:
		line = line_of(relay, msg->instance);
		if (line)
			submit(receive, line, msg, msg->instance);
		break;
	case TAPI_NL_CMD_GET_INSTANCE:
		listed(relay, msg);
		break;
	case RELAY_NL_DUMP_DONE:
		list_done(relay, msg);
		break;
	case RELAY_NL_OVERRUN:
		overrun(relay);
		break;
	case RELAY_NL_SEND_FAILED:
		tsph_log(LOG_WARNING, "bytes for media provider %u are lost: %s", msg->instance,
			 strerror(-msg->error));
		break;
	}
}
