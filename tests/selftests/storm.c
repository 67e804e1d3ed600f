/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many threads do at random, at the same time, whatever can be done with lines: files, claims,
 * requests, events, sound, the relay, sysfs; one breaks things and pulls the card.  No order is
 * expected but the errors that are documented, no task that hangs, and modules that go afterwards.
 * The kernel's log is looked at by whoever runs the machine.
 *
 *	storm [SEED [OPERATIONS]]
 *
 * SEED makes the threads choose the same again; OPERATIONS is how many each does.
 */
#define _GNU_SOURCE
#include <pthread.h>

#include "tap.h"
#include "line-util.h"
#include "sound-util.h"

#define THREADS		8
#define PAIRS		"pairs=4"
#define LINES		8
#define FILES		3
/* A quiet emulated machine does a thousand operations in ten seconds */
#define PATIENCE_S	600

struct thread {
	pthread_t id;
	uint64_t rng;
	unsigned int left;
	int fd[FILES];
	unsigned int line[FILES];
	struct rn sock;
	uint32_t instance;
	struct rn_cookie cookie;
	snd_pcm_t *pcm;
	unsigned int wrong;
};

static pthread_mutex_t cookie_lock = PTHREAD_MUTEX_INITIALIZER;
static struct rn_cookie last_cookie;
static unsigned int done_by_errno[256];

static uint32_t any(struct thread *t, uint32_t below)
{
	t->rng ^= t->rng << 13;
	t->rng ^= t->rng >> 7;
	t->rng ^= t->rng << 17;
	return (uint32_t)(t->rng >> 11) % below;
}

/* Counts the result of @what; the errors it may have end with 0 */
static int may(struct thread *t, const char *what, int err, const int *errors)
{
	__atomic_add_fetch(&done_by_errno[err < 0 ? -err & 255 : 0], 1, __ATOMIC_RELAXED);
	if (err >= 0)
		return err;
	while (*errors && *errors != -err)
		errors++;
	if (!*errors) {
		printf("# %s: %s\n", what, strerror(-err));
		t->wrong++;
	}
	return err;
}

#define MAY(t, what, err, ...)	may(t, what, err, (const int[]){ __VA_ARGS__, 0 })

static void do_open(struct thread *t, unsigned int i)
{
	t->line[i] = any(t, LINES);
	t->fd[i] = MAY(t, "open", lu_open(t->line[i], (any(t, 4) ? O_RDWR : O_RDONLY) | O_NONBLOCK),
		       ENODEV, ENOENT, ENXIO, ENOMEM);
}

static void do_close(struct thread *t, unsigned int i)
{
	close(t->fd[i]);
	t->fd[i] = -1;
}

static void do_claim(struct thread *t, unsigned int i)
{
	MAY(t, "claim", lu_claim(t->fd[i], any(t, 2) * any(t, 60)), EBUSY, ENODEV, EPERM);
}

static void do_release(struct thread *t, unsigned int i)
{
	MAY(t, "release", ioctl(t->fd[i], TAPI_LINE_RELEASE) ? -errno : 0, EPERM, ENODEV);
}

static void do_hook(struct thread *t, unsigned int i)
{
	MAY(t, "hook", lu_hook(t->fd[i], any(t, 3), any(t, 3)), EPERM, EBUSY, ENODEV, EOPNOTSUPP,
	    ENOTCONN, EIO);
}

static void do_ring(struct thread *t, unsigned int i)
{
	MAY(t, "ring", lu_ring(t->fd[i], any(t, 2), 10 + any(t, 50), 10, any(t, 3)), EPERM, EBUSY,
	    ENODEV, EOPNOTSUPP, EIO);
}

static void do_dial(struct thread *t, unsigned int i)
{
	MAY(t, "dial", lu_dial(t->fd[i], 1 + any(t, 2), any(t, 2) ? "12" : "7!,3", any(t, 3)), EPERM,
	    EBUSY, ENODEV, EOPNOTSUPP, ENOTCONN, EIO);
}

static void do_abort(struct thread *t, unsigned int i)
{
	uint32_t cookie = any(t, 3);

	MAY(t, "abort", ioctl(t->fd[i], TAPI_LINE_ABORT, &cookie) ? -errno : 0, EPERM, ENODEV);
}

static void do_feed(struct thread *t, unsigned int i)
{
	struct tapi_line_linefeed feed = { .state = any(t, 3), .polarity = any(t, 2) };

	MAY(t, "linefeed", ioctl(t->fd[i], TAPI_LINE_S_LINEFEED, &feed) ? -errno : 0, EPERM, EBUSY,
	    ENODEV, EOPNOTSUPP, EIO);
}

static void do_params(struct thread *t, unsigned int i)
{
	struct tapi_line_param p = { .flags = TAPI_LINE_PARAM_NEXT };

	while (!MAY(t, "query", ioctl(t->fd[i], TAPI_LINE_Q_PARAM, &p) ? -errno : 0, EINVAL, ENODEV)) {
		struct tapi_line_param set = { .id = p.id, .value = p.min };

		MAY(t, "set", ioctl(t->fd[i], TAPI_LINE_S_PARAM, &set) ? -errno : 0, EPERM, ENODEV,
		    EOPNOTSUPP, EIO);
		p = (struct tapi_line_param){ .id = p.id, .flags = TAPI_LINE_PARAM_NEXT };
	}
}

static void do_look(struct thread *t, unsigned int i)
{
	struct tapi_line_state state;
	struct tapi_line_stats stats;
	struct tapi_line_caps caps;
	char path[64], text[64];

	MAY(t, "state", ioctl(t->fd[i], TAPI_LINE_G_STATE, &state) ? -errno : 0, ENODEV);
	MAY(t, "stats", ioctl(t->fd[i], TAPI_LINE_G_STATS, &stats) ? -errno : 0, ENODEV);
	MAY(t, "caps", ioctl(t->fd[i], TAPI_LINE_G_CAPS, &caps) ? -errno : 0, ENODEV);
	snprintf(path, sizeof(path), "/sys/class/tapi/card0-line%u/claimed", any(t, LINES));
	lu_read(path, text, sizeof(text));
	lu_read("/sys/class/tapi/card0/irq_count", text, sizeof(text));
}

static void do_read(struct thread *t, unsigned int i)
{
	struct tapi_line_event ev[8];
	uint32_t seq = 0;
	ssize_t n;

	n = read(t->fd[i], ev, sizeof(ev));
	MAY(t, "read", n < 0 ? -errno : 0, EAGAIN, ENODEV);
	for (ssize_t k = 0; k < n / (ssize_t)sizeof(*ev); k++) {
		if (!ev[k].type || ev[k].type >= TAPI_LINE_EV_END || ev[k].seq < seq) {
			printf("# record of type %u, %u after %u\n", ev[k].type, ev[k].seq, seq);
			t->wrong++;
		}
		seq = ev[k].seq;
	}
}

static void do_wait(struct thread *t, unsigned int i)
{
	struct pollfd pfd = { .fd = t->fd[i], .events = POLLIN };
	uint64_t mask = any(t, 2) ? ~0ULL : any(t, 65536);

	MAY(t, "mask", ioctl(t->fd[i], TAPI_LINE_S_EVMASK, &mask) ? -errno : 0, ENODEV);
	poll(&pfd, 1, any(t, 20));
}

static void do_sound(struct thread *t)
{
	uint8_t buf[PERIOD];
	bool play = any(t, 2);

	if (t->pcm) {
		snd_pcm_close(t->pcm);
		t->pcm = NULL;
		return;
	}
	if (MAY(t, "sound", sound_open(&t->pcm, any(t, LINES), play ? SND_PCM_STREAM_PLAYBACK :
				       SND_PCM_STREAM_CAPTURE),
		EBUSY, EACCES, ENODEV, ENOENT, ENXIO, EBADFD, EIO, ENOTTY)) {
		t->pcm = NULL;
		return;
	}
	snd_pcm_nonblock(t->pcm, 1);
	memset(buf, MU_SILENCE, sizeof(buf));
	for (int i = 0; i < 3; i++) {
		if (play)
			snd_pcm_writei(t->pcm, buf, PERIOD);
		snd_pcm_start(t->pcm);
		if (!play)
			snd_pcm_readi(t->pcm, buf, PERIOD);
	}
}

static void do_provider(struct thread *t, unsigned int i)
{
	if (t->sock.fd < 0 && rn_open_port(&t->sock, 0))
		return;
	MAY(t, "provide", lu_provide(&t->sock, t->fd[i]), EBUSY, EPERM, ENODEV, ENOENT, ENOMEM);
	if (MAY(t, "grant", lu_grant(&t->sock, t->line[i], &t->cookie), EPERM, ENOENT, ENOSPC,
		ENOMEM))
		return;
	pthread_mutex_lock(&cookie_lock);
	last_cookie = t->cookie;
	pthread_mutex_unlock(&cookie_lock);
}

/* EINVAL: the socket is the line's provider */
static void do_instance(struct thread *t)
{
	struct rn_cookie cookie;

	if (t->sock.fd < 0 && rn_open_port(&t->sock, 0))
		return;
	pthread_mutex_lock(&cookie_lock);
	cookie = last_cookie;
	pthread_mutex_unlock(&cookie_lock);
	MAY(t, "create", rn_create(&t->sock, &cookie, &t->instance), EKEYREJECTED, EAGAIN, ENOSPC,
	    ENOENT, ENODEV, ENOMEM, EINVAL);
}

/* From either end */
static void do_data(struct thread *t)
{
	struct rn_msg msg;

	if (t->sock.fd < 0)
		return;
	MAY(t, "data", rn_data(&t->sock, t->instance, NULL, "storm", 5), EAGAIN, ENOENT, EPERM, EINVAL,
	    ENOTCONN, ENOMEM);
	while (!rn_next(&t->sock, &msg, 0))
		if (msg.type == rn_family && msg.cmd == TAPI_NL_CMD_DATA)
			MAY(t, "credit", rn_credit(&t->sock, rn_get(&msg, TAPI_NL_A_INSTANCE),
						   rn_get(&msg, TAPI_NL_A_SEQ)),
			    EPERM, ENOENT, EINVAL);
	if (!any(t, 8))
		rn_close(&t->sock);
}

static void (*const with_file[])(struct thread *t, unsigned int i) = {
	do_close, do_claim, do_release, do_hook, do_ring, do_dial, do_abort, do_feed, do_params,
	do_look, do_read, do_wait, do_provider, do_claim, do_hook, do_read,
};

static void *storm(void *data)
{
	struct thread *t = data;

	for (; t->left; t->left--) {
		unsigned int i = any(t, FILES), what = any(t, 20);

		if (what == 0)
			do_sound(t);
		else if (what < 3)
			do_instance(t);
		else if (what < 5)
			do_data(t);
		else if (t->fd[i] < 0)
			do_open(t, i);
		else
			with_file[any(t, sizeof(with_file) / sizeof(*with_file))](t, i);
	}
	for (unsigned int i = 0; i < FILES; i++)
		if (t->fd[i] >= 0)
			close(t->fd[i]);
	if (t->pcm)
		snd_pcm_close(t->pcm);
	rn_close(&t->sock);
	return NULL;
}

/*
 * The one who breaks things, a twentieth as often as the others do anything; for how long they
 * have it broken is drawn, too.
 */
static void *breaker(void *data)
{
	static const char *const texts[] = {
		"unplug", "unplug", "op set_hook EIO count 2", "op set_hook delay 5 count 3",
		"op pcm_start EIO count 1", "alloc file fail 1", "alloc message fail 2", "overflow",
		"relay eagain 3", "clear",
	};
	struct thread *t = data;

	for (unsigned int n = t->left / 20 + 2; n; n--) {
		const char *text = texts[any(t, sizeof(texts) / sizeof(*texts))];

		MAY(t, text, lu_inject(text), ENODEV);
		usleep(any(t, 100000));
		MAY(t, "replug", lu_inject("replug"), EBUSY, ENXIO);
	}
	return NULL;
}

static bool begin(struct thread *t, int n, uint64_t seed, unsigned int operations)
{
	*t = (struct thread){ .left = operations, .sock = { .fd = -1 } };
	t->rng = (seed + n + 1) * 0x9e3779b97f4a7c15;
	for (int i = 0; i < FILES; i++)
		t->fd[i] = -1;
	for (int i = 0; i < 8; i++)
		any(t, 2);
	return !pthread_create(&t->id, NULL, n ? storm : breaker, t);
}

static bool join(struct thread *t)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	return !pthread_timedjoin_np(t->id, NULL, &until);
}

static void tell(void)
{
	printf("# results:");
	for (int i = 0; i < 256; i++)
		if (done_by_errno[i])
			printf(" %s %u", i ? strerrorname_np(i) : "good", done_by_errno[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)rn_now_ms();
	unsigned int operations = argc > 2 ? strtoul(argv[2], NULL, 0) : 1000, wrong = 0;
	static struct thread threads[THREADS];
	int n, fd;

	signal(SIGPIPE, SIG_IGN);
	snd_lib_error_set_handler(NULL);
	printf("# seed %llu, %u operations in each of %d threads\n", (unsigned long long)seed,
	       operations, THREADS);
	if (!lu_load("inject=1", PAIRS)) {
		printf("Bail out! no modules with inject=1\n");
		return 1;
	}
	for (n = 0; n < THREADS && begin(&threads[n], n, seed, operations); n++)
		;
	ok(n == THREADS, "the storm begins");
	for (n = 0; n < THREADS; n++) {
		if (!ok(join(&threads[n]), "thread %d ends", n))
			_exit(1);
		wrong += threads[n].wrong;
	}
	tell();
	ok(!wrong && done_by_errno[0] > operations, "%u results that may not be", wrong);
	MAY(&threads[0], "replug", lu_inject("replug"), EBUSY, ENXIO);
	MAY(&threads[0], "clear", lu_inject("clear"), ENODEV);
	fd = lu_open_claimed(0);
	ok(fd >= 0 && !lu_hook(fd, TAPI_LINE_OFF_HOOK, 1) && !lu_complete(fd, 1),
	   "the card works after that");
	close(fd);
	ok(!lu_rmmod("tapi_sim") && !lu_rmmod("tapi"), "the modules go");
	return !lu_load("", "") || tap_done();
}
