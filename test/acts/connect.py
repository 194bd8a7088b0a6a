#!/usr/bin/python3
"""Makes one TCP connection, in a network of its own that has the address."""
import os
import socket

import act

parser = act.options(__doc__)
parser.add_argument('address')
parser.add_argument('port', type=int)
parser.add_argument('--program', help='connect by becoming a copy of busybox that lies there')
chosen = parser.parse_args()
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def prepare(_scratch):
    global server
    act.own_network(chosen.address)
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind((chosen.address, chosen.port))
    server.listen()
    if chosen.program:
        act.program(chosen.program)


def connect(_scratch):
    if chosen.program:
        server.close()
        act.report(exe=chosen.program, comm=os.path.basename(chosen.program)[:15],
                   address=chosen.address, port=chosen.port)
        act.become(chosen.program, ['nc', chosen.address, str(chosen.port)])
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.connect((chosen.address, chosen.port))
    act.report(address=chosen.address, port=chosen.port)


def accept(_pid):
    server.accept()[0].close()


try:
    act.perform(connect, chosen, prepare=prepare, watch=accept)
finally:
    if chosen.program:
        os.unlink(chosen.program)
