/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The session: what it is made of, and its one descriptor. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <tapi/tapi3err.h>

#include "private.h"
#include "record.h"

/* Sources of one round of tapi3_dispatch(): link, timers, engine, terminals, relay */
#define ROUND_EVENTS	8

int tapi3_watch(struct tapi3 *tapi, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(tapi->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void tapi3_unwatch(struct tapi3 *tapi, int fd)
{
	epoll_ctl(tapi->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

int tapi3_fail(struct tapi3 *tapi, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(tapi->detail, sizeof(tapi->detail), format, args);
	va_end(args);
	return error;
}

static const struct {
	LONG line;
	int tapi3;
} line_errors[] = {
	{ (LONG)LINEERR_SERVICE_NOT_RUNNING, TAPI3_E_SERVICE },
	{ (LONG)LINEERR_NOMEM, TAPI3_E_NOMEM },
	{ (LONG)LINEERR_OPERATIONUNAVAIL, TAPI3_E_NOTSUPPORTED },
	{ (LONG)LINEERR_INVALCALLSTATE, TAPI3_E_WRONG_STATE },
	{ (LONG)LINEERR_INVALCALLHANDLE, TAPI3_E_DISCONNECTED },
	{ (LONG)LINEERR_NOTOWNER, TAPI3_E_NOTOWNER },
	{ (LONG)LINEERR_INUSE, TAPI3_E_INUSE },
	{ (LONG)LINEERR_CALLUNAVAIL, TAPI3_E_INUSE },
	{ (LONG)LINEERR_ALLOCATED, TAPI3_E_INUSE },
	{ (LONG)LINEERR_RESOURCEUNAVAIL, TAPI3_E_INUSE },
	{ (LONG)LINEERR_INVALMEDIAMODE, TAPI3_E_INVALIDMEDIATYPE },
	{ (LONG)LINEERR_INVALPARAM, TAPI3_E_INVALIDARG },
	{ (LONG)LINEERR_INVALPOINTER, TAPI3_E_INVALIDARG },
	{ (LONG)LINEERR_INVALDIGITMODE, TAPI3_E_INVALIDARG },
	{ (LONG)LINEERR_INVALDIGITS, TAPI3_E_INVALIDARG },
	{ (LONG)LINEERR_INVALADDRESS, TAPI3_E_BADADDRESS },
	{ (LONG)LINEERR_ADDRESSBLOCKED, TAPI3_E_BADADDRESS },
	{ (LONG)LINEERR_NODEVICE, TAPI3_E_REMOVED },
	{ (LONG)LINEERR_BADDEVICEID, TAPI3_E_REMOVED },
	{ (LONG)LINEERR_INVALLINEHANDLE, TAPI3_E_REMOVED },
	{ (LONG)LINEERR_DISCONNECTED, TAPI3_E_DISCONNECTED },
};

bool operation_reply(struct operation *operation, LONG request, LONG result)
{
	struct tapi_error_detail detail = { .size = sizeof(detail) };

	if (!request || operation->request != request)
		return false;
	operation->request = 0;
	operation->result = result;
	if (result < 0)
		snprintf(operation->why, sizeof(operation->why), "%s",
			 !tapi_last_error_detail(&detail) && detail.code == result ? detail.text :
			 tapi_error_text(result));
	return true;
}

int operation_failed(struct tapi3 *tapi, const struct operation *operation, const char *what)
{
	int error = TAPI3_E_FAILED;

	for (size_t i = 0; i < sizeof(line_errors) / sizeof(line_errors[0]); i++) {
		if (line_errors[i].line == operation->result)
			error = line_errors[i].tapi3;
	}
	return tapi3_fail(tapi, error, "%s: %s (%s)", what, operation->why,
			  tapi_error_name(operation->result));
}

int tapi3_fail_line(struct tapi3 *tapi, LONG code, const char *what)
{
	struct operation refused = { .request = 1 };

	operation_reply(&refused, 1, code);
	return operation_failed(tapi, &refused, what);
}

void *structure_read(DWORD size, LONG (*ask)(void *structure, const void *of), const void *of,
		     LONG *code)
{
	enum { TOTAL, NEEDED };		/* all begin with these two */
	DWORD *structure;

	for (;;) {
		structure = calloc(1, size);
		*code = (LONG)LINEERR_NOMEM;
		if (!structure)
			return NULL;
		structure[TOTAL] = size;
		*code = ask(structure, of);
		if (!*code && structure[NEEDED] <= structure[TOTAL])
			return structure;
		size = structure[NEEDED];
		free(structure);
		if (*code)
			return NULL;
	}
}

const char *tapi3_error_detail(struct tapi3 *tapi)
{
	return tapi->detail;
}

static const struct {
	int result;
	uint32_t hresult;
	const char *text;
} results[] = {
	{ TAPI3_OK, 0, "success" },
	{ TAPI3_FALSE, 1, "there was nothing to do" },
	{ TAPI3_E_INVALIDARG, 0x80070057, "invalid argument" },
	{ TAPI3_E_NOMEM, 0x8007000e, "out of memory" },
	{ TAPI3_E_FAILED, TAPI_E_OPERATIONFAILED, "the operation failed" },
	{ TAPI3_E_NOTSUPPORTED, TAPI_E_NOTSUPPORTED, "not supported here" },
	{ TAPI3_E_WRONG_STATE, TAPI_E_WRONG_STATE, "not possible in this state" },
	{ TAPI3_E_NOTOWNER, TAPI_E_NOTOWNER, "the program does not own the call" },
	{ TAPI3_E_INUSE, TAPI_E_INUSE, "in use" },
	{ TAPI3_E_TIMEOUT, TAPI_E_TIMEOUT, "no result in time" },
	{ TAPI3_E_SERVICE, TAPI_E_SERVICE_NOT_RUNNING, "the telephony service is not running" },
	{ TAPI3_E_INVALIDMEDIATYPE, TAPI_E_INVALIDMEDIATYPE, "impossible media type" },
	{ TAPI3_E_INVALIDDIRECTION, TAPI_E_INVALIDDIRECTION, "wrong direction" },
	{ TAPI3_E_INVALIDTERMINAL, TAPI_E_INVALIDTERMINAL, "wrong terminal" },
	{ TAPI3_E_INVALIDTERMINALCLASS, TAPI_E_INVALIDTERMINALCLASS, "unknown terminal class" },
	{ TAPI3_E_TERMINALINUSE, TAPI_E_TERMINALINUSE, "the terminal is in use" },
	{ TAPI3_E_MAXTERMINALS, TAPI_E_MAXTERMINALS, "the stream has its terminal already" },
	{ TAPI3_E_NOTERMINALSELECTED, TAPI_E_NOTERMINALSELECTED, "no terminal is selected" },
	{ TAPI3_E_NOTSTOPPED, TAPI_E_NOTSTOPPED, "the stream was not stopped" },
	{ TAPI3_E_NOFORMAT, TAPI_E_NOFORMAT, "unknown sound format" },
	{ TAPI3_E_PEER_NOT_SET, TAPI_E_PEER_NOT_SET, "the provider has not announced this call" },
	{ TAPI3_E_AGAIN, TAPI_E_RESOURCEUNAVAIL, "no room just now" },
	{ TAPI3_E_TOOBIG, TAPI_E_USERUSERINFOTOOBIG, "too big" },
	{ TAPI3_E_DISCONNECTED, TAPI_E_DROPPED, "the call is over" },
	{ TAPI3_E_REMOVED, TAPI_E_NODEVICE, "the line has gone" },
	{ TAPI3_E_ACCESS, 0x80070005, "access denied" },
	{ TAPI3_E_BADADDRESS, TAPI_E_INVALADDRESS, "impossible address" },
};

int32_t tapi3_hresult(int result)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		if (results[i].result == result)
			return (int32_t)results[i].hresult;
	}
	return (int32_t)TAPI_E_OPERATIONFAILED;
}

const char *tapi3_strerror(int result)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		if (results[i].result == result)
			return results[i].text;
	}
	return "unknown error";
}

void tapi3_hold(struct tapi3 *tapi)
{
	tapi->holds++;
}

void tapi3_release(struct tapi3 *tapi)
{
	if (--tapi->holds)
		return;
	close(tapi->epoll_fd);
	free(tapi);
}

static int open_descriptors(struct tapi3 *tapi)
{
	tapi->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (tapi->epoll_fd < 0)
		return TAPI3_E_FAILED;
	tapi->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (tapi->timer_fd < 0 || tapi3_watch(tapi, tapi->timer_fd))
		return TAPI3_E_FAILED;
	if (terminal_hub_init(&tapi->hub))
		return TAPI3_E_FAILED;
	tapi->has_hub = true;
	return tapi3_watch(tapi, tapi->hub.fd) ? TAPI3_E_FAILED : 0;
}

static int add_line(struct tapi3 *tapi, uint32_t line_id)
{
	struct tapi3_address *address;
	int err;

	/* card and modem lines have one address; more come with a provider that has them */
	err = address_new(tapi, line_id, 0, &address);
	return err == TAPI3_E_REMOVED || err == TAPI3_E_NOTSUPPORTED ? 0 : err;
}

static int connect_service(struct tapi3 *tapi, const char *program)
{
	LINEINITIALIZEEXPARAMS params = {
		.dwTotalSize = sizeof(params),
		.dwOptions = LINEINITIALIZEEXOPTION_USEEVENT,
	};
	DWORD version = TAPI_CURRENT_VERSION, lines = 0;
	LONG code;
	int err;

	code = lineInitializeExA(&tapi->app, NULL, NULL, program, &lines, &version, &params);
	if (code)
		return tapi3_fail_line(tapi, code, "cannot reach the telephony service");
	if (tapi3_watch(tapi, tapi_get_fd(tapi->app)))
		return TAPI3_E_FAILED;
	for (uint32_t i = 0; i < lines; i++) {
		err = add_line(tapi, i);
		if (err)
			return err;
	}
	return 0;
}

int tapi3_new(const char *program, uint32_t event_filter, struct tapi3 **out)
{
	struct tapi3 *tapi;
	int err;

	if (!program || !*program || !out)
		return TAPI3_E_INVALIDARG;
	tapi = calloc(1, sizeof(*tapi));
	if (!tapi)
		return TAPI3_E_NOMEM;
	trace_open_environment();
	tapi->refs = 1;
	tapi->holds = 1;
	tapi->filter = event_filter;
	tapi->epoll_fd = -1;
	tapi->timer_fd = -1;
	list_init(&tapi->timers);
	list_init(&tapi->addresses);
	list_init(&tapi->registrations);
	list_init(&tapi->events);
	err = open_descriptors(tapi);
	if (!err)
		err = connect_service(tapi, program);
	if (err) {
		tapi3_unref(tapi);
		return err;
	}
	*out = tapi;
	return 0;
}

struct tapi3 *tapi3_ref(struct tapi3 *tapi)
{
	if (tapi)
		tapi->refs++;
	return tapi;
}

static void close_devices(struct tapi3 *tapi)
{
	if (tapi->relay) {
		tapi3_unwatch(tapi, relay_nl_fd(tapi->relay));
		relay_nl_close(tapi->relay);
		tapi->relay = NULL;
	}
	if (tapi->engine) {
		tapi3_unwatch(tapi, engine_client_get_fd(tapi->engine));
		engine_client_free(tapi->engine);
		tapi->engine = NULL;
	}
	if (tapi->has_hub) {
		tapi3_unwatch(tapi, tapi->hub.fd);
		terminal_hub_fini(&tapi->hub);
		tapi->has_hub = false;
	}
	while (!list_empty(&tapi->timers))
		timer_cancel(list_entry(tapi->timers.next, struct msp_timer, node));
	if (tapi->timer_fd >= 0)
		close(tapi->timer_fd);
	tapi->timer_fd = -1;
}

void tapi3_shutdown(struct tapi3 *tapi)
{
	if (!tapi || tapi->timer_fd < 0)
		return;
	tapi3_hold(tapi);
	events_clear(tapi);
	while (!list_empty(&tapi->registrations))
		tapi3_unregister_notifications(tapi, list_entry(tapi->registrations.next,
							       struct registration,
							       node)->number);
	list_for_each(at, &tapi->addresses)
		address_shutdown(list_entry(at, struct tapi3_address, node));
	events_clear(tapi);
	if (tapi->app) {
		tapi3_unwatch(tapi, tapi_get_fd(tapi->app));
		lineShutdown(tapi->app);
	}
	tapi->app = 0;
	/* the session's own reference on each address */
	while (!list_empty(&tapi->addresses)) {
		struct tapi3_address *address = list_entry(tapi->addresses.next,
							   struct tapi3_address, node);

		list_remove(&address->node);
		tapi3_address_unref(address);
	}
	close_devices(tapi);
	tapi3_release(tapi);
}

struct tapi3 *tapi3_unref(struct tapi3 *tapi)
{
	if (!tapi || --tapi->refs)
		return NULL;
	tapi3_shutdown(tapi);
	tapi3_release(tapi);
	return NULL;
}

int tapi3_get_fd(struct tapi3 *tapi)
{
	return tapi->epoll_fd;
}

static void terminal_told(void *data, struct tapi3_terminal *terminal, int cause, int state)
{
	struct tapi3_stream *stream = terminal->owner;

	event_post(data, &(struct tapi3_event_init){
		.type = TAPI3_EVENT_FILE_TERMINAL, .terminal = terminal, .stream = stream,
		.call = stream ? stream->call : NULL, .code = state, .cause = cause });
}

static int dispatch_link(struct tapi3 *tapi)
{
	LINEMESSAGE message;
	LONG code = 0;

	while (tapi->app && !(code = lineGetMessage(tapi->app, &message, 0)))
		message_handle(tapi, &message);
	if (code == (LONG)LINEERR_SERVICE_NOT_RUNNING)
		return tapi3_fail_line(tapi, code, "the telephony service has gone");
	return 0;
}

int tapi3_dispatch(struct tapi3 *tapi)
{
	struct epoll_event events[ROUND_EVENTS];
	int count, err = 0;

	if (!tapi)
		return TAPI3_E_INVALIDARG;
	if (tapi->timer_fd < 0)
		return TAPI3_E_REMOVED;
	count = epoll_wait(tapi->epoll_fd, events, ROUND_EVENTS, 0);
	/* a call is announced on the link and spoken of in the relay: the link comes first */
	if (count > 0)
		err = dispatch_link(tapi);
	if (count > 0 && tapi->relay)
		relay_dispatch(tapi);
	if (count > 0 && tapi->engine)
		engine_client_dispatch(tapi->engine);
	if (count > 0 && tapi->has_hub)
		terminal_hub_dispatch(&tapi->hub, terminal_told, tapi);
	if (count > 0)
		timers_dispatch(tapi);
	return err;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

int tapi3_wait(struct tapi3 *tapi, bool (*done)(void *data), void *data, int timeout_ms)
{
	struct pollfd fd = { .fd = tapi->epoll_fd, .events = POLLIN };
	int64_t end = now_ms() + timeout_ms;
	int err;

	while (!done(data)) {
		int64_t left = end - now_ms();

		if (left <= 0)
			return tapi3_fail(tapi, TAPI3_E_TIMEOUT, "no result within %d s",
					  timeout_ms / 1000);
		if (poll(&fd, 1, left) < 0 && errno != EINTR)
			return tapi3_fail(tapi, TAPI3_E_FAILED, "poll: %s", strerror(errno));
		err = tapi3_dispatch(tapi);
		if (err)
			return err;
	}
	return 0;
}

int tapi3_addresses_list(struct tapi3 *tapi, struct tapi3_address ***out)
{
	struct tapi3_address **list;
	size_t count = 0;

	if (!tapi || !out)
		return TAPI3_E_INVALIDARG;
	list_for_each(at, &tapi->addresses)
		count++;
	list = calloc(count + 1, sizeof(*list));
	if (!list)
		return tapi3_fail(tapi, TAPI3_E_NOMEM, "out of memory");
	count = 0;
	list_for_each(at, &tapi->addresses)
		list[count++] = tapi3_address_ref(list_entry(at, struct tapi3_address, node));
	*out = list;
	return 0;
}

void tapi3_address_list_free(struct tapi3_address **list)
{
	for (size_t i = 0; list && list[i]; i++)
		tapi3_address_unref(list[i]);
	free(list);
}
