#!/usr/bin/python3
"""Makes one folder, in a root of its own in which the folder above it was made before."""
import os

import act

parser = act.options(__doc__)
parser.add_argument('path')
chosen = parser.parse_args()


def make(scratch):
    act.enter_root(scratch)
    os.mkdir(chosen.path)
    act.report(path=chosen.path)


act.perform(make, chosen,
            prepare=lambda scratch: os.makedirs(scratch + os.path.dirname(chosen.path)))
