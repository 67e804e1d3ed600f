#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A SIP telephone uses a line as its microphone and loudspeaker: baresip calls baresip.

Each has a line for its sound. What is said at the other end of one's cable is heard at the other end
of the other's. Between them is RTP, whose clock is not the line's: tones, not samples, are compared.
"""

import math
import os
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
import lines  # noqa: E402  # pylint: disable=wrong-import-position
from lines import result, run  # noqa: E402  # pylint: disable=wrong-import-position
import sound  # noqa: E402  # pylint: disable=wrong-import-position

SECONDS = 12
# At the other ends of the cables: line, and what is said there
ENDS = {1: 440, 3: 700}
WAV = ['-t', 'wav', '-f', 'S16_LE', '-r', str(sound.RATE), '-c', '1']
MODULES = '/usr/lib/baresip/modules'
COMMON = '''
module_path {modules}
module g711.so
module alsa.so
module_app account.so
module_app menu.so
sip_listen 192.0.2.1:{port}
rtp_ports {rtp}
net_interface tele
jitter_buffer_delay 5-10
audio_source alsa,plughw:TAPI0,{line}
audio_player alsa,plughw:TAPI0,{line}
audio_alert alsa,null
ringback_disabled yes
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
'''


def telephone(name, port, line):
    """The directory of a telephone's configuration."""
    os.mkdir(name)
    with open(os.path.join(name, 'config'), 'w', encoding='utf-8') as file:
        file.write(COMMON.format(modules=MODULES, port=port, rtp=f'{port + 1000}-{port + 1010}',
                                 line=line))
    with open(os.path.join(name, 'accounts'), 'w', encoding='utf-8') as file:
        file.write(f'<sip:{name}@192.0.2.1:{port}>;regint=0;answermode=auto;audio_codecs=PCMU\n')
    with open(os.path.join(name, 'contacts'), 'w', encoding='utf-8'):
        pass


def tone(frequency, seconds):
    """A tone, 16 bits."""
    return b''.join(struct.pack('<h', round(8000 * math.sin(2 * math.pi * frequency * n /
                                                            sound.RATE)))
                    for n in range(seconds * sound.RATE))


def share(samples, frequency):
    """How much of the loudest half second of the sound is a tone."""
    values = struct.unpack(f'<{len(samples) // 2}h', samples)
    best = 0.0
    for at in range(0, len(values) - 4000, 4000):
        piece = values[at:at + 4000]
        energy = sum(v * v for v in piece)
        if energy < 4000 * 100 * 100:
            continue
        real = sum(v * math.cos(2 * math.pi * frequency * n / sound.RATE)
                   for n, v in enumerate(piece))
        imag = sum(v * math.sin(2 * math.pi * frequency * n / sound.RATE)
                   for n, v in enumerate(piece))
        best = max(best, 2 * (real * real + imag * imag) / (energy * len(piece)))
    return best


def call():
    """One calls the other for some seconds."""
    # it passes over the loopback interface
    for words in ('link set lo up', 'link add tele type dummy', 'addr add 192.0.2.1/24 dev tele',
                  'link set tele up'):
        run(['ip', *words.split()])
    os.environ['HOME'] = os.getcwd()
    telephone('house', 5060, 0)
    telephone('far', 5062, 2)
    for line, frequency in ENDS.items():
        sound.save(f'say{line}.wav', tone(frequency, 3 * SECONDS))
    recorders = {line: lines.Recorder(line, ['arecord', '-q', '-D', f'plughw:TAPI0,{line}', *WAV,
                                             '-d', str(3 * SECONDS), f'heard{line}.wav'])
                 for line in ENDS}
    speakers = [subprocess.Popen(['aplay', '-q', '-D', f'plughw:TAPI0,{line}', f'say{line}.wav'])
                for line in ENDS]
    house = subprocess.Popen(['baresip', '-f', 'house', '-t', str(2 * SECONDS)],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
    status, said = run(['baresip', '-f', 'far', '-t', str(SECONDS), '-e',
                        'd sip:house@192.0.2.1:5060'])
    output, _ = house.communicate()
    for process in speakers:
        process.wait()
    for line, other in zip(ENDS, reversed(ENDS)):
        recorders[line].end()
        heard = share(sound.load(f'heard{line}.wav'), ENDS[other])
        result(heard > 0.9, f'line {line} hears {ENDS[other]} Hz ({heard:.2f})', said + output)
    result(status == 0 and house.returncode == 0, 'both telephones end well', said + output)


if __name__ == '__main__':
    lines.main(call, 'pairs=2')
