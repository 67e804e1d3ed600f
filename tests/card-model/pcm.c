// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The PCM bus: 32 bit clocks a frame, most significant bit of the DMA word first. A module has the
 * bits its start registers name; bits that nobody drives are ones.
 */
#include "g711.h"
#include "model.h"

static unsigned int width_of(const struct pcm *pcm)
{
	return pcm->format == PCM_LINEAR && pcm->wide ? 16 : 8;
}

static int16_t expand(const struct pcm *pcm, uint32_t bits)
{
	if (pcm->format == PCM_ALAW)
		return g711_from_alaw((uint8_t)bits);
	if (pcm->format == PCM_MULAW)
		return g711_from_ulaw((uint8_t)bits);
	return (int16_t)(pcm->wide ? bits : bits << 8);
}

static uint32_t compress(const struct pcm *pcm, int16_t sample)
{
	if (pcm->format == PCM_ALAW)
		return g711_to_alaw(sample);
	if (pcm->format == PCM_MULAW)
		return g711_to_ulaw(sample);
	return pcm->wide ? (uint16_t)sample : (uint8_t)((uint16_t)sample >> 8);
}

/** pcm_hear() - the word of the host, each module takes its bits */
void pcm_hear(struct card *card, uint32_t word)
{
	for (unsigned int i = 0; i < CARD_SOCKETS; i++) {
		struct module *module = &card->modules[i];
		const struct pcm *pcm = &module->pcm;
		unsigned int width = width_of(pcm), start = pcm->receive;

		module->heard = 0;
		if (module->chip && pcm->enabled && start + width <= 32)
			module->heard =
				expand(pcm, word >> (32 - start - width) & ((1u << width) - 1));
	}
}

/** pcm_compose() - the word of the modules */
uint32_t pcm_compose(struct card *card)
{
	uint32_t word = 0xffffffff, driven = 0;

	for (unsigned int i = 0; i < CARD_SOCKETS; i++) {
		const struct module *module = &card->modules[i];
		const struct pcm *pcm = &module->pcm;
		unsigned int width = width_of(pcm), shift;
		uint32_t mask;

		if (!module->chip || !pcm->enabled || module->faults.dead ||
		    pcm->transmit + width > 32)
			continue;
		shift = 32 - pcm->transmit - width;
		mask = ((1u << width) - 1) << shift;
		if (driven & mask)
			violation(card, "pcm-slot", "module %u drives bits of another", i);
		driven |= mask;
		word &= ~mask | compress(pcm, module->sent) << shift;
	}
	return word;
}
