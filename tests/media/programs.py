#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of ALSA work on a line as on any sound card, unchanged: every sample gets through.

What one program plays to line 0, another records from line 1, at the other end of the cable. The
law is the card's: hw: passes bytes, plughw: converts.
"""

import subprocess
import sys

sys.dont_write_bytecode = True
import lines  # noqa: E402  # pylint: disable=wrong-import-position
from lines import result, run  # noqa: E402  # pylint: disable=wrong-import-position
import sound  # noqa: E402  # pylint: disable=wrong-import-position

SECONDS = 3
# The recording begins before and ends after what is played; ffmpeg takes three seconds to start
MARGIN = 6
NATIVE = ['-t', 'raw', '-f', 'MU_LAW', '-r', str(sound.RATE), '-c', '1']
LINEAR = ['-t', 'wav', '-f', 'S16_LE', '-r', str(sound.RATE), '-c', '1']
FFMPEG = ['ffmpeg', '-nostdin', '-loglevel', 'error', '-y']
# ffmpeg's own mu-law rounds in its own way; it is to carry ours
SPEAK = [*FFMPEG, '-f', 'mulaw', '-ar', str(sound.RATE), '-ac', '1', '-i', 'speech.raw', '-c:a',
         'copy', '-f', 'alsa']
SPEECH = sound.speech(SECONDS, 7)


def crossing(name, play, record, path):
    """The speech is played by one program and recorded by the other."""
    recorder = lines.Recorder(1, record)
    status, said = run(play)
    end, heard = recorder.end()
    if status or end:
        result(False, name, said + heard)
        return
    samples = sound.load(path) if path.endswith('.wav') else None
    if samples is None:
        with open(path, 'rb') as file:
            samples = sound.decode(file.read())
    good, _, why = sound.compare(samples, SPEECH)
    result(good, name, why)


def loop():
    """alsaloop gives line 1 back what it hears: line 0 hears itself."""
    recorder = lines.Recorder(0, ['arecord', '-q', '-D', 'hw:TAPI0,0', *NATIVE,
                            '-d', str(SECONDS + 2 * MARGIN), 'loop.raw'])
    # it has to go on while the other one plays
    # pylint: disable-next=consider-using-with
    looper = subprocess.Popen(['alsaloop', '-C', 'hw:TAPI0,1', '-P', 'hw:TAPI0,1', '-f', 'MU_LAW',
                               '-r', str(sound.RATE), '-c', '1', '-t', '100000', '-S', 'none',
                               '-n'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines.wait_running(1, 'p', looper)
    status, said = run(['aplay', '-q', '-D', 'hw:TAPI0,0', *NATIVE, 'speech.raw'])
    end, heard = recorder.end()
    looper.terminate()
    output, _ = looper.communicate()
    with open('loop.raw', 'rb') as file:
        good, _, why = sound.compare(sound.decode(file.read()), SPEECH)
    result(good and not status and not end, 'alsaloop at one end, speech at the other',
           said + heard + output + why)


def warm():
    """Virtual time flies while somebody waits for the disk: all programs are read before."""
    for name in ('aplay', 'arecord', 'alsaloop', 'sox'):
        run([name, '--version'])
    run([*SPEAK, 'null'])


def pairs():
    """All pairs of programs."""
    total = str(SECONDS + MARGIN)
    sound.save('speech.wav', SPEECH)
    with open('speech.raw', 'wb') as file:
        file.write(sound.encode(SPEECH))
    warm()
    speak = ['aplay', '-q', '-D', 'hw:TAPI0,0', *NATIVE, 'speech.raw']
    listen = ['arecord', '-q', '-D', 'hw:TAPI0,1', *NATIVE, '-d', total, 'arecord.raw']
    crossing('aplay to arecord, native law', speak, listen, 'arecord.raw')
    crossing('aplay to arecord, linear through plughw',
             ['aplay', '-q', '-D', 'plughw:TAPI0,0', 'speech.wav'],
             ['arecord', '-q', '-D', 'plughw:TAPI0,1', *LINEAR, '-d', total, 'arecord.wav'],
             'arecord.wav')
    crossing('sox plays', ['sox', '-q', 'speech.wav', '-t', 'alsa', 'plughw:TAPI0,0'], listen,
             'arecord.raw')
    crossing('sox records', speak,
             ['sox', '-q', '-r', str(sound.RATE), '-c', '1', '-t', 'alsa', 'plughw:TAPI0,1', '-b',
              '16', 'sox.wav', 'trim', '0', total], 'sox.wav')
    crossing('ffmpeg plays', [*SPEAK, 'hw:TAPI0,0'], listen, 'arecord.raw')
    crossing('ffmpeg records', speak,
             [*FFMPEG, '-c:a', 'pcm_mulaw', '-sample_rate', str(sound.RATE), '-channels', '1', '-f',
              'alsa', '-i', 'hw:TAPI0,1', '-c:a', 'pcm_s16le', '-bitexact', '-t', total,
              'ffmpeg.wav'], 'ffmpeg.wav')
    loop()


if __name__ == '__main__':
    lines.main(pairs)
