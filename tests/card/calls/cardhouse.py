# SPDX-License-Identifier: GPL-2.0-or-later
"""In the virtual machine: the tests of tests/calls, with a card instead of the simulator."""

import contextlib
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# the programs here must not find themselves
sys.path[:0] = [os.path.join(HERE, '..', '..', 'calls'), os.path.join(HERE, '..')]
import house  # noqa: E402  # pylint: disable=wrong-import-position
import machine  # noqa: E402  # pylint: disable=wrong-import-position
import virtual  # noqa: E402  # pylint: disable=wrong-import-position

MODULES = ('tapi_tdm400', 'tapi')
# Those of calls.t; that of the calls, FXO, is in the first socket
LINES = 2
SOCKET = 0
# In the build directory
PROGRAMS = ('tapisrv/tapisrv', 'tsphost/tsphost', 'tsp/card/*.so', 'msp/*/*.so', 'libtapi*/*.so.*',
            'tools/tapictl/tapictl', 'tests/calls/app')


class CardHouse(house.House):
    """A house whose line ends at the exchange of the model."""

    def start_office(self, *options, line=None):
        """The exchange: its files are where the model can see them."""
        shared = os.path.join(os.environ['VM_OUT'], 'far')
        os.makedirs(shared, exist_ok=True)
        office = house.Program(self, 'office', [
            sys.executable, os.path.join(HERE, 'office.py'), str(SOCKET), shared,
            os.path.join(os.environ['CARD_OUT'], 'far')])
        office.expect(r' ready ')
        return office


def warm():
    """All that these tests will open is in memory before they begin.

    In virtual time a wait for the host's disk lets the clock jump, and sound is lost that nobody has
    read meanwhile. What is touched is copied to the root's upper layer, the file and each link to it.
    """
    programs = [path for pattern in PROGRAMS for path in glob.glob(f'{house.BUILD}/{pattern}')
                if os.path.isfile(path)]
    said = subprocess.run(['ldd', *programs], capture_output=True, text=True, check=False).stdout
    files = {*programs, *re.findall(r'/[^ :)]+', said), '/etc/ld.so.cache'}
    for pattern in ('alsa.conf', '*/default.conf', 'pcm/*.conf', 'cards/aliases.conf'):
        files |= set(glob.glob('/usr/share/alsa/' + pattern))
    for path in filter(os.path.exists, files):
        # what is in no upper layer stays where it is
        with contextlib.suppress(OSError):
            os.utime(path, follow_symlinks=False)
            os.utime(path)


def load():
    """The driver, and the line."""
    warm()
    machine.load()
    return len(glob.glob('/dev/tapi/card0-line*')) == LINES


def blameless(tap):
    """A result: the driver has kept all rules of the hardware."""
    model = virtual.Model()
    said = model.violations()
    model.tell('violations clear')
    tap.claim(not said, 'none was broken', said)
    tap.step('all rules of the hardware were kept')
