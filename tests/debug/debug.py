# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests on the debug kernel share: where it is, a VM with it, coverage."""

import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'lib'))
sys.dont_write_bytecode = True
import guest  # noqa: E402  # pylint: disable=wrong-import-position
import tap  # noqa: E402  # pylint: disable=wrong-import-position
from guest import BUILD, read  # noqa: E402  # pylint: disable=wrong-import-position

HERE = os.path.join(TOP, 'tests', 'debug')
CHECK = os.path.join(guest.CHECK, 'debug')
GCOV = os.path.join(CHECK, 'gcov')
ABSENT = 'the debug kernel is not in the cache: "make check-debug" builds it'
# Else the kernel waits some ms for its first timer interrupt, and panics when this machine was busy
# elsewhere meanwhile
ARGUMENTS = 'no_timer_check'
# Five times what the longest takes on a quiet machine
LIMIT = 3600


def kernel():
    """Directory of the cached debug kernel, None when there is none."""
    found = subprocess.run([os.path.join(TOP, 'scripts', 'debug-kernel'), '--print'],
                           capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else None


def need_kernel():
    """The kernel's directory; ends the test as skipped when it cannot run."""
    directory = kernel()
    if directory is None:
        print(f'1..0 # SKIP {ABSENT}')
        sys.exit(0)
    if not os.path.exists(os.path.join(CHECK, 'built')):
        print('1..1\nnot ok 1 - modules are built (tests/debug/10-build.t)')
        sys.exit(1)
    return directory


def boot(name, command, options=(), leaks=True):
    """Runs a command on the debug kernel, between begin and end of tests/debug/guest.

    What it leaves in $VM_OUT is in the directory that is returned, with the VM's result. Looking for
    leaks makes each allocation, so each process, two or three times as long.
    """
    print(f'# debug kernel: {name}', file=sys.stderr, flush=True)
    directory = kernel()
    release = (read(os.path.join(directory, 'release')) or '').strip()
    out = os.path.join(CHECK, 'out', name)
    os.makedirs(out, exist_ok=True)
    for file in os.listdir(out):
        if not file.startswith('.'):
            os.unlink(os.path.join(out, file))
    around = 'sh ' + os.path.join(HERE, 'guest')
    modules = os.path.join(CHECK, 'modules', 'lib', 'modules', release)
    vm = guest.boot(os.path.join(directory, 'bzImage'), LIMIT, out,
                    ['-r', release, '-m', modules,
                     '-a', f'kmemleak={"on" if leaks else "off"} {ARGUMENTS}', *options],
                    f'export TAPI_BUILD={BUILD}; {around} begin; {command}; '
                    f'rc=$?; {around} end || exit; exit $rc')
    archive = os.path.join(out, 'gcov.tar')
    if os.path.exists(archive):
        os.makedirs(GCOV, exist_ok=True)
        os.replace(archive, os.path.join(GCOV, name + '.tar'))
    return vm, out


def judge(merger, name, vm, out, leaks=True):
    """The last result of a boot: no splat, no leak, nothing left loaded."""
    found = read(os.path.join(out, 'kmemleak')) if leaks else ''
    merger.result(vm.returncode == 0 and found == '',
                  f'{name}: no splat, {"no leak, " if leaks else ""}all unloaded '
                  f'(status {vm.returncode})')
    if vm.returncode or found != '':
        merger.note('\n'.join((vm.stdout + vm.stderr).splitlines()[-60:]))
        merger.note('\n'.join(('no leaks were looked for' if found is None else found)
                              .splitlines()[:60]))
        merger.note('\n'.join((read(os.path.join(out, '.vm', 'splats')) or '').splitlines()[:20]))
