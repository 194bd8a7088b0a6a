#!/usr/bin/python3
"""Mounts one empty file system, where nobody else sees it."""
import act

parser = act.options(__doc__)
chosen = parser.parse_args()


def prepare(_scratch):
    act.must(act.libc.unshare(act.CLONE_NEWNS))
    act.must(act.libc.mount(b'none', b'/', None, act.MS_REC | act.MS_PRIVATE, None))


def mount(scratch):
    act.must(act.libc.mount(b'tmpfs', scratch.encode(), b'tmpfs', 0, None))
    act.report(path=scratch)


act.perform(mount, chosen, prepare=prepare)
