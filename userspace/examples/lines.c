/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists the telephone lines of the machine and tells what happens on them.
 * Only the kernel's interface: no service, no library.
 *
 *	lines		list, then watch until interrupted
 *	lines -l	list only
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/tapi_line.h>

#define LINES 1024

static const char *const events[TAPI_LINE_EV_END] = {
	[TAPI_LINE_EV_STATE] = "state", [TAPI_LINE_EV_HOOK] = "hook",
	[TAPI_LINE_EV_FLASH] = "flash", [TAPI_LINE_EV_PULSE_DIGIT] = "pulse digit",
	[TAPI_LINE_EV_RING] = "ring", [TAPI_LINE_EV_DTMF] = "DTMF",
	[TAPI_LINE_EV_POLARITY] = "polarity", [TAPI_LINE_EV_BATTERY] = "battery",
	[TAPI_LINE_EV_LINEFEED] = "linefeed", [TAPI_LINE_EV_LOOP_DROP] = "loop drop",
	[TAPI_LINE_EV_COMPLETE] = "complete", [TAPI_LINE_EV_FAULT] = "fault",
	[TAPI_LINE_EV_CLAIM] = "claim", [TAPI_LINE_EV_GONE] = "gone",
	[TAPI_LINE_EV_LOST] = "lost",
};

static struct pollfd fds[LINES];
static char names[LINES][300];
static int count;

static void add_line(const char *name)
{
	struct tapi_line_caps caps;
	struct tapi_line_state state;
	int fd;

	snprintf(names[count], sizeof(names[count]), "/dev/tapi/%s", name);
	fd = open(names[count], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, TAPI_LINE_G_CAPS, &caps) < 0 ||
	    ioctl(fd, TAPI_LINE_G_STATE, &state) < 0) {
		fprintf(stderr, "%s: %s\n", names[count], strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	printf("%-24s %s  %-16s %-12s %s hook%s%s\n", names[count],
	       caps.type == TAPI_LINE_FXS ? "FXS" : "FXO", caps.line_name, caps.driver,
	       state.hook == TAPI_LINE_OFF_HOOK ? "off" : "on",
	       state.ring ? ", ringing" : "",
	       state.flags & TAPI_LINE_ST_CLAIMED ? ", in use" : "");
	fds[count].fd = fd;
	fds[count].events = POLLIN;
	count++;
}

static void print_event(int line, const struct tapi_line_event *event)
{
	printf("%llu.%03llu %s %s", (unsigned long long)event->ts / 1000000000,
	       (unsigned long long)event->ts / 1000000 % 1000, names[line],
	       event->type < TAPI_LINE_EV_END && events[event->type] ? events[event->type] : "?");
	switch (event->type) {
	case TAPI_LINE_EV_HOOK:
		printf(" %s", event->hook.state == TAPI_LINE_OFF_HOOK ? "off" : "on");
		break;
	case TAPI_LINE_EV_RING:
		printf(" %s", event->ring.state ? "on" : "off");
		break;
	case TAPI_LINE_EV_DTMF:
		printf(" %c %s", event->dtmf.digit, event->dtmf.pressed ? "down" : "up");
		break;
	case TAPI_LINE_EV_PULSE_DIGIT:
		printf(" %c", event->pulse.digit);
		break;
	case TAPI_LINE_EV_LOST:
		printf(" %u events", event->lost.count);
		break;
	}
	printf("\n");
}

/* false when the line has gone */
static int read_events(int line)
{
	struct tapi_line_event batch[16];
	ssize_t size = read(fds[line].fd, batch, sizeof(batch));

	if (size < 0)
		return errno == EAGAIN;
	for (size_t i = 0; i < size / sizeof(batch[0]); i++)
		print_event(line, &batch[i]);
	return 1;
}

int main(int argc, char **argv)
{
	struct dirent *entry;
	DIR *dir = opendir("/dev/tapi");

	if (!dir) {
		fprintf(stderr, "no telephone lines: is a driver loaded? (modprobe tapi_sim)\n");
		return 1;
	}
	while (count < LINES && (entry = readdir(dir))) {
		if (!strncmp(entry->d_name, "card", 4))
			add_line(entry->d_name);
	}
	closedir(dir);
	if (argc > 1 && !strcmp(argv[1], "-l"))
		return 0;
	setlinebuf(stdout);
	while (count && poll(fds, count, -1) > 0) {
		for (int i = 0; i < count; i++) {
			if (fds[i].revents && !read_events(i)) {
				close(fds[i].fd);
				fds[i].fd = -1;		/* poll() passes over it */
			}
		}
	}
	return 0;
}
