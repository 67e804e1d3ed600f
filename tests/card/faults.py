#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is broken is said in one line, and what works next to it works; what can heal does."""

import errno
import sys

sys.dont_write_bytecode = True
import machine  # noqa: E402  # pylint: disable=wrong-import-position
from machine import Model, result, result_becomes  # noqa: E402  # pylint: disable=wrong-import-position

# Spare cards of tests/card/card.t: the message, and the lines that are left
AT_PROBE = {
    'no-12v': ('socket 1: no 12 V: ', ['trunk3']),
    'no-irq': ('no interrupts: sound runs, but IRQ ', []),
    'cpld': ('CPLD dead: ', []),
    'calibration': ('socket 1: calibration failed ', ['trunk3']),
    'no-link': ('socket 1: no link to the line side ', ['trunk3']),
    'empty': ('no module found in any socket', []),
}
# Looks at an idle line, in which its chip is asked some times how it is
SILENT_LOOKS = 60


def messages(slot):
    """What the driver said about a card."""
    return [line.split(f'{slot}: ', 1)[1] for line in machine.log().splitlines() if f'{slot}: ' in line]


def at_probe(monitor, name, message, wanted):
    """A card that is broken when it comes."""
    machine.run('dmesg', '-C')
    monitor.add(name, 'slot0')
    slot = machine.card_at('slot0')
    said = machine.becomes(lambda: sum(message in line for line in messages(slot)), 1)
    result(said == 1, f'{name}: "{message}..." is said, once', '\n'.join(messages(slot)))
    lines = []

    def left():
        for line in lines:
            line.close()
        lines[:] = machine.lines(slot)
        return [line.name for line in lines]
    result_becomes(left, wanted, f'{name}: {" ".join(wanted) or "no line"}')
    model = Model('tapi.' + name)
    machine.blameless(model, name)
    for line in lines:
        line.close()
    monitor.remove(name)


def heals(model, phone, trunk):
    """Faults of a running card."""
    model.tell('fault alarm 0')
    result_becomes(lambda: phone.event(machine.EV_FAULT) is not None, True,
                   'power alarm: the line tells')
    result_becomes(lambda: model.register(0, 64) & 7, 1, 'power alarm: and is fed again')
    model.tell('module 0 reset')
    result_becomes(lambda: model.value('module 0', 'linefeed'), '1',
                   'reset of an FXS chip: it is set up again')
    model.tell('phone 0 lift')
    phone.expect(machine.EV_HOOK, (machine.OFF_HOOK,), 'reset of an FXS chip: and works')
    model.tell('phone 0 hang')
    phone.expect(machine.EV_HOOK, (machine.ON_HOOK,), 'reset of an FXS chip: on hook')
    model.tell('module 2 reset')
    result_becomes(lambda: model.value('module 2', 'link'), '1',
                   'reset of an FXO chip: it is set up again')
    trunk.hook(machine.OFF_HOOK)
    result_becomes(lambda: model.value('exchange 2 state', 'seized'), '1', 'reset of an FXO chip: and works')
    trunk.hook(machine.ON_HOOK)
    model.tell('module 2 poke 5 02')
    result_becomes(lambda: model.register(2, 5), 8, 'an FXO chip that lost a setting gets it again')
    model.tell('fault flip 0 3')
    model.tell('phone 0 lift')
    phone.expect(machine.EV_HOOK, (machine.OFF_HOOK,), 'wrong bits: seen through')
    model.tell('phone 0 hang')
    phone.expect(machine.EV_HOOK, (machine.ON_HOOK,), 'wrong bits: on hook')


def silent(model, phone, name, masks):
    """A serial port that always gives the same is no handset, no power alarm and no reset."""
    # the end of faults that were before is told, too
    machine.becomes(lambda: phone.state()['faults'], 0)
    before = phone.stats()
    phone.events(0)
    machine.run('dmesg', '-C')
    model.tell(f'fault stuck 0 {masks}')
    slot = machine.slots()[0]
    told = machine.becomes(
        lambda: sum('socket 1: the module does not answer' in line for line in messages(slot)), 1)
    looks = phone.stats()['polls'] + SILENT_LOOKS
    machine.becomes(lambda: phone.stats()['polls'] >= looks, True)
    after, events = phone.stats(), phone.events(0)
    result(told == 1, f'{name}: is told once', '\n'.join(messages(slot)))
    result((after['power_alarms'], after['chip_resets']) ==
           (before['power_alarms'], before['chip_resets']),
           f'{name}: neither a power alarm nor a reset', (before, after))
    result(not events, f'{name}: nothing happens on the line', events)
    model.tell('fault stuck 0 ff 00')


def stuck(model, phone):
    """What the handset does meanwhile is seen afterwards."""
    model.tell('phone 0 lift')
    phone.expect(machine.EV_HOOK, (machine.OFF_HOOK,), 'stuck: off hook before')
    silent(model, phone, 'stuck at 0', '00')
    model.tell('phone 0 hang')
    phone.expect(machine.EV_HOOK, (machine.ON_HOOK,), 'stuck at 0: the handset is heard of again')
    silent(model, phone, 'stuck at 1', 'ff ff')
    model.tell('phone 0 lift')
    phone.expect(machine.EV_HOOK, (machine.OFF_HOOK,), 'stuck at 1: the handset is heard of again')
    model.tell('phone 0 hang')
    phone.expect(machine.EV_HOOK, (machine.ON_HOOK,), 'stuck: on hook')


def refused(line, state):
    """Whether the hardware did not move the hook."""
    try:
        line.hook(state)
    except OSError as error:
        return error.errno == errno.EIO
    return False


def held(model, trunk):
    """Nothing holds a line that is on hook for its claimer."""
    model.tell('fault stuck 2 fe')
    result(refused(trunk, machine.OFF_HOOK), 'off hook that is not seen to work fails')
    result(model.register(2, 5) & 1 == 0, 'and the line is let go of')
    model.tell('fault stuck 2 ff')
    trunk.hook(machine.OFF_HOOK)
    result_becomes(lambda: model.value('exchange 2 state', 'seized'), '1', 'off hook works again')
    result_becomes(lambda: trunk.state()['faults'], 0, 'nothing is wrong with the line')
    model.tell('fault no-link 2')
    result_becomes(lambda: trunk.state()['faults'] != 0, True, 'no link: the line tells')
    result(refused(trunk, machine.OFF_HOOK), 'without a link there is no going off hook')
    trunk.hook(machine.ON_HOOK)
    model.tell('fault no-link 2 off')
    result_becomes(lambda: model.value('module 2', 'link'), '1', 'a link: it is set up again')
    result_becomes(lambda: model.register(2, 5), 8, 'on hook, as it was told meanwhile')
    result(model.value('exchange 2 state', 'seized') == '0', 'the line is not seized')


def main():
    """Cards that come broken, then one that breaks."""
    machine.start()
    machine.load()
    monitor = machine.Monitor()
    for name, (message, wanted) in AT_PROBE.items():
        at_probe(monitor, name, message, wanted)
    model = Model('tapi.card0')
    lines = machine.lines(machine.slots()[0])
    heals(model, lines[0], lines[2])
    stuck(model, lines[0])
    held(model, lines[2])
    machine.blameless(model, 'faults')
    for line in lines:
        line.close()
    machine.unload()
    return machine.done()


sys.exit(main())
