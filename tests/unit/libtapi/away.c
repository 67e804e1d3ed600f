/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server that stays away: after ten seconds the lines are given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "fake.h"

static void given_up(void **state)
{
	HLINEAPP app = start_app(LINEINITIALIZEEXOPTION_USEEVENT);
	HLINE lines[2] = { open_line(app, 0, 1), open_line(app, 1, 2) }, line;
	HCALL call = offered_call(app, lines[0], 1);
	struct tapi_message_info info = { .size = sizeof(info) };
	struct timespec before, after;
	LINEMESSAGE message;

	fake_leave();
	clock_gettime(CLOCK_MONOTONIC, &before);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(lineGetMessage(app, &message, 15000), 0);
		assert_int_equal(message.dwMessageID, LINE_CLOSE);
		assert_int_equal(message.hDevice, lines[i]);
		assert_int_equal(message.dwCallbackInstance, i + 1);
		assert_int_equal(tapi_message_info(&info), 0);
		assert_int_equal(info.flags, TAPI_MESSAGE_SYNTHETIC);
	}
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(after.tv_sec - before.tv_sec >= 9);
	assert_int_equal(lineClose(lines[0]), LINEERR_INVALLINEHANDLE);
	assert_int_equal(lineDrop(call, NULL, 0), LINEERR_INVALCALLHANDLE);
	/* told once */
	assert_int_equal(lineGetMessage(app, &message, 0), LINEERR_SERVICE_NOT_RUNNING);
	assert_int_equal(lineGetMessage(app, &message, 0), LINEERR_OPERATIONFAILED);
	assert_int_equal(lineOpenA(app, 0, &line, 0x00020002, 0, 0, LINECALLPRIVILEGE_NONE, 0,
				   NULL), LINEERR_SERVICE_NOT_RUNNING);
	/* and when it is there again, all is well */
	fake.opens = 0;
	fake_return();
	line = open_line(app, 0, 3);
	assert_int_equal(fake.resumed_lines, 0);
	assert_int_equal(lineClose(line), 0);
	assert_int_equal(lineShutdown(app), 0);
	fake_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
