#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The selftests on the debug kernel: LIST on two processors, LIST.timed in virtual time, at once.

To look for leaks makes all of it three or four times as long, so it is done in a boot for those where
everything comes and goes; 40-fail-nth.t does for each call.
"""

import concurrent.futures
import glob
import os
import subprocess
import sys

import debug
from debug import guest, tap

PROGRAMS = os.path.join(debug.BUILD, 'tests', 'selftests')
COMES_AND_GOES = ('line-unplug', 'pcm-unplug', 'relay-bind', 'relay-death', 'relay-data')
# name of the boot, list, those of it that look for leaks, options of the VM
LISTS = [('selftests', 'LIST', None, []),
         ('selftests-timed', 'LIST.timed', None, ['--icount', '0']),
         ('selftests-leaks', 'LIST', COMES_AND_GOES, [])]
NO_TIME = 'the C library of 32 bits sleeps and waits by calls that this kernel does not have'
# What says nothing here that it does not say on Debian's kernels
LEFT_OUT = {'pcm-hour': 'an hour of sound, for its length',
            'relay-grant-32': NO_TIME, 'relay-line-32': NO_TIME}
# What they open besides themselves and their libraries
OPENED = ['/bin', '/lib', '/lib64', '/sbin', '/bin/sh', '/bin/kmod', '/etc/ld.so.cache',
          '/usr/share/alsa/alsa.conf', '/usr/share/alsa/cards/aliases.conf',
          *glob.glob('/usr/share/alsa/*/default.conf'), *glob.glob('/usr/share/alsa/pcm/*.conf')]
TOOLS = [os.path.join(debug.BUILD, 'tools', *words)
         for words in (('office', 'tapi-office'), ('tapi-compliance', 'tapi-compliance'))]


def files(names):
    """All that programs of these names open, libraries by the names they are asked for by."""
    programs = [os.path.join(PROGRAMS, name) for name in names] + TOOLS \
        + glob.glob(os.path.join(debug.BUILD, 'tsp', '*', '*.so'))
    said = subprocess.run(['ldd', *OPENED[4:6], *programs], capture_output=True, text=True,
                          check=False)
    libraries = {word for line in said.stdout.splitlines() if not line.endswith(':')
                 for word in line.split() if word.startswith('/')}
    return sorted({*OPENED, *programs, *libraries})


def write(name, list_name, only):
    """The list as it is run here, and what is opened, NAME.files: path, names of programs."""
    whole = guest.programs(os.path.join(debug.TOP, 'tests', 'selftests', list_name))
    chosen = [words for words in whole if words[0] in (only or words) and words[0] not in LEFT_OUT]
    path = os.path.join(debug.CHECK, name)
    with open(path, 'w', encoding='utf-8') as file:
        file.writelines(' '.join(words) + '\n' for words in chosen)
    names = [words[0] for words in chosen]
    with open(path + '.files', 'w', encoding='utf-8') as file:
        file.write('\n'.join(files(names)) + '\n')
    return path, names


def run(name, list_name, only, options):
    """One boot: the programs' names, the VM's result, where they left theirs."""
    path, names = write(name, list_name, only)
    opened = f'{path}.files' if '--icount' in options else ''
    command = f'sh {debug.HERE}/guest list {path} {PROGRAMS} {opened}'
    return names, *debug.boot(name, command, options, bool(only))


def main():
    """Two boots at once; what looks for leaks begins when one of the others has ended."""
    debug.need_kernel()
    merger = tap.Merger()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(run, *boot) for boot in LISTS]
    for (name, _, only, _), job in zip(LISTS, jobs):
        names, vm, out = job.result()
        guest.take_over(merger, name, out, names)
        debug.judge(merger, name, vm, out, bool(only))
    return merger.done()


sys.exit(main())
