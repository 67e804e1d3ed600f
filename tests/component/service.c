/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <tapi/tapi_linux.h>

#include "service.h"

/* Everything is given as long as on a slow machine */
#define PATIENCE_MS	20000u
#define STEP_US		10000u

static char dir[32], path[512], modules[512];
static pid_t child;

static const char *in_dir(const char *name)
{
	static char texts[8][512];
	static unsigned int next;
	char *text = texts[next++ % 8];

	snprintf(text, sizeof(texts[0]), "%s/%s", dir, name);
	return text;
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(in_dir(name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static const char *built(const char *name)
{
	static char texts[4][512];
	static unsigned int next;
	char *text = texts[next++ % 4];
	const char *root = getenv("TAPI_BUILD");

	snprintf(text, sizeof(texts[0]), "%s/%s", root ? root : ".", name);
	return text;
}

static bool can_connect(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool can;

	strncpy(address.sun_path, in_dir(name), sizeof(address.sun_path) - 1);
	can = !connect(fd, (struct sockaddr *)&address, sizeof(address));
	close(fd);
	return can;
}

static void run(void)
{
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		execl(built("tapisrv/tapisrv"), "tapisrv", "--socket", in_dir("tapi.sock"),
		      "--admin-socket", in_dir("admin.sock"), "--config-dir", in_dir("etc"),
		      "--state-dir", in_dir("state"), "--tsphost", built("tsphost/tsphost"),
		      "--module-dir", modules, "--allow-any-owner", (char *)NULL);
		_exit(127);
	}
	for (unsigned int i = 0; !can_connect("tapi.sock") && i < PATIENCE_MS * 1000 / STEP_US; i++)
		usleep(STEP_US);
}

static void make_dir(void)
{
	strcpy(dir, "/tmp/tapi-service.XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(mkdir(in_dir("etc"), 0755), 0);
	assert_int_equal(mkdir(in_dir("etc/providers.d"), 0755), 0);
	assert_int_equal(mkdir(in_dir("state"), 0755), 0);
	snprintf(path, sizeof(path), "%s", in_dir("tapi.sock"));
	setenv("TAPI_SOCKET", path, 1);
}

void service_start_with(const char *from, const char *settings)
{
	make_dir();
	snprintf(modules, sizeof(modules), "%s", built(from));
	write_file("etc/providers.d/test.conf", settings);
	run();
}

void service_start(void)
{
	char text[256];

	make_dir();
	snprintf(modules, sizeof(modules), "%s", built("tsp/null"));
	snprintf(text, sizeof(text), "[Provider]\nModule = null.so\nLines = 2\nControl = %s\n",
		 in_dir("control"));
	write_file("etc/providers.d/null.conf", text);
	run();
}

static void kill_it(int signal)
{
	int status;

	kill(child, signal);
	assert_int_equal(waitpid(child, &status, 0), child);
}

void service_stop(void)
{
	char command[64];

	kill_it(SIGTERM);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
}

void service_restart(void)
{
	kill_it(SIGKILL);
	/* the host ends by itself, and takes the provider's socket with it */
	for (unsigned int i = 0; can_connect("control") && i < PATIENCE_MS * 1000 / STEP_US; i++)
		usleep(STEP_US);
	run();
}

const char *null_command(const char *format, ...)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	static char answer[8192];
	char command[256];
	ssize_t size = -1;
	va_list args;
	int fd;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	strncpy(address.sun_path, in_dir("control"), sizeof(address.sun_path) - 1);
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)) &&
	    send(fd, command, strlen(command), 0) > 0)
		size = recv(fd, answer, sizeof(answer) - 1, 0);
	close(fd);
	assert_true(size >= 0);
	answer[size] = 0;
	assert_int_equal(strncmp(answer, "error", 5) ? 0 : 1, 0);
	return answer;
}

LINEMESSAGE message_of(HLINEAPP app, DWORD id)
{
	LINEMESSAGE message = { 0 };

	do {
		assert_int_equal(lineGetMessage(app, &message, PATIENCE_MS), 0);
	} while (message.dwMessageID != id);
	return message;
}
