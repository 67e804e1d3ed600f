/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses: what can be called from, and their MSP. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <alsa/asoundlib.h>

#include "libtapi/private.h"
#include "private.h"
#include "record.h"

/* Highest and lowest version of the TAPI layer below that this library speaks */
#define VERSION_LOW	0x00020000
#define VERSION_HIGH	TAPI_CURRENT_VERSION
/* First guess of a variable structure's size; it grows when that is not enough */
#define STRUCTURE_SIZE	2048

struct tapi3_address *tapi3_address_ref(struct tapi3_address *address)
{
	if (address)
		address->refs++;
	return address;
}

struct tapi3_address *tapi3_address_unref(struct tapi3_address *address)
{
	if (!address || --address->refs)
		return NULL;
	free(address->name);
	free(address->dialable);
	free(address->provider);
	list_remove(&address->node);
	tapi3_release(address->tapi);
	free(address);
	return NULL;
}

/* A copy of a variable part; "" when there is none */
static char *part(const void *structure, DWORD size, DWORD offset)
{
	return size && offset ? strndup((const char *)structure + offset, size) : strdup("");
}

static LONG ask_line_caps(void *caps, const void *of)
{
	const struct tapi3_address *address = of;

	return lineGetDevCapsA(address->tapi->app, address->line_id, address->version, 0, caps);
}

static int read_line_caps(struct tapi3_address *address)
{
	LONG code;
	LINEDEVCAPS *caps = structure_read(STRUCTURE_SIZE, ask_line_caps, address, &code);

	if (!caps)
		return tapi3_fail_line(address->tapi, code, "cannot read what the line can do");
	address->media = caps->dwMediaModes;
	address->dev_flags = caps->dwDevCapFlags;
	address->line_states = caps->dwLineStates;
	address->name = part(caps, caps->dwLineNameSize, caps->dwLineNameOffset);
	address->provider = part(caps, caps->dwProviderInfoSize, caps->dwProviderInfoOffset);
	free(caps);
	return address->name && address->provider ? 0 : TAPI3_E_NOMEM;
}

static LONG ask_address_caps(void *caps, const void *of)
{
	const struct tapi3_address *address = of;

	return lineGetAddressCapsA(address->tapi->app, address->line_id, address->address_id,
				   address->version, 0, caps);
}

static int read_address_caps(struct tapi3_address *address)
{
	LONG code;
	LINEADDRESSCAPS *caps = structure_read(STRUCTURE_SIZE, ask_address_caps, address, &code);

	if (!caps)
		return tapi3_fail_line(address->tapi, code, "cannot read what the address can do");
	address->dialable = part(caps, caps->dwAddressSize, caps->dwAddressOffset);
	free(caps);
	return address->dialable ? 0 : TAPI3_E_NOMEM;
}

static int negotiate(struct tapi3_address *address)
{
	LINEEXTENSIONID extension;
	LONG code;

	code = lineNegotiateAPIVersion(address->tapi->app, address->line_id, VERSION_LOW,
				       VERSION_HIGH, &address->version, &extension);
	return code ? tapi3_fail_line(address->tapi, code, "no common version") : 0;
}

int address_new(struct tapi3 *tapi, uint32_t line_id, uint32_t address_id,
		struct tapi3_address **out)
{
	struct tapi3_address *address = calloc(1, sizeof(*address));
	int err;

	if (!address)
		return tapi3_fail(tapi, TAPI3_E_NOMEM, "out of memory");
	address->refs = 1;
	address->tapi = tapi;
	address->line_id = line_id;
	address->address_id = address_id;
	address->host.address = address;
	list_init(&address->host.held);
	list_init(&address->calls);
	list_init(&address->node);
	tapi3_hold(tapi);
	err = negotiate(address);
	if (!err)
		err = read_line_caps(address);
	if (!err)
		err = read_address_caps(address);
	if (err) {
		tapi3_address_unref(address);
		return err;
	}
	list_append(&tapi->addresses, &address->node);
	*out = address;
	return 0;
}

struct tapi3_address *address_find(struct tapi3 *tapi, uint32_t line_id, uint32_t address_id)
{
	list_for_each(at, &tapi->addresses) {
		struct tapi3_address *address = list_entry(at, struct tapi3_address, node);

		if (address->line_id == line_id && address->address_id == address_id)
			return address;
	}
	return NULL;
}

struct tapi3_address *address_of_line(struct tapi3 *tapi, HLINE line, uint32_t address_id)
{
	list_for_each(at, &tapi->registrations) {
		struct registration *registration = list_entry(at, struct registration, node);

		if (registration->line == line)
			return address_find(tapi, registration->address->line_id, address_id);
	}
	list_for_each(at, &tapi->addresses) {
		struct tapi3_address *address = list_entry(at, struct tapi3_address, node);

		if (address->line == line && address->address_id == address_id)
			return address;
	}
	return NULL;
}

static int open_line(struct tapi3_address *address, uint32_t privileges, uint32_t media,
		     HLINE *line)
{
	LONG code;

	code = lineOpenA(address->tapi->app, address->line_id, line, address->version, 0,
			 (DWORD_PTR)address->line_id, privileges, media, NULL);
	if (code)
		return tapi3_fail_line(address->tapi, code, "cannot open the line");
	/* they make address events; one that the line does not have would have all refused */
	lineSetStatusMessages(*line, (LINEDEVSTATE_RINGING | LINEDEVSTATE_INSERVICE |
				      LINEDEVSTATE_OUTOFSERVICE | LINEDEVSTATE_CAPSCHANGE) &
			      address->line_states, 0);
	return 0;
}

static int start_engine(struct tapi3 *tapi)
{
	int err;

	if (tapi->engine)
		return 0;
	err = engine_client_new(&tapi->engine);
	if (!err)
		err = tapi3_watch(tapi, engine_client_get_fd(tapi->engine));
	return err ? tapi3_fail(tapi, TAPI3_E_FAILED, "no sound thread: %s", strerror(-err)) : 0;
}

/* ITMSPAddress::Initialize; an address without MSP has calls without streams */
static int start_msp(struct tapi3_address *address)
{
	struct msp_host_address *host = &address->host;
	struct tapi3 *tapi = address->tapi;
	uint8_t guid[16];
	char why[160];
	int err;

	if (host->tried || !(address->dev_flags & LINEDEVCAPFLAGS_MSP))
		return 0;
	host->tried = true;
	if (tapi_private_msp_identify(address->line, guid))
		return 0;
	err = msp_load(guid, &host->module, &host->library, why, sizeof(why));
	if (err)
		return tapi3_fail(tapi, TAPI3_E_FAILED, "%s: no media service provider: %s",
				  address->name, why);
	err = start_engine(tapi);
	if (err)
		return err;
	err = host->module->address->create(&msp_host, host, &host->msp);
	if (err) {
		host->msp = NULL;
		return tapi3_fail(tapi, TAPI3_E_FAILED, "%s: %s: %s", address->name,
				  host->module->name, strerror(-err));
	}
	return relay_connect(address);
}

int address_open(struct tapi3_address *address)
{
	int err;

	if (address->removed || !address->tapi->app)
		return TAPI3_E_REMOVED;
	if (!address->line) {
		err = open_line(address, LINECALLPRIVILEGE_NONE, 0, &address->line);
		if (err)
			return err;
	}
	return start_msp(address);
}

static void stop_msp(struct tapi3_address *address)
{
	struct msp_host_address *host = &address->host;

	relay_disconnect(address);
	if (host->msp)
		host->module->address->destroy(host->msp);
	host->msp = NULL;
	/* never dlclose: a thread of the plug-in's libraries may still run in its code */
}

void address_shutdown(struct tapi3_address *address)
{
	list_for_each(at, &address->calls)
		call_lost(list_entry(at, struct tapi3_call, node), TAPI3_CAUSE_NONE);
	list_for_each(at, &address->calls)
		streams_destroy(list_entry(at, struct tapi3_call, node));
	stop_msp(address);
	if (address->line)
		lineClose(address->line);
	address->line = 0;
	address->removed = true;
}

void address_lost(struct tapi3_address *address, bool removed)
{
	list_for_each(at, &address->calls)
		call_lost(list_entry(at, struct tapi3_call, node), TAPI3_CAUSE_FAILED);
	address->line = 0;
	address->removed = removed;
	if (!removed)
		return;
	/* programs may keep calls; their MSP's part ends before that of the address */
	list_for_each(at, &address->calls)
		streams_destroy(list_entry(at, struct tapi3_call, node));
	stop_msp(address);
}

int tapi3_register_call_notifications(struct tapi3 *tapi, struct tapi3_address *address,
				      bool monitor, bool owner, uint32_t media)
{
	struct registration *registration;
	uint32_t privileges = (monitor ? LINECALLPRIVILEGE_MONITOR : 0) |
			      (owner ? LINECALLPRIVILEGE_OWNER : 0);
	int err;

	if (!tapi || !address || address->tapi != tapi || !privileges)
		return TAPI3_E_INVALIDARG;
	/* audio stands for both kinds of voice */
	if (media & TAPI3_MEDIA_AUDIO)
		media |= LINEMEDIAMODE_INTERACTIVEVOICE | LINEMEDIAMODE_AUTOMATEDVOICE;
	media &= address->media;
	if (owner && !media)
		return tapi3_fail(tapi, TAPI3_E_INVALIDMEDIATYPE,
				  "%s does not carry these media", address->name);
	record_request("register_call_notifications");
	err = address_open(address);
	if (err)
		return err;
	registration = calloc(1, sizeof(*registration));
	if (!registration)
		return tapi3_fail(tapi, TAPI3_E_NOMEM, "out of memory");
	registration->number = ++tapi->next_registration;
	registration->address = tapi3_address_ref(address);
	list_append(&tapi->registrations, &registration->node);
	err = open_line(address, privileges, owner ? media : 0, &registration->line);
	if (err) {
		list_remove(&registration->node);
		tapi3_address_unref(address);
		free(registration);
		return err;
	}
	return registration->number;
}

int tapi3_unregister_notifications(struct tapi3 *tapi, int number)
{
	if (!tapi)
		return TAPI3_E_INVALIDARG;
	list_for_each(at, &tapi->registrations) {
		struct registration *registration = list_entry(at, struct registration, node);

		if (registration->number != number)
			continue;
		if (registration->line && tapi->app)
			lineClose(registration->line);
		list_remove(&registration->node);
		tapi3_address_unref(registration->address);
		free(registration);
		return 0;
	}
	return tapi3_fail(tapi, TAPI3_E_INVALIDARG, "no registration %d", number);
}

const char *tapi3_address_get_name(struct tapi3_address *address)
{
	return address->name;
}

const char *tapi3_address_get_dialable(struct tapi3_address *address)
{
	return address->dialable;
}

const char *tapi3_address_get_provider(struct tapi3_address *address)
{
	return address->provider;
}

enum tapi3_address_state tapi3_address_get_state(struct tapi3_address *address)
{
	return address->removed ? TAPI3_OUTOFSERVICE : address->state;
}

uint32_t tapi3_address_get_line_id(struct tapi3_address *address)
{
	return address->line_id;
}

uint32_t tapi3_address_get_address_id(struct tapi3_address *address)
{
	return address->address_id;
}

uint32_t tapi3_address_get_media_types(struct tapi3_address *address)
{
	uint32_t voice = LINEMEDIAMODE_INTERACTIVEVOICE | LINEMEDIAMODE_AUTOMATEDVOICE;

	return (address->media & voice ? TAPI3_MEDIA_AUDIO : 0) |
	       (address->media & (TAPI3_MEDIA_DATAMODEM | TAPI3_MEDIA_G3FAX | TAPI3_MEDIA_VIDEO));
}

bool tapi3_address_has_msp(struct tapi3_address *address)
{
	return !address_open(address) && address->host.msp;
}

static bool answered(void *operation)
{
	return !((struct operation *)operation)->request;
}

int tapi3_address_device_specific(struct tapi3_address *address, const void *data, size_t size)
{
	struct operation *operation;
	LONG code;
	int err;

	if (!address || (size && !data) || size > UINT16_MAX)
		return TAPI3_E_INVALIDARG;
	err = address_open(address);
	if (err)
		return err;
	/* lineDevSpecific() would write the provider's answer into the bytes, later */
	code = tapi_private_dev_specific(address->line, address->address_id, data, size);
	if (code < 0)
		return tapi3_fail_line(address->tapi, code, "device-specific request");
	operation = &address->tapi->escape;
	*operation = (struct operation) { .request = code };
	tapi3_address_ref(address);
	err = tapi3_wait(address->tapi, answered, operation, SYNC_TIMEOUT_MS);
	operation->request = 0;
	if (!err && operation->result < 0)
		err = operation_failed(address->tapi, operation, "device-specific request");
	tapi3_address_unref(address);
	return err;
}

int tapi3_address_query(struct tapi3_address *address, const char *interface,
			const void **methods, void **self)
{
	int err;

	if (!address || !interface || !methods || !self)
		return TAPI3_E_INVALIDARG;
	err = address_open(address);
	if (err)
		return err;
	if (!address->host.msp || !address->host.module->address->query)
		return TAPI3_E_NOTSUPPORTED;
	return address->host.module->address->query(address->host.msp, NULL, interface, methods,
						    self) ? TAPI3_E_NOTSUPPORTED : 0;
}

/* --- ITTerminalSupport --- */

int tapi3_address_create_terminal(struct tapi3_address *address, enum tapi3_terminal_class kind,
				  enum tapi3_direction direction, const char *name,
				  struct tapi3_terminal **out)
{
	int err;

	if (!address || !out)
		return TAPI3_E_INVALIDARG;
	if (!address->tapi->has_hub)
		return TAPI3_E_REMOVED;
	err = terminal_new(&address->tapi->hub, kind, direction, name, out);
	return err < 0 ? tapi3_fail(address->tapi, err, "terminal %s: %s", name ? name : "",
				    tapi3_strerror(err)) : err;
}

/* The sound card's PCM can be opened; playing or recording */
static bool pcm_there(const char *name, enum tapi3_direction direction)
{
	snd_pcm_t *pcm;

	if (snd_pcm_open(&pcm, name, direction == TAPI3_CAPTURE ? SND_PCM_STREAM_CAPTURE :
			 SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK) < 0)
		return false;
	snd_pcm_close(pcm);
	return true;
}

int tapi3_address_get_default_terminal(struct tapi3_address *address, enum tapi3_media media,
				       enum tapi3_direction direction,
				       struct tapi3_terminal **out)
{
	int err;

	if (!address || !out)
		return TAPI3_E_INVALIDARG;
	if (media != TAPI3_MEDIA_AUDIO)
		return TAPI3_E_INVALIDMEDIATYPE;
	if (direction != TAPI3_CAPTURE && direction != TAPI3_RENDER)
		return TAPI3_E_INVALIDDIRECTION;
	if (!pcm_there("default", direction))
		return TAPI3_FALSE;
	err = tapi3_address_create_terminal(address, TAPI3_TERMINAL_SOUND, direction, "default",
					    out);
	if (!err)
		(*out)->is_static = true;
	return err;
}

int tapi3_address_terminals_list(struct tapi3_address *address, struct tapi3_terminal ***out)
{
	struct tapi3_terminal **list;
	size_t count = 0;

	if (!address || !out)
		return TAPI3_E_INVALIDARG;
	list = calloc(3, sizeof(*list));
	if (!list)
		return TAPI3_E_NOMEM;
	for (int direction = TAPI3_CAPTURE; direction <= TAPI3_RENDER; direction++) {
		if (!tapi3_address_get_default_terminal(address, TAPI3_MEDIA_AUDIO, direction,
							&list[count]))
			count++;
	}
	*out = list;
	return 0;
}

void tapi3_terminal_list_free(struct tapi3_terminal **list)
{
	for (size_t i = 0; list && list[i]; i++)
		tapi3_terminal_unref(list[i]);
	free(list);
}
