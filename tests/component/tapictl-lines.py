#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tapictl: lines, the state of the service, and where neither is there."""

import json
import os
import pty
import signal
import subprocess
import threading

from tapictl_service import (BUILD, NOT_FOUND, NO_SERVER, OK, REFUSED, SOURCE, TAPICTL, TIMEOUT,
                             Failure, Service, contains, equal, main, wait_for)

MEDIA = 'UNKNOWN,INTERACTIVEVOICE,AUTOMATEDVOICE,DATAMODEM,G3FAX'

LIST_TEXT = '''\
LINE  NAME    NUMBERS   MEDIA{space}  TAPI  PROVIDER
0     null 0  100, 101  {media}  2.2   Scripted test provider
1     null 1  200, 201  {media}  2.2   Scripted test provider
'''.format(media=MEDIA.replace(',', ', '), space=' ' * 54)

LIST_KEYS = f'''\
line.number=0
line.name=null 0
line.numbers=100
line.media={MEDIA}
line.version=2.2
line.provider=Scripted test provider

line.number=1
line.name=null 1
line.numbers=200
line.media={MEDIA}
line.version=2.2
line.provider=Scripted test provider

'''

SHOW_KEYS = f'''\
line.number=1
line.name=null 1
line.provider=Scripted test provider
line.switch=no switch
line.version=2.2
line.permanent-id=2
line.guid=3F1C62D4-0E5B-4A77-9C3E-6E756C6C0001
line.addresses=1
line.media={MEDIA}
line.bearer=VOICE,SPEECH
line.flags=CLOSEDROP
line.features=DEVSPECIFIC,MAKECALL
line.answer-mode=NONE
line.line-states=OTHER,RINGING,CONNECTED,DISCONNECTED,MSGWAITON,MSGWAITOFF,INSERVICE,\
OUTOFSERVICE,MAINTENANCE,OPEN,CLOSE,NUMCALLS,DEVSPECIFIC,REINIT,CAPSCHANGE,CONFIGCHANGE,\
TRANSLATECHANGE
line.generate-digits=DTMF
line.monitor-digits=DTMF,DTMFEND
line.max-active-calls=64
line.device-classes=tapi/line

status.state=CONNECTED,INSERVICE
status.possible=DEVSPECIFIC,MAKECALL
status.opens=0
status.active-calls=0
status.held-calls=0

address.id=0
address.number=200
address.sharing=PRIVATE
address.max-active-calls=64
address.max-held-calls=64
address.call-states=IDLE,OFFERING,ACCEPTED,DIALTONE,DIALING,RINGBACK,BUSY,SPECIALINFO,CONNECTED,\
PROCEEDING,ONHOLD,DISCONNECTED,UNKNOWN
address.call-features=ACCEPT,ANSWER,DIAL,DROP,GATHERDIGITS,GENERATEDIGITS,HOLD,MONITORDIGITS,\
MONITORMEDIA,UNHOLD
address.features=MAKECALL
address.flags=DIALED,PARTIALDIAL,ACCEPTTOALERT
address.disconnect-modes=NORMAL,UNKNOWN,REJECT,BUSY,NOANSWER,UNAVAIL
address.call-info=MEDIAMODE,APPSPECIFIC,CALLERID,CALLEDID
address.in-use=0
address.active-calls=0

'''

STATUS_KEYS = '''\
server.name=tapisrv 0.1.0
server.pid=*
server.up-ms=*
server.calls=0
server.requests=*
server.events=*
server.objects=*
server.broken-invariants=0

provider.name=null
provider.state=running
provider.pid=*
provider.lines=2
provider.restarts=0
provider.version=1
provider.module={module}

line.number=0
line.name=null 0
line.state=closed
line.opens=0
line.calls=0
line.provider=null

line.number=1
line.name=null 1
line.state=closed
line.opens=0
line.calls=0
line.provider=null

program.name=tapictl
program.pid=*
program.uid=*
program.registrations=0
program.lines=0
program.calls=0
program.queued=0
program.dropped=0

'''


def test_list_text():
    """line list: columns"""
    with Service(null={'Lines': 2, 'Addresses': 2}) as service:
        equal(service.run('line', 'list').expect(OK).out, LIST_TEXT)


def test_list_keys():
    """line list -K: the golden output"""
    with Service() as service:
        equal(service.run('-K', 'line', 'list').expect(OK).out, LIST_KEYS)
        equal(service.run('line', 'list', '-K').expect(OK).out, LIST_KEYS)


def test_list_json():
    """line list -J: the golden output"""
    with Service() as service:
        wanted = {'version': 1, 'lines': [
            {'number': n, 'name': f'null {n}', 'numbers': [f'{n + 1}00'],
             'media': MEDIA.split(','), 'version': '2.2', 'provider': 'Scripted test provider'}
            for n in range(2)]}
        equal(service.run('line', 'list', '-J').expect(OK).json(), wanted)


def test_list_none():
    """line list: no lines are no error"""
    with Service(null={'Lines': 0}) as service:
        equal(service.run('line', 'list').expect(OK).out, 'no lines\n')
        equal(service.run('line', 'list', '-J').expect(OK).json(), {'version': 1, 'lines': []})
        equal(service.run('line', 'list', '-K').expect(OK).out, '')


def test_show_keys():
    """line show -K: the golden output"""
    with Service() as service:
        equal(service.run('-K', 'line', 'show', '1').expect(OK).out, SHOW_KEYS)


def test_show_by_name():
    """line show: a line is found by number and by name in any case"""
    with Service() as service:
        by_number = service.run('-J', 'line', 'show', '1').expect(OK).json()
        equal(service.run('-J', 'line', 'show', 'NULL 1').expect(OK).json(), by_number)
        equal(by_number['line']['name'], 'null 1')
        equal(by_number['status']['state'], ['CONNECTED', 'INSERVICE'])
        equal([address['number'] for address in by_number['addresses']], ['200'])
        equal(by_number['programs'], [])


def test_show_text():
    """line show: blocks of titles and values"""
    with Service() as service:
        out = service.run('line', 'show', '0').expect(OK).lines()
        equal(out[:3], ['line', '  number             0', '  name               null 0'])
        contains('\n'.join(out), '\nstatus\n  state          CONNECTED, INSERVICE\n')
        contains('\n'.join(out), '\naddress\n  id                  0\n')


def test_show_programs():
    """line show: the programs that have the line open, without itself"""
    with Service() as service:
        service.begin('call', 'answer', '0')
        service.wait_opens(0, 1)
        shown = service.run('-J', 'line', 'show', '0').expect(OK).json()
        equal(shown['status']['opens'], 1)
        equal([program['name'] for program in shown['programs']], ['tapictl'])
        equal(shown['programs'][0]['media'], MEDIA.split(','))


def test_show_not_found():
    """line show: lines that are not there"""
    with Service() as service:
        service.run('line', 'show', '2').expect(NOT_FOUND, 'there is no line 2')
        service.run('line', 'show', '99999999999999999999').expect(NOT_FOUND, 'there is no line')
        service.run('line', 'show', 'nobody').expect(NOT_FOUND, "there is no line 'nobody'")
        service.run('line', 'show', '').expect(NOT_FOUND, "there is no line ''")
        service.run('line', 'show', '-1').expect(1)
        service.run('line', 'show', '/dev/tapi/card77-line9').expect(
            NOT_FOUND, 'there is no telephone line /dev/tapi/card77-line9')
        service.run('line', 'show', '/').expect(NOT_FOUND)


def test_show_ambiguous():
    """line show: two lines of the same name need a number"""
    with Service(a={'Lines': 1, 'Name': 'twin'}, b={'Lines': 1, 'Name': 'twin'}) as service:
        service.run('line', 'show', 'twin 0').expect(
            NOT_FOUND, "lines 0 and 1 are both called 'twin 0': use the number")
        equal(service.run('-J', 'line', 'show', '1').expect(OK).json()['line']['number'], 1)


def test_removed():
    """A line that was removed is not listed, and not found"""
    with Service() as service:
        service.tell('remove 0')
        wait_for(lambda: service.status()['lines'][0]['state'] == 'removed', 'the removal')
        listed = service.run('-J', 'line', 'list').expect(OK).json()
        equal([line['number'] for line in listed['lines']], [1])
        service.run('line', 'show', '0').expect(NOT_FOUND, 'LINEERR_NODEVICE')


def test_show_unopenable():
    """line show: a line that cannot be opened has capabilities all the same"""
    with Service() as service:
        service.tell('fault TSPI_lineOpen error=LINEERR_INUSE')
        shown = service.run('-J', 'line', 'show', '0').expect(OK).json()
        equal(shown['line']['name'], 'null 0')
        equal(list(shown['status']), ['unknown'])
        equal(len(shown['addresses']), 1)


def test_status_keys():
    """status -K: the golden output"""
    with Service() as service:
        wanted = STATUS_KEYS.format(module=BUILD / 'tsp/null/null.so')
        equal(service.run('-K', 'status').expect(OK).out, wanted)
        equal(service.run('-K').expect(OK).out, wanted, 'tapictl without an object')


def test_status_json():
    """status -J: calls, opens and programs are counted"""
    with Service() as service:
        call = service.begin('call', 'make', '1', '555', '--wait')
        call.until('CONNECTED')
        state = service.status()
        equal(state['version'], 1)
        equal(state['server']['calls'], 1)
        equal(state['server']['broken-invariants'], 0)
        equal([(line['state'], line['opens'], line['calls']) for line in state['lines']],
              [('closed', 0, 0), ('open', 1, 1)])
        made = [(p['registrations'], p['lines'], p['calls']) for p in state['programs']
                if p['calls']]
        equal(made, [(1, 1, 1)])


def test_status_text():
    """status: every part is there"""
    with Service() as service:
        out = service.run().expect(OK).out
        for part in ('server\n  name               tapisrv ', '\nPROVIDER  STATE ',
                     '\nnull      running', '\nPROGRAM  PID ',
                     '\nLINE  NAME    STATE   OPEN BY  CALLS  PROVIDER\n'):
            contains(out, part)


def test_clients():
    """client list: programs, and none but itself on an idle service"""
    with Service() as service:
        programs = service.run('-J', 'client', 'list').expect(OK).json()['programs']
        equal([program['name'] for program in programs], ['tapictl'])


def provider_of(service):
    done = subprocess.run([TAPICTL, *service.args(['-J', 'provider', 'list'])], env=service.env(),
                          stdout=subprocess.PIPE, timeout=30, check=True)
    return json.loads(done.stdout)['providers'][0]


def test_status_of_many():
    """status: 3,000 lines, more than fit into one answer"""
    with Service(**{name: {'Lines': 1000} for name in 'abc'}) as service:
        lines = service.status()['lines']
        equal([line['number'] for line in lines], list(range(3000)))
        equal(sorted({line['provider'] for line in lines}), ['a', 'b', 'c'])
        equal(len(service.run('-J', 'line', 'list').expect(OK).json()['lines']), 3000)


def test_provider_restart():
    """provider restart: another process serves the same lines; unknown names are not found"""
    with Service() as service:
        before = provider_of(service)
        service.run('provider', 'restart', 'null').expect(OK)
        wait_for(lambda: provider_of(service)['state'] == 'running' and
                 provider_of(service)['pid'] != before['pid'], 'another process')
        wait_for(lambda: [line['state'] for line in service.status()['lines']] == ['closed'] * 2,
                 'the lines')
        service.run('provider', 'restart', 'nobody').expect(
            NOT_FOUND, "there is no provider 'nobody'")


def test_provider_crashed():
    """provider list: a provider that died is started again, and counted"""
    with Service() as service:
        before = provider_of(service)
        os.kill(before['pid'], signal.SIGKILL)
        after = wait_for(lambda: provider_of(service)['restarts'] > 0 and
                         provider_of(service)['state'] == 'running' and provider_of(service),
                         'the restart')
        equal(after['lines'], 2)


def test_provider_broken():
    """provider list: why a provider does not run"""
    with Service(null={'Lines': 2}, broken={'Lines': 'many'}) as service:
        broken, fine = service.run('-J', 'provider', 'list').expect(OK).json()['providers']
        equal((broken['name'], fine['name']), ('broken', 'null'))
        equal(fine['state'], 'running')
        if broken['state'] == 'running' or not broken.get('reason'):
            raise Failure(str(broken))


def test_reload():
    """reload: new providers come, a wrong file changes nothing and is refused"""
    with Service() as service:
        service.configure('second', {'Lines': 1, 'Name': 'second'})
        service.run('reload').expect(OK)
        wait_for(lambda: len(service.status()['lines']) == 3, 'the new line')
        (service.dir / 'conf/providers.d/third.conf').write_text('[Provider]\nEnabled=perhaps\n')
        service.run('reload').expect(REFUSED, 'the configuration is wrong')
        equal([p['name'] for p in service.status()['providers']], ['null', 'second'])


def on_terminal(service, *args):
    """What tapictl says on a terminal, and how it ends."""
    ours, terminal = pty.openpty()
    child = subprocess.Popen([TAPICTL, *service.args(args)], env=service.env(), stderr=terminal,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    os.close(terminal)
    told = b''
    try:
        while more := os.read(ours, 4096):
            told += more
    except OSError:     # nobody has the other end open any more
        pass
    os.close(ours)
    return told.decode(), child.wait(30)


def test_slow_service():
    """A service that does not answer is waited for, and a terminal is told so"""
    with Service() as service:
        os.kill(service.server.pid, signal.SIGSTOP)
        cont = threading.Timer(2, os.kill, (service.server.pid, signal.SIGCONT))
        cont.start()
        told, status = on_terminal(service, 'line', 'list')
        cont.join()
        equal((status, told), (OK, 'waiting for the service to start ...\r\n'))
        os.kill(service.server.pid, signal.SIGSTOP)
        told, status = on_terminal(service, 'status')
        os.kill(service.server.pid, signal.SIGCONT)
        equal(status, TIMEOUT)
        contains(told, 'waiting for an answer of the service ...')
        contains(told, 'greeting the service: the service does not answer')


def complete(service, *words):
    """What bash offers in place of the last word."""
    script = SOURCE / 'userspace/tools/tapictl/tapictl.bash'
    env = {**service.env(), 'PATH': f'{TAPICTL.parent}:{os.environ["PATH"]}'}
    done = subprocess.run(
        ['bash', '-c', f'. {script}; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _tapictl; '
         'printf "%s\\n" "${COMPREPLY[@]}"', 'bash', 'tapictl', *words],
        env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
    equal(done.stderr.decode(), '', 'standard error')
    return done.stdout.decode().split('\n')[:-1]


def test_completion():
    """Completion: objects, verbs, options, lines and providers of the service"""
    with Service(null={'Lines': 2}, lab={'Lines': 1, 'Name': 'lab'}) as service:
        equal(complete(service, ''), ['status', 'line', 'call', 'monitor', 'provider', 'client',
                                      'reload', 'trace', 'explain'])
        equal(complete(service, 'c'), ['call', 'client'])
        equal(complete(service, 'call', ''), ['make', 'answer', 'drop', 'digits'])
        equal(complete(service, '-J', 'line', 's'), ['show'])
        equal(sorted(complete(service, 'line', 'show', '')),
              ['lab\\ 0', 'null\\ 0', 'null\\ 1'])
        equal(complete(service, 'call', 'make', 'l'), ['lab\\ 0'])
        equal(complete(service, 'monitor', 'null 0', 'la'), ['lab\\ 0'])
        equal(complete(service, 'call', 'make', 'lab 0', ''), [''])
        equal(complete(service, 'line', 'list', ''), [''])
        equal(complete(service, '--admin-socket', str(service.dir / 'admin'), 'provider',
                       'restart', ''), ['lab', 'null'])
        equal(complete(service, '--admin-socket', '=', str(service.dir / 'admin'), 'provider',
                       'restart', 'n'), ['null'])
        equal(complete(service, '-s', str(service.dir / 'nobody'), 'line', 'show', ''), [''])
        equal(complete(service, 'call', 'make', '--wa'), ['--wait'])


def test_no_server():
    """Without a service every verb ends with 6 and says where it looked"""
    with Service() as service:
        nowhere = ['-s', str(service.dir / 'nobody'),
                   '--admin-socket', str(service.dir / 'nobody')]
        for verb in ([], ['status'], ['line', 'list'], ['line', 'show', '0'],
                     ['call', 'make', '0', '1'], ['call', 'answer', '0'], ['call', 'drop', '0'],
                     ['call', 'digits', '0', '1'], ['monitor'], ['provider', 'list'],
                     ['provider', 'restart', 'null'], ['client', 'list'], ['reload']):
            result = service.run(*nowhere, *verb).expect(NO_SERVER, str(service.dir / 'nobody'))
            equal(result.out, '', f'{verb}: standard output')


def test_socket_option():
    """-s takes the place of TAPI_SOCKET"""
    with Service() as one, Service(null={'Lines': 5}) as other:
        listed = one.run('-s', str(other.dir / 'sock'), '-J', 'line', 'list').expect(OK).json()
        equal(len(listed['lines']), 5)


def test_hostile_names():
    """Names from outside cannot control the terminal"""
    with Service(null={'Lines': 1, 'Name': 'x\x1b[31m\xc2\x9b\\'}) as service:
        out = service.run('line', 'list').expect(OK).out
        if '\x1b' in out or '\x9b' in out:
            raise Failure(str(out.encode()))
        contains(out, 'x\\x1b[31m')
        contains(service.run('-K', 'line', 'list').expect(OK).out, 'line.name=x\\x1b[31m')


def test_full_disk():
    """Output that cannot be written is no success"""
    with Service() as service, open('/dev/full', 'wb') as full:
        done = subprocess.run([TAPICTL, 'line', 'list'], stdout=full, stderr=subprocess.PIPE,
                              env=service.env(), timeout=30, check=False)
        equal(done.returncode, REFUSED)
        contains(done.stderr.decode(), 'No space left on device')


main(globals())
