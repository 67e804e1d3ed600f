# SPDX-License-Identifier: GPL-2.0-or-later
"""A root directory for "vm-run --ram": files, programs with their libraries, modules with theirs."""

import glob
import os
import re
import shutil
import subprocess
import sys

UNPACK = {'.xz': 'xz', '.zst': 'zstd'}


class Root:
    """The directory; paths in the guest are those of this machine unless told otherwise."""

    def __init__(self, path):
        self.path = path

    def _place(self, name):
        place = os.path.join(self.path, name.lstrip('/'))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        return place

    def file(self, path, name=None):
        """A file, or what a link leads to."""
        place = self._place(name or path)
        if not os.path.exists(place):
            shutil.copy2(path, place)

    def tree(self, path, name=None):
        """A directory."""
        shutil.copytree(path, self._place(name or path), symlinks=True, dirs_exist_ok=True)

    def program(self, path, name=None):
        """A program, or a library, and the libraries that it needs."""
        self.file(path, name)
        said = subprocess.run(['ldd', path], capture_output=True, text=True, check=True).stdout
        for library in re.findall(r'(?:=> |^\s*)(/\S+) \(0x', said, re.MULTILINE):
            self.file(library)

    def python(self, *modules):
        """Python, with these modules and what they import."""
        self.program(sys.executable)
        ask = (f'import {", ".join(("encodings.ascii", "encodings.latin_1", "site", *modules))}, sys\n'
               'for m in list(sys.modules.values()):\n'
               '    print(getattr(m, "__file__", None) or "")')
        said = subprocess.run([sys.executable, '-c', ask], capture_output=True, text=True,
                              check=True).stdout
        for path in filter(os.path.exists, said.splitlines()):
            if path.endswith('.py'):
                self.file(path)
            else:
                self.program(path)

    def modules(self, release, stage, names):
        """Modules of a stage of ours, and those of the kernel that they need; modprobe."""
        system = f'/lib/modules/{release}'
        staged = f'{stage}/lib/modules/{release}'
        with open(f'{staged}/modules.dep', encoding='ascii') as file:
            needs = dict(line.split(':') for line in file)
        for path, others in needs.items():
            if os.path.basename(path).split('.')[0] in names:
                for inside in (path, *others.split()):
                    source = os.path.join(staged, inside)
                    self._module(source if os.path.exists(source) else os.path.join(system, inside),
                                 system)
        # a shell that looks for programs: busybox has a modprobe of its own, which is not up to this
        self.program('/bin/sh')
        self.program('/bin/kmod', '/sbin/modprobe')
        self.file('/bin/kmod', '/sbin/rmmod')
        for path in glob.glob(f'{system}/modules.order') + glob.glob(f'{system}/modules.builtin*'):
            self.file(path)
        subprocess.run(['/sbin/depmod', '-b', self.path, release], check=True)

    def _module(self, source, system):
        name, packed = os.path.splitext(os.path.basename(source))
        if packed not in UNPACK:
            self.file(source, f'{system}/{name}{packed}')
            return
        with open(self._place(f'{system}/{name}'), 'wb') as file:
            subprocess.run([UNPACK[packed], '-dc', source], stdout=file, check=True)
