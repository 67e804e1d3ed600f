/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What goes over a link: a header that is read before anything is decoded, and one message of
 * tapi.proto. On SOCK_SEQPACKET one frame is one datagram. All numbers are little endian.
 */
#ifndef TAPI_FRAME_H
#define TAPI_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER	16u
#define FRAME_MAX	65536u
#define FRAME_BODY_MAX	(FRAME_MAX - FRAME_HEADER)

/* Range of protocol versions this code speaks: Link.Hello */
#define FRAME_VERSION_MIN	1u
#define FRAME_VERSION_MAX	1u

enum frame_kind {
	FRAME_CALL = 1,		/* wants a REPLY or an ERROR with the same serial */
	FRAME_REPLY = 2,
	FRAME_ERROR = 3,	/* body: Error; the request was not even looked at */
	FRAME_EVENT = 4,	/* serial 0, no answer */
	FRAME_CANCEL = 5,	/* the answer with this serial is not wanted any more */
};

enum {
	FRAME_FL_MORE = 1,
	FRAME_FL_FD = 2,	/* a descriptor comes with it */
	FRAME_FL_SYNTHETIC = 4,
	FRAME_FL_LOST = 8,	/* events were dropped before this one */
	FRAME_FL_ALL = 15,
};

/**
 * struct frame - a header
 * @length: of header and body
 * @serial: chosen by the caller, repeated in the answer
 * @service: ServiceId of tapi.proto
 * @method: index in the service, in the order of tapi.proto
 * @kind: enum frame_kind
 * @flags: FRAME_FL_
 */
struct frame {
	uint32_t length;
	uint32_t serial;
	uint16_t service;
	uint16_t method;
	uint8_t kind;
	uint8_t flags;
};

/**
 * frame_write - header to bytes
 */
void frame_write(const struct frame *frame, unsigned char to[FRAME_HEADER]);

/**
 * frame_read - bytes to header
 * @frame: out
 * @from: a datagram
 * @size: its size
 *
 * Returns 0, or -EBADMSG for a size, kind or flag that no frame has.
 */
int frame_read(struct frame *frame, const unsigned char *from, size_t size);

#endif /* TAPI_FRAME_H */
