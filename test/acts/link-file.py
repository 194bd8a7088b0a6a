#!/usr/bin/python3
"""Makes one link, in a root of its own in which the target was made before."""
import os

import act

parser = act.options(__doc__)
parser.add_argument('kind', choices=['symbolic', 'hard'])
parser.add_argument('target')
parser.add_argument('path')
chosen = parser.parse_args()


def prepare(scratch):
    act.place(scratch, chosen.target)
    os.makedirs(scratch + os.path.dirname(chosen.path), exist_ok=True)


def link(scratch):
    act.enter_root(scratch)
    (os.symlink if chosen.kind == 'symbolic' else os.link)(chosen.target, chosen.path)
    act.report(path=chosen.path, target=chosen.target)


act.perform(link, chosen, prepare=prepare)
