/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The card is unbound from its driver while its sound is used; it is bound again at the end */
#include <pthread.h>

#include "file-util.h"
#include "sound-util.h"

#define DEVICE	"/sys/class/tapi/card0/device"

static bool link_name(const char *path, char *name, size_t size)
{
	char target[256];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	CHECK(n > 0, "%s", path);
	target[n] = 0;
	CHECK(strrchr(target, '/') && strlen(strrchr(target, '/')) < size, "%s", target);
	strcpy(name, strrchr(target, '/') + 1);
	return true;
}

struct user {
	pthread_t thread;
	snd_pcm_t *pcm;
	bool play;
	int err;
};

static void *use(void *arg)
{
	struct user *user = arg;
	uint8_t buf[PERIOD] = { 0 };
	snd_pcm_sframes_t n;

	do {
		n = user->play ? snd_pcm_writei(user->pcm, buf, PERIOD) :
				 snd_pcm_readi(user->pcm, buf, PERIOD);
		/* a busy machine may be too slow for the sound */
		if (n == -EPIPE)
			n = snd_pcm_prepare(user->pcm) ?: 1;
		/* a call that is interrupted in the middle says how far it came */
	} while (n > 0);
	user->err = n;
	return NULL;
}

static bool wait_card(bool there)
{
	long long end = rn_now_ms() + RN_PATIENCE_MS;

	while ((sound_card() >= 0) != there) {
		CHECK(rn_now_ms() < end, "card %s", there ? "does not come back" : "stays");
		usleep(10000);
	}
	return true;
}

static bool streaming(void)
{
	struct user users[4] = { { .play = true }, { .play = false }, { .play = true },
				 { .play = false } };
	char device[128], driver[512], path[600];
	snd_pcm_t *idle;
	int i;

	CHECK(sound_ready(), "card");
	CHECK(link_name(DEVICE, device, sizeof(device)), "device");
	CHECK(realpath(DEVICE "/driver", driver), "driver");
	for (i = 0; i < 4; i++)
		CHECK_ERR(sound_open(&users[i].pcm, i / 2, users[i].play ?
				     SND_PCM_STREAM_PLAYBACK : SND_PCM_STREAM_CAPTURE), 0);
	CHECK_ERR(sound_open(&idle, 1, SND_PCM_STREAM_CAPTURE), 0);
	for (i = 0; i < 4; i++)
		CHECK_ERR(pthread_create(&users[i].thread, NULL, use, &users[i]), 0);
	usleep(300000);
	snprintf(path, sizeof(path), "%s/unbind", driver);
	CHECK_ERR(write_text(path, device), 0);
	for (i = 0; i < 4; i++) {
		pthread_join(users[i].thread, NULL);
		/* ALSA says the one to a sleeper, the other afterwards */
		CHECK(users[i].err == -EBADFD || users[i].err == -ENODEV, "user %d: %d", i,
		      users[i].err);
		CHECK_ERR(snd_pcm_prepare(users[i].pcm), -ENODEV);
	}
	CHECK(wait_card(false), "gone");
	CHECK(snd_pcm_prepare(idle) == -ENODEV, "idle stream");
	snprintf(path, sizeof(path), "%s/bind", driver);
	CHECK_ERR(write_text(path, device), 0);
	CHECK(wait_card(true), "back");
	/* the old streams are still open, and the new card works beside them */
	for (i = 0; i < 4; i++)
		snd_pcm_close(users[i].pcm);
	snd_pcm_close(idle);
	CHECK_ERR(sound_open(&idle, 0, SND_PCM_STREAM_CAPTURE), 0);
	CHECK(snd_pcm_readi(idle, (uint8_t[PERIOD]){ 0 }, PERIOD) == PERIOD, "read");
	snd_pcm_close(idle);
	return true;
}

static bool repeated(void)
{
	int i;

	for (i = 0; i < 5; i++)
		if (!streaming())
			return false;
	return true;
}

static const struct rn_case cases[] = {
	{ streaming, "unbind with running and idle streams" },
	{ repeated, "five times in a row" },
};

RN_MAIN(cases)
