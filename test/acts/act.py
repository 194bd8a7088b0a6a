"""What all acts share: options that say as whom to act, and one line of JSON about what was done.

An act runs as a child of its own, so that the parent can clean up whatever happens. The line holds
pid, ppid, comm, parent (the parent's comm), exe and user as /proc tells them, besides what the act
itself adds; it is the truth that alerts are compared with.
"""
import argparse
import ctypes
import json
import os
import pwd
import shutil
import sys
import tempfile
import time

libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_REC, MS_PRIVATE, MNT_DETACH = 0x4000, 1 << 18, 2
PR_SET_NAME, PR_SET_KEEPCAPS = 15, 8
CONTAINER_ID = '5a' * 32
INSIDE = 'SAKER_ACT_INSIDE'
FAILED = 99  # a program that the act became may end with any other status


def system_call(number, *arguments):
    """Makes a system call by number. Returns its result, or minus the error number."""
    widened = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = libc.syscall(ctypes.c_long(number), *widened)
    return -ctypes.get_errno() if result == -1 else result


def must(result):
    """The result of a C function, or an exception with its errno."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def rename(comm):
    """Gives the calling process another comm."""
    must(libc.prctl(PR_SET_NAME, comm.encode(), 0, 0, 0))


def options(about):
    """A parser with the options that every act has."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument('--comm', help='act under this name')
    parser.add_argument('--parent-comm', help='as a child of a process of this name')
    parser.add_argument('--user', type=int, help='with this user id, without capabilities')
    parser.add_argument('--login', type=int, help='as if this user had logged in')
    parser.add_argument('--detached', action='store_true', help='as an orphan')
    parser.add_argument('--container', action='store_true', help='in the cgroup of a container')
    return parser


def report(**done):
    """Prints the line. Whoever changes its root or program afterwards reports before."""
    print(json.dumps({**WHO, **done}), flush=True)


WHO = {}


def look():
    """Notes who the calling process is, while /proc can still be seen."""
    pid, ppid = os.getpid(), os.getppid()
    WHO.update(pid=pid, ppid=ppid, comm=comm_of(pid), parent=comm_of(ppid),
               exe=os.readlink('/proc/self/exe'), user=pwd.getpwuid(os.geteuid()).pw_name)


def comm_of(pid):
    try:
        with open(f'/proc/{pid}/comm', encoding='utf-8') as file:
            return file.read().rstrip('\n')
    except OSError:
        return None


def perform(act, chosen, prepare=None, watch=None):
    """Runs act(scratch folder) in a child with the chosen options, and cleans up after it.

    prepare(scratch) runs before in the parent, watch(pid) while the child acts.
    """
    if INSIDE in os.environ:  # the child, started anew in its container
        run_child(act, chosen, os.environ.pop(INSIDE))
    if chosen.parent_comm and comm_of(os.getpid()) != chosen.parent_comm:
        become_called(chosen.parent_comm)
    scratch = tempfile.mkdtemp(prefix='saker-act-')
    groups = []
    try:
        if chosen.container:
            groups = container_groups()
        if prepare:
            prepare(scratch)
        os.chmod(scratch, 0o777)  # the act may give up its rights
        child = os.fork()
        if child == 0:
            if chosen.container:
                enter_container(groups, scratch)
            run_child(act, chosen, scratch)
        if watch:
            watch(child)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if chosen.detached:
            wait_for_orphan(scratch)
    finally:
        for group in groups:
            remove_group(group)
        for mounted in (f'{scratch}/root', scratch):
            libc.umount2(mounted.encode(), MNT_DETACH)  # refused where nothing was mounted
        shutil.rmtree(scratch, ignore_errors=True)
        if chosen.parent_comm:
            shutil.rmtree(os.path.dirname(sys.executable))
    sys.exit(1 if status == FAILED else 0)


def become_called(comm):
    """Starts anew as a program of another name: a copy of the interpreter."""
    copy = f"{tempfile.mkdtemp(prefix='saker-act-')}/{comm}"
    shutil.copy('/proc/self/exe', copy)
    os.execv(copy, [copy, '-B', *sys.argv])


def enter_container(groups, scratch):
    """Moves to the cgroups, then starts anew: a container's processes begin with an exec there."""
    for group in groups:
        with open(f'{group}/cgroup.procs', 'w', encoding='ascii') as file:
            file.write('0')
    os.environ[INSIDE] = scratch
    os.execv(sys.executable, [sys.executable, '-B', *sys.argv])


def run_child(act, chosen, scratch):
    try:
        if chosen.detached:
            middle = os.getpid()
            if os.fork() > 0:
                os._exit(0)
            while os.getppid() == middle:
                time.sleep(0.005)
        if chosen.login is not None:
            with open('/proc/self/loginuid', 'w', encoding='ascii') as file:
                file.write(str(chosen.login))
        if chosen.comm:
            rename(chosen.comm)
        if chosen.user is not None:
            os.setgroups([])
            os.setresgid(chosen.user, chosen.user, chosen.user)
            os.setresuid(chosen.user, chosen.user, chosen.user)
        look()
        act(scratch)
        end_orphan(chosen, scratch)
        os._exit(0)
    except BaseException as problem:  # the child must never return into the parent's code
        print(f'{type(problem).__name__}: {problem}', file=sys.stderr, flush=True)
        end_orphan(chosen, scratch)
        os._exit(FAILED)


def end_orphan(chosen, scratch):
    if chosen.detached:
        open(f'{scratch}/done', 'w', encoding='ascii').close()


def wait_for_orphan(scratch):
    while not os.path.exists(f'{scratch}/done'):
        time.sleep(0.005)


def container_groups():
    """Makes the cgroups that docker would make for a container, in every hierarchy there is."""
    groups = []
    with open('/proc/self/mounts', encoding='utf-8') as file:
        mounts = [line.split()[1:4] for line in file]
    for path, kind, flags in mounts:
        if kind not in ('cgroup', 'cgroup2'):
            continue
        group = f'{path}/docker/{CONTAINER_ID}'
        for folder in (f'{path}/docker', group):
            os.makedirs(folder, exist_ok=True)
            if kind == 'cgroup' and 'cpuset' in flags.split(','):
                for name in ('cpuset.cpus', 'cpuset.mems'):
                    with open(f'{path}/{name}', encoding='ascii') as all_of_them:
                        value = all_of_them.read()
                    with open(f'{folder}/{name}', 'w', encoding='ascii') as file:
                        file.write(value)
        groups.append(group)
    return groups


def remove_group(group):
    for _ in range(100):  # a task that has just ended leaves its cgroup a moment later
        try:
            os.rmdir(group)
            break
        except FileNotFoundError:
            break
        except OSError:
            time.sleep(0.01)
    try:
        os.rmdir(os.path.dirname(group))
    except OSError:
        pass  # Docker has containers of its own there


def enter_root(scratch):
    """Makes the scratch folder the root: paths look real, and nothing real can be touched."""
    os.chroot(scratch)
    os.chdir('/')


def place(root, path, content=b'# made by an act\n'):
    """Makes a file and its folders below root. Returns where it is."""
    full = root + path
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, 'wb') as file:
        file.write(content)
    return full


def program(path):
    """Puts a program there that runs wherever it lies: a copy of busybox."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    shutil.copy(shutil.which('busybox'), path)
    os.chmod(path, 0o755)


def become(path, argv, environment=None):
    """Replaces the process; what the program says is not part of the act."""
    null = os.open('/dev/null', os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.execve(path, argv, environment if environment is not None else {'PATH': '/usr/bin:/bin'})


def own_network(*addresses):
    """Enters a network of its own, in which the addresses are the host's own: nothing leaves it."""
    must(libc.unshare(CLONE_NEWNET))
    os.system('ip link set lo up')
    for address in addresses:
        if address not in ('127.0.0.1', '::1'):
            if os.system(f'ip address add {address}/32 dev lo') != 0:
                raise OSError(f'the address {address} could not be added')
