/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service's state: status, providers, programs. The records are the answers themselves. */
#include <stdlib.h>
#include <string.h>

#include "admin.h"
#include "out.h"

#define FIELD(message, key, title, kind, member, ...) \
	{ key, title, kind, offsetof(Tapi__Rpc__##message, member), __VA_ARGS__ }

static const struct field server_fields[] = {
	FIELD(StatusOut, "name", "name", FIELD_TEXT, server),
	FIELD(StatusOut, "pid", "process", FIELD_U32, pid),
	FIELD(StatusOut, "up-ms", "up", FIELD_MS, uptime_ms),
	FIELD(StatusOut, "calls", "calls", FIELD_U32, calls),
	FIELD(StatusOut, "requests", "requests", FIELD_U64, requests),
	FIELD(StatusOut, "events", "events", FIELD_U64, events),
	FIELD(StatusOut, "objects", "objects", FIELD_U32, objects),
	FIELD(StatusOut, "broken-invariants", "broken invariants", FIELD_U64, broken_invariants),
};

static const struct table server_table = { "server", "servers", TABLE_FIELDS(server_fields) };

static const struct field provider_fields[] = {
	FIELD(ProviderInfo, "name", "provider", FIELD_TEXT, name),
	FIELD(ProviderInfo, "state", "state", FIELD_TEXT, state),
	FIELD(ProviderInfo, "pid", "pid", FIELD_SOME, pid),
	FIELD(ProviderInfo, "lines", "lines", FIELD_U32, lines),
	FIELD(ProviderInfo, "restarts", "restarts", FIELD_U32, restarts),
	FIELD(ProviderInfo, "version", "version", FIELD_TEXT, version),
	FIELD(ProviderInfo, "module", "module", FIELD_TEXT, module, .flags = FIELD_DETAIL),
	FIELD(ProviderInfo, "reason", "reason", FIELD_TEXT, reason),
};

static const struct table provider_table = {
	"provider", "providers", TABLE_FIELDS(provider_fields),
};

static const struct field line_fields[] = {
	FIELD(LineInfo, "number", "line", FIELD_U32, device),
	FIELD(LineInfo, "name", "name", FIELD_TEXT, name),
	FIELD(LineInfo, "state", "state", FIELD_TEXT, state),
	FIELD(LineInfo, "opens", "open by", FIELD_U32, opens),
	FIELD(LineInfo, "calls", "calls", FIELD_U32, calls),
	FIELD(LineInfo, "provider", "provider", FIELD_TEXT, provider),
};

static const struct table line_table = { "line", "lines", TABLE_FIELDS(line_fields) };

static const struct field client_fields[] = {
	FIELD(ClientInfo, "name", "program", FIELD_TEXT, program),
	FIELD(ClientInfo, "pid", "pid", FIELD_U32, pid),
	FIELD(ClientInfo, "uid", "uid", FIELD_U32, uid),
	FIELD(ClientInfo, "registrations", "uses", FIELD_U32, apps),
	FIELD(ClientInfo, "lines", "lines", FIELD_U32, lines),
	FIELD(ClientInfo, "calls", "calls", FIELD_U32, calls),
	FIELD(ClientInfo, "queued", "queued", FIELD_U32, queued),
	FIELD(ClientInfo, "dropped", "dropped", FIELD_U64, dropped),
};

static const struct table client_table = { "program", "programs", TABLE_FIELDS(client_fields) };

static const Tapi__Rpc__Empty nothing = TAPI__RPC__EMPTY__INIT;

static int show_server(struct admin *admin)
{
	int status = ADMIN_ASK(admin, tapi__rpc__admin__status, &nothing, "status");

	if (!status)
		out_one(&server_table, admin->answer);
	return status;
}

/* ---- lists, which come in pages ---- */

typedef void list_stub(ProtobufCService *service, const Tapi__Rpc__ListIn *in, void *closure,
		       void *data);

/**
 * struct list - all pages of one
 * @rows: messages inside of @pages
 */
struct list {
	ProtobufCMessage **pages;
	size_t n_pages;
	void **rows;
	size_t n_rows;
};

static void list_free(struct list *list)
{
	for (size_t i = 0; i < list->n_pages; i++)
		protobuf_c_message_free_unpacked(list->pages[i], NULL);
	free(list->pages);
	free(list->rows);
}

/* Takes the answer; out: where the next page begins, 0: nowhere */
static bool list_add(struct list *list, ProtobufCMessage **answer, uint32_t *next)
{
	const ProtobufCMessageDescriptor *type = (*answer)->descriptor;
	const ProtobufCFieldDescriptor *at = protobuf_c_message_descriptor_get_field(type, 3);
	const char *page = (const char *)*answer;
	size_t count = *(const size_t *)(page + at->quantifier_offset);
	ProtobufCMessage **pages = realloc(list->pages, (list->n_pages + 1) * sizeof(*pages));
	void **rows;

	list->pages = pages ? pages : list->pages;
	rows = realloc(list->rows, (list->n_rows + count + 1) * sizeof(*rows));
	list->rows = rows ? rows : list->rows;
	if (!pages || !rows)
		return false;
	if (count)
		memcpy(rows + list->n_rows, *(void *const *const *)(page + at->offset),
		       count * sizeof(*rows));
	list->n_rows += count;
	pages[list->n_pages++] = *answer;
	*answer = NULL;
	at = protobuf_c_message_descriptor_get_field(type, 4);
	*next = *(const uint32_t *)(page + at->offset);
	return true;
}

/* @list: to be freed whatever is returned */
static int list_get(struct admin *admin, const char *what, list_stub *stub, struct list *list)
{
	Tapi__Rpc__ListIn in = TAPI__RPC__LIST_IN__INIT;
	int status;

	*list = (struct list) { 0 };
	do {
		status = ADMIN_ASK(admin, stub, &in, what);
		if (!status && !list_add(list, &admin->answer, &in.from))
			status = complain(STATUS_REFUSED, "not enough memory");
		in.has_from = 1;
	} while (!status && in.from);
	return status;
}

#define LIST_STUB(name)	((list_stub *)(void (*)(void))tapi__rpc__admin__##name)

static int show_list(struct admin *admin, const char *what, list_stub *stub,
		     const struct table *table)
{
	struct list list;
	int status = list_get(admin, what, stub, &list);

	if (!status)
		out_rows(table, list.rows, list.n_rows);
	list_free(&list);
	return status;
}

static int show_providers(struct admin *admin)
{
	return show_list(admin, "providers", LIST_STUB(providers), &provider_table);
}

static int show_lines(struct admin *admin)
{
	return show_list(admin, "lines", LIST_STUB(lines), &line_table);
}

static int show_clients(struct admin *admin)
{
	return show_list(admin, "programs", LIST_STUB(clients), &client_table);
}

static int show(int (*const *parts)(struct admin *), size_t count)
{
	struct admin admin;
	int status = admin_begin(&admin);

	if (status)
		return status;
	out_begin();
	for (size_t i = 0; !status && i < count; i++)
		status = parts[i](&admin);
	out_end();
	admin_end(&admin);
	return status;
}

int status_show(int argc, char **argv)
{
	static int (*const parts[])(struct admin *) = {
		show_server, show_providers, show_lines, show_clients,
	};

	return show(parts, sizeof(parts) / sizeof(parts[0]));
}

int provider_list(int argc, char **argv)
{
	static int (*const parts[])(struct admin *) = { show_providers };

	return show(parts, 1);
}

int client_list(int argc, char **argv)
{
	static int (*const parts[])(struct admin *) = { show_clients };

	return show(parts, 1);
}

/* Is there a provider of this name? The service says no in the same way as to other mistakes */
static int find_provider(struct admin *admin, const char *name)
{
	struct list list;
	int status = list_get(admin, "providers", LIST_STUB(providers), &list);
	bool found = false;

	for (size_t i = 0; i < list.n_rows; i++) {
		const Tapi__Rpc__ProviderInfo *info = list.rows[i];

		found |= info->name && !strcmp(info->name, name);
	}
	list_free(&list);
	if (status || found)
		return status;
	return complain(STATUS_NOT_FOUND, "there is no provider '%s'; 'tapictl provider list' "
			"shows all", name);
}

int provider_restart(int argc, char **argv)
{
	Tapi__Rpc__NameIn in = TAPI__RPC__NAME_IN__INIT;
	struct admin admin;
	int status = admin_begin(&admin);

	if (status)
		return status;
	in.name = argv[0];
	status = find_provider(&admin, argv[0]);
	if (!status)
		status = ADMIN_ASK(&admin, tapi__rpc__admin__restart_provider, &in, "restart");
	admin_end(&admin);
	return status;
}

int server_reload(int argc, char **argv)
{
	struct admin admin;
	int status = admin_begin(&admin);

	if (status)
		return status;
	status = ADMIN_ASK(&admin, tapi__rpc__admin__reload, &nothing, "reload");
	admin_end(&admin);
	return status;
}
