/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a connection fills up, and how it ends: whoever waits hears of it once, nothing is left. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "link_pair.h"

#define APP		TAPI__RPC__SERVICE_ID__SERVICE_APP
#define DEVICES		2u

static short ready(const struct side *side)
{
	struct pollfd p = { .fd = link_fd(side->link), .events = (short)link_events(side->link) };

	return poll(&p, 1, 0) > 0 ? p.revents : 0;
}

/* ---- full ---- */

/* Who does not read our frames is not read either, until he does */
static void test_back_pressure(void **state)
{
	enum { LONG = 60000 };
	unsigned int sent = 0, got = 0;
	static unsigned char body[FRAME_MAX];
	static struct asked asked[64];
	struct frame frame;
	struct side a;
	int fd = half_open(&a);
	size_t size;

	assert_int_equal(link_events(a.link), POLLIN);
	while (!link_queued(a.link))
		ask_long(&a, LONG, &asked[sent++]);
	assert_int_equal(a.rearmed, 1);
	assert_int_equal(link_events(a.link), POLLIN | POLLOUT);
	assert_int_equal(ready(&a), 0);
	while (link_queued(a.link) < LINK_QUEUE_HIGH)
		ask_long(&a, LONG, &asked[sent++]);
	assert_int_equal(a.rearmed, 2);
	assert_int_equal(link_events(a.link), POLLOUT);
	raw_request(fd, 7, APP, DEVICES, NULL, 0);
	assert_int_equal(link_dispatch(a.link, 100), 0);
	assert_int_equal(a.requests, 0);
	/* one frame out of the way is enough */
	while (link_queued(a.link) >= LINK_QUEUE_HIGH) {
		assert_true(raw_receive(fd, &frame, body, &size));
		assert_int_equal(size, LONG + 4);
		got++;
		assert_true(link_dispatch(a.link, 0) >= 0);
	}
	assert_int_equal(link_events(a.link), POLLIN | POLLOUT);
	settle(&a, NULL);
	assert_int_equal(a.requests, 1);
	/* every one arrives, in order, and ours behind them */
	while (got < sent) {
		assert_true(raw_receive(fd, &frame, body, &size));
		assert_int_equal(frame.kind, FRAME_CALL);
		assert_memory_equal(body + 4, "nnnn", 4);
		got++;
		settle(&a, NULL);
	}
	assert_int_equal(link_queued(a.link), 0);
	assert_int_equal(link_events(a.link), POLLIN);
	assert_true(raw_receive(fd, &frame, body, &size));
	assert_int_equal(frame.kind, FRAME_REPLY);
	assert_int_equal(frame.serial, 7);
	side_end(&a);
	for (unsigned int i = 0; i < sent; i++)
		assert_int_equal(asked[i].calls, 1);
	close(fd);
}

static void fill_requests(struct side *a, int fd, unsigned int count)
{
	a->manner = HOLD;
	for (uint32_t i = 0; i < count; i++) {
		raw_request(fd, i + 1, APP, DEVICES, NULL, 0);
		settle(a, NULL);
	}
}

static void test_open_max(void **state)
{
	struct side a;
	int fd = half_open(&a);

	fill_requests(&a, fd, LINK_OPEN_MAX + 20);
	assert_int_equal(a.holds, LINK_OPEN_MAX);
	assert_int_equal(link_events(a.link), 0);
	assert_int_equal(link_dispatch(a.link, 100), 0);
	assert_int_equal(a.holds, LINK_OPEN_MAX);
	/* each answer lets one in */
	answer_held(&a, 17);
	assert_int_equal(link_events(a.link), POLLIN);
	settle(&a, NULL);
	assert_int_equal(a.holds, LINK_OPEN_MAX + 1);
	assert_int_equal(link_events(a.link), 0);
	for (unsigned int i = 0; i < 10; i++)
		answer_held(&a, i);
	settle(&a, NULL);
	assert_int_equal(a.holds, LINK_OPEN_MAX + 11);
	assert_int_equal(a.closed, 0);
	side_end(&a);
	close(fd);
}

/* A link that reads nothing notices the other end's death all the same */
static void test_death_while_full(void **state)
{
	struct side a;
	int fd = half_open(&a);

	fill_requests(&a, fd, LINK_OPEN_MAX + 20);
	close(fd);
	assert_true(ready(&a) & POLLHUP);
	settle(&a, NULL);
	assert_int_equal(a.closed, 1);
	assert_int_equal(a.error, 0);
	/* late answers have nowhere to go */
	answer_held(&a, 3);
	answer_held(&a, 4);
	assert_int_equal(a.closed, 1);
	side_end(&a);
}

static void test_budget(void **state)
{
	struct side a;
	int fd = half_open(&a);

	for (uint32_t i = 0; i < 10; i++)
		raw_request(fd, i + 1, APP, DEVICES, NULL, 0);
	assert_int_equal(link_dispatch(a.link, 0), 0);
	assert_int_equal(link_dispatch(a.link, 3), 3);
	assert_int_equal(a.requests, 3);
	assert_int_equal(link_dispatch(a.link, 100), 7);
	assert_int_equal(link_dispatch(a.link, 100), 0);
	side_end(&a);
	close(fd);
}

/* ---- the end ---- */

/* The other end dies with requests open */
static void test_death(void **state)
{
	enum { COUNT = 40 };
	static struct asked asked[COUNT];
	unsigned int before = count_fds();
	struct asked late = { 0 };
	uint32_t forgotten;
	struct side a;
	int fd = half_open(&a);

	memset(asked, 0, sizeof(asked));
	for (unsigned int i = 0; i < COUNT; i++)
		ask(&a, i, &asked[i]);
	forgotten = ask(&a, 1, &late);
	link_forget(a.link, forgotten);
	close(fd);
	settle(&a, NULL);
	for (unsigned int i = 0; i < COUNT; i++) {
		assert_int_equal(asked[i].calls, 1);
		assert_true(asked[i].null);
	}
	assert_int_equal(late.calls, 0);
	assert_int_equal(a.closed, 1);
	assert_int_equal(a.error, 0);
	assert_int_equal(link_fd(a.link), -1);
	assert_int_equal(link_dispatch(a.link, 1), -ENOTCONN);
	/* who asks now hears at once */
	assert_int_equal(ask(&a, 1, &late), 0);
	assert_int_equal(late.calls, 1);
	assert_true(late.null);
	tell(&a, 1);
	link_close(a.link, -EIO);
	assert_int_equal(a.closed, 1);
	side_end(&a);
	assert_int_equal(count_fds(), before);
}

/* What the other end said last is heard, though we speak to nobody by then */
static void test_last_words(void **state)
{
	struct asked asked = { 0 }, deaf = { 0 };
	struct frame frame = { .kind = FRAME_REPLY, .length = FRAME_HEADER + 4 };
	static const struct frame event = {
		.kind = FRAME_EVENT, .length = FRAME_HEADER,
		.service = TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS,
	};
	struct side a;
	int fd = half_open(&a);

	frame.serial = ask(&a, 1, &asked);
	raw_send(fd, &event, NULL, 0, NULL, 0);
	raw_send(fd, &frame, "\x08\0\x18\x05", 4, NULL, 0);
	close(fd);
	tell(&a, 1);		/* finds out that it is broken */
	assert_int_equal(ask(&a, 2, &deaf), 0);
	assert_true(deaf.null);
	assert_int_equal(a.closed, 0);
	settle(&a, NULL);
	assert_int_equal(a.events, 1);
	assert_int_equal(asked.calls, 1);
	assert_int_equal(asked.null, false);
	assert_int_equal(asked.number, 5);
	assert_int_equal(deaf.calls, 1);
	assert_int_equal(a.closed, 1);
	assert_int_equal(a.error, 0);
	side_end(&a);
}

/* Dead, with a queue that will never be sent, and descriptors in it */
static void test_death_while_queued(void **state)
{
	unsigned int before = count_fds();
	static struct asked asked[64];
	struct asked with_fd = { 0 };
	unsigned int sent = 0;
	struct side a;
	int fd = half_open(&a);

	memset(asked, 0, sizeof(asked));
	while (link_queued(a.link) < LINK_QUEUE_HIGH)
		ask_long(&a, 60000, &asked[sent++]);
	ask_fd(&a, 1, 0, &with_fd);
	close(fd);
	settle(&a, NULL);
	assert_int_equal(a.closed, 1);
	assert_int_equal(link_queued(a.link), 0);
	for (unsigned int i = 0; i < sent; i++) {
		assert_int_equal(asked[i].calls, 1);
		assert_true(asked[i].null);
	}
	assert_int_equal(with_fd.calls, 1);
	side_end(&a);
	assert_int_equal(count_fds(), before);
}

/* The other end reads no more, but stays: an end is an end */
static void test_deaf(void **state)
{
	struct asked asked = { 0 };
	struct side a;
	int fd = half_open(&a);

	ask(&a, 1, &asked);
	shutdown(fd, SHUT_RD);
	tell(&a, 1);
	settle(&a, NULL);
	assert_int_equal(a.closed, 1);
	assert_int_equal(asked.calls, 1);
	side_end(&a);
	close(fd);
}

static void test_close_in_handler(void **state)
{
	static const enum manner manners[] = { CLOSE, CLOSE_UNANSWERED };

	for (unsigned int i = 0; i < 2; i++) {
		struct asked asked = { 0 }, own = { 0 }, unread = { 0 };
		struct side a, b;

		pair_open(&a, &b);
		b.manner = manners[i];
		ask(&b, 1, &own);
		ask(&a, 1, &asked);
		ask(&a, 2, &unread);
		assert_int_equal(link_dispatch(b.link, 16), -ECANCELED);
		assert_int_equal(b.requests, 1);	/* no other one after the end */
		assert_int_equal(b.closed, 1);
		assert_int_equal(b.error, -ECANCELED);
		assert_int_equal(own.calls, 1);
		assert_true(own.null);
		settle(&a, NULL);
		assert_int_equal(a.closed, 1);
		assert_int_equal(asked.calls, 1);
		assert_true(asked.null);
		assert_int_equal(unread.calls, 1);
		side_end(&a);
		side_end(&b);
	}
}

static void test_close_in_event(void **state)
{
	struct side a, b;

	pair_open(&a, &b);
	b.manner = CLOSE;
	tell(&a, 1);
	tell(&a, 2);
	settle(&b, NULL);
	assert_int_equal(b.events, 1);
	assert_int_equal(b.closed, 1);
	side_end(&a);
	side_end(&b);
}

static void test_close_in_admit(void **state)
{
	struct asked asked = { 0 };
	struct side a, b;

	pair_open(&a, &b);
	b.close_in_admit = true;
	ask(&a, 1, &asked);
	settle(&a, &b);
	assert_int_equal(b.requests, 0);
	assert_int_equal(b.closed, 1);
	assert_int_equal(asked.calls, 1);
	side_end(&a);
	side_end(&b);
}

/* Closures that end the link: the one that got an answer, and those who wait behind it */
static void test_close_in_closure(void **state)
{
	struct asked asked[3] = { { .close = true }, { .close = true }, { .close = true } };
	struct side a, b;

	pair_open(&a, &b);
	for (unsigned int i = 0; i < 3; i++)
		ask(&a, i, &asked[i]);
	settle(&a, &b);
	assert_int_equal(a.closed, 1);
	assert_int_equal(a.error, -ECANCELED);
	assert_int_equal(asked[0].null, false);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(asked[i].calls, 1);
	assert_true(asked[1].null && asked[2].null);
	side_end(&a);
	side_end(&b);
}

/* From within a stub: the owner is told by its next dispatch, which the socket wakes it for */
static void test_close_in_stub(void **state)
{
	struct asked asked = { .close = true }, waiting = { 0 };
	struct side a, b;

	pair_open(&a, &b);
	ask(&a, 1, &waiting);
	assert_int_equal(ask_long(&a, FRAME_MAX, &asked), 0);
	assert_int_equal(asked.calls, 1);
	assert_int_equal(a.closed, 0);
	assert_int_equal(waiting.calls, 0);
	assert_true(ready(&a) != 0);
	assert_int_equal(link_dispatch(a.link, 16), -ECANCELED);
	assert_int_equal(a.closed, 1);
	assert_int_equal(waiting.calls, 1);
	settle(&b, NULL);
	assert_int_equal(b.closed, 1);
	side_end(&a);
	side_end(&b);
}

/* Closures that ask again when the link ends hear NULL at once, and that is all */
static void test_ask_in_the_end(void **state)
{
	enum { COUNT = 30 };
	static struct asked again[COUNT], asked[COUNT];
	struct side a, b;

	memset(again, 0, sizeof(again));
	pair_open(&a, &b);
	for (unsigned int i = 0; i < COUNT; i++) {
		asked[i] = (struct asked) { .again = true, .next = &again[i] };
		ask(&a, i, &asked[i]);
	}
	link_close(a.link, 0);
	for (unsigned int i = 0; i < COUNT; i++) {
		assert_int_equal(asked[i].calls, 1);
		assert_int_equal(again[i].calls, 1);
		assert_true(again[i].null);
	}
	side_end(&a);
	side_end(&b);
}

/* The last reference goes: from outside, from a closure in a dispatch, from a closure in a stub */
static void test_last_reference(void **state)
{
	unsigned int before = count_fds();
	struct asked asked = { 0 }, drop = { .drop = true }, stub = { .drop = true };
	struct side a, b;

	pair_open(&a, &b);
	ask(&a, 1, &asked);
	link_unref(a.link);
	assert_int_equal(asked.calls, 1);
	assert_true(asked.null);
	assert_int_equal(a.closed, 0);
	side_end(&b);

	pair_open(&a, &b);
	ask(&a, 1, &drop);
	settle(&b, NULL);
	link_dispatch(a.link, 16);
	assert_int_equal(drop.calls, 1);
	side_end(&b);

	pair_open(&a, &b);
	stub.side = &a;
	link_close(a.link, 0);
	ask(&a, 1, &stub);
	assert_int_equal(stub.calls, 1);
	side_end(&b);
	assert_int_equal(count_fds(), before);
}

/* An answer that is given after the link and its owner are gone */
static void test_late_answer(void **state)
{
	unsigned int before = count_fds();
	struct asked asked = { 0 };
	struct held held;
	struct side a, b;

	pair_open(&a, &b);
	b.manner = HOLD;
	ask_fd(&a, 1, 0, &asked);
	settle(&a, &b);
	held = b.held[0];
	link_close(b.link, 0);
	link_unref(b.link);
	held.closure(NULL, held.data);
	side_end(&a);
	assert_int_equal(asked.calls, 1);
	assert_int_equal(count_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_back_pressure),
		cmocka_unit_test(test_open_max),
		cmocka_unit_test(test_death_while_full),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_death),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_death_while_queued),
		cmocka_unit_test(test_deaf),
		cmocka_unit_test(test_close_in_handler),
		cmocka_unit_test(test_close_in_event),
		cmocka_unit_test(test_close_in_admit),
		cmocka_unit_test(test_close_in_closure),
		cmocka_unit_test(test_close_in_stub),
		cmocka_unit_test(test_ask_in_the_end),
		cmocka_unit_test(test_last_reference),
		cmocka_unit_test(test_late_answer),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("link-end", tests, NULL, NULL);
}
