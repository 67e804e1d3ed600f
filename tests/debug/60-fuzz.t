#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Line devices and relay under the fuzzer, tests/fuzz/kernel: the kept corpus, then new programs.

TAPI_FUZZ_SECONDS bounds the new ones (scripts/check-debug: two minutes), TAPI_FUZZ_SEED makes the
choices the same again. What is found is in build/check/debug/out/fuzz.
"""

import os
import sys

import debug
from debug import guest, tap


def main():
    """One boot."""
    debug.need_kernel()
    merger = tap.Merger()
    corpus = os.path.join(debug.TOP, 'tests', 'fuzz', 'kernel', 'corpus')
    program = os.path.join(debug.BUILD, 'tests', 'fuzz', 'kernel', 'kernel-fuzz')
    options = ['--seconds', os.environ.get('TAPI_FUZZ_SECONDS') or '0']
    if seed := os.environ.get('TAPI_FUZZ_SEED'):
        options += ['--seed', seed]
    command = f'{program} {" ".join(options)} --out $VM_OUT {corpus}/*.fuzz'
    vm, out = debug.boot('fuzz', 'modprobe tapi linger_max_ms=50 && modprobe tapi_sim pairs=2 && '
                         + guest.leaving('fuzz', command))
    guest.take_over(merger, 'debug', out, ['fuzz'])
    debug.judge(merger, 'fuzz', vm, out)
    return merger.done()


sys.exit(main())
