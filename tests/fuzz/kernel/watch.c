// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a program in a child and sees what became of it: the edges of the kernel's code that its
 * thread passed (KCOV), calls that failed as they must not, a task that does not end, a splat.
 *
 * A fork costs ten times what a program does on a kernel that watches each page and object. So a
 * child runs many, until one leaves something that is not taken back: a thread, another user or
 * network namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <regex.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/kcov.h>

#include "fuzz.h"

#define COVER_SIZE	(64u << 10)
#define MAP_BITS	18
/* Programs of a child */
#define RUNS_MAX	200
/* Blocking calls are interrupted as often as this */
#define TICK_US		50000
/* Many times what the longest program takes on a busy machine; then it is looked at why */
#define PATIENCE_MS	60000

/* As in scripts/vm-run */
static const char splat_pattern[] =
	"BUG:|BUG [A-Za-z0-9_-]+ \\(|kernel BUG at|WARNING:|KASAN|UBSAN|INFO: (possible|trying|task|"
	"suspicious)|Oops|general protection|double fault|cut here|refcount_t:|list_(add|del) "
	"corruption|(rcu|self-)[a-z_ -]*(detected )?stall|lockup|Call Trace";

/* What the child tells: the call it is in, and the first that did what it must not */
struct report {
	unsigned int at, wrong_at;
	int wrong;
};

static struct report *report;
static struct program *order;		/* what the child is to run */

static struct {
	pid_t pid;			/* 0: none */
	int pidfd, to, from;		/* a byte there, a byte back */
	unsigned int runs;
} worker;

static int kcov_fd = -1, kmsg_fd = -1;
static unsigned long *cover;
static uint8_t seen[(1u << MAP_BITS) / 8];
static unsigned int edges;
static regex_t splat;

bool watch_start(bool need_kcov)
{
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	order = mmap(NULL, sizeof(*order), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED || order == MAP_FAILED ||
	    regcomp(&splat, splat_pattern, REG_EXTENDED | REG_NOSUB))
		return false;
	signal(SIGPIPE, SIG_IGN);
	kmsg_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg_fd < 0 || lseek(kmsg_fd, 0, SEEK_END) < 0)
		return false;
	kcov_fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (kcov_fd < 0)
		return !need_kcov;
	if (ioctl(kcov_fd, KCOV_INIT_TRACE, (unsigned long)COVER_SIZE))
		return false;
	cover = mmap(NULL, COVER_SIZE * sizeof(*cover), PROT_READ | PROT_WRITE, MAP_SHARED, kcov_fd, 0);
	return cover != MAP_FAILED;
}

/* ---- the child */

static void on_tick(int signal)
{
}

/* Without SA_RESTART: a call that waits comes back */
static void start_ticks(void)
{
	const struct sigaction action = { .sa_handler = on_tick };
	const struct itimerval tick = { { .tv_usec = TICK_US }, { .tv_usec = TICK_US } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
}

static void judge(unsigned int at, const struct call *call, int result)
{
	const int *errors = is_send(&ops[call->op]) ? message_errors(call) : ops[call->op].errors;

	if (result >= 0 || !errors || report->wrong)
		return;
	while (*errors && *errors != -result)
		errors++;
	if (!*errors) {
		report->wrong_at = at;
		report->wrong = -result;
	}
}

struct side {
	pthread_t thread;
	const struct call *call;
	unsigned int at;
};

static void *run_aside(void *data)
{
	const struct side *side = data;

	judge(side->at, side->call, ops[side->call->op].run(side->call));
	return NULL;
}

/* Threads end with the process, whatever they wait for then */
static void start_aside(struct side *side, unsigned int at, const struct call *call)
{
	sigset_t tick, old;

	side->call = call;
	side->at = at;
	sigemptyset(&tick);
	sigaddset(&tick, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &tick, &old);
	if (!pthread_create(&side->thread, NULL, run_aside, side))
		pthread_detach(side->thread);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void run_calls(const struct program *program)
{
	static struct side sides[MAX_CALLS];

	for (unsigned int i = 0; i < program->n; i++) {
		const struct call *call = &program->call[i];

		report->at = i;
		if (call->aside)
			start_aside(&sides[i], i, call);
		else
			judge(i, call, ops[call->op].run(call));
	}
	report->at = program->n;
	slots_end();
}

static bool pass_byte(int fd, bool out)
{
	ssize_t n;
	char c = 0;

	do
		n = out ? write(fd, &c, 1) : read(fd, &c, 1);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

/* Runs what it is given, until there is no more */
__attribute__((noreturn))
static void child(int from, int to)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	start_ticks();
	if (kcov_fd >= 0 && ioctl(kcov_fd, KCOV_ENABLE, KCOV_TRACE_PC))
		_exit(2);
	while (pass_byte(from, false)) {
		if (cover)
			__atomic_store_n(&cover[0], 0, __ATOMIC_RELAXED);
		run_calls(order);
		if (!pass_byte(to, true))
			break;
	}
	_exit(0);
}

/* ---- the parent */

static uint32_t edge(unsigned long from, unsigned long to)
{
	return (uint32_t)((from * 0x9E3779B97F4A7C15u ^ to) * 0xD6E8FEB86659FD93u >> (64 - MAP_BITS));
}

/* How many edges the last program passed that none has before */
unsigned int watch_new_edges(bool keep)
{
	unsigned long n = cover ? cover[0] : 0, from = 0;
	unsigned int found = 0;

	if (n > COVER_SIZE - 1)
		n = COVER_SIZE - 1;
	for (unsigned long i = 1; i <= n; i++) {
		uint32_t at = edge(from, cover[i]);

		from = cover[i];
		if (seen[at / 8] & 1u << at % 8)
			continue;
		found++;
		if (keep)
			seen[at / 8] |= (uint8_t)(1u << at % 8);
	}
	if (keep)
		edges += found;
	return found;
}

unsigned int watch_edges(void)
{
	return edges;
}

/* A splat in what the kernel has logged since the last look: its first line */
static bool kernel_complains(char *why, size_t size)
{
	char record[2048];
	bool found = false;
	ssize_t n;

	while ((n = read(kmsg_fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		char *text;

		if (n < 0)
			continue;
		record[n] = '\0';
		text = strchr(record, ';');
		if (!text || found || regexec(&splat, text, 0, NULL, 0))
			continue;
		found = true;
		text[strcspn(text, "\n")] = '\0';
		snprintf(why, size, "%.200s", text + 1);
	}
	return found;
}

static bool worker_start(void)
{
	int there[2], back[2];

	if (worker.pid)
		return true;
	if (pipe2(there, O_CLOEXEC) || pipe2(back, O_CLOEXEC))
		return false;
	worker.pid = fork();
	if (!worker.pid) {
		close(there[1]);
		close(back[0]);
		child(there[0], back[1]);
	}
	close(there[0]);
	close(back[1]);
	worker.to = there[1];
	worker.from = back[0];
	worker.runs = 0;
	worker.pidfd = worker.pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, worker.pid, 0);
	return worker.pidfd >= 0;
}

/* It ends, killed or not; false when it does not */
static bool worker_ends(int *status)
{
	struct pollfd poller = { .fd = worker.pidfd, .events = POLLIN };

	return poll(&poller, 1, PATIENCE_MS) == 1 && waitpid(worker.pid, status, 0) == worker.pid;
}

static void worker_forget(void)
{
	close(worker.pidfd);
	close(worker.from);
	if (worker.to >= 0)
		close(worker.to);
	worker.pid = 0;
}

/* What it leaves is there for the next program, too */
static bool leaves(const struct program *program)
{
	for (unsigned int i = 0; i < program->n; i++) {
		const struct call *call = &program->call[i];

		if (call->aside || ops[call->op].run == run_user || ops[call->op].run == run_netns)
			return true;
	}
	return false;
}

static void show_file(pid_t pid, const char *name)
{
	char path[64], text[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	fprintf(stderr, "%s:\n%s\n", path, text);
}

/*
 * It may be killed, then; but no call waits so long that a signal does not end, so either way it has
 * hung. The kernel says where all tasks are that cannot be killed (SysRq w).
 */
static void show_stuck(pid_t pid)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	show_file(pid, "stack");
	show_file(pid, "status");
	if (fd >= 0 && write(fd, "w", 1) != 1)
		fprintf(stderr, "no list of tasks\n");
	if (fd >= 0)
		close(fd);
}

static enum outcome stuck(char *why, size_t size)
{
	int status;

	show_stuck(worker.pid);
	kill(worker.pid, SIGKILL);
	snprintf(why, size, "call %u does not end%s", report->at,
		 worker_ends(&status) ? "" : ", even when killed");
	worker_forget();
	return STUCK;
}

/* The child is not to go on after this one; its threads end with it */
static enum outcome retire(char *why, size_t size)
{
	int status;

	close(worker.to);
	worker.to = -1;
	if (!worker_ends(&status))
		return stuck(why, size);
	worker_forget();
	if (status)
		snprintf(why, size, "its process ended with status %#x", status);
	return status ? WRONG : PASSED;
}

static enum outcome await(const struct program *program, char *why, size_t size)
{
	struct pollfd poller[2] = {
		{ .fd = worker.from, .events = POLLIN }, { .fd = worker.pidfd, .events = POLLIN },
	};
	int status;

	if (poll(poller, 2, PATIENCE_MS) < 1)
		return stuck(why, size);
	if (poller[0].revents & POLLIN && pass_byte(worker.from, false)) {
		if (++worker.runs < RUNS_MAX && !leaves(program))
			return PASSED;
		return retire(why, size);
	}
	if (!worker_ends(&status))
		return stuck(why, size);
	snprintf(why, size, "its process ended with status %#x in call %u", status, report->at);
	worker_forget();
	return WRONG;
}

/**
 * watch_run() - run a program
 * @program: it
 * @why: what was wrong, if it did not pass
 * @size: of @why
 *
 * Return: STUCK before SPLAT before WRONG before PASSED.
 */
enum outcome watch_run(const struct program *program, char *why, size_t size)
{
	enum outcome outcome = WRONG;

	memset(report, 0, sizeof(*report));
	*order = *program;
	if (worker_start() && pass_byte(worker.to, true)) {
		outcome = await(program, why, size);
	} else {
		snprintf(why, size, "no process for it");
		if (worker.pid > 0)
			return stuck(why, size);
	}
	if (outcome == PASSED && report->wrong) {
		snprintf(why, size, "%s, call %u, must not fail with %s",
			 ops[program->call[report->wrong_at].op].name, report->wrong_at,
			 strerrorname_np(report->wrong));
		outcome = WRONG;
	}
	/* its stack is in the log by now, and would be taken for the reason */
	return outcome != STUCK && kernel_complains(why, size) ? SPLAT : outcome;
}
