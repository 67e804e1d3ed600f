// SPDX-License-Identifier: GPL-2.0-or-later
/* What is common to the chips: the table of them, reset, access with its faults. */
#include <string.h>

#include "model.h"

static const struct chip_ops *const chips[] = {
	[CARD_EMPTY] = NULL,
	[CARD_SI3210] = &si3210_ops,
	[CARD_SI3215] = &si3215_ops,
	[CARD_SI3050] = &si3050_ops,
};

void module_init(struct card *card, unsigned int socket)
{
	struct module *module = &card->modules[socket];

	module->card = card;
	module->socket = socket;
	module->chip = chips[card->options.chips[socket]];
	module->si3215 = card->options.chips[socket] == CARD_SI3215;
	module->wire = &card->wires[socket];
	module->faults.stuck_and = 0xff;
}

/** module_reset() - the reset pin, or a chip that reset itself */
void module_reset(struct module *module)
{
	memset(module->regs, 0, sizeof(module->regs));
	memset(&module->slic, 0, sizeof(module->slic));
	memset(&module->daa, 0, sizeof(module->daa));
	module->serial = (struct serial){ 0 };
	module->pcm = (struct pcm){ 0 };
	module->heard = module->sent = 0;
	if (module->chip)
		module->chip->reset(module);
}

const char *module_name(const struct module *module)
{
	return module->chip ? module->chip->name : "empty";
}

/** module_read() - a register as the serial port gives it, with the faults of the way */
uint8_t module_read(struct module *module, uint8_t reg)
{
	uint8_t value = module->chip->read(module, reg);

	if (module->faults.flip) {
		module->faults.flip--;
		value ^= 0x04;
	}
	value = (value & module->faults.stuck_and) | module->faults.stuck_or;
	trace(module->card, TRACE_CHIP_READ, module->socket, reg, 1, value);
	return value;
}

void module_write(struct module *module, uint8_t reg, uint8_t value)
{
	trace(module->card, TRACE_CHIP_WRITE, module->socket, reg, 1, value);
	module->chip->write(module, reg, value);
}
