// Descriptors for processes: a signal through one cannot reach another process that got the pid since.
import koffi from 'koffi';
import { libc } from './libc.js';

/** The same on every architecture. */
const SYS_PIDFD_SEND_SIGNAL = 424;
const SYS_PIDFD_OPEN = 434;

// syscall(2) is variadic; with pointers and 64-bit integers the registers are the same either way.
const syscallPidfdOpen = libc.func('syscall', 'int64_t', ['int64_t', 'int64_t', 'int64_t']);
const syscallPidfdSignal = libc.func('syscall', 'int64_t', [
  'int64_t',
  'int64_t',
  'int64_t',
  'void *',
  'int64_t',
]);

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
