#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole calls, from the line to the application: tests/calls/LIST."""

import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'lib'))
sys.dont_write_bytecode = True
import guest  # noqa: E402  # pylint: disable=wrong-import-position

sys.exit(guest.main('calls'))
