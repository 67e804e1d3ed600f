/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media providers and a service provider, with the kernel's relay and tsphost between them: this
 * program is tapisrv and the media provider, tsphost runs the fake provider.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <tapi/tspi.h>

#include "../component/tsphost-peer.h"
#include "relay_nl.h"

#define PATIENCE_MS	30000

static const uint8_t fake_guid[TAPI_NL_GUID_LEN] = FAKE_GUID;

/* The media provider's end */
struct media {
	struct relay_nl *nl;
	struct relay_nl_instance instance;
	unsigned int messages;
	char text[64];
	bool has_call;
	uint64_t call;
	unsigned int wrong;
	bool count;			/* messages are numbers in order */
	uint32_t next;
	uint32_t gone;			/* reason, 1 more */
};

static void heard(void *arg, const struct relay_nl_msg *msg)
{
	struct media *media = arg;
	uint32_t number;

	if (msg->cmd == TAPI_NL_CMD_INSTANCE_GONE)
		media->gone = msg->reason + 1;
	if (msg->cmd != TAPI_NL_CMD_DATA)
		return;
	media->messages++;
	media->has_call = msg->has_call;
	media->call = msg->call;
	if (media->count) {
		memcpy(&number, msg->data, sizeof(number));
		media->wrong += msg->len != sizeof(number) + 1 || number != media->next;
		media->next++;
	} else if (msg->len < sizeof(media->text)) {
		memcpy(media->text, msg->data, msg->len);
		media->text[msg->len] = '\0';
	}
	relay_nl_consumed(media->nl, msg->instance, msg->seq);
}

static void wait_messages(struct media *media, unsigned int count)
{
	struct pollfd pfd = { .fd = relay_nl_fd(media->nl), .events = POLLIN };

	while (media->messages < count) {
		if (poll(&pfd, 1, PATIENCE_MS) <= 0)
			fail_msg("%u of %u messages", media->messages, count);
		assert_int_equal(relay_nl_dispatch(media->nl), 0);
	}
}

static void wait_gone(struct media *media)
{
	struct pollfd pfd = { .fd = relay_nl_fd(media->nl), .events = POLLIN };

	while (!media->gone) {
		if (poll(&pfd, 1, PATIENCE_MS) <= 0)
			fail_msg("the instance does not end");
		relay_nl_dispatch(media->nl);
	}
}

/* What tapisrv does for a line without hardware: binds it, and passes the socket */
static int32_t bind_line(struct peer *peer, const uint8_t guid[TAPI_NL_GUID_LEN])
{
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;
	struct relay_nl *nl;
	int32_t result;

	assert_int_equal(relay_nl_open(&nl, heard, NULL), 0);
	assert_int_equal(relay_nl_bind_guid(nl, guid, "fake"), 0);
	in.has_line = 1;
	in.line = LINE(0);
	link_attach(peer->link, relay_nl_socket(nl));
	result = peer_result(peer, HOST_SERVICE, "MspBind", &in.base);
	relay_nl_close(nl);
	return result;
}

static const Tapi__Rpc__GrantOut *grant(struct peer *peer, uint32_t line, uint32_t address,
					uint32_t pid)
{
	Tapi__Rpc__HostGrantIn in = TAPI__RPC__HOST_GRANT_IN__INIT;

	in.has_line = in.has_address = in.has_uid = in.has_pid = 1;
	in.line = line;
	in.address = address;
	in.uid = geteuid();
	in.pid = pid;
	return peer_ask(peer, HOST_SERVICE, "MspGrant", &in.base);
}

static void create(struct peer *peer, struct media *media, uint32_t line, uint32_t address)
{
	const Tapi__Rpc__GrantOut *out = grant(peer, line, address, (uint32_t)getpid());

	assert_int_equal(out->result, 0);
	assert_int_equal(out->cookie.len, TAPI_NL_COOKIE_LEN);
	assert_true(out->expires_ms > 0);
	memset(media, 0, sizeof(*media));
	assert_int_equal(relay_nl_open(&media->nl, heard, media), 0);
	assert_int_equal(relay_nl_create(media->nl, out->cookie.data, &media->instance), 0);
	assert_int_equal(media->instance.address, address);
}

static int start(void **state)
{
	static struct peer peer;

	peer_run(&peer, NULL);
	assert_int_equal(peer_open(&peer, 0), 0);
	assert_int_equal(bind_line(&peer, fake_guid), 0);
	*state = &peer;
	return 0;
}

static int end(void **state)
{
	return peer_end(*state);
}

static void test_address(void **state)
{
	struct peer *peer = *state;
	struct media media;
	char journal[200];

	create(peer, &media, LINE(0), 2);
	assert_int_equal(relay_nl_send(media.nl, media.instance.instance, NULL, 0, "hello", 5), 0);
	wait_messages(&media, 1);
	assert_string_equal(media.text, "hello!");
	assert_false(media.has_call);
	assert_int_equal(relay_nl_send(media.nl, media.instance.instance, NULL, 0, "", 0), 0);
	wait_messages(&media, 2);
	assert_string_equal(media.text, "!");
	relay_nl_close(media.nl);
	/* the provider hears of the end before it is asked anything else about the line */
	do {
		peer_word(peer, 0, "nothing");
		peer_read(peer->journal, journal, sizeof(journal));
	} while (!strstr(journal, "msp closed\n"));
	assert_string_equal(journal, "init\nmsp address 2\nmsp closed\n");
}

/* The provider names the call first; its number is dwCallID, until the call is closed */
static void test_call(void **state)
{
	struct peer *peer = *state;
	uint64_t number = 0, other = 4711;
	struct media media;
	uint32_t call;
	size_t i;

	create(peer, &media, LINE(0), 0);
	call = peer_offer(peer, 0);
	i = peer_wait(peer, HEARD_NEWCALL, 0);
	number = peer->heard[i].call_id;
	assert_int_equal(relay_nl_send(media.nl, media.instance.instance, &other, 0, "x", 1),
			 -ENOTCONN);
	/* an instance is there for the provider once its first message is answered */
	assert_int_equal(relay_nl_send(media.nl, media.instance.instance, NULL, 0, "", 0), 0);
	wait_messages(&media, 1);
	peer_word(peer, 0, "announce start");
	wait_messages(&media, 2);
	assert_string_equal(media.text, "start");
	assert_true(media.has_call);
	assert_int_equal(media.call, number);
	assert_int_equal(relay_nl_send(media.nl, media.instance.instance, &number, 0, "on", 2), 0);
	wait_messages(&media, 3);
	assert_string_equal(media.text, "on?");
	assert_int_equal(media.call, number);
	assert_int_equal(peer_call(peer, "LineCloseCall", 0, call), 0);
	assert_int_equal(relay_nl_send(media.nl, media.instance.instance, &number, 0, "x", 1),
			 -ENOTCONN);
	relay_nl_close(media.nl);
}

/* Far more than the window, each message there and back */
static void test_many(void **state)
{
	struct peer *peer = *state;
	struct pollfd pfd;
	struct media media;
	uint32_t number;
	int err;

	create(peer, &media, LINE(0), 0);
	media.count = true;
	pfd = (struct pollfd){ .fd = relay_nl_fd(media.nl), .events = POLLIN };
	for (number = 0; number < 2000;) {
		err = relay_nl_send(media.nl, media.instance.instance, NULL, 0, &number,
				    sizeof(number));
		assert_true(!err || err == -EAGAIN);
		number += !err;
		if (err && poll(&pfd, 1, PATIENCE_MS) <= 0)
			fail_msg("stuck at %u", number);
		relay_nl_dispatch(media.nl);
	}
	wait_messages(&media, 2000);
	assert_int_equal(media.wrong, 0);
	relay_nl_close(media.nl);
}

static void test_refusals(void **state)
{
	struct peer *peer = *state;
	struct media media;

	/* for another process */
	const Tapi__Rpc__GrantOut *out = grant(peer, LINE(0), 0, (uint32_t)peer->pid);

	assert_int_equal(out->result, 0);
	memset(&media, 0, sizeof(media));
	assert_int_equal(relay_nl_open(&media.nl, heard, &media), 0);
	assert_int_equal(relay_nl_create(media.nl, out->cookie.data, &media.instance),
			 -EKEYREJECTED);
	relay_nl_close(media.nl);
	/* the provider says no: the instance ends */
	create(peer, &media, LINE(0), FAKE_BAD_ADDRESS);
	wait_gone(&media);
	relay_nl_close(media.nl);
	/* a line that is not bound */
	assert_int_equal(peer_open(peer, 1), 0);
	out = grant(peer, LINE(1), 0, 1);
	assert_int_equal(out->result, LINEERR_OPERATIONUNAVAIL);
	/* twice */
	assert_int_equal(bind_line(peer, (uint8_t[TAPI_NL_GUID_LEN]){ 0x99 }),
			 LINEERR_OPERATIONFAILED);
	create(peer, &media, LINE(0), 0);
	relay_nl_close(media.nl);
}

static void test_close(void **state)
{
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;
	struct peer *peer = *state;
	struct media media[2];
	char journal[200];

	create(peer, &media[0], LINE(0), 0);
	create(peer, &media[1], LINE(0), 1);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(relay_nl_send(media[i].nl, media[i].instance.instance, NULL, 0, "",
					       0), 0);
		wait_messages(&media[i], 1);
	}
	in.has_line = 1;
	in.line = LINE(0);
	assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineClose", &in.base), 0);
	wait_gone(&media[0]);
	wait_gone(&media[1]);
	peer_read(peer->journal, journal, sizeof(journal));
	assert_string_equal(journal, "init\nmsp address 0\nmsp address 1\nmsp closed\nmsp closed\n"
				     "close\n");
	for (unsigned int i = 0; i < 2; i++)
		relay_nl_close(media[i].nl);
	/* and again, as if nothing had been */
	assert_int_equal(peer_open(peer, 0), 0);
	assert_int_equal(bind_line(peer, fake_guid), 0);
	create(peer, &media[0], LINE(0), 0);
	relay_nl_close(media[0].nl);
}

/* A line with hardware: the provider's descriptor binds it, on the host's own socket */
static void test_card(void **state)
{
	Tapi__Rpc__StartIn begin = TAPI__RPC__START_IN__INIT;
	Tapi__Rpc__TspiOpenIn open = TAPI__RPC__TSPI_OPEN_IN__INIT;
	Tapi__Rpc__LineIn close = TAPI__RPC__LINE_IN__INIT;
	struct media media;
	struct peer peer;

	peer_start(&peer, TSPHOST_BUILD "/tsp/card/card.so", true);
	assert_int_equal(peer_setup(&peer, TSPHOST_BUILD "/tsp/card/card.so", NULL), 0);
	begin.has_line_base = begin.has_lines = 1;
	begin.line_base = DEVICE;
	begin.lines = ((Tapi__Rpc__SetupOut *)peer.answer)->lines;
	assert_int_equal(begin.lines, 1);	/* the far end of the simulated cable is no line */
	open.has_version = open.has_device = open.has_line = close.has_line = 1;
	open.version = ((Tapi__Rpc__SetupOut *)peer.answer)->tspi_version;
	open.device = DEVICE;
	open.line = close.line = LINE(0);
	assert_int_equal(peer_result(&peer, HOST_SERVICE, "Start", &begin.base), 0);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(peer_result(&peer, TSPI_SERVICE, "LineOpen", &open.base), 0);
		create(&peer, &media, LINE(0), 0);
		assert_true(media.instance.line.hardware);
		assert_int_equal(peer_result(&peer, TSPI_SERVICE, "LineClose", &close.base), 0);
		wait_gone(&media);
		relay_nl_close(media.nl);
	}
	assert_int_equal(peer_end(&peer), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_address),
		TEST(test_call),
		TEST(test_many),
		TEST(test_refusals),
		TEST(test_close),
		cmocka_unit_test(test_card),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
