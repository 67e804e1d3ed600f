#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole calls on the model of the card, and tapi-compliance: tests/card/calls/LIST, in one VM.

Time is virtual for both, guest and card, so sound is exact however busy this machine is.
"""

import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'lib'))
sys.dont_write_bytecode = True
import guest  # noqa: E402  # pylint: disable=wrong-import-position
import tap  # noqa: E402  # pylint: disable=wrong-import-position

TESTS = os.path.join(TOP, 'tests', 'card', 'calls')
TIME = os.path.join(guest.BUILD, 'tests', 'card-model', 'tapi-card-time')
MODEL = os.path.join(guest.BUILD, 'tests', 'card-model', 'tapi-card-model')
# Ten times what they take on a quiet machine
LIMIT = 1800


def run(kernel, qemu, merger):
    """Boots one VM and takes over what its tests said."""
    print(f'# kernel {kernel}', file=sys.stderr, flush=True)
    stage = os.path.join(guest.CHECK, f'kernel-{kernel}', 'stage')
    with tempfile.TemporaryDirectory(prefix='card.') as out:
        vm = guest.boot(kernel, LIMIT, out, ['--icount', '1', '--card', '--modules fxo,fxs,-,-'],
                        f'export TAPI_BUILD={guest.BUILD} CARD_OUT={out}; '
                        f'{TIME} >/dev/null & sh {TOP}/tests/vm/guest-list {stage} {TESTS}',
                        env={'TAPI_CARD_MODEL': MODEL, **os.environ, 'QEMU': qemu})
        guest.take_over(merger, kernel, out, guest.names(os.path.join(TESTS, 'LIST')))
        guest.judge(merger, f'{kernel}: VM', vm)


def main():
    """The first of the kernels; status of the test."""
    found = subprocess.run([os.path.join(TOP, 'scripts', 'qemu')], capture_output=True, text=True,
                           check=False)
    if found.returncode:
        print(f'1..0 # SKIP {found.stderr.strip().splitlines()[-1]}')
        return 0
    merger = tap.Merger()
    run(os.environ.get('TAPI_KERNELS', '6.1').split()[0], found.stdout.strip(), merger)
    return merger.done()


sys.exit(main())
