/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module: a file only root could have written, whose descriptor and functions are its own and
 * not those of a library it happens to be linked with.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "host.h"

struct tsph_module tsp;

/* One function: where it goes */
struct entry {
	const char *name;
	size_t offset;
	bool mandatory;
};

/* A descriptor ends where its provider was built */
#define HAS(d, member)	((d)->size >= offsetof(struct tapi_tsp_module, member) + sizeof((d)->member))

#define MANDATORY(n)	{ "TSPI_" #n, offsetof(struct tsph_vtable, n), true },
#define OPTIONAL(n)	{ "TSPI_" #n, offsetof(struct tsph_vtable, n), false },

static const struct entry entries[] = {
	TSPH_MANDATORY(MANDATORY)
	TSPH_OPTIONAL(OPTIONAL)
};

static LONG refuse(LONG result, char **why, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static LONG refuse(LONG result, char **why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(why, format, args) < 0)
		*why = NULL;
	va_end(args);
	return result;
}

/* Could somebody else than root put another file there? */
static LONG check_one(const char *path, char **why)
{
	struct stat st;

	if (stat(path, &st))
		return refuse(LINEERR_NODRIVER, why, "%s: %s", path, strerror(errno));
	if (st.st_uid != 0)
		return refuse(LINEERR_NODRIVER, why, "%s does not belong to root", path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return refuse(LINEERR_NODRIVER, why, "%s can be written by others than root", path);
	return 0;
}

/* The file and each directory above it; @path has no symbolic links in it */
static LONG check_owner(const char *path, char **why)
{
	char *part = strdup(path), *slash;
	LONG err;

	if (!part)
		return LINEERR_NOMEM;
	err = check_one(part, why);
	while (!err && (slash = strrchr(part, '/'))) {
		*slash = '\0';
		err = check_one(slash == part ? "/" : part, why);
	}
	free(part);
	return err;
}

/* Is it the module's own, or of something it is linked with? */
static bool is_own(void *handle, void *symbol)
{
	void *own = NULL, *map = NULL;	/* struct link_map */
	Dl_info info;

	return symbol && !dlinfo(handle, RTLD_DI_LINKMAP, &own) &&
	       dladdr1(symbol, &info, &map, RTLD_DL_LINKMAP) && map == own;
}

static LONG check_descriptor(const struct tapi_tsp_module *d, const char *path, char **why)
{
	if (d->abi != TAPI_TSP_ABI)
		return refuse(LINEERR_NODRIVER, why, "%s is for version %u of the interface, not %u",
			      path, d->abi, TAPI_TSP_ABI);
	if (d->size < offsetof(struct tapi_tsp_module, host))
		return refuse(LINEERR_NODRIVER, why, "%s has a descriptor of %u bytes", path,
			      d->size);
	if (d->wchar_bytes != sizeof(WCHAR))
		return refuse(LINEERR_NODRIVER, why, "%s was built with a WCHAR of %u bytes, not 2",
			      path, d->wchar_bytes);
	if (!d->name || !d->name[0])
		return refuse(LINEERR_NODRIVER, why, "%s has no name in its descriptor", path);
	return 0;
}

static LONG resolve(void *handle, struct tsph_vtable *table, const char *path, char **why)
{
	void *symbol;

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		symbol = dlsym(handle, entries[i].name);
		if (is_own(handle, symbol)) {
			memcpy((char *)table + entries[i].offset, &symbol, sizeof(symbol));
			continue;
		}
		if (entries[i].mandatory)
			return refuse(LINEERR_NODRIVER, why, "%s lacks %s", path, entries[i].name);
	}
	return 0;
}

static LONG load(char *path, char **why)
{
	const struct tapi_tsp_module *descriptor;
	struct tsph_vtable table = { 0 };
	void *handle;
	LONG err;

	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return refuse(LINEERR_NODRIVER, why, "%s", dlerror());
	descriptor = dlsym(handle, "tapi_tsp_module");
	if (!is_own(handle, (void *)(uintptr_t)descriptor))
		return refuse(LINEERR_NODRIVER, why, "%s has no tapi_tsp_module", path);
	err = check_descriptor(descriptor, path, why);
	if (!err)
		err = resolve(handle, &table, path, why);
	if (err)
		return err;
	tsp = (struct tsph_module) { .descriptor = descriptor, .call = table, .path = path };
	if (HAS(descriptor, host))
		tsp.host = descriptor->host;
	if (HAS(descriptor, line_fd))
		tsp.line_fd = descriptor->line_fd;
	return 0;
}

/* A module is never unloaded, not even one that was refused: its threads may run */
LONG loader_open(const char *path, char **why)
{
	char *real;
	LONG err;

	*why = NULL;
	if (path[0] != '/')
		return refuse(LINEERR_INVALPARAM, why, "%s is not an absolute path", path);
	real = realpath(path, NULL);
	if (!real)
		return refuse(LINEERR_NODRIVER, why, "%s: %s", path, strerror(errno));
	err = options.any_owner ? 0 : check_owner(real, why);
	if (!err)
		err = load(real, why);
	if (err)
		free(real);
	return err;
}
