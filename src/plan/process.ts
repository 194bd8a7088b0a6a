// The process dimension: which clauses a process can still satisfy, by what only user space knows of it.

import type { ContainerView, ProcessView, Surroundings } from '../decode/event.js';
import { allBits } from './bits.js';
import type { Clause } from './clauses.js';
import type { ClauseBits, ProcessBits } from './kernel-plan.js';

/** The bits of one process and what they rest on. */
export interface PlannedProcess extends ProcessBits {
  /** Facts of ancestors cleared a bit of `bits` or `child_bits`: a change among them ends both. */
  uses_ancestors: boolean;
}

/** Computes the bits of processes and containers for one plan. */
export class ProcessPlanner {
  readonly #all: ClauseBits;

  /**
   * @param clauses of the plan
   * @param _surroundings tell names of users; without them names are not told apart
   */
  constructor(clauses: readonly Clause[], _surroundings?: Surroundings) {
    this.#all = allBits(clauses.length);
  }

  /** The bits of a process as it is now. */
  bits(_process: ProcessView): PlannedProcess {
    const all = this.#all;
    return { bits: all, fixed_bits: all, child_bits: all, uses_ancestors: false };
  }

  /** The bits of a cgroup that belongs to a container, to the host (`id` host), or to nobody knows what. */
  containerBits(_container: ContainerView | undefined): ClauseBits {
    return this.#all;
  }
}
