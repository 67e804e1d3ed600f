/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service's state, over the socket for administrators. */
#ifndef TAPICTL_ADMIN_H
#define TAPICTL_ADMIN_H

#include "link.h"
#include "tapi.pb-c.h"
#include "tapictl.h"

/**
 * struct admin - the connection
 * @answer: to the last question; freed with the next one
 * @done: it has come, or will not come
 */
struct admin {
	struct link *link;
	ProtobufCMessage *answer;
	bool done;
	int32_t result;
	char why[256];
};

/* Complain, and return a status */
int admin_begin(struct admin *admin);
void admin_end(struct admin *admin);
int admin_finish(struct admin *admin, const char *what);
void admin_answered(const ProtobufCMessage *out, void *admin);

/*
 * Asks and waits. On success, the answer is in admin->answer. stub: tapi__rpc__admin__...,
 * in: its input, what: cannot be done if it fails
 */
#define ADMIN_ASK(admin_, stub, in, what) ({					\
	(admin_)->done = false;							\
	stub(link_service((admin_)->link, TAPI__RPC__SERVICE_ID__SERVICE_ADMIN), in, \
	     (void *)(uintptr_t)admin_answered, admin_);				\
	admin_finish(admin_, what);						\
})

#endif /* TAPICTL_ADMIN_H */
