/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Breaking things on purpose: what the other files call.
 *
 * Without the module's parameter inject=1 all of it is a branch that is not taken.
 */
#ifndef _TAPI_INJECT_H
#define _TAPI_INJECT_H

#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/types.h>

struct device;
struct tapi_card;
struct tapi_inject;

/* Operations that can fail, by their names in struct tapi_card_ops */
enum tapi_op {
	TAPI_OP_set_hook,
	TAPI_OP_set_linefeed,
	TAPI_OP_ring_on,
	TAPI_OP_ring_off,
	TAPI_OP_tone_on,
	TAPI_OP_tone_off,
	TAPI_OP_dtmf_send,
	TAPI_OP_set_param,
	TAPI_OP_get_param,
	TAPI_OP_measure,
	TAPI_OP_failsafe,
	TAPI_OP_pcm_prepare,
	TAPI_OP_pcm_start,
	TAPI_OPS,
};

/* Places where memory is asked for */
enum tapi_alloc {
	TAPI_ALLOC_card,
	TAPI_ALLOC_line,
	TAPI_ALLOC_params,
	TAPI_ALLOC_sound,
	TAPI_ALLOC_file,
	TAPI_ALLOC_records,
	TAPI_ALLOC_pass,
	TAPI_ALLOC_end,
	TAPI_ALLOC_binding,
	TAPI_ALLOC_grant,
	TAPI_ALLOC_instance,
	TAPI_ALLOC_message,
	TAPI_ALLOC_notice,
	TAPI_ALLOC_ready,
	TAPI_ALLOC_answer,
	TAPI_ALLOCS,
};

DECLARE_STATIC_KEY_FALSE(tapi_inject_key);

#define tapi_injects()	static_branch_unlikely(&tapi_inject_key)

/* inject.c: what was asked for; 0 or false without inject=1 */
int __tapi_inject_op(struct tapi_card *card, enum tapi_op op);
bool __tapi_inject_alloc(enum tapi_alloc site);
bool __tapi_inject_eagain(struct tapi_card *card);
void __tapi_inject_pump(struct tapi_card *card, ktime_t ts, u64 begin_ns);

static inline int tapi_inject_op(struct tapi_card *card, enum tapi_op op)
{
	return tapi_injects() ? __tapi_inject_op(card, op) : 0;
}

static inline bool tapi_inject_eagain(struct tapi_card *card)
{
	return tapi_injects() && __tapi_inject_eagain(card);
}

/* When the pump begins, for tapi_inject_pump(): 0 is unknown */
static inline u64 tapi_inject_begin(void)
{
	return tapi_injects() ? ktime_get_ns() : 0;
}

static inline void tapi_inject_pump(struct tapi_card *card, ktime_t ts, u64 begin_ns)
{
	if (tapi_injects())
		__tapi_inject_pump(card, ts, begin_ns);
}

/* Memory from @site, by the allocation that is given; NULL when that was asked for */
#define tapi_alloc(site, allocation)					\
	(tapi_injects() && __tapi_inject_alloc(TAPI_ALLOC_##site) ? NULL : (allocation))

/* Into the driver: every operation that can fail is called here; wants trace.h */
#define tapi_call(card, op, call) ({					\
	int __ret = tapi_inject_op(card, TAPI_OP_##op);			\
									\
	if (!__ret)							\
		__ret = (call);						\
	trace_tapi_op(card, TAPI_OP_##op, __ret);			\
	__ret; })

/* inject_fs.c, called by core.c; may sleep */
void tapi_inject_add(struct tapi_card *card);		/* before its nodes appear */
void tapi_inject_done(struct tapi_card *card);		/* it is registered */
void tapi_inject_del(struct tapi_card *card);		/* after its operations have ended */
int tapi_inject_number(struct device *parent);		/* of an unplugged card, or -ENOENT */
bool tapi_inject_keeps(unsigned int number);		/* the number of an unplugged card */
void tapi_inject_init(void);
void tapi_inject_exit(void);

#endif /* _TAPI_INJECT_H */
