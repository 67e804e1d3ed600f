/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cmocka wants included before itself, and itself */
#ifndef TESTS_CMOCKA_ALL_H
#define TESTS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
