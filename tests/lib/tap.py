# SPDX-License-Identifier: GPL-2.0-or-later
"""Merges the TAP of many tests into one stream, each result under its test's name.

A test fails as a whole, besides its own failed results, when it printed no plan or another number
of results than planned, bailed out, or ended with a status that its results do not explain. So a
test that crashes half way never passes.
"""

import re
import signal

RESULT = re.compile(r'^(not )?ok\b[ \t]*(\d+)?[ \t]*(?:-[ \t]*)?([^#]*)(#.*)?$')
PLAN = re.compile(r'^1\.\.(\d+)[ \t]*(#[ \t]*skip\b[ \t]*(.*))?$', re.IGNORECASE)
SKIP_STATUS = (4, 77)  # kselftest's and automake's way to say "skipped"


def describe(status):
    """Text for a wait status as subprocess has it (negative: signal)."""
    if status < 0:
        try:
            return 'killed by ' + signal.Signals(-status).name
        except ValueError:
            return f'killed by signal {-status}'
    return f'status {status}'


class Merger:
    """Writes TAP to standard output; `failed` says whether anything did."""

    def __init__(self):
        self.number = 0
        self.failed = False

    def result(self, ok, text, directive=''):
        self.number += 1
        expected = directive.lower().startswith('# todo')
        if not ok and not expected:
            self.failed = True
        word = 'ok' if ok else 'not ok'
        print(f'{word} {self.number} - {text}'.rstrip() + (f' {directive}' if directive else ''),
              flush=True)

    def skip(self, name, reason):
        self.result(True, name, f'# SKIP {reason}')

    @staticmethod
    def note(text):
        for line in text.splitlines():
            print(f'# {line}', flush=True)

    def test(self, name, output, status, errors=''):
        """The whole output of one test and the status it ended with."""
        plan = None
        skipped = None
        bail = None
        seen = 0
        bad = 0
        for line in output.splitlines():
            line = line.rstrip('\r')
            if match := PLAN.match(line):
                plan = int(match.group(1))
                if match.group(2):
                    skipped = match.group(3) or 'no reason given'
            elif match := RESULT.match(line):
                seen += 1
                ok = not match.group(1)
                directive = (match.group(4) or '').strip()
                if not ok and not directive.lower().startswith('# todo'):
                    bad += 1
                self.result(ok, f'{name}: {match.group(3).strip()}', directive)
            elif line.startswith('Bail out!'):
                bail = line[9:].strip() or 'no reason given'
            elif line and not line.startswith(('TAP version', 'KTAP version')):
                self.note(line.lstrip('# '))
        why = None
        if bail is not None:
            why = f'bailed out: {bail}'
        elif status in SKIP_STATUS and seen == 0:
            skipped = skipped or 'skipped by the test'
        elif status != 0 and bad == 0:
            why = f'ended with {describe(status)}'
        elif plan is None:
            why = f'no plan ({describe(status)})'
        elif plan != seen:
            why = f'{seen} results instead of {plan} ({describe(status)})'
        elif plan == 0 and skipped is None:
            why = 'a plan of no tests without a reason'
        if why is not None:
            self.result(False, f'{name}: {why}')
        elif seen == 0:
            self.skip(name, skipped)
        if (why is not None or bad) and errors:
            self.note(f'--- standard error of {name}')
            self.note('\n'.join(errors.splitlines()[-40:]))

    def done(self):
        if self.number == 0:
            print('1..0 # SKIP there are no such tests')
        else:
            print(f'1..{self.number}')
        return 1 if self.failed else 0
