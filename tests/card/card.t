#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The PCI driver on the model of the card: the programs of tests/card/LIST, in one VM.

Two cards are there from the beginning, with other modules and another subsystem id; those of SPARES
are models that wait to be plugged in by QEMU's monitor, which the guest itself speaks to.

    card.t [PROGRAM...]     those of the list, or all
"""

import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'lib'))
sys.dont_write_bytecode = True
import guest  # noqa: E402  # pylint: disable=wrong-import-position
import tap  # noqa: E402  # pylint: disable=wrong-import-position

MODEL = os.environ.get('TAPI_CARD_MODEL',
                       os.path.join(guest.BUILD, 'tests', 'card-model', 'tapi-card-model'))
TESTS = os.path.join(TOP, 'tests', 'card')
BOARDS = ['--modules fxs,fxs,fxo,fxo',
          "--modules fxs3215,-,fxo,- --subsystem b100 --do 'exchange 2 reverse on'"]
# name: options. One model serves one connection.
SPARES = {
    'plug0': ['--modules', 'fxo,-,-,fxs', '--subsystem', 'a901'],
    'plug1': ['--modules', '-,fxo,fxs,fxs', '--subsystem', 'a159'],
    'stream0': ['--modules', 'fxs,fxs,fxo,fxo'],
    'stream1': ['--modules', 'fxs,fxs,fxo,fxo'],
    'no-12v': ['--modules', 'fxs,-,fxo,-', '--no-12v'],
    'no-irq': ['--modules', '-,-,fxo,-', '--do', 'fault no-irq on'],
    'cpld': ['--modules', '-,-,fxo,-', '--do', 'fault cpld on'],
    'calibration': ['--modules', 'fxs,-,fxo,-', '--do', 'fault calibration 0 bad'],
    'no-link': ['--modules', 'fxo,-,fxo,-', '--do', 'fault no-link 0 on'],
    'errors': ['--modules', 'fxs,-,fxo,-'],
    'empty': ['--modules', '-,-,-,-'],
}
# Twenty times what all of them take on a quiet machine: they wait for two processes, QEMU and a model
LIMIT = 1800
SLOTS = 2
# Of what a program has said that did not end, and of the kernel's last words
TAIL = 12


def start_models(directory):
    """The spare cards: processes that listen, and the arguments of QEMU for their control."""
    models, arguments = [], []
    for name, options in SPARES.items():
        path = os.path.join(directory, name)
        # they live until the machine has ended
        # pylint: disable-next=consider-using-with
        model = subprocess.Popen([MODEL, *options, '--control', path + '.c', path],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        models.append(model)
        while (line := model.stdout.readline()) not in ('', 'ready\n'):
            pass
        if not line:
            raise RuntimeError(f'the model {name} does not start')
        arguments += ['-chardev', f'socket,id={name},path={path}.c',
                      '-device', f'virtserialport,chardev={name},name=tapi.{name}']
    return models, arguments


def monitor(directory):
    """QEMU's monitor, connected to a port of the guest, and the places for cards that come."""
    path = os.path.join(directory, 'qmp')
    arguments = ['-chardev', f'socket,id=qmp,path={path},server=on,wait=off',
                 '-mon', 'chardev=qmp,mode=control',
                 '-chardev', f'socket,id=qmpport,path={path}',
                 '-device', 'virtserialport,chardev=qmpport,name=tapi.qmp']
    # a faster port of QEMU's claims to tell when its link is up, and does not after a reset
    for i in range(SLOTS):
        arguments += ['-device', f'pcie-root-port,id=slot{i},chassis={i + 1},x-speed=2_5']
    return arguments


def stuck(merger, out, name):
    """How far something came that did not end."""
    lines = (guest.read(os.path.join(out, name)) or '').splitlines()
    merger.note('\n'.join([f'--- the end of {name}, {len(lines)} lines', *lines[-TAIL:]]))


def take_over(merger, kernel, out, programs, vm):
    """What the programs said; where the first of those was that did not end."""
    guest.take_over(merger, kernel, out, programs)
    guest.judge(merger, f'{kernel}: VM', vm)
    missing = [name for name in programs
               if guest.read(os.path.join(out, name + '.status')) is None]
    if missing:
        stuck(merger, out, missing[0] + '.tap')
    if missing or vm.returncode:
        stuck(merger, out, os.path.join('.vm', 'console'))


def run(kernel, qemu, merger):
    """Boots one VM and takes over what its tests said."""
    print(f'# kernel {kernel}', file=sys.stderr, flush=True)
    stage = os.path.join(guest.CHECK, f'kernel-{kernel}', 'stage')
    models = []
    directory = tempfile.mkdtemp(prefix='card.')
    try:
        models, arguments = start_models(directory)
        options = ['-q', ' '.join(monitor(directory) + arguments)]
        for board in BOARDS:
            options += ['--card', board]
        out = os.path.join(directory, 'out')
        programs = sys.argv[1:] or guest.names(os.path.join(TESTS, 'LIST'))
        vm = guest.boot(kernel, LIMIT, out, options, f'export CARD_SOCKETS={directory}; '
                        f'sh {TESTS}/guest-list {stage} {TESTS} {" ".join(programs)}',
                        env={**os.environ, 'QEMU': qemu, 'TAPI_CARD_MODEL': MODEL})
        take_over(merger, kernel, out, programs, vm)
    finally:
        for model in models:
            model.kill()
            model.communicate()
        shutil.rmtree(directory)


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
