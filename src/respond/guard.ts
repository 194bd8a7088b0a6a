// Who is never acted on, and how often a rule may act.
import { readlinkSync } from 'node:fs';
import { toBytes } from '../rules/bytes.js';
import type { Found, Refusal } from './kill.js';

/** Decides whom an action must not reach. */
export class Guard {
  readonly #paths: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;

  /** @param protectedOnes paths of programs, and names of processes: those without a slash */
  constructor(protectedOnes: readonly string[]) {
    const bytes = protectedOnes.map(toBytes);
    this.#paths = new Set(bytes.filter((one) => one.includes('/')));
    // The kernel cuts names, so a long one would never be found.
    this.#names = new Set(
      bytes.filter((one) => !one.includes('/')).map((one) => one.slice(0, MAX_COMM)),
    );
  }

  /** Why a process must not be acted on; `undefined`: it may be. */
  refuses({ pid, stat, exepath }: Found): Refusal | undefined {
    if (pid === 1) return 'protected: pid 1';
    if (stat.is_kernel_thread) return 'protected: a kernel thread';
    if (pid === process.pid) return 'protected: the agent itself';
    if (pid === process.ppid) return 'protected: the parent of the agent';
    if (exepath !== undefined && this.#paths.has(exepath)) return 'protected: by its program';
    if (this.#names.has(stat.comm)) return 'protected: by its name';
    return undefined;
  }
}

/** How often rules act: who acts too often is suspended for a while. */
export class KillLimit {
  /** By rule: the minute that runs, what was done in it, and until when nothing is done. */
  readonly #rules = new Map<string, { until_ms: number; count: number; suspended_ms: number }>();

  /**
   * Whether a rule may act once more.
   *
   * @returns `trips` the first time that it may not
   */
  spend(rule: string, limit: Limit, now_ms: number): 'acts' | 'trips' | 'suspended' {
    let state = this.#rules.get(rule);
    if (state === undefined || now_ms >= Math.max(state.until_ms, state.suspended_ms)) {
      state = { until_ms: now_ms + 60_000, count: 0, suspended_ms: 0 };
      this.#rules.set(rule, state);
    }
    if (now_ms < state.suspended_ms) return 'suspended';
    if (state.count < limit.per_minute) {
      state.count += 1;
      return 'acts';
    }
    state.suspended_ms = now_ms + limit.suspend_ms;
    return 'trips';
  }
}

/** A limit of `KillLimit`. */
export interface Limit {
  per_minute: number;
  suspend_ms: number;
}

/**
 * Whether numbers of processes mean the same here and in the kernel: the agent is in the first pid
 * namespace and /proc is of it.
 */
export function seesHostPids(proc = '/proc'): boolean {
  try {
    return (
      readlinkSync(`${proc}/self`) === String(process.pid) &&
      readlinkSync(`${proc}/self/ns/pid`) === FIRST_PID_NAMESPACE
    );
  } catch {
    return false; // no /proc: nothing can be told of any process
  }
}

/** PROC_PID_INIT_INO, include/linux/proc_ns.h. */
const FIRST_PID_NAMESPACE = `pid:[${0xefff_fffc}]`;
/** TASK_COMM_LEN without the zero byte. */
const MAX_COMM = 15;
