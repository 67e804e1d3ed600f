#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The provider's host, and then the service, die during a call: the line is safe at once, programs
learn of it and go on without being started again.
"""

import os
import signal
import sys
import time

from house import Tap, children, die_with_parent
from scene import SOON, Scene, on_hook, run, silent

# ADDRESS_STATE, and what it is
STATE, IN, OUT = 0, 0, 1


class Restarts:
    """An owner and a monitor, which live through all of it."""

    def __init__(self):
        self.scene = Scene()
        self.owner = self.monitor = None
        self.before = None

    @property
    def house(self):
        """The present one."""
        return self.scene.house

    @property
    def apps(self):
        """Both programs."""
        return self.owner, self.monitor

    def ready(self):
        """Both programs, unless there are."""
        if self.owner and self.owner.house is self.house:
            return
        self.owner = self.house.start_app('owner', 'owner')
        self.monitor = self.house.start_app('monitor', 'monitor')
        self.before = self.scene.objects()

    def talk(self):
        """A call with sound both ways."""
        self.ready()
        self.scene.offered(*self.apps)
        self.scene.stream(self.owner)
        since = self.scene.office.mark()
        self.scene.office.say(f'play {self.scene.caller}')
        self.scene.office.expect('playing ', since=since)

    def addresses(self):
        """Numbers, names and states of the lines, as each program has them."""
        return [[line.split(' ', 1)[1] for line in app.must('addresses') if ' name ' in line]
                for app in self.apps]

    def call_is_gone(self, app):
        """The program's state of the call."""
        good, _, lines = app.ask('status')
        return good and ' state DISCONNECTED ' in lines[-1]

    def after(self, tap):
        """The call is given back; the next one works without new programs."""
        for app in self.apps:
            tap.equal(app.process.poll(), None, f'the {app.name} is the same process')
            app.must('release')
        self.scene.quiet()
        self.scene.as_before(tap, self.before)
        self.scene.whole_call(tap, *self.apps)
        since = self.owner.mark()
        self.owner.must('send address 00ff10')
        self.owner.expect(r'private address \d 00ff10$', since=since)
        tap.claim(True, 'a next call: bytes go to the provider and back')
        self.scene.as_before(tap, self.before)

    # --- the cases

    def host_killed(self, tap):
        self.talk()
        pid = self.house.host()
        lines = self.addresses()
        marks = {app: app.mark() for app in self.apps}
        since = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        self.scene.within(tap, {
            'the line is on hook': on_hook,
            'the PCM is closed': silent,
            'the owner hears DISCONNECTED':
                lambda: self.owner.count('state DISCONNECTED cause', marks[self.owner]),
            'the monitor hears DISCONNECTED':
                lambda: self.monitor.count('state DISCONNECTED cause', marks[self.monitor]),
        }, since)
        for app, mark in marks.items():
            for state, text in ((OUT, 'out of service'), (IN, 'in service again')):
                app.expect(f'address event {STATE} detail {state}', since=mark)
                tap.claim(True, f'the {app.name} hears that the line is {text}')
        tap.equal(self.addresses(), lines, 'the lines have their numbers and names')
        provider = self.house.status()['providers'][0]
        tap.equal((provider['restarts'], provider['state']), (1, 'running'), 'one restart')
        tap.claim(provider['pid'] != pid, 'another process')
        self.after(tap)

    def service_ends(self, tap, number):
        """tapisrv ends by a signal; somebody starts it again, as systemd does."""
        self.talk()
        lines = self.addresses()
        marks = {app: app.mark() for app in self.apps}
        hosts = children(self.house.server.pid)
        since = time.monotonic()
        os.kill(self.house.server.pid, number)
        self.scene.within(tap, {
            'the line is on hook': on_hook,
            'the PCM is closed': silent,
            'the host has ended': lambda: not any(os.path.exists(f'/proc/{pid}/fd/0')
                                                  for pid in hosts),
        }, since)
        status = self.house.server.process.wait(SOON)
        tap.equal(status, 0 if number == signal.SIGTERM else -number, 'tapisrv has ended')
        self.house.start_server()
        for app, mark in marks.items():
            app.expect('state DISCONNECTED cause', since=mark)
            tap.claim(True, f'the {app.name} hears DISCONNECTED')
        tap.equal(self.addresses(), lines, 'the lines have their numbers and names')
        self.after(tap)

    def nothing_left(self, tap):
        """Programs end; the modules can go."""
        self.ready()
        for app in self.apps:
            tap.equal(app.end('quit'), 0, f'the {app.name} ends')
        tap.equal(self.scene.office.count('samples were lost'), 0, 'the exchange lost no samples')
        tap.equal(self.house.stop_server(), (0, []), 'tapisrv ends, and no host is left')
        tap.claim(self.scene.close(), 'no kernel object is left: the modules are unloaded')
        self.scene.house = None

    def cases(self):
        """Texts and functions."""
        return (
            ('the host of the line is killed', self.host_killed),
            ('tapisrv is killed', lambda tap: self.service_ends(tap, signal.SIGKILL)),
            ('tapisrv is told to end', lambda tap: self.service_ends(tap, signal.SIGTERM)),
            ('nothing is left', self.nothing_left),
        )


def main():
    """All cases."""
    die_with_parent()
    tap = Tap()
    restarts = Restarts()
    run(tap, restarts.scene, restarts.cases(), 'restarts', alone=True)
    if restarts.house:
        restarts.house.close()
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
