#!/usr/bin/python3
"""Runs a program as the first process of a pid namespace, but in no container."""
import os

import act

CLONE_NEWPID = 0x20000000

parser = act.options(__doc__)
chosen = parser.parse_args()


def run(scratch):
    path = f'{scratch}/bin/first'
    act.must(act.libc.unshare(CLONE_NEWPID))
    child = os.fork()
    if child == 0:
        act.become(path, ['true'])
    os.waitpid(child, 0)
    act.report(exe=path, comm='first', parent=act.WHO['comm'])


act.perform(run, chosen, prepare=lambda scratch: act.program(f'{scratch}/bin/first'))
