#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tapictl trace: text, JSON and drawings of recorded steps."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
from xml.etree import ElementTree

from tapictl_service import (NOT_FOUND, OK, REFUSED, TAPICTL, USAGE, Failure, Result, Service,
                             contains, equal, main)

LIFELINES = ['driver', 'TSP', 'TAPISRV', 'TAPI3', 'MSP', 'application']
SVG = '{http://www.w3.org/2000/svg}'


def step(ms, origin, target, name, **args):
    return {'t': 5_000_000_000 + round(ms * 1_000_000), 'from': origin, 'to': target, 'name': name,
            'args': args}


# An incoming call through all parts, and in the order of time
CALL = [
    step(0, 'driver', 'TSP', 'RING', state=1),
    step(0.25, 'TSP', 'TAPISRV', 'LINE_NEWCALL', line=1, call=2147483649),
    step(0.5, 'TSP', 'TAPISRV', 'LINE_CALLSTATE', line=1, call=2147483649, p1=2, p2=0, p3=4),
    step(1, 'TAPISRV', 'TAPI3', 'LINE_CALLSTATE', device=7, p1=2, p2=0, p3=4),
    step(1.5, 'TAPI3', 'application', 'CALL_STATE', state='OFFERING'),
    step(900, 'application', 'TAPI3', 'tapi3_call_answer'),
    step(900.125, 'TAPI3', 'TAPI3', 'select terminal', terminal='a <b> & "c"'),
    step(901, 'TAPI3', 'TAPISRV', 'lineAnswer', call=7),
    step(902, 'TAPISRV', 'TSP', 'TSPI_lineAnswer', request=3, call=2147483649),
    step(903, 'TSP', 'MSP', 'START', pcm='hw:TAPI0,0', text='long ' * 40),
    step(904, 'TSP', 'TAPISRV', 'completion', request=3, result=-2147483576),
    step(905, 'TAPISRV', 'TAPI3', 'LINE_REPLY', p1=3, p2=18446744071562068040, p3=0),
    step(906, 'application', 'application', 'ende \u00fc\u4e16'),
]

TEXT = '''\
    1        0.000 ms       driver -> TSP          RING  state=1
    2        0.250 ms          TSP -> TAPISRV      LINE_NEWCALL  line=1 call=2147483649
    3        0.500 ms          TSP -> TAPISRV      LINE_CALLSTATE  line=1 call=2147483649 \
state=OFFERING p3=4
    4        1.000 ms      TAPISRV -> TAPI3        LINE_CALLSTATE  device=7 state=OFFERING p3=4
    5        1.500 ms        TAPI3 -> application  CALL_STATE  state="OFFERING"
    6      900.000 ms  application -> TAPI3        tapi3_call_answer
'''


class Traces:
    """A directory with trace files."""

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory(prefix='tapictl-')
        self.path = pathlib.Path(self.dir.name)
        return self

    def __exit__(self, *_):
        self.dir.cleanup()

    def write(self, name, steps):
        text = ''.join(s if isinstance(s, str) else json.dumps(s, separators=(',', ':')) + '\n'
                       for s in steps)
        (self.path / name).write_text(text)
        return str(self.path / name)


def run(*args, **more):
    done = subprocess.run([TAPICTL, 'trace', *args], capture_output=True, timeout=60, check=False,
                          **(more or {'stdin': subprocess.DEVNULL}))
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def texts(group):
    return [element.text for element in group.iter(SVG + 'text')]


def drawing(text):
    """The arrows of a drawing as (from x, to x, texts), and the x of each lifeline."""
    root = ElementTree.fromstring(text)
    equal(root.tag, SVG + 'svg')
    heads = {}
    rects = root.findall(SVG + 'rect')
    for rect, label in zip(rects[1:], [t for t in root.findall(SVG + 'text')
                                       if t.get('font-size') == '11']):
        middle = float(rect.get('x')) + float(rect.get('width')) / 2
        equal(float(label.get('x')), middle, 'place of a name')
        heads[label.text] = middle
    arrows = []
    for group in root.findall(SVG + 'g'):
        line = group.find(SVG + 'line')
        path = group.find(SVG + 'path')
        if line is not None:
            ends = float(line.get('x1')), float(line.get('x2'))
            equal(line.get('marker-end'), 'url(#head)')
        else:
            x = float(re.match(r'M([\d.]+) ', path.get('d')).group(1))
            ends = x, x
            equal(path.get('marker-end'), 'url(#head)')
        arrows.append((*ends, texts(group), group.find(SVG + 'title').text))
    return root, heads, arrows


def test_text():
    """--text: numbered, with ms since the first, numbers of TAPI by name"""
    with Traces() as traces:
        out = run(traces.write('a', CALL), '--text').expect(OK).out
        equal(''.join(line + '\n' for line in out.splitlines()[:6]), TEXT)
        contains(out, 'completion  request=3 result=LINEERR_OPERATIONFAILED\n')
        contains(out, 'LINE_REPLY  request=3 result=LINEERR_OPERATIONFAILED\n')
        equal(len(out.splitlines()), len(CALL))


def test_json():
    """--json: the steps as they were, with number and ms"""
    with Traces() as traces:
        path = traces.write('a', CALL)
        wanted = [{'step': n, 'ms': (s['t'] - CALL[0]['t']) / 1e6, **s}
                  for n, s in enumerate(CALL, 1)]
        equal(json.loads(run(path, '--json').expect(OK).out), wanted)
        equal(json.loads(run(path, '-J').expect(OK).out), wanted)


def test_merge():
    """Several files are put in the order of time; equal times in the order of reading"""
    with Traces() as traces:
        one = traces.write('one', CALL[1::2])
        two = traces.write('two', CALL[0::2])
        got = json.loads(run(one, two, '--json').expect(OK).out)
        equal([s['name'] for s in got], [s['name'] for s in CALL])
        same = traces.write('same', [step(0, 'TSP', 'TSP', f'n{i}') for i in range(50)])
        got = json.loads(run(same, '--json').expect(OK).out)
        equal([s['name'] for s in got], [f'n{i}' for i in range(50)])


def test_svg():
    """SVG: well-formed, every lifeline, every arrow from and to the right one"""
    with Traces() as traces:
        root, heads, arrows = drawing(run(traces.write('a', CALL)).expect(OK).out)
        equal(list(heads), LIFELINES)
        equal(sorted(heads.values()), list(heads.values()), 'order of lifelines')
        equal(len(arrows), len(CALL))
        for number, (arrow, record) in enumerate(zip(arrows, CALL), 1):
            if abs(arrow[0] - heads[record['from']]) > 2 or abs(arrow[1] - heads[record['to']]) > 2:
                raise Failure(f'{record} is drawn from {arrow[0]} to {arrow[1]}, {heads}')
            equal(arrow[2][:3], [str(number), f"{(record['t'] - CALL[0]['t']) / 1e6:.3f}",
                                 record['name']])
            contains(arrow[3], f"{record['from']} to {record['to']}: {record['name']}")
        names = {element.tag for element in root.iter()}
        equal(names & {SVG + 'script', SVG + 'image', SVG + 'foreignObject', SVG + 'style'}, set())
        outside = [v for e in root.iter() for k, v in e.attrib.items() if 'href' in k]
        equal(outside, [], 'references')


def test_svg_inside():
    """SVG: nothing lies outside the drawing, long arguments are shortened but in the title"""
    with Traces() as traces:
        root, _, arrows = drawing(run(traces.write('a', CALL)).expect(OK).out)
        width, height = float(root.get('width')), float(root.get('height'))
        for text in root.iter(SVG + 'text'):
            size = len(text.text) * float(text.get('font-size')) * 0.6
            left = float(text.get('x')) - size * {'start': 0, 'middle': 0.5, 'end': 1}[
                text.get('text-anchor')]
            if left < 0 or left + size > width or not 0 < float(text.get('y')) < height:
                raise Failure(f'{text.text} at {left} in {width} x {height}')
        equal(arrows[9][2][3][-1], '\u2026')
        contains(arrows[9][3], 'long ' * 40)
        equal(arrows[6][2][3], 'terminal="a <b> & \\"c\\""')
        equal(arrows[12][2][2], 'ende \u00fc\u4e16')


def test_svg_used_only():
    """SVG: lifelines that no step uses are not drawn; unknown ones are"""
    with Traces() as traces:
        path = traces.write('a', [step(0, 'TSP', 'TAPISRV', 'x'),
                                  step(1, 'TAPISRV', 'exchange', 'y')])
        equal(list(drawing(run(path).expect(OK).out)[1]), ['TSP', 'TAPISRV', 'exchange'])


def test_svg_hostile():
    """SVG: no text of a trace can break out, or break XML"""
    nasty = '</title><script>alert(1)</script>\x00\x01\ufffe]]>&amp;\u2028\U0001f600'
    with Traces() as traces:
        bad = nasty.replace('\x00', '')
        path = traces.write('a', [step(0, bad, 'TSP', bad, **{bad: bad}),
                                  step(1, 'TSP', 'TSP', '', x=[1, {'y': None}, True, -1.5e3])])
        root, heads, arrows = drawing(run(path).expect(OK).out)
        equal(len(arrows), 2)
        equal(len(heads), 2)
        equal([e for e in root.iter() if 'script' in e.tag], [])


def test_choice():
    """--from, --to: these steps with their numbers, time from the first of them"""
    with Traces() as traces:
        path = traces.write('a', CALL)
        got = json.loads(run(path, '--json', '--from', '6', '--to', '8').expect(OK).out)
        equal([(s['step'], s['ms'], s['name']) for s in got],
              [(6, 0, 'tapi3_call_answer'), (7, 0.125, 'select terminal'), (8, 1, 'lineAnswer')])
        equal(list(drawing(run(path, '--from', '6', '--to', '8').expect(OK).out)[1]),
              ['TAPISRV', 'TAPI3', 'application'])
        equal(len(json.loads(run(path, '--json', '--to', '1').expect(OK).out)), 1)
        for wrong in (['--from', '14'], ['--to', '14'], ['--from', '3', '--to', '2']):
            run(path, '--json', *wrong).expect(USAGE, 'steps go from 1 to 13')
        for wrong in (['--from', '0'], ['--to', 'x'], ['--text', '--json']):
            run(path, *wrong).expect(USAGE)


def test_output():
    """-o, standard input"""
    with Traces() as traces:
        path = traces.write('a', CALL)
        out = traces.path / 'out.svg'
        equal(run(path, '-o', str(out)).expect(OK).out, '')
        equal(out.read_text(), run(path).expect(OK).out)
        with open(path, 'rb') as file:
            equal(run('-', stdin=file).expect(OK).out, out.read_text())
        run(path, '-o', str(traces.path / 'no/such/dir')).expect(REFUSED, 'No such file')
        run(path, '-o', '/dev/full').expect(REFUSED, 'No space left on device')


def test_bad_files():
    """Files that are missing, empty, or not traces"""
    with Traces() as traces:
        run(str(traces.path / 'missing')).expect(NOT_FOUND, 'No such file or directory')
        run(str(traces.path)).expect(REFUSED, 'Is a directory')
        run(traces.write('empty', [])).expect(NOT_FOUND, 'there are no steps')
        run(traces.write('no', ['not a trace\n'])).expect(NOT_FOUND, 'no:1: not a step')


WRONG = ['{', '{}', '[]', '{"t":1}', 'null', '{"t":1,"from":"TSP","to":"TSP"}',
         '{"t":-1,"from":"TSP","to":"TSP","name":"x"}',
         '{"t":"1","from":"TSP","to":"TSP","name":"x"}',
         '{"t":1.5,"from":"TSP","to":"TSP","name":"x"}',
         '{"t":99999999999999999999999,"from":"TSP","to":"TSP","name":"x"}',
         '{"t":1,"from":"","to":"TSP","name":"x"}', '{"t":1,"from":3,"to":"TSP","name":"x"}',
         '{"t":1,"from":"TSP","to":"TSP","name":"x"} {}',
         '{"t":1,"from":"TSP","to":"TSP","name":"x",}',
         '{"t":1,"from":"TSP","to":"TSP","name":"x","args":{"a":}}',
         '{"t":1,"from":"TSP","to":"TSP","name":"x","args":' + '[' * 200 + ']' * 200 + '}',
         '{"t":1,"from":"TSP","to":"TSP","name":"\\u00"}',
         '{"t":1,"from":"TSP","to":"TSP","name":"a\\u0000b"}',
         '{"t":1,"from":"TSP","to":"TSP","name":"\\x"}',
         '{"t":1,"from":"TSP","to":"TSP","name":"x","args":tru}',
         '{"t":1,"from":"TSP","to":"TSP","name":"x"']

RIGHT = ['{"t":1,"from":"TSP","to":"TSP","name":"x"}',
         ' { "t" : 1 , "later" : [ 1 , { } ] , "from":"TSP","to":"TSP","name":"\\ud83d\\ude00" } ',
         '{"t":1,"from":"TSP","to":"TSP","name":"\\ud83d lone","args":{"a":-0.5E-7,"b":[true]}}']


def test_bad_records():
    """Lines that are no records are told and left out, the others stay"""
    with Traces() as traces:
        path = traces.write('a', [line + '\n' for line in WRONG + RIGHT + ['', '']])
        result = run(path, '--json').expect(OK, 'not a step')
        equal([re.search(r':(\d+): not a step', line).group(1)
               for line in result.err.splitlines()], [str(n + 1) for n in range(len(WRONG))])
        equal([s['name'] for s in result.json()], ['x', '\U0001f600', '\ufffd lone'])
        (traces.path / 'latin').write_bytes(b'{"t":1,"from":"TSP","to":"TSP","name":"\xfc"}\n')
        run(str(traces.path / 'latin')).expect(NOT_FOUND, 'not a step')


def test_many():
    """Thousands of steps"""
    with Traces() as traces:
        path = traces.write('a', [step(i, LIFELINES[i % 6], LIFELINES[i // 6 % 6], f'step {i}')
                                  for i in range(5000)])
        equal(len(drawing(run(path).expect(OK).out)[2]), 5000)


def test_real():
    """A real call, recorded by a program, the service and the host"""
    with Service() as service, Traces() as traces:
        path = str(traces.path / 'real')
        os.environ['TAPI_TRACE'] = path
        try:
            service.run('call', 'make', '0', '5551234').expect(OK)
        finally:
            del os.environ['TAPI_TRACE']
        steps = json.loads(run(path, '--json').expect(OK).out)
        names = [s['name'] for s in steps]
        for name in ('lineInitializeEx', 'lineMakeCall', 'LINE_REPLY', 'LINE_CALLSTATE', 'lineDrop',
                     'lineShutdown'):
            if name not in names:
                raise Failure(f'no {name} in {names}')
        equal(len(drawing(run(path).expect(OK).out)[2]), len(steps))


main(globals())
