#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole calls, from the line to the application: tests/calls/LIST, in one VM for each kernel.

The guest has virtual time (--icount): sound is exact however busy this machine is, and waiting
costs nothing, so that both kernels have 60 s of speech.
"""

import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'lib'))
sys.dont_write_bytecode = True
import tap  # noqa: E402  # pylint: disable=wrong-import-position

TESTS = os.path.join(TOP, 'tests', 'calls')
CHECK = os.environ.get('TAPI_CHECK', os.path.join(TOP, 'build', 'check'))
BUILD = os.environ.get('TAPI_BUILD', os.path.join(TOP, 'build', 'user'))
VM_RUN = os.environ.get('VM_RUN', os.path.join(TOP, 'scripts', 'vm-run'))
# Ten times what all of them take on a quiet machine
LIMIT = 900


def names():
    """The tests of the list, in its order."""
    with open(os.path.join(TESTS, 'LIST'), encoding='utf-8') as file:
        lines = [line.strip() for line in file]
    return [line for line in lines if line and not line.startswith('#')]


def read(path):
    """Text of a file, None when there is none."""
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read()
    except FileNotFoundError:
        return None


def run(kernel, merger):
    """Boots one VM and takes over what its tests said."""
    print(f'# kernel {kernel}', file=sys.stderr, flush=True)
    guest = ' '.join([os.path.join(TOP, 'tests', 'vm', 'guest-calls'),
                      os.path.join(CHECK, f'kernel-{kernel}', 'stage'), TESTS])
    with tempfile.TemporaryDirectory() as out:
        vm = subprocess.run([VM_RUN, '-k', kernel, '-t', str(LIMIT), '-o', out, '--icount', '1',
                             f'export TAPI_BUILD={BUILD}; sh {guest}'],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            check=False)
        for name in names():
            status = read(os.path.join(out, name + '.status'))
            label = f'{kernel}: {name.removesuffix(".py")}'
            if status is None:
                merger.result(False, f'{label}: did not end')
                continue
            merger.test(label, read(os.path.join(out, name + '.tap')) or '', int(status),
                        read(os.path.join(out, name + '.err')) or '')
        merger.result(vm.returncode == 0, f'{kernel}: VM ended well (status {vm.returncode})')
        if vm.returncode:
            merger.note('\n'.join((vm.stdout + vm.stderr).splitlines()[-40:]))


def main():
    """All kernels."""
    merger = tap.Merger()
    for kernel in os.environ.get('TAPI_KERNELS', '6.1 6.12').split():
        run(kernel, merger)
    return merger.done()


sys.exit(main())
