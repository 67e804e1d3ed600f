#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""In the virtual machine: what tapi-office is for a simulated line, for an FXO line of the model.

The same words on standard input and output, those that the tests of whole calls use, so that these
tests do not know which of the two is at the far end. The model does not tell by itself what it sees:
it is asked each POLL seconds.

	office.py SOCKET HERE THERE
"""

import os
import select
import shlex
import sys
import time
import wave

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import exchange  # noqa: E402  # pylint: disable=wrong-import-position
import virtual  # noqa: E402  # pylint: disable=wrong-import-position

POLL = 0.02
FRAMES_PER_S = 8000


def say(text):
    """An event, with its time in ms."""
    print(f'{time.monotonic_ns() // 1000000} {text}', flush=True)


class Office:
    """The exchange, and the other party."""

    def __init__(self, socket, here, there):
        self.far = exchange.Exchange(virtual.Model(), socket, here, there)
        self.seen = {}
        self.seized = False
        self.digits = ''
        self.rings_since = None
        self.burst = False
        self.routes = {}
        self.called = None
        self.answers_at = None
        self.playing = self.sending = None
        self.recording = None
        self.quiet()

    def quiet(self):
        """As at the beginning: whoever was there before has perhaps not ended well."""
        self.far.over()
        self.far.tell('ring off')
        self.far.tell('forget')

    # --- commands

    def ring(self, words):
        """ring number=N name=TEXT"""
        said = dict(word.split('=', 1) for word in words)
        self.far.ring(said.get('number', 'O'), said.get('name', ''))
        self.rings_since = self.far.frames()

    def play(self, words):
        """play FILE"""
        with wave.open(words[0], 'rb') as file:
            samples = file.readframes(file.getnframes())
        self.far.play(samples)
        self.playing = (words[0], len(samples) // 2)
        say(f'playing {words[0]} at=0')

    def dtmf(self, words):
        """dtmf DIGITS"""
        self.far.play(exchange.keys(words[0]))
        self.sending = words[0]

    def record(self, words):
        """record FILE"""
        self.recording = (words[0], self.far.record('heard.raw'))

    def stop_record(self, words):
        """stop-record: the file is there"""
        if not self.recording:
            return
        path, raw = self.recording
        self.recording = None
        self.far.tell('record /dev/null')
        with open(raw, 'rb') as file:
            samples = file.read()
        exchange.save(path, samples)
        say(f'recorded {path} {len(samples) // 2}')

    def hangup(self, words):
        """hangup: the other party"""
        self.far.hang_up()

    def route(self, words):
        """route NUMBER busy | ringback | answer=S [play=FILE] [record=FILE]"""
        what, *more = words[1:]
        self.routes[words[0]] = (what, dict(word.split('=', 1) for word in more))
        self.far.expect_call()

    def command(self, line):
        """One of them; False: quit."""
        name, *words = shlex.split(line)
        if name == 'quit':
            return False
        getattr(self, name.replace('-', '_'))(words)
        return True

    # --- what happens

    def bursts(self):
        """Ringing, as its cadence has it."""
        on = False
        if self.rings_since is not None:
            if self.seen['ringing'] == '1':
                period = (exchange.RING_MS + exchange.PAUSE_MS) * exchange.FRAMES_PER_MS
                at = (self.far.frames() - self.rings_since) % period
                on = at < exchange.RING_MS * exchange.FRAMES_PER_MS
            else:
                self.rings_since = None
        if on != self.burst:
            self.burst = on
            say(f'ringing {"on" if on else "off"}')

    def hook(self):
        """The line is seized, and let go."""
        seized = self.seen['seized'] == '1'
        if seized == self.seized:
            return
        self.seized = seized
        answered = self.rings_since is not None
        say(f'line-{"off" if seized else "on"}-hook')
        if seized and answered:
            say('answered')
        if not seized:
            self.idle()

    def idle(self):
        """A call is over."""
        self.stop_record([])
        self.far.over()
        self.far.tell('forget')
        # what was seen before is not of the next call
        self.digits = self.seen['digits'] = ''
        self.called = self.answers_at = self.playing = self.sending = None
        if self.routes:
            self.far.expect_call()
        say('idle')

    def hear(self):
        """Keys of the line, and a number that is complete."""
        digits = self.seen.get('digits', '')
        for digit in digits[len(self.digits):]:
            say(f'digit {digit} dtmf')
        self.digits = digits
        if self.called is None and digits in self.routes:
            self.called = digits
            say(f'number {digits}')
            what, _ = self.routes[digits]
            self.far.tell('tone busy' if what == 'busy' else 'tone ringback')
            if what.startswith('answer='):
                self.answers_at = self.far.frames() + int(what.split('=')[1]) * FRAMES_PER_S

    def answer(self):
        """The called party does."""
        if self.answers_at is None or self.far.frames() < self.answers_at:
            return
        self.answers_at = None
        self.far.answer()
        say('answered')
        more = self.routes[self.called][1]
        if 'record' in more:
            self.record([more['record']])
        if 'play' in more:
            self.play([more['play']])

    def said(self):
        """What was to be played has been."""
        if (self.playing or self.sending) and self.far.frames() >= self.far.end:
            if self.playing:
                say(f'played {self.playing[0]} {self.playing[1]}')
            if self.sending:
                say(f'sent {self.sending}')
            self.playing = self.sending = None

    def look(self):
        """All of it."""
        self.seen = dict((line.split(' ', 1) + [''])[:2] for line in self.far.tell('state'))
        for what in (self.hook, self.bursts, self.hear, self.answer, self.said):
            what()


def main():
    """Until it is told to quit."""
    office = Office(int(sys.argv[1]), sys.argv[2], sys.argv[3])
    say('ready the model')
    rest = b''
    while True:
        if select.select([0], [], [], POLL)[0]:
            got = os.read(0, 4096)
            *lines, rest = (rest + got).split(b'\n')
            if not got or not all([office.command(line.decode()) for line in lines]):
                break
        office.look()
    office.quiet()
    return 0


sys.exit(main())
