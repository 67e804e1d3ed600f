#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""In the guest of suspend.t: the machine sleeps with a PCI card in use, first half way.

The model of the card forgets all it was told, as the chips do; it is asked what they were told
again.
"""

import errno
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
import machine  # noqa: E402  # pylint: disable=wrong-import-position,import-error
from machine import result, result_becomes  # noqa: E402  # pylint: disable=wrong-import-position,import-error

RX_GAIN = 1
FXO_RX_GAIN_DB = 39
FXS_LINEFEED, REVERSED = 64, 5
BREAKS = (machine.EV_HOOK, machine.EV_FLASH, machine.EV_PULSE_DIGIT, machine.EV_DTMF)


def write(path, text):
    """A file of the kernel's."""
    with open(path, 'w', encoding='ascii') as file:
        file.write(text)


def sleep(test):
    """As far as a test of the kernel's goes, or until woken."""
    write('/sys/module/suspend/parameters/pm_test_delay', '0')
    write('/sys/power/pm_test', test)
    write('/sys/power/state', 'mem')
    write('/sys/power/pm_test', 'none')


def busy(model, lines):
    """Every line does something."""
    phone, ringer, trunk, idle = lines
    model.tell('phone 0 lift')
    result_becomes(lambda: phone.state()['hook'], machine.OFF_HOOK, 'a telephone is lifted')
    ringer.linefeed(machine.ACTIVE, 1)
    ringer.control(0x11, struct.pack('=16I', 1, 0, 0, 0, 60000, 0, 0, 0, 1000, 0, 0, 0, 9, 0, 0, 0))
    result_becomes(lambda: model.value('phone 1 state', 'ringing'), '1', 'another one rings')
    trunk.hook(machine.OFF_HOOK)
    result_becomes(lambda: model.value('exchange 2 state', 'seized'), '1', 'a trunk is seized')
    trunk.dial('1111111111111111', machine.DIAL_PULSE)
    idle.control(0x22, struct.pack('=IIqqqqq32s16x', RX_GAIN, 0, 5000, 0, 0, 0, 0, b''))
    for line in lines:
        line.events(0.5)


def same(model, lines, how):
    """After it: all as it should be."""
    phone, ringer, trunk, _ = lines
    heard = [line.events(2) for line in lines]
    said = '\n'.join(map(str, heard)) + '\n' + machine.log()
    result(all(machine.EV_STATE in [kind for kind, _ in some] for some in heard),
           f'{how}: every line tells its state', said)
    result(phone.state()['hook'] == machine.OFF_HOOK and
           not [kind for kind, _ in heard[0] if kind in BREAKS],
           f'{how}: the telephone was off hook all the time', said)
    status = struct.pack('=i', -errno.ESTRPIPE)
    for line, some in ((ringer, heard[1]), (trunk, heard[2])):
        ends = [struct.pack('=I', words[0]) for kind, words in some if kind == machine.EV_COMPLETE]
        result(ends == [status], f'{how}: {line.name}: what played ended so', said)
    result_becomes(lambda: model.value('phone 1 state', 'ringing'), '0', f'{how}: no ringing')
    result_becomes(lambda: model.register(1, FXS_LINEFEED) & 7, REVERSED, f'{how}: fed as before')
    result((machine.EV_HOOK, (machine.ON_HOOK, 2, 0)) in heard[2], f'{how}: the trunk is on hook',
           said)
    result_becomes(lambda: model.value('exchange 2 state', 'seized'), '0',
                   f'{how}: so the exchange says')
    result_becomes(lambda: model.register(3, FXO_RX_GAIN_DB), 5, f'{how}: gain as before')
    trunk.hook(machine.OFF_HOOK)
    result_becomes(lambda: model.value('exchange 2 state', 'seized'), '1',
                   f'{how}: it can be seized')
    trunk.hook(machine.ON_HOOK)
    model.tell('phone 0 hang')
    result_becomes(lambda: phone.state()['hook'], machine.ON_HOOK,
                   f'{how}: the telephone is hung up')


def main():
    """One card, FXS, FXS, FXO, FXO."""
    model, lines = machine.first_card()
    # it has to go on while the machine sleeps
    # pylint: disable-next=consider-using-with
    player = subprocess.Popen(['aplay', '-D', f'hw:{lines[0].sound},0', '-q', '-t', 'raw',
                               '-f', 'MU_LAW', '-r', '8000', '-c', '1', '/dev/zero'],
                              stdin=subprocess.DEVNULL)
    for how, test in (('asleep', 'core'), ('fast asleep', 'none')):
        busy(model, lines)
        sleep(test)
        same(model, lines, how)
        words = int(model.value('stat', 'words'))
        result_becomes(lambda before=words: int(model.value('stat', 'words')) > before + 1000, True,
                       f'{how}: sound goes on')
        result(player.poll() is None, f'{how}: its program, too', player.returncode)
    player.kill()
    player.wait()
    return machine.end(model, 'card', lines)


sys.exit(main())
