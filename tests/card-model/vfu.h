/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfio-user server of one card and one client, as QEMU's vfio-user-pci speaks it: the front end
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

struct vfu {
	int fd;
	struct card *card;
	struct vfu_window windows[VFU_WINDOWS];
	unsigned int window_count;
	int irq_fd;
	bool level, masked;
	uint64_t again_ns; /* when a line that is still high is raised again; 0 = not */
};

extern const struct card_host vfu_host;

/* @fd is the connected socket, owned from now on; the card was made with vfu_host and @vfu. */
void vfu_init(struct vfu *vfu, int fd, struct card *card);
void vfu_close(struct vfu *vfu);

/* Serves one message. -1: the client is gone or does not speak the protocol. */
int vfu_serve(struct vfu *vfu, uint64_t now_ns);

/* Raises the interrupt again if it is time; returns ns until it will be, -1 = no need. */
int64_t vfu_tick(struct vfu *vfu, uint64_t now_ns);

#endif
