# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds a house for one test: tapisrv and its hosts, an exchange on the far end, applications.

Everything lives in a directory of its own and ends with the test. What a program says is kept with
the time it was read; a test waits for it with a deadline and never sleeps. When a claim fails, all
logs are shown.
"""

import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BUILD = os.environ['TAPI_BUILD']
# For one event. Nobody waits for what has happened, so this may be long: in a virtual machine with
# virtual time, waiting for a disk that is not virtual makes time fly, by a QUANTUM each time.
DEADLINE = float(os.environ.get('CALLS_DEADLINE', '600'))
QUANTUM = 0.02
# State of a socket in /proc/net/unix
CONNECTED = '03'
# Of what a program said, when a claim fails
LINES_OF_LOG = 60
LENGTH_OF_LOG = 160


class Missing(Exception):
    """Something did not happen in time."""


class Program:
    """A child process whose standard output is read by the line."""

    def __init__(self, house, name, argv, env=None):
        self.house = house
        self.name = name
        self.lines = []
        self.cursor = 0
        self.rest = b''
        self.errors = open(os.path.join(house.directory, name + '.err'), 'w+b')
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, env={**os.environ, **(env or {})},
                                        cwd=house.directory)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.pid = self.process.pid
        self.open = True
        house.programs.append(self)
        house.selector.register(self.process.stdout, selectors.EVENT_READ, self)

    def read(self):
        """Takes in what is there; the end of output closes it."""
        data = self.process.stdout.read()
        if data is None:
            return
        if not data:
            self.house.selector.unregister(self.process.stdout)
            self.process.stdout.close()
            self.open = False
            return
        *lines, self.rest = (self.rest + data).split(b'\n')
        self.lines += [line.decode(errors='replace') for line in lines]

    def say(self, command):
        """A command; nothing is waited for."""
        self.process.stdin.write(command.encode() + b'\n')
        self.process.stdin.flush()

    def find(self, pattern, since):
        """Index and match of the first line from `since` on that has `pattern`, or None."""
        for index in range(since, len(self.lines)):
            match = re.search(pattern, self.lines[index])
            if match:
                return index, match
        return None

    def expect(self, pattern, timeout=None, since=None):
        """Waits for a line, after the one last waited for unless `since` says where from."""
        start = self.cursor if since is None else since
        deadline = time.monotonic() + (timeout or DEADLINE)
        while True:
            found = self.find(pattern, start)
            if found:
                if since is None:
                    self.cursor = found[0] + 1
                return found[1]
            if not self.open:
                raise Missing(f'{self.name} ended and did not say "{pattern}"')
            if not self.house.wait(deadline - time.monotonic()):
                raise Missing(f'{self.name} did not say "{pattern}"')

    def ask(self, command, timeout=None):
        """A command and its answer: (whether it was ok, text of the answer, lines before it)."""
        since = len(self.lines)
        self.say(command)
        word = re.escape(command.split()[0])
        match = self.expect(rf'^\d+ (ok|error) {word}(.*)$', timeout, since)
        index = self.lines.index(match.string, since)
        return match.group(1) == 'ok', match.group(2).strip(), self.lines[since:index]

    def must(self, command, timeout=None):
        """A command that succeeds; returns what was said before the answer."""
        good, text, lines = self.ask(command, timeout)
        if not good:
            raise Missing(f'{self.name}: {command.split()[0]}: {text}')
        return lines

    def count(self, pattern, since=0):
        """How many lines from `since` on have the pattern."""
        return sum(1 for line in self.lines[since:] if re.search(pattern, line))

    def mark(self):
        """The place for `since` of what comes from now on."""
        self.house.wait(0)
        return len(self.lines)

    def end(self, command=None, timeout=None):
        """Ends the program by a command, or SIGTERM; returns its status."""
        if self.process.poll() is None:
            if command:
                self.say(command)
            else:
                self.process.terminate()
        deadline = time.monotonic() + (timeout or DEADLINE)
        while self.open and self.house.wait(deadline - time.monotonic()):
            pass
        try:
            return self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None

    def kill(self):
        """For those that are left at the end of a test."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()

    def log(self):
        """What it said, on standard error, too."""
        self.errors.flush()
        self.errors.seek(0)
        text = self.errors.read().decode(errors='replace').splitlines()
        return [f'--- {self.name}'] + self.lines[-LINES_OF_LOG:] + [
            f'{self.name}: {line}' for line in text[-LINES_OF_LOG:]]


class Trace:
    """Records of all programs, by time."""

    def __init__(self, path):
        self.path = path

    def records(self):
        """All records so far."""
        with open(self.path, encoding='utf-8') as file:
            records = [json.loads(line) for line in file if line.endswith('\n')]
        return sorted(records, key=lambda record: record['t'])

    def find(self, source, target, name, after=0, **args):
        """The first such record after a time (ns), or None; `args` are compared."""
        for record in self.records():
            have = record.get('args') or {}
            if (record['t'] > after and record['from'] == source and record['to'] == target and
                    re.fullmatch(name, record['name']) and
                    all(have.get(key) == value for key, value in args.items())):
                return record
        return None


def usage(pid):
    """Open descriptors and threads of a process."""
    return len(os.listdir(f'/proc/{pid}/fd')), len(os.listdir(f'/proc/{pid}/task'))


def read(path):
    """A line of a file."""
    with open(path, encoding='utf-8') as file:
        return file.read().strip()


def children(pid):
    """Processes that a process has started."""
    return [int(word) for word in read(f'/proc/{pid}/task/{pid}/children').split()]


class House:
    """See above. `settings` are those of the provider `name`, whose module is NAME.so."""

    def __init__(self, name='card', settings='', options=()):
        self.directory = tempfile.mkdtemp(prefix='calls-', dir='/tmp')
        self.selector = selectors.DefaultSelector()
        self.programs = []
        self.provider = name
        self.settings = settings
        self.options = options
        self.trace = Trace(self.path('trace'))
        self.socket = self.path('tapi.sock')
        self.server = None
        os.mkdir(self.path('providers.d'))

    def path(self, name):
        """A file of the house."""
        return os.path.join(self.directory, name)

    def wait(self, timeout):
        """Takes in output of any program for so long at most; False when none came."""
        deadline = time.monotonic() + timeout
        while True:
            left = deadline - time.monotonic()
            events = self.selector.select(max(0, min(left, QUANTUM)))
            for key, _ in events:
                key.data.read()
            if events or left <= 0:
                return bool(events)

    def until(self, condition, what, timeout=None):
        """Waits for something that no program says; it is looked at each QUANTUM."""
        deadline = time.monotonic() + (timeout or DEADLINE)
        while not condition():
            if time.monotonic() > deadline:
                raise Missing(what)
            self.wait(QUANTUM)

    def start_server(self):
        """tapisrv with one provider, running."""
        with open(self.path(f'providers.d/{self.provider}.conf'), 'w', encoding='utf-8') as file:
            file.write(f'[Provider]\nModule = {BUILD}/tsp/{self.provider}/{self.provider}.so\n'
                       + self.settings)
        self.server = Program(self, 'tapisrv', [
            f'{BUILD}/tapisrv/tapisrv', '--socket', self.socket, '--admin-socket',
            self.path('admin.sock'), '--config-dir', self.directory, '--tsphost',
            f'{BUILD}/tsphost/tsphost', '--allow-any-owner', '--trace',
            self.path('trace'), *self.options])
        self.until(lambda: any(provider['state'] == 'running'
                               for provider in self.status()['providers']),
                   f'provider {self.provider} does not run')
        return self.server

    def environment(self):
        """Of programs that use the service."""
        return {'TAPI_SOCKET': self.socket, 'TAPI_MSP_DIR': f'{BUILD}/msp',
                'TAPI_TRACE': self.path('trace')}

    def tapictl(self, *args):
        """An administrator's command; its output as JSON, {} when it fails."""
        done = subprocess.run([f'{BUILD}/tools/tapictl/tapictl', '--json-output', '--admin-socket',
                               self.path('admin.sock'), *args],
                              capture_output=True, text=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def status(self):
        """State of the service."""
        return {'server': {}, 'providers': [], 'lines': [], **self.tapictl('status')}

    def start_app(self, name, listen=None):
        """An application, listening as "owner" or "monitor" if that is said."""
        app = Program(self, name, [f'{BUILD}/tests/calls/app', name], self.environment())
        app.expect(r' ready$')
        if listen:
            app.must(f'listen {listen}')
        return app

    def start_office(self, *options, line='sim-office'):
        """The exchange at the other end of the cable."""
        office = Program(self, 'office', [f'{BUILD}/tools/office/tapi-office', '--keep', *options,
                                          line])
        office.expect(r' ready ')
        return office

    def start_monitor(self):
        """tapictl, watching all lines: a program of TAPI 2.2."""
        monitor = Program(self, 'monitor', [f'{BUILD}/tools/tapictl/tapictl', '--json-output',
                                            '--socket', self.socket, 'monitor'])
        self.until(lambda: any(line['opens'] for line in self.status()['lines']),
                   'tapictl monitor opens no line')
        return monitor

    def host(self):
        """Process of the provider's host."""
        return next(provider['pid'] for provider in self.status()['providers'])

    def administrators(self):
        """How many connections tapisrv has not closed yet that "status" and the like have made."""
        admin = self.path('admin.sock')
        lines = [line.split() for line in read('/proc/net/unix').splitlines()]
        return sum(line[-1] == admin and line[5] == CONNECTED for line in lines)

    def usages(self, **programs):
        """Descriptors and threads of the service, and of programs."""
        pids = {'tapisrv': self.server.pid, 'tsphost': self.host(),
                **{name: program.pid for name, program in programs.items()}}
        self.until(lambda: not self.administrators(), 'tapisrv keeps a connection that has ended')
        return {name: usage(pid) for name, pid in pids.items()}

    def stop_server(self):
        """Ends tapisrv; its status, and its hosts that are left after it."""
        hosts = children(self.server.pid)
        status = self.server.end()
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline and any(os.path.exists(f'/proc/{pid}') for pid in hosts):
            self.wait(QUANTUM)
        return status, [pid for pid in hosts if os.path.exists(f'/proc/{pid}')]

    def close(self):
        """Ends what is left."""
        for program in self.programs:
            program.kill()
        self.selector.close()

    def logs(self):
        """All that was said."""
        self.wait(0)
        return [line for program in self.programs for line in program.log()]


class Tap:
    """Numbered steps, each of one or more claims, as TAP: a step is one result."""

    def __init__(self):
        self.number = 0
        self.failed = False
        self.claims = []
        self.house = None

    def claim(self, good, text, note=''):
        """A part of the present step."""
        self.claims.append((bool(good), text, note))
        return bool(good)

    def equal(self, have, want, text):
        """A claim that two values are the same; both are shown when they are not."""
        return self.claim(have == want, text, f'is {have!r}, should be {want!r}')

    def step(self, text):
        """Ends a step: it is what its claims are."""
        good = bool(self.claims) and all(claim[0] for claim in self.claims)
        for number, (fine, what, note) in enumerate(self.claims, 1):
            print(f'    {"ok" if fine else "not ok"} {number} - {what}')
            if not fine and note:
                print(f'    # {note}')
        if self.claims:
            print(f'    1..{len(self.claims)}')
        self.number += 1
        self.failed |= not good
        print(f'{"ok" if good else "not ok"} {self.number} - {text}', flush=True)
        self.claims = []

    def note(self, lines):
        """Diagnostics, all on standard error."""
        for line in lines:
            print(line[:LENGTH_OF_LOG], file=sys.stderr)

    def run(self, steps, house=None):
        """Runs (text, function) in order; after something that did not happen the rest fails.

        The functions make claims; the first argument of each is this object.
        """
        broken = None
        for text, function in steps:
            if broken:
                self.claim(False, f'not reached: {broken}')
            else:
                try:
                    function(self)
                except Missing as missing:
                    broken = str(missing)
                    self.claim(False, broken)
                except Exception as error:  # pylint: disable=broad-exception-caught
                    broken = f'{type(error).__name__}: {error}'
                    self.claim(False, broken)
            self.step(text)
        if self.failed and house:
            self.note(house.logs())

    def guarded(self, prepare, steps, house, name):
        """Prepares, runs the steps, ends the house whatever happens; keeps the trace as NAME."""
        try:
            prepare()
            self.run(steps, house)
        except Missing as missing:
            self.claim(False, str(missing))
            self.step('everybody is there')
            self.note(house.logs())
        finally:
            if os.environ.get('VM_OUT') and os.path.exists(house.path('trace')):
                shutil.copy(house.path('trace'), os.path.join(os.environ['VM_OUT'],
                                                              name + '.trace'))
            house.close()

    def done(self):
        """The plan; the status of the test."""
        print(f'1..{self.number}', flush=True)
        return 1 if self.failed else 0


def module(command, *args):
    """modprobe or rmmod; whether it succeeded."""
    done = subprocess.run([command, *args], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f'# {command} {" ".join(args)}: {done.stderr.strip()}')
    return done.returncode == 0


def die_with_parent():
    """A test that is stopped ends its programs."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
