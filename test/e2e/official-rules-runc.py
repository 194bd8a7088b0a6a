#!/usr/bin/python3
"""runc, asked for no more capabilities than this machine may give.

Docker asks for all that exist when a container is privileged, and runc refuses to start it where one
is missing: in many virtual machines and in all containers.
"""
import json
import os
import sys

NAMES = """chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot
sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease
audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read
perfmon bpf checkpoint_restore""".split()  # in the order of linux/capability.h


def given():
    with open('/proc/self/status', encoding='ascii') as file:
        sets = dict(line.split(':\t', 1) for line in file if line.startswith('Cap'))
    bits = int(sets['CapBnd'], 16)
    return {f'CAP_{name.upper()}' for bit, name in enumerate(NAMES) if bits >> bit & 1}


def reduce(path, process_of):
    with open(path, encoding='utf-8') as file:
        whole = json.load(file)
    process = process_of(whole)
    sets = process.get('capabilities') or {}
    for kind, names in sets.items():
        sets[kind] = [name for name in names or [] if name in GIVEN]
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(whole, file)


GIVEN = given()
ARGUMENTS = sys.argv[1:]
for option, value in zip(ARGUMENTS, ARGUMENTS[1:]):
    if option == '--bundle':
        reduce(os.path.join(value, 'config.json'), lambda whole: whole['process'])
    elif option == '--process':
        reduce(value, lambda whole: whole)
os.execvp('runc', ['runc', *ARGUMENTS])
