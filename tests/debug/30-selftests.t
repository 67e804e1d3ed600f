#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The selftests on the debug kernel: LIST on two processors, LIST.timed in virtual time."""

import os
import sys

import debug
from debug import guest, tap

LISTS = [('selftests', 'LIST', []), ('selftests-timed', 'LIST.timed', ['--icount', '1'])]
# What says nothing here that it does not say on Debian's kernels, and takes many minutes
LEFT_OUT = {'pcm-hour': 'an hour of sound, for its length'}


def main():
    """Both lists."""
    debug.need_kernel()
    merger = tap.Merger()
    runner = os.path.join(debug.TOP, 'tests', 'vm', 'guest-selftests')
    for name, list_name, options in LISTS:
        whole = guest.programs(os.path.join(debug.TOP, 'tests', 'selftests', list_name))
        chosen = [words for words in whole if words[0] not in LEFT_OUT]
        path = os.path.join(debug.CHECK, list_name)
        with open(path, 'w', encoding='utf-8') as file:
            file.writelines(' '.join(words) + '\n' for words in chosen)
        programs = os.path.join(debug.BUILD, 'tests', 'selftests')
        vm, out = debug.boot(name, f'sh {runner} {debug.CHECK}/stage {programs} {path}', options)
        guest.take_over(merger, name, out, [words[0] for words in chosen])
        debug.judge(merger, name, vm, out)
    return merger.done()


sys.exit(main())
