// Who is never acted on, and how often a rule may act.
import { readlinkSync } from 'node:fs';
import { FIRST_PID_NS } from '../decode/task.js';
import { toBytes } from '../rules/bytes.js';
import type { Found, Refusal } from './kill.js';
import { LIMIT_WORDS, type Limit, type LimitWords, privateWords } from './kill-limits.js';

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

/** How often rules act: who acts too often is suspended for a while. As limit_spend() of bpf/enforce/kill.h. */
export class KillLimit {
  readonly #rules = new Map<string, LimitWords>();

  /** Has the kernel's programs spend of the same. */
  share(rule: string, words: LimitWords): void {
    this.#rules.set(rule, words);
  }

  /**
   * Whether a rule may act once more.
   *
   * @param now_ms since boot, where the kernel spends as well
   * @returns `trips` the first time that it may not
   */
  spend(rule: string, limit: Limit, now_ms: number): 'acts' | 'trips' | 'suspended' {
    const now = BigInt(Math.trunc(now_ms * 1e6));
    let words = this.#rules.get(rule);
    if (words === undefined) {
      words = privateWords();
      words[LIMIT_WORDS.start_ns] = now;
      this.#rules.set(rule, words);
    }
    const { start_ns, suspended_ns, count } = LIMIT_WORDS;
    const suspended = Atomics.load(words, suspended_ns);
    if (now < suspended) return 'suspended';
    const start = Atomics.load(words, start_ns);
    if (now >= start + MINUTE_NS && Atomics.compareExchange(words, start_ns, start, now) === start)
      Atomics.store(words, count, 0n);
    if (Atomics.add(words, count, 1n) < BigInt(limit.per_minute)) return 'acts';
    const until = now + BigInt(limit.suspend_ms) * 1_000_000n;
    const before = Atomics.compareExchange(words, suspended_ns, suspended, until);
    return before === suspended ? 'trips' : 'suspended';
  }
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

const MINUTE_NS = 60_000_000_000n;
const FIRST_PID_NAMESPACE = `pid:[${FIRST_PID_NS}]`;
/** TASK_COMM_LEN without the zero byte. */
const MAX_COMM = 15;
