/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines: what there is, open and close, filters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "null.h"

struct line *line_new(DWORD device)
{
	struct line **lines;
	struct line *line;

	if (provider.line_count == NULL_LINES_MAX)
		return NULL;
	lines = realloc(provider.lines, (provider.line_count + 1) * sizeof(*lines));
	if (!lines)
		return NULL;
	provider.lines = lines;
	line = calloc(1, sizeof(*line));
	if (!line)
		return NULL;
	line->index = provider.line_count;
	line->device = device;
	line->in_service = true;
	line->connected = true;
	lines[provider.line_count++] = line;
	return line;
}

int lines_make(DWORD base, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!line_new(base + i))
			return -1;
	}
	return 0;
}

/* Calls, media providers and filters belong to an open line */
static void line_reset(struct line *line)
{
	while (line->calls)
		call_forget(line->calls);
	msp_forget(line);
	if (line->handle)
		table_remove(&provider.open_lines, line->handle);
	line->handle = 0;
	line->ht_line = 0;
	line->event = NULL;
	line->ext_version = 0;
	line->media = 0;
	line->line_states = 0;
	line->address_states = 0;
}

void lines_free(void)
{
	unsigned int i;

	for (i = 0; i < provider.line_count; i++) {
		line_reset(provider.lines[i]);
		free(provider.lines[i]);
	}
	free(provider.lines);
	provider.lines = NULL;
	provider.line_count = 0;
}

struct line *line_get(HDRVLINE handle)
{
	return table_get(&provider.open_lines, handle);
}

struct line *line_at(unsigned int index)
{
	struct line *line = index < provider.line_count ? provider.lines[index] : NULL;

	return line && !line->removed ? line : NULL;
}

struct line *line_of_device(DWORD device, LONG *err)
{
	unsigned int i;

	for (i = 0; i < provider.line_count && device != NULL_NO_DEVICE; i++) {
		if (provider.lines[i]->device != device)
			continue;
		*err = provider.lines[i]->removed ? LINEERR_NODEVICE : 0;
		return *err ? NULL : provider.lines[i];
	}
	*err = LINEERR_BADDEVICEID;
	return NULL;
}

int line_shown(HDRVLINE handle)
{
	struct line *line;
	int index;

	provider_lock();
	line = line_get(handle);
	index = line ? (int)line->index : -1;
	provider_unlock();
	return index;
}

void line_address(const struct line *line, DWORD address, char *text, size_t size)
{
	snprintf(text, size, "%u%02u", line->index + 1, address);
}

void line_name(const struct line *line, char *text, size_t size)
{
	snprintf(text, size, "%s %u", provider.settings.name, line->index);
}

unsigned int line_count(const struct line *line, DWORD address, DWORD states)
{
	const struct call *call;
	unsigned int count = 0;

	for (call = line->calls; call; call = call->next) {
		if (call->begun && call->state & states &&
		    (address == NULL_NO_DEVICE || call->address == address))
			count++;
	}
	return count;
}

static LONG open_line(struct line *line, HTAPILINE ht_line, DWORD version, LINEEVENT event)
{
	if (line->handle)
		return LINEERR_ALLOCATED;
	if (version < NULL_VERSION_MIN || version > version_max())
		return LINEERR_INCOMPATIBLEAPIVERSION;
	line->handle = table_add(&provider.open_lines, line);
	if (!line->handle)
		return LINEERR_NOMEM;
	line->ht_line = ht_line;
	line->event = event;
	line->version = version;
	return 0;
}

LONG TSPIAPI TSPI_lineOpen(DWORD dwDeviceID, HTAPILINE htLine, LPHDRVLINE lphdLine,
			   DWORD dwTSPIVersion, LINEEVENT lpfnEventProc)
{
	struct fault fault;
	struct line *line;
	LONG err;

	if (entry(FN_lineOpen, &fault, &err, "device=%u version=%#x", dwDeviceID, dwTSPIVersion))
		return err;
	provider_lock();
	line = line_of_device(dwDeviceID, &err);
	if (line)
		err = open_line(line, htLine, dwTSPIVersion, lpfnEventProc);
	if (!err)
		*lphdLine = line->handle;
	provider_unlock();
	return err;
}

LONG TSPIAPI TSPI_lineClose(HDRVLINE hdLine)
{
	struct fault fault;
	struct line *line;
	LONG err;

	if (entry(FN_lineClose, &fault, &err, "line=%d", line_shown(hdLine)))
		return err;
	worker_settle(hdLine, 0);
	provider_lock();
	line = line_get(hdLine);
	if (line)
		line_reset(line);
	provider_unlock();
	worker_flush();
	return line ? 0 : LINEERR_INVALLINEHANDLE;
}

LONG TSPIAPI TSPI_lineSetStatusMessages(HDRVLINE hdLine, DWORD dwLineStates, DWORD dwAddressStates)
{
	struct fault fault;
	struct line *line;
	LONG err;

	if (entry(FN_lineSetStatusMessages, &fault, &err, "line=%d states=%#x addressstates=%#x",
		  line_shown(hdLine), dwLineStates, dwAddressStates))
		return err;
	provider_lock();
	line = line_get(hdLine);
	if (line) {
		line->line_states = dwLineStates;
		line->address_states = dwAddressStates;
	}
	provider_unlock();
	return line ? 0 : LINEERR_INVALLINEHANDLE;
}

LONG TSPIAPI TSPI_lineSetDefaultMediaDetection(HDRVLINE hdLine, DWORD dwMediaModes)
{
	struct fault fault;
	struct line *line;
	LONG err;

	if (entry(FN_lineSetDefaultMediaDetection, &fault, &err, "line=%d media=%#x",
		  line_shown(hdLine), dwMediaModes))
		return err;
	provider_lock();
	line = line_get(hdLine);
	err = !line ? LINEERR_INVALLINEHANDLE :
	      dwMediaModes & ~NULL_MEDIA_MODES ? LINEERR_INVALMEDIAMODE : 0;
	if (!err)
		line->media = dwMediaModes;
	provider_unlock();
	return err;
}

LONG TSPIAPI TSPI_lineConditionalMediaDetection(HDRVLINE hdLine, DWORD dwMediaModes,
						LPLINECALLPARAMS lpCallParams)
{
	struct fault fault;
	struct line *line;
	LONG err;

	if (entry(FN_lineConditionalMediaDetection, &fault, &err, "line=%d media=%#x",
		  line_shown(hdLine), dwMediaModes))
		return err;
	provider_lock();
	line = line_get(hdLine);
	provider_unlock();
	if (!line)
		return LINEERR_INVALLINEHANDLE;
	return dwMediaModes & ~NULL_MEDIA_MODES ? LINEERR_INVALMEDIAMODE : 0;
}

LONG TSPIAPI TSPI_lineGetNumAddressIDs(HDRVLINE hdLine, LPDWORD lpdwNumAddressIDs)
{
	struct fault fault;
	struct line *line;
	LONG err;

	if (entry(FN_lineGetNumAddressIDs, &fault, &err, "line=%d", line_shown(hdLine)))
		return err;
	provider_lock();
	line = line_get(hdLine);
	provider_unlock();
	if (!line)
		return LINEERR_INVALLINEHANDLE;
	*lpdwNumAddressIDs = provider.settings.addresses;
	return 0;
}

/* The text may come without a NUL: its size says where it ends */
static bool same_address(const struct line *line, DWORD address, const WCHAR *text, size_t length)
{
	char own[32];
	size_t i;

	line_address(line, address, own, sizeof(own));
	while (length && !text[length - 1])
		length--;
	if (length != strlen(own))
		return false;
	for (i = 0; i < length; i++) {
		if (text[i] != (unsigned char)own[i])
			return false;
	}
	return true;
}

LONG TSPIAPI TSPI_lineGetAddressID(HDRVLINE hdLine, LPDWORD lpdwAddressID, DWORD dwAddressMode,
				   LPCWSTR lpsAddress, DWORD dwSize)
{
	struct fault fault;
	struct line *line;
	DWORD address = 0;
	LONG err;

	if (entry(FN_lineGetAddressID, &fault, &err, "line=%d mode=%#x", line_shown(hdLine),
		  dwAddressMode))
		return err;
	if (dwAddressMode != LINEADDRESSMODE_DIALABLEADDR)
		return LINEERR_INVALADDRESSMODE;
	provider_lock();
	line = line_get(hdLine);
	while (line && address < provider.settings.addresses &&
	       !same_address(line, address, lpsAddress, dwSize / sizeof(WCHAR)))
		address++;
	provider_unlock();
	if (!line)
		return LINEERR_INVALLINEHANDLE;
	if (address == provider.settings.addresses)
		return LINEERR_INVALADDRESS;
	*lpdwAddressID = address;
	return 0;
}
