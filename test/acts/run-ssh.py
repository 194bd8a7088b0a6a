#!/usr/bin/python3
"""Becomes the SSH client, which connects to a server that hangs up, in a network of its own."""
import socket

import act

SSH = '/usr/bin/ssh'

parser = act.options(__doc__)
parser.add_argument('address')
parser.add_argument('port', type=int)
chosen = parser.parse_args()
servers = []


def prepare(_scratch):
    act.own_network(chosen.address)
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind((chosen.address, chosen.port))
    server.listen()
    servers.append(server)


def connect(_scratch):
    servers[0].close()
    act.report(exe=SSH, comm='ssh', address=chosen.address, port=chosen.port)
    # Its own settings and keys stay out of the act: -F and IdentityFile name none.
    act.become(SSH, ['ssh', '-F', 'none', '-o', 'IdentityFile=none', '-o', 'BatchMode=yes',
                     '-p', str(chosen.port), chosen.address])


def hang_up(_pid):
    servers[0].accept()[0].close()


act.perform(connect, chosen, prepare=prepare, watch=hang_up)
