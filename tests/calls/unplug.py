#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The card is pulled during a call, and plugged in again; its module stays while it is in use."""

import ctypes
import errno
import os
import sys
import time

from house import Tap, die_with_parent
from scene import DRIVER, LINE, Scene, run

DEVICE = 'tapi_sim.0'
# TAPIOBJECT_EVENT
CREATE, REMOVE = 0, 1


def unload(name):
    """What the kernel says to an unloading: the name of the error, or ''."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.delete_module(name.encode(), os.O_NONBLOCK) == 0:
        return ''
    return errno.errorcode[ctypes.get_errno()]


def driver(action):
    """unbind or bind; how long it took."""
    start = time.monotonic()
    with open(f'{DRIVER}/{action}', 'w', encoding='ascii') as file:
        file.write(DEVICE)
    return time.monotonic() - start


class Unplug:
    """An owner and a monitor, which live through it."""

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

    def refused(self, tap, when):
        """No module can go."""
        # the kernel's word for "in use" is that it would have to wait
        tap.equal((unload('tapi_sim'), unload('tapi')), ('EAGAIN', 'EAGAIN'),
                  f'{when}: the modules cannot be unloaded')

    def in_use(self, tap):
        self.refused(tap, 'lines are open')
        self.owner = self.house.start_app('owner', 'owner')
        self.monitor = self.house.start_app('monitor', 'monitor')
        self.before = self.scene.objects()
        self.scene.offered(*self.apps)
        self.scene.stream(self.owner)
        self.refused(tap, 'a call has sound')
        tap.claim(os.path.exists(LINE), 'and the line is still there')

    def pulled(self, tap):
        office = self.scene.office
        office.say(f'play {self.scene.caller}')
        office.expect('playing ')
        self.owner.must('send address 00ff10')
        marks = {app: app.mark() for app in self.apps}
        since = time.monotonic()
        took = driver('unbind')
        tap.claim(took < 1, 'the driver is unbound at once', f'took {took:.3f} s')
        self.scene.within(tap, {
            f'the {app.name} {text}': lambda app=app, words=words: app.count(words, marks[app])
            for app in self.apps for text, words in (
                ('hears DISCONNECTED', 'state DISCONNECTED cause'),
                ('hears that the line is removed', f'object event {REMOVE}'))}, since)
        tap.claim(not os.path.exists(LINE), 'the line has gone')
        tap.claim(not os.path.exists('/proc/asound/TAPI0'), 'its sound, too')
        tap.equal(office.process.wait(10), 1, 'the exchange sees its line go and ends')
        for app in self.apps:
            tap.equal(app.must('addresses')[:-1], [], f'the {app.name} has no line')
            app.must('release')
        self.house.until(lambda: not self.house.status()['server'].get('calls'),
                         'tapisrv keeps the call')
        tap.equal(self.house.status()['providers'][0]['restarts'], 0, 'the host lives')
        tap.equal(self.scene.objects()['broken-invariants'], self.before['broken-invariants'],
                  'tapisrv: no broken invariant')

    def plugged(self, tap):
        marks = {app: app.mark() for app in self.apps}
        driver('bind')
        for app, mark in marks.items():
            app.expect(f'object event {CREATE}', since=mark)
            tap.claim(True, f'the {app.name} hears of the line')
            app.must(f'listen {app.name}')
        self.scene.office = self.house.start_office()
        self.scene.whole_call(tap, *self.apps)
        self.scene.as_before(tap, self.before)

    def unloaded(self, tap):
        for app in self.apps:
            tap.equal(app.end('quit'), 0, f'the {app.name} ends')
        self.refused(tap, 'the exchange has its line open')
        tap.equal(self.scene.office.end('quit'), 0, 'the exchange ends')
        tap.equal(self.house.stop_server(), (0, []), 'tapisrv ends, and no host is left')
        tap.equal((unload('tapi_sim'), unload('tapi')), ('', ''),
                  'nobody uses them: the modules are unloaded')
        self.house.close()
        self.scene.house = None

    def cases(self):
        """Texts and functions."""
        return (
            ('unloading is refused while the card is in use', self.in_use),
            ('the card is pulled during a call with sound', self.pulled),
            ('the card is plugged in again', self.plugged),
            ('unloading is allowed afterwards', self.unloaded),
        )


def main():
    """All cases."""
    die_with_parent()
    tap = Tap()
    unplug = Unplug()
    run(tap, unplug.scene, unplug.cases(), 'unplug')
    if unplug.house:
        unplug.house.close()
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
