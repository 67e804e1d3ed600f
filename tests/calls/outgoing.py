#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Outgoing calls through an exchange: answered, busy, and not answered."""

import json
import sys

import sound
from house import DEADLINE, House, Missing, Tap, die_with_parent, module, read

SECONDS = 5
ANSWERED, BUSY, NOBODY = '5551234', '5550000', '5559999'
LINE = '/sys/class/tapi/card0-line0'
# LINECALLSTATE_ as the trace has them
STATES = {0x1: 'IDLE', 0x8: 'DIALTONE', 0x10: 'DIALING', 0x20: 'RINGBACK', 0x40: 'BUSY',
          0x80: 'SPECIALINFO', 0x100: 'CONNECTED', 0x200: 'PROCEEDING', 0x4000: 'DISCONNECTED'}


class Outgoing:
    """What the steps have in common; what is another on another line is as in incoming.py."""

    modules = ('tapi_sim', 'tapi')

    def __init__(self, house=House):
        self.house = house('card', 'EchoPrivate = yes\n')
        self.trace = self.house.trace
        self.app = self.monitor = self.office = self.before = None
        self.heard = self.house.path('heard.wav')
        self.kept = self.house.path('kept.wav')
        self.announcement = sound.speech(SECONDS, 3)
        self.called = sound.speech(SECONDS, 4)
        self.start = self.mark = self.since = 0

    def state(self):
        """What must be the same after each call."""
        server = self.house.status()['server']
        return self.house.usages(app=self.app), {key: server[key] for key in ('calls', 'objects')}

    def prepare(self):
        """Everybody is there."""
        house = self.house
        with open(house.path('announcement.raw'), 'wb') as file:
            file.write(self.announcement + bytes(sound.RATE))
        sound.save(house.path('called.wav'), self.called, silence=0.5)
        house.start_server()
        self.office = house.start_office()
        self.office.say(f'route {ANSWERED} answer=8 play={house.path("called.wav")} '
                        f'record={self.heard}')
        self.office.say(f'route {BUSY} busy')
        self.office.say(f'route {NOBODY} ringback')
        self.app = house.start_app('app')
        self.monitor = house.start_monitor()
        # opens the line and its MSP, once for all calls
        self.app.must('addresses')
        self.before = self.state()

    def begin(self):
        """A new call: what comes from now on is about it."""
        records = self.trace.records()
        self.start = records[-1]['t'] if records else 0
        self.mark = self.app.mark()

    def states(self):
        """States of the call that the TSP has told."""
        return [STATES.get(record['args']['p1'], hex(record['args']['p1']))
                for record in self.trace.records()
                if record['t'] > self.start and record['name'] == 'LINE_CALLSTATE' and
                record['from'] == 'TSP']

    def watched(self, since):
        """States of the call as a program of TAPI 2.2 has them."""
        records = [json.loads(line) for line in self.monitor.lines[since:] if line.strip()]
        # a call is told of before it has a state
        return [record['state'] for record in records
                if record.get('message') == 'LINE_CALLSTATE' and record['state'] != 'UNKNOWN']

    def reach(self, state, timeout=None):
        """Waits for a state of the TSP's."""
        self.house.until(lambda: state in self.states(),
                         f'the call is not {state} but {self.states()}', timeout)

    # --- the steps

    def create(self, tap):
        self.begin()
        self.app.must(f'create {ANSWERED}')
        lines = [line.split(' ', 1)[1] for line in self.app.must('streams')]
        tap.equal(lines, ['stream to-line media 8 inactive', 'stream from-line media 8 inactive'],
                  'both streams are there')
        tap.claim(not self.trace.find('TAPISRV', 'TSP', 'TSPI_lineMakeCall', self.start),
                  'the TSP has not heard of it')

    def select(self, tap):
        self.app.must(f'select record {self.kept}')
        tap.equal(self.app.count('media active', self.mark), 0, 'nothing flows')
        tap.equal(read(f'{LINE}/hook'), 'on', 'the line is on hook')

    def too_early(self, tap):
        good, text, lines = self.app.ask('send call 00')
        tap.claim(not good and lines and lines[-1].endswith('ENOTCONN'), 'ENOTCONN',
                  f'{text} {lines}')

    def connect(self, tap):
        self.since = len(self.monitor.lines)
        self.app.must('connect')
        self.office.expect('line-off-hook')
        asked = self.trace.find('TAPI3', 'TAPISRV', 'lineMakeCall', self.start)
        told = self.trace.find('TAPISRV', 'TSP', 'TSPI_lineMakeCall', self.start)
        tap.claim(asked and told and asked['t'] < told['t'], 'lineMakeCall, TSPI_lineMakeCall')
        tap.equal(read(f'{LINE}/hook'), 'off', 'the line is off hook')

    def first(self, tap):
        self.house.until(lambda: self.trace.find('TSP', 'MSP', 'LINE_SENDMSPDATA', self.start),
                         'the TSP says nothing')
        call = self.trace.find('TSP', 'MSP', 'LINE_SENDMSPDATA', self.start)
        answer = next((record for record in self.trace.records() if record['t'] > self.start and
                       record['name'] == 'TSPI_lineReceiveMSPData' and record['args']['call']),
                      None)
        tap.claim(call['args']['call'], 'about the call')
        tap.claim(not answer or call['t'] < answer['t'], 'before the MSP says anything of it')
        self.app.expect('state INPROGRESS', since=self.mark)
        self.app.must('send call 0102ff')
        self.app.expect('private call 1 0102ff$', since=self.mark)
        tap.claim(True, 'now data are sent, and come back')

    def progress(self, tap):
        self.office.expect(f'number {ANSWERED}')
        self.office.expect('answered')
        self.reach('CONNECTED')
        want = ['DIALTONE', 'DIALING', 'PROCEEDING', 'RINGBACK', 'CONNECTED']
        tap.equal(self.states(), want, 'all states, in order')
        self.app.expect('state CONNECTED', since=self.mark)
        self.house.until(lambda: 'CONNECTED' in self.watched(self.since),
                         'the monitor hears no CONNECTED')
        tap.equal(self.watched(self.since), want, 'the same for a monitor of TAPI 2.2')
        digits = ''.join(line.split()[2] for line in self.office.lines if ' digit ' in line)
        tap.equal(digits, ANSWERED, 'the exchange has heard each digit once')

    def media(self, tap):
        self.app.must(f'select raw-play {self.house.path("announcement.raw")}')
        for direction in ('to-line', 'from-line'):
            self.app.expect(f'media active {direction} ', since=self.mark)
        self.office.expect('played ', timeout=SECONDS + DEADLINE)
        self.app.expect('raw raw-play end', since=self.mark)
        # a second of silence is behind the announcement, more than is under way
        lost = [line for name in ('record', 'raw-play')
                for line in self.app.must(f'unselect {name}') if 'lost' in line]
        tap.equal(lost[0].split()[-1], '0', 'the recording has lost nothing')
        good, _, why = sound.compare(sound.load(self.kept), self.called)
        tap.claim(good, f'the called party is heard: {SECONDS} s, all samples', why)

    def hang_up(self, tap):
        self.app.must('drop')
        self.office.expect('line-on-hook')
        self.office.expect('recorded ')
        good, _, why = sound.compare(sound.load(self.heard), self.announcement)
        tap.claim(good, f'samples of the program reached the called party: {SECONDS} s, all', why)
        self.reach('IDLE')
        tap.equal(self.states()[-1], 'IDLE', 'IDLE is the last state')
        self.app.expect('state DISCONNECTED', since=self.mark)
        self.office.expect(' idle')
        self.rest(tap)

    def rest(self, tap):
        """The line is as before the call, and so is everybody else."""
        self.app.must('release')
        tap.equal(read(f'{LINE}/hook'), 'on', 'the line is on hook')
        try:
            self.house.until(lambda: self.state() == self.before, '', timeout=10)
        except Missing:
            pass
        tap.equal(self.state(), self.before, 'descriptors, threads and objects as before')

    def busy(self, tap):
        self.begin()
        self.app.must(f'make {BUSY}')
        self.app.expect('state DISCONNECTED cause BUSY', since=self.mark)
        tap.equal(self.states()[:4], ['DIALTONE', 'DIALING', 'PROCEEDING', 'BUSY'],
                  'LINECALLSTATE_BUSY')
        self.app.must('drop')
        self.reach('IDLE')
        self.office.expect(' idle')
        self.rest(tap)

    def no_answer(self, tap):
        self.begin()
        self.app.must(f'make {NOBODY}')
        self.reach('RINGBACK')
        tap.equal(self.app.count('state CONNECTED', self.mark), 0, 'it is not connected')
        self.app.must('drop')
        self.reach('IDLE')
        self.app.expect('state DISCONNECTED', since=self.mark)
        tap.equal(self.states(), ['DIALTONE', 'DIALING', 'PROCEEDING', 'RINGBACK', 'IDLE'],
                  'rings until the program hangs up')
        self.office.expect('line-on-hook')
        self.office.expect(' idle')
        self.rest(tap)

    def end(self, tap):
        tap.equal(self.app.end('quit'), 0, 'the program ends')
        tap.equal(self.monitor.end(), 0, 'the monitor ends')
        tap.equal(self.office.end('quit'), 0, 'the exchange ends')
        tap.equal(self.house.stop_server(), (0, []), 'tapisrv ends, and no host is left')
        tap.claim(all([module('rmmod', name) for name in self.modules]),
                  'the modules are unloaded')

    def steps(self):
        """Texts and functions."""
        return (
            ('create call: the TSP does not know of it', self.create),
            ('select terminals: nothing flows', self.select),
            ('MSP data sent before the TSP knows the call fails with ENOTCONN', self.too_early),
            ('connect: the line goes off hook', self.connect),
            ('the TSP speaks first', self.first),
            ('DIALTONE, DIALING, PROCEEDING, RINGBACK, CONNECTED through the exchange',
             self.progress),
            ('media both ways, sample by sample', self.media),
            ('the application hangs up: nothing is left of the call', self.hang_up),
            ('busy', self.busy),
            ('no answer: the application hangs up', self.no_answer),
            ('everybody ends', self.end),
        )


def main():
    """All calls."""
    die_with_parent()
    tap = Tap()
    if not module('modprobe', 'tapi_sim'):
        raise SystemExit('no module')
    test = Outgoing()
    tap.guarded(test.prepare, test.steps(), test.house, 'outgoing')
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
