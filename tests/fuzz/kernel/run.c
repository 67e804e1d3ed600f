// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls of the line device, made in the child. What is not there is EBADF, as anywhere. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/tapi_line.h>

#include "fuzz.h"

#define NOBODY	65534

int files[SLOTS], sockets[SLOTS];
unsigned int card_number[CARDS];

/* A page that is there, and one behind it that is not */
static char *edge;
static size_t page;

void slots_start(void)
{
	for (int i = 0; i < SLOTS; i++)
		files[i] = sockets[i] = -1;
	page = (size_t)sysconf(_SC_PAGESIZE);
	edge = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (edge == MAP_FAILED || mprotect(edge + page, page, PROT_NONE))
		edge = NULL;
}

/* As if the program's process had ended: all is closed, nothing was learnt */
void slots_end(void)
{
	for (int i = 0; i < SLOTS; i++) {
		if (sockets[i] >= 0)
			close(sockets[i]);
		if (files[i] >= 0)
			close(files[i]);
		files[i] = sockets[i] = -1;
	}
	relay_forget();
}

static int result(long ret)
{
	return ret < 0 ? -errno : (int)(ret & 0x7fffffff);
}

static int *file_of(const struct arg *arg)
{
	return &files[arg->value % SLOTS];
}

int run_open(const struct call *call)
{
	static const int modes[] = { O_RDWR, O_RDONLY, O_WRONLY };
	const struct arg *a = call->arg;
	int flags = modes[a[3].value % 3] | (a[4].value & 1 ? 0 : O_NONBLOCK) | O_CLOEXEC;
	int *slot = file_of(&a[0]), fd;
	char path[64];

	snprintf(path, sizeof(path), "/dev/tapi/card%u-line%u", card_number[a[1].value % CARDS],
		 (unsigned int)(a[2].value % (LINES + 1)));
	fd = open(path, flags);
	if (fd < 0)
		return -errno;
	if (*slot >= 0)
		close(*slot);
	*slot = fd;
	return fd;
}

int run_close(const struct call *call)
{
	int *slot = file_of(&call->arg[0]), fd = *slot;

	*slot = -1;
	return result(close(fd));
}

int run_dup(const struct call *call)
{
	int *slot = file_of(&call->arg[0]), fd = fcntl(*file_of(&call->arg[1]), F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (*slot >= 0)
		close(*slot);
	*slot = fd;
	return fd;
}

/* Where an argument of a size is: 0 good memory, 1 not mapped, 2 its last byte is not */
static void *place(uint64_t how, size_t size)
{
	if (how % 3 == 0 || !edge)
		return edge;
	return how % 3 == 1 ? (void *)8 : edge + page - (size > 1 ? size - 1 : 0);
}

int run_read(const struct call *call)
{
	size_t size = call->arg[1].value % 4096;

	return result(read(*file_of(&call->arg[0]), place(call->arg[2].value, size), size));
}

int run_write(const struct call *call)
{
	return result(write(*file_of(&call->arg[0]), "text", 4));
}

int run_poll(const struct call *call)
{
	struct pollfd poller = { .fd = *file_of(&call->arg[0]), .events = POLLIN | POLLPRI };

	return result(poll(&poller, 1, (int)(call->arg[1].value % 50)));
}

int run_map(const struct call *call)
{
	void *at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, *file_of(&call->arg[0]), 0);

	if (at == MAP_FAILED)
		return -errno;
	munmap(at, page);
	return 0;
}

int run_seek(const struct call *call)
{
	return result(lseek(*file_of(&call->arg[0]), 64, SEEK_CUR));
}

int run_mode(const struct call *call)
{
	return result(fcntl(*file_of(&call->arg[0]), F_SETFL, call->arg[1].value & 1 ? O_NONBLOCK : 0));
}

int run_wait(const struct call *call)
{
	struct timespec ts = { .tv_nsec = (long)(call->arg[0].value % 100) * 1000000 };

	return result(nanosleep(&ts, NULL));
}

/* The thread's own: glibc would change those of all */
int run_user(const struct call *call)
{
	return result(syscall(SYS_setresuid, -1, call->arg[0].value & 1 ? NOBODY : 0, -1));
}

int run_netns(const struct call *call)
{
	return result(unshare(CLONE_NEWNET));
}

static void put(char *to, const struct param *param, uint64_t value)
{
	memcpy(to + param->offset, &value, param->size);	/* little end first */
}

/* What the kernel says must be zero, is */
static bool rest_is_zero(unsigned long request, const char *from)
{
	static const struct { unsigned long request; size_t at, size; } rests[] = {
#define REST(request, type)								\
	{ request, offsetof(struct type, reserved), sizeof(((struct type *)0)->reserved) }
		REST(TAPI_LINE_G_CAPS, tapi_line_caps),
		REST(TAPI_LINE_G_STATE, tapi_line_state),
		REST(TAPI_LINE_G_STATS, tapi_line_stats),
		REST(TAPI_LINE_MEASURE, tapi_line_measure),
		REST(TAPI_LINE_Q_PARAM, tapi_line_param),
		REST(TAPI_LINE_G_PARAM, tapi_line_param),
	};

	for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++)
		for (size_t k = 0; rests[i].request == request && k < rests[i].size; k++)
			if (from[rests[i].at + k])
				return false;
	return true;
}

int run_ioctl(const struct call *call)
{
	const struct op *op = &ops[call->op];
	unsigned long request = op->request;
	_Alignas(8) char argument[256];
	int ret;

	/* what is only written by the kernel has nothing of ours left in it */
	memset(argument, _IOC_DIR(request) == _IOC_READ ? 0x5a : 0, sizeof(argument));
	for (unsigned int i = 1; i < call->nargs && op->param[i].size; i++)
		put(argument, &op->param[i], call->arg[i].value);
	if (call->has_text)
		memcpy(argument, call->text, TAPI_LINE_DIAL_MAX);
	ret = result(ioctl(*file_of(&call->arg[0]), request, argument));
	if (ret >= 0 && !rest_is_zero(request, argument))
		return -EBADMSG;
	return ret;
}

/* Any number, also those of our requests, with a pointer of whatever kind */
int run_raw(const struct call *call)
{
	unsigned long request = call->arg[1].value;
	size_t size;

	/* a small one names one of ours */
	for (unsigned int i = 0; i < nops && request < 256; i++)
		if (ops[i].run == run_ioctl && _IOC_NR(ops[i].request) == request)
			request = ops[i].request;
	size = _IOC_SIZE(request);
	if (edge)
		memset(edge, 0, page);
	return result(ioctl(*file_of(&call->arg[0]), request,
			    size < page ? place(call->arg[2].value, size) : edge));
}
