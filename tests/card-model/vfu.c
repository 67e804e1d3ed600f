// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vfu.h"
#include "vfu_protocol.h"

/*
 * QEMU drops the line at any access after an interrupt and unmasks at once, before the handler has
 * acknowledged. Time for that, or each event would interrupt twice.
 */
#define AGAIN_NS 50000u

struct message {
	struct vfu_header header;
	uint8_t payload[VFU_MAX_PAYLOAD];
	uint32_t size; /* of the payload */
	int fds[VFU_MAX_FDS];
	unsigned int fd_count;
};

static uint32_t read_card(void *data, enum card_region region, uint32_t offset, unsigned int width)
{
	return card_read(data, region, offset, width);
}

static void write_card(void *data, enum card_region region, uint32_t offset, unsigned int width,
		       uint32_t value)
{
	card_write(data, region, offset, width, value);
}

static void reset_card(void *data)
{
	card_bus_reset(data);
}

static const struct vfu_device card_device = {
	card_region_size,
	read_card,
	write_card,
	reset_card,
};

void vfu_init_device(struct vfu *vfu, int fd, const struct vfu_device *device, void *data)
{
	*vfu = (struct vfu){ .fd = fd, .device = device, .data = data, .irq_fd = -1 };
}

void vfu_init(struct vfu *vfu, int fd, struct card *card)
{
	vfu_init_device(vfu, fd, &card_device, card);
}

static void unmap(struct vfu *vfu, unsigned int index)
{
	if (vfu->windows[index].memory)
		munmap(vfu->windows[index].memory, vfu->windows[index].size);
	vfu->windows[index] = vfu->windows[--vfu->window_count];
}

void vfu_close(struct vfu *vfu)
{
	while (vfu->window_count)
		unmap(vfu, 0);
	if (vfu->irq_fd >= 0)
		close(vfu->irq_fd);
	if (vfu->fd >= 0)
		close(vfu->fd);
	vfu->fd = vfu->irq_fd = -1;
}

/* --- what the card does */

static struct vfu_window *window_of(struct vfu *vfu, uint32_t address, uint32_t size)
{
	for (unsigned int i = 0; i < vfu->window_count; i++) {
		struct vfu_window *window = &vfu->windows[i];

		if (window->memory && address >= window->address && size <= window->size &&
		    address - window->address <= window->size - size)
			return window;
	}
	return NULL;
}

static int dma_read(void *data, uint32_t address, void *buffer, uint32_t size)
{
	struct vfu_window *window = window_of(data, address, size);

	if (!window)
		return -1;
	memcpy(buffer, window->memory + (address - window->address), size);
	return 0;
}

static int dma_write(void *data, uint32_t address, const void *buffer, uint32_t size)
{
	struct vfu_window *window = window_of(data, address, size);

	if (!window || !window->writable)
		return -1;
	memcpy(window->memory + (address - window->address), buffer, size);
	return 0;
}

static void raise_irq(struct vfu *vfu)
{
	uint64_t one = 1;

	vfu->again_ns = 0;
	if (vfu->irq_fd < 0 || vfu->masked || !vfu->level)
		return;
	vfu->masked = true;
	/* A full counter means that an interrupt is on its way anyway */
	if (write(vfu->irq_fd, &one, sizeof(one)) != sizeof(one) && errno != EAGAIN) {
		close(vfu->irq_fd);
		vfu->irq_fd = -1;
	}
}

static void set_irq(void *data, bool level)
{
	struct vfu *vfu = data;

	vfu->level = level;
	if (!level)
		vfu->again_ns = 0;
	else if (!vfu->again_ns)
		raise_irq(vfu);
}

const struct card_host vfu_host = { dma_read, dma_write, set_irq };

int64_t vfu_tick(struct vfu *vfu, uint64_t now_ns)
{
	if (!vfu->again_ns)
		return -1;
	if (now_ns < vfu->again_ns)
		return (int64_t)(vfu->again_ns - now_ns);
	raise_irq(vfu);
	return -1;
}

/* Its counter is not zero until it has been read */
bool vfu_irq_on_its_way(const struct vfu *vfu)
{
	struct pollfd polled = { .fd = vfu->irq_fd, .events = POLLIN };

	return vfu->irq_fd >= 0 && poll(&polled, 1, 0) > 0 && (polled.revents & POLLIN);
}

/* --- messages in and out */

static int read_exactly(int fd, void *buffer, size_t size)
{
	uint8_t *at = buffer;

	while (size) {
		ssize_t got = recv(fd, at, size, MSG_WAITALL);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		at += got;
		size -= (size_t)got;
	}
	return 0;
}

static void take_fds(struct message *message, struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		unsigned int count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (unsigned int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		for (unsigned int i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (message->fd_count < VFU_MAX_FDS)
				message->fds[message->fd_count++] = fd;
			else
				close(fd);
		}
	}
}

/* Descriptors come with the first byte of the header */
static int receive(struct vfu *vfu, struct message *message)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(VFU_MAX_FDS * sizeof(int))];
	} control;
	struct iovec part = { &message->header, sizeof(message->header) };
	struct msghdr msg = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = control.space,
			      .msg_controllen = sizeof(control.space) };
	ssize_t got;

	message->fd_count = 0;
	do {
		got = recvmsg(vfu->fd, &msg, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return -1;
	take_fds(message, &msg);
	if (read_exactly(vfu->fd, (uint8_t *)&message->header + got,
			 sizeof(message->header) - (size_t)got))
		return -1;
	if (message->header.size < sizeof(message->header) ||
	    message->header.size > sizeof(message->header) + VFU_MAX_PAYLOAD)
		return -1;
	message->size = message->header.size - (uint32_t)sizeof(message->header);
	return read_exactly(vfu->fd, message->payload, message->size);
}

static int reply(struct vfu *vfu, const struct message *message, uint32_t size, int error)
{
	struct vfu_header header = { message->header.id, message->header.command,
				     (uint32_t)sizeof(header) + (error ? 0 : size), VFU_FLAG_REPLY,
				     0 };
	struct iovec parts[] = { { &header, sizeof(header) },
				 { (void *)(uintptr_t)message->payload, error ? 0 : size } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t sent;

	if (message->header.flags & VFU_FLAG_NO_REPLY)
		return 0;
	if (error) {
		header.flags |= VFU_FLAG_ERROR;
		header.error = (uint32_t)error;
	}
	do {
		sent = sendmsg(vfu->fd, &msg, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)header.size ? 0 : -1;
}

/* --- requests. Each gets the payload, answers in it, and returns the answer's size or -errno. */

static int answer_version(struct vfu *vfu, struct message *message)
{
	static const char capabilities[] =
		"{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":4096}}";
	struct vfu_version version;

	if (message->size < sizeof(version))
		return -EINVAL;
	memcpy(&version, message->payload, sizeof(version));
	if (version.major != 0)
		return -EINVAL;
	memcpy(message->payload + sizeof(version), capabilities, sizeof(capabilities));
	return (int)(sizeof(version) + sizeof(capabilities));
}

static bool overlaps(const struct vfu *vfu, uint64_t address, uint64_t size)
{
	for (unsigned int i = 0; i < vfu->window_count; i++) {
		const struct vfu_window *window = &vfu->windows[i];

		if (address < window->address + window->size && window->address < address + size)
			return true;
	}
	return false;
}

/* The file must be as long as is said: a short one would be SIGBUS at the first transfer */
static int map_memory(struct vfu_window *window, const struct vfu_dma_map *map, int fd)
{
	int protection = PROT_READ | (map->flags & VFU_MAP_WRITE ? PROT_WRITE : 0);
	struct stat st;
	void *memory;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || map->offset > (uint64_t)st.st_size ||
	    map->size > (uint64_t)st.st_size - map->offset)
		return -EINVAL;
	memory = mmap(NULL, map->size, protection, MAP_SHARED, fd, (off_t)map->offset);
	if (memory == MAP_FAILED)
		return -errno;
	window->memory = memory;
	window->writable = map->flags & VFU_MAP_WRITE;
	return 0;
}

static int answer_map(struct vfu *vfu, struct message *message)
{
	struct vfu_window window = { 0 };
	struct vfu_dma_map map;
	int rc;

	if (message->size != sizeof(map))
		return -EINVAL;
	memcpy(&map, message->payload, sizeof(map));
	if (!map.size || map.address + map.size < map.address ||
	    overlaps(vfu, map.address, map.size))
		return -EINVAL;
	if (vfu->window_count == VFU_WINDOWS)
		return -ENOSPC;
	window.address = map.address;
	window.size = map.size;
	if (message->fd_count) {
		rc = map_memory(&window, &map, message->fds[0]);
		if (rc)
			return rc;
	}
	vfu->windows[vfu->window_count++] = window;
	return 0;
}

static int answer_unmap(struct vfu *vfu, struct message *message)
{
	struct vfu_dma_unmap range;

	if (message->size < sizeof(range))
		return -EINVAL;
	memcpy(&range, message->payload, sizeof(range));
	for (unsigned int i = 0; i < vfu->window_count; i++) {
		if (vfu->windows[i].address != range.address || vfu->windows[i].size != range.size)
			continue;
		unmap(vfu, i);
		return sizeof(range);
	}
	return -ENOENT;
}

static int answer_info(struct vfu *vfu, struct message *message)
{
	struct vfu_device_info info = { sizeof(info), VFU_DEVICE_RESET | VFU_DEVICE_PCI,
					VFU_REGIONS, VFU_IRQS };

	if (message->size < sizeof(info))
		return -EINVAL;
	memcpy(message->payload, &info, sizeof(info));
	return sizeof(info);
}

static int answer_region_info(struct vfu *vfu, struct message *message)
{
	struct vfu_region_info info;

	if (message->size < sizeof(info))
		return -EINVAL;
	memcpy(&info, message->payload, sizeof(info));
	if (info.index >= VFU_REGIONS)
		return -EINVAL;
	info = (struct vfu_region_info){ .argsz = sizeof(info), .index = info.index };
	info.size = vfu->device->size(info.index);
	if (info.size)
		info.flags = VFU_REGION_READABLE | VFU_REGION_WRITABLE;
	memcpy(message->payload, &info, sizeof(info));
	return sizeof(info);
}

static int answer_irq_info(struct vfu *vfu, struct message *message)
{
	struct vfu_irq_info info;

	if (message->size < sizeof(info))
		return -EINVAL;
	memcpy(&info, message->payload, sizeof(info));
	if (info.index >= VFU_IRQS)
		return -EINVAL;
	info = (struct vfu_irq_info){ .argsz = sizeof(info), .index = info.index };
	if (info.index == VFU_INTX)
		info.flags = VFU_IRQ_EVENTFD | VFU_IRQ_MASKABLE | VFU_IRQ_AUTOMASKED;
	else if (info.index == VFU_ERR || info.index == VFU_REQ)
		info.flags = VFU_IRQ_EVENTFD;
	info.count = info.flags ? 1 : 0;
	memcpy(message->payload, &info, sizeof(info));
	return sizeof(info);
}

static void set_trigger(struct vfu *vfu, struct message *message, const struct vfu_irq_set *set)
{
	if (!(set->flags & VFU_SET_EVENTFD) && set->count)
		return;
	if (vfu->irq_fd >= 0)
		close(vfu->irq_fd);
	vfu->irq_fd = -1;
	vfu->masked = false;
	if (!message->fd_count)
		return;
	vfu->irq_fd = message->fds[0];
	message->fds[0] = -1;
	/* Not ours: QEMU's are; another client's must not make us wait */
	fcntl(vfu->irq_fd, F_SETFL, O_RDWR | O_NONBLOCK);
	raise_irq(vfu);
}

static int answer_set_irqs(struct vfu *vfu, struct message *message, uint64_t now_ns)
{
	struct vfu_irq_set set;

	if (message->size < sizeof(set))
		return -EINVAL;
	memcpy(&set, message->payload, sizeof(set));
	if (set.index >= VFU_IRQS || set.start || set.count > 1)
		return -EINVAL;
	if (set.index != VFU_INTX)
		return 0;
	if (set.flags & VFU_SET_TRIGGER) {
		set_trigger(vfu, message, &set);
	} else if (set.flags & VFU_SET_NONE) {
		vfu->masked = set.flags & VFU_SET_MASK;
		if (!vfu->masked && vfu->level)
			vfu->again_ns = now_ns + AGAIN_NS;
	}
	return 0;
}

/* Configuration space may be read as a whole; registers as the driver does it */
static int check_access(const struct vfu *vfu, const struct vfu_region_rw *access)
{
	uint32_t size = vfu->device->size(access->region);

	if (!size || !access->count || access->offset >= size ||
	    access->count > size - access->offset)
		return -EINVAL;
	if (access->region != CARD_CONFIG && access->count != 1 && access->count != 2 &&
	    access->count != 4)
		return -EINVAL;
	return 0;
}

static int answer_read(struct vfu *vfu, struct message *message)
{
	struct vfu_region_rw access;
	uint8_t *data = message->payload + sizeof(access);
	uint32_t value, step;

	if (message->size != sizeof(access))
		return -EINVAL;
	memcpy(&access, message->payload, sizeof(access));
	if (check_access(vfu, &access))
		return -EINVAL;
	step = access.count == 4 || access.count == 2 ? access.count : 1;
	for (uint32_t i = 0; i < access.count; i += step) {
		value = vfu->device->read(vfu->data, access.region,
					  (uint32_t)access.offset + i, step);
		memcpy(data + i, &value, step);
	}
	return (int)(sizeof(access) + access.count);
}

static int answer_write(struct vfu *vfu, struct message *message)
{
	struct vfu_region_rw access;
	uint32_t value, step;

	if (message->size < sizeof(access))
		return -EINVAL;
	memcpy(&access, message->payload, sizeof(access));
	if (check_access(vfu, &access) || message->size - sizeof(access) != access.count)
		return -EINVAL;
	step = access.count == 4 || access.count == 2 ? access.count : 1;
	for (uint32_t i = 0; i < access.count; i += step) {
		value = 0;
		memcpy(&value, message->payload + sizeof(access) + i, step);
		vfu->device->write(vfu->data, access.region, (uint32_t)access.offset + i, step,
				   value);
	}
	return sizeof(access);
}

static int dispatch(struct vfu *vfu, struct message *message, uint64_t now_ns)
{
	switch (message->header.command) {
	case VFU_VERSION:
		return answer_version(vfu, message);
	case VFU_DMA_MAP:
		return answer_map(vfu, message);
	case VFU_DMA_UNMAP:
		return answer_unmap(vfu, message);
	case VFU_GET_INFO:
		return answer_info(vfu, message);
	case VFU_GET_REGION_INFO:
		return answer_region_info(vfu, message);
	case VFU_GET_IRQ_INFO:
		return answer_irq_info(vfu, message);
	case VFU_SET_IRQS:
		return answer_set_irqs(vfu, message, now_ns);
	case VFU_REGION_READ:
		return answer_read(vfu, message);
	case VFU_REGION_WRITE:
		return answer_write(vfu, message);
	case VFU_RESET:
		vfu->device->reset(vfu->data);
		return 0;
	}
	return -ENOSYS;
}

int vfu_serve(struct vfu *vfu, uint64_t now_ns)
{
	struct message message;
	int rc = receive(vfu, &message);

	/* Replies to nothing we asked are not requests */
	if (!rc && (message.header.flags & VFU_FLAG_TYPE))
		rc = -1;
	if (!rc) {
		int size = dispatch(vfu, &message, now_ns);

		rc = reply(vfu, &message, size < 0 ? 0 : (uint32_t)size, size < 0 ? -size : 0);
	}
	for (unsigned int i = 0; i < message.fd_count; i++)
		if (message.fds[i] >= 0)
			close(message.fds[i]);
	return rc;
}
