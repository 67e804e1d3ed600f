/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is recorded when TAPI_TRACE names a file: see rpc/trace.h. */
#ifndef LIBTAPI3_RECORD_H
#define LIBTAPI3_RECORD_H

#include "trace.h"
#include <tapi3/tapi3.h>

struct tapi3_event_init;

/* The program asked for something */
#define record_request(name)	trace_text(TRACE_APP, TRACE_TAPI3, name, NULL)
/* An MSP was told something */
#define record_to_msp(name)	trace_text(TRACE_TAPI3, TRACE_MSP, name, NULL)

/* The program is told something */
void record_event(const struct tapi3_event_init *init);
/* An MSP has made the streams of a call */
#define record_streams(count)	trace_text(TRACE_MSP, TRACE_TAPI3, "streams", "\"count\":%u", count)
/* An MSP tells something */
void record_media(enum tapi3_media_event event);
/* An MSP is told the state of its call */
void record_msp_state(enum tapi3_call_state state);

#endif /* LIBTAPI3_RECORD_H */
