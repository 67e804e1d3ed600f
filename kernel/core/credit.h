/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Window arithmetic of the relay: how many messages of one direction of an
 * instance are under way.  Pure: no kernel calls, no locks; the caller's lock
 * covers the structure.
 */
#ifndef _TAPI_CREDIT_H
#define _TAPI_CREDIT_H

#include "pure.h"

/**
 * struct tapi_credit - one direction of an instance
 * @sent: messages accepted so far; the number of the last one
 * @consumed: the last one the receiver says it has dealt with
 *
 * Both wrap at 2^32; only their distance counts, 0 .. the window.
 */
struct tapi_credit {
	u32 sent;
	u32 consumed;
};

u32 tapi_credit_left(const struct tapi_credit *credit, u32 window);
u32 tapi_credit_take(struct tapi_credit *credit);
bool tapi_credit_valid(const struct tapi_credit *credit, u32 consumed);
void tapi_credit_give(struct tapi_credit *credit, u32 consumed);

#endif /* _TAPI_CREDIT_H */
