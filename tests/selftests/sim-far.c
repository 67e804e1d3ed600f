/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines without a cable: what plays their other end does what it is told, each edge
 * within a millisecond of the time that was asked for, in one write for all of them. In
 * virtual time.
 *
 * Card "lone": line 0 hangs on an exchange (FXO), a telephone hangs on line 1 (FXS), and
 * another one on line 2.
 */
#include "sim-sound.h"

#define EDGE_NS		NS_MS

struct edge {
	uint32_t type;
	uint32_t value;
	int ms;			/* after the write */
};

static int fxo, fxs;

static uint32_t value_of(const struct tapi_line_event *event)
{
	switch (event->type) {
	case TAPI_LINE_EV_RING:
		return event->ring.state;
	case TAPI_LINE_EV_BATTERY:
		return event->battery.state;
	case TAPI_LINE_EV_DTMF:
		return event->dtmf.pressed;
	case TAPI_LINE_EV_POLARITY:
		return event->level.value;
	default:
		return event->hook.state;
	}
}

/* The next event of that type: it says @edge->value at its time after @begin */
static bool edge_comes(int fd, int64_t begin, const struct edge *edge)
{
	struct tapi_line_event event;
	int64_t off;

	if (!next(fd, edge->type, &event))
		return false;
	off = (int64_t)event.ts - begin - edge->ms * NS_MS;
	if (value_of(&event) == edge->value && off >= 0 && off < EDGE_NS)
		return true;
	printf("# type %u value %u, %lld us off\n", event.type, value_of(&event),
	       (long long)off / 1000);
	return false;
}

static void plays(int fd, const char *path, const char *script, const struct edge *edges, int count)
{
	int64_t begin = now();
	int result = write_to(path, script), i;

	for (i = 0; !result && i < count; i++)
		if (!edge_comes(fd, begin, &edges[i]))
			break;
	ok(!result && i == count, "%s: '%.40s': %d of %d edges in their millisecond", path, script,
	   i, count);
}

#define PLAYS(fd, path, script, ...) do {						\
	static const struct edge edges[] = { __VA_ARGS__ };				\
											\
	plays(fd, path, script, edges, sizeof(edges) / sizeof(edges[0]));		\
} while (0)

static void set_up(void)
{
	gives(make("lone") | make("lone/line0") | make("lone/line1") | make("lone/line2"), 0,
	      "three lines");
	gives(write_to("lone/line1/type", "fxs") | write_to("lone/line2/type", "fxs"), 0,
	      "two of them for telephones");
	takes("lone/live", "1", "1");
	fxo = line_open("lone", 0, O_RDWR);
	fxs = line_open("lone", 1, O_RDWR);
	ok(fxo >= 0 && fxs >= 0, "they are there");
}

/* What a far side of either kind is not, and what no script is */
static void refusals(void)
{
	static const struct {
		const char *path, *text;
	} bad[] = {
		{ "lone/line0/far/hook", "offhook" },
		{ "lone/line0/far/flash", "100" },
		{ "lone/line0/far/dial", "1" },
		{ "lone/line1/far/ring", "on" },
		{ "lone/line1/far/battery", "on" },
		{ "lone/line1/far/polarity", "reversed" },
		{ "lone/line1/far/hook", "\n" },
		{ "lone/line1/far/hook", "up" },
		{ "lone/line1/far/hook", "+100ms" },
		{ "lone/line1/far/hook", "offhook +100ms" },
		{ "lone/line1/far/hook", "+100 offhook" },
		{ "lone/line1/far/hook", "+ms offhook" },
		{ "lone/line1/far/hook", "-5ms offhook" },
		{ "lone/line1/far/hook", "+3601s offhook" },
		{ "lone/line1/far/hook", "+4294967297us offhook" },
		{ "lone/line1/far/hook", "offhook,onhook" },
		{ "lone/line1/far/flash", "19" },
		{ "lone/line1/far/flash", "2001" },
		{ "lone/line1/far/dial", "12a" },
		{ "lone/line1/far/dial", "000000000000000000000000000000000" },
		{ "lone/line0/far/ring", "on:14" },
		{ "lone/line0/far/ring", "on:71" },
		{ "lone/line0/far/ring", "on:" },
		{ "lone/line0/far/ring", "onion" },
		{ "lone/line0/far/battery", "1" },
		{ "lone/line0/far/polarity", "on" },
		{ "lone/line0/far/dtmf", "12E" },
		{ "lone/line0/far/audio", "noise" },
		{ "lone/line0/far/audio", "tone:49" },
		{ "lone/line0/far/audio", "tone:3901" },
		{ "lone/line0/far/audio", "tone:" },
	};
	int wrong = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int result = write_to(bad[i].path, bad[i].text);

		if (result == -EINVAL)
			continue;
		printf("# %s takes '%s': %d\n", bad[i].path, bad[i].text, result);
		wrong++;
	}
	ok(!wrong, "no far side does what its kind does not, or what is not a script");
	ok(!strcmp(value("lone/line1/far/hook"), "onhook") &&
	   !strcmp(value("lone/line0/far/battery"), "off"), "none of it did anything");
}

static void exchange(void)
{
	struct tapi_line_claim claim = { 0 };
	struct tapi_line_hook off = { .op = TAPI_LINE_OFF_HOOK }, on = { .op = TAPI_LINE_ON_HOOK };
	struct tapi_line_event event;

	PLAYS(fxo, "lone/line0/far/battery", "on", { TAPI_LINE_EV_BATTERY, 1, 0 });
	PLAYS(fxo, "lone/line0/far/polarity", "+5ms reversed +1500us normal +98500us reversed",
	      { TAPI_LINE_EV_POLARITY, 1, 5 }, { TAPI_LINE_EV_POLARITY, 0, 6 },
	      { TAPI_LINE_EV_POLARITY, 1, 105 });
	PLAYS(fxo, "lone/line0/far/ring", "on:25 +1s off +4s on +1s off",
	      { TAPI_LINE_EV_RING, 1, 0 }, { TAPI_LINE_EV_RING, 0, 1000 },
	      { TAPI_LINE_EV_RING, 1, 5000 }, { TAPI_LINE_EV_RING, 0, 6000 });
	ok(ioctl(fxo, TAPI_LINE_CLAIM, &claim) == 0, "the line is claimed");
	gives(write_to("lone/line0/far/ring", "on +2s off"), 0, "it is rung");
	ok(next(fxo, TAPI_LINE_EV_RING, &event) && event.ring.freq_mhz == 20000, "it hears that");
	gives(write_to("lone/line0/far/ring", "on"), -EBUSY, "the exchange is at it");
	ok(ioctl(fxo, TAPI_LINE_S_HOOK, &off) == 0 && next(fxo, TAPI_LINE_EV_RING, &event) &&
	   !event.ring.state && !strcmp(value("lone/line0/far/ring"), "off"),
	   "an answer trips the ringing");
	ok(!strcmp(value("lone/line0/far/hook"), "offhook"), "the exchange sees the loop");
	gives(write_to("lone/line0/far/ring", "stop"), 0, "no more of that script");
	PLAYS(fxo, "lone/line0/far/dtmf", "+50ms 1 +300ms #",
	      { TAPI_LINE_EV_DTMF, 1, 50 }, { TAPI_LINE_EV_DTMF, 0, 150 },
	      { TAPI_LINE_EV_DTMF, 1, 550 }, { TAPI_LINE_EV_DTMF, 0, 650 });
	PLAYS(fxo, "lone/line0/far/battery", "off +250ms on",
	      { TAPI_LINE_EV_BATTERY, 0, 0 }, { TAPI_LINE_EV_BATTERY, 1, 250 });
	ioctl(fxo, TAPI_LINE_S_HOOK, &on);
}

/* The exchange remembers the last 32 digits */
static void dialled(void)
{
	struct tapi_line_hook off = { .op = TAPI_LINE_OFF_HOOK }, on = { .op = TAPI_LINE_ON_HOOK };
	struct tapi_line_dial dial = { .mode = TAPI_LINE_DIAL_DTMF, .cookie = 1,
				       .digits = "1234567890123456789012345678901#*" };
	struct tapi_line_event event;

	ok(ioctl(fxo, TAPI_LINE_S_HOOK, &off) == 0 && ioctl(fxo, TAPI_LINE_DIAL, &dial) == 0 &&
	   next(fxo, TAPI_LINE_EV_COMPLETE, &event), "33 digits are dialled");
	ok(!strcmp(value("lone/line0/far/dtmf"), "234567890123456789012345678901#*"),
	   "the exchange has heard %s", value("lone/line0/far/dtmf"));
	ioctl(fxo, TAPI_LINE_S_HOOK, &on);
}

static void hook_comes(uint32_t state, const char *what)
{
	struct tapi_line_event event;

	ok(next(fxs, TAPI_LINE_EV_HOOK, &event) && event.hook.state == state, "%s", what);
}

static void telephone(void)
{
	struct tapi_line_event event;
	int64_t begin;
	char got[16] = "";

	/* hooks are judged after their shortest time, counted from the edge */
	gives(write_to("lone/line1/far/hook", "offhook"), 0, "the handset is lifted");
	hook_comes(TAPI_LINE_OFF_HOOK, "the line sees it");
	begin = now();
	gives(write_to("lone/line1/far/flash", "150"), 0, "a flash");
	ok(next(fxs, TAPI_LINE_EV_FLASH, &event) && event.hook.duration_ms == 150,
	   "of %u ms", event.hook.duration_ms);
	ok(now() - begin >= 150 * NS_MS, "not before it was over");
	gives(write_to("lone/line1/far/dial", "907"), 0, "pulses");
	gives(write_to("lone/line1/far/hook", "onhook"), -EBUSY, "it dials");
	while (strlen(got) < 3 && next(fxs, TAPI_LINE_EV_PULSE_DIGIT, &event))
		got[strlen(got)] = event.pulse.digit;
	ok(!strcmp(got, "907"), "are the digits %s", got);
	gives(write_to("lone/line1/far/hook", "stop"), 0, "the rest is a pause");
	PLAYS(fxs, "lone/line1/far/dtmf", "5 +100ms D", { TAPI_LINE_EV_DTMF, 1, 0 },
	      { TAPI_LINE_EV_DTMF, 0, 100 }, { TAPI_LINE_EV_DTMF, 1, 300 },
	      { TAPI_LINE_EV_DTMF, 0, 400 });
	gives(write_to("lone/line1/far/hook", "onhook"), 0, "the handset is hung up");
	hook_comes(TAPI_LINE_ON_HOOK, "the line sees it");
	gives(write_to("lone/line1/far/dtmf", "5"), 0, "a key of a telephone without current");
	ok(!next_any(fxs, &event, 500), "is not heard");
}

/* ---- sound */

/* A second of what line 2 hears, but not the first one */
static bool listen_second(double *samples)
{
	static uint8_t buf[RATE];
	snd_pcm_t *pcm = open_pcm("lone", 2, SND_PCM_STREAM_CAPTURE, SND_PCM_FORMAT_MU_LAW);
	bool good = pcm;

	for (int i = 0; good && i < 2; i++)
		good = snd_pcm_readi(pcm, buf, RATE) == RATE;
	for (int i = 0; i < RATE; i++)
		samples[i] = mu_linear(buf[i]);
	if (pcm)
		snd_pcm_close(pcm);
	return good;
}

/* Level of it, and share of one frequency */
static void hear(double hz, double *dbm0, double *part)
{
	static double samples[RATE];

	*dbm0 = listen_second(samples) ? level(samples, RATE) : NAN;
	*part = share(samples, RATE, hz);
}

static void echo(void)
{
	static uint8_t said[RATE], heard[RATE];
	int at = 0;

	/* never silence, and the beginning does not come twice */
	for (int i = 0; i < RATE; i++)
		said[i] = i ? 1 + i * 7919 / 13 % 120 : 0x80;
	ok(transfer("lone", 2, 2, SND_PCM_FORMAT_MU_LAW, said, heard, RATE),
	   "a line speaks and listens");
	while (at < RATE && heard[at] == 0xff)
		at++;
	ok(at < RATE / 2 && !memcmp(heard + at, said, RATE - at), "and hears itself, %d frames later",
	   at);
}

static void audio(void)
{
	double dbm0, part;

	ok(!strcmp(value("lone/line2/far/audio"), "silence"), "a far side is silent");
	hear(1000, &dbm0, &part);
	ok(dbm0 == -100, "that is what is heard");
	takes("lone/line2/far/audio", "tone:425\n", "tone:425");
	hear(425, &dbm0, &part);
	ok(fabs(dbm0 + 10) < 0.2 && part > 0.999, "a tone of %.2f dBm0, %.4f of it at 425 Hz",
	   dbm0, part);
	takes("lone/line2/far/audio", "loop", "loop");
	echo();
	takes("lone/line2/far/audio", "silence", "silence");
	hear(1000, &dbm0, &part);
	ok(dbm0 == -100, "it is silent again");
}

/* Without a detector a digit is sound, a tenth of a second each: some pieces are all of it */
static void sounding_digit(void)
{
	static double samples[RATE];
	int pure = 0;

	takes("lone/live", "0", "0");
	takes("lone/dtmf", "0", "0");
	takes("lone/live", "1", "1");
	takes("lone/line2/far/hook", "offhook", "offhook");
	gives(write_to("lone/line2/far/dtmf", "7777777777777777"), 0, "the key 7, again and again");
	ok(listen_second(samples), "a second of it");
	for (int i = 0; i + 400 <= RATE; i += 200)
		pure += fabs(share(samples + i, 400, 852) - 0.5) < 0.05 &&
			fabs(share(samples + i, 400, 1209) - 0.5) < 0.05;
	ok(pure >= 8 && pure <= 20, "in %d of 39 pieces there is just 852 Hz and 1209 Hz", pure);
	takes("lone/live", "0", "0");
}

/* Whoever has a cable has no far side; open files do not keep a line */
static void with_cable(void)
{
	int fd = open(ROOT "/lone/line0/far/ring", O_RDWR);

	takes("lone/line0/peer", "line1", "lone/line1");
	gives(write_to("lone/line0/far/ring", "on"), -EBUSY, "an exchange behind a cable");
	gives(write_to("lone/line1/far/audio", "loop"), -EBUSY, "a telephone behind it");
	takes("lone/line0/peer", "none", "none");
	gives(write_to("lone/line0/far/ring", "+1s on"), 0, "it is there again");
	gives(take("lone/line0"), 0, "rmdir of the line, with a script that runs");
	ok(write(fd, "off", 3) < 0 && errno == ENOENT, "who has a file open writes into nothing");
	close(fd);
	gives(take("lone/line1") | take("lone/line2") | take("lone"), 0, "rmdir of the rest");
}

int main(void)
{
	bool mounted;

	if (!sim_begin(&mounted))
		return tap_done();
	set_up();
	refusals();
	exchange();
	dialled();
	telephone();
	audio();
	close(fxo);
	close(fxs);
	sounding_digit();
	with_cable();
	return sim_end(mounted);
}
