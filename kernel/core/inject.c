// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breaking things on purpose: what was asked for, and where it strikes.
 *
 * A command is checked in whole before anything changes.  What is armed belongs
 * to a card, but for memory, which is asked for before there is a card, too.
 * Called from everywhere, hence a spinlock that is a leaf.
 */
#include <linux/build_bug.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "inject_state.h"

/* Words of the longest command: op NAME delay MS every N */
#define INJECT_WORDS	6
/* Longest command of a driver, too */
#define INJECT_TEXT	128
/* A minute: a task that hangs for two is reported by the kernel */
#define INJECT_DELAY_MS	60000

DEFINE_STATIC_KEY_FALSE(tapi_inject_key);

static DEFINE_SPINLOCK(inject_alloc_lock);	/* inject_allocs */
static u32 inject_allocs[TAPI_ALLOCS];		/* so many are still to fail */

static const char *const inject_op_names[] = {
	[TAPI_OP_set_hook] = "set_hook",
	[TAPI_OP_set_linefeed] = "set_linefeed",
	[TAPI_OP_ring_on] = "ring_on",
	[TAPI_OP_ring_off] = "ring_off",
	[TAPI_OP_tone_on] = "tone_on",
	[TAPI_OP_tone_off] = "tone_off",
	[TAPI_OP_dtmf_send] = "dtmf_send",
	[TAPI_OP_set_param] = "set_param",
	[TAPI_OP_get_param] = "get_param",
	[TAPI_OP_measure] = "measure",
	[TAPI_OP_failsafe] = "failsafe",
	[TAPI_OP_pcm_prepare] = "pcm_prepare",
	[TAPI_OP_pcm_start] = "pcm_start",
};

static_assert(ARRAY_SIZE(inject_op_names) == TAPI_OPS);

static const char *const inject_alloc_names[] = {
	[TAPI_ALLOC_card] = "card",
	[TAPI_ALLOC_line] = "line",
	[TAPI_ALLOC_params] = "params",
	[TAPI_ALLOC_sound] = "sound",
	[TAPI_ALLOC_file] = "file",
	[TAPI_ALLOC_records] = "records",
	[TAPI_ALLOC_pass] = "pass",
	[TAPI_ALLOC_end] = "end",
	[TAPI_ALLOC_binding] = "binding",
	[TAPI_ALLOC_grant] = "grant",
	[TAPI_ALLOC_instance] = "instance",
	[TAPI_ALLOC_message] = "message",
	[TAPI_ALLOC_notice] = "notice",
	[TAPI_ALLOC_ready] = "ready",
	[TAPI_ALLOC_answer] = "answer",
};

static_assert(ARRAY_SIZE(inject_alloc_names) == TAPI_ALLOCS);

static const struct inject_errno {
	const char *name;
	int value;
} inject_errnos[] = {
	{ "EIO", EIO }, { "ENXIO", ENXIO }, { "EAGAIN", EAGAIN }, { "ENOMEM", ENOMEM },
	{ "EBUSY", EBUSY }, { "ENODEV", ENODEV }, { "EINVAL", EINVAL }, { "ETIME", ETIME },
	{ "EPROTO", EPROTO }, { "EOPNOTSUPP", EOPNOTSUPP }, { "ETIMEDOUT", ETIMEDOUT },
};

/* Does this call of an armed operation suffer? */
static bool inject_strikes(struct inject_arm *arm)
{
	if (!arm->armed || ++arm->calls % max(arm->every, 1U))
		return false;
	arm->hits++;
	if (arm->left && !--arm->left)
		arm->armed = false;
	return true;
}

/**
 * __tapi_inject_op() - an operation is about to be called
 * @card: the card
 * @op: the operation
 *
 * Context: Any in which the operation may run, the card's operations being there; sleeps only
 * for those that may sleep.
 * Return: 0, or the error it is to have instead of being called.
 */
int __tapi_inject_op(struct tapi_card *card, enum tapi_op op)
{
	struct tapi_inject *inj = READ_ONCE(card->inject);
	unsigned long flags;
	u32 delay_ms = 0;
	int error = 0;

	if (!inj)
		return 0;
	spin_lock_irqsave(&inj->lock, flags);
	if (inject_strikes(&inj->ops[op])) {
		delay_ms = inj->ops[op].delay_ms;
		error = inj->ops[op].error;
	}
	spin_unlock_irqrestore(&inj->lock, flags);
	if (delay_ms)
		msleep(delay_ms);
	return error;
}

/**
 * __tapi_inject_alloc() - memory is about to be asked for
 * @site: where
 *
 * Context: Any.
 * Return: whether there is to be none.
 */
bool __tapi_inject_alloc(enum tapi_alloc site)
{
	unsigned long flags;
	bool fails;

	spin_lock_irqsave(&inject_alloc_lock, flags);
	fails = inject_allocs[site];
	if (fails)
		inject_allocs[site]--;
	spin_unlock_irqrestore(&inject_alloc_lock, flags);
	return fails;
}

/**
 * __tapi_inject_eagain() - a message of the relay is about to be delivered
 * @card: the card of its line
 *
 * Context: Any, while the line is in the relay.
 * Return: whether it is to be refused as if there were no room.
 */
bool __tapi_inject_eagain(struct tapi_card *card)
{
	struct tapi_inject *inj = READ_ONCE(card->inject);
	unsigned long flags;
	bool refuse;

	if (!inj)
		return false;
	spin_lock_irqsave(&inj->lock, flags);
	refuse = inj->eagain;
	if (refuse)
		inj->eagain--;
	spin_unlock_irqrestore(&inj->lock, flags);
	return refuse;
}

static unsigned int inject_bucket(s64 ns)
{
	return ns <= 0 ? 0 : min(ilog2((u64)ns) + 1, INJECT_BUCKETS - 1);
}

/**
 * __tapi_inject_pump() - the pump has run
 * @card: the card
 * @ts: when the sound was where it was
 * @begin_ns: when the pump began
 *
 * Context: Any, while the card's sound runs.
 */
void __tapi_inject_pump(struct tapi_card *card, ktime_t ts, u64 begin_ns)
{
	struct tapi_inject *inj = READ_ONCE(card->inject);
	u64 now_ns = ktime_get_ns();
	unsigned long flags;

	if (!inj || !begin_ns)
		return;
	spin_lock_irqsave(&inj->lock, flags);
	inj->late[inject_bucket(begin_ns - ktime_to_ns(ts))]++;
	inj->busy[inject_bucket(now_ns - begin_ns)]++;
	spin_unlock_irqrestore(&inj->lock, flags);
}

/* What was asked for the card and of its driver ends with it */
void inject_forget(struct tapi_inject *inj)
{
	unsigned long flags;

	spin_lock_irqsave(&inj->lock, flags);
	memset(inj->ops, 0, sizeof(inj->ops));
	inj->eagain = 0;
	spin_unlock_irqrestore(&inj->lock, flags);
}

static int inject_number(const char *word, u32 max, u32 *value)
{
	if (!word || kstrtou32(word, 10, value) || !*value || *value > max)
		return -EINVAL;
	return 0;
}

/* Return: a negative errno, or 0 when the word is none */
static int inject_parse_errno(const char *word)
{
	unsigned int i;
	u32 value;

	for (i = 0; i < ARRAY_SIZE(inject_errnos); i++)
		if (!strcmp(word, inject_errnos[i].name))
			return -inject_errnos[i].value;
	return inject_number(word, EHWPOISON, &value) ? 0 : -(int)value;
}

static bool inject_may_sleep(enum tapi_op op)
{
	return op != TAPI_OP_pcm_start;
}

/* ERRNO|delay MS [every N|count N] */
static int inject_parse_arm(struct inject_arm *arm, enum tapi_op op, char **word)
{
	if (!*word)
		return -EINVAL;
	if (!strcmp(*word, "delay")) {
		if (!inject_may_sleep(op) ||
		    inject_number(*++word, INJECT_DELAY_MS, &arm->delay_ms))
			return -EINVAL;
	} else {
		arm->error = inject_parse_errno(*word);
		if (!arm->error)
			return -EINVAL;
	}
	arm->armed = true;
	if (!*++word)
		return 0;
	if (!strcmp(*word, "every")) {
		if (inject_number(*++word, U32_MAX, &arm->every))
			return -EINVAL;
	} else if (strcmp(*word, "count") || inject_number(*++word, U32_MAX, &arm->left)) {
		return -EINVAL;
	}
	return *++word ? -EINVAL : 0;
}

/* A line's operations run without a card only in its last moments, hence -ENODEV here */
static int inject_op(struct tapi_inject *inj, struct tapi_card *card, char **word)
{
	struct inject_arm arm = {};
	unsigned long flags;
	int op, err;

	op = word[1] ? match_string(inject_op_names, TAPI_OPS, word[1]) : -EINVAL;
	if (op < 0)
		return op;
	err = inject_parse_arm(&arm, op, &word[2]);
	if (err)
		return err;
	if (!card)
		return -ENODEV;
	spin_lock_irqsave(&inj->lock, flags);
	inj->ops[op] = arm;
	spin_unlock_irqrestore(&inj->lock, flags);
	return 0;
}

static int inject_alloc(struct tapi_inject *inj, struct tapi_card *card, char **word)
{
	unsigned long flags;
	int site;
	u32 num;

	if (!word[1] || !word[2] || strcmp(word[2], "fail") || !word[3] || word[4])
		return -EINVAL;
	site = match_string(inject_alloc_names, TAPI_ALLOCS, word[1]);
	if (site < 0 || inject_number(word[3], U32_MAX, &num))
		return -EINVAL;
	spin_lock_irqsave(&inject_alloc_lock, flags);
	inject_allocs[site] = num;
	spin_unlock_irqrestore(&inject_alloc_lock, flags);
	return 0;
}

/* One more than a queue holds beside the newest STATE, so that every reader finds a LOST */
static void inject_flood(struct tapi_line *line)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&line->ev_lock, flags);
	for (i = 0; i < TAPI_RING_RECORDS + 2; i++)
		tapi_event_state_locked(line, TAPI_LINE_EV_FL_SYNTHETIC);
	spin_unlock_irqrestore(&line->ev_lock, flags);
}

static int inject_overflow(struct tapi_inject *inj, struct tapi_card *card, char **word)
{
	unsigned int i;
	u32 number;

	if (word[1] && (word[2] || kstrtou32(word[1], 10, &number)))
		return -EINVAL;
	if (!card)
		return -ENODEV;
	if (word[1] && number >= card->num_lines)
		return -EINVAL;
	for (i = 0; i < card->num_lines; i++)
		if (!word[1] || i == number)
			inject_flood(card->lines[i]);
	return 0;
}

static int inject_relay(struct tapi_inject *inj, struct tapi_card *card, char **word)
{
	unsigned long flags;
	u32 num;

	if (!word[1] || strcmp(word[1], "eagain") || inject_number(word[2], U32_MAX, &num) ||
	    word[3])
		return -EINVAL;
	if (!card)
		return -ENODEV;
	spin_lock_irqsave(&inj->lock, flags);
	inj->eagain = num;
	spin_unlock_irqrestore(&inj->lock, flags);
	return 0;
}

static int inject_to_driver(struct tapi_card *card, char *text)
{
	const struct tapi_card_ops *ops;
	int idx, ret;

	if (!card)
		return -ENODEV;
	ops = tapi_ops_get(card, &idx);
	if (!ops)
		return -ENODEV;
	ret = ops->inject ? ops->inject(card, text) : -EINVAL;
	tapi_ops_put(card, idx);
	return ret;
}

static int inject_clear(struct tapi_inject *inj, struct tapi_card *card, char **word)
{
	char text[] = "clear";
	unsigned long flags;

	if (word[1])
		return -EINVAL;
	inject_forget(inj);
	spin_lock_irqsave(&inject_alloc_lock, flags);
	memset(inject_allocs, 0, sizeof(inject_allocs));
	spin_unlock_irqrestore(&inject_alloc_lock, flags);
	/* A driver has nothing to clear, or knows how. */
	if (card)
		inject_to_driver(card, text);
	return 0;
}

static const struct inject_verb {
	const char *name;
	int (*run)(struct tapi_inject *inj, struct tapi_card *card, char **word);
} inject_verbs[] = {
	{ "op", inject_op },
	{ "alloc", inject_alloc },
	{ "overflow", inject_overflow },
	{ "relay", inject_relay },
	{ "clear", inject_clear },
};

/* One word too many is seen as one, not lost */
static void inject_split(char *text, char **word)
{
	unsigned int n = 0;
	char *one;

	while (n <= INJECT_WORDS && (one = strsep(&text, " \t")))
		if (*one)
			word[n++] = one;
}

static int inject_with_card(struct tapi_inject *inj, char *text, char **word)
{
	struct tapi_card *card = inject_get_card(inj);
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(inject_verbs); i++)
		if (!strcmp(word[0], inject_verbs[i].name))
			break;
	if (i < ARRAY_SIZE(inject_verbs))
		ret = inject_verbs[i].run(inj, card, word);
	else
		ret = inject_to_driver(card, text);
	if (card)
		inject_put_card(card);
	return ret;
}

/**
 * inject_command() - do what somebody wrote
 * @inj: the card's injection
 * @text: the command, without newline
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL it is wrong, and nothing has changed; -ENODEV the card is unplugged;
 * what the driver says.
 */
int inject_command(struct tapi_inject *inj, char *text)
{
	char *word[INJECT_WORDS + 2] = {};
	char copy[INJECT_TEXT];

	if (strscpy(copy, text, sizeof(copy)) < 0)
		return -EINVAL;
	inject_split(copy, word);
	if (!word[0])
		return -EINVAL;
	if (!strcmp(word[0], "unplug"))
		return word[1] ? -EINVAL : inject_unplug(inj);
	if (!strcmp(word[0], "replug"))
		return word[1] ? -EINVAL : inject_replug(inj);
	return inject_with_card(inj, text, word);
}

static void inject_show_names(struct seq_file *m, const char *title, const char *const *names,
			      unsigned int num)
{
	unsigned int i;

	seq_printf(m, "#   %s:", title);
	for (i = 0; i < num; i++)
		seq_printf(m, " %s", names[i]);
	seq_putc(m, '\n');
}

/* What can be written, for whoever reads the file */
void inject_show_grammar(struct seq_file *m, const char *driver_help)
{
	unsigned int i;

	seq_puts(m, "# Write one command at a time; no stable interface.\n"
		    "# op NAME ERRNO|delay MS [every N|count N]   calls of the driver fail, or take longer\n"
		    "# alloc SITE fail N     the next N requests for memory fail, of all cards\n"
		    "# overflow [LINE]       the queues of open files overflow\n"
		    "# relay eagain N        the next N DATA messages of the relay find no room\n"
		    "# unplug                the card goes\n"
		    "# replug                it comes back\n"
		    "# clear                 nothing more will happen\n");
	inject_show_names(m, "NAME", inject_op_names, TAPI_OPS);
	inject_show_names(m, "SITE", inject_alloc_names, TAPI_ALLOCS);
	seq_puts(m, "#   ERRNO:");
	for (i = 0; i < ARRAY_SIZE(inject_errnos); i++)
		seq_printf(m, " %s", inject_errnos[i].name);
	seq_puts(m, ", or a number\n");
	if (!driver_help)
		return;
	seq_puts(m, "# of the driver:\n");
	while (*driver_help) {
		size_t len = strcspn(driver_help, "\n");

		seq_printf(m, "# %.*s\n", (int)len, driver_help);
		driver_help += len + (driver_help[len] == '\n');
	}
}

static void inject_show_arm(struct seq_file *m, const char *name, const struct inject_arm *arm)
{
	unsigned int i;

	if (!arm->armed)
		return;
	seq_printf(m, "op %s ", name);
	for (i = 0; i < ARRAY_SIZE(inject_errnos); i++)
		if (arm->error == -inject_errnos[i].value)
			break;
	if (arm->delay_ms)
		seq_printf(m, "delay %u", arm->delay_ms);
	else if (i < ARRAY_SIZE(inject_errnos))
		seq_puts(m, inject_errnos[i].name);
	else
		seq_printf(m, "%d", -arm->error);
	if (arm->every)
		seq_printf(m, " every %u", arm->every);
	if (arm->left)
		seq_printf(m, " count %u", arm->left);
	seq_printf(m, " # %u calls, %u struck\n", arm->calls, arm->hits);
}

/* What is armed, as it could be written again */
void inject_show_armed(struct seq_file *m, struct tapi_inject *inj)
{
	struct inject_arm ops[TAPI_OPS];
	u32 allocs[TAPI_ALLOCS], eagain;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&inj->lock, flags);
	memcpy(ops, inj->ops, sizeof(ops));
	eagain = inj->eagain;
	spin_unlock_irqrestore(&inj->lock, flags);
	spin_lock_irqsave(&inject_alloc_lock, flags);
	memcpy(allocs, inject_allocs, sizeof(allocs));
	spin_unlock_irqrestore(&inject_alloc_lock, flags);
	for (i = 0; i < TAPI_OPS; i++)
		inject_show_arm(m, inject_op_names[i], &ops[i]);
	for (i = 0; i < TAPI_ALLOCS; i++)
		if (allocs[i])
			seq_printf(m, "alloc %s fail %u\n", inject_alloc_names[i], allocs[i]);
	if (eagain)
		seq_printf(m, "relay eagain %u\n", eagain);
}
