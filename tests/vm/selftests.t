#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The selftests, in two VMs for each kernel.

tests/selftests/LIST: on two processors. tests/selftests/LIST.timed: what depends on exact sound and
time, in virtual time (--icount), where a busy machine does no harm and waiting costs nothing.
"""

import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'lib'))
sys.dont_write_bytecode = True
import tap  # noqa: E402  # pylint: disable=wrong-import-position

LISTS = [('LIST', []), ('LIST.timed', ['--icount', '1'])]
CHECK = os.environ.get('TAPI_CHECK', os.path.join(TOP, 'build', 'check'))
BUILD = os.environ.get('TAPI_BUILD', os.path.join(TOP, 'build', 'user'))
VM_RUN = os.environ.get('VM_RUN', os.path.join(TOP, 'scripts', 'vm-run'))
# Ten times what all of them take on a quiet machine
LIMIT = 1800


def names(path):
    """The programs of a list, in its order."""
    with open(path, encoding='utf-8') as file:
        lines = [line.split() for line in file]
    return [line[0] for line in lines if line and not line[0].startswith('#')]


def read(path):
    """Text of a file, None when there is none."""
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read()
    except FileNotFoundError:
        return None


def run(kernel, merger, list_name, options):
    """Boots one VM and takes over what its tests said."""
    print(f'# kernel {kernel}, {list_name}', file=sys.stderr, flush=True)
    path = os.path.join(TOP, 'tests', 'selftests', list_name)
    guest = ' '.join([os.path.join(TOP, 'tests', 'vm', 'guest-selftests'),
                      os.path.join(CHECK, f'kernel-{kernel}', 'stage'),
                      os.path.join(BUILD, 'tests', 'selftests'), path])
    with tempfile.TemporaryDirectory() as out:
        vm = subprocess.run([VM_RUN, '-k', kernel, '-t', str(LIMIT), '-o', out, *options,
                             'sh ' + guest],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            check=False)
        for name in names(path):
            status = read(os.path.join(out, name + '.status'))
            label = f'{kernel}: {name}'
            if status is None:
                merger.result(False, f'{label}: did not end')
                merger.note(read(os.path.join(out, name + '.err')) or '')
                continue
            merger.test(label, read(os.path.join(out, name + '.tap')) or '', int(status),
                        read(os.path.join(out, name + '.err')) or '')
        merger.result(vm.returncode == 0, f'{kernel}: VM of {list_name} ended well (status {vm.returncode})')
        if vm.returncode:
            merger.note('\n'.join((vm.stdout + vm.stderr).splitlines()[-40:]))


def main():
    """All kernels."""
    merger = tap.Merger()
    for kernel in os.environ.get('TAPI_KERNELS', '6.1 6.12').split():
        for list_name, options in LISTS:
            run(kernel, merger, list_name, options)
    return merger.done()


sys.exit(main())
