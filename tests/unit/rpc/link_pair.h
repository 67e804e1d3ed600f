/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For tests of links: two links on one socket pair, or a link and the bare other end. One of the
 * services that a link serves answers as the test says.
 */
#ifndef TEST_LINK_PAIR_H
#define TEST_LINK_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link.h"

/* What the handlers of a side do */
enum manner {
	ANSWER,			/* at once */
	HOLD,			/* keep the closure */
	CLOSE,			/* end the link, then answer */
	CLOSE_UNANSWERED,	/* end the link and keep the closure */
	REFUSE,			/* the closure with NULL */
	OVERSIZE,		/* an answer that fits into no frame */
	DISPATCH,		/* what no handler may do */
};

struct held {
	ProtobufCClosure closure;
	void *data;
	uint32_t value;		/* of the request */
};

/* One end of a connection with its link */
struct side {
	struct link *link;
	enum manner manner;
	int32_t admit;			/* 0, or what requests are refused with */
	bool close_in_admit;
	unsigned int closed, rearmed, requests, events, traced;
	int error;
	uint8_t event_flags;
	int taken;			/* descriptor that came with MspBind, or -1 */
	bool take;
	struct held held[600];
	unsigned int holds;
};

/* Who waits for an answer */
struct asked {
	struct side *side;
	unsigned int calls;		/* how often the closure was called: once */
	bool null;
	int32_t result;
	uint32_t number;
	char text[128];
	bool close;			/* end the link from within the closure */
	bool again;			/* ask once more from within the closure */
	bool drop;			/* give up the last reference from within the closure */
	struct asked *next;		/* answer of the second request */
};

/* Both ends with links */
void pair_open(struct side *a, struct side *b);
/* A link, and the bare socket of the other end */
int half_open(struct side *a);
/* Ends what is open and lets the links go */
void side_end(struct side *side);
/* Lets both ends work until nothing moves */
void settle(struct side *a, struct side *b);

/* Sends App.Devices{app = value}; returns the serial */
uint32_t ask(struct side *side, uint32_t value, struct asked *asked);
/* Sends Host.MspBind{line = value} with a descriptor */
uint32_t ask_fd(struct side *side, uint32_t value, int fd, struct asked *asked);
/* Sends Admin.RestartProvider with a name of so many bytes */
uint32_t ask_long(struct side *side, size_t bytes, struct asked *asked);
/* Sends AppEvents.Message{device = value} */
void tell(struct side *side, uint32_t value);
/* Answers what a side holds: result 0 and the request's number */
void answer_held(struct side *side, unsigned int i);

/* A frame to the bare end, with descriptors; the header as it is */
void raw_send(int fd, const struct frame *frame, const void *body, size_t size, const int *fds,
	      unsigned int count);
/* A request with a right header */
void raw_request(int fd, uint32_t serial, unsigned int service, unsigned int method,
		 const void *body, size_t size);
/* The next frame at the bare end; its body and size. Returns false when there is none. */
bool raw_receive(int fd, struct frame *frame, unsigned char *body, size_t *size);
/* The next frame is an ERROR for this serial; its result */
int32_t raw_refusal(int fd, uint32_t serial);

/* Open descriptors of this process */
unsigned int count_fds(void);

#endif /* TEST_LINK_PAIR_H */
