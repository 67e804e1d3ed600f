/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tapi-office from the subscriber's side of the cable: ringing with caller id,
 * a conversation compared sample by sample both ways, far disconnect, dialling
 * with tones, busy, answer, digits, and what it says to wrong commands.
 *
 * usage: office [PROGRAM [OPTION...]]
 */
#include <math.h>
#include <sndfile.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "office-util.h"

/* Seconds of the announcement */
#define SECONDS 5
#define ANNOUNCEMENT (SECONDS * RATE)

static char dir[] = "/tmp/office-test-XXXXXX";

/* What the office plays: other samples than those of the subscriber */
static int16_t announcement(uint64_t n)
{
	return speech(n * 7 + 1000000);
}

static bool make_announcement(void)
{
	SF_INFO info = { .samplerate = RATE, .channels = 1,
			 .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16 };
	static int16_t samples[ANNOUNCEMENT];
	SNDFILE *file = sf_open("hello.wav", SFM_WRITE, &info);

	for (int i = 0; i < ANNOUNCEMENT; i++)
		samples[i] = announcement(i);
	return file && sf_write_short(file, samples, ANNOUNCEMENT) == ANNOUNCEMENT &&
	       !sf_close(file);
}

/* Samples that follow @source from @samples on, counted from its beginning */
static size_t follows(const int16_t *samples, size_t count, int16_t (*source)(uint64_t))
{
	size_t n = 0;

	while (n < count && samples[n] == source(n))
		n++;
	return n;
}

/* Where @source begins: 8 samples tell; @count when it does not */
static size_t begins(const int16_t *samples, size_t count, int16_t (*source)(uint64_t))
{
	for (size_t at = 0; at + 8 <= count; at++) {
		if (follows(samples + at, 8, source) == 8)
			return at;
	}
	return count;
}

/* The announcement arrived whole; silence before it, as far as from @from on */
static void check_announcement(struct subscriber *s, size_t from, bool silent_before)
{
	size_t at = from + begins(s->heard + from, s->count - from, announcement);
	size_t length = follows(s->heard + at, s->count - at < ANNOUNCEMENT ? s->count - at :
				ANNOUNCEMENT, announcement);
	size_t noise = 0;

	for (size_t i = from; silent_before && i < at; i++)
		noise += s->heard[i] != 0;
	ok(length == ANNOUNCEMENT, "%zu of %d samples of the announcement arrive, one by one",
	   length, ANNOUNCEMENT);
	ok(!noise, "%zu samples before it are not silent", noise);
}

/* A recording has what the subscriber said from its first sample on, without a gap */
static void check_recording(const char *path, size_t told, size_t least)
{
	SF_INFO info = { 0 };
	SNDFILE *file = sf_open(path, SFM_READ, &info);
	size_t frames = file ? info.frames : 0, at, length = 0;
	int16_t *samples = calloc(frames + 1, sizeof(*samples));

	ok(file && frames == told && info.samplerate == RATE && info.channels == 1,
	   "%s has %zu samples, as told", path, frames);
	if (file) {
		sf_read_short(file, samples, frames);
		sf_close(file);
	}
	at = begins(samples, frames, speech);
	length = follows(samples + at, frames - at, speech);
	ok(length >= least && at + length == frames,
	   "%zu samples of the subscriber are in it, to its end, from %zu on", length, at);
	for (size_t i = 0; i < at; i++)
		length = samples[i] ? 0 : length;
	ok(length, "and silence before");
	free(samples);
}

static void take_message(void *data, const uint8_t *message, int length)
{
	adsi_rx_state_t **rx = data;
	const uint8_t *body;
	uint8_t type;
	int pos = -1, size;

	while ((pos = adsi_next_field(*rx, message, length, pos, &type, &body, &size)) > 0) {
		const char *name = type == MCLASS_CALLER_NUMBER ? "number" :
				   type == MCLASS_CALLER_NAME ? "name" :
				   type == MCLASS_DATETIME ? "time" : NULL;

		if (name && body)
			printf("# caller id: %s '%.*s'\n", name, size, body);
		if (type == MCLASS_CALLER_NUMBER)
			ok(size == 7 && !memcmp(body, "5551234", 7), "caller's number");
		if (type == MCLASS_CALLER_NAME)
			ok(size == 12 && !memcmp(body, "Ada Lovelace", 12), "caller's name");
		if (type == MCLASS_DATETIME)
			ok(size == 8, "time of the call");
	}
}

static void check_caller_id(struct subscriber *s, size_t from, size_t to)
{
	int before = tap_tests;
	adsi_rx_state_t *rx = NULL;

	rx = adsi_rx_init(NULL, ADSI_STANDARD_CLASS, take_message, &rx);
	adsi_rx(rx, s->heard + from, to - from);
	adsi_rx_free(rx);
	ok(tap_tests == before + 3, "one message with three fields between the bursts");
}

static void ringing(struct subscriber *s)
{
	size_t from = s->count;
	uint64_t end;

	tell(s, "ring number=5551234 name=\"Ada Lovelace\" cadence=500,1000");
	ok(event_comes(s, "ringing on"), "the office rings");
	ok(event_comes(s, "ringing off"), "the first burst ends");
	end = s->when;
	ok(event_comes(s, "ringing on"), "the second burst begins");
	ok(s->when - end + 1 >= 1000, "after %llu ms", (unsigned long long)(s->when - end));
	check_caller_id(s, from, s->count);
	ok(happens(s, TAPI_LINE_EV_RING) && s->happened.ring.state == 1 &&
	   happens(s, TAPI_LINE_EV_RING) && s->happened.ring.state == 0,
	   "the line saw the bursts");
}

/* Picks up while it rings: a conversation, sound from the first sample on */
static void conversation(struct subscriber *s)
{
	unsigned long long told = 0;
	size_t from;

	tell(s, "record \"call 1.wav\"");
	tell(s, "play hello.wav");
	tell(s, "status");
	ok(event_comes(s, "status line=sim-office state=ringing hook=on sound=off"),
	   "nothing plays before the call");
	from = s->count;
	ok(set_hook(s, TAPI_LINE_OFF_HOOK) == 0, "pick up");
	ok(event_comes(s, "line-off-hook"), "the office sees it");
	ok(event_comes(s, "answered"), "answered");
	ok(event_comes(s, "recording \"call 1.wav\" at=0"), "recorded from the first sample on");
	ok(event_comes(s, "playing hello.wav at=0"), "played from the first sample on");
	subscriber_speaks(s, speech);
	ok(event_comes(s, "played hello.wav 40000"), "all of the announcement is played");
	listen_on(s, RATE / 2);
	check_announcement(s, from, true);
	tell(s, "stop-record");
	ok(event_comes(s, "recorded \"call 1.wav\" ") &&
	   sscanf(s->event, "recorded \"call 1.wav\" %llu", &told) == 1, "recorded");
	subscriber_silent(s);
	check_recording("call 1.wav", told, ANNOUNCEMENT / 2);
}

static void digits_from_office(struct subscriber *s)
{
	dtmf_rx_state_t *rx = dtmf_rx_init(NULL, NULL, NULL);
	size_t from = s->count;
	char got[32] = "";

	tell(s, "dtmf 147*2580369#ABCD sound on=60 off=60");
	ok(event_comes(s, "sent 147*2580369#ABCD"), "digits sent as sound");
	listen_on(s, RATE / 4);
	dtmf_rx(rx, s->heard + from, s->count - from);
	dtmf_rx_get(rx, got, sizeof(got) - 1);
	dtmf_rx_free(rx);
	ok(!strcmp(got, "147*2580369#ABCD"), "the subscriber hears %s", got);
	tell(s, "dtmf 42");
	ok(happens(s, TAPI_LINE_EV_DTMF) && s->happened.dtmf.digit == '4', "a digit by the line");
	ok(event_comes(s, "sent 42"), "digits sent by the line");
}

static void far_disconnect(struct subscriber *s)
{
	uint64_t open;

	tell(s, "hangup");
	ok(happens(s, TAPI_LINE_EV_BATTERY) && s->happened.battery.state == 0,
	   "the other party hangs up: no battery");
	open = s->happened.ts;
	if (ok(happens(s, TAPI_LINE_EV_BATTERY) && s->happened.battery.state == 1,
	       "battery again"))
		open = (s->happened.ts - open) / 1000000;
	/* parts of a millisecond are cut off */
	ok(open + 1 >= 600 && open < PATIENCE_MS, "after %llu ms", (unsigned long long)open);
	ok(hears_tone(s, 480, 620), "busy tone");
	ok(set_hook(s, TAPI_LINE_ON_HOOK) == 0, "hang up");
	ok(event_comes(s, "line-on-hook"), "the office sees it");
	ok(event_comes(s, "idle"), "idle");
}

static void hang_up(struct subscriber *s)
{
	ok(set_hook(s, TAPI_LINE_ON_HOOK) == 0 && event_comes(s, "line-on-hook") &&
	   event_comes(s, "idle"), "hang up");
}

static void call_busy(struct subscriber *s)
{
	tell(s, "route 1X3 busy");
	ok(set_hook(s, TAPI_LINE_OFF_HOOK) == 0 && hears_tone(s, 350, 440), "dial tone");
	ok(dial(s, TAPI_LINE_DIAL_DTMF, "123") == 0, "dial with tones");
	ok(event_comes(s, "digit 1 dtmf") && event_comes(s, "digit 2 dtmf") &&
	   event_comes(s, "digit 3 dtmf"), "each digit is told");
	ok(event_comes(s, "number 123"), "the number is complete");
	ok(hears_tone(s, 480, 620), "busy tone");
	hang_up(s);
}

/* A called party that answers, plays and records until the caller hangs up */
static void call_answered(struct subscriber *s)
{
	unsigned long long told = 0;
	size_t from;

	tell(s, "route 45 answer=1 play=hello.wav record=call2.wav");
	ok(set_hook(s, TAPI_LINE_OFF_HOOK) == 0 && hears_tone(s, 350, 440), "dial tone");
	ok(dial(s, TAPI_LINE_DIAL_PULSE, "45") == 0, "dial with pulses");
	ok(event_comes(s, "digit 4 pulse") && event_comes(s, "digit 5 pulse"),
	   "each digit is told");
	ok(event_comes(s, "number 45"), "the number is complete");
	from = s->count;
	ok(hears_tone(s, 440, 480), "ringback tone");
	ok(event_comes(s, "answered"), "answered");
	ok(happens(s, TAPI_LINE_EV_POLARITY) && s->happened.level.value == 1,
	   "the polarity is reversed");
	ok(event_comes(s, "recording call2.wav at="), "records");
	listen_on(s, RATE / 5);
	subscriber_speaks(s, speech);
	ok(event_comes(s, "played hello.wav 40000"), "all of the announcement is played");
	listen_on(s, RATE / 2);
	check_announcement(s, from, false);
	ok(set_hook(s, TAPI_LINE_ON_HOOK) == 0 && event_comes(s, "line-on-hook"), "hang up");
	ok(event_comes(s, "recorded call2.wav ") &&
	   sscanf(s->event, "recorded call2.wav %llu", &told) == 1, "the recording ends");
	ok(event_comes(s, "idle"), "idle");
	ok(happens(s, TAPI_LINE_EV_POLARITY) && s->happened.level.value == 0,
	   "the polarity is normal");
	subscriber_silent(s);
	check_recording("call2.wav", told, ANNOUNCEMENT / 2);
}

static void call_unknown(struct subscriber *s)
{
	ok(set_hook(s, TAPI_LINE_OFF_HOOK) == 0 && hears_tone(s, 350, 440), "dial tone");
	ok(dial(s, TAPI_LINE_DIAL_DTMF, "99") == 0 && event_comes(s, "number 99"),
	   "an unknown number is complete after a pause");
	ok(hears_tone(s, 480, 620), "reorder tone");
	hang_up(s);
}

static void wrong_commands(struct subscriber *s)
{
	static const struct {
		const char *line;
		const char *event;
	} wrong[] = {
		{ "bogus", "error unknown command 'bogus'" },
		{ "play none.wav", "error play none.wav No such file or directory" },
		{ "record /none/a.wav", "error record /none/a.wav No such file or directory" },
		{ "tone busy", "error tone: the line is on hook" },
		{ "dtmf 1", "error dtmf: the line is on hook" },
		{ "hangup", "error hangup: there is no call" },
		{ "stop-ring", "error stop-ring: there is nothing to stop" },
		{ "stop-play", "error stop-play: there is nothing to stop" },
		{ "stop-record", "error stop-record: there is nothing to stop" },
		{ "route 777 off", "error route: there is none for 777" },
		{ "status", "status line=sim-office state=idle hook=on sound=off play=- record=-" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		tell(s, "%s", wrong[i].line);
		ok(event_comes(s, wrong[i].event), "%s is answered", wrong[i].line);
	}
}

/* Two cannot serve one line; the second one says so and ends */
static void second_office(const char *const *argv)
{
	struct subscriber other = { 0 };
	int status;

	start_office(&other, argv);
	waitpid(other.office, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 1, "a second office on the line ends");
	close(other.commands);
	close(other.events);
}

/* Whatever it does when it is ended, it leaves the line as it found it */
static void ends_well(struct subscriber *s, const char *const *argv)
{
	struct tapi_line_state state = { .flags = ~0U };
	int line = open(OFFICE_LINE, O_RDONLY | O_CLOEXEC), err;
	snd_pcm_t *pcm;

	ok(start_office(s, argv) && event_comes(s, "ready"), "the office starts again");
	tell(s, "ring");
	ok(event_comes(s, "ringing on"), "it rings");
	kill(s->office, SIGTERM);
	ok(end_office(s) == 0, "it is told to end, and does");
	ok(happens(s, TAPI_LINE_EV_RING) && happens(s, TAPI_LINE_EV_RING) &&
	   s->happened.ring.state == 0, "the ringing ends");
	ok(ioctl(line, TAPI_LINE_G_STATE, &state) == 0 && !state.flags && !state.ring &&
	   state.linefeed == TAPI_LINE_FEED_ACTIVE && !state.polarity, "the line is free");
	err = snd_pcm_open(&pcm, OFFICE_PCM, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
	ok(err == 0, "and its sound");
	if (!err)
		snd_pcm_close(pcm);
	close(line);
}

/* Digits as sound, made before they are said */
static int16_t digits[RATE];

static int16_t dialled_sound(uint64_t n)
{
	return n < RATE ? digits[n] : 0;
}

static void make_digits(void)
{
	dtmf_tx_state_t *tx = dtmf_tx_init(NULL);
	int count = 0, got;

	dtmf_tx_put(tx, "59#", -1);
	while (count < RATE && (got = dtmf_tx(tx, digits + count, RATE - count)) > 0)
		count += got;
	dtmf_tx_free(tx);
}

/* Gives commands by the socket, and gets events from there: nobody reads the pipe any more */
static bool use_socket(struct subscriber *s)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "control" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return false;
	close(s->commands);
	close(s->events);
	s->commands = fd;
	s->events = dup(fd);
	return s->events >= 0;
}

/* A line without a decoder of its own: digits are heard, whatever the office plays */
static void digits_in_the_sound(struct subscriber *s, const char *program)
{
	const char *args[] = { program, "--digits=sound", "--control=control", OFFICE_LINE, NULL };

	make_digits();
	ok(start_office(s, args) && event_comes(s, "ready"), "the office starts at a socket");
	ok(use_socket(s) && event_comes(s, "ready"), "and takes a connection");
	tell(s, "route 59# ringback");
	ok(set_hook(s, TAPI_LINE_OFF_HOOK) == 0 && hears_tone(s, 350, 440), "dial tone");
	subscriber_speaks(s, dialled_sound);
	ok(event_comes(s, "digit 5 dtmf") && event_comes(s, "digit 9 dtmf") &&
	   event_comes(s, "digit # dtmf") && event_comes(s, "number 59#"),
	   "each digit is heard once");
	ok(hears_tone(s, 440, 480), "ringback tone");
	tell(s, "answer-after 0.1");
	ok(event_comes(s, "answered"), "told to answer");
	subscriber_silent(s);
	hang_up(s);
	tell(s, "quit");
	ok(end_office(s) == 0 && access("control", F_OK), "it quits, and the socket is gone");
}

static bool unbind_card(void)
{
	static const char device[] = "tapi_sim.0";
	int fd = open("/sys/bus/platform/drivers/tapi_sim/unbind", O_WRONLY | O_CLOEXEC);
	bool done = write(fd, device, strlen(device)) > 0;

	close(fd);
	return done;
}

/* The card is pulled out in the middle of a call */
static void card_goes(struct subscriber *s, const char *const *argv)
{
	ok(start_office(s, argv) && event_comes(s, "ready"), "the office starts once more");
	tell(s, "ring");
	ok(event_comes(s, "ringing on") && set_hook(s, TAPI_LINE_OFF_HOOK) == 0 &&
	   event_comes(s, "answered"), "a call");
	tell(s, "record call3.wav");
	tell(s, "play hello.wav loop");
	ok(event_comes(s, "playing hello.wav"), "with sound");
	listen_on(s, RATE / 2);
	ok(unbind_card(), "the card goes");
	ok(event_comes(s, "error the line has gone"), "the office says so");
	ok(event_comes(s, "recorded call3.wav"), "and ends the recording");
	ok(end_office(s) == 1, "and itself");
}

int main(int argc, char **argv)
{
	const char *args[] = { argc > 1 ? argv[1] : TAPI_OFFICE, "--digit-pause=2500",
			       "sim-office", NULL };
	static struct subscriber s;

	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(dir) || chdir(dir) || !ok(make_announcement(), "announcement") ||
	    !ok(subscriber_open(&s), "the line and its sound open"))
		return tap_done();
	ok(start_office(&s, args) && event_comes(&s, "ready sim-office"), "the office is ready");
	second_office(args);
	wrong_commands(&s);
	ringing(&s);
	conversation(&s);
	digits_from_office(&s);
	far_disconnect(&s);
	call_busy(&s);
	call_answered(&s);
	call_unknown(&s);
	tell(&s, "quit");
	ok(end_office(&s) == 0, "it quits");
	/* events of the line from before */
	while (read(s.line, &s.happened, sizeof(s.happened)) > 0)
		;
	ends_well(&s, args);
	digits_in_the_sound(&s, args[0]);
	ok(!s.xruns, "this test was late %u times", s.xruns);
	card_goes(&s, args);
	subscriber_close(&s);
	unlink("hello.wav");
	unlink("call 1.wav");
	unlink("call2.wav");
	unlink("call3.wav");
	rmdir(dir);
	return tap_done();
}
