// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Another driver of the same boards, wctdm of DAHDI, meets the model of the card: it shows that the
 * model is a card, not our driver's mirror image. Runs in the virtual machine, with the driver
 * loaded and four channels: 1 and 2 FXS, 3 and 4 FXO. Prints TAP.
 *
 * Built at test time against <dahdi/user.h> of Debian's package; see scripts/check-card-peer.
 */
#include <dahdi/user.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "g711.h"

#define BLOCK	     160
#define BLOCKS_AHEAD 8 /* written before the first is read: 160 ms */
#define PATIENCE_MS  30000
#define SOUND_BYTES  (BLOCK * 50)
#define RUN	     400 /* bytes in a row that must come back as they were sent */

static int control_fd = -1, channels[5] = { -1, -1, -1, -1, -1 };
static unsigned int tests, failed;

__attribute__((format(printf, 2, 3))) static void result(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %u - ", good ? "" : "not ", ++tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	failed += !good;
}

static void fatal(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- the card's control language */

static void open_control(void)
{
	glob_t found;

	if (glob("/dev/vport*p1", 0, NULL, &found) || found.gl_pathc != 1)
		fatal("the control port");
	control_fd = open(found.gl_pathv[0], O_RDWR);
	if (control_fd < 0)
		fatal(found.gl_pathv[0]);
	globfree(&found);
}

static const char *tell(const char *command)
{
	static char answer[65536];
	size_t used = 0;

	dprintf(control_fd, "%s\n", command);
	for (;;) {
		ssize_t got = read(control_fd, answer + used, sizeof(answer) - 1 - used);

		if (got <= 0)
			fatal("no answer");
		used += (size_t)got;
		answer[used] = 0;
		if (strstr(answer, "error: ")) {
			printf("# %s: %s", command, answer);
			exit(1);
		}
		if (used >= 3 && !strcmp(answer + used - 3, "ok\n"))
			return answer;
	}
}

static int value(const char *command, const char *key)
{
	const char *answer = tell(command);
	size_t length = strlen(key);

	for (const char *line = answer; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, length) && line[length] == ' ')
			return atoi(line + length + 1);
	}
	return -1;
}

static bool becomes(const char *command, const char *key, int wanted)
{
	uint64_t end = now_ms() + PATIENCE_MS;

	while (value(command, key) != wanted) {
		if (now_ms() > end)
			return false;
		poll(NULL, 0, 50);
	}
	return true;
}

/* --- the driver's channels */

static void configure(int ctl, int channel, int signalling)
{
	struct dahdi_chanconfig config = { .chan = channel, .sigtype = signalling };

	if (ioctl(ctl, DAHDI_CHANCONFIG, &config))
		fatal("DAHDI_CHANCONFIG");
}

/* It does not ring without a zone that says how: two seconds on, four off */
static void load_zone(int ctl)
{
	struct dahdi_tone_def_header zone = { .zone = 0, .ringcadence = { 2000, 4000 } };
	int number = 0;

	strcpy(zone.name, "test");
	if (ioctl(ctl, DAHDI_LOADZONE, &zone) || ioctl(ctl, DAHDI_DEFAULTZONE, &number))
		fatal("a tone zone");
}

static void open_channels(void)
{
	int ctl = open("/dev/dahdi/ctl", O_RDWR), zone = 0;

	if (ctl < 0)
		fatal("/dev/dahdi/ctl");
	load_zone(ctl);
	for (int i = 1; i <= 4; i++) {
		struct dahdi_bufferinfo buffers = {
			.txbufpolicy = DAHDI_POLICY_IMMEDIATE,
			.rxbufpolicy = DAHDI_POLICY_IMMEDIATE,
			.numbufs = BLOCKS_AHEAD * 2,
			.bufsize = BLOCK,
		};

		configure(ctl, i, i <= 2 ? DAHDI_SIG_FXOKS : DAHDI_SIG_FXSKS);
		channels[i] = open("/dev/dahdi/channel", O_RDWR);
		if (channels[i] < 0 || ioctl(channels[i], DAHDI_SPECIFY, &i))
			fatal("a channel");
		if (ioctl(channels[i], DAHDI_SET_BUFINFO, &buffers) ||
		    ioctl(channels[i], DAHDI_SETTONEZONE, &zone))
			fatal("a channel's settings");
	}
	close(ctl);
}

static void hook(int channel, int state)
{
	if (ioctl(channels[channel], DAHDI_HOOK, &state) && errno != EINPROGRESS)
		printf("# hook %d of channel %d: %s\n", state, channel, strerror(errno));
}

/* One of two events; others are told and forgotten */
static bool event(int channel, int wanted, int or_wanted)
{
	uint64_t end = now_ms() + PATIENCE_MS;

	while (now_ms() < end) {
		struct pollfd polled = { channels[channel], POLLPRI, 0 };
		int got = 0;

		poll(&polled, 1, 200);
		if (ioctl(channels[channel], DAHDI_GETEVENT, &got) || !got)
			continue;
		if (got == wanted || got == or_wanted)
			return true;
		printf("# channel %d: event %d\n", channel, got);
	}
	return false;
}

static void forget_events(int channel)
{
	int got = 1;

	for (unsigned int i = 0; i < 100 && got; i++)
		if (ioctl(channels[channel], DAHDI_GETEVENT, &got))
			return;
}

static ssize_t transfer(int channel, uint8_t *buffer, size_t size, bool out)
{
	for (unsigned int i = 0; i < 20; i++) {
		ssize_t done = out ? write(channels[channel], buffer, size) :
				     read(channels[channel], buffer, size);

		if (done > 0 || (errno != ELAST && errno != EAGAIN && errno != EINTR))
			return done;
		forget_events(channel);
	}
	return -1;
}

/* Samples that no other place of the sound has in the same order; never the second mu-law zero */
static uint8_t pattern(unsigned int at)
{
	uint32_t mixed = at * 2654435761u;

	mixed = (mixed ^ mixed >> 15) * 2246822519u;
	mixed = (mixed ^ mixed >> 13) & 0xff;
	return mixed == 0x7f ? 0xff : (uint8_t)mixed;
}

/*
 * What is sent comes back from the far end, somewhere later, RUN bytes without a fault. On the way
 * to a telephone this driver takes 6 dB off.
 */
static bool sound_returns(int channel, double gain)
{
	static uint8_t sent[SOUND_BYTES], expected[SOUND_BYTES], got[SOUND_BYTES];

	for (unsigned int i = 0; i < SOUND_BYTES; i++) {
		sent[i] = pattern(i);
		expected[i] = g711_to_ulaw((int16_t)lrint(g711_from_ulaw(sent[i]) * gain));
	}
	for (unsigned int i = 0; i < SOUND_BYTES; i += BLOCK)
		if (transfer(channel, sent + i, BLOCK, true) != BLOCK ||
		    (i >= BLOCKS_AHEAD * BLOCK &&
		     transfer(channel, got + i, BLOCK, false) != BLOCK)) {
			printf("# channel %d: %s\n", channel, strerror(errno));
			return false;
		}
	for (unsigned int at = SOUND_BYTES / 4; at + RUN < SOUND_BYTES; at++)
		for (unsigned int from = 0; from <= at; from++)
			if (!memcmp(expected + from, got + at, RUN)) {
				printf("# channel %d: back after %u samples\n", channel, at - from);
				return true;
			}
	return false;
}

/* --- what a telephone and an exchange see of it */

static void phones(void)
{
	tell("phone 0 lift");
	result(event(1, DAHDI_EVENT_RINGOFFHOOK, -1), "FXS: the driver sees the handset lifted");
	tell("phone 0 echo on");
	result(sound_returns(1, 0.5), "FXS: sound to the telephone and back, sample by sample");
	tell("phone 0 hang");
	result(event(1, DAHDI_EVENT_ONHOOK, -1), "FXS: and hung up");
	hook(2, DAHDI_RING);
	result(becomes("phone 1 state", "ringing", 1), "FXS: the telephone rings");
	tell("phone 1 lift");
	result(event(2, DAHDI_EVENT_RINGOFFHOOK, -1), "FXS: ring trip");
	result(becomes("phone 1 state", "ringing", 0), "FXS: the ringing stops");
	tell("phone 1 hang");
}

static void exchanges(void)
{
	hook(3, DAHDI_ONHOOK);
	hook(4, DAHDI_ONHOOK);
	becomes("exchange 2 state", "seized", 0);
	becomes("exchange 3 state", "seized", 0);
	forget_events(3);
	forget_events(4);
	tell("exchange 2 ring on 1000 2000");
	result(event(3, DAHDI_EVENT_RINGBEGIN, DAHDI_EVENT_RINGOFFHOOK),
	       "FXO: the driver hears it ring");
	hook(3, DAHDI_OFFHOOK);
	result(becomes("exchange 2 state", "seized", 1), "FXO: the exchange is answered");
	result(value("exchange 2 state", "ringing") == 0, "FXO: the exchange stops ringing");
	tell("exchange 2 echo on");
	result(sound_returns(3, 1), "FXO: sound to the exchange and back, sample by sample");
	hook(3, DAHDI_ONHOOK);
	result(becomes("exchange 2 state", "seized", 0), "FXO: on hook again");
	hook(4, DAHDI_OFFHOOK);
	result(becomes("exchange 3 state", "seized", 1), "FXO: the other one seizes its line");
	hook(4, DAHDI_ONHOOK);
	result(becomes("exchange 3 state", "seized", 0), "FXO: and lets go");
	forget_events(4);
	tell("exchange 3 reverse on");
	result(event(4, DAHDI_EVENT_POLARITY, -1), "FXO: polarity reversal");
	tell("exchange 3 battery off");
	result(event(4, DAHDI_EVENT_ALARM, -1), "FXO: a line without battery");
	tell("exchange 3 battery on");
	result(event(4, DAHDI_EVENT_NOALARM, -1), "FXO: and with it again");
}

/* Habits of that driver are told; but what would be wrong on any card must not happen */
static void rules(void)
{
	static const char *const grave[] = { "bus-master", "dma-",	   "offset",	 "spi-bits",
					     "spi-edges",  "uncalibrated", "no-battery", "power" };
	const char *answer = tell("violations");
	bool good = true;

	for (const char *line = answer; *line; line = strchr(line, '\n') + 1)
		printf("# %.*s\n", (int)strcspn(line, "\n"), line);
	for (unsigned int i = 0; i < sizeof(grave) / sizeof(grave[0]); i++)
		good = good && !strstr(answer, grave[i]);
	result(good, "the rules of bus, DMA and serial port were kept");
}

int main(void)
{
	open_control();
	open_channels();
	result(true, "four channels");
	phones();
	exchanges();
	rules();
	printf("1..%u\n", tests);
	return failed != 0;
}
