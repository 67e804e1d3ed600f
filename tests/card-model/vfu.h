/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfio-user server of one device and one client, as QEMU's vfio-user-pci speaks it: the front end
 * that makes a struct card a PCI function of a virtual machine.
 */
#ifndef VFU_H
#define VFU_H

#include <stdbool.h>
#include <stdint.h>

#include "card.h"

#define VFU_WINDOWS 64

struct vfu_window {
	uint64_t address, size;
	uint8_t *memory; /* NULL: mapped without a descriptor, no DMA there */
	bool writable;
};

/* What is behind the bus; regions as in card.h */
struct vfu_device {
	uint32_t (*size)(unsigned int region);
	uint32_t (*read)(void *data, enum card_region region, uint32_t offset, unsigned int width);
	void (*write)(void *data, enum card_region region, uint32_t offset, unsigned int width,
		      uint32_t value);
	void (*reset)(void *data);
};

struct vfu {
	int fd;
	const struct vfu_device *device;
	void *data;
	struct vfu_window windows[VFU_WINDOWS];
	unsigned int window_count;
	int irq_fd;
	bool level, masked;
	uint64_t again_ns; /* when a line that is still high is raised again; 0 = not */
};

extern const struct card_host vfu_host;

/* @fd is the connected socket, owned from now on; the card was made with vfu_host and @vfu. */
void vfu_init(struct vfu *vfu, int fd, struct card *card);
/* The same of another device, which has no interrupt and no DMA. */
void vfu_init_device(struct vfu *vfu, int fd, const struct vfu_device *device, void *data);
void vfu_close(struct vfu *vfu);

/* Serves one message. -1: the client is gone or does not speak the protocol. */
int vfu_serve(struct vfu *vfu, uint64_t now_ns);

/* Raises the interrupt again if it is time; returns ns until it will be, -1 = no need. */
int64_t vfu_tick(struct vfu *vfu, uint64_t now_ns);

/* Whether the client has yet to take an interrupt that was raised. */
bool vfu_irq_on_its_way(const struct vfu *vfu);

#endif
