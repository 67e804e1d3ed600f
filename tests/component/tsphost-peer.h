/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plays tapisrv for a tsphost with the fake provider. */
#ifndef TSPHOST_PEER_H
#define TSPHOST_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "link.h"
#include "tsphost-fake.h"

/* First device id; a line is called what its device is, and 0x100 */
#define DEVICE		20u
#define LINE(n)		(0x100u + (n))

enum heard_kind {
	HEARD_ANSWER,		/* tag: what peer_post() was given */
	HEARD_COMPLETE,
	HEARD_LINE,
	HEARD_NEWCALL,		/* p: address, media mode, origin; call_id */
	HEARD_CREATE,
	HEARD_REMOVE,
	HEARD_GATHERED,
	HEARD_LOG,
	HEARD_BUSY,
};

struct heard {
	enum heard_kind kind;
	uint32_t tag, line, call, message, request, call_id;
	int32_t result;
	uint64_t p[3];
	char text[200];
	size_t size;
};

struct peer {
	struct link *link;
	pid_t pid;
	bool closed;
	struct heard *heard;
	size_t count, room;
	ProtobufCMessage *answer;	/* the last one */
	char directory[32];
	char journal[64], trace[64];
};

/* Starts a host. @module: NULL for --module left out; @any_owner: --allow-any-owner */
void peer_start(struct peer *peer, const char *module, bool any_owner);
/* The parts of that: a directory; a host; or one with a listening socket, a connection to it */
void peer_prepare(struct peer *peer);
void peer_spawn(struct peer *peer, const char *module, bool any_owner);
void peer_activate(struct peer *peer, int listener);
void peer_connect(struct peer *peer, int fd);
/* Path of a build of the fake provider */
const char *peer_module(const char *name);
/* Ends the connection, if it is there; the host's wait status */
int peer_end(struct peer *peer);
/* Text of a file, as much as there is room for */
void peer_read(const char *path, char *text, size_t room);
/* What the provider noted, once the host has ended; "" for nothing */
void peer_journal(const struct peer *peer, char *text, size_t room);

/* Sends; the answer is heard as HEARD_ANSWER with this tag */
void peer_post(struct peer *peer, unsigned int service, const char *method,
	       const ProtobufCMessage *in, uint32_t tag);
/* Sends, waits for the answer: it is valid until the next. NULL when it was refused with nothing */
const void *peer_ask(struct peer *peer, unsigned int service, const char *method,
		     const ProtobufCMessage *in);
/* Its result */
int32_t peer_result(struct peer *peer, unsigned int service, const char *method,
		    const ProtobufCMessage *in);
/* Text of the last answer's error, "" for none */
const char *peer_why(const struct peer *peer);

/* Waits until something of this kind is heard, from entry @from on; its index */
size_t peer_wait(struct peer *peer, enum heard_kind kind, size_t from);
/* Waits for a log line with this in it, from the start */
void peer_wait_log(struct peer *peer, const char *text);
void peer_wait_closed(struct peer *peer);

#define TSPI_SERVICE	TAPI__RPC__SERVICE_ID__SERVICE_TSPI
#define HOST_SERVICE	TAPI__RPC__SERVICE_ID__SERVICE_HOST
#define LINK_SERVICE	TAPI__RPC__SERVICE_ID__SERVICE_LINK

/* Setup and Start; settings are "Key=value" */
int32_t peer_setup(struct peer *peer, const char *module, const char *const *settings);
int32_t peer_begin(struct peer *peer, uint32_t max_calls);
/* All of it, with success, for the good module */
void peer_run(struct peer *peer, const char *const *settings);
int32_t peer_open(struct peer *peer, unsigned int n);
/* A word to the fake provider, its answer awaited */
void peer_word(struct peer *peer, unsigned int n, const char *text);
/* The same for a request id, not awaited */
void peer_post_word(struct peer *peer, unsigned int n, const char *text, uint32_t request);
/* An offered call on an open line */
uint32_t peer_offer(struct peer *peer, unsigned int n);
/* A request about a call */
int32_t peer_call(struct peer *peer, const char *method, uint32_t request, uint32_t call);
int32_t peer_make_call(struct peer *peer, uint32_t request, uint32_t call, const char *number);

#endif /* TSPHOST_PEER_H */
