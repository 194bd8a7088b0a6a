#!/usr/bin/python3
"""Attaches to a child of its own with ptrace, or only lets itself be traced by its parent."""
import os
import signal

import act

PTRACE_TRACEME, PTRACE_ATTACH = 0, 16

parser = act.options(__doc__)
parser.add_argument('how', choices=['attach', 'traceme'])
chosen = parser.parse_args()


def trace(_scratch):
    if chosen.how == 'traceme':
        act.must(act.libc.ptrace(PTRACE_TRACEME, 0, 0, 0))
        act.report()
        return
    other = os.fork()
    if other == 0:
        signal.pause()
    try:
        act.must(act.libc.ptrace(PTRACE_ATTACH, other, 0, 0))
        act.report(other=other)
    finally:
        os.kill(other, signal.SIGKILL)


act.perform(trace, chosen)
