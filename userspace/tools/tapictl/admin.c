/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "admin.h"
#include "errmap.h"
#include "out.h"
#include <tapi/tapi.h>

/* The service answers such questions at once; who does not hangs */
#define ANSWER_MS	10000
/* What takes longer is explained */
#define PATIENCE_MS	1000
#define BUDGET		32

static const struct link_ops ops;

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* ---- answers ---- */

/* They die when this returns: keep a copy */
static ProtobufCMessage *copy(const ProtobufCMessage *message)
{
	size_t size = protobuf_c_message_get_packed_size(message);
	uint8_t *bytes = malloc(size + 1);
	ProtobufCMessage *made;

	if (!bytes)
		return NULL;
	protobuf_c_message_pack(message, bytes);
	made = protobuf_c_message_unpack(message->descriptor, NULL, size, bytes);
	free(bytes);
	return made;
}

void admin_answered(const ProtobufCMessage *out, void *data)
{
	/* all answers begin like this one */
	const Tapi__Rpc__Result *result = (const Tapi__Rpc__Result *)out;
	struct admin *admin = data;

	admin->done = true;
	admin->why[0] = 0;
	if (!out) {
		admin->result = LINEERR_SERVICE_NOT_RUNNING;
		return;
	}
	admin->result = result->result < 0 ? result->result : 0;
	if (admin->result && result->error && result->error->text)
		snprintf(admin->why, sizeof(admin->why), "%s", result->error->text);
	if (!admin->result)
		admin->answer = copy(out);
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void wait_for(struct admin *admin)
{
	int64_t begin = now(), until = begin + PATIENCE_MS;
	struct pollfd fd = { .fd = link_fd(admin->link) };

	while (!admin->done && link_fd(admin->link) >= 0) {
		fd.events = (short)link_events(admin->link);
		poll(&fd, 1, (int)(until > now() ? until - now() : 0));
		link_dispatch(admin->link, BUDGET);
		if (admin->done || now() < until)
			continue;
		if (until == begin + ANSWER_MS)
			break;
		progress("waiting for an answer of the service");
		until = begin + ANSWER_MS;
	}
}

int admin_finish(struct admin *admin, const char *what)
{
	const struct errmap_entry *entry;

	if (admin->answer)
		protobuf_c_message_free_unpacked(admin->answer, NULL);
	admin->answer = NULL;
	wait_for(admin);
	if (!admin->done)
		return complain(STATUS_TIMEOUT, "%s: the service does not answer", what);
	if (!admin->result)
		return admin->answer ? 0 : complain(STATUS_REFUSED, "not enough memory");
	if (admin->result == (int32_t)LINEERR_SERVICE_NOT_RUNNING)
		return complain(STATUS_NO_SERVER, "%s: the service has gone", what);
	entry = errmap_find_error(admin->result);
	return complain(STATUS_REFUSED, "%s: %s (%s)", what, *admin->why ? admin->why :
			entry ? entry->text : "refused", entry ? entry->name : "unknown");
}

/* ---- the connection ---- */

static int greet(struct admin *admin)
{
	Tapi__Rpc__HelloIn in = TAPI__RPC__HELLO_IN__INIT;

	in.has_min = in.has_max = in.has_features = 1;
	in.min = FRAME_VERSION_MIN;
	in.max = FRAME_VERSION_MAX;
	in.program = (char *)(uintptr_t)"tapictl";
	tapi__rpc__link__hello(link_service(admin->link, TAPI__RPC__SERVICE_ID__SERVICE_LINK), &in,
			       (Tapi__Rpc__HelloOut_Closure)(void *)(uintptr_t)admin_answered,
			       admin);
	return admin_finish(admin, "greeting the service");
}

static int unreachable(int err)
{
	const char *path = settings.admin_socket;

	if (err == -EACCES)
		return complain(STATUS_REFUSED, "%s: only for the group telephony-admin; 'tapictl "
				"line list' shows the lines", path);
	return complain(STATUS_NO_SERVER, "no telephony service: cannot reach tapisrv at %s: %s",
			path, strerror(-err));
}

int admin_begin(struct admin *admin)
{
	int fd = connect_to(settings.admin_socket), status;

	memset(admin, 0, sizeof(*admin));
	if (fd < 0)
		return unreachable(fd);
	admin->link = link_new(fd, &ops, admin);
	if (!admin->link) {
		close(fd);
		return complain(STATUS_REFUSED, "not enough memory");
	}
	status = greet(admin);
	if (status)
		admin_end(admin);
	return status;
}

void admin_end(struct admin *admin)
{
	if (admin->answer)
		protobuf_c_message_free_unpacked(admin->answer, NULL);
	link_unref(admin->link);
}
