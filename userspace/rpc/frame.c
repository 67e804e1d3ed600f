/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Headers of frames. Pure. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "frame.h"

struct wire {
	uint32_t length, serial;
	uint16_t service, method;
	uint8_t kind, flags;
	uint16_t zero;
};

_Static_assert(sizeof(struct wire) == FRAME_HEADER, "the header is 16 bytes");

void frame_write(const struct frame *frame, unsigned char to[FRAME_HEADER])
{
	struct wire w = {
		.length = htole32(frame->length),
		.serial = htole32(frame->serial),
		.service = htole16(frame->service),
		.method = htole16(frame->method),
		.kind = frame->kind,
		.flags = frame->flags,
	};

	memcpy(to, &w, sizeof(w));
}

int frame_read(struct frame *frame, const unsigned char *from, size_t size)
{
	struct wire w;

	if (size < FRAME_HEADER || size > FRAME_MAX)
		return -EBADMSG;
	memcpy(&w, from, sizeof(w));
	*frame = (struct frame) {
		.length = le32toh(w.length),
		.serial = le32toh(w.serial),
		.service = le16toh(w.service),
		.method = le16toh(w.method),
		.kind = w.kind,
		.flags = w.flags,
	};
	if (frame->length != size || w.zero || frame->flags & ~FRAME_FL_ALL)
		return -EBADMSG;
	if (frame->kind < FRAME_CALL || frame->kind > FRAME_CANCEL)
		return -EBADMSG;
	/* only events have no serial */
	if ((frame->kind == FRAME_EVENT) != (frame->serial == 0))
		return -EBADMSG;
	return 0;
}
