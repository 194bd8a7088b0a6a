// Ends a process from user space: through a descriptor of it, and only if it is still the one meant.
import { errnoName, errnoNumber } from '../bpf/errno.js';
import { closeFd } from '../bpf/libc.js';
import { openPidfd, signalPidfd } from '../bpf/pidfd.js';
import { type ProcStat, parseStat, readProc, readProcLink } from '../enrich/proc-files.js';

/** A process, by what no other has: the number alone may be given to another. */
export interface Target {
  pid: number;
  /** Boot time when it started. */
  start_ns: bigint;
}

/** What the process is at the moment of the action. */
export interface Found {
  pid: number;
  stat: ProcStat;
  /** Path of the program, a byte string; `undefined` when the kernel does not tell. */
  exepath: string | undefined;
}

/** Why an action was not taken: a fixed phrase, without text of the process. */
export type Refusal = string;

export const ENDED: Refusal = 'the process has ended';
export const REUSED: Refusal = 'the pid belongs to another process now';

/**
 * Sends SIGKILL to a process, to all threads of it.
 *
 * The descriptor comes first: whatever happens to the number then, the signal reaches the process
 * behind the descriptor or none. What /proc says of the number afterwards is about that process, or,
 * where it has ended meanwhile, about a later one, whose start time differs. /proc tells the start in
 * hundredths of a second, so two owners of a pid within one of them would be taken for the same.
 *
 * @param refuse has the last word
 * @param send false: everything but the signal
 * @returns `undefined` when the signal was sent, or would have been
 */
export function killProcess(
  target: Target,
  refuse: (found: Found) => Refusal | undefined,
  send = true,
): Refusal | undefined {
  const { pid } = target;
  const pidfd = openPidfd(pid);
  if (pidfd < 0) return refusalOf(-pidfd);
  try {
    const stat = parseStat(readProc(`/proc/${pid}/stat`) ?? '');
    if (stat === undefined) return ENDED;
    if (BigInt(stat.start_ticks) !== target.start_ns / TICK_NS) return REUSED;
    // Where only the first thread has ended, the others are still to be killed.
    if (stat.is_dead && stat.threads <= 1) return ENDED;
    const why = refuse({ pid, stat, exepath: readProcLink(`/proc/${pid}/exe`) });
    if (why !== undefined || !send) return why;
    const result = signalPidfd(pidfd, SIGKILL);
    return result < 0 ? refusalOf(-result) : undefined;
  } finally {
    closeFd(pidfd);
  }
}

const SIGKILL = 9;
/** USER_HZ is 100 on every architecture that we run on. */
const TICK_NS = 10_000_000n;
/** EINVAL: the number belongs to a thread now (pidfd_open(2)), so its process has ended. */
const GONE: ReadonlySet<number | undefined> = new Set(['ESRCH', 'EINVAL'].map(errnoNumber));

function refusalOf(errno: number): Refusal {
  return GONE.has(errno) ? ENDED : `the kernel refuses: ${errnoName(errno) ?? `error ${errno}`}`;
}
