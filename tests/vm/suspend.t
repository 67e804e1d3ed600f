#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine sleeps while cards are used: tests/selftests/suspend.c.

A file system of the host (9p) does not survive that: all that the guest needs is in its memory. The
last sleep is a real one, to memory; QEMU says when the machine sleeps, and is told to wake it.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'lib'))
sys.dont_write_bytecode = True
import guest  # noqa: E402  # pylint: disable=wrong-import-position
import ramroot  # noqa: E402  # pylint: disable=wrong-import-position
import tap  # noqa: E402  # pylint: disable=wrong-import-position

LIMIT = 600
TEST = 'suspend'
CARD_TEST = 'suspend-card.py'


class Alarm(threading.Thread):
    """Wakes the machine as often as it sleeps, until it has ended."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.sleeps = 0

    def _connect(self):
        monitor = socket.socket(socket.AF_UNIX)
        for _ in range(LIMIT * 10):
            # QEMU makes the socket some time after it was started
            with contextlib.suppress(OSError):
                monitor.connect(self.path)
                return monitor
            time.sleep(0.1)
        raise TimeoutError('no monitor')

    def _wake(self, monitor):
        with monitor, monitor.makefile('rw', encoding='utf-8') as lines:
            print('{"execute": "qmp_capabilities"}', file=lines, flush=True)
            for line in lines:
                if json.loads(line).get('event') == 'SUSPEND':
                    self.sleeps += 1
                    print('{"execute": "system_wakeup"}', file=lines, flush=True)

    def run(self):
        # a machine that dies in its boot is followed by another one
        with contextlib.suppress(TimeoutError):
            while True:
                monitor = self._connect()
                with contextlib.suppress(OSError):
                    self._wake(monitor)


def release(kernel):
    """Of a series."""
    return subprocess.run([os.path.join(TOP, 'scripts', 'kernels'), kernel], capture_output=True,
                          text=True, check=True).stdout.strip()


def make_root(path, kernel):
    """What the test needs."""
    root = ramroot.Root(path)
    root.program(os.path.join(guest.BUILD, 'tests', 'selftests', TEST), f'/bin/{TEST}')
    root.tree('/usr/share/alsa')
    root.modules(release(kernel), os.path.join(guest.CHECK, f'kernel-{kernel}', 'stage'),
                 ['tapi', 'tapi_sim'])


def make_card_root(path, kernel):
    """What the test of the card needs."""
    root = ramroot.Root(path)
    root.python('errno', 'fcntl', 'glob', 'json', 'os', 'select', 'struct', 'subprocess', 'time')
    root.file(os.path.join(TOP, 'tests', 'vm', CARD_TEST), f'/test/{CARD_TEST}')
    root.file(os.path.join(TOP, 'tests', 'card', 'machine.py'), '/test/machine.py')
    root.program('/usr/bin/aplay')
    root.tree('/usr/share/alsa')
    root.modules(release(kernel), os.path.join(guest.CHECK, f'kernel-{kernel}', 'stage'),
                 ['tapi', 'tapi_tdm400', 'virtio_console', 'virtio_pci'])


def run_card(kernel, merger):
    """The same for a PCI card, which is a model beside QEMU."""
    qemu = subprocess.run([os.path.join(TOP, 'scripts', 'qemu')], capture_output=True, text=True,
                          check=False)
    if qemu.returncode:
        merger.skip(f'{kernel}: card', qemu.stderr.strip().splitlines()[-1])
        return
    print(f'# kernel {kernel}, card', file=sys.stderr, flush=True)
    model = os.path.join(guest.BUILD, 'tests', 'card-model', 'tapi-card-model')
    with tempfile.TemporaryDirectory() as directory:
        out, root, qmp = (os.path.join(directory, name) for name in ('out', 'root', 'qmp'))
        make_card_root(root, kernel)
        alarm = Alarm(qmp)
        alarm.start()
        vm = guest.boot(kernel, LIMIT, out,
                        ['--ram', root, '--card', '--modules fxs,fxs,fxo,fxo',
                         '-q', f'-qmp unix:{qmp},server=on,wait=off'],
                        'modprobe virtio_pci; '
                        + guest.leaving(CARD_TEST, f'{sys.executable} /test/{CARD_TEST}'),
                        env={**os.environ, 'QEMU': qemu.stdout.strip(), 'TAPI_CARD_MODEL': model})
        guest.take_over(merger, kernel, out, [CARD_TEST])
        merger.result(alarm.sleeps == 1,
                      f'{kernel}: the machine with the card has slept ({alarm.sleeps})')
        guest.judge(merger, f'{kernel}: VM with the card', vm)


def run(kernel, merger):
    """Boots one VM and takes over what the test said."""
    print(f'# kernel {kernel}', file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as directory:
        out, root, qmp = (os.path.join(directory, name) for name in ('out', 'root', 'qmp'))
        make_root(root, kernel)
        alarm = Alarm(qmp)
        alarm.start()
        vm = guest.boot(kernel, LIMIT, out,
                        ['--ram', root, '-q', f'-qmp unix:{qmp},server=on,wait=off'],
                        guest.leaving(TEST, f'{TEST} s3'))
        guest.take_over(merger, kernel, out, [TEST])
        merger.result(alarm.sleeps == 1, f'{kernel}: the machine has slept ({alarm.sleeps})')
        guest.judge(merger, f'{kernel}: VM', vm)


def main():
    """All kernels."""
    merger = tap.Merger()
    for kernel in guest.kernels():
        run(kernel, merger)
    run_card(guest.kernels()[0], merger)
    return merger.done()


sys.exit(main())
