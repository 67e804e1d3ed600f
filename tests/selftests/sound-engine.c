/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sound thread of libtapi3 on two joined PCMs: a cable between two
 * simulated lines, or both ends of snd-aloop.  Every sample is compared.
 *
 * usage: sound-engine PCM PCM SECONDS
 */
#include <poll.h>
#include <spandsp.h>
#include <stdio.h>
#include <sys/timerfd.h>

#include "audio/line.h"
#include "tap.h"
#include "terminal.h"

static bool active[2];
static int digits_done;

static void notify(void *data, enum tapi3_media_event event, int error)
{
	if (event == TAPI3_MEDIA_STREAM_ACTIVE)
		active[(intptr_t)data] = true;
	else
		ok(false, "line %d failed: %s", (int)(intptr_t)data, snd_strerror(error));
}

static void done(void *data, int digits)
{
	(void)data;
	digits_done = digits;
}

/* A sequence without repetition within a second, on the grid of mu-law */
static int16_t sample(uint64_t n)
{
	uint32_t x = n * 2654435761u;

	x ^= x >> 15;
	return ulaw_to_linear(x >> 8 & 0xff);
}

/* mu-law has two zeros */
static bool same(int16_t a, int16_t b)
{
	return linear_to_ulaw(a) == linear_to_ulaw(b) || (a == 0 && b == 0);
}

struct side {
	struct engine_line *line;
	struct tapi3_terminal *in, *out;
	uint64_t sent, received;	/* samples */
	uint64_t wrong;
	uint64_t silence;		/* before the first sample */
};

static void feed(struct side *side)
{
	int16_t samples[800];
	ssize_t put;

	do {
		for (int i = 0; i < 800; i++)
			samples[i] = sample(side->sent + i);
		put = tapi3_terminal_write(side->in, samples, 800);
		side->sent += put > 0 ? put : 0;
	} while (put == 800);
}

static void drain(struct side *side)
{
	int16_t samples[800];
	ssize_t got;

	while ((got = tapi3_terminal_read(side->out, samples, 800)) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			if (!side->received && samples[i] == 0 && sample(0) != 0) {
				side->silence++;
				continue;
			}
			side->wrong += !same(samples[i], sample(side->received));
			side->received++;
		}
	}
}

static bool detect(struct tapi3_terminal *out, const char *want)
{
	dtmf_rx_state_t *rx = dtmf_rx_init(NULL, NULL, NULL);
	int16_t samples[800];
	char got[32] = "";
	ssize_t count;

	while ((count = tapi3_terminal_read(out, samples, 800)) > 0)
		dtmf_rx(rx, samples, count);
	dtmf_rx_get(rx, got, 31);
	dtmf_rx_free(rx);
	if (strcmp(got, want))
		printf("# heard '%s'\n", got);
	return !strcmp(got, want);
}

static void run(struct engine_client *client, struct side *sides, int seconds, bool check)
{
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec when = { .it_value.tv_sec = seconds };
	struct pollfd fds[6];

	timerfd_settime(timer, 0, &when, NULL);
	for (;;) {
		int count = 0;

		fds[count++] = (struct pollfd){ .fd = timer, .events = POLLIN };
		fds[count++].fd = engine_client_get_fd(client);
		for (int i = 0; check && i < 2; i++) {
			fds[count++].fd = tapi3_terminal_get_fd(sides[i].in);
			fds[count++].fd = tapi3_terminal_get_fd(sides[i].out);
		}
		for (int i = 1; i < count; i++)
			fds[i].events = POLLIN;
		poll(fds, count, -1);
		engine_client_dispatch(client);
		for (int i = 0; check && i < 2; i++) {
			feed(&sides[i]);
			drain(&sides[i]);
		}
		if (fds[0].revents)
			break;
	}
	close(timer);
}

static int open_side(struct engine_client *client, struct terminal_hub *hub, struct side *side,
		     const char *pcm, int number)
{
	struct msp_line_config config = { .pcm = pcm, .period_ms = 20, .notify = notify,
					  .data = (void *)(intptr_t)number };
	int err = engine_line_open(client, &config, &side->line);

	ok(err == 0, "%s opens: %s", pcm, err ? snd_strerror(err) : "yes");
	if (err)
		return err;
	ok(terminal_new(hub, TAPI3_TERMINAL_RAW, TAPI3_CAPTURE, NULL, &side->in) == 0 &&
	   terminal_new(hub, TAPI3_TERMINAL_RAW, TAPI3_RENDER, NULL, &side->out) == 0,
	   "%s has terminals", pcm);
	ok(engine_line_attach(side->line, &side->in->port) == 0 &&
	   engine_line_attach(side->line, &side->out->port) == 0, "%s: attached", pcm);
	ok(engine_line_attach(side->line, &side->in->port) == -EBUSY, "%s: only once", pcm);
	feed(side);
	return 0;
}

static void check_side(struct side *side, const char *pcm, int seconds)
{
	struct msp_line_stats stats;

	engine_line_stats(side->line, &stats);
	ok(stats.xruns == 0, "%s: %u xruns", pcm, stats.xruns);
	ok(side->received > (uint64_t)(seconds - 1) * AUDIO_RATE,
	   "%s: %llu samples arrived", pcm, (unsigned long long)side->received);
	ok(side->wrong == 0, "%s: %llu of them wrong", pcm, (unsigned long long)side->wrong);
	ok(tapi3_terminal_get_lost(side->in) == 0 && tapi3_terminal_get_lost(side->out) == 0,
	   "%s: lost %llu in, %llu out", pcm,
	   (unsigned long long)tapi3_terminal_get_lost(side->in),
	   (unsigned long long)tapi3_terminal_get_lost(side->out));
}

int main(int argc, char **argv)
{
	struct engine_client *client;
	struct terminal_hub hub;
	struct side sides[2] = { 0 };
	int seconds;

	if (argc != 4) {
		fprintf(stderr, "usage: %s PCM PCM SECONDS\n", argv[0]);
		return 2;
	}
	seconds = atoi(argv[3]);
	ok(engine_client_new(&client) == 0 && terminal_hub_init(&hub) == 0, "the thread starts");
	for (int i = 0; i < 2; i++) {
		if (open_side(client, &hub, &sides[i], argv[1 + i], i))
			goto out;
	}
	ok(engine_line_digits(sides[0].line, "1", 80, 80, done, NULL) == -ENOTCONN,
	   "no digits before the start");
	for (int i = 0; i < 2; i++)
		ok(engine_line_start(sides[i].line) == 0, "%s starts", argv[1 + i]);
	run(client, sides, seconds, true);
	ok(active[0] && active[1], "both lines said that they are active");
	for (int i = 0; i < 2; i++)
		check_side(&sides[i], argv[1 + i], seconds);

	/* digits play instead of the source */
	ok(engine_line_detach(sides[0].line, &sides[0].in->port) == 0, "source detached");
	run(client, sides, 1, false);
	drain(&sides[1]);
	ok(engine_line_digits(sides[0].line, "147*2580369#ABCD", 80, 80, done, NULL) == 0,
	   "digits are taken");
	ok(engine_line_digits(sides[0].line, "1", 80, 80, done, NULL) == -EBUSY, "one at a time");
	ok(engine_line_digits(sides[0].line, "1x", 80, 80, done, NULL) == -EINVAL, "x is no digit");
	engine_line_detach(sides[1].line, &sides[1].out->port);
	tapi3_terminal_unref(sides[1].out);
	terminal_new(&hub, TAPI3_TERMINAL_RAW, TAPI3_RENDER, NULL, &sides[1].out);
	audio_port_free(&sides[1].out->port);
	audio_port_init(&sides[1].out->port, false, 5 * AUDIO_RATE, UINT32_MAX);
	engine_line_attach(sides[1].line, &sides[1].out->port);
	run(client, sides, 4, false);
	ok(digits_done == 16, "16 digits done");
	ok(detect(sides[1].out, "147*2580369#ABCD"), "the other side hears them");
out:
	for (int i = 0; i < 2; i++) {
		engine_line_close(sides[i].line);
		tapi3_terminal_unref(sides[i].in);
		tapi3_terminal_unref(sides[i].out);
	}
	terminal_hub_fini(&hub);
	engine_client_free(client);
	return tap_done();
}
