#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Three programs share a line: three media providers, of which each gets its own bytes only, and
one program that does not read for a while without being in the way of the others.
"""

import os
import random
import signal
import sys
import time

from house import Tap, die_with_parent
from incoming import exchange, private
from scene import AT_ONCE, Scene, run

DIGITS = '1234567890*#ABCD' * 4
# Bytes of a message, and how many a program sends
SIZE, MESSAGES = 200, 24


class Sharing:
    """The first program owns calls; all of them look on."""

    def __init__(self):
        self.scene = Scene()
        self.apps = []

    @property
    def house(self):
        """The present one."""
        return self.scene.house

    def own_bytes(self, tap):
        """All send at the same time; each gets back what it sent."""
        tail = self.scene.tail()
        self.apps = [self.house.start_app(name, 'owner' if name == 'first' else 'monitor')
                     for name in ('first', 'second', 'third')]
        self.house.until(lambda: tail.count('TAPISRV', 'TSP', 'TSPI_lineCreateMSPInstance') == 3,
                         'no three MSP instances')
        tail.close()
        tap.claim(True, 'three MSP instances on one line')
        chance = random.Random(3)
        sent = {app: [chance.randbytes(SIZE) for _ in range(MESSAGES)] for app in self.apps}
        marks = {app: app.mark() for app in self.apps}
        for number in range(MESSAGES):
            for app in self.apps:
                app.say(f'send address {sent[app][number].hex()}')
        for app, since in marks.items():
            have = private(app, MESSAGES, since)
            tap.equal([data for _, data in have], sent[app],
                      f'the {app.name} program: its own bytes, in order')
        self.house.wait(0.3)
        tap.equal([app.count(' private ', since) for app, since in marks.items()],
                  [MESSAGES] * 3, 'and no others')

    def two_registrations(self, tap):
        """A program that asks twice has two handles: the owner's, and one to look on."""
        self.apps[0].must('listen monitor')
        since = self.apps[0].mark()
        self.scene.offered(*self.apps)
        self.scene.stream(self.apps[0])
        told = sorted(line.split()[2] for line in self.apps[0].lines[since:]
                      if ' notification ' in line)
        tap.equal(told, ['monitor', 'owner'], 'registered twice: told as owner and as monitor')
        said = self.apps[0].must('status')[-1]
        tap.claim(' privilege owner owners 1 ' in said, 'one owner', said)
        chance = random.Random(4)
        tap.equal(exchange(self.apps[0], [('call', chance.randbytes(SIZE)) for _ in range(8)]), [],
                  'bytes about the call')
        tap.equal([app.count(' private call ') for app in self.apps[1:]], [0, 0],
                  'are not for the others')

    def slow_reader(self, tap):
        """The third reads nothing during digits, bytes for all, and the end of the call."""
        first, second, third = self.apps
        for app in self.apps:
            app.must('monitor-digits on')
        marks = {app: app.mark() for app in self.apps}
        os.kill(third.pid, signal.SIGSTOP)
        since = self.scene.office.mark()
        self.scene.office.say(f'dtmf {DIGITS} on=50 off=50')
        chance = random.Random(5)
        messages = [chance.randbytes(SIZE) for _ in range(MESSAGES)]
        tap.equal(exchange(first, [('address', chance.randbytes(SIZE)) for _ in messages]), [],
                  'the first program exchanges bytes as before')
        bytes_since = {app: app.mark() for app in self.apps}
        for message in messages:
            first.must(f'device-specific address {message.hex()}')
        sent = self.scene.office.expect(r'^(\d+) sent ', since=since)
        for app in (first, second):
            self.house.until(lambda app=app: app.count(' digit ', marks[app]) >= len(DIGITS),
                             f'{app.name} does not hear all digits')
            heard = [line.split() for line in app.lines[marks[app]:] if ' digit ' in line]
            tap.equal(''.join(words[2] for words in heard), DIGITS,
                      f'the {app.name} program hears all digits')
            late = (int(heard[-1][0]) - int(sent[1])) / 1000
            tap.claim(late < AT_ONCE, 'at once', f'{late:.3f} s after the last one was sent')
            have = [data for _, data in private(app, MESSAGES, bytes_since[app])]
            tap.equal(have, messages, f'the {app.name} program has the bytes for all')
        start = time.monotonic()
        self.scene.office.say('hangup')
        self.scene.within(tap, {
            f'the {app.name} program hears DISCONNECTED':
                lambda app=app: app.count('state DISCONNECTED cause', marks[app])
            for app in (first, second)}, start)
        first.must('drop')
        for app in (first, second):
            self.house.until(lambda app=app: ' line IDLE ' in app.must('status')[-1], 'no IDLE')
        tap.equal(third.count('', marks[third]), 0, 'the third program has read nothing')

    def reads_again(self, tap):
        """It catches up, and is where the others are."""
        third = self.apps[2]
        since = len(third.lines)
        os.kill(third.pid, signal.SIGCONT)
        said = third.must('status')[-1]
        self.house.until(lambda: ' line IDLE ' in third.must('status')[-1],
                         f'it is not in the true state: {said}')
        third.expect('state DISCONNECTED cause', since=since)
        heard = ''.join(line.split()[2] for line in third.lines[since:] if ' digit ' in line)
        tap.equal(heard, DIGITS, 'it hears the digits it has missed, in order')
        tap.claim(True, 'it is in the true state: DISCONNECTED, IDLE')
        tap.equal(third.count(' notification ', since), 0, 'it is told of no call')
        self.house.until(lambda: self.scene.office_state() == 'idle', 'the exchange is not idle')
        for app in self.apps:
            app.must('release')

    def next_call(self, tap):
        """Nobody has taken harm."""
        self.scene.whole_call(tap, *self.apps)
        for app in self.apps:
            since = app.mark()
            tap.equal(exchange(app, [('address', app.name.encode())]), [],
                      f'the {app.name} program exchanges bytes')
            tap.equal(app.count(' private ', since), 1, 'only its own')
        tap.equal(self.scene.objects()['broken-invariants'], 0, 'tapisrv: no broken invariant')

    def nothing_left(self, tap):
        """Programs end; the modules can go."""
        for app in self.apps:
            tap.equal(app.end('quit'), 0, f'the {app.name} program ends')
        tap.equal(self.house.stop_server(), (0, []), 'tapisrv ends, and no host is left')
        tap.claim(self.scene.close(), 'no kernel object is left: the modules are unloaded')
        self.scene.house = None

    def cases(self):
        """Texts and functions."""
        return (
            ('three media providers: to each its own bytes', self.own_bytes),
            ('two registrations of one program', self.two_registrations),
            ('a program that does not read is not in the way', self.slow_reader),
            ('when it reads again it is in the true state', self.reads_again),
            ('the next call is for all of them', self.next_call),
            ('nothing is left', self.nothing_left),
        )


def main():
    """All cases."""
    die_with_parent()
    tap = Tap()
    sharing = Sharing()
    run(tap, sharing.scene, sharing.cases(), 'sharing')
    if sharing.house:
        sharing.house.close()
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
