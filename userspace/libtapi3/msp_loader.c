/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finds and loads the MSP that a TSP names by its GUID.  The directory has one
 * link per GUID, made when the plug-in is installed: a program loads no
 * plug-in to find out what it is.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tapi_config.h>

#include "private.h"

/* GUID in memory order to its text: the first three groups are little endian */
static void guid_text(const uint8_t guid[16], char text[37])
{
	static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	char *at = text;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		at += sprintf(at, "%02x", guid[order[i]]);
	}
}

/* Code that others can change is not loaded into the program */
static int check_owner(const char *path, char *why, size_t size)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		return -errno;
	}
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & S_IWOTH) {
		snprintf(why, size, "%s belongs to, or can be written by, somebody else", path);
		return -EACCES;
	}
	return 0;
}

static int check_module(const struct msp_module *module, const uint8_t guid[16],
			const char *path, char *why, size_t size)
{
	if (!module) {
		snprintf(why, size, "%s has no tapi_msp_module", path);
		return -EINVAL;
	}
	if (module->abi != MSP_ABI || module->size < sizeof(*module)) {
		snprintf(why, size, "%s is built for interface %u, this library has %u", path,
			 module->abi, MSP_ABI);
		return -EINVAL;
	}
	if (memcmp(module->guid, guid, 16)) {
		snprintf(why, size, "%s is another provider than its name says", path);
		return -EINVAL;
	}
	if (!module->address || module->address->version != MSP_ABI ||
	    module->address->size < sizeof(*module->address)) {
		snprintf(why, size, "%s has no complete method table", path);
		return -EINVAL;
	}
	return 0;
}

int msp_load(const uint8_t guid[16], const struct msp_module **module, void **library,
	     char *why, size_t size)
{
	const char *dir = secure_getenv("TAPI_MSP_DIR");
	char path[PATH_MAX], text[37];
	int err;

	guid_text(guid, text);
	snprintf(path, sizeof(path), "%s/%s.so", dir ? dir : TAPI_MSPDIR, text);
	err = check_owner(path, why, size);
	if (err)
		return err;
	*library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!*library) {
		snprintf(why, size, "%s", dlerror());
		return -ENOEXEC;
	}
	*module = dlsym(*library, "tapi_msp_module");
	return check_module(*module, guid, path, why, size);
}
