// The table of event parameters: what each one is, an argument of the call, its return value, a path, or a
// part of the task.

/**
 * Where the parameters of an event come from, by their names and in the words of the table below;
 * empty for an event that is no call of the table.
 */
export function sourcesOf(event: string): ReadonlyMap<string, string> {
  return SOURCES.get(event) ?? NONE;
}

// One call a line: parameter = source. `ret`, `aN` (an argument, read by the parameter's type) with
// the numbering that rules see behind a dot, or a name of NAMED (params.ts). What is not listed was not
// captured. Arguments are those of the native calls.
const TABLE = `
open fd=ret name=path flags=open mode=a2 dev=dev ino=ino
openat fd=ret dirfd=a0 name=path flags=open mode=a3 dev=dev ino=ino
openat2 fd=ret dirfd=a0 name=path flags=open mode=open_mode resolve=resolve dev=dev ino=ino
open_by_handle_at fd=ret mountfd=a0 flags=open path=object_path dev=dev ino=ino
creat fd=ret name=path mode=a1 dev=dev ino=ino creat_flags=layers
close res=ret fd=a0
read res=ret data=data fd=a0 size=a2
write res=ret data=data fd=a0 size=a2
pread res=ret data=data fd=a0 size=a2 pos=a3
pwrite res=ret data=data fd=a0 size=a2 pos=a3
readv res=ret size=ret data=data fd=a0
writev res=ret data=data fd=a0 size=ret
preadv res=ret size=ret data=data fd=a0 pos=a3
pwritev res=ret data=data fd=a0 size=ret pos=a3
socket fd=ret domain=a0 type=a1.socktype proto=a2 flags=a1.fdflags
socketpair res=ret fd1=fd1 fd2=fd2 domain=a0 type=a1.socktype proto=a2
bind res=ret addr=addr fd=a0
connect res=ret tuple=tuple fd=a0 addr=addr
listen res=ret fd=a0 backlog=a1
accept fd=ret tuple=tuple
accept4 fd=ret tuple=tuple flags=a3
sendto res=ret data=data fd=a0 size=a2 tuple=tuple
sendmsg res=ret data=data fd=a0 size=ret tuple=tuple
sendmmsg res=ret fd=a0 data=data tuple=tuple
recvfrom res=ret data=data tuple=tuple fd=a0 size=a2
recvmsg res=ret size=ret data=data tuple=tuple fd=a0
recvmmsg res=ret fd=a0 data=data tuple=tuple
shutdown res=ret fd=a0 how=a1
setsockopt res=ret fd=a0 optlen=a4
getsockopt res=ret fd=a0
pipe res=ret fd1=fd1 fd2=fd2 ino=ino
pipe2 res=ret fd1=fd1 fd2=fd2 ino=ino flags=a1.fdflags
eventfd res=ret initval=a0
eventfd2 res=ret initval=a0 flags=a1.fdflags
signalfd res=ret fd=a0
signalfd4 res=ret fd=a0 flags=a3.fdflags
timerfd_create res=ret clockid=a0 flags=a1.fdflags
inotify_init res=ret
inotify_init1 res=ret flags=a0.fdflags
epoll_create res=ret size=a0
epoll_create1 res=ret flags=a0
epoll_wait res=ret maxevents=a2
futex res=ret addr=a0 op=a1 val=a2
stat res=ret path=path
lstat res=ret path=path
fstat res=ret fd=a0
newfstatat res=ret dirfd=a0 path=path flags=a3
access res=ret name=path mode=a1
lseek res=ret fd=a0 offset=a1 whence=a2
getcwd res=ret
chdir res=ret path=claimed
fchdir res=ret fd=a0
chroot res=ret path=path
mkdir res=ret path=path mode=a1
mkdirat res=ret dirfd=a0 path=path mode=a2
rmdir res=ret path=path
mknod res=ret path=path mode=a1 dev=a2
mknodat res=ret dirfd=a0 path=path mode=a2 dev=a3
unlink res=ret path=path
unlinkat res=ret dirfd=a0 name=path flags=a2
rename res=ret oldpath=path newpath=path2
renameat res=ret olddirfd=a0 oldpath=path newdirfd=a2 newpath=path2
renameat2 res=ret olddirfd=a0 oldpath=path newdirfd=a2 newpath=path2 flags=a4
link res=ret oldpath=path newpath=path2
linkat res=ret olddir=a0 oldpath=path newdir=a2 newpath=path2 flags=a4
symlink res=ret target=claimed linkpath=path2
symlinkat res=ret target=claimed linkdirfd=a1 linkpath=path2
chmod res=ret filename=path mode=a1
fchmod res=ret fd=a0 mode=a1
fchmodat res=ret dirfd=a0 filename=path mode=a2
chown res=ret path=path uid=a1 gid=a2
lchown res=ret path=path uid=a1 gid=a2
fchown res=ret fd=a0 uid=a1 gid=a2
fchownat res=ret dirfd=a0 pathname=path uid=a2 gid=a3 flags=a4
mount res=ret dev=claimed dir=path2 type=data flags=a3
umount res=ret name=path
umount2 res=ret name=path flags=a1
fsconfig res=ret fd=a0 cmd=a1 key=claimed aux=a4
kill res=ret pid=a0 sig=a1
tkill res=ret tid=a0 sig=a1
tgkill res=ret pid=a0 tid=a1 sig=a2
fcntl res=ret fd=a0 cmd=a1.fcntl
ioctl res=ret fd=a0 request=a1 argument=a2
getdents res=ret fd=a0
getdents64 res=ret fd=a0
flock res=ret fd=a0 operation=a1.flock
splice res=ret fd_in=a0 fd_out=a2 size=a4 flags=a5
sendfile res=ret out_fd=a0 in_fd=a1 size=a3
copy_file_range res=ret fdin=a0 fdout=a2 len=a4
brk res=ret addr=a0
mmap res=ret addr=a0 length=a1 prot=a2.prot flags=a3.mmap fd=a4 offset=a5
munmap res=ret addr=a0 length=a1
mprotect res=ret addr=a0 length=a1 prot=a2.prot
mlock res=ret addr=a0 len=a1
munlock res=ret addr=a0 len=a1
mlockall res=ret flags=a0
munlockall res=ret
mlock2 res=ret addr=a0 len=a1 flags=a2
memfd_create fd=ret name=claimed flags=a1
ptrace res=ret addr=a2 data=a3 request=a0.ptrace pid=a1
process_vm_readv res=ret pid=a0 data=data
process_vm_writev res=ret pid=a0 data=data
setns res=ret fd=a0 nstype=a1.clone
unshare res=ret flags=a0.clone
setsid res=ret
setpgid res=ret pid=a0 pgid=a1
setuid res=ret uid=a0
setgid res=ret gid=a0
setreuid res=ret ruid=a0 euid=a1
setregid res=ret rgid=a0 egid=a1
setresuid res=ret ruid=a0 euid=a1 suid=a2
setresgid res=ret rgid=a0 egid=a1 sgid=a2
getuid uid=ret
geteuid euid=ret
getgid gid=ret
getegid egid=ret
getresuid res=ret
getresgid res=ret
capset res=ret cap_inheritable=cap_inheritable cap_permitted=cap_permitted cap_effective=cap_effective
prctl res=ret option=a0 arg2_str=claimed arg2_int=a1
seccomp res=ret op=a0 flags=a1
setrlimit res=ret resource=a0
getrlimit res=ret resource=a0
prlimit res=ret pid=a0 resource=a1
semget res=ret key=a0 nsems=a1 semflg=a2.semget
semop res=ret semid=a0 nsops=a2
semctl res=ret semid=a0 semnum=a1 val=a3
quotactl res=ret id=a2
bpf fd=ret cmd=a0
init_module res=ret length=a1 uargs=data
finit_module res=ret fd=a0 uargs=data flags=a2
delete_module res=ret name=claimed flags=a1
userfaultfd res=ret flags=a0.open
io_uring_setup res=ret entries=a0
io_uring_enter res=ret fd=a0 to_submit=a1 min_complete=a2 flags=a3
io_uring_register res=ret fd=a0 opcode=a1 arg=a2 nr_args=a3
dup res=ret oldfd=a0
dup2 res=ret oldfd=a0 newfd=a1
dup3 res=ret oldfd=a0 newfd=a1 flags=a2.fdflags
pidfd_open fd=ret pid=a0 flags=a1
pidfd_getfd fd=ret pid_fd=a0 target_fd=a1 flags=a2
clone res=ret flags=extra.clone
clone3 res=ret flags=extra.clone
fork res=ret
vfork res=ret flags=extra.clone
poll res=ret timeout=a2
ppoll res=ret
select res=ret
nanosleep res=ret`;

const NONE: ReadonlyMap<string, string> = new Map();
const SOURCES: ReadonlyMap<string, ReadonlyMap<string, string>> = parseTable();

function parseTable(): Map<string, Map<string, string>> {
  const sources = new Map<string, Map<string, string>>();
  for (const line of TABLE.trim().split('\n')) {
    const [name = '', ...pairs] = line.split(' ');
    sources.set(name, new Map(pairs.map((pair) => pairOfText(pair))));
  }
  return sources;
}

function pairOfText(pair: string): [string, string] {
  const [param = '', source = ''] = pair.split('=');
  return [param, source];
}
