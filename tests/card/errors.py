#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors of the bus (AER): the card is quieted, comes back, and does what its lines were told."""

import subprocess
import sys

sys.dont_write_bytecode = True
import machine  # noqa: E402  # pylint: disable=wrong-import-position
from machine import Model, result, result_becomes  # noqa: E402  # pylint: disable=wrong-import-position

BUS = 'slot0'
# QEMU's name of the error, and what the driver says: one that only tells, one after which the link is
# not to be trusted and is reset
ERRORS = {'POISON_TLP': 'error of the bus, the card is reset',
          'MALF_TLP': 'error of the bus, the card is cut off'}


def said(text):
    """How often the kernel has said something."""
    return sum(text in line for line in machine.run('dmesg')[1].splitlines())


def works(model, phone, trunk, name):
    """The same as after a sleep: calls have ended, all else is as it was."""
    result_becomes(lambda: trunk.state()['hook'], machine.ON_HOOK, f'{name}: the trunk is on hook')
    result_becomes(lambda: model.value('exchange 2 state', 'seized'), '0', f'{name}: so the exchange says')
    trunk.hook(machine.OFF_HOOK)
    result_becomes(lambda: model.value('exchange 2 state', 'seized'), '1', f'{name}: it can be seized')
    result_becomes(lambda: model.value('module 0', 'linefeed'), '1', f'{name}: the telephone is fed')
    phone.events(0)
    model.tell('phone 0 lift')
    phone.expect(machine.EV_HOOK, (machine.OFF_HOOK,), f'{name}: the handset is heard of')
    model.tell('phone 0 hang')
    phone.expect(machine.EV_HOOK, (machine.ON_HOOK,), f'{name}: on hook')


def play(trunk):
    """Sound for ever."""
    # it goes on while the card is reset
    # pylint: disable-next=consider-using-with
    return subprocess.Popen(['aplay', '-q', '-D', f'hw:{trunk.sound},{trunk.device}', '-t', 'raw',
                             '-f', 'MU_LAW', '-r', '8000', '-c', '1', '/dev/zero'],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def sound_runs(model):
    """Whether the card moves samples."""
    before = int(model.value('stat', 'words'))
    return machine.becomes(lambda: int(model.value('stat', 'words')) > before + 8000, True)


def error(monitor, model, phone, trunk, name, message):
    """One error, while a line is off hook and plays."""
    machine.run('dmesg', '-C')
    player = play(trunk)
    result(sound_runs(model), f'{name}: sound runs')
    machine.blameless(model, f'{name}: before it')
    answer = monitor.execute('human-monitor-command',
                             **{'command-line': f'pcie_aer_inject_error {BUS} {name}'})
    result_becomes(lambda: said('device recovery'), 1, f'{name}: the kernel is done with it')
    result(said(message) == 1 and said('recovery successful') == 1, f'{name}: "{message}"',
           answer + machine.run('dmesg')[1])
    works(model, phone, trunk, name)
    result(player.poll() is None and sound_runs(model), f'{name}: sound goes on', player.poll())
    # a card that cannot be asked to stop its DMA is kept off the bus, against its own rules
    others = [line for line in model.violations().splitlines() if ' bus-master: ' not in line]
    model.tell('violations clear')
    result(not others, f'{name}: rules of the hardware were kept', '\n'.join(others))
    player.terminate()
    output, _ = player.communicate()
    # a busy machine has underruns
    told = [line for line in output.decode().splitlines() if 'underrun' not in line]
    result(not told, f'{name}: its program has seen nothing of it', told)


def main():
    """A card at a port that reports errors."""
    machine.start()
    machine.load()
    monitor = machine.Monitor()
    monitor.add('errors', BUS)
    slot = machine.card_at(BUS)
    lines = []

    def registered():
        lines[:] = machine.lines(slot)
        return bool(lines)
    machine.becomes(registered, True)
    phone, trunk = lines
    model = Model('tapi.errors')
    trunk.hook(machine.OFF_HOOK)
    for name, message in ERRORS.items():
        error(monitor, model, phone, trunk, name, message)
    for line in lines:
        line.close()
    monitor.remove('errors')
    machine.unload()
    return machine.done()


sys.exit(main())
