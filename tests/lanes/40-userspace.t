#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# User space builds with gcc and clang, warnings as errors, and once more with the sanitizers. The
# tests of user space run from the first and the last of these.
. "$(dirname "$0")/../lib/env.sh"

tap_run "user space: gcc" scripts/meson-build "$TAPI_BUILD"
tap_run "user space: clang" env CC=clang scripts/meson-build "$TAPI_CHECK/clang"
tap_run "user space: gcc with sanitizers" scripts/meson-build "$TAPI_CHECK/asan" \
	-Db_sanitize=address,undefined -Db_lundef=false
tap_done
