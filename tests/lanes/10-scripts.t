#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Scripts are clean for shellcheck, sources say their licence.
. "$(dirname "$0")/../lib/env.sh"

# Files of the project: those git knows, or all but the output where there is no git.
files() {
	git ls-files --cached --others --exclude-standard 2>/dev/null ||
		find . -path ./build -prune -o -path ./out -prune -o -type f -print | sed 's,^\./,,'
}

shell_scripts() {
	files | while read -r file; do
		[ -f "$file" ] && [ ! -L "$file" ] || continue
		read -r line <"$file" 2>/dev/null || continue
		case $line in
		'#!/bin/sh'* | '#!/bin/bash'* | '#!/bin/busybox sh'*) echo "$file" ;;
		*) [ "${file##*.}" != sh ] || echo "$file" ;;
		esac
	done
}

mapfile -t scripts < <(shell_scripts)
# Functions are handed to tap_run by name, which shellcheck takes for dead code (SC2317); "A && B || C"
# is meant (SC2015).
tap_run "shellcheck of ${#scripts[@]} scripts" shellcheck -x -P SCRIPTDIR -e SC2317,SC2015 \
	"${scripts[@]}"

# The identifier is on the first line, or the second after #!.
licences() {
	local file status=0
	while read -r file; do
		[ -f "$file" ] && [ ! -L "$file" ] || continue
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: ' || {
			echo "error: $file has no SPDX line"
			status=1
		}
	done < <(files | grep -E '(\.[chty]|\.sh|\.py|\.proto|\.map|\.build|Kbuild|Makefile|Kconfig)$')
	return "$status"
}
tap_run "SPDX lines" licences

tap_done
