/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of event records: order, loss said at its place, what survives */
#include <stdlib.h>

#include "cmocka-all.h"
#include "event.h"

struct fixture {
	struct tapi_ring ring;
	struct tapi_line_event *rec;
	uint32_t seq;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	/* Allocated exactly: the address sanitizer sees a step too far. */
	f->rec = calloc(TAPI_RING_RECORDS, sizeof(*f->rec));
	tapi_ring_init(&f->ring, f->rec);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	free(f->rec);
	free(f);
	return 0;
}

static uint32_t put(struct fixture *f, uint32_t type)
{
	struct tapi_line_event ev = { .type = type };

	ev.seq = ++f->seq;
	ev.ts = 1000 + f->seq;
	return tapi_ring_put(&f->ring, &ev);
}

static void expect(struct fixture *f, uint32_t type, uint32_t seq)
{
	struct tapi_line_event ev;

	assert_false(tapi_ring_empty(&f->ring));
	assert_true(tapi_ring_get(&f->ring, &ev));
	assert_int_equal(ev.type, type);
	assert_int_equal(ev.seq, seq);
}

static void expect_lost(struct fixture *f, uint32_t count, uint32_t last_seq)
{
	struct tapi_line_event ev;

	assert_true(tapi_ring_get(&f->ring, &ev));
	assert_int_equal(ev.type, TAPI_LINE_EV_LOST);
	assert_int_equal(ev.lost.count, count);
	assert_int_equal(ev.seq, last_seq);
	assert_int_equal(ev.ts, 1000 + last_seq);
	assert_int_equal(ev.flags, TAPI_LINE_EV_FL_SYNTHETIC);
}

static void expect_empty(struct fixture *f)
{
	struct tapi_line_event ev;

	assert_true(tapi_ring_empty(&f->ring));
	assert_false(tapi_ring_get(&f->ring, &ev));
}

static void test_order(void **state)
{
	struct fixture *f = *state;
	uint32_t i;

	expect_empty(f);
	/* Three times around, never full */
	for (i = 1; i <= 3 * TAPI_RING_RECORDS; i++) {
		assert_int_equal(put(f, TAPI_LINE_EV_DTMF), 0);
		expect(f, TAPI_LINE_EV_DTMF, i);
	}
	expect_empty(f);
}

static void test_full_drops_oldest(void **state)
{
	struct fixture *f = *state;
	uint32_t i;

	for (i = 0; i < TAPI_RING_RECORDS; i++)
		assert_int_equal(put(f, TAPI_LINE_EV_DTMF), 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(put(f, TAPI_LINE_EV_DTMF), 1);
	expect_lost(f, 5, 5);
	for (i = 6; i <= TAPI_RING_RECORDS + 5; i++)
		expect(f, TAPI_LINE_EV_DTMF, i);
	expect_empty(f);
}

static void test_loss_while_reading(void **state)
{
	struct fixture *f = *state;
	uint32_t i;

	for (i = 0; i < TAPI_RING_RECORDS + 2; i++)
		put(f, TAPI_LINE_EV_HOOK);
	expect_lost(f, 2, 2);
	expect(f, TAPI_LINE_EV_HOOK, 3);
	/* One place is free: the second of these drops again */
	assert_int_equal(put(f, TAPI_LINE_EV_HOOK), 0);
	assert_int_equal(put(f, TAPI_LINE_EV_HOOK), 1);
	expect_lost(f, 1, 4);
	expect(f, TAPI_LINE_EV_HOOK, 5);
}

static void test_state_survives(void **state)
{
	struct fixture *f = *state;
	uint32_t i;

	put(f, TAPI_LINE_EV_STATE);
	for (i = 0; i < TAPI_RING_RECORDS + 9; i++)
		put(f, TAPI_LINE_EV_DTMF);
	/* Nothing was lost before the state, so it comes first */
	expect(f, TAPI_LINE_EV_STATE, 1);
	expect_lost(f, 9, 10);
	expect(f, TAPI_LINE_EV_DTMF, 11);
}

static void test_newest_state_survives(void **state)
{
	struct fixture *f = *state;
	uint32_t i;

	put(f, TAPI_LINE_EV_STATE);		/* 1 */
	put(f, TAPI_LINE_EV_HOOK);		/* 2 */
	put(f, TAPI_LINE_EV_STATE);		/* 3 */
	for (i = 0; i < TAPI_RING_RECORDS + 4; i++)
		put(f, TAPI_LINE_EV_DTMF);	/* 4.. */
	/* 1 and 2 went before 3, 4 to 7 after it */
	expect_lost(f, 2, 2);
	expect(f, TAPI_LINE_EV_STATE, 3);
	expect_lost(f, 4, 7);
	expect(f, TAPI_LINE_EV_DTMF, 8);
}

static void test_gone_is_last(void **state)
{
	struct fixture *f = *state;
	struct tapi_line_event gone = { .type = TAPI_LINE_EV_GONE, .seq = 1000 };
	uint32_t i;

	for (i = 0; i < TAPI_RING_RECORDS; i++)
		put(f, TAPI_LINE_EV_DTMF);
	tapi_ring_put_gone(&f->ring, &gone);
	for (i = 1; i <= TAPI_RING_RECORDS; i++)
		expect(f, TAPI_LINE_EV_DTMF, i);
	expect(f, TAPI_LINE_EV_GONE, 1000);
	expect_empty(f);
}

static void test_unget(void **state)
{
	struct fixture *f = *state;
	struct tapi_line_event ev;

	put(f, TAPI_LINE_EV_DTMF);
	put(f, TAPI_LINE_EV_DTMF);
	assert_true(tapi_ring_get(&f->ring, &ev));
	tapi_ring_unget(&f->ring, &ev);
	expect(f, TAPI_LINE_EV_DTMF, 1);
	expect(f, TAPI_LINE_EV_DTMF, 2);
	expect_empty(f);
}

static void test_mask(void **state)
{
	struct fixture *f = *state;

	assert_true(tapi_ring_wants(&f->ring, TAPI_LINE_EV_DTMF));
	f->ring.mask = 1ULL << TAPI_LINE_EV_HOOK;
	assert_true(tapi_ring_wants(&f->ring, TAPI_LINE_EV_HOOK));
	assert_false(tapi_ring_wants(&f->ring, TAPI_LINE_EV_DTMF));
	f->ring.mask = 0;
	assert_false(tapi_ring_wants(&f->ring, TAPI_LINE_EV_HOOK));
	assert_true(tapi_ring_wants(&f->ring, TAPI_LINE_EV_STATE));
	assert_true(tapi_ring_wants(&f->ring, TAPI_LINE_EV_GONE));
	assert_true(tapi_ring_wants(&f->ring, TAPI_LINE_EV_LOST));
}

/*
 * Whatever is written and read in whatever order: each record is either read,
 * in order, or counted by a LOST record at its very place; and the newest
 * STATE is always read.
 */
static void test_nothing_lost_silently(void **state)
{
	struct fixture *f = *state;
	uint32_t expected = 1, last_state = 0, seen_state = 0, dropped = 0, lost = 0;
	struct tapi_line_event ev;
	unsigned int round, burst;

	srand(20);
	for (round = 0; round < 20000; round++) {
		for (burst = (unsigned int)rand() % 90; burst; burst--) {
			uint32_t type = rand() % 23 ? TAPI_LINE_EV_DTMF : TAPI_LINE_EV_STATE;

			dropped += put(f, type);
			if (type == TAPI_LINE_EV_STATE)
				last_state = f->seq;
		}
		for (burst = (unsigned int)rand() % 90; burst && tapi_ring_get(&f->ring, &ev);
		     burst--) {
			if (rand() % 7 == 0) {
				tapi_ring_unget(&f->ring, &ev);
				continue;
			}
			if (ev.type == TAPI_LINE_EV_LOST) {
				expected += ev.lost.count;
				lost += ev.lost.count;
				assert_int_equal(ev.seq, expected - 1);
				continue;
			}
			assert_int_equal(ev.seq, expected++);
			if (ev.type == TAPI_LINE_EV_STATE)
				seen_state = ev.seq;
		}
		if (tapi_ring_empty(&f->ring))
			assert_int_equal(seen_state, last_state);
	}
	while (tapi_ring_get(&f->ring, &ev)) {
		lost += ev.type == TAPI_LINE_EV_LOST ? ev.lost.count : 0;
		expected += ev.type == TAPI_LINE_EV_LOST ? ev.lost.count : 1;
	}
	assert_int_equal(expected, f->seq + 1);
	assert_int_equal(lost, dropped);
	assert_true(dropped > 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_drops_oldest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_loss_while_reading, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state_survives, setup, teardown),
		cmocka_unit_test_setup_teardown(test_newest_state_survives, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone_is_last, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unget, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mask, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_lost_silently, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
