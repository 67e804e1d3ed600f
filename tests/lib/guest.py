# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the programs of a directory's LIST in one VM for each kernel.

The guest has virtual time (--icount): sound is exact however busy this machine is, and waiting
costs nothing.
"""

import os
import subprocess
import sys
import tempfile

import tap

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHECK = os.environ.get('TAPI_CHECK', os.path.join(TOP, 'build', 'check'))
BUILD = os.environ.get('TAPI_BUILD', os.path.join(TOP, 'build', 'user'))
VM_RUN = os.environ.get('VM_RUN', os.path.join(TOP, 'scripts', 'vm-run'))
# Ten times what all of them take on a quiet machine
LIMIT = 900


def names(tests):
    """The tests of the list, in its order."""
    with open(os.path.join(tests, 'LIST'), encoding='utf-8') as file:
        lines = [line.strip() for line in file]
    return [line for line in lines if line and not line.startswith('#')]


def read(path):
    """Text of a file, None when there is none."""
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read()
    except FileNotFoundError:
        return None


def take_over(kernel, merger, tests, out, vm):
    """What the tests of a directory have said in a VM that has ended."""
    for name in names(tests):
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


def run(kernel, merger, tests):
    """Boots one VM and takes over what the tests of a directory said."""
    print(f'# kernel {kernel}', file=sys.stderr, flush=True)
    guest = ' '.join([os.path.join(TOP, 'tests', 'vm', 'guest-list'),
                      os.path.join(CHECK, f'kernel-{kernel}', 'stage'), tests])
    with tempfile.TemporaryDirectory() as out:
        vm = subprocess.run([VM_RUN, '-k', kernel, '-t', str(LIMIT), '-o', out, '--icount', '1',
                             f'export TAPI_BUILD={BUILD}; sh {guest}'],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            check=False)
        take_over(kernel, merger, tests, out, vm)


def main(directory):
    """Status of a test file that runs tests/@directory on all kernels."""
    merger = tap.Merger()
    for kernel in os.environ.get('TAPI_KERNELS', '6.1 6.12').split():
        run(kernel, merger, os.path.join(TOP, 'tests', directory))
    return merger.done()
