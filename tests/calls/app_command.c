/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands. Each is answered by "ok COMMAND" or "error COMMAND REASON: TEXT", after what it says
 * itself. Reasons are the names of enum tapi3_error, or of errno where the MSP answers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tapi3/msp_card.h>

#include "app.h"

struct command {
	const char *name;
	/* 0 or a result of the library; @rest is what follows the name, never NULL */
	int (*run)(struct app *app, char *rest);
	bool of_call;
};

/* --- lines --- */

static int each_address(struct app *app, int (*run)(struct app *app, struct tapi3_address *address,
						    const char *arg), const char *arg)
{
	struct tapi3_address **list;
	int result = tapi3_addresses_list(app->tapi, &list);

	for (unsigned int i = 0; result >= 0 && list[i]; i++)
		result = run(app, list[i], arg);
	if (result >= 0)
		tapi3_address_list_free(list);
	return result < 0 ? result : 0;
}

static int listen_one(struct app *app, struct tapi3_address *address, const char *as)
{
	bool owner = !strcmp(as, "owner");

	return tapi3_register_call_notifications(app->tapi, address, !owner, owner,
						 TAPI3_MEDIA_AUDIO);
}

static int do_listen(struct app *app, char *rest)
{
	return each_address(app, listen_one, rest);
}

static int say_address(struct app *app, struct tapi3_address *address, const char *arg)
{
	say(now_ns(), "address %u name %s state %s msp %s media %x",
	    tapi3_address_get_line_id(address), tapi3_address_get_name(address),
	    tapi3_address_get_state(address) == TAPI3_INSERVICE ? "in" : "out",
	    tapi3_address_has_msp(address) ? "yes" : "no", tapi3_address_get_media_types(address));
	return 0;
}

static int do_addresses(struct app *app, char *rest)
{
	return each_address(app, say_address, NULL);
}

/* The line of the call, else the first */
static int address_get(struct app *app, struct tapi3_address **out)
{
	struct tapi3_address **list;
	int result;

	if (app->call) {
		*out = tapi3_address_ref(tapi3_call_peek_address(app->call));
		return 0;
	}
	result = tapi3_addresses_list(app->tapi, &list);
	if (result < 0)
		return result;
	*out = list[0] ? tapi3_address_ref(list[0]) : NULL;
	tapi3_address_list_free(list);
	return *out ? 0 : TAPI3_E_BADADDRESS;
}

/* --- calls --- */

static int do_answer(struct app *app, char *rest)
{
	if (!strcmp(rest, "wait"))
		return tapi3_call_answer(app->call);
	return tapi3_call_answer_async(app->call);
}

static int do_drop(struct app *app, char *rest)
{
	return tapi3_call_disconnect(app->call, TAPI3_DISCONNECT_NORMAL);
}

static int do_release(struct app *app, char *rest)
{
	sound_end(app);
	app->call = tapi3_call_unref(app->call);
	return 0;
}

static int do_create(struct app *app, char *rest)
{
	struct tapi3_address *address;
	int result;

	if (app->call)
		return TAPI3_E_INUSE;
	result = address_get(app, &address);
	if (result < 0)
		return result;
	result = tapi3_address_create_call(address, *rest ? rest : NULL, TAPI3_MEDIA_AUDIO,
					   &app->call);
	tapi3_address_unref(address);
	return result;
}

static int do_connect(struct app *app, char *rest)
{
	return tapi3_call_connect(app->call, !strcmp(rest, "wait"));
}

static int do_make(struct app *app, char *rest)
{
	int result = do_create(app, rest);

	return result < 0 ? result : tapi3_call_connect(app->call, false);
}

static int do_dial(struct app *app, char *rest)
{
	return tapi3_call_dial(app->call, rest);
}

static int do_monitor_digits(struct app *app, char *rest)
{
	return tapi3_call_detect_digits(app->call, strcmp(rest, "off") ? TAPI3_DIGIT_DTMF : 0);
}

static int do_send_digits(struct app *app, char *rest)
{
	return tapi3_call_generate_digits(app->call, rest, TAPI3_DIGIT_DTMF);
}

static int do_status(struct app *app, char *rest)
{
	const char *number = tapi3_call_get_string(app->call, TAPI3_CALLER_NUMBER);
	const char *name = tapi3_call_get_string(app->call, TAPI3_CALLER_NAME);
	uint32_t owners = 0, monitors = 0, id = 0, media = 0;

	tapi3_call_get_number(app->call, TAPI3_CALL_ID, &id);
	tapi3_call_get_number(app->call, TAPI3_CALL_MEDIATYPES, &media);
	tapi3_call_get_number(app->call, TAPI3_CALL_NUM_OWNERS, &owners);
	tapi3_call_get_number(app->call, TAPI3_CALL_NUM_MONITORS, &monitors);
	say(now_ns(), "call %u state %s line %s privilege %s owners %u monitors %u media %x "
	    "number %s name %s", id, call_state_name(tapi3_call_get_state(app->call)),
	    line_state_name(tapi3_call_get_line_state(app->call)),
	    tapi3_call_get_privilege(app->call) == TAPI3_OWNER ? "owner" : "monitor",
	    owners, monitors, media, number ? number : "-", name ? name : "-");
	return 0;
}

/* --- sound --- */

static int do_streams(struct app *app, char *rest)
{
	struct tapi3_stream **streams;
	int result = tapi3_call_streams_list(app->call, &streams);

	for (unsigned int i = 0; result >= 0 && streams[i]; i++)
		say(now_ns(), "stream %s media %x %s", tapi3_stream_get_direction(streams[i]) ==
		    TAPI3_CAPTURE ? "to-line" : "from-line", tapi3_stream_get_media(streams[i]),
		    tapi3_stream_is_active(streams[i]) ? "active" : "inactive");
	if (result >= 0)
		tapi3_stream_list_free(streams);
	return result;
}

static int do_select(struct app *app, char *rest)
{
	char *path = strchr(rest, ' ');

	if (!path)
		return TAPI3_E_INVALIDARG;
	*path++ = '\0';
	return sound_select(app, rest, path);
}

static int do_unselect(struct app *app, char *rest)
{
	return sound_unselect(app, rest);
}

/* stream start|stop|pause to-line|from-line */
static int do_stream(struct app *app, char *rest)
{
	char *which = strchr(rest, ' ');
	struct tapi3_stream *stream;
	int result;

	if (!which)
		return TAPI3_E_INVALIDARG;
	*which++ = '\0';
	result = tapi3_call_get_stream(app->call, TAPI3_MEDIA_AUDIO, strcmp(which, "to-line") ?
				       TAPI3_RENDER : TAPI3_CAPTURE, &stream);
	if (result < 0)
		return result;
	if (!strcmp(rest, "start"))
		result = tapi3_stream_start(stream);
	else if (!strcmp(rest, "stop"))
		result = tapi3_stream_stop(stream);
	else
		result = tapi3_stream_pause(stream);
	tapi3_stream_unref(stream);
	return result;
}

/* --- bytes --- */

/* "-" stands for no bytes; NULL when it is not hexadecimal */
static unsigned char *from_hex(const char *hex, size_t *size)
{
	unsigned char *data = malloc(strlen(hex) / 2 + 1);

	*size = 0;
	if (!data || !strcmp(hex, "-"))
		return data;
	for (; *hex; hex += 2) {
		char pair[3] = { hex[0], hex[1] }, *end;

		data[(*size)++] = strtoul(pair, &end, 16);
		if (end != pair + 2) {
			free(data);
			return NULL;
		}
	}
	return data;
}

/* "call HEX" or "address HEX"; the words may be followed by the number of zero bytes, "*N" */
static unsigned char *bytes_of(char *rest, bool *of_call, size_t *size)
{
	char *hex = strchr(rest, ' ');

	if (!hex)
		return NULL;
	*hex++ = '\0';
	*of_call = !strcmp(rest, "call");
	if (*hex != '*')
		return from_hex(hex, size);
	*size = strtoul(hex + 1, NULL, 10);
	return calloc(1, *size + 1);
}

static int send_private(struct app *app, bool of_call, const void *data, size_t size)
{
	const struct msp_card_data *methods;
	struct tapi3_address *address;
	const void *table = NULL;
	void *self = NULL;
	int result;

	if (of_call) {
		if (!app->call)
			return TAPI3_E_INVALIDARG;
		result = tapi3_call_query(app->call, MSP_CARD_DATA, &table, &self);
	} else {
		result = address_get(app, &address);
		if (result < 0)
			return result;
		result = tapi3_address_query(address, MSP_CARD_DATA, &table, &self);
		tapi3_address_unref(address);
	}
	if (result < 0)
		return result;
	methods = table;
	result = methods->send(self, data, size);
	/* the MSP's own errors are errno; here they are told as text */
	if (result < 0)
		say(now_ns(), "errno %s", strerrorname_np(-result));
	return result < 0 ? TAPI3_E_FAILED : 0;
}

static int do_send(struct app *app, char *rest)
{
	bool of_call;
	size_t size;
	unsigned char *data = bytes_of(rest, &of_call, &size);
	int result = data ? send_private(app, of_call, data, size) : TAPI3_E_INVALIDARG;

	free(data);
	return result;
}

static int do_device_specific(struct app *app, char *rest)
{
	struct tapi3_address *address;
	bool of_call;
	size_t size;
	unsigned char *data = bytes_of(rest, &of_call, &size);
	int result = data && !of_call ? address_get(app, &address) : TAPI3_E_INVALIDARG;

	if (result >= 0) {
		result = tapi3_address_device_specific(address, data, size);
		tapi3_address_unref(address);
	}
	free(data);
	return result;
}

static int do_quit(struct app *app, char *rest)
{
	app->quit = true;
	return 0;
}

static const struct command commands[] = {
	{ "listen", do_listen },
	{ "addresses", do_addresses },
	{ "answer", do_answer, true },
	{ "drop", do_drop, true },
	{ "release", do_release, true },
	{ "create", do_create },
	{ "connect", do_connect, true },
	{ "make", do_make },
	{ "dial", do_dial, true },
	{ "monitor-digits", do_monitor_digits, true },
	{ "send-digits", do_send_digits, true },
	{ "status", do_status, true },
	{ "streams", do_streams, true },
	{ "select", do_select, true },
	{ "unselect", do_unselect },
	{ "stream", do_stream, true },
	{ "send", do_send },
	{ "device-specific", do_device_specific },
	{ "quit", do_quit },
};

static void answer(struct app *app, const char *name, int result)
{
	if (result >= 0)
		say(now_ns(), "ok %s", name);
	else
		say(now_ns(), "error %s %s: %s", name, error_name(result),
		    tapi3_error_detail(app->tapi));
}

bool app_command(struct app *app, char *line)
{
	char *rest = strchrnul(line, ' ');

	if (*rest)
		*rest++ = '\0';
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *command = &commands[i];

		if (strcmp(command->name, line))
			continue;
		if (command->of_call && !app->call)
			say(now_ns(), "error %s: there is no call", line);
		else
			answer(app, line, command->run(app, rest));
		return true;
	}
	return false;
}
