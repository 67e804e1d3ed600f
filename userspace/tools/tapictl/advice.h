/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TAPICTL_ADVICE_H
#define TAPICTL_ADVICE_H

#include "errmap.h"

/* What to do about it, one or two sentences; never NULL for a number that has a name */
const char *advice_for(enum errmap_family family, const struct errmap_entry *entry);

#endif /* TAPICTL_ADVICE_H */
