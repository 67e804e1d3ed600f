// SPDX-License-Identifier: GPL-2.0-or-later
/* Si3050 with a Si3019 at the line: isolation link, hook, ring detector, line monitor, gains. */
#include <math.h>
#include <stdlib.h>

#include "model.h"

enum {
	DAA_CONTROL1 = 1,
	DAA_CONTROL2 = 2,
	DAA_INT_MASK = 3,
	DAA_INT_SOURCE = 4,
	DAA_HOOK = 5,
	DAA_POWER = 6,
	DAA_REVISION = 11,
	DAA_LINE_STATUS = 12,
	DAA_LINE_REVISION = 13,
	DAA_MUTE = 15,
	DAA_INTERNATIONAL1 = 16,
	DAA_INTERNATIONAL3 = 18,
	DAA_RING1 = 22,
	DAA_RING2 = 23,
	DAA_RING3 = 24,
	DAA_CURRENT = 28,
	DAA_VOLTAGE = 29,
	DAA_CONTROL5 = 31,
	DAA_PCM = 33,
	DAA_TX_START = 34,
	DAA_RX_START = 36,
	DAA_TX_GAIN = 38,
	DAA_RX_GAIN = 39,
	DAA_TX_GAIN_FINE = 40,
	DAA_RX_GAIN_FINE = 41,
};

#define HOOK_OFF       0x01
#define HOOK_RDT       0x04
#define HOOK_MONITOR   0x08
#define HOOK_RDTP      0x20
#define HOOK_RDTN      0x40
#define HOOK_READ_ONLY (HOOK_RDT | HOOK_RDTP | HOOK_RDTN)
#define INT_RING       0x80
#define INT_FRAME      0x20
#define INT_POLARITY   0x01
#define MUTE_TX	       0x80
#define MUTE_RX	       0x08
#define POWER_DOWN     0x10
#define VALIDATE       0x80

#define RESET_FRAMES	MS_FRAMES(80) /* 100 ms by the book; the host's clock is not the card's */
#define LINK_FRAMES	MS_FRAMES(50)
#define SHOT_FRAMES	MS_FRAMES(5000)
#define SYSTEM_REVISION 0x05
#define LINE_SI3019	0x30
#define LINE_REVISION	0x54

static void reset(struct module *module)
{
	module->regs[DAA_CONTROL2] = 0x03;
	module->regs[DAA_POWER] = POWER_DOWN;
	module->regs[DAA_CONTROL5] = 0x20;
	module->regs[DAA_RING1] = 0x96;
	module->regs[DAA_RING2] = 0x2d;
	module->regs[DAA_RING3] = 0x19;
}

static bool in_reset(const struct module *module)
{
	return module->card->frame < module->daa.reset_until;
}

/* --- registers */

static uint8_t read_hook(const struct module *module)
{
	const struct si3050 *daa = &module->daa;
	const struct wire *wire = module->wire;
	double threshold = M_SQRT2 * (module->regs[DAA_INTERNATIONAL1] & 1 ? 21.5 : 15);
	uint8_t value = module->regs[DAA_HOOK];

	if (!daa->link || daa->off_hook)
		return value;
	/* While ringing is validated the two bits show the validated signal */
	if ((module->regs[DAA_RING3] & VALIDATE) && !daa->ring_valid)
		return value;
	if (wire->ring_volts > threshold)
		value |= HOOK_RDTP;
	if (wire->ring_volts < -threshold)
		value |= HOOK_RDTN;
	if (module->card->frame < daa->ring_shot)
		value |= HOOK_RDT;
	return value;
}

static double line_volts(const struct module *module)
{
	const struct wire *wire = module->wire;

	if (wire->cut)
		return 0;
	if (wire->closed && wire->volts)
		return wire->volts < 0 ? -OFF_HOOK_VOLTS : OFF_HOOK_VOLTS;
	return wire->volts;
}

static double line_current(const struct module *module)
{
	const struct wire *wire = module->wire;

	return module->daa.off_hook && !wire->cut && fabs(wire->volts) > 1 ? wire->loop_ma : 0;
}

static uint8_t read_voltage(const struct module *module)
{
	double volts = line_volts(module);

	if (!module->daa.link || (fabs(volts) <= 3 && !(module->regs[DAA_CONTROL5] & 1)))
		return 0;
	return (uint8_t)(int8_t)lrint(volts);
}

static uint8_t read_reg(struct module *module, uint8_t reg)
{
	bool link = module->daa.link;

	if (in_reset(module)) {
		violation(module->card, "daa-reset",
			  "socket %u: register %u read within 100 ms of a reset", module->socket,
			  reg);
		return 0;
	}
	switch (reg) {
	case DAA_HOOK:
		return read_hook(module);
	case DAA_REVISION:
		return SYSTEM_REVISION | (link ? LINE_SI3019 : 0);
	case DAA_LINE_STATUS:
		return link ? 0x40 | (uint8_t)(line_current(module) / 3.3) : 0;
	case DAA_LINE_REVISION:
		return link ? LINE_REVISION : 0;
	case DAA_CURRENT:
		return link ? (uint8_t)(line_current(module) / 1.1) : 0;
	case DAA_VOLTAGE:
		return read_voltage(module);
	}
	return module->regs[reg];
}

static void write_hook(struct module *module, uint8_t value)
{
	struct si3050 *daa = &module->daa;
	uint8_t before = module->regs[DAA_HOOK];

	module->regs[DAA_HOOK] = value & (uint8_t)~HOOK_READ_ONLY;
	if (!((before ^ value) & HOOK_OFF))
		return;
	if ((value & HOOK_OFF) && !daa->link)
		violation(module->card, "daa-link", "socket %u: off hook without isolation link",
			  module->socket);
	/* The chip takes that long to be quiet again; the relay itself is fast */
	daa->hook_at = module->card->frame + MS_FRAMES(1);
	if (value & HOOK_OFF)
		daa->ring_shot = 0;
}

static void write_power(struct module *module, uint8_t value)
{
	struct si3050 *daa = &module->daa;
	bool down = value & POWER_DOWN;

	module->regs[DAA_POWER] = value;
	if (down) {
		if (daa->link)
			module->regs[DAA_INT_SOURCE] |= INT_FRAME;
		daa->link = daa->off_hook = false;
		daa->link_at = 0;
	} else if (!daa->link && !daa->link_at) {
		daa->link_at = module->card->frame + LINK_FRAMES;
	}
}

static void write_reg(struct module *module, uint8_t reg, uint8_t value)
{
	if (in_reset(module)) {
		violation(module->card, "daa-reset",
			  "socket %u: register %u written within 100 ms of a reset", module->socket,
			  reg);
		return;
	}
	switch (reg) {
	case DAA_CONTROL1:
		if (value & 0x80) {
			module_reset(module);
			module->daa.reset_until = module->card->frame + RESET_FRAMES;
			return;
		}
		break;
	case DAA_INT_SOURCE:
		module->regs[reg] &= value;
		return;
	case DAA_HOOK:
		write_hook(module, value);
		return;
	case DAA_POWER:
		write_power(module, value);
		return;
	case DAA_REVISION ... DAA_LINE_REVISION:
	case DAA_VOLTAGE:
		return;
	}
	module->regs[reg] = value;
}

/* --- the line */

static void run_link(struct module *module)
{
	struct si3050 *daa = &module->daa;

	if (daa->link_at && module->card->frame >= daa->link_at && !module->faults.no_link) {
		daa->link_at = 0;
		daa->link = true;
	}
	if (daa->hook_at && module->card->frame >= daa->hook_at) {
		daa->hook_at = 0;
		daa->off_hook = daa->link && (module->regs[DAA_HOOK] & HOOK_OFF);
	}
}

/* Validation: the frequency is within what the registers allow, for the confirmation time */
static bool frequency_valid(const struct module *module, double hz)
{
	unsigned int longest = module->regs[DAA_RING3] & 0x3f,
		     range = module->regs[DAA_RING1] & 0x3f;
	double half_ms = 500 / hz, shortest_ms = longest > range ? (longest - range) * 2.0 : 0;

	return half_ms <= longest * 2.0 && half_ms >= shortest_ms;
}

static unsigned int confirm_ms(const struct module *module)
{
	static const unsigned int times[] = { 100, 150, 200, 256, 384, 512, 640, 1024 };

	return times[module->regs[DAA_RING2] & 7];
}

static void detect_ring(struct module *module)
{
	struct si3050 *daa = &module->daa;
	const struct wire *wire = module->wire;
	double least = module->regs[DAA_INTERNATIONAL1] & 1 ? 21.5 : 15;
	bool validate = module->regs[DAA_RING3] & VALIDATE, rung;
	unsigned int timeout = (module->regs[DAA_RING2] >> 3 & 0x0f) * 128;

	rung = daa->link && !daa->off_hook && wire->ring_vrms >= least && !wire->cut &&
	       (!validate || frequency_valid(module, wire->ring_hz));
	if (rung) {
		if (!daa->ring_seen)
			daa->ring_begun = module->card->frame;
		daa->ring_seen = module->card->frame;
	} else if (daa->ring_seen &&
		   module->card->frame - daa->ring_seen > MS_FRAMES(timeout ? timeout : 128)) {
		daa->ring_seen = 0;
		daa->ring_valid = 0;
	}
	if (!rung || daa->ring_valid)
		return;
	if (validate && module->card->frame - daa->ring_begun < MS_FRAMES(confirm_ms(module)))
		return;
	daa->ring_valid = module->card->frame;
	daa->ring_shot = module->card->frame + SHOT_FRAMES;
	module->regs[DAA_INT_SOURCE] |= INT_RING;
}

static void detect_polarity(struct module *module)
{
	double volts = line_volts(module);
	bool negative = volts < 0;

	if (!module->daa.link || fabs(volts) <= 3 || negative == module->daa.negative)
		return;
	module->daa.negative = negative;
	module->regs[DAA_INT_SOURCE] |= INT_POLARITY;
}

/* Steps of 1 dB and 0.1 dB; bit 4 makes it an attenuation */
static double gain(const struct module *module, unsigned int coarse, unsigned int fine)
{
	double db = 0;

	if (module->regs[coarse] & 0x1f)
		db += (module->regs[coarse] & 0x10 ? -1 : 1) * (module->regs[coarse] & 0x0f);
	if (module->regs[fine] & 0x1f)
		db += (module->regs[fine] & 0x10 ? -0.1 : 0.1) * (module->regs[fine] & 0x0f);
	return db;
}

static int16_t amplify(int16_t sample, double db)
{
	double value;

	if (db == 0)
		return sample;
	value = sample * pow(10, db / 20);
	return (int16_t)lrint(fmax(INT16_MIN, fmin(INT16_MAX, value)));
}

static void get_pcm(struct module *module)
{
	static const uint8_t formats[] = { PCM_ALAW, PCM_MULAW, PCM_LINEAR, PCM_LINEAR };
	const uint8_t *regs = module->regs;

	module->pcm.enabled = regs[DAA_PCM] & 0x20;
	module->pcm.format = formats[regs[DAA_PCM] >> 3 & 3];
	module->pcm.wide = (regs[DAA_PCM] & 0x18) == 0x18;
	module->pcm.transmit = regs[DAA_TX_START] | (regs[DAA_TX_START + 1] & 3u) << 8;
	module->pcm.receive = regs[DAA_RX_START] | (regs[DAA_RX_START + 1] & 3u) << 8;
}

static void drive(struct module *module)
{
	struct wire *wire = module->wire;
	double db = gain(module, DAA_TX_GAIN, DAA_TX_GAIN_FINE);

	get_pcm(module);
	run_link(module);
	detect_ring(module);
	if (!module->daa.off_hook || wire->cut)
		return;
	wire->closed = true;
	if (!(module->regs[DAA_MUTE] & MUTE_TX))
		wire->up = mix(wire->up, amplify(module->heard, db));
}

static void sense(struct module *module)
{
	const struct wire *wire = module->wire;
	bool hears = module->daa.link && !wire->cut &&
		     (module->daa.off_hook || (module->regs[DAA_HOOK] & HOOK_MONITOR));

	detect_polarity(module);
	if (module->regs[DAA_PCM] & 0x80)
		module->sent = module->heard;
	else if (!hears || (module->regs[DAA_MUTE] & MUTE_RX))
		module->sent = 0;
	else
		module->sent = amplify(wire->down, gain(module, DAA_RX_GAIN, DAA_RX_GAIN_FINE));
}

static void dump(struct module *module, FILE *out)
{
	fprintf(out, "link %u\noff-hook %u\nvolts %.0f\nmilliamperes %.0f\nringing %u\n",
		module->daa.link, module->daa.off_hook, line_volts(module), line_current(module),
		module->daa.ring_valid != 0);
}

const struct chip_ops si3050_ops = {
	.name = "si3050",
	.feeds = false,
	.bytes = 3,
	.reset = reset,
	.read = read_reg,
	.write = write_reg,
	.drive = drive,
	.sense = sense,
	.dump = dump,
};
