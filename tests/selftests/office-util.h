/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What plays the subscriber in the test of tapi-office: the line's other end with
 * its sound, and tapi-office as a child that is given commands and tells events.
 *
 * One loop serves all three, serve(): the sound of the line is taken whenever it
 * comes, into one long record.
 */
#ifndef OFFICE_UTIL_H
#define OFFICE_UTIL_H

#include <alsa/asoundlib.h>
#include <poll.h>
#include <signal.h>
#include <spandsp.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <linux/tapi_line.h>

#include "tap.h"

#define LINE		"/dev/tapi/card0-line0"
#define LINE_PCM	"hw:TAPI0,0"
#define OFFICE_LINE	"/dev/tapi/card0-line1"
#define OFFICE_PCM	"hw:TAPI0,1"

#define RATE		8000
#define PERIOD		160
/* The longest the driver has: an emulated machine may be late */
#define PERIODS		32
/* All of the test takes less */
#define HEARD_MAX	(240 * RATE)
/* Many times what anything here takes on a quiet emulated machine */
#define PATIENCE_MS	20000

/* What the subscriber says: told apart from silence, does not repeat within a second */
static inline int16_t speech(uint64_t n)
{
	uint32_t x = n * 2654435761u + 12345;
	uint8_t code;

	x ^= x >> 15;
	code = x >> 8;
	/* mu-law has two zeros: neither is used */
	return ulaw_to_linear((code & 0x7f) == 0x7f ? code - 1 : code);
}

struct subscriber {
	int line;
	snd_pcm_t *capture, *play;
	int16_t *heard;			/* since the beginning */
	size_t count;
	int16_t (*voice)(uint64_t n);	/* what it says, NULL: nothing */
	uint64_t spoken;
	unsigned int xruns;
	pid_t office;
	int commands, events;		/* pipes to and from the office */
	char text[8192];		/* events not looked at yet */
	size_t used;
	bool ended;			/* the office told its last event */
	char event[512];		/* the one that was waited for, without its time */
	uint64_t when;			/* its time, ms */
	struct tapi_line_event happened;
};

static inline int pcm_open(snd_pcm_t **pcm, const char *name, snd_pcm_stream_t stream)
{
	snd_pcm_uframes_t boundary;
	snd_pcm_sw_params_t *sw;
	int err;

	snd_pcm_sw_params_alloca(&sw);
	err = snd_pcm_open(pcm, name, stream, SND_PCM_NONBLOCK);
	if (err < 0)
		return err;
	err = snd_pcm_set_params(*pcm, SND_PCM_FORMAT_MU_LAW, SND_PCM_ACCESS_RW_INTERLEAVED, 1,
				 RATE, 0, PERIODS * PERIOD * 1000000ULL / RATE);
	if (err >= 0)
		err = snd_pcm_sw_params_current(*pcm, sw);
	if (err >= 0)
		err = snd_pcm_sw_params_get_boundary(sw, &boundary);
	if (err >= 0)
		err = snd_pcm_sw_params_set_start_threshold(*pcm, sw, boundary);
	return err < 0 ? err : snd_pcm_sw_params(*pcm, sw);
}

static inline void hear(struct subscriber *s)
{
	snd_pcm_sframes_t count;
	uint8_t codes[PERIOD];

	while ((count = snd_pcm_readi(s->capture, codes, PERIOD)) > 0) {
		for (snd_pcm_sframes_t i = 0; i < count && s->count < HEARD_MAX; i++)
			s->heard[s->count++] = ulaw_to_linear(codes[i]);
	}
	if (count != -EAGAIN && count != 0) {
		s->xruns++;
		snd_pcm_prepare(s->capture);
		snd_pcm_start(s->capture);
	}
}

static inline void speak(struct subscriber *s)
{
	snd_pcm_sframes_t put;
	uint8_t codes[PERIOD];

	do {
		for (int i = 0; i < PERIOD; i++)
			codes[i] = linear_to_ulaw(s->voice(s->spoken + i));
		put = snd_pcm_writei(s->play, codes, PERIOD);
		s->spoken += put > 0 ? put : 0;
	} while (put == PERIOD);
	if (put == -EPIPE) {
		s->xruns++;
		s->voice = NULL;
	}
}

/* Says this from its beginning on, until subscriber_silent() */
static inline void subscriber_speaks(struct subscriber *s, int16_t (*voice)(uint64_t n))
{
	snd_pcm_prepare(s->play);
	s->spoken = 0;
	s->voice = voice;
	speak(s);
	snd_pcm_start(s->play);
}

static inline void subscriber_silent(struct subscriber *s)
{
	s->voice = NULL;
	snd_pcm_drop(s->play);
}

/* Serves sound and the office's pipe once; false: nothing came for long, or the office ended */
static inline bool serve(struct subscriber *s, bool line_too)
{
	struct pollfd fds[4];
	int count = 0, ready;

	snd_pcm_poll_descriptors(s->capture, &fds[count++], 1);
	fds[count++] = (struct pollfd){ .fd = s->events, .events = POLLIN };
	if (line_too)
		fds[count++] = (struct pollfd){ .fd = s->line, .events = POLLIN };
	if (s->voice)
		snd_pcm_poll_descriptors(s->play, &fds[count++], 1);
	ready = poll(fds, count, PATIENCE_MS);
	hear(s);
	if (s->voice)
		speak(s);
	if (fds[1].revents & (POLLIN | POLLHUP)) {
		ssize_t got = read(s->events, s->text + s->used, sizeof(s->text) - 1 - s->used);

		s->used += got > 0 ? got : 0;
		s->ended = got == 0;
	}
	return ready > 0 && !s->ended;
}

/* Takes the next event of the office, if it has come */
static inline bool take_event(struct subscriber *s)
{
	char *newline = memchr(s->text, '\n', s->used);
	unsigned long long when;
	int at = 0;

	if (!newline)
		return false;
	*newline = '\0';
	printf("# %s\n", s->text);
	sscanf(s->text, "%llu %n", &when, &at);
	s->when = when;
	snprintf(s->event, sizeof(s->event), "%s", s->text + at);
	s->used -= newline + 1 - s->text;
	memmove(s->text, newline + 1, s->used);
	return true;
}

static inline uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* The next event of the office that begins so; others are passed over */
static inline bool event_comes(struct subscriber *s, const char *begin)
{
	uint64_t end = now_ms() + PATIENCE_MS;

	do {
		while (take_event(s)) {
			if (!strncmp(s->event, begin, strlen(begin)))
				return true;
		}
	} while (serve(s, false) && now_ms() < end);
	return false;
}

/* The next event of the line of this type */
static inline bool happens(struct subscriber *s, uint32_t type)
{
	uint64_t end = now_ms() + PATIENCE_MS;

	do {
		while (read(s->line, &s->happened, sizeof(s->happened)) == sizeof(s->happened)) {
			if (s->happened.type == type)
				return true;
		}
	} while (serve(s, true) && now_ms() < end);
	return false;
}

__attribute__((format(printf, 2, 3)))
static inline void tell(struct subscriber *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vdprintf(s->commands, format, args);
	va_end(args);
	dprintf(s->commands, "\n");
}

/* Hears @count samples more */
static inline void listen_on(struct subscriber *s, size_t count)
{
	size_t end = s->count + count;

	while (s->count < end && serve(s, false))
		;
}

/* Share of the power of @samples at @frequency: a full sine has 1 */
static inline double share(const int16_t *samples, size_t count, double frequency)
{
	double re = 0, im = 0, power = 0;

	for (size_t i = 0; i < count; i++) {
		re += samples[i] * cos(2 * M_PI * frequency * i / RATE);
		im += samples[i] * sin(2 * M_PI * frequency * i / RATE);
		power += (double)samples[i] * samples[i];
	}
	return power ? 2 * (re * re + im * im) / (power * count) : 0;
}

/* Is it a tone of these two frequencies, and of nothing else? */
static inline bool is_tone(const int16_t *samples, size_t count, double low, double high)
{
	double a = share(samples, count, low), b = share(samples, count, high);

	return a > 0.4 && b > 0.4 && a + b > 0.95;
}

/* Listens until it hears 200 ms of this tone; what it heard before does not count */
static inline bool hears_tone(struct subscriber *s, double low, double high)
{
	size_t window = RATE / 5, from = s->count, end = s->count + PATIENCE_MS * (RATE / 1000);

	while (s->count < end && serve(s, false)) {
		for (; from + window <= s->count; from += PERIOD) {
			if (is_tone(s->heard + from, window, low, high))
				return true;
		}
	}
	return false;
}

static inline int set_hook(struct subscriber *s, uint32_t op)
{
	struct tapi_line_hook hook = { .op = op };

	return ioctl(s->line, TAPI_LINE_S_HOOK, &hook);
}

static inline int dial(struct subscriber *s, uint32_t mode, const char *digits)
{
	struct tapi_line_dial request = { .mode = mode };

	strcpy(request.digits, digits);
	return ioctl(s->line, TAPI_LINE_DIAL, &request);
}

/* Starts the office with these arguments; its events come in s->events */
static inline bool start_office(struct subscriber *s, const char *const *argv)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		return false;
	fflush(stdout);
	s->office = fork();
	if (!s->office) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	s->commands = in[1];
	s->events = out[0];
	s->used = 0;
	s->ended = false;
	return s->office > 0;
}

/* The exit status of the office, -1 when it was killed; it was asked to end before */
static inline int end_office(struct subscriber *s)
{
	int status;

	do {
		while (take_event(s))
			;
	} while (serve(s, false));
	waitpid(s->office, &status, 0);
	close(s->commands);
	close(s->events);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline bool subscriber_open(struct subscriber *s)
{
	struct tapi_line_claim claim = { 0 };

	s->line = open(LINE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	s->heard = calloc(HEARD_MAX, sizeof(*s->heard));
	return s->line >= 0 && s->heard && !ioctl(s->line, TAPI_LINE_CLAIM, &claim) &&
	       !pcm_open(&s->play, LINE_PCM, SND_PCM_STREAM_PLAYBACK) &&
	       !pcm_open(&s->capture, LINE_PCM, SND_PCM_STREAM_CAPTURE) &&
	       !snd_pcm_start(s->capture);
}

static inline void subscriber_close(struct subscriber *s)
{
	if (s->play)
		snd_pcm_close(s->play);
	if (s->capture)
		snd_pcm_close(s->capture);
	close(s->line);
	free(s->heard);
}

#endif /* OFFICE_UTIL_H */
