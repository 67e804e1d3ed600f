#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The modules on Debian's PREEMPT_RT kernel, where locks sleep and interrupts are threads: they
# build, a call, sound and the relay work, cards come and go, no splat.
. "$(dirname "$0")/../lib/env.sh"

kernel=$(scripts/rt-kernel --print) || {
	echo '1..0 # SKIP the PREEMPT_RT kernel is not in the cache: "make check-debug" fetches it'
	exit 0
}
release=$(<"$kernel/release")
out=$TAPI_CHECK/rt
mkdir -p "$out/stage/lib/modules" "$out/out"

build() {
	scripts/meson-build "$TAPI_BUILD" &&
		KDIR=$kernel/build scripts/kbuild "$release" "$out/build" KCFLAGS=-Werror
}

printf '%s\n' line-cable line-unplug pcm-unplug relay-data relay-line >"$out/LIST"

boot() {
	rm -f "$out"/out/*
	"$VM_RUN" -k "$kernel/bzImage" -r "$release" -m "$out/modules/lib/modules/$release" -t 600 \
		-o "$out/out" "[ \$(cat /sys/kernel/realtime) = 1 ] &&
			sh tests/vm/guest-selftests $out/stage $TAPI_BUILD/tests/selftests $out/LIST"
}

# Every program has a result, and it is good; one that did not run has none.
judge() {
	local name status bad=0

	while read -r name; do
		status=$(cat "$out/out/$name.status" 2>/dev/null || echo none)
		echo "$name: status $status, $(grep -c '^ok' "$out/out/$name.tap") ok"
		[ "$status" = 0 ] && ! grep -q '^not ok' "$out/out/$name.tap" || {
			bad=1
			cat "$out/out/$name.tap" "$out/out/$name.err"
		}
	done <"$out/LIST"
	return "$bad"
}

tap_run "modules for $release" build &&
	tap_run "installing" tests/debug/stage "$kernel" "$out/modules" "$out"/build/kernel/*/*.ko &&
	tap_run "a boot without a splat" boot
tap_run "call, sound, relay, unplugging" judge
tap_done
