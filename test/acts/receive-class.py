#!/usr/bin/python3
"""Receives the first bytes of a Java class file, as a program that was started as java."""
import os
import socket
import sys

import act

PROGRAM = """
import socket, sys
client = socket.socket(fileno=int(sys.argv[1]))
client.recv(64)
"""

parser = act.options(__doc__)
parser.add_argument('--first', default='cafebabe', help='the first bytes, in hexadecimal')
chosen = parser.parse_args()


def receive(_scratch):
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind(('127.0.0.1', 0))
    server.listen()
    client = socket.create_connection(server.getsockname())
    server.accept()[0].sendall(bytes.fromhex(chosen.first) + b'\0\0\0\x34')
    os.set_inheritable(client.fileno(), True)
    python = os.path.realpath(sys.executable)
    act.report(exe=python, comm=os.path.basename(python)[:15])
    act.become(python, ['java', '-I', '-S', '-c', PROGRAM, str(client.fileno())])


act.perform(receive, chosen, prepare=lambda _scratch: act.own_network())
