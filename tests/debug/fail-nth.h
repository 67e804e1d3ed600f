/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the walks of fail-nth share. A walk is one call, and the scene it is made in; the scene is
 * built anew for each n, because a call that comes through changes it.
 */
#ifndef FAIL_NTH_H
#define FAIL_NTH_H

#include "../selftests/line-util.h"
#include "../selftests/tap.h"

/* What a line, a card, the relay looks like, as text; compared before and after a call */
#define LOOK_SIZE	16384

struct look {
	size_t len;
	char text[LOOK_SIZE];
};

__attribute__((format(printf, 2, 3)))
static inline void look_add(struct look *look, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(look->text + look->len, LOOK_SIZE - look->len, format, args);
	va_end(args);
	if (n > 0)
		look->len += n;
	if (look->len >= LOOK_SIZE)
		look->len = LOOK_SIZE - 1;
}

/* The call was made, but whether it came through was not told (ENOBUFS of a netlink socket) */
#define UNTOLD		1

/* More errors a call may give beside ENOMEM and EFAULT, -errno; ends with 0 */
#define MORE		6

/**
 * struct walk - a call, made with its n-th chance to fail taken, for all n
 * @name: for people
 * @begin: builds the scene; 0 or -errno
 * @call: what is walked; 0, -errno or UNTOLD
 * @told: after it, without faults: what the call's result is, given what it said; may be NULL
 * @end: leaves no trace of the scene
 * @look: appends what must not have changed when the call failed
 * @more: errors besides
 * @loose: what the call leaves changes by itself, so is not compared
 * @limit: no more than this n, 0 for no limit
 */
struct walk {
	const char *name;
	int (*begin)(void);
	int (*call)(void);
	int (*told)(int said);
	void (*end)(void);
	void (*look)(struct look *look);
	int more[MORE];
	bool loose;
	unsigned int limit;
};

#define WALK_IN(n, b, c, t, e, l, ...)							\
	{ .name = n, .begin = b, .call = c, .told = t, .end = e, .look = l, __VA_ARGS__ }

/* Tables of walks, each ended by one without a name */
extern const struct walk line_walks[], relay_walks[], sound_walks[], config_walks[], load_walks[];

#endif /* FAIL_NTH_H */
