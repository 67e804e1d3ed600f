# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For the *.t files in bash, and for scripts/check: where things are, and TAP by the line.
#
#	. "$(dirname "$0")/../lib/env.sh"
#	tap_run "kernel 6.1 builds" scripts/kbuild 6.1
#	tap_done

TAPI_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export TAPI_SOURCE
export TAPI_CHECK=${TAPI_CHECK:-$TAPI_SOURCE/build/check}
export TAPI_BUILD=${TAPI_BUILD:-$TAPI_SOURCE/build/user}
export TAPI_KERNELS=${TAPI_KERNELS:-6.1 6.12}
export VM_RUN=${VM_RUN:-$TAPI_SOURCE/scripts/vm-run}
mkdir -p "$TAPI_CHECK/logs"
cd "$TAPI_SOURCE" || exit 1

tap_number=0 tap_failed=0

# A line about progress, seen also under prove.
progress() {
	printf '# %(%H:%M:%S)T %s\n' -1 "$*" >&2
}

# tap STATUS NAME: one result.
tap() {
	local word='ok'
	[ "$1" = 0 ] || word='not ok' tap_failed=1
	tap_number=$((tap_number + 1))
	echo "$word $tap_number - $2"
}

# tap_skip NAME REASON
tap_skip() {
	tap_number=$((tap_number + 1))
	echo "ok $tap_number - $1 # SKIP $2"
}

# tap_output FILE: shows a log as diagnostics, its errors first.
tap_output() {
	grep -aE 'error|warning|FAILED|not found' "$1" | head -n 20 | sed 's/^/# /'
	echo "# --- the end of $1"
	tail -n 25 "$1" | sed 's/^/# /'
}

# tap_run NAME COMMAND...: the result is the command's status; its output goes to a log, which is
# shown when it fails. The log's name is in $tap_log.
tap_run() {
	local name=$1 status=0
	shift
	tap_log=$TAPI_CHECK/logs/$(basename "$0" .t)-$(tr -c 'A-Za-z0-9.\n' - <<<"$name").log
	progress "$name"
	"$@" >"$tap_log" 2>&1 </dev/null || status=$?
	tap "$status" "$name"
	[ "$status" = 0 ] || tap_output "$tap_log"
	return "$status"
}

# tap_done: the plan; the script's status.
tap_done() {
	echo "1..$tap_number"
	exit "$tap_failed"
}
