#!/usr/bin/python3
"""Removes one file, in a root of its own in which it was made before."""
import os

import act

parser = act.options(__doc__)
parser.add_argument('path')
chosen = parser.parse_args()


def remove(scratch):
    act.enter_root(scratch)
    os.unlink(chosen.path)
    act.report(path=chosen.path)


act.perform(remove, chosen, prepare=lambda scratch: act.place(scratch, chosen.path))
