/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How messages reach the program, and how waiting for them ends. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "fake.h"

#define EVENT	LINEINITIALIZEEXOPTION_USEEVENT
#define HIDDEN	LINEINITIALIZEEXOPTION_USEHIDDENWINDOW

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && p.revents & POLLIN;
}

static int64_t ms_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void descriptor(void **state)
{
	HLINEAPP app = start_app(EVENT);
	int fd = tapi_get_fd(app);
	LINEMESSAGE message;

	assert_true(fd > 0);
	assert_false(readable(fd, 0));
	fake_message(0, LINE_CREATE, 2, 0, 0);
	fake_message(0, LINE_CREATE, 3, 0, 0);
	assert_true(readable(fd, 2000));
	assert_int_equal(next_message(app).dwParam1, 2);
	/* signalled as long as messages wait, read or not */
	assert_true(readable(fd, 0));
	assert_int_equal(lineGetMessage(app, &message, 0), 0);
	assert_int_equal(message.dwParam1, 3);
	assert_false(readable(fd, 0));
	lineShutdown(app);
	fake_stop();
}

/* A message that arrives while a function waits for its answer is signalled, too */
static void met_on_the_way(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	int fd = tapi_get_fd(app);

	fake_message(0, LINE_CREATE, 2, 0, 0);
	assert_int_equal(lineSetStatusMessages(line, 0, 0), 0);
	assert_true(readable(fd, 0));
	assert_int_equal(next_message(app).dwMessageID, LINE_CREATE);
	assert_false(readable(fd, 0));
	lineShutdown(app);
	fake_stop();
}

static void timeouts(void **state)
{
	HLINEAPP app = start_app(EVENT);
	LINEMESSAGE message;
	int64_t start = ms_now();

	assert_int_equal(lineGetMessage(app, &message, 0), LINEERR_OPERATIONFAILED);
	assert_true(ms_now() - start < 1000);
	start = ms_now();
	assert_int_equal(lineGetMessage(app, &message, 50), LINEERR_OPERATIONFAILED);
	assert_true(ms_now() - start >= 49);
	assert_int_equal(lineGetMessage(app, NULL, 0), LINEERR_INVALPOINTER);
	lineShutdown(app);
	fake_stop();
}

/* ---- waiting ends with the registration ---- */

static void *wait_for_message(void *data)
{
	LINEMESSAGE message;

	return (void *)(intptr_t)lineGetMessage(*(HLINEAPP *)data, &message, UINT32_MAX);
}

static void shutdown_wakes(void **state)
{
	HLINEAPP app = start_app(EVENT);
	pthread_t threads[3];
	void *result;

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, wait_for_message, &app);
	usleep(20000);
	assert_int_equal(lineShutdown(app), 0);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &result);
		assert_int_equal((LONG)(intptr_t)result, LINEERR_INVALAPPHANDLE);
	}
	fake_stop();
}

static void *ask_for_caps(void *data)
{
	LINEDEVCAPS caps = { .dwTotalSize = sizeof(caps) };

	return (void *)(intptr_t)lineGetDevCapsA(*(HLINEAPP *)data, 0, 0x00020002, 0, &caps);
}

/* Whoever waits for an answer is freed, too, when the server goes */
static void lost_answer(void **state)
{
	HLINEAPP app = start_app(EVENT);
	pthread_t threads[3];
	void *result;

	fake.hold = true;
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, ask_for_caps, &app);
	do {
		usleep(1000);
		fake_settle();
	} while (fake.requests < 4);
	fake_settle();
	fake.hold = false;
	fake_hang_up();
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &result);
		assert_int_equal((LONG)(intptr_t)result, LINEERR_OPERATIONFAILED);
	}
	lineShutdown(app);
	fake_stop();
}

/* ---- about a message ---- */

static void message_facts(void **state)
{
	HLINEAPP app = start_app(EVENT);
	struct tapi_message_info info = { .size = sizeof(info) };

	fake_message(0, LINE_CREATE, 2, 0, 0);
	fake_message(0, LINE_CREATE, 3, 0, 0);
	next_message(app);
	assert_int_equal(tapi_message_info(&info), 0);
	assert_int_equal(info.flags, 0);
	assert_int_not_equal(info.sequence, 0);
	uint32_t sequence = info.sequence;
	next_message(app);
	assert_int_equal(tapi_message_info(&info), 0);
	assert_int_equal(info.sequence, sequence + 1);
	assert_int_equal(info.queued, 0);
	info.size = 4;
	assert_int_equal(tapi_message_info(&info), LINEERR_STRUCTURETOOSMALL);
	lineShutdown(app);
	fake_stop();
}

static struct tapi_error_detail detail(void)
{
	struct tapi_error_detail detail = { .size = sizeof(detail) };

	assert_int_equal(tapi_last_error_detail(&detail), 0);
	return detail;
}

/* The reason comes with the message: not when it arrives, and to whom takes it */
static void failed_replies(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	HCALL call = offered_call(app, line, 1);
	LINEMESSAGE message;

	assert_true(lineAnswer(call, NULL, 0) > 0);
	fake.reply_why = "the line was cut";
	fake_reply(fake.request, (int32_t)LINEERR_NODEVICE, 0, NULL);
	assert_int_equal(lineSetStatusMessages(line, 0, 0), 0);
	assert_int_equal(lineGetMessage(0, &message, 0), LINEERR_INVALAPPHANDLE);
	assert_int_equal(detail().code, LINEERR_INVALAPPHANDLE);
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_REPLY);
	assert_int_equal((LONG)message.dwParam2, LINEERR_NODEVICE);
	assert_int_equal(detail().code, LINEERR_NODEVICE);
	assert_int_equal(detail().origin, TAPI_ORIGIN_PROVIDER);
	assert_int_equal(detail().error, ENODEV);
	assert_string_equal(detail().text, "the line was cut");

	/* a good reply leaves it alone, one without a reason has the usual text */
	assert_true(lineHold(call) > 0);
	fake_reply(fake.request, 0, 0, NULL);
	next_message(app);
	assert_string_equal(detail().text, "the line was cut");
	assert_true(lineHold(call) > 0);
	fake.reply_why = NULL;
	fake_reply(fake.request, (int32_t)LINEERR_RESOURCEUNAVAIL, 0, NULL);
	next_message(app);
	assert_int_equal(detail().code, LINEERR_RESOURCEUNAVAIL);
	assert_string_equal(detail().text, tapi_error_text((LONG)LINEERR_RESOURCEUNAVAIL));

	/* taken by nobody */
	assert_true(lineHold(call) > 0);
	fake.reply_why = "never heard";
	fake_reply(fake.request, (int32_t)LINEERR_NODEVICE, 0, NULL);
	assert_int_equal(lineClose(line), 0);
	no_message(app);
	assert_string_not_equal(detail().text, "never heard");
	lineShutdown(app);
	fake_stop();
}

/* ---- callbacks ---- */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int count;
	LINEMESSAGE last;
	pthread_t thread;
	HLINEAPP app;
	bool shut_down;
	LONG result;
} seen = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void callback(DWORD device, DWORD message, DWORD_PTR instance, DWORD_PTR p1, DWORD_PTR p2,
		     DWORD_PTR p3)
{
	LONG result = 0;
	DWORD version;
	LINEEXTENSIONID extension;

	/* callbacks may call anything */
	if (seen.shut_down)
		result = lineShutdown(seen.app);
	else if (seen.app)
		result = lineNegotiateAPIVersion(seen.app, 0, 1, 0x00020002, &version, &extension);
	pthread_mutex_lock(&seen.lock);
	seen.count++;
	seen.result = result;
	seen.last = (LINEMESSAGE) { device, message, instance, p1, p2, p3 };
	seen.thread = pthread_self();
	pthread_cond_broadcast(&seen.changed);
	pthread_mutex_unlock(&seen.lock);
}

static void wait_for_callbacks(unsigned int count)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 5;
	pthread_mutex_lock(&seen.lock);
	while (seen.count < count && !err)
		err = pthread_cond_timedwait(&seen.changed, &seen.lock, &until);
	pthread_mutex_unlock(&seen.lock);
	assert_int_equal(err, 0);
}

static void forget_callbacks(void)
{
	seen.count = 0;
	seen.app = 0;
	seen.shut_down = false;
}

static void callback_thread(void **state)
{
	LINEMESSAGE message;
	HLINE line;

	forget_callbacks();
	fake_start();
	seen.app = start_app_with(HIDDEN, callback, NULL);
	line = open_line(seen.app, 0, 0x77);
	fake_message(fake.opened[0], LINE_LINEDEVSTATE, LINEDEVSTATE_RINGING, 1, 2);
	wait_for_callbacks(1);
	assert_int_equal(seen.last.hDevice, line);
	assert_int_equal(seen.last.dwMessageID, LINE_LINEDEVSTATE);
	assert_int_equal(seen.last.dwCallbackInstance, 0x77);
	assert_int_equal(seen.last.dwParam3, 2);
	assert_int_equal(seen.result, 0);
	assert_false(pthread_equal(seen.thread, pthread_self()));
	assert_int_equal(lineGetMessage(seen.app, &message, 0), LINEERR_OPERATIONUNAVAIL);
	assert_int_equal(tapi_dispatch(seen.app), LINEERR_OPERATIONUNAVAIL);
	for (int i = 0; i < 100; i++) {
		fake_message(0, LINE_CREATE, 2, 0, 0);
		assert_int_equal(lineSetStatusMessages(line, 0, 0), 0);
	}
	wait_for_callbacks(101);
	assert_int_equal(lineShutdown(seen.app), 0);
	assert_int_equal(seen.count, 101);
	fake_stop();
}

static void shutdown_in_callback(void **state)
{
	forget_callbacks();
	fake_start();
	seen.app = start_app_with(HIDDEN, callback, NULL);
	seen.shut_down = true;
	fake_message(0, LINE_CREATE, 2, 0, 0);
	wait_for_callbacks(1);
	assert_int_equal(seen.result, 0);
	assert_int_equal(lineShutdown(seen.app), LINEERR_INVALAPPHANDLE);
	assert_int_equal(fake.shutdowns, 1);
	fake_stop();
}

static void own_loop(void **state)
{
	HLINEAPP app;

	forget_callbacks();
	fake_start();
	app = start_app_with(HIDDEN | TAPI_LINUX_DISPATCH_NONE, callback, NULL);
	assert_int_equal(tapi_dispatch(app), 0);
	fake_message(0, LINE_CREATE, 2, 0, 0);
	fake_message(0, LINE_REMOVE, 2, 0, 0);
	assert_true(readable(tapi_get_fd(app), 2000));
	assert_int_equal(seen.count, 0);
	while (seen.count < 2)
		assert_true(tapi_dispatch(app) >= 0);
	assert_true(pthread_equal(seen.thread, pthread_self()));
	assert_int_equal(seen.last.dwMessageID, LINE_REMOVE);
	assert_false(readable(tapi_get_fd(app), 0));
	seen.app = app;
	seen.shut_down = true;
	fake_message(0, LINE_CREATE, 2, 0, 0);
	fake_message(0, LINE_CREATE, 2, 0, 0);
	assert_true(readable(tapi_get_fd(app), 2000));
	usleep(20000);
	/* no callback begins once the registration has ended */
	assert_int_equal(tapi_dispatch(app), 1);
	assert_int_equal(tapi_dispatch(app), LINEERR_INVALAPPHANDLE);
	assert_int_equal(seen.count, 3);
	fake_stop();
}

static void completion_port(void **state)
{
	int port = epoll_create1(EPOLL_CLOEXEC);
	LINEINITIALIZEEXPARAMS params = {
		.Handles.hCompletionPort = (HANDLE)(intptr_t)port, .dwCompletionKey = 0x1234,
	};
	struct epoll_event event;
	HLINEAPP app;

	fake_start();
	app = start_app_with(LINEINITIALIZEEXOPTION_USECOMPLETIONPORT, NULL, &params);
	assert_int_equal(epoll_wait(port, &event, 1, 0), 0);
	fake_message(0, LINE_CREATE, 2, 0, 0);
	assert_int_equal(epoll_wait(port, &event, 1, 2000), 1);
	assert_int_equal(event.data.u64, 0x1234);
	assert_int_equal(next_message(app).dwMessageID, LINE_CREATE);
	assert_int_equal(epoll_wait(port, &event, 1, 0), 0);
	lineShutdown(app);
	assert_int_equal(epoll_wait(port, &event, 1, 0), 0);
	close(port);
	fake_stop();
}

/* Programs from before LINE_APPNEWCALL are told by the state */
static void old_program(void **state)
{
	Tapi__Rpc__Event event = TAPI__RPC__EVENT__INIT;
	DWORD devices;
	HLINE line = 0;

	forget_callbacks();
	fake_start();
	assert_int_equal(lineInitialize(&seen.app, NULL, callback, "old", &devices), 0);
	assert_int_equal(fake.value, 0x00010004);
	assert_int_equal(lineOpenA(seen.app, 0, &line, 0x00010004, 0, 0, LINECALLPRIVILEGE_OWNER,
				   LINEMEDIAMODE_INTERACTIVEVOICE, NULL), 0);
	fake_new_call(fake.opened[0], 0x50000001, 1);
	event.has_device = event.has_privilege = event.has_message = event.has_p1 = 1;
	event.device = 0x50000001;
	event.privilege = LINECALLPRIVILEGE_OWNER;
	event.message = LINE_CALLSTATE;
	event.p1 = LINECALLSTATE_OFFERING;
	fake_event(&event);
	wait_for_callbacks(1);
	assert_int_equal(seen.last.dwMessageID, LINE_CALLSTATE);
	assert_int_equal(seen.last.dwParam3, LINECALLPRIVILEGE_OWNER);
	assert_true(lineAnswer(seen.last.hDevice, NULL, 0) > 0);
	assert_int_equal(lineShutdown(seen.app), 0);
	fake_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptor),
		cmocka_unit_test(met_on_the_way),
		cmocka_unit_test(timeouts),
		cmocka_unit_test(shutdown_wakes),
		cmocka_unit_test(lost_answer),
		cmocka_unit_test(message_facts),
		cmocka_unit_test(failed_replies),
		cmocka_unit_test(callback_thread),
		cmocka_unit_test(shutdown_in_callback),
		cmocka_unit_test(own_loop),
		cmocka_unit_test(completion_port),
		cmocka_unit_test(old_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
