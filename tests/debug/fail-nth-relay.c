// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fail-nth: each command of the relay. Faults are on while the message is sent, which is when the
 * kernel does it; answers are read without. An answer that found no memory leaves the sender's
 * socket with ENOBUFS: then the command may have come through or not, and the look says which.
 */
#include "fail-nth.h"

#define GUID	0x42

static struct rn provider, app, stranger;
static struct rn_cookie cookie;
static uint32_t instance;
static struct rn_req rq;
static struct rn *sender;
static bool dump;

/* ---- how it looks to both ends, and to others; reading what was sent to them as well */

/* What has come is not looked at here, nor that something was lost */
static void drain(struct rn *s)
{
	static struct rn_msg msg;

	while (rn_next(s, &msg, 0) != -EAGAIN)
		;
}

static void look_instances(struct look *look, struct rn *s, const char *who)
{
	static struct rn_msg msg[4];
	int n, i;

	drain(s);
	n = rn_instances(s, msg, 4);
	look_add(look, "%s: %d instances", who, n);
	for (i = 0; i < n && i < 4; i++)
		look_add(look, " (role %u sent %u received %u consumed %u window %u)",
			 rn_get(&msg[i], TAPI_NL_A_ROLE), rn_get(&msg[i], TAPI_NL_A_SENT),
			 rn_get(&msg[i], TAPI_NL_A_RECEIVED), rn_get(&msg[i], TAPI_NL_A_CONSUMED),
			 rn_get(&msg[i], TAPI_NL_A_WINDOW));
	look_add(look, "\n");
}

static void look_relay(struct look *look)
{
	struct rn_msg msg;
	int err = rn_get_line(&stranger, GUID, &msg);

	look_add(look, "line %s\n", err ? strerror(-err) : "there");
	look_instances(look, &provider, "provider");
	look_instances(look, &app, "application");
}

/* ---- scenes */

static void over(void)
{
	rn_close(&app);
	rn_close(&provider);
	/* nobody's line is gone a little later */
	rn_line_gone(&stranger, GUID);
	rn_close(&stranger);
}

static int sockets(void)
{
	/* its number is kept for each source file */
	int err = rn_family ? 0 : rn_resolve();

	if (!err)
		err = rn_open_port(&provider, 0);
	if (!err)
		err = rn_open_port(&app, 0);
	if (!err)
		err = rn_open_port(&stranger, 0);
	dump = false;
	return err;
}

static int is_bound(void)
{
	int err = sockets();

	return err ? err : rn_bind(&provider, GUID);
}

static int is_granted(void)
{
	int err = is_bound();

	return err ? err : rn_grant(&provider, GUID, &cookie);
}

static int is_instance(void)
{
	struct rn_msg msg;
	int err = is_granted();

	if (!err)
		err = rn_create(&app, &cookie, &instance);
	return err ? err : rn_expect(&provider, TAPI_NL_CMD_INSTANCE_NEW, &msg) ? 0 : -EBADMSG;
}

static int is_sent(void)
{
	int err = is_instance();

	if (!err)
		err = rn_data(&provider, instance, NULL, "hello", 5);
	return err;
}

static int is_call(void)
{
	const uint64_t number = 77;
	int err = is_instance();

	return err ? err : rn_data(&provider, instance, &number, "hello", 5);
}

/* ---- requests: built without faults, sent with */

static int sending(int (*scene)(void), struct rn *from, int cmd)
{
	int err = scene();

	sender = from;
	rn_cmd(&rq, cmd);
	return err;
}

static int do_send(void)
{
	return rn_send(sender, &rq);
}

/* The status at the end of a dump, which may be in the same datagram as the rest: 0 or -errno */
static bool dump_ended(const char *buf, ssize_t len, int *status)
{
	const struct nlmsghdr *hdr = (const void *)buf;

	while (len >= NLMSG_HDRLEN && hdr->nlmsg_type != NLMSG_DONE) {
		len -= NLMSG_ALIGN(hdr->nlmsg_len);
		hdr = (const void *)((const char *)hdr + NLMSG_ALIGN(hdr->nlmsg_len));
	}
	if (len < NLMSG_HDRLEN)
		return false;
	memcpy(status, (const char *)hdr + NLMSG_HDRLEN, sizeof(*status));
	return true;
}

/* The answers to what was sent. A message to all that one did not get has failed for that one. */
static int do_told(int said)
{
	static struct rn_msg msg;
	char buf[32768];
	const struct nlmsghdr *hdr = (const void *)buf;
	int refused = 0, status;
	ssize_t len;

	if (said)
		return said;
	for (;;) {
		len = rn_recv(sender, buf, sizeof(buf), RN_PATIENCE_MS);
		if (len == -ENOBUFS)
			return UNTOLD;
		if (len < 0)
			return (int)len;
		if (hdr->nlmsg_seq != sender->seq)
			continue;
		if (hdr->nlmsg_type == NLMSG_ERROR) {
			status = rn_error(sender, buf);
			return status ? status : refused;
		}
		if (dump && dump_ended(buf, len, &status))
			return status;
		if (dump)
			continue;
		rn_parse(&msg, buf, len);
		if (msg.refused)
			refused = -(int)msg.miss[0].error;
	}
}

static int get_line(void)
{
	int err = sending(is_bound, &stranger, TAPI_NL_CMD_GET_LINE);

	rn_guid(&rq, GUID);
	return err;
}

static int get_lines(void)
{
	int err = sending(is_bound, &app, TAPI_NL_CMD_GET_LINE);

	rn_init(&rq, rn_family, TAPI_NL_CMD_GET_LINE, NLM_F_DUMP);
	dump = true;
	return err;
}

static int get_instances(void)
{
	int err = sending(is_sent, &app, TAPI_NL_CMD_GET_INSTANCE);

	rn_init(&rq, rn_family, TAPI_NL_CMD_GET_INSTANCE, NLM_F_DUMP);
	dump = true;
	return err;
}

static int bind_(void)
{
	int err = sending(sockets, &provider, TAPI_NL_CMD_PROVIDER_BIND);

	rn_guid(&rq, GUID);
	rn_put(&rq, TAPI_NL_A_NAME, "test", 5);
	return err;
}

static int unbind(void)
{
	int err = sending(is_instance, &provider, TAPI_NL_CMD_PROVIDER_UNBIND);

	rn_guid(&rq, GUID);
	return err;
}

static int grant(void)
{
	int err = sending(is_bound, &provider, TAPI_NL_CMD_GRANT);

	rn_guid(&rq, GUID);
	rn_u32(&rq, TAPI_NL_A_ADDRESS, 3);
	return err;
}

static int revoke_grant(void)
{
	int err = sending(is_granted, &provider, TAPI_NL_CMD_GRANT_REVOKE);

	rn_guid(&rq, GUID);
	rn_u32(&rq, TAPI_NL_A_GRANT, cookie.grant);
	return err;
}

static int create(void)
{
	int err = sending(is_granted, &app, TAPI_NL_CMD_INSTANCE_CREATE);

	rn_put(&rq, TAPI_NL_A_COOKIE, cookie.bytes, sizeof(cookie.bytes));
	return err;
}

static int instance_command(int (*scene)(void), struct rn *from, int cmd)
{
	int err = sending(scene, from, cmd);

	rn_u32(&rq, TAPI_NL_A_INSTANCE, instance);
	return err;
}

static int close_by_app(void)
{
	return instance_command(is_sent, &app, TAPI_NL_CMD_INSTANCE_CLOSE);
}

static int close_by_provider(void)
{
	return instance_command(is_sent, &provider, TAPI_NL_CMD_INSTANCE_CLOSE);
}

static int data_by_app(void)
{
	int err = instance_command(is_instance, &app, TAPI_NL_CMD_DATA);

	rn_put(&rq, TAPI_NL_A_DATA, "hello", 5);
	return err;
}

static int data_by_provider(void)
{
	int err = instance_command(is_instance, &provider, TAPI_NL_CMD_DATA);

	rn_u64(&rq, TAPI_NL_A_CALL, 7);
	rn_put(&rq, TAPI_NL_A_DATA, "hello", 5);
	return err;
}

static int data_to_all(void)
{
	int err = sending(is_instance, &provider, TAPI_NL_CMD_DATA);

	rn_guid(&rq, GUID);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, 0);
	rn_put(&rq, TAPI_NL_A_DATA, "hello", 5);
	return err;
}

static int credit(void)
{
	int err = instance_command(is_sent, &app, TAPI_NL_CMD_CREDIT);

	rn_u32(&rq, TAPI_NL_A_CONSUMED, 1);
	return err;
}

static int call_end(void)
{
	int err = instance_command(is_call, &provider, TAPI_NL_CMD_CALL_END);

	rn_u64(&rq, TAPI_NL_A_CALL, 77);
	return err;
}

/* ---- a line with hardware */

static int line_fd = -1;

static int bind_line(void)
{
	int32_t fd = line_fd = lu_open_claimed(LU_FXO);
	int err = fd < 0 ? fd : sending(sockets, &provider, TAPI_NL_CMD_PROVIDER_BIND);

	rn_put(&rq, TAPI_NL_A_LINE_FD, &fd, sizeof(fd));
	return err;
}

static void line_over(void)
{
	over();
	close(line_fd);
}

static void look_bound(struct look *look)
{
	struct tapi_line_state state = { 0 };

	ioctl(line_fd, TAPI_LINE_G_STATE, &state);
	look_add(look, "flags %u\n", state.flags);
	look_relay(look);
}

/* A message finds no room in the kernel, or none in the socket it is for */
#define NL_ERRORS .more = { -ENOBUFS, -EAGAIN }

#define WALK(name, scene) \
	WALK_IN("relay: " name, scene, do_send, do_told, over, look_relay, NL_ERRORS)

const struct walk relay_walks[] = {
	WALK("GET_LINE", get_line),
	WALK("GET_LINE dump", get_lines),
	WALK("GET_INSTANCE dump", get_instances),
	WALK("PROVIDER_BIND", bind_),
	WALK_IN("relay: PROVIDER_BIND of a line", bind_line, do_send, do_told, line_over,
		look_bound, NL_ERRORS),
	WALK("PROVIDER_UNBIND", unbind),
	WALK("GRANT", grant),
	WALK("GRANT_REVOKE", revoke_grant),
	WALK("INSTANCE_CREATE", create),
	WALK("INSTANCE_CLOSE by the application", close_by_app),
	WALK("INSTANCE_CLOSE by the provider", close_by_provider),
	WALK("DATA of the application", data_by_app),
	WALK("DATA of the provider", data_by_provider),
	WALK("DATA to all", data_to_all),
	WALK("CREDIT", credit),
	WALK("CALL_END", call_end),
	{ }
};
