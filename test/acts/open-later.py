#!/usr/bin/python3
"""Waits for a file to appear, then opens /etc/shadow of a root of its own."""
import os
import time

import act

parser = act.options(__doc__)
parser.add_argument('signal')
chosen = parser.parse_args()


def open_it(scratch):
    while not os.path.exists(chosen.signal):
        time.sleep(0.01)
    act.enter_root(scratch)
    os.open('/etc/shadow', os.O_RDONLY)
    act.report(path='/etc/shadow')


act.perform(open_it, chosen, prepare=lambda scratch: act.place(scratch, '/etc/shadow'))
