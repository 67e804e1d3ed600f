// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fail-nth: loading the simulator, with its card, its lines and their sound: a load that failed has
 * left nothing, and the next one works. These are the last walks: the others need the module.
 */
#include "fail-nth.h"

#define MODULE	"/lib/modules/%s/updates/tapi_sim.ko"

static int module_fd = -1;

static int unloaded(void)
{
	char release[65], path[160];

	lu_rmmod("tapi_sim");
	lu_read("/proc/sys/kernel/osrelease", release, sizeof(release));
	release[strcspn(release, "\n")] = '\0';
	snprintf(path, sizeof(path), MODULE, release);
	module_fd = open(path, O_RDONLY | O_CLOEXEC);
	return module_fd < 0 ? -errno : 0;
}

static int load(void)
{
	return syscall(SYS_finit_module, module_fd, "", 0) ? -errno : 0;
}

static void unload(void)
{
	lu_rmmod("tapi_sim");
	close(module_fd);
	module_fd = -1;
}

static const char *const places[] = {
	"/sys/module/tapi_sim", "/sys/bus/platform/drivers/tapi_sim",
	"/sys/bus/platform/devices/tapi_sim.0", "/sys/class/tapi/card0",
	"/sys/class/tapi/card0-line0", "/sys/class/tapi/card0-line1",
	"/proc/asound/TAPI0", "/sys/kernel/config/tapi-sim",
};

static void look_loaded(struct look *look)
{
	unsigned int i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		look_add(look, "%s %s\n", places[i], access(places[i], F_OK) ? "-" : "is there");
}

/* A module that cannot be read or placed, and a card that cannot be made, have more words for it */
const struct walk load_walks[] = {
	WALK_IN("load: tapi_sim", unloaded, load, NULL, unload, look_loaded,
		.more = { -ENOEXEC, -EINVAL, -EIO, -ENODEV, -ENXIO }),
	{ }
};
