// SPDX-License-Identifier: GPL-2.0-only
/*
 * Window arithmetic of the relay.  Called by relay_data.c under the relay
 * mutex, and by the tests on the host.
 */
#include "credit.h"

/**
 * tapi_credit_left() - messages that may be sent before the window is full
 * @credit: the direction
 * @window: its width, messages
 *
 * Return: 0 .. @window
 */
u32 tapi_credit_left(const struct tapi_credit *credit, u32 window)
{
	u32 under_way = credit->sent - credit->consumed;

	return under_way < window ? window - under_way : 0;
}

/**
 * tapi_credit_take() - a message is sent
 * @credit: the direction; the caller has seen that the window is open
 *
 * Return: the message's number
 */
u32 tapi_credit_take(struct tapi_credit *credit)
{
	return ++credit->sent;
}

/**
 * tapi_credit_valid() - can the receiver have consumed up to here
 * @credit: the direction
 * @consumed: number of the last message the receiver says it has dealt with
 *
 * Return: false when that message has not been sent, or less is consumed than before
 */
bool tapi_credit_valid(const struct tapi_credit *credit, u32 consumed)
{
	return consumed - credit->consumed <= credit->sent - credit->consumed;
}

/**
 * tapi_credit_give() - the receiver has consumed messages
 * @credit: the direction
 * @consumed: a number that tapi_credit_valid() has passed
 */
void tapi_credit_give(struct tapi_credit *credit, u32 consumed)
{
	credit->consumed = consumed;
}
