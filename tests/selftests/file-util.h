/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text written to a file, or read, as all tests do that turn a knob of the kernel or look at one. */
#ifndef FILE_UTIL_H
#define FILE_UTIL_H

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* In one piece: 0 or a negative errno */
static inline int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	if (n != (ssize_t)strlen(text))
		err = n < 0 ? -errno : -EIO;
	close(fd);
	return err;
}

/* In one piece, as much as there is room for, and ended by a NUL: 0 or a negative errno */
static inline int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	ssize_t n;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		err = -errno;
	else
		text[n] = '\0';
	close(fd);
	return err;
}

#endif /* FILE_UTIL_H */
