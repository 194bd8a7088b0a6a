#!/usr/bin/python3
"""Accepts one TCP connection, in a network of its own that has the address it comes from."""
import socket

import act

parser = act.options(__doc__)
parser.add_argument('address')
parser.add_argument('port', type=int)
chosen = parser.parse_args()
sockets = []


def prepare(_scratch):
    act.own_network(chosen.address)
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind((chosen.address, chosen.port))
    server.listen()
    sockets.append(server)


def accept(_scratch):
    _connection, peer = sockets[0].accept()
    act.report(address=peer[0], port=chosen.port)


def connect(_pid):
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.connect((chosen.address, chosen.port))
    sockets.append(client)


act.perform(accept, chosen, prepare=prepare, watch=connect)
