# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of tapictl share: a service of their own with null providers, and TAP."""

import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

BUILD = pathlib.Path(os.environ['TAPI_BUILD'])
SOURCE = pathlib.Path(os.environ['TAPI_SOURCE'])
TAPICTL = BUILD / 'tools/tapictl/tapictl'
LIMIT = 30  # seconds; nothing that a test waits for takes as long unless it is broken

# Exit status of tapictl
OK, USAGE, REFUSED, NOT_FOUND, TIMEOUT, ENDED, NO_SERVER = range(7)


class Failure(Exception):
    """A test has found something wrong."""


def equal(got, wanted, what='value'):
    if got != wanted:
        raise Failure(f'{what} is\n{got}\ninstead of\n{wanted}')


def contains(text, part):
    if part not in text:
        raise Failure(f'no "{part}" in\n{text}')


def wait_for(condition, what):
    """Until the condition holds; its last value is returned."""
    end = time.monotonic() + LIMIT
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f'waited in vain for {what}')
        time.sleep(0.01)


class Result:
    """How one run of tapictl ended."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err

    def expect(self, status, err=None):
        if self.status != status:
            raise Failure(f'status {self.status} instead of {status}\n{self.out}{self.err}')
        if err is not None:
            contains(self.err, err)
        elif status == OK:
            equal(self.err, '', 'standard error')
        return self

    def json(self):
        return json.loads(self.out)

    def lines(self):
        return self.out.splitlines()


def mask(text):
    """Takes what differs from run to run out of keys and values."""
    text = re.sub(r'^(\w+\.(?:pid|up-ms|requests|events|objects|uid|time))=.*$', r'\1=*', text,
                  flags=re.MULTILINE)
    text = re.sub(r'"(pid|up-ms|requests|events|objects|uid)":\d+', r'"\1":"*"', text)
    text = re.sub(r'"time":"[^"]*"', '"time":"*"', text)
    return re.sub(r'^\d\d:\d\d:\d\d\.\d\d\d ', '', text, flags=re.MULTILINE)


class Running:
    """A tapictl that goes on: its lines are read as they come."""

    def __init__(self, args, env, **popen):
        self.child = subprocess.Popen([TAPICTL, *args], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
                                      **popen)
        self.rest = b''

    def line(self):
        """The next line, without its time."""
        end = time.monotonic() + LIMIT
        while b'\n' not in self.rest:
            left = end - time.monotonic()
            if left < 0 or not select.select([self.child.stdout], [], [], left)[0]:
                raise Failure('waited in vain for a line of tapictl')
            more = os.read(self.child.stdout.fileno(), 65536)
            if not more:
                raise Failure('tapictl has ended: ' + self.child.stderr.read().decode())
            self.rest += more
        line, self.rest = self.rest.split(b'\n', 1)
        return mask(line.decode() + '\n')[:-1]

    def until(self, part):
        """Lines up to the one that has this in it."""
        lines = [self.line()]
        while part not in lines[-1]:
            lines.append(self.line())
        return lines

    def interrupt(self):
        self.child.send_signal(signal.SIGINT)

    def end(self):
        out, err = self.child.communicate(timeout=LIMIT)
        return Result(self.child.returncode, mask((self.rest + out).decode()), err.decode())

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.communicate()


class Service:
    """tapisrv in a directory of its own; one null provider for each set of settings."""

    def __init__(self, **providers):
        self.providers = providers or {'null': {'Lines': 2}}
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix='tapictl-'))
        self.controls = {}
        self.children = []
        self.server = None

    def __enter__(self):
        try:
            (self.dir / 'conf/providers.d').mkdir(parents=True)
            (self.dir / 'state').mkdir()
            for name, values in self.providers.items():
                self.configure(name, values)
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.kill()
        for control in self.controls.values():
            control.close()
        if self.server:
            self.server.terminate()
            try:
                self.server.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        shutil.rmtree(self.dir)

    def configure(self, name, values):
        text = f'[Provider]\nModule={BUILD}/tsp/null/null.so\nControl={self.dir}/{name}.null\n'
        text += ''.join(f'{key}={value}\n' for key, value in values.items())
        (self.dir / f'conf/providers.d/{name}.conf').write_text(text)

    def start(self):
        with open(self.dir / 'log', 'ab') as log:
            self.server = subprocess.Popen(
                [BUILD / 'tapisrv/tapisrv', '--socket', self.dir / 'sock',
                 '--admin-socket', self.dir / 'admin', '--config-dir', self.dir / 'conf',
                 '--tsphost', BUILD / 'tsphost/tsphost',
                 '--module-dir', BUILD / 'tsp/null', '--allow-any-owner'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(lambda: self.server.poll() is not None or (self.dir / 'admin').exists(),
                 'the sockets')
        # a program is let in when the providers have started
        self.run('line', 'list').expect(OK)

    def env(self):
        return {**os.environ, 'TAPI_SOCKET': str(self.dir / 'sock'), 'TZ': 'UTC', 'LC_ALL': 'C'}

    def args(self, args):
        return ['--admin-socket', str(self.dir / 'admin'), *args]

    def run(self, *args):
        done = subprocess.run([TAPICTL, *self.args(args)], stdin=subprocess.DEVNULL,
                              capture_output=True, env=self.env(), timeout=4 * LIMIT, check=False)
        return Result(done.returncode, mask(done.stdout.decode()), done.stderr.decode())

    def begin(self, *args, **popen):
        child = Running(self.args(args), self.env(), **popen)
        self.children.append(child)
        return child

    def tell(self, command, provider='null'):
        """A command for a null provider; what follows its "ok"."""
        if provider not in self.controls:
            control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            control.settimeout(LIMIT)
            control.connect(str(self.dir / f'{provider}.null'))
            self.controls[provider] = control
        self.controls[provider].send(command.encode())
        answer = self.controls[provider].recv(65536).decode()
        if not answer.startswith('ok'):
            raise Failure(f'{command}: {answer}')
        return answer[2:].strip()

    def status(self):
        return self.run('-J', 'status').expect(OK).json()

    def wait_opens(self, line, count):
        """Until so many programs have the line open."""
        wait_for(lambda: self.status()['lines'][line]['opens'] == count,
                 f'line {line} open by {count}')


def main(tests):
    """Runs the functions called test_..., as TAP. Each one's first line of text is its name."""
    tests = [test for name, test in sorted(tests.items()) if name.startswith('test_')]
    bad = False
    print(f'1..{len(tests)}', flush=True)
    for number, test in enumerate(tests, 1):
        word = 'ok'
        try:
            test()
        except Failure as failure:
            word = 'not ok'
            print('\n'.join('# ' + line for line in str(failure).splitlines()))
            where = traceback.extract_tb(failure.__traceback__)
            print('# ' + ', '.join(f'{frame.name}:{frame.lineno}' for frame in where))
        except Exception:  # pylint: disable=broad-except
            word = 'not ok'
            print('\n'.join('# ' + line for line in traceback.format_exc().splitlines()))
        bad |= word != 'ok'
        print(f'{word} {number} - {test.__doc__.splitlines()[0].rstrip(".")}', flush=True)
    sys.exit(1 if bad else 0)
