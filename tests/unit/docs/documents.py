#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the documentation with what it is about; prints TAP.

Tables of functions with headers and symbol lists, manual pages with options and keys, links with
files. Each test returns what is wrong, in words that tell where to look.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(os.environ.get('TAPI_SOURCE') or pathlib.Path(__file__).parents[3]).resolve()
HERE = pathlib.Path(__file__).resolve().parent
MAN = TOP / 'userspace/man'
STATES = re.compile(r'works(: .+)?|not yet(: .+)?|no: .+')
FEATURE_STATES = re.compile(r'works(: .+)?|partly: .+|not yet(: .+)?|no: .+')


def read(path):
    return (TOP / path).read_text(encoding='utf-8')


def rows(text, columns):
    """Cells of all table rows with so many columns, without headings and rulers."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if not line.startswith('|') or line.startswith('|---'):
            continue
        if i + 1 < len(lines) and lines[i + 1].startswith('|---'):
            continue
        cells = [cell.strip() for cell in re.split(r'(?<!\\)\|', line)[1:-1]]
        if len(cells) == columns:
            yield cells


def forms(name):
    """'lineOpen A W' is lineOpenA and lineOpenW."""
    base, *suffixes = name.split()
    return {base + suffix for suffix in suffixes} or {base}


def symbols(path):
    return set(re.findall(r'^\t(\w+);', read(path), re.MULTILINE)) - {'*'}


def declared(path, prefix):
    text = re.sub(r'/\*.*?\*/', '', read(path), flags=re.DOTALL)
    text = '\n'.join(line for line in text.splitlines() if not line.startswith('#'))
    return set(re.findall(r'\b(' + prefix + r'\w*)\s*\(', text))


def differences(what, left, right, left_name, right_name):
    for name in sorted(left - right):
        yield f'{name}: {what} in {left_name}, but not in {right_name}'
    for name in sorted(right - left):
        yield f'{name}: {what} in {right_name}, but not in {left_name}'


def function_table():
    return [row for row in rows(read('Documentation/tapi-functions.md'), 5)]


def working():
    names = set()
    for name, _, _, _, state in function_table():
        if state.startswith('works'):
            names |= forms(name)
    return names


# ---- the tests ----

def every_function_has_one_row():
    """tapi-functions.md: each function of TAPI 2.2 once, with its forms and a state"""
    known = set((HERE / 'tapi-2.2.txt').read_text(encoding='utf-8').splitlines())
    table = function_table()
    names = [row[0] for row in table]
    yield from differences('a function', known, set(names), 'tapi-2.2.txt', 'tapi-functions.md')
    for name in {name for name in names if names.count(name) > 1}:
        yield f'{name}: more than one row in tapi-functions.md'
    for name, _, since, _, state in table:
        if not STATES.fullmatch(state):
            yield f'{name}: "{state}" is no state'
        if since not in ('1.3', '1.4', '2.0', '2.2'):
            yield f'{name}: since "{since}"'
    if len(known) != 145:
        yield f'tapi-2.2.txt has {len(known)} functions: TAPI 2.2 has 109 of lines, 32, and 4'


def works_is_declared():
    """tapi-functions.md: "works" is what tapi.h declares"""
    yield from differences('a function', working(),
                           declared('include/tapi/tapi.h', r'(?:line|phone|tapi)[A-Z]'),
                           'tapi-functions.md ("works")', 'tapi.h')


def works_is_exported():
    """tapi-functions.md: "works" is what libtapi exports"""
    exported = {name for name in symbols('userspace/libtapi/libtapi.map')
                if re.match(r'(line|phone|tapi)[A-Z]', name)}
    yield from differences('a function', working(), exported, 'tapi-functions.md ("works")',
                           'libtapi.map')


def providers_do_it():
    """tapi-functions.md: the provider's function exists, is async when ours is, and is called"""
    text = read('include/tapi/tspi.h')
    tspi = set(re.findall(r'\bTSPI_(\w+)\(', text))
    asynchronous = set(re.findall(r'\bTSPI_(\w+)\(DRV_REQUESTID', text))
    called = set(re.findall(r'\bX\((\w+)\)', read('userspace/tsphost/vtable.h')))
    for name, kind, _, provider, state in function_table():
        if provider and provider not in tspi:
            yield f'{name}: tspi.h has no TSPI_{provider}'
        elif provider and (kind == 'async') != (provider in asynchronous):
            yield f'{name}: "{kind}", but TSPI_{provider} is {"" if kind else "not "}synchronous'
        if provider and state.startswith('works') and provider not in called:
            yield f'{name}: works, but the host does not call TSPI_{provider}'
        if provider in called and state.startswith('no'):
            yield f'{name}: "{state}", but the host calls TSPI_{provider}'


def beside_tapi():
    """tapi-functions.md: the functions beside TAPI are those of tapi_linux.h and libtapi.map"""
    text = read('Documentation/tapi-functions.md').split('## Beside TAPI')[1].split('\n## ')[0]
    table = {name for row in rows(text, 2) for name in row[0].split(', ')}
    header = declared('include/tapi/tapi_linux.h', 'tapi_')
    exported = {name for name in symbols('userspace/libtapi/libtapi.map')
                if name.startswith('tapi_') and not name.startswith('tapi_private_')}
    yield from differences('a function', table, header, 'tapi-functions.md', 'tapi_linux.h')
    yield from differences('a function', table, exported, 'tapi-functions.md', 'libtapi.map')


def features_have_states():
    """tapi-functions.md: each feature has a state"""
    text = read('Documentation/tapi-functions.md').split('\n## Features')[1]
    table = list(rows(text, 2))
    for name, state in table:
        if not FEATURE_STATES.fullmatch(state):
            yield f'{name}: "{state}" is no state'
    if len(table) < 40:
        yield f'only {len(table)} features'


def mapped_names():
    """All tapi3_ names in the cells of tapi3-map.md."""
    names = set()
    for line in read('Documentation/tapi3-map.md').splitlines():
        if line.startswith('|'):
            names |= set(re.findall(r'(?<!enum )\btapi3_\w+', line))
    return names


def tapi3_map():
    """tapi3-map.md: names all functions of libtapi3.map and tapi3.h, and no others"""
    exported = symbols('userspace/libtapi3/libtapi3.map')
    header = declared('include/tapi3/tapi3.h', 'tapi3_')
    yield from differences('a function', mapped_names(), exported, 'tapi3-map.md', 'libtapi3.map')
    yield from differences('a function', header, exported, 'tapi3.h', 'libtapi3.map')


def tapi3_states():
    """tapi3-map.md: each method has a state, and "yes" has a function"""
    for method, function, state in rows(read('Documentation/tapi3-map.md'), 3):
        if not re.fullmatch(r'yes|folded(: .+)?|later|no(: .+)?', state):
            yield f'{method}: "{state}" is no state'
        if state == 'yes' and 'tapi3_' not in function:
            yield f'{method}: yes, but without a function'
        if state == 'later' and function:
            yield f'{method}: later, but there is {function}'


def mandatory_list():
    """tsp.md, tspi.h, tapi-tsp.7: the entry points every provider needs are those the host wants"""
    vtable = read('userspace/tsphost/vtable.h').split('#define TSPH_OPTIONAL')
    mandatory = set(re.findall(r'\bX\((\w+)\)', vtable[0]))
    optional = set(re.findall(r'\bX\((\w+)\)', vtable[1]))
    text = read('Documentation/tsp.md')
    for title, called in (('Mandatory', mandatory), ('Optional', optional)):
        part = text.split(f'\n### {title}')[1].split('\n#')[0]
        yield from differences('an entry point', set(re.findall(r'`((?:line|provider)\w+)`', part)),
                               called, f'tsp.md ({title})', 'vtable.h')
    header = read('include/tapi/tspi.h').split('Every line TSP needs:')[1].split('.\n')[0]
    listed = set(re.findall(r'\b((?:line|provider)[A-Z]\w+)', header))
    yield from differences('an entry point', listed, mandatory, 'tspi.h', 'vtable.h')
    page = (MAN / 'tapi-tsp.7').read_text(encoding='utf-8')
    listed = set(re.findall(r'\bTSPI_(\w+)[,\n]', page.split('.RS')[1].split('.RE')[0]))
    yield from differences('an entry point', listed, mandatory, 'tapi-tsp.7', 'vtable.h')


def manual_options():
    """manual pages: each option of tapisrv and tsphost is explained"""
    for source, page in (('tapisrv/main.c', 'tapisrv.8'), ('tsphost/main.c', 'tsphost.8')):
        options = re.findall(r'\{ "([a-z-]+)", \w+_argument', read(f'userspace/{source}'))
        text = (MAN / page).read_text(encoding='utf-8').replace('\\-', '-')
        if not options:
            yield f'{source}: no options found'
        for option in options:
            if f'--{option}' not in text:
                yield f'{page}: --{option} of {source} is missing'


def compliance():
    """tapi-compliance.1, compliance.md, completion: options and tests are those of the program"""
    room = 'userspace/tools/tapi-compliance/'
    options = set(re.findall(r'\{ "([a-z-]+)", \w+_argument', read(room + 'main.c')))
    page = (MAN / 'tapi-compliance.1').read_text(encoding='utf-8').replace('\\-', '-')
    for name, told in (('tapi-compliance.1', set(re.findall(r'^\.BR -\w ", " --([a-z-]+)', page,
                                                            re.MULTILINE))),
                       ('tapi-compliance.bash', set(re.findall(
                           r'--([a-z-]+)', read(room + 'tapi-compliance.bash').split("-W '--")[1]
                           .split("'")[0])) | {'peer'}),
                       ('--help', set(re.findall(r'"\s*-\w, --([a-z-]+)', read(room + 'main.c'))))):
        yield from differences('an option', told, options, name, 'main.c')
    tests = set()
    for source in (TOP / room).glob('*.c'):
        tests |= set(re.findall(r'^\t\{ "([a-z]+/[a-z-]+)"', source.read_text(encoding='utf-8'),
                                re.MULTILINE))
    groups = {test.split('/')[0] for test in tests}
    told = read('Documentation/compliance.md') + page
    for name in set(re.findall(r'\b([a-z]+/[a-z-]+)\b', told)):
        if name.split('/')[0] in groups and name not in tests:
            yield f'{name}: compliance.md or tapi-compliance.1 names it, but there is no such test'
    if len(tests) < 60:
        yield f'{room}: only {len(tests)} tests found'


def manual_keys():
    """manual pages, tapisrv.conf: each key of the configuration is explained"""
    source = read('userspace/tapisrv/config.c')
    keys = set(re.findall(r'strcasecmp\(key, "(\w+)"\)', source))
    text = ''.join((MAN / page).read_text(encoding='utf-8')
                   for page in ('tapisrv.conf.5', 'tapi-provider.conf.5'))
    if not keys:
        yield 'config.c: no keys found'
    for key in sorted(keys):
        if not re.search(r'^\.BR? .*\b' + key, text, re.MULTILINE):
            yield f'{key} of config.c is in neither tapisrv.conf.5 nor tapi-provider.conf.5'
    server = source.split('read_server_key(')[1].split('\n}\n')[0]
    server = set(re.findall(r'strcasecmp\(key, "(\w+)"\)', server))
    defaults = set(re.findall(r'^#?(\w+) =', read('userspace/conf/tapisrv.conf'), re.MULTILINE))
    yield from differences('a key of [Server]', defaults, server, 'tapisrv.conf', 'config.c')


def card_settings():
    """tapi-provider.conf.5, card-provider.md: settings of the card provider are those it reads"""
    page = (MAN / 'tapi-provider.conf.5').read_text(encoding='utf-8')
    part = page.split('.SH CARD PROVIDER')[1].split('\n.SH')[0]
    told = set(re.findall(r'^\.BR (\w+) " = "', part, re.MULTILINE))
    read_keys = set()
    for source in (TOP / 'userspace/tsp/card').glob('*.c'):
        read_keys |= set(re.findall(r'\bsetting(?:_\w+)?\("(\w+)"',
                                    source.read_text(encoding='utf-8')))
    yield from differences('a setting', told, read_keys, 'tapi-provider.conf.5', 'tsp/card')
    part = read('Documentation/card-provider.md').split('\n## Settings')[1].split('\n## ')[0]
    told = {row[0] for row in rows(part, 3)} - {'Number.NAME'}
    yield from differences('a setting', told, read_keys, 'card-provider.md', 'tsp/card')


def module_parameters():
    """tapi_sim.4, simulator.md: the parameters are those of the module"""
    page = (MAN / 'tapi_sim.4').read_text(encoding='utf-8')
    part = page.split('.SH PARAMETERS')[1].split('\n.SH')[0]
    told = set(re.findall(r'^\.BR? (\w+)', part, re.MULTILINE))
    taken = set()
    for source in (TOP / 'kernel/sim').glob('*.c'):
        taken |= set(re.findall(r'\bmodule_param(?:_\w+)?\((\w+)',
                                source.read_text(encoding='utf-8')))
    yield from differences('a parameter', told, taken, 'tapi_sim.4', 'kernel/sim')
    part = read('Documentation/simulator.md').split('\n## One card')[1].split('\n## ')[0]
    told = {row[0].strip('`') for row in rows(part, 3)}
    yield from differences('a parameter', told, taken, 'simulator.md', 'kernel/sim')


# What a page says, and the macro it says it of
NUMBERS = (
    ('userspace/man/tapisrv.8', 'have 64 connections', 'tapisrv/server.h', 'CLIENTS_PER_UID',
     '64u'),
    ('userspace/man/tapisrv.8', 'leave 256 KiB unread', 'tapisrv/server.h', 'EVENT_QUEUE_HIGH',
     '(256u << 10)'),
    ('userspace/man/tapisrv.8', 'question for 15 s', 'tapisrv/server.h', 'SERVER_DEADLINE_USEC',
     '15000000u'),
    ('userspace/man/tapisrv.8', 'after 30 s', 'tapisrv/server.h', 'UNREAD_USEC', '30000000u'),
    ('userspace/man/tapisrv.8', 'After five deaths', 'tapisrv/backoff.c', 'DEATHS_MAX', '5u'),
    ('userspace/man/tapisrv.8', 'again after 0.1 s', 'tapisrv/backoff.c', 'FIRST_USEC', '100000u'),
    ('userspace/man/tapisrv.8', 'up to 30 s', 'tapisrv/backoff.c', 'LONGEST_USEC', '30000000u'),
    ('Documentation/tsp.md', '8,192 bytes', 'tsphost/query.c', 'ROOM', '8192u'),
    ('Documentation/tsp.md', '256 KiB', 'tsphost/query.c', 'ROOM_MAX', '(256u << 10)'),
    ('Documentation/tsp.md', 'Four threads', 'tsphost/host.h', 'WORKERS', '4u'),
    ('Documentation/tsp.md', 'After 5 s', 'tsphost/host.h', 'BUSY_USEC', '(5 * UINT64_C(1000000))'),
    ('Documentation/tsp.md', 'At most 10 s', 'tsphost/host.h', 'SHUTDOWN_USEC',
     '(10 * UINT64_C(1000000))'),
    ('Documentation/tsp.md', '7,680 at most', '../include/uapi/linux/tapi_netlink.h',
     'TAPI_NL_DATA_MAX', '7680'),
    ('Documentation/rpc.md', '| bytes of a frame | 65,536 |', 'rpc/frame.h', 'FRAME_MAX', '65536u'),
    ('Documentation/rpc.md', '| unanswered requests of one end | 256;', 'rpc/link.h',
     'LINK_OPEN_MAX', '256u'),
    ('Documentation/rpc.md', '| bytes that wait to be sent | 1 MiB;', 'rpc/link.h',
     'LINK_QUEUE_HIGH', '(1u << 20)'),
    ('Documentation/msp.md', 'up to 7,680 bytes', '../include/uapi/linux/tapi_netlink.h',
     'TAPI_NL_DATA_MAX', '7680'),
)


def numbers():
    """documents: limits and times are those of the code"""
    for page, phrase, path, macro, value in NUMBERS:
        found = re.search(rf'#define {macro}\s+([^\n/]*)', read(f'userspace/{path}'))
        if not found or found[1].strip() != value:
            yield f'{path}: {macro} is {found and found[1].strip()}; {page} says "{phrase}"'
        if phrase not in ' '.join(read(page).split()):
            yield f'{page}: does not say "{phrase}"'


def simulator_files():
    """tapi_sim.4, simulator.md, ABI: the files in configfs are those of the module"""
    found = set()
    for source in (path.name for path in (TOP / 'kernel/sim').glob('config*.c')):
        found |= set(re.findall(r'CONFIGFS_ATTR(?:_\w+)?\(config_\w+_, (\w+)\)',
                                read(f'kernel/sim/{source}')))
    page = (MAN / 'tapi_sim.4').read_text(encoding='utf-8').split('.SH CONFIGFS')[1]
    told = set(re.findall(r'^\.TP\n\.B (\w+)$', page.split('\n.SH')[0], re.MULTILINE))
    yield from differences('a file', told, found, 'tapi_sim.4', 'kernel/sim')
    page = read('Documentation/simulator.md').split('\n### Files')[1].split('\n### ')[0]
    told = {row[0].strip('`') for row in rows(page, 3)}
    yield from differences('a file', told, found, 'simulator.md', 'kernel/sim')
    told = set(re.findall(r'^What:.*/<card>(?:/line<n>(?:/\w+)?)?/(\w+)$',
                          read('Documentation/ABI/testing/configfs-tapi-sim'), re.MULTILINE))
    yield from differences('a file', told, found, 'configfs-tapi-sim', 'kernel/sim')


def sysfs():
    """ABI: the attributes in sysfs are those of the core"""
    found = set(re.findall(r'^(?:LINE|CARD)_ATTR\((\w+)\)', read('kernel/core/sysfs.c'),
                           re.MULTILINE))
    told = set(re.findall(r'^What:.*/card\S*/(\w+)$',
                          read('Documentation/ABI/testing/sysfs-class-tapi'), re.MULTILINE))
    yield from differences('an attribute', told, found, 'sysfs-class-tapi', 'sysfs.c')
    if len(found) < 5:
        yield 'sysfs.c: no attributes found'


def rst_rows(text, title):
    """Rows of the list-table with this title, by their first cell."""
    part = text.split(f'.. list-table:: {title}')[1]
    part = re.split(r'\n(?=\S)', part)[0]
    table = {}
    for row in part.split('\n   * - ')[2:]:
        cells = [' '.join(cell.split()) for cell in re.split(r'\n {5}-', row)]
        table[cells[0]] = cells[1:]
    return table


def line_device():
    """line-device.rst: ioctls, events, capabilities and parameters are those of tapi_line.h"""
    page = read('Documentation/userspace-api/line-device.rst')
    header = read('include/uapi/linux/tapi_line.h')
    for title, pattern in (('ioctls', r'#define TAPI_LINE_(\w+)\s+_IO'),
                           ('Events', r'^\tTAPI_LINE_EV_(?!FL_|END)(\w+)'),
                           ('Capabilities', r'#define TAPI_LINE_CAP_(\w+)'),
                           ('Parameters', r'^\tTAPI_LINE_PARAM_(?!DRIVER)(\w+)')):
        wanted = set(re.findall(pattern, header, re.MULTILINE))
        yield from differences(title, set(rst_rows(page, title)), wanted, 'line-device.rst',
                               'tapi_line.h')
        if not wanted:
            yield f'{title}: none found in tapi_line.h'


def parameter_ranges():
    """line-device.rst: ranges and defaults of parameters are those of the core"""
    page = rst_rows(read('Documentation/userspace-api/line-device.rst'), 'Parameters')
    flash = re.search(r'#define TAPI_SEQ_FLASH_MS\s+(\d+)', read('kernel/core/seq.h'))[1]
    source = read('kernel/core/params.c').replace('TAPI_SEQ_FLASH_MS', flash)
    core = {name: [f'{least} to {most}', default] for name, least, most, default in re.findall(
        r'\{ TAPI_LINE_PARAM_(\w+), \w+, (\d+), (\d+), \d+, (\d+),', source)}
    for name, cells in page.items():
        if cells[1:3] != core.get(name, ['', '']):
            yield f'{name}: {cells[1:3]} in line-device.rst, {core.get(name)} in params.c'
    if len(core) < 5:
        yield 'params.c: no parameters found'


def relay_commands():
    """relay.rst: has every command of the relay"""
    header = read('include/uapi/linux/tapi_netlink.h')
    commands = set(re.findall(r'^\tTAPI_NL_CMD_(\w+)', header, re.MULTILINE))
    commands -= {'UNSPEC', 'END', 'MAX'}
    page = read('Documentation/userspace-api/relay.rst')
    table = page.split('\n===================  ')[2]
    yield from differences('a command', set(re.findall(r'^([A-Z_]+) ', table, re.MULTILINE)),
                           commands, 'relay.rst', 'tapi_netlink.h')


def error_injection():
    """error-injection.rst: operations, places and commands are those of the core"""
    page = read('Documentation/userspace-api/error-injection.rst')
    told = set(re.findall(r'``(\w+)``', page.split('``op NAME ERRNO``')[1].split('``overflow')[0]))
    found = set(re.findall(r'^\t\[TAPI_(?:OP|ALLOC)_(\w+)\] = "\1"', read('kernel/core/inject.c'),
                           re.MULTILINE))
    yield from differences('a name', told - {'EIO'}, found, 'error-injection.rst', 'inject.c')
    verbs = set(re.findall(r'\{ "(\w+)", inject_\w+ \}|!strcmp\(word\[0\], "(\w+)"\)',
                           read('kernel/core/inject.c')))
    verbs = {a or b for a, b in verbs}
    told = set(re.findall(r'^``([a-z]+)[^`]*``', page.split('\nCommands\n')[1], re.MULTILINE))
    yield from differences('a command', told, verbs, 'error-injection.rst', 'inject.c')
    if len(found) < 10 or len(verbs) < 5:
        yield 'inject.c: names not found'


def members(path, struct):
    """Names of the functions of a table in a header."""
    body = read(path).split(f'struct {struct} {{')[1].split('\n};')[0]
    return set(re.findall(r'^\t[\w *]+\(\*(\w+)\)', body, re.MULTILINE))


def plugin_tables():
    """msp.md, card-driver.md: every function of the tables and of the driver API is mentioned"""
    for page, path, structs in (('msp.md', 'include/tapi3/msp.h',
                                 ('msp_host_ops', 'msp_address_ops')),
                                ('card-driver.md', 'include/linux/tapi_card.h',
                                 ('tapi_card_ops',))):
        text = read(f'Documentation/{page}')
        wanted = set().union(*(members(path, struct) for struct in structs))
        if path.endswith('tapi_card.h'):
            functions = read(path).split('struct tapi_line_desc {')[1]
            wanted |= set(re.findall(r'\b(tapi_\w+)\(', functions))
        for name in sorted(wanted):
            if f'`{name}`' not in text and f'`{name}(' not in text:
                yield f'{name} of {path} is not mentioned in {page}'
        if len(wanted) < 10:
            yield f'{path}: no functions found'


def links():
    """documents: each link leads to a file"""
    pages = [TOP / 'README.md', TOP / 'CONTRIBUTING.md', *(TOP / 'Documentation').rglob('*.md')]
    for page in pages:
        text = re.sub(r'```.*?```', '', page.read_text(encoding='utf-8'), flags=re.DOTALL)
        for target in re.findall(r'\]\(([^)\s]+)\)', text):
            path = target.split('#')[0]
            if path and '://' not in path and not (page.parent / path).exists():
                yield f'{page.relative_to(TOP)}: {target} does not exist'


def pages_are_installed():
    """manual pages: each is in meson.build, and only those"""
    listed = set(re.findall(r"'([\w.-]+\.[1-8])'", (MAN / 'meson.build').read_text('utf-8')))
    there = {page.name for page in MAN.iterdir() if re.fullmatch(r'\d', page.suffix[1:])}
    yield from differences('a page', listed, there, 'man/meson.build', 'userspace/man')


def references():
    """manual pages: references to our own pages lead to one"""
    pages = {page.name for page in MAN.iterdir()}
    ours = re.compile(r'^\.BR ((?:tapi|tsphost)[\w.\\-]*) \((\d)\)', re.MULTILINE)
    for page in sorted(MAN.glob('*.[1-8]')):
        for name, section in ours.findall(page.read_text(encoding='utf-8')):
            name = name.replace('\\', '')
            if f'{name}.{section}' not in pages:
                yield f'{page.name}: there is no {name}({section})'


def lint():
    """manual pages: mandoc finds nothing"""
    if not shutil.which('mandoc'):
        return 'mandoc is not installed'
    pages = sorted(str(page) for page in MAN.glob('*.[1-8]'))
    result = subprocess.run(['mandoc', '-T', 'lint', '-W', 'warning', *pages], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return [line for line in result.stdout.splitlines() if 'missing date' not in line]


TESTS = [every_function_has_one_row, works_is_declared, works_is_exported, providers_do_it,
         beside_tapi, features_have_states, tapi3_map, tapi3_states, mandatory_list, manual_options,
         compliance, manual_keys, card_settings, module_parameters, simulator_files, sysfs,
         line_device, error_injection, parameter_ranges, relay_commands, plugin_tables, links, numbers,
         pages_are_installed, references, lint]


def main():
    failed = False
    print(f'1..{len(TESTS)}')
    for number, test in enumerate(TESTS, 1):
        try:
            found = test()
            skipped = found if isinstance(found, str) else ''
            wrong = [] if skipped else list(found)
        except (OSError, IndexError) as error:
            skipped, wrong = '', [f'cannot be compared: {error}']
        for line in wrong:
            print(f'# {line}')
        failed |= bool(wrong)
        print(f'{"not " if wrong else ""}ok {number} - {test.__doc__}'
              + (f' # SKIP {skipped}' if skipped else ''))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
