/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The users of lifetime.c and suspend.c: each is a process that gets hold of something and uses
 * it until it ends or is told to stop.
 */
#ifndef LIFETIME_ROLES_H
#define LIFETIME_ROLES_H

#include <sys/stat.h>

#include "line-util.h"
#include "sound-util.h"

#define CONFIG	"/sys/kernel/config/tapi-sim/lifetime"

static volatile sig_atomic_t stopped;

/**
 * struct role - a way to use a card
 * @name: for people
 * @setup: gets hold of it: 0 or a negative errno
 * @run: uses it until it ends (the negative errno) or is stopped (0)
 * @gone: what @run returns when the card goes, 0 when it is of no concern
 * @holds: the driver cannot be removed
 */
struct role {
	const char *name;
	int (*setup)(unsigned int line);
	int (*run)(void);
	int gone;
	bool holds;
};

static int role_fd = -1;
static char role_path[64];
static struct lu_relay role_pair;
static snd_pcm_t *role_play, *role_capture;

/* What is left to read, the last record being of type @last, ends with GONE and -ENODEV */
static int role_drain(int fd, uint32_t last)
{
	struct tapi_line_event ev = { .type = last };
	ssize_t n;

	while ((n = read(fd, &ev, sizeof(ev))) == sizeof(ev))
		;
	if (n < 0 && errno == ENODEV && ev.type != TAPI_LINE_EV_GONE)
		return -EBADMSG;
	return n < 0 ? -errno : -EIO;
}

static int open_setup(unsigned int line)
{
	role_fd = lu_open(line, O_RDWR | O_NONBLOCK);
	return role_fd < 0 ? role_fd : 0;
}

static int idle_run(void)
{
	struct tapi_line_state state;
	int err;

	while (!stopped)
		pause();
	err = ioctl(role_fd, TAPI_LINE_G_STATE, &state) ? -errno : 0;
	return err == -ENODEV ? role_drain(role_fd, 0) : err;
}

static int read_setup(unsigned int line)
{
	role_fd = lu_open(line, O_RDONLY);
	return role_fd < 0 ? role_fd : 0;
}

static int read_run(void)
{
	struct tapi_line_event ev = { 0 };
	uint32_t last = 0;
	ssize_t n;

	while (!stopped) {
		n = read(role_fd, &ev, sizeof(ev));
		if (n == sizeof(ev))
			last = ev.type;
		else if (n >= 0)
			return -EIO;
		else if (errno != EINTR)
			return errno == ENODEV && last != TAPI_LINE_EV_GONE ? -EBADMSG : -errno;
	}
	return 0;
}

static int poll_run(void)
{
	struct pollfd pfd = { .fd = role_fd, .events = POLLIN };
	struct tapi_line_event ev = { 0 };

	while (!stopped) {
		if (poll(&pfd, 1, -1) < 0)
			continue;
		if (pfd.revents & POLLHUP)
			return pfd.revents & POLLERR ? role_drain(role_fd, ev.type) : -EIO;
		while (read(role_fd, &ev, sizeof(ev)) == sizeof(ev) &&
		       ev.type != TAPI_LINE_EV_GONE)
			;
	}
	return 0;
}

static int pcm_setup(unsigned int line)
{
	uint8_t silence[PERIOD * PERIODS];
	int err = sound_open(&role_play, line, SND_PCM_STREAM_PLAYBACK);

	if (!err)
		err = sound_open(&role_capture, line, SND_PCM_STREAM_CAPTURE);
	if (err)
		return err;
	memset(silence, MU_SILENCE, sizeof(silence));
	err = snd_pcm_writei(role_play, silence, sizeof(silence));
	return err < 0 ? err : 0;
}

/*
 * A sleeper is told the one, the next call the other; and EIO when alsa-lib looks at the state
 * between the file's end and the stream's.
 */
static int pcm_gone(snd_pcm_t *pcm, int err)
{
	if (err == -EPIPE || err == -ESTRPIPE || err == -EINTR)
		return snd_pcm_recover(pcm, err, 1);
	return err == -EBADFD || err == -EIO ? snd_pcm_prepare(pcm) : err;
}

static int pcm_run(void)
{
	uint8_t buf[PERIOD];
	snd_pcm_sframes_t n;
	int err;

	memset(buf, MU_SILENCE, sizeof(buf));
	while (!stopped) {
		n = snd_pcm_writei(role_play, buf, PERIOD);
		err = n < 0 ? pcm_gone(role_play, n) : 0;
		if (!err) {
			n = snd_pcm_readi(role_capture, buf, PERIOD);
			err = n < 0 ? pcm_gone(role_capture, n) : 0;
		}
		if (err)
			return err;
	}
	return 0;
}

static int dial_setup(unsigned int line)
{
	role_fd = lu_open_claimed(line);
	return role_fd < 0 ? role_fd : lu_hook(role_fd, TAPI_LINE_OFF_HOOK, 0);
}

static int dial_run(void)
{
	struct tapi_line_event ev = { 0 };
	uint32_t cookie = 0;
	int err = 0;

	while (!stopped) {
		err = lu_dial(role_fd, TAPI_LINE_DIAL_DTMF, "0123456789,1", ++cookie);
		while (!err && !stopped) {
			err = lu_next(role_fd, &ev, 1000);
			if (err == -EAGAIN)
				err = 0;
			else if (!err && ev.type == TAPI_LINE_EV_COMPLETE && ev.cookie == cookie)
				break;
		}
		if (err == -ENODEV)
			return role_drain(role_fd, ev.type);
		if (err)
			return err;
	}
	return 0;
}

static int relay_setup(unsigned int line)
{
	return lu_relay(&role_pair, line);
}

/* One message there and back; both are read before the next */
static int relay_round(uint32_t seq)
{
	struct rn_msg msg;
	int err = rn_data(&role_pair.provider, role_pair.instance, NULL, &seq, sizeof(seq));

	if (err)
		return err;
	if (!rn_expect(&role_pair.app, TAPI_NL_CMD_DATA, &msg))
		return -ENOENT;
	err = rn_credit(&role_pair.app, role_pair.instance, seq);
	if (!err)
		err = rn_data(&role_pair.app, role_pair.instance, NULL, &seq, sizeof(seq));
	if (err)
		return err;
	if (!rn_expect(&role_pair.provider, TAPI_NL_CMD_DATA, &msg))
		return -ENOENT;
	return rn_credit(&role_pair.provider, role_pair.instance, seq);
}

/* The notice with this command, others are passed over; its reason */
static uint32_t relay_reason(struct rn *s, int cmd)
{
	struct rn_msg msg;

	while (!rn_next(s, &msg, RN_PATIENCE_MS))
		if (msg.cmd == cmd && msg.type == rn_family)
			return rn_get(&msg, TAPI_NL_A_REASON);
	return 0;
}

static int relay_run(void)
{
	uint32_t seq = 0;
	int err;

	while (!stopped) {
		err = relay_round(++seq);
		if (err != -ENOENT && err != -EPERM && err)
			return err;
		if (!err)
			continue;
		/* both ends are told, or the provider has read that already */
		if (relay_reason(&role_pair.app, TAPI_NL_CMD_INSTANCE_GONE) != TAPI_NL_GONE_UNPLUGGED)
			return -EBADMSG;
		return role_drain(role_pair.fd, 0);
	}
	return 0;
}

/* A card of its own, and its file open; line does not matter */
static int config_setup(unsigned int line)
{
	int err = 0;

	(void)line;
	mount("configfs", "/sys/kernel/config", "configfs", 0, NULL);
	if (mkdir(CONFIG, 0755) || mkdir(CONFIG "/line0", 0755))
		return -errno;
	err = lu_write(CONFIG "/live", "1");
	role_fd = open(CONFIG "/live", O_RDWR | O_CLOEXEC);
	return err ? err : role_fd < 0 ? -errno : 0;
}

static int config_run(void)
{
	char text[8] = "";

	while (!stopped)
		if (pread(role_fd, text, sizeof(text), 0) <= 0 || text[0] != '1')
			return -EIO;
	if (pwrite(role_fd, "0", 1, 0) != 1)
		return -errno;
	close(role_fd);
	return rmdir(CONFIG "/line0") || rmdir(CONFIG) ? -errno : 0;
}

static int sysfs_setup(unsigned int line)
{
	snprintf(role_path, sizeof(role_path), "/sys/class/tapi/card0-line%u/state", line);
	role_fd = open(role_path, O_RDONLY | O_CLOEXEC);
	return role_fd < 0 ? -errno : 0;
}

static int sysfs_run(void)
{
	char text[32];

	while (!stopped)
		if (pread(role_fd, text, sizeof(text), 0) <= 0)
			return errno ? -errno : -EIO;
	return 0;
}

enum { IDLE, READ, POLL, PCM, DIALLING, STREAMING, CONFIGFS, SYSFS, ROLES };

static const struct role roles[ROLES] = {
	[IDLE] = { "idle", open_setup, idle_run, -ENODEV, true },
	[READ] = { "blocking read", read_setup, read_run, -ENODEV, true },
	[POLL] = { "poll", open_setup, poll_run, -ENODEV, true },
	[PCM] = { "running sound", pcm_setup, pcm_run, -ENODEV, true },
	[DIALLING] = { "dialling", dial_setup, dial_run, -ENODEV, true },
	[STREAMING] = { "streaming relay", relay_setup, relay_run, -ENODEV, true },
	[CONFIGFS] = { "open configfs", config_setup, config_run, 0, true },
	[SYSFS] = { "sysfs read", sysfs_setup, sysfs_run, -ENODEV, false },
};

/* Role n uses the FXO line of pair n */
#define LINE(role)	(2 * (unsigned int)(role))

/* The process of one */
struct user {
	pid_t pid;
	int from;
};

static inline void on_stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static inline void say(int fd, int value)
{
	if (write(fd, &value, sizeof(value)) != sizeof(value))
		_exit(1);
}

/* What a user says; -ETIME when it says nothing: it hangs */
static inline int hear(const struct user *u, int ms)
{
	struct pollfd pfd = { .fd = u->from, .events = POLLIN };
	int value;

	if (poll(&pfd, 1, ms) <= 0)
		return -ETIME;
	return read(u->from, &value, sizeof(value)) == sizeof(value) ? value : -ECHILD;
}

static inline void be(const struct role *role, unsigned int line, int to)
{
	struct sigaction act = { .sa_handler = on_stop };
	int err;

	sigaction(SIGUSR1, &act, NULL);
	snd_lib_error_set_handler(NULL);
	err = role->setup(line);
	say(to, err);
	if (!err)
		say(to, role->run());
	fflush(stdout);
	_exit(0);
}

static inline int begin(struct user *u, int role)
{
	int pipefd[2], err;

	*u = (struct user){ 0 };
	fflush(stdout);
	if (pipe(pipefd))
		return -errno;
	u->from = pipefd[0];
	u->pid = fork();
	if (!u->pid) {
		close(pipefd[0]);
		be(&roles[role], LINE(role), pipefd[1]);
	}
	close(pipefd[1]);
	err = hear(u, RN_PATIENCE_MS);
	/* into its loop, which nobody can see; one that is not there yet is just as good a case */
	usleep(20000);
	return err;
}

/* The user's last word; it is asked to stop until it says something */
static inline int end(struct user *u, bool stop)
{
	long long last = rn_now_ms() + RN_PATIENCE_MS;
	int result = -ETIME;

	if (u->pid <= 0)
		return -ECHILD;
	do {
		if (stop)
			kill(u->pid, SIGUSR1);
		result = hear(u, stop ? 50 : RN_PATIENCE_MS);
	} while (result == -ETIME && rn_now_ms() < last);
	if (result == -ETIME)
		kill(u->pid, SIGKILL);
	waitpid(u->pid, NULL, 0);
	close(u->from);
	return result;
}

#endif /* LIFETIME_ROLES_H */
