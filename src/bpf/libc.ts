// What Node does not offer of the C library: mmap, clocks, malloc, bpf(2); epoll, pidfd and priorities
// are beside this file. Every native function is declared once, and leaves as a plain function that
// throws our errors.

import koffi from 'koffi';
import { nativeError } from './errno.js';

/** The C library itself, for those who declare functions of it. */
export const libc = koffi.load('libc.so.6');

/** Numbers that x86_64 and arm64 do not share; later ones they do. */
const SYS_BPF = process.arch === 'arm64' ? 280 : 321;
const SYS_MEMBARRIER = process.arch === 'arm64' ? 283 : 324;
const SYS_LSM_LIST_MODULES = 461;

const nativeMmap = libc.func(
  'void *mmap(void *start, size_t length, int prot, int flags, int fd, int64_t offset)',
);
const nativeMunmap = libc.func('int munmap(void *start, size_t length)');
const nativeClose = libc.func('int close(int fd)');
const nativeSysconf = libc.func('int64_t sysconf(int name)');
const nativeClockGettime = libc.func('int clock_gettime(int clock, void *time)');
const nativeMallopt = libc.func('int mallopt(int param, int value)');
const nativeMallocTrim = libc.func('int malloc_trim(size_t pad)');
const nativeExit = libc.func('void _exit(int status)');
// syscall(2) is variadic; with pointers and 64-bit integers the registers are the same either way.
const syscallBpf = libc.func('syscall', 'int64_t', ['int64_t', 'int64_t', 'void *', 'int64_t']);
const syscallMembarrier = libc.func('syscall', 'int64_t', ['int64_t', 'int64_t', 'int64_t']);
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

/** The error of the C library's last call on this thread, HOST_UNABLE; `what` was tried. */
export function failed(what: string): Error {
  return nativeError('HOST_UNABLE', what, koffi.errno());
}
