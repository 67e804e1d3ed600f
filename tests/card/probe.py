#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The driver is found by the card's PCI id, and finds what is in the sockets."""

import sys

sys.dont_write_bytecode = True
import machine  # noqa: E402  # pylint: disable=wrong-import-position
from machine import Model, result, run  # noqa: E402  # pylint: disable=wrong-import-position

# As tests/card/card.t puts them into the machine
BOARDS = {
    'tapi.card0': {0: ('phone1', machine.FXS), 1: ('phone2', machine.FXS),
                   2: ('trunk3', machine.FXO), 3: ('trunk4', machine.FXO)},
    'tapi.card1': {0: ('phone1', machine.FXS), 2: ('trunk3', machine.FXO)},
}


def autoload():
    """What udev does: modprobe by the alias of the device."""
    slots = machine.slots()
    result(len(slots) == len(BOARDS), 'the cards are on the bus', slots)
    for slot in slots:
        alias = machine.modalias(slot)
        status, said = run('modprobe', '--resolve-alias', alias)
        result(status == 0 and said.split() == [machine.DRIVER], f'{alias}: {machine.DRIVER}', said)
    status, said = run('modprobe', machine.modalias(slots[0]))
    result(status == 0, 'and is loaded by it', said)
    return machine.result_becomes(lambda: len(machine.cards()), len(BOARDS), 'all cards have lines')


def found(number, slot, model, sockets):
    """The lines of one card, against the model's chips."""
    lines = machine.lines(slot)
    have = [(line.name, line.type) for line in lines]
    result(have == list(sockets.values()), f'card {number}: {len(sockets)} lines as in its sockets',
           f'{have}\n{machine.log()}')
    for socket, (name, kind) in sockets.items():
        if kind == machine.FXS:
            facts = (model.value(f'module {socket}', 'calibrated'),
                     model.value(f'module {socket}', 'linefeed'), model.register(socket, 8))
            result(facts == ('1', '1', 0), f'card {number}, {name}: calibrated, fed, no loop-back', facts)
        else:
            facts = (model.value(f'module {socket}', 'link'), model.register(socket, 5) & 1)
            result(facts == ('1', 0), f'card {number}, {name}: linked, on hook', facts)
    for line in lines:
        line.close()


def main():
    """All of it."""
    machine.start()
    if not autoload():
        machine.result(False, 'lines of the cards', machine.log())
        return machine.done()
    models = [Model(name) for name in BOARDS]
    for number, slot in enumerate(machine.slots()):
        found(number, slot, models[number], list(BOARDS.values())[number])
        machine.blameless(models[number], f'card {number}')
    result(models[1].value('exchange 2 state', 'reverse') == '1',
           'card 1: a command with its options was done')
    machine.unload()
    for number, model in enumerate(models):
        stat = dict(line.split(' ', 1) for line in model.tell('stat'))
        result((stat['dma'], stat['irq-line'], stat['bus-master']) == ('0', '0', '0'),
               f'card {number}: silent after the driver has gone', stat)
    return machine.done()


sys.exit(main())
