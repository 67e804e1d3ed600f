# SPDX-License-Identifier: GPL-2.0-or-later
"""Sound for tests: something like speech that never repeats, and its comparison after companding.

The companding is that of Python's audioop, which has nothing in common with ours. It takes 14 bits,
as G.711 has it, and cuts off more; so the samples have no more.
"""

import math
import random
import struct
import subprocess
import warnings
import wave

with warnings.catch_warnings():
    warnings.simplefilter('ignore', DeprecationWarning)
    import audioop  # pylint: disable=deprecated-module

RATE = 8000
WIDTH = 2
# Length of a piece of even loudness
PIECE = 400


def _tones(frequencies):
    """A second of tones; they come out even at its end."""
    return struct.pack(f'<{RATE}h', *(
        round(sum(2000 * math.sin(2 * math.pi * f * n / RATE) for f in frequencies))
        for n in range(RATE)))


def speech(seconds, seed):
    """Noise and tones with the ups and downs of speech, pauses among them; 16 bits."""
    chance = random.Random(seed)
    size = int(seconds * RATE) * WIDTH
    noise = audioop.mul(chance.randbytes(size), WIDTH, 0.25)
    tones = (_tones((220 + seed, 660 + seed, 1310 + seed)) * (int(seconds) + 1))[:size]
    mixed = audioop.add(noise, tones, WIDTH)
    pieces = []
    for at in range(0, size, PIECE * WIDTH):
        loud = chance.choice((0.02, 0.1, 0.4, 1.0, 1.6))
        pieces.append(audioop.mul(mixed[at:at + PIECE * WIDTH], WIDTH, loud))
    mask = int.from_bytes(b'\xfc\xff' * (size // WIDTH), 'little')
    return (int.from_bytes(b''.join(pieces), 'little') & mask).to_bytes(size, 'little')


def save(path, samples, silence=0):
    """A WAV file, with so many seconds of silence behind the samples."""
    with wave.open(path, 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(WIDTH)
        file.setframerate(RATE)
        file.writeframes(samples + bytes(int(silence * RATE) * WIDTH))


def load(path):
    """Samples of a WAV file, which has to be ours in format."""
    with wave.open(path, 'rb') as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, WIDTH, RATE):
            raise ValueError(f'{path}: {file.getparams()}')
        return file.readframes(file.getnframes())


def encode(samples):
    """Mu-law of samples."""
    return audioop.lin2ulaw(samples, WIDTH)


def decode(codes):
    """Samples of mu-law."""
    return audioop.ulaw2lin(codes, WIDTH)


def companded(samples):
    """What mu-law leaves of the samples."""
    return decode(encode(samples))


def _find(whole, part, start=0):
    """Sample number of a part, -1 when it is not there."""
    at = whole.find(part, start * WIDTH)
    while at % WIDTH and at >= 0:
        at = whole.find(part, at + 1)
    return at // WIDTH if at >= 0 else -1


def _equal_until(have, want):
    """How many samples from the beginning are the same."""
    low, high = 0, min(len(have), len(want)) // WIDTH
    while low < high:
        middle = (low + high + 1) // 2
        if have[:middle * WIDTH] == want[:middle * WIDTH]:
            low = middle
        else:
            high = middle - 1
    return low


def compare(recording, source):
    """Is all of the source, companded, in the recording, in one piece?

    Returns whether it is, where it begins, and what is wrong.
    """
    want = companded(source)
    at = _find(recording, want)
    if at >= 0:
        return True, at, ''
    # a quarter of a second of sound, which occurs once, tells where it begins
    first = RATE // 4
    at = _find(recording, want[:first * WIDTH])
    if at < 0:
        return False, -1, (f'its beginning is not in the {len(recording) // WIDTH} samples '
                           f'(peak {audioop.max(recording, WIDTH) if recording else 0})')
    same = _equal_until(recording[at * WIDTH:], want)
    rest = want[(same + PIECE) * WIDTH:(same + PIECE + first) * WIDTH]
    again = _find(recording, rest, at + same)
    total = len(want) // WIDTH
    if len(recording) // WIDTH == at + same:
        why = 'the recording ends'
    elif again < 0:
        why = 'it does not go on'
    else:
        why = f'it goes on {again - at - same - PIECE:+} samples off'
    return False, at, f'begins at {at}, is right for {same} of {total} samples, then {why}'


def digits(samples):
    """DTMF digits in the samples, as multimon-ng hears them."""
    faster, _ = audioop.ratecv(samples, WIDTH, 1, RATE, 22050, None)
    done = subprocess.run(['multimon-ng', '-q', '-a', 'DTMF', '-t', 'raw', '-'], input=faster,
                          capture_output=True, check=True)
    return ''.join(line.split()[1] for line in done.stdout.decode().splitlines()
                   if line.startswith('DTMF:'))
