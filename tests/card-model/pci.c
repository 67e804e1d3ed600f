// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration space. PCI 2.2, as the chip: power management, but neither the INTx disable bit nor
 * the interrupt status bit that 2.3 brought.
 */
#include <string.h>

#include "model.h"

enum {
	COMMAND = 0x04,
	STATUS = 0x06,
	BAR0 = 0x10,
	BAR1 = 0x14,
	SUBSYSTEM = 0x2c,
	CAPABILITY = 0x34,
	INTERRUPT_LINE = 0x3c,
	INTERRUPT_PIN = 0x3d,
	PM = 0x40,
	PM_CONTROL = 0x44,
};

#define COMMAND_MASTER	    0x04
#define STATUS_MASTER_ABORT 0x20 /* in the upper byte */

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

void pci_init(struct card *card)
{
	uint8_t *config = card->pci.config, *writable = card->pci.writable;

	put16(config, 0xe159);
	put16(config + 2, 0x0001);
	put16(config + STATUS, 0x0290); /* medium timing, capabilities */
	put16(config + 0x0a, 0x0780); /* communication device, other */
	config[BAR0] = 1; /* I/O ports */
	put16(config + SUBSYSTEM, card->options.subvendor);
	put16(config + SUBSYSTEM + 2, card->options.subdevice);
	config[CAPABILITY] = PM;
	config[INTERRUPT_PIN] = 1;
	config[0x3e] = 1;
	config[0x3f] = 0x20;
	config[PM] = 1;
	put16(config + PM + 2, 0x0002);

	put16(writable + COMMAND, 0x0147);
	writable[0x0c] = writable[0x0d] = 0xff;
	memset(writable + BAR0 + 1, 0xff, 3);
	writable[BAR1 + 1] = 0xf0;
	memset(writable + BAR1 + 2, 0xff, 2);
	writable[INTERRUPT_LINE] = 0xff;
	writable[PM_CONTROL] = 0x03;
}

/** pci_reset() - what a bus reset does to configuration space */
void pci_reset(struct card *card)
{
	uint8_t *config = card->pci.config;

	config[COMMAND] = config[COMMAND + 1] = 0;
	config[STATUS + 1] = 0x02;
	memset(config + BAR0 + 1, 0, 3);
	memset(config + BAR1, 0, 4);
	config[INTERRUPT_LINE] = 0;
	config[PM_CONTROL] = 0;
}

bool pci_bus_master(const struct card *card)
{
	return card->pci.config[COMMAND] & COMMAND_MASTER;
}

void pci_set_master_abort(struct card *card)
{
	card->pci.config[STATUS + 1] |= STATUS_MASTER_ABORT;
}

/** pci_asleep() - in D3 only configuration space answers */
bool pci_asleep(const struct card *card)
{
	return (card->pci.config[PM_CONTROL] & 3) == 3;
}

uint32_t pci_read(struct card *card, uint32_t offset, unsigned int width)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < width && offset + i < PCI_CONFIG_SIZE; i++)
		value |= (uint32_t)card->pci.config[offset + i] << 8 * i;
	return value;
}

static void write_byte(struct card *card, uint32_t offset, uint8_t value)
{
	uint8_t *at = card->pci.config + offset, mask = card->pci.writable[offset];

	if (offset == STATUS + 1) {
		*at &= (uint8_t) ~(value & 0xf9);
		return;
	}
	*at = (uint8_t)((*at & ~mask) | (value & mask));
}

void pci_write(struct card *card, uint32_t offset, unsigned int width, uint32_t value)
{
	bool master = pci_bus_master(card), asleep = pci_asleep(card);

	for (unsigned int i = 0; i < width && offset + i < PCI_CONFIG_SIZE; i++)
		write_byte(card, offset + i, (uint8_t)(value >> 8 * i));
	if (master && !pci_bus_master(card) && dma_running(card))
		violation(card, "bus-master", "bus mastering switched off while DMA runs");
	if (!asleep && pci_asleep(card) && dma_running(card))
		violation(card, "power", "put to sleep while DMA runs");
	/* The way back from D3 is a reset of the chip; the system restores configuration space */
	if (asleep && !pci_asleep(card)) {
		tj_reset(card);
		pci_reset(card);
	}
}
