/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of the provider: loaded, started, shut down. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <tapi/tapi_linux.h>

#include "host.h"
#include "trace.h"

/* Written by Setup, before the provider runs */
static struct {
	Tapi__Rpc__Setting *settings;
	size_t count;
	uint32_t permanent_id, version, lines, phones;
	bool started;		/* TSPI_providerInit succeeded */
} setup;

uint32_t setup_version(void)
{
	return setup.version;
}

static const char *setting(const char *key)
{
	for (size_t i = 0; key && i < setup.count; i++) {
		if (!strcmp(setup.settings[i].key, key))
			return setup.settings[i].value;
	}
	return NULL;
}

static void trace_device(bool up, const char *name, long value)
{
	trace_text(up ? TRACE_DRIVER : TRACE_TSP, up ? TRACE_TSP : TRACE_DRIVER, name,
		   "\"value\":%ld", value);
}

static const struct tapi_tsp_host host_table = {
	.version = TAPI_TSP_HOST_VERSION,
	.size = sizeof(host_table),
	.log = tsph_log_provider,
	.setting = setting,
	.trace = trace_device,
};

static LONG keep_settings(const Tapi__Rpc__SetupIn *in)
{
	const Tapi__Rpc__Setting *from;

	setup.settings = calloc(in->n_settings + 1, sizeof(*setup.settings));
	if (!setup.settings)
		return LINEERR_NOMEM;
	for (size_t i = 0; i < in->n_settings; i++) {
		from = in->settings[i];
		setup.settings[i].key = strdup(from->key ? from->key : "");
		setup.settings[i].value = strdup(from->value ? from->value : "");
		if (!setup.settings[i].key || !setup.settings[i].value)
			return LINEERR_NOMEM;
		setup.count++;
	}
	return 0;
}

static bool same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return !stat(a, &sa) && !stat(b, &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static LONG load(struct job *job, const Tapi__Rpc__SetupIn *in)
{
	const char *path = in->module && in->module[0] ? in->module : options.module;
	char *why = NULL;
	LONG result;

	if (!path) {
		job_why(job, TAPI_ORIGIN_SERVER, "no module was named");
		return LINEERR_NODRIVER;
	}
	if (options.module && strcmp(path, options.module) && !same_file(path, options.module)) {
		job_why(job, TAPI_ORIGIN_SERVER, "this host is for %s, not for %s", options.module,
			path);
		return LINEERR_INVALPARAM;
	}
	result = loader_open(path, &why);
	if (result) {
		tsph_log(LOG_ERR, "%s", why ? why : "no memory");
		job_why(job, TAPI_ORIGIN_PROVIDER, "%s", why ? why : "no memory");
		free(why);
	}
	return result;
}

static LONG negotiate(struct job *job, const Tapi__Rpc__SetupIn *in)
{
	DWORD version = 0, lines = 0, phones = 0;
	LONG result;

	result = TSP(lineNegotiateTSPIVersion, INITIALIZE_NEGOTIATION, in->low, in->high, &version);
	if (!result && (version < in->low || version > in->high))
		result = LINEERR_INCOMPATIBLEAPIVERSION;
	if (result) {
		job_why(job, TAPI_ORIGIN_PROVIDER, "no version from %#x to %#x: TSPI_lineNegotiate"
			"TSPIVersion gave %#x", in->low, in->high, result ? (DWORD)result : version);
		return result;
	}
	result = TSP(providerEnumDevices, in->permanent_id, &lines, &phones, EVENTS_PROVIDER,
		     events_create_line, events_create_phone);
	setup.permanent_id = in->permanent_id;
	setup.version = version;
	setup.lines = lines;
	setup.phones = phones;
	return result;
}

/* Of the descriptor, which may hold anything */
static char *copy(struct job *job, const char *text)
{
	char *to = text ? job_alloc(job, strlen(text) + 1) : NULL;

	if (!to)
		return NULL;
	strcpy(to, text);
	text_clean(to);
	return to;
}

static void describe(struct job *job)
{
	Tapi__Rpc__SetupOut *out = (Tapi__Rpc__SetupOut *)job->out;
	const struct tapi_tsp_module *d = tsp.descriptor;

	out->name = copy(job, d->name);
	out->vendor = copy(job, d->vendor);
	out->version = copy(job, d->version);
	out->guid.data = job_alloc(job, sizeof(d->guid));
	if (out->guid.data) {
		memcpy(out->guid.data, d->guid, sizeof(d->guid));
		out->guid.len = sizeof(d->guid);
		out->has_guid = 1;
	}
	out->has_flags = 1;
	out->flags = d->flags;
	out->msp = copy(job, d->msp);
	out->has_tspi_version = out->has_lines = out->has_phones = out->has_pid = 1;
	out->tspi_version = setup.version;
	out->lines = setup.lines;
	out->phones = setup.phones;
	out->pid = (uint32_t)getpid();
}

LONG setup_setup(struct job *job)
{
	const Tapi__Rpc__SetupIn *in = (const Tapi__Rpc__SetupIn *)job->in;
	int fresh = HOST_NEW;
	LONG result;

	if (atomic_load(&host_state) != HOST_NEW || tsp.descriptor) {
		job_why(job, TAPI_ORIGIN_SERVER, "a host is set up once");
		return LINEERR_OPERATIONFAILED;
	}
	result = load(job, in);
	if (!result)
		result = keep_settings(in);
	if (result)
		return result;
	if (tsp.host)
		tsp.host(&host_table);
	result = negotiate(job, in);
	if (result)
		return result;
	describe(job);
	atomic_compare_exchange_strong(&host_state, &fresh, HOST_LOADED);
	tsph_log(LOG_INFO, "%s %s by %s: %u lines, version %#x", tsp.path,
		 tsp.descriptor->version ? tsp.descriptor->version : "",
		 tsp.descriptor->vendor ? tsp.descriptor->vendor : "?", setup.lines, setup.version);
	return 0;
}

LONG setup_start(struct job *job)
{
	const Tapi__Rpc__StartIn *in = (const Tapi__Rpc__StartIn *)job->in;
	Tapi__Rpc__StartOut *out = (Tapi__Rpc__StartOut *)job->out;
	int loaded = HOST_LOADED;
	DWORD flags = 0;
	LONG result;

	if (atomic_load(&host_state) != HOST_LOADED) {
		job_why(job, TAPI_ORIGIN_SERVER, "Start comes once, after Setup");
		return LINEERR_OPERATIONFAILED;
	}
	handles_limit(in->has_max_calls ? in->max_calls : CALLS_MAX);
	result = TSP(providerInit, setup.version, setup.permanent_id, in->line_base, in->phone_base,
		     in->lines, in->phones, request_completion, &flags);
	if (result)
		return result;
	setup.started = true;
	out->has_options = 1;
	out->options = flags;
	if (flags & LINETSPIOPTION_NONREENTRANT)
		watch_serialise();
	atomic_compare_exchange_strong(&host_state, &loaded, HOST_RUNNING);
	return 0;
}

LONG setup_create_line(struct job *job)
{
	const Tapi__Rpc__CreateLineIn *in = (const Tapi__Rpc__CreateLineIn *)job->in;

	return TSP(providerCreateLineDevice, (DWORD_PTR)in->temp_id, in->device);
}

/* Nothing of the provider runs any more, but for its own threads */
static void *shut_down(void *arg)
{
	struct note *note = arg;
	LONG result;

	workers_stop();
	handles_retire_line(0);
	if (setup.started) {
		result = TSP(providerShutdown, setup.version, setup.permanent_id);
		if (result)
			tsph_log(LOG_WARNING, "TSPI_providerShutdown: %#x", (DWORD)result);
		note->result = result;
	}
	notes_push(note, 0);
	return NULL;
}

int setup_shutdown(void)
{
	struct note *note = note_new(NOTE_STOPPED);
	pthread_t thread;
	int err;

	if (!note)
		return -ENOMEM;
	err = pthread_create(&thread, NULL, shut_down, note);
	if (err) {
		note_free(note);
		return -err;
	}
	pthread_detach(thread);
	return 0;
}
