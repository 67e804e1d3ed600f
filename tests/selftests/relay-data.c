/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data through the relay: order, content, window, room, calls, messages to all */
#include "relay-util.h"

enum { ORDER = 10, SIZES, WINDOW, READY, CALLS, CALL_END, MANY_CALLS, SEQ, CREDIT, PIGGYBACK, FLAGS,
       ALL, ALL_GAP, ROOM, ROOM_TIMER, OTHERS, STRANGER, COUNTERS, QUIET };

static void fill(uint8_t *buf, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = rand() >> 7;
}

/* One message across, read and compared */
static bool across(struct rn *from, struct rn *to, uint32_t instance, uint32_t seq,
		   const uint8_t *data, size_t len)
{
	struct rn_msg msg;

	CHECK_ERR(rn_data(from, instance, NULL, data, len), 0);
	CHECK(rn_expect(to, TAPI_NL_CMD_DATA, &msg), "no data");
	CHECK(rn_is_data(&msg, instance, seq, data, len), "seq %u, %zu bytes", seq, len);
	CHECK_ERR(rn_credit(to, instance, seq), 0);
	return true;
}

static bool sizes(void)
{
	static const size_t len[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 128,
		255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2047, 2048, 2049, 4095, 4096, 4097,
		7168, 7676, 7677, 7678, 7679, 7680 };
	static uint8_t data[TAPI_NL_DATA_MAX + 1];
	struct rn_pair p;
	unsigned int i;

	CHECK(rn_pair(&p, SIZES), "pair");
	for (i = 0; i < sizeof(len) / sizeof(len[0]); i++) {
		fill(data, len[i]);
		CHECK(across(&p.provider, &p.app, p.instance, i + 1, data, len[i]), "to the app");
		fill(data, len[i]);
		CHECK(across(&p.app, &p.provider, p.instance, i + 1, data, len[i]), "to the provider");
	}
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, data, TAPI_NL_DATA_MAX + 1), -EMSGSIZE);
	CHECK(p.app.text[0] && p.app.bad, "no text or attribute");
	CHECK_ERR(rn_data(&p.provider, p.instance, NULL, data, TAPI_NL_DATA_MAX + 1), -EMSGSIZE);
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, data, 60000), -EMSGSIZE);
	CHECK(across(&p.app, &p.provider, p.instance, i + 1, data, TAPI_NL_DATA_MAX), "after it");
	return true;
}

/* 2,000 messages of random length with up to a window under way, both directions at once */
static bool order(void)
{
	static uint8_t sent[2][TAPI_NL_WINDOW][TAPI_NL_DATA_MAX];
	static size_t lens[2][TAPI_NL_WINDOW];
	uint32_t out[2] = { 0, 0 }, in[2] = { 0, 0 };
	struct rn_pair p;
	struct rn_msg msg;
	int dir, i;

	CHECK(rn_pair(&p, ORDER), "pair");
	for (i = 0; i < 2000; i++) {
		struct rn *from, *to;

		dir = rand() & 1;
		from = dir ? &p.app : &p.provider;
		to = dir ? &p.provider : &p.app;
		if (out[dir] - in[dir] < TAPI_NL_WINDOW && rand() % 3) {
			uint32_t slot = out[dir] % TAPI_NL_WINDOW;

			lens[dir][slot] = rand() % (TAPI_NL_DATA_MAX + 1);
			fill(sent[dir][slot], lens[dir][slot]);
			CHECK_ERR(rn_data(from, p.instance, NULL, sent[dir][slot],
					  lens[dir][slot]), 0);
			out[dir]++;
		} else if (in[dir] != out[dir]) {
			uint32_t slot = in[dir] % TAPI_NL_WINDOW;

			CHECK(rn_expect(to, TAPI_NL_CMD_DATA, &msg), "no data");
			in[dir]++;
			CHECK(rn_is_data(&msg, p.instance, in[dir], sent[dir][slot],
					 lens[dir][slot]), "message %u", in[dir]);
			CHECK_ERR(rn_credit(to, p.instance, in[dir]), 0);
		}
	}
	CHECK(out[0] > 100 && out[1] > 100, "%u %u", out[0], out[1]);
	return true;
}

static bool window(void)
{
	struct rn_pair p;
	struct rn_msg msg;
	uint32_t i;

	CHECK(rn_pair(&p, WINDOW), "pair");
	for (i = 1; i <= TAPI_NL_WINDOW; i++)
		CHECK_ERR(rn_data(&p.app, p.instance, NULL, &i, sizeof(i)), 0);
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, &i, sizeof(i)), -EAGAIN);
	CHECK(p.app.text[0], "no text");
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, &i, sizeof(i)), -EAGAIN);
	/* the other direction has a window of its own */
	CHECK_ERR(rn_data(&p.provider, p.instance, NULL, "x", 1), 0);
	for (i = 1; i <= TAPI_NL_WINDOW; i++) {
		CHECK(rn_expect(&p.provider, TAPI_NL_CMD_DATA, &msg), "message %u", i);
		CHECK(rn_is_data(&msg, p.instance, i, &i, sizeof(i)), "message %u", i);
	}
	CHECK(rn_silent(&p.provider), "the refused one came");
	/* reading is not consuming */
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, &i, sizeof(i)), -EAGAIN);
	CHECK_ERR(rn_credit(&p.provider, p.instance, 1), 0);
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, &i, sizeof(i)), 0);
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, &i, sizeof(i)), -EAGAIN);
	CHECK(rn_expect(&p.provider, TAPI_NL_CMD_DATA, &msg), "17");
	CHECK(rn_is_data(&msg, p.instance, TAPI_NL_WINDOW + 1, &i, sizeof(i)), "17");
	return true;
}

static bool ready(void)
{
	struct rn_pair p;
	struct rn_msg msg;
	uint32_t i;

	CHECK(rn_pair(&p, READY), "pair");
	for (i = 0; i < TAPI_NL_WINDOW; i++)
		CHECK_ERR(rn_data(&p.provider, p.instance, NULL, "x", 1), 0);
	CHECK_ERR(rn_credit(&p.app, p.instance, 1), 0);
	CHECK(rn_silent(&p.provider), "READY without EAGAIN");
	CHECK_ERR(rn_data(&p.provider, p.instance, NULL, "x", 1), 0);
	CHECK_ERR(rn_data(&p.provider, p.instance, NULL, "x", 1), -EAGAIN);
	CHECK_ERR(rn_data(&p.provider, p.instance, NULL, "x", 1), -EAGAIN);
	CHECK(rn_silent(&p.provider), "READY without room");
	CHECK_ERR(rn_credit(&p.app, p.instance, 2), 0);
	CHECK(rn_expect(&p.provider, TAPI_NL_CMD_READY, &msg), "no READY");
	CHECK(rn_get(&msg, TAPI_NL_A_INSTANCE) == p.instance && rn_is_line(&msg, READY), "whose");
	CHECK_ERR(rn_credit(&p.app, p.instance, 3), 0);
	CHECK(rn_silent(&p.provider), "READY twice");
	return true;
}

static bool calls(void)
{
	uint64_t call = 0x123456789abcdefULL, other = 5;
	struct rn_pair p;
	struct rn_msg msg;

	CHECK(rn_pair(&p, CALLS), "pair");
	CHECK_ERR(rn_data(&p.app, p.instance, &call, "x", 1), -ENOTCONN);
	CHECK(p.app.text[0] && p.app.bad, "no text or attribute");
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, "x", 1), 0);
	CHECK_ERR(rn_data(&p.provider, p.instance, NULL, "x", 1), 0);
	CHECK_ERR(rn_data(&p.app, p.instance, &call, "x", 1), -ENOTCONN);
	/* empty speech is speech */
	CHECK_ERR(rn_data(&p.provider, p.instance, &call, NULL, 0), 0);
	CHECK_ERR(rn_data(&p.app, p.instance, &other, "x", 1), -ENOTCONN);
	CHECK_ERR(rn_data(&p.app, p.instance, &call, "y", 1), 0);
	CHECK(rn_expect(&p.app, TAPI_NL_CMD_DATA, &msg) && !msg.a[TAPI_NL_A_CALL], "address");
	CHECK(rn_expect(&p.app, TAPI_NL_CMD_DATA, &msg), "call");
	CHECK(rn_get64(&msg, TAPI_NL_A_CALL) == call, "its number");
	CHECK(rn_is_data(&msg, p.instance, 2, NULL, 0), "its data");
	CHECK(rn_expect(&p.provider, TAPI_NL_CMD_DATA, &msg) && !msg.a[TAPI_NL_A_CALL], "address");
	CHECK(rn_expect(&p.provider, TAPI_NL_CMD_DATA, &msg), "call");
	CHECK(rn_get64(&msg, TAPI_NL_A_CALL) == call && rn_is_data(&msg, p.instance, 2, "y", 1),
	      "back");
	return true;
}

static bool call_end(void)
{
	uint64_t call = 9, second = 10;
	struct rn_pair p;
	struct rn_msg msg;
	struct rn_req rq;

	CHECK(rn_pair(&p, CALL_END), "pair");
	CHECK_ERR(rn_call_end(&p.provider, p.instance, call), -ENOENT);
	CHECK_ERR(rn_data(&p.provider, p.instance, &call, "", 0), 0);
	CHECK_ERR(rn_data(&p.provider, p.instance, &second, "", 0), 0);
	CHECK_ERR(rn_call_end(&p.app, p.instance, call), -EPERM);
	CHECK_ERR(rn_data(&p.app, p.instance, &call, "x", 1), 0);
	CHECK_ERR(rn_call_end(&p.provider, p.instance, call), 0);
	CHECK_ERR(rn_data(&p.app, p.instance, &call, "x", 1), -ENOTCONN);
	CHECK_ERR(rn_data(&p.app, p.instance, &second, "x", 1), 0);
	CHECK_ERR(rn_data(&p.provider, p.instance, &call, "", 0), 0);
	CHECK_ERR(rn_data(&p.app, p.instance, &call, "x", 1), 0);
	/* from all instances */
	rn_cmd(&rq, TAPI_NL_CMD_CALL_END);
	rn_guid(&rq, CALL_END);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, 0);
	rn_u64(&rq, TAPI_NL_A_CALL, call);
	CHECK_ERR(rn_talk(&p.provider, &rq, &msg), 0);
	CHECK_ERR(rn_data(&p.app, p.instance, &call, "x", 1), -ENOTCONN);
	CHECK_ERR(rn_talk(&p.app, &rq, &msg), -EPERM);
	return true;
}

static bool many_calls(void)
{
	struct rn_pair p;
	struct rn_msg msg;
	uint64_t call;

	CHECK(rn_pair(&p, MANY_CALLS), "pair");
	for (call = 1; call <= TAPI_NL_CALLS; call++) {
		CHECK_ERR(rn_data(&p.provider, p.instance, &call, "", 0), 0);
		CHECK(rn_expect(&p.app, TAPI_NL_CMD_DATA, &msg), "call");
		CHECK_ERR(rn_credit(&p.app, p.instance, call), 0);
	}
	CHECK_ERR(rn_data(&p.provider, p.instance, &call, "", 0), -ENOSPC);
	CHECK(p.provider.bad, "no attribute");
	CHECK_ERR(rn_data_all(&p.provider, MANY_CALLS, &call, "", 0, &msg), 0);
	CHECK(msg.refused == 1 && msg.miss[0].error == ENOSPC, "%u", msg.refused);
	call = 1;
	CHECK_ERR(rn_data(&p.provider, p.instance, &call, "", 0), 0);
	CHECK_ERR(rn_call_end(&p.provider, p.instance, call), 0);
	call = TAPI_NL_CALLS + 1;
	CHECK_ERR(rn_data(&p.provider, p.instance, &call, "", 0), 0);
	CHECK_ERR(rn_data(&p.app, p.instance, &call, "", 0), 0);
	return true;
}

static int data_seq(struct rn *s, uint32_t instance, uint32_t seq)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_DATA);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, instance);
	rn_u32(&rq, TAPI_NL_A_SEQ, seq);
	rn_put(&rq, TAPI_NL_A_DATA, &seq, sizeof(seq));
	return rn_talk(s, &rq, NULL);
}

static bool seq(void)
{
	struct rn_pair p;
	uint32_t i;

	CHECK(rn_pair(&p, SEQ), "pair");
	CHECK_ERR(data_seq(&p.app, p.instance, 0), -EINVAL);
	CHECK_ERR(data_seq(&p.app, p.instance, 2), -EINVAL);
	CHECK(p.app.bad && p.app.text[0], "no text or attribute");
	for (i = 1; i <= TAPI_NL_WINDOW; i++)
		CHECK_ERR(data_seq(&p.app, p.instance, i), 0);
	CHECK_ERR(data_seq(&p.app, p.instance, i), -EAGAIN);
	/* a later one cannot overtake it once there is room */
	CHECK_ERR(rn_credit(&p.provider, p.instance, 4), 0);
	CHECK_ERR(data_seq(&p.app, p.instance, i + 1), -EINVAL);
	CHECK_ERR(data_seq(&p.app, p.instance, i), 0);
	CHECK_ERR(data_seq(&p.app, p.instance, i), -EINVAL);
	CHECK_ERR(data_seq(&p.app, p.instance, i + 1), 0);
	return true;
}

static bool credit(void)
{
	struct rn_pair p;
	int i;

	CHECK(rn_pair(&p, CREDIT), "pair");
	CHECK_ERR(rn_credit(&p.provider, p.instance, 1), -EINVAL);
	CHECK(p.provider.bad && p.provider.text[0], "no text or attribute");
	CHECK_ERR(rn_credit(&p.provider, p.instance, 0), 0);
	for (i = 0; i < 5; i++)
		CHECK_ERR(rn_data(&p.app, p.instance, NULL, "x", 1), 0);
	CHECK_ERR(rn_credit(&p.provider, p.instance, 6), -EINVAL);
	CHECK_ERR(rn_credit(&p.provider, p.instance, UINT32_MAX), -EINVAL);
	CHECK_ERR(rn_credit(&p.provider, p.instance, 3), 0);
	CHECK_ERR(rn_credit(&p.provider, p.instance, 2), -EINVAL);
	CHECK_ERR(rn_credit(&p.provider, p.instance, 3), 0);
	CHECK_ERR(rn_credit(&p.provider, p.instance, 5), 0);
	/* the sender cannot give itself credit */
	CHECK_ERR(rn_credit(&p.app, p.instance, 1), -EINVAL);
	CHECK_ERR(rn_credit(&p.app, p.instance + 1000000, 1), -ENOENT);
	return true;
}

static int data_consumed(struct rn *s, uint32_t instance, uint32_t consumed)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_DATA);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, instance);
	rn_u32(&rq, TAPI_NL_A_CONSUMED, consumed);
	rn_put(&rq, TAPI_NL_A_DATA, "c", 1);
	return rn_talk(s, &rq, NULL);
}

static bool piggyback(void)
{
	struct rn_pair p;
	struct rn_msg msg;
	int i;

	CHECK(rn_pair(&p, PIGGYBACK), "pair");
	for (i = 0; i < TAPI_NL_WINDOW; i++) {
		CHECK_ERR(rn_data(&p.app, p.instance, NULL, "x", 1), 0);
		CHECK_ERR(rn_data(&p.provider, p.instance, NULL, "x", 1), 0);
	}
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, "x", 1), -EAGAIN);
	/* wrong credit: nothing happens; right credit counts although there is no room */
	CHECK_ERR(data_consumed(&p.provider, p.instance, 17), -EINVAL);
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, "x", 1), -EAGAIN);
	CHECK_ERR(data_consumed(&p.provider, p.instance, 2), -EAGAIN);
	for (i = 0; i < TAPI_NL_WINDOW; i++)
		CHECK(rn_expect(&p.app, TAPI_NL_CMD_DATA, &msg), "data %d", i);
	CHECK(rn_expect(&p.app, TAPI_NL_CMD_READY, &msg), "no READY");
	CHECK_ERR(data_consumed(&p.app, p.instance, 16), 0);
	CHECK_ERR(data_consumed(&p.provider, p.instance, 16), 0);
	return true;
}

static bool flags(void)
{
	uint32_t bad[] = { TAPI_NL_FL_GAP, 4, 0x80000001 };
	struct rn_pair p;
	struct rn_msg msg;
	struct rn_req rq;
	unsigned int i;

	CHECK(rn_pair(&p, FLAGS), "pair");
	for (i = 0; i < 3; i++) {
		rn_cmd(&rq, TAPI_NL_CMD_DATA);
		rn_u32(&rq, TAPI_NL_A_INSTANCE, p.instance);
		rn_u32(&rq, TAPI_NL_A_FLAGS, bad[i]);
		rn_put(&rq, TAPI_NL_A_DATA, "x", 1);
		CHECK_ERR(rn_talk(&p.app, &rq, NULL), -EINVAL);
	}
	rn_cmd(&rq, TAPI_NL_CMD_DATA);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, p.instance);
	rn_u32(&rq, TAPI_NL_A_FLAGS, TAPI_NL_FL_MORE);
	rn_put(&rq, TAPI_NL_A_DATA, "x", 1);
	CHECK_ERR(rn_talk(&p.app, &rq, NULL), 0);
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, "y", 1), 0);
	CHECK(rn_expect(&p.provider, TAPI_NL_CMD_DATA, &msg), "first");
	CHECK(rn_get(&msg, TAPI_NL_A_FLAGS) == TAPI_NL_FL_MORE, "flags");
	CHECK(rn_expect(&p.provider, TAPI_NL_CMD_DATA, &msg), "second");
	CHECK(!msg.a[TAPI_NL_A_FLAGS], "flags");
	return true;
}

/* Opens @count applications on the pair's line */
static bool more(struct rn_pair *p, struct rn *apps, uint32_t *ids, int count)
{
	struct rn_cookie cookie;
	struct rn_msg msg;
	int i;

	for (i = 0; i < count; i++) {
		CHECK_ERR(rn_open_port(&apps[i], 0), 0);
		CHECK_ERR(rn_grant(&p->provider, p->line, &cookie), 0);
		CHECK_ERR(rn_create(&apps[i], &cookie, &ids[i]), 0);
		CHECK(rn_expect(&p->provider, TAPI_NL_CMD_INSTANCE_NEW, &msg), "notice");
	}
	return true;
}

static bool all(void)
{
	static const char too_long[TAPI_NL_DATA_MAX + 1];
	struct rn_pair p;
	struct rn apps[5];
	uint32_t ids[5];
	struct rn_msg msg;
	uint64_t call = 3;
	int i;

	CHECK(rn_pair(&p, ALL), "pair");
	CHECK(more(&p, apps, ids, 5), "more");
	CHECK_ERR(rn_data_all(&p.provider, ALL, &call, "abc", 3, &msg), 0);
	CHECK(!msg.cmd, "an answer although nobody missed it");
	for (i = 0; i < 5; i++) {
		CHECK(rn_expect(&apps[i], TAPI_NL_CMD_DATA, &msg), "app %d", i);
		CHECK(rn_is_data(&msg, ids[i], 1, "abc", 3), "app %d", i);
		CHECK(rn_get64(&msg, TAPI_NL_A_CALL) == call, "call");
		CHECK_ERR(rn_data(&apps[i], ids[i], &call, "x", 1), 0);
	}
	CHECK_ERR(rn_data_all(&apps[0], ALL, NULL, "abc", 3, &msg), -EPERM);
	CHECK_ERR(rn_data_all(&p.provider, 99, NULL, "abc", 3, &msg), -ENOENT);
	CHECK_ERR(rn_data_all(&p.provider, ALL, NULL, too_long, sizeof(too_long), &msg), -EMSGSIZE);
	return true;
}

static bool all_gap(void)
{
	struct rn_pair p;
	struct rn slow;
	uint32_t id;
	struct rn_msg msg;
	int i;

	CHECK(rn_pair(&p, ALL_GAP), "pair");
	CHECK(more(&p, &slow, &id, 1), "more");
	for (i = 0; i < TAPI_NL_WINDOW; i++)
		CHECK_ERR(rn_data(&p.provider, id, NULL, "x", 1), 0);
	CHECK_ERR(rn_data_all(&p.provider, ALL_GAP, NULL, "all", 3, &msg), 0);
	CHECK(msg.cmd == TAPI_NL_CMD_DATA && rn_is_line(&msg, ALL_GAP), "answer");
	CHECK(msg.refused == 1 && msg.miss[0].instance == id && msg.miss[0].error == EAGAIN,
	      "%u refused, %u %u", msg.refused, msg.miss[0].instance, msg.miss[0].error);
	CHECK(rn_expect(&p.app, TAPI_NL_CMD_DATA, &msg), "the other");
	CHECK(rn_is_data(&msg, p.instance, 1, "all", 3) && !msg.a[TAPI_NL_A_FLAGS], "the other");
	for (i = 1; i <= TAPI_NL_WINDOW; i++)
		CHECK(rn_expect(&slow, TAPI_NL_CMD_DATA, &msg), "data");
	CHECK_ERR(rn_credit(&slow, id, TAPI_NL_WINDOW), 0);
	CHECK(rn_expect(&p.provider, TAPI_NL_CMD_READY, &msg), "READY");
	CHECK(rn_get(&msg, TAPI_NL_A_INSTANCE) == id, "whose");
	for (i = 0; i < 2; i++) {
		CHECK_ERR(rn_data(&p.provider, id, NULL, "z", 1), 0);
		CHECK(rn_expect(&slow, TAPI_NL_CMD_DATA, &msg), "data");
		CHECK(rn_is_data(&msg, id, TAPI_NL_WINDOW + 1 + i, "z", 1), "number");
		CHECK(rn_get(&msg, TAPI_NL_A_FLAGS) == (i ? 0 : TAPI_NL_FL_GAP), "gap once");
	}
	return true;
}

/*
 * One provider's socket serves ten instances: their windows together are more than it
 * holds.  The room runs out before netlink's overrun, notices still come, and every
 * sender that got EAGAIN hears READY.
 */
static bool room(void)
{
	static uint8_t data[TAPI_NL_DATA_MAX];
	unsigned int sent[10] = { 0 }, got = 0, full = 0, ready = 0, total = 0;
	struct rn_pair p;
	struct rn apps[10];
	struct rn_msg msg;
	uint32_t ids[10], seq[10] = { 0 };
	int i, j, err;

	CHECK(rn_pair(&p, ROOM), "pair");
	CHECK(more(&p, apps, ids, 10), "more");
	for (j = 0; j < TAPI_NL_WINDOW; j++)
		for (i = 0; i < 10; i++) {
			if (sent[i] != (unsigned int)j)
				continue;
			err = rn_data(&apps[i], ids[i], NULL, data, sizeof(data));
			CHECK(!err || err == -EAGAIN, "%d", err);
			if (err)
				full++;
			else
				sent[i]++;
		}
	for (i = 0; i < 10; i++)
		total += sent[i];
	CHECK(full == 10 && total >= 12 && total < 10 * TAPI_NL_WINDOW, "%u full, %u sent", full,
	      total);
	/* the reserve: a death is told although data found no room */
	rn_close(&p.app);
	while (got < total) {
		CHECK_ERR(rn_next(&p.provider, &msg, RN_PATIENCE_MS), 0);
		CHECK(msg.cmd == TAPI_NL_CMD_DATA, "command %u", msg.cmd);
		for (i = 0; ids[i] != rn_get(&msg, TAPI_NL_A_INSTANCE); i++)
			;
		CHECK(rn_is_data(&msg, ids[i], ++seq[i], data, sizeof(data)), "instance %d", i);
		got++;
	}
	CHECK(rn_expect(&p.provider, TAPI_NL_CMD_INSTANCE_GONE, &msg), "gone");
	for (i = 0; i < 10; i++) {
		CHECK(rn_expect(&apps[i], TAPI_NL_CMD_READY, &msg), "app %d", i);
		ready++;
		CHECK_ERR(rn_data(&apps[i], ids[i], NULL, data, sizeof(data)), 0);
	}
	CHECK(ready == full, "%u of %u", ready, full);
	return true;
}

/* The receiver reads and says nothing: READY comes by itself */
static bool room_timer(void)
{
	static uint8_t data[TAPI_NL_DATA_MAX];
	struct rn_pair p;
	struct rn_msg msg;
	int size = 1, i, sent = 0;

	CHECK(rn_pair(&p, ROOM_TIMER), "pair");
	CHECK(!setsockopt(p.app.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), "rcvbuf");
	/* an empty queue takes one, however small it is */
	for (i = 0; i < 3; i++)
		if (!rn_data(&p.provider, p.instance, NULL, data, sizeof(data)))
			sent++;
	CHECK(sent == 1, "%d sent", sent);
	CHECK(rn_silent(&p.provider), "READY without room");
	CHECK(rn_expect(&p.app, TAPI_NL_CMD_DATA, &msg), "data");
	CHECK(rn_expect(&p.provider, TAPI_NL_CMD_READY, &msg), "READY");
	CHECK_ERR(rn_data(&p.provider, p.instance, NULL, data, sizeof(data)), 0);
	return true;
}

/* A full application does not hold up another one of the same provider */
static bool others(void)
{
	static uint8_t data[TAPI_NL_DATA_MAX];
	struct rn_pair p;
	struct rn quick;
	struct rn_msg msg;
	uint32_t id;
	int i;

	CHECK(rn_pair(&p, OTHERS), "pair");
	CHECK(more(&p, &quick, &id, 1), "more");
	while (!rn_data(&p.provider, p.instance, NULL, data, sizeof(data)))
		;
	for (i = 1; i <= 200; i++) {
		CHECK_ERR(rn_data(&p.provider, id, NULL, &i, sizeof(i)), 0);
		CHECK(rn_expect(&quick, TAPI_NL_CMD_DATA, &msg), "data %d", i);
		CHECK(rn_is_data(&msg, id, i, &i, sizeof(i)), "data %d", i);
		CHECK_ERR(rn_credit(&quick, id, i), 0);
	}
	return true;
}

static bool stranger(void)
{
	struct rn_pair p, q;
	struct rn s;

	CHECK(rn_pair(&p, STRANGER), "pair");
	CHECK(rn_pair(&q, STRANGER + 100), "pair");
	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_data(&s, p.instance, NULL, "x", 1), -EPERM);
	CHECK(s.text[0] && s.bad, "no text or attribute");
	CHECK_ERR(rn_credit(&s, p.instance, 0), -EPERM);
	CHECK_ERR(rn_instance_cmd(&s, TAPI_NL_CMD_INSTANCE_CLOSE, p.instance), -EPERM);
	CHECK_ERR(rn_call_end(&s, p.instance, 1), -EPERM);
	/* the ends of one instance are strangers to another */
	CHECK_ERR(rn_data(&p.provider, q.instance, NULL, "x", 1), -EPERM);
	CHECK_ERR(rn_data(&p.app, q.instance, NULL, "x", 1), -EPERM);
	CHECK_ERR(rn_instance_cmd(&p.app, TAPI_NL_CMD_INSTANCE_CLOSE, q.instance), -EPERM);
	CHECK_ERR(rn_data(&q.app, q.instance, NULL, "x", 1), 0);
	CHECK(rn_silent(&p.provider) && rn_silent(&s), "somebody else heard it");
	return true;
}

static bool counters(void)
{
	struct rn_msg msg[3];
	struct rn_pair p;
	int i;

	CHECK(rn_pair(&p, COUNTERS), "pair");
	for (i = 0; i < 5; i++)
		CHECK_ERR(rn_data(&p.app, p.instance, NULL, "x", 1), 0);
	CHECK_ERR(rn_credit(&p.provider, p.instance, 2), 0);
	CHECK_ERR(rn_instances(&p.app, msg, 3), 1);
	CHECK(rn_get(msg, TAPI_NL_A_INSTANCE) == p.instance && rn_is_line(msg, COUNTERS) &&
	      rn_get(msg, TAPI_NL_A_ADDRESS) == 3, "which");
	CHECK(rn_get(msg, TAPI_NL_A_ROLE) == TAPI_NL_ROLE_APPLICATION, "role");
	CHECK(rn_get(msg, TAPI_NL_A_SENT) == 5 && rn_get(msg, TAPI_NL_A_RECEIVED) == 0 &&
	      rn_get(msg, TAPI_NL_A_CONSUMED) == 2 &&
	      rn_get(msg, TAPI_NL_A_WINDOW) == TAPI_NL_WINDOW - 3, "counters");
	for (i = 0; i < 5; i++)
		CHECK(rn_expect(&p.provider, TAPI_NL_CMD_DATA, msg), "data");
	CHECK_ERR(rn_instances(&p.provider, msg, 3), 1);
	CHECK(rn_get(msg, TAPI_NL_A_ROLE) == TAPI_NL_ROLE_PROVIDER &&
	      rn_get(msg, TAPI_NL_A_SENT) == 0 && rn_get(msg, TAPI_NL_A_RECEIVED) == 5,
	      "the other side");
	return true;
}

/* Without NLM_F_ACK an accepted message is answered by nothing, a refused one by its error */
static bool quiet(void)
{
	struct rn_pair p;
	struct rn_msg msg;
	struct rn_req rq;
	int i;

	CHECK(rn_pair(&p, QUIET), "pair");
	for (i = 0; i < TAPI_NL_WINDOW + 1; i++) {
		rn_init(&rq, rn_family, TAPI_NL_CMD_DATA, 0);
		rn_u32(&rq, TAPI_NL_A_INSTANCE, p.instance);
		rn_put(&rq, TAPI_NL_A_DATA, "x", 1);
		CHECK_ERR(rn_send(&p.app, &rq), 0);
		if (i < TAPI_NL_WINDOW)
			CHECK_ERR(rn_next(&p.app, &msg, 0), -EAGAIN);
	}
	CHECK_ERR(rn_next(&p.app, &msg, 0), 0);
	CHECK(msg.type == NLMSG_ERROR && rn_error(&p.app, msg.buf) == -EAGAIN, "the error");
	return true;
}

static const struct rn_case cases[] = {
	{ sizes, "every boundary size, random bytes, both ways; 7681 is EMSGSIZE" },
	{ order, "order and content of 2,000 random messages, both ways at once" },
	{ window, "the 17th unconsumed message is EAGAIN" },
	{ ready, "READY comes once after EAGAIN, when there is room" },
	{ calls, "the provider speaks first: ENOTCONN" },
	{ call_end, "CALL_END withdraws a call, from one or all instances" },
	{ many_calls, "64 calls per instance: ENOSPC" },
	{ seq, "a numbered message cannot overtake a refused one" },
	{ credit, "credit for what was not received, or less than before, is EINVAL" },
	{ piggyback, "DATA carries credit, also when it is refused for room" },
	{ flags, "MORE goes through, other flags are EINVAL" },
	{ all, "a message to all instances" },
	{ all_gap, "who misses a message to all is listed, told GAP, and READY follows" },
	{ room, "a full socket is EAGAIN before it overruns; notices still come" },
	{ room_timer, "READY comes when a silent reader makes room" },
	{ others, "one full application does not hold up another" },
	{ stranger, "strangers are EPERM and hear nothing" },
	{ counters, "GET_INSTANCE tells both ends where they are" },
	{ quiet, "an accepted message needs no answer" },
};

RN_MAIN(cases)
