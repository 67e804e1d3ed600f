#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The example dial does what its first lines say."""

import subprocess

from tapictl_service import BUILD, Service, contains, equal, main

DIAL = BUILD / 'examples/dial'


def dial(service, *args):
    done = subprocess.run([DIAL, *args], env=service.env(), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()


def test_connected():
    """Dials, sends digits when it is connected, hangs up"""
    with Service() as service:
        equal(dial(service, '1', '5551234', '42#'),
              (0, ['2 lines', 'DIALING', 'PROCEEDING', 'RINGBACK', 'CONNECTED', 'IDLE'], ''))
        log = service.tell('log')
        contains(log, '5551234')
        contains(log, '42#')
        equal(service.status()['server']['calls'], 0)


def test_busy():
    """A busy number"""
    with Service() as service:
        equal(dial(service, '0', 'busy'),
              (1, ['2 lines', 'DIALTONE', 'DIALING', 'PROCEEDING', 'BUSY', 'DISCONNECTED: BUSY',
                   'IDLE'], ''))


def test_refused():
    """Errors: at once, later, and without a service"""
    with Service() as service:
        status, _, error = dial(service, '0', 'fail')
        equal(status, 1)
        contains(error, 'lineMakeCall: LINEERR_CALLUNAVAIL: ')
        contains(dial(service, '7', '1')[2], 'lineNegotiateAPIVersion: LINEERR_BADDEVICEID: ')
        service.server.kill()
        service.server.wait()
        contains(dial(service, '0', '1')[2], 'lineInitializeEx: LINEERR_SERVICE_NOT_RUNNING: ')
        equal(dial(service)[0], 2)


main(globals())
