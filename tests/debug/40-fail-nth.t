#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each call of ours with each of its chances to fail taken: tests/debug/fail-nth.c."""

import os
import sys

import debug
from debug import guest, tap


def main():
    """One boot."""
    debug.need_kernel()
    merger = tap.Merger()
    program = os.path.join(debug.BUILD, 'tests', 'debug', 'fail-nth')
    vm, out = debug.boot('fail-nth', f'modprobe tapi_sim && {guest.leaving("fail-nth", program)}')
    guest.take_over(merger, 'debug', out, ['fail-nth'])
    debug.judge(merger, 'fail-nth', vm, out)
    return merger.done()


sys.exit(main())
