#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""PipeWire leaves lines alone: it opens every sound card it sees, and a line is none of its own.

It gets what a desktop has: udev, a session manager, and another sound card, which it does take.
"""

import json
import os
import selectors
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import lines  # noqa: E402  # pylint: disable=wrong-import-position
from lines import result, run  # noqa: E402  # pylint: disable=wrong-import-position

UDEVD = '/lib/systemd/systemd-udevd'
DEADLINE = 120
# The card that it takes
OTHER = 'snd-dummy'
OTHER_NAME = 'alsa_card.platform-snd_dummy.0'


def start(argv):
    """A program in the background; what it says on standard error is for nobody."""
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)


def await_word(process, word):
    """Waits until a program has said a word; whether it has."""
    end = time.monotonic() + DEADLINE
    said = b''
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while word not in said and selector.select(max(0, end - time.monotonic())):
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                break
            said += data
    return word in said


def cards():
    """Names of the sound cards that PipeWire has."""
    done = subprocess.run(['pw-dump'], capture_output=True, text=True, check=True)
    names = []
    for thing in json.loads(done.stdout):
        properties = (thing.get('info') or {}).get('props') or {}
        if properties.get('device.api') == 'alsa' and 'Device' in thing.get('type', ''):
            names.append(properties.get('device.name', '?'))
    return names


def users(card):
    """Streams of a card that are open."""
    found = []
    for path, _, files in os.walk(f'/proc/asound/{card}'):
        if 'status' in files:
            with open(os.path.join(path, 'status'), encoding='utf-8') as file:
                if 'closed' not in file.read():
                    found.append(path)
    return found


def session():
    """Both cards are there when it starts, and once more while it runs."""
    run(['ip', 'link', 'set', 'lo', 'up'])
    os.environ['XDG_RUNTIME_DIR'] = os.getcwd()
    # WirePlumber watches these directories of logind, and gives up without
    for name in ('seats', 'sessions', 'users', 'machines'):
        os.makedirs(os.path.join('/run/systemd', name), exist_ok=True)
    result(run(['modprobe', OTHER])[0] == 0, 'another sound card')
    result(run([UDEVD, '--daemon'])[0] == 0, 'udev')
    run(['udevadm', 'trigger', '--action=add', '--subsystem-match=sound'])
    run(['udevadm', 'settle'])
    running = [start(['pipewire'])]
    # it tells nobody when it is ready
    while run(['pw-cli', 'info', '0'])[0] and running[0].poll() is None:
        pass
    watch = start(['pw-mon', '--no-colors'])
    running += [watch, start(['wireplumber'])]
    result(await_word(watch, OTHER_NAME.encode()), 'PipeWire has the other card')
    names = cards()
    result(names == [OTHER_NAME], 'and not the line', '\n'.join(names))
    run(['rmmod', 'tapi_sim'])
    run(['modprobe', 'tapi_sim'])
    run(['udevadm', 'settle'])
    run(['rmmod', OTHER])
    run(['modprobe', OTHER])
    result(await_word(watch, OTHER_NAME.encode()), 'it sees a card that comes later')
    names = cards()
    result(names == [OTHER_NAME], 'and leaves the line alone then, too', '\n'.join(names))
    result(not users('TAPI0'), 'nobody has a stream of the line open', '\n'.join(users('TAPI0')))
    for process in reversed(running):
        process.kill()
        process.wait()
    run(['udevadm', 'control', '--exit'])


if __name__ == '__main__':
    if os.environ.get('DBUS_SESSION_BUS_ADDRESS') is None:
        os.execvp('dbus-run-session', ['dbus-run-session', '--', sys.executable, *sys.argv])
    lines.main(session)
