#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of ALSA work on a line as on any sound card, unchanged: every sample gets through.

What one program plays to line 0, another records from line 1, at the other end of the cable. The
law is the card's: hw: passes bytes, plughw: converts.
"""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
import lines  # noqa: E402  # pylint: disable=wrong-import-position
from lines import result, run  # noqa: E402  # pylint: disable=wrong-import-position
import sound  # noqa: E402  # pylint: disable=wrong-import-position

SECONDS = 3
NATIVE = ['-t', 'raw', '-f', 'MU_LAW', '-r', str(sound.RATE), '-c', '1']
# arecord that a signal ends leaves a WAV file without its length
LINEAR = ['-t', 'raw', '-f', 'S16_LE', '-r', str(sound.RATE), '-c', '1']
FFMPEG = ['ffmpeg', '-nostdin', '-loglevel', 'error', '-y']
# ffmpeg's own mu-law rounds in its own way; it is to carry ours
SPEAK = [*FFMPEG, '-f', 'mulaw', '-ar', str(sound.RATE), '-ac', '1', '-i', 'speech.raw', '-c:a',
         'copy', '-f', 'alsa']
SPEECH = sound.speech(SECONDS, 7)


def load(path):
    """The samples of a file of one of the recorders."""
    if path.endswith('.wav'):
        return sound.load(path)
    with open(path, 'rb') as file:
        data = file.read()
    return data if path.endswith('.linear') else sound.decode(data)


def crossing(name, play, record, path):
    """The speech is played by one program and recorded by the other, until that has heard it."""
    recorder = lines.Recorder(1, record)
    status, said = run(play)
    heard = recorder.finish()
    if status or not os.path.exists(path):
        result(False, name, said + heard)
        return
    good, _, why = sound.compare(load(path), SPEECH)
    result(good, name, why + '\n' + heard)
    os.unlink(path)


def loop():
    """alsaloop gives line 1 back what it hears: line 0 hears itself."""
    recorder = lines.Recorder(0, ['arecord', '-q', '-D', 'hw:TAPI0,0', *NATIVE, 'loop.raw'])
    # it has to go on while the other one plays
    # pylint: disable-next=consider-using-with
    looper = subprocess.Popen(['alsaloop', '-C', 'hw:TAPI0,1', '-P', 'hw:TAPI0,1', '-f', 'MU_LAW',
                               '-r', str(sound.RATE), '-c', '1', '-t', '100000', '-S', 'none',
                               '-n'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines.wait_running(1, 'p', looper)
    status, said = run(['aplay', '-q', '-D', 'hw:TAPI0,0', *NATIVE, 'speech.raw'])
    heard = recorder.finish()
    looper.terminate()
    output, _ = looper.communicate()
    with open('loop.raw', 'rb') as file:
        good, _, why = sound.compare(sound.decode(file.read()), SPEECH)
    result(good and not status, 'alsaloop at one end, speech at the other',
           said + heard + output + why)


def warm(players, recorders):
    """Virtual time flies while a program waits for the disk: each has run before it counts."""
    lines.follow_links(('aplay', 'arecord', 'alsaloop', 'sox', 'ffmpeg'))
    for play in players:
        run(play)
    for record in recorders:
        lines.Recorder(1, record).finish()
    run(['alsaloop', '--version'])


def pairs():
    """Pairs of programs."""
    sound.save('speech.wav', SPEECH)
    with open('speech.raw', 'wb') as file:
        file.write(sound.encode(SPEECH))
    speak = ['aplay', '-q', '-D', 'hw:TAPI0,0', *NATIVE, 'speech.raw']
    listen = ['arecord', '-q', '-D', 'hw:TAPI0,1', *NATIVE, 'arecord.raw']
    convert = ['aplay', '-q', '-D', 'plughw:TAPI0,0', 'speech.wav']
    sox = ['sox', '-q', 'speech.wav', '-t', 'alsa', 'plughw:TAPI0,0']
    ffmpeg = [*SPEAK, 'hw:TAPI0,0']
    hear = {
        'arecord.linear': ['arecord', '-q', '-D', 'plughw:TAPI0,1', *LINEAR, 'arecord.linear'],
        'sox.wav': ['sox', '-q', '-r', str(sound.RATE), '-c', '1', '-t', 'alsa', 'plughw:TAPI0,1',
                    '-b', '16', 'sox.wav'],
        'ffmpeg.wav': [*FFMPEG, '-c:a', 'pcm_mulaw', '-sample_rate', str(sound.RATE), '-channels',
                       '1', '-f', 'alsa', '-i', 'hw:TAPI0,1', '-c:a', 'pcm_s16le', '-bitexact',
                       'ffmpeg.wav'],
    }
    warm((speak, convert, sox, ffmpeg), (listen, *hear.values()))
    crossing('aplay to arecord, native law', speak, listen, 'arecord.raw')
    crossing('aplay to arecord, linear through plughw', convert, hear['arecord.linear'],
             'arecord.linear')
    crossing('sox plays', sox, listen, 'arecord.raw')
    crossing('sox records', speak, hear['sox.wav'], 'sox.wav')
    crossing('ffmpeg plays', ffmpeg, listen, 'arecord.raw')
    crossing('ffmpeg records', speak, hear['ffmpeg.wav'], 'ffmpeg.wav')
    loop()


if __name__ == '__main__':
    lines.main(pairs)
