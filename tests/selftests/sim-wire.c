/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be wrong with simulated cables, measured: delay, loss, noise, clipping, cut
 * wires, power alarms, resets, slow operations, two laws. In virtual time.
 *
 * Card "wire" has mu-law, card "flat" linear samples; line 0 of each is an FXO line on a
 * cable to line 1. Line 2 of "wire" is on a cable to line 0 of "away", which has A-law.
 */
#include "sim-sound.h"

#define LENGTH		(2 * RATE)
/* What a reader in virtual time may be late */
#define SLACK_NS	NS_MS

static uint8_t said[LENGTH], plain[LENGTH], heard[LENGTH];

static void set_up(void)
{
	gives(make("wire") | make("wire/line0") | make("wire/line1") | make("wire/line2") |
	      write_to("wire/line1/type", "fxs") | write_to("wire/line2/type", "fxs") |
	      write_to("wire/line0/peer", "line1"), 0, "a card");
	gives(make("flat") | make("flat/line0") | make("flat/line1") | write_to("flat/law", "linear") |
	      write_to("flat/line1/type", "fxs") | write_to("flat/line0/peer", "line1"), 0,
	      "another one");
	gives(make("away") | make("away/line0") | write_to("away/law", "a") |
	      write_to("away/line0/peer", "wire/line2"), 0, "a third");
	/* never silence but at the end, which may be heard after the test of it */
	for (int i = 0; i < LENGTH; i++)
		said[i] = i < LENGTH - 4 * PERIOD ? 1 + i * 7919 / 13 % 120 : 0xff;
}

static void refusals(void)
{
	refuses("wire/line1/wire/delay_ms", "501", -EINVAL, "0");
	refuses("wire/line1/wire/delay_ms", "-1", -EINVAL, "0");
	refuses("wire/line1/wire/delay_ms", "4294967297", -EINVAL, "0");
	refuses("wire/line1/wire/delay_ms", "\n", -EINVAL, "0");
	refuses("wire/line1/wire/noise_db", "1", -EINVAL, "off");
	refuses("wire/line1/wire/noise_db", "-71", -EINVAL, "off");
	refuses("wire/line1/wire/noise_db", "loud", -EINVAL, "off");
	refuses("wire/line1/wire/clip_db", "4", -EINVAL, "off");
	refuses("wire/line1/wire/clip_db", "-41", -EINVAL, "off");
	refuses("wire/line1/wire/clip_db", "on", -EINVAL, "off");
	refuses("wire/line1/wire/loss", "..o", -EINVAL, "none");
	refuses("wire/line1/wire/loss", "\n", -EINVAL, "none");
	refuses("wire/line1/wire/loss", "..x\n.", -EINVAL, "none");
	refuses("wire/line1/wire/loss",
		"..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..", -EINVAL, "none");
	takes("wire/line1/wire/loss",
	      "..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x.",
	      "..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x..x.");
	takes("wire/line1/wire/loss", "none", "none");
	refuses("wire/line1/wire/cut", "2", -EINVAL, "0");
	gives(write_to("wire/line1/wire/slips", "0"), -EACCES, "slips are counted");
	gives(write_to("wire/line1/wire/gaps", "0"), -EACCES, "and gaps");
	gives(write_to("wire/line1/alarm", "0"), -EINVAL, "no alarm is none");
	gives(write_to("wire/line1/reset", "2"), -EINVAL, "a reset is one");
	gives(write_to("wire/line1/alarm", "1"), -ENODEV, "an alarm of a card that is not there");
	gives(write_to("wire/line1/reset", "1"), -ENODEV, "a reset of it");
	refuses("wire/slow_ms", "5001", -EINVAL, "0");
	refuses("wire/slow_ms", "-1", -EINVAL, "0");
}

/* ---- sound */

static int first_heard(const uint8_t *buf)
{
	int at = 0;

	while (at < LENGTH && buf[at] == 0xff)
		at++;
	return at;
}

static bool hear(uint8_t *buf)
{
	memset(buf, 0, LENGTH);
	/* the card stops when the last sound has gone out, and does not tell: patterns begin with it */
	usleep(100000);
	return transfer("wire", 0, 1, SND_PCM_FORMAT_MU_LAW, said, buf, LENGTH);
}

static int perfect(void)
{
	int at;

	ok(hear(plain), "line 0 speaks, line 1 listens");
	at = first_heard(plain);
	ok(at < LENGTH / 2 && !memcmp(plain + at, said, LENGTH - at),
	   "every sample comes, after %d of silence", at);
	return at;
}

static void loss(void)
{
	int wrong = 0;

	takes("wire/line1/wire/loss", "..xx.", "..xx.");
	ok(hear(heard), "two packets of five are lost");
	for (int i = 0; i < LENGTH; i++) {
		bool lost = i / 160 % 5 == 2 || i / 160 % 5 == 3;

		wrong += heard[i] != (lost ? 0xff : plain[i]);
	}
	ok(!wrong, "just these: %d wrong samples", wrong);
	takes("wire/line1/wire/loss", "none", "none");
	ok(hear(heard) && !memcmp(heard, plain, LENGTH), "and none any more");
}

/* Each direction has its own */
static void other_direction(void)
{
	int at;

	takes("wire/line1/wire/loss", "x", "x");
	ok(transfer("wire", 1, 0, SND_PCM_FORMAT_MU_LAW, said, heard, LENGTH),
	   "line 1 hears nothing, but speaks");
	at = first_heard(heard);
	ok(at < LENGTH / 2 && !memcmp(heard + at, said, LENGTH - at), "and line 0 hears it");
	takes("wire/line1/wire/loss", "none", "none");
}

static void tell_driver(const char *how, const char *device)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/platform/drivers/tapi_sim/%s", how);
	gives(write_to(path, device), 0, path);
}

/* What is wrong with a wire is not the card's: it is as it was set last when that is back */
static void pulled(void)
{
	char link[64], target[256];
	const char *device;
	ssize_t n;

	snprintf(link, sizeof(link), "/sys/class/tapi/card%d/device", card_number("wire"));
	n = readlink(link, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = '\0';
	device = strrchr(target, '/');
	if (!ok(device, "%s leads to the device", link))
		return;
	device++;
	takes("wire/line1/wire/loss", "x", "x");
	tell_driver("unbind", device);
	tell_driver("bind", device);
	ok(hear(heard) && first_heard(heard) == LENGTH, "set before the card was pulled, and after");
	tell_driver("unbind", device);
	takes("wire/line1/wire/loss", "none", "none");
	tell_driver("bind", device);
	ok(hear(heard) && !memcmp(heard, plain, LENGTH), "set while it was pulled");
}

static void delay(int before)
{
	int at;

	refuses("wire/line1/wire/delay_ms", "37", -EBUSY, "0");
	takes("wire/live", "0", "0");
	takes("wire/line1/wire/delay_ms", "37", "37");
	takes("wire/live", "1", "1");
	ok(hear(heard), "37 ms later");
	at = first_heard(heard);
	ok(at == before + 37 * 8 && !memcmp(heard + at, said, LENGTH - at),
	   "are %d frames, and every sample comes", at - before);
	takes("wire/live", "0", "0");
	takes("wire/line1/wire/delay_ms", "0", "0");
	takes("wire/live", "1", "1");
}

static void hear_flat(const int16_t *samples, double *out)
{
	static int16_t buf[LENGTH];

	ok(transfer("flat", 0, 1, SND_PCM_FORMAT_S16_LE, samples, buf, LENGTH), "it is heard");
	for (int i = 0; i < LENGTH; i++)
		out[i] = buf[i];
}

static void noise(void)
{
	static const char *const levels[] = { "0", "-20", "-45", "-70" };
	static int16_t silence[LENGTH];
	static double samples[LENGTH];
	static uint8_t quiet[LENGTH];

	for (int i = 0; i < 4; i++) {
		takes("flat/line1/wire/noise_db", levels[i], levels[i]);
		hear_flat(silence, samples);
		ok(fabs(level(samples, LENGTH) - atoi(levels[i])) < 1, "noise of %s dBm0: %.2f",
		   levels[i], level(samples, LENGTH));
	}
	takes("flat/line1/wire/noise_db", "off", "off");
	takes("wire/line1/wire/noise_db", "-30", "-30");
	memset(quiet, 0xff, LENGTH);
	ok(transfer("wire", 0, 1, SND_PCM_FORMAT_MU_LAW, quiet, heard, LENGTH), "mu-law");
	for (int i = 0; i < LENGTH; i++)
		samples[i] = mu_linear(heard[i]);
	ok(fabs(level(samples, LENGTH) + 30) < 1, "noise of -30 dBm0 in mu-law: %.2f",
	   level(samples, LENGTH));
	takes("wire/line1/wire/noise_db", "off", "off");
}

static void clipping(void)
{
	static int16_t sine[LENGTH];
	static double samples[LENGTH];
	double most = 0;

	for (int i = 0; i < LENGTH; i++)
		sine[i] = lrint(PEAK * sin(2 * M_PI * 1004 * i / RATE));
	takes("flat/line1/wire/clip_db", "-10", "-10");
	hear_flat(sine, samples);
	for (int i = 0; i < LENGTH; i++)
		most = fmax(most, fabs(samples[i]));
	ok(fabs(20 * log10(most / PEAK) + 10) < 0.01, "what is above -10 dBm0 is cut off: %.3f",
	   20 * log10(most / PEAK));
	ok(share(samples + LENGTH / 2, LENGTH / 2, 3012) > 0.03, "a square has harmonics");
	takes("flat/line1/wire/clip_db", "off", "off");
}

/* A mu-law sine goes to a card with A-law */
static void laws(void)
{
	static double samples[RATE];
	snd_pcm_t *out = open_pcm("wire", 2, SND_PCM_STREAM_PLAYBACK, SND_PCM_FORMAT_MU_LAW);
	snd_pcm_t *in = open_pcm("away", 0, SND_PCM_STREAM_CAPTURE, SND_PCM_FORMAT_A_LAW);
	uint8_t codes[RATE];

	ok(out && in, "a card with mu-law, and one with A-law");
	/* 1000 Hz at 0 dBm0, as G.711 defines it */
	for (int i = 0; i < LENGTH; i++)
		heard[i] = "\x1e\x0b\x0b\x1e\x9e\x8b\x8b\x9e"[i % 8];
	snd_pcm_start(in);
	ok(snd_pcm_writei(out, heard, PERIODS * PERIOD) == PERIODS * PERIOD, "one speaks");
	for (int i = 0; i < RATE; i += PERIOD)
		if (snd_pcm_readi(in, codes + i, PERIOD) != PERIOD ||
		    snd_pcm_writei(out, heard, PERIOD) != PERIOD)
			break;
	for (int i = 0; i < RATE / 2; i++)
		samples[i] = a_linear(codes[RATE / 2 + i]);
	ok(fabs(level(samples, RATE / 2)) < 0.2 && share(samples, RATE / 2, 1000) > 0.999,
	   "the other one hears %.2f dBm0, %.4f of it at 1000 Hz", level(samples, RATE / 2),
	   share(samples, RATE / 2, 1000));
	ok(!strcmp(value("away/line0/wire/slips"), "0") && !strcmp(value("away/line0/wire/gaps"), "0"),
	   "clocks that are equal do not slip");
	snd_pcm_close(out);
	snd_pcm_close(in);
}

/* ---- wires and chips */

static void cut(int fxo, int fxs)
{
	struct tapi_line_event event;

	takes("wire/line1/wire/cut", "1", "1");
	ok(!strcmp(value("wire/line0/wire/cut"), "1"), "both ends of the cable are cut off");
	ok(next(fxo, TAPI_LINE_EV_BATTERY, &event) && !event.battery.state, "no battery");
	ok(next(fxs, TAPI_LINE_EV_HOOK, &event) && event.hook.state == TAPI_LINE_ON_HOOK, "no loop");
	ok(hear(heard) && first_heard(heard) == LENGTH, "no sound");
	takes("wire/line0/wire/cut", "0", "0");
	ok(next(fxo, TAPI_LINE_EV_BATTERY, &event) && event.battery.state, "battery");
	ok(next(fxs, TAPI_LINE_EV_HOOK, &event) && event.hook.state == TAPI_LINE_OFF_HOOK, "a loop");
	ok(hear(heard) && !memcmp(heard, plain, LENGTH), "and sound");
}

static void fault(int fxo, int fxs, const char *path, uint32_t bit, int ms)
{
	struct tapi_line_event begin, end, event;
	struct tapi_line_state state;

	gives(write_to(path, "1"), 0, path);
	gives(write_to(path, "1"), -EBUSY, "once is enough");
	ok(next(fxs, TAPI_LINE_EV_FAULT, &begin) && begin.fault.faults == bit, "it is told");
	ok(next(fxo, TAPI_LINE_EV_BATTERY, &event) && !event.battery.state, "the line is not fed");
	ok(next(fxs, TAPI_LINE_EV_FAULT, &end) && !end.fault.faults, "it ends");
	ok(llabs((int64_t)(end.ts - begin.ts) - ms * NS_MS) < SLACK_NS, "after %d ms", ms);
	ok(next(fxo, TAPI_LINE_EV_BATTERY, &event) && event.battery.state, "the line is fed");
	ok(ioctl(fxs, TAPI_LINE_G_STATE, &state) == 0 && state.hook == TAPI_LINE_OFF_HOOK,
	   "the loop is as it was");
}

static void faults(int fxo, int fxs)
{
	struct tapi_line_stats stats;

	fault(fxo, fxs, "wire/line1/alarm", TAPI_LINE_FAULT_POWER, 250);
	fault(fxo, fxs, "wire/line1/reset", TAPI_LINE_FAULT_RESET, 100);
	ok(ioctl(fxs, TAPI_LINE_G_STATS, &stats) == 0 && stats.power_alarms == 1 &&
	   stats.chip_resets == 1, "each was counted");
}

static void slow(int fxo)
{
	struct tapi_line_hook off = { .op = TAPI_LINE_OFF_HOOK }, on = { .op = TAPI_LINE_ON_HOOK };
	int64_t begin, took;

	takes("wire/slow_ms", "300", "300");
	begin = now();
	ok(ioctl(fxo, TAPI_LINE_S_HOOK, &on) == 0, "a line is slow");
	took = now() - begin;
	ok(took >= 300 * NS_MS && took < 310 * NS_MS, "it took %lld ms", (long long)(took / NS_MS));
	takes("wire/slow_ms", "0", "0");
	begin = now();
	ok(ioctl(fxo, TAPI_LINE_S_HOOK, &off) == 0 && now() - begin < SLACK_NS, "and fast again");
}

static void tear_down(void)
{
	takes("away/live", "0", "0");
	takes("flat/live", "0", "0");
	takes("wire/live", "0", "0");
	gives(take("away/line0") | take("away") | take("flat/line0") | take("flat/line1") |
	      take("flat") | take("wire/line0") | take("wire/line1") | take("wire/line2") |
	      take("wire"), 0, "rmdir of all");
}

int main(void)
{
	struct tapi_line_hook off = { .op = TAPI_LINE_OFF_HOOK };
	struct tapi_line_claim claim = { 0 };
	struct tapi_line_event event;
	bool mounted;
	int fxo, fxs, before;

	if (!sim_begin(&mounted))
		return tap_done();
	set_up();
	refusals();
	takes("wire/live", "1", "1");
	takes("flat/live", "1", "1");
	takes("away/live", "1", "1");
	before = perfect();
	loss();
	other_direction();
	pulled();
	delay(before);
	noise();
	clipping();
	laws();
	fxo = line_open("wire", 0, O_RDWR);
	fxs = line_open("wire", 1, O_RDWR);
	ok(ioctl(fxo, TAPI_LINE_CLAIM, &claim) == 0 && ioctl(fxo, TAPI_LINE_S_HOOK, &off) == 0 &&
	   next(fxs, TAPI_LINE_EV_HOOK, &event), "line 0 is off hook");
	cut(fxo, fxs);
	faults(fxo, fxs);
	slow(fxo);
	close(fxo);
	close(fxs);
	tear_down();
	return sim_end(mounted);
}
