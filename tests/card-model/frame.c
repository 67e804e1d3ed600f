// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One frame of 125 us: the word of the host reaches the chips, the feeding ends drive the wires,
 * the others answer, the chips' word reaches the host. So sound over a wire between two sockets
 * comes back in the frame it was sent in.
 */
#include "model.h"

static void drive(struct card *card)
{
	for (unsigned int i = 0; i < CARD_SOCKETS; i++) {
		struct module *module = &card->modules[i];
		struct wire *wire = &card->wires[i];
		bool cut = wire->cut;

		*wire = (struct wire){ .cut = cut };
		if (module->chip && module->chip->feeds && tj_out_of_reset(card))
			module->chip->drive(module);
		exchange_drive(&card->exchanges[i], wire, card->frame);
	}
}

/* An FXO module may be at the wire of another socket, so all wires are driven first */
static void answer(struct card *card)
{
	for (unsigned int i = 0; i < CARD_SOCKETS; i++)
		phone_frame(&card->phones[i], &card->wires[i], card->frame);
	for (unsigned int i = 0; i < CARD_SOCKETS; i++) {
		struct module *module = &card->modules[i];

		if (module->chip && !module->chip->feeds && tj_out_of_reset(card)) {
			module->chip->drive(module);
			module->chip->sense(module);
		}
	}
	for (unsigned int i = 0; i < CARD_SOCKETS; i++) {
		struct module *module = &card->modules[i];

		if (module->chip && module->chip->feeds && tj_out_of_reset(card))
			module->chip->sense(module);
		exchange_sense(&card->exchanges[i], &card->wires[i], card->frame);
	}
}

void card_frame(struct card *card)
{
	card->frame++;
	pcm_hear(card, dma_fetch(card));
	drive(card);
	answer(card);
	dma_store(card, pcm_compose(card));
	tj_update_irq(card);
}
