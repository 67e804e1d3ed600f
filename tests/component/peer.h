/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that speaks to tapisrv without a library: asks one thing at a time, keeps the events
 * that come meanwhile, and can be as wrong as it likes.
 */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service.h"
#include "frame.h"
#include "tapi.pb-c.h"

#define SERVICE(name)	TAPI__RPC__SERVICE_ID__SERVICE_##name

struct peer_event {
	unsigned int method;		/* of AppEvents */
	ProtobufCMessage *message;
};

struct peer {
	int fd;
	uint32_t serial;
	bool gone;			/* the service has ended the connection */
	uint8_t kind;			/* of the last answer */
	ProtobufCMessage *answer;	/* to the last question */
	struct peer_event *events;
	size_t count, size;
	uint32_t app;			/* after peer_program() */
};

/* @socket: tapi.sock or admin.sock. Without Hello */
struct peer *peer_connect(const char *socket);
/* With it */
struct peer *peer_new(const char *socket);
/* A program: Initialize */
struct peer *peer_program(const char *name);
void peer_free(struct peer *peer);

/* Method of a service by its name in tapi.proto */
unsigned int peer_method(unsigned int service, const char *name);

/* Sends bytes as the body of a request; its serial */
uint32_t peer_send(struct peer *peer, unsigned int service, unsigned int method, const void *body,
		   size_t size);
/* Waits for the answer; its result. INT32_MIN when the connection has ended */
int32_t peer_wait(struct peer *peer, uint32_t serial);
/* Both, with a message (NULL: an empty body). Answer in peer->answer until the next question */
int32_t peer_ask(struct peer *peer, unsigned int service, const char *method,
		 const ProtobufCMessage *in);
/* Reads what there is, without waiting; false when the connection has ended */
bool peer_read(struct peer *peer);
/* Takes the oldest Message with this number; false: none in time. 0 as @ms: only what is there */
bool peer_message(struct peer *peer, uint32_t message, unsigned int ms, Tapi__Rpc__Event *event);
/* Waits for LINE_REPLY of the request; its result */
int32_t peer_reply(struct peer *peer, uint32_t request, uint32_t *call);
/* Number of AppEvents of a method; forgets all of them with peer_forget() */
size_t peer_count(const struct peer *peer, unsigned int method);
void peer_forget(struct peer *peer);

/* ---- what is asked often ---- */

uint32_t peer_open(struct peer *peer, uint32_t device, uint32_t privileges, uint32_t media);
/* Result of a request with a call; a positive number is the id of what was accepted */
int64_t peer_call(struct peer *peer, const char *method, uint32_t call);
int64_t peer_make_call(struct peer *peer, uint32_t line, const char *destination);
int32_t peer_value(struct peer *peer, const char *method, uint32_t call, uint32_t value);
int32_t peer_close(struct peer *peer, uint32_t line);
/* The next LINE_CALLSTATE of a call has to be this */
void peer_state(struct peer *peer, uint32_t call, uint32_t state);
/* Waits for LINE_APPNEWCALL; the handle */
uint32_t peer_new_call(struct peer *peer, uint32_t privilege);

/* ---- the service as an administrator sees it ---- */

struct census {
	uint32_t objects, calls, clients;
	uint64_t broken;
	unsigned int descriptors;	/* of the process */
};

struct census census_take(void);
/* Waits until it is as it was, and no invariant was ever broken */
void census_same(const struct census *before);
/* State of a provider, as Admin.Providers says; reason may be NULL */
const char *provider_is(const char *name, char reason[256]);
pid_t provider_pid(const char *name);	/* 0: it has no host */
void provider_signal(const char *name, int signal);	/* to its host, which has to be there */
int32_t provider_restart(const char *name);
/* The first of its devices; which provider is first depends on which has started first */
uint32_t provider_device(const char *name);

#endif /* TEST_PEER_H */
