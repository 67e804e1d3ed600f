/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The telephone line: short functions around the ioctls of <linux/tapi_line.h>.
 * Functions return 0 or a negative errno.
 */
#ifndef OFFICE_LINE_H
#define OFFICE_LINE_H

#include <linux/tapi_line.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * struct line - an open line
 * @fd: its device
 * @caps: what it is and can do
 */
struct line {
	int fd;
	struct tapi_line_caps caps;
};

/**
 * line_open() - open a line
 * @line: filled in; line_close() it
 * @device: path of the device, or the line's name
 *
 * Return: 0; -ENOENT no line has this name; -ENOTTY the device is no line; what open() says.
 */
int line_open(struct line *line, const char *device);

/** line_close() - close it; it goes to its safe state */
void line_close(struct line *line);

/** line_claim() - become its controller */
int line_claim(struct line *line);

/** line_ring() - ring with this cadence, ms; @count 0: until stopped; @cookie comes at the end */
int line_ring(struct line *line, unsigned int on_ms, unsigned int off_ms, unsigned int count,
	      unsigned int cookie);

/** line_stop_ring() - stop ringing */
int line_stop_ring(struct line *line);

/** line_feed() - feed it: TAPI_LINE_FEED_ */
int line_feed(struct line *line, unsigned int state, bool reversed);

/** line_dial() - send DTMF digits with the line's generator; times in ms, 0 for the default */
int line_dial(struct line *line, const char *digits, unsigned int on_ms, unsigned int off_ms,
	      unsigned int cookie);

/** line_abort() - end what rings or dials */
int line_abort(struct line *line);

/** line_state() - its present state */
int line_state(struct line *line, struct tapi_line_state *state);

/** line_can() - does it have all of these TAPI_LINE_CAP_ bits? */
bool line_can(const struct line *line, unsigned long long caps);

/**
 * line_read() - take events
 * @line: the line
 * @events: filled in
 * @max: how many there is room for
 *
 * Return: how many, 0 when there is none; -ENODEV the line has gone.
 */
int line_read(struct line *line, struct tapi_line_event *events, size_t max);

#endif /* OFFICE_LINE_H */
