# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of ordinary programs on a line share: results, programs, the modules."""

import os
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                'calls'))

_results = []


def result(good, text, why=''):
    """One line of TAP."""
    _results.append(good)
    print(f'{"" if good else "not "}ok {len(_results)} - {text}', flush=True)
    if not good:
        for line in why.splitlines()[-20:]:
            print(f'# {line}', flush=True)


def run(argv):
    """Runs a program to its end; its status and what it said."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors='replace', check=False)
    return done.returncode, f'{" ".join(argv)}: status {done.returncode}\n{done.stdout}{done.stderr}'


class Recorder:
    """A program that records for some seconds, and has opened its line when this returns."""

    def __init__(self, line, argv):
        self.said = ''
        self.status = None
        self.state = f'/proc/asound/TAPI0/pcm{line}c/sub0/status'
        self.thread = threading.Thread(target=self._run, args=(argv,))
        self.thread.start()
        # /proc has no event; in virtual time looking is what lets the program run
        while self.thread.is_alive() and not self._running():
            os.sched_yield()

    def _run(self, argv):
        self.status, self.said = run(argv)

    def _running(self):
        with open(self.state, encoding='utf-8') as file:
            return 'RUNNING' in file.read()

    def end(self):
        """Waits for its end."""
        self.thread.join()
        return self.status, self.said


def wait_running(line, direction, process):
    """Waits until a process has a line's stream running ("p" or "c"), or has ended."""
    path = f'/proc/asound/TAPI0/pcm{line}{direction}/sub0/status'
    while process.poll() is None:
        with open(path, encoding='utf-8') as file:
            if 'RUNNING' in file.read():
                return True
        os.sched_yield()
    return False


def main(test, *parameters):
    """Runs a test in a directory of its own, with a simulated card; does not return."""
    subprocess.run(['modprobe', 'tapi_sim', *parameters], check=True)
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        try:
            test()
        finally:
            os.chdir('/')
    for module in ('tapi_sim', 'tapi'):
        done = subprocess.run(['rmmod', module], capture_output=True, text=True, check=False)
        result(done.returncode == 0, f'{module} is used by nobody afterwards', done.stderr)
    print(f'1..{len(_results)}')
    sys.exit(not all(_results))
