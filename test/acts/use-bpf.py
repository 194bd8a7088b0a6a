#!/usr/bin/python3
"""Loads one BPF program that does nothing, or makes one BPF map."""
import ctypes
import struct

import act

BPF_MAP_CREATE, BPF_PROG_LOAD, SYSCALL_BPF = 0, 5, 321
SOCKET_FILTER, ARRAY = 1, 2

parser = act.options(__doc__)
parser.add_argument('what', choices=['program', 'map'])
chosen = parser.parse_args()


def use(_scratch):
    code = ctypes.create_string_buffer(bytes([0xB7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]))
    terms = ctypes.create_string_buffer(b'GPL')
    if chosen.what == 'program':
        wanted = struct.pack('IIQQIIQ', SOCKET_FILTER, 2, ctypes.addressof(code),
                             ctypes.addressof(terms), 0, 0, 0)
    else:
        wanted = struct.pack('IIII', ARRAY, 4, 8, 1)
    attributes = ctypes.create_string_buffer(wanted.ljust(128, b'\0'))
    command = BPF_PROG_LOAD if chosen.what == 'program' else BPF_MAP_CREATE
    result = act.system_call(SYSCALL_BPF, command, attributes, 128)
    if result < 0:
        raise OSError(-result, 'bpf')
    act.report(what=chosen.what)


act.perform(use, chosen)
