/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include <tapi/tapi.h>

#include "errmap.h"

/*
 * In both directions the first match counts, so the usual errno of a LINEERR_, and the usual
 * LINEERR_ of an errno, stand first.
 */
static const struct {
	int error;
	int32_t line;
} pairs[] = {
	{ EINVAL, LINEERR_INVALPARAM },
	{ EINVAL, LINEERR_INVALADDRESSID },
	{ EINVAL, LINEERR_INVALADDRESSMODE },
	{ EINVAL, LINEERR_INVALCALLPARAMS },
	{ EINVAL, LINEERR_INVALDIGITMODE },
	{ EINVAL, LINEERR_INVALDIGITS },
	{ EINVAL, LINEERR_INVALMEDIAMODE },
	{ EINVAL, LINEERR_INVALPRIVSELECT },
	{ EINVAL, LINEERR_INVALADDRESS },
	{ EINVAL, LINEERR_INVALADDRESSSTATE },
	{ EINVAL, LINEERR_INVALCALLSELECT },
	{ EILSEQ, LINEERR_INVALPARAM },
	{ EFAULT, LINEERR_INVALPOINTER },
	{ ENOMEM, LINEERR_NOMEM },
	{ ENODEV, LINEERR_NODEVICE },
	{ ENXIO, LINEERR_BADDEVICEID },
	{ ENOENT, LINEERR_BADDEVICEID },
	{ EACCES, LINEERR_OPERATIONUNAVAIL },
	{ EPERM, LINEERR_NOTOWNER },
	{ EBUSY, LINEERR_INUSE },
	{ EBUSY, LINEERR_ALLOCATED },
	{ EBUSY, LINEERR_CALLUNAVAIL },
	{ EBADF, LINEERR_INVALCALLHANDLE },
	{ EBADF, LINEERR_INVALLINEHANDLE },
	{ EBADF, LINEERR_INVALAPPHANDLE },
	{ EOPNOTSUPP, LINEERR_OPERATIONUNAVAIL },
	{ ENOSYS, LINEERR_OPERATIONUNAVAIL },
	{ ENOTTY, LINEERR_OPERATIONUNAVAIL },
	{ EMSGSIZE, LINEERR_USERUSERINFOTOOBIG },
	{ ENOSPC, LINEERR_STRUCTURETOOSMALL },
	{ EAGAIN, LINEERR_RESOURCEUNAVAIL },
	{ EMFILE, LINEERR_RESOURCEUNAVAIL },
	{ ENFILE, LINEERR_RESOURCEUNAVAIL },
	{ ENOBUFS, LINEERR_RESOURCEUNAVAIL },
	{ EDQUOT, LINEERR_RESOURCEUNAVAIL },
	{ EPROTO, LINEERR_INCOMPATIBLEAPIVERSION },
	{ EPROTONOSUPPORT, LINEERR_INCOMPATIBLEAPIVERSION },
	{ ECONNREFUSED, LINEERR_SERVICE_NOT_RUNNING },
	{ ENOTCONN, LINEERR_SERVICE_NOT_RUNNING },
	{ EPIPE, LINEERR_SERVICE_NOT_RUNNING },
	{ ECONNRESET, LINEERR_SERVICE_NOT_RUNNING },
	{ EDESTADDRREQ, LINEERR_UNINITIALIZED },
	{ ESTALE, LINEERR_INVALCALLSTATE },
	{ ECANCELED, LINEERR_USERCANCELLED },
	{ ETIMEDOUT, LINEERR_OPERATIONFAILED },
	{ EIO, LINEERR_OPERATIONFAILED },
};

#define PAIRS	(sizeof(pairs) / sizeof(pairs[0]))

const struct errmap_entry *errmap_find(enum errmap_family family, int32_t code)
{
	const struct errmap_table *table = &errmap_tables[family];
	size_t i;

	for (i = 0; i < table->count; i++)
		if (table->entries[i].code == code)
			return &table->entries[i];
	return NULL;
}

const struct errmap_entry *errmap_find_error(int32_t code)
{
	const struct errmap_entry *entry;
	int family;

	for (family = ERRMAP_LINEERR; family <= ERRMAP_TAPI_E; family++) {
		entry = errmap_find(family, code);
		if (entry)
			return entry;
	}
	return NULL;
}

const struct errmap_entry *errmap_find_name(const char *name, enum errmap_family *family,
					    const struct errmap_entry *after)
{
	const struct errmap_table *table;
	size_t i;
	int f;

	for (f = 0; f < ERRMAP_FAMILIES; f++) {
		table = &errmap_tables[f];
		for (i = 0; i < table->count; i++) {
			const struct errmap_entry *entry = &table->entries[i];

			if (strcasecmp(name, entry->name) &&
			    strcasecmp(name, entry->name + strlen(table->prefix)))
				continue;
			if (after) {
				if (entry == after)
					after = NULL;
				continue;
			}
			if (family)
				*family = f;
			return entry;
		}
	}
	return NULL;
}

int32_t errmap_from_errno(int error)
{
	size_t i;

	if (error >= 0)
		return error;
	for (i = 0; i < PAIRS; i++)
		if (pairs[i].error == -error)
			return pairs[i].line;
	return LINEERR_OPERATIONFAILED;
}

/* PHONEERR_ repeats nearly every name of LINEERR_: compare what follows the prefix */
static int32_t line_of_phone(int32_t code)
{
	const struct errmap_entry *phone = errmap_find(ERRMAP_PHONEERR, code), *line;
	size_t i;

	if (!phone)
		return code;
	for (i = 0; i < errmap_tables[ERRMAP_LINEERR].count; i++) {
		line = &errmap_tables[ERRMAP_LINEERR].entries[i];
		if (!strcmp(line->name + strlen("LINEERR_"), phone->name + strlen("PHONEERR_")))
			return line->code;
	}
	if (code == PHONEERR_INVALPHONEHANDLE)
		return LINEERR_INVALLINEHANDLE;
	return LINEERR_INVALPARAM;
}

int errmap_to_errno(int32_t code)
{
	size_t i;

	if (code >= 0)
		return code;
	code = line_of_phone(code);
	for (i = 0; i < PAIRS; i++)
		if (pairs[i].line == code)
			return -pairs[i].error;
	return -EIO;
}
