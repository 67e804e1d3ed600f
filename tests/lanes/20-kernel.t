#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The modules build for each kernel with all warnings as errors, and sparse has nothing to say.
. "$(dirname "$0")/../lib/env.sh"

# sparse prints warnings and succeeds; what it says about the kernel's own headers is not ours.
sparse_clean() {
	local out=$2
	scripts/kbuild "$1" "$out" W=1 KCFLAGS=-Werror C=2 >"$out.sparse" 2>&1 || {
		cat "$out.sparse"
		return 1
	}
	! grep -F "$out/" "$out.sparse" | grep -E ':[0-9]+:[0-9]+: (warning|error)'
}

for kernel in $TAPI_KERNELS; do
	release=$(scripts/kernels "$kernel") || {
		tap 1 "kernel $kernel is installed"
		continue
	}
	out=$TAPI_CHECK/kernel-$kernel
	tap_run "kernel $kernel: modules" scripts/kbuild "$release" "$out" W=1 KCFLAGS=-Werror &&
		tap_run "kernel $kernel: sparse" sparse_clean "$release" "$out" &&
		tap_run "kernel $kernel: staging" scripts/stage-modules "$release" "$out"
done
tap_done
