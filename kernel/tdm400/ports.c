// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the core asks for, and which line is in which socket.
 *
 * Lines are numbered in the order of sockets, leaving out those without a working module; the
 * name of a line says the socket as it is printed on the bracket.
 */
#include <linux/err.h>

#include "maths.h"
#include "tdm400.h"

#define PORT_FXS_CAPS	(TAPI_LINE_CAP_RING | TAPI_LINE_CAP_LINEFEED | TAPI_LINE_CAP_POLARITY |	\
			 TAPI_LINE_CAP_OHT | TAPI_LINE_CAP_TONE | TAPI_LINE_CAP_DTMF_DIAL |	\
			 TAPI_LINE_CAP_MEASURE | TAPI_LINE_CAP_PCM)
#define PORT_FXO_CAPS	(TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_FLASH | TAPI_LINE_CAP_PULSE_DIAL |	\
			 TAPI_LINE_CAP_MEASURE | TAPI_LINE_CAP_PCM)
/* Level of each tone of a digit, thousandths of a dBm; the high one 2 dB louder */
#define PORT_DTMF_LOW_MDBM	-9000
#define PORT_DTMF_HIGH_MDBM	-7000
#define PORT_RING_MIN_MHZ	15000
#define PORT_RING_MAX_MHZ	70000

static const struct tapi_param_desc fxs_params[] = {
	{ TAPI_LINE_PARAM_RX_GAIN, 0, -35000, 6000, 100, 0, "rx gain mdB" },
	{ TAPI_LINE_PARAM_TX_GAIN, 0, -35000, 6000, 100, 0, "tx gain mdB" },
	{ TAPI_LINE_PARAM_IMPEDANCE, 0, 0, 7, 1, 0, "impedance" },
	{ TAPI_LINE_PARAM_LOOP_CURRENT, 0, 20000, 41000, 3000, 20000, "loop current uA" },
	{ TDM400_PARAM_RING_VOLTAGE, 0, 30000, 89000, 100, 65600, "ring voltage mV" },
	{ TDM400_PARAM_RING_FREQ, 0, PORT_RING_MIN_MHZ, PORT_RING_MAX_MHZ, 1, 20000,
	  "ring frequency mHz" },
	{ TDM400_PARAM_OHT_TIME, 0, 0, 60000, 1, 6000, "on-hook sound ms" },
};

static const struct tapi_param_desc fxo_params[] = {
	{ TAPI_LINE_PARAM_RX_GAIN, 0, -15000, 12000, 100, 0, "rx gain mdB" },
	{ TAPI_LINE_PARAM_TX_GAIN, 0, -15000, 12000, 100, 0, "tx gain mdB" },
	{ TAPI_LINE_PARAM_IMPEDANCE, 0, 0, 15, 1, 0, "impedance" },
	{ TAPI_LINE_PARAM_COUNTRY, 0, 0, TABLES_COUNTRY_MAX, 1, 0, "country" },
	{ TDM400_PARAM_HYBRID1, 0, -128, 127, 1, 0, "hybrid tap 1" },
	{ TDM400_PARAM_HYBRID1 + 1, 0, -128, 127, 1, 0, "hybrid tap 2" },
	{ TDM400_PARAM_HYBRID1 + 2, 0, -128, 127, 1, 0, "hybrid tap 3" },
	{ TDM400_PARAM_HYBRID1 + 3, 0, -128, 127, 1, 0, "hybrid tap 4" },
	{ TDM400_PARAM_HYBRID1 + 4, 0, -128, 127, 1, 0, "hybrid tap 5" },
	{ TDM400_PARAM_HYBRID1 + 5, 0, -128, 127, 1, 0, "hybrid tap 6" },
	{ TDM400_PARAM_HYBRID1 + 6, 0, -128, 127, 1, 0, "hybrid tap 7" },
	{ TDM400_PARAM_HYBRID1 + 7, 0, -128, 127, 1, 0, "hybrid tap 8" },
};

static struct tdm400_port *port_of(struct tapi_line *line)
{
	struct tdm400 *tdm = tdm400_of(tapi_line_card(line));
	unsigned int i;

	for (i = 0; i < TDM400_SOCKETS - 1; i++)
		if (tdm->port[i].line == line)
			break;
	return &tdm->port[i];
}

/* Locks a line's chip, whatever its condition */
static int port_lock_any(struct tdm400_port *p)
{
	mutex_lock(&p->lock);
	if (!READ_ONCE(p->tdm->gone))
		return 0;
	mutex_unlock(&p->lock);
	return -ENODEV;
}

/* Locks a line's chip; it may be busy with getting up again */
static int port_lock(struct tdm400_port *p)
{
	int ret = port_lock_any(p);

	if (ret || !p->down)
		return ret;
	mutex_unlock(&p->lock);
	return -EIO;
}

static int port_unlock(struct tdm400_port *p, int ret)
{
	/* what was asked for is watched from now on */
	WRITE_ONCE(p->due_ns, 0);
	mutex_unlock(&p->lock);
	tdm400_poll_kick(p->tdm);
	return ret == -EAGAIN || ret == -ETIMEDOUT ? -EIO : ret;
}

/*
 * A chip that gets up again is given the hook that was asked for last: going on hook is not
 * refused meanwhile, or it would seize the line for somebody who has long gone.
 */
static int port_set_hook(struct tapi_line *line, bool off)
{
	struct tdm400_port *p = port_of(line);
	int ret = off ? port_lock(p) : port_lock_any(p);

	if (ret)
		return ret;
	if (!p->down)
		return port_unlock(p, fxo_set_hook(p, off));
	p->fxo.off_hook = false;
	return port_unlock(p, 0);
}

static int port_set_linefeed(struct tapi_line *line, u32 state, u32 polarity)
{
	struct tdm400_port *p = port_of(line);
	int ret = port_lock(p);

	return ret ? ret : port_unlock(p, fxs_set_linefeed(p, state, polarity));
}

static int port_ring_on(struct tapi_line *line, u32 freq_mhz)
{
	struct tdm400_port *p = port_of(line);
	int ret;

	if (freq_mhz && (freq_mhz < PORT_RING_MIN_MHZ || freq_mhz > PORT_RING_MAX_MHZ))
		return -EINVAL;
	ret = port_lock(p);
	return ret ? ret : port_unlock(p, fxs_ring(p, freq_mhz));
}

static int port_ring_off(struct tapi_line *line)
{
	struct tdm400_port *p = port_of(line);
	int ret = port_lock(p);

	return ret ? ret : port_unlock(p, fxs_ring_stop(p));
}

static int port_tone_on(struct tapi_line *line, const struct tapi_line_tone *tone)
{
	struct tdm400_port *p = port_of(line);
	int ret = port_lock(p);

	return ret ? ret : port_unlock(p, fxs_tone(p, tone->freq_mhz, tone->level_mdbm));
}

static int port_tone_off(struct tapi_line *line)
{
	struct tdm400_port *p = port_of(line);
	int ret = port_lock(p);

	return ret ? ret : port_unlock(p, fxs_tone_stop(p));
}

static int port_dtmf_send(struct tapi_line *line, char digit, bool on)
{
	static const s32 level_mdbm[] = { PORT_DTMF_LOW_MDBM, PORT_DTMF_HIGH_MDBM };
	struct tdm400_port *p = port_of(line);
	u32 freq_mhz[2];
	int ret;

	if (!on)
		return port_tone_off(line);
	if (!tables_dtmf_tones(digit, freq_mhz))
		return -EINVAL;
	ret = port_lock(p);
	return ret ? ret : port_unlock(p, fxs_tone(p, freq_mhz, level_mdbm));
}

static int port_set_param(struct tapi_line *line, u32 id, s64 value)
{
	struct tdm400_port *p = port_of(line);
	int ret = port_lock(p);

	if (ret)
		return ret;
	if (p->kind == TDM400_FXS)
		ret = fxs_set_param(p, id, value);
	else
		ret = fxo_set_param(p, id, value);
	return port_unlock(p, ret);
}

/* A country brings its impedance with it: what the core keeps may be old */
static int port_get_param(struct tapi_line *line, u32 id, s64 *value)
{
	struct tdm400_port *p = port_of(line);

	if (p->kind == TDM400_FXO && id == TAPI_LINE_PARAM_IMPEDANCE)
		*value = p->fxo.impedance;
	return 0;
}

static int port_measure(struct tapi_line *line, struct tapi_line_measure *m)
{
	struct tdm400_port *p = port_of(line);
	int ret = port_lock(p);

	if (ret)
		return ret;
	ret = p->kind == TDM400_FXS ? fxs_measure(p, m) : fxo_measure(p, m);
	return port_unlock(p, ret);
}

static void port_get_stats(struct tapi_line *line, struct tapi_line_stats *s)
{
	struct tdm400_port *p = port_of(line);
	struct tdm400 *tdm = p->tdm;

	s->irqs = READ_ONCE(tdm->irqs);
	s->polls = READ_ONCE(p->polls);
	s->spi_xfers = READ_ONCE(p->spi_xfers);
	s->spi_errors = READ_ONCE(p->spi_errors);
	s->dma_resyncs = READ_ONCE(tdm->dma_resyncs);
	s->missed_periods = READ_ONCE(tdm->lost_irqs);
	s->power_alarms = READ_ONCE(p->power_alarms);
	s->chip_resets = READ_ONCE(p->chip_resets);
}

static void port_free(struct tapi_card *card)
{
	kfree(tdm400_of(card));
}

static const struct tapi_card_ops tdm400_ops = {
	.owner = THIS_MODULE,
	.set_hook = port_set_hook,
	.set_linefeed = port_set_linefeed,
	.ring_on = port_ring_on,
	.ring_off = port_ring_off,
	.tone_on = port_tone_on,
	.tone_off = port_tone_off,
	.dtmf_send = port_dtmf_send,
	.set_param = port_set_param,
	.get_param = port_get_param,
	.measure = port_measure,
	.get_stats = port_get_stats,
	.pcm_prepare = tdm400_pcm_prepare,
	.pcm_start = tdm400_pcm_start,
	.pcm_stop = tdm400_pcm_stop,
	.pcm_pos = tdm400_pcm_pos,
	.inject = tdm400_inject,
	.inject_help = tdm400_inject_help,
	.free = port_free,
};

static bool port_works(const struct tdm400_port *p)
{
	return p->kind != TDM400_EMPTY && !p->error;
}

/**
 * tdm400_lines() - how many lines the card will have
 * @tdm: the card, probed
 *
 * Return: their number.
 */
int tdm400_lines(const struct tdm400 *tdm)
{
	unsigned int i, n = 0;

	for (i = 0; i < TDM400_SOCKETS; i++)
		n += port_works(&tdm->port[i]);
	return n;
}

static int port_make_line(struct tdm400_port *p, struct tapi_card *card, unsigned int number)
{
	struct tapi_param_desc params[ARRAY_SIZE(fxo_params)];
	bool fxs = p->kind == TDM400_FXS;
	char name[16];
	struct tapi_line_desc desc = {
		.type = fxs ? TAPI_LINE_FXS : TAPI_LINE_FXO,
		.caps = fxs ? PORT_FXS_CAPS : PORT_FXO_CAPS,
		.name = name,
		.params = params,
	};
	int ret;

	snprintf(name, sizeof(name), "%s%u", fxs ? "phone" : "trunk", p->socket + 1);
	if (fxs) {
		memcpy(params, fxs_params, sizeof(fxs_params));
		desc.num_params = ARRAY_SIZE(fxs_params);
		params[4].def = p->fxs.ring_mv;
		if (!p->fxs.si3215)
			desc.caps |= TAPI_LINE_CAP_DTMF_DETECT;
		desc.off_hook = p->fxs.closed;
		desc.battery = true;
	} else {
		memcpy(params, fxo_params, sizeof(fxo_params));
		desc.num_params = ARRAY_SIZE(fxo_params);
		params[2].def = p->fxo.impedance;
		params[3].def = p->fxo.country;
		fxo_look(p);
		desc.battery = p->fxo.battery.level;
	}
	ret = tapi_line_init(card, number, &desc);
	if (!ret)
		p->line = tapi_card_line(card, number);
	return ret;
}

/**
 * tdm400_card_make() - make and register the core's card
 * @tdm: the card, probed; freed with the core's card once that was allocated
 *
 * Context: Process context.
 * Return: 0; what tapi_card_alloc() and tapi_card_register() say: tdm->card tells whether
 * @tdm belongs to a card that has to be put.
 */
int tdm400_card_make(struct tdm400 *tdm)
{
	char bus_info[32];
	const struct tapi_card_desc desc = {
		.driver = TDM400_NAME,
		.name = tdm->board,
		.bus_info = bus_info,
		.lines = tdm400_lines(tdm),
		.format = tdm400_alaw ? TAPI_PCM_A_LAW : TAPI_PCM_MU_LAW,
		.grain = tdm->half,
	};
	struct tapi_card *card;
	unsigned int i, n = 0;
	int ret = 0;

	snprintf(bus_info, sizeof(bus_info), "pci-%s", pci_name(tdm->pdev));
	card = tapi_card_alloc(&tdm->pdev->dev, &tdm400_ops, &desc, sizeof(tdm));
	if (IS_ERR(card))
		return PTR_ERR(card);
	*(struct tdm400 **)tapi_card_priv(card) = tdm;
	tdm->card = card;
	for (i = 0; i < TDM400_SOCKETS && !ret; i++)
		if (port_works(&tdm->port[i]))
			ret = port_make_line(&tdm->port[i], card, n++);
	return ret ? ret : tapi_card_register(card);
}
