/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One socket of the kernel's relay (generic netlink family "tapi"): used by the
 * provider's host and by libtapi3.
 *
 * Never blocks.  relay_nl_fd() is the one descriptor to poll: when it is readable,
 * call relay_nl_dispatch(), which calls back once per message.  All functions may be
 * called from several threads, and from the callback; relay_nl_dispatch() from one
 * thread at a time.
 *
 * Functions return 0 or a negative errno; relay_nl_error() has the kernel's words.
 */
#ifndef TAPI_RPC_RELAY_NL_H
#define TAPI_RPC_RELAY_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/tapi_netlink.h>

/* Bytes that may wait in this library per instance while the window is full */
#define RELAY_NL_QUEUE_MAX 65536u

/* Not a command of the kernel: a queued message was refused, see relay_nl_msg.error */
#define RELAY_NL_SEND_FAILED 0xf0
/* Not a command of the kernel: notices were lost, relay_nl_dump_instances() tells the rest */
#define RELAY_NL_OVERRUN 0xf1
/* Not a command of the kernel: a dump has ended; error tells how */
#define RELAY_NL_DUMP_DONE 0xf2

struct relay_nl;

/* A line's name in the relay: card and line number, or a GUID when it has no hardware */
struct relay_nl_line {
	bool hardware;
	uint32_t card;
	uint32_t line;
	uint8_t guid[TAPI_NL_GUID_LEN];
};

/* A message that came in; members the message does not have are zero */
struct relay_nl_msg {
	uint8_t cmd;			/* TAPI_NL_CMD_ or RELAY_NL_ */
	bool has_line, has_call, bound;
	struct relay_nl_line line;
	uint64_t call;			/* DATA with has_call: the provider's number of the call */
	uint64_t caps;			/* NEW_LINE, CHANGE_LINE, as the next five */
	uint32_t type, snd_card, snd_device;
	const char *name;
	uint32_t instance;		/* INSTANCE_NEW, INSTANCE_GONE, GET_INSTANCE, DATA, READY */
	uint32_t address;		/* INSTANCE_NEW, GET_INSTANCE */
	uint32_t grant, pid, uid;	/* INSTANCE_NEW */
	uint32_t role, sent, received;	/* GET_INSTANCE */
	uint32_t consumed, window;	/* GET_INSTANCE */
	uint32_t reason;		/* INSTANCE_GONE, PROVIDER_GONE: TAPI_NL_GONE_ */
	uint32_t seq;			/* DATA: pass it to relay_nl_consumed() */
	uint32_t flags;			/* DATA: TAPI_NL_FL_ */
	const void *data;		/* DATA; valid during the callback */
	size_t len;
	int error;			/* negative errno of RELAY_NL_SEND_FAILED and _DUMP_DONE */
};

typedef void relay_nl_cb(void *arg, const struct relay_nl_msg *msg);

/* A new socket.  -ENOENT: the family is missing (tapi.ko is not loaded). */
int relay_nl_open(struct relay_nl **nl, relay_nl_cb *cb, void *arg);

/* A socket that another process bound and passed here; owns @fd when it returns 0 */
int relay_nl_adopt(struct relay_nl **nl, int fd, relay_nl_cb *cb, void *arg);

/*
 * Ends the use of this copy of the socket; the relay ends its bindings and instances with
 * the last copy.  Must not be called from the callback.
 */
void relay_nl_close(struct relay_nl *nl);

int relay_nl_fd(const struct relay_nl *nl);	/* to poll */
int relay_nl_socket(const struct relay_nl *nl);	/* to pass by SCM_RIGHTS */

/* Reads what has arrived and calls back.  0 or a negative errno; never -EAGAIN. */
int relay_nl_dispatch(struct relay_nl *nl);

/* The kernel's text for the calling thread's last failed call, "" if it gave none */
const char *relay_nl_error(const struct relay_nl *nl);

/* Provider */
int relay_nl_bind_fd(struct relay_nl *nl, int line_fd, struct relay_nl_line *line);
int relay_nl_bind_guid(struct relay_nl *nl, const uint8_t guid[TAPI_NL_GUID_LEN],
		       const char *name);
int relay_nl_unbind(struct relay_nl *nl, const struct relay_nl_line *line);

struct relay_nl_grant {
	uint8_t cookie[TAPI_NL_COOKIE_LEN];
	uint32_t grant;
	uint32_t expires_ms;
};

/* @uid, @pid: who may use it, NULL is anybody */
int relay_nl_grant(struct relay_nl *nl, const struct relay_nl_line *line, uint32_t address,
		   const uint32_t *uid, const uint32_t *pid, struct relay_nl_grant *out);
int relay_nl_revoke(struct relay_nl *nl, const struct relay_nl_line *line, uint32_t grant);

/* The call's number is withdrawn; @instance 0: from all instances of the line */
int relay_nl_call_end(struct relay_nl *nl, const struct relay_nl_line *line, uint32_t instance,
		      uint64_t call);

struct relay_nl_refused {
	uint32_t instance;
	uint32_t error;			/* positive errno */
};

/*
 * To all instances of the line, behind what waits for them.  @refused has room for @max
 * entries, *@count says how many instances missed the message (it may exceed @max).
 */
int relay_nl_broadcast(struct relay_nl *nl, const struct relay_nl_line *line,
		       const uint64_t *call, const void *data, size_t len,
		       struct relay_nl_refused *refused, size_t max, size_t *count);

/* Application */
struct relay_nl_instance {
	struct relay_nl_line line;
	uint32_t instance;
	uint32_t address;
	uint32_t window;
};

/* -EKEYREJECTED: unknown, used, expired, for someone else; -EAGAIN: try again, still good */
int relay_nl_create(struct relay_nl *nl, const uint8_t cookie[TAPI_NL_COOKIE_LEN],
		    struct relay_nl_instance *out);

/* Both ends */

/*
 * Sends 0..TAPI_NL_DATA_MAX bytes; @call NULL is address-level.  When the window is full the
 * message waits here (up to RELAY_NL_QUEUE_MAX bytes per instance) and goes out, in order, as
 * the other end makes room.  -EAGAIN: that is full too; nothing was taken, and a READY message
 * is called back when it is worth trying again.
 */
int relay_nl_send(struct relay_nl *nl, uint32_t instance, const uint64_t *call, uint32_t flags,
		  const void *data, size_t len);

/*
 * All DATA messages of the instance up to number @seq have been dealt with: gives the other
 * end its credit back.  The kernel is told at every fourth message.
 */
int relay_nl_consumed(struct relay_nl *nl, uint32_t instance, uint32_t seq);

int relay_nl_close_instance(struct relay_nl *nl, uint32_t instance);

/* Own instances, called back as GET_INSTANCE, then RELAY_NL_DUMP_DONE */
int relay_nl_dump_instances(struct relay_nl *nl);
/* All lines, called back as NEW_LINE, then RELAY_NL_DUMP_DONE */
int relay_nl_dump_lines(struct relay_nl *nl);
/* Calls back NEW_LINE, DEL_LINE, CHANGE_LINE from now on */
int relay_nl_watch_lines(struct relay_nl *nl);

#endif /* TAPI_RPC_RELAY_NL_H */
