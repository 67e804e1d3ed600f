// SPDX-License-Identifier: GPL-2.0-or-later
/* Si3210 and Si3215: registers, indirect registers, calibration. The line: si3210_line.c. */
#include <math.h>
#include <string.h>

#include "model.h"
#include "si3210.h"

#define REVISION	   5 /* E */
#define CALIBRATION_FRAMES MS_FRAMES(250)
#define DCDC_FRAMES	   MS_FRAMES(20)
#define SETTLE_FRAMES	   MS_FRAMES(20)
#define TRIM_ZERO	   0x0c /* Q5 and Q6 stop conducting at and below */

static const struct {
	uint8_t reg, value;
} defaults[] = {
	{ SLIC_REVISION, REVISION },
	{ SLIC_PCM, 0x08 },
	{ SLIC_LOOPBACK, 0x02 },
	{ SLIC_IMPEDANCE, 0x08 },
	{ SLIC_HYBRID, 0x33 },
	{ SLIC_POWER1, 0x10 },
	{ SLIC_LOOP, LOOP_RAW },
	{ SLIC_PAUSE_DEBOUNCE, 0x54 },
	{ 65, 0x61 },
	{ 66, 0x03 },
	{ SLIC_AUTO, 0x1f },
	{ SLIC_LOOP_DEBOUNCE, 0x0a },
	{ SLIC_TRIP_DEBOUNCE, 0x0a },
	{ SLIC_ON_HOOK_VOLTS, 0x20 },
	{ SLIC_COMMON_VOLTS, 0x02 },
	{ SLIC_BATTERY_HIGH, 0x32 },
	{ 75, 0x10 },
	{ SLIC_DCDC, 0x14 },
	{ SLIC_CAL1, 0x1f },
	{ SLIC_CAL2, 0x1f },
	{ SLIC_TRIM, 0x10 },
	{ 99, 0x10 },
	{ 100, 0x11 },
	{ 101, 0x11 },
	{ 102, 0x08 },
	{ 103, 0x88 },
	{ 106, 0x20 },
	{ SLIC_TRIM_END, 0x08 },
	{ SLIC_ENHANCE, 0x63 },
};

static void reset(struct module *module)
{
	for (unsigned int i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		module->regs[defaults[i].reg] = defaults[i].value;
	if (module->si3215)
		module->regs[SLIC_PCM] |= 0x80;
}

/* --- indirect registers */

/* Number in the Si3210, which the rest of this file uses; -1 = there is none */
static int indirect_number(const struct module *module, uint8_t address)
{
	if (!module->si3215)
		return address < 128 ? address : -1;
	if (address <= 27)
		return address + 13;
	switch (address) {
	case 64:
		return 41;
	case 66:
		return 43;
	case 69 ... 74:
		return address + 30;
	}
	return address >= 96 && address < 98 ? address : -1;
}

static void finish_indirect(struct module *module)
{
	struct si3210 *slic = &module->slic;
	int number = indirect_number(module, slic->pending_address);

	slic->pending = 0;
	if (number < 0) {
		violation(module->card, "indirect", "socket %u has no indirect register %u",
			  module->socket, slic->pending_address);
		return;
	}
	if (slic->pending_write) {
		slic->indirect[number] =
			(uint16_t)(module->regs[SLIC_DATA_LOW] | module->regs[SLIC_DATA_HIGH] << 8);
		slic->known[number] = true;
		return;
	}
	module->regs[SLIC_DATA_LOW] = (uint8_t)slic->indirect[number];
	module->regs[SLIC_DATA_HIGH] = (uint8_t)(slic->indirect[number] >> 8);
}

/* Served 16000 times a second: only commands within the same frame can come too early */
static void touch_indirect(struct module *module, uint8_t reg)
{
	if (!module->slic.pending || reg == SLIC_PENDING)
		return;
	if (reg >= SLIC_DATA_LOW && reg <= SLIC_ADDRESS)
		violation(module->card, "indirect",
			  "socket %u: register %u while an indirect access is pending",
			  module->socket, reg);
	else
		finish_indirect(module);
}

static uint8_t read_pending(struct module *module)
{
	if (!module->slic.pending)
		return 0;
	if (--module->slic.pending)
		return 1;
	finish_indirect(module);
	return 0;
}

/* Data written before the address makes it a write */
static void start_indirect(struct module *module, uint8_t address)
{
	struct si3210 *slic = &module->slic;

	slic->pending_write = slic->data_loaded;
	slic->data_loaded = false;
	slic->pending_address = address;
	slic->pending = 2;
}

/* --- calibration */

static void start_calibration(struct module *module)
{
	struct si3210 *slic = &module->slic;

	slic->calibrating96 = module->regs[SLIC_CAL1];
	slic->calibrating97 = module->regs[SLIC_CAL2];
	slic->calibrated_at = module->card->frame + CALIBRATION_FRAMES;
	if (slic->battery < LEAST_FEED_VOLTS)
		violation(module->card, "calibration", "socket %u: without battery",
			  module->socket);
	if (module->regs[21] || module->regs[22] || module->regs[23])
		violation(module->card, "calibration", "socket %u: interrupts are enabled",
			  module->socket);
}

static bool calibration_succeeds(const struct module *module)
{
	const struct si3210 *slic = &module->slic;

	if (slic->battery < LEAST_FEED_VOLTS || module->faults.calibration == CALIBRATION_BAD)
		return false;
	if ((slic->calibrating96 & 0x18) && module->faults.calibration != CALIBRATION_GOOD)
		return false;
	return !(slic->calibrating97 & 0x01) || (module->regs[SLIC_LOOP] & LOOP_RAW);
}

/* Not finished is not given up: the chip stays busy */
static void run_calibration(struct module *module)
{
	struct si3210 *slic = &module->slic;
	uint64_t now = module->card->frame;

	if (slic->calibrated_at && now >= slic->calibrated_at && calibration_succeeds(module)) {
		slic->calibrated_at = 0;
		slic->calibrated = true;
		module->regs[SLIC_CAL1] = module->regs[SLIC_CAL2] = 0;
		if (slic->calibrating96 & 0x10)
			module->regs[SLIC_TRIM] = 0x0a;
		if (slic->calibrating96 & 0x08)
			module->regs[SLIC_TRIM + 1] = 0x0b;
	}
	if (slic->dcdc_at && now >= slic->dcdc_at && slic->battery >= LEAST_FEED_VOLTS) {
		slic->dcdc_at = 0;
		module->regs[SLIC_DCDC] &= 0x7f;
		module->regs[SLIC_TRIM_END] = 0x07;
	}
}

/* A current while the trim is above what it should be, for a while also after it was right */
static uint8_t trim_current(const struct module *module, unsigned int index)
{
	uint64_t since = module->card->frame - module->slic.trim_at[index];

	return module->regs[SLIC_TRIM + index] > TRIM_ZERO || since < SETTLE_FRAMES ? 3 : 0;
}

/* Values of an earlier calibration, all of them, are as good as one */
static void write_trim(struct module *module, uint8_t reg, uint8_t value)
{
	struct si3210 *slic = &module->slic;

	module->regs[reg] = value;
	slic->restored |= (uint16_t)(1u << (reg - SLIC_TRIM));
	if (slic->restored == 0x3ff)
		slic->calibrated = true;
	if (reg <= SLIC_TRIM + 1)
		slic->trim_at[reg - SLIC_TRIM] = module->card->frame;
}

/* --- registers */

static uint8_t dtmf_code(char digit)
{
	static const char order[] = "D1234567890*#ABC";

	for (uint8_t i = 0; i < 16; i++)
		if (order[i] == digit)
			return i;
	return 0;
}

static uint8_t read_voltage(const struct module *module, uint8_t reg)
{
	const struct wire *wire = module->wire;
	double common = 1.5 * module->regs[SLIC_COMMON_VOLTS], volts = fabs(wire->volts);
	double current = si3210_loop_current(module);

	if (current > 0)
		volts = current * 0.3;
	switch (reg) {
	case SLIC_LOOP_VOLTS:
		return (uint8_t)(volts / 1.5) | (wire->volts < 0 ? 0x40 : 0);
	case SLIC_LOOP_CURRENT:
		return (uint8_t)(current / 1.25) | (wire->volts < 0 ? 0x40 : 0);
	case SLIC_TIP:
		return (uint8_t)((wire->volts < 0 ? common + volts : common) / 0.376);
	case SLIC_RING:
		return (uint8_t)((wire->volts < 0 ? common : common + volts) / 0.376);
	}
	return (uint8_t)lrint(module->slic.battery / 0.376);
}

static uint8_t read_dtmf(const struct module *module)
{
	const struct si3210 *slic = &module->slic;

	if (module->si3215)
		return 0;
	return (slic->dtmf.now ? 0x10 : 0) | dtmf_code(slic->digit);
}

static uint8_t read_reg(struct module *module, uint8_t reg)
{
	struct si3210 *slic = &module->slic;

	touch_indirect(module, reg);
	switch (reg) {
	case SLIC_DTMF:
		return read_dtmf(module);
	case SLIC_PENDING:
		return read_pending(module);
	case SLIC_OSC1:
	case SLIC_OSC1 + 1:
		return module->regs[reg] | (slic->osc[reg - SLIC_OSC1].on ? 0x80 : 0);
	case SLIC_RING_OSC:
		return module->regs[reg] | (module->wire->ring_vrms > 0 ? 0xa0 : 0) |
		       ((module->regs[SLIC_LINEFEED] & 7) == FEED_RINGING ? 0x04 : 0);
	case SLIC_LINEFEED:
		return (uint8_t)(module->regs[reg] | si3210_shadow(module) << 4);
	case SLIC_LOOP_VOLTS ... SLIC_BATTERY + 1:
		return read_voltage(module, reg);
	case SLIC_Q5:
	case SLIC_Q6:
		return trim_current(module, reg - SLIC_Q5);
	case SLIC_POWER:
		return slic->battery > LEAST_FEED_VOLTS ? 5 : 0;
	}
	return module->regs[reg];
}

static void write_dcdc(struct module *module, uint8_t value)
{
	module->regs[SLIC_DCDC] = value;
	module->slic.dcdc_at = value & 0x80 ? module->card->frame + DCDC_FRAMES : 0;
}

static void write_power(struct module *module, uint8_t value)
{
	bool starts = (module->regs[SLIC_POWER1] & ~value) & POWER1_DCDC_OFF;

	module->regs[SLIC_POWER1] = value;
	if (starts && !module->regs[SLIC_PWM])
		violation(module->card, "dcdc", "socket %u: converter on before its period is set",
			  module->socket);
}

static void write_reg(struct module *module, uint8_t reg, uint8_t value)
{
	touch_indirect(module, reg);
	switch (reg) {
	case SLIC_REVISION:
	case SLIC_DTMF:
	case SLIC_PENDING:
	case SLIC_LOOP:
	case SLIC_POWER ... 91:
		return;
	case SLIC_PCM:
		module->regs[reg] = (value & 0x7f) | (module->si3215 ? 0x80 : 0);
		return;
	case SLIC_STATUS1 ... SLIC_STATUS3:
		module->regs[reg] &= (uint8_t)~value;
		return;
	case SLIC_DATA_LOW:
	case SLIC_DATA_HIGH:
		module->slic.data_loaded = true;
		break;
	case SLIC_ADDRESS:
		start_indirect(module, value);
		break;
	case SLIC_LINEFEED:
		si3210_set_linefeed(module, value & 7);
		return;
	case SLIC_POWER1:
		write_power(module, value);
		return;
	case SLIC_DCDC:
		write_dcdc(module, value);
		return;
	case SLIC_CAL1:
		module->regs[reg] = value;
		if (value & 0x40)
			start_calibration(module);
		return;
	case SLIC_TRIM ... SLIC_TRIM_END:
		write_trim(module, reg, value);
		return;
	}
	module->regs[reg] = value;
}

static void drive(struct module *module)
{
	if (module->slic.pending)
		finish_indirect(module);
	run_calibration(module);
	si3210_drive(module);
}

static void dump(struct module *module, FILE *out)
{
	const struct si3210 *slic = &module->slic;

	fprintf(out, "battery %.1f\nlinefeed %u\nshadow %u\ncalibrated %u\n", slic->battery,
		module->regs[SLIC_LINEFEED], si3210_shadow(module), slic->calibrated);
	for (unsigned int i = 0; i < 128; i++)
		if (slic->known[i])
			fprintf(out, "indirect %u %04x\n", i, slic->indirect[i]);
}

/* They differ in what module->si3215 says. */
#define SLIC_OPS(chip)	{	\
	.name = chip,		\
	.feeds = true,		\
	.bytes = 2,		\
	.reset = reset,		\
	.read = read_reg,	\
	.write = write_reg,	\
	.drive = drive,		\
	.sense = si3210_sense,	\
	.dump = dump,		\
}

const struct chip_ops si3210_ops = SLIC_OPS("si3210");
const struct chip_ops si3215_ops = SLIC_OPS("si3215");
