/* SPDX-License-Identifier: GPL-2.0-only */
/* From samples of an exchange line to ringing, battery and polarity: detect.c */
#ifndef _TDM400_DETECT_H
#define _TDM400_DETECT_H

#include "core/pure.h"

/**
 * struct detect_ring - is there ringing voltage?
 * @on: there is
 * @first_ns: when it was seen first, 0 when it is not
 * @last_ns: when it was seen last
 */
struct detect_ring {
	bool on;
	u64 first_ns;
	u64 last_ns;
};

bool detect_ring(struct detect_ring *d, bool seen, u64 now_ns);
bool detect_ring_busy(const struct detect_ring *d);
void detect_ring_disturb(struct detect_ring *d);

/**
 * struct detect_level - a level that must hold
 * @level: the level that counts
 * @differs_ns: since when another was seen, 0 when it was not
 * @since_ns: since when @level has been seen, 0 when it always was
 */
struct detect_level {
	bool level;
	u64 differs_ns;
	u64 since_ns;
};

bool detect_level(struct detect_level *d, bool level, u64 now_ns);

/**
 * struct detect_alarms - how often something bad happened of late
 * @count: times in the window
 * @since_ns: when the window began
 */
struct detect_alarms {
	u32 count;
	u64 since_ns;
};

bool detect_alarm(struct detect_alarms *d, u64 now_ns);

#endif /* _TDM400_DETECT_H */
