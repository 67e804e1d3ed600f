#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cppcheck has nothing to say about the kernel part. What it gets wrong everywhere is told here, what
# in one place by a comment there.
. "$(dirname "$0")/../lib/env.sh"

# Of the headers of the C library and the kernel it knows what it needs without reading them
# (missingIncludeSystem).
common=(cppcheck -q '--enable=warning,performance,portability' --inline-suppr --std=c11
	--max-configs=1 --error-exitcode=1 --suppress=missingIncludeSystem
	--template='{file}:{line}: {severity}: {message} [{id}]')

# The kernel is GNU C: a void * counts bytes, and a block in parentheses has the value of its last
# statement. An array in a structure that the callee fills is taken for a read of it (ctuuninitvar).
kernel() {
	"${common[@]}" --library=tests/lanes/cppcheck/kernel.cfg -D__KERNEL__ -DCONFIG_64BIT \
		--suppress=arithOperationsOnVoidPointer --suppress=constStatement \
		--suppress=ctuuninitvar \
		-I include -I include/uapi -I kernel "$@"
}

for dir in kernel/*/; do
	tap_run "${dir%/}" kernel "${dir%/}"
done
tap_done
