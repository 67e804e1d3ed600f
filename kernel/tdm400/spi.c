// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access to the modules' chips over the aux port, bit by bit.
 *
 * Always in process context with interrupts on: an access takes some 10 us, and in a virtual
 * machine a hundred times as long.  One access at a time, under tdm400.spi_lock.
 */
#include "spi_code.h"
#include "tdm400.h"

/*
 * A chip wants 220 ns between two bytes.  Levels are posted writes, of 60 ns each on the bus; a
 * read waits for them, and takes that long on its own way there and back: one access instead of
 * three writes.
 */
static void spi_gap(struct tdm400 *tdm)
{
	if (tdm->gap)
		tj_read(tdm, TJ_AUXR);
	tdm->gap = false;
}

static void spi_select(struct tdm400 *tdm, unsigned int socket)
{
	if (tdm->selected == socket)
		return;
	tj_write(tdm, TJ_PIB(CPLD_CS), BIT(socket));
	tdm->selected = socket;
	/* the write is posted, and on its way takes longer than the serial port */
	tj_read(tdm, TJ_AUXR);
	tdm->gap = false;
}

/* Bits of the answer that nobody wants are clocked, but not read: those reads are what waits */
static u8 spi_byte(struct tdm400 *tdm, u8 byte, u8 want)
{
	u8 level[SPI_LEVELS];
	unsigned int i;
	u8 in = 0;

	spi_code_byte(byte, level);
	spi_gap(tdm);
	for (i = 0; i < SPI_LEVELS; i++) {
		u8 bit = spi_code_sample(i) & want;

		tj_write(tdm, TJ_AUXD, level[i]);
		if (bit && (tj_read(tdm, TJ_AUXR) & SPI_SDO))
			in |= bit;
	}
	tdm->gap = true;
	return in;
}

static int spi_access(struct tdm400_port *p, u8 reg, u8 want, u8 value)
{
	struct tdm400 *tdm = p->tdm;
	struct spi_access a;
	unsigned int i;
	u8 in = 0;

	spi_code_access(&a, p->kind == TDM400_FXO, reg, want, value);
	mutex_lock(&tdm->spi_lock);
	if (!tdm400_usable(tdm)) {
		mutex_unlock(&tdm->spi_lock);
		return -EIO;
	}
	spi_select(tdm, p->socket);
	for (i = 0; i < a.num; i++)
		in = spi_byte(tdm, a.byte[i], i == a.num - 1 ? want : 0);
	p->spi_xfers++;
	mutex_unlock(&tdm->spi_lock);
	return in;
}

/**
 * tdm400_read_bits() - read some bits of a register of a chip
 * @p: its socket
 * @reg: the register
 * @want: the bits, at least one; each costs a read on the bus
 *
 * Context: Process context, may sleep.
 * Return: the value, other bits 0; -EIO the card is asleep; -ENODEV it has gone.
 */
int tdm400_read_bits(struct tdm400_port *p, u8 reg, u8 want)
{
	struct tdm400 *tdm = p->tdm;
	int value = spi_access(p, reg, want, 0);

	if (value < 0)
		return READ_ONCE(tdm->gone) ? -ENODEV : value;
	/* a chip may say so, a card that was pulled always does */
	if (value == want && tj_read32(tdm, TJ_RX_START) == ~0U) {
		tdm400_has_gone(tdm);
		if (READ_ONCE(tdm->gone))
			return -ENODEV;
	}
	return tdm400_inject_read(tdm, value) & want;
}

/**
 * tdm400_read() - read a register of a chip
 * @p: its socket
 * @reg: the register
 *
 * Context: Process context, may sleep.
 * Return: as tdm400_read_bits().
 */
int tdm400_read(struct tdm400_port *p, u8 reg)
{
	return tdm400_read_bits(p, reg, 0xff);
}

/**
 * tdm400_read_twice() - read a register until it says the same twice
 * @p: its socket
 * @reg: the register
 *
 * For what leads to a decision that cannot be taken back: a disturbed bit is no handset.
 *
 * Context: Process context, may sleep.
 * Return: the value; -EAGAIN it does not stay the same; what tdm400_read() says.
 */
int tdm400_read_twice(struct tdm400_port *p, u8 reg)
{
	int value = tdm400_read(p, reg);
	unsigned int i;

	for (i = 0; i < 3 && value >= 0; i++) {
		int again = tdm400_read(p, reg);

		if (again == value || again < 0)
			return again;
		p->spi_errors++;
		value = again;
	}
	return value < 0 ? value : -EAGAIN;
}

/**
 * tdm400_write() - write a register of a chip
 * @p: its socket
 * @reg: the register
 * @value: its value
 *
 * Context: Process context, may sleep.
 * Return: 0; -EIO the card is asleep; -ENODEV it has gone.
 */
int tdm400_write(struct tdm400_port *p, u8 reg, u8 value)
{
	int ret = spi_access(p, reg, 0, value);

	if (ret < 0)
		return READ_ONCE(p->tdm->gone) ? -ENODEV : ret;
	return 0;
}

/**
 * tdm400_write_table() - write some registers of a chip
 * @p: its socket
 * @table: registers and values
 * @num: their number
 *
 * Context: Process context, may sleep.
 * Return: as tdm400_write().
 */
int tdm400_write_table(struct tdm400_port *p, const u8 table[][2], unsigned int num)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < num && !ret; i++)
		ret = tdm400_write(p, table[i][0], table[i][1]);
	return ret;
}

/**
 * tdm400_spi_resync() - bring a chip back to the first bit of a command
 * @p: its socket
 *
 * What was sent to find a chip of the other kind may have left it in the middle of one.
 *
 * Context: Process context, may sleep.
 */
void tdm400_spi_resync(struct tdm400_port *p)
{
	struct tdm400 *tdm = p->tdm;
	unsigned int pulse, i;

	mutex_lock(&tdm->spi_lock);
	spi_select(tdm, p->socket);
	spi_gap(tdm);
	for (pulse = 0; pulse < 2; pulse++) {
		tj_write(tdm, TJ_AUXD, SPI_SCLK | SPI_SDI);
		tj_write(tdm, TJ_AUXD, SPI_IDLE);
		for (i = 0; i < SPI_RESYNC_CLOCKS; i++) {
			tj_write(tdm, TJ_AUXD, SPI_IDLE & ~SPI_SCLK);
			tj_write(tdm, TJ_AUXD, SPI_IDLE);
		}
	}
	mutex_unlock(&tdm->spi_lock);
}
