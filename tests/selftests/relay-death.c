/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Either end is killed at each step of its life: the other end is told once, nothing is
 * left of the dead one, and the line can be used again.  Notices outlive a full socket.
 */
#include "relay-util.h"

enum { CLOSES = 170, PROVIDER, APP = 190, FULL = 210, PENDING, MANY, UNBOUND, STORM };

static bool closes(void)
{
	struct rn_pair p;
	struct rn_msg msg;
	uint32_t first;
	struct rn_cookie cookie;

	CHECK(rn_pair(&p, CLOSES), "pair");
	CHECK_ERR(rn_instance_cmd(&p.app, TAPI_NL_CMD_INSTANCE_CLOSE, p.instance), 0);
	CHECK(rn_expect(&p.provider, TAPI_NL_CMD_INSTANCE_GONE, &msg), "to the provider");
	CHECK(rn_get(&msg, TAPI_NL_A_INSTANCE) == p.instance && rn_is_line(&msg, CLOSES) &&
	      rn_get(&msg, TAPI_NL_A_REASON) == TAPI_NL_GONE_CLOSED, "content");
	CHECK_ERR(rn_instance_cmd(&p.app, TAPI_NL_CMD_INSTANCE_CLOSE, p.instance), -ENOENT);
	CHECK_ERR(rn_data(&p.app, p.instance, NULL, "x", 1), -ENOENT);
	CHECK(p.app.text[0] && p.app.bad, "no text or attribute");
	first = p.instance;
	CHECK_ERR(rn_grant(&p.provider, CLOSES, &cookie), 0);
	CHECK_ERR(rn_create(&p.app, &cookie, &p.instance), 0);
	CHECK(p.instance != first, "the number is used again at once");
	CHECK(rn_expect(&p.provider, TAPI_NL_CMD_INSTANCE_NEW, &msg), "new");
	CHECK_ERR(rn_instance_cmd(&p.provider, TAPI_NL_CMD_INSTANCE_CLOSE, p.instance), 0);
	CHECK(rn_expect(&p.app, TAPI_NL_CMD_INSTANCE_GONE, &msg), "to the application");
	CHECK(rn_get(&msg, TAPI_NL_A_REASON) == TAPI_NL_GONE_CLOSED, "content");
	CHECK(rn_silent(&p.provider), "told of its own close");
	return true;
}

static bool unbound(void)
{
	struct rn_pair p;
	struct rn_msg msg;

	CHECK(rn_pair(&p, UNBOUND), "pair");
	CHECK_ERR(rn_unbind(&p.provider, UNBOUND), 0);
	CHECK(rn_expect(&p.app, TAPI_NL_CMD_INSTANCE_GONE, &msg), "notice");
	CHECK(rn_get(&msg, TAPI_NL_A_REASON) == TAPI_NL_GONE_UNBOUND && rn_is_line(&msg, UNBOUND),
	      "content");
	CHECK(rn_silent(&p.provider) && rn_silent(&p.app), "more");
	return true;
}

/* Steps of the victim's life; each includes those before */
enum { BOUND, GRANTED, CREATED, SPOKE, FULL_WINDOW, WAITING, STEPS };

/* The victim is the provider; it hands its cookie to the other over @out */
static void live_provider(int step, uint8_t line, int out, int in)
{
	struct rn_cookie cookie;
	struct rn_msg msg;
	uint32_t instance;
	struct rn s;
	char byte;
	int i;

	if (rn_open_port(&s, 0) || rn_bind(&s, line))
		_exit(1);
	if (step >= GRANTED && rn_grant(&s, line, &cookie))
		_exit(2);
	if (write(out, &cookie, sizeof(cookie)) != sizeof(cookie))
		_exit(3);
	if (step >= CREATED && (read(in, &byte, 1) != 1 ||
				!rn_expect(&s, TAPI_NL_CMD_INSTANCE_NEW, &msg)))
		_exit(4);
	instance = rn_get(&msg, TAPI_NL_A_INSTANCE);
	if (step == SPOKE && rn_data(&s, instance, NULL, "x", 1))
		_exit(5);
	for (i = 0; step >= FULL_WINDOW && i < TAPI_NL_WINDOW; i++)
		if (rn_data(&s, instance, NULL, "x", 1))
			_exit(6);
	if (step >= WAITING && rn_data(&s, instance, NULL, "x", 1) != -EAGAIN)
		_exit(7);
	if (write(out, "k", 1) != 1)
		_exit(8);
	pause();
}

static bool kill_provider(int step)
{
	uint8_t line = PROVIDER + step;
	int to[2], from[2], status, err;
	struct rn_cookie cookie;
	uint32_t instance = 0;
	struct rn_msg msg;
	struct rn app, next;
	char byte;
	pid_t pid;

	CHECK(!pipe(to) && !pipe(from), "pipe");
	pid = fork();
	if (!pid) {
		alarm(300);
		live_provider(step, line, from[1], to[0]);
		_exit(9);
	}
	close(from[1]);
	CHECK_ERR(rn_open_port(&app, 0), 0);
	CHECK(read(from[0], &cookie, sizeof(cookie)) == sizeof(cookie), "cookie");
	if (step >= CREATED) {
		CHECK_ERR(rn_create(&app, &cookie, &instance), 0);
		CHECK(write(to[1], "c", 1) == 1, "write");
	}
	CHECK(read(from[0], &byte, 1) == 1, "the provider did not get there");
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status), "status %x", status);
	CHECK(rn_line_gone(&app, line), "the line stays");
	if (step >= CREATED) {
		do
			err = rn_next(&app, &msg, RN_PATIENCE_MS);
		while (!err && msg.cmd == TAPI_NL_CMD_DATA);
		CHECK(!err && msg.cmd == TAPI_NL_CMD_INSTANCE_GONE, "notice");
		CHECK(rn_get(&msg, TAPI_NL_A_INSTANCE) == instance && rn_is_line(&msg, line) &&
		      rn_get(&msg, TAPI_NL_A_REASON) == TAPI_NL_GONE_DIED, "content");
		CHECK_ERR(rn_data(&app, instance, NULL, "x", 1), -ENOENT);
	} else if (step >= GRANTED) {
		CHECK_ERR(rn_create(&app, &cookie, &instance), -EKEYREJECTED);
	}
	CHECK_ERR(rn_instances(&app, NULL, 0), 0);
	CHECK(rn_silent(&app), "told twice");
	CHECK_ERR(rn_open_port(&next, 0), 0);
	CHECK_ERR(rn_bind(&next, line), 0);
	return true;
}

static bool kill_providers(void)
{
	int step;

	for (step = 0; step < STEPS; step++)
		CHECK(kill_provider(step), "step %d", step);
	return true;
}

static void live_app(int step, const struct rn_cookie *cookie, int out)
{
	uint32_t instance;
	struct rn s;
	int i;

	if (rn_open_port(&s, 0) || rn_create(&s, cookie, &instance))
		_exit(1);
	if (step == SPOKE && rn_data(&s, instance, NULL, "x", 1))
		_exit(2);
	for (i = 0; step >= FULL_WINDOW && i < TAPI_NL_WINDOW; i++)
		if (rn_data(&s, instance, NULL, "x", 1))
			_exit(3);
	if (step >= WAITING && rn_data(&s, instance, NULL, "x", 1) != -EAGAIN)
		_exit(4);
	if (write(out, "k", 1) != 1)
		_exit(5);
	pause();
}

static bool kill_app(int step)
{
	uint8_t line = APP + step;
	struct rn_cookie cookie;
	struct rn_msg msg;
	uint32_t instance;
	int from[2], status, err;
	struct rn s;
	char byte;
	pid_t pid;

	CHECK(!pipe(from), "pipe");
	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_bind(&s, line), 0);
	CHECK_ERR(rn_grant(&s, line, &cookie), 0);
	pid = fork();
	if (!pid) {
		alarm(300);
		close(s.fd);
		live_app(step, &cookie, from[1]);
		_exit(9);
	}
	close(from[1]);
	CHECK(read(from[0], &byte, 1) == 1, "the application did not get there");
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status), "status %x", status);
	CHECK(rn_expect(&s, TAPI_NL_CMD_INSTANCE_NEW, &msg), "new");
	instance = rn_get(&msg, TAPI_NL_A_INSTANCE);
	CHECK(rn_get(&msg, TAPI_NL_A_PID) == (uint32_t)pid, "pid");
	do
		err = rn_next(&s, &msg, RN_PATIENCE_MS);
	while (!err && msg.cmd == TAPI_NL_CMD_DATA);
	CHECK(!err && msg.cmd == TAPI_NL_CMD_INSTANCE_GONE &&
	      rn_get(&msg, TAPI_NL_A_INSTANCE) == instance &&
	      rn_get(&msg, TAPI_NL_A_REASON) == TAPI_NL_GONE_DIED, "notice");
	CHECK_ERR(rn_data(&s, instance, NULL, "x", 1), -ENOENT);
	CHECK_ERR(rn_instances(&s, NULL, 0), 0);
	CHECK(rn_silent(&s), "told twice");
	return true;
}

static bool kill_apps(void)
{
	int step;

	for (step = CREATED; step < STEPS; step++)
		CHECK(kill_app(step), "step %d", step);
	return true;
}

/* The application's socket is full and unread when its provider dies: told once it reads */
static bool full(void)
{
	static const char bytes[4000];
	int size = 1, sent = 0, err;
	struct rn_pair p;
	struct rn_msg msg;

	CHECK(rn_pair(&p, FULL), "pair");
	CHECK(!setsockopt(p.app.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), "rcvbuf");
	while (!rn_data(&p.provider, p.instance, NULL, bytes, sizeof(bytes)))
		sent++;
	CHECK(sent, "nothing sent");
	rn_close(&p.provider);
	usleep(RN_SILENCE_MS * 1000);
	while (sent--)
		CHECK(rn_expect(&p.app, TAPI_NL_CMD_DATA, &msg), "data");
	err = rn_next(&p.app, &msg, RN_PATIENCE_MS);
	CHECK(!err && msg.cmd == TAPI_NL_CMD_INSTANCE_GONE, "lost");
	CHECK(rn_get(&msg, TAPI_NL_A_REASON) == TAPI_NL_GONE_DIED, "reason");
	return true;
}

/* Sixty deaths the provider has no room for: none is lost, and the socket never overruns */
static bool pending(void)
{
	struct rn apps[60], s;
	struct rn_cookie cookie;
	uint32_t ids[60], seen = 0;
	struct rn_msg msg;
	int size = 1, i;

	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_bind(&s, PENDING), 0);
	for (i = 0; i < 60; i++) {
		CHECK_ERR(rn_open_port(&apps[i], 0), 0);
		CHECK_ERR(rn_grant(&s, PENDING, &cookie), 0);
		CHECK_ERR(rn_create(&apps[i], &cookie, &ids[i]), 0);
		CHECK(rn_expect(&s, TAPI_NL_CMD_INSTANCE_NEW, &msg), "new");
	}
	CHECK(!setsockopt(s.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), "rcvbuf");
	for (i = 0; i < 60; i++)
		rn_close(&apps[i]);
	usleep(RN_SILENCE_MS * 1000);
	for (i = 0; i < 60; i++) {
		CHECK(rn_expect(&s, TAPI_NL_CMD_INSTANCE_GONE, &msg), "notice %d", i);
		CHECK(rn_get(&msg, TAPI_NL_A_REASON) == TAPI_NL_GONE_DIED, "reason");
		seen += rn_get(&msg, TAPI_NL_A_INSTANCE) - ids[0];
	}
	for (i = 0; i < 60; i++)
		seen -= ids[i] - ids[0];
	CHECK(!seen, "not each once");
	CHECK(rn_silent(&s), "more");
	return true;
}

/* A provider that reads no notices gets no more instances, and loses none */
static bool many(void)
{
	int size = 1, made = 0, err = 0, gone = 0;
	struct rn_cookie cookies[64];
	struct rn app, s;
	struct rn_msg msg;
	uint32_t id;

	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_open_port(&app, 0), 0);
	CHECK_ERR(rn_bind(&s, MANY), 0);
	for (made = 0; made < 64; made++)
		CHECK_ERR(rn_grant(&s, MANY, &cookies[made]), 0);
	CHECK(!setsockopt(s.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), "rcvbuf");
	for (made = 0; made < 64; made++) {
		err = rn_create(&app, &cookies[made], &id);
		if (err)
			break;
		CHECK_ERR(rn_instance_cmd(&app, TAPI_NL_CMD_INSTANCE_CLOSE, id), 0);
	}
	CHECK(err == -EAGAIN && made, "%d after %d", err, made);
	for (gone = 0; gone < made;) {
		CHECK_ERR(rn_next(&s, &msg, RN_PATIENCE_MS), 0);
		CHECK(msg.cmd == TAPI_NL_CMD_INSTANCE_NEW || msg.cmd == TAPI_NL_CMD_INSTANCE_GONE,
		      "command %u", msg.cmd);
		gone += msg.cmd == TAPI_NL_CMD_INSTANCE_GONE;
	}
	CHECK(rn_silent(&s), "more");
	return true;
}

/* Many processes come, speak and die as they like, with one provider that reads */
static bool storm(void)
{
	struct rn_cookie cookie;
	unsigned int born = 0, died = 0;
	struct rn_msg msg;
	struct rn s;
	int i, err;

	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_bind(&s, STORM), 0);
	for (i = 0; i < 100; i++) {
		CHECK_ERR(rn_grant(&s, STORM, &cookie), 0);
		if (!fork()) {
			uint32_t instance;
			struct rn app;

			close(s.fd);
			srand(getpid());
			if (rn_open_port(&app, 0) || rn_create(&app, &cookie, &instance))
				_exit(1);
			while (rand() % 8)
				rn_data(&app, instance, NULL, &cookie, rand() % 1000 + 1 > 16 ? 16 : 3);
			kill(getpid(), rand() & 1 ? SIGKILL : SIGTERM);
		}
		if (i % 10 == 9)
			while (waitpid(-1, &err, 0) > 0)
				CHECK(WIFSIGNALED(err), "a child failed: %x", err);
		while (!rn_next(&s, &msg, 0)) {
			born += msg.cmd == TAPI_NL_CMD_INSTANCE_NEW;
			died += msg.cmd == TAPI_NL_CMD_INSTANCE_GONE;
		}
	}
	while (died < 100) {
		CHECK_ERR(rn_next(&s, &msg, RN_PATIENCE_MS), 0);
		born += msg.cmd == TAPI_NL_CMD_INSTANCE_NEW;
		died += msg.cmd == TAPI_NL_CMD_INSTANCE_GONE;
	}
	CHECK(born == 100 && died == 100, "%u born, %u died", born, died);
	CHECK_ERR(rn_instances(&s, NULL, 0), 0);
	return true;
}

static const struct rn_case cases[] = {
	{ closes, "either end closes; the other is told" },
	{ unbound, "unbind tells every instance" },
	{ kill_providers, "the provider is killed at each step" },
	{ kill_apps, "the application is killed at each step" },
	{ full, "a death is told although the socket was full of data" },
	{ pending, "sixty deaths without room: each is told once" },
	{ many, "a provider that does not read loses no notice" },
	{ storm, "a hundred processes come, speak and die" },
};

RN_MAIN(cases)
