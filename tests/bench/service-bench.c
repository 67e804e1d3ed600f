/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service on this machine, with the null provider in a host of its own:
 *
 *	bench-service request	synchronous requests, answered by tapisrv and by the provider
 *	bench-service calls	complete calls, with 1 and with 16 programs
 *	bench-service fanout	one event to 1 .. 200 programs
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <tapi/tapi.h>
#include <tapi/tapi_linux.h>

#include "../component/service.h"
#include "bench.h"

#define VERSION		0x00020002u
#define REQUESTS	2000u		/* of a kind in a round */
#define CLIENTS		16u
#define SPAN_NS		700000000ull	/* of a round of calls */
#define FAN_MAX		200u
#define FAN_EVENTS	20u		/* in a round */
#define MESSAGE		64u		/* bytes of an echo */
/* Requests that a program waits for in a call: make, drop, deallocate */
#define REQUESTS_OF_CALL 3u

static void good(LONG result, const char *what)
{
	struct tapi_error_detail detail = { .size = sizeof(detail) };

	if (result >= 0)
		return;
	tapi_last_error_detail(&detail);
	die("%s: %s: %s", what, tapi_error_name(result), detail.text);
}

/* A program of its own, with one line open */
struct program {
	HLINEAPP app;
	HLINE line;
	DWORD device;
};

static void program_start(struct program *p, DWORD device, DWORD privileges)
{
	LINEINITIALIZEEXPARAMS params = {
		.dwTotalSize = sizeof(params), .dwOptions = LINEINITIALIZEEXOPTION_USEEVENT,
	};
	DWORD devices, version = VERSION, agreed;
	LINEEXTENSIONID extension;

	p->device = device;
	good(lineInitializeExA(&p->app, NULL, NULL, "bench", &devices, &version, &params),
	     "lineInitializeEx");
	good(lineNegotiateAPIVersion(p->app, device, VERSION, VERSION, &agreed, &extension),
	     "lineNegotiateAPIVersion");
	good(lineOpenA(p->app, device, &p->line, VERSION, 0, 0, privileges,
		       LINEMEDIAMODE_INTERACTIVEVOICE, NULL), "lineOpen");
}

static void next_message(const struct program *p, LINEMESSAGE *message)
{
	good(lineGetMessage(p->app, message, PATIENCE_MS), "lineGetMessage");
}

/* ---- requests ---- */

static void ask_caps(const struct program *p)
{
	union {
		LINEDEVCAPS caps;
		char bytes[4096];
	} u = { .caps.dwTotalSize = sizeof(u) };

	good(lineGetDevCapsA(p->app, p->device, VERSION, 0, &u.caps), "lineGetDevCaps");
}

static void ask_messages(const struct program *p)
{
	DWORD line, address;

	good(lineGetStatusMessages(p->line, &line, &address), "lineGetStatusMessages");
}

static void ask_provider(const struct program *p)
{
	union {
		LINEDEVSTATUS status;
		char bytes[4096];
	} u = { .status.dwTotalSize = sizeof(u) };

	good(lineGetLineDevStatusA(p->line, &u.status), "lineGetLineDevStatus");
}

/* Median time of one request, in microseconds */
static double time_requests(void (*ask)(const struct program *), const struct program *p)
{
	static double times[REQUESTS];
	uint64_t begin;

	for (unsigned int i = 0; i < REQUESTS; i++) {
		begin = now_ns();
		ask(p);
		times[i] = (double)(now_ns() - begin) / 1000;
	}
	return median(times, REQUESTS);
}

static double time_echo(int fd)
{
	static double times[REQUESTS];
	uint64_t begin;

	for (unsigned int i = 0; i < REQUESTS; i++) {
		begin = now_ns();
		echo_once(fd, MESSAGE);
		times[i] = (double)(now_ns() - begin) / 1000;
	}
	return median(times, REQUESTS);
}

static void requests(void)
{
	static const struct {
		const char *name;
		void (*ask)(const struct program *);
	} kinds[] = {
		{ "request.short", ask_messages },
		{ "request.devcaps", ask_caps },
		{ "request.provider", ask_provider },
	};
	struct result results[3];
	struct program program;
	struct echo echo;

	echo_start(&echo, 1);
	program_start(&program, 0, LINECALLPRIVILEGE_NONE);
	time_echo(echo.fds[0]);
	for (unsigned int i = 0; i < 3; i++) {
		results[i] = (struct result){ .name = kinds[i].name, .unit = "us",
					      .peer = "SEQPACKET echo" };
		time_requests(kinds[i].ask, &program);
	}
	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (unsigned int i = 0; i < 3; i++) {
			results[i].other[round] = time_echo(echo.fds[0]);
			results[i].mine[round] = time_requests(kinds[i].ask, &program);
		}
	}
	for (unsigned int i = 0; i < 3; i++)
		put(&results[i], ROUNDS);
	lineShutdown(program.app);
	echo_stop(&echo);
}

/* ---- calls ---- */

static void wait_for_state(const struct program *p, DWORD state)
{
	LINEMESSAGE message;

	do {
		next_message(p, &message);
	} while (message.dwMessageID != LINE_CALLSTATE || message.dwParam1 != state);
}

/* Made, connected, dropped, idle, forgotten */
static void call_once(const struct program *p)
{
	HCALL call = 0;

	good(lineMakeCallA(p->line, &call, "5551234", 0, NULL), "lineMakeCall");
	wait_for_state(p, LINECALLSTATE_CONNECTED);
	good(lineDrop(call, NULL, 0), "lineDrop");
	wait_for_state(p, LINECALLSTATE_IDLE);
	good(lineDeallocateCall(call), "lineDeallocateCall");
}

static void echo_call(int fd)
{
	for (unsigned int i = 0; i < REQUESTS_OF_CALL; i++)
		echo_once(fd, MESSAGE);
}

enum order { CALLS, ECHOES, END };

/* A process that makes calls, or their echoes, for SPAN_NS whenever it is told to */
struct worker {
	pid_t pid;
	int fd;
};

static void work(int fd, DWORD device, int echo)
{
	struct program program;
	uint64_t begin, count;
	enum order order;

	program_start(&program, device, LINECALLPRIVILEGE_NONE);
	call_once(&program);
	while (send(fd, "", 1, MSG_NOSIGNAL) == 1 && recv(fd, &order, sizeof(order), 0) > 0 &&
	       order != END) {
		begin = now_ns();
		for (count = 0; now_ns() - begin < SPAN_NS; count++) {
			if (order == ECHOES)
				echo_call(echo);
			else
				call_once(&program);
		}
		if (send(fd, &count, sizeof(count), MSG_NOSIGNAL) < 0)
			break;
	}
	lineShutdown(program.app);
}

static void worker_start(struct worker *worker, DWORD device, int echo)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		die("socketpair: %s", strerror(errno));
	worker->pid = fork();
	if (worker->pid < 0)
		die("fork: %s", strerror(errno));
	if (!worker->pid) {
		close(pair[0]);
		work(pair[1], device, echo);
		_exit(0);
	}
	close(pair[1]);
	worker->fd = pair[0];
}

/* All of them at once: together, per second */
static double work_round(const struct worker *workers, unsigned int count, enum order order)
{
	uint64_t done, total = 0;
	char ready;

	for (unsigned int i = 0; i < count; i++)
		if (recv(workers[i].fd, &ready, 1, 0) != 1)
			die("a program that makes calls has failed");
	for (unsigned int i = 0; i < count; i++)
		send(workers[i].fd, &order, sizeof(order), MSG_NOSIGNAL);
	for (unsigned int i = 0; i < count; i++) {
		if (recv(workers[i].fd, &done, sizeof(done), 0) != sizeof(done))
			die("a program that makes calls has failed");
		total += done;
	}
	return (double)total * 1e9 / SPAN_NS;
}

/* Processor time of a process so far, in ns */
static uint64_t cpu_of(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time))
		die("process %d: no processor time", (int)pid);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Of the service, its hosts and the programs */
static uint64_t cpu_of_all(const struct worker *workers, unsigned int count)
{
	uint64_t sum = cpu_of(service_pid());
	char path[64];
	FILE *file;
	int pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", service_pid(), service_pid());
	file = fopen(path, "r");
	if (!file)
		die("%s: %s", path, strerror(errno));
	while (fscanf(file, "%d", &pid) == 1)
		sum += cpu_of(pid);
	fclose(file);
	for (unsigned int i = 0; i < count; i++)
		sum += cpu_of(workers[i].pid);
	return sum;
}

/* A round of calls; processor time of each, in microseconds */
static double calls_round(const struct worker *workers, unsigned int count, double *cpu)
{
	uint64_t before = cpu_of_all(workers, count);
	double rate = work_round(workers, count, CALLS);
	uint64_t spent = cpu_of_all(workers, count) - before;

	*cpu = (double)spent / 1000 / (rate * SPAN_NS / 1e9);
	return rate;
}

static void calls_with(const char *name, const char *cpu_name, unsigned int count)
{
	struct result rate = { .name = name, .unit = "calls/s",
			       .peer = "3 SEQPACKET echoes a call" };
	struct result cpu = { .name = cpu_name, .unit = "us of processor a call" };
	struct worker workers[CLIENTS];
	enum order end = END;
	struct echo echo;

	echo_start(&echo, count);
	for (unsigned int i = 0; i < count; i++)
		worker_start(&workers[i], i, echo.fds[i]);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		rate.other[round] = work_round(workers, count, ECHOES);
		rate.mine[round] = calls_round(workers, count, &cpu.mine[round]);
	}
	put(&rate, ROUNDS);
	put(&cpu, ROUNDS);
	for (unsigned int i = 0; i < count; i++) {
		send(workers[i].fd, &end, sizeof(end), MSG_NOSIGNAL);
		waitpid(workers[i].pid, NULL, 0);
		close(workers[i].fd);
	}
	echo_stop(&echo);
}

static void calls(void)
{
	calls_with("calls.1", "calls.1.cpu", 1);
	calls_with("calls.16", "calls.16.cpu", CLIENTS);
}

/* ---- fan-out ---- */

/* From the provider's command to the last program's message, in microseconds */
static double fan_once(struct program *programs, struct pollfd *fds, unsigned int count, int control)
{
	static const char command[] = "devspecific 0 1 2 3";
	unsigned int left = count;
	uint64_t begin = now_ns();
	LINEMESSAGE message;
	char answer[256];
	double us;

	send(control, command, sizeof(command) - 1, MSG_NOSIGNAL);
	while (left && poll(fds, count, (int)PATIENCE_MS) > 0) {
		for (unsigned int i = 0; i < count; i++) {
			if (!fds[i].revents ||
			    lineGetMessage(programs[i].app, &message, 0) < 0 ||
			    message.dwMessageID != LINE_DEVSPECIFIC)
				continue;
			left--;
		}
	}
	if (left)
		die("%u of %u programs were not told", left, count);
	us = (double)(now_ns() - begin) / 1000;
	if (recv(control, answer, sizeof(answer), 0) <= 0 || memcmp(answer, "ok", 2))
		die("the provider refuses '%s'", command);
	return us;
}

/* A process that sends to all sockets what comes in by the first one */
static pid_t fan_peer(int *fds, unsigned int count)
{
	int theirs[FAN_MAX], pair[2];
	char buffer[MESSAGE];
	pid_t pid;

	for (unsigned int i = 0; i < count; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
			die("socketpair: %s", strerror(errno));
		fds[i] = pair[0];
		theirs[i] = pair[1];
	}
	pid = fork();
	if (!pid) {
		for (unsigned int i = 0; i < count; i++)
			close(fds[i]);
		while (recv(theirs[0], buffer, sizeof(buffer), 0) > 0)
			for (unsigned int i = 0; i < count; i++)
				send(theirs[i], buffer, sizeof(buffer), MSG_NOSIGNAL);
		_exit(0);
	}
	for (unsigned int i = 0; i < count; i++)
		close(theirs[i]);
	return pid;
}

static double fan_raw(struct pollfd *fds, unsigned int count)
{
	unsigned int left = count;
	char buffer[MESSAGE] = "";
	uint64_t begin = now_ns();

	send(fds[0].fd, buffer, sizeof(buffer), MSG_NOSIGNAL);
	while (left && poll(fds, count, -1) > 0)
		for (unsigned int i = 0; i < count; i++)
			if (fds[i].revents && recv(fds[i].fd, buffer, sizeof(buffer), 0) > 0)
				left--;
	return (double)(now_ns() - begin) / 1000;
}

static int control_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, service_path("null"), sizeof(address.sun_path) - 1);
	for (unsigned int i = 0; i < PATIENCE_MS * 1000 / STEP_US; i++) {
		if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
			return fd;
		/* the provider may not have started yet */
		usleep(STEP_US);
	}
	die("%s: %s", address.sun_path, strerror(errno));
}

static void fan_rounds(struct program *programs, struct pollfd *fds, struct pollfd *raw,
		       unsigned int count, int control)
{
	struct result result = { .unit = "us", .peer = "SEQPACKET fan-out" };
	double times[FAN_EVENTS];
	char name[32];

	snprintf(name, sizeof(name), "fanout.%u", count);
	result.name = name;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (unsigned int i = 0; i < FAN_EVENTS; i++)
			times[i] = fan_once(programs, fds, count, control);
		result.mine[round] = median(times, FAN_EVENTS);
		for (unsigned int i = 0; i < FAN_EVENTS; i++)
			times[i] = fan_raw(raw, count);
		result.other[round] = median(times, FAN_EVENTS);
	}
	put(&result, ROUNDS);
}

static void fanout(void)
{
	static const unsigned int counts[] = { 1, 10, 50, FAN_MAX };
	static struct program programs[FAN_MAX];
	struct pollfd fds[FAN_MAX], raw[FAN_MAX];
	int control = control_connect(), sockets[FAN_MAX];
	unsigned int have = 0, count;
	pid_t peer;

	for (unsigned int step = 0; step < sizeof(counts) / sizeof(counts[0]); step++) {
		count = counts[step];
		/* a user gets 64 connections, root 1,024 */
		if (count > 60 && geteuid())
			break;
		peer = fan_peer(sockets, count);
		for (unsigned int i = 0; i < count; i++)
			raw[i] = (struct pollfd){ .fd = sockets[i], .events = POLLIN };
		for (; have < count; have++) {
			program_start(&programs[have], 0, LINECALLPRIVILEGE_MONITOR);
			fds[have] = (struct pollfd){ .fd = tapi_get_fd(programs[have].app),
						     .events = POLLIN };
		}
		fan_rounds(programs, fds, raw, count, control);
		kill(peer, SIGKILL);
		waitpid(peer, NULL, 0);
		for (unsigned int i = 0; i < count; i++)
			close(sockets[i]);
	}
	for (unsigned int i = 0; i < have; i++)
		lineShutdown(programs[i].app);
	close(control);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = { { "request", requests }, { "calls", calls }, { "fanout", fanout } };
	struct rlimit files;

	/* three descriptors for each program of the fan-out, and the peer's */
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	for (unsigned int i = 0; argc == 2 && i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(argv[1], parts[i].name))
			continue;
		service_prepare();
		service_null("null", "Lines = 16\n");
		service_run();
		parts[i].run();
		service_stop();
		return 0;
	}
	fputs("usage: bench-service request|calls|fanout\n", stderr);
	return 2;
}
