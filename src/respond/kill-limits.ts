// How often rules may kill: words that the kernel's programs and the agent both spend of. A rule keeps its
// words when plans follow one another.

import { abi_limit, kill_limit } from '../abi/layout.js';
import type { Mapping } from '../bpf/libc.js';
import type { BpfMap } from '../bpf/map.js';

/** How often a rule may kill, and how long it is suspended then. */
export interface Limit {
  per_minute: number;
  suspend_ms: number;
}

/** The words of one rule, see `LIMIT_WORDS`. */
export type LimitWords = BigUint64Array;

/** Places in `LimitWords`: boot times, and how many. */
export const LIMIT_WORDS = {
  start_ns: kill_limit.start_ns / 8,
  suspended_ns: kill_limit.suspended_ns / 8,
  count: kill_limit.count / 8,
} as const;

/** Words that no kernel program knows of. */
export function privateWords(): LimitWords {
  return new BigUint64Array(kill_limit.size / 8);
}

/** The mapped map kill_limits. */
export class KillLimits {
  readonly #memory: Mapping;
  readonly #places = new Map<string, number>();

  constructor(map: BpfMap) {
    this.#memory = map.memory();
  }

  /** The places of rules, by their order; what they have spent stays. */
  use(rules: readonly string[], { per_minute, suspend_ms }: Limit): number[] {
    const wanted = new Set(rules);
    return rules.map((rule) => {
      const place = this.#places.get(rule) ?? this.#take(rule, wanted);
      const words = this.words(place);
      Atomics.store(words, kill_limit.per_minute / 8, BigInt(per_minute));
      Atomics.store(words, kill_limit.suspend_ns / 8, BigInt(suspend_ms) * 1_000_000n);
      return place;
    });
  }

  words(place: number): LimitWords {
    return new BigUint64Array(this.#memory.bytes, place * kill_limit.size, kill_limit.size / 8);
  }

  /** May be called twice. */
  close(): void {
    this.#memory.close();
  }

  // There are as many as two plans have clauses, so that one is free, or of a rule that is gone.
  #take(rule: string, wanted: ReadonlySet<string>): number {
    const taken = new Set(this.#places.values());
    for (let place = 0; place < abi_limit.KILL_LIMITS; place += 1)
      if (!taken.has(place)) return this.#give(rule, place);
    for (const [name, place] of this.#places) {
      if (wanted.has(name)) continue;
      this.#places.delete(name);
      return this.#give(rule, place);
    }
    throw new RangeError('more rules than a plan has room for');
  }

  #give(rule: string, place: number): number {
    this.#places.set(rule, place);
    this.words(place).fill(0n);
    return place;
  }
}
