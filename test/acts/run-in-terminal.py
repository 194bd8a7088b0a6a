#!/usr/bin/python3
"""Runs a program in a terminal of its own, as its leading process: a copy of busybox."""
import os
import pty

import act

parser = act.options(__doc__)
parser.add_argument('name')
parser.add_argument('arguments', nargs='*')
chosen = parser.parse_args()


def run(scratch):
    path = f'{scratch}/bin/{chosen.name}'
    act.report(exe=path, comm=chosen.name, parent=act.WHO['comm'])
    child, terminal = pty.fork()
    if child == 0:
        os.execve(path, [chosen.name, *chosen.arguments], {'PATH': '/usr/bin:/bin'})
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        pass  # the other end is closed: the program has ended
    os.waitpid(child, 0)


act.perform(run, chosen, prepare=lambda scratch: act.program(f'{scratch}/bin/{chosen.name}'))
