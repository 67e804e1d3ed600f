#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tapictl: command line, help, explain. No service is needed."""

import json
import os
import re
import subprocess

from tapictl_service import (NOT_FOUND, OK, SOURCE, TAPICTL, USAGE, Failure, Result, contains,
                             equal, main)

OBJECTS = ['status', 'line', 'call', 'monitor', 'provider', 'client', 'reload', 'trace', 'explain']


def run(*args):
    # nobody listens there: what gets as far as looking for a service ends with 6
    env = {**os.environ, 'TAPI_SOCKET': '/nonexistent/tapi'}
    done = subprocess.run([TAPICTL, '--admin-socket', '/nonexistent/admin', *args], env=env,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def explain(*codes):
    return run('-J', 'explain', *codes).expect(OK).json()['codes']


def test_help():
    """--help: every object and verb; after an object, that object only"""
    out = run('--help').expect(OK).out
    for part in OBJECTS + ['line show LINE', 'call make LINE NUMBER', '--admin-socket',
                           'Exit status']:
        contains(out, part)
    for name in OBJECTS:
        about = run(name, '--help').expect(OK).out
        contains(about, f'tapictl [OPTION]... {name}')
        equal(run('--help', name).expect(OK).out, about)
        if name != 'call' and 'call make' in about:
            raise Failure(about)
    contains(run('call', '--help').expect(OK).out, '--timeout S')
    for line in out.splitlines():
        if len(line) > 100:
            raise Failure(f'long line of help: {line}')


def test_version():
    """--version: the same for the whole project"""
    text = (SOURCE / 'userspace/meson.build').read_text()
    version = re.search(r"version: '([^']+)'", text).group(1)
    equal(run('--version').expect(OK).out, f'tapictl {version}\n')
    equal(run('line', '-V').expect(OK).out, f'tapictl {version}\n')


def test_objects():
    """What is no object or no verb"""
    run('lines').expect(USAGE, "what is 'lines'?")
    run('').expect(USAGE, "what is ''?")
    run('line').expect(USAGE, 'line: a verb is missing')
    run('line', 'lists').expect(USAGE, "line: what is 'lists'")
    run('call').expect(USAGE, 'call: a verb is missing')
    run('call', 'LINE').expect(USAGE, "what is 'LINE'")
    run('provider', 'kill').expect(USAGE, "what is 'kill'")
    run('client').expect(USAGE, 'a verb is missing')


def test_arguments():
    """Too few and too many arguments, for each verb"""
    for args in (['status', '1'], ['line', 'list', '0'], ['line', 'show'],
                 ['line', 'show', '0', '1'], ['call', 'make', '0'], ['call', 'make', '0', '1', '2'],
                 ['call', 'answer'], ['call', 'answer', '0', '1'], ['call', 'drop'],
                 ['call', 'drop', '0', '1'], ['call', 'digits', '0'],
                 ['call', 'digits', '0', '1', '2'], ['provider', 'list', 'x'],
                 ['provider', 'restart'], ['provider', 'restart', 'a', 'b'],
                 ['client', 'list', 'x'], ['reload', 'x'], ['trace'], ['explain']):
        result = run(*args).expect(USAGE, 'usage: tapictl ' + args[0])
        equal(result.out, '', f'{args}: standard output')


def test_options():
    """Options that are unknown, incomplete, wrong, or of another verb"""
    run('--nonsense').expect(USAGE, '--nonsense')
    run('line', 'list', '-x').expect(USAGE, "'x'")
    run('line', 'list', '-s').expect(USAGE, "'s'")
    run('-J', '-K', 'line', 'list').expect(USAGE, '-J and -K exclude each other')
    run('line', 'list', '--wait').expect(USAGE, 'line list does not take this option')
    run('--wait', 'line', 'list').expect(USAGE, 'line list does not take this option')
    run('call', 'drop', '0', '--timeout', '1').expect(USAGE, 'call drop does not take')
    run('call', 'make', '0', '1', '--call', '1').expect(USAGE, 'call make does not take')
    run('monitor', '-o', 'x').expect(USAGE, 'monitor does not take')
    for time in ('0', '-1', 'x', '', '1s', 'inf', 'nan', '1e99', ' 1'):
        run('call', 'make', '0', '1', '--timeout', time).expect(USAGE, '--timeout: ')
    for number in ('0', '-1', 'x', '', '4294967296', '1x'):
        run('call', 'drop', '0', '--call', number).expect(USAGE, '--call: ')


GOLDEN = {
    ('0x80000042',): [('LINEERR_NODEVICE', 'error of a line function', -2147483582)],
    ('-2147483582',): [('LINEERR_NODEVICE', 'error of a line function', -2147483582)],
    ('2147483714',): [('LINEERR_NODEVICE', 'error of a line function', -2147483582)],
    ('lineerr_nodevice',): [('LINEERR_NODEVICE', 'error of a line function', -2147483582)],
    ('0x9000001B',): [('PHONEERR_NOTOWNER', 'error of a phone function', -1879048165)],
    ('-11',): [('TAPIERR_DESTBUSY', 'error of assisted telephony', -11)],
    ('0xFFFFFFF5',): [('TAPIERR_DESTBUSY', 'error of assisted telephony', -11)],
    ('TAPI_E_TIMEOUT',): [('TAPI_E_TIMEOUT', 'error of TAPI 3', None)],
    ('LINEDISCONNECTMODE_NODIALTONE',): [
        ('LINEDISCONNECTMODE_NODIALTONE', 'reason why a call ended', 0x1000)],
    ('offering',): [('LINECALLSTATE_OFFERING', 'call state', 2)],
    ('LINE_REPLY',): [('LINE_REPLY', 'message', 12)],
    ('12',): [('LINE_REPLY', 'message', 12)],
    ('BUSY',): [('LINEDISCONNECTMODE_BUSY', 'reason why a call ended', 0x20),
                ('LINECALLSTATE_BUSY', 'call state', 0x40)],
    ('0',): [('TAPIERR_CONNECTED', 'error of assisted telephony', 0),
             ('LINE_ADDRESSSTATE', 'message', 0)],
    ('0xC1234567',): [(None, 'error of a vendor', -1054653081)],
    ('DIALING', '-4'): [('LINECALLSTATE_DIALING', 'call state', 16),
                        ('TAPIERR_INVALDESTADDRESS', 'error of assisted telephony', -4)],
}


def test_explain():
    """explain: numbers of every kind, names, several meanings"""
    for codes, wanted in GOLDEN.items():
        got = [(row.get('name'), row['family'], row['number']) for row in explain(*codes)]
        wanted = [(name, family, row[2] if number is None else number)
                  for (name, family, number), row in zip(wanted, got)]
        equal(got, wanted, ' '.join(codes))


def test_explain_text():
    """explain: the golden output as text and keys"""
    equal(run('explain', 'LINECALLSTATE_OFFERING').expect(OK).out, '''\
code
  name    LINECALLSTATE_OFFERING
  is      call state
  number  2
  in hex  0x00000002
  means   A call comes in and waits to be answered.
  do      lineAnswer(), lineAccept() or lineDrop(); 'tapictl call answer LINE'.
''')
    equal(run('-K', 'explain', '-2147483582').expect(OK).lines()[:4],
          ['code.name=LINEERR_NODEVICE', 'code.family=error of a line function',
           'code.number=-2147483582', 'code.hex=0x80000042'])


def test_explain_everything():
    """explain: every number of the headers has a sentence and something to do"""
    text = (SOURCE / 'include/tapi/tapi.h').read_text()
    text += (SOURCE / 'include/tapi/tapi3err.h').read_text()
    names = re.findall(r'^#define\s+((?:LINEERR|PHONEERR|TAPIERR|TAPI_E|LINEDISCONNECTMODE|'
                       r'LINECALLSTATE)_\w+|(?:LINE|PHONE)_[A-Z]+)\s', text, re.MULTILINE)
    if len(names) < 280:
        raise Failure(f'only {len(names)} names in the headers')
    rows = {row['name']: row for row in explain(*names)}
    equal(sorted(set(names) - set(rows)), [], 'unexplained')
    for name in names:
        if not rows[name].get('text') or not rows[name].get('advice'):
            raise Failure(f'nothing to do about {rows[name]}')


def test_explain_unknown():
    """explain: what TAPI does not have"""
    for code in ('nonsense', '0x80001234', '', '77777', '99999999999999', '0x', '-0x80000042x'):
        run('explain', code).expect(NOT_FOUND, f"nothing in TAPI is called '{code}'")
    result = run('-J', 'explain', 'nonsense', 'BUSY').expect(NOT_FOUND, 'nonsense')
    equal(len(json.loads(result.out)['codes']), 2)


def test_manual():
    """tapictl(1) has every verb and every option, the completion, too"""
    manual = (SOURCE / 'userspace/man/tapictl.1').read_text().replace('\\-', '-')
    completion = (SOURCE / 'userspace/tools/tapictl/tapictl.bash').read_text()
    for verb in ('list', 'show', 'make', 'answer', 'drop', 'digits', 'restart'):
        contains(manual, verb)
        contains(completion, verb)
    options = set(re.findall(r'--[a-z-]+', ''.join(run(*args, '--help').expect(OK).out
                                                   for args in [[]] + [[o] for o in OBJECTS])))
    for word in sorted(options) + OBJECTS:
        contains(manual, word)
        contains(completion, word)


main(globals())
