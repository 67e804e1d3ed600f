/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "tsp-null-host.h"

/* An event that has not come by then never will: the machine may be slow */
#define PATIENCE_S	30
#define EVENTS_MAX	256

struct tsp tsp;
HDRVLINE line;
DWORD line_total;
bool refuse;
void (*watch)(const struct event *event);

static struct {
	pthread_mutex_t lock;
	pthread_cond_t came;
	struct event events[EVENTS_MAX];
	unsigned int first, count;
	HTAPICALL next_call;
	DRV_REQUESTID next_request;
	const char *const *settings;
	char dir[32];
	char control_setting[64];
	int control;
} host = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.came = PTHREAD_COND_INITIALIZER,
	.next_call = HT_CALL,
	.control = -1,
};

static void keep(struct event event)
{
	event.thread = pthread_self();
	if (watch) {
		watch(&event);
		return;
	}
	pthread_mutex_lock(&host.lock);
	assert_true(host.count < EVENTS_MAX);
	host.events[(host.first + host.count++) % EVENTS_MAX] = event;
	pthread_cond_broadcast(&host.came);
	pthread_mutex_unlock(&host.lock);
}

static void on_completion(DRV_REQUESTID request, LONG result)
{
	keep((struct event){ .msg = COMPLETION, .p1 = request, .p2 = (DWORD)result });
}

static void on_event(HTAPILINE ht_line, HTAPICALL ht_call, DWORD msg, DWORD_PTR p1, DWORD_PTR p2,
		     DWORD_PTR p3)
{
	struct event event = {
		.line = ht_line, .call = ht_call, .msg = msg, .p1 = p1, .p2 = p2, .p3 = p3,
	};

	if (msg == LINE_NEWCALL) {
		/* shown as the handles of both sides */
		event.p2 = refuse ? 0 : ++host.next_call;
		*(HTAPICALL *)p2 = event.p2;
	} else if (msg == LINE_SENDMSPDATA) {
		event.size = p3;
		memcpy(event.data, (void *)p2, p3 < sizeof(event.data) ? p3 : sizeof(event.data));
	}
	keep(event);
}

static void on_log(int prio, const char *text)
{
	fprintf(stderr, "# provider: <%d> %s\n", prio, text);
}

static const char *on_setting(const char *key)
{
	const char *const *setting;
	size_t length = strlen(key);

	for (setting = host.settings; setting && *setting; setting++) {
		if (!strncmp(*setting, key, length) && (*setting)[length] == '=')
			return *setting + length + 1;
	}
	if (!strcmp(key, "Control"))
		return host.control_setting;
	return NULL;
}

static const struct tapi_tsp_host table = {
	.version = TAPI_TSP_HOST_VERSION, .size = sizeof(table), .log = on_log,
	.setting = on_setting,
};

static void *symbol(void *module, const char *name)
{
	void *found = dlsym(module, name);

	if (!found) {
		fprintf(stderr, "%s is not exported\n", name);
		exit(1);
	}
	return found;
}

void host_load(void)
{
	const char *build = getenv("TAPI_BUILD");
	char path[4096];
	void *module;

	snprintf(path, sizeof(path), "%s/tsp/null/null.so", build ? build : ".");
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	tsp.module = symbol(module, "tapi_tsp_module");
#define LOAD(name) tsp.name = (__typeof__(tsp.name))symbol(module, "TSPI_" #name);
	TSP_FUNCTIONS(LOAD)
#undef LOAD
}

static void connect_control(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, host.control_setting);
	host.control = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_true(host.control >= 0);
	assert_int_equal(0, connect(host.control, (struct sockaddr *)&address, sizeof(address)));
}

LONG host_enumerate(const char *const *settings)
{
	DWORD phones = 0;

	host.settings = settings;
	tsp.module->host(&table);
	return tsp.providerEnumDevices(3, &line_total, &phones, 77, on_event, NULL);
}

void host_start(const char *const *settings)
{
	DWORD options = 7;

	strcpy(host.dir, "/tmp/tsp-null-XXXXXX");
	assert_non_null(mkdtemp(host.dir));
	snprintf(host.control_setting, sizeof(host.control_setting), "%s/control", host.dir);
	refuse = false;
	watch = NULL;
	line = 0;
	assert_int_equal(0, host_enumerate(settings));
	assert_int_equal(0, tsp.providerInit(VERSION, 3, BASE, 0, line_total, 0, on_completion,
					     &options));
	assert_int_equal(0, options);
	connect_control();
	if (line_total) {
		assert_int_equal(0, tsp.lineOpen(BASE, HT_LINE, &line, VERSION, on_event));
		assert_true(line != 0);
	}
}

void host_stop(void)
{
	if (line)
		assert_int_equal(0, tsp.lineClose(line));
	assert_int_equal(0, tsp.providerShutdown(VERSION, 3));
	expect_nothing();
	close(host.control);
	assert_int_equal(-1, access(host.control_setting, F_OK));
	assert_int_equal(0, rmdir(host.dir));
}

struct event next(void)
{
	struct timespec until;
	struct event event = {};
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&host.lock);
	while (!host.count && !err)
		err = pthread_cond_timedwait(&host.came, &host.lock, &until);
	if (host.count) {
		event = host.events[host.first];
		host.first = (host.first + 1) % EVENTS_MAX;
		host.count--;
	}
	pthread_mutex_unlock(&host.lock);
	if (err)
		fail_msg("no event came");
	return event;
}

struct event expect(DWORD msg, DWORD_PTR p1, DWORD_PTR p2)
{
	struct event event = next();

	if (event.msg != msg || event.p1 != p1 || event.p2 != p2)
		fail_msg("expected event %u (%#lx, %#lx), got %u (%#lx, %#lx)", msg, (long)p1,
			 (long)p2, event.msg, (long)event.p1, (long)event.p2);
	return event;
}

void expect_done(DRV_REQUESTID request, LONG result)
{
	expect(COMPLETION, request, (DWORD)result);
}

void expect_state(HTAPICALL call, DWORD state, DWORD mode)
{
	struct event event = expect(LINE_CALLSTATE, state, mode);

	assert_int_equal(HT_LINE, event.line);
	assert_int_equal(call, event.call);
	assert_int_equal(LINEMEDIAMODE_INTERACTIVEVOICE, event.p3);
}

void expect_nothing(void)
{
	struct event event = {};
	unsigned int count;

	pthread_mutex_lock(&host.lock);
	count = host.count;
	if (count)
		event = host.events[host.first];
	pthread_mutex_unlock(&host.lock);
	if (count)
		fail_msg("%u events too many, the first is %u (%#lx, %#lx)", count, event.msg,
			 (long)event.p1, (long)event.p2);
}

static const char *exchange(const char *format, va_list args)
{
	static char answer[65536];
	char text[20000];
	ssize_t size;

	vsnprintf(text, sizeof(text), format, args);
	assert_int_equal(strlen(text), send(host.control, text, strlen(text), MSG_NOSIGNAL));
	size = recv(host.control, answer, sizeof(answer) - 1, 0);
	assert_true(size > 0);
	answer[size] = '\0';
	return answer;
}

const char *command(const char *format, ...)
{
	const char *answer;
	va_list args;

	va_start(args, format);
	answer = exchange(format, args);
	va_end(args);
	return answer;
}

void expect_answer(const char *wanted, const char *format, ...)
{
	const char *answer;
	va_list args;

	va_start(args, format);
	answer = exchange(format, args);
	va_end(args);
	assert_string_equal(wanted, answer);
}

unsigned int ring(HDRVCALL *handle, HTAPICALL *ht_call)
{
	const char *answer = command("ring 0 number=5551234 name=\"Anna B\"");
	unsigned int number = 0;
	struct event event;

	assert_int_equal(1, sscanf(answer, "ok %u", &number));
	event = next();
	assert_int_equal(LINE_NEWCALL, event.msg);
	assert_int_equal(HT_LINE, event.line);
	*handle = event.p1;
	*ht_call = event.p2;
	expect_state(*ht_call, LINECALLSTATE_OFFERING, LINEOFFERINGMODE_ACTIVE);
	return number;
}

DRV_REQUESTID new_request(void)
{
	return ++host.next_request;
}

void drop_and_close(HDRVCALL call, HTAPICALL ht_call)
{
	DRV_REQUESTID id = new_request();

	assert_int_equal(id, tsp.lineDrop(id, call, NULL, 0));
	expect_done(id, 0);
	expect_state(ht_call, LINECALLSTATE_IDLE, 0);
	assert_int_equal(0, tsp.lineCloseCall(call));
	assert_int_equal(LINEERR_INVALCALLHANDLE, tsp.lineCloseCall(call));
}

HDRVCALL make(LPCWSTR destination)
{
	DRV_REQUESTID id = new_request();
	HDRVCALL call = 0;

	assert_int_equal(id, tsp.lineMakeCall(id, line, HT_MADE, &call, destination, 0, NULL));
	assert_true(call != 0);
	expect_done(id, 0);
	return call;
}

HDRVCALL make_connected(void)
{
	HDRVCALL call = make(u"4711");

	expect_state(HT_MADE, LINECALLSTATE_DIALING, 0);
	expect_state(HT_MADE, LINECALLSTATE_PROCEEDING, 0);
	expect_state(HT_MADE, LINECALLSTATE_RINGBACK, 0);
	expect_state(HT_MADE, LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE);
	return call;
}

int setup(void **state)
{
	host_start(*state);
	return 0;
}

int teardown(void **state)
{
	host_stop();
	return 0;
}
