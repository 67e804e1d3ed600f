// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fail-nth: the sound of a line, by ALSA's own requests: a library would make many calls of one.
 * What ALSA's core itself leaves behind after a fault is not judged, so each try has a new file;
 * the line, and that sound can be used afterwards, is.
 */
#include <sound/asound.h>

#include "fail-nth.h"

#define PLAY	"/dev/snd/pcmC%dD0p"
#define PERIOD	160
#define PERIODS	4

static int fd = -1, monitor = -1;
static char path[64];

static int card_number(void)
{
	struct tapi_line_caps caps;

	return ioctl(monitor, TAPI_LINE_G_CAPS, &caps) ? -1 : (int)caps.snd_card;
}

static int closed(void)
{
	monitor = lu_open(LU_FXO, O_RDONLY);
	if (monitor < 0)
		return monitor;
	snprintf(path, sizeof(path), PLAY, card_number());
	return 0;
}

static int do_open(void)
{
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : 0;
}

static int opened(void)
{
	int err = closed();

	return err ? err : do_open();
}

static void interval(struct snd_pcm_hw_params *p, int which, unsigned int value)
{
	struct snd_interval *i = &p->intervals[which - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];

	*i = (struct snd_interval){ .min = value, .max = value, .integer = 1 };
}

static void mask(struct snd_pcm_hw_params *p, int which, unsigned int bit)
{
	struct snd_mask *m = &p->masks[which - SNDRV_PCM_HW_PARAM_FIRST_MASK];

	memset(m, 0, sizeof(*m));
	m->bits[bit / 32] = 1U << bit % 32;
}

static int do_hw_params(void)
{
	struct snd_pcm_hw_params p;
	unsigned int i;

	memset(&p, 0, sizeof(p));
	for (i = 0; i < sizeof(p.masks) / sizeof(p.masks[0]); i++)
		memset(&p.masks[i], 0xff, sizeof(p.masks[i]));
	for (i = 0; i < sizeof(p.intervals) / sizeof(p.intervals[0]); i++)
		p.intervals[i].max = ~0U;
	p.rmask = ~0U;
	p.info = ~0U;
	mask(&p, SNDRV_PCM_HW_PARAM_ACCESS, SNDRV_PCM_ACCESS_RW_INTERLEAVED);
	mask(&p, SNDRV_PCM_HW_PARAM_FORMAT, SNDRV_PCM_FORMAT_MU_LAW);
	interval(&p, SNDRV_PCM_HW_PARAM_CHANNELS, 1);
	interval(&p, SNDRV_PCM_HW_PARAM_RATE, 8000);
	interval(&p, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, PERIOD);
	interval(&p, SNDRV_PCM_HW_PARAM_PERIODS, PERIODS);
	return ioctl(fd, SNDRV_PCM_IOCTL_HW_PARAMS, &p) ? -errno : 0;
}

/* By default the first sample that is written starts it */
static int start_when_told(void)
{
	struct snd_pcm_sw_params p = { .period_step = 1, .avail_min = PERIOD,
				       .start_threshold = 1U << 30,
				       .stop_threshold = PERIOD * PERIODS };

	return ioctl(fd, SNDRV_PCM_IOCTL_SW_PARAMS, &p) ? -errno : 0;
}

static int with_params(void)
{
	int err = opened();

	if (!err)
		err = do_hw_params();
	return err ? err : start_when_told();
}

static int do_prepare(void)
{
	return ioctl(fd, SNDRV_PCM_IOCTL_PREPARE) ? -errno : 0;
}

static int prepared(void)
{
	int err = with_params();

	return err ? err : do_prepare();
}

static int do_write(void)
{
	unsigned char samples[PERIOD * PERIODS / 2];
	struct snd_xferi xfer = { .buf = samples, .frames = sizeof(samples) };

	memset(samples, 0xff, sizeof(samples));
	return ioctl(fd, SNDRV_PCM_IOCTL_WRITEI_FRAMES, &xfer) ? -errno : 0;
}

static int filled(void)
{
	int err = prepared();

	return err ? err : do_write();
}

static int do_start(void)
{
	return ioctl(fd, SNDRV_PCM_IOCTL_START) ? -errno : 0;
}

static int running(void)
{
	int err = filled();

	return err ? err : do_start();
}

static int do_drop(void)
{
	return ioctl(fd, SNDRV_PCM_IOCTL_DROP) ? -errno : 0;
}

static int do_hw_free(void)
{
	return ioctl(fd, SNDRV_PCM_IOCTL_HW_FREE) ? -errno : 0;
}

static int do_status(void)
{
	struct snd_pcm_status status = { 0 };

	return ioctl(fd, SNDRV_PCM_IOCTL_STATUS, &status) ? -errno : 0;
}

static int do_close(void)
{
	int err = close(fd) ? -errno : 0;

	fd = -1;
	return err;
}

static void leave(void)
{
	if (fd >= 0)
		close(fd);
	if (monitor >= 0)
		close(monitor);
	fd = monitor = -1;
}

static void look_sound(struct look *look)
{
	struct tapi_line_state s = { 0 };

	ioctl(monitor, TAPI_LINE_G_STATE, &s);
	look_add(look, "card %d, hook %u ring %u feed %u flags %u\n", card_number(), s.hook, s.ring,
		 s.linefeed, s.flags);
}

#define WALK(name, begin, call) WALK_IN(name, begin, call, NULL, leave, look_sound, )

const struct walk sound_walks[] = {
	WALK("sound: open", closed, do_open),
	WALK("sound: hw_params", opened, do_hw_params),
	WALK("sound: prepare", with_params, do_prepare),
	WALK("sound: write", prepared, do_write),
	WALK("sound: start", filled, do_start),
	WALK("sound: status", running, do_status),
	WALK("sound: drop", running, do_drop),
	WALK("sound: hw_free", with_params, do_hw_free),
	WALK("sound: close", running, do_close),
	{ }
};
