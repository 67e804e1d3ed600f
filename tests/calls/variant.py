#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A TSP that starts the stream itself: nobody answers, the provider says that the call is
connected and that its MSP may begin.

The provider is the scripted one, without hardware; its line's sound is that of a simulated card,
which nobody claims. At the other end of the cable are arecord and aplay.
"""

import signal
import socket
import sys

import sound
from house import DEADLINE, House, Missing, Program, Tap, die_with_parent, module, read

SECONDS = 5
MSP = '6d8e3f14-2b7a-4c95-8e01-54415049ca4d'
FORMAT = ['-q', '-D', 'hw:TAPI0,1', '-f', 'MU_LAW', '-r', '8000', '-c', '1', '-t', 'raw']


class Variant:
    """What the steps have in common."""

    def __init__(self):
        self.house = House('null')
        self.house.settings = (f'Lines = 1\nControl = {self.house.path("control")}\nMsp = {MSP}\n'
                               'Pcm = hw:TAPI0,0\n')
        self.trace = self.house.trace
        self.app = self.control = self.call = self.before = self.recorder = None
        self.announcement = sound.speech(SECONDS, 5)
        self.far = sound.speech(SECONDS, 6)

    def tell(self, command):
        """A command to the provider; what it answers after "ok"."""
        self.control.send(command.encode())
        answer = self.control.recv(65536).decode()
        if not answer.startswith('ok'):
            raise Missing(f'{command}: {answer}')
        return answer[2:].strip()

    def state(self):
        """What must be the same after the call."""
        server = self.house.status()['server']
        return self.house.usages(app=self.app), {key: server[key] for key in ('calls', 'objects')}

    def prepare(self):
        """Everybody is there."""
        house = self.house
        sound.save(house.path('announcement.wav'), self.announcement)
        with open(house.path('far.ul'), 'wb') as file:
            file.write(sound.encode(self.far + bytes(sound.RATE * sound.WIDTH)))
        house.start_server()
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(DEADLINE)
        self.control.connect(house.path('control'))
        self.app = house.start_app('app', 'owner')
        self.before = self.state()

    # --- the steps

    def offered(self, tap):
        self.call = self.tell('ring 0 number=0301234567')
        match = self.app.expect(r'notification owner state \w+ streams (\d+)')
        tap.equal(match[1], '2', 'the call has both streams')
        self.app.expect('state OFFERING')

    def select(self, tap):
        self.app.must(f'select play {self.house.path("announcement.wav")}')
        self.app.must(f'select record {self.house.path("kept.wav")}')
        tap.equal(self.app.count('media active'), 0, 'nothing flows')

    def start(self, tap):
        # pylint: disable-next=attribute-defined-outside-init
        self.recorder = Program(self.house, 'arecord', ['arecord', *FORMAT,
                                                        self.house.path('heard.ul')])
        self.house.until(lambda: 'RUNNING' in read('/proc/asound/TAPI0/pcm1c/sub0/status'),
                         'arecord does not run')
        before = self.trace.records()[-1]['t']
        self.tell(f'state {self.call} CONNECTED')
        self.app.expect('state CONNECTED')
        for direction in ('to-line', 'from-line'):
            self.app.expect(f'media active {direction} ', since=0)
        told = self.trace.find('TSP', 'MSP', 'LINE_SENDMSPDATA', before)
        tap.claim(told and told['args']['size'], 'the TSP has told its MSP')
        tap.claim(not self.trace.find('TAPISRV', 'TSP', 'TSPI_lineAnswer'),
                  'and nobody has answered')

    def speech(self, tap):
        player = Program(self.house, 'aplay', ['aplay', *FORMAT, self.house.path('far.ul')])
        while player.open and self.house.wait(DEADLINE):
            pass
        tap.equal(player.end(), 0, 'the far end has spoken')
        self.app.expect('file play state . cause end', since=0)
        lost = [line.split()[-1] for name in ('record', 'play')
                for line in self.app.must(f'unselect {name}') if 'lost' in line]
        tap.equal(lost, ['0', '0'], 'no terminal lost samples')
        self.recorder.process.send_signal(signal.SIGINT)
        self.recorder.end()
        with open(self.house.path('heard.ul'), 'rb') as file:
            heard = sound.decode(file.read())
        kept = sound.load(self.house.path('kept.wav'))
        for have, source, text in ((kept, self.far, 'the far end is heard'),
                                   (heard, self.announcement, 'the far end hears')):
            good, _, why = sound.compare(have, source)
            tap.claim(good, f'{text}: {SECONDS} s, all samples', why)

    def data(self, tap):
        self.app.must('send call 00ff10')
        self.app.expect('private call . 00ff10$')
        self.app.must('send address 7f')
        self.app.expect('private address . 7f$')
        tap.claim(True, 'data come back, about the call and the address')

    def stop(self, tap):
        since = self.app.mark()
        self.app.must(f'select record {self.house.path("rest.wav")}')
        self.app.expect('media active from-line', since=since)
        self.tell(f'hangup {self.call}')
        self.app.expect('media inactive from-line cause remote', since=since)
        self.app.expect('state DISCONNECTED cause NORMAL', since=since)
        self.app.must('drop')
        self.house.until(lambda: ' line IDLE ' in self.app.must('status')[-1], 'no IDLE')
        self.app.must('release')
        try:
            self.house.until(lambda: self.state() == self.before, '', timeout=10)
        except Missing:
            pass
        tap.equal(self.state(), self.before, 'descriptors, threads and objects as before')

    def end(self, tap):
        tap.equal(self.app.end('quit'), 0, 'the program ends')
        self.control.close()
        tap.equal(self.house.stop_server(), (0, []), 'tapisrv ends, and no host is left')
        tap.claim(module('rmmod', 'tapi_sim') and module('rmmod', 'tapi'),
                  'the modules are unloaded')

    def steps(self):
        """Texts and functions."""
        return (
            ('a call is offered', self.offered),
            ('the application selects terminals: nothing flows', self.select),
            ('the TSP says CONNECTED and starts: stream-active without an answer', self.start),
            ('speech both ways, sample by sample', self.speech),
            ('opaque data', self.data),
            ('the TSP ends the call: the stream stops, nothing is left of it', self.stop),
            ('everybody ends', self.end),
        )


def main():
    """The call."""
    die_with_parent()
    tap = Tap()
    if not module('modprobe', 'tapi_sim'):
        raise SystemExit('no module')
    test = Variant()
    tap.guarded(test.prepare, test.steps(), test.house, 'variant')
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
