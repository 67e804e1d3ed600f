/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Service HostEvents: what providers report. */
#include <search.h>

#include "server.h"

static void host_event_complete(Tapi__Rpc__HostEvents_Service *service,
				const Tapi__Rpc__CompleteEvent *in,
				Tapi__Rpc__Empty_Closure closure, void *data)
{
	struct provider *provider = link_user_of_call(data);
	struct request *request = tree_find(&server.requests, in->request);

	if (request && request->provider == provider)
		request_complete(in->request, in->result, NULL, in);
	else
		log_message(4, "%s: completes request %u, which is not open",
			    provider->config->name, in->request);
	closure(NULL, data);
}

/* An open line of this provider */
static struct line *line_of(const struct provider *provider, uint32_t number)
{
	struct line *line = number ? line_of_number(number) : NULL;

	return line && line->provider == provider ? line : NULL;
}

static void host_event_new_call(Tapi__Rpc__HostEvents_Service *service,
				const Tapi__Rpc__NewCallEvent *in,
				Tapi__Rpc__Empty_Closure closure, void *data)
{
	struct provider *provider = link_user_of_call(data);
	struct line *line = line_of(provider, in->line);
	struct call *call;

	if (line && in->call & 0x80000000 && !call_find(provider, in->call)) {
		call = call_new(line, in->call);
		if (call) {
			call->call_id = in->call_id;
			call->address = in->address;
			call->media_mode = in->media_mode;
			call->origin = in->origin;
		}
	}
	closure(NULL, data);
}

static void vendor_event(struct call *call, uint32_t message, const Tapi__Rpc__ProviderEvent *in)
{
	list_for_each(at, &call->appcalls)
		event_call(list_entry(at, struct appcall, in_call), EVENT_FLOW, message, in->p1,
			   in->p2, in->p3);
}

static void call_event(struct call *call, const Tapi__Rpc__ProviderEvent *in)
{
	switch (in->message) {
	case LINE_CALLSTATE:
		if (!in->p1 || in->p1 & (in->p1 - 1) || in->p1 > UINT32_MAX) {
			log_message(4, "%s: 0x%llx is no state of a call",
				    call->line->provider->config->name,
				    (unsigned long long)in->p1);
			break;
		}
		call_state(call, (uint32_t)in->p1, (uint32_t)in->p2, (uint32_t)in->p3);
		break;
	case LINE_CALLINFO:
		if (call->state == LINECALLSTATE_IDLE)
			break;
		list_for_each(at, &call->appcalls)
			event_call(list_entry(at, struct appcall, in_call), EVENT_MERGE,
				   LINE_CALLINFO, in->p1, 0, 0);
		break;
	case LINE_MONITORDIGITS:
		digits_monitored(call, (uint32_t)in->p1, (uint32_t)in->p2, (uint32_t)in->p3);
		break;
	case LINE_MONITORMEDIA:
		media_monitored(call, (uint32_t)in->p1, (uint32_t)in->p3);
		break;
	case LINE_GENERATE:
		digits_generated(call, (uint32_t)in->p2, (uint32_t)in->p1, (uint32_t)in->p3);
		break;
	case 501:			/* LINE_CALLDEVSPECIFIC */
	case LINE_DEVSPECIFIC:
		vendor_event(call, LINE_DEVSPECIFIC, in);
		break;
	case 502:			/* LINE_CALLDEVSPECIFICFEATURE */
	case LINE_DEVSPECIFICFEATURE:
		vendor_event(call, LINE_DEVSPECIFICFEATURE, in);
		break;
	default:
		log_message(5, "message %u about a call is not known", in->message);
		break;
	}
}

static void address_state(struct line *line, const Tapi__Rpc__ProviderEvent *in)
{
	list_for_each(at, &line->opens) {
		struct open *open = list_entry(at, struct open, in_line);

		if (open->address_states & in->p2)
			event_send(open->app, EVENT_MERGE, open->handle, LINE_ADDRESSSTATE, in->p1,
				   open->address_states & in->p2, 0);
	}
}

static void force_close(struct line *line)
{
	list_for_each(at, &line->calls) {
		struct call *call = list_entry(at, struct call, node);

		call_ref(call);
		call->closed = true;
		call_gone(call, LINEDISCONNECTMODE_UNAVAIL);
		call_unref(call);
	}
	open_opened(line, LINEERR_OPERATIONFAILED, NULL);
	list_for_each(at, &line->opens)
		open_forced(list_entry(at, struct open, in_line));
	requests_of_line(line);
	line_close_host(line);
}

static void line_event(struct line *line, const Tapi__Rpc__ProviderEvent *in)
{
	switch (in->message) {
	case LINE_LINEDEVSTATE:
		if (in->p1 & (LINEDEVSTATE_CAPSCHANGE | LINEDEVSTATE_CONFIGCHANGE))
			line_caps_changed(line);
		event_line_state(line, (uint32_t)in->p1, in->p2, in->p3);
		break;
	case LINE_ADDRESSSTATE:
		address_state(line, in);
		break;
	case LINE_CLOSE:
		force_close(line);
		break;
	case LINE_DEVSPECIFIC:
	case LINE_DEVSPECIFICFEATURE:
		list_for_each(at, &line->opens) {
			struct open *open = list_entry(at, struct open, in_line);

			event_send(open->app, EVENT_FLOW, open->handle, in->message, in->p1,
				   in->p2, in->p3);
		}
		break;
	default:
		log_message(5, "message %u about a line is not known", in->message);
		break;
	}
}

static void host_event_line(Tapi__Rpc__HostEvents_Service *service,
			    const Tapi__Rpc__ProviderEvent *in, Tapi__Rpc__Empty_Closure closure,
			    void *data)
{
	struct provider *provider = link_user_of_call(data);
	struct call *call;
	struct line *line;

	if (in->call) {
		call = call_find(provider, in->call);
		/* a call being made has no events before its request has succeeded */
		if (call && !call->tentative) {
			call_ref(call);
			call_event(call, in);
			call_unref(call);
		}
	} else {
		line = line_of(provider, in->line);
		if (line)
			line_event(line, in);
	}
	closure(NULL, data);
}

static void host_event_create(Tapi__Rpc__HostEvents_Service *service,
			      const Tapi__Rpc__ProviderEvent *in, Tapi__Rpc__Empty_Closure closure,
			      void *data)
{
	line_created(link_user_of_call(data), in->p2);
	closure(NULL, data);
}

static void host_event_remove(Tapi__Rpc__HostEvents_Service *service,
			      const Tapi__Rpc__ProviderEvent *in, Tapi__Rpc__Empty_Closure closure,
			      void *data)
{
	struct provider *provider = link_user_of_call(data);

	list_for_each(at, &provider->lines) {
		struct line *line = list_entry(at, struct line, node);

		if (!line->removed && line->driver == in->p1) {
			line_removed(line);
			break;
		}
	}
	closure(NULL, data);
}

static void host_event_gathered(Tapi__Rpc__HostEvents_Service *service,
				const Tapi__Rpc__GatheredEvent *in,
				Tapi__Rpc__Empty_Closure closure, void *data)
{
	struct call *call = call_find(link_user_of_call(data), in->call);

	if (call)
		digits_gathered(call, in->end_to_end_id, in->digits ? in->digits : "", in->reason,
				in->tick);
	closure(NULL, data);
}

static void host_event_log(Tapi__Rpc__HostEvents_Service *service, const Tapi__Rpc__LogEvent *in,
			   Tapi__Rpc__Empty_Closure closure, void *data)
{
	struct provider *provider = link_user_of_call(data);

	/* one line, whatever the provider writes */
	for (char *c = in->text; c && *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	}
	log_message(in->priority < 8 ? (int)in->priority : 6, "%s: %s", provider->config->name,
		    in->text ? in->text : "");
	closure(NULL, data);
}

static void host_event_busy(Tapi__Rpc__HostEvents_Service *service, const Tapi__Rpc__LogEvent *in,
			    Tapi__Rpc__Empty_Closure closure, void *data)
{
	struct provider *provider = link_user_of_call(data);

	log_message(4, "%s: %s does not return", provider->config->name, in->text ? in->text : "?");
	closure(NULL, data);
}

const Tapi__Rpc__HostEvents_Service host_events_service =
	TAPI__RPC__HOST_EVENTS__INIT(host_event_);
