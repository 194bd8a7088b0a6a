#!/usr/bin/python3
"""Becomes an ordinary user that keeps what it may do, and makes one capability effective."""
import ctypes
import os
import struct

import act

CAPSET, VERSION_3 = 126, 0x20080522
BITS = {'CAP_NET_BIND_SERVICE': 10, 'CAP_SYS_ADMIN': 21}

parser = act.options(__doc__)
parser.add_argument('capability', choices=sorted(BITS))
chosen = parser.parse_args()


def take(_scratch):
    act.must(act.libc.prctl(act.PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setresuid(65534, 65534, 65534)
    act.look()
    bit = 1 << BITS[chosen.capability]
    header = ctypes.create_string_buffer(struct.pack('Ii', VERSION_3, 0))
    sets = ctypes.create_string_buffer(struct.pack('6I', bit, bit, 0, 0, 0, 0))
    result = act.system_call(CAPSET, header, sets)
    if result != 0:
        raise OSError(-result, 'capset')
    act.report(capability=chosen.capability)


act.perform(take, chosen)
