/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any message, member by member: is its text well-formed, what does it say. */
#ifndef TAPI_WALK_H
#define TAPI_WALK_H

#include <stdio.h>
#include <protobuf-c/protobuf-c.h>

/**
 * walk_check - look at what protobuf-c does not look at
 * @message: just unpacked
 *
 * Returns 0, or -EILSEQ when a text is not UTF-8.
 */
int walk_check(const ProtobufCMessage *message);

/**
 * walk_json - a message as JSON
 * @message: any message
 * @to: where it is written, on one line
 *
 * Members that are not there are left out; bytes are written in hexadecimal. Cookies are never
 * written; the callers decide about digits and names.
 */
void walk_json(const ProtobufCMessage *message, FILE *to);

/* One text as a JSON string with its quotes; bytes that are no UTF-8 become U+0080 to U+00FF */
void walk_json_string(const char *text, FILE *to);

#endif /* TAPI_WALK_H */
