/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines that come and go while the provider runs.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <libudev.h>

#include "card.h"
#include "sound.h"

static struct {
	struct udev *udev;
	struct udev_monitor *monitor;
} hotplug;

/* Behind udev a node has its group; without udev there is only the kernel to ask */
static const char *source(void)
{
	return access("/run/udev/control", F_OK) ? "kernel" : "udev";
}

/**
 * hotplug_start() - from now on no change is missed
 *
 * Return: 0 or a negative errno.
 */
int hotplug_start(void)
{
	int err;

	if (hotplug.monitor)
		return 0;
	hotplug.udev = udev_new();
	if (!hotplug.udev)
		return -ENOMEM;
	hotplug.monitor = udev_monitor_new_from_netlink(hotplug.udev, source());
	err = hotplug.monitor ? 0 : -ENOMEM;
	if (!err)
		err = udev_monitor_filter_add_match_subsystem_devtype(hotplug.monitor, "tapi",
								      NULL);
	if (!err)
		err = udev_monitor_enable_receiving(hotplug.monitor);
	if (err < 0)
		hotplug_stop();
	return err < 0 ? err : 0;
}

/**
 * hotplug_watch() - the event thread looks after it
 */
int hotplug_watch(void)
{
	return hotplug.monitor ? loop_add(udev_monitor_get_fd(hotplug.monitor), LOOP_HOTPLUG,
					  EPOLLIN) : 0;
}

void hotplug_stop(void)
{
	if (hotplug.monitor)
		udev_monitor_unref(hotplug.monitor);
	if (hotplug.udev)
		udev_unref(hotplug.udev);
	hotplug.monitor = NULL;
	hotplug.udev = NULL;
}

static void end_calls(struct card_line *line)
{
	struct card_call *call = line->call;

	if (!call)
		return;
	call_happens(call, CALL_GONE);
	call_happens(call, CALL_GONE);
}

void hotplug_gone(struct card_line *line)
{
	if (line->gone)
		return;
	card_log(5, "line %s: the card has gone", line->node);
	line->gone = true;
	line->op_done = NULL;
	end_calls(line);
	sound_close(line);
	incoming_flush(line);
	if (line->fd >= 0) {
		loop_remove(line->fd);
		close(line->fd);
		line->fd = -1;
	}
	report_line(line, LINE_CLOSE, 0, 0, 0);
	if (line->device_id != CARD_NO_ID)
		report_device(LINE_REMOVE, line->device_id, 0);
}

/* Its place in the table is the name of a line that has no id yet */
static void added(const char *node)
{
	unsigned int known = card.line_count;

	line_probe(node);
	if (card.line_count > known)
		report_device(LINE_CREATE, card.provider, known);
}

static void changed(struct udev_device *device)
{
	const char *action = udev_device_get_action(device);
	const char *node = udev_device_get_sysname(device);
	struct card_line *line;

	if (!action || !node)
		return;
	line = line_by_node(node);
	if (!strcmp(action, "remove")) {
		if (line)
			hotplug_gone(line);
	} else if (!strcmp(action, "add")) {
		added(node);
	}
}

/**
 * hotplug_ready() - something has changed; the event thread, with the lock
 */
void hotplug_ready(void)
{
	struct udev_device *device = udev_monitor_receive_device(hotplug.monitor);

	if (!device)
		return;
	changed(device);
	udev_device_unref(device);
}

TSPI_API LONG TSPIAPI TSPI_providerCreateLineDevice(DWORD_PTR dwTempID, DWORD dwDeviceID)
{
	struct card_line *line = NULL;
	LONG error = 0;

	card_lock();
	if (dwTempID < card.line_count)
		line = card.lines[dwTempID];
	if (!line || line->device_id != CARD_NO_ID)
		error = LINEERR_INVALPARAM;
	else if (line->gone)
		error = LINEERR_NODEVICE;
	else
		line->device_id = dwDeviceID;
	card_unlock();
	return error;
}
