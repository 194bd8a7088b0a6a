#!/usr/bin/python3
"""Connects to one unix socket, which it has made in a root of its own."""
import os
import socket

import act

parser = act.options(__doc__)
parser.add_argument('path')
chosen = parser.parse_args()
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)


def prepare(scratch):
    os.makedirs(scratch + os.path.dirname(chosen.path))
    server.bind(scratch + chosen.path)
    server.listen()


def connect(scratch):
    act.enter_root(scratch)
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(chosen.path)
    act.report(path=chosen.path)


act.perform(connect, chosen, prepare=prepare)
