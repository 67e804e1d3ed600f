/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of tapi.ko share.
 *
 * Lock order: registry mutex > line->lock > relay mutex > line->pass_lock.
 * card->pm_lock > line->lock > tapi_pcm.cut_lock.
 * pcm->open_mutex > line->pass_lock, never under the relay mutex.
 * line->ev_lock is a leaf.  ALSA stream lock > pump lock.
 */
#ifndef _TAPI_CORE_H
#define _TAPI_CORE_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/tapi_card.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "../compat.h"
#include "event.h"
#include "hook.h"
#include "inject.h"
#include "seq.h"

struct file;
struct pid;
struct snd_card;
struct tapi_param;		/* a parameter of a line: params.c */
struct tapi_pcm;		/* sound of a card: pcm.c */
struct tapi_relay_line;		/* a line in the relay: relay.c */

/**
 * struct tapi_card - a registered card
 * @dev: the card's device; its release frees the card
 * @ops: the driver's operations, NULL once unregistered; read under @srcu
 * @srcu: every call into the driver runs inside
 * @number: the card's number
 * @desc: what the driver said, strings owned by the card
 * @snd: the ALSA card, NULL without sound; only pcm.c may look into it
 * @snd_number: its number, TAPI_LINE_NONE without sound; read with READ_ONCE()
 * @pcm: state of pcm.c
 * @gone: set by tapi_card_unregister(); read with READ_ONCE()
 * @registered: tapi_card_register() has succeeded
 * @owner: the driver's module
 * @driver_ops: the driver's operations, also before and after the card is registered
 * @inject: what is broken on purpose, NULL without; inject_fs.c
 * @pm_lock: @asleep, and going to sleep and waking up
 * @asleep: between tapi_card_suspend() and tapi_card_resume()
 * @entry: in the registry, under the registry mutex
 * @priv: the driver's own
 * @num_lines: number of @lines
 * @lines: the lines; they live as long as the card
 */
struct tapi_card {
	struct device dev;
	const struct tapi_card_ops __rcu *ops;
	struct srcu_struct srcu;
	unsigned int number;
	struct tapi_card_desc desc;
	struct snd_card *snd;
	u32 snd_number;
	struct tapi_pcm *pcm;
	bool gone;
	bool registered;
	struct module *owner;
	const struct tapi_card_ops *driver_ops;
	struct tapi_inject *inject;
	struct mutex pm_lock;		/* asleep */
	bool asleep;
	struct list_head entry;
	void *priv;
	unsigned int num_lines;
	struct tapi_line *lines[TAPI_CARD_LINES];
};

/**
 * struct tapi_fh - one open file
 * @line: the line
 * @entry: in @line->fhs, under @line->ev_lock
 * @ring: its records, under @line->ev_lock
 * @wait: readers and pollers
 * @read_lock: one reader at a time
 * @writable: opened for writing, so it may claim
 */
struct tapi_fh {
	struct tapi_line *line;
	struct list_head entry;
	struct tapi_ring ring;
	wait_queue_head_t wait;
	struct mutex read_lock;		/* a record that cannot be copied goes back to its place */
	bool writable;
};

/**
 * struct tapi_claim - who controls a line; under line->lock
 * @uid: effective user of the claimer
 * @key: what the claimer chose
 * @linger_ms: what the claimer asked for
 * @timer: ends the linger
 * @work: puts the line in its safe state then
 */
struct tapi_claim {
	kuid_t uid;
	u8 key[16];
	u32 linger_ms;
	struct hrtimer timer;
	struct work_struct work;
};

/**
 * struct tapi_player - plays the line's sequence; under line->lock
 * @seq: the sequence
 * @tone: the tone of a tone sequence
 * @freq_mhz: the frequency of a ring sequence
 * @cookie: of the request
 * @due: when the next step is
 * @burst: when the present ring burst or break began
 * @answered: the telephone was picked up while it rang; set in any context
 * @timer: runs @work at @due
 * @work: performs steps
 */
struct tapi_player {
	struct tapi_seq seq;
	struct tapi_line_tone tone;
	u32 freq_mhz;
	u32 cookie;
	ktime_t due;
	ktime_t burst;
	bool answered;
	struct hrtimer timer;
	struct work_struct work;
};

/**
 * struct tapi_edges - what the driver's reports are made of; under line->ev_lock
 * @hook: classifier of the loop of a telephone
 * @ring: filter of ringing voltage
 * @ring_mhz: its frequency
 * @ring_ns: when the present burst began
 * @dtmf_ns: when the present digit began
 * @battery_ns: when the battery went
 * @timer: next decision that is due without an edge
 */
struct tapi_edges {
	struct tapi_hook hook;
	struct tapi_debounce ring;
	u32 ring_mhz;
	u64 ring_ns;
	u64 dtmf_ns;
	u64 battery_ns;
	struct hrtimer timer;
};

/*
 * The first group is for everybody; claim, player, edges and params belong to
 * claim.c, control.c, report.c and params.c.
 */
struct tapi_line {
	struct tapi_card *card;
	unsigned int number;
	u32 type;
	u64 caps;
	char name[16];
	struct device dev;
	struct cdev cdev;

	struct mutex lock;		/* control path: claim, hook, sequencer, parameters */
	bool asleep;			/* under @lock: nothing reaches the driver */
	bool safe_due;			/* under @lock: to its safe state when it wakes */
	spinlock_t ev_lock;		/* @state, sequence, rings of all handles, edges, gone */
	struct tapi_line_state state;
	struct list_head fhs;
	struct tapi_fh *claimer;	/* written under both locks, read under either */
	bool gone;			/* under @ev_lock: no more records */
	u64 events;			/* under @ev_lock */
	u64 dropped;			/* under @ev_lock */
	ktime_t linger_end;		/* written under both locks */

	struct tapi_claim claim;
	struct tapi_player player;
	struct tapi_edges edges;
	struct tapi_param *params;
	unsigned int num_params;

	spinlock_t pass_lock;		/* who may use the sound: pass.c */
	struct list_head passes;
	int pass_state;			/* enum tapi_pass_state */
	struct delayed_work pass_work;	/* ends passes that were not renewed */

	struct tapi_relay_line *relay;	/* under the relay mutex */
};

/* core.c: enter and leave the driver; NULL when the card has gone (-ENODEV) */
const struct tapi_card_ops *tapi_ops_get(struct tapi_card *card, int *idx);
void tapi_ops_put(struct tapi_card *card, int idx);

/*
 * cdev.c: the line whose claiming file is @fd of the current process.
 * Returns it with a reference on its device (tapi_line_put()), or
 * ERR_PTR(-EBADF not an open file, -EINVAL not a line, -EPERM not the claimer,
 * -ENODEV gone).  @file_linger says whether the claim asked for a linger.
 */
struct tapi_line *tapi_line_from_claim_fd(int fd);
/* The claimer asked for a linger; lockless: may be called under locks inside line->lock */
bool tapi_line_claim_lingers(struct tapi_line *line);
struct tapi_line *tapi_line_find(unsigned int card, unsigned int number);
void tapi_line_put(struct tapi_line *line);
/* event.c: sets or clears TAPI_LINE_ST_BOUND and sends STATE to the openers */
void tapi_line_set_bound(struct tapi_line *line, bool bound);

/*
 * cdev.c: does the line have a claimer right now?  A caller that holds a lock
 * which tapi_relay_claim_gone() takes knows by this that the end of the claim
 * it saw before has not been missed.
 */
bool tapi_line_is_claimed(struct tapi_line *line);
extern const struct file_operations tapi_line_fops;

/* core.c */
void tapi_card_release(struct device *dev);
void tapi_line_release(struct device *dev);
void tapi_card_number_free(unsigned int number);
u32 tapi_line_snd_card(const struct tapi_line *line);	/* TAPI_LINE_NONE without sound */
extern struct workqueue_struct *tapi_wq;	/* sequencers and lingers; high priority */

/* report.c: records; @line->ev_lock held where the name says so */
void tapi_event_locked(struct tapi_line *line, struct tapi_line_event *ev);
void tapi_event_state_locked(struct tapi_line *line, u32 flags);
void tapi_event_open(struct tapi_line *line, struct tapi_fh *fh);
void tapi_event_close(struct tapi_line *line, struct tapi_fh *fh);
void tapi_event_complete(struct tapi_line *line, u32 cookie, int status, u32 done);
void tapi_event_hook(struct tapi_line *line, u32 hook, u32 cause);
void tapi_event_flash(struct tapi_line *line, u32 duration_ms);
void tapi_event_ring(struct tapi_line *line, bool on, u32 freq_mhz, u32 duration_ms);
void tapi_event_linefeed(struct tapi_line *line, u32 state, u32 polarity, u32 flags);
void tapi_event_gone(struct tapi_line *line);
void tapi_event_resumed(struct tapi_line *line);
void tapi_line_snapshot(struct tapi_line *line, struct tapi_fh *fh, struct tapi_line_state *state);
u64 tapi_line_event_types(const struct tapi_line *line);
void tapi_edges_init(struct tapi_line *line, const struct tapi_line_desc *desc);
void tapi_edges_suspend(struct tapi_line *line);
void tapi_edges_cancel(struct tapi_line *line);

/* claim.c; @line->lock held except for init and cancel */
int tapi_claim_take(struct tapi_fh *fh, const struct tapi_line_claim *claim);
void tapi_claim_end(struct tapi_fh *fh, u32 linger_ms);
void tapi_claim_gone(struct tapi_line *line);
void tapi_claim_init(struct tapi_line *line);
void tapi_claim_cancel(struct tapi_line *line);

/* control.c; @line->lock held except for init and cancel */
int tapi_control_hook(struct tapi_line *line, const struct tapi_line_hook *req);
int tapi_control_ring(struct tapi_line *line, const struct tapi_line_ring *req);
int tapi_control_tone(struct tapi_line *line, const struct tapi_line_tone *req);
int tapi_control_dial(struct tapi_line *line, const struct tapi_line_dial *req);
int tapi_control_linefeed(struct tapi_line *line, const struct tapi_line_linefeed *req);
int tapi_control_abort(struct tapi_line *line, u32 cookie);
int tapi_control_measure(struct tapi_line *line, struct tapi_line_measure *m);
void tapi_control_safe(struct tapi_line *line);
void tapi_control_suspend(struct tapi_line *line);
void tapi_control_resume(struct tapi_line *line);
void tapi_control_answered(struct tapi_line *line);	/* ev_lock held, or inside SRCU */
void tapi_control_init(struct tapi_line *line);
void tapi_control_cancel(struct tapi_line *line);

/* params.c; set with @line->lock held */
int tapi_params_init(struct tapi_line *line, const struct tapi_line_desc *desc);
void tapi_params_free(struct tapi_line *line);
bool tapi_params_of_driver(const struct tapi_line *line);
int tapi_param_query(struct tapi_line *line, struct tapi_line_param *req, bool next);
int tapi_param_check(struct tapi_line *line, u32 id, s64 value);
int tapi_param_get(struct tapi_line *line, u32 id, s64 *value);
int tapi_param_set(struct tapi_line *line, u32 id, s64 value);
s64 tapi_param_value(const struct tapi_line *line, u32 id, s64 def);

/* pm.c */
extern const struct dev_pm_ops tapi_card_pm_ops;

/* sysfs.c */
extern const struct device_type tapi_card_type;
extern const struct device_type tapi_line_type;

/* relay.c, called by core.c and cdev.c; sleep */
int tapi_relay_init(void);
void tapi_relay_exit(void);
int tapi_relay_line_add(struct tapi_line *line);	/* at register, before the node appears */
void tapi_relay_line_del(struct tapi_line *line);	/* at unregister: gone-notices, DEL_LINE */
/*
 * The claim of the line ended.  @linger_ms > 0: the file closed or died and
 * the line keeps its state for that long (the provider is orphaned);
 * 0: it was released, or the linger is over (the provider is unbound).
 */
void tapi_relay_claim_gone(struct tapi_line *line, u32 linger_ms);

#define tapi_dev_line(d)	container_of(d, struct tapi_line, dev)
#define tapi_dev_card(d)	container_of(d, struct tapi_card, dev)

/* pcm.c, called by core.c; sleep */
int tapi_pcm_register(struct tapi_card *card);		/* snd and pcm; after device_add() */
void tapi_pcm_stop(struct tapi_card *card);		/* for good; the first step of unregister */
void tapi_pcm_suspend(struct tapi_card *card);
void tapi_pcm_resume(struct tapi_card *card);
void tapi_pcm_disconnect(struct tapi_card *card);	/* ops are already NULL */
bool tapi_pcm_in_use(struct tapi_card *card);		/* a stream is open */
void tapi_pcm_free(struct tapi_card *card);		/* from the release of card->dev */
void tapi_mixer_changed(struct tapi_line *line, u32 id);
void tapi_pcm_stats(struct tapi_line *line, struct tapi_line_stats *stats);

/* pass.c, called by relay.c and pcm.c */
enum tapi_pass_state {
	TAPI_PASS_FREE,		/* no provider: the file mode decides */
	TAPI_PASS_BOUND,	/* pass holders only */
	TAPI_PASS_ORPHANED,	/* provider died with a linger: passes from before */
	TAPI_PASS_GONE,
};

void tapi_pass_init(struct tapi_line *line);
/* The provider's process @tgid binds: strangers' streams are cut before this returns */
int tapi_pass_bind(struct tapi_line *line, struct pid *tgid);
void tapi_pass_orphan(struct tapi_line *line);
void tapi_pass_unbind(struct tapi_line *line);	/* all passes end, streams are cut, free again */
void tapi_pass_gone(struct tapi_line *line);
/* An instance of process @tgid came or went; counted */
int tapi_pass_add(struct tapi_line *line, struct pid *tgid);
void tapi_pass_del(struct tapi_line *line, struct pid *tgid);
/* 0, -EACCES or -ENODEV for the current process; atomic */
int tapi_pass_check(struct tapi_line *line);

#endif /* _TAPI_CORE_H */
