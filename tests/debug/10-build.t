#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Modules for the debug kernel: counted lines, told to KCOV, checked shifts and indexes, all warnings
# errors; KUnit suites; user space.
. "$(dirname "$0")/../lib/env.sh"

kernel=$(scripts/debug-kernel --print) || {
	echo '1..0 # SKIP the debug kernel is not in the cache: "make check-debug" builds it'
	exit 0
}
release=$(<"$kernel/release")
out=$TAPI_CHECK/debug
mkdir -p "$out"
rm -rf "$out/gcov" "$out/built"

modules() {
	KDIR=$kernel/build scripts/kbuild "$release" "$out/build" GCOV_PROFILE=y UBSAN_SANITIZE=y \
		KCOV_INSTRUMENT=y KCFLAGS=-Werror
}

kunit() {
	rsync -a --delete --include='*.[ch]' --include=Kbuild --exclude='*' tests/kunit/ \
		"$out/build/kunit.new" &&
		mkdir -p "$out/build/kunit" &&
		rsync -rlc "$out/build/kunit.new/" "$out/build/kunit/" &&
		make -C "$kernel/build" M="$out/build/kunit" GCOV_PROFILE=y UBSAN_SANITIZE=y \
			KCFLAGS=-Werror KBUILD_EXTRA_SYMBOLS="$out/build/kernel/Module.symvers" modules
}

sample() {
	rsync -a Documentation/examples/echo-card/ "$out/build/sample" &&
		make -C "$kernel/build" M="$out/build/sample" TAPI="$out/build" UBSAN_SANITIZE=y \
			KCFLAGS=-Werror KBUILD_EXTRA_SYMBOLS="$out/build/kernel/Module.symvers" modules
}

install_modules() {
	# what guest-selftests copies: nothing, all is in place
	mkdir -p "$out/stage/lib/modules" &&
		tests/debug/stage "$kernel" "$out/modules" "$out"/build/kernel/*/*.ko \
			"$out"/build/{kunit,sample}/*.ko
}

tap_run "user space" scripts/meson-build "$TAPI_BUILD" &&
	tap_run "modules" modules &&
	tap_run "KUnit suites" kunit &&
	tap_run "sample driver" sample &&
	tap_run "installing" install_modules &&
	touch "$out/built"
tap_done
