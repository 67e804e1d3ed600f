#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""table.py PARTS RESULTS TABLE: from the values in PARTS/*.csv one list and one table for people.

A line of a part is NAME,VALUE,UNIT,PEER,PEER'S VALUE,RATIO; the last three may be empty.
"""

import csv
import os
import platform
import sys

# Name, what it is, target: None where the project has set none
ROWS = [
    ('pump.1', 'sound of a line in the kernel, 1 line', '<= 200'),
    ('pump.2', '... 2 lines', '<= 200'),
    ('pump.8', '... 8 lines', '<= 200'),
    ('pump.32', '... 32 lines', '<= 200'),
    ('pump.110', '... 110 lines', '<= 200'),
    ('pump.1.of32', '... 1 line of a card with 32', '<= 200'),
    ('pump.1.10ms', '... 1 line, clock in steps of 10 ms', None),
    ('pump.32.10ms', '... 32 lines, steps of 10 ms', None),
    ('whole.1', 'with programs that read and write, 1 line', None),
    ('whole.2', '... 2 lines', None),
    ('whole.8', '... 8 lines', None),
    ('whole.32', '... 32 lines', None),
    ('whole.110', '... 110 lines', None),
    ('pump_dahdi.1', 'beside DAHDI: in the kernel, 1 line', None),
    ('pump_dahdi.2', '... 2 lines', None),
    ('pump_dahdi.8', '... 8 lines', None),
    ('pump_dahdi.32', '... 32 lines', None),
    ('pump_dahdi.110', '... 110 lines', None),
    ('whole_dahdi.1', '... with programs that read and write, 1 line', None),
    ('whole_dahdi.2', '... 2 lines', None),
    ('whole_dahdi.8', '... 8 lines', None),
    ('whole_dahdi.32', '... 32 lines', None),
    ('whole_dahdi.110', '... 110 lines', None),
    ('wakeups.0', 'timers for sound, none streams', '0'),
    ('wakeups.1', '... 1 line', '<= 50'),
    ('wakeups.2', '... 2 lines', '<= 50'),
    ('wakeups.8', '... 8 lines', '<= 50'),
    ('wakeups.32', '... 32 lines of a card', '<= 50'),
    ('wakeups.1.10ms', '... 1 line, steps of 10 ms', None),
    ('wakeups.32.10ms', '... 32 lines, steps of 10 ms', None),
    ('event.found', 'event: report to read(), that finds it', '<= 3,000'),
    ('event.waiting', '... that waits for it: with the switch', '<= 3,000'),
    ('relay.message', '1 KiB through the relay', '<= 25,000'),
    ('relay.netlink', '... beside plain netlink', None),
    ('relay.rate', '... as a rate', '>= 20'),
    ('request.short', 'request answered by tapisrv, p50', '<= 1.5 x'),
    ('request.devcaps', '... lineGetDevCaps', None),
    ('request.provider', '... by the provider in its host', None),
    ('calls.1', 'complete calls, 1 program', None),
    ('calls.16', '... 16 programs', '>= 5,000'),
    ('calls.1.cpu', 'all processes, 1 program', None),
    ('calls.16.cpu', '... 16 programs', None),
    ('fanout.1', 'event to 1 program', None),
    ('fanout.10', '... 10 programs, the last one', None),
    ('fanout.50', '... 50 programs', None),
    ('fanout.200', '... 200 programs', None),
]
COLUMNS = ['what', 'target', 'measured', 'unit', 'peer', 'of the peer', 'ratio']


def beside(line, peer, other):
    """A value and what a peer has measured for the same."""
    ratio = float(line[1]) / float(other[1]) if float(other[1]) else None
    return line[:3] + [peer, other[1], '' if ratio is None else f'{ratio:.4g}']


def read(directory):
    """All values, by name."""
    values = {}
    for name in sorted(os.listdir(directory)):
        if name.endswith('.csv'):
            with open(os.path.join(directory, name), encoding='utf-8') as file:
                for line in csv.reader(file):
                    values[line[0]] = line
    # What a program measured under a name of its own for the same row
    for name, line in list(values.items()):
        how, _, lines = name.partition('.')
        dahdi = values.get('dahdi.' + name)
        if dahdi:
            values[f'{how}_dahdi.{lines}'] = beside(line, 'DAHDI', dahdi)
        loop = values.get('aloop.' + '.'.join(name.split('.')[:2]))
        if loop:
            values[name] = beside(line, 'snd-aloop', loop)
    return values


def number(text):
    """A value as people read it."""
    if not text:
        return ''
    value = float(text)
    if abs(value) >= 100:
        return f'{value:,.0f}'
    return f'{value:.3g}'


def machine():
    """What it was measured on."""
    model = platform.machine()
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as file:
            for line in file:
                if line.startswith('model name'):
                    model = line.split(':', 1)[1].strip()
                    break
    except OSError:
        pass
    load = os.getloadavg()[0]
    return f'{os.cpu_count()} x {model}, Linux {platform.release()}, load {load:.1f}'


def render(rows):
    """Columns with two blanks between."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    left = (0, 3, 4)
    lines = []
    for row in rows:
        cells = [cell.ljust(width) if i in left else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        lines.append('  '.join(cells).rstrip())
    lines.insert(1, '  '.join('-' * width for width in widths))
    return lines


def main():
    """The two files."""
    parts, results, table = sys.argv[1:]
    values = read(parts)
    rows = [COLUMNS]
    with open(results, 'w', encoding='utf-8', newline='') as file:
        out = csv.writer(file, lineterminator='\n')
        out.writerow(['name', 'value', 'unit', 'peer', 'peer_value', 'ratio'])
        for name, what, target in ROWS:
            if name not in values:
                continue
            out.writerow([name, *values[name][1:]])
            _, value, unit, peer, other, ratio = values[name]
            rows.append([what, target or '', number(value), unit, peer, number(other),
                         number(ratio) + ' x' if ratio else ''])
    with open(table, 'w', encoding='utf-8') as file:
        print(machine(), file=file)
        print(file=file)
        print('\n'.join(render(rows)), file=file)


main()
