#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sound on all four lines at once: what is played comes back, every sample, from the far end."""

import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'calls'))
sys.dont_write_bytecode = True
import machine  # noqa: E402  # pylint: disable=wrong-import-position
from machine import result, result_becomes  # noqa: E402  # pylint: disable=wrong-import-position
import sound  # noqa: E402  # pylint: disable=wrong-import-position

SECONDS = 3
# Eight programs begin one after the other
MARGIN = 5
TRIES = 4
NATIVE = ['-q', '-t', 'raw', '-f', 'MU_LAW', '-r', str(sound.RATE), '-c', '1']


def status(line, direction):
    """Whether a stream of a line runs."""
    with open(f'/proc/asound/card{line.sound}/pcm{line.device}{direction}/sub0/status',
              encoding='utf-8') as file:
        return 'RUNNING' in file.read()


def program(name, line, *more):
    """aplay or arecord, in the background."""
    # pylint: disable-next=consider-using-with
    return subprocess.Popen([name, '-D', f'hw:{line.sound},{line.device}', *NATIVE, *more],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


def answered(model, lines):
    """All four have a connection, and the far ends say again what they hear."""
    for socket in (0, 1):
        model.tell(f'phone {socket} lift')
        model.tell(f'phone {socket} echo on')
        lines[socket].expect(machine.EV_HOOK, (machine.OFF_HOOK,), f'{lines[socket].name}: off hook')
    for socket in (2, 3):
        lines[socket].hook(machine.OFF_HOOK)
        result_becomes(lambda s=socket: model.value(f'exchange {s} state', 'seized'), '1',
                       f'{lines[socket].name}: off hook')
        model.tell(f'exchange {socket} echo on')


def missed(lines):
    """What the driver and the core counted that a busy machine did to the sound."""
    found = []
    for line in lines:
        stats = line.stats()
        found += [stats[name] for name in ('dma_resyncs', 'missed_periods', 'xruns_tx', 'xruns_rx')]
    return found


def once(lines, sources):
    """Each line plays a sound of its own, all at once; what is wrong with what comes back."""
    ears = [program('arecord', line, '-d', str(SECONDS + MARGIN), f'{line.number}.in')
            for line in lines]
    for line in lines:
        machine.becomes(lambda l=line: status(l, 'c'), True)
    mouths = [program('aplay', line, f'{line.number}.out') for line in lines]
    said = [f'{process.args[0]}: {process.communicate()[0]} {process.returncode}'
            for process in mouths + ears]
    wrong = []
    for line, source in zip(lines, sources):
        with open(f'{line.number}.in', 'rb') as file:
            heard = sound.decode(file.read())
        good, _, why = sound.compare(heard, source)
        wrong.append('' if good else '\n'.join([why, *said]))
    return wrong


def four(lines):
    """What is wrong has to be counted: a machine that stands still for 10 ms is not the driver's."""
    sources = [sound.speech(SECONDS, 11 + line.number) for line in lines]
    for line, source in zip(lines, sources):
        with open(f'{line.number}.out', 'wb') as file:
            file.write(sound.encode(source))
    for _ in range(TRIES):
        before = missed(lines)
        wrong = once(lines, sources)
        after = missed(lines)
        if not any(wrong) or before == after:
            break
        print(f'# once more, interrupts were late: {before} {after}', flush=True)
    for line, why in zip(lines, wrong):
        result(not why, f'{line.name}: every sample comes back', f'{why}\n{before} {after}')


def main():
    """On the first card, whose clock waits for its driver."""
    model, lines = machine.first_card()
    for name in ('aplay', 'arecord'):
        machine.run(name, '--version')
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        answered(model, lines)
        four(lines)
        os.chdir('/')
    result_becomes(lambda: model.value('stat', 'dma'), '0', 'nothing runs when nobody listens')
    model.tell('phone 0 hang')
    model.tell('phone 1 hang')
    return machine.end(model, 'sound', lines)


sys.exit(main())
