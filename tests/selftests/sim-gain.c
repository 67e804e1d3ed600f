/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gains of simulated lines, measured at the other end of their cables, and what the meters of
 * both ends read. In virtual time.
 *
 * Card "flat" has linear samples: an FXO line 0 on a cable to line 1, an FXO line 2 with a far
 * side. Line 0 of "mu" is on a cable to line 1, line 2 on one to line 0 of "away", with A-law.
 */
#include "sim-sound.h"

#define LENGTH		RATE
/* Of what is said: 1 kHz at this level, dBm0 */
#define SAID_DB		(-10)

struct stop {
	const char *card;
	unsigned int line;
	snd_pcm_format_t format;
};

static const struct stop flat0 = { "flat", 0, SND_PCM_FORMAT_S16_LE };
static const struct stop flat1 = { "flat", 1, SND_PCM_FORMAT_S16_LE };
static const struct stop flat2 = { "flat", 2, SND_PCM_FORMAT_S16_LE };
static const struct stop mu0 = { "mu", 0, SND_PCM_FORMAT_MU_LAW };
static const struct stop mu1 = { "mu", 1, SND_PCM_FORMAT_MU_LAW };
static const struct stop mu2 = { "mu", 2, SND_PCM_FORMAT_MU_LAW };
static const struct stop away = { "away", 0, SND_PCM_FORMAT_A_LAW };

static uint8_t said[2 * LENGTH], heard[2 * LENGTH];

static void set_up(void)
{
	gives(make("flat") | make("flat/line0") | make("flat/line1") | make("flat/line2") |
	      write_to("flat/law", "linear") | write_to("flat/line1/type", "fxs") |
	      write_to("flat/line0/peer", "line1"), 0, "a card");
	gives(make("mu") | make("mu/line0") | make("mu/line1") | make("mu/line2") |
	      write_to("mu/line1/type", "fxs") | write_to("mu/line2/type", "fxs") |
	      write_to("mu/line0/peer", "line1"), 0, "another one");
	gives(make("away") | make("away/line0") | write_to("away/law", "a") |
	      write_to("away/line0/peer", "mu/line2"), 0, "a third");
	takes("flat/live", "1", "1");
	takes("mu/live", "1", "1");
	takes("away/live", "1", "1");
}

/* ---- parameters */

static int claimed(const struct stop *at)
{
	struct tapi_line_claim claim = { 0 };
	int fd = line_open(at->card, at->line, O_RDWR);

	if (fd >= 0 && !ioctl(fd, TAPI_LINE_CLAIM, &claim))
		return fd;
	ok(false, "%s/line%u is claimed: %s", at->card, at->line, strerror(errno));
	return fd;
}

static int set(int fd, uint32_t id, int64_t value)
{
	struct tapi_line_param p = { .id = id, .value = value };

	return ioctl(fd, TAPI_LINE_S_PARAM, &p) ? -errno : 0;
}

static int64_t get(int fd, uint32_t id)
{
	struct tapi_line_param p = { .id = id };

	return ioctl(fd, TAPI_LINE_G_PARAM, &p) ? INT64_MIN : p.value;
}

/* Sets a parameter of a line, as somebody who then goes */
static void turn(const struct stop *at, uint32_t id, int64_t value)
{
	int fd = claimed(at);

	if (set(fd, id, value) || get(fd, id) != value)
		ok(false, "parameter %u of %s/line%u: %s", id, at->card, at->line, strerror(errno));
	close(fd);
}

static void ranges(void)
{
	static const struct {
		uint32_t id;
		int64_t min, max, step, def;
	} wants[] = {
		{ TAPI_LINE_PARAM_RX_GAIN, -40000, 12000, 100, 0 },
		{ TAPI_LINE_PARAM_TX_GAIN, -40000, 12000, 100, 0 },
		{ TAPI_LINE_PARAM_LOOP_CURRENT, 18000, 40000, 1000, 20000 },
	};
	int fd = claimed(&flat1), other = line_open("flat", 1, O_RDWR);

	for (int i = 0; i < 3; i++) {
		struct tapi_line_param p = { .id = wants[i].id };

		ok(!ioctl(fd, TAPI_LINE_Q_PARAM, &p) && p.min == wants[i].min &&
		   p.max == wants[i].max && p.step == wants[i].step && p.def == wants[i].def &&
		   p.value == p.def, "'%s' from %lld to %lld by %lld", p.name, (long long)p.min,
		   (long long)p.max, (long long)p.step);
		gives(set(fd, p.id, p.min - p.step), -EINVAL, "less");
		gives(set(fd, p.id, p.max + p.step), -EINVAL, "more");
		gives(set(fd, p.id, p.min + 1), -EINVAL, "between two steps");
		gives(set(other, p.id, p.max), -EPERM, "by somebody else");
		ok(get(fd, p.id) == p.def, "it is %lld still", (long long)get(fd, p.id));
	}
	close(other);
	close(fd);
	fd = claimed(&flat0);
	gives(set(fd, TAPI_LINE_PARAM_LOOP_CURRENT, 20000), -EINVAL, "an FXO line feeds nobody");
	close(fd);
}

/* ---- levels */

static void say(snd_pcm_format_t format, double db)
{
	/* 1000 Hz at 0 dBm0, as G.711 defines it; other levels of it are no codes */
	static const uint8_t mu[] = { 0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e };
	static const uint8_t a[] = { 0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4 };

	for (int i = 0; i < LENGTH; i++) {
		if (format == SND_PCM_FORMAT_S16_LE)
			((int16_t *)said)[i] = lrint(PEAK * pow(10, db / 20) *
						     sin(2 * M_PI * (i + .5) / 8));
		else
			said[i] = format == SND_PCM_FORMAT_MU_LAW ? mu[i % 8] : a[i % 8];
	}
}

static int sample(snd_pcm_format_t format, int i)
{
	if (format == SND_PCM_FORMAT_S16_LE)
		return ((int16_t *)heard)[i];
	return format == SND_PCM_FORMAT_MU_LAW ? mu_linear(heard[i]) : a_linear(heard[i]);
}

/* Between two cards, or on one whose clock does not begin with it */
static bool carry(const struct stop *from, const struct stop *to)
{
	snd_pcm_t *out = open_pcm(from->card, from->line, SND_PCM_STREAM_PLAYBACK, from->format);
	snd_pcm_t *in = open_pcm(to->card, to->line, SND_PCM_STREAM_CAPTURE, to->format);
	int width = to->format == SND_PCM_FORMAT_S16_LE ? 2 : 1;
	bool good = out && in && !snd_pcm_start(in) &&
		    snd_pcm_writei(out, said, PERIODS * PERIOD) == PERIODS * PERIOD;

	for (int i = 0; good && i < LENGTH; i += PERIOD)
		good = snd_pcm_readi(in, heard + i * width, PERIOD) == PERIOD &&
		       snd_pcm_writei(out, said, PERIOD) == PERIOD;
	if (out)
		snd_pcm_close(out);
	if (in)
		snd_pcm_close(in);
	return good;
}

/* The level of what @to hears of @from, which says @db */
static double arrives(const struct stop *from, const struct stop *to, double db)
{
	static double samples[LENGTH / 2];

	say(from->format, db);
	if (!carry(from, to))
		return -1000;
	for (int i = 0; i < LENGTH / 2; i++)
		samples[i] = sample(to->format, LENGTH / 2 + i);
	return level(samples, LENGTH / 2);
}

static void is(double got, double want, double off, const char *what)
{
	ok(fabs(got - want) < off, "%s: %.2f dBm0, not %.2f", what, got, want);
}

static void each_gain(void)
{
	static const int mdb[] = { -40000, -23400, -12300, -6000, -100, 100, 3100, 10000 };

	is(arrives(&flat1, &flat0, SAID_DB), SAID_DB, 0.02, "no gain");
	for (size_t i = 0; i < sizeof(mdb) / sizeof(mdb[0]); i++) {
		/* of loud samples, a rounded one is less off */
		double db = mdb[i] < 0 ? 0 : SAID_DB;

		turn(&flat1, TAPI_LINE_PARAM_TX_GAIN, mdb[i]);
		is(arrives(&flat1, &flat0, db), db + mdb[i] / 1000., 0.02, "tx");
		turn(&flat1, TAPI_LINE_PARAM_TX_GAIN, 0);
		turn(&flat0, TAPI_LINE_PARAM_RX_GAIN, mdb[i]);
		is(arrives(&flat1, &flat0, db), db + mdb[i] / 1000., 0.02, "rx");
		turn(&flat0, TAPI_LINE_PARAM_RX_GAIN, 0);
	}
}

static void both_gains(void)
{
	int begin = 0;

	turn(&flat1, TAPI_LINE_PARAM_TX_GAIN, -20000);
	turn(&flat0, TAPI_LINE_PARAM_RX_GAIN, 12000);
	is(arrives(&flat1, &flat0, SAID_DB), SAID_DB - 8, 0.02, "tx and rx");
	is(arrives(&flat0, &flat1, SAID_DB), SAID_DB, 0.02, "the other way");
	ok(transfer("flat", 0, 1, flat0.format, said, heard, LENGTH), "which is not touched");
	while (begin < LENGTH / 2 && !sample(flat1.format, begin))
		begin++;
	ok(!memcmp(heard + 2 * begin, said, 2 * (LENGTH - begin)), "from frame %d on", begin);
	turn(&flat1, TAPI_LINE_PARAM_TX_GAIN, 12000);
	turn(&flat0, TAPI_LINE_PARAM_RX_GAIN, -12000);
	/* what tx cuts off rx does not bring back: a square of 32767, 12 dB down */
	is(arrives(&flat1, &flat0, 3), 20 * log10(32767 / PEAK * M_SQRT2) - 12, 0.02, "overload");
	turn(&flat1, TAPI_LINE_PARAM_TX_GAIN, 0);
	turn(&flat0, TAPI_LINE_PARAM_RX_GAIN, 0);
	is(arrives(&flat1, &flat0, SAID_DB), SAID_DB, 0.02, "as before");
}

/* Codes of 0 dBm0, which are off by 0.1 dB and more once they are another level */
static void laws(void)
{
	turn(&mu1, TAPI_LINE_PARAM_TX_GAIN, -12500);
	is(arrives(&mu1, &mu0, 0), -12.5, 0.2, "mu-law, tx");
	turn(&mu0, TAPI_LINE_PARAM_RX_GAIN, 6000);
	is(arrives(&mu1, &mu0, 0), -6.5, 0.2, "mu-law, tx and rx");
	turn(&mu2, TAPI_LINE_PARAM_TX_GAIN, -20000);
	is(arrives(&mu2, &away, 0), -20, 0.2, "to A-law on another card, tx");
	turn(&away, TAPI_LINE_PARAM_RX_GAIN, 9500);
	is(arrives(&mu2, &away, 0), -10.5, 0.2, "tx and rx");
	turn(&away, TAPI_LINE_PARAM_TX_GAIN, -7000);
	turn(&mu2, TAPI_LINE_PARAM_RX_GAIN, -7000);
	is(arrives(&away, &mu2, 0), -14, 0.2, "and back");
	memset(said, 0xd5, sizeof(said));
	turn(&away, TAPI_LINE_PARAM_TX_GAIN, 12000);
	/* what was said before is on its way between the cards */
	usleep(200000);
	ok(carry(&away, &mu2), "A-law's silence, 12 dB louder");
	for (int i = 0; i < LENGTH; i++)
		if (abs(mu_linear(heard[i])) > 8) {
			ok(false, "frame %d is %d", i, mu_linear(heard[i]));
			break;
		}
}

/* Far sides, and the line's own oscillators: what is not said by the line has no gain of it */
static void other_sound(void)
{
	struct tapi_line_tone tone = { .op = TAPI_LINE_OP_START, .freq_mhz = { 1000000 },
				       .level_mdbm = { -13000 } };
	int fxs;

	takes("flat/line2/far/audio", "loop", "loop");
	turn(&flat2, TAPI_LINE_PARAM_TX_GAIN, -6000);
	turn(&flat2, TAPI_LINE_PARAM_RX_GAIN, -4000);
	is(arrives(&flat2, &flat2, SAID_DB), SAID_DB - 10, 0.02, "a loop has both");
	takes("flat/line2/far/audio", "tone:1000", "tone:1000");
	is(arrives(&flat2, &flat2, SAID_DB), -14, 0.05, "a far side's tone has one");
	takes("flat/line2/far/audio", "silence", "silence");
	fxs = claimed(&flat1);
	gives(set(fxs, TAPI_LINE_PARAM_TX_GAIN, -10000), 0, "a gain");
	gives(ioctl(fxs, TAPI_LINE_S_TONE, &tone) ? -errno : 0, 0, "and a tone");
	is(arrives(&flat1, &flat0, -100), -13, 0.05, "it is as loud as was asked for");
	turn(&flat0, TAPI_LINE_PARAM_RX_GAIN, -5000);
	is(arrives(&flat1, &flat0, -100), -18, 0.05, "or as it is heard");
	turn(&flat0, TAPI_LINE_PARAM_RX_GAIN, 0);
	gives(set(fxs, TAPI_LINE_PARAM_TX_GAIN, 0), 0, "no gain");
	close(fxs);
}

/* The control of ALSA and the parameter are one */
static void control(void)
{
	snd_ctl_elem_value_t *v;
	snd_ctl_t *ctl;
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "hw:TAPI%d", card_number("flat"));
	snd_ctl_elem_value_alloca(&v);
	snd_ctl_elem_value_set_interface(v, SND_CTL_ELEM_IFACE_MIXER);
	snd_ctl_elem_value_set_name(v, "Line Playback Volume");
	snd_ctl_elem_value_set_index(v, 1);
	/* from -40 dB on in steps of 0.1 dB */
	snd_ctl_elem_value_set_integer(v, 0, 400 - 255);
	ok(!snd_ctl_open(&ctl, name, 0) && snd_ctl_elem_write(ctl, v) >= 0, "the volume is turned");
	fd = line_open("flat", 1, O_RDONLY);
	ok(get(fd, TAPI_LINE_PARAM_TX_GAIN) == -25500, "to %lld mdB",
	   (long long)get(fd, TAPI_LINE_PARAM_TX_GAIN));
	close(fd);
	is(arrives(&flat1, &flat0, SAID_DB), SAID_DB - 25.5, 0.02, "and is heard");
	snd_ctl_elem_value_set_integer(v, 0, 400);
	ok(snd_ctl_elem_write(ctl, v) >= 0, "it is turned back");
	is(arrives(&flat1, &flat0, SAID_DB), SAID_DB, 0.02, "and is heard");
	snd_ctl_close(ctl);
}

/* ---- meters */

static void reads(int fd, struct tapi_line_measure want, const char *what)
{
	struct tapi_line_measure m;
	int err = ioctl(fd, TAPI_LINE_MEASURE, &m) ? -errno : 0;

	if (err) {
		ok(false, "%s: %s", what, strerror(-err));
		return;
	}
	ok(!memcmp(&m, &want, sizeof(m)),
	   "%s: valid %#x, loop %d mV, tip %d, ring %d, battery %d, %d uA", what, m.valid,
	   m.loop_mv, m.tip_mv, m.ring_mv, m.batt_mv, m.loop_ua);
}

#define FXO(mv, ua) ((struct tapi_line_measure){ .valid = 0x11, .loop_mv = (mv), .loop_ua = (ua) })
#define FXS(mv, tip, ring, battery, ua) ((struct tapi_line_measure){ .valid = 0x1f,		\
	.loop_mv = (mv), .tip_mv = (tip), .ring_mv = (ring), .batt_mv = (battery),		\
	.loop_ua = (ua) })

static void on_and_off_hook(int fxo, int fxs)
{
	struct tapi_line_linefeed feed = { .state = TAPI_LINE_FEED_ACTIVE, .polarity = 1 };
	struct tapi_line_hook hook = { .op = TAPI_LINE_OFF_HOOK };

	reads(fxo, FXO(48000, 0), "on hook, FXO");
	reads(fxs, FXS(48000, 0, -48000, -48000, 0), "on hook, FXS");
	gives(ioctl(fxo, TAPI_LINE_S_HOOK, &hook) ? -errno : 0, 0, "off hook");
	reads(fxo, FXO(12000, 20000), "off hook, FXO");
	reads(fxs, FXS(12000, 0, -12000, -48000, 20000), "off hook, FXS");
	gives(set(fxs, TAPI_LINE_PARAM_LOOP_CURRENT, 40000), 0, "more current");
	gives(ioctl(fxs, TAPI_LINE_S_LINEFEED, &feed) ? -errno : 0, 0, "of reversed polarity");
	reads(fxo, FXO(-24000, -40000), "FXO");
	reads(fxs, FXS(-24000, -24000, 0, -48000, -40000), "FXS");
	feed = (struct tapi_line_linefeed){ .state = TAPI_LINE_FEED_OPEN };
	gives(ioctl(fxs, TAPI_LINE_S_LINEFEED, &feed) ? -errno : 0, 0, "no feed");
	reads(fxo, FXO(0, 0), "FXO");
	reads(fxs, FXS(0, 0, 0, -48000, 0), "FXS");
	feed.state = TAPI_LINE_FEED_ACTIVE;
	gives(ioctl(fxs, TAPI_LINE_S_LINEFEED, &feed) ? -errno : 0, 0, "feed");
	gives(set(fxs, TAPI_LINE_PARAM_LOOP_CURRENT, 20000), 0, "as before");
}

static void fault_is_over(int fd)
{
	struct tapi_line_event event;

	ok(next(fd, TAPI_LINE_EV_FAULT, &event) && event.fault.faults &&
	   next(fd, TAPI_LINE_EV_FAULT, &event) && !event.fault.faults, "it is over");
}

static void faulty(int fxo, int fxs)
{
	struct tapi_line_measure m;

	takes("flat/line0/wire/cut", "1", "1");
	reads(fxo, FXO(0, 0), "cut wires, FXO");
	reads(fxs, FXS(48000, 0, -48000, -48000, 0), "cut wires, FXS");
	takes("flat/line0/wire/cut", "0", "0");
	gives(write_to("flat/line1/alarm", "1"), 0, "a power alarm");
	reads(fxo, FXO(0, 0), "FXO");
	reads(fxs, FXS(0, 0, 0, 0, 0), "FXS");
	fault_is_over(fxs);
	reads(fxs, FXS(12000, 0, -12000, -48000, 20000), "FXS");
	gives(write_to("flat/line1/reset", "1"), 0, "a chip that is reset");
	gives(ioctl(fxs, TAPI_LINE_MEASURE, &m) ? -errno : 0, -EIO, "measures nothing");
	reads(fxo, FXO(0, 0), "FXO");
	fault_is_over(fxs);
}

static void far_side(void)
{
	int fd = claimed(&flat2);
	struct tapi_line_event event;

	reads(fd, FXO(0, 0), "an exchange that does not feed");
	takes("flat/line2/far/battery", "on", "on");
	reads(fd, FXO(48000, 0), "one that does");
	ok(next(fd, TAPI_LINE_EV_BATTERY, &event) && event.battery.mv == 48000,
	   "which it was told of: %d mV", event.battery.mv);
	takes("flat/line2/far/polarity", "reversed", "reversed");
	reads(fd, FXO(-48000, 0), "of the other polarity");
	close(fd);
}

static void meters(void)
{
	int fxo = claimed(&flat0), fxs = claimed(&flat1);

	on_and_off_hook(fxo, fxs);
	faulty(fxo, fxs);
	far_side();
	close(fxo);
	close(fxs);
}

/* A card that comes again has the values of the first day */
static void afresh(void)
{
	int fd;

	turn(&flat1, TAPI_LINE_PARAM_TX_GAIN, -3000);
	turn(&flat1, TAPI_LINE_PARAM_LOOP_CURRENT, 30000);
	takes("flat/live", "0", "0");
	takes("flat/live", "1", "1");
	fd = line_open("flat", 1, O_RDONLY);
	ok(get(fd, TAPI_LINE_PARAM_TX_GAIN) == 0 && get(fd, TAPI_LINE_PARAM_LOOP_CURRENT) == 20000,
	   "a new card has the defaults");
	close(fd);
	is(arrives(&flat1, &flat0, SAID_DB), SAID_DB, 0.02, "and sounds like it");
}

static void tear_down(void)
{
	takes("away/live", "0", "0");
	takes("mu/live", "0", "0");
	takes("flat/live", "0", "0");
	gives(take("away/line0") | take("away") | take("mu/line0") | take("mu/line1") |
	      take("mu/line2") | take("mu") | take("flat/line0") | take("flat/line1") |
	      take("flat/line2") | take("flat"), 0, "rmdir of all");
}

int main(void)
{
	bool mounted;

	if (!sim_begin(&mounted))
		return tap_done();
	set_up();
	ranges();
	each_gain();
	both_gains();
	laws();
	other_sound();
	control();
	meters();
	afresh();
	tear_down();
	return sim_end(mounted);
}
