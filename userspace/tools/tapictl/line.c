/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines: list, show. */
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "session.h"

/**
 * struct address_row - one address of a line
 * @caps: where the texts are, or NULL
 */
struct address_row {
	uint32_t line, address;
	const char *number;
	uint32_t sharing, max_active, max_held, states, features, flags, call_features,
		 disconnect_modes, call_info, in_use, active;
	LINEADDRESSCAPS *caps;
};

/* One program that has a line open */
struct program_row {
	const char *name, *module, *user, *machine;
	uint32_t media;
};

/**
 * struct line_row - a line
 * @open: its status is known: it could be opened
 * @device_status: the rest is filled only then
 */
struct line_row {
	uint32_t number, version, permanent, addresses;
	const char *name, *provider, *exchange;
	char guid[40];
	const char *guid_text;
	char **numbers;
	uint32_t media, bearer, flags, features, answer, line_states, generate_digits,
		 monitor_digits, max_active, max_rate;
	char **classes;
	const char *status_error;
	uint32_t device_status, opens, active, held, possible;
};

#define LINE(key, title, kind, member, ...) \
	{ key, title, kind, offsetof(struct line_row, member), __VA_ARGS__ }

static const struct field list_fields[] = {
	LINE("number", "line", FIELD_U32, number),
	LINE("name", "name", FIELD_TEXT, name),
	LINE("numbers", "numbers", FIELD_LIST, numbers),
	LINE("media", "media", FIELD_BITS, media, &names_media),
	LINE("version", "tapi", FIELD_VERSION, version),
	LINE("provider", "provider", FIELD_TEXT, provider),
};

static const struct table list_table = { "line", "lines", TABLE_FIELDS(list_fields) };

static const struct field show_fields[] = {
	LINE("number", "number", FIELD_U32, number),
	LINE("name", "name", FIELD_TEXT, name),
	LINE("provider", "provider", FIELD_TEXT, provider),
	LINE("switch", "switch", FIELD_TEXT, exchange),
	LINE("version", "TAPI version", FIELD_VERSION, version),
	LINE("permanent-id", "permanent id", FIELD_U32, permanent),
	LINE("guid", "GUID", FIELD_TEXT, guid_text),
	LINE("addresses", "addresses", FIELD_U32, addresses),
	LINE("media", "media", FIELD_BITS, media, &names_media),
	LINE("bearer", "bearer", FIELD_BITS, bearer, &names_bearer),
	LINE("max-rate", "highest rate", FIELD_SOME, max_rate),
	LINE("flags", "flags", FIELD_BITS, flags, &names_device_flags),
	LINE("features", "features", FIELD_BITS, features, &names_line_features),
	LINE("answer-mode", "answering", FIELD_BITS, answer, &names_answer),
	LINE("line-states", "tells of", FIELD_BITS, line_states, &names_line_state),
	LINE("generate-digits", "sends digits", FIELD_BITS, generate_digits, &names_digit),
	LINE("monitor-digits", "hears digits", FIELD_BITS, monitor_digits, &names_digit),
	LINE("max-active-calls", "most active calls", FIELD_U32, max_active),
	LINE("device-classes", "device classes", FIELD_LIST, classes),
};

static const struct table show_table = { "line", "lines", TABLE_FIELDS(show_fields) };

static const struct field status_fields[] = {
	LINE("state", "state", FIELD_BITS, device_status, &names_device_status),
	LINE("possible", "possible now", FIELD_BITS, possible, &names_line_features),
	LINE("opens", "open by", FIELD_U32, opens),
	LINE("active-calls", "active calls", FIELD_U32, active),
	LINE("held-calls", "calls on hold", FIELD_U32, held),
};

static const struct table status_table = { "status", "status", TABLE_FIELDS(status_fields) };

static const struct field unknown_fields[] = {
	LINE("unknown", "unknown because", FIELD_TEXT, status_error),
};

static const struct table unknown_table = { "status", "status", TABLE_FIELDS(unknown_fields) };

#define ADDRESS(key, title, kind, member, ...) \
	{ key, title, kind, offsetof(struct address_row, member), __VA_ARGS__ }

static const struct field address_fields[] = {
	ADDRESS("id", "id", FIELD_U32, address),
	ADDRESS("number", "number", FIELD_TEXT, number),
	ADDRESS("sharing", "shared", FIELD_BITS, sharing, &names_sharing),
	ADDRESS("max-active-calls", "most active calls", FIELD_U32, max_active),
	ADDRESS("max-held-calls", "most calls on hold", FIELD_U32, max_held),
	ADDRESS("call-states", "call states", FIELD_BITS, states, &names_call_states),
	ADDRESS("call-features", "call features", FIELD_BITS, call_features,
		&names_call_features),
	ADDRESS("features", "address features", FIELD_BITS, features, &names_address_features),
	ADDRESS("flags", "flags", FIELD_BITS, flags, &names_address_flags),
	ADDRESS("disconnect-modes", "calls end by", FIELD_BITS, disconnect_modes,
		&names_disconnect),
	ADDRESS("call-info", "tells of calls", FIELD_BITS, call_info, &names_call_info),
	ADDRESS("in-use", "stations using it", FIELD_U32, in_use),
	ADDRESS("active-calls", "active calls", FIELD_U32, active),
};

static const struct table address_table = {
	"address", "addresses", TABLE_FIELDS(address_fields), .blocks = true,
};

#define PROGRAM(key, title, kind, member, ...) \
	{ key, title, kind, offsetof(struct program_row, member), __VA_ARGS__ }

static const struct field program_fields[] = {
	PROGRAM("name", "program", FIELD_TEXT, name),
	PROGRAM("module", "file", FIELD_TEXT, module),
	PROGRAM("user", "user", FIELD_TEXT, user),
	PROGRAM("machine", "machine", FIELD_TEXT, machine),
	PROGRAM("media", "media", FIELD_BITS, media, &names_media),
};

static const struct table program_table = { "program", "programs", TABLE_FIELDS(program_fields) };

/* ---- addresses ---- */

struct address_question {
	HLINEAPP app;
	const struct line *line;
	DWORD address;
};

static LONG ask_address_caps(const void *data, void *buffer)
{
	const struct address_question *q = data;

	return lineGetAddressCapsA(q->app, q->line->number, q->address, q->line->version, 0,
				   buffer);
}

static LONG ask_address_status(const void *data, void *buffer)
{
	const struct address_question *q = data;

	return lineGetAddressStatusA(q->line->handle, q->address, buffer);
}

static LONG fill_address(const struct session *session, const struct line *line, DWORD id,
			 struct address_row *row)
{
	struct address_question q = { session->app, line, id };
	LINEADDRESSSTATUS *status;
	LONG err;

	row->line = line->number;
	row->address = id;
	row->caps = fetch(ask_address_caps, &q, &err);
	if (!row->caps)
		return err;
	row->number = part(row->caps, row->caps->dwAddressOffset, row->caps->dwAddressSize);
	row->sharing = row->caps->dwAddressSharing;
	row->max_active = row->caps->dwMaxNumActiveCalls;
	row->max_held = row->caps->dwMaxNumOnHoldCalls;
	row->states = row->caps->dwCallStates;
	row->features = row->caps->dwAddressFeatures;
	row->flags = row->caps->dwAddrCapFlags;
	row->call_features = row->caps->dwCallFeatures;
	row->disconnect_modes = row->caps->dwDisconnectModes;
	row->call_info = row->caps->dwCallInfoStates;
	status = line->handle ? fetch(ask_address_status, &q, &err) : NULL;
	if (status) {
		row->in_use = status->dwNumInUse;
		row->active = status->dwNumActiveCalls;
	}
	free(status);
	return 0;
}

static int show_addresses(const struct session *session, const struct line *line)
{
	DWORD count = line->caps->dwNumAddresses, got = 0;
	struct address_row *rows = calloc((size_t)count + 1, sizeof(*rows));
	void **list = calloc((size_t)count + 1, sizeof(*list));
	LONG err = rows && list ? 0 : LINEERR_NOMEM;

	for (; !err && got < count; got++) {
		err = fill_address(session, line, got, &rows[got]);
		list[got] = &rows[got];
	}
	if (!err)
		out_rows(&address_table, list, got);
	for (DWORD i = 0; rows && i < got; i++)
		free(rows[i].caps);
	free(rows);
	free(list);
	return err ? failed(err, "line %u, address %u", line->number, got ? got - 1 : 0) : 0;
}

/* The numbers of all addresses, as far as they are known; ends with NULL */
static char **numbers_of(const struct session *session, const struct line *line)
{
	DWORD count = line->caps->dwNumAddresses, known = 0;
	char **numbers = calloc((size_t)count + 1, sizeof(*numbers));
	struct address_row row;

	if (!numbers)
		return NULL;
	for (DWORD i = 0; i < count; i++) {
		memset(&row, 0, sizeof(row));
		if (fill_address(session, line, i, &row) == 0 && row.number) {
			numbers[known] = strdup(row.number);
			known += numbers[known] != NULL;
		}
		free(row.caps);
	}
	return numbers;
}

static void free_list(char **list)
{
	for (char **at = list; at && *at; at++)
		free(*at);
	free(list);
}

/* ---- a line ---- */

/* Texts one behind the other, an empty one ends them */
static char **texts_of(const char *at, DWORD size)
{
	const char *end = at ? at + size : NULL;
	char **list = NULL, **bigger;
	size_t count = 0;

	for (; at && at < end && *at; at += strlen(at) + 1) {
		bigger = realloc(list, (count + 2) * sizeof(*list));
		if (!bigger)
			break;
		list = bigger;
		list[count] = strdup(at);
		if (!list[count])
			break;
		list[++count] = NULL;
	}
	return list;
}

static void fill_guid(struct line_row *row, const GUID *guid)
{
	static const GUID none;

	if (!memcmp(guid, &none, sizeof(none)))
		return;
	snprintf(row->guid, sizeof(row->guid),
		 "%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X", guid->Data1, guid->Data2,
		 guid->Data3, guid->Data4[0], guid->Data4[1], guid->Data4[2], guid->Data4[3],
		 guid->Data4[4], guid->Data4[5], guid->Data4[6], guid->Data4[7]);
	row->guid_text = row->guid;
}

static void fill_line(const struct session *session, const struct line *line,
		      struct line_row *row)
{
	const LINEDEVCAPS *caps = line->caps;

	memset(row, 0, sizeof(*row));
	row->number = line->number;
	row->version = line->version;
	row->name = line->name;
	row->provider = part(caps, caps->dwProviderInfoOffset, caps->dwProviderInfoSize);
	row->exchange = part(caps, caps->dwSwitchInfoOffset, caps->dwSwitchInfoSize);
	row->permanent = caps->dwPermanentLineID;
	row->addresses = caps->dwNumAddresses;
	row->media = caps->dwMediaModes;
	row->bearer = caps->dwBearerModes;
	row->max_rate = caps->dwMaxRate;
	row->flags = caps->dwDevCapFlags;
	row->features = caps->dwLineFeatures;
	row->answer = caps->dwAnswerMode;
	row->line_states = caps->dwLineStates;
	row->generate_digits = caps->dwGenerateDigitModes;
	row->monitor_digits = caps->dwMonitorDigitModes;
	row->max_active = caps->dwMaxNumActiveCalls;
	row->classes = texts_of(part(caps, caps->dwDeviceClassesOffset, caps->dwDeviceClassesSize),
				caps->dwDeviceClassesSize);
	row->numbers = numbers_of(session, line);
	fill_guid(row, &caps->PermanentLineGuid);
}

static void empty_line(struct line_row *row)
{
	free_list(row->numbers);
	free_list(row->classes);
}

static int print_list(const struct session *session, struct line *lines, struct line_row *rows,
		      void **list)
{
	size_t count = 0;
	LONG err;

	for (DWORD i = 0; i < session->lines; i++) {
		err = line_get(session, i, &lines[count]);
		if (err == (LONG)LINEERR_SERVICE_NOT_RUNNING)
			return failed(err, "line %u", i);
		if (err)
			continue;	/* removed, and its number is never used again */
		fill_line(session, &lines[count], &rows[count]);
		list[count] = &rows[count];
		count++;
	}
	out_begin();
	out_rows(&list_table, list, count);
	out_end();
	return 0;
}

int line_list(int argc, char **argv)
{
	struct line_row *rows;
	struct session session;
	struct line *lines;
	void **list;
	int status = session_begin(&session);

	if (status)
		return status;
	lines = calloc((size_t)session.lines + 1, sizeof(*lines));
	rows = calloc((size_t)session.lines + 1, sizeof(*rows));
	list = calloc((size_t)session.lines + 1, sizeof(*list));
	if (lines && rows && list)
		status = print_list(&session, lines, rows, list);
	else
		status = complain(STATUS_REFUSED, "not enough memory");
	for (DWORD i = 0; lines && rows && i < session.lines; i++) {
		empty_line(&rows[i]);
		line_put(&lines[i]);
	}
	free(list);
	free(rows);
	free(lines);
	session_end(&session);
	return status;
}

/* ---- status ---- */

static LONG ask_status(const void *data, void *buffer)
{
	return lineGetLineDevStatusA(*(const HLINE *)data, buffer);
}

static void show_programs(const LINEDEVSTATUS *status)
{
	size_t count = status->dwAppInfoSize / sizeof(LINEAPPINFO), shown = 0;
	struct program_row *rows = calloc(count + 1, sizeof(*rows));
	void **list = calloc(count + 1, sizeof(*list));
	bool self = false;

	for (size_t i = 0; rows && list && i < count; i++) {
		struct program_row *row = &rows[shown];
		LINEAPPINFO info;

		memcpy(&info, (const char *)status + status->dwAppInfoOffset + i * sizeof(info),
		       sizeof(info));
		*row = (struct program_row) {
			.name = part(status, info.dwFriendlyNameOffset, info.dwFriendlyNameSize),
			.module = part(status, info.dwModuleFilenameOffset,
				       info.dwModuleFilenameSize),
			.user = part(status, info.dwUserNameOffset, info.dwUserNameSize),
			.machine = part(status, info.dwMachineNameOffset,
					info.dwMachineNameSize),
			.media = info.dwMediaModes,
		};
		/* tapictl has opened the line to ask */
		if (!self && !row->media && row->name && !strcmp(row->name, "tapictl"))
			self = true;
		else
			list[shown++] = row;
	}
	if (rows && list)
		out_rows(&program_table, list, shown);
	free(rows);
	free(list);
}

/* A line that cannot be opened has capabilities all the same */
static void show_status(const struct session *session, struct line *line, struct line_row *row)
{
	LONG err = lineOpenA(session->app, line->number, &line->handle, line->version, 0, 0,
			     LINECALLPRIVILEGE_NONE, 0, NULL);
	struct tapi_error_detail detail = { .size = sizeof(detail) };
	LINEDEVSTATUS *status = NULL;

	if (!err)
		status = fetch(ask_status, &line->handle, &err);
	if (!status) {
		tapi_last_error_detail(&detail);
		row->status_error = detail.code == err ? detail.text : tapi_error_text(err);
		out_one(&unknown_table, row);
		return;
	}
	row->device_status = status->dwDevStatusFlags;
	row->possible = status->dwLineFeatures;
	/* our own does not count */
	row->opens = status->dwNumOpens ? status->dwNumOpens - 1 : 0;
	row->active = status->dwNumActiveCalls;
	row->held = status->dwNumOnHoldCalls + status->dwNumOnHoldPendCalls;
	out_one(&status_table, row);
	show_programs(status);
	free(status);
}

int line_show(int argc, char **argv)
{
	struct session session;
	struct line_row row;
	struct line line;
	int status = session_begin(&session);

	if (status)
		return status;
	status = line_find(&session, argv[0], &line);
	if (!status) {
		fill_line(&session, &line, &row);
		out_begin();
		out_one(&show_table, &row);
		show_status(&session, &line, &row);
		status = show_addresses(&session, &line);
		out_end();
		empty_line(&row);
		line_put(&line);
	}
	session_end(&session);
	return status;
}
