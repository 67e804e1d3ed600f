#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Cards come and go: with nobody at them, and in the middle of sound; asked for, and torn out."""

import subprocess
import sys

sys.dont_write_bytecode = True
import machine  # noqa: E402  # pylint: disable=wrong-import-position
from machine import Model, result, result_becomes  # noqa: E402  # pylint: disable=wrong-import-position

SOUND = ['-q', '-t', 'raw', '-f', 'MU_LAW', '-r', '8000', '-c', '1']


def plug(monitor, name, bus):
    """Plugs in a card, and waits for its lines; its address and lines."""
    monitor.add(name, bus)
    slot = machine.card_at(bus)
    lines = []

    def registered():
        lines[:] = machine.lines(slot)
        return bool(lines)
    machine.becomes(registered, True)
    return slot, lines


def names(monitor):
    """Other modules, other boards."""
    for name, bus, wanted in (('plug0', 'slot0', ['trunk1', 'phone4']),
                              ('plug1', 'slot1', ['trunk2', 'phone3', 'phone4'])):
        slot, lines = plug(monitor, name, bus)
        have = [line.name for line in lines]
        result(have == wanted, f'{name}: {" ".join(wanted)}', f'{have} at {slot}\n{machine.log()}')
        model = Model('tapi.' + name)
        machine.blameless(model, name)
        monitor.remove(name)
        result(all(line.gone() for line in lines), f'{name}: its lines say that it has gone')
        for line in lines:
            line.close()


def streaming(monitor, name, bus, torn):
    """Taken away while two lines play and record."""
    _, lines = plug(monitor, name, bus)
    result(len(lines) == 4, f'{name}: four lines', machine.log())
    programs = []
    for line in lines[1:3]:
        for program, file in (('arecord', '/dev/null'), ('aplay', '/dev/zero')):
            # they have to go on while the card goes
            # pylint: disable-next=consider-using-with
            programs.append(subprocess.Popen(
                [program, '-D', f'hw:{line.sound},{line.device}', *SOUND, file],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    model = Model('tapi.' + name)
    result_becomes(lambda: int(model.value('stat', 'words')) > 8000, True, f'{name}: sound runs')
    machine.blameless(model, name)
    if torn:
        model.tell('pull')
        result(lines[0].gone(), f'{name}: is torn out, and its lines say so by themselves')
    monitor.remove(name)
    if not torn:
        result(lines[0].gone(), f'{name}: is taken out, and its lines say so')
    ended = [program.communicate(timeout=machine.PATIENCE) and program.returncode
             for program in programs]
    result(all(code not in (None, 0) for code in ended), f'{name}: programs of sound end', ended)
    for line in lines:
        line.close()


def main():
    """Cards at hot-plug places; those of the machine stay."""
    machine.start()
    machine.load()
    before = machine.cards()
    monitor = machine.Monitor()
    names(monitor)
    streaming(monitor, 'stream0', 'slot0', False)
    streaming(monitor, 'stream1', 'slot1', True)
    result(machine.cards() == before, 'the others are still there', machine.cards())
    machine.unload()
    return machine.done()


sys.exit(main())
