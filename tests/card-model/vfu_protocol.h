/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of vfio-user 0.x: host byte order (little-endian), and the numbers of <linux/vfio.h>. */
#ifndef VFU_PROTOCOL_H
#define VFU_PROTOCOL_H

#include <stdint.h>

#define VFU_MAX_TRANSFER 4096u
#define VFU_MAX_PAYLOAD	 (VFU_MAX_TRANSFER + 64)
#define VFU_MAX_FDS	 8

enum vfu_command {
	VFU_VERSION = 1,
	VFU_DMA_MAP,
	VFU_DMA_UNMAP,
	VFU_GET_INFO,
	VFU_GET_REGION_INFO,
	VFU_GET_REGION_IO_FDS,
	VFU_GET_IRQ_INFO,
	VFU_SET_IRQS,
	VFU_REGION_READ,
	VFU_REGION_WRITE,
	VFU_DMA_READ,
	VFU_DMA_WRITE,
	VFU_RESET,
};

enum {
	VFU_FLAG_TYPE = 0x0f,
	VFU_FLAG_REPLY = 0x01,
	VFU_FLAG_NO_REPLY = 0x10,
	VFU_FLAG_ERROR = 0x20,
};

struct vfu_header {
	uint16_t id, command;
	uint32_t size, flags, error;
};

struct vfu_version {
	uint16_t major, minor;
};

enum { VFU_MAP_READ = 1, VFU_MAP_WRITE = 2 };

struct vfu_dma_map {
	uint32_t argsz, flags;
	uint64_t offset, address, size;
};

struct vfu_dma_unmap {
	uint32_t argsz, flags;
	uint64_t address, size;
};

enum { VFU_DEVICE_RESET = 1, VFU_DEVICE_PCI = 2 };

struct vfu_device_info {
	uint32_t argsz, flags, regions, irqs;
};

enum { VFU_REGION_READABLE = 1, VFU_REGION_WRITABLE = 2 };
#define VFU_REGIONS 9

struct vfu_region_info {
	uint32_t argsz, flags, index, cap_offset;
	uint64_t size, offset;
};

enum { VFU_IRQ_EVENTFD = 1, VFU_IRQ_MASKABLE = 2, VFU_IRQ_AUTOMASKED = 4 };
enum { VFU_INTX, VFU_MSI, VFU_MSIX, VFU_ERR, VFU_REQ, VFU_IRQS };

struct vfu_irq_info {
	uint32_t argsz, flags, index, count;
};

enum {
	VFU_SET_NONE = 1,
	VFU_SET_BOOL = 2,
	VFU_SET_EVENTFD = 4,
	VFU_SET_MASK = 8,
	VFU_SET_UNMASK = 16,
	VFU_SET_TRIGGER = 32,
};

struct vfu_irq_set {
	uint32_t argsz, flags, index, start, count;
};

struct vfu_region_rw {
	uint64_t offset;
	uint32_t region, count;
};

#endif
