#!/usr/bin/python3
"""Renames one file, in a root of its own in which it was made before."""
import os

import act

parser = act.options(__doc__)
parser.add_argument('old')
parser.add_argument('new')
chosen = parser.parse_args()


def prepare(scratch):
    act.place(scratch, chosen.old)
    os.makedirs(scratch + os.path.dirname(chosen.new), exist_ok=True)


def rename(scratch):
    act.enter_root(scratch)
    os.rename(chosen.old, chosen.new)
    act.report(path=chosen.new, old=chosen.old)


act.perform(rename, chosen, prepare=prepare)
