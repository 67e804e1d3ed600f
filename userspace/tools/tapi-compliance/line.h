/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line device: requests, events, waiting.  Functions return 0 or a negative errno.
 *
 * SIGINT, SIGTERM and SIGHUP are noticed only while something waits: then every wait ends at once
 * with -EINTR, and so do later ones.
 */
#ifndef COMPLIANCE_LINE_H
#define COMPLIANCE_LINE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include <linux/tapi_line.h>

/* How long an event may be late, ms: many times what a busy emulated machine needs */
#define PATIENCE_MS	8000
/* An on-hook telephone may be flashing for as long as this, ms */
#define HANGUP_MS	3000

/* A request as 0 or a negative errno */
#define LINE_IOCTL(fd, request, arg) (ioctl((fd), (request), (arg)) ? -errno : 0)

struct line {
	char path[256];
	int fd;				/* -1: not open */
	struct tapi_line_caps caps;
	bool claimed;
};

extern int stop_signal;			/* what interrupted the program, 0: nothing did */

void signals_catch(void);
/* As poll(): number of ready files, 0 in time out; -EINTR when interrupted */
int wait_files(struct pollfd *files, unsigned int count, int ms);
int wait_ms(unsigned int ms);
uint64_t now_ns(void);

/* Open without waiting */
int line_open(struct line *line, int flags);
int line_claim(struct line *line);
/* Gives up the claim and closes */
void line_close(struct line *line);
/* Closes without a word, as a program that dies */
void line_drop(struct line *line);
/* As line_close(), and ends a linger of ours */
void line_tidy(struct line *line);
/* Another file of the same line; a negative errno when there is none */
int line_again(const struct line *line, int flags);
bool line_gone(const struct line *line);

/* The next record of a file; -ETIME: none in time */
int event_next(int fd, struct tapi_line_event *ev, int ms);
/* The next record of this type, others are passed over */
int event_wait(int fd, uint32_t type, struct tapi_line_event *ev);
/* The completion of the request with this cookie */
int event_complete(int fd, uint32_t cookie, struct tapi_line_event *ev);
/* Takes all records that have come */
void event_drain(int fd);
const char *event_name(uint32_t type);

/* Waits until the state has these values, -1 any; -ETIME when it has not in time */
struct state_want {
	int hook, ring, battery;
};

int state_await(const struct line *line, struct state_want want, int ms);

int set_hook(const struct line *line, uint32_t op, uint32_t duration_ms, uint32_t cookie);
int set_feed(const struct line *line, uint32_t state, uint32_t polarity);
int ring_start(const struct line *line, uint32_t count, uint32_t on_ms, uint32_t off_ms,
	       uint32_t cookie);
int ring_stop(const struct line *line, uint32_t cookie);
int dial(const struct line *line, uint32_t mode, const char *digits, uint32_t cookie);
int abort_request(const struct line *line, uint32_t cookie);

#endif /* COMPLIANCE_LINE_H */
