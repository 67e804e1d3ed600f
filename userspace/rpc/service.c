/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Services and their policy, looked at before a frame is decoded. */
#include <stddef.h>
#include <string.h>

#include "service.h"

static const ProtobufCServiceDescriptor *const services[SERVICES] = {
	[TAPI__RPC__SERVICE_ID__SERVICE_LINK] = &tapi__rpc__link__descriptor,
	[TAPI__RPC__SERVICE_ID__SERVICE_APP] = &tapi__rpc__app__descriptor,
	[TAPI__RPC__SERVICE_ID__SERVICE_LINE] = &tapi__rpc__line__descriptor,
	[TAPI__RPC__SERVICE_ID__SERVICE_CALL] = &tapi__rpc__call__descriptor,
	[TAPI__RPC__SERVICE_ID__SERVICE_MSP] = &tapi__rpc__msp__descriptor,
	[TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS] = &tapi__rpc__app_events__descriptor,
	[TAPI__RPC__SERVICE_ID__SERVICE_ADMIN] = &tapi__rpc__admin__descriptor,
	[TAPI__RPC__SERVICE_ID__SERVICE_HOST] = &tapi__rpc__host__descriptor,
	[TAPI__RPC__SERVICE_ID__SERVICE_TSPI] = &tapi__rpc__tspi__descriptor,
	[TAPI__RPC__SERVICE_ID__SERVICE_HOST_EVENTS] = &tapi__rpc__host_events__descriptor,
};

static const uint8_t rights[SERVICES] = {
	[TAPI__RPC__SERVICE_ID__SERVICE_LINK] = RIGHT_CLIENT | RIGHT_ADMIN | RIGHT_HOST,
	[TAPI__RPC__SERVICE_ID__SERVICE_APP] = RIGHT_CLIENT | RIGHT_ADMIN,
	[TAPI__RPC__SERVICE_ID__SERVICE_LINE] = RIGHT_CLIENT,
	[TAPI__RPC__SERVICE_ID__SERVICE_CALL] = RIGHT_CLIENT,
	[TAPI__RPC__SERVICE_ID__SERVICE_MSP] = RIGHT_CLIENT,
	[TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS] = RIGHT_CLIENT_EVENT,
	[TAPI__RPC__SERVICE_ID__SERVICE_ADMIN] = RIGHT_ADMIN,
	[TAPI__RPC__SERVICE_ID__SERVICE_HOST] = RIGHT_HOST,
	[TAPI__RPC__SERVICE_ID__SERVICE_TSPI] = RIGHT_HOST,
	[TAPI__RPC__SERVICE_ID__SERVICE_HOST_EVENTS] = RIGHT_HOST_EVENT,
};

const ProtobufCServiceDescriptor *service_descriptor(unsigned int service)
{
	return service < SERVICES ? services[service] : NULL;
}

const ProtobufCMethodDescriptor *service_method(unsigned int service, unsigned int method)
{
	const ProtobufCServiceDescriptor *descriptor = service_descriptor(service);

	if (!descriptor || method >= descriptor->n_methods)
		return NULL;
	return &descriptor->methods[method];
}

unsigned int service_id(const ProtobufCServiceDescriptor *descriptor)
{
	unsigned int i;

	for (i = 0; i < SERVICES; i++) {
		if (services[i] == descriptor)
			break;
	}
	return i;
}

struct service_policy service_policy(unsigned int service, unsigned int method)
{
	const ProtobufCMethodDescriptor *descriptor = service_method(service, method);
	struct service_policy policy = { 0 };

	if (!descriptor || service >= SERVICES)
		return policy;
	policy.rights = rights[service];
	if (service == TAPI__RPC__SERVICE_ID__SERVICE_HOST && !strcmp(descriptor->name, "MspBind"))
		policy.fd = true;
	return policy;
}
