// SPDX-License-Identifier: GPL-2.0-or-later
/* fail-nth: the line device: open, read, poll, close, and each request */
#include "fail-nth.h"

static int fd = -1;
static unsigned int number;

/* ---- how a line looks: to another opener, so that the records of the first stay */

static void look_params(struct look *look, int monitor)
{
	struct tapi_line_param param = { .flags = TAPI_LINE_PARAM_NEXT };

	while (!ioctl(monitor, TAPI_LINE_Q_PARAM, &param)) {
		look_add(look, "parameter %u: %lld\n", param.id, (long long)param.value);
		param = (struct tapi_line_param){ .id = param.id, .flags = TAPI_LINE_PARAM_NEXT };
	}
}

static void look_line(struct look *look)
{
	int monitor = lu_open(number, O_RDONLY);
	struct tapi_line_state s;

	if (monitor < 0 || ioctl(monitor, TAPI_LINE_G_STATE, &s)) {
		look_add(look, "cannot be opened: %d\n", monitor);
	} else {
		look_add(look, "hook %u ring %u feed %u polarity %u battery %u faults %u dtmf %u\n",
			 s.hook, s.ring, s.linefeed, s.polarity, s.battery, s.faults, s.dtmf);
		look_add(look, "flags %u linger %s\n", s.flags,
			 s.linger_ms == TAPI_LINE_NONE ? "none" : "some");
		look_params(look, monitor);
	}
	if (monitor >= 0)
		close(monitor);
}

/* and whether this file has something to read */
static void look_file(struct look *look)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	look_line(look);
	look_add(look, "file %s\n", fd < 0 ? "closed" : poll(&poller, 1, 0) > 0 ? "readable" :
		 "empty");
}

/* ---- scenes */

/* A telephone that was used by the scene before may still be settling */
static int settled(void)
{
	int monitor = lu_open(LU_FXS, O_RDONLY | O_NONBLOCK);
	bool on_hook;

	if (monitor < 0)
		return monitor;
	on_hook = lu_on_hook(monitor);
	close(monitor);
	return on_hook ? 0 : -ETIME;
}

static int nothing(unsigned int line)
{
	number = line;
	fd = -1;
	return settled();
}

static int opened(unsigned int line)
{
	int err = nothing(line);

	if (!err)
		fd = lu_open(line, O_RDWR | O_NONBLOCK);
	return err ? err : fd < 0 ? fd : 0;
}

static int claimed(unsigned int line)
{
	int err = opened(line);

	return err ? err : lu_claim(fd, 0);
}

static int fxo_closed(void)
{
	return nothing(LU_FXO);
}

static int fxo_open(void)
{
	return opened(LU_FXO);
}

static int fxo(void)
{
	return claimed(LU_FXO);
}

static int fxs(void)
{
	return claimed(LU_FXS);
}

static int fxo_empty(void)
{
	struct tapi_line_event ev;
	int err = fxo();

	while (!err && !lu_next(fd, &ev, 0))
		;
	return err;
}

static int fxo_off_hook(void)
{
	int err = fxo();

	return err ? err : lu_hook(fd, TAPI_LINE_OFF_HOOK, 0);
}

static int fxo_dialling(void)
{
	int err = fxo_off_hook();

	return err ? err : lu_dial(fd, TAPI_LINE_DIAL_DTMF, ",,,,,,,,", 5);
}

static int fxs_ringing(void)
{
	int err = fxs();

	return err ? err : lu_ring(fd, TAPI_LINE_OP_START, 5000, 5000, 0);
}

static int fxs_tone(void)
{
	struct tapi_line_tone tone = { .op = TAPI_LINE_OP_START, .freq_mhz = { 425000 } };
	int err = fxs();

	if (err)
		return err;
	return ioctl(fd, TAPI_LINE_S_TONE, &tone) && errno != EOPNOTSUPP ? -errno : 0;
}

static void leave(void)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
}

/* ---- calls */

static int request(unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

static int do_open(void)
{
	fd = lu_open(LU_FXO, O_RDWR | O_NONBLOCK);
	return fd < 0 ? fd : 0;
}

static int do_close(void)
{
	int err = close(fd);

	fd = -1;
	return err;
}

static int do_read(void)
{
	struct tapi_line_event ev;
	ssize_t n = read(fd, &ev, sizeof(ev));

	return n == sizeof(ev) ? 0 : n < 0 ? -errno : -EIO;
}

static int do_read_empty(void)
{
	struct tapi_line_event ev;

	return read(fd, &ev, sizeof(ev)) < 0 && errno == EAGAIN ? 0 : -errno;
}

static int do_poll(void)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	int n = poll(&poller, 1, 0);

	return n < 0 ? -errno : n == 1 ? 0 : -EIO;
}

static int do_caps(void)
{
	struct tapi_line_caps caps;
	int err = request(TAPI_LINE_G_CAPS, &caps);

	return err ? err : caps.version == TAPI_LINE_ABI ? 0 : -EIO;
}

static int do_state(void)
{
	struct tapi_line_state state;

	return request(TAPI_LINE_G_STATE, &state);
}

static int do_stats(void)
{
	struct tapi_line_stats stats;

	return request(TAPI_LINE_G_STATS, &stats);
}

/* A simulated line has no meter */
static int do_measure(void)
{
	struct tapi_line_measure measure;
	int err = request(TAPI_LINE_MEASURE, &measure);

	return err == -EOPNOTSUPP ? 0 : err;
}

static int do_claim(void)
{
	return lu_claim(fd, 0);
}

static int do_release(void)
{
	return request(TAPI_LINE_RELEASE, NULL);
}

static int do_evmask(void)
{
	uint64_t mask = 1ULL << TAPI_LINE_EV_HOOK;

	return request(TAPI_LINE_S_EVMASK, &mask);
}

static int do_off_hook(void)
{
	return lu_hook(fd, TAPI_LINE_OFF_HOOK, 1);
}

static int do_on_hook(void)
{
	return lu_hook(fd, TAPI_LINE_ON_HOOK, 2);
}

static int do_flash(void)
{
	return lu_hook(fd, TAPI_LINE_HOOK_FLASH, 3);
}

static int do_ring(void)
{
	return lu_ring(fd, TAPI_LINE_OP_START, 5000, 5000, 4);
}

static int do_ring_stop(void)
{
	return lu_ring(fd, TAPI_LINE_OP_STOP, 0, 0, 0);
}

static int do_feed(void)
{
	struct tapi_line_linefeed feed = { .state = TAPI_LINE_FEED_ACTIVE, .polarity = 1 };

	return request(TAPI_LINE_S_LINEFEED, &feed);
}

static int tone(uint32_t op)
{
	struct tapi_line_tone tone = { .op = op, .freq_mhz = { 425000 } };
	int err = request(TAPI_LINE_S_TONE, &tone);

	return err == -EOPNOTSUPP ? 0 : err;
}

static int do_tone(void)
{
	return tone(TAPI_LINE_OP_START);
}

static int do_tone_stop(void)
{
	return tone(TAPI_LINE_OP_STOP);
}

static int do_dial(void)
{
	return lu_dial(fd, TAPI_LINE_DIAL_DTMF, "1", 5);
}

static int do_dial_pulse(void)
{
	return lu_dial(fd, TAPI_LINE_DIAL_PULSE, "1", 5);
}

static int do_abort(void)
{
	uint32_t cookie = 5;

	return request(TAPI_LINE_ABORT, &cookie);
}

static int do_q_param(void)
{
	struct tapi_line_param param = { .flags = TAPI_LINE_PARAM_NEXT };

	return request(TAPI_LINE_Q_PARAM, &param);
}

static int do_g_param(void)
{
	struct tapi_line_param param = { .id = TAPI_LINE_PARAM_RING_DEBOUNCE };

	return request(TAPI_LINE_G_PARAM, &param);
}

static int param_id;
static int64_t param_was;

static int do_s_param(void)
{
	struct tapi_line_param param = { .id = param_id, .value = param_was + 1 };

	return request(TAPI_LINE_S_PARAM, &param);
}

static int fxo_param(void)
{
	struct tapi_line_param param = { .id = TAPI_LINE_PARAM_RING_DEBOUNCE };
	int err = fxo();

	if (!err)
		err = request(TAPI_LINE_G_PARAM, &param);
	param_id = param.id;
	param_was = param.def;
	return err;
}

static void leave_param(void)
{
	struct tapi_line_param param = { .id = param_id, .value = param_was };

	request(TAPI_LINE_S_PARAM, &param);
	leave();
}

/* ---- files about the line */

static int read_file(const char *path)
{
	char text[4096];

	return read_text(path, text, sizeof(text));
}

#define SYSFS(name)						\
static int sysfs_##name(void)					\
{								\
	return read_file("/sys/class/tapi/card0-line0/" #name);	\
}

SYSFS(type)
SYSFS(name)
SYSFS(state)
SYSFS(hook)
SYSFS(claimed)
SYSFS(bound)
SYSFS(alsa)
SYSFS(uevent)

static int sysfs_lines(void)
{
	return read_file("/sys/class/tapi/card0/lines");
}

#define WALK(name, begin, call, end, look, ...) \
	WALK_IN(name, begin, call, NULL, end, look, __VA_ARGS__)

const struct walk line_walks[] = {
	WALK("line: open", fxo_closed, do_open, leave, look_line),
	WALK("line: close", fxo, do_close, leave, look_line),
	WALK("line: read", fxo_open, do_read, leave, look_file),
	WALK("line: read of nothing", fxo_empty, do_read_empty, leave, look_file),
	WALK("line: poll", fxo_open, do_poll, leave, look_file),
	WALK("line: G_CAPS", fxo_open, do_caps, leave, look_file),
	WALK("line: G_STATE", fxo_open, do_state, leave, look_file),
	WALK("line: G_STATS", fxo_open, do_stats, leave, look_file),
	WALK("line: MEASURE", fxo_open, do_measure, leave, look_file),
	WALK("line: CLAIM", fxo_open, do_claim, leave, look_file),
	WALK("line: RELEASE", fxo, do_release, leave, look_file),
	WALK("line: S_EVMASK", fxo_empty, do_evmask, leave, look_file),
	WALK("line: S_HOOK off", fxo_empty, do_off_hook, leave, look_file),
	WALK("line: S_HOOK on", fxo_off_hook, do_on_hook, leave, look_file),
	WALK("line: S_HOOK flash", fxo_off_hook, do_flash, leave, look_file, .loose = true),
	WALK("line: S_RING start", fxs, do_ring, leave, look_file),
	WALK("line: S_RING stop", fxs_ringing, do_ring_stop, leave, look_file),
	WALK("line: S_LINEFEED", fxs, do_feed, leave, look_file),
	WALK("line: S_TONE start", fxs, do_tone, leave, look_file),
	WALK("line: S_TONE stop", fxs_tone, do_tone_stop, leave, look_file),
	WALK("line: DIAL tones", fxo_off_hook, do_dial, leave, look_file, .loose = true),
	WALK("line: DIAL pulses", fxo_off_hook, do_dial_pulse, leave, look_file, .loose = true),
	WALK("line: ABORT", fxo_dialling, do_abort, leave, look_file),
	WALK("line: Q_PARAM", fxo_open, do_q_param, leave, look_file),
	WALK("line: G_PARAM", fxo_open, do_g_param, leave, look_file),
	WALK("line: S_PARAM", fxo_param, do_s_param, leave_param, look_file),
	WALK("sysfs: type", fxo_closed, sysfs_type, leave, look_line),
	WALK("sysfs: name", fxo_closed, sysfs_name, leave, look_line),
	WALK("sysfs: state", fxo_closed, sysfs_state, leave, look_line),
	WALK("sysfs: hook", fxo_closed, sysfs_hook, leave, look_line),
	WALK("sysfs: claimed", fxo, sysfs_claimed, leave, look_line),
	WALK("sysfs: bound", fxo_closed, sysfs_bound, leave, look_line),
	WALK("sysfs: alsa", fxo_closed, sysfs_alsa, leave, look_line),
	WALK("sysfs: lines", fxo_closed, sysfs_lines, leave, look_line),
	WALK("sysfs: uevent", fxo_closed, sysfs_uevent, leave, look_line),
	{ }
};
