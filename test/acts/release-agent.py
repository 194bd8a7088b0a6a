#!/usr/bin/python3
"""Names the program that the kernel runs when a cgroup empties, in a hierarchy of its own."""
import os

import act

parser = act.options(__doc__)
chosen = parser.parse_args()


def prepare(scratch):
    act.must(act.libc.unshare(act.CLONE_NEWNS))
    act.must(act.libc.mount(b'none', b'/', None, act.MS_REC | act.MS_PRIVATE, None))
    os.mkdir(f'{scratch}/root')
    act.must(act.libc.mount(b'cgroup', f'{scratch}/root'.encode(), b'cgroup', 0,
                            b'none,name=saker-act'))


def name_program(scratch):
    path = f'{scratch}/root/release_agent'
    with open(path, 'w', encoding='ascii') as file:
        file.write('/bin/true')
    act.report(path=path)


act.perform(name_program, chosen, prepare=prepare)
