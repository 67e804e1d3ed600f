/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What relay.c and relay_instance.c share. */
#ifndef TSPHOST_RELAY_H
#define TSPHOST_RELAY_H

#include <pthread.h>

#include "host.h"
#include "relay_nl.h"

/**
 * struct relay - a socket of the kernel's relay
 * @nl: the socket
 * @refs: lines and instances; under relay_lock
 * @source: in the loop
 */
struct relay {
	struct relay_nl *nl;
	unsigned int refs;
	sd_event_source *source;
};

/**
 * struct relay_line - a line that is bound
 * @line: its number
 * @name: in the relay
 * @lost: messages, since one was sent
 */
struct relay_line {
	struct relay_line *next;
	uint32_t line;
	unsigned int lost;
	struct relay *relay;
	struct relay_nl_line name;
};

/* For the lines and the instances; never held while the provider is called */
extern pthread_mutex_t relay_lock;

/* Under the lock: the bound line with this number, or this name on this socket */
struct relay_line *relay_find(uint32_t line);
struct relay_line *relay_find_name(const struct relay *relay, const struct relay_nl_line *name);
/* Under the lock: one that refers to it is gone; the last takes the socket with it */
void relay_put(struct relay *relay);
/* Under the lock: no longer bound */
void relay_forget(struct relay_line *bound);

/* relay_instance.c: callback of the sockets, in the loop thread */
void relay_heard(void *arg, const struct relay_nl_msg *msg);
/* All media providers of a line go away, in the thread of the caller */
void relay_close_instances(uint32_t line);
/* Under the lock: the socket of an instance on a line, NULL when there is none */
struct relay *relay_of_instance(uint32_t instance, uint32_t line);

#endif /* TSPHOST_RELAY_H */
