# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs programs of lists in VMs, and takes over what they say.

For a directory's LIST, in one VM for each kernel, there is all of it: main(). The guest has virtual
time (--icount) then: sound is exact however busy this machine is, and waiting costs nothing.
"""

import os
import subprocess
import sys
import tempfile

import tap

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHECK = os.environ.get('TAPI_CHECK') or os.path.join(TOP, 'build', 'check')
BUILD = os.environ.get('TAPI_BUILD') or os.path.join(TOP, 'build', 'user')
VM_RUN = os.environ.get('VM_RUN') or os.path.join(TOP, 'scripts', 'vm-run')
# Ten times what all of them take on a quiet machine
LIMIT = 900


def kernels():
    """Those to run on."""
    return os.environ.get('TAPI_KERNELS', '6.1 6.12').split()


def programs(path):
    """Name and arguments of each program of a list, in its order."""
    with open(path, encoding='utf-8') as file:
        lines = [line.split() for line in file]
    return [line for line in lines if line and not line[0].startswith('#')]


def names(path):
    """The programs of a list."""
    return [words[0] for words in programs(path)]


def read(path):
    """Text of a file, None when there is none."""
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read()
    except FileNotFoundError:
        return None


def boot(kernel, limit, out, options, command, **more):
    """Runs a command in a VM, which leaves what it has to say in a directory."""
    return subprocess.run([VM_RUN, '-k', kernel, '-t', str(limit), '-o', out, *options, command],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          **more)


def leaving(name, command):
    """Shell words that run a command and leave what take_over() takes: NAME.tap, .err and .status."""
    to = f'$VM_OUT/{name}'
    return f'{{ {command} >{to}.tap 2>{to}.err </dev/null; echo $? >{to}.status; }}'


def take_over(merger, prefix, out, tests):
    """What tests have said: NAME.tap, NAME.err and NAME.status."""
    for name in tests:
        status = read(os.path.join(out, name + '.status'))
        label = f'{prefix}: {name.removesuffix(".py")}'
        errors = read(os.path.join(out, name + '.err')) or ''
        if status is None:
            merger.result(False, f'{label}: did not end')
            merger.note(errors)
            continue
        merger.test(label, read(os.path.join(out, name + '.tap')) or '', int(status), errors)


def judge(merger, label, vm):
    """A result: how a VM has ended."""
    merger.result(vm.returncode == 0, f'{label} ended well (status {vm.returncode})')
    if vm.returncode:
        merger.note('\n'.join((vm.stdout + vm.stderr).splitlines()[-40:]))


def run(kernel, merger, tests):
    """Boots one VM and takes over what the tests of a directory said."""
    print(f'# kernel {kernel}', file=sys.stderr, flush=True)
    guest = ' '.join([os.path.join(TOP, 'tests', 'vm', 'guest-list'),
                      os.path.join(CHECK, f'kernel-{kernel}', 'stage'), tests])
    with tempfile.TemporaryDirectory() as out:
        vm = boot(kernel, LIMIT, out, ['--icount', '1'], f'export TAPI_BUILD={BUILD}; sh {guest}')
        take_over(merger, kernel, out, names(os.path.join(tests, 'LIST')))
        judge(merger, f'{kernel}: VM', vm)


def main(directory):
    """Status of a test file that runs tests/@directory on all kernels."""
    merger = tap.Merger()
    for kernel in kernels():
        run(kernel, merger, os.path.join(TOP, 'tests', directory))
    return merger.done()
