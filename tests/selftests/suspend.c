/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine sleeps while a card is used, in each way there is.  What plays ends with a completion
 * that says why, a seized line is on hook, sound is suspended and starts again; claims, feed,
 * parameters, the relay and whoever waits are as before, everybody gets the state, and nothing is
 * left over.
 *
 * Needs a root that can sleep: tests/vm/suspend.t.  Most of it goes as far as pm_test has it go,
 * which is to switch off the other processors; with the argument "s3" the machine sleeps once more,
 * and something else wakes it.
 */
#include "tap.h"
#include "lifetime-roles.h"

#define POWER	"/sys/power/"
/* Lines besides those of roles: the FXO line of a pair, and the FXS line at the other end */
#define FXO(pair)	(2 * (ROLES + (unsigned int)(pair)))
#define FXS(pair)	(FXO(pair) + 1)
#define EVENTS	64

/* What a line has said during a sleep */
struct heard {
	struct tapi_line_event ev[EVENTS];
	unsigned int num;
};

static int doze_for(const char *how, const char *seconds)
{
	int err = lu_write("/sys/module/suspend/parameters/pm_test_delay", seconds);

	err = err ?: lu_write(POWER "pm_test", how);
	err = err ?: lu_write(POWER "state", "mem");
	lu_write(POWER "pm_test", "none");
	return err;
}

static int doze(void)
{
	return doze_for("core", "0");
}

static void forget(int fd)
{
	struct tapi_line_event ev;

	while (!lu_next(fd, &ev, 0))
		;
}

static void listen_to(int fd, struct heard *h)
{
	h->num = 0;
	while (h->num < EVENTS && !lu_next(fd, &h->ev[h->num], 0))
		h->num++;
}

/* The only event of a type; NULL for none or more of them */
static const struct tapi_line_event *only(const struct heard *h, uint32_t type)
{
	const struct tapi_line_event *found = NULL;

	for (unsigned int i = 0; i < h->num; i++) {
		if (h->ev[i].type != type)
			continue;
		if (found)
			return NULL;
		found = &h->ev[i];
	}
	return found;
}

static bool heard(const struct heard *h, uint32_t type)
{
	for (unsigned int i = 0; i < h->num; i++)
		if (h->ev[i].type == type)
			return true;
	return false;
}

/* The last event is the state, marked, and the same as the snapshot; no number is missing */
static bool resumed(int fd, const struct heard *h)
{
	const struct tapi_line_event *last = h->num ? &h->ev[h->num - 1] : NULL;
	struct tapi_line_state now;

	if (!last || last->type != TAPI_LINE_EV_STATE || last->flags != TAPI_LINE_EV_FL_RESUMED ||
	    ioctl(fd, TAPI_LINE_G_STATE, &now))
		return false;
	for (unsigned int i = 1; i < h->num; i++)
		if (h->ev[i].seq != h->ev[i - 1].seq + 1 ||
		    h->ev[i - 1].flags & TAPI_LINE_EV_FL_RESUMED)
			return false;
	return last->seq == now.seq && last->state.hook == now.hook &&
	       last->state.ring == now.ring && last->state.linefeed == now.linefeed &&
	       last->state.polarity == now.polarity && last->state.battery == now.battery &&
	       last->state.faults == now.faults && last->state.flags == now.flags;
}

static void show(const struct heard *h)
{
	for (unsigned int i = 0; i < h->num; i++)
		printf("# type %u flags %u seq %u cookie %u: %u %u %u\n", h->ev[i].type,
		       h->ev[i].flags, h->ev[i].seq, h->ev[i].cookie, h->ev[i].raw[0],
		       h->ev[i].raw[1], h->ev[i].raw[2]);
}

static uint32_t hook_of(int fd)
{
	struct tapi_line_state now = { .hook = ~0U };

	ioctl(fd, TAPI_LINE_G_STATE, &now);
	return now.hook;
}

static bool completed(const struct heard *h, uint32_t cookie, int status)
{
	const struct tapi_line_event *ev = only(h, TAPI_LINE_EV_COMPLETE);

	return ev && ev->cookie == cookie && ev->complete.status == status;
}

static bool hung_up_safely(const struct heard *h)
{
	const struct tapi_line_event *ev = only(h, TAPI_LINE_EV_HOOK);

	return ev && ev->hook.state == TAPI_LINE_ON_HOOK && ev->flags == TAPI_LINE_EV_FL_SYNTHETIC &&
	       ev->hook.cause == TAPI_LINE_HOOK_BY_SAFE_STATE;
}

/* Dialling, by digits or pulses: @type is what the other end hears of it */
static void dialling(const char *what, uint32_t mode, uint32_t type, unsigned int pair)
{
	int fxo = lu_open_claimed(FXO(pair)), fxs = lu_open(FXS(pair), O_RDONLY | O_NONBLOCK);
	struct tapi_line_event ev;
	struct heard h, far;
	int err;

	err = lu_hook(fxo, TAPI_LINE_OFF_HOOK, 0);
	err = err ?: lu_dial(fxo, mode, "1111111111111111", 5);
	err = err ?: lu_wait(fxs, type, &ev);
	forget(fxo);
	ok(!err, "%s: a digit is out (%d)", what, err);
	err = doze();
	listen_to(fxo, &h);
	listen_to(fxs, &far);
	show(&h);
	ok(!err && completed(&h, 5, -ESTRPIPE), "%s ends and says why (%d)", what, err);
	ok(hung_up_safely(&h) && hook_of(fxo) == TAPI_LINE_ON_HOOK, "%s: the line is on hook", what);
	ok(resumed(fxo, &h) && !heard(&h, TAPI_LINE_EV_LOST), "%s: the state comes last", what);
	ok(!heard(&h, TAPI_LINE_EV_BATTERY) && resumed(fxs, &far), "%s: nothing on the wires", what);
	ok(lu_on_hook(fxs), "%s: the other end sees the line on hook", what);
	err = lu_dial(fxo, mode, "1", 6);
	ok(err == -ENOTCONN, "%s: digits have no call (%d)", what, err);
	err = lu_hook(fxo, TAPI_LINE_OFF_HOOK, 0);
	err = err ?: lu_dial(fxo, mode, "1", 7);
	err = err ?: lu_complete(fxo, 7);
	ok(!err, "%s: goes as before (%d)", what, err);
	close(fxo);
	close(fxs);
}

static void ringing(unsigned int pair)
{
	int fxo = lu_open(FXO(pair), O_RDONLY | O_NONBLOCK), fxs = lu_open_claimed(FXS(pair));
	struct tapi_line_event ev;
	struct heard h, far;
	int err;

	err = lu_ring(fxs, TAPI_LINE_OP_START, 60000, 1000, 8);
	err = err ?: lu_wait(fxo, TAPI_LINE_EV_RING, &ev);
	forget(fxs);
	err = err ?: doze();
	listen_to(fxs, &h);
	listen_to(fxo, &far);
	show(&h);
	ok(!err && completed(&h, 8, -ESTRPIPE), "ringing ends and says why (%d)", err);
	ok(only(&h, TAPI_LINE_EV_RING) && !only(&h, TAPI_LINE_EV_RING)->ring.state &&
	   only(&far, TAPI_LINE_EV_RING) && !only(&far, TAPI_LINE_EV_RING)->ring.state,
	   "ringing: both ends see the end of the burst");
	ok(resumed(fxs, &h) && resumed(fxo, &far), "ringing: the state comes last");
	err = lu_ring(fxs, TAPI_LINE_OP_START, 100, 100, 0);
	err = err ?: lu_wait(fxo, TAPI_LINE_EV_RING, &ev);
	ok(!err && ev.ring.state, "rings as before (%d)", err);
	close(fxo);
	close(fxs);
}

static int feed(int fd, uint32_t state, uint32_t polarity)
{
	struct tapi_line_linefeed feed = { .state = state, .polarity = polarity };

	return ioctl(fd, TAPI_LINE_S_LINEFEED, &feed) ? -errno : 0;
}

static int flash_length(int fd, int64_t *set)
{
	struct tapi_line_param param = { .id = TAPI_LINE_PARAM_FLASH };
	int err;

	if (!set) {
		err = ioctl(fd, TAPI_LINE_G_PARAM, &param) ? -errno : 0;
		return err ? err : (int)param.value;
	}
	param.value = *set;
	return ioctl(fd, TAPI_LINE_S_PARAM, &param) ? -errno : 0;
}

/* Claims, feed, polarity and parameters stay */
static void kept(unsigned int pair)
{
	int fxo = lu_open_claimed(FXO(pair)), fxs = lu_open_claimed(FXS(pair));
	int second = lu_open(FXO(pair), O_RDWR | O_NONBLOCK);
	struct tapi_line_state state;
	struct heard h, far;
	int64_t length = 300;
	int err;

	err = flash_length(fxo, &length);
	err = err ?: feed(fxs, TAPI_LINE_FEED_ACTIVE, 1);
	forget(fxo);
	forget(fxs);
	err = err ?: doze();
	listen_to(fxo, &h);
	listen_to(fxs, &far);
	ok(!err && h.num == 1 && far.num == 1 && resumed(fxo, &h) && resumed(fxs, &far),
	   "idle lines: nothing but the state (%d)", err);
	ioctl(fxs, TAPI_LINE_G_STATE, &state);
	ok(state.linefeed == TAPI_LINE_FEED_ACTIVE && state.polarity == 1, "feed and polarity stay");
	ioctl(fxo, TAPI_LINE_G_STATE, &state);
	ok(state.battery && state.polarity == 1, "the other end sees them");
	ok(flash_length(fxo, NULL) == 300, "parameters stay");
	ok(lu_claim(second, 0) == -EBUSY && state.flags == TAPI_LINE_ST_CLAIMED &&
	   !lu_hook(fxo, TAPI_LINE_OFF_HOOK, 0), "the claim stays");
	close(second);
	close(fxo);
	close(fxs);
}

/* A linger is not used up; one that ends in the sleep puts the line in its safe state afterwards */
static void lingers(unsigned int pair)
{
	int fxo = lu_open(FXO(pair), O_RDWR | O_NONBLOCK), fxs = lu_open(FXS(pair), O_RDWR | O_NONBLOCK);
	int watch = lu_open(FXS(pair), O_RDONLY | O_NONBLOCK);
	const struct tapi_line_event *ev;
	struct heard h;
	int err;

	err = lu_claim(fxo, 30000);
	err = err ?: lu_claim(fxs, 3000);
	err = err ?: feed(fxs, TAPI_LINE_FEED_OPEN, 0);
	forget(watch);
	close(fxo);
	close(fxs);
	/* devices sleep for some seconds, not the clock; a busy machine takes one to get there */
	err = err ?: doze_for("devices", "4");
	listen_to(watch, &h);
	show(&h);
	ev = only(&h, TAPI_LINE_EV_LINEFEED);
	ok(!err && ev && ev->level.value == TAPI_LINE_FEED_ACTIVE &&
	   ev->flags == TAPI_LINE_EV_FL_SYNTHETIC && resumed(watch, &h),
	   "a linger that ends asleep: the line is safe afterwards (%d)", err);
	fxo = lu_open(FXO(pair), O_RDWR | O_NONBLOCK);
	err = lu_claim(fxo, 0);
	ok(!err, "a longer one goes on (%d)", err);
	close(fxo);
	close(watch);
}

/* The ramp from one end to the other, from the first sample */
static int ramp_passes(snd_pcm_t *play, snd_pcm_t *capture)
{
	uint8_t out[PERIOD * PERIODS], in[4 * PERIOD];
	snd_pcm_sframes_t n;
	long at;

	for (unsigned int i = 0; i < sizeof(out); i++)
		out[i] = RAMP(i);
	n = snd_pcm_writei(play, out, sizeof(out));
	if (n < 0)
		return n;
	snd_pcm_start(play);
	for (unsigned int got = 0; got < sizeof(in); got += n) {
		n = snd_pcm_readi(capture, in + got, sizeof(in) - got);
		if (n < 0)
			return n;
	}
	at = ramp_begin(in, sizeof(in));
	if (at < 0 || ramp_length(in, sizeof(in), at) != sizeof(in) - at)
		return -EIO;
	return 0;
}

static void sound(unsigned int pair)
{
	int fxo = lu_open_claimed(FXO(pair)), err;
	snd_pcm_t *play, *capture;
	uint8_t buf[PERIOD];

	err = lu_hook(fxo, TAPI_LINE_OFF_HOOK, 0);
	err = err ?: sound_open(&play, FXO(pair), SND_PCM_STREAM_PLAYBACK);
	err = err ?: sound_open(&capture, FXS(pair), SND_PCM_STREAM_CAPTURE);
	err = err ?: ramp_passes(play, capture);
	ok(!err, "sound passes (%d)", err);
	err = doze();
	ok(!err && snd_pcm_state(play) == SND_PCM_STATE_SUSPENDED &&
	   snd_pcm_state(capture) == SND_PCM_STATE_SUSPENDED, "streams are suspended (%d)", err);
	err = snd_pcm_writei(play, buf, sizeof(buf));
	ok(err == -ESTRPIPE && snd_pcm_readi(capture, buf, sizeof(buf)) == -ESTRPIPE,
	   "who uses them is told (%d)", err);
	err = snd_pcm_resume(play);
	ok(err == -ENOSYS, "they have to be prepared anew (%d)", err);
	err = lu_hook(fxo, TAPI_LINE_OFF_HOOK, 0);
	err = err ?: snd_pcm_prepare(play);
	err = err ?: snd_pcm_prepare(capture);
	err = err ?: ramp_passes(play, capture);
	ok(!err, "sound passes again, sample by sample (%d)", err);
	snd_pcm_close(play);
	snd_pcm_close(capture);
	close(fxo);
}

/* Each role goes on as if nothing had happened: dialling, which does not, is above */
static void roles_sleep(const char *what, int (*sleep_once)(void))
{
	struct user u[ROLES];
	int err = 0, i;

	for (i = 0; i < ROLES; i++)
		if (i != DIALLING)
			err = begin(&u[i], i) ?: err;
	err = err ?: sleep_once();
	ok(!err, "%s with everything in use (%d)", what, err);
	for (i = 0; i < ROLES; i++) {
		int result;

		if (i == DIALLING)
			continue;
		result = end(&u[i], true);
		ok(!result, "%s, %s goes on: %d", what, roles[i].name, result);
	}
}

static void each_role_sleeps(void)
{
	for (int i = 0; i < ROLES; i++) {
		struct user u;
		int err, result;

		if (i == DIALLING)
			continue;
		err = begin(&u, i);
		err = err ?: doze();
		result = end(&u, true);
		ok(!err && !result, "asleep, %s goes on: %d (%d)", roles[i].name, result, err);
	}
}

/* Woken from outside */
static int sleep_for_good(void)
{
	return lu_write(POWER "state", "mem");
}

/* The telephone of a line without a cable, lifted all the time, rung at, or hung up meanwhile */
static void telephone(void)
{
	char path[] = "/sys/kernel/config/tapi-sim/phone/line0";
	struct heard h;
	int fd, err;

	mount("configfs", "/sys/kernel/config", "configfs", 0, NULL);
	err = mkdir("/sys/kernel/config/tapi-sim/phone", 0755) || mkdir(path, 0755) ? -errno : 0;
	err = err ?: lu_write("/sys/kernel/config/tapi-sim/phone/line0/type", "fxs");
	err = err ?: lu_write("/sys/kernel/config/tapi-sim/phone/live", "1");
	fd = open("/dev/tapi/card1-line0", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	err = err ?: lu_claim(fd, 0);
	err = err ?: lu_write("/sys/kernel/config/tapi-sim/phone/line0/far/hook", "offhook");
	err = err ?: lu_wait(fd, TAPI_LINE_EV_HOOK, &h.ev[0]);
	err = err ?: doze();
	listen_to(fd, &h);
	show(&h);
	ok(!err && h.num == 1 && resumed(fd, &h) && hook_of(fd) == TAPI_LINE_OFF_HOOK,
	   "a telephone that is off hook stays so (%d)", err);
	/* the break of a dial pulse, or of a flash: nobody knows how long it is */
	err = lu_write("/sys/kernel/config/tapi-sim/phone/line0/far/hook", "onhook");
	err = err ?: doze();
	ok(!err && lu_on_hook(fd), "one that is hung up is on hook (%d)", err);
	listen_to(fd, &h);
	ok(!heard(&h, TAPI_LINE_EV_FLASH) && !heard(&h, TAPI_LINE_EV_PULSE_DIGIT),
	   "and has neither dialled nor flashed");
	close(fd);
	err = lu_write("/sys/kernel/config/tapi-sim/phone/live", "0");
	ok(!err && !rmdir(path) && !rmdir("/sys/kernel/config/tapi-sim/phone"), "it goes (%d)", err);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (!lu_load("inject=1", "pairs=14")) {
		printf("Bail out! no modules with inject=1\n");
		return 1;
	}
	dialling("dialling", TAPI_LINE_DIAL_DTMF, TAPI_LINE_EV_DTMF, 0);
	dialling("pulse dialling", TAPI_LINE_DIAL_PULSE, TAPI_LINE_EV_PULSE_DIGIT, 1);
	ringing(2);
	kept(3);
	lingers(4);
	sound(5);
	telephone();
	each_role_sleeps();
	roles_sleep("asleep", doze);
	if (argc > 1 && !strcmp(argv[1], "s3"))
		roles_sleep("fast asleep", sleep_for_good);
	ok(!lu_rmmod("tapi_sim") && !lu_rmmod("tapi"), "the modules go");
	return tap_done();
}
