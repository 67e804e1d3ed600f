# SPDX-License-Identifier: GPL-2.0-or-later
"""In the guest: the far ends of the demo's line, a simulated exchange or the one behind the card.

Both do the same: each method is what the other party or the exchange does, or sees of our side.
"""

import glob
import os
import shutil
import sys
import wave

from demo_guest import LIMIT, OUT, fail, run, say, start, until

ANNOUNCEMENT = f'{OUT}/announcement-at-the-caller.wav'
VOICE = '/tmp/caller.wav'


class Simulator:
    """tapi-office, at the other end of a cable between two simulated lines."""

    modules = ('tapi_sim', 'tapi')
    line = 'sim-line'
    office = None

    def plug(self):
        """The card is there."""
        say('modprobe tapi_sim: a card with one line and its far end')
        run('modprobe', 'tapi_sim')

    def start(self):
        """Somebody is at the far end."""
        self.office = start('tapi-office', '--keep', 'sim-office')
        self.office.wait('ready')

    def tell(self, text):
        """A command."""
        self.office.process.stdin.write(text + '\n')

    def ring(self, number, name):
        """A call for us."""
        self.tell(f'ring number={number} name={name}')

    def off_hook(self):
        """Our line is off hook."""
        self.office.wait('line-off-hook')

    def on_hook(self):
        """And on hook."""
        self.office.wait('line-on-hook')

    def record(self):
        """What is heard there is kept."""
        self.tell(f'record {ANNOUNCEMENT}')

    def speak(self):
        """The caller speaks to the end."""
        self.tell(f'play {VOICE}')
        self.office.wait('played')

    def press(self, digits):
        """The caller presses keys."""
        self.tell(f'dtmf {digits}')

    def hears(self, digits):
        """Keys of ours are heard there."""
        self.office.wait(f'digit {digits[-1]}')

    def hang_up(self):
        """The other party has gone."""
        self.tell('hangup')

    def expect_call(self, number):
        """Somebody there has a number, and will answer."""
        self.tell(f'route {number} answer=6')

    def dialled(self, number):
        """The exchange knows whom we want."""
        self.office.wait(f'number {number}')

    def ringback(self):
        """It tells us that it rings there; an office does it by itself."""

    def answer(self):
        """Somebody picks up."""
        self.office.wait('answered')

    def end(self):
        """Everybody goes."""
        self.tell('quit')
        self.office.process.wait(LIMIT)


class Card:
    """The exchange of the card's model, which is a process outside of this machine."""

    modules = ('tapi_tdm400', 'tapi')
    line = 'trunk2'
    socket = 1
    exchange = None
    there = f'{OUT}/.far'

    def plug(self):
        """It has been there from the beginning: udev has found its driver."""
        until(lambda: len(glob.glob('/dev/tapi/card*-line*')) == 2, 'tapi_tdm400 finds no lines')
        say('a PCI card was found at boot: udev has loaded tapi_tdm400')
        for text in run('dmesg', '--notime').splitlines():
            if text.startswith('tapi_tdm400'):
                say('  ' + text)

    def start(self):
        """The way to the model is a serial port, files are where both can see them."""
        sys.dont_write_bytecode = True
        sys.path[:0] = ['tests/card', 'tests/card/calls']
        # pylint: disable-next=import-outside-toplevel,import-error
        import exchange
        # pylint: disable-next=import-outside-toplevel,import-error
        import machine
        os.makedirs(self.there)
        machine.start()
        self.exchange = exchange.Exchange(machine.Model('tapi.card0'), self.socket,
                                          self.there, os.environ['DEMO_OUT'] + '/.far')
        self.keys = exchange.keys

    def ring(self, number, name):
        """A call for us."""
        self.exchange.ring(number, name)

    def sees(self, key, wanted, text):
        """Waits for what the exchange sees of our side."""
        if not self.exchange.becomes(key, wanted):
            fail(f'the exchange does not see {text}')

    def off_hook(self):
        """Our line is off hook."""
        self.sees('seized', '1', 'the line off hook')

    def on_hook(self):
        """And on hook."""
        self.sees('seized', '0', 'the line on hook')

    def record(self):
        """What is heard there is kept."""
        self.exchange.record('heard.raw')

    def speak(self):
        """The caller speaks to the end."""
        with wave.open(VOICE, 'rb') as file:
            self.exchange.play(file.readframes(file.getnframes()))
        if not self.exchange.played():
            fail('the card\'s clock stands')

    def press(self, digits):
        """The caller presses keys."""
        self.exchange.play(self.keys(digits))

    def hears(self, digits):
        """Keys of ours are heard there."""
        until(lambda: self.exchange.state('digits').endswith(digits),
              f'the exchange does not hear {digits}')

    def hang_up(self):
        """The other party has gone."""
        self.exchange.hang_up()

    def expect_call(self, number):
        """Somebody there has a number, and will answer."""
        self.exchange.over()
        self.exchange.expect_call()
        run('sox', '-q', '-t', 'raw', '-r', '8000', '-c', '1', '-b', '16', '-e', 'signed',
            f'{self.there}/heard.raw', ANNOUNCEMENT)

    def dialled(self, number):
        """The exchange knows whom we want."""
        self.hears(number)
        self.exchange.tell('forget')

    def ringback(self):
        """It tells us that it rings there."""
        self.exchange.tell('tone ringback')

    def answer(self):
        """Somebody picks up."""
        self.exchange.answer()

    def end(self):
        """Everybody goes."""
        self.exchange.over()
        shutil.rmtree(self.there)


CARDS = {'sim': Simulator, 'tdm400': Card}
