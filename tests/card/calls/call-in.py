#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The incoming call, in its 14 steps, on an FXO line of the card."""

import os
import sys

sys.dont_write_bytecode = True
os.environ.setdefault('CALLS_SECONDS', '10')
import cardhouse  # noqa: E402  # pylint: disable=wrong-import-position
import incoming  # noqa: E402  # pylint: disable=wrong-import-position
from house import Tap, die_with_parent  # noqa: E402  # pylint: disable=wrong-import-position


class Call(incoming.Call):
    """The same on the card."""

    modules = cardhouse.MODULES
    lines = cardhouse.LINES


def main():
    """The whole call."""
    die_with_parent()
    if not cardhouse.load():
        raise SystemExit('no card')
    tap = Tap()
    Call(cardhouse.CardHouse).run(tap)
    cardhouse.blameless(tap)
    return tap.done()


sys.exit(main())
