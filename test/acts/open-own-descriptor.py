#!/usr/bin/python3
"""Opens for writing what one of its own descriptors stands for, by its name below /proc."""
import os

import act

parser = act.options(__doc__)
chosen = parser.parse_args()


def open_it(scratch):
    path = act.place(scratch, '/bin/entrypoint')
    held = os.open(path, os.O_RDONLY)
    again = f'/proc/self/fd/{held}'
    os.open(again, os.O_WRONLY)
    act.report(path=again)


act.perform(open_it, chosen)
