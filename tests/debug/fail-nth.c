// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Systematic fault injection: every allocation and every copy to or from user memory that a call
 * makes fails once, the n-th in the n-th run, until a run has no n-th. Each time the call must
 * either come through, or fail with a documented error and change nothing; then the same call must
 * work.
 *
 *	fail-nth		all walks
 *	fail-nth TEXT		those with TEXT in their name
 *	fail-nth --once [TEXT]	each call once, without faults: on any kernel
 *
 * Needs a kernel with FAULT_INJECTION (/proc/self/fail-nth), both modules loaded.
 */
#include "fail-nth.h"

/* No call has more; a walk that gets there does not end */
#define NTH_MAX		4000

static int nth_fd = -1;

static void nth_arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (nth_fd >= 0 && pwrite(nth_fd, text, len, 0) != len)
		abort();
}

/*
 * Were there n chances? What is left of n counts on in the calls that ask for it and take it back:
 * these may fail, too, and then it was not used up before.
 */
static bool nth_disarm(void)
{
	char text[16] = "";
	ssize_t len;
	bool reached;

	if (nth_fd < 0)
		return false;
	len = pread(nth_fd, text, sizeof(text) - 1, 0);
	reached = len > 0 && atoi(text) == 0;
	while (pwrite(nth_fd, "0", 1, 0) != 1)
		;
	return reached;
}

static void look_at(const struct walk *w, struct look *look)
{
	look->len = 0;
	look->text[0] = '\0';
	if (w->look)
		w->look(look);
}

static void show(const char *what, const struct look *look)
{
	printf("# %s:\n", what);
	for (const char *at = look->text; *at;) {
		size_t len = strcspn(at, "\n");

		printf("#   %.*s\n", (int)len, at);
		at += len + (at[len] == '\n');
	}
}

static bool same(const struct look *a, const struct look *b)
{
	return !strcmp(a->text, b->text);
}

static bool documented(const struct walk *w, int err)
{
	int i;

	if (err == -ENOMEM || err == -EFAULT)
		return true;
	for (i = 0; i < MORE && w->more[i]; i++)
		if (w->more[i] == err)
			return true;
	return false;
}

static struct look before, after, goal;

static int call(const struct walk *w, unsigned int n, bool *reached)
{
	int said;

	if (n)
		nth_arm(n);
	said = w->call();
	*reached = n && nth_disarm();
	return w->told ? w->told(said) : said;
}

static bool failed(const struct walk *w, unsigned int n, const char *why, int result)
{
	printf("# %s, n = %u: %s (%d, %s)\n", w->name, n, why, result,
	       result < 0 ? strerror(-result) : result == UNTOLD ? "untold" : "done");
	fflush(stdout);
	return false;
}

/* It failed: as if it had never been made */
static bool after_failure(const struct walk *w, unsigned int n, int result)
{
	bool reached;
	int again;

	if (!documented(w, result))
		return failed(w, n, "not a documented error", result);
	if (!same(&before, &after)) {
		show("before", &before);
		show("after", &after);
		return failed(w, n, "failed, but something changed", result);
	}
	again = call(w, 0, &reached);
	if (again)
		return failed(w, n, "the same call does not work afterwards", again);
	look_at(w, &after);
	if (!w->loose && !same(&goal, &after)) {
		show("wanted", &goal);
		show("is", &after);
		return failed(w, n, "the same call does something else afterwards", again);
	}
	return true;
}

static bool judge(const struct walk *w, unsigned int n, int result)
{
	if (result < 0)
		return after_failure(w, n, result);
	if (w->loose || same(&goal, &after) || (result == UNTOLD && same(&before, &after)))
		return true;
	show("wanted", &goal);
	show("is", &after);
	return failed(w, n, "came through, but not whole", result);
}

/* One n; false ends the walk, @good says how */
static bool step(const struct walk *w, unsigned int n, bool *good, unsigned int *failures)
{
	int result = w->begin ? w->begin() : 0;
	bool reached = false;

	if (result) {
		*good = failed(w, n, "no scene", result);
	} else {
		look_at(w, &before);
		result = call(w, n, &reached);
		look_at(w, &after);
		if (!n) {
			goal = after;
			if (result)
				*good = failed(w, n, "does not work without a fault", result);
		} else {
			*failures += result < 0;
			*good = judge(w, n, result);
		}
	}
	if (w->end)
		w->end();
	return *good && (!n || reached);
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void walk(const struct walk *w)
{
	unsigned int n = 0, failures = 0, limit = w->limit ? w->limit : NTH_MAX;
	double start = now_s();
	bool good = true;

	while (step(w, n, &good, &failures) && nth_fd >= 0 && n < limit)
		n++;
	if (good && n == NTH_MAX)
		good = failed(w, n, "does not end", 0);
	if (nth_fd < 0)
		ok(good, "%s", w->name);
	else
		ok(good, "%s: %u faults, %u failures", w->name, n ? n - 1 : 0, failures);
	/* for people who ask why it takes so long */
	printf("# %.1f s\n", now_s() - start);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const struct walk *const tables[] = { line_walks, relay_walks, sound_walks,
						     config_walks, load_walks };
	bool once = argc > 1 && !strcmp(argv[1], "--once");
	const char *only = argc > 1 + once ? argv[1 + once] : "";
	unsigned int i;

	rn_start();
	if (!once) {
		nth_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
		if (nth_fd < 0) {
			printf("1..0 # SKIP no fault injection in this kernel\n");
			return 4;
		}
	}
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct walk *w = tables[i]; w->name; w++)
			if (strstr(w->name, only))
				walk(w);
	return tap_done();
}
