/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The services of tapi.proto by their number, and what may be done with each method. */
#ifndef TAPI_SERVICE_H
#define TAPI_SERVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

#include "tapi.pb-c.h"

#define SERVICES	(TAPI__RPC__SERVICE_ID__SERVICE_HOST_EVENTS + 1)

/* Which sockets a method is allowed on, bits */
enum service_right {
	RIGHT_CLIENT = 1,
	RIGHT_ADMIN = 2,
	RIGHT_HOST = 4,		/* tapisrv to a host */
	RIGHT_HOST_EVENT = 8,	/* a host to tapisrv */
	RIGHT_CLIENT_EVENT = 16,
};

struct service_policy {
	uint8_t rights;
	bool fd;		/* a descriptor may come with the request */
};

/**
 * service_descriptor - a service by its number
 *
 * Returns NULL for a number that is none.
 */
const ProtobufCServiceDescriptor *service_descriptor(unsigned int service);

/**
 * service_method - a method by its numbers
 *
 * Returns NULL when there is none.
 */
const ProtobufCMethodDescriptor *service_method(unsigned int service, unsigned int method);

/**
 * service_id - number of a descriptor
 *
 * Returns SERVICES when it is not one of tapi.proto.
 */
unsigned int service_id(const ProtobufCServiceDescriptor *descriptor);

/**
 * service_policy - who may call a method
 *
 * Returns a policy without any right for a method that does not exist.
 */
struct service_policy service_policy(unsigned int service, unsigned int method);

/* Methods without an answer? */
static inline bool service_is_events(unsigned int service)
{
	return service == TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS ||
	       service == TAPI__RPC__SERVICE_ID__SERVICE_HOST_EVENTS;
}

#endif /* TAPI_SERVICE_H */
