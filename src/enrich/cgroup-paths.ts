// Processes that are moved to another cgroup without exec: which path the new one has.

import type { Process } from './process.js';

/** Path of the cgroup that a process is in now; `undefined`: it is gone, or too many were asked. */
export type CgroupNow = (process: Process) => string | undefined;

/**
 * Paths of cgroups by their number in the v2 hierarchy, which the kernel never gives twice.
 *
 * Where v1 holds the containers, all processes are in the root of v2: a move shows no other number,
 * and is not noticed before the next exec.
 */
export class CgroupPaths {
  private readonly byId = new Map<number | bigint, string>();

  /** @param cgroupOf reads /proc; without it only numbers that were learnt are followed */
  constructor(private readonly cgroupNow: CgroupNow | undefined) {}

  knows(id: number | bigint): boolean {
    return this.byId.has(id) || id === V2_ROOT;
  }

  /** The kernel said both of the same task at the same time. */
  learn(id: number | bigint, path: string | undefined): void {
    if (path === undefined || this.knows(id)) return;
    if (this.byId.size >= LIMIT) {
      const [oldest] = this.byId.keys();
      if (oldest !== undefined) this.byId.delete(oldest);
    }
    this.byId.set(id, path);
  }

  /**
   * An event of the process came from another cgroup than the one that is known of it. Where the
   * path cannot be had now, the process stays where it was and the next event asks again.
   */
  follow(process: Process, id: number | bigint): void {
    if (id === 0) return;
    // What /proc says may be of a later moment than the number, so it is not learnt: if the process
    // was moved back meanwhile, its next event puts that right.
    const path = this.byId.get(id) ?? this.cgroupNow?.(process);
    if (path === undefined) return;
    process.cgroup = path;
    process.cgroup_id = id;
  }
}

const LIMIT = 8192;
/** On hybrid hosts processes in it have the path of a v1 hierarchy, each its own. */
const V2_ROOT = 1;
