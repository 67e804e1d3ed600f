// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The card's vfio-user server: the client's way through the protocol, then messages of a client
 * that errs or means harm. None may touch memory it must not, block, or kill the server: at worst
 * the connection ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "model.h"
#include "vfu.h"
#include "vfu_protocol.h"

#define GUEST_BASE 0x10000u
#define GUEST_SIZE 0x10000u
#define MESSAGES   20000

struct client {
	struct vfu vfu;
	struct card *card;
	int fd;
	uint16_t id;
	uint64_t now;
};

static void open_client(struct client *client)
{
	struct card_options options;
	int pair[2];

	memset(client, 0, sizeof(*client));
	card_defaults(&options);
	client->card = card_new(&options, &vfu_host, &client->vfu);
	assert_non_null(client->card);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	vfu_init(&client->vfu, pair[0], client->card);
	client->fd = pair[1];
	client->now = 1;
}

static void close_client(struct client *client)
{
	vfu_close(&client->vfu);
	close(client->fd);
	card_free(client->card);
}

static void send_raw(struct client *client, const void *data, size_t size, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = { (void *)(uintptr_t)data, size };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		control.align = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	}
	assert_int_equal(sendmsg(client->fd, &msg, MSG_NOSIGNAL), size);
}

/* A request and its answer: the size of its payload, or -errno of the error answered */
static int ask(struct client *client, unsigned int command, const void *payload, uint32_t size,
	       void *answer, int fd)
{
	struct vfu_header header = { ++client->id, (uint16_t)command,
				     (uint32_t)sizeof(header) + size, 0, 0 };
	uint8_t message[VFU_MAX_PAYLOAD + 32];

	memcpy(message, &header, sizeof(header));
	if (size)
		memcpy(message + sizeof(header), payload, size);
	send_raw(client, message, sizeof(header) + size, fd);
	assert_int_equal(vfu_serve(&client->vfu, client->now), 0);
	assert_int_equal(recv(client->fd, &header, sizeof(header), MSG_DONTWAIT), sizeof(header));
	assert_int_equal(header.id, client->id);
	assert_int_equal(header.command, command);
	assert_int_equal(header.flags & VFU_FLAG_TYPE, VFU_FLAG_REPLY);
	size = header.size - (uint32_t)sizeof(header);
	if (size)
		assert_int_equal(recv(client->fd, answer, size, MSG_DONTWAIT), size);
	return header.flags & VFU_FLAG_ERROR ? -(int)header.error : (int)size;
}

static int map_guest(struct client *client, uint64_t address, uint64_t size, int fd)
{
	struct vfu_dma_map map = { sizeof(map), VFU_MAP_READ | VFU_MAP_WRITE, 0, address, size };

	return ask(client, VFU_DMA_MAP, &map, sizeof(map), NULL, fd);
}

static uint32_t get(struct client *client, uint32_t region, uint64_t offset, uint32_t count)
{
	struct vfu_region_rw access = { offset, region, count };
	uint8_t answer[64] = { 0 };
	uint32_t value = 0;

	assert_int_equal(ask(client, VFU_REGION_READ, &access, sizeof(access), answer, -1),
			 sizeof(access) + count);
	memcpy(&value, answer + sizeof(access), count);
	return value;
}

static int put(struct client *client, uint32_t region, uint64_t offset, uint32_t count,
	       uint32_t value)
{
	struct vfu_region_rw access = { offset, region, count };
	uint8_t payload[32], answer[32];

	memcpy(payload, &access, sizeof(access));
	memcpy(payload + sizeof(access), &value, sizeof(value));
	return ask(client, VFU_REGION_WRITE, payload, (uint32_t)sizeof(access) + count, answer, -1);
}

static int memory_file(off_t size)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	return fd;
}

static int set_intx(struct client *client, uint32_t flags, uint32_t count, int fd)
{
	struct vfu_irq_set set = { sizeof(set), flags, VFU_INTX, 0, count };

	return ask(client, VFU_SET_IRQS, &set, sizeof(set), NULL, fd);
}

static void start_ring(struct client *client)
{
	put(client, CARD_CONFIG, 4, 2, 7);
	for (unsigned int i = 0; i < 2; i++) {
		uint32_t at = i ? TJ_RX_START : TJ_TX_START, ring = GUEST_BASE + i * 0x1000;

		put(client, CARD_MEMORY, at, 4, ring);
		put(client, CARD_MEMORY, at + 4, 4, ring + 4 * 39);
		put(client, CARD_MEMORY, at + 8, 4, ring + 4 * 79);
	}
	put(client, CARD_MEMORY, TJ_SERCTL, 1, 0xc1);
	put(client, CARD_MEMORY, TJ_MASK0, 1, 0x3f);
	put(client, CARD_MEMORY, TJ_CNTL, 1, 0x0f);
	put(client, CARD_MEMORY, TJ_CNTL, 1, 0x41);
	put(client, CARD_MEMORY, TJ_OPER, 1, 0x01);
}

/* As QEMU does it: everything up to an interrupt that is taken, acknowledged, and comes again */
static void the_way(void **state)
{
	struct client c;
	uint8_t answer[VFU_MAX_PAYLOAD] = { 0 };
	uint32_t version = 0x00010000, words[8] = { 0 };
	int memory = memory_file(GUEST_SIZE), irq = eventfd(0, EFD_NONBLOCK);
	uint64_t count;

	open_client(&c);
	assert_true(ask(&c, VFU_VERSION, &version, sizeof(version), answer, -1) > 4);
	assert_non_null(strstr((char *)answer + 4, "max_data_xfer_size"));
	assert_int_equal(map_guest(&c, GUEST_BASE, GUEST_SIZE, memory), 0);
	assert_int_equal(map_guest(&c, 0xc0000, 0x1000, -1), 0);
	assert_int_equal(ask(&c, VFU_GET_INFO, words, 16, answer, -1), 16);
	words[2] = CARD_MEMORY;
	assert_int_equal(ask(&c, VFU_GET_REGION_INFO, words, 32, answer, -1), 32);
	assert_int_equal(((struct vfu_region_info *)answer)->size, 4096);
	words[2] = VFU_INTX;
	assert_int_equal(ask(&c, VFU_GET_IRQ_INFO, words, 16, answer, -1), 16);
	assert_int_equal(((struct vfu_irq_info *)answer)->flags, 7);
	assert_int_equal(set_intx(&c, VFU_SET_EVENTFD | VFU_SET_TRIGGER, 1, irq), 0);
	assert_int_equal(ask(&c, VFU_RESET, words, 0, answer, -1), 0);
	assert_int_equal(get(&c, CARD_CONFIG, 0, 4), 0x0001e159);
	start_ring(&c);
	card_run(c.card, 40);
	assert_int_equal(read(irq, &count, sizeof(count)), sizeof(count));
	/* unmasked before the acknowledge: not at once, and not if it comes in time */
	assert_int_equal(set_intx(&c, VFU_SET_NONE | VFU_SET_UNMASK, 1, -1), 0);
	assert_int_equal(vfu_tick(&c.vfu, c.now + 1000), 49000);
	assert_int_equal(read(irq, &count, sizeof(count)), -1);
	assert_int_equal(vfu_tick(&c.vfu, c.now + 50000), -1);
	assert_int_equal(read(irq, &count, sizeof(count)), sizeof(count));
	set_intx(&c, VFU_SET_NONE | VFU_SET_UNMASK, 1, -1);
	put(&c, CARD_MEMORY, TJ_INTSTAT, 1, 0xff);
	assert_int_equal(vfu_tick(&c.vfu, c.now + 50000), -1);
	assert_int_equal(read(irq, &count, sizeof(count)), -1);
	/* memory that was unmapped is no longer reached */
	assert_int_equal(ask(&c, VFU_DMA_UNMAP,
			     &(struct vfu_dma_unmap){ 24, 0, GUEST_BASE, GUEST_SIZE }, 24, answer,
			     -1),
			 24);
	card_run(c.card, 1);
	assert_int_equal(c.card->journal.violated, 1);
	assert_string_equal(c.card->journal.violations[0].kind, "dma-fault");
	close_client(&c);
	close(memory);
	close(irq);
}

static void refused(void **state)
{
	struct client c;
	uint8_t answer[VFU_MAX_PAYLOAD];
	uint32_t version = 1, words[8] = { 0 };
	int small = memory_file(0x1000), directory = open("/", O_RDONLY | O_DIRECTORY);

	open_client(&c);
	assert_int_equal(ask(&c, VFU_VERSION, &version, sizeof(version), answer, -1), -EINVAL);
	assert_int_equal(ask(&c, VFU_VERSION, &version, 2, answer, -1), -EINVAL);
	assert_int_equal(map_guest(&c, 0, 0x2000, small), -EINVAL);
	assert_int_equal(map_guest(&c, 0, 0x1000, directory), -EINVAL);
	assert_int_equal(map_guest(&c, UINT64_MAX - 10, 0x1000, small), -EINVAL);
	assert_int_equal(map_guest(&c, 0, 0, small), -EINVAL);
	assert_int_equal(map_guest(&c, 0x1000, 0x1000, small), 0);
	assert_int_equal(map_guest(&c, 0x1800, 0x1000, small), -EINVAL);
	words[2] = 9;
	assert_int_equal(ask(&c, VFU_GET_REGION_INFO, words, 32, answer, -1), -EINVAL);
	assert_int_equal(ask(&c, VFU_GET_IRQ_INFO, words, 16, answer, -1), -EINVAL);
	assert_int_equal(ask(&c, VFU_DMA_READ, words, 16, answer, -1), -ENOSYS);
	assert_int_equal(ask(&c, 999, words, 0, answer, -1), -ENOSYS);
	assert_int_equal(put(&c, CARD_IO, 256, 1, 0), -EINVAL);
	assert_int_equal(put(&c, CARD_IO, 254, 4, 0), -EINVAL);
	assert_int_equal(put(&c, CARD_IO, UINT64_MAX, 2, 0), -EINVAL);
	assert_int_equal(put(&c, CARD_IO, 0, 3, 0), -EINVAL);
	assert_int_equal(put(&c, CARD_IO, 0, 0, 0), -EINVAL);
	assert_int_equal(put(&c, 2, 0, 4, 0), -EINVAL);
	assert_int_equal(set_intx(&c, VFU_SET_EVENTFD | VFU_SET_TRIGGER, 2, -1), -EINVAL);
	close_client(&c);
	close(small);
	close(directory);
}

static void broken_off(void **state)
{
	struct vfu_header header = { 1, VFU_GET_INFO, 15, 0, 0 };
	struct client c;

	open_client(&c);
	send_raw(&c, &header, sizeof(header), -1);
	assert_int_equal(vfu_serve(&c.vfu, 1), -1);
	close_client(&c);
	open_client(&c);
	header.size = UINT32_MAX;
	send_raw(&c, &header, sizeof(header), -1);
	assert_int_equal(vfu_serve(&c.vfu, 1), -1);
	close_client(&c);
	/* an end in the middle of a message */
	open_client(&c);
	header.size = 32;
	send_raw(&c, &header, 10, -1);
	shutdown(c.fd, SHUT_WR);
	assert_int_equal(vfu_serve(&c.vfu, 1), -1);
	close_client(&c);
	/* an answer to nothing */
	open_client(&c);
	header.size = 16;
	header.flags = VFU_FLAG_REPLY;
	send_raw(&c, &header, sizeof(header), -1);
	assert_int_equal(vfu_serve(&c.vfu, 1), -1);
	close_client(&c);
}

/* --- messages at random, the same each time */

static uint32_t seed = 1;

static uint32_t random_below(uint32_t limit)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)seed * limit >> 32);
}

static uint32_t interesting(void)
{
	static const uint32_t values[] = { 0,	   1,	       2,	   4,	      7,   15,
					   16,	   24,	       32,	   255,	      256, 0xfff,
					   0x1000, GUEST_BASE, 0x7fffffff, 0xffffffff };

	return random_below(3) ? values[random_below(sizeof(values) / sizeof(values[0]))] :
				 random_below(0x2000);
}

/* Well formed as messages, so that it goes deep; what they say is another matter */
static void random_message(struct client *client, int memory)
{
	uint32_t words[24], size = 4 * random_below(12);
	struct vfu_header header = { (uint16_t)random_below(65536), (uint16_t)random_below(15), 0,
				     random_below(8) ? 0 : VFU_FLAG_NO_REPLY, 0 };
	uint8_t message[200];

	for (unsigned int i = 0; i < 24; i++)
		words[i] = interesting();
	if (header.command == VFU_REGION_READ || header.command == VFU_REGION_WRITE) {
		words[0] = random_below(256);
		words[1] = random_below(20) ? 0 : interesting();
		words[2] = random_below(8);
		words[3] = 1u << random_below(4);
		size = 16 + (header.command == VFU_REGION_WRITE ? words[3] : 0);
	}
	header.size = (uint32_t)sizeof(header) + size;
	memcpy(message, &header, sizeof(header));
	memcpy(message + sizeof(header), words, size);
	send_raw(client, message, header.size, random_below(4) ? -1 : memory);
}

static void drain(struct client *client)
{
	char buffer[8192];

	while (recv(client->fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		;
}

static void random_client(void **state)
{
	int memory = memory_file(GUEST_SIZE);
	unsigned int served = 0;
	struct client c;

	open_client(&c);
	map_guest(&c, GUEST_BASE, GUEST_SIZE, memory);
	start_ring(&c);
	for (unsigned int i = 0; i < MESSAGES; i++) {
		random_message(&c, memory);
		c.now += 10000;
		assert_int_equal(vfu_serve(&c.vfu, c.now), 0);
		served++;
		vfu_tick(&c.vfu, c.now);
		if (!(i % 16))
			card_tick(c.card, c.now);
		drain(&c);
	}
	assert_int_equal(served, MESSAGES);
	/* it is still a card */
	ask(&c, VFU_RESET, NULL, 0, NULL, -1);
	assert_int_equal(get(&c, CARD_CONFIG, 0, 4), 0x0001e159);
	close_client(&c);
	close(memory);
}

/* Any bytes at all: the connection ends, sooner or later, and nothing else */
static void noise(void **state)
{
	for (unsigned int i = 0; i < 500; i++) {
		uint8_t bytes[400];
		struct client c;

		open_client(&c);
		for (unsigned int k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)random_below(256);
		/* sizes that are possible */
		bytes[4] = (uint8_t)(16 + random_below(100));
		bytes[5] = bytes[6] = bytes[7] = 0;
		send_raw(&c, bytes, sizeof(bytes), -1);
		shutdown(c.fd, SHUT_WR);
		while (!vfu_serve(&c.vfu, ++c.now))
			drain(&c);
		close_client(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_way),    cmocka_unit_test(refused),
		cmocka_unit_test(broken_off), cmocka_unit_test(random_client),
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests_name("vfu", tests, NULL, NULL);
}
