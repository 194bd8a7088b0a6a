#!/usr/bin/python3
"""Becomes a program that it has put in place before: a copy of busybox, and so harmless.

A PATH that is not absolute lies in the scratch folder, and is the program's comm.
"""
import os
import shutil

import act

parser = act.options(__doc__)
parser.add_argument('path')
parser.add_argument('arguments', nargs='*')
parser.add_argument('--argv0', help='what the program is told it is called')
parser.add_argument('--environment', action='append', default=[], help='NAME=VALUE')
parser.add_argument('--memfd', action='store_true', help='run it from memory; PATH is the name')
chosen = parser.parse_args()
made = []


def run(scratch):
    path = chosen.path if chosen.path.startswith('/') else f'{scratch}/bin/{chosen.path}'
    argv = [chosen.argv0 or os.path.basename(path), *chosen.arguments]
    environment = dict(pair.split('=', 1) for pair in chosen.environment)
    if chosen.memfd:
        memory = os.memfd_create(chosen.path, os.MFD_CLOEXEC)
        with open(shutil.which('busybox'), 'rb') as file:
            os.sendfile(memory, file.fileno(), 0, os.fstat(file.fileno()).st_size)
        act.report(exe=f'/memfd:{chosen.path}', comm=str(memory))
        act.become(f'/proc/self/fd/{memory}', argv, environment)
    act.report(exe=path, comm=os.path.basename(path)[:15], command=argv)
    act.become(path, argv, environment)


def prepare(scratch):
    if chosen.memfd:
        return
    path = chosen.path if chosen.path.startswith('/') else f'{scratch}/bin/{chosen.path}'
    if os.path.exists(path):
        return
    made.append(path)
    folder = os.path.dirname(path)
    while not os.path.exists(folder):
        made.append(folder)
        folder = os.path.dirname(folder)
    act.program(path)


try:
    act.perform(run, chosen, prepare=prepare)
finally:
    for path in made:
        if os.path.isdir(path):
            os.rmdir(path)
        elif os.path.exists(path):
            os.unlink(path)
