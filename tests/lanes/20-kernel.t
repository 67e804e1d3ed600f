#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The modules build for each kernel with all warnings as errors, and sparse has nothing to say. So
# does the sample driver, like any driver that is not in this tree.
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

# Its directory is made anew, so that sparse sees all of it.
sample() {
	local out=$2
	rm -rf "$out/sample" && cp -r Documentation/examples/echo-card "$out/sample" &&
		make -C "/lib/modules/$1/build" M="$out/sample" TAPI="$out" W=1 KCFLAGS=-Werror C=2 \
			KBUILD_EXTRA_SYMBOLS="$out/kernel/Module.symvers" modules >"$out.sample" 2>&1 || {
		cat "$out.sample"
		return 1
	}
	! grep -F "$out/" "$out.sample" | grep -E ':[0-9]+:[0-9]+: (warning|error)' &&
		[ "$(wc -l <"$out/sample/echo_card.c")" -lt 250 ]
}

for kernel in $TAPI_KERNELS; do
	release=$(scripts/kernels "$kernel") || {
		tap 1 "kernel $kernel is installed"
		continue
	}
	out=$TAPI_CHECK/kernel-$kernel
	tap_run "kernel $kernel: modules" scripts/kbuild "$release" "$out" W=1 KCFLAGS=-Werror &&
		tap_run "kernel $kernel: sparse" sparse_clean "$release" "$out" &&
		tap_run "kernel $kernel: sample driver, in less than 250 lines" sample "$release" "$out" &&
		tap_run "kernel $kernel: staging" scripts/stage-modules "$release" "$out"
done
tap_done
