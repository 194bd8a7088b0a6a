// What Node does not offer of the C library: mmap, epoll, eventfd, pidfd, priorities, bpf(2).
// Every native function is declared here once and leaves as a plain function that throws our errors.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import koffi from 'koffi';
import { errnoName, errnoNumber, nativeError } from './errno.js';

const libc = koffi.load('libc.so.6');

/** Numbers that x86_64 and arm64 do not share; pidfd_* and later ones they do. */
const SYS_BPF = process.arch === 'arm64' ? 280 : 321;
const SYS_MEMBARRIER = process.arch === 'arm64' ? 283 : 324;
const SYS_PIDFD_SEND_SIGNAL = 424;
const SYS_PIDFD_OPEN = 434;
const SYS_LSM_LIST_MODULES = 461;

const nativeMmap = libc.func(
  'void *mmap(void *start, size_t length, int prot, int flags, int fd, int64_t offset)',
);
const nativeMunmap = libc.func('int munmap(void *start, size_t length)');
const nativeEpollCreate = libc.func('int epoll_create1(int flags)');
const nativeEpollCtl = libc.func('int epoll_ctl(int epfd, int op, int fd, void *event)');
const nativeEpollWait = libc.func(
  'int epoll_wait(int epfd, void *events, int count, int timeout_ms)',
);
const nativeEventfd = libc.func('int eventfd(unsigned int value, int flags)');
const nativeRead = libc.func('int64_t read(int fd, void *to, size_t length)');
const nativeWrite = libc.func('int64_t write(int fd, void *from, size_t length)');
const nativeClose = libc.func('int close(int fd)');
const nativeGettid = libc.func('int gettid()');
const nativeSetpriority = libc.func('int setpriority(int which, unsigned int who, int nice)');
const nativeSysconf = libc.func('int64_t sysconf(int name)');
const nativeClockGettime = libc.func('int clock_gettime(int clock, void *time)');
const nativeMallopt = libc.func('int mallopt(int param, int value)');
const nativeMallocTrim = libc.func('int malloc_trim(size_t pad)');
const nativeExit = libc.func('void _exit(int status)');
const nativePrctl = libc.func('int prctl(int option, void *a, int64_t b, int64_t c, int64_t d)');
// syscall(2) is variadic; with pointers and 64-bit integers the registers are the same either way.
const syscallBpf = libc.func('syscall', 'int64_t', ['int64_t', 'int64_t', 'void *', 'int64_t']);
const syscallPidfdOpen = libc.func('syscall', 'int64_t', ['int64_t', 'int64_t', 'int64_t']);
const syscallMembarrier = libc.func('syscall', 'int64_t', ['int64_t', 'int64_t', 'int64_t']);
const syscallPidfdSignal = libc.func('syscall', 'int64_t', [
  'int64_t',
  'int64_t',
  'int64_t',
  'void *',
  'int64_t',
]);
const syscallLsmModules = libc.func('syscall', 'int64_t', [
  'int64_t',
  'void *',
  'void *',
  'int64_t',
]);

/** mmap's protection bits. */
export const protection = { read: 1, write: 2 } as const;

const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/** Memory that lives outside of JavaScript. `bytes` is the memory itself, not a copy. */
export interface Mapping {
  readonly bytes: ArrayBuffer;
  /** Gives the memory back. Views of it read zeros from then on. May be called twice. */
  close(): void;
}

/** Address ranges are only reused once nothing in JavaScript can read them any more. */
const unreachable = new FinalizationRegistry<{ start: bigint; length: number }>((range) => {
  nativeMunmap(range.start, range.length);
});

/**
 * Maps a file descriptor's memory, shared.
 *
 * After `close()` a forgotten view would be a segmentation fault of the whole agent, so the range is
 * covered with empty read-only memory and unmapped when the last view of it is gone.
 *
 * @param start bytes from the start of the file, a multiple of the page size
 * @throws BpfError when the kernel refuses
 */
export function mapMemory(fd: number, length: number, prot: number, start: number): Mapping {
  const address = nativeMmap(null, length, prot, MAP_SHARED, fd, start) as bigint;
  if (address === MAP_FAILED) throw failed(`mmap of ${length} bytes`);
  const bytes = koffi.view(address, length);
  unreachable.register(bytes, { start: address, length });
  let open = true;
  return {
    bytes,
    close() {
      if (!open) return;
      open = false;
      const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
      nativeMmap(address, length, protection.read, flags, -1, 0);
    },
  };
}

/** Bytes of a memory page. */
export function pageBytes(): number {
  return Number(nativeSysconf(30 /* _SC_PAGESIZE */));
}

/** Clock ticks per second, the unit of times in /proc. */
export function clockTicks(): number {
  return Number(nativeSysconf(2 /* _SC_CLK_TCK */));
}

/** Closes a descriptor that native code opened; a second close is the caller's mistake, and is said. */
export function closeFd(fd: number): void {
  if ((nativeClose(fd) as number) < 0) throw failed(`close of descriptor ${fd}`);
}

// struct epoll_event is packed on x86_64 only: there the data begins at byte 4.
const EPOLL_DATA_AT = process.arch === 'x64' ? 4 : 8;
const EPOLL_EVENT_BYTES = EPOLL_DATA_AT + 8;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
const MAX_READY = 8;

/** A set of descriptors to wait for. */
export class Epoll {
  private readonly ready = Buffer.alloc(EPOLL_EVENT_BYTES * MAX_READY);
  private fd: number;

  /** @throws BpfError when no descriptor is to be had */
  constructor() {
    this.fd = nativeEpollCreate(0o2000000 /* EPOLL_CLOEXEC */) as number;
    if (this.fd < 0) throw failed('epoll_create1');
  }

  /** Waits for `fd` to become readable, too; `wait` then reports `token` (0 to 30). */
  add(fd: number, token: number): void {
    const event = Buffer.alloc(EPOLL_EVENT_BYTES);
    event.writeUInt32LE(EPOLLIN, 0);
    event.writeUInt32LE(token, EPOLL_DATA_AT);
    if ((nativeEpollCtl(this.fd, EPOLL_CTL_ADD, fd, event) as number) < 0) {
      throw failed(`epoll_ctl of descriptor ${fd}`);
    }
  }

  /**
   * Sleeps until a descriptor is readable or the time is over. Stops the whole thread: no promise
   * settles meanwhile. A signal ends the wait early, with 0.
   *
   * @param timeout_ms -1 waits without an end
   * @returns one bit for each token that is ready
   */
  wait(timeout_ms: number): number {
    const count = nativeEpollWait(this.fd, this.ready, MAX_READY, timeout_ms) as number;
    if (count < 0) {
      if (koffi.errno() === errnoNumber('EINTR')) return 0;
      throw failed('epoll_wait');
    }
    let tokens = 0;
    for (let i = 0; i < count; i++) {
      tokens |= 1 << this.ready.readUInt32LE(i * EPOLL_EVENT_BYTES + EPOLL_DATA_AT);
    }
    return tokens;
  }

  /** May be called twice. */
  close(): void {
    if (this.fd >= 0) closeFd(this.fd);
    this.fd = -1;
  }
}

const ONE = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);

/** A new eventfd: non-blocking, close-on-exec. The caller closes it with `closeFd`. */
export function createEventfd(): number {
  const fd = nativeEventfd(0, 0o2004000 /* EFD_CLOEXEC | EFD_NONBLOCK */) as number;
  if (fd < 0) throw failed('eventfd');
  return fd;
}

/** Makes an eventfd readable; from any thread. One that is full is readable already. */
export function signalEventfd(fd: number): void {
  if (Number(nativeWrite(fd, ONE, 8)) < 0 && koffi.errno() !== errnoNumber('EAGAIN')) {
    throw failed(`write to eventfd ${fd}`);
  }
}

/** Reads an eventfd empty; nothing to read is no error. */
export function drainEventfd(fd: number): void {
  const count = Buffer.alloc(8);
  if (Number(nativeRead(fd, count, 8)) < 0 && koffi.errno() !== errnoNumber('EAGAIN')) {
    throw failed(`read of eventfd ${fd}`);
  }
}

/** A descriptor for a process, or the negative error number: a process that is gone is no surprise. */
export function openPidfd(pid: number): number {
  const fd = Number(syscallPidfdOpen(SYS_PIDFD_OPEN, pid, 0));
  return fd < 0 ? -koffi.errno() : fd;
}

/** Sends a signal through a pidfd; 0, or the negative error number. */
export function signalPidfd(pidfd: number, signal: number): number {
  const result = Number(syscallPidfdSignal(SYS_PIDFD_SEND_SIGNAL, pidfd, signal, null, 0));
  return result < 0 ? -koffi.errno() : 0;
}

/** Long enough for any hook to end: they do not sleep. */
const HOOK_MS = 20;

/**
 * Returns when every hook that runs now has ended: what they read may then be written anew. Takes some
 * ten milliseconds.
 */
export function waitForHooks(): void {
  // MEMBARRIER_CMD_GLOBAL is synchronize_rcu(), kernel/sched/membarrier.c; refused with nohz_full.
  if (Number(syscallMembarrier(SYS_MEMBARRIER, 1, 0)) === 0) return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HOOK_MS);
}

/** The kernel's number of the calling thread. */
export function currentTid(): number {
  return nativeGettid() as number;
}

/**
 * Sets the nice value of the calling thread alone (on Linux PRIO_PROCESS with a tid means a thread), and
 * that of its session as a whole if this process leads it: where the kernel groups tasks by session
 * (sched_autogroup_enabled), nice counts inside of the session only, and each of ten sessions that fork
 * as fast as they can gets as much as ours. In a cgroup with shares of its own those decide instead.
 *
 * @returns why it was refused, as an error name: without CAP_SYS_NICE the agent runs on as it is
 */
export function raisePriority(nice: number): string | undefined {
  const result = nativeSetpriority(0 /* PRIO_PROCESS */, currentTid(), nice) as number;
  if (result < 0) return errnoName(koffi.errno()) ?? 'unknown error';
  if (ownSession() !== process.pid) return undefined; // it would raise a user's shell, too
  try {
    writeFileSync('/proc/self/autogroup', String(nice));
  } catch {
    // A kernel without autogroups.
  }
  return undefined;
}

/**
 * Sets the nice value of the threads that the process has by now, but for the main thread. Most are those
 * that Node begins with: they compile what runs often, and free memory.
 */
export function raiseOtherThreads(nice: number): void {
  for (const tid of readdirSync('/proc/self/task').map(Number)) {
    if (tid !== process.pid) nativeSetpriority(0 /* PRIO_PROCESS */, tid, nice);
  }
}

/** Field 6 of the stat file; the name before it may hold anything, brackets as well. */
function ownSession(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
}

/**
 * What must be added to CLOCK_BOOTTIME, the clock of records, to give the time since 1970. Changes when
 * somebody sets the clock; right to within the time of a function call.
 */
export function bootEpochNs(): bigint {
  const before = clockNs(CLOCK_BOOTTIME);
  const wall = clockNs(CLOCK_REALTIME);
  return wall - (before + clockNs(CLOCK_BOOTTIME)) / 2n;
}

/** CLOCK_BOOTTIME now, the clock of records. */
export function bootNs(): bigint {
  return clockNs(CLOCK_BOOTTIME);
}

const CLOCK_REALTIME = 0;
const CLOCK_BOOTTIME = 7;
const TIMESPEC = Buffer.alloc(16);

function clockNs(clock: number): bigint {
  nativeClockGettime(clock, TIMESPEC);
  return TIMESPEC.readBigInt64LE(0) * 1_000_000_000n + TIMESPEC.readBigInt64LE(8);
}

/**
 * Ends the process without waiting for its threads: `process.exit` joins those of libuv's pool, and a
 * name that nobody resolves holds one for as long as resolv.conf says (10 s were measured).
 */
export function endAtOnce(status: number): never {
  nativeExit(status);
  throw new Error('_exit returned');
}

/**
 * Lets threads that have none yet share this many arenas of malloc. An arena per thread, the default,
 * keeps what each thread once needed: an agent that has read its rules has some 3 MB less resident.
 *
 * Free memory at the end of an arena goes back to the system: by itself malloc raises the size from which
 * it does so, and threads that compiled something kept 10 MB of which they used 0.1 MB.
 */
export function shareArenas(count: number): void {
  nativeMallopt(-8 /* M_ARENA_MAX */, count);
  nativeMallopt(-1 /* M_TRIM_THRESHOLD */, TRIM_BYTES);
}

const TRIM_BYTES = 256 * 1024;

/** Gives the system back what malloc holds of memory that is not used; some milliseconds. */
export function trimArenas(): void {
  nativeMallocTrim(0);
}

/** Sets the comm of the calling thread, cut to 15 bytes. */
export function setThreadName(name: string): void {
  nativePrctl(15 /* PR_SET_NAME */, Buffer.from(`${name.slice(0, 15)}\0`), 0, 0, 0);
}

/**
 * bpf(2) itself, for what libbpf has no function for: probing with programs made by hand.
 *
 * @returns the call's result, or the negative error number
 */
export function bpfCall(command: number, attributes: Buffer): number {
  const result = Number(syscallBpf(SYS_BPF, command, attributes, attributes.length));
  return result < 0 ? -koffi.errno() : result;
}

/** The address of a buffer's bytes, for structs that hold pointers; keep the buffer alive meanwhile. */
export function addressOf(bytes: Buffer): bigint {
  return koffi.address(bytes);
}

/** The active security modules by number (linux/lsm.h), or the negative error number (before 6.8). */
export function listLsmModules(): bigint[] | number {
  const ids = Buffer.alloc(8 * 64);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(ids.length);
  const count = Number(syscallLsmModules(SYS_LSM_LIST_MODULES, ids, size, 0));
  if (count < 0) return -koffi.errno();
  return Array.from({ length: count }, (_, i) => ids.readBigUInt64LE(8 * i));
}

function failed(what: string): Error {
  return nativeError('HOST_UNABLE', what, koffi.errno());
}
