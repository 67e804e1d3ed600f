/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Service Admin: what an administrator sees and does. */
#include <stdlib.h>
#include <unistd.h>

#include <tapi_config.h>

#include "frame.h"
#include "server.h"

/* Numbers of what there is, as tests of leaks want them */
static uint32_t objects(uint32_t *calls)
{
	uint32_t count = 0;

	*calls = 0;
	list_for_each(at, &server.clients) {
		struct client *client = list_entry(at, struct client, node);

		list_for_each(app_at, &client->apps) {
			struct app *app = list_entry(app_at, struct app, node);

			count++;
			list_for_each(open_at, &app->opens)
				count++;
		}
	}
	/* of programs, and those nobody waits for any more */
	list_for_each(at, &server.providers) {
		list_for_each(request_at, &list_entry(at, struct provider, node)->requests)
			count++;
	}
	for (uint32_t i = 0; i < server.lines_count; i++) {
		if (!server.lines[i])
			continue;
		list_for_each(at, &server.lines[i]->calls)
			(*calls)++;
	}
	return count + *calls;
}

static void admin_rpc_status(Tapi__Rpc__Admin_Service *service, const Tapi__Rpc__Empty *in,
			     Tapi__Rpc__StatusOut_Closure closure, void *data)
{
	Tapi__Rpc__StatusOut out = TAPI__RPC__STATUS_OUT__INIT;

	invariants_check();
	out.has_result = out.has_uptime_ms = out.has_requests = out.has_events = 1;
	out.has_broken_invariants = out.has_objects = out.has_calls = out.has_pid = 1;
	out.server = (char *)(uintptr_t)"tapisrv " TAPI_VERSION;
	out.uptime_ms = (now_usec() - server.started_usec) / 1000;
	out.requests = server.requests_count;
	out.events = server.events_count;
	out.broken_invariants = server.broken;
	out.objects = objects(&out.calls);
	out.pid = (uint32_t)getpid();
	closure(&out, data);
}

/* ---- lists, by pages ---- */

#define PAGE_ENTRIES	1024u
#define PAGE_BYTES	(FRAME_BODY_MAX - 64)	/* the rest of the answer is small */

/**
 * struct page - what of a list goes into one answer
 * @size: of an entry
 * @list: pointers to @entries, which are all there is memory for; NULL: there was none
 * @bytes: of those taken, packed
 * @next: where the next page begins, once this one is full
 */
struct page {
	size_t size, count, bytes;
	char *entries;
	void **list;
	bool full;
	uint32_t next;
};

static struct page page_new(size_t size)
{
	struct page page = { .size = size };

	page.entries = malloc(PAGE_ENTRIES * size);
	page.list = malloc(PAGE_ENTRIES * sizeof(*page.list));
	page.full = !page.entries || !page.list;
	return page;
}

static bool page_open(const struct page *page)
{
	return !page->full;
}

static void *page_entry(const struct page *page)
{
	return page->entries + page->count * page->size;
}

/* What was written to page_entry(); @number: what to begin with if it does not fit any more */
static void page_add(struct page *page, uint32_t number)
{
	ProtobufCMessage *entry = page_entry(page);
	size_t bytes = protobuf_c_message_get_packed_size(entry) + 4;	/* and its tag */

	if (page->count == PAGE_ENTRIES - 1 || (page->count && page->bytes + bytes > PAGE_BYTES)) {
		page->full = true;
		page->next = number;
		return;
	}
	page->bytes += bytes;
	page->list[page->count++] = entry;
}

/* @out: one of the messages with a list as number 3 and `next` as number 4 */
static void page_answer(struct page *page, ProtobufCMessage *out, ProtobufCClosure closure,
			void *data)
{
	const ProtobufCMessageDescriptor *type = out->descriptor;
	const ProtobufCFieldDescriptor *list = protobuf_c_message_descriptor_get_field(type, 3);
	const ProtobufCFieldDescriptor *next = protobuf_c_message_descriptor_get_field(type, 4);
	char *at = (char *)out;

	if (page->entries && page->list) {
		((Tapi__Rpc__Result *)out)->has_result = 1;
		*(void ***)(at + list->offset) = page->list;
		*(size_t *)(at + list->quantifier_offset) = page->count;
		*(uint32_t *)(at + next->offset) = page->next;
		*(protobuf_c_boolean *)(at + next->quantifier_offset) = page->full;
		closure(out, data);
	} else {
		answer_error(closure, data, type, LINEERR_NOMEM, TAPI_ORIGIN_SERVER, 0,
			     "no memory");
	}
	free(page->entries);
	free(page->list);
}

static void describe(struct provider *provider, Tapi__Rpc__ProviderInfo *info)
{
	tapi__rpc__provider_info__init(info);
	info->name = provider->config->name;
	info->module = provider->config->module;
	info->state = (char *)(uintptr_t)provider_state_name(provider);
	info->has_pid = provider->pid != 0;
	info->pid = (uint32_t)provider->pid;
	info->has_lines = info->has_restarts = 1;
	list_for_each(at, &provider->lines)
		info->lines += !list_entry(at, struct line, node)->removed;
	info->restarts = provider->restarts;
	info->reason = provider->reason;
	info->version = provider->version;
	info->has_retry_ms = provider->state == PROVIDER_WAITING;
	info->retry_ms = provider_retry_usec(provider) / 1000;
}

static void admin_rpc_providers(Tapi__Rpc__Admin_Service *service, const Tapi__Rpc__ListIn *in,
				Tapi__Rpc__ProvidersOut_Closure closure, void *data)
{
	Tapi__Rpc__ProvidersOut out = TAPI__RPC__PROVIDERS_OUT__INIT;
	struct page page = page_new(sizeof(Tapi__Rpc__ProviderInfo));
	uint32_t number = 0;

	/* none is ever taken out of the list */
	list_for_each(at, &server.providers) {
		if (number++ < in->from || !page_open(&page))
			continue;
		describe(list_entry(at, struct provider, node), page_entry(&page));
		page_add(&page, number - 1);
	}
	page_answer(&page, &out.base, CLOSURE(closure), data);
}

static const char *state_of(const struct line *line)
{
	if (line->removed)
		return "removed";
	if (line->out_of_service)
		return "out of service";
	return line->state == LINE_CLOSED ? "closed" : "open";
}

static void describe_line(struct line *line, Tapi__Rpc__LineInfo *info)
{
	tapi__rpc__line_info__init(info);
	info->has_device = info->has_opens = info->has_calls = info->has_guid = 1;
	info->device = line->device;
	info->name = line->caps->line_name;
	info->provider = line->provider->config->name;
	info->state = (char *)(uintptr_t)state_of(line);
	list_for_each(at, &line->opens)
		info->opens++;
	list_for_each(at, &line->calls)
		info->calls++;
	info->guid.data = line->guid;
	info->guid.len = sizeof(line->guid);
}

static void admin_rpc_lines(Tapi__Rpc__Admin_Service *service, const Tapi__Rpc__ListIn *in,
			    Tapi__Rpc__LinesOut_Closure closure, void *data)
{
	Tapi__Rpc__LinesOut out = TAPI__RPC__LINES_OUT__INIT;
	struct page page = page_new(sizeof(Tapi__Rpc__LineInfo));

	for (uint32_t i = in->from; page_open(&page) && i < server.lines_count; i++) {
		if (!server.lines[i])
			continue;
		describe_line(server.lines[i], page_entry(&page));
		page_add(&page, i);
	}
	page_answer(&page, &out.base, CLOSURE(closure), data);
}

static void describe_client(struct client *client, Tapi__Rpc__ClientInfo *info)
{
	tapi__rpc__client_info__init(info);
	info->has_pid = info->has_uid = info->has_apps = info->has_lines = info->has_calls = 1;
	info->has_queued = info->has_dropped = 1;
	info->pid = (uint32_t)client->pid;
	info->uid = client->uid;
	info->program = client->program;
	list_for_each(at, &client->apps) {
		struct app *app = list_entry(at, struct app, node);

		info->apps++;
		list_for_each(open_at, &app->opens) {
			struct open *open = list_entry(open_at, struct open, in_app);

			info->lines++;
			list_for_each(call_at, &open->calls)
				info->calls++;
		}
	}
	info->queued = (uint32_t)link_queued(client->link);
	info->dropped = client->dropped;
}

static void admin_rpc_clients(Tapi__Rpc__Admin_Service *service, const Tapi__Rpc__ListIn *in,
			      Tapi__Rpc__ClientsOut_Closure closure, void *data)
{
	Tapi__Rpc__ClientsOut out = TAPI__RPC__CLIENTS_OUT__INIT;
	struct page page = page_new(sizeof(Tapi__Rpc__ClientInfo));

	/* in the order of their numbers */
	list_for_each(at, &server.clients) {
		struct client *client = list_entry(at, struct client, node);

		if (client->number < in->from || !page_open(&page))
			continue;
		describe_client(client, page_entry(&page));
		page_add(&page, client->number);
	}
	page_answer(&page, &out.base, CLOSURE(closure), data);
}

static void admin_rpc_restart_provider(Tapi__Rpc__Admin_Service *service,
				       const Tapi__Rpc__NameIn *in,
				       Tapi__Rpc__Result_Closure closure, void *data)
{
	struct provider *provider = in->name ? provider_find(in->name) : NULL;

	if (!provider) {
		answer_result(closure, data, LINEERR_INVALPARAM, "no provider has this name");
		return;
	}
	if (!provider->config->enabled) {
		answer_result(closure, data, LINEERR_OPERATIONUNAVAIL,
			      "the provider is disabled by its configuration");
		return;
	}
	provider_restart(provider);
	answer_result(closure, data, 0, NULL);
}

static void admin_rpc_reload(Tapi__Rpc__Admin_Service *service, const Tapi__Rpc__Empty *in,
			     Tapi__Rpc__Result_Closure closure, void *data)
{
	if (providers_reload() < 0)
		answer_result(closure, data, LINEERR_INVALPARAM,
			      "the configuration is wrong, see the journal; nothing has changed");
	else
		answer_result(closure, data, 0, NULL);
}

const Tapi__Rpc__Admin_Service admin_service = TAPI__RPC__ADMIN__INIT(admin_rpc_);
