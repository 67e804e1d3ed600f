/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which lines there are: the nodes of /dev/tapi, in the order of card and line number.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "card.h"
#include "sound.h"

#define DIRECTORY	"/dev/tapi"

/**
 * line_by_id() - a line that the host knows and that is there
 */
struct card_line *line_by_id(DWORD device_id)
{
	for (unsigned int i = 0; i < card.line_count; i++) {
		struct card_line *line = card.lines[i];

		if (device_id != CARD_NO_ID && line->device_id == device_id && !line->gone)
			return line;
	}
	return NULL;
}

/**
 * line_by_node() - a line that is there, known to the host or not
 */
struct card_line *line_by_node(const char *node)
{
	for (unsigned int i = 0; i < card.line_count; i++) {
		if (!card.lines[i]->gone && !strcmp(card.lines[i]->node, node))
			return card.lines[i];
	}
	return NULL;
}

/**
 * line_by_handle() - an open line that is there
 * @error: LINEERR_INVALLINEHANDLE, or LINEERR_NODEVICE for one whose card has gone
 */
struct card_line *line_by_handle(HDRVLINE handle, LONG *error)
{
	struct card_line *line = handle_get(handle, HANDLE_LINE);

	*error = 0;
	if (!line)
		*error = LINEERR_INVALLINEHANDLE;
	else if (line->gone)
		*error = LINEERR_NODEVICE;
	return *error ? NULL : line;
}

/**
 * line_address() - what its one address is called: the configured number, else the line's name
 */
const char *line_address(const struct card_line *line)
{
	char key[sizeof(line->caps.line_name) + 8];
	const char *number;

	snprintf(key, sizeof(key), "Number.%s", line->caps.line_name);
	number = card_setting(key);
	return number && *number ? number : line->caps.line_name;
}

static bool is_line(const char *name)
{
	unsigned int number, line;
	int end = 0;

	return sscanf(name, "card%u-line%u%n", &number, &line, &end) == 2 && end > 0 && !name[end];
}

/* alsa-lib's name of the line's PCM: the card by its id, which people can read */
static void name_pcm(struct card_line *line)
{
	char path[64], id[32] = "";
	FILE *file;

	if (!(line->caps.caps & TAPI_LINE_CAP_PCM) || line->caps.snd_card == TAPI_LINE_NONE)
		return;
	snprintf(path, sizeof(path), "/sys/class/sound/card%u/id", line->caps.snd_card);
	file = fopen(path, "re");
	if (file) {
		if (!fgets(id, sizeof(id), file))
			id[0] = 0;
		fclose(file);
	}
	id[strcspn(id, "\n")] = 0;
	if (id[0])
		snprintf(line->pcm, sizeof(line->pcm), "hw:%s,%u", id, line->caps.snd_device);
	else
		snprintf(line->pcm, sizeof(line->pcm), "hw:%u,%u", line->caps.snd_card,
			 line->caps.snd_device);
}

static int read_caps(const char *node, struct tapi_line_caps *caps)
{
	char path[sizeof(DIRECTORY) + 1 + CARD_NODE_MAX];
	int fd, err = 0;

	snprintf(path, sizeof(path), DIRECTORY "/%s", node);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, TAPI_LINE_G_CAPS, caps) < 0)
		err = -errno;
	close(fd);
	caps->driver[sizeof(caps->driver) - 1] = 0;
	caps->card_name[sizeof(caps->card_name) - 1] = 0;
	caps->bus_info[sizeof(caps->bus_info) - 1] = 0;
	caps->line_name[sizeof(caps->line_name) - 1] = 0;
	return err;
}

static struct card_line *add(const char *node, const struct tapi_line_caps *caps)
{
	struct card_line *line = calloc(1, sizeof(*line));
	struct card_line **more;

	more = realloc(card.lines, (card.line_count + 1) * sizeof(*more));
	if (more)
		card.lines = more;
	if (!line || !more) {
		free(line);
		return NULL;
	}
	snprintf(line->node, sizeof(line->node), "%s", node);
	line->caps = *caps;
	if (!line->caps.line_name[0])
		snprintf(line->caps.line_name, sizeof(line->caps.line_name), "%.15s", node);
	line->device_id = CARD_NO_ID;
	line->fd = -1;
	name_pcm(line);
	card.lines[card.line_count++] = line;
	return line;
}

/**
 * line_probe() - look at a node of /dev/tapi
 *
 * Return: its line, new or known; NULL when it is none of ours.
 */
struct card_line *line_probe(const char *node)
{
	struct card_line *line = line_by_node(node);
	struct tapi_line_caps caps = { 0 };
	int err;

	if (line || !is_line(node) || strlen(node) >= CARD_NODE_MAX)
		return line;
	err = read_caps(node, &caps);
	if (err) {
		card_log(4, "line %s: cannot be asked what it is: %s; not served", node,
			 strerror(-err));
		return NULL;
	}
	if (caps.caps & TAPI_LINE_CAP_FAR_END && !card.far_end)
		return NULL;
	line = add(node, &caps);
	if (!line)
		card_log(3, "line %s: no memory; not served", node);
	return line;
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

static int select_line(const struct dirent *entry)
{
	return is_line(entry->d_name);
}

/**
 * lines_scan() - find all lines
 *
 * Return: how many there are, or a negative errno; no directory means no lines.
 */
int lines_scan(void)
{
	struct dirent **names;
	int n = scandir(DIRECTORY, &names, select_line, by_number);

	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		line_probe(names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return card.line_count;
}

/**
 * lines_end() - the provider ends; every line has been shut
 */
void lines_end(void)
{
	for (unsigned int i = 0; i < card.line_count; i++)
		free(card.lines[i]);
	free(card.lines);
	card.lines = NULL;
	card.line_count = 0;
}
