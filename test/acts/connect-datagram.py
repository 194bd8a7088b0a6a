#!/usr/bin/python3
"""Connects one UDP socket, in a network of its own that has the address."""
import socket

import act

parser = act.options(__doc__)
parser.add_argument('address')
parser.add_argument('port', type=int)
chosen = parser.parse_args()


def connect(_scratch):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect((chosen.address, chosen.port))
    act.report(address=chosen.address, port=chosen.port)


act.perform(connect, chosen, prepare=lambda _scratch: act.own_network(chosen.address))
