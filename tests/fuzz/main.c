/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fuzz target without libFuzzer:
 *
 *	fuzz-NAME FILE...		each file is an input; "-" is standard input
 *	fuzz-NAME --smoke COUNT		so many inputs, the same each time; prints TAP
 *	fuzz-NAME --seeds DIRECTORY	writes the inputs that libFuzzer begins with
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define SEEDS	128u

/* The input is in memory of exactly its size, so that AddressSanitizer sees a byte too far */
static bool try_exact(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	bool accepted;

	FUZZ_ASSERT(copy);
	memcpy(copy, data, size);
	accepted = fuzz_one(copy, size);
	free(copy);
	return accepted;
}

static void put_word(uint8_t *data, size_t size)
{
	static const uint32_t words[] = {
		0, 1, 4, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF,
	};
	uint32_t word = words[fuzz_random(sizeof(words) / sizeof(words[0]))];
	size_t at;

	if (size < 4)
		return;
	at = fuzz_random((uint32_t)(size - 3));
	if (!fuzz_random(3))
		word = fuzz_random((uint32_t)size + 8);
	memcpy(data + at, &word, 4);
}

/* One change; returns the new size */
static size_t mutate(uint8_t *data, size_t size)
{
	size_t at = size ? fuzz_random((uint32_t)size) : 0, n;

	switch (size ? fuzz_random(7) : 5) {
	case 0:
		data[at] ^= (uint8_t)(1u << fuzz_random(8));
		return size;
	case 1:
		data[at] = (uint8_t)fuzz_random(256);
		return size;
	case 2:
		put_word(data, size);
		return size;
	case 3:				/* cut off */
		return at;
	case 4:				/* take out */
		n = 1 + fuzz_random((uint32_t)(size - at));
		memmove(data + at, data + at + n, size - at - n);
		return size - n;
	case 5:				/* put in */
		n = 1 + fuzz_random(16);
		if (size + n > FUZZ_MAX)
			return size;
		memmove(data + at + n, data + at, size - at);
		for (size_t i = 0; i < n; i++)
			data[at + i] = (uint8_t)fuzz_random(256);
		return size + n;
	default:			/* say again */
		n = 1 + fuzz_random((uint32_t)(size - at));
		if (size + n > FUZZ_MAX)
			return size;
		memmove(data + at + n, data + at, size - at);
		return size + n;
	}
}

/* Valid inputs, and those with one to eight changes */
static int smoke(unsigned int count)
{
	static uint8_t data[FUZZ_MAX];
	unsigned int accepted = 0, valid = 0, seeds = 0, changes;
	size_t size;

	printf("1..2\n");
	for (unsigned int i = 0; i < count; i++) {
		fuzz_random_start(i);
		size = fuzz_seed(i, data);
		FUZZ_ASSERT(size <= FUZZ_MAX);
		changes = i % 8 ? 1 + fuzz_random(8) : 0;
		for (unsigned int k = 0; k < changes; k++)
			size = mutate(data, size);
		if (changes) {
			accepted += try_exact(data, size);
		} else {
			seeds++;
			valid += try_exact(data, size);
		}
	}
	/* a target that refuses everything looks at nothing */
	printf("%sok 1 - %u valid inputs are accepted\n", valid == seeds ? "" : "not ", seeds);
	printf("%sok 2 - %u changed inputs, %u of them accepted\n",
	       accepted > count / 100 && accepted < count - seeds ? "" : "not ", count - seeds,
	       accepted);
	return valid != seeds;
}

static int write_seeds(const char *directory)
{
	static uint8_t data[FUZZ_MAX];
	char path[4096];
	size_t size;
	FILE *to;

	for (unsigned int i = 0; i < SEEDS; i++) {
		fuzz_random_start(i);
		size = fuzz_seed(i, data);
		snprintf(path, sizeof(path), "%s/seed-%03u", directory, i);
		to = fopen(path, "wb");
		if (!to || fwrite(data, 1, size, to) != size || fclose(to)) {
			perror(path);
			return 1;
		}
	}
	return 0;
}

static int run_file(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *from = strcmp(path, "-") ? fopen(path, "rb") : stdin;
	size_t size;

	if (!from) {
		perror(path);
		return 1;
	}
	size = fread(data, 1, sizeof(data), from);
	if (from != stdin)
		fclose(from);
	printf("%s: %s\n", path, try_exact(data, size) ? "accepted" : "refused");
	return 0;
}

int main(int argc, char **argv)
{
	int ret = 0;

	if (argc == 3 && !strcmp(argv[1], "--smoke"))
		return smoke((unsigned int)strtoul(argv[2], NULL, 10));
	if (argc == 3 && !strcmp(argv[1], "--seeds"))
		return write_seeds(argv[2]);
	if (argc < 2)
		return run_file("-");
	for (int i = 1; i < argc; i++)
		ret |= run_file(argv[i]);
	return ret;
}
