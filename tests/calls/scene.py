# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests of faults have in common: a house with one cable, calls over it, and what must be left
of them: nothing.
"""

import os
import shutil
import time

import sound
from house import House, Missing, module, read

LINE = '/sys/class/tapi/card0-line0'
DRIVER = '/sys/bus/platform/drivers/tapi_sim'
# The provider takes so long a silence for the end of the ringing
RING_ENDS = 6.0
# All substreams of the line's PCM device: playback, and two that capture
STREAMS = ('pcm0p/sub0', 'pcm0c/sub0', 'pcm0c/sub1')
SECONDS = 20
# States of the exchange in which it rings
RINGS = ('first-ring', 'first-pause', 'caller-id', 'pause', 'ringing')
# Whoever is left must know within a second; longer for what only has to happen
AT_ONCE = 1.0
SOON = 20.0


class Tail:
    """Records of the trace from now on; each is read once."""

    def __init__(self, path):
        self.file = open(path, encoding='utf-8')  # pylint: disable=consider-using-with
        self.file.seek(0, os.SEEK_END)
        self.records = []
        self.rest = ''

    def read(self):
        """Takes in what is new."""
        # not json: a record of ours has these words in this order, and there are many
        *lines, self.rest = (self.rest + self.file.read()).split('\n')
        self.records += lines

    def count(self, source, target, name, what=''):
        """How many such records there are; `what` is a piece of the arguments' text."""
        self.read()
        words = (f'"from":"{source}"', f'"to":"{target}"', f'"name":"{name}"', what)
        return sum(all(word in line for word in words) for line in self.records)

    def close(self):
        """The file is open no longer."""
        self.file.close()


def substreams():
    """State of each substream of the line."""
    return [read(f'/proc/asound/TAPI0/{name}/status').split('\n', maxsplit=1)[0]
            for name in STREAMS]


def silent():
    """Nobody has the line's PCM open."""
    return all(state == 'closed' for state in substreams())


def on_hook():
    """State of the line as the kernel tells it."""
    return read(f'{LINE}/hook') == 'on'


class Scene:
    """A house with an exchange at the far end."""

    def __init__(self):
        self.house = self.office = None
        self.quiet_since = 0.0
        self.caller = self.announcement = None

    def open(self):
        """Everything anew, the modules too."""
        if not module('modprobe', 'tapi_sim'):
            raise SystemExit('no module')
        self.house = House('card', 'EchoPrivate = yes\n')
        self.announcement = self.house.path('announcement.wav')
        self.caller = self.house.path('caller.wav')
        sound.save(self.announcement, sound.speech(SECONDS, 1))
        sound.save(self.caller, sound.speech(SECONDS, 2))
        self.house.start_server()
        self.office = self.house.start_office()

    def close(self):
        """All programs end; the modules go."""
        self.house.close()
        return module('rmmod', 'tapi_sim') and module('rmmod', 'tapi')

    def tail(self):
        """Records of the trace from now on."""
        return Tail(self.house.path('trace'))

    def objects(self):
        """What tapisrv knows of, and what it has found wrong."""
        server = self.house.status()['server']
        return {key: server.get(key) for key in ('calls', 'objects', 'broken-invariants')}

    # --- parts of a call

    def ring(self, options='cadence=1000,1500'):
        """A caller; the provider must have seen the end of the one before."""
        self.house.until(lambda: time.monotonic() > self.quiet_since + RING_ENDS, '')
        self.office.say(f'ring {options}')

    def offered(self, *apps, options='cadence=1000,1500'):
        """A call that these programs are told of; its number."""
        marks = {app: app.mark() for app in apps}
        self.ring(options)
        number = None
        for app in apps:
            match = app.expect(r'notification \w+ state OFFERING streams 2 id (\d+)',
                               since=marks[app])
            number = match[1]
        return number

    def answer(self, app):
        """From offering to connected; the exchange has seen it, too."""
        since, office = app.mark(), self.office.mark()
        app.must('answer')
        app.expect('state CONNECTED cause', since=since)
        self.office.expect(' answered$', since=office)

    def sound_on(self, app):
        """Terminals of the program for both ways; in a call that is connected, or not yet."""
        app.must(f'select play {self.announcement}')
        app.must(f'select record {self.house.path(app.name + ".wav")}')

    def stream(self, app):
        """A connected call with sound."""
        since = app.mark()
        self.sound_on(app)
        self.answer(app)
        for direction in ('to-line', 'from-line'):
            app.expect(f'media active {direction} ', since=since)

    def quiet(self):
        """The exchange has nobody on the line and does not ring, whatever it was at."""
        while True:
            since = self.office.mark()
            state = self.office_state()
            if state == 'idle':
                return
            if state in RINGS:
                self.office.say('stop-ring')
                self.quiet_since = time.monotonic()
            self.office.expect(' idle$', since=since)

    def office_state(self):
        """One word of the exchange's status."""
        since = self.office.mark()
        self.office.say('status')
        return self.office.expect(r' status .*state=(\S+)', since=since)[1]

    def whole_call(self, tap, owner, *others):
        """Rings, is answered, has sound, and ends from the far end: the claim that all is well."""
        self.offered(owner, *others)
        self.stream(owner)
        tap.claim('RUNNING' in ''.join(substreams()), 'a next call: sound flows')
        self.hang_up(owner, *others)
        tap.claim(on_hook(), 'a next call: the line is on hook after it')

    def hang_up(self, owner, *others):
        """The far end ends a call, and the program after it."""
        marks = {app: app.mark() for app in (owner, *others)}
        since = self.office.mark()
        self.office.say('hangup')
        for app, mark in marks.items():
            app.expect('state DISCONNECTED cause', since=mark)
        owner.must('drop')
        self.office.expect(' idle$', since=since)
        for app in marks:
            self.house.until(lambda app=app: ' line IDLE ' in app.must('status')[-1],
                             f'{app.name} hears no IDLE')
            app.must('release')

    # --- claims

    def within(self, tap, conditions, since, limit=AT_ONCE):
        """Each of (text, function) has to become true so soon after a time."""
        left = dict(conditions)
        while left and time.monotonic() < since + SOON:
            for text in [text for text, true in left.items() if true()]:
                took = time.monotonic() - since
                tap.claim(took <= limit, f'{text}, within {limit:g} s', f'took {took:.3f} s')
                del left[text]
            self.house.wait(0.005)
        for text in left:
            tap.claim(False, text, f'not within {SOON:g} s')
        return not left

    def as_before(self, tap, before):
        """tapisrv has the objects it had."""
        try:
            self.house.until(lambda: self.objects() == before, '', timeout=SOON)
        except Missing:
            pass
        tap.equal(self.objects(), before, 'tapisrv: objects as before, no broken invariant')


def keep_trace(scene, name):
    """For whoever looks for the cause."""
    if os.environ.get('VM_OUT'):
        shutil.copy(scene.house.path('trace'), os.path.join(os.environ['VM_OUT'], f'{name}.trace'))


def run(tap, scene, cases, name, alone=False):
    """Runs (text, function). What did not happen ends a case: the next one gets a new house if each
    stands `alone`, else it is not reached.
    """
    broken = False
    for text, function in cases:
        failed = tap.failed
        tap.failed = False
        if broken and not alone:
            tap.claim(False, 'not reached')
            tap.step(text)
            continue
        broken = False
        try:
            if not scene.house:
                scene.open()
            function(tap)
        except (Missing, OSError, ValueError, KeyError, IndexError) as error:
            tap.claim(False, f'{type(error).__name__}: {error}')
            broken = True
        tap.step(text)
        if tap.failed and scene.house:
            tap.note([f'=== {text}'] + scene.house.logs())
        if broken and scene.house:
            keep_trace(scene, name)
            scene.close()
            scene.house = None
        tap.failed |= failed
    if scene.house:
        keep_trace(scene, name)
