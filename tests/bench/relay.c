/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a message of 1 KiB between a service provider and its media provider costs, on a virtual
 * machine whose clock counts instructions: both ends in one process that never waits, there and
 * back, through the library and the kernel, credits included. Beside it the same with AF_UNIX
 * SOCK_SEQPACKET and with plain netlink, by system calls alone.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "bench.h"
#include "relay_nl.h"

#define MESSAGES	2000u		/* in a round, half of them each way */
#define SIZE		1024u

struct side {
	struct relay_nl *nl;
	uint32_t instance;
	unsigned int got;
};

static void heard(void *arg, const struct relay_nl_msg *msg)
{
	struct side *side = arg;

	if (msg->cmd == TAPI_NL_CMD_INSTANCE_NEW)
		side->instance = msg->instance;
	if (msg->cmd != TAPI_NL_CMD_DATA)
		return;
	if (msg->len != SIZE)
		die("%zu bytes of %u", msg->len, SIZE);
	side->got++;
	relay_nl_consumed(side->nl, msg->instance, msg->seq);
}

static void good(int err, const char *what)
{
	if (err)
		die("%s: %s", what, strerror(-err));
}

static void connect_sides(struct side *host, struct side *app)
{
	struct relay_nl_line line = { .guid = "benchmark relay" };
	struct relay_nl_instance instance;
	struct relay_nl_grant grant;

	good(relay_nl_open(&host->nl, heard, host), "relay_nl_open");
	good(relay_nl_open(&app->nl, heard, app), "relay_nl_open");
	good(relay_nl_bind_guid(host->nl, line.guid, "bench"), "relay_nl_bind_guid");
	good(relay_nl_grant(host->nl, &line, 0, NULL, NULL, &grant), "relay_nl_grant");
	good(relay_nl_create(app->nl, grant.cookie, &instance), "relay_nl_create");
	app->instance = instance.instance;
	good(relay_nl_dispatch(host->nl), "relay_nl_dispatch");
	if (host->instance != app->instance)
		die("the provider was not told of the instance");
}

static void pass(struct side *from, struct side *to, const char *data)
{
	unsigned int before = to->got;

	good(relay_nl_send(from->nl, from->instance, NULL, 0, data, SIZE), "relay_nl_send");
	good(relay_nl_dispatch(to->nl), "relay_nl_dispatch");
	if (to->got != before + 1)
		die("a message did not arrive");
}

static double relay_round(struct side *host, struct side *app)
{
	char data[SIZE] = "";
	uint64_t begin = now_ns();

	for (unsigned int i = 0; i < MESSAGES / 2; i++) {
		pass(host, app, data);
		pass(app, host, data);
	}
	return (double)(now_ns() - begin) / MESSAGES;
}

/* The same with two sockets that are connected to each other, @head bytes before the data */
static double socket_round(const int fds[2], size_t head)
{
	char data[SIZE + 64] = "", got[SIZE + 64];
	struct nlmsghdr *header = (struct nlmsghdr *)data;
	ssize_t size = (ssize_t)(SIZE + head);
	uint64_t begin;

	if (head)
		*header = (struct nlmsghdr){ .nlmsg_len = (uint32_t)size, .nlmsg_type = 0x10 };
	begin = now_ns();
	for (unsigned int i = 0; i < MESSAGES; i++)
		if (send(fds[i % 2], data, (size_t)size, MSG_DONTWAIT) != size ||
		    recv(fds[!(i % 2)], got, sizeof(got), MSG_DONTWAIT) != size)
			die("peer: %s", strerror(errno));
	return (double)(now_ns() - begin) / MESSAGES;
}

static void netlink_pair(int fds[2])
{
	struct sockaddr_nl address[2] = { { .nl_family = AF_NETLINK }, { .nl_family = AF_NETLINK } };
	socklen_t size = sizeof(address[0]);

	for (unsigned int i = 0; i < 2; i++) {
		fds[i] = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
		if (fds[i] < 0 || bind(fds[i], (struct sockaddr *)&address[i], size) ||
		    getsockname(fds[i], (struct sockaddr *)&address[i], &size))
			die("netlink: %s", strerror(errno));
	}
	for (unsigned int i = 0; i < 2; i++)
		if (connect(fds[i], (struct sockaddr *)&address[!i], size))
			die("netlink: %s", strerror(errno));
}

int main(void)
{
	struct result unix_row = { .name = "relay.message", .unit = "instr",
				   .peer = "AF_UNIX SEQPACKET" };
	struct result netlink_row = { .name = "relay.netlink", .unit = "instr",
				      .peer = "NETLINK_USERSOCK" };
	struct result rate = { .name = "relay.rate", .unit = "MB per 10^9 instr",
			       .peer = "AF_UNIX SEQPACKET" };
	struct side host = { 0 }, app = { 0 };
	int unix_fds[2], netlink_fds[2];

	mlockall(MCL_CURRENT | MCL_FUTURE);
	connect_sides(&host, &app);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, unix_fds))
		die("socketpair: %s", strerror(errno));
	netlink_pair(netlink_fds);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		unix_row.mine[round] = relay_round(&host, &app);
		unix_row.other[round] = socket_round(unix_fds, 0);
		netlink_row.mine[round] = unix_row.mine[round];
		netlink_row.other[round] = socket_round(netlink_fds, NLMSG_HDRLEN);
		rate.mine[round] = SIZE * 1000.0 / unix_row.mine[round];
		rate.other[round] = SIZE * 1000.0 / unix_row.other[round];
	}
	put(&unix_row, ROUNDS);
	put(&netlink_row, ROUNDS);
	put(&rate, ROUNDS);
	relay_nl_close(app.nl);
	relay_nl_close(host.nl);
	return 0;
}
