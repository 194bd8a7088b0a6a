#!/usr/bin/python3
"""Listens on one TCP port, in a network of its own."""
import os
import signal
import socket
import time

import act

parser = act.options(__doc__)
parser.add_argument('port', type=int)
parser.add_argument('--program', help='listen by becoming a copy of busybox of this name, as nc')
chosen = parser.parse_args()


def prepare(scratch):
    act.own_network()
    if chosen.program:
        act.program(f'{scratch}/bin/{chosen.program}')


def listen(scratch):
    if chosen.program:
        path = f'{scratch}/bin/{chosen.program}'
        act.report(exe=path, comm=chosen.program, port=chosen.port)
        act.become(path, ['nc', '-l', '-p', str(chosen.port)])
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind(('127.0.0.1', chosen.port))
    server.listen()
    act.report(port=chosen.port)


def stop(pid):
    if not chosen.program:
        return
    wanted = f':{chosen.port:04X} '
    while True:  # the caller of the act has the limit
        with open(f'/proc/{pid}/net/tcp', encoding='ascii') as v4, \
                open(f'/proc/{pid}/net/tcp6', encoding='ascii') as v6:
            if wanted in v4.read() + v6.read():
                break
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)


act.perform(listen, chosen, prepare=prepare, watch=stop)
