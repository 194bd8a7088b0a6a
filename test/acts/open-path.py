#!/usr/bin/python3
"""Opens one path that exists, in the way that is asked for, and says what it wrote and what it got."""
import ctypes
import os
import struct

import act

AT_FDCWD = -100
NUMBERS = {'open': 2, 'openat': 257, 'openat2': 437}

parser = act.options(__doc__)
parser.add_argument('path')
parser.add_argument('--cwd', help='working directory')
parser.add_argument('--dirfd', help='folder whose descriptor the path is relative to')
parser.add_argument('--call', choices=sorted(NUMBERS), default='openat')
chosen = parser.parse_args()


def open_it(_scratch):
    if chosen.cwd:
        os.chdir(chosen.cwd)
    folder = os.open(chosen.dirfd, os.O_PATH) if chosen.dirfd else AT_FDCWD
    path = ctypes.create_string_buffer(chosen.path.encode())
    number = NUMBERS[chosen.call]
    if chosen.call == 'open':
        result = act.system_call(number, path, os.O_RDONLY)
    elif chosen.call == 'openat':
        result = act.system_call(number, folder, path, os.O_RDONLY)
    else:
        how = ctypes.create_string_buffer(struct.pack('QQQ', os.O_RDONLY, 0, 0))
        result = act.system_call(number, folder, path, how, 24)
    if result < 0:
        raise OSError(-result, chosen.path)
    act.report(written=chosen.path, path=os.readlink(f'/proc/self/fd/{result}'))


act.perform(open_it, chosen)
