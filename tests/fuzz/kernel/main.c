// SPDX-License-Identifier: GPL-2.0-or-later
/* The fuzzer: the corpus, what is kept of it, and what is found. See README.md. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../selftests/tap.h"
#include "fuzz.h"

#define CORPUS_MAX	8192
#define LOG_MAX		(4 << 20)
/* No program shows more than one of these by itself; many are one fault seen many times */
#define WRONG_MAX	20

static struct program *corpus[CORPUS_MAX];
static unsigned int corpus_n;

static struct {
	uint64_t seed, programs, seconds;
	const char *out;
	bool replay, check;
} option = { .programs = ~0ULL, .seconds = ~0ULL };

static struct {
	uint64_t run;
	unsigned int wrong, stuck, splats, found;
} result;

static FILE *log_file, *corpus_file;

static const char usage_text[] =
"usage: kernel-fuzz [options] FILE...\n"
"Fuzz line devices and relay, beginning with the programs of these files.\n"
"\n"
" --seed N       makes the choices the same again (default: the time)\n"
" --programs N   end after so many, besides those of the files\n"
" --seconds N    end after this time\n"
" --out DIR      corpus.fuzz: programs that passed something new; programs.fuzz: all, the last one\n"
"                is the one that is being run (and programs.old before them); found.fuzz: those that\n"
"                did what must not be (default: .)\n"
" --replay       only run the programs of the files, in their order\n"
" --check        only read the files, and see that they are written as they are read; on any machine\n";

static char *path_of(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", option.out ? option.out : ".", name);
	return path;
}

static FILE *open_out(const char *name)
{
	FILE *file = fopen(path_of(name), "we");

	if (!file) {
		perror(path_of(name));
		exit(2);
	}
	return file;
}

/* Written before it is run: what kills the machine is the last */
static void write_log(const struct program *program)
{
	if (!log_file) {
		log_file = open_out("programs.fuzz");
	} else if (ftell(log_file) > LOG_MAX) {
		char *old = strdup(path_of("programs.old"));

		fclose(log_file);
		if (!old || rename(path_of("programs.fuzz"), old))
			perror("programs.old");
		free(old);
		log_file = open_out("programs.fuzz");
	}
	program_write(log_file, program);
	fflush(log_file);
}

static void write_found(const struct program *program, const char *why)
{
	static FILE *file;

	if (!file)
		file = open_out("found.fuzz");
	fprintf(file, "# %s\n", why);
	program_write(file, program);
	fflush(file);
	printf("# found: %s\n", why);
	program_write(stdout, program);
	fflush(stdout);
}

/* Cards may be gone after it, or be others */
static bool moves_cards(const struct program *program)
{
	for (unsigned int i = 0; i < program->n; i++) {
		int (*run)(const struct call *call) = ops[program->call[i].op].run;

		if (run == run_config || run == run_make || run == run_take || run == run_unplug ||
		    run == run_plug)
			return true;
	}
	return false;
}

/* Whether it goes on: not after what leaves the kernel unlike it was */
static bool run(const struct program *program)
{
	static bool moved = true;
	enum outcome outcome;
	char why[256] = "";

	if (moved && !scene_restore()) {
		printf("# the cards do not come back\n");
		result.stuck++;
		return false;
	}
	moved = moves_cards(program);
	write_log(program);
	result.run++;
	outcome = watch_run(program, why, sizeof(why));
	if (outcome == PASSED)
		return true;
	write_found(program, why);
	result.wrong += outcome == WRONG;
	result.stuck += outcome == STUCK;
	result.splats += outcome == SPLAT;
	return outcome == WRONG && result.wrong < WRONG_MAX;
}

static bool keep(const struct program *program)
{
	struct program *copy = malloc(sizeof(*copy));

	if (!copy || corpus_n == CORPUS_MAX) {
		free(copy);
		return false;
	}
	*copy = *program;
	corpus[corpus_n++] = copy;
	return true;
}

static void write_kept(const struct program *program)
{
	if (!corpus_file)
		corpus_file = open_out("corpus.fuzz");
	program_write(corpus_file, program);
	fflush(corpus_file);
}

/* Leaves out each call that what is new does not need */
static bool trim(struct program *program, unsigned int new_edges)
{
	struct program shorter;

	for (unsigned int i = program->n; i-- > 0 && program->n > 1;) {
		shorter = *program;
		shorter.n--;
		memmove(&shorter.call[i], &shorter.call[i + 1],
			(shorter.n - i) * sizeof(shorter.call[0]));
		if (!run(&shorter))
			return false;
		if (watch_new_edges(false) >= new_edges)
			*program = shorter;
	}
	return true;
}

/* Runs it, and keeps it if it passes what none has */
static bool try(struct program *program, bool trimmed)
{
	unsigned int new_edges;

	if (!run(program))
		return false;
	new_edges = watch_new_edges(trimmed);
	if (!new_edges)
		return true;
	if (!trimmed) {
		/* what does not happen twice is chance */
		if (!run(program))
			return false;
		new_edges = watch_new_edges(false);
		if (new_edges && !trim(program, new_edges))
			return false;
		if (!run(program))
			return false;
		if (!watch_new_edges(true))
			return true;
		result.found++;
	}
	write_kept(program);
	return keep(program);
}

static long long now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* Each program has its own numbers: what is kept of those before changes what it begins with only */
static void fuzz(void)
{
	long long start = now_s(), told = start;

	for (uint64_t i = 0; i < option.programs; i++) {
		struct program program = { 0 };
		long long now = now_s();

		if ((uint64_t)(now - start) >= option.seconds)
			break;
		if (now - told >= 60) {
			told = now;
			printf("# %llu programs, %u kept, %u edges\n", (unsigned long long)result.run,
			       corpus_n, watch_edges());
			fflush(stdout);
		}
		random_start(option.seed + i * 0x100000001B3u);
		if (!corpus_n || !random_below(12)) {
			program_make(&program);
		} else {
			program = *corpus[random_below(corpus_n)];
			program_mutate(&program, corpus[random_below(corpus_n)]);
		}
		if (!try(&program, false))
			break;
	}
}

/* ---- files */

static int by_length(const void *a, const void *b)
{
	const struct program *one = *(struct program *const *)a, *two = *(struct program *const *)b;

	return (one->n > two->n) - (one->n < two->n);
}

static bool read_file(const char *path, struct program **list, unsigned int *n)
{
	FILE *file = fopen(path, "re");
	static struct program program;
	bool error = false;

	if (!file) {
		perror(path);
		return false;
	}
	while (*n < CORPUS_MAX && program_read(file, &program, &error)) {
		list[*n] = malloc(sizeof(program));
		if (!list[*n])
			abort();
		if (program.n)
			*list[(*n)++] = program;
	}
	fclose(file);
	if (error)
		fprintf(stderr, "%s: program %u\n", path, *n + 1);
	return !error;
}

static bool same_again(const struct program *program)
{
	char *text[2] = { NULL, NULL };
	static struct program back;
	bool error = false, same;

	for (int i = 0; i < 2; i++) {
		size_t size;
		FILE *file = open_memstream(&text[i], &size);

		if (!file)
			abort();
		program_write(file, i ? &back : program);
		fclose(file);
		file = i ? NULL : fmemopen(text[0], size, "r");
		if (file) {
			program_read(file, &back, &error);
			fclose(file);
		}
	}
	same = !error && !strcmp(text[0], text[1]);
	if (!same)
		printf("# %s# is read as\n# %s", text[0], text[1]);
	free(text[0]);
	free(text[1]);
	return same;
}

/* The files, and many programs that are made as the fuzzer does */
static int check(struct program *const *list, unsigned int n)
{
	static struct program program;
	unsigned int bad = 0;

	for (unsigned int i = 0; i < n; i++)
		bad += !same_again(list[i]);
	ok(!bad, "%u programs of the files are written as they are read", n);
	bad = 0;
	for (unsigned int i = 0; i < 20000; i++) {
		random_start(option.seed + i);
		if (i % 2 || !program.n)
			program_make(&program);
		else
			program_mutate(&program, &program);
		bad += !same_again(&program);
	}
	ok(!bad, "20000 programs of the seed are, too");
	return tap_done();
}

static bool options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "seed", 1, NULL, 's' }, { "programs", 1, NULL, 'p' }, { "seconds", 1, NULL, 't' },
		{ "out", 1, NULL, 'o' }, { "replay", 0, NULL, 'r' }, { "check", 0, NULL, 'c' },
		{ "help", 0, NULL, 'h' }, { }
	};
	int c;

	option.seed = (uint64_t)time(NULL);
	while ((c = getopt_long(argc, argv, "h", known, NULL)) >= 0) {
		switch (c) {
		case 's': option.seed = strtoull(optarg, NULL, 0); break;
		case 'p': option.programs = strtoull(optarg, NULL, 0); break;
		case 't': option.seconds = strtoull(optarg, NULL, 0); break;
		case 'o': option.out = optarg; break;
		case 'r': option.replay = true; break;
		case 'c': option.check = true; break;
		default:
			fputs(usage_text, c == 'h' ? stdout : stderr);
			return false;
		}
	}
	return true;
}

static void run_list(struct program **list, unsigned int n)
{
	unsigned int i = 0;

	if (!option.replay)
		qsort(list, n, sizeof(*list), by_length);
	while (i < n && (option.replay ? run(list[i]) : try(list[i], true)))
		i++;
	ok(i == n, "%u of %u programs of the files run", i, n);
	printf("# %u edges, %u programs kept\n", watch_edges(), corpus_n);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static struct program *list[CORPUS_MAX];
	unsigned int n = 0;

	if (!options(argc, argv))
		return 2;
	for (int i = optind; i < argc; i++)
		if (!read_file(argv[i], list, &n))
			return 2;
	printf("# seed %llu\n", (unsigned long long)option.seed);
	if (option.check)
		return check(list, n);
	slots_start();
	if (!relay_start() || !scene_start() || !watch_start(!option.replay)) {
		printf("Bail out! no modules, no simulator, or no KCOV in this kernel\n");
		return 1;
	}
	run_list(list, n);
	if (!option.replay && !tap_failures) {
		fuzz();
		ok(watch_edges() > 0, "%llu programs, %u edges, %u programs kept, %u of them new",
		   (unsigned long long)result.run, watch_edges(), corpus_n, result.found);
	}
	scene_end();
	ok(!result.wrong, "%u programs with a result that may not be", result.wrong);
	ok(!result.stuck, "%u that do not end", result.stuck);
	ok(!result.splats, "%u with a splat", result.splats);
	return tap_done();
}
