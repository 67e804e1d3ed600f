/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the pure files (event.c, seq.c, hook.c) need from their surroundings,
 * so that the same source runs in the kernel and in the tests on the host.
 */
#ifndef _TAPI_PURE_H
#define _TAPI_PURE_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;

#define BIT_ULL(n)	(1ULL << (n))
#define U32_MAX		UINT32_MAX
#define U64_MAX		UINT64_MAX
#define NSEC_PER_MSEC	1000000L
#endif

#endif /* _TAPI_PURE_H */
