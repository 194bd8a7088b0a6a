// Who runs first: nice values of our threads.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import koffi from 'koffi';
import { errnoName } from './errno.js';
import { libc } from './libc.js';

const nativeGettid = libc.func('int gettid()');
const nativeSetpriority = libc.func('int setpriority(int which, unsigned int who, int nice)');

/**
 * Of our session among others. With -15 a session that forks flat out beside ours kept the sensor from
 * its processor for up to 2.5 s of 5 (Linux 6.18), and up to half of the records were lost in 9 runs of 12;
 * with -20 for 0.2 s, and none was in 13.
 */
const SESSION_NICE = -20;

/** The kernel's number of the calling thread. */
export function currentTid(): number {
  return nativeGettid() as number;
}

/**
 * Sets the nice value of the calling thread alone (on Linux PRIO_PROCESS with a tid means a thread), and
 * the highest that it may have for its session as a whole if this process leads it: where the kernel groups
 * tasks by session (sched_autogroup_enabled), nice counts inside of the session only, and each of ten
 * sessions that fork as fast as they can gets as much as ours. In a cgroup with shares of its own those
 * decide instead.
 *
 * @returns why it was refused, as an error name: without CAP_SYS_NICE the agent runs on as it is
 */
export function raisePriority(nice: number): string | undefined {
  const result = nativeSetpriority(0 /* PRIO_PROCESS */, currentTid(), nice) as number;
  if (result < 0) return errnoName(koffi.errno()) ?? 'unknown error';
  if (ownSession() !== process.pid) return undefined; // it would raise a user's shell, too
  const refused = raiseSession(SESSION_NICE);
  return refused === 'EPERM' ? raiseSession(nice) : refused; // RLIMIT_NICE may allow only what was asked for
}

/** @returns why it was refused; nothing where the kernel does not group by session */
function raiseSession(nice: number): string | undefined {
  try {
    writeFileSync('/proc/self/autogroup', String(nice));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ENOENT' ? undefined : code;
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
