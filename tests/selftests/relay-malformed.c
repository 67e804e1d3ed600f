/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every attribute of every command missing, too short, too long, or out of range: the
 * error, its text or attribute, and that nothing has changed.
 */
#include "relay-util.h"

enum { TABLE = 220, NAMES, REJECTED, FUZZ };

/* An attribute of a valid message: what its absence gives, 0 when it may be absent */
struct part {
	int type;
	size_t len;
	int absent;
};

struct command {
	const char *name;
	int cmd;
	bool from_app;
	struct part parts[6];
};

/* GUID, absent: no line is named, or the message has an instance */
static const struct command commands[] = {
	{ "GET_LINE", TAPI_NL_CMD_GET_LINE, true,
	  { { TAPI_NL_A_GUID, 16, -EINVAL } } },
	{ "UNBIND", TAPI_NL_CMD_PROVIDER_UNBIND, false,
	  { { TAPI_NL_A_GUID, 16, -EINVAL } } },
	{ "GRANT", TAPI_NL_CMD_GRANT, false,
	  { { TAPI_NL_A_GUID, 16, -EINVAL }, { TAPI_NL_A_ADDRESS, 4, -EINVAL },
	    { TAPI_NL_A_UID, 4, 0 } } },
	{ "GRANT_REVOKE", TAPI_NL_CMD_GRANT_REVOKE, false,
	  { { TAPI_NL_A_GUID, 16, -EINVAL }, { TAPI_NL_A_GRANT, 4, -EINVAL } } },
	{ "INSTANCE_CREATE", TAPI_NL_CMD_INSTANCE_CREATE, true,
	  { { TAPI_NL_A_COOKIE, 16, -EINVAL } } },
	{ "INSTANCE_CLOSE", TAPI_NL_CMD_INSTANCE_CLOSE, true,
	  { { TAPI_NL_A_INSTANCE, 4, -EINVAL } } },
	{ "DATA", TAPI_NL_CMD_DATA, true,
	  { { TAPI_NL_A_INSTANCE, 4, -EINVAL }, { TAPI_NL_A_DATA, 0, -EINVAL },
	    { TAPI_NL_A_FLAGS, 4, 0 } } },
	{ "CREDIT", TAPI_NL_CMD_CREDIT, true,
	  { { TAPI_NL_A_INSTANCE, 4, -EINVAL }, { TAPI_NL_A_CONSUMED, 4, -EINVAL } } },
	{ "CALL_END", TAPI_NL_CMD_CALL_END, false,
	  { { TAPI_NL_A_INSTANCE, 4, -EINVAL }, { TAPI_NL_A_CALL, 8, -EINVAL } } },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void put_part(struct rn_req *rq, const struct part *part, size_t len, uint32_t instance)
{
	uint8_t value[32] = { 0 };

	if (part->type == TAPI_NL_A_GUID)
		memcpy(value, (uint8_t[]){ 0x7e, 0x57, TABLE }, 3);
	if (part->type == TAPI_NL_A_INSTANCE)
		memcpy(value, &instance, sizeof(instance));
	rn_put(rq, part->type, value, len);
}

/* The message with part @which changed: left out (@delta 0) or longer by @delta */
static int try(struct rn_pair *p, const struct command *c, int which, int delta)
{
	struct rn *s = c->from_app ? &p->app : &p->provider;
	struct rn_req rq;
	int i;

	rn_cmd(&rq, c->cmd);
	for (i = 0; i < 6 && c->parts[i].type; i++) {
		if (i == which && !delta)
			continue;
		put_part(&rq, &c->parts[i], c->parts[i].len + (i == which ? delta : 0),
			 p->instance);
	}
	return rn_talk(s, &rq, NULL);
}

static bool unchanged(struct rn_pair *p)
{
	struct rn_msg msg;

	CHECK_ERR(rn_get_line(&p->app, p->line, &msg), 0);
	CHECK_ERR(rn_instances(&p->app, &msg, 1), 1);
	CHECK(rn_get(&msg, TAPI_NL_A_INSTANCE) == p->instance &&
	      !rn_get(&msg, TAPI_NL_A_SENT) && !rn_get(&msg, TAPI_NL_A_RECEIVED) &&
	      !rn_get(&msg, TAPI_NL_A_CONSUMED), "state");
	return true;
}

static bool refused(struct rn_pair *p, const struct command *c, int which, int delta, int want)
{
	struct rn *s = c->from_app ? &p->app : &p->provider;
	int err = try(p, c, which, delta);
	bool ok = want ? err == want : err == -EINVAL || err == -ERANGE;

	CHECK(ok, "%s attribute %d %+d: %d", c->name, c->parts[which].type, delta, err);
	CHECK(s->text[0], "%s attribute %d %+d: no text", c->name, c->parts[which].type, delta);
	if (delta)
		CHECK(s->bad, "%s attribute %d: not named", c->name, c->parts[which].type);
	CHECK(unchanged(p), "%s attribute %d", c->name, c->parts[which].type);
	return true;
}

static bool table(void)
{
	struct rn_pair p;
	unsigned int i;
	int j;

	CHECK(rn_pair(&p, TABLE), "pair");
	for (i = 0; i < COMMANDS; i++)
		for (j = 0; j < 6 && commands[i].parts[j].type; j++) {
			const struct part *part = &commands[i].parts[j];

			if (part->absent)
				CHECK(refused(&p, &commands[i], j, 0, part->absent), "absent");
			if (!part->len)
				continue;
			CHECK(refused(&p, &commands[i], j, -1, 0), "short");
			CHECK(refused(&p, &commands[i], j, -(int)part->len, 0), "empty");
			CHECK(refused(&p, &commands[i], j, 4, 0), "long");
		}
	CHECK(rn_silent(&p.provider), "the provider heard of it");
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, "x", 1), 0);
	return true;
}

static int with(struct rn *s, int cmd, int type, const void *data, size_t len)
{
	struct rn_req rq;

	rn_cmd(&rq, cmd);
	rn_put(&rq, type, data, len);
	return rn_talk(s, &rq, NULL);
}

static bool names(void)
{
	static const uint8_t zero[16];
	struct rn_msg msg;
	struct rn_req rq;
	uint32_t n = 0;
	struct rn s;

	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(with(&s, TAPI_NL_CMD_GET_LINE, TAPI_NL_A_CARD, &n, 4), -EINVAL);
	CHECK(s.text[0] && s.miss == TAPI_NL_A_LINE, "%d", s.miss);
	CHECK_ERR(with(&s, TAPI_NL_CMD_GET_LINE, TAPI_NL_A_LINE, &n, 4), -EINVAL);
	CHECK(s.text[0] && s.miss == TAPI_NL_A_CARD, "%d", s.miss);
	CHECK_ERR(with(&s, TAPI_NL_CMD_GET_LINE, TAPI_NL_A_GUID, zero, 16), -EINVAL);
	rn_cmd(&rq, TAPI_NL_CMD_GET_LINE);
	rn_guid(&rq, NAMES);
	rn_u32(&rq, TAPI_NL_A_CARD, 0);
	rn_u32(&rq, TAPI_NL_A_LINE, 0);
	CHECK_ERR(rn_talk(&s, &rq, NULL), -EINVAL);
	rn_cmd(&rq, TAPI_NL_CMD_GET_LINE);
	rn_u32(&rq, TAPI_NL_A_CARD, 12345);
	rn_u32(&rq, TAPI_NL_A_LINE, 0);
	CHECK_ERR(rn_talk(&s, &rq, NULL), -ENOENT);
	/* binding */
	rn_cmd(&rq, TAPI_NL_CMD_PROVIDER_BIND);
	CHECK_ERR(rn_talk(&s, &rq, NULL), -EINVAL);
	CHECK(s.miss == TAPI_NL_A_LINE_FD, "%d", s.miss);
	rn_guid(&rq, NAMES);
	CHECK_ERR(rn_talk(&s, &rq, NULL), -EINVAL);
	CHECK(s.miss == TAPI_NL_A_NAME, "%d", s.miss);
	rn_put(&rq, TAPI_NL_A_NAME, "", 1);
	CHECK_ERR(rn_talk(&s, &rq, NULL), -EINVAL);
	rn_cmd(&rq, TAPI_NL_CMD_PROVIDER_BIND);
	rn_guid(&rq, NAMES);
	rn_put(&rq, TAPI_NL_A_NAME, "12345678901234567890123456789012", 33);
	CHECK(rn_talk(&s, &rq, NULL) < 0, "a name of 32 bytes");
	rn_cmd(&rq, TAPI_NL_CMD_PROVIDER_BIND);
	rn_guid(&rq, NAMES);
	rn_put(&rq, TAPI_NL_A_NAME, "no end", 6);
	CHECK(rn_talk(&s, &rq, NULL) < 0, "a name without its NUL");
	rn_cmd(&rq, TAPI_NL_CMD_PROVIDER_BIND);
	rn_guid(&rq, NAMES);
	rn_u32(&rq, TAPI_NL_A_LINE_FD, 0);
	CHECK_ERR(rn_talk(&s, &rq, NULL), -EINVAL);
	n = -1;
	CHECK_ERR(with(&s, TAPI_NL_CMD_PROVIDER_BIND, TAPI_NL_A_LINE_FD, &n, 4), -EBADF);
	CHECK(s.text[0] && s.bad, "no text or attribute");
	n = s.fd;
	CHECK_ERR(with(&s, TAPI_NL_CMD_PROVIDER_BIND, TAPI_NL_A_LINE_FD, &n, 4), -EINVAL);
	CHECK_ERR(rn_get_line(&s, NAMES, &msg), -ENOENT);
	/* the longest name */
	rn_cmd(&rq, TAPI_NL_CMD_PROVIDER_BIND);
	rn_guid(&rq, NAMES);
	rn_put(&rq, TAPI_NL_A_NAME, "1234567890123456789012345678901", 32);
	CHECK_ERR(rn_talk(&s, &rq, NULL), 0);
	return true;
}

/* Attributes only the kernel sends, unknown ones, commands that are notices, a wrong line */
static bool rejected(void)
{
	static const int kernels[] = { TAPI_NL_A_TYPE, TAPI_NL_A_CAPS, TAPI_NL_A_SND_CARD,
		TAPI_NL_A_SND_DEVICE, TAPI_NL_A_BOUND, TAPI_NL_A_EXPIRES_MS, TAPI_NL_A_WINDOW,
		TAPI_NL_A_REASON, TAPI_NL_A_REFUSED, TAPI_NL_A_ERRNO, TAPI_NL_A_ROLE,
		TAPI_NL_A_SENT, TAPI_NL_A_RECEIVED, TAPI_NL_A_MAX + 1, 200 };
	static const int notices[] = { TAPI_NL_CMD_NEW_LINE, TAPI_NL_CMD_DEL_LINE,
		TAPI_NL_CMD_CHANGE_LINE, TAPI_NL_CMD_PROVIDER_GONE, TAPI_NL_CMD_INSTANCE_NEW,
		TAPI_NL_CMD_INSTANCE_GONE, TAPI_NL_CMD_READY, TAPI_NL_CMD_GET_INSTANCE, 0,
		TAPI_NL_CMD_MAX + 1, 255 };
	struct rn_pair p;
	struct rn_req rq;
	unsigned int i;

	CHECK(rn_pair(&p, REJECTED), "pair");
	for (i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		rn_cmd(&rq, TAPI_NL_CMD_DATA);
		rn_u32(&rq, TAPI_NL_A_INSTANCE, p.instance);
		rn_put(&rq, TAPI_NL_A_DATA, "x", 1);
		rn_u32(&rq, kernels[i], 0);
		CHECK_ERR(rn_talk(&p.app, &rq, NULL), -EINVAL);
		CHECK(p.app.text[0], "attribute %d: no text", kernels[i]);
	}
	for (i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
		rn_cmd(&rq, notices[i]);
		rn_u32(&rq, TAPI_NL_A_INSTANCE, p.instance);
		CHECK_ERR(rn_talk(&p.app, &rq, NULL), -EOPNOTSUPP);
	}
	rn_cmd(&rq, TAPI_NL_CMD_DATA);
	rn_guid(&rq, REJECTED + 1);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, p.instance);
	rn_put(&rq, TAPI_NL_A_DATA, "x", 1);
	CHECK_ERR(rn_talk(&p.app, &rq, NULL), -EINVAL);
	CHECK(unchanged(&p), "state");
	rn_cmd(&rq, TAPI_NL_CMD_DATA);
	rn_guid(&rq, REJECTED);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, p.instance);
	rn_put(&rq, TAPI_NL_A_DATA, "x", 1);
	CHECK_ERR(rn_talk(&p.app, &rq, NULL), 0);
	return true;
}

/* Random messages, valid in form or not: errors only, and the relay still works */
static bool fuzz(void)
{
	static const uint8_t lens[] = { 0, 1, 4, 8, 16 };
	struct rn_pair p, good;
	struct rn_req rq;
	struct rn_msg msg;
	uint8_t bytes[16];
	int i, j, n;

	srand(4711);
	CHECK(rn_pair(&p, FUZZ), "pair");
	CHECK(rn_pair(&good, FUZZ + 1), "pair");
	for (i = 0; i < 20000; i++) {
		rn_init(&rq, rn_family, rand() % (TAPI_NL_CMD_MAX + 2), 0);
		for (j = rand() % 6; j > 0; j--) {
			for (n = 0; n < 16; n++)
				bytes[n] = rand() % 3 ? 0 : rand();
			if (rand() % 2)
				memcpy(bytes, &p.instance, 4);
			rn_put(&rq, rand() % (TAPI_NL_A_MAX + 2), bytes, lens[rand() % 5]);
		}
		if (!(rand() % 8))
			rq.hdr.nlmsg_len -= rand() % (rq.hdr.nlmsg_len - NLMSG_HDRLEN + 1);
		rn_send(rand() & 1 ? &p.app : &p.provider, &rq);
		if (i % 16 == 0) {
			while (rn_next(&p.app, &msg, 0) != -EAGAIN)
				;
			while (rn_next(&p.provider, &msg, 0) != -EAGAIN)
				;
		}
	}
	CHECK_ERR(rn_data(&good.app, good.instance, NULL, "x", 1), 0);
	CHECK(rn_expect(&good.provider, TAPI_NL_CMD_DATA, &msg), "data");
	CHECK(rn_is_data(&msg, good.instance, 1, "x", 1), "content");
	return true;
}

static const struct rn_case cases[] = {
	{ table, "each attribute missing, short, empty, long: refused, said which, no change" },
	{ names, "wrong names of lines and wrong binds" },
	{ rejected, "the kernel's attributes, unknown ones, notices, another line's name" },
	{ fuzz, "20,000 random messages" },
};

RN_MAIN(cases)
