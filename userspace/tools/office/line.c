/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "line.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINE_DIR "/dev/tapi"

static int request(const struct line *line, unsigned long op, void *argument)
{
	return ioctl(line->fd, op, argument) < 0 ? -errno : 0;
}

static int open_path(struct line *line, const char *path, int flags)
{
	int err;

	line->fd = open(path, flags | O_NONBLOCK | O_CLOEXEC);
	if (line->fd < 0)
		return -errno;
	err = request(line, TAPI_LINE_G_CAPS, &line->caps);
	if (err)
		line_close(line);
	return err;
}

static bool has_name(const struct line *line, const char *name)
{
	size_t size = sizeof(line->caps.line_name);

	return strlen(name) < size && !strncmp(line->caps.line_name, name, size);
}

/* Path of the line with this name; *path is the caller's */
static int find_name(const char *name, char **path)
{
	DIR *dir = opendir(LINE_DIR);
	struct dirent *entry;
	int err = -ENOENT;

	if (!dir)
		return -errno;
	while (err == -ENOENT && (entry = readdir(dir))) {
		struct line line;

		if (strncmp(entry->d_name, "card", 4))
			continue;
		if (asprintf(path, LINE_DIR "/%s", entry->d_name) < 0) {
			err = -ENOMEM;
			break;
		}
		if (!open_path(&line, *path, O_RDONLY)) {
			if (has_name(&line, name))
				err = 0;
			line_close(&line);
		}
		if (err)
			free(*path);
	}
	closedir(dir);
	return err;
}

int line_open(struct line *line, const char *device)
{
	char *path;
	int err;

	line->fd = -1;
	if (strchr(device, '/'))
		return open_path(line, device, O_RDWR);
	err = find_name(device, &path);
	if (err)
		return err;
	err = open_path(line, path, O_RDWR);
	free(path);
	return err;
}

void line_close(struct line *line)
{
	if (line->fd >= 0)
		close(line->fd);
	line->fd = -1;
}

int line_claim(struct line *line)
{
	struct tapi_line_claim claim = { 0 };

	return request(line, TAPI_LINE_CLAIM, &claim);
}

int line_ring(struct line *line, unsigned int on_ms, unsigned int off_ms, unsigned int count,
	      unsigned int cookie)
{
	struct tapi_line_ring ring = {
		.op = TAPI_LINE_OP_START,
		.count = count,
		.on_ms = { on_ms },
		.off_ms = { off_ms },
		.cookie = cookie,
	};

	return request(line, TAPI_LINE_S_RING, &ring);
}

int line_stop_ring(struct line *line)
{
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_STOP };

	return request(line, TAPI_LINE_S_RING, &ring);
}

int line_feed(struct line *line, unsigned int state, bool reversed)
{
	struct tapi_line_linefeed feed = { .state = state, .polarity = reversed };

	return request(line, TAPI_LINE_S_LINEFEED, &feed);
}

int line_dial(struct line *line, const char *digits, unsigned int on_ms, unsigned int off_ms,
	      unsigned int cookie)
{
	struct tapi_line_dial dial = {
		.mode = TAPI_LINE_DIAL_DTMF,
		.on_ms = on_ms,
		.off_ms = off_ms,
		.cookie = cookie,
	};

	if (strlen(digits) > sizeof(dial.digits))
		return -E2BIG;
	memcpy(dial.digits, digits, strlen(digits));
	return request(line, TAPI_LINE_DIAL, &dial);
}

int line_abort(struct line *line)
{
	__u32 cookie = 0;

	return request(line, TAPI_LINE_ABORT, &cookie);
}

int line_state(struct line *line, struct tapi_line_state *state)
{
	return request(line, TAPI_LINE_G_STATE, state);
}

bool line_can(const struct line *line, unsigned long long caps)
{
	return (line->caps.caps & caps) == caps;
}

int line_read(struct line *line, struct tapi_line_event *events, size_t max)
{
	ssize_t size = read(line->fd, events, max * sizeof(*events));

	if (size > 0)
		return size / sizeof(*events);
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return -ENODEV;
}
