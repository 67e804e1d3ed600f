#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The KUnit suites of tests/kunit, each test case a result."""

import os
import re
import sys

import debug
from debug import tap

SUITE = re.compile(r'^\s*# Subtest: (\S+)')
CASE = re.compile(r'^    (not )?ok \d+ (?:- )?(\S+)(.*)$')
TOTAL = re.compile(r'^(?:not )?ok \d+ (?:- )?(\S+)')


def suites():
    """What the sources promise: name of suite, names of cases."""
    found = {}
    for name in sorted(os.listdir(os.path.join(debug.TOP, 'tests', 'kunit'))):
        if name.endswith('.c'):
            text = debug.read(os.path.join(debug.TOP, 'tests', 'kunit', name))
            cases = re.findall(r'KUNIT_CASE\((\w+)\)', text)
            suite = re.search(r'kunit_suite suite = {\s*\.name = "(\w+)"', text)
            if suite and cases:
                found[suite.group(1)] = cases
    return found


def main():
    """One boot for all."""
    debug.need_kernel()
    merger = tap.Merger()
    vm, out = debug.boot('kunit', 'modprobe tapi_kunit && for s in /sys/kernel/debug/kunit/*/; do '
                         'cat $s/results; done >$VM_OUT/results')
    text = debug.read(os.path.join(out, 'results')) or ''
    said = {}
    suite = None
    for line in text.splitlines():
        if match := SUITE.match(line):
            suite = match.group(1)
        elif match := CASE.match(line):
            said[suite, match.group(2)] = not match.group(1)
    for suite, cases in suites().items():
        for case in cases:
            good = said.get((suite, case))
            merger.result(bool(good), f'{suite}: {case}' + (' did not run' if good is None else ''))
    if merger.failed:
        merger.note(text)
    debug.judge(merger, 'kunit', vm, out)
    return merger.done()


sys.exit(main())
