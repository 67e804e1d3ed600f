#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The selftests, in two VMs for each kernel.

tests/selftests/LIST: on two processors. tests/selftests/LIST.timed: what depends on exact sound and
time, in virtual time (--icount), where a busy machine does no harm and waiting costs nothing.
"""

import os
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'lib'))
sys.dont_write_bytecode = True
import guest  # noqa: E402  # pylint: disable=wrong-import-position
import tap  # noqa: E402  # pylint: disable=wrong-import-position

LISTS = [('LIST', []), ('LIST.timed', ['--icount', '1'])]
# Ten times what all of them take on a quiet machine
LIMIT = 1800


def run(kernel, merger, list_name, options):
    """Boots one VM and takes over what its tests said."""
    print(f'# kernel {kernel}, {list_name}', file=sys.stderr, flush=True)
    path = os.path.join(TOP, 'tests', 'selftests', list_name)
    command = ' '.join(['sh', os.path.join(TOP, 'tests', 'vm', 'guest-selftests'),
                        os.path.join(guest.CHECK, f'kernel-{kernel}', 'stage'),
                        os.path.join(guest.BUILD, 'tests', 'selftests'), path])
    with tempfile.TemporaryDirectory() as out:
        vm = guest.boot(kernel, LIMIT, out, options, command)
        guest.take_over(merger, kernel, out, guest.names(path))
        guest.judge(merger, f'{kernel}: VM of {list_name}', vm)


def main():
    """All kernels."""
    merger = tap.Merger()
    for kernel in guest.kernels():
        for list_name, options in LISTS:
            run(kernel, merger, list_name, options)
    return merger.done()


sys.exit(main())
