# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of ordinary programs on a line share: results, programs, the modules."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                'calls'))

# Frames that are read behind what was played: sound takes its time from the one end of a cable to the
# other, and sox throws away up to 8192 of them when it is interrupted
PASSING = 12000
# Seconds from one look at /proc to the next. It has no event, and in virtual time waiting is cheap
LOOK = 0.02

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
    """A program that records, and has opened its line when this returns."""

    def __init__(self, line, argv):
        self.argv = argv
        self.state = f'/proc/asound/TAPI0/pcm{line}c/sub0/status'
        # it has to go on while something is played
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors='replace')
        wait_running(line, 'c', self.process)

    def _frames(self, pointer):
        with open(self.state, encoding='utf-8') as file:
            found = re.search(rf'^{pointer}\s*: (\d+)', file.read(), re.MULTILINE)
        return int(found[1]) if found else 0

    def finish(self):
        """Ends it as a user does, when it has read all that was played before."""
        wanted = self._frames('hw_ptr') + PASSING
        while self.process.poll() is None and self._frames('appl_ptr') < wanted:
            time.sleep(LOOK)
        self.process.send_signal(signal.SIGINT)
        return self.end()[1]

    def end(self):
        """Waits for its end; its status and what it said."""
        output, _ = self.process.communicate()
        return (self.process.returncode,
                f'{" ".join(self.argv)}: status {self.process.returncode}\n{output}')


def follow_links(programs):
    """Links that lead to these programs' libraries are in memory afterwards.

    9p asks the host for each that is followed, and virtual time flies meanwhile. What is touched is
    copied to the root's upper layer.
    """
    said = run(['ldd', *(shutil.which(name) for name in programs)])[1]
    links = ['/bin', '/lib', '/lib64', '/sbin', *re.findall(r'/[^ ]*\.so[^ ]*', said)]
    subprocess.run(['touch', '-ch', *links], check=True)


def wait_running(line, direction, process):
    """Waits until a process has a line's stream running ("p" or "c"), or has ended."""
    path = f'/proc/asound/TAPI0/pcm{line}{direction}/sub0/status'
    while process.poll() is None:
        with open(path, encoding='utf-8') as file:
            if 'RUNNING' in file.read():
                return True
        time.sleep(LOOK)
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
