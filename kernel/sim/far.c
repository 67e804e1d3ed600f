// SPDX-License-Identifier: GPL-2.0-only
/*
 * Far sides: what plays the other end of a line without a cable, an exchange for an
 * FXO line, a telephone for an FXS line.  Scripts tell it what to do and when.
 *
 * A script's steps are counted from its start, so no error adds up.  The state of a
 * far side is that of its cable, and protected by the cable's lock.  Scripts are
 * started and stopped by one process at a time.
 */
#include <linux/slab.h>

#include "compat.h"
#include "sim.h"

/* @digit: pressed, 0: let go */
static void far_digit(struct sim_cable *cable, char digit)
{
	struct sim_far *far = cable->far;
	struct sim_end *end = &cable->end[!far->side];

	/* no current, no transmitter */
	if (digit && !sim_cable_loop(cable))
		return;
	if (far->sounds)
		sim_ear_digit(&end->ear, digit);
	else if (end->line && (digit || far->pressed))
		tapi_report_dtmf(end->line, digit ?: far->pressed, digit, ktime_get());
	far->pressed = digit;
}

static void far_act(struct sim_cable *cable, enum sim_act act, u32 value)
{
	switch (act) {
	case SIM_ACT_HOOK:
		cable->closed = value;
		if (value)
			cable->rings = false;
		break;
	case SIM_ACT_RING:
		cable->rings = value && !cable->closed;
		if (value)
			cable->ring_mhz = value;
		break;
	case SIM_ACT_BATTERY:
		cable->fed = value;
		break;
	case SIM_ACT_POLARITY:
		cable->reversed = value;
		break;
	default:
		far_digit(cable, value);
		break;
	}
	sim_cable_settle(cable);
}

static ktime_t player_due(const struct sim_player *player)
{
	return ktime_add_us(player->start, player->script->step[player->at].us);
}

/* Does what is due; false when that was all */
static bool player_run(struct sim_player *player, enum sim_act act)
{
	struct sim_script *script = player->script;

	lockdep_assert_held(&player->cable->lock);
	while (player->at < script->count && !ktime_before(ktime_get(), player_due(player)))
		far_act(player->cable, act, script->step[player->at++].value);
	if (player->at < script->count)
		return true;
	player->script = NULL;
	kfree(script);
	return false;
}

static enum hrtimer_restart player_timer(struct hrtimer *timer)
{
	struct sim_player *player = container_of(timer, struct sim_player, timer);
	enum hrtimer_restart again = HRTIMER_NORESTART;
	struct sim_cable *cable = player->cable;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	if (player->script && player_run(player, player - cable->far->player)) {
		hrtimer_set_expires(timer, player_due(player));
		again = HRTIMER_RESTART;
	}
	spin_unlock_irqrestore(&cable->lock, flags);
	return again;
}

/**
 * sim_far_play() - a far side is to do something
 * @cable: its cable
 * @act: what it is about
 * @script: what; the far side's from now on, unless this fails
 *
 * What is due at once has happened on return.
 *
 * Context: Process context; scripts of a cable are played and stopped one at a time.
 * Return: 0, -EBUSY while another script about the same is played.
 */
int sim_far_play(struct sim_cable *cable, enum sim_act act, struct sim_script *script)
{
	struct sim_player *player = &cable->far->player[act];
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&cable->lock, flags);
	if (player->script) {
		err = -EBUSY;
	} else {
		player->script = script;
		player->at = 0;
		player->start = ktime_get();
		if (player_run(player, act))
			hrtimer_start(&player->timer, player_due(player), HRTIMER_MODE_ABS_SOFT);
	}
	spin_unlock_irqrestore(&cable->lock, flags);
	return err;
}

/**
 * sim_far_stop() - a far side is to stop in the middle of a script
 * @cable: its cable
 * @act: what the script is about
 *
 * What it did last stays, but a digit ends.
 *
 * Context: Process context; scripts of a cable are played and stopped one at a time.
 */
void sim_far_stop(struct sim_cable *cable, enum sim_act act)
{
	struct sim_player *player = &cable->far->player[act];
	struct sim_script *script;
	unsigned long flags;

	hrtimer_cancel(&player->timer);
	spin_lock_irqsave(&cable->lock, flags);
	script = player->script;
	player->script = NULL;
	if (script && act == SIM_ACT_DTMF)
		far_digit(cable, 0);
	spin_unlock_irqrestore(&cable->lock, flags);
	kfree(script);
}

/**
 * sim_far_heard() - the line has dialled a digit
 * @far: the far side, its cable locked
 * @digit: the digit
 */
void sim_far_heard(struct sim_far *far, char digit)
{
	size_t len = strlen(far->heard);

	if (len == SIM_HEARD) {
		memmove(far->heard, far->heard + 1, SIM_HEARD - 1);
		len--;
	}
	far->heard[len] = digit;
	far->heard[len + 1] = '\0';
}

/**
 * sim_far_alloc() - make a far side
 * @cable: of this cable
 * @side: the end it plays
 *
 * Context: Process context.
 * Return: the far side, NULL without memory.
 */
struct sim_far *sim_far_alloc(struct sim_cable *cable, enum sim_side side)
{
	struct sim_far *far = kzalloc(sizeof(*far), GFP_KERNEL);
	unsigned int i;

	if (!far)
		return NULL;
	far->side = side;
	for (i = 0; i < SIM_ACTS; i++) {
		far->player[i].cable = cable;
		tapi_hrtimer_setup(&far->player[i].timer, player_timer, CLOCK_MONOTONIC,
				   HRTIMER_MODE_ABS_SOFT);
	}
	return far;
}

/**
 * sim_far_free() - the cable goes
 * @far: its far side
 *
 * Context: Process context.
 */
void sim_far_free(struct sim_far *far)
{
	unsigned int i;

	for (i = 0; i < SIM_ACTS; i++) {
		hrtimer_cancel(&far->player[i].timer);
		kfree(far->player[i].script);
	}
	kfree(far);
}
