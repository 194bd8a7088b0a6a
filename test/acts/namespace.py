#!/usr/bin/python3
"""Makes one namespace, or enters one that it is in already."""
import os

import act

parser = act.options(__doc__)
parser.add_argument('how', choices=['enter', 'make-user', 'make-network'])
chosen = parser.parse_args()


def change(_scratch):
    if chosen.how == 'enter':
        act.must(act.libc.setns(os.open('/proc/self/ns/net', os.O_RDONLY), act.CLONE_NEWNET))
    else:
        kind = act.CLONE_NEWUSER if chosen.how == 'make-user' else act.CLONE_NEWNET
        act.must(act.libc.unshare(kind))
    act.report(how=chosen.how)


act.perform(change, chosen)
