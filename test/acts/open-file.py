#!/usr/bin/python3
"""Opens one file, in a root of its own in which it was made before."""
import os
import time

import act

parser = act.options(__doc__)
parser.add_argument('path')
parser.add_argument('flags', help='of open(2): rdonly, wronly|trunc ...')
parser.add_argument('--new', action='store_true', help='the file is not there before')
parser.add_argument('--written', help='the path as it is given to open, when it is another')
parser.add_argument('--mode', type=lambda text: int(text, 8), default=0o600)
parser.add_argument('--after', type=float, default=0, help='seconds to wait before')
chosen = parser.parse_args()


def prepare(scratch):
    made = act.place(scratch, chosen.path)
    if chosen.written:
        folder = chosen.written.split('/..', 1)[0]
        os.makedirs(scratch + folder, exist_ok=True)
    if chosen.new:
        os.unlink(made)


def open_it(scratch):
    flags = 0
    for name in chosen.flags.split('|'):
        flags |= getattr(os, f'O_{name.upper()}')
    act.enter_root(scratch)
    time.sleep(chosen.after)
    os.open(chosen.written or chosen.path, flags, chosen.mode)
    act.report(path=chosen.path, written=chosen.written or chosen.path)


act.perform(open_it, chosen, prepare=prepare)
