/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Controls of a line's sound: their names, what the switches do to what is heard, volumes on the
 * gain parameters if the lines have them, who may turn them, and who is told.
 */
#include "line-util.h"
#include "sound-util.h"

#define LINES	2

static int value(const char *name, unsigned int line, int set, long *val)
{
	snd_ctl_elem_value_t *v;
	snd_ctl_t *ctl;
	int err;

	snd_ctl_elem_value_alloca(&v);
	snd_ctl_elem_value_set_interface(v, SND_CTL_ELEM_IFACE_MIXER);
	snd_ctl_elem_value_set_name(v, name);
	snd_ctl_elem_value_set_index(v, line);
	err = snd_ctl_open(&ctl, "hw:TAPI0", 0);
	if (err < 0)
		return err;
	if (set) {
		snd_ctl_elem_value_set_integer(v, 0, *val);
		err = snd_ctl_elem_write(ctl, v);
	} else {
		err = snd_ctl_elem_read(ctl, v);
		*val = snd_ctl_elem_value_get_integer(v, 0);
	}
	snd_ctl_close(ctl);
	return err;
}

static bool names(void)
{
	static const char *const wanted[] = { "Line Playback Switch", "Line Capture Switch",
					      "Line Law" };
	unsigned int i, found[3] = { 0 }, n;
	snd_ctl_elem_list_t *list;
	snd_ctl_t *ctl;

	CHECK(sound_ready(), "card");
	CHECK(!snd_ctl_open(&ctl, "hw:TAPI0", 0), "open");
	snd_ctl_elem_list_alloca(&list);
	CHECK(!snd_ctl_elem_list(ctl, list), "count");
	n = snd_ctl_elem_list_get_count(list);
	CHECK(n >= 3 * LINES && !snd_ctl_elem_list_alloc_space(list, n), "%u controls", n);
	CHECK(!snd_ctl_elem_list(ctl, list), "list");
	for (i = 0; i < n; i++) {
		const char *name = snd_ctl_elem_list_get_name(list, i);

		CHECK(!strstr(name, "Master") && !strstr(name, "PCM"), "%s", name);
		CHECK(snd_ctl_elem_list_get_index(list, i) < LINES, "%s", name);
		for (int k = 0; k < 3; k++)
			found[k] += !strcmp(name, wanted[k]);
	}
	for (int k = 0; k < 3; k++)
		CHECK(found[k] == LINES, "%u times %s", found[k], wanted[k]);
	snd_ctl_elem_list_free_space(list);
	snd_ctl_close(ctl);
	return true;
}

/* Samples of 0x55 that line 0 hears of 800 while line 1 plays nothing else */
static bool heard(unsigned int *count)
{
	uint8_t buf[PERIOD], out[PERIOD * PERIODS];
	snd_pcm_t *play, *capture;

	CHECK_ERR(sound_open(&play, 1, SND_PCM_STREAM_PLAYBACK), 0);
	CHECK_ERR(sound_open(&capture, 0, SND_PCM_STREAM_CAPTURE), 0);
	memset(out, 0x55, sizeof(out));
	CHECK_ERR(snd_pcm_start(capture), 0);
	/* what was played before is heard to its end */
	for (int i = 0; i < 5; i++)
		CHECK(snd_pcm_readi(capture, buf, PERIOD) == PERIOD, "read");
	CHECK(snd_pcm_writei(play, out, sizeof(out)) == sizeof(out), "write");
	*count = 0;
	for (int i = 0; i < 5; i++) {
		CHECK(snd_pcm_readi(capture, buf, PERIOD) == PERIOD, "read");
		for (int k = 0; k < PERIOD; k++) {
			CHECK(buf[k] == 0x55 || buf[k] == MU_SILENCE, "sample 0x%x", buf[k]);
			*count += buf[k] == 0x55;
		}
	}
	snd_pcm_close(capture);
	snd_pcm_close(play);
	return true;
}

static bool switches(void)
{
	long on = 1, off = 0, is;
	unsigned int n;

	CHECK(!value("Line Playback Switch", 1, 0, &is) && is == 1, "playback is %ld", is);
	CHECK(!value("Line Capture Switch", 0, 0, &is) && is == 1, "capture is %ld", is);
	CHECK(heard(&n) && n > 2 * PERIOD, "%u", n);
	CHECK_ERR(value("Line Playback Switch", 1, 1, &off), 0);
	CHECK(!value("Line Playback Switch", 1, 0, &is) && !is, "it is %ld", is);
	CHECK(heard(&n) && !n, "%u samples of a line that is mute", n);
	CHECK_ERR(value("Line Playback Switch", 1, 1, &on), 0);
	CHECK(heard(&n) && n > 2 * PERIOD, "%u", n);
	CHECK_ERR(value("Line Capture Switch", 0, 1, &off), 0);
	CHECK(heard(&n) && !n, "%u samples on a line that is deaf", n);
	CHECK_ERR(value("Line Capture Switch", 0, 1, &on), 0);
	CHECK(!value("Line Law", 0, 0, &is) && !is, "law %ld", is);
	CHECK(value("Line Law", 0, 1, &on) < 0, "the law cannot be set");
	return true;
}

/* Changes of a control that a program of ALSA has been told of since it was asked last */
static int told(snd_ctl_t *ctl, const char *name, unsigned int line)
{
	snd_ctl_event_t *event;
	int count = 0;

	snd_ctl_event_alloca(&event);
	while (snd_ctl_read(ctl, event) == 1)
		if (snd_ctl_event_get_type(event) == SND_CTL_EVENT_ELEM &&
		    snd_ctl_event_elem_get_mask(event) == SND_CTL_EVENT_MASK_VALUE &&
		    !strcmp(snd_ctl_event_elem_get_name(event), name) &&
		    snd_ctl_event_elem_get_index(event) == line)
			count++;
		else
			return -1;
	return count;
}

static bool set_param(int fd, uint32_t id, int64_t to)
{
	struct tapi_line_param p = { .id = id, .value = to };

	return !ioctl(fd, TAPI_LINE_S_PARAM, &p);
}

/* Whoever turns it, programs that show it are told, once, and only if it is another value */
static bool volume_events(void)
{
	struct tapi_line_param p = { .id = TAPI_LINE_PARAM_TX_GAIN };
	int fd = lu_open_claimed(0);
	snd_ctl_t *ctl;
	long step = 0;

	CHECK(fd >= 0, "claim");
	if (ioctl(fd, TAPI_LINE_Q_PARAM, &p)) {
		printf("# the line has no gain\n");
		return true;
	}
	CHECK(!snd_ctl_open(&ctl, "hw:TAPI0", SND_CTL_NONBLOCK), "open");
	CHECK(snd_ctl_subscribe_events(ctl, 1) >= 0, "subscribe");
	CHECK(set_param(fd, p.id, p.max) && told(ctl, "Line Playback Volume", 0) == 1, "S_PARAM");
	CHECK(set_param(fd, p.id, p.max) && !told(ctl, "Line Playback Volume", 0),
	      "the same value");
	CHECK(!set_param(fd, p.id, p.max + p.step) && !told(ctl, "Line Playback Volume", 0),
	      "a value that is refused");
	CHECK(set_param(fd, TAPI_LINE_PARAM_RX_GAIN, p.max) &&
	      told(ctl, "Line Capture Volume", 0) == 1, "the other one");
	CHECK(set_param(fd, TAPI_LINE_PARAM_FLASH, 100) && !told(ctl, "", 0),
	      "one that is no volume");
	CHECK_ERR(value("Line Playback Volume", 0, 1, &step), 0);
	CHECK(told(ctl, "Line Playback Volume", 0) == 1, "by the control itself");
	CHECK(set_param(fd, p.id, p.def) && set_param(fd, TAPI_LINE_PARAM_RX_GAIN, p.def), "back");
	snd_ctl_close(ctl);
	close(fd);
	return true;
}

/* Volumes are there for lines that have the parameter, and no others */
static bool volumes(void)
{
	static const struct { uint32_t id; const char *name; } what[] = {
		{ TAPI_LINE_PARAM_TX_GAIN, "Line Playback Volume" },
		{ TAPI_LINE_PARAM_RX_GAIN, "Line Capture Volume" },
	};
	int fd = lu_open_claimed(0);

	CHECK(fd >= 0, "claim");
	for (int i = 0; i < 2; i++) {
		struct tapi_line_param p = { .id = what[i].id }, set = { .id = what[i].id };
		long step = 0;

		if (ioctl(fd, TAPI_LINE_Q_PARAM, &p)) {
			CHECK(value(what[i].name, 0, 0, &step) == -ENOENT, "%s", what[i].name);
			continue;
		}
		set.value = p.max;
		CHECK(!ioctl(fd, TAPI_LINE_S_PARAM, &set), "set: %m");
		CHECK(!value(what[i].name, 0, 0, &step) && step == (p.max - p.min) / p.step, "%ld", step);
		step = 0;
		CHECK_ERR(value(what[i].name, 0, 1, &step), 0);
		set = (struct tapi_line_param){ .id = what[i].id };
		CHECK(!ioctl(fd, TAPI_LINE_G_PARAM, &set) && set.value == p.min, "%lld",
		      (long long)set.value);
		step = (p.max - p.min) / p.step + 1;
		CHECK(value(what[i].name, 0, 1, &step) == -EINVAL, "more than the most");
		set = (struct tapi_line_param){ .id = what[i].id, .value = p.def };
		CHECK(!ioctl(fd, TAPI_LINE_S_PARAM, &set), "set: %m");
	}
	close(fd);
	return true;
}

/* A line with a provider is turned by whoever may use its sound */
static bool passes(void)
{
	long off = 0, on = 1, is;
	struct lu_relay r;
	int status;
	pid_t pid;

	CHECK_ERR(lu_relay(&r, 0), 0);
	pid = fork();
	if (!pid)
		_exit(value("Line Playback Switch", 0, 1, &off) != -EACCES ||
		      value("Line Playback Switch", 0, 0, &is) || is != 1 ||
		      value("Line Playback Switch", 1, 1, &on) != 0);
	CHECK(waitpid(pid, &status, 0) == pid && !status, "a stranger: %x", status);
	CHECK_ERR(value("Line Playback Switch", 0, 1, &off), 0);
	CHECK_ERR(value("Line Playback Switch", 0, 1, &on), 0);
	lu_relay_end(&r);
	return true;
}

static const struct rn_case cases[] = {
	{ names, "names and indices" },
	{ switches, "a switch that is off: silence" },
	{ volumes, "volumes are the gain parameters" },
	{ volume_events, "programs of ALSA are told of them" },
	{ passes, "a line that has a provider is not turned by strangers" },
};

RN_MAIN(cases)
