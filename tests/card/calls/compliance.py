#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tapi-compliance on an FXO and an FXS module of one card that a cable joins, for both ends.

It wants to hear of ringing within 30 ms; the driver looks at an idle FXO line each 60 ms, or as
often as it is told.
"""

import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import machine  # noqa: E402  # pylint: disable=wrong-import-position
from machine import result  # noqa: E402  # pylint: disable=wrong-import-position
import virtual  # noqa: E402  # pylint: disable=wrong-import-position

PROGRAM = os.path.join(os.environ['TAPI_BUILD'], 'tools', 'tapi-compliance', 'tapi-compliance')
FXO, FXS = 0, 1
GOOD = ('OK', 'PRESUMED', 'NOT SUPPORTED')


def end(name, line, peer):
    """Results of one end, one for each test."""
    status, said = machine.run(PROGRAM, '--json', '--peer', peer, line)
    try:
        results = json.loads(said)['results']
    except ValueError:
        raise RuntimeError(f'tapi-compliance {line}: status {status}: {said}') from None
    for test in results:
        result(test['verdict'] in GOOD, f'{name}: {test["test"]}: {test["verdict"]}',
               test['reason'])
    heard = sum(test['verdict'] == 'OK' for test in results if test['test'].startswith('peer/'))
    result(heard > 5, f'{name}: the other end of the cable was tested', said)
    result(status == 0, f'{name}: status {status}')


def main():
    """Both ends of a pair."""
    machine.load('poll_ms=5')
    model = virtual.Model()
    lines = machine.lines(machine.slots()[0])
    paths = [line.path for line in lines]
    for line in lines:
        line.close()
    model.tell(f'cable {FXS} {FXO}')
    end('FXS', paths[FXS], paths[FXO])
    end('FXO', paths[FXO], paths[FXS])
    model.tell('cable none')
    return machine.end(model, 'compliance', [])


sys.exit(main())
