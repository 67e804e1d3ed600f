// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The modules' serial port, bit by bit: AUX 2 is /CS, AUX 3 SCLK, AUX 4 SDI, AUX 5 SDO. The chips
 * take SDI at the rising clock and change SDO at the falling one. CS frames each byte; a frame that
 * is not a byte makes the chip begin with a new command.
 *
 * Times are judged by the least time the bus needs for the accesses between: that is what a driver
 * can rely on.
 */
#include "model.h"

#define CS   0x04
#define SCLK 0x08
#define SDI  0x10

#define BYTE_GAP_NS 220

void spi_reset(struct card *card)
{
	card->spi = (struct spi){ .pins = 0xff, .sdo = 1 };
}

static struct module *selected(struct card *card)
{
	int socket = cpld_socket(card);

	if (socket < 0 || !tj_out_of_reset(card) || card->faults.cpld_dead)
		return NULL;
	if (!card->modules[socket].chip || card->modules[socket].faults.dead)
		return NULL;
	return &card->modules[socket];
}

uint8_t spi_sdo(const struct card *card)
{
	return card->spi.sdo;
}

static void begin_byte(struct card *card, struct module *module)
{
	struct serial *serial;

	if (card->bus_ns - card->spi.deselected_ns < BYTE_GAP_NS)
		violation(card, "spi-gap", "CS high for %u ns between bytes, %u needed",
			  (unsigned int)(card->bus_ns - card->spi.deselected_ns), BYTE_GAP_NS);
	card->spi.bits = 0;
	if (!module)
		return;
	serial = &module->serial;
	if (serial->reading && !serial->ignored && serial->index == module->chip->bytes - 1)
		serial->out = module_read(module, serial->address);
}

static void end_byte(struct card *card, struct module *module)
{
	unsigned int bits = card->spi.bits;

	card->spi.sdo = 1;
	card->spi.deselected_ns = card->bus_ns;
	if (bits > 1 && bits != 8)
		violation(card, "spi-bits", "%u bits within CS", bits);
	if (bits != 8 && module)
		module->serial = (struct serial){ 0 };
}

static void first_byte(struct module *module, uint8_t byte)
{
	struct serial *serial = &module->serial;

	if (module->chip->bytes == 2) {
		serial->reading = byte & 0x80;
		serial->address = byte & 0x7f;
		return;
	}
	serial->ignored = (byte & ~0x40) != 0x20;
	serial->reading = byte & 0x40;
}

static void take_byte(struct module *module, uint8_t byte)
{
	struct serial *serial = &module->serial;
	unsigned int index = serial->index++;

	if (index == 0) {
		first_byte(module, byte);
	} else if (index < module->chip->bytes - 1) {
		serial->address = byte & 0x7f;
	} else {
		if (!serial->ignored && !serial->reading)
			module_write(module, serial->address, byte);
		*serial = (struct serial){ 0 };
	}
}

static void clock_rises(struct card *card, struct module *module, bool sdi)
{
	struct spi *spi = &card->spi;

	if (spi->unflushed)
		violation(card, "spi-flush",
			  "first bit before the socket's selection was read back");
	spi->unflushed = false;
	if (spi->bits < 0xff)
		spi->bits++;
	if (spi->bits > 8)
		return;
	spi->in = (uint8_t)(spi->in << 1 | sdi);
	if (spi->bits == 8 && module)
		take_byte(module, spi->in);
}

/* The next bit of an answer; what is read comes only in the last byte of a command */
static void present(struct card *card, struct module *module)
{
	struct serial *serial;

	card->spi.sdo = 1;
	if (!module || card->spi.bits >= 8)
		return;
	serial = &module->serial;
	if (serial->reading && !serial->ignored && serial->index == module->chip->bytes - 1)
		card->spi.sdo = serial->out >> (7 - card->spi.bits) & 1;
}

/** spi_pins() - the levels after a write to the aux port */
void spi_pins(struct card *card, uint8_t pins)
{
	uint8_t before = card->spi.pins, changed = pins ^ before;
	struct module *module = selected(card);

	card->spi.pins = pins;
	if (!tj_out_of_reset(card) || !(changed & (CS | SCLK | SDI)))
		return;
	if ((changed & CS) && (changed & SCLK) && !(pins & before & CS) && module)
		violation(card, "spi-edges", "CS and SCLK change together");
	if ((changed & CS) && !(pins & CS)) {
		begin_byte(card, module);
		if (!(pins & SCLK))
			present(card, module);
		return;
	}
	if (changed & CS) {
		end_byte(card, module);
		return;
	}
	if ((pins & CS) || !(changed & SCLK))
		return;
	if (pins & SCLK) {
		if (changed & SDI)
			violation(card, "spi-edges", "SDI changes with the rising clock");
		clock_rises(card, module, pins & SDI);
	} else {
		present(card, module);
	}
}
