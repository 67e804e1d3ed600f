/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The null provider under a busy host: many threads make and end calls on one line while others
 * arrive and lines are looked at.  Each request completes once, nothing is said about a call after
 * it was closed, and no two procedures of the host are entered at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tsp-null-host.h"

#define THREADS		8
#define CALLS		150
#define REQUESTS	(THREADS * CALLS * 2 + 1)
#define RINGS		100

static struct {
	atomic_uint completed[REQUESTS];
	atomic_int result[REQUESTS];
	/* by number of the call: HT_MADE is counted up */
	atomic_bool closed[THREADS * CALLS];
	atomic_uint inside;
	atomic_uint wrong;
	atomic_uint next;
	atomic_uintptr_t offered;	/* the call that arrived last */
} seen;

static void look(const struct event *event)
{
	if (atomic_fetch_add(&seen.inside, 1))
		atomic_fetch_add(&seen.wrong, 1);
	if (event->msg == COMPLETION) {
		atomic_store(&seen.result[event->p1], (int)event->p2);
		atomic_fetch_add(&seen.completed[event->p1], 1);
	} else if (event->msg == LINE_NEWCALL) {
		atomic_store(&seen.offered, event->p1);
	} else if (event->call >= HT_MADE && event->call < HT_MADE + THREADS * CALLS &&
		   atomic_load(&seen.closed[event->call - HT_MADE])) {
		atomic_fetch_add(&seen.wrong, 1);
	}
	atomic_fetch_sub(&seen.inside, 1);
}

/* A call may be dropped before it has begun: that fails, but it is over all the same */
static bool completed_once(DRV_REQUESTID id, LONG or_else)
{
	LONG result = atomic_load(&seen.result[id]);

	return atomic_load(&seen.completed[id]) == 1 && (!result || result == or_else);
}

static bool one_call(unsigned int number)
{
	DRV_REQUESTID made = 1 + 2 * number, dropped = made + 1;
	HDRVCALL call = 0;

	if (tsp.lineMakeCall(made, line, HT_MADE + number, &call, u"4711", 0, NULL) != (LONG)made ||
	    tsp.lineDrop(dropped, call, NULL, 0) != (LONG)dropped || tsp.lineCloseCall(call))
		return false;
	atomic_store(&seen.closed[number], true);
	return completed_once(made, 0) && completed_once(dropped, LINEERR_INVALCALLSTATE) &&
	       tsp.lineCloseCall(call) == LINEERR_INVALCALLHANDLE;
}

static void *make_calls(void *unused)
{
	LINEDEVSTATUS status;
	int i;

	for (i = 0; i < CALLS; i++) {
		memset(&status, 0, sizeof(status));
		status.dwTotalSize = sizeof(status);
		if (!one_call(atomic_fetch_add(&seen.next, 1)) ||
		    tsp.lineGetLineDevStatus(line, &status) ||
		    status.dwNumActiveCalls > THREADS + 1)
			atomic_fetch_add(&seen.wrong, 1);
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[THREADS];
	unsigned int number;
	int i;

	/* these complete in the threads that ask, the others in the provider's */
	expect_answer("ok", "fault lineDrop inside count=%d", THREADS * CALLS / 2);
	watch = look;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(0, pthread_create(&threads[i], NULL, make_calls, NULL));
	for (i = 0; i < RINGS; i++) {
		assert_int_equal(1, sscanf(command("ring 0 number=%d", i), "ok %u", &number));
		expect_answer("ok", "state %u idle", number);
		assert_int_equal(0, tsp.lineCloseCall(atomic_load(&seen.offered)));
	}
	for (i = 0; i < THREADS; i++)
		assert_int_equal(0, pthread_join(threads[i], NULL));
	watch = NULL;
	assert_int_equal(0, atomic_load(&seen.wrong));
	expect_answer("ok", "calls");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "threads", test_threads, setup, teardown, NULL },
	};

	host_load();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
