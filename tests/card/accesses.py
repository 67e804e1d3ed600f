#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How much the driver asks of the bus while nothing happens: the model counts.

For each line and second of the card's own time. A busy machine has fewer accesses, never more; how soon
things are seen is measured by "make bench".
"""

import sys

sys.dont_write_bytecode = True
import machine  # noqa: E402  # pylint: disable=wrong-import-position
from machine import result, result_becomes  # noqa: E402  # pylint: disable=wrong-import-position

FRAMES = 8000
SECONDS = 4
# What Documentation/tdm400.md says, for a line and second; half as much again is refused
SAID = {'idle': 1400, 'off hook': 1200}
# The longest access to a register, a Si3050's: selecting, three bytes, the gaps, eight bits of answer
LONGEST = 2 + 3 * 18 + 3 + 8
# A look at a line reads two registers; what is read once a second, and a third of looks with that
TRANSFERS = 2.5


def stat(model):
    """The model's counters."""
    return {words[0]: int(words[1]) for words in (line.split() for line in model.tell('stat'))}


def looks(lines):
    """At lines, so far."""
    return sum(line.stats()['polls'] for line in lines)


def accesses(model, lines, state):
    """While nothing happens. Returns how many interrupts there were."""
    looked, before = looks(lines), stat(model)
    machine.becomes(lambda: stat(model)['frames'] >= before['frames'] + SECONDS * FRAMES, True)
    after, looked = stat(model), looks(lines) - looked
    seconds = (after['frames'] - before['frames']) / FRAMES
    count = sum(after[key] - before[key] for key in ('reads', 'writes'))
    rate = count / seconds / len(lines)
    print(f'# {state}: {rate:.0f} accesses for a line and second, {count / looked:.0f} for a look',
          flush=True)
    result(0 < rate < 1.5 * SAID[state], f'{state}: few accesses', f'{count} in {seconds} s')
    result(count < TRANSFERS * LONGEST * looked, f'{state}: few accesses for a look',
           f'{count} for {looked}')
    return after['interrupts'] - before['interrupts']


def settled(lines):
    """The second after an edge in which the next one is watched for has passed, and all is told."""
    for line in lines:
        line.events(1.5)


def off_hook(model, lines):
    """All of them."""
    for socket in (0, 1):
        model.tell(f'phone {socket} lift')
        lines[socket].expect(machine.EV_HOOK, (machine.OFF_HOOK,), f'{lines[socket].name}: lifted')
    for socket in (2, 3):
        lines[socket].hook(machine.OFF_HOOK)
        result_becomes(lambda s=socket: model.value(f'exchange {s} state', 'seized'), '1',
                       f'{lines[socket].name}: off hook')


def on_hook(model, lines):
    """All of them again."""
    for socket in (0, 1):
        model.tell(f'phone {socket} hang')
        lines[socket].expect(machine.EV_HOOK, (machine.ON_HOOK,), f'{lines[socket].name}: hung up')
    for line in lines[2:]:
        line.hook(machine.ON_HOOK)


def main():
    """On the first card."""
    model, lines = machine.first_card()
    settled(lines)
    interrupts = accesses(model, lines, 'idle')
    result(not interrupts, 'idle: no interrupts', interrupts)
    off_hook(model, lines)
    settled(lines)
    accesses(model, lines, 'off hook')
    on_hook(model, lines)
    return machine.end(model, 'accesses', lines)


sys.exit(main())
