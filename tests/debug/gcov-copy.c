// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The counters of debugfs, all in one process, which is dear on the debug kernel:
 *
 *	gcov-copy FROM TO	each .gcda below FROM to the same place below TO
 *
 * debugfs cannot tell the size of a file before it is read, so cp and tar copy nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *to;
static size_t from_len;

static int complain(const char *path)
{
	fprintf(stderr, "gcov-copy: %s: %s\n", path, strerror(errno));
	return 1;
}

/* Copies what can be read; 0 or 1 */
static int copy(int from, const char *path)
{
	static char buf[65536];
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t n;

	if (file < 0)
		return complain(path);
	while ((n = read(from, buf, sizeof(buf))) > 0) {
		if (write(file, buf, (size_t)n) != n)
			return complain(path);
	}
	if (n < 0 || close(file))
		return complain(path);
	return 0;
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *dot = strrchr(path + ftw->base, '.');
	char target[4096];
	int file, bad;

	(void)st;
	snprintf(target, sizeof(target), "%s%s", to, path + from_len);
	if (type == FTW_D)
		return mkdir(target, 0755) && errno != EEXIST ? complain(target) : 0;
	if (type != FTW_F || !dot || strcmp(dot, ".gcda"))
		return 0;
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return complain(path);
	bad = copy(file, target);
	close(file);
	return bad;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: gcov-copy FROM TO\n");
		return 2;
	}
	from_len = strlen(argv[1]);
	to = argv[2];
	return nftw(argv[1], visit, 16, FTW_PHYS) ? 1 : 0;
}
