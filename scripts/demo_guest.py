# SPDX-License-Identifier: GPL-2.0-or-later
"""In the guest: what the two calls of "make demo" have in common, programs and the trace."""

import json
import os
import queue
import subprocess
import sys
import threading
import time

OUT = os.environ['VM_OUT']
TRACES = ['/run/tapi-trace/trace-tsp.json', '/run/tapi-trace/trace-app.json']
START = time.monotonic()
LIMIT = 60                      # seconds one step may take on a busy machine
QUIET = 1.8                     # seconds until one is told that it still goes on

_said = threading.Event()


def say(text, record=None):
    """One line with its time: that of a record of the trace, or now."""
    now = record['t'] / 1e9 if record else time.monotonic()
    print(f'[{now - START:6.2f} s] {text}', flush=True)
    _said.set()


def never_silent():
    """From now on there is a line every two seconds, at least to say that it goes on."""
    def watch():
        while True:
            _said.clear()
            if not _said.wait(QUIET):
                say('   ...')
    threading.Thread(target=watch, daemon=True).start()


def fail(text):
    """The end, with what the service has to say."""
    say(f'FAILED: {text}')
    for name in ('tapisrv.service', 'tapi-tsp@card.service'):
        subprocess.run(['journalctl', '-q', '--no-pager', '-n', '30', '-u', name], check=False)
    sys.exit(1)


def until(question, text):
    """Waits for what nobody tells."""
    end = time.monotonic() + LIMIT
    while not question():
        if time.monotonic() > end:
            fail(text)
        time.sleep(0.1)


class Lines(threading.Thread):
    """Lines of a program's output."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process = process
        self.lines = queue.Queue()
        self.start()

    def run(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip('\n'))

    def wait(self, *wanted):
        """The next line that has one of the texts."""
        end = time.monotonic() + LIMIT
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                fail(f'{self.process.args[0]} does not say {" or ".join(wanted)}')
            if any(text in line for text in wanted):
                return line


class Trace:
    """Records of all parts, as they are written; those of the present call are looked at."""

    def __init__(self):
        self.files = {}
        self.records = []
        self.after = 0

    def read(self):
        """Takes in what is there."""
        for path in TRACES:
            if path not in self.files and os.path.exists(path):
                self.files[path] = [open(path, encoding='utf-8'), '']
        for item in self.files.values():
            item[1] += item[0].read()
            while '\n' in item[1]:
                line, item[1] = item[1].split('\n', 1)
                self.records.append(json.loads(line))

    def next_call(self):
        """What has been recorded so far belongs to another call."""
        self.read()
        self.after = max(record['t'] for record in self.records)

    def find(self, name, where, test=lambda args: True):
        """A record of the present call, or None."""
        for record in self.records:
            if record['t'] > self.after and record['name'] == name and \
               where in (record['from'], record['to']) and test(record['args']):
                return record
        return None

    def wait(self, name, where, test=lambda args: True):
        """The same, waited for."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            self.read()
            record = self.find(name, where, test)
            if record:
                return record
            time.sleep(0.05)
        return fail(f'no {name} in the trace')

    def state(self, state):
        """A state of the call, as the TSP tells it: LINECALLSTATE_."""
        return self.wait('LINE_CALLSTATE', 'TSP', lambda args: args['p1'] == state)

    def save(self):
        """In the output directory: a file for each call."""
        if not self.after:
            self.next_call()
        for name, mine in (('incoming', lambda t: t <= self.after),
                           ('outgoing', lambda t: t > self.after)):
            records = [record for record in self.records if mine(record['t'])]
            if not records:
                continue
            with open(f'{OUT}/trace-{name}.json', 'w', encoding='utf-8') as file:
                file.writelines(json.dumps(record) + '\n' for record in records)


def run(*command):
    """A program that succeeds; its output."""
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def start(*command, **more):
    """A program in the background."""
    return Lines(subprocess.Popen(command, text=True, bufsize=1, stdout=subprocess.PIPE,
                                  stdin=subprocess.PIPE, **more))


def speech(path, text):
    """Somebody says it: a thread to join, which makes the file."""
    def make():
        run('espeak-ng', '-w', path + '.speech', text)
        run('sox', '-q', '-t', 'wav', path + '.speech', '-r', '8000', '-c', '1', '-b', '16', path)

    thread = threading.Thread(target=make)
    thread.start()
    return thread


def as_member(*command):
    """An ordinary user in the group that may use the lines."""
    return ['setpriv', '--reuid=nobody', '--regid=telephony', '--clear-groups', *command]
