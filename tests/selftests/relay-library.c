/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The library that hosts and libtapi3 use for the relay, against the kernel */
#include "relay_nl.h"
#include "relay-util.h"

enum { ORDER = 240, ALL_ORDER, STARVED, DUMPS, ADOPTED, ENDS, OVERRUN };

#define MESSAGES 2000

struct side {
	struct relay_nl *nl;
	uint32_t instance;		/* last INSTANCE_NEW */
	bool consume;
	uint32_t next;			/* number expected in the data */
	unsigned int data, ready, gone, lines, instances, done, overrun, failed, wrong;
	int error;
	uint32_t reason;
};

static void heard(void *arg, const struct relay_nl_msg *msg)
{
	struct side *side = arg;
	uint32_t number;

	switch (msg->cmd) {
	case TAPI_NL_CMD_INSTANCE_NEW:
		side->instance = msg->instance;
		break;
	case TAPI_NL_CMD_INSTANCE_GONE:
		side->gone++;
		side->reason = msg->reason;
		break;
	case TAPI_NL_CMD_READY:
		side->ready++;
		break;
	case TAPI_NL_CMD_NEW_LINE:
		side->lines++;
		break;
	case TAPI_NL_CMD_GET_INSTANCE:
		side->instances++;
		break;
	case RELAY_NL_DUMP_DONE:
		side->done++;
		side->error = msg->error;
		break;
	case RELAY_NL_OVERRUN:
		side->overrun++;
		break;
	case RELAY_NL_SEND_FAILED:
		side->failed++;
		side->error = msg->error;
		break;
	case TAPI_NL_CMD_DATA:
		memcpy(&number, msg->data, sizeof(number));
		if (msg->len < sizeof(number) || number != side->next)
			side->wrong++;
		side->next++;
		side->data++;
		if (side->consume && relay_nl_consumed(side->nl, msg->instance, msg->seq))
			side->wrong++;
		break;
	}
}

/* Dispatches until nothing comes for @ms */
static void run(struct side *side, int ms)
{
	struct pollfd pfd = { .fd = relay_nl_fd(side->nl), .events = POLLIN };

	while (poll(&pfd, 1, ms) > 0)
		relay_nl_dispatch(side->nl);
}

struct two {
	struct side host, app;
	struct relay_nl_line line;
	struct relay_nl_instance in;
};

static bool start(struct two *t, uint8_t which)
{
	struct relay_nl_grant grant;

	memset(t, 0, sizeof(*t));
	memcpy(t->line.guid, (uint8_t[]){ 0x7e, 0x57, which }, 3);
	t->host.consume = true;
	t->app.consume = true;
	CHECK_ERR(relay_nl_open(&t->host.nl, heard, &t->host), 0);
	CHECK_ERR(relay_nl_open(&t->app.nl, heard, &t->app), 0);
	CHECK_ERR(relay_nl_bind_guid(t->host.nl, t->line.guid, "library"), 0);
	CHECK_ERR(relay_nl_grant(t->host.nl, &t->line, 7, NULL, NULL, &grant), 0);
	CHECK_ERR(relay_nl_create(t->app.nl, grant.cookie, &t->in), 0);
	CHECK(t->in.address == 7 && t->in.window == TAPI_NL_WINDOW, "answer");
	CHECK_ERR(relay_nl_create(t->app.nl, grant.cookie, &t->in), -EKEYREJECTED);
	CHECK(relay_nl_error(t->app.nl)[0], "no text");
	run(&t->host, 0);
	CHECK(t->host.instance == t->in.instance, "notice");
	return true;
}

static void end(struct two *t)
{
	relay_nl_close(t->app.nl);
	relay_nl_close(t->host.nl);
}

/* More than the window at a time: the library's queue keeps the order, nothing is lost */
static bool order(void)
{
	long long limit = rn_now_ms() + 60000;
	uint32_t number = 0;
	char data[3000];
	struct two t;
	int err;

	CHECK(start(&t, ORDER), "start");
	while (t.app.data < MESSAGES) {
		while (number < MESSAGES) {
			memcpy(data, &number, sizeof(number));
			err = relay_nl_send(t.host.nl, t.in.instance, NULL, 0, data,
					    sizeof(number) + number % 2900);
			CHECK(!err || err == -EAGAIN, "%d", err);
			if (err)
				break;
			number++;
		}
		run(&t.app, 0);
		run(&t.host, 0);
		CHECK(rn_now_ms() < limit, "stuck at %u of %u", t.app.data, number);
	}
	CHECK(!t.app.wrong && t.app.data == MESSAGES && !t.host.failed, "%u wrong, %u of %u",
	      t.app.wrong, t.app.data, MESSAGES);
	end(&t);
	return true;
}

static bool starved(void)
{
	char data[TAPI_NL_DATA_MAX] = { 0 };
	uint32_t number = 0;
	struct two t;

	CHECK(start(&t, STARVED), "start");
	t.app.consume = false;
	while (!relay_nl_send(t.app.nl, t.in.instance, NULL, 0, data, sizeof(data)))
		number++;
	CHECK(number > TAPI_NL_WINDOW, "%u", number);
	CHECK_ERR(relay_nl_send(t.app.nl, t.in.instance, NULL, 0, data, sizeof(data) + 1), -EMSGSIZE);
	run(&t.app, 0);
	CHECK(!t.app.ready, "READY without room");
	while (t.host.data < number) {
		run(&t.host, 0);
		run(&t.app, 300);
	}
	CHECK(t.app.ready == 1, "%u READY", t.app.ready);
	CHECK(t.host.data == number, "%u of %u", t.host.data, number);
	end(&t);
	return true;
}

/* A message to all stands behind those that wait */
static bool all_order(void)
{
	struct relay_nl_refused refused[4];
	uint32_t number;
	size_t count;
	struct two t;

	CHECK(start(&t, ALL_ORDER), "start");
	for (number = 0; number < TAPI_NL_WINDOW + 5; number++)
		CHECK_ERR(relay_nl_send(t.host.nl, t.in.instance, NULL, 0, &number,
					sizeof(number)), 0);
	CHECK_ERR(relay_nl_broadcast(t.host.nl, &t.line, NULL, &number, sizeof(number), refused, 4,
				     &count), 0);
	CHECK(!count, "%zu refused", count);
	while (t.app.data <= number) {
		run(&t.app, 0);
		run(&t.host, 300);
	}
	CHECK(!t.app.wrong, "%u wrong", t.app.wrong);
	number = t.app.next;
	CHECK_ERR(relay_nl_broadcast(t.host.nl, &t.line, NULL, &number, sizeof(number), refused, 4,
				     &count), 0);
	run(&t.app, 300);
	CHECK(!t.app.wrong && t.app.next == number + 1, "by the kernel");
	end(&t);
	return true;
}

static bool dumps(void)
{
	struct two t;

	CHECK(start(&t, DUMPS), "start");
	CHECK_ERR(relay_nl_dump_lines(t.app.nl), 0);
	run(&t.app, 300);
	CHECK(t.app.lines >= 1 && t.app.done == 1 && !t.app.error, "%u lines, %d", t.app.lines,
	      t.app.error);
	CHECK_ERR(relay_nl_dump_instances(t.app.nl), 0);
	CHECK_ERR(relay_nl_dump_instances(t.app.nl), -EBUSY);
	run(&t.app, 300);
	CHECK(t.app.instances == 1 && t.app.done == 2, "%u instances", t.app.instances);
	/* a request between: answers do not mix */
	CHECK_ERR(relay_nl_dump_instances(t.host.nl), 0);
	CHECK_ERR(relay_nl_send(t.host.nl, t.in.instance, NULL, 0, "\0\0\0", 4), 0);
	run(&t.host, 300);
	CHECK(t.host.instances == 1 && t.host.done == 1 && !t.host.error, "%d", t.host.error);
	end(&t);
	return true;
}

static bool adopted(void)
{
	struct relay_nl *second = NULL;
	struct side side = { 0 };
	uint32_t number = 0;
	struct two t;
	int fd;

	CHECK(start(&t, ADOPTED), "start");
	fd = dup(relay_nl_socket(t.host.nl));
	relay_nl_close(t.host.nl);
	CHECK_ERR(relay_nl_adopt(&second, fd, heard, &side), 0);
	side.nl = second;
	CHECK_ERR(relay_nl_send(second, t.in.instance, NULL, 0, &number, sizeof(number)), 0);
	run(&t.app, 300);
	CHECK(t.app.data == 1 && !t.app.gone, "%u, %u", t.app.data, t.app.gone);
	CHECK(relay_nl_adopt(&side.nl, 0, heard, &side) < 0, "a descriptor of something else");
	relay_nl_close(second);
	run(&t.app, 300);
	CHECK(t.app.gone == 1 && t.app.reason == TAPI_NL_GONE_DIED, "%u", t.app.gone);
	CHECK_ERR(relay_nl_send(t.app.nl, t.in.instance, NULL, 0, "", 0), -ENOENT);
	relay_nl_close(t.app.nl);
	return true;
}

static bool ends(void)
{
	uint32_t number = 0;
	uint64_t call = 1;
	struct two t;

	CHECK(start(&t, ENDS), "start");
	CHECK_ERR(relay_nl_send(t.app.nl, t.in.instance, &call, 0, &number, 4), -ENOTCONN);
	CHECK(relay_nl_error(t.app.nl)[0], "no text");
	CHECK_ERR(relay_nl_send(t.host.nl, t.in.instance, &call, 0, &number, 4), 0);
	CHECK_ERR(relay_nl_send(t.app.nl, t.in.instance, &call, 0, &number, 4), 0);
	CHECK_ERR(relay_nl_call_end(t.host.nl, &t.line, t.in.instance, call), 0);
	CHECK_ERR(relay_nl_send(t.app.nl, t.in.instance, &call, 0, &number, 4), -ENOTCONN);
	CHECK_ERR(relay_nl_consumed(t.app.nl, t.in.instance + 1, 1), -ENOENT);
	CHECK_ERR(relay_nl_close_instance(t.app.nl, t.in.instance), 0);
	run(&t.host, 300);
	CHECK(t.host.gone == 1 && t.host.reason == TAPI_NL_GONE_CLOSED, "%u", t.host.gone);
	CHECK_ERR(relay_nl_unbind(t.host.nl, &t.line), 0);
	CHECK_ERR(relay_nl_unbind(t.host.nl, &t.line), -ENOENT);
	end(&t);
	return true;
}

/* Multicasts nobody reads overrun the socket: said so, and instances can be listed */
static bool overrun(void)
{
	struct two t, other;
	int size = 1, i;

	CHECK(start(&t, OVERRUN), "start");
	CHECK_ERR(relay_nl_watch_lines(t.app.nl), 0);
	CHECK(!setsockopt(relay_nl_socket(t.app.nl), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)),
	      "rcvbuf");
	for (i = 0; i < 20; i++) {
		CHECK(start(&other, OVERRUN + 1), "start");
		end(&other);
	}
	run(&t.app, 300);
	CHECK(t.app.overrun == 1, "%u", t.app.overrun);
	CHECK_ERR(relay_nl_dump_instances(t.app.nl), 0);
	run(&t.app, 300);
	CHECK(t.app.instances == 1 && t.app.done == 1, "%u", t.app.instances);
	end(&t);
	return true;
}

static const struct rn_case cases[] = {
	{ order, "2,000 messages through window and queue, in order" },
	{ starved, "a full queue is EAGAIN, READY is said once" },
	{ all_order, "a message to all stands behind those that wait" },
	{ dumps, "lists, and requests while they run" },
	{ adopted, "a socket from another process" },
	{ ends, "calls, close, unbind" },
	{ overrun, "an overrun is said, and what is left can be listed" },
};

RN_MAIN(cases)
