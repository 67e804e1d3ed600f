#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each exit status of the VM runner means what its help says.
. "$(dirname "$0")/../lib/env.sh"

# expect STATUS NAME ARGUMENT...
expect() {
	local want=$1 name=$2 got=0 out
	shift 2
	progress "$name"
	out=$(mktemp -d)
	"$VM_RUN" -k 6.1 -o "$out" "$@" >"$out.log" 2>&1 </dev/null || got=$?
	[ "$got" = "$want" ]
	tap $? "$name: status $got"
	boots=$(grep -c 'died in its boot.*once more' "$out.log")
	[ "$got" = "$want" ] || tail -n 20 "$out.log" | sed 's/^/# /'
	rm -rf "$out" "$out.log"
}

expect 0 'success' true
expect 3 "the command's own status" 'exit 3'
expect 124 'time limit' -t 25 'sleep 1000'
expect 125 'the machine dies' 'echo c >/proc/sysrq-trigger'
[ "$boots" = 0 ]
tap $? "a test is not tried again"
expect 125 'the kernel finds nothing to run' -a 'rdinit=/none root=/dev/none' true
[ "$boots" = 2 ]
tap $? "it is booted two times more: $boots"
expect 126 'a warning in the kernel log' 'echo "<4>WARNING: made by a test" >/dev/kmsg'
expect 127 'no such kernel' -k 1.0 true
tap_done
