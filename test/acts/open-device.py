#!/usr/bin/python3
"""Opens one device, in a root of its own in which its node was made before: a second null device."""
import os

import act

parser = act.options(__doc__)
parser.add_argument('path')
chosen = parser.parse_args()


def prepare(scratch):
    os.makedirs(os.path.dirname(scratch + chosen.path))
    os.mknod(scratch + chosen.path, 0o020666, os.makedev(1, 3))


def open_it(scratch):
    act.enter_root(scratch)
    os.open(chosen.path, os.O_RDONLY)
    act.report(path=chosen.path)


act.perform(open_it, chosen, prepare=prepare)
