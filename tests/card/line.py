#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Both kinds of line: what is asked for is what the chips do, what happens on the wire is told."""

import sys

sys.dont_write_bytecode = True
import machine  # noqa: E402  # pylint: disable=wrong-import-position
from machine import result, result_becomes  # noqa: E402  # pylint: disable=wrong-import-position

LINEFEED = 64
TRIES = 8
KEYS = '159D#'
# Frames of 120 ms
KEY = 960


def at_leisure(dial, wanted):
    """Dials by pulses until it is understood, a few times.

    Driver and core time them by the clock of the guest, and a busy machine may stand still for one.
    """
    for _ in range(TRIES):
        said = dial()
        if said == wanted:
            break
    return said


def not_busy(model):
    """The telephone has dialled to the end."""
    machine.becomes(lambda: model.value('phone 0 state', 'busy'), '0')


def pulses(model, line):
    """Turns the dial; the digits that are told."""
    model.tell('phone 0 pulse 13')
    not_busy(model)
    return ''.join(chr(words[0]) for kind, words in line.events() if kind == machine.EV_PULSE_DIGIT)


def keys(model, line):
    """Presses keys; what is told of them. The card's time stands until the driver has looked."""
    told = []
    model.tell('mode stepped')
    model.tell(f'phone 0 dtmf {KEYS} 120 120')
    model.tell(f'step {KEY // 2}')
    for _ in range(2 * len(KEYS)):
        event = line.event(machine.EV_DTMF)
        if event is None:
            break
        told.append((chr(event[0]), event[1]))
        model.tell(f'step {KEY}')
    model.tell('mode ack')
    return told


def hook_of_phone(model, line):
    """The handset: lifted, hung up, and for a moment."""
    model.tell('phone 0 lift')
    line.expect(machine.EV_HOOK, (machine.OFF_HOOK,), 'FXS: the handset is lifted')
    model.tell('phone 0 flash 300')
    line.expect(machine.EV_FLASH, (), 'FXS: hook flash')
    result(line.state()['hook'] == machine.OFF_HOOK, 'FXS: still off hook after a flash')
    text = at_leisure(lambda: pulses(model, line), '13')
    result(text == '13', 'FXS: digits of a dial', text)
    told = keys(model, line)
    result(told == [(key, on) for key in KEYS for on in (1, 0)],
           'FXS: digits of keys, by the decoder of the chip', told)
    not_busy(model)
    model.tell('phone 0 hang')
    line.expect(machine.EV_HOOK, (machine.ON_HOOK,), 'FXS: and hung up')


def ringing(model, line):
    """The telephone rings until it is answered."""
    line.ring(1)
    result_becomes(lambda: model.value('phone 0 state', 'ringing'), '1', 'FXS: the telephone rings')
    result_becomes(lambda: model.register(0, LINEFEED) & 7, 4, 'FXS: the chip is told to ring')
    result_becomes(lambda: int(model.value('phone 0 state', 'rings')) >= 2, True, 'FXS: in bursts')
    hertz = float(model.value('phone 0 state', 'ring-hz'))
    volts = float(model.value('phone 0 state', 'ring-vrms'))
    result(18 <= hertz <= 22 and volts >= 35, 'FXS: with 20 Hz and enough volts', (hertz, volts))
    result_becomes(lambda: model.value('phone 0 state', 'ringing'), '1', 'FXS: and again')
    model.tell('phone 0 lift')
    line.expect(machine.EV_HOOK, (machine.OFF_HOOK,), 'FXS: ring trip')
    result_becomes(lambda: model.value('phone 0 state', 'ringing'), '0', 'FXS: no more ringing')
    result_becomes(lambda: model.register(0, LINEFEED) & 7, 1, 'FXS: the line is fed again')
    model.tell('phone 0 hang')
    line.expect(machine.EV_HOOK, (machine.ON_HOOK,), 'FXS: hung up')


def feeding(model, line):
    """Polarity, and no feed at all."""
    before = float(model.value('phone 0 state', 'volts'))
    line.linefeed(machine.ACTIVE, 1)
    result_becomes(lambda: model.register(0, LINEFEED) & 7, 5, 'FXS: reversed, says the chip')
    result(float(model.value('phone 0 state', 'volts')) * before < 0, 'FXS: reversed, says a voltmeter')
    line.linefeed(machine.ACTIVE, 0)
    result_becomes(lambda: model.register(0, LINEFEED) & 7, 1, 'FXS: and back')
    line.linefeed(0, 0)
    result_becomes(lambda: model.value('phone 0 state', 'volts') in ('0', '-0'), True, 'FXS: open')
    line.linefeed(machine.ACTIVE, 0)
    result_becomes(lambda: model.register(0, LINEFEED) & 7, 1, 'FXS: fed')


def hook_changes(model):
    """How the hook bit of an FXO chip has changed since the trace was cleared, being off hook."""
    bits = [1]
    for row in model.tell('trace chips 30000'):
        words = row.split()
        if words[1:4] == ['set', 'socket', '2'] and words[-2] == '5' and int(words[-1], 16) & 1 != bits[-1]:
            bits.append(int(words[-1], 16) & 1)
    return bits[1:]


def seizing(model, line):
    """On and off hook towards the exchange, flash and dialling by pulses."""
    def seized():
        return model.value('exchange 2 state', 'seized')
    line.hook(machine.OFF_HOOK)
    result_becomes(seized, '1', 'FXO: off hook')
    result(model.register(2, 5) & 1 == 1, 'FXO: the chip is told so')
    ends = []

    def dialled():
        line.dial('14', machine.DIAL_PULSE)
        ends.append(line.event(machine.EV_COMPLETE))

        def heard():
            return model.value('exchange 2 state', 'digits')[-2:]
        machine.becomes(heard, '14')
        return heard()
    text = at_leisure(dialled, '14')
    result(all(event and event[:2] == (0, 2) for event in ends), 'FXO: dials by pulses', ends)
    result(text == '14', 'FXO: the exchange understood', text)
    model.tell('trace clear')
    line.hook(machine.HOOK_FLASH, 120)
    changes = []

    def flashed():
        changes[:] = hook_changes(model)
        return len(changes) >= 2
    machine.becomes(flashed, True)
    result(changes == [0, 1], 'FXO: flash', changes)
    line.hook(machine.ON_HOOK)
    result_becomes(seized, '0', 'FXO: on hook')


def exchange(model, line):
    """What the exchange does is told."""
    model.tell('exchange 2 ring on 1000 1000')
    line.expect(machine.EV_RING, (1,), 'FXO: ringing')
    line.expect(machine.EV_RING, (0,), 'FXO: a pause')
    line.expect(machine.EV_RING, (1,), 'FXO: ringing again')
    line.hook(machine.OFF_HOOK)
    result_becomes(lambda: model.value('exchange 2 state', 'ringing'), '0', 'FXO: answered')
    line.hook(machine.ON_HOOK)
    result_becomes(lambda: model.value('exchange 2 state', 'seized'), '0', 'FXO: on hook')
    model.tell('exchange 2 reverse on')
    line.expect(machine.EV_POLARITY, (1,), 'FXO: polarity reversed')
    model.tell('exchange 2 reverse off')
    line.expect(machine.EV_POLARITY, (0,), 'FXO: and back')
    model.tell('exchange 2 battery off')
    line.expect(machine.EV_BATTERY, (0,), 'FXO: no battery')
    model.tell('exchange 2 battery on')
    line.expect(machine.EV_BATTERY, (1,), 'FXO: and battery')
    model.tell('cut 2 on')
    line.expect(machine.EV_BATTERY, (0,), 'FXO: the wire is cut')
    model.tell('cut 2 off')
    line.expect(machine.EV_BATTERY, (1,), 'FXO: and whole again')


def main():
    """On the first card."""
    model, lines = machine.first_card()
    if len(lines) == 4:
        for test in (hook_of_phone, ringing, feeding):
            test(model, lines[0])
        for test in (seizing, exchange):
            test(model, lines[2])
    return machine.end(model, 'lines', lines)


sys.exit(main())
