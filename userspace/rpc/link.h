/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One connection that carries frames: requests both ways, answers in any order, events.
 *
 * Never blocks, starts no thread, takes no lock: its owner polls link_fd() for link_events(), calls
 * link_dispatch(), and lets one thread at a time in. A request is sent by calling a stub that
 * protoc-c made, with link_service() as its service:
 *
 *	tapi__rpc__line__open((ProtobufCService *)link_service(link, LINE), &in, answered, data);
 *
 * answered(out, data) is called once: from link_dispatch() with the answer; with NULL when the
 * connection ends or the answer cannot be read; or with NULL from within the stub when the request
 * cannot be sent, and link_last_serial() is 0 then. A frame that the other end refuses is an answer
 * that has nothing but `result` and `error`. An event is sent in the same way, with no closure.
 *
 * What the other end asks is handed to a service table that protoc-c declared (link_serve()); the
 * handler calls the closure it was given once, at once or later, also after the connection has
 * ended, from the thread that owns the link. The handler of an event need not call it, and cannot
 * do so later. Inputs and answers die when the function that got them returns.
 */
#ifndef TAPI_LINK_H
#define TAPI_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "service.h"

/* Unanswered requests of the other end; beyond it nothing is read */
#define LINK_OPEN_MAX		256u
/* Bytes that wait to be written; beyond it nothing is read */
#define LINK_QUEUE_HIGH		(1u << 20)

struct link;

/**
 * struct link_ops - what the owner of a link does
 * @admit: looks at a request or an event before it is decoded; returns 0, or a negative LINEERR_
 *	which refuses it (answered by an ERROR frame with *why). NULL admits everything
 * @rearm: link_events() has changed. NULL for owners that ask each time
 * @closed: the connection has ended, for good; @error is a negative errno, or 0 when the other end
 *	closed it. Called once, last of all calls, from link_dispatch() or link_close(), never from
 *	within a stub or the closure of a handler
 * @frame: every frame, after it was decoded or before it is sent, for traces; NULL for none
 */
struct link_ops {
	int32_t (*admit)(struct link *link, const struct frame *frame, const char **why);
	void (*rearm)(struct link *link);
	void (*closed)(struct link *link, int error);
	void (*frame)(struct link *link, bool sent, const struct frame *frame,
		      const ProtobufCMessage *message);
};

/**
 * link_new - a link on a connected socket
 * @fd: non-blocking SOCK_SEQPACKET socket; the link's when it succeeds
 * @ops: must live as long as the link
 *
 * Returns the link with one reference, or NULL for lack of memory.
 */
struct link *link_new(int fd, const struct link_ops *ops, void *user);

struct link *link_ref(struct link *link);
/* The last one ends the connection without a call of @closed; open requests get NULL */
void link_unref(struct link *link);

/* Answers of this end: @service is a table made by TAPI__RPC__...__INIT, with its real type */
void link_serve(struct link *link, unsigned int id, ProtobufCService *service);

/* Stubs for what the other end answers; valid as long as the link */
ProtobufCService *link_service(struct link *link, unsigned int id);

void *link_user(const struct link *link);
int link_fd(const struct link *link);		/* -1 once closed */
unsigned int link_events(const struct link *link);	/* POLLIN, POLLOUT */

/**
 * link_dispatch - reads and writes what can be
 * @budget: frames to handle at most, so that one link cannot starve others
 *
 * Returns the number of frames handled, or a negative errno once the connection has ended
 * (-ENOTCONN when the other end closed it); -EDEADLK when it is called by a handler or a closure
 * that it called itself.
 */
int link_dispatch(struct link *link, unsigned int budget);

/*
 * Ends the connection: open requests get NULL, @closed is called. May be called by handlers and
 * closures; then that happens when link_dispatch() is left, or in the next one, for which the
 * socket wakes the owner.
 */
void link_close(struct link *link, int error);

/* Bytes that wait to be written */
size_t link_queued(const struct link *link);

/**
 * link_attach - let a descriptor travel with the next request
 * @fd: stays the caller's
 */
void link_attach(struct link *link, int fd);

/**
 * link_last_serial - the request just sent, for link_forget()
 *
 * Returns 0 when it could not be sent: its closure has already been called. 0 for events, too.
 */
uint32_t link_last_serial(const struct link *link);

/* Drop the answer to a request: its closure will not be called */
void link_forget(struct link *link, uint32_t serial);

/* For handlers, from their closure_data */
struct link *link_of_call(void *closure_data);
void *link_user_of_call(void *closure_data);
/* The descriptor that came with the request, now the caller's; -1 for none */
int link_take_fd(void *closure_data);
/* Header of the request */
const struct frame *link_frame_of_call(const void *closure_data);

#endif /* TAPI_LINK_H */
