/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tones of a line's own oscillators, measured at the other end of its cable: frequencies,
 * levels, cadences, beside what the line plays, and when they end. In virtual time.
 *
 * Line 1 of card "tone" is an FXS line, on a cable to line 0. A step of its clock is 5 ms.
 */
#include "sim-sound.h"

#define SECONDS		3
#define LENGTH		(SECONDS * RATE)
#define FRAMES_MS	(RATE / 1000)
/* A tone begins and ends between two steps of the clock; a sine may begin with silence */
#define SLACK		(5 * FRAMES_MS + 1)
/* No tone here is silent for so many frames */
#define PAUSE		(10 * FRAMES_MS)

struct burst {
	int begin;
	int end;
};

static int fxo, fxs;
static int16_t heard[LENGTH];
static double samples[LENGTH];

static void set_up(void)
{
	struct tapi_line_claim claim = { 0 };

	gives(make("tone") | make("tone/line0") | make("tone/line1") | write_to("tone/law", "linear") |
	      write_to("tone/period_us", "5000") | write_to("tone/line1/type", "fxs") |
	      write_to("tone/line0/peer", "line1"), 0, "a card");
	takes("tone/live", "1", "1");
	fxo = line_open("tone", 0, O_RDWR);
	fxs = line_open("tone", 1, O_RDWR);
	ok(fxo >= 0 && fxs >= 0 && !ioctl(fxo, TAPI_LINE_CLAIM, &claim) &&
	   !ioctl(fxs, TAPI_LINE_CLAIM, &claim), "two lines are claimed");
}

static int play(int fd, const struct tapi_line_tone *tone)
{
	return ioctl(fd, TAPI_LINE_S_TONE, tone) ? -errno : 0;
}

/* What the FXO line hears from now on, as soon as it does */
static bool listen_to(snd_pcm_t *pcm, int frames)
{
	int n = 0;

	while (n < frames) {
		snd_pcm_sframes_t got = snd_pcm_readi(pcm, heard + n, frames - n);

		if (got <= 0) {
			printf("# %s\n", snd_strerror(got));
			return false;
		}
		n += got;
	}
	for (int i = 0; i < frames; i++)
		samples[i] = heard[i];
	return true;
}

static int bursts_of(struct burst *bursts, int room)
{
	int count = 0, quiet = PAUSE;

	for (int i = 0; i < LENGTH; i++) {
		if (!heard[i]) {
			quiet++;
			continue;
		}
		if (quiet >= PAUSE && count < room)
			bursts[count++].begin = i;
		quiet = 0;
		if (count)
			bursts[count - 1].end = i + 1;
	}
	return count;
}

static bool lasts(int frames, int ms)
{
	return abs(frames - ms * FRAMES_MS) <= SLACK;
}

/* Two frequencies of different levels, three times 200 ms with pauses of 300 ms */
static void cadence(void)
{
	struct tapi_line_tone tone = { .op = TAPI_LINE_OP_START, .freq_mhz = { 350000, 440000 },
				       .level_mdbm = { -13000, -16500 }, .count = 3,
				       .on_ms = { 200 }, .off_ms = { 300 }, .cookie = 7 };
	snd_pcm_t *pcm = open_pcm("tone", 0, SND_PCM_STREAM_CAPTURE, SND_PCM_FORMAT_S16_LE);
	double want = 10 * log10(pow(10, -1.3) + pow(10, -1.65)), one = pow(10, -1.3 - want / 10);
	struct tapi_line_event event;
	struct burst b[4] = { { 0 } };
	int count;

	ok(pcm && listen_to(pcm, RATE) && level(samples, RATE) == -100, "nothing is heard");
	gives(play(fxs, &tone), 0, "a tone in a cadence");
	ok(pcm && listen_to(pcm, LENGTH), "%d s of it", SECONDS);
	count = bursts_of(b, 4);
	ok(count == 3, "%d bursts", count);
	for (int i = 0; i < 3; i++) {
		const double *middle = samples + b[i].begin + RATE / 20;
		int n = RATE / 10;	/* whole periods of both */

		ok(lasts(b[i].end - b[i].begin, 200), "one of %d frames", b[i].end - b[i].begin);
		ok(!i || lasts(b[i].begin - b[i - 1].end, 300), "where it has to be");
		ok(fabs(level(middle, n) - want) < 0.05, "of %.2f dBm0, not %.2f",
		   level(middle, n), want);
		ok(fabs(share(middle, n, 350) - one) < 0.01 &&
		   fabs(share(middle, n, 440) - (1 - one)) < 0.01,
		   "%.3f of it at 350 Hz, %.3f at 440 Hz", share(middle, n, 350),
		   share(middle, n, 440));
	}
	ok(next(fxs, TAPI_LINE_EV_COMPLETE, &event) && event.cookie == 7 &&
	   event.complete.status == 0 && event.complete.done == 3, "it is complete: %d, %u bursts",
	   event.complete.status, event.complete.done);
	if (pcm)
		snd_pcm_close(pcm);
}

/* A tone is heard beside what the line plays */
static void beside_sound(void)
{
	struct tapi_line_tone tone = { .op = TAPI_LINE_OP_START, .freq_mhz = { 2100000 },
				       .level_mdbm = { -10000 } };
	static int16_t said[LENGTH];
	const double *middle = samples + RATE;

	for (int i = 0; i < LENGTH; i++)
		said[i] = lrint(PEAK / 10 * sin(2 * M_PI * 1000 * i / RATE));
	gives(play(fxs, &tone), 0, "a tone without an end");
	gives(play(fxs, &tone), -EBUSY, "another one");
	ok(transfer("tone", 1, 0, SND_PCM_FORMAT_S16_LE, said, heard, LENGTH), "the line speaks, too");
	for (int i = 0; i < LENGTH; i++)
		samples[i] = heard[i];
	ok(fabs(share(middle, RATE, 2100) - 10. / 11) < 0.001 &&
	   fabs(share(middle, RATE, 1000) - 1. / 11) < 0.001, "both are heard, %.4f and %.4f",
	   share(middle, RATE, 2100), share(middle, RATE, 1000));
	tone.op = TAPI_LINE_OP_STOP;
	gives(play(fxs, &tone), 0, "it is stopped");
	ok(transfer("tone", 1, 0, SND_PCM_FORMAT_S16_LE, said, heard, LENGTH) &&
	   !memcmp(heard + RATE, said + RATE, RATE), "the line is heard alone");
}

static void refusals(void)
{
	struct tapi_line_tone tone = { .op = TAPI_LINE_OP_START, .freq_mhz = { 3900001 } };

	gives(play(fxs, &tone), -EINVAL, "a frequency nobody can hear at 8 kHz");
	tone.freq_mhz[0] = 440000;
	gives(play(fxo, &tone), -EOPNOTSUPP, "a line without oscillators");
}

/* Whoever goes leaves no tone behind */
static void ends_with_claim(void)
{
	int last = RATE;

	struct tapi_line_tone tone = { .op = TAPI_LINE_OP_START, .freq_mhz = { 440000 } };
	snd_pcm_t *pcm;

	gives(play(fxs, &tone), 0, "a tone without an end");
	close(fxs);
	pcm = open_pcm("tone", 0, SND_PCM_STREAM_CAPTURE, SND_PCM_FORMAT_S16_LE);
	/* what was played before may be on its way still */
	ok(pcm && listen_to(pcm, RATE) && listen_to(pcm, RATE), "two seconds of it");
	while (last && !heard[last - 1])
		last--;
	ok(!last, "its claimer has gone, the last one is silent from frame %d on", last);
	if (pcm)
		snd_pcm_close(pcm);
}

int main(void)
{
	bool mounted;

	if (!sim_begin(&mounted))
		return tap_done();
	set_up();
	cadence();
	beside_sound();
	refusals();
	ends_with_claim();
	close(fxo);
	takes("tone/live", "0", "0");
	gives(take("tone/line0") | take("tone/line1") | take("tone"), 0, "rmdir of all");
	return sim_end(mounted);
}
