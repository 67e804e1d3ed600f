/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cards of the simulator by configfs: what is refused, a call and its sound
 * over a cable between two cards, a card that is in use, one that is pulled,
 * and cards that come and go. Nothing is left behind: the modules are unloaded
 * after this.
 *
 * Two cards: "alpha" has four lines, 0 and 1 on one cable, 2 on a cable to line
 * 0 of "beta", 3 to nobody; line 1 of beta is free, too.
 */
#include <alsa/asoundlib.h>
#include <pthread.h>
#include <sys/syscall.h>

#include "sim-util.h"

#define DRIVER "/sys/bus/platform/drivers/tapi_sim"
#define CYCLES 50
/* Two seconds of ramp, of which as much has to come in one piece: two clocks may slip once */
#define RAMP_FRAMES 16000
#define RAMP_PIECE 6000
#define RAMP(n) ((uint8_t)((n) % 251))
#define PERIOD 320

static void names(void)
{
	gives(make("alpha"), 0, "mkdir alpha");
	gives(make("beta"), 0, "mkdir beta");
	gives(make("alpha"), -EEXIST, "mkdir alpha again");
	gives(make("0"), -EINVAL, "mkdir of a name that begins with a digit");
	gives(make("a b"), -EINVAL, "mkdir of a name with a space");
	gives(make("a23456789012345678901234567"), 0, "mkdir of a name of 27 letters");
	gives(take("a23456789012345678901234567"), 0, "rmdir of it");
	gives(make("a234567890123456789012345678"), -ENAMETOOLONG, "mkdir of one with 28");
	gives(make("alpha/line32"), -EINVAL, "mkdir of line 32");
	gives(make("alpha/line01"), -EINVAL, "mkdir line01");
	gives(make("alpha/line"), -EINVAL, "mkdir line");
	gives(make("alpha/phone"), -EINVAL, "mkdir of something else");
	gives(write_to("alpha/live", "1"), -EINVAL, "live without a line");
	gives(make("alpha/line1"), 0, "mkdir of line 1");
	gives(write_to("alpha/live", "1"), -EINVAL, "live without line 0");
	gives(make("alpha/line0"), 0, "mkdir of line 0");
	gives(make("alpha/line2"), 0, "of line 2");
	gives(make("alpha/line3"), 0, "of line 3");
	gives(make("beta/line0"), 0, "of line 0 of beta");
	gives(make("beta/line1"), 0, "of line 1 of beta");
}

static void card_values(void)
{
	refuses("alpha/law", "x", -EINVAL, "mu");
	refuses("alpha/law", "\n", -EINVAL, "mu");
	takes("alpha/law", "a\n", "a");
	takes("alpha/law", "linear", "linear");
	takes("alpha/law", "mu", "mu");
	refuses("alpha/period_us", "7", -EINVAL, "20000");
	refuses("alpha/period_us", "-5000", -EINVAL, "20000");
	refuses("alpha/period_us", "4294977296", -EINVAL, "20000");
	takes("alpha/period_us", "5000", "5000");
	refuses("alpha/clock_ppm", "1001", -EINVAL, "0");
	refuses("alpha/clock_ppm", "-1001", -EINVAL, "0");
	refuses("alpha/clock_ppm", "fast", -EINVAL, "0");
	takes("alpha/clock_ppm", "-50", "-50");
	refuses("alpha/pcm", "2", -EINVAL, "1");
	refuses("alpha/dtmf", "2", -EINVAL, "1");
	refuses("alpha/live", "maybe", -EINVAL, "0");
	gives(write_to("alpha/number", "3"), -EACCES, "number is for reading");
	ok(!strcmp(value("alpha/number"), "none"), "no number yet");
}

static void line_values(void)
{
	refuses("alpha/line1/type", "isdn", -EINVAL, "fxo");
	takes("alpha/line1/type", "fxs\n", "fxs");
	refuses("alpha/line0/name", "a234567890123456", -EINVAL, "alpha-0");
	refuses("alpha/line0/name", "a/b", -EINVAL, "alpha-0");
	refuses("alpha/line0/name", "\n", -EINVAL, "alpha-0");
	refuses("alpha/line0/name", "a\nb", -EINVAL, "alpha-0");
	takes("alpha/line0/name", "a23456789012345\n", "a23456789012345");
	takes("alpha/line0/name", "desk.1", "desk.1");
	refuses("alpha/line0/far_end", "2", -EINVAL, "0");
	ok(!strcmp(value("alpha/line1/far_end"), "1"), "an FXS line is a far end");
	takes("alpha/line1/far_end", "0", "0");
	takes("alpha/line1/far_end", "1", "1");
}

static void cables(void)
{
	refuses("alpha/line0/peer", "line0", -EINVAL, "none");
	refuses("alpha/line0/peer", "line2", -EINVAL, "none");
	refuses("alpha/line0/peer", "line4", -ENOENT, "none");
	refuses("alpha/line0/peer", "gamma/line0", -ENOENT, "none");
	refuses("alpha/line0/peer", "beta/", -EINVAL, "none");
	refuses("alpha/line0/peer", "beta/line0/x", -EINVAL, "none");
	takes("alpha/line0/peer", "line1\n", "alpha/line1");
	ok(!strcmp(value("alpha/line1/peer"), "alpha/line0"), "the other end has it, too");
	takes("alpha/line1/peer", "alpha/line0", "alpha/line0");
	refuses("alpha/line2/peer", "line1", -EBUSY, "none");
	refuses("alpha/line0/type", "fxs", -EBUSY, "fxo");
	takes("beta/line0/type", "fxs", "fxs");
	takes("alpha/line2/peer", "beta/line0", "beta/line0");
	takes("beta/line0/peer", "\n", "none");
	ok(!strcmp(value("alpha/line2/peer"), "none"), "unplugged at one end, unplugged at both");
	takes("beta/line0/peer", "alpha/line2", "alpha/line2");
	refuses("beta/line1/peer", "line0", -EBUSY, "none");
}

static uint32_t battery(int fd)
{
	struct tapi_line_state state;

	return ioctl(fd, TAPI_LINE_G_STATE, &state) ? ~0U : state.battery;
}

static void live_refusals(void)
{
	refuses("alpha/law", "a", -EBUSY, "mu");
	refuses("alpha/period_us", "10000", -EBUSY, "5000");
	refuses("alpha/clock_ppm", "0", -EBUSY, "-50");
	refuses("alpha/pcm", "0", -EBUSY, "1");
	refuses("alpha/dtmf", "0", -EBUSY, "1");
	refuses("alpha/line3/type", "fxs", -EBUSY, "fxo");
	refuses("alpha/line3/name", "x", -EBUSY, "alpha-3");
	refuses("alpha/line3/far_end", "1", -EBUSY, "0");
	refuses("alpha/line0/peer", "none", -EBUSY, "alpha/line1");
	refuses("beta/line0/peer", "none", -EBUSY, "alpha/line2");
	refuses("alpha/line3/peer", "beta/line0", -EBUSY, "none");
	gives(make("alpha/line4"), -EBUSY, "mkdir of a line of a live card");
	gives(take("alpha/line3"), -EBUSY, "rmdir of a line of a live card");
	gives(take("beta/line0"), -EBUSY, "rmdir of the other end of a live card's cable");
	gives(take("alpha"), -ENOTEMPTY, "rmdir of a live card");
	ok(syscall(SYS_delete_module, "tapi_sim", O_NONBLOCK) < 0 && errno == EWOULDBLOCK,
	   "the module stays");
}

static void identity(void)
{
	int fd = line_open("alpha", 0, O_RDONLY);
	struct tapi_line_caps caps;

	ok(ioctl(fd, TAPI_LINE_G_CAPS, &caps) == 0 && !strcmp(caps.line_name, "desk.1") &&
	   !strcmp(caps.card_name, "alpha") && !strcmp(caps.bus_info, "sim-alpha") &&
	   caps.type == TAPI_LINE_FXO && !(caps.caps & TAPI_LINE_CAP_FAR_END),
	   "line 0 is %s of %s at %s", caps.line_name, caps.card_name, caps.bus_info);
	close(fd);
	fd = line_open("alpha", 1, O_RDONLY);
	ok(ioctl(fd, TAPI_LINE_G_CAPS, &caps) == 0 && caps.type == TAPI_LINE_FXS &&
	   caps.caps & TAPI_LINE_CAP_FAR_END, "line 1 is the far end");
	close(fd);
	fd = line_open("alpha", 0, O_RDONLY);
	ok(battery(fd) == 1, "line 0 has battery from its neighbour");
	close(fd);
	fd = line_open("alpha", 3, O_RDONLY);
	ok(battery(fd) == 0, "line 3 has none: its cable leads nowhere");
	close(fd);
}

static void live_cards(void)
{
	struct tapi_line_event event;
	int fd;

	takes("alpha/live", "1\n", "1");
	takes("alpha/live", "1", "1");
	live_refusals();
	identity();
	fd = line_open("alpha", 2, O_RDONLY);
	ok(battery(fd) == 0, "line 2 has no battery: the card at the other end is not there");
	takes("beta/live", "1", "1");
	ok(next(fd, TAPI_LINE_EV_BATTERY, &event) && event.battery.state == 1,
	   "the other card comes, and battery with it");
	close(fd);
	fd = line_open("alpha", 2, O_RDONLY);
	ok(read(fd, &event, sizeof(event)) == sizeof(event) && event.state.battery == 1,
	   "who opens the line now sees battery from the start");
	close(fd);
}

static int set_hook(int fd, uint32_t op)
{
	struct tapi_line_hook hook = { .op = op };

	return ioctl(fd, TAPI_LINE_S_HOOK, &hook);
}

static void digits(int from, int to, const char *text)
{
	struct tapi_line_dial dial = { .mode = TAPI_LINE_DIAL_DTMF, .cookie = 1 };
	struct tapi_line_event event;
	char got[TAPI_LINE_DIAL_MAX] = "";

	strcpy(dial.digits, text);
	ok(ioctl(from, TAPI_LINE_DIAL, &dial) == 0, "dial %s", text);
	while (strlen(got) < strlen(text) && next(to, TAPI_LINE_EV_DTMF, &event))
		if (event.dtmf.pressed)
			got[strlen(got)] = event.dtmf.digit;
	ok(!strcmp(got, text), "the other card hears %s", got);
	ok(next(from, TAPI_LINE_EV_COMPLETE, &event), "and it is done");
}

static void call(void)
{
	int fxo = line_open("alpha", 2, O_RDWR), fxs = line_open("beta", 0, O_RDWR);
	int other = line_open("alpha", 0, O_RDONLY | O_NONBLOCK);
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_START, .on_ms = { 500 },
				       .off_ms = { 500 } };
	struct tapi_line_claim claim = { 0 };
	struct tapi_line_event event;

	ok(ioctl(fxo, TAPI_LINE_CLAIM, &claim) == 0 && ioctl(fxs, TAPI_LINE_CLAIM, &claim) == 0,
	   "both ends of the cable are claimed");
	ok(ioctl(fxs, TAPI_LINE_S_RING, &ring) == 0, "beta rings");
	ok(next(fxo, TAPI_LINE_EV_RING, &event) && event.ring.state == 1 &&
	   event.ring.freq_mhz == 20000, "alpha hears it ring");
	ok(set_hook(fxo, TAPI_LINE_OFF_HOOK) == 0 && next(fxs, TAPI_LINE_EV_HOOK, &event) &&
	   event.hook.state == TAPI_LINE_OFF_HOOK, "alpha answers, beta sees the loop");
	digits(fxo, fxs, "147#");
	digits(fxs, fxo, "ABC*");
	ok(set_hook(fxo, TAPI_LINE_ON_HOOK) == 0 && next(fxs, TAPI_LINE_EV_HOOK, &event) &&
	   event.hook.state == TAPI_LINE_ON_HOOK, "alpha hangs up");
	ok(read(other, &event, sizeof(event)) == sizeof(event) &&
	   read(other, &event, sizeof(event)) < 0 && errno == EAGAIN,
	   "a line on another cable heard nothing of it");
	close(other);
	close(fxs);
	close(fxo);
}

static int pcm_open(snd_pcm_t **pcm, const char *card, unsigned int line, snd_pcm_stream_t dir)
{
	char path[64], name[64];
	int err;

	snprintf(path, sizeof(path), "%s/number", card);
	snprintf(name, sizeof(name), "hw:TAPI%s,%u", value(path), line);
	err = snd_pcm_open(pcm, name, dir, 0);
	if (err < 0)
		return err;
	return snd_pcm_set_params(*pcm, SND_PCM_FORMAT_MU_LAW, SND_PCM_ACCESS_RW_INTERLEAVED, 1,
				  8000, 0, 4 * PERIOD * 125);
}

static void *play(void *data)
{
	snd_pcm_t *pcm = data;
	uint8_t buf[PERIOD];

	for (size_t at = 0; at < RAMP_FRAMES; at += PERIOD) {
		for (size_t i = 0; i < PERIOD; i++)
			buf[i] = RAMP(at + i);
		if (snd_pcm_writei(pcm, buf, PERIOD) < 0)
			snd_pcm_prepare(pcm);
	}
	snd_pcm_drop(pcm);
	return NULL;
}

/* The longest piece of the ramp; it may begin anywhere */
static size_t longest(const uint8_t *buf, size_t len)
{
	size_t best = 0, run = 0;

	for (size_t i = 1; i < len; i++) {
		run = buf[i] == (buf[i - 1] + 1) % 251 ? run + 1 : 0;
		if (run > best)
			best = run;
	}
	return best;
}

/* What comes in as many frames; an overrun is a gap */
static void listen_to(snd_pcm_t *pcm, uint8_t *buf, size_t len)
{
	int gaps = 0;

	snd_pcm_start(pcm);
	for (size_t at = 0; at + PERIOD <= len && gaps < 10;) {
		snd_pcm_sframes_t n = snd_pcm_readi(pcm, buf + at, PERIOD);

		if (n > 0) {
			at += n;
			continue;
		}
		gaps++;
		snd_pcm_prepare(pcm);
		snd_pcm_start(pcm);
	}
}

static void sound(const char *from, unsigned int out, const char *to, unsigned int in)
{
	static uint8_t heard[RAMP_FRAMES];
	snd_pcm_t *player = NULL, *listener = NULL;
	size_t piece;
	pthread_t thread;

	if (!ok(!pcm_open(&player, from, out, SND_PCM_STREAM_PLAYBACK) &&
		!pcm_open(&listener, to, in, SND_PCM_STREAM_CAPTURE), "sound of %s and %s",
		from, to))
		return;
	memset(heard, 0, sizeof(heard));
	pthread_create(&thread, NULL, play, player);
	listen_to(listener, heard, sizeof(heard));
	pthread_join(thread, NULL);
	piece = longest(heard, sizeof(heard));
	ok(piece >= RAMP_PIECE, "%s hears %zu samples of %s in one piece", to, piece, from);
	snd_pcm_close(player);
	snd_pcm_close(listener);
}

static void in_use(void)
{
	struct tapi_line_claim claim = { .linger_ms = 300 };
	struct tapi_line_event event;
	snd_pcm_t *pcm;
	int fd = line_open("alpha", 3, O_RDONLY), claimer;

	refuses("alpha/live", "0", -EBUSY, "1");
	close(fd);
	ok(!pcm_open(&pcm, "alpha", 3, SND_PCM_STREAM_CAPTURE), "the sound of a line is open");
	refuses("alpha/live", "0", -EBUSY, "1");
	snd_pcm_close(pcm);
	fd = line_open("beta", 1, O_RDONLY);
	claimer = line_open("beta", 1, O_RDWR);
	ok(ioctl(claimer, TAPI_LINE_CLAIM, &claim) == 0, "a line is claimed with a linger");
	close(claimer);
	close(fd);
	refuses("beta/live", "0", -EBUSY, "1");
	fd = line_open("beta", 1, O_RDONLY);
	while (next(fd, TAPI_LINE_EV_STATE, &event) && event.state.flags & TAPI_LINE_ST_LINGER)
		;
	ok(event.type == TAPI_LINE_EV_STATE && !event.state.flags, "the linger ends");
	close(fd);
}

/* The name of a card's device, from the link of its line in sysfs */
static const char *device(const char *card)
{
	static char name[128];
	char path[160], target[128], *at;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/number", card);
	snprintf(name, sizeof(name), "%s", value(path));
	snprintf(path, sizeof(path), "/sys/class/tapi/card%s/device", name);
	n = readlink(path, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = '\0';
	at = strrchr(target, '/');
	snprintf(name, sizeof(name), "%s", at ? at + 1 : target);
	return name;
}

/* unbind takes a card that is in use, as a person does who pulls it */
static void pulled(void)
{
	int fxo = line_open("alpha", 2, O_RDWR), fxs = line_open("beta", 0, O_RDONLY);
	struct tapi_line_claim claim = { 0 };
	struct tapi_line_event event;
	char name[128];

	snprintf(name, sizeof(name), "%s", device("beta"));
	ok(ioctl(fxo, TAPI_LINE_CLAIM, &claim) == 0 && !set_hook(fxo, TAPI_LINE_OFF_HOOK) &&
	   next(fxs, TAPI_LINE_EV_HOOK, &event), "alpha is off hook");
	gives(write_to(DRIVER "/unbind", name), 0, "beta is pulled");
	ok(next(fxo, TAPI_LINE_EV_BATTERY, &event) && event.battery.state == 0,
	   "alpha has no battery");
	ok(next(fxs, TAPI_LINE_EV_GONE, &event), "beta's line has gone");
	ok(!strcmp(value("beta/number"), "none") && !strcmp(value("beta/live"), "1"),
	   "beta is configured, and not there");
	close(fxs);
	gives(write_to(DRIVER "/bind", name), 0, "beta is put in again");
	ok(next(fxo, TAPI_LINE_EV_BATTERY, &event) && event.battery.state == 1,
	   "alpha has battery");
	fxs = line_open("beta", 0, O_RDONLY);
	ok(read(fxs, &event, sizeof(event)) == sizeof(event) &&
	   (event.state.hook == TAPI_LINE_OFF_HOOK || next(fxs, TAPI_LINE_EV_HOOK, &event)),
	   "beta sees that alpha is off hook");
	gives(write_to(DRIVER "/unbind", name), 0, "beta is pulled again");
	close(fxs);
	close(fxo);
	takes("beta/live", "0", "0");
}

static void removal(void)
{
	char node[64];

	snprintf(node, sizeof(node), "/sys/class/tapi/card%s-line3", value("alpha/number"));
	ok(access(node, F_OK) == 0, "%s", node);
	takes("alpha/live", "0", "0");
	takes("alpha/live", "0", "0");
	ok(access(node, F_OK) < 0 && !strcmp(value("alpha/number"), "none"), "it has gone");
	gives(take("beta/line0"), 0, "rmdir of one end");
	ok(!strcmp(value("alpha/line2/peer"), "none"), "the other end has no cable");
	gives(take("alpha"), -ENOTEMPTY, "rmdir of a card with lines");
	gives(take("beta/line1") | take("beta") | take("alpha/line0") | take("alpha/line1") |
	      take("alpha/line2") | take("alpha/line3") | take("alpha"), 0, "rmdir of the rest");
}

/* Both cards come up in this order, and go in the other */
static bool cycle(void)
{
	int err = make("one") | make("two") | make("one/line0") | make("two/line0");

	err |= write_to("two/line0/type", "fxs") | write_to("one/line0/peer", "two/line0");
	err |= write_to("one/live", "1") | write_to("two/live", "1");
	err |= write_to("two/live", "0") | write_to("one/live", "0");
	err |= take("two/line0") | take("one/line0") | take("two") | take("one");
	return !err;
}

static void cycles(void)
{
	int i;

	for (i = 0; i < CYCLES; i++)
		if (!cycle())
			break;
	ok(i == CYCLES, "%d of %d times, two cards came and went", i, CYCLES);
	ok(access("/sys/class/tapi/card1", F_OK) < 0, "none is left");
	ok(access("/sys/class/tapi/card0-line1", F_OK) == 0, "the card of the module is");
}

int main(void)
{
	bool mounted;

	if (!sim_begin(&mounted))
		return tap_done();
	names();
	card_values();
	line_values();
	cables();
	live_cards();
	call();
	sound("alpha", 2, "beta", 0);
	sound("beta", 0, "alpha", 2);
	sound("alpha", 1, "alpha", 0);
	in_use();
	pulled();
	removal();
	cycles();
	return sim_end(mounted);
}
