/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fuzz target is a file with fuzz_one() and fuzz_seed(). It is built twice: with libFuzzer (Meson
 * option fuzz, clang), and with a main() of our own (main.c), which runs files, standard input, or
 * a number of inputs that are the same each time.
 */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

/* Longest input that is worth the time */
#define FUZZ_MAX	4096u

/* Tries an input and aborts when something is wrong. Returns false when it was refused. */
bool fuzz_one(const uint8_t *data, size_t size);

/* A valid input, another one for each number; returns its size, at most FUZZ_MAX */
size_t fuzz_seed(unsigned int number, uint8_t *to);

/* What libFuzzer calls */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reproducible numbers */
void fuzz_random_start(uint64_t seed);
uint32_t fuzz_random(uint32_t below);

/* A message with some of its members set; free with protobuf_c_message_free_unpacked() */
ProtobufCMessage *fuzz_message(const ProtobufCMessageDescriptor *descriptor);

/* abort() with a text, also in builds without assertions */
void fuzz_fail(const char *what) __attribute__((noreturn));
#define FUZZ_ASSERT(condition)	((condition) ? (void)0 : fuzz_fail(#condition))

#endif /* TEST_FUZZ_H */
