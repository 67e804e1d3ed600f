/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: who may use the line's sound while it has a provider. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "relay.h"
#include "stream.h"
#include "test.h"

struct provider {
	pid_t pid;
	int pipe;		/* closed: it goes */
};

/* A process of its own: claims, binds, says how it went, and waits for its end */
static void provide(const struct line *line, int answer, int end)
{
	struct nl_message *m = calloc(2, sizeof(*m));
	struct line own = *line;
	struct nl_socket s;
	struct stream stream;
	char byte;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	err = m ? line_open(&own, O_RDWR) : -ENOMEM;
	err = err ? err : line_claim(&own);
	err = err ? err : nl_open(&s);
	err = err ? err : relay_bind(&s, &own, &m[0], &m[1]);
	err = err ? err : stream_open(&stream, &own, SND_PCM_STREAM_PLAYBACK);
	if (write(answer, &err, sizeof(err)) != sizeof(err) || read(end, &byte, 1) != 0)
		_exit(1);
	_exit(0);
}

static int start_provider(struct provider *p, const struct line *line)
{
	int answer[2], end[2], err = -EPIPE;
	struct pollfd file;

	if (pipe2(answer, O_CLOEXEC))
		return -errno;
	if (pipe2(end, O_CLOEXEC)) {
		close(answer[0]);
		close(answer[1]);
		return -errno;
	}
	fflush(stdout);
	p->pid = fork();
	if (!p->pid) {
		close(end[1]);
		provide(line, answer[1], end[0]);
	}
	close(answer[1]);
	close(end[0]);
	p->pipe = end[1];
	file = (struct pollfd){ .fd = answer[0], .events = POLLIN };
	if (p->pid < 0 || wait_files(&file, 1, PATIENCE_MS) <= 0 ||
	    read(answer[0], &err, sizeof(err)) != sizeof(err))
		err = -EPIPE;
	close(answer[0]);
	return err;
}

static void end_provider(struct provider *p)
{
	close(p->pipe);
	if (p->pid <= 0)
		return;
	/* it may wait for a driver */
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
}

static enum verdict judge(struct run *r, struct stream *before)
{
	static int16_t buf[STREAM_PERIOD];
	struct stream s;
	int err = stream_open(&s, &r->line, SND_PCM_STREAM_CAPTURE);

	stream_close(&s);
	CHECK_ERR(err, EACCES, "a stranger opens the sound");
	err = snd_pcm_readi(before->pcm, buf, STREAM_PERIOD);
	CHECK(err < 0 && err != -EAGAIN, "a stranger's stream was not cut: %d", err);
	return OK;
}

static enum verdict strangers(struct run *r)
{
	struct provider p = { .pid = -1 };
	struct stream before, after;
	enum verdict v;
	int err;

	CHECK_OK(stream_prepare(&before, &r->line, SND_PCM_STREAM_CAPTURE,
				SND_PCM_ACCESS_RW_INTERLEAVED, 3200), "without a provider");
	snd_pcm_start(before.pcm);
	err = start_provider(&p, &r->line);
	v = err ? verdict(r, FAIL, "a provider: %s", error_name(err)) : judge(r, &before);
	end_provider(&p);
	stream_close(&before);
	if (v != OK)
		return v;
	err = stream_open(&after, &r->line, SND_PCM_STREAM_CAPTURE);
	stream_close(&after);
	CHECK_OK(err, "after the provider went");
	return OK;
}

static const struct test tests[] = {
	{ "access/strangers", LINE_PAGE "Sound (who may open it)",
	  "with a provider, others get EACCES and their streams are cut", 0, TAPI_LINE_CAP_PCM,
	  .run = strangers },
};

GROUP(access_group, tests);
