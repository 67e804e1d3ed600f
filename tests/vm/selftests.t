#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The selftests, in two VMs for each kernel.

tests/selftests/LIST: on two processors. tests/selftests/LIST.timed: what depends on exact sound and
time, in virtual time (--icount), where a busy machine does no harm and waiting costs nothing. So a VM
of the one list runs beside one of the other.
"""

import concurrent.futures
import contextlib
import os
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'lib'))
sys.dont_write_bytecode = True
import guest  # noqa: E402  # pylint: disable=wrong-import-position
import tap  # noqa: E402  # pylint: disable=wrong-import-position

SELFTESTS = os.path.join(TOP, 'tests', 'selftests')
LISTS = [('LIST', []), ('LIST.timed', ['--icount', '1'])]
# Ten times what all of them take on a quiet machine
LIMIT = 1800


def boot(kernel, list_name, options, out):
    """Boots one VM; how it has ended."""
    print(f'# kernel {kernel}, {list_name}', file=sys.stderr, flush=True)
    command = ' '.join(['sh', os.path.join(TOP, 'tests', 'vm', 'guest-selftests'),
                        os.path.join(guest.CHECK, f'kernel-{kernel}', 'stage'),
                        os.path.join(guest.BUILD, 'tests', 'selftests'),
                        os.path.join(SELFTESTS, list_name)])
    return guest.boot(kernel, LIMIT, os.path.join(out, kernel, list_name), options, command)


def take_over(merger, kernel, list_name, out, vm):
    """What the tests of a VM said."""
    guest.take_over(merger, kernel, os.path.join(out, kernel, list_name),
                    guest.names(os.path.join(SELFTESTS, list_name)))
    guest.judge(merger, f'{kernel}: VM of {list_name}', vm)


def main():
    """All kernels; each list one after the other, both lists at once."""
    merger = tap.Merger()
    with tempfile.TemporaryDirectory() as out, contextlib.ExitStack() as stack:
        jobs = []
        for list_name, options in LISTS:
            queue = stack.enter_context(concurrent.futures.ThreadPoolExecutor(1))
            jobs += [(kernel, list_name, queue.submit(boot, kernel, list_name, options, out))
                     for kernel in guest.kernels()]
        for kernel, list_name, job in jobs:
            take_over(merger, kernel, list_name, out, job.result())
    return merger.done()


sys.exit(main())
