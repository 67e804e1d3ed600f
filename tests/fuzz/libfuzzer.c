/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A fuzz target with libFuzzer, which brings its own main(). */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_one(data, size);
	return 0;
}
