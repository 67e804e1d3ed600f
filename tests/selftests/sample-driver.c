/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sample driver of the documentation does what its page says: its line can be taken off hook,
 * rings, hears itself sample by sample, and goes while it is used.
 */
#include "line-util.h"
#include "sound-util.h"
#include "tap.h"

/* tapi_sim has card 0 */
#define LINE		"/dev/tapi/card1-line0"
#define PCM		"hw:TAPI1,0"
#define DRIVER		"/sys/bus/platform/drivers/echo_card"
#define RINGING		"/sys/module/echo_card/parameters/ringing"
#define SECONDS		2
#define LENGTH		(SECONDS * 8000)

static int line = -1;

static bool loads(void)
{
	struct tapi_line_caps caps;

	CHECK(system("modprobe echo_card") == 0, "modprobe");
	line = open(LINE, O_RDWR | O_CLOEXEC);
	CHECK(line >= 0, "%s", LINE);
	CHECK(ioctl(line, TAPI_LINE_G_CAPS, &caps) == 0, "caps");
	CHECK(!strcmp(caps.driver, "echo_card") && !strcmp(caps.line_name, "echo"), "names");
	CHECK(caps.type == TAPI_LINE_FXO, "type %u", caps.type);
	return true;
}

static bool hook(void)
{
	struct tapi_line_claim claim = { 0 };
	struct tapi_line_hook off = { .op = TAPI_LINE_OFF_HOOK, .cookie = 7 };
	struct tapi_line_event event;
	struct tapi_line_state state;

	CHECK(ioctl(line, TAPI_LINE_CLAIM, &claim) == 0, "claim");
	CHECK(ioctl(line, TAPI_LINE_S_HOOK, &off) == 0, "off hook");
	CHECK_ERR(lu_wait(line, TAPI_LINE_EV_COMPLETE, &event), 0);
	CHECK(event.cookie == 7 && !event.complete.status, "%d", event.complete.status);
	CHECK(ioctl(line, TAPI_LINE_G_STATE, &state) == 0, "state");
	CHECK(state.hook == TAPI_LINE_OFF_HOOK && state.battery, "hook %u", state.hook);
	return true;
}

static bool rings(void)
{
	struct tapi_line_event event;

	CHECK_ERR(write_text(RINGING, "Y"), 0);
	CHECK_ERR(lu_wait(line, TAPI_LINE_EV_RING, &event), 0);
	CHECK(event.ring.state && event.ring.freq_mhz == 25000, "%u mHz", event.ring.freq_mhz);
	CHECK_ERR(write_text(RINGING, "N"), 0);
	CHECK_ERR(lu_wait(line, TAPI_LINE_EV_RING, &event), 0);
	CHECK(!event.ring.state, "still rings");
	return true;
}

static bool hears_itself(void)
{
	static uint8_t said[LENGTH], heard[LENGTH + 8000];
	snd_pcm_t *play, *listen;
	size_t i, told = 0, got = 0;
	long at;

	for (i = 0; i < LENGTH; i++)
		said[i] = RAMP(i);
	CHECK(snd_pcm_open(&play, PCM, SND_PCM_STREAM_PLAYBACK, 0) == 0, "playback");
	CHECK(snd_pcm_open(&listen, PCM, SND_PCM_STREAM_CAPTURE, 0) == 0, "capture");
	CHECK_ERR(sound_params(play, SND_PCM_ACCESS_RW_INTERLEAVED, PERIOD, PERIODS), 0);
	CHECK_ERR(sound_params(listen, SND_PCM_ACCESS_RW_INTERLEAVED, PERIOD, PERIODS), 0);
	CHECK_ERR(sound_start_when_full(play), 0);
	/* the buffer of what is said is kept full: each period heard makes room for one */
	for (; got < sizeof(heard); got += PERIOD) {
		for (; told < LENGTH && told < got + PERIOD * PERIODS; told += PERIOD)
			CHECK(snd_pcm_writei(play, said + told, PERIOD) == PERIOD, "at %zu", told);
		CHECK(snd_pcm_readi(listen, heard + got, PERIOD) == PERIOD, "at %zu", got);
	}
	snd_pcm_close(play);
	snd_pcm_close(listen);
	at = ramp_begin(heard, sizeof(heard));
	CHECK(at >= 0, "no ramp");
	CHECK(ramp_length(heard, sizeof(heard), at) == LENGTH, "wrong after %zu samples",
	      ramp_length(heard, sizeof(heard), at));
	return true;
}

static bool goes(void)
{
	struct tapi_line_event event;
	struct tapi_line_state state;

	CHECK_ERR(write_text(DRIVER "/unbind", "echo_card"), 0);
	CHECK_ERR(lu_wait(line, TAPI_LINE_EV_GONE, &event), 0);
	CHECK(ioctl(line, TAPI_LINE_G_STATE, &state) == -1 && errno == ENODEV, "state");
	CHECK(access(LINE, F_OK) == -1, "%s is there", LINE);
	/* there is no card to ring: no harm */
	CHECK_ERR(write_text(RINGING, "Y"), 0);
	CHECK_ERR(write_text(DRIVER "/bind", "echo_card"), 0);
	CHECK(access(LINE, F_OK) == 0, "%s is not there", LINE);
	close(line);
	CHECK_ERR(lu_rmmod("echo_card"), 0);
	CHECK(access(LINE, F_OK) == -1, "%s is left", LINE);
	return true;
}

int main(void)
{
	ok(loads(), "a line of the sample driver");
	ok(hook(), "off hook");
	ok(rings(), "rings");
	ok(hears_itself(), "hears itself, every sample");
	ok(goes(), "goes while its line is open, comes back, and goes");
	return tap_done();
}
