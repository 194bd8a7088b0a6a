#!/usr/bin/python3
"""Becomes a program in an overlay file system, as a container's root is: of the image, or added."""
import os

import act

parser = act.options(__doc__)
parser.add_argument('layer', choices=['image', 'added'])
chosen = parser.parse_args()


def prepare(scratch):
    act.must(act.libc.unshare(act.CLONE_NEWNS))
    act.must(act.libc.mount(b'none', b'/', None, act.MS_REC | act.MS_PRIVATE, None))
    # Not every file system can be an upper layer (overlay on overlay is refused): tmpfs can.
    act.must(act.libc.mount(b'tmpfs', scratch.encode(), b'tmpfs', 0, None))
    for name in ('image', 'upper', 'work', 'root', 'image/bin', 'image/dev'):
        os.mkdir(f'{scratch}/{name}')
    act.program(f'{scratch}/image/bin/image')
    layers = f'lowerdir={scratch}/image,upperdir={scratch}/upper,workdir={scratch}/work'
    act.must(act.libc.mount(b'overlay', f'{scratch}/root'.encode(), b'overlay', 0, layers.encode()))
    act.program(f'{scratch}/root/bin/added')
    os.mknod(f'{scratch}/root/dev/null', 0o020666, os.makedev(1, 3))


def run(scratch):
    path = f'/bin/{chosen.layer}'
    act.report(exe=path, comm=chosen.layer)
    act.enter_root(f'{scratch}/root')
    act.become(path, ['true'])


act.perform(run, chosen, prepare=prepare)
