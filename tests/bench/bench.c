/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

void put(const struct result *result, unsigned int rounds)
{
	double mine[ROUNDS], other[ROUNDS], ratio[ROUNDS];

	memcpy(mine, result->mine, sizeof(mine));
	memcpy(other, result->other, sizeof(other));
	for (unsigned int i = 0; i < rounds; i++)
		ratio[i] = other[i] > 0 ? mine[i] / other[i] : 0;
	printf("%s,%.6g,%s,", result->name, median(mine, rounds), result->unit);
	if (result->peer)
		printf("%s,%.6g,%.4g\n", result->peer, median(other, rounds),
		       median(ratio, rounds));
	else
		printf(",,\n");
	fflush(stdout);
}

/* ---- the peer ---- */

static void serve_one(int fd)
{
	char buffer[65536];
	ssize_t size;

	while ((size = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		if (send(fd, buffer, (size_t)size, MSG_NOSIGNAL) < 0)
			break;
}

static void serve_many(struct pollfd *fds, unsigned int count)
{
	char buffer[65536];
	ssize_t size;

	while (poll(fds, count, -1) > 0) {
		for (unsigned int i = 0; i < count; i++) {
			if (!fds[i].revents)
				continue;
			size = recv(fds[i].fd, buffer, sizeof(buffer), 0);
			if (size <= 0 || send(fds[i].fd, buffer, (size_t)size, MSG_NOSIGNAL) < 0)
				return;
		}
	}
}

void echo_start(struct echo *echo, unsigned int count)
{
	struct pollfd theirs[256];
	int pair[2];

	if (count > 256)
		die("%u sockets are too many", count);
	echo->count = count;
	for (unsigned int i = 0; i < count; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
			die("socketpair: %s", strerror(errno));
		echo->fds[i] = pair[0];
		theirs[i] = (struct pollfd){ .fd = pair[1], .events = POLLIN };
	}
	echo->pid = fork();
	if (echo->pid < 0)
		die("fork: %s", strerror(errno));
	if (!echo->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (unsigned int i = 0; i < count; i++)
			close(echo->fds[i]);
		if (count == 1)
			serve_one(theirs[0].fd);
		else
			serve_many(theirs, count);
		_exit(0);
	}
	for (unsigned int i = 0; i < count; i++)
		close(theirs[i].fd);
}

void echo_stop(struct echo *echo)
{
	kill(echo->pid, SIGKILL);
	waitpid(echo->pid, NULL, 0);
	for (unsigned int i = 0; i < echo->count; i++)
		close(echo->fds[i]);
}

void echo_once(int fd, size_t size)
{
	static char buffer[65536];

	if (send(fd, buffer, size, MSG_NOSIGNAL) != (ssize_t)size ||
	    recv(fd, buffer, sizeof(buffer), 0) != (ssize_t)size)
		die("echo: %s", strerror(errno));
}
