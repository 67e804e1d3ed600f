// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sound over the cables: what each end hears, one step of a card's clock at a time.
 *
 * Most cables join two lines of one card and are in order: what one end plays is
 * copied to the other one's lane, and a line that does not play, or that nobody
 * listens to, costs nothing; on the way of some it is made louder or softer.  All else is
 * special: sound from another card, a far side that makes sound of its own, and cables
 * that something is wrong with.
 *
 * Called by the clock with its lock held, and by whoever changes an ear.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/slab.h>

#include "sim.h"

/* Changes of any ear's @special, of all cards together: each looks at its own after one */
static atomic_t ear_changes = ATOMIC_INIT(1);

/* ---- lanes */

static void copy_lane(u8 *rx, const u8 *tx, unsigned int stride, unsigned int n)
{
	/* 8 a round: the loop itself would cost as much as the copying */
	for (; n; n -= 8, rx += 8 * stride, tx += 8 * stride) {
		rx[0] = tx[0];
		rx[stride] = tx[stride];
		rx[2 * stride] = tx[2 * stride];
		rx[3 * stride] = tx[3 * stride];
		rx[4 * stride] = tx[4 * stride];
		rx[5 * stride] = tx[5 * stride];
		rx[6 * stride] = tx[6 * stride];
		rx[7 * stride] = tx[7 * stride];
	}
}

static void copy_lane2(u8 *rx, const u8 *tx, unsigned int stride, unsigned int n)
{
	for (; n; n--, rx += stride, tx += stride)
		*(u16 *)rx = *(const u16 *)tx;
}

static void take_lane(const struct sim_clock *clock, unsigned int line, u16 *codes)
{
	const u8 *tx = clock->tx + clock->pos * clock->stride + line * clock->width;
	unsigned int n;

	for (n = clock->grain; n; n--, tx += clock->stride)
		*codes++ = clock->width == 1 ? *tx : le16_to_cpup((const __le16 *)tx);
}

static void give_lane(const struct sim_clock *clock, unsigned int line, const u16 *codes)
{
	u8 *rx = clock->rx + clock->pos * clock->stride + line * clock->width;
	unsigned int n;

	for (n = clock->grain; n; n--, rx += clock->stride) {
		if (clock->width == 1)
			*rx = *codes++;
		else
			*(__le16 *)rx = cpu_to_le16(*codes++);
	}
}

static void fill(u16 *codes, unsigned int n, u16 code)
{
	while (n--)
		*codes++ = code;
}

/* All of the ring: a line hears silence from now on */
static void silence_lane(const struct sim_clock *clock, unsigned int line)
{
	u8 *rx = clock->rx + line * clock->width;
	unsigned int n;

	for (n = clock->frames; n; n--, rx += clock->stride)
		memset(rx, sim_silence(clock->law), clock->width);
}

static void carry_plain(const struct sim_clock *clock, unsigned int to, unsigned int from)
{
	unsigned int first = clock->pos * clock->stride;
	u8 *rx = clock->rx + first + to * clock->width;
	const u8 *tx = clock->tx + first + from * clock->width;

	if (clock->width == 1)
		copy_lane(rx, tx, clock->stride, clock->grain);
	else
		copy_lane2(rx, tx, clock->stride, clock->grain);
}

/* As carry_plain(), with the gains of both lines */
static void carry_gained(const struct sim_card *sim, unsigned int to)
{
	const struct sim_clock *clock = &sim->clock;
	unsigned int from = sim->line[to].source;
	u16 codes[SIM_STEP_MAX];

	take_lane(clock, from, codes);
	sim_gain_run(sim->line[from].tx_gain, clock->law, codes, clock->grain);
	sim_gain_run(sim->line[to].rx_gain, clock->law, codes, clock->grain);
	give_lane(clock, to, codes);
}

/* ---- cables */

static void cross(struct sim_card *sim, unsigned int n, bool plays, u16 *codes)
{
	const struct sim_clock *clock = &sim->clock;
	const struct sim_line *line = &sim->line[n];
	struct sim_crossing *out = &line->cable->crossing[!line->side];
	struct sim_crossing *in = &line->cable->crossing[line->side];

	if (plays) {
		take_lane(clock, n, codes);
		sim_gain_run(line->tx_gain, clock->law, codes, clock->grain);
	}
	spin_lock(&out->lock);
	sim_pipe_write(&out->pipe, ktime_to_ns(clock->due), plays ? codes : NULL, clock->grain);
	spin_unlock(&out->lock);
	spin_lock(&in->lock);
	sim_pipe_read(&in->pipe, clock->law, ktime_to_ns(clock->due), codes, clock->grain);
	spin_unlock(&in->lock);
}

static bool ear_oscillates(const struct sim_ear *ear)
{
	return ear->oscillators.step[0] || ear->oscillators.step[1];
}

static void carry_special(struct sim_card *sim, unsigned int n, u32 playing)
{
	const struct sim_clock *clock = &sim->clock;
	const struct sim_line *line = &sim->line[n];
	struct sim_ear *ear = line->ear;
	u16 codes[SIM_STEP_MAX];
	int source;

	spin_lock(&ear->lock);
	source = ear->loop ? (int)n : line->source;
	if (ear->across) {
		cross(sim, n, playing & BIT(n), codes);
	} else if (ear->digit.step[0]) {
		sim_tone_run(&ear->digit, clock->law, codes, clock->grain);
	} else if (ear->tones) {
		sim_tone_run(&ear->tone, clock->law, codes, clock->grain);
	} else if (source >= 0 && playing & BIT(source)) {
		take_lane(clock, source, codes);
		sim_gain_run(sim->line[source].tx_gain, clock->law, codes, clock->grain);
	} else {
		fill(codes, clock->grain, sim_silence(clock->law));
	}
	if (ear_oscillates(ear))
		sim_tone_add(&ear->oscillators, clock->law, codes, clock->grain);
	sim_path_run(&ear->path, codes, clock->grain);
	sim_gain_run(line->rx_gain, clock->law, codes, clock->grain);
	if (ear->muted)
		fill(codes, clock->grain, sim_silence(clock->law));
	spin_unlock(&ear->lock);
	give_lane(clock, n, codes);
}

/* Looks at all ears anew after one of them has changed */
static u32 specials(struct sim_card *sim)
{
	unsigned int changes = atomic_read(&ear_changes);
	unsigned int n;

	if (sim->ear_changes == changes)
		return sim->special;
	sim->ear_changes = changes;
	sim->special = 0;
	/* pairs with ear_settle() */
	smp_rmb();
	for (n = 0; n < sim->lines; n++)
		if (READ_ONCE(sim->line[n].ear->special))
			sim->special |= BIT(n);
	return sim->special;
}

/**
 * sim_carry() - the samples of one step go over all cables
 * @sim: the card, its clock locked
 * @active: which lines play, and which listen
 */
void sim_carry(struct sim_card *sim, const struct tapi_pcm_active *active)
{
	struct sim_clock *clock = &sim->clock;
	unsigned long special = specials(sim), playing = active->playing;
	unsigned long plain = 0, gained, ended;
	unsigned int n;

	for_each_set_bit(n, &playing, TAPI_CARD_LINES) {
		/* the line at the other end hears this one; nobody hears what nobody listens to */
		if (sim->line[n].source >= 0)
			plain |= BIT(sim->line[n].source) & active->listening & ~special;
	}
	ended = clock->filled & ~(plain | special);
	clock->filled = plain | special;
	gained = plain & sim->gained;
	plain &= ~gained;
	for_each_set_bit(n, &ended, TAPI_CARD_LINES)
		silence_lane(clock, n);
	for_each_set_bit(n, &plain, TAPI_CARD_LINES)
		carry_plain(clock, n, sim->line[n].source);
	for_each_set_bit(n, &gained, TAPI_CARD_LINES)
		carry_gained(sim, n);
	for_each_set_bit(n, &special, TAPI_CARD_LINES)
		carry_special(sim, n, playing);
}

/**
 * sim_ears_gain() - gains of lines have changed
 * @sim: the card, its clock locked
 */
void sim_ears_gain(struct sim_card *sim)
{
	unsigned int n;

	sim->gained = 0;
	for (n = 0; n < sim->lines; n++) {
		const struct sim_line *line = &sim->line[n];

		if (line->source >= 0 && (line->rx_gain != SIM_GAIN_ONE ||
					  sim->line[line->source].tx_gain != SIM_GAIN_ONE))
			sim->gained |= BIT(n);
	}
}

/**
 * sim_ears_start() - a card's clock starts
 * @sim: the card, its clock locked
 * @now: the time
 */
void sim_ears_start(struct sim_card *sim, ktime_t now)
{
	const struct sim_clock *clock = &sim->clock;
	unsigned int n;

	for (n = 0; n < sim->lines; n++) {
		struct sim_line *line = &sim->line[n];

		spin_lock(&line->ear->lock);
		sim_path_reset(&line->ear->path);
		if (line->ear->across) {
			struct sim_crossing *out = &line->cable->crossing[!line->side];
			struct sim_crossing *in = &line->cable->crossing[line->side];

			spin_lock(&out->lock);
			sim_pipe_start(&out->pipe, clock->law, clock->grain, clock->frame_ps,
				       ktime_to_ns(now));
			spin_unlock(&out->lock);
			spin_lock(&in->lock);
			in->pipe.synced = false;
			spin_unlock(&in->lock);
		}
		spin_unlock(&line->ear->lock);
	}
}

/**
 * sim_ears_stop() - a card's clock stops
 * @sim: the card, its clock locked
 */
void sim_ears_stop(struct sim_card *sim)
{
	unsigned int n;

	for (n = 0; n < sim->lines; n++) {
		struct sim_line *line = &sim->line[n];

		if (line->ear->across) {
			struct sim_crossing *out = &line->cable->crossing[!line->side];

			spin_lock(&out->lock);
			sim_pipe_stop(&out->pipe);
			spin_unlock(&out->lock);
		}
	}
}

/* ---- ears */

/**
 * sim_ear_init() - nothing is wrong
 * @ear: the ear, all zero
 * @across: it hears another card
 */
void sim_ear_init(struct sim_ear *ear, bool across)
{
	static const struct sim_sound perfect = {
		.noise_db = SIM_DB_OFF,
		.clip_db = SIM_DB_OFF,
	};

	spin_lock_init(&ear->lock);
	ear->across = across;
	ear->special = across;
	sim_path_set(&ear->path, &perfect);
}

static void ear_settle(struct sim_ear *ear)
{
	lockdep_assert_held(&ear->lock);
	WRITE_ONCE(ear->special, ear->across || ear->muted || ear->loop || ear->tones ||
		   ear->digit.step[0] || ear_oscillates(ear) || !sim_sound_perfect(&ear->path.set));
	/* pairs with specials() */
	smp_mb__before_atomic();
	atomic_inc(&ear_changes);
}

/**
 * sim_ear_prepare() - a card is made: room for its delay
 * @ear: the ear; no clock runs
 * @law: of the card's samples
 * @sound: what is wrong with them
 *
 * Context: Process context.
 * Return: 0, -ENOMEM.
 */
int sim_ear_prepare(struct sim_ear *ear, enum sim_law law, const struct sim_sound *sound)
{
	u16 *late = NULL;

	if (sound->delay_ms) {
		late = kcalloc(sound->delay_ms * SIM_FRAMES_MS, sizeof(*late), GFP_KERNEL);
		if (!late)
			return -ENOMEM;
	}
	kfree(ear->path.late);
	ear->path.late = late;
	ear->path.law = law;
	sim_ear_sound(ear, sound);
	return 0;
}

/**
 * sim_ear_free() - the cable goes
 * @ear: the ear
 */
void sim_ear_free(struct sim_ear *ear)
{
	kfree(ear->path.late);
}

/**
 * sim_ear_sound() - something else is wrong from now on
 * @ear: the ear
 * @sound: what; of the same delay as when the card was made
 */
void sim_ear_sound(struct sim_ear *ear, const struct sim_sound *sound)
{
	unsigned long flags;

	spin_lock_irqsave(&ear->lock, flags);
	sim_path_set(&ear->path, sound);
	ear_settle(ear);
	spin_unlock_irqrestore(&ear->lock, flags);
}

/**
 * sim_ear_mute() - nothing arrives
 * @ear: the ear
 * @muted: or does again
 */
void sim_ear_mute(struct sim_ear *ear, bool muted)
{
	unsigned long flags;

	spin_lock_irqsave(&ear->lock, flags);
	ear->muted = muted;
	ear_settle(ear);
	spin_unlock_irqrestore(&ear->lock, flags);
}

/**
 * sim_ear_audio() - what a far side makes it hear
 * @ear: the ear
 * @loop: what its own line says
 * @hz: a tone, 0 for none
 */
void sim_ear_audio(struct sim_ear *ear, bool loop, u32 hz)
{
	unsigned long flags;

	spin_lock_irqsave(&ear->lock, flags);
	ear->loop = loop;
	ear->tones = hz;
	sim_tone_set(&ear->tone, hz, 0);
	ear_settle(ear);
	spin_unlock_irqrestore(&ear->lock, flags);
}

/**
 * sim_ear_digit() - a far side presses a key, and it can be heard
 * @ear: the ear
 * @digit: the key, 0 when it is let go
 */
void sim_ear_digit(struct sim_ear *ear, char digit)
{
	unsigned long flags;

	spin_lock_irqsave(&ear->lock, flags);
	sim_tone_digit(&ear->digit, digit);
	ear_settle(ear);
	spin_unlock_irqrestore(&ear->lock, flags);
}

/**
 * sim_ear_oscillators() - the line at the other end makes a tone
 * @ear: the ear
 * @tone: of which frequencies and levels, NULL for none any more
 */
void sim_ear_oscillators(struct sim_ear *ear, const struct tapi_line_tone *tone)
{
	static const struct tapi_line_tone none;
	unsigned long flags;

	if (!tone)
		tone = &none;
	spin_lock_irqsave(&ear->lock, flags);
	sim_tone_levels(&ear->oscillators, tone->freq_mhz, tone->level_mdbm);
	ear_settle(ear);
	spin_unlock_irqrestore(&ear->lock, flags);
}
