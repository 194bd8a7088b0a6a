#!/usr/bin/python3
"""Opens one socket, in a network of its own."""
import socket

import act

parser = act.options(__doc__)
parser.add_argument('kind', choices=['packet', 'datagram'])
chosen = parser.parse_args()


def open_it(_scratch):
    family = socket.AF_PACKET if chosen.kind == 'packet' else socket.AF_INET
    socket.socket(family, socket.SOCK_DGRAM)
    act.report(kind=chosen.kind)


act.perform(open_it, chosen, prepare=lambda _scratch: act.own_network())
