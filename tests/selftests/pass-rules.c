/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may use a line's sound: every row of the table. The provider and the applications are
 * processes, as the rule is about processes. Lines 0 and 1 of card 0.
 */
#include "sound-util.h"

/* <sound/asound.h> and alsa-lib's headers do not go together */
struct xferi {
	long result;
	void *buf;
	unsigned long frames;
};

#define XFER_WRITE	_IOW('A', 0x50, struct xferi)
#define XFER_READ	_IOR('A', 0x51, struct xferi)

#define PARAM		"/sys/module/tapi/parameters/pass_grace_ms"
#define LINGER_MS	1500

/* A process that does what it is told and says how it went */
struct actor {
	pid_t pid;
	int ask, answer;
};

/* What an actor keeps between two requests */
struct role {
	struct rn sock;
	snd_pcm_t *pcm;
	uint32_t instance;
	int line;			/* the claiming file */
	int fd;				/* the sound's file */
	int inherited;
};

struct request {
	int (*run)(struct role *role, const void *arg);
	uint8_t arg[64];
};

static void actor_main(int ask, int answer, int inherited)
{
	struct role role = { .line = -1, .fd = -1, .inherited = inherited };
	struct request rq;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(ask, &rq, sizeof(rq)) == sizeof(rq)) {
		err = rq.run(&role, rq.arg);
		if (write(answer, &err, sizeof(err)) != sizeof(err))
			break;
	}
	_exit(0);
}

static bool actor_start(struct actor *actor, int inherited)
{
	int ask[2], answer[2];

	CHECK(!pipe2(ask, O_CLOEXEC) && !pipe2(answer, O_CLOEXEC), "pipe");
	actor->pid = fork();
	CHECK(actor->pid >= 0, "fork");
	if (!actor->pid)
		actor_main(ask[0], answer[1], inherited);
	close(ask[0]);
	close(answer[1]);
	actor->ask = ask[1];
	actor->answer = answer[0];
	return true;
}

static int actor_wait(struct actor *actor)
{
	struct pollfd pfd = { .fd = actor->answer, .events = POLLIN };
	int err;

	if (poll(&pfd, 1, RN_PATIENCE_MS) != 1)
		return -ETIME;
	return read(actor->answer, &err, sizeof(err)) == sizeof(err) ? err : -ESRCH;
}

static void actor_tell(struct actor *actor, int (*run)(struct role *, const void *),
		       const void *arg, size_t len)
{
	struct request rq = { .run = run };

	if (len)
		memcpy(rq.arg, arg, len);
	if (write(actor->ask, &rq, sizeof(rq)) != sizeof(rq))
		printf("# actor %d does not listen\n", actor->pid);
}

static int actor_do(struct actor *actor, int (*run)(struct role *, const void *))
{
	actor_tell(actor, run, NULL, 0);
	return actor_wait(actor);
}

static void actor_kill(struct actor *actor)
{
	kill(actor->pid, SIGKILL);
	waitpid(actor->pid, NULL, 0);
	close(actor->ask);
	close(actor->answer);
}

/* Requests: open a stream of line 0, use it, close it */
static int do_listen(struct role *role, const void *arg)
{
	int err = sound_open(&role->pcm, 0, SND_PCM_STREAM_CAPTURE);

	(void)arg;
	if (err)
		role->pcm = NULL;
	return err ?: snd_pcm_start(role->pcm);
}

static int do_speak(struct role *role, const void *arg)
{
	int err = sound_open(&role->pcm, 0, SND_PCM_STREAM_PLAYBACK);

	(void)arg;
	if (err)
		role->pcm = NULL;
	return err;
}

static int do_read(struct role *role, const void *arg)
{
	uint8_t buf[PERIOD];
	snd_pcm_sframes_t n = snd_pcm_readi(role->pcm, buf, sizeof(buf));

	(void)arg;
	return n < 0 ? (int)n : 0;
}

/* Reads until it fails */
static int do_read_on(struct role *role, const void *arg)
{
	int err;

	do {
		err = do_read(role, arg);
	} while (!err);
	return err;
}

static int do_state(struct role *role, const void *arg)
{
	(void)arg;
	return snd_pcm_state(role->pcm);
}

static int do_close(struct role *role, const void *arg)
{
	(void)arg;
	if (role->pcm)
		snd_pcm_close(role->pcm);
	role->pcm = NULL;
	return 0;
}

/* Requests: the provider */
static int do_claim(struct role *role, const void *arg)
{
	struct tapi_line_claim claim = { .key = "passes" };
	char path[64];

	memcpy(&claim.linger_ms, arg, sizeof(claim.linger_ms));
	line_path(path, sizeof(path), 0);
	role->line = open(path, O_RDWR | O_CLOEXEC);
	if (role->line < 0)
		return -errno;
	return ioctl(role->line, TAPI_LINE_CLAIM, &claim) ? -errno : 0;
}

static int do_bind(struct role *role, const void *arg)
{
	struct rn_req rq;
	int err = rn_open_port(&role->sock, 0);

	(void)arg;
	if (err)
		return err;
	rn_cmd(&rq, TAPI_NL_CMD_PROVIDER_BIND);
	rn_u32(&rq, TAPI_NL_A_LINE_FD, role->line);
	err = rn_talk(&role->sock, &rq, NULL);
	if (err)
		printf("# bind: %s\n", role->sock.text);
	return err;
}

static int do_unbind(struct role *role, const void *arg)
{
	struct rn_req rq;

	(void)arg;
	rn_cmd(&rq, TAPI_NL_CMD_PROVIDER_UNBIND);
	rn_u32(&rq, TAPI_NL_A_CARD, 0);
	rn_u32(&rq, TAPI_NL_A_LINE, 0);
	return rn_talk(&role->sock, &rq, NULL);
}

static int do_release(struct role *role, const void *arg)
{
	(void)arg;
	return ioctl(role->line, TAPI_LINE_RELEASE) ? -errno : 0;
}

/* Leaves a cookie in memory that all processes of the test share */
static struct rn_cookie *cookie;

static int do_grant(struct role *role, const void *arg)
{
	struct rn_req rq;
	int err;

	(void)arg;
	rn_cmd(&rq, TAPI_NL_CMD_GRANT);
	rn_u32(&rq, TAPI_NL_A_CARD, 0);
	rn_u32(&rq, TAPI_NL_A_LINE, 0);
	rn_u32(&rq, TAPI_NL_A_ADDRESS, 0);
	err = rn_grant_rq(&role->sock, &rq, cookie);
	if (err)
		printf("# grant: %s\n", role->sock.text);
	return err;
}

static int do_create(struct role *role, const void *arg)
{
	int err = rn_open_port(&role->sock, 0);

	(void)arg;
	return err ?: rn_create(&role->sock, cookie, &role->instance);
}

static int do_end(struct role *role, const void *arg)
{
	(void)arg;
	return rn_instance_cmd(&role->sock, TAPI_NL_CMD_INSTANCE_CLOSE, role->instance);
}

/* Requests: a file that somebody else opened */
static int do_read_inherited(struct role *role, const void *arg)
{
	uint8_t buf[PERIOD];
	struct xferi xfer = { .buf = buf, .frames = sizeof(buf) };

	(void)arg;
	return ioctl(role->inherited, XFER_READ, &xfer) ? -errno : 0;
}

static int do_map_inherited(struct role *role, const void *arg)
{
	void *at = mmap(NULL, PERIOD * PERIODS, PROT_READ, MAP_SHARED, role->inherited, 0);

	(void)arg;
	return at == MAP_FAILED ? -errno : 0;
}

static int share(struct role *role)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/snd/pcmC%dD0p", sound_card());
	role->inherited = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
	return role->inherited < 0 ? -errno : 0;
}

static int do_share_write(struct role *role, const void *arg)
{
	uint8_t buf[PERIOD] = { 0 };
	struct xferi xfer = { .buf = buf, .frames = sizeof(buf) };
	int err = share(role);

	(void)arg;
	if (err)
		return err;
	return ioctl(role->inherited, XFER_WRITE, &xfer) ? -errno : 0;
}

static int do_share_map(struct role *role, const void *arg)
{
	return share(role) ?: do_map_inherited(role, arg);
}

/* Opens for mapping: the buffer can be mapped by whoever has the file */
static int open_mapped(struct role *role, snd_pcm_stream_t dir)
{
	int err = sound_open_flags(&role->pcm, 0, dir, SND_PCM_NONBLOCK);
	struct pollfd pfd;

	if (!err)
		err = snd_pcm_nonblock(role->pcm, 0);
	if (!err)
		err = sound_params(role->pcm, SND_PCM_ACCESS_MMAP_INTERLEAVED, PERIOD, PERIODS);
	if (err)
		return err;
	if (snd_pcm_poll_descriptors(role->pcm, &pfd, 1) != 1)
		return -EIO;
	role->fd = pfd.fd;
	return 0;
}

static int do_speak_mapped(struct role *role, const void *arg)
{
	(void)arg;
	return open_mapped(role, SND_PCM_STREAM_PLAYBACK);
}

static int do_listen_mapped(struct role *role, const void *arg)
{
	int err = open_mapped(role, SND_PCM_STREAM_CAPTURE);

	(void)arg;
	role->inherited = role->fd;
	return err ?: snd_pcm_start(role->pcm);
}

static bool claim_and_bind(struct actor *provider, uint32_t linger_ms)
{
	actor_tell(provider, do_claim, &linger_ms, sizeof(linger_ms));
	CHECK_ERR(actor_wait(provider), 0);
	CHECK_ERR(actor_do(provider, do_bind), 0);
	return true;
}

static bool give_instance(struct actor *provider, struct actor *app)
{
	CHECK_ERR(actor_do(provider, do_grant), 0);
	CHECK_ERR(actor_do(app, do_create), 0);
	return true;
}

static bool start(struct actor *provider, struct actor *app, struct actor *stranger)
{
	CHECK(sound_ready(), "card");
	cookie = mmap(NULL, sizeof(*cookie), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	CHECK(cookie != MAP_FAILED, "mmap");
	return actor_start(provider, -1) && actor_start(app, -1) && actor_start(stranger, -1);
}

static bool wait_until(struct actor *actor, int (*run)(struct role *, const void *), int want,
		       int ms)
{
	long long end = rn_now_ms() + ms;
	int err;

	do {
		err = actor_do(actor, run);
		if (err == want)
			return true;
		usleep(20000);
	} while (rn_now_ms() < end);
	CHECK(false, "%d, wanted %d", err, want);
}

static bool unused(void)
{
	struct actor provider, app, stranger;

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK_ERR(actor_do(&stranger, do_listen), 0);
	CHECK_ERR(actor_do(&stranger, do_read), 0);
	CHECK_ERR(actor_do(&app, do_speak), 0);
	return true;
}

static bool denied(void)
{
	struct actor provider, app, stranger;

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK(claim_and_bind(&provider, 0), "bind");
	CHECK_ERR(actor_do(&stranger, do_listen), -EACCES);
	CHECK_ERR(actor_do(&stranger, do_speak), -EACCES);
	CHECK_ERR(actor_do(&provider, do_listen), 0);
	CHECK_ERR(actor_do(&provider, do_read), 0);
	CHECK_ERR(actor_do(&app, do_listen), -EACCES);
	CHECK(give_instance(&provider, &app), "instance");
	CHECK_ERR(actor_do(&app, do_listen), 0);
	CHECK_ERR(actor_do(&app, do_read), 0);
	return true;
}

static bool cut(void)
{
	struct actor provider, app, stranger;
	uint32_t none = 0;
	int err;

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK_ERR(actor_do(&app, do_listen), 0);
	CHECK_ERR(actor_do(&provider, do_listen), 0);
	CHECK_ERR(actor_do(&stranger, do_speak), 0);
	actor_tell(&provider, do_claim, &none, sizeof(none));
	CHECK_ERR(actor_wait(&provider), 0);
	/* a sleeper wakes; and when the bind has returned it is over for the other one too */
	actor_tell(&app, do_read_on, NULL, 0);
	usleep(50000);
	CHECK_ERR(actor_do(&provider, do_bind), 0);
	CHECK_ERR(actor_do(&stranger, do_state), SND_PCM_STATE_DISCONNECTED);
	/* ALSA says the one to a sleeper, the other afterwards */
	err = actor_wait(&app);
	CHECK(err == -EBADFD || err == -ENODEV, "%d", err);
	/* the provider's own stream goes on */
	CHECK_ERR(actor_do(&provider, do_read), 0);
	CHECK_ERR(actor_do(&provider, do_state), SND_PCM_STATE_RUNNING);
	CHECK_ERR(actor_do(&stranger, do_close), 0);
	CHECK_ERR(actor_do(&stranger, do_speak), -EACCES);
	CHECK(give_instance(&provider, &stranger), "instance");
	CHECK_ERR(actor_do(&stranger, do_speak), 0);
	return true;
}

static bool last_instance(void)
{
	struct actor provider, app, stranger;

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK(claim_and_bind(&provider, 0), "bind");
	CHECK(give_instance(&provider, &app), "instance");
	CHECK_ERR(actor_do(&app, do_listen), 0);
	CHECK_ERR(actor_do(&app, do_end), 0);
	CHECK_ERR(actor_do(&app, do_state), SND_PCM_STATE_DISCONNECTED);
	CHECK_ERR(actor_do(&app, do_close), 0);
	CHECK_ERR(actor_do(&app, do_listen), -EACCES);
	return true;
}

/* fork() hands the file on, not the pass */
static bool inherited(void)
{
	struct actor provider, app, stranger, child;
	struct role me = { .fd = -1 };

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK(claim_and_bind(&provider, 0), "bind");
	/* this process is the application */
	CHECK_ERR(actor_do(&provider, do_grant), 0);
	CHECK_ERR(do_create(&me, NULL), 0);
	CHECK_ERR(do_listen_mapped(&me, NULL), 0);
	CHECK_ERR(do_read_inherited(&me, NULL), 0);
	CHECK(actor_start(&child, me.fd), "child");
	CHECK_ERR(actor_do(&child, do_read_inherited), -EACCES);
	CHECK_ERR(actor_do(&child, do_map_inherited), -EACCES);
	CHECK_ERR(actor_do(&child, do_listen), -EACCES);
	CHECK_ERR(do_read_inherited(&me, NULL), 0);
	return true;
}

static int receive_fd(int sock)
{
	char space[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = &(char){ 0 }, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = space,
			      .msg_controllen = sizeof(space) };
	struct cmsghdr *cmsg;
	int fd;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -EIO;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

static int send_fd(int sock, int fd)
{
	char space[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = &(char){ 0 }, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = space,
			      .msg_controllen = sizeof(space) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(sock, &msg, 0) == 1 ? 0 : -errno;
}

static int handed[2];

static int do_hand_over(struct role *role, const void *arg)
{
	(void)arg;
	return send_fd(handed[0], role->fd);
}

static int do_take(struct role *role, const void *arg)
{
	(void)arg;
	role->inherited = receive_fd(handed[1]);
	return role->inherited < 0 ? role->inherited : 0;
}

static bool handed_over(void)
{
	struct actor provider, app, stranger;

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, handed), "socketpair");
	CHECK(start(&provider, &app, &stranger), "start");
	CHECK(claim_and_bind(&provider, 0), "bind");
	CHECK(give_instance(&provider, &app), "instance");
	CHECK_ERR(actor_do(&app, do_listen_mapped), 0);
	CHECK_ERR(actor_do(&app, do_hand_over), 0);
	CHECK_ERR(actor_do(&stranger, do_take), 0);
	CHECK_ERR(actor_do(&stranger, do_read_inherited), -EACCES);
	CHECK_ERR(actor_do(&stranger, do_map_inherited), -EACCES);
	CHECK_ERR(actor_do(&app, do_read_inherited), 0);
	return true;
}

/* ALSA shares a busy stream with a file opened with O_APPEND, without asking the driver */
static bool shared(void)
{
	struct actor provider, app, stranger;

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK(claim_and_bind(&provider, 0), "bind");
	CHECK_ERR(actor_do(&provider, do_speak), 0);
	CHECK_ERR(actor_do(&stranger, do_share_write), -EACCES);
	CHECK_ERR(actor_do(&provider, do_close), 0);
	/* the sharer kept the stream busy, no more */
	actor_kill(&stranger);
	CHECK_ERR(actor_do(&app, do_speak), -EACCES);
	return true;
}

static bool shared_map(void)
{
	struct actor provider, app, stranger;

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK(claim_and_bind(&provider, 0), "bind");
	CHECK_ERR(actor_do(&provider, do_speak_mapped), 0);
	CHECK_ERR(actor_do(&stranger, do_share_map), -EACCES);
	CHECK_ERR(actor_do(&provider, do_state), SND_PCM_STATE_PREPARED);
	return true;
}

/* A stranger's mapping from the time when the line was free does not outlast the bind */
static bool mapped_before(void)
{
	struct actor provider, app, stranger;

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK_ERR(actor_do(&provider, do_speak_mapped), 0);
	CHECK_ERR(actor_do(&stranger, do_share_map), 0);
	CHECK(claim_and_bind(&provider, 0), "bind");
	CHECK_ERR(actor_do(&provider, do_state), SND_PCM_STATE_DISCONNECTED);
	return true;
}

/* The provider dies with a linger: passes from before stay, strangers stay out, then free */
static bool orphaned(void)
{
	struct actor provider, app, stranger;

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK(claim_and_bind(&provider, LINGER_MS), "bind");
	CHECK(give_instance(&provider, &app), "instance");
	CHECK_ERR(actor_do(&app, do_listen), 0);
	actor_kill(&provider);
	CHECK_ERR(actor_do(&app, do_read), 0);
	CHECK_ERR(actor_do(&stranger, do_listen), -EACCES);
	CHECK_ERR(actor_do(&app, do_close), 0);
	CHECK_ERR(actor_do(&app, do_listen), 0);
	CHECK(wait_until(&app, do_state, SND_PCM_STATE_DISCONNECTED, RN_PATIENCE_MS), "linger");
	CHECK(wait_until(&stranger, do_listen, 0, RN_PATIENCE_MS), "free");
	return true;
}

static bool set_grace(unsigned int ms)
{
	FILE *file = fopen(PARAM, "w");

	CHECK(file, PARAM);
	fprintf(file, "%u\n", ms);
	CHECK(!fclose(file), PARAM);
	return true;
}

/* A new provider comes in time: what is renewed stays, the rest ends after the grace */
static bool renewed(void)
{
	struct actor provider, app, stranger, second;

	CHECK(set_grace(800), "grace");
	CHECK(start(&provider, &app, &stranger), "start");
	CHECK(actor_start(&second, -1), "second");
	CHECK(claim_and_bind(&provider, 20000), "bind");
	CHECK(give_instance(&provider, &app), "instance");
	CHECK(give_instance(&provider, &second), "instance");
	CHECK_ERR(actor_do(&app, do_listen), 0);
	CHECK_ERR(actor_do(&second, do_listen), 0);
	actor_kill(&provider);
	CHECK(actor_start(&provider, -1), "new provider");
	CHECK(claim_and_bind(&provider, 0), "bind again");
	CHECK(give_instance(&provider, &app), "renewal");
	CHECK(wait_until(&second, do_state, SND_PCM_STATE_DISCONNECTED, RN_PATIENCE_MS), "grace");
	CHECK_ERR(actor_do(&second, do_close), 0);
	CHECK_ERR(actor_do(&second, do_listen), -EACCES);
	CHECK(actor_do(&app, do_state) != SND_PCM_STATE_DISCONNECTED, "cut in spite of renewal");
	CHECK_ERR(actor_do(&app, do_close), 0);
	CHECK_ERR(actor_do(&app, do_listen), 0);
	return set_grace(5000);
}

static bool unbound(void)
{
	struct actor provider, app, stranger;

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK(claim_and_bind(&provider, LINGER_MS), "bind");
	CHECK(give_instance(&provider, &app), "instance");
	CHECK_ERR(actor_do(&app, do_listen), 0);
	CHECK_ERR(actor_do(&provider, do_unbind), 0);
	CHECK_ERR(actor_do(&app, do_state), SND_PCM_STATE_DISCONNECTED);
	CHECK_ERR(actor_do(&app, do_close), 0);
	CHECK_ERR(actor_do(&stranger, do_listen), 0);
	return true;
}

static bool released(void)
{
	struct actor provider, app, stranger;

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK(claim_and_bind(&provider, LINGER_MS), "bind");
	CHECK_ERR(actor_do(&provider, do_listen), 0);
	CHECK_ERR(actor_do(&provider, do_release), 0);
	CHECK_ERR(actor_do(&provider, do_state), SND_PCM_STATE_DISCONNECTED);
	CHECK_ERR(actor_do(&stranger, do_listen), 0);
	return true;
}

static bool died(void)
{
	struct actor provider, app, stranger;

	CHECK(start(&provider, &app, &stranger), "start");
	CHECK(claim_and_bind(&provider, 0), "bind");
	CHECK(give_instance(&provider, &app), "instance");
	CHECK_ERR(actor_do(&app, do_listen), 0);
	actor_kill(&provider);
	CHECK(wait_until(&app, do_state, SND_PCM_STATE_DISCONNECTED, RN_PATIENCE_MS), "cut");
	CHECK(wait_until(&stranger, do_listen, 0, RN_PATIENCE_MS), "free");
	return true;
}

static const struct rn_case cases[] = {
	{ unused, "free: the file mode decides" },
	{ denied, "bound: provider and instance holder, no stranger" },
	{ cut, "binding cuts strangers' streams, and only those" },
	{ last_instance, "the pass ends with the last instance" },
	{ inherited, "a fork() child has the file, but no pass" },
	{ handed_over, "a process that was handed the file has no pass" },
	{ shared, "O_APPEND: a sharer without a pass cannot speak" },
	{ shared_map, "O_APPEND: a sharer without a pass cannot map" },
	{ mapped_before, "a stranger's mapping does not outlast the bind" },
	{ orphaned, "orphaned: passes from before, until the linger is over" },
	{ renewed, "a new provider: renewed passes stay, others end" },
	{ unbound, "unbinding cuts and frees" },
	{ released, "releasing the claim cuts and frees" },
	{ died, "a provider's death without a linger cuts and frees" },
};

RN_MAIN(cases)
