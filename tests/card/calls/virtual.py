# SPDX-License-Identifier: GPL-2.0-or-later
"""In a virtual machine with virtual time: its clock is the card's, see Documentation/card-model.md.

Between two instructions of the guest the model does what it is told, and answers: no time passes.
"""

import ctypes
import glob
import mmap
import os

import machine

IDS = ('0x1234', '0x7a91')
SIZE = 4096
COMMAND, ANSWER = 0x0c, 0x10


def _has_ids(path):
    """Whether a PCI function is the clock beside a card."""
    found = []
    for name in ('vendor', 'device'):
        with open(f'{path}/{name}', encoding='ascii') as file:
            found.append(file.read().strip())
    return tuple(found) == IDS


class Model(machine.Model):  # pylint: disable=too-few-public-methods
    """The model of the first card; only one program at a time may speak to it."""

    def __init__(self):
        # pylint: disable=super-init-not-called
        path = next(filter(_has_ids, sorted(glob.glob('/sys/bus/pci/devices/*'))))
        fd = os.open(f'{path}/resource0', os.O_RDWR | os.O_CLOEXEC)
        self.registers = mmap.mmap(fd, SIZE)
        os.close(fd)
        self.command = ctypes.c_uint8.from_buffer(self.registers, COMMAND)
        self.answer = ctypes.c_uint32.from_buffer(self.registers, ANSWER)

    def tell(self, command):
        """Does it; what it answers, line by line."""
        for character in command.encode() + b'\n':
            self.command.value = character
        said = b''
        while not said.endswith(b'\0'):
            said += self.answer.value.to_bytes(4, 'little')
        *lines, last = said.rstrip(b'\0').decode().splitlines()
        if last != 'ok':
            raise ValueError(f'{command}: {last}')
        return lines
