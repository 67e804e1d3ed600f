/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: /sys/kernel/tracing/events/tapi.  Digits, and what the relay carries, are not
 * recorded: a trace may be shown to others.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tapi

#if !defined(_TAPI_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TAPI_TRACE_H

#include <linux/tracepoint.h>

#include "core.h"

/* A record for the readers of a line */
TRACE_EVENT(tapi_event,
	    TP_PROTO(const struct tapi_line *line, const struct tapi_line_event *ev),
	    TP_ARGS(line, ev),
	    TP_STRUCT__entry(__field(u32, card)
			     __field(u32, line)
			     __field(u32, type)
			     __field(u32, flags)
			     __field(u32, seq)
			     __field(u32, cookie)
			     __field(u64, ts)
	    ),
	    TP_fast_assign(__entry->card = line->card->number;
			   __entry->line = line->number;
			   __entry->type = ev->type;
			   __entry->flags = ev->flags;
			   __entry->seq = ev->seq;
			   __entry->cookie = ev->cookie;
			   __entry->ts = ev->ts;
	    ),
	    TP_printk("card%u-line%u %s flags %u seq %u cookie %u at %llu", __entry->card,
		      __entry->line,
		      __print_symbolic(__entry->type,
				       { TAPI_LINE_EV_STATE, "STATE" },
				       { TAPI_LINE_EV_HOOK, "HOOK" },
				       { TAPI_LINE_EV_FLASH, "FLASH" },
				       { TAPI_LINE_EV_PULSE_DIGIT, "PULSE_DIGIT" },
				       { TAPI_LINE_EV_RING, "RING" },
				       { TAPI_LINE_EV_DTMF, "DTMF" },
				       { TAPI_LINE_EV_POLARITY, "POLARITY" },
				       { TAPI_LINE_EV_BATTERY, "BATTERY" },
				       { TAPI_LINE_EV_LINEFEED, "LINEFEED" },
				       { TAPI_LINE_EV_LOOP_DROP, "LOOP_DROP" },
				       { TAPI_LINE_EV_COMPLETE, "COMPLETE" },
				       { TAPI_LINE_EV_FAULT, "FAULT" },
				       { TAPI_LINE_EV_CLAIM, "CLAIM" },
				       { TAPI_LINE_EV_GONE, "GONE" }),
		      __entry->flags, __entry->seq, __entry->cookie, __entry->ts)
);

/* The driver was called */
TRACE_EVENT(tapi_op,
	    TP_PROTO(const struct tapi_card *card, u32 op, int ret),
	    TP_ARGS(card, op, ret),
	    TP_STRUCT__entry(__field(u32, card)
			     __field(u32, op)
			     __field(int, ret)
	    ),
	    TP_fast_assign(__entry->card = card->number;
			   __entry->op = op;
			   __entry->ret = ret;
	    ),
	    TP_printk("card%u %s = %d", __entry->card,
		      __print_symbolic(__entry->op,
				       { TAPI_OP_set_hook, "set_hook" },
				       { TAPI_OP_set_linefeed, "set_linefeed" },
				       { TAPI_OP_ring_on, "ring_on" },
				       { TAPI_OP_ring_off, "ring_off" },
				       { TAPI_OP_tone_on, "tone_on" },
				       { TAPI_OP_tone_off, "tone_off" },
				       { TAPI_OP_dtmf_send, "dtmf_send" },
				       { TAPI_OP_set_param, "set_param" },
				       { TAPI_OP_get_param, "get_param" },
				       { TAPI_OP_measure, "measure" },
				       { TAPI_OP_failsafe, "failsafe" },
				       { TAPI_OP_pcm_prepare, "pcm_prepare" },
				       { TAPI_OP_pcm_start, "pcm_start" }),
		      __entry->ret)
);

/* The pump has moved sound */
TRACE_EVENT(tapi_pump,
	    TP_PROTO(const struct tapi_card *card, u32 in, u32 out, u64 ts),
	    TP_ARGS(card, in, out, ts),
	    TP_STRUCT__entry(__field(u32, card)
			     __field(u32, in)
			     __field(u32, out)
			     __field(u64, ts)
	    ),
	    TP_fast_assign(__entry->card = card->number;
			   __entry->in = in;
			   __entry->out = out;
			   __entry->ts = ts;
	    ),
	    TP_printk("card%u in %u out %u frames at %llu", __entry->card, __entry->in,
		      __entry->out, __entry->ts)
);

/* A message of the relay was delivered or refused */
TRACE_EVENT(tapi_relay_data,
	    TP_PROTO(u32 instance, bool to_app, u32 len, int ret),
	    TP_ARGS(instance, to_app, len, ret),
	    TP_STRUCT__entry(__field(u32, instance)
			     __field(bool, to_app)
			     __field(u32, len)
			     __field(int, ret)
	    ),
	    TP_fast_assign(__entry->instance = instance;
			   __entry->to_app = to_app;
			   __entry->len = len;
			   __entry->ret = ret;
	    ),
	    TP_printk("instance %u to %s %u bytes = %d", __entry->instance,
		      __entry->to_app ? "application" : "provider", __entry->len, __entry->ret)
);

#endif /* _TAPI_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
