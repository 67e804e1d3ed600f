/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: the line in the relay, with this program as both ends. */
#include <stdlib.h>

#include "relay.h"
#include "test.h"

/* Nothing comes: watched for longer than the relay's retry of 100 ms */
#define SILENCE_MS 300

struct ends {
	struct nl_socket provider, app;
	uint32_t instance;
	struct nl_message m, answer;	/* large: not on the stack */
};

int relay_bind(struct nl_socket *s, const struct line *line, struct nl_message *m,
	       struct nl_message *answer)
{
	int32_t fd = line->fd;

	nl_begin(m, s, TAPI_NL_CMD_PROVIDER_BIND);
	nl_put(m, TAPI_NL_A_LINE_FD, &fd, sizeof(fd));
	return nl_talk(s, m, answer);
}

static void put_line(struct nl_message *m, const struct line *line)
{
	nl_put_u32(m, TAPI_NL_A_CARD, line->caps.card);
	nl_put_u32(m, TAPI_NL_A_LINE, line->caps.line);
}

static int grant(struct ends *e, const struct line *line)
{
	nl_begin(&e->m, &e->provider, TAPI_NL_CMD_GRANT);
	put_line(&e->m, line);
	nl_put_u32(&e->m, TAPI_NL_A_ADDRESS, 5);
	return nl_talk(&e->provider, &e->m, &e->answer);
}

/* With the cookie of the last grant */
static int create(struct ends *e)
{
	nl_begin(&e->m, &e->app, TAPI_NL_CMD_INSTANCE_CREATE);
	nl_put(&e->m, TAPI_NL_A_COOKIE, e->answer.at[TAPI_NL_A_COOKIE],
	       e->answer.size[TAPI_NL_A_COOKIE]);
	return nl_talk(&e->app, &e->m, &e->answer);
}

static enum verdict binding(struct run *r, struct ends *e)
{
	CHECK_OK(relay_bind(&e->provider, &r->line, &e->m, &e->answer), "PROVIDER_BIND");
	CHECK(e->answer.cmd == TAPI_NL_CMD_PROVIDER_BIND &&
	      nl_u32(&e->answer, TAPI_NL_A_CARD) == r->line.caps.card &&
	      nl_u32(&e->answer, TAPI_NL_A_LINE) == r->line.caps.line,
	      "the answer names card %u, line %u", nl_u32(&e->answer, TAPI_NL_A_CARD),
	      nl_u32(&e->answer, TAPI_NL_A_LINE));
	return OK;
}

static enum verdict granting(struct run *r, struct ends *e)
{
	CHECK_OK(grant(e, &r->line), "GRANT");
	CHECK(e->answer.size[TAPI_NL_A_COOKIE] == TAPI_NL_COOKIE_LEN &&
	      nl_u32(&e->answer, TAPI_NL_A_EXPIRES_MS), "no COOKIE or no EXPIRES_MS");
	CHECK_OK(create(e), "INSTANCE_CREATE");
	e->instance = nl_u32(&e->answer, TAPI_NL_A_INSTANCE);
	CHECK(e->instance && nl_u32(&e->answer, TAPI_NL_A_ADDRESS) == 5 &&
	      nl_u32(&e->answer, TAPI_NL_A_WINDOW) == TAPI_NL_WINDOW,
	      "instance %u, address %u, window %u", e->instance,
	      nl_u32(&e->answer, TAPI_NL_A_ADDRESS), nl_u32(&e->answer, TAPI_NL_A_WINDOW));
	CHECK_OK(nl_notice(&e->provider, &e->answer, PATIENCE_MS), "no INSTANCE_NEW");
	CHECK(e->answer.cmd == TAPI_NL_CMD_INSTANCE_NEW &&
	      nl_u32(&e->answer, TAPI_NL_A_INSTANCE) == e->instance, "notice %u for instance %u",
	      e->answer.cmd, nl_u32(&e->answer, TAPI_NL_A_INSTANCE));
	return OK;
}

/* Runs @judge between two ends, or with the provider alone */
static enum verdict with_ends(struct run *r, bool both,
			      enum verdict (*judge)(struct run *r, struct ends *e))
{
	struct ends *e = calloc(1, sizeof(*e));
	enum verdict v = OK;
	int err;

	if (!e)
		return verdict(r, REFUSED, "out of memory");
	e->app.fd = -1;
	err = nl_open(&e->provider);
	err = err ? err : nl_open(&e->app);
	if (err)
		v = verdict(r, FAIL, "netlink family tapi: %s", error_name(err));
	v = v == OK ? binding(r, e) : v;
	v = v == OK && both ? granting(r, e) : v;
	v = v == OK ? judge(r, e) : v;
	if (e->app.fd >= 0)
		nl_close(&e->app);
	nl_close(&e->provider);
	free(e);
	return v;
}

static enum verdict judge_bind(struct run *r, struct ends *e)
{
	struct tapi_line_state state;

	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &state), "G_STATE");
	CHECK(state.flags & TAPI_LINE_ST_BOUND, "flags %#x without BOUND", state.flags);
	CHECK_ERR(relay_bind(&e->app, &r->line, &e->m, NULL), EBUSY, "another PROVIDER_BIND");
	nl_begin(&e->m, &e->provider, TAPI_NL_CMD_GET_LINE);
	put_line(&e->m, &r->line);
	CHECK_OK(nl_talk(&e->provider, &e->m, &e->answer), "GET_LINE");
	CHECK(nl_u32(&e->answer, TAPI_NL_A_TYPE) == r->line.caps.type &&
	      nl_u32(&e->answer, TAPI_NL_A_SND_CARD) == r->line.caps.snd_card,
	      "GET_LINE differs from G_CAPS");
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_RELEASE, NULL), "RELEASE");
	CHECK_OK(nl_notice(&e->provider, &e->answer, PATIENCE_MS), "no PROVIDER_GONE");
	CHECK(e->answer.cmd == TAPI_NL_CMD_PROVIDER_GONE &&
	      nl_u32(&e->answer, TAPI_NL_A_REASON) == TAPI_NL_GONE_RELEASED,
	      "notice %u, reason %u", e->answer.cmd, nl_u32(&e->answer, TAPI_NL_A_REASON));
	CHECK_ERR(relay_bind(&e->provider, &r->line, &e->m, NULL), EPERM,
		  "PROVIDER_BIND without a claim");
	return OK;
}

static enum verdict judge_cookie(struct run *r, struct ends *e)
{
	uint8_t cookie[TAPI_NL_COOKIE_LEN] = { 1 };

	nl_begin(&e->m, &e->app, TAPI_NL_CMD_INSTANCE_CREATE);
	nl_put(&e->m, TAPI_NL_A_COOKIE, cookie, sizeof(cookie));
	CHECK_ERR(nl_talk(&e->app, &e->m, NULL), EKEYREJECTED, "an unknown cookie");
	CHECK_OK(grant(e, &r->line), "GRANT");
	memcpy(cookie, e->answer.at[TAPI_NL_A_COOKIE], sizeof(cookie));
	CHECK_OK(create(e), "INSTANCE_CREATE");
	nl_begin(&e->m, &e->app, TAPI_NL_CMD_INSTANCE_CREATE);
	nl_put(&e->m, TAPI_NL_A_COOKIE, cookie, sizeof(cookie));
	CHECK_ERR(nl_talk(&e->app, &e->m, NULL), EKEYREJECTED, "a cookie that was used");
	return OK;
}

static int send_data(struct ends *e, struct nl_socket *from, const void *data, size_t size)
{
	nl_begin(&e->m, from, TAPI_NL_CMD_DATA);
	nl_put_u32(&e->m, TAPI_NL_A_INSTANCE, e->instance);
	nl_put(&e->m, TAPI_NL_A_DATA, data, size);
	return nl_talk(from, &e->m, NULL);
}

static enum verdict judge_sizes(struct run *r, struct ends *e)
{
	static const size_t sizes[] = { 0, 1, 3, 4, 4095, 4096, 7679, TAPI_NL_DATA_MAX };
	static uint8_t bytes[TAPI_NL_DATA_MAX + 1];
	struct nl_socket *from = &e->provider, *to = &e->app, *other;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i * 7 + (i >> 8);
	for (int way = 0; way < 2; way++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			const struct nl_message *got = &e->answer;

			CHECK_OK(send_data(e, from, bytes, sizes[i]), "DATA");
			CHECK_OK(nl_notice(to, &e->answer, PATIENCE_MS), "no DATA arrives");
			CHECK(got->cmd == TAPI_NL_CMD_DATA &&
			      got->size[TAPI_NL_A_DATA] == sizes[i] &&
			      nl_u32(got, TAPI_NL_A_SEQ) == i + 1 && got->at[TAPI_NL_A_DATA] &&
			      !memcmp(got->at[TAPI_NL_A_DATA], bytes, sizes[i]),
			      "%zu bytes arrive as %zu, number %u, or other ones", sizes[i],
			      got->size[TAPI_NL_A_DATA], nl_u32(got, TAPI_NL_A_SEQ));
		}
		CHECK_ERR(send_data(e, from, bytes, sizeof(bytes)), EMSGSIZE, "7681 bytes");
		other = from;
		from = to;
		to = other;
	}
	return OK;
}

static enum verdict judge_credit(struct run *r, struct ends *e)
{
	for (int i = 0; i < TAPI_NL_WINDOW; i++)
		CHECK_OK(send_data(e, &e->provider, "x", 1), "DATA within the window");
	CHECK_ERR(send_data(e, &e->provider, "x", 1), EAGAIN, "DATA beyond the window");
	for (int i = 0; i < TAPI_NL_WINDOW; i++)
		CHECK_OK(nl_notice(&e->app, &e->answer, PATIENCE_MS), "no DATA arrives");
	CHECK_ERR(nl_notice(&e->app, &e->answer, SILENCE_MS), ETIME, "what got EAGAIN arrives");
	nl_begin(&e->m, &e->app, TAPI_NL_CMD_CREDIT);
	nl_put_u32(&e->m, TAPI_NL_A_INSTANCE, e->instance);
	nl_put_u32(&e->m, TAPI_NL_A_CONSUMED, TAPI_NL_WINDOW);
	CHECK_OK(nl_talk(&e->app, &e->m, NULL), "CREDIT");
	CHECK_OK(nl_notice(&e->provider, &e->answer, PATIENCE_MS), "no READY");
	CHECK(e->answer.cmd == TAPI_NL_CMD_READY, "notice %u, not READY", e->answer.cmd);
	CHECK_OK(send_data(e, &e->provider, "y", 1), "DATA after READY");
	CHECK_OK(nl_notice(&e->app, &e->answer, PATIENCE_MS), "no DATA arrives");
	CHECK(nl_u32(&e->answer, TAPI_NL_A_SEQ) == TAPI_NL_WINDOW + 1, "number %u",
	      nl_u32(&e->answer, TAPI_NL_A_SEQ));
	return OK;
}

static enum verdict judge_close(struct run *r, struct ends *e)
{
	nl_begin(&e->m, &e->app, TAPI_NL_CMD_INSTANCE_CLOSE);
	nl_put_u32(&e->m, TAPI_NL_A_INSTANCE, e->instance);
	CHECK_OK(nl_talk(&e->app, &e->m, NULL), "INSTANCE_CLOSE");
	CHECK_OK(nl_notice(&e->provider, &e->answer, PATIENCE_MS), "no INSTANCE_GONE");
	CHECK(e->answer.cmd == TAPI_NL_CMD_INSTANCE_GONE &&
	      nl_u32(&e->answer, TAPI_NL_A_REASON) == TAPI_NL_GONE_CLOSED, "notice %u, reason %u",
	      e->answer.cmd, nl_u32(&e->answer, TAPI_NL_A_REASON));
	CHECK_ERR(send_data(e, &e->provider, "x", 1), ENOENT, "DATA after that");
	return OK;
}

/* The provider's socket dies, the claim stays */
static enum verdict judge_death(struct run *r, struct ends *e)
{
	struct tapi_line_state state;

	nl_close(&e->provider);
	CHECK_OK(nl_notice(&e->app, &e->answer, PATIENCE_MS), "no INSTANCE_GONE");
	CHECK(e->answer.cmd == TAPI_NL_CMD_INSTANCE_GONE &&
	      nl_u32(&e->answer, TAPI_NL_A_REASON) == TAPI_NL_GONE_DIED, "notice %u, reason %u",
	      e->answer.cmd, nl_u32(&e->answer, TAPI_NL_A_REASON));
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &state), "G_STATE");
	CHECK(!(state.flags & TAPI_LINE_ST_BOUND), "the line is still BOUND");
	return OK;
}

static enum verdict bind_line(struct run *r)
{
	return with_ends(r, false, judge_bind);
}

static enum verdict cookie(struct run *r)
{
	return with_ends(r, false, judge_cookie);
}

static enum verdict sizes(struct run *r)
{
	return with_ends(r, true, judge_sizes);
}

static enum verdict credit(struct run *r)
{
	return with_ends(r, true, judge_credit);
}

static enum verdict closing(struct run *r)
{
	return with_ends(r, true, judge_close);
}

static enum verdict death(struct run *r)
{
	return with_ends(r, true, judge_death);
}

static const struct test tests[] = {
	{ "relay/bind", RELAY_PAGE "PROVIDER_BIND", "the claimer may bind its line, until RELEASE",
	  T_CLAIM, .run = bind_line },
	{ "relay/cookie", RELAY_PAGE "INSTANCE_CREATE", "a cookie is good once", T_CLAIM,
	  .run = cookie },
	{ "relay/sizes", RELAY_PAGE "DATA", "0 to 7,680 bytes arrive both ways, in order", T_CLAIM,
	  .run = sizes },
	{ "relay/credit", RELAY_PAGE "DATA", "16 messages, then EAGAIN, and READY after CREDIT",
	  T_CLAIM, .run = credit },
	{ "relay/close", RELAY_PAGE "INSTANCE_CLOSE", "the other end is told CLOSED", T_CLAIM,
	  .run = closing },
	{ "relay/death", RELAY_PAGE "INSTANCE_GONE", "the other end is told DIED", T_CLAIM,
	  .run = death },
};

GROUP(relay_group, tests);
