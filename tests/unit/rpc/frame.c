/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Headers of frames: exact bytes, and everything that is none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "frame.h"

static const struct frame good = {
	.length = 20, .serial = 0x01020304, .service = 0x0506, .method = 0x0708,
	.kind = FRAME_CALL, .flags = FRAME_FL_FD,
};

/* A program in another language writes exactly this */
static const unsigned char good_bytes[20] = {
	20, 0, 0, 0, 4, 3, 2, 1, 6, 5, 8, 7, 1, 2, 0, 0, 'b', 'o', 'd', 'y',
};

static void test_bytes(void **state)
{
	unsigned char bytes[FRAME_HEADER];
	struct frame back;

	frame_write(&good, bytes);
	assert_memory_equal(bytes, good_bytes, sizeof(bytes));
	assert_int_equal(frame_read(&back, good_bytes, sizeof(good_bytes)), 0);
	assert_int_equal(back.length, good.length);
	assert_int_equal(back.serial, good.serial);
	assert_int_equal(back.service, good.service);
	assert_int_equal(back.method, good.method);
	assert_int_equal(back.kind, good.kind);
	assert_int_equal(back.flags, good.flags);
}

static int read_with(size_t at, unsigned char value)
{
	unsigned char bytes[sizeof(good_bytes)];
	struct frame frame;

	memcpy(bytes, good_bytes, sizeof(bytes));
	bytes[at] = value;
	return frame_read(&frame, bytes, sizeof(bytes));
}

/* Each byte of the header with each value: what it says is accepted, or it is no frame */
static void test_every_byte(void **state)
{
	int expected;

	for (size_t at = 0; at < FRAME_HEADER; at++) {
		for (unsigned int value = 0; value < 256; value++) {
			switch (at) {
			case 0 ... 3:		/* length is the datagram's */
				expected = value == good_bytes[at] ? 0 : -EBADMSG;
				break;
			case 12:		/* an event has no serial */
				expected = value >= FRAME_CALL && value <= FRAME_CANCEL &&
					   value != FRAME_EVENT ? 0 : -EBADMSG;
				break;
			case 13:
				expected = value <= FRAME_FL_ALL ? 0 : -EBADMSG;
				break;
			case 14 ... 15:
				expected = value ? -EBADMSG : 0;
				break;
			default:
				expected = 0;
			}
			if (read_with(at, (unsigned char)value) != expected)
				fail_msg("byte %zu = %u", at, value);
		}
	}
}

static void test_serial(void **state)
{
	unsigned char bytes[FRAME_HEADER];
	struct frame frame, back;

	for (unsigned int kind = FRAME_CALL; kind <= FRAME_CANCEL; kind++) {
		for (uint32_t serial = 0; serial < 2; serial++) {
			frame = (struct frame) {
				.length = FRAME_HEADER, .serial = serial, .kind = (uint8_t)kind,
			};
			frame_write(&frame, bytes);
			assert_int_equal(frame_read(&back, bytes, sizeof(bytes)),
					 (kind == FRAME_EVENT) == !serial ? 0 : -EBADMSG);
		}
	}
}

static int read_size(uint32_t length, size_t size)
{
	unsigned char *bytes = calloc(1, size + FRAME_HEADER);
	struct frame frame = { .length = length, .serial = 1, .kind = FRAME_CALL }, back;
	int ret;

	frame_write(&frame, bytes);
	ret = frame_read(&back, bytes, size);
	free(bytes);
	return ret;
}

static void test_sizes(void **state)
{
	for (uint32_t size = 0; size < FRAME_HEADER; size++)
		assert_int_equal(read_size(size, size), -EBADMSG);
	assert_int_equal(read_size(FRAME_HEADER, FRAME_HEADER), 0);
	assert_int_equal(read_size(FRAME_MAX, FRAME_MAX), 0);
	assert_int_equal(read_size(FRAME_MAX + 1, FRAME_MAX + 1), -EBADMSG);
	/* cut, or with something behind it */
	assert_int_equal(read_size(100, 99), -EBADMSG);
	assert_int_equal(read_size(100, 101), -EBADMSG);
	assert_int_equal(read_size(0xFFFFFFFF, 100), -EBADMSG);
}

/* No byte beyond a short datagram is looked at: run with AddressSanitizer */
static void test_short(void **state)
{
	struct frame frame;

	for (size_t size = 0; size < FRAME_HEADER; size++) {
		unsigned char *bytes = malloc(size ? size : 1);

		memcpy(bytes, good_bytes, size);
		assert_int_equal(frame_read(&frame, bytes, size), -EBADMSG);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_serial),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_short),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
