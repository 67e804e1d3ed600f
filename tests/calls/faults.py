#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A program that owns a call is killed in each step of it.

Somebody else looks on all the time and has to see the call go within a second. Each case is also
the next call of the one before.
"""

import os
import signal
import sys
import time

from house import Tap, die_with_parent
from scene import Scene, on_hook, run, silent

LONG = '1234567890*#ABCD' * 3
LONGEST = 7676


class Killed:
    """The cases of a program's death. What reaches a state leaves `self.owner` to be killed."""

    def __init__(self):
        self.scene = Scene()
        self.owner = self.monitor = None
        self.before = None

    @property
    def house(self):
        """The present one."""
        return self.scene.house

    def ready(self):
        """Somebody who looks on, and somebody to be killed."""
        scene = self.scene
        if not self.monitor or self.monitor.house is not scene.house:
            self.monitor = scene.house.start_app('monitor', 'monitor')
            self.before = scene.objects()
        self.owner = scene.house.start_app('owner', 'owner')

    def offered(self, options='cadence=1000,1500'):
        """Both have been told."""
        self.scene.offered(self.owner, self.monitor, options=options)

    # --- states of the call, in order

    def rings(self):
        """The call is on its way to the program, which does not read."""
        os.kill(self.owner.pid, signal.SIGSTOP)
        self.scene.offered(self.monitor)

    def notified(self):
        self.offered()

    def knows_caller(self):
        since = self.owner.mark()
        self.offered('number=0301234567 name="Ada Lovelace" cadence=1000,3000')
        self.owner.expect('info number 0301234567 name Ada', since=since)

    def making_streams(self):
        """The program's MSP is told of the call; that of the other has to wait."""
        tail = self.scene.tail()
        os.kill(self.monitor.pid, signal.SIGSTOP)
        self.scene.ring()
        self.house.until(lambda: tail.count('TAPI3', 'MSP', 'call_create'), 'no MSP is told')
        tail.close()

    def has_streams(self):
        self.offered()
        self.owner.must('streams')

    def one_terminal(self):
        self.offered()
        self.owner.must(f'select record {self.house.path("owner.wav")}')

    def terminals(self):
        self.offered()
        self.scene.sound_on(self.owner)

    def answering(self):
        """Killed when the provider has been asked."""
        self.offered()
        self.scene.sound_on(self.owner)
        tail = self.scene.tail()
        self.owner.say('answer')
        self.house.until(lambda: tail.count('TAPISRV', 'TSP', 'TSPI_lineAnswer'), 'no answer')
        tail.close()

    def connected(self):
        self.offered()
        self.scene.answer(self.owner)

    def streaming(self):
        self.offered()
        self.scene.stream(self.owner)

    def speaking(self):
        self.streaming()
        since = self.scene.office.mark()
        self.scene.office.say(f'play {self.scene.caller}')
        self.scene.office.expect('playing ', since=since)

    def digits_heard(self):
        self.streaming()
        since = self.owner.mark()
        self.owner.must('monitor-digits on')
        self.scene.office.say(f'dtmf {LONG}')
        self.owner.expect(' digit 2 ', since=since)

    def digits_sent(self):
        self.streaming()
        since = self.scene.office.mark()
        self.owner.must(f'send-digits {LONG}')
        self.scene.office.expect(' digit 2 ', since=since)

    def data(self):
        """Bytes on their way in both directions, more than the relay takes at once."""
        self.streaming()
        since = self.owner.mark()
        for _ in range(40):
            self.owner.say(f'send call *{LONGEST}')
        self.owner.expect('private call ', since=since)

    def far_end_hung_up(self):
        self.streaming()
        since = self.owner.mark()
        self.scene.office.say('hangup')
        self.owner.expect('state DISCONNECTED ', since=since)

    def dropping(self):
        """Killed when the provider has been asked."""
        self.far_end_hung_up()
        tail = self.scene.tail()
        self.owner.say('drop')
        self.house.until(lambda: tail.count('TAPISRV', 'TSP', 'TSPI_lineDrop'), 'no drop')
        tail.close()

    def idle(self):
        self.far_end_hung_up()
        self.owner.must('drop')
        self.house.until(lambda: ' line IDLE ' in self.owner.must('status')[-1], 'no IDLE')

    def released(self):
        self.idle()
        self.owner.must('release')

    # --- the death

    def monitor_sees_idle(self):
        """The other program's own state of the call."""
        good, _, lines = self.monitor.ask('status')
        return good and ' line IDLE ' in lines[-1]

    def kill(self, tap, reach):
        """Reaches the state, kills, looks."""
        self.ready()
        reach()
        tail = self.scene.tail()
        since = time.monotonic()
        self.owner.process.kill()
        os.kill(self.monitor.pid, signal.SIGCONT)
        self.scene.within(tap, {
            'the line is on hook': on_hook,
            'the call is gone for others': self.monitor_sees_idle,
            'the PCM is closed': silent,
            'the MSP instance is gone':
                lambda: tail.count('TAPISRV', 'TSP', 'TSPI_lineCloseMSPInstance'),
        }, since)
        tail.close()
        tap.equal(self.owner.process.wait(), -signal.SIGKILL, 'it was killed')
        self.scene.quiet()
        self.monitor.must('release')
        self.scene.as_before(tap, self.before)

    def next_caller(self, tap):
        """The end of the ringing is the answer: who calls at once after a call is known, too."""
        self.ready()
        self.scene.whole_call(tap, self.owner, self.monitor)
        since = self.owner.mark()
        self.offered('number=0301234567 cadence=1000,3000')
        self.owner.expect('info number 0301234567', since=since)
        tap.claim(True, 'the number of a caller right after a call')
        self.scene.answer(self.owner)
        self.scene.hang_up(self.owner, self.monitor)
        tap.equal(self.owner.end('quit'), 0, 'the owner ends')

    def nothing_left(self, tap):
        """After all of them: whoever looked on and the service are as in the beginning."""
        self.ready()
        tap.equal(self.owner.end('quit'), 0, 'a program ends by itself')
        self.scene.as_before(tap, self.before)
        tap.equal(self.house.server.process.poll(), None, 'tapisrv is the same process')
        tap.equal(self.house.status()['providers'][0]['restarts'], 0, 'so is the host')
        tap.equal(self.monitor.end('quit'), 0, 'the monitor ends')
        tap.equal(self.scene.office.count('samples were lost'), 0, 'the exchange lost no samples')
        tap.equal(self.house.stop_server(), (0, []), 'tapisrv ends, and no host is left')
        tap.claim(self.scene.close(), 'no kernel object is left: the modules are unloaded')
        self.scene.house = None

    def cases(self):
        """In the order of the steps of an incoming call."""
        return [(f'killed: {text}', lambda tap, reach=reach: self.kill(tap, reach))
                for text, reach in (
                    ('1, the call is on its way to it', self.rings),
                    ('2, told of the call', self.notified),
                    ('3, told who calls', self.knows_caller),
                    ('4, its MSP is told of the call', self.making_streams),
                    ('5, it has the streams', self.has_streams),
                    ('6, it uses a stream', self.one_terminal),
                    ('7, terminals are selected', self.terminals),
                    ('8, the provider is asked to answer', self.answering),
                    ('9, connected', self.connected),
                    ('10, streaming', self.streaming),
                    ('11, speech both ways', self.speaking),
                    ('12, digits are heard', self.digits_heard),
                    ('12, digits are being generated', self.digits_sent),
                    ('13, bytes are on their way', self.data),
                    ('14, the far end has hung up', self.far_end_hung_up),
                    ('14, the provider is asked to drop', self.dropping),
                    ('14, the call is idle', self.idle),
                    ('14, the call is given back', self.released),
                )] + [('a call, and the next one at once', self.next_caller),
                      ('killed: nothing is left of any of them', self.nothing_left)]


def main():
    """All cases."""
    die_with_parent()
    tap = Tap()
    killed = Killed()
    run(tap, killed.scene, killed.cases(), 'faults', alone=True)
    if killed.scene.house:
        killed.scene.house.close()
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
