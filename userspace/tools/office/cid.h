/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Caller id as Bell 202 FSK: Telcordia GR-30, multiple data message. */
#ifndef OFFICE_CID_H
#define OFFICE_CID_H

#include <time.h>

#include "sound.h"

/**
 * caller_id_source_new() - a caller's number and name, and the time, as sound
 * @number: the number; "P" when it is withheld; NULL or "O" when it is not known
 * @name: the name, same words; NULL leaves it out
 * @when: the time of the call, local
 *
 * Return: the source, or NULL: no memory, or the message would be too long.
 */
struct sound_source *caller_id_source_new(const char *number, const char *name,
					  const struct tm *when);

#endif /* OFFICE_CID_H */
