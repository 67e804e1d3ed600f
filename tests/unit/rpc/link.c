/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests, answers, events, descriptors, and frames that are refused or end a link. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <tapi/tapi.h>

#include "link_pair.h"

#define APP		TAPI__RPC__SERVICE_ID__SERVICE_APP
#define DEVICES		2u		/* index of App.Devices */

static void test_request(void **state)
{
	struct asked asked = { 0 };
	struct side a, b;

	pair_open(&a, &b);
	assert_int_not_equal(ask(&a, 42, &asked), 0);
	assert_int_equal(asked.calls, 0);		/* never before it is asked */
	settle(&a, &b);
	assert_int_equal(asked.calls, 1);
	assert_int_equal(asked.result, 0);
	assert_int_equal(asked.number, 42);
	assert_int_equal(b.requests, 1);
	/* request and answer, at both ends */
	assert_int_equal(a.traced, 2);
	assert_int_equal(b.traced, 2);
	side_end(&a);
	settle(&b, NULL);
	assert_int_equal(b.closed, 1);
	side_end(&b);
}

static void test_both_ways(void **state)
{
	struct asked from_a = { 0 }, from_b = { 0 };
	struct side a, b;

	pair_open(&a, &b);
	/* the same serial from both ends is two requests */
	assert_int_equal(ask(&a, 1, &from_a), ask(&b, 2, &from_b));
	settle(&a, &b);
	assert_int_equal(from_a.number, 1);
	assert_int_equal(from_b.number, 2);
	side_end(&a);
	side_end(&b);
}

static void test_any_order(void **state)
{
	enum { COUNT = 100 };
	static struct asked asked[COUNT];
	struct side a, b;

	pair_open(&a, &b);
	b.manner = HOLD;
	for (unsigned int i = 0; i < COUNT; i++)
		ask(&a, 1000 + i, &asked[i]);
	settle(&a, &b);
	assert_int_equal(b.holds, COUNT);
	for (unsigned int i = 0; i < COUNT; i++) {
		answer_held(&b, i * 37 % COUNT);	/* 37 and 100: each one once */
		settle(&a, &b);
		assert_int_equal(asked[i * 37 % COUNT].calls, 1);
	}
	for (unsigned int i = 0; i < COUNT; i++) {
		assert_int_equal(asked[i].calls, 1);
		assert_int_equal(asked[i].number, 1000 + i);
	}
	side_end(&a);
	side_end(&b);
}

static void test_forget(void **state)
{
	struct asked first = { 0 }, second = { 0 };
	uint32_t serial, other;
	struct side a, b;

	pair_open(&a, &b);
	b.manner = HOLD;
	serial = ask(&a, 1, &first);
	settle(&a, &b);
	link_forget(a.link, serial);
	link_forget(a.link, serial);
	link_forget(a.link, 0);
	link_forget(a.link, 0xFFFFFFFF);
	/* enough requests to use the slot again: the late answer is nobody's */
	for (unsigned int i = 0; i < 40; i++) {
		other = ask(&a, 2, &second);
		assert_int_not_equal(other, serial);
	}
	settle(&a, &b);
	answer_held(&b, 0);
	settle(&a, &b);
	assert_int_equal(first.calls, 0);
	assert_int_equal(second.calls, 0);
	for (unsigned int i = 1; i < b.holds; i++)
		answer_held(&b, i);
	settle(&a, &b);
	assert_int_equal(first.calls, 0);
	assert_int_equal(second.calls, 40);
	side_end(&a);
	side_end(&b);
}

static void test_again(void **state)
{
	struct asked second = { 0 };
	struct asked first = { .again = true, .next = &second };
	struct side a, b;

	pair_open(&a, &b);
	ask(&a, 1, &first);
	settle(&a, &b);
	assert_int_equal(first.calls, 1);
	assert_int_equal(second.calls, 1);
	assert_int_equal(second.null, false);
	side_end(&a);
	side_end(&b);
}

static void test_events(void **state)
{
	struct side a, b;

	pair_open(&a, &b);
	for (uint32_t i = 0; i < 1000; i++) {
		tell(&a, i);
		settle(&a, &b);
	}
	assert_int_equal(b.events, 1000);
	/* no event counts as a request that waits for its answer */
	assert_int_equal(link_events(b.link), POLLIN);
	assert_int_equal(b.closed, 0);
	side_end(&a);
	side_end(&b);
}

static void test_refused(void **state)
{
	struct asked asked = { 0 };
	struct side a, b;

	pair_open(&a, &b);
	b.admit = LINEERR_OPERATIONUNAVAIL;
	ask(&a, 1, &asked);
	tell(&a, 1);
	settle(&a, &b);
	assert_int_equal(asked.calls, 1);
	assert_int_equal(asked.null, false);
	assert_int_equal(asked.result, LINEERR_OPERATIONUNAVAIL);
	assert_string_equal(asked.text, "the test refuses");
	assert_int_equal(b.requests + b.events, 0);
	side_end(&a);
	side_end(&b);
}

static void test_no_answer(void **state)
{
	struct asked refused = { 0 }, too_long = { 0 }, nested = { 0 };
	struct side a, b;

	pair_open(&a, &b);
	b.manner = REFUSE;
	ask(&a, 1, &refused);
	settle(&a, &b);
	assert_int_equal(refused.calls, 1);
	assert_int_equal(refused.result, LINEERR_OPERATIONFAILED);
	b.manner = OVERSIZE;
	ask(&a, 1, &too_long);
	settle(&a, &b);
	assert_int_equal(too_long.calls, 1);
	assert_int_equal(too_long.result, LINEERR_NOMEM);
	b.manner = DISPATCH;
	ask(&a, 9, &nested);
	settle(&a, &b);
	assert_int_equal(nested.number, 9);
	assert_int_equal(a.closed + b.closed, 0);
	side_end(&a);
	side_end(&b);
}

/* A name in a body of FRAME_BODY_MAX bytes: one byte of tag, three of length */
#define NAME_MAX_BYTES	(FRAME_BODY_MAX - 4)

static void test_longest(void **state)
{
	struct asked asked = { 0 };
	struct side a, b;

	pair_open(&a, &b);
	b.manner = HOLD;
	assert_int_not_equal(ask_long(&a, NAME_MAX_BYTES, &asked), 0);
	settle(&a, &b);
	assert_int_equal(b.holds, 1);
	assert_int_equal(b.held[0].value, NAME_MAX_BYTES);
	answer_held(&b, 0);
	settle(&a, &b);
	assert_int_equal(asked.calls, 1);
	assert_int_equal(asked.null, false);
	side_end(&a);
	side_end(&b);
}

/* A request that no frame can hold gets NULL from within the stub, and the link lives on */
static void test_own_oversize(void **state)
{
	struct asked after = { 0 };
	struct asked asked = { .again = true, .next = &after };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct side a, b;

	pair_open(&a, &b);
	link_attach(a.link, null);
	/* 0 although the closure sent another request: that one is not the caller's */
	assert_int_equal(ask_long(&a, NAME_MAX_BYTES + 1, &asked), 0);
	assert_int_equal(asked.calls, 1);
	assert_int_equal(asked.null, true);
	settle(&a, &b);
	/* nor did the descriptor go with it */
	assert_int_equal(after.calls, 1);
	assert_int_equal(after.null, false);
	assert_int_equal(a.closed + b.closed, 0);
	close(null);
	side_end(&a);
	side_end(&b);
}

/* ---- what a stranger sends ---- */

/* The bytes that Documentation/rpc.md shows */
static void test_documented(void **state)
{
	static const unsigned char request[] = {
		0x15, 0, 0, 0, 7, 0, 0, 0, 1, 0, 2, 0, 1, 0, 0, 0, 0x0d, 0, 0, 0x10, 0,
	};
	static const unsigned char answer[] = {
		0x14, 0, 0, 0, 7, 0, 0, 0, 1, 0, 2, 0, 2, 0, 0, 0, 0x08, 0, 0x18, 2,
	};
	unsigned char bytes[64];
	struct side a;
	int fd = half_open(&a);

	a.manner = HOLD;
	assert_int_equal(send(fd, request, sizeof(request), 0), sizeof(request));
	settle(&a, NULL);
	assert_int_equal(a.held[0].value, 0x00100000);
	a.held[0].value = 2;
	answer_held(&a, 0);
	assert_int_equal(recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT), sizeof(answer));
	assert_memory_equal(bytes, answer, sizeof(answer));
	side_end(&a);
	close(fd);
}

static void assert_refused(unsigned int service, unsigned int method, const void *body, size_t size,
			   int32_t result)
{
	struct side a;
	int fd = half_open(&a);

	raw_request(fd, 7, service, method, body, size);
	settle(&a, NULL);
	assert_int_equal(raw_refusal(fd, 7), result);
	assert_int_equal(a.requests, 0);
	assert_int_equal(a.closed, 0);
	/* and the link works */
	raw_request(fd, 8, APP, DEVICES, "\x0d\1\0\0", 5);
	settle(&a, NULL);
	assert_int_equal(a.requests, 1);
	side_end(&a);
	close(fd);
}

static void test_unknown(void **state)
{
	assert_refused(SERVICES, 0, "", 0, LINEERR_OPERATIONUNAVAIL);
	assert_refused(0xFFFF, 0xFFFF, "", 0, LINEERR_OPERATIONUNAVAIL);
	assert_refused(APP, 7, "", 0, LINEERR_OPERATIONUNAVAIL);
	/* known, but nobody serves it here */
	assert_refused(TAPI__RPC__SERVICE_ID__SERVICE_LINE, 0, "", 0, LINEERR_OPERATIONUNAVAIL);
}

static void test_malformed(void **state)
{
	char *unknown = malloc(FRAME_BODY_MAX);

	/* a cut number, a length beyond the end, a wire type that there is not */
	assert_refused(APP, DEVICES, "\x0d\1\0", 3, LINEERR_INVALPARAM);
	assert_refused(APP, DEVICES, "\x12\x7f", 2, LINEERR_INVALPARAM);
	assert_refused(APP, DEVICES, "\x0f", 1, LINEERR_INVALPARAM);
	assert_refused(TAPI__RPC__SERVICE_ID__SERVICE_ADMIN, 4, "\x0a\x04" "a\xff" "bc", 6,
		       LINEERR_INVALPARAM);
	/* unknown members cost memory: of 64 KiB they would be megabytes */
	memset(unknown, 0, FRAME_BODY_MAX);
	for (size_t i = 0; i + 2 <= FRAME_BODY_MAX; i += 2)
		unknown[i] = 0x78;
	assert_refused(APP, DEVICES, unknown, FRAME_BODY_MAX, LINEERR_INVALPARAM);
	free(unknown);
}

/* Members of a later version are skipped */
static void test_later_version(void **state)
{
	struct side a;
	int fd = half_open(&a);

	a.manner = HOLD;
	raw_request(fd, 7, APP, DEVICES, "\x0d\1\0\0\0\xf2\x7f\x03new", 11);
	settle(&a, NULL);
	assert_int_equal(a.holds, 1);
	assert_int_equal(a.held[0].value, 1);
	side_end(&a);
	close(fd);
}

/* An event where a request belongs has no effect; a request to a service of events is refused */
static void test_wrong_kind(void **state)
{
	static const struct frame event = {
		.length = FRAME_HEADER, .kind = FRAME_EVENT, .service = APP, .method = DEVICES,
	};
	unsigned char body[64];
	struct frame frame;
	struct side a;
	size_t size;
	int fd;

	assert_refused(TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS, 0, "", 0, LINEERR_INVALPARAM);
	fd = half_open(&a);
	raw_send(fd, &event, NULL, 0, NULL, 0);
	settle(&a, NULL);
	assert_int_equal(a.requests, 0);
	assert_int_equal(a.closed, 0);
	assert_false(raw_receive(fd, &frame, body, &size));
	side_end(&a);
	close(fd);
}

static void test_unknown_answers(void **state)
{
	struct frame frame = { .length = FRAME_HEADER, .serial = 99 };
	struct asked asked = { 0 };
	struct side a;
	int fd = half_open(&a);

	ask(&a, 1, &asked);
	for (unsigned int kind = FRAME_REPLY; kind <= FRAME_CANCEL; kind++) {
		if (kind == FRAME_EVENT)
			continue;
		frame.kind = (uint8_t)kind;
		raw_send(fd, &frame, NULL, 0, NULL, 0);
	}
	settle(&a, NULL);
	assert_int_equal(asked.calls, 0);
	assert_int_equal(a.closed, 0);
	side_end(&a);
	assert_int_equal(asked.calls, 1);
	assert_int_equal(asked.null, true);
	close(fd);
}

static void test_bad_answers(void **state)
{
	static const struct {
		uint8_t kind;
		const char *body;
		size_t size;
		bool null;
		int32_t result;
	} answers[] = {
		{ FRAME_REPLY, "\x08", 1, true, 0 },
		{ FRAME_ERROR, "\x08", 1, true, 0 },
		/* a refusal that says nothing, or success */
		{ FRAME_ERROR, "", 0, false, LINEERR_OPERATIONFAILED },
		{ FRAME_ERROR, "\x08\x00", 2, false, LINEERR_OPERATIONFAILED },
		{ FRAME_ERROR, "\x08\x02", 2, false, LINEERR_OPERATIONFAILED },
		{ FRAME_ERROR, "\x08\x03", 2, false, -2 },
		{ FRAME_REPLY, "\x08\x00", 2, false, 0 },
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct asked asked = { 0 };
		struct side a;
		int fd = half_open(&a);
		struct frame frame = {
			.length = (uint32_t)(FRAME_HEADER + answers[i].size),
			.serial = ask(&a, 1, &asked), .kind = answers[i].kind,
		};

		raw_send(fd, &frame, answers[i].body, answers[i].size, NULL, 0);
		/* once more: nobody waits for it now */
		raw_send(fd, &frame, answers[i].body, answers[i].size, NULL, 0);
		settle(&a, NULL);
		assert_int_equal(asked.calls, 1);
		assert_int_equal(asked.null, answers[i].null);
		assert_int_equal(asked.result, answers[i].result);
		assert_int_equal(a.closed, 0);
		side_end(&a);
		close(fd);
	}
}

/* What is no frame ends the link */
static void test_no_frame(void **state)
{
	static const struct frame good = {
		.length = FRAME_HEADER, .serial = 1, .kind = FRAME_CALL, .service = APP,
	};
	static char big[FRAME_MAX + 1];
	int size = 1 << 20;
	struct asked asked;
	struct frame frame;
	struct side a;
	int fd;

	for (unsigned int i = 0; i < 5; i++) {
		fd = half_open(&a);
		asked = (struct asked) { 0 };
		ask(&a, 1, &asked);
		frame = good;
		switch (i) {
		case 0:
			frame.length = 17;
			break;
		case 1:
			frame.kind = 77;
			break;
		case 2:
			frame.serial = 0;
			break;
		case 3:
			frame.flags = FRAME_FL_FD;	/* but none comes */
			break;
		}
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		if (i < 4)
			raw_send(fd, &frame, NULL, 0, NULL, 0);
		else	/* longer than any frame; the head of it says 64 KiB */
			assert_int_equal(send(fd, big, sizeof(big), 0), sizeof(big));
		settle(&a, NULL);
		assert_int_equal(a.closed, 1);
		assert_int_equal(a.error, -EBADMSG);
		assert_int_equal(a.requests, 0);
		assert_int_equal(asked.calls, 1);
		assert_int_equal(asked.null, true);
		assert_int_equal(link_dispatch(a.link, 1), -ENOTCONN);
		side_end(&a);
		close(fd);
	}
}

/* ---- descriptors ---- */

static void test_descriptor(void **state)
{
	unsigned int before = count_fds();
	struct asked asked = { 0 }, kept = { 0 };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct stat one, two;
	struct side a, b;

	pair_open(&a, &b);
	b.take = true;
	ask_fd(&a, 5, null, &asked);
	settle(&a, &b);
	assert_int_equal(asked.calls, 1);
	assert_int_equal(asked.result, 0);
	assert_true(b.taken >= 0 && b.taken != null);
	assert_int_equal(fcntl(b.taken, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstat(null, &one), 0);
	assert_int_equal(fstat(b.taken, &two), 0);
	assert_true(one.st_rdev == two.st_rdev && one.st_ino == two.st_ino);
	close(b.taken);
	/* a handler that does not take it: closed with the request */
	b.take = false;
	ask_fd(&a, 6, null, &kept);
	settle(&a, &b);
	assert_int_equal(kept.calls, 1);
	/* and with a request that is answered never */
	b.manner = HOLD;
	ask_fd(&a, 7, null, &kept);
	settle(&a, &b);
	side_end(&a);
	side_end(&b);
	close(null);
	assert_int_equal(count_fds(), before);
}

/* One that waits in the queue arrives as well, though its owner has closed it meanwhile */
static void test_queued_descriptor(void **state)
{
	unsigned int before = count_fds();
	static struct asked fill[600];
	struct asked asked = { 0 };
	struct side a, b;
	unsigned int n = 0;
	int null;

	pair_open(&a, &b);
	b.take = true;
	while (!link_queued(a.link))
		ask(&a, n, &fill[n]), n++;
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ask_fd(&a, 5, null, &asked);
	close(null);
	assert_int_equal(asked.calls, 0);
	settle(&a, &b);
	assert_int_equal(asked.calls, 1);
	assert_true(b.taken >= 0);
	assert_int_equal(fcntl(b.taken, F_GETFD), FD_CLOEXEC);
	close(b.taken);
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(fill[i].calls, 1);
	/* one that is never sent is closed, too */
	n = 0;
	while (!link_queued(a.link))
		ask(&a, n, &fill[n]), n++;
	ask_fd(&a, 5, 0, &asked);
	side_end(&a);
	side_end(&b);
	assert_int_equal(count_fds(), before);
}

static void test_strange_descriptors(void **state)
{
	static const struct {
		unsigned int count;
		uint8_t flags;
		unsigned int service, method, kind;
		bool ends;
	} cases[] = {
		/* a method that takes none; one that there is not; an event; an answer */
		{ 1, FRAME_FL_FD, APP, DEVICES, FRAME_CALL, false },
		{ 1, FRAME_FL_FD, 99, 0, FRAME_CALL, false },
		{ 1, FRAME_FL_FD, TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS, 0, FRAME_EVENT, false },
		{ 1, FRAME_FL_FD, APP, DEVICES, FRAME_REPLY, false },
		{ 1, FRAME_FL_FD, APP, DEVICES, FRAME_CANCEL, false },
		/* one that the header does not tell of, and more than one */
		{ 1, 0, TAPI__RPC__SERVICE_ID__SERVICE_HOST, 5, FRAME_CALL, true },
		{ 2, FRAME_FL_FD, TAPI__RPC__SERVICE_ID__SERVICE_HOST, 5, FRAME_CALL, true },
		{ 4, FRAME_FL_FD, TAPI__RPC__SERVICE_ID__SERVICE_HOST, 5, FRAME_CALL, true },
		/* more than there is room for: the kernel cuts them */
		{ 5, FRAME_FL_FD, TAPI__RPC__SERVICE_ID__SERVICE_HOST, 5, FRAME_CALL, true },
		{ 64, FRAME_FL_FD, TAPI__RPC__SERVICE_ID__SERVICE_HOST, 5, FRAME_CALL, true },
	};
	unsigned int before = count_fds();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct side a;
		int fd = half_open(&a), fds[64];
		unsigned int open_now = count_fds();
		struct frame frame = {
			.length = FRAME_HEADER, .serial = cases[i].kind == FRAME_EVENT ? 0 : 7,
			.service = (uint16_t)cases[i].service,
			.method = (uint16_t)cases[i].method, .kind = (uint8_t)cases[i].kind,
			.flags = cases[i].flags,
		};

		for (unsigned int k = 0; k < 64; k++)
			fds[k] = 0;
		raw_send(fd, &frame, NULL, 0, fds, cases[i].count);
		settle(&a, NULL);
		assert_int_equal(a.requests + a.events, 0);
		assert_int_equal(a.closed, cases[i].ends);
		assert_int_equal(count_fds(), open_now - cases[i].ends);
		if (!cases[i].ends && cases[i].kind == FRAME_CALL)
			assert_true(raw_refusal(fd, 7) < 0);
		side_end(&a);
		close(fd);
		assert_int_equal(count_fds(), before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_own_oversize),
		cmocka_unit_test(test_documented),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_later_version),
		cmocka_unit_test(test_wrong_kind),
		cmocka_unit_test(test_unknown_answers),
		cmocka_unit_test(test_bad_answers),
		cmocka_unit_test(test_no_frame),
		cmocka_unit_test(test_descriptor),
		cmocka_unit_test(test_queued_descriptor),
		cmocka_unit_test(test_strange_descriptors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
