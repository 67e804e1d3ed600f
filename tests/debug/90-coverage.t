#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of kernel/core and kernel/sim that the runs before this have executed.

Each boot has left its counters in build/check/debug/gcov; a line counts when any of them has it.
The table is in build/check/debug/coverage.txt. What is asked for is FLOOR; GOAL is the aim.
"""

import collections
import glob
import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

import debug
from debug import tap

GOAL = 90
FLOOR = 90
PARTS = ('core', 'sim')


def counters(archive, objects, lines):
    """Adds what one boot has counted: lines[file][line] is how often."""
    with tempfile.TemporaryDirectory() as where:
        with tarfile.open(archive) as tar:
            tar.extractall(where)
        found = glob.glob(os.path.join(where, '**', '*.gcda'), recursive=True)
        for data in found:
            notes = data[len(where):].removesuffix('.gcda') + '.gcno'
            # the directory is that of the build, whose root may have another name here
            notes = os.path.join(objects, notes.split('/debug/build/', 1)[-1])
            if os.path.exists(notes):
                shutil.copy(notes, os.path.dirname(data))
                count_object(data, lines)


def count_object(data, lines):
    """One object file."""
    run = subprocess.run(['gcov', '--json-format', '--stdout', os.path.basename(data)],
                         cwd=os.path.dirname(data), capture_output=True, check=False)
    text = run.stdout
    if text[:2] == b'\x1f\x8b':
        text = gzip.decompress(text)
    for document in text.splitlines():
        if not document.strip():
            continue
        for file in json.loads(document)['files']:
            name = part(file['file'])
            if name is None:
                continue
            for line in file['lines']:
                lines[name][line['line_number']] += line['count']


def part(path):
    """core/event.c for .../kernel/core/event.c; None for what is not ours."""
    path = os.path.normpath(path)
    for name in PARTS:
        head, found, tail = path.rpartition(f'/kernel/{name}/')
        if found and '/debug/build' in head:
            return f'{name}/{tail}'
    return None


def ranges(numbers):
    """1-3, 7 for the lines that were not executed."""
    text, numbers = [], sorted(numbers)
    start = last = None
    for number in numbers + [None]:
        if last is not None and number == last + 1:
            last = number
            continue
        if last is not None:
            text.append(str(start) if start == last else f'{start}-{last}')
        start = last = number
    return ', '.join(text)


def main():
    """The table."""
    debug.need_kernel()
    archives = sorted(glob.glob(os.path.join(debug.GCOV, '*.tar')))
    if not archives:
        print('1..0 # SKIP no boot of the debug kernel has left counters')
        return 0
    lines = collections.defaultdict(collections.Counter)
    for archive in archives:
        counters(archive, os.path.join(debug.CHECK, 'build'), lines)
    merger = tap.Merger()
    table = []
    for name in PARTS:
        all_lines = hit_lines = 0
        for file in sorted(f for f in lines if f.startswith(name + '/')):
            missed = [n for n, count in lines[file].items() if not count]
            total = len(lines[file])
            all_lines += total
            hit_lines += total - len(missed)
            table.append(f'{file:24} {100 * (total - len(missed)) / total:6.1f} %  '
                         f'{total - len(missed)} of {total}'
                         + (f'; not: {ranges(missed)}' if missed else ''))
        share = 100 * hit_lines / all_lines if all_lines else 0
        word = '' if share >= GOAL else f', below the aim of {GOAL} %'
        merger.result(share >= FLOOR, f'kernel/{name}: {share:.1f} % of {all_lines} lines '
                      f'executed{word} (at least {FLOOR} %)')
    with open(os.path.join(debug.CHECK, 'coverage.txt'), 'w', encoding='utf-8') as file:
        file.write('\n'.join(table) + '\n')
    merger.note('\n'.join(table))
    return merger.done()


sys.exit(main())
