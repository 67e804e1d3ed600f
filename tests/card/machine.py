# SPDX-License-Identifier: GPL-2.0-or-later
"""In the virtual machine: the card's model, QEMU's monitor, the lines, results.

The model is told what telephones and exchanges do, and asked what they see and what its chips have in
their registers; the lines are used as any program uses them.
"""

import errno
import faulthandler
import fcntl
import glob
import json
import os
import select
import struct
import subprocess
import time

# Far longer than anything takes here; a busy machine is slow
PATIENCE = 180
# A whole program: one that takes longer says where it is, and ends
LONGEST = 600
DRIVER = 'tapi_tdm400'
MODULES = (DRIVER, 'tapi')

_results = []


def result(good, text, why=''):
    """One line of TAP."""
    _results.append(bool(good))
    print(f'{"" if good else "not "}ok {len(_results)} - {text}', flush=True)
    if not good:
        for line in str(why).splitlines()[-20:]:
            print(f'# {line}', flush=True)
    return good


def done():
    """The plan; status of the program."""
    print(f'1..{len(_results)}')
    return 0 if all(_results) else 1


def becomes(question, wanted):
    """Asks until the answer is as wanted; the last answer.

    Neither the model nor what is asked of the kernel tells by itself that something has changed.
    """
    end = time.monotonic() + PATIENCE
    while (answer := question()) != wanted and time.monotonic() < end:
        time.sleep(0.02)
    return answer


def result_becomes(question, wanted, text):
    """A result: what is asked for becomes as wanted."""
    answer = becomes(question, wanted)
    return result(answer == wanted, text, f'it is {answer!r}, not {wanted!r}')


class Port:
    """A port of virtio-serial, by its name. It can be open only once."""

    def __init__(self, name):
        for path in glob.glob('/sys/class/virtio-ports/*/name'):
            with open(path, encoding='ascii') as file:
                if file.read().strip() == name:
                    device = '/dev/' + path.split('/')[-2]
                    self.fd = os.open(device, os.O_RDWR | os.O_CLOEXEC)
                    break
        else:
            raise FileNotFoundError(f'port {name}')
        self.rest = b''

    def write(self, text):
        """One line."""
        os.write(self.fd, text.encode() + b'\n')

    def line(self):
        """One line, waited for."""
        while b'\n' not in self.rest:
            if not select.select([self.fd], [], [], PATIENCE)[0]:
                raise TimeoutError('no answer')
            got = os.read(self.fd, 65536)
            if not got:
                raise ConnectionError('the other end has gone')
            self.rest += got
        line, self.rest = self.rest.split(b'\n', 1)
        return line.decode()


class Model:
    """The model of a card, by the name of its port."""

    def __init__(self, name):
        self.port = Port(name)

    def tell(self, command):
        """Does it; what it answers, line by line."""
        self.port.write(command)
        lines = []
        while (line := self.port.line()) != 'ok':
            if line.startswith('error: '):
                raise ValueError(f'{command}: {line}')
            lines.append(line)
        return lines

    def value(self, command, key):
        """One value of an answer."""
        for line in self.tell(command):
            words = line.split(' ', 1)
            if words[0] == key:
                return words[1] if len(words) > 1 else ''
        raise KeyError(f'{command}: {key}')

    def register(self, socket, number):
        """What is in a register of a module's chip."""
        rows = self.tell(f'module {socket} registers')
        return int(rows[number // 16].split()[number % 16], 16)

    def violations(self):
        """Rules of the hardware that were broken."""
        return '\n'.join(self.tell('violations'))


class Monitor:
    """QEMU's own control: cards come and go."""

    def __init__(self):
        self.port = Port('tapi.qmp')
        self.events = []
        try:
            self.execute('qmp_capabilities')
        except OSError as error:
            # the connection is the machine's: who came first has done it
            if 'already' not in str(error):
                raise

    def execute(self, command, **arguments):
        """A command of QMP; its answer."""
        self.port.write(json.dumps({'execute': command, 'arguments': arguments}))
        while True:
            message = json.loads(self.port.line())
            if 'error' in message:
                raise OSError(f'{command}: {message["error"]["desc"]}')
            if 'return' in message:
                return message['return']
            if 'event' in message:
                self.events.append(message)

    def add(self, name, bus):
        """Plugs the card of a model in."""
        self.execute('device_add', driver='vfio-user-pci', id=name, bus=bus,
                     socket={'type': 'unix', 'path': f'{os.environ["CARD_SOCKETS"]}/{name}'})

    def remove(self, name):
        """Asks for a card, and waits until the kernel has let it go."""
        self.execute('device_del', id=name)
        while not any(event['event'] == 'DEVICE_DELETED' and event['data'].get('device') == name
                      for event in self.events):
            message = json.loads(self.port.line())
            if 'event' in message:
                self.events.append(message)


# --- lines: <linux/tapi_line.h>

FXS, FXO = 1, 2
ON_HOOK, OFF_HOOK, HOOK_FLASH = range(3)
ACTIVE = 1
(EV_STATE, EV_HOOK, EV_FLASH, EV_PULSE_DIGIT, EV_RING, EV_DTMF, EV_POLARITY, EV_BATTERY, EV_LINEFEED,
 EV_LOOP_DROP, EV_COMPLETE, EV_FAULT, EV_CLAIM, EV_GONE) = range(1, 15)
DIAL_PULSE = 1
EVENT = struct.Struct('=QIIII40s')


def _ioctl(direction, number, size):
    return direction << 30 | size << 16 | 0xf5 << 8 | number


class Line:
    """A line, open and claimed."""

    def __init__(self, path):
        self.path = path
        self.fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self.control(4, struct.pack('=II16s8x', 0, 0, b''))
        caps = self.get(0, 192)
        self.bus = caps[48:80].rstrip(b'\0').decode()
        self.name = caps[80:96].rstrip(b'\0').decode()
        (self.version, self.card, self.number, self.type, self.caps, _, self.sound,
         self.device) = struct.unpack_from('=IIIIQQII', caps, 96)

    def get(self, number, size):
        """What an ioctl reads."""
        buffer = bytearray(size)
        fcntl.ioctl(self.fd, _ioctl(2, number, size), buffer)
        return buffer

    def control(self, number, data):
        """An ioctl that does something."""
        fcntl.ioctl(self.fd, _ioctl(1, number, len(data)), data)

    def hook(self, state, duration_ms=0):
        """Goes on hook, off hook, or flashes."""
        self.control(0x10, struct.pack('=III20x', state, duration_ms, 0))

    def ring(self, start, frequency_mhz=0):
        """Rings, a second and a second, until stopped."""
        self.control(0x11, struct.pack('=16I', start, 0, frequency_mhz, 0, 1000, 0, 0, 0,
                                       1000, 0, 0, 0, 0, 0, 0, 0))

    def linefeed(self, state, reverse):
        """Feeds the line."""
        self.control(0x12, struct.pack('=II24x', state, reverse))

    def dial(self, digits, mode):
        """Dials; COMPLETE tells the end."""
        self.control(0x14, struct.pack('=64s8I32x', digits.encode(), mode, 0, 0, 0, 0, 0, 0, 77))

    def state(self):
        """The snapshot: hook, ring, linefeed, polarity, battery, faults."""
        fields = struct.unpack_from('=QIIIIIII', self.get(1, 64))
        return dict(zip(('hook', 'ring', 'linefeed', 'polarity', 'battery', 'faults'), fields[2:]))

    def stats(self):
        """The counters, by their names."""
        names = ('irqs', 'polls', 'spi_xfers', 'spi_errors', 'dma_resyncs', 'missed_periods', 'events',
                 'dropped_events', 'power_alarms', 'chip_resets', 'xruns_tx', 'xruns_rx')
        return dict(zip(names, struct.unpack('=16Q', self.get(2, 128))))

    def event(self, kind):
        """The next event of a kind: its first words; None when there is none for long."""
        end = time.monotonic() + PATIENCE
        while select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
            record = EVENT.unpack(os.read(self.fd, EVENT.size))
            if record[1] == kind:
                return struct.unpack_from('=3I', record[5])
        return None

    def events(self, quiet=1):
        """All events until there are none for some seconds: kinds and first words."""
        found = []
        while select.select([self.fd], [], [], quiet)[0]:
            record = EVENT.unpack(os.read(self.fd, EVENT.size))
            found.append((record[1], struct.unpack_from('=3I', record[5])))
        return found

    def expect(self, kind, wanted, text):
        """A result: the next event of a kind begins with these words."""
        got = self.event(kind)
        return result(got is not None and got[:len(wanted)] == tuple(wanted), text,
                      f'{self.path}: got {got}, not {wanted}; {self.state()}')

    def gone(self):
        """Whether the line tells that its card has gone, and does nothing any more."""
        if self.event(EV_GONE) is None:
            return False
        try:
            self.state()
        except OSError as error:
            return error.errno == errno.ENODEV
        return False

    def close(self):
        """Lets go of it."""
        os.close(self.fd)


# --- the driver

def run(*argv):
    """A program; its status and what it said."""
    ended = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           errors='replace', check=False)
    return ended.returncode, ended.stdout + ended.stderr


def log():
    """The kernel's, of the driver."""
    return '\n'.join(line for line in run('dmesg')[1].splitlines() if DRIVER in line or 'tdm400' in line)


def slots():
    """PCI addresses of all cards of this kind, in their order."""
    found = []
    for path in glob.glob('/sys/bus/pci/devices/*/modalias'):
        with open(path, encoding='ascii') as file:
            if file.read().startswith('pci:v0000E159d00000001'):
                found.append(path.split('/')[-2])
    return sorted(found)


def card_at(bus):
    """PCI address of the card at a port of tests/card/card.t: slot0, slot1 and so on."""
    ports = []
    for path in glob.glob('/sys/bus/pci/devices/*/secondary_bus_number'):
        with open(path, encoding='ascii') as file:
            ports.append(int(file.read()))
    return f'0000:{sorted(ports)[int(bus.removeprefix("slot"))]:02x}:00.0'


def modalias(slot):
    """By what udev asks for the driver."""
    with open(f'/sys/bus/pci/devices/{slot}/modalias', encoding='ascii') as file:
        return file.read().strip()


def cards():
    """Numbers of the cards that have lines."""
    return sorted({int(path.split('card')[1].split('-')[0])
                   for path in glob.glob('/dev/tapi/card*-line*')})


def lines(slot):
    """All lines of the card at a PCI address, in their order; none when it has none."""
    for card in cards():
        found = [Line(path) for path in sorted(glob.glob(f'/dev/tapi/card{card}-line*'))]
        if found and found[0].bus == f'pci-{slot}':
            return found
        for line in found:
            line.close()
    return []


def load(*parameters):
    """Loads the driver, and waits for the lines of all cards that are there."""
    status, said = run('modprobe', DRIVER, *parameters)
    if status:
        raise RuntimeError(said)
    becomes(lambda: len(cards()), len(slots()))


def unload():
    """Results: the modules go, and the model has nothing to complain of."""
    for module in MODULES:
        status, said = run('rmmod', module)
        result(status == 0, f'{module} can be unloaded', said + log())


def first_card():
    """Loads the driver; the model and the lines of the card that has all four, a result."""
    start()
    load()
    model = Model('tapi.card0')
    found = lines(slots()[0])
    result(len(found) == 4, 'four lines', log())
    return model, found


def end(model, name, used):
    """After all that is done with a card: it is blameless, and the driver goes; the status."""
    blameless(model, name)
    for line in used:
        line.close()
    unload()
    return done()


def blameless(model, name):
    """A result: no rule of the hardware was broken; they are forgotten then."""
    said = model.violations()
    model.tell('violations clear')
    return result(not said, f'{name}: all rules of the hardware were kept', said)


def start():
    """Before anything: the ports of the machine."""
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    run('modprobe', 'virtio_console')
    becomes(lambda: len(glob.glob('/sys/class/virtio-ports/*/name')) > 0, True)
