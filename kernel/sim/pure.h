/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the pure files (sound.c, pipe.c, script.c) need from their surroundings,
 * so that the same source runs in the kernel and in the tests on the host.
 */
#ifndef _TAPI_SIM_PURE_H
#define _TAPI_SIM_PURE_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef int16_t s16;
typedef uint16_t u16;
typedef int32_t s32;
typedef uint32_t u32;
typedef int64_t s64;
typedef uint64_t u64;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT_ULL(n)	(1ULL << (n))

static inline s64 div_s64(s64 a, s32 b)
{
	return a / b;
}
#endif

#endif /* _TAPI_SIM_PURE_H */
