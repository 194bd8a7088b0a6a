#!/usr/bin/python3
"""Duplicates one connected socket onto a descriptor, in a network of its own."""
import os
import socket

import act

parser = act.options(__doc__)
parser.add_argument('kind', choices=['tcp', 'unix'])
parser.add_argument('descriptor', type=int)
chosen = parser.parse_args()


def duplicate(_scratch):
    if chosen.kind == 'unix':
        client, _server = socket.socketpair()
    else:
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        server.bind(('127.0.0.1', 0))
        server.listen()
        client = socket.create_connection(server.getsockname())
    os.dup2(client.fileno(), chosen.descriptor)
    act.report(descriptor=chosen.descriptor)


act.perform(duplicate, chosen, prepare=lambda _scratch: act.own_network())
