#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Outgoing calls on an FXO line of the card: answered, busy, and not answered."""

import os
import sys

sys.dont_write_bytecode = True
import cardhouse  # noqa: E402  # pylint: disable=wrong-import-position
import outgoing  # noqa: E402  # pylint: disable=wrong-import-position
from house import Tap, die_with_parent  # noqa: E402  # pylint: disable=wrong-import-position


class Outgoing(outgoing.Outgoing):
    """The same on the card."""

    modules = cardhouse.MODULES


def main():
    """All calls."""
    die_with_parent()
    if not cardhouse.load():
        raise SystemExit('no card')
    tap = Tap()
    test = Outgoing(cardhouse.CardHouse)
    tap.guarded(test.prepare, test.steps(), test.house, 'outgoing')
    cardhouse.blameless(tap)
    return tap.done()


sys.exit(main())
