#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tapictl: calls, and what monitor tells of them."""

import json
import os
import pty
import signal
import subprocess

from tapictl_service import (ENDED, LIMIT, NOT_FOUND, NO_SERVER, OK, REFUSED, TAPICTL, TIMEOUT,
                             Service, contains, equal, main, wait_for)

LINE = 'line 0 "null 0" '

MADE_TEXT = f'''\
{LINE}call 1 DIALING to 5551234
{LINE}call 1 PROCEEDING
{LINE}call 1 RINGBACK
{LINE}call 1 CONNECTED ACTIVE
{LINE}call 1 IDLE
'''

MADE_KEYS = ''.join(f'''\
event.time=*
event.line=0
event.name=null 0
event.call=1
event.state={state}
event.called=5551234

''' for state in ('DIALING', 'PROCEEDING', 'RINGBACK', 'CONNECTED\nevent.mode=ACTIVE', 'IDLE'))

BUSY_TEXT = f'''\
{LINE}call 1 DIALTONE NORMAL to busy
{LINE}call 1 DIALING
{LINE}call 1 PROCEEDING
{LINE}call 1 BUSY STATION
{LINE}call 1 DISCONNECTED BUSY
{LINE}call 1 IDLE
'''

ANSWERED_TEXT = f'''\
{LINE}call 1 OFFERING ACTIVE from 5551234 "Anna B"
{LINE}call 1 CONNECTED ACTIVE
{LINE}call 1 DTMF 4
{LINE}call 1 DTMFEND 4
{LINE}call 1 DTMF #
{LINE}call 1 DTMFEND #
{LINE}call 1 DISCONNECTED NORMAL
{LINE}call 1 IDLE
'''


def events(text):
    return [json.loads(line) for line in text.splitlines()]


def states(service, line=0):
    """The states of the calls of a line, as the provider knows them."""
    rows = [dict(pair.split('=', 1) for pair in row.split() if '=' in pair)
            for row in service.tell('calls').splitlines()]
    return [row['state'] for row in rows if row['line'] == str(line) and row['state'] != 'IDLE']


def gone(service):
    """The service has no calls any more: nothing was left behind."""
    wait_for(lambda: service.status()['server']['calls'] == 0, 'the end of the call')
    equal(states(service), [])


# ---- make

def test_make():
    """call make: states until connected, then the call is hung up"""
    with Service() as service:
        equal(service.run('call', 'make', '0', '5551234').expect(OK).out, MADE_TEXT)
        gone(service)


def test_make_keys():
    """call make -K: the golden output"""
    with Service() as service:
        equal(service.run('-K', 'call', 'make', 'null 0', '5551234').expect(OK).out, MADE_KEYS)


def test_make_json():
    """call make -J: an object per state"""
    with Service() as service:
        out = service.run('-J', 'call', 'make', '0', '5551234').expect(OK).out
        equal(events(out)[3], {'time': '*', 'line': 0, 'name': 'null 0', 'call': 1,
                               'state': 'CONNECTED', 'mode': 'ACTIVE', 'called': '5551234'})


def test_make_busy():
    """call make: a busy number ends with 5, and why"""
    with Service() as service:
        result = service.run('call', 'make', '0', 'busy').expect(ENDED, 'the call ended: BUSY')
        equal(result.out, BUSY_TEXT)
        gone(service)


def test_make_refused():
    """call make: a request that fails at once or later ends with 2"""
    with Service() as service:
        service.run('call', 'make', '0', 'fail').expect(REFUSED, 'LINEERR_CALLUNAVAIL')
        service.tell('fault TSPI_lineMakeCall error=LINEERR_INVALADDRESS')
        service.run('call', 'make', '0', '1').expect(REFUSED, 'LINEERR_INVALADDRESS')
        service.tell('fault TSPI_lineMakeCall fails=LINEERR_OPERATIONFAILED')
        service.run('call', 'make', '0', '1').expect(REFUSED, 'cannot call 1: ')
        gone(service)


def test_make_timeout():
    """call make --timeout: nobody answers, the call is hung up"""
    with Service() as service:
        result = service.run('call', 'make', '0', 'noanswer', '--timeout', '0.2')
        result.expect(TIMEOUT, 'no answer in this time')
        equal(result.lines()[-2:], [LINE + 'call 1 RINGBACK', LINE + 'call 1 IDLE'])
        gone(service)


def test_make_wait():
    """call make --wait: stays until the other side hangs up"""
    with Service() as service:
        call = service.begin('call', 'make', '0', '5551234', '--wait')
        call.until('CONNECTED')
        equal(states(service), ['CONNECTED'])
        service.tell('hangup 1')
        equal(call.end().expect(OK).lines(), [LINE + 'call 1 DISCONNECTED NORMAL',
                                              LINE + 'call 1 IDLE'])
        gone(service)


def test_make_wait_timeout():
    """call make --wait --timeout: the time ends the call"""
    with Service() as service:
        service.run('call', 'make', '0', '1', '--wait', '--timeout', '0.2').expect(
            TIMEOUT, 'the time is over')
        gone(service)


def test_make_interrupted():
    """call make: ^C hangs up; 0 once connected, else 5"""
    with Service() as service:
        call = service.begin('call', 'make', '0', '5551234', '--wait')
        call.until('CONNECTED')
        call.interrupt()
        equal(call.end().expect(OK).lines(), [LINE + 'call 1 IDLE'])
        call = service.begin('call', 'make', '0', 'noanswer')
        call.until('RINGBACK')
        call.child.send_signal(signal.SIGTERM)
        call.end().expect(ENDED, 'interrupted, the call was hung up')
        gone(service)


def test_make_killed():
    """call make: even kill -9 leaves no call behind"""
    with Service() as service:
        call = service.begin('call', 'make', '0', '5551234', '--wait')
        call.until('CONNECTED')
        call.kill()
        gone(service)


def test_make_server_gone():
    """call make --wait: a service that is gone for good ends with 6"""
    with Service() as service:
        call = service.begin('call', 'make', '0', '5551234', '--wait')
        call.until('CONNECTED')
        service.server.kill()
        service.server.wait()
        call.end().expect(NO_SERVER, 'gone')


def test_make_not_found():
    """call make: no such line"""
    with Service() as service:
        service.run('call', 'make', '5', '1').expect(NOT_FOUND)


def test_progress():
    """What is waited for is told on a terminal, and only there"""
    with Service() as service:
        equal(service.run('call', 'make', '0', '5551234').expect(OK).err, '')
        ours, terminal = pty.openpty()
        done = subprocess.run([TAPICTL, *service.args(['call', 'make', '0', '5551234'])],
                              env=service.env(), stdout=subprocess.DEVNULL, stderr=terminal,
                              timeout=LIMIT, check=False)
        told = os.read(ours, 4096).decode()
        os.close(ours)
        os.close(terminal)
        equal(done.returncode, OK)
        contains(told, 'waiting for 5551234 to answer ...')
        contains(told, 'hanging up ...')


# ---- answer

def test_answer():
    """call answer: the caller, digits, the end"""
    with Service() as service:
        call = service.begin('call', 'answer', '0')
        service.wait_opens(0, 1)
        service.tell('ring 0 number=5551234 name="Anna B"')
        lines = call.until('CONNECTED')
        equal(service.tell('digit 1 4#'), 'monitor')
        service.tell('hangup 1')
        equal('\n'.join(lines) + '\n' + call.end().expect(OK).out, ANSWERED_TEXT)
        gone(service)


def test_answer_timeout():
    """call answer --timeout: no call comes"""
    with Service() as service:
        service.run('call', 'answer', '0', '--timeout', '0.2').expect(TIMEOUT, 'no call on line 0')


def test_answer_interrupted():
    """call answer: ^C before a call ends with 5, in a call it hangs up"""
    with Service() as service:
        call = service.begin('call', 'answer', '0')
        service.wait_opens(0, 1)
        call.interrupt()
        call.end().expect(ENDED, 'no call has come')
        call = service.begin('call', 'answer', '0')
        service.wait_opens(0, 1)
        service.tell('ring 0')
        call.until('CONNECTED')
        call.interrupt()
        call.end().expect(OK)
        gone(service)


def test_answer_refused():
    """call answer: a line that cannot answer"""
    with Service() as service:
        service.tell('fault TSPI_lineAnswer fails=LINEERR_OPERATIONFAILED')
        call = service.begin('call', 'answer', '0')
        service.wait_opens(0, 1)
        service.tell('ring 0')
        call.end().expect(REFUSED, 'cannot answer: ')
        gone(service)


def test_answer_line_removed():
    """call answer: the line goes away"""
    with Service() as service:
        call = service.begin('call', 'answer', '0')
        service.wait_opens(0, 1)
        service.tell('remove 0')
        call.end().expect(NOT_FOUND, 'line 0 (null 0) was closed')


# ---- drop, digits

def test_drop():
    """call drop: hangs up another program's call"""
    with Service() as service:
        call = service.begin('call', 'make', '0', '5551234', '--wait')
        call.until('CONNECTED')
        equal(service.run('call', 'drop', '0').expect(OK).out, '')
        call.end().expect(OK)
        gone(service)


def test_drop_which():
    """call drop: several calls need --call"""
    with Service() as service:
        one = service.begin('call', 'make', '0', '1', '--wait')
        one.until('CONNECTED')
        two = service.begin('call', 'make', '0', '2', '--wait')
        two.until('CONNECTED')
        result = service.run('call', 'drop', '0').expect(REFUSED, 'there are 2 calls on line 0')
        contains(result.err, '--call 1\n')
        contains(result.err, '--call 2\n')
        service.run('call', 'drop', '0', '--call', '7').expect(NOT_FOUND, 'there is no call 7')
        service.run('call', 'drop', '0', '--call', '2').expect(OK)
        two.end().expect(OK)
        equal(states(service), ['CONNECTED'])
        service.run('call', 'drop', '0').expect(OK)
        one.end().expect(OK)


def test_drop_none():
    """call drop, call digits: no call on the line"""
    with Service() as service:
        service.run('call', 'drop', '0').expect(NOT_FOUND, 'there is no call on line 0')
        service.run('call', 'digits', '0', '1').expect(NOT_FOUND, 'there is no call on line 0')


def test_drop_refused():
    """call drop: the provider refuses"""
    with Service() as service:
        service.begin('call', 'make', '0', '1', '--wait').until('CONNECTED')
        service.tell('fault TSPI_lineDrop error=LINEERR_OPERATIONFAILED')
        service.run('call', 'drop', '0').expect(REFUSED, 'cannot hang up: ')


def test_digits():
    """call digits: sent on another program's call, which goes on"""
    with Service() as service:
        call = service.begin('call', 'make', '0', '5551234', '--wait')
        call.until('CONNECTED')
        service.tell('log')
        service.run('call', 'digits', '0', '12#').expect(OK)
        contains(service.tell('log'), '12#')
        equal(states(service), ['CONNECTED'])
        service.tell('hangup 1')
        call.end().expect(OK)


def test_digits_refused():
    """call digits: what cannot be sent"""
    with Service() as service:
        service.begin('call', 'make', '0', 'noanswer').until('RINGBACK')
        service.run('call', 'digits', '0', '1').expect(REFUSED, 'cannot send digits: ')
        equal(states(service), ['RINGBACK'])


def test_digits_timeout():
    """call digits --timeout: the provider never ends"""
    with Service() as service:
        service.begin('call', 'make', '0', '1', '--wait').until('CONNECTED')
        service.tell('fault TSPI_lineGenerateDigits zero')
        service.run('call', 'digits', '0', '1', '--timeout', '0.2').expect(TIMEOUT)
        service.tell('fault TSPI_lineGenerateDigits zero')
        service.tell('log')
        digits = service.begin('call', 'digits', '0', '1')
        wait_for(lambda: 'GenerateDigits' in service.tell('log'), 'the digits')
        service.tell('hangup 1')
        digits.end().expect(ENDED, 'the call ended before all digits were sent')


# ---- monitor

def test_monitor():
    """monitor -J: a call from its beginning to its end, with the caller"""
    with Service() as service:
        watch = service.begin('-J', 'monitor')
        service.wait_opens(1, 1)
        service.tell('ring 0 number=5551234 name="Anna B"')
        seen = [json.loads(line) for line in watch.until('OFFERING')]
        service.tell('state 1 CONNECTED')
        service.tell('digit 1 5')
        service.tell('callinfo 1 number=777 name=""')
        service.tell('hangup 1 BUSY')
        service.tell('state 1 IDLE')
        seen += [json.loads(line) for line in watch.until('"IDLE"')]
        watch.interrupt()
        watch.end().expect(OK)
        about = [event for event in seen if event.get('call')]
        equal([(event['message'], event.get('state')) for event in about], [
            ('LINE_APPNEWCALL', None), ('LINE_CALLSTATE', 'OFFERING'),
            ('LINE_CALLSTATE', 'CONNECTED'), ('LINE_MONITORDIGITS', None),
            ('LINE_MONITORDIGITS', None), ('LINE_CALLINFO', None),
            ('LINE_CALLSTATE', 'DISCONNECTED'), ('LINE_CALLSTATE', 'IDLE')])
        equal(about[0], {'time': '*', 'line': 0, 'name': 'null 0', 'address': 0, 'call': 1,
                         'message': 'LINE_APPNEWCALL', 'privilege': 'MONITOR',
                         'caller': '5551234', 'caller-name': 'Anna B'})
        equal([(event['digit'], event['mode']) for event in about[3:5]],
              [('5', 'DTMF'), ('5', 'DTMFEND')])
        equal(about[5]['caller'], '777')
        equal(about[6]['mode'], 'BUSY')
        gone(service)


def test_monitor_text():
    """monitor: the same as text"""
    with Service() as service:
        watch = service.begin('monitor', '1')
        service.wait_opens(1, 1)
        service.run('call', 'make', '0', '5551234').expect(OK)
        service.tell('ring 1 number=2')
        equal(watch.line(), 'line 1 "null 1" address 0 call 2 LINE_APPNEWCALL MONITOR from 2')
        equal(watch.line(), 'line 1 "null 1" call 2 LINE_CALLSTATE OFFERING ACTIVE MONITOR')
        watch.interrupt()
        watch.end().expect(OK)


def test_monitor_lines():
    """monitor: states of lines, new and removed ones; new ones are watched, too"""
    with Service() as service:
        watch = service.begin('monitor')
        service.wait_opens(1, 1)
        service.tell('linestate 1 MSGWAITON')
        equal(watch.line(), 'line 1 "null 1" LINE_LINEDEVSTATE MSGWAITON')
        service.tell('create')
        equal(watch.line(), 'line 2 LINE_CREATE')
        service.wait_opens(2, 1)
        service.tell('ring 2')
        contains(watch.line(), 'line 2 "null 2" address 0 call 1 LINE_APPNEWCALL')
        watch.until('OFFERING')
        service.tell('remove 1')
        watch.until('line 1 "null 1" LINE_CLOSE')
        watch.until('line 1 LINE_REMOVE')
        watch.interrupt()
        watch.end().expect(OK)


def test_monitor_new_provider():
    """monitor: lines of a provider that is added later"""
    with Service() as service:
        watch = service.begin('monitor')
        service.wait_opens(1, 1)
        service.configure('second', {'Lines': 1, 'Name': 'second'})
        service.run('reload').expect(OK)
        equal(watch.line(), 'line 2 LINE_CREATE')
        service.wait_opens(2, 1)
        service.tell('ring 0', 'second')
        contains(watch.line(), 'line 2 "second 0" address 0 call 1 LINE_APPNEWCALL')
        watch.interrupt()
        watch.end().expect(OK)


def test_monitor_present():
    """monitor: calls that were there before it"""
    with Service() as service:
        service.begin('call', 'make', '0', '5551234', '--wait').until('CONNECTED')
        watch = service.begin('-J', 'monitor', '0')
        first = json.loads(watch.line())
        equal(first, {'time': '*', 'line': 0, 'name': 'null 0', 'call': 1,
                      'message': 'LINE_CALLSTATE', 'state': 'CONNECTED', 'mode': 'ACTIVE',
                      'privilege': 'MONITOR', 'called': '5551234', 'flags': 'present'})
        watch.interrupt()
        watch.end().expect(OK)


def test_monitor_many():
    """monitor: several calls at a time on several lines"""
    with Service() as service:
        watch = service.begin('-J', 'monitor')
        service.wait_opens(1, 1)
        for number in range(20):
            service.tell(f'ring {number % 2} number={number}')
        for number in reversed(range(20)):
            service.tell(f'state {number + 1} IDLE')
        seen = [json.loads(line) for line in watch.until('"IDLE"')]
        while sum(event.get('state') == 'IDLE' for event in seen) < 20:
            seen.append(json.loads(watch.line()))
        for number in range(20):
            about = [event for event in seen if event.get('call') == number + 1]
            equal([(event['line'], event['message'], event.get('state'), event.get('caller'))
                   for event in about], [
                (number % 2, 'LINE_APPNEWCALL', None, str(number)),
                (number % 2, 'LINE_CALLSTATE', 'OFFERING', None),
                (number % 2, 'LINE_CALLSTATE', 'IDLE', None)])
        watch.interrupt()
        watch.end().expect(OK)
        gone(service)


def test_monitor_closed():
    """monitor LINE: ends when the line is gone"""
    with Service() as service:
        watch = service.begin('monitor', '0')
        service.wait_opens(0, 1)
        service.tell('remove 0')
        contains(watch.end().expect(NOT_FOUND, 'all lines have been closed').out, 'LINE_CLOSE')


def test_monitor_not_found():
    """monitor LINE: no such line"""
    with Service() as service:
        service.run('monitor', '0', 'nobody').expect(NOT_FOUND)


def test_monitor_server_restarts():
    """monitor: outlives a service that is started again"""
    with Service() as service:
        watch = service.begin('monitor', '0')
        service.wait_opens(0, 1)
        service.server.kill()
        service.server.wait()
        service.controls.clear()
        (service.dir / 'admin').unlink()
        service.start()
        service.wait_opens(0, 1)
        service.tell('ring 0 number=42')
        contains('\n'.join(watch.until('OFFERING')), 'from 42')
        watch.interrupt()
        watch.end().expect(OK)


main(globals())
