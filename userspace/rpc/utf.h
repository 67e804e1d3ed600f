/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * UTF-8 and UTF-16, strictly.  Inside everything is UTF-8; UTF-16 exists in the W forms of the TAPI
 * functions and in TSPs.  UTF-16 text may be unaligned, because TAPI structures are packed.
 */
#ifndef TAPI_UTF_H
#define TAPI_UTF_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * utf8_valid - is this well-formed UTF-8
 * @text: bytes; a NUL is a character like any other
 * @size: their number
 *
 * Overlong forms, surrogates and numbers above U+10FFFF are ill-formed.
 */
bool utf8_valid(const char *text, size_t size);

/**
 * utf8_to_utf16 - converts well-formed text
 * @to: UTF-16 in host order, may be unaligned; NULL to ask for the room needed
 * @room: room at @to, in bytes
 * @from: UTF-8
 * @size: bytes at @from
 *
 * Returns the bytes written or needed, without a NUL; -EILSEQ when @from is ill-formed, -ENOSPC
 * when @room is too small.
 */
ssize_t utf8_to_utf16(void *to, size_t room, const char *from, size_t size);

/**
 * utf16_to_utf8 - converts text that may be ill-formed
 * @to: UTF-8; NULL to ask for the room needed
 * @room: room at @to, in bytes
 * @from: UTF-16 in host order, may be unaligned
 * @size: bytes at @from; an odd last byte is left out
 * @repaired: out, may be NULL: lone surrogates were replaced by U+FFFD
 *
 * Returns the bytes written or needed, without a NUL; -EILSEQ for a lone surrogate when @repaired
 * is NULL, -ENOSPC when @room is too small.
 */
ssize_t utf16_to_utf8(char *to, size_t room, const void *from, size_t size, bool *repaired);

/**
 * utf16_length - bytes before the NUL
 * @text: UTF-16, may be unaligned
 * @limit: never look beyond these bytes
 *
 * Returns the number of bytes, at most @limit rounded down to even.
 */
size_t utf16_length(const void *text, size_t limit);

#endif /* TAPI_UTF_H */
