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

static char dir[32], path[512], modules[512];
static pid_t child;
static long log_seen;

const char *service_path(const char *name)
{
	static char texts[8][512];
	static unsigned int next;
	char *text = texts[next++ % 8];

	snprintf(text, sizeof(texts[0]), "%s/%s", dir, name);
	return text;
}

void service_file(const char *name, const char *format, ...)
{
	FILE *file = fopen(service_path(name), "w");
	va_list args;

	assert_non_null(file);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
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

static int connect_to(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, service_path(name), sizeof(address.sun_path) - 1);
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	close(fd);
	return -1;
}

static bool can_connect(const char *name)
{
	int fd = connect_to(name);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static pid_t spawn(void)
{
	pid_t pid = fork();
	int log;

	assert_true(pid >= 0);
	if (!pid) {
		log = open(service_path("log"), O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(log, 2);
		close(log);
		execl(built("tapisrv/tapisrv"), "tapisrv", "--socket", service_path("tapi.sock"),
		      "--admin-socket", service_path("admin.sock"), "--config-dir",
		      service_path("etc"), "--tsphost",
		      built("tsphost/tsphost"), "--module-dir", modules, "--allow-any-owner",
		      (char *)NULL);
		_exit(127);
	}
	return pid;
}

void service_run(void)
{
	child = spawn();
	eventually(can_connect("tapi.sock"));
}

void service_run_many(unsigned int count)
{
	pid_t pids[16], ended;
	int status;

	assert_true(count <= sizeof(pids) / sizeof(pids[0]));
	for (unsigned int i = 0; i < count; i++)
		pids[i] = spawn();
	for (unsigned int left = count; left > 1; left--) {
		eventually((ended = waitpid(-1, &status, WNOHANG)) > 0);
		for (unsigned int i = 0; i < count; i++) {
			if (pids[i] == ended)
				pids[i] = 0;
		}
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 1);
	}
	for (unsigned int i = 0; i < count; i++)
		child = pids[i] ? pids[i] : child;
	eventually(can_connect("tapi.sock"));
}

void service_prepare(void)
{
	strcpy(dir, "/tmp/tapi-service.XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(mkdir(service_path("etc"), 0755), 0);
	assert_int_equal(mkdir(service_path("etc/providers.d"), 0755), 0);
	snprintf(path, sizeof(path), "%s", service_path("tapi.sock"));
	snprintf(modules, sizeof(modules), "%s", built("tsp/null"));
	setenv("TAPI_SOCKET", path, 1);
	log_seen = 0;
}

void service_adopt(const char *directory)
{
	snprintf(dir, sizeof(dir), "%s", directory);
}

void service_null(const char *name, const char *more)
{
	char file[128];

	snprintf(file, sizeof(file), "etc/providers.d/%s.conf", name);
	service_file(file, "[Provider]\nModule = null.so\nControl = %s\n%s", service_path(name),
		     more);
}

void service_start_with(const char *from, const char *settings)
{
	service_prepare();
	snprintf(modules, sizeof(modules), "%s", built(from));
	service_file("etc/providers.d/test.conf", "%s", settings);
	service_run();
}

void service_start(void)
{
	service_prepare();
	service_null("null", "Lines = 2\n");
	service_run();
}

void service_signal(int signal)
{
	assert_int_equal(kill(child, signal), 0);
}

int service_end(int signal)
{
	int status;

	service_signal(signal);
	assert_int_equal(waitpid(child, &status, 0), child);
	child = 0;
	return status;
}

pid_t service_pid(void)
{
	return child;
}

static char *read_log(long from)
{
	FILE *file = fopen(service_path("log"), "r");
	char *text = calloc(1, 1 << 20);

	assert_non_null(text);
	if (file) {
		fseek(file, from, SEEK_SET);
		if (fread(text, 1, (1 << 20) - 1, file) == 0)
			*text = '\0';
		fclose(file);
	}
	return text;
}

bool service_logged(const char *text)
{
	char *log = read_log(log_seen);
	bool found = strstr(log, text);

	free(log);
	return found;
}

void service_log_forget(void)
{
	struct stat st;

	if (!stat(service_path("log"), &st))
		log_seen = st.st_size;
}

void service_remove(void)
{
	char *log = read_log(0), command[64];
	bool bad = strstr(log, "Sanitizer") || strstr(log, "runtime error:");

	if (bad)
		fputs(log, stderr);
	free(log);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
	assert_false(bad);
}

void service_stop(void)
{
	int status = service_end(SIGTERM);

	service_remove();
	assert_int_equal(status, 0);
}

void service_restart(void)
{
	service_end(SIGKILL);
	/* the host ends by itself, and takes the provider's socket with it */
	for (unsigned int i = 0; can_connect("null") && i < PATIENCE_MS * 1000 / STEP_US; i++)
		usleep(STEP_US);
	service_run();
}

static const char *ask(const char *name, const char *command)
{
	static char answer[65536];
	int fd = connect_to(name);
	ssize_t size = -1;

	if (fd >= 0 && send(fd, command, strlen(command), MSG_NOSIGNAL) > 0)
		size = recv(fd, answer, sizeof(answer) - 1, 0);
	if (fd >= 0)
		close(fd);
	if (size <= 0)
		return NULL;
	answer[size] = 0;
	return answer;
}

static const char *asked(const char *name, const char *format, va_list args)
{
	const char *answer;
	char command[256];

	vsnprintf(command, sizeof(command), format, args);
	answer = ask(name, command);
	assert_non_null(answer);
	if (!strncmp(answer, "error", 5))
		fail_msg("%s: %s", command, answer);
	return answer;
}

const char *null_command(const char *format, ...)
{
	const char *answer;
	va_list args;

	va_start(args, format);
	answer = asked("null", format, args);
	va_end(args);
	return answer;
}

const char *null_ask(const char *name, const char *format, ...)
{
	const char *answer;
	va_list args;

	va_start(args, format);
	answer = asked(name, format, args);
	va_end(args);
	return answer;
}

bool null_tell(const char *name, const char *command)
{
	return ask(name, command) != NULL;
}

LINEMESSAGE message_of(HLINEAPP app, DWORD id)
{
	LINEMESSAGE message = { 0 };

	do {
		assert_int_equal(lineGetMessage(app, &message, PATIENCE_MS), 0);
	} while (message.dwMessageID != id);
	return message;
}
