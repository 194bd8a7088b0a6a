#!/usr/bin/python3
"""Writes into the memory of a child of its own, or reads from it."""
import ctypes
import os
import signal
import struct

import act

NUMBERS = {'read': 310, 'write': 311}  # process_vm_readv, process_vm_writev

parser = act.options(__doc__)
parser.add_argument('how', choices=sorted(NUMBERS))
chosen = parser.parse_args()


def touch(_scratch):
    text = ctypes.create_string_buffer(b'an act')
    vector = ctypes.create_string_buffer(struct.pack('QQ', ctypes.addressof(text), 6))
    other = os.fork()  # its memory is a copy: the same address is there
    if other == 0:
        signal.pause()
    try:
        result = act.system_call(NUMBERS[chosen.how], other, vector, 1, vector, 1, 0)
        if result != 6:
            raise OSError(-result, chosen.how)
        act.report(other=other, bytes=result)
    finally:
        os.kill(other, signal.SIGKILL)


act.perform(touch, chosen)
