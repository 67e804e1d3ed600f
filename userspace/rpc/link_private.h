/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A link, for the files that make it up. */
#ifndef TAPI_LINK_PRIVATE_H
#define TAPI_LINK_PRIVATE_H

#include "arena.h"
#include "link.h"

/* A request of ours that waits for its answer */
struct pending {
	uint32_t serial;		/* 0: free */
	const ProtobufCMethodDescriptor *method;
	ProtobufCClosure closure;
	void *data;
};

/* A request of the other end that waits for ours */
struct link_call {
	struct link *link;
	struct frame frame;
	int fd;
};

/* A frame that waits for room in the socket */
struct queued {
	struct queued *next;
	int fd;
	size_t size;
	unsigned char bytes[];
};

/* What a stub calls: knows which service it stands for */
struct stub {
	ProtobufCService base;
	struct link *link;
	unsigned int id;
};

struct link {
	int fd;
	unsigned int refs;
	const struct link_ops *ops;
	void *user;
	ProtobufCService *served[SERVICES];
	struct stub stubs[SERVICES];
	struct pending *pending;
	uint32_t pending_size, pending_next, generation;
	struct queued *first, **last;
	size_t queued_bytes;
	unsigned int open_calls;
	unsigned int events;
	int attach;
	uint32_t last_serial;
	bool closing;			/* told to end while it was inside a stub or a handler */
	bool broken;			/* the other end takes nothing; what it said last is read */
	bool dispatching;
	int error;
	unsigned int depth;		/* of stubs, closures and link_dispatch() */
	struct link_call event;		/* the call of an event: ends with its handler */
	struct arena arena;
	unsigned char buffer[FRAME_MAX];
};

/* link.c */

/* Reading stops while the other end is ahead of us or does not take our answers */
void link_update_events(struct link *link);
/* Body of the frame in the buffer; NULL when it is malformed. Lives until the next one. */
ProtobufCMessage *link_unpack(struct link *link, const ProtobufCMessageDescriptor *descriptor,
			      size_t size);

/* link_send.c */

/*
 * Sends a frame or puts it into the queue: 0 or a negative errno, -ENOTCONN once the other end does
 * not take any more. The connection stays as it is whatever is returned.
 */
int link_send(struct link *link, struct frame *frame, const ProtobufCMessage *message);
/* Sends what waits, as far as there is room */
void link_flush(struct link *link);
void link_drop_queue(struct link *link);

/* link_request.c: requests of ours */

void link_invoke(ProtobufCService *service, unsigned int method, const ProtobufCMessage *input,
		 ProtobufCClosure closure, void *data);
void link_handle_answer(struct link *link, const struct frame *frame);
/* The connection has ended: NULL for everybody who waits */
void link_fail_pending(struct link *link);

/* link_serve.c: requests of the other end */

/* @fd: what came with it; taken when it becomes -1 */
void link_handle_request(struct link *link, const struct frame *frame, int *fd);

#endif /* TAPI_LINK_PRIVATE_H */
