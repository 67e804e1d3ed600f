# SPDX-License-Identifier: GPL-2.0-or-later
"""In the virtual machine: the exchange behind an FXO socket of the card's model, as calls need it.

The model runs on the host and opens its files there, so they lie in the one directory that guest and
host share. What an exchange says as sound, caller id and digits, is made here, from the standards and
without the libraries that the service listens with.
"""

import array
import math
import os
import time
import wave

import machine

RATE = 8000
FRAMES_PER_MS = 8
# Bell 202, Telcordia GR-30: bits per second, Hz of a one and of a zero
BAUD, MARK, SPACE = 1200, 1200, 2200
SEIZURE_BITS, MARK_BITS = 300, 180
FSK_PEAK = 5000
# Multiple data message: kinds of message and of its fields
CALLERID, DATE, NUMBER, NAME = 0x80, 1, 2, 7
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = '123A456B789C*0#D'
KEY_MS = 100
KEY_PEAK = 7000
# An answer takes its time: a ring, and long enough for the caller id before the next one
RING_MS, PAUSE_MS = 1000, 3500


def _message(number, name):
    """The octets of a caller id."""
    fields = ((DATE, time.strftime('%m%d%H%M')), (NUMBER, number), (NAME, name))
    body = b''.join(bytes([kind, len(text)]) + text.encode('ascii') for kind, text in fields if text)
    octets = bytes([CALLERID, len(body)]) + body
    return octets + bytes([-sum(octets) & 0xff])


def _bits(octets):
    """As they are sent: 0 1 0 1 ..., ones, each octet between a start and a stop bit."""
    yield from (i % 2 for i in range(SEIZURE_BITS))
    yield from [1] * MARK_BITS
    for octet in octets:
        yield 0
        yield from (octet >> i & 1 for i in range(8))
        yield 1
    yield from [1] * 10


def caller_id(number, name=''):
    """Samples that say who calls."""
    samples, phase = array.array('h'), 0.0
    for count, bit in enumerate(_bits(_message(number, name)), 1):
        while len(samples) * BAUD < count * RATE:
            phase += 2 * math.pi * (MARK if bit else SPACE) / RATE
            samples.append(round(FSK_PEAK * math.sin(phase)))
    return samples


def keys(digits):
    """Samples of keys that are pressed."""
    samples = array.array('h')
    for digit in digits:
        pair = ROWS[KEYS.index(digit) // 4], COLUMNS[KEYS.index(digit) % 4]
        for n in range(KEY_MS * FRAMES_PER_MS):
            samples.append(round(sum(KEY_PEAK * math.sin(2 * math.pi * f * n / RATE)
                                     for f in pair)))
        samples.extend([0] * KEY_MS * FRAMES_PER_MS)
    return samples


def save(path, samples):
    """A WAV file, on the host when this returns."""
    with wave.open(path, 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(samples))


class Exchange:
    """What is at the other end of the line of socket `socket`.

    `here` is a directory that is `there` for the model.
    """

    def __init__(self, model, socket, here, there):
        self.model = model
        self.socket = socket
        self.here = here
        self.there = there
        self.end = 0

    def tell(self, command):
        """A command for this exchange."""
        return self.model.tell(f'exchange {self.socket} {command}')

    def state(self, key):
        """What it sees: seized, digits, ringing."""
        return self.model.value(f'exchange {self.socket} state', key)

    def becomes(self, key, wanted):
        """Waits for it; whether it has become so."""
        return machine.becomes(lambda: self.state(key), wanted) == wanted

    def ring(self, number, name=''):
        """Rings, and says between the first two bursts who calls."""
        save(os.path.join(self.here, 'caller-id.wav'), caller_id(number, name))
        self.tell(f'caller-id {self.there}/caller-id.wav')
        self.tell(f'ring on {RING_MS} {PAUSE_MS}')

    def frames(self):
        """How many there have been: the clock of the card."""
        return int(self.model.value('stat', 'frames'))

    def play(self, samples, name='said.wav'):
        """Says something; see played()."""
        save(os.path.join(self.here, name), samples)
        self.tell(f'play {self.there}/{name}')
        self.end = self.frames() + len(bytes(samples)) // 2

    def played(self):
        """Waits until all of it has been said; whether it has."""
        limit = time.monotonic() + (self.end - self.frames()) / RATE + machine.PATIENCE
        while (left := self.end - self.frames()) > 0 and time.monotonic() < limit:
            # the model tells nothing by itself; it takes as long as this or longer
            time.sleep(max(left / RATE, 0.02))
        return left <= 0

    def record(self, name):
        """Keeps what comes from the line, raw, until it is stopped."""
        self.tell(f'record {self.there}/{name}')
        return os.path.join(self.here, name)

    def hang_up(self):
        """The other party has gone: an exchange takes the battery away for a moment."""
        self.tell('disconnect 500')

    def expect_call(self):
        """It sends a dial tone to whoever seizes the line next."""
        self.tell('tone none')
        self.tell('forget')
        self.tell('dial-tone on')

    def answer(self):
        """The called party answers: no more ringback; the polarity says so, too."""
        self.tell('tone none')
        self.tell('reverse on')

    def over(self):
        """Idle again: everything as at the beginning."""
        for command in ('tone none', 'dial-tone off', 'reverse off', 'stop'):
            self.tell(command)
