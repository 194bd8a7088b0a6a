// A kernel filter that is told of processes, and what it was told.

import { HOST } from '../../../src/enrich/container.js';
import { Process, Program } from '../../../src/enrich/process.js';
import { noBits } from '../../../src/plan/bits.js';
import type { ClauseBits } from '../../../src/plan/kernel-plan.js';
import type { PlannedProcess } from '../../../src/plan/process.js';
import type { ProcessEntry } from '../../../src/plan/process-entry.js';
import { FilterProcesses, type ToldPlan } from '../../../src/sensor/filter-processes.js';

/** What `FilterProcesses` works with in tests, in memory. */
export class Told {
  readonly living: Process[] = [];
  readonly written: { pid: number; entry: ProcessEntry }[] = [];
  readonly cgroups = new Map<bigint, ClauseBits>();
  /** Whether the bits of processes rest on ancestors. */
  usesAncestors = false;
  readonly filter: FilterProcesses;

  /** @param patience_ms how long a program has to run before it is told of */
  constructor(patience_ms = 0) {
    this.filter = new FilterProcesses({
      entries: {
        counts: { written: 0, gone: 0, refused: 0 },
        write: (pid, entry) => this.written.push({ pid, entry }) > 0,
      },
      living: () => this.living,
      epochNow: () => 0n,
      patience_ms,
    });
  }

  /** A plan of that number, whose bits are none. */
  plan(number: number): ToldPlan {
    const none = noBits();
    const sets = { bits: none, fixed_bits: none, child_bits: none, kinless_bits: none };
    const bits = (): PlannedProcess => ({ ...sets, uses_ancestors: this.usesAncestors });
    return {
      number,
      planner: { bits, containerBits: () => none },
      tellCgroup: (id, of) => void this.cgroups.set(id, of),
    };
  }

  /** A process that lives. */
  process(pid: number, changes: Partial<Process> = {}): Process {
    const made = new Process(pid, pid, 0, new Program());
    const facts = { exec_low: 1, uid: 0, comm: 'cat', cgroup_id: 1, container: HOST };
    Object.assign(made, facts, changes);
    this.living.push(made);
    return made;
  }

  /** Of whom the kernel was told since it was asked last. */
  pids(): number[] {
    return this.written.splice(0).map(({ pid }) => pid);
  }
}
