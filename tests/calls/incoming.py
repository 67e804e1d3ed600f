#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An incoming call from the first ring to the last closed descriptor, in 14 steps.

Two applications listen, one as owner and one as monitor. CALLS_SECONDS says how long the speech is
that both sides hear (60).
"""

import os
import random
import re
import sys

import sound
from house import DEADLINE, House, Missing, Tap, die_with_parent, module, read

SECONDS = int(os.environ.get('CALLS_SECONDS', '60'))
NUMBER, NAME = '0301234567', 'Ada Lovelace'
LINE = '/sys/class/tapi/card0-line0'
# LINECALLSTATE_, reason of LINE_GENERATE, LINEERR_, as the trace and the program have them
IDLE, OFFERING = 0x1, 0x2
DONE = 1
INVALPARAM = 0x80000032
# Longest message of a program's own to the TSP: MSP_CARD_DATA_MAX
LONGEST = 7676
# What the far end dials, and what the program does
HEARD = '159D*0#'
SENT = '0123456789ABCD*#'
SIZES = (0, 1, 2, 3, 4, 255, 256, 4095, 4096, LONGEST - 1, LONGEST)


def pcm(number, stream, what='status'):
    """A file of a substream of the card's PCM device."""
    return read(f'/proc/asound/TAPI0/pcm{number}{stream}/sub0/{what}')


def hear(program, count, since=0):
    """So many digits that a program tells of."""
    program.house.until(lambda: program.count(r' digit .', since) >= count,
                        f'{program.name} hears no {count} digits')
    return ''.join(line.split()[2] for line in program.lines[since:] if ' digit ' in line)


def private(app, count, since):
    """So many messages of the TSP that an application tells of: (about what, bytes)."""
    app.house.until(lambda: app.count(' private ', since) >= count,
                    f'{app.name} has no {count} messages')
    words = [line.split() for line in app.lines[since:] if ' private ' in line]
    return [(word[2], bytes.fromhex(word[4].replace('-', ''))) for word in words]


def wrong(have, want):
    """What is wrong with messages, as (number, about what, size)."""
    if len(have) != len(want):
        return [(len(have), 'instead of', len(want))]
    return [(number, level, len(data)) for number, ((level, data), right) in
            enumerate(zip(have, want)) if (level, data) != right]


def exchange(app, items):
    """Sends messages that come back; a full window is waited for. What is wrong with them."""
    since, back = app.mark(), 0
    for level, message in items:
        while True:
            good, text, lines = app.ask(f'send {level} {message.hex() or "-"}')
            if good:
                break
            if 'EAGAIN' not in ' '.join(lines):
                raise Missing(f'send {level} {len(message)} bytes: {text} {lines}')
            back = app.count(' private ', since)
            private(app, back + 1, since)
    return wrong(private(app, len(items), since), items)


def dial_in_sound(house, tap):
    """A call on lines that know nothing of digits."""
    house.start_server()
    office = house.start_office()
    heard = house.path('heard.wav')
    office.say(f'record {heard}')
    owner = house.start_app('owner', 'owner')
    office.say('ring')
    owner.expect('state OFFERING')
    owner.must(f'select record {house.path("kept.wav")}')
    owner.must('answer')
    owner.expect('media active from-line')
    owner.must('monitor-digits on')
    office.say(f'dtmf {HEARD}')
    tap.equal(hear(owner, len(HEARD)), HEARD, 'digits of the far end, found in the sound')
    owner.must(f'send-digits {SENT}')
    match = owner.expect(r'generated (\d+)')
    tap.equal(match[1], str(DONE), 'LINE_GENERATE: the MSP has played them')
    # the last one has passed when the exchange hears it
    hear(office, len(SENT))
    owner.must('drop')
    office.expect('recorded ')
    tap.equal(sound.digits(sound.load(heard)), SENT, 'multimon-ng finds the generated digits')
    owner.must('release')
    for program in (owner, office):
        program.end('quit')
    house.stop_server()


def digits_by_sound():
    """Claims of that call: (good, text, note)."""
    tap = Tap()
    if not module('modprobe', 'tapi_sim', 'dtmf=no'):
        return [(False, 'lines without digits', '')]
    house = House('card')
    try:
        dial_in_sound(house, tap)
    except Exception as error:  # pylint: disable=broad-exception-caught
        tap.claim(False, f'digits in the sound: {type(error).__name__}: {error}')
    if not all(claim[0] for claim in tap.claims):
        tap.note(house.logs())
    house.close()
    for name in ('tapi_sim', 'tapi'):
        tap.claim(module('rmmod', name), f'{name} is unloaded')
    return tap.claims


class Call:
    """What the steps have in common.

    Another line needs other modules, a house with its office, and may not be the only one: with it
    the programs open `lines`.
    """

    modules = ('tapi_sim', 'tapi')
    lines = 1

    def __init__(self, house=House):
        self.house = house('card', 'EchoPrivate = yes\n')
        self.trace = self.house.trace
        self.owner = self.monitor = self.office = None
        self.before = self.empty = None
        self.heard = self.house.path('heard.wav')
        self.kept = self.house.path('kept.wav')
        self.by_sound = []
        self.streams = None
        self.announcement = sound.speech(SECONDS, 1)
        self.caller = sound.speech(SECONDS, 2)

    def usages(self):
        """Descriptors and threads of everybody who had to do with the call."""
        return self.house.usages(owner=self.owner, monitor=self.monitor)

    def prepare(self):
        """Everybody is there, nothing has happened."""
        house = self.house
        sound.save(house.path('announcement.wav'), self.announcement)
        # what follows the speech shows that all of it has passed
        sound.save(house.path('caller.wav'), self.caller, silence=0.5)
        house.start_server()
        self.empty = self.objects()
        self.office = house.start_office()
        self.owner = house.start_app('owner', 'owner')
        self.monitor = house.start_app('monitor', 'monitor')
        self.before = (self.usages(), self.objects())
        self.office.say(f'record {self.heard}')

    def objects(self):
        """What tapisrv knows of."""
        server = self.house.status()['server']
        return {key: server[key] for key in ('calls', 'objects', 'broken-invariants')}

    def seen(self, source, target, name, after=0, **args):
        """Waits for a record of the trace."""
        self.house.until(lambda: self.trace.find(source, target, name, after, **args),
                         f'no {name} from {source} to {target} {args}')
        return self.trace.find(source, target, name, after, **args)

    # --- the steps

    def ring(self, tap):
        self.office.say(f'ring number={NUMBER} name="{NAME}"')
        self.office.expect('ringing on')
        call = self.seen('TSP', 'TAPISRV', 'LINE_NEWCALL')
        state = self.seen('TSP', 'TAPISRV', 'LINE_CALLSTATE', call['t'])
        tap.equal(state['args']['p1'], OFFERING, 'LINE_NEWCALL, then LINE_CALLSTATE: OFFERING')

    def notify(self, tap):
        found = []
        for app, privilege in ((self.owner, 'owner'), (self.monitor, 'monitor')):
            match = app.expect(r'notification (\w+) state \w+ streams (\d+) id (\d+)')
            app.expect('state OFFERING cause')
            tap.equal(match[1], privilege, f'the {privilege} has privilege {privilege}')
            found.append(match[3])
            self.streams = match[2]
        tap.equal(found[0], found[1], 'both are told of the same call')
        said = self.owner.must('status')[-1]
        tap.claim('owners 1 monitors 1' in said, 'one owner and one monitor', said)
        good, text, _ = self.monitor.ask('answer')
        tap.claim(not good and text.startswith('NOTOWNER'), 'the monitor cannot answer', text)

    def caller_id(self, tap):
        self.owner.expect(f'info number {NUMBER} name {NAME}$')
        self.monitor.expect(f'info number {NUMBER} name {NAME}$')
        info = self.seen('TSP', 'TAPISRV', 'LINE_CALLINFO')
        self.office.expect('ringing off')
        second = self.office.expect(r'^(\d+) ringing on')
        said = next(line for line in self.owner.lines if ' info number' in line)
        tap.claim(info['t'] < int(second[1]) * 1000000 and int(said.split()[0]) < int(second[1]),
                  'it is there before the second ring', f'{said}; {second.string}')
        tap.claim(re.search(f'number {NUMBER} name {NAME}', self.monitor.must('status')[-1]),
                  'the monitor can ask for it, too')

    def create(self, tap):
        made = self.seen('TAPI3', 'MSP', 'call_create')
        tap.claim(made, 'the MSP is told of the call')
        said = self.owner.must('status')[-1]
        tap.claim('media 8 ' in said, 'with audio', said)

    def streams_there(self, tap):
        lines = [line.split(' ', 1)[1] for line in self.owner.must('streams')]
        tap.equal(lines, ['stream to-line media 8 inactive', 'stream from-line media 8 inactive'],
                  'a capture stream and a render stream, inactive')

    def reachable(self, tap):
        tap.equal(self.streams, '2', 'the notified program finds both streams at once')
        made = self.seen('TAPI3', 'MSP', 'call_create')
        told = self.seen('TAPI3', 'application', 'CALL_NOTIFICATION')
        tap.claim(made['t'] < told['t'], 'the program is told after the MSP',
                  f'{made["t"]}, {told["t"]}')

    def select(self, tap):
        self.owner.must(f'select play {self.house.path("announcement.wav")}')
        self.owner.must(f'select record {self.kept}')
        lines = ' '.join(self.owner.must('streams'))
        tap.claim('active' in lines and ' active' not in lines, 'both streams are inactive', lines)
        tap.equal(self.owner.count('media active'), 0, 'no stream has been active')
        tap.equal(pcm(0, 'p'), 'closed', 'nobody plays to the line')
        tap.equal(read(f'{LINE}/hook'), 'on', 'the line is on hook')

    def answer(self, tap):
        start = self.trace.records()[-1]['t']
        self.owner.must('answer')
        asked = self.seen('TAPI3', 'TAPISRV', 'lineAnswer', start)
        told = self.seen('TAPISRV', 'TSP', 'TSPI_lineAnswer')
        tap.claim(asked['t'] < told['t'], 'lineAnswer, then TSPI_lineAnswer')

    def connected(self, tap):
        self.office.expect('line-off-hook')
        self.office.expect('answered')
        for app in (self.owner, self.monitor):
            match = app.expect(r'state (\w+) cause')
            tap.equal(match[1], 'CONNECTED', f'the {app.name} hears CONNECTED')
        tap.equal(read(f'{LINE}/hook'), 'off', 'the line is off hook')

    def active(self, tap):
        answered = self.seen('TAPISRV', 'TSP', 'TSPI_lineAnswer')['t']
        told = self.seen('TSP', 'MSP', 'LINE_SENDMSPDATA', answered)
        for direction in ('to-line', 'from-line'):
            self.owner.expect(f'media active {direction} ', since=0)
        started = self.seen('TAPI3', 'application', 'CALL_MEDIA', answered,
                            **{'is': 'STREAM_ACTIVE'})
        # from here on, so that nothing of it is before the recording
        self.office.say(f'play {self.house.path("caller.wav")}')
        tap.claim(told['t'] < started['t'], 'the TSP speaks before sound flows')
        tap.claim(told['args']['size'] > 0 and told['args']['call'], 'about the call')
        tap.claim('state: RUNNING' in pcm(0, 'p'), 'the PCM of the line runs')
        tap.equal(self.monitor.count('media active'), 0, 'the monitor has no terminals, no sound')

    def speech(self, tap):
        self.office.expect('playing ')
        self.office.expect('played ', timeout=SECONDS + DEADLINE)
        self.owner.expect('file play state . cause end', since=0)
        lost = [line for name in ('record', 'play')
                for line in self.owner.must(f'unselect {name}') if 'lost' in line]
        tap.equal([line.split()[-1] for line in lost], ['0', '0'], 'no terminal lost samples')
        self.office.say('stop-record')
        self.office.expect('recorded ')
        for path, source, text in ((self.kept, self.caller, 'speech from the far end'),
                                   (self.heard, self.announcement, 'the announcement')):
            good, _, why = sound.compare(sound.load(path), source)
            tap.claim(good, f'{text}: all samples of {SECONDS} s, no gap, no slip', why)
        tap.equal(self.office.count('samples were lost'), 0, 'the exchange lost no samples')
        tap.equal(self.owner.count(' digit '), 0, 'speech is no digit')

    def digits(self, tap):
        # sound once more, so that its end is seen in the last step
        since = self.owner.mark()
        self.owner.must(f'select record {self.house.path("rest.wav")}')
        self.owner.expect('media active from-line', since=since)
        self.owner.must('monitor-digits on')
        self.office.say(f'dtmf {HEARD}')
        self.office.expect(f'sent {re.escape(HEARD)}')
        tap.equal(hear(self.owner, len(HEARD)), HEARD, 'digits of the far end, found by the line')
        since = self.office.mark()
        self.owner.must(f'send-digits {SENT}')
        match = self.owner.expect(r'generated (\d+)')
        tap.equal(match[1], str(DONE), 'LINE_GENERATE: done')
        tap.equal(hear(self.office, len(SENT), since), SENT, 'digits generated by the line')
        for good, text, note in self.by_sound:
            tap.claim(good, text, note)

    def data(self, tap):
        chance = random.Random(13)
        items = [(level, chance.randbytes(size)) for size in SIZES
                 for level in ('call', 'address')]
        tap.equal(exchange(self.owner, items), [],
                  'to the TSP and back, 0 to 7676 bytes, about the call and the address: '
                  'unchanged, in order')
        marks = {app: app.mark() for app in (self.owner, self.monitor)}
        messages = [chance.randbytes(size) for size in SIZES]
        for message in messages:
            self.owner.must(f'device-specific address {message.hex() or "-"}')
        for app, since in marks.items():
            have = private(app, len(messages), since)
            tap.equal(wrong(have, [('address', message) for message in messages]), [],
                      f'from the TSP to every MSP of the line: the {app.name} has all')
        for level in ('call', 'address'):
            good, _, lines = self.owner.ask(f'send {level} *{LONGEST + 1}')
            tap.claim(not good and 'EMSGSIZE' in lines[-1], f'{level}: a longer one is refused',
                      str(lines))
        start, since = self.trace.records()[-1]['t'], self.owner.mark()
        good, why, _ = self.owner.ask(f'device-specific address *{LONGEST + 1}')
        tap.claim(not good and why.startswith('INVALIDARG'),
                  'lineDevSpecific: refused by the TSP, too', why)
        reply = self.seen('TAPISRV', 'TAPI3', 'LINE_REPLY', start)
        tap.equal(reply['args']['p2'] % 2**32, INVALPARAM, 'in its LINE_REPLY')
        tap.equal(self.owner.count(' private ', since), 0, 'and does not arrive')

    def hang_up(self, tap):
        start = self.trace.records()[-1]['t']
        marks = {app: app.mark() for app in (self.owner, self.monitor)}
        self.office.say('hangup')
        for app, since in marks.items():
            match = app.expect(r'state (\w+) cause (\w+)', since=since)
            tap.equal(match.groups(), ('DISCONNECTED', 'NORMAL'),
                      f'the {app.name} hears DISCONNECTED, normal')
        self.owner.expect('media inactive from-line cause remote', since=marks[self.owner])
        told = self.seen('TSP', 'MSP', 'LINE_SENDMSPDATA', start)
        tap.claim(told['args']['size'] and told['args']['call'], 'the MSP is told to stop')
        self.owner.must('drop')
        self.seen('TAPISRV', 'TSP', 'TSPI_lineDrop', start)
        idle = self.seen('TSP', 'TAPISRV', 'LINE_CALLSTATE', start, p1=IDLE)
        tap.claim(idle, 'lineDrop, then IDLE')
        self.office.expect('line-on-hook')
        tap.equal(read(f'{LINE}/hook'), 'on', 'the line is on hook')
        for app in (self.owner, self.monitor):
            self.house.until(lambda app=app: ' line IDLE ' in app.must('status')[-1],
                             f'the {app.name} hears no IDLE')
            app.must('release')
        self.seen('TAPISRV', 'TSP', 'TSPI_lineCloseCall', idle['t'])
        self.nothing_left(tap)

    def nothing_left(self, tap):
        house = self.house
        after = (self.usages(), self.objects())
        try:
            house.until(lambda: (self.usages(), self.objects()) == self.before, '', timeout=10)
        except Missing:
            after = (self.usages(), self.objects())
        else:
            after = self.before
        for name, have in after[0].items():
            tap.equal(have, self.before[0][name], f'{name}: descriptors and threads as before')
        tap.equal(after[1], self.before[1], 'tapisrv: objects as before')
        tap.equal([pcm(0, 'p'), pcm(0, 'c')], ['closed', 'closed'], 'the PCM of the line is closed')
        start = self.trace.records()[-1]['t']
        for app in (self.owner, self.monitor):
            tap.equal(app.end('quit'), 0, f'the {app.name} ends')
        self.seen('TAPISRV', 'TSP', 'TSPI_lineClose', start)
        closed = [record for record in self.trace.records() if record['t'] > start and
                  record['name'] == 'TSPI_lineCloseMSPInstance']
        tap.equal(len(closed), 2 * self.lines, 'both MSP instances of each line are closed')
        house.until(lambda: self.objects() == self.empty, 'tapisrv keeps objects of programs')
        tap.equal(self.office.end('quit'), 0, 'the exchange ends')
        tap.equal(house.stop_server(), (0, []), 'tapisrv ends, and no host is left')
        tap.claim(all([module('rmmod', name) for name in self.modules]),
                  'no kernel object is left: the modules are unloaded')

    def steps(self):
        """Texts and functions."""
        return (
            ('ring reaches the TSP; it sends LINE_NEWCALL, state OFFERING', self.ring),
            ('tapisrv notifies an owner application and a monitor application', self.notify),
            ('caller id arrives as LINE_CALLINFO between the first and second ring',
             self.caller_id),
            ('the TAPI 3 layer calls the MSP\'s create-call with the media types', self.create),
            ('the MSP makes its call object and default capture and render streams',
             self.streams_there),
            ('stream control is reachable from the call object, then the application is notified',
             self.reachable),
            ('the application selects terminals: nothing flows yet', self.select),
            ('answer: lineAnswer, TSPI_lineAnswer', self.answer),
            ('the line goes off hook, CONNECTED', self.connected),
            ('the TSP tells its MSP to start; the application hears stream-active', self.active),
            ('speech both ways, compared sample by sample after companding', self.speech),
            ('digits: detected ones as LINE_MONITORDIGITS, generated ones at the far end',
             self.digits),
            ('opaque data both ways, of every boundary size, unchanged and in order', self.data),
            ('far end hangs up: DISCONNECTED, stop, drop, IDLE, deallocate; nothing is left',
             self.hang_up),
        )

    def run(self, tap):
        """All of them."""
        steps = [(f'step {number}: {text}', function)
                 for number, (text, function) in enumerate(self.steps(), 1)]
        tap.guarded(self.prepare, steps, self.house, 'incoming')


def main():
    """The whole call."""
    die_with_parent()
    tap = Tap()
    # first, also because it brings all programs into memory: the disk of a virtual machine is slow
    by_sound = digits_by_sound()
    if not module('modprobe', 'tapi_sim'):
        raise SystemExit('no module')
    call = Call()
    call.by_sound = by_sound
    call.run(tap)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
