// What one process has of another: the program after a fork, the place among its kin.

import type { Process } from './process.js';

/** A directory as `proc.cwd` shows it: with a slash at its end. */
export function withSlash(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined;
  return path.endsWith('/') ? path : `${path}/`;
}

/** The child of a fork runs the same program in the same place until it says otherwise. */
export function inherit(child: Process, parent: Process): void {
  child.program = parent.program;
  child.cwd = parent.cwd;
  child.cgroup = parent.cgroup;
  child.cgroup_id = parent.cgroup_id;
  child.container = parent.container;
  child.container_cgroup = parent.container_cgroup;
  child.pid_ns_start_ns = parent.pid_ns_start_ns;
}

/** A start time that /proc gave in hundredths of a second becomes what a record says. */
export function makeExact(process: Process, low: number, high: number): void {
  process.start_low = low;
  process.start_high = high;
  process.start_is_rounded = false;
}

/**
 * Who stands in for a process that has ended. A child's record may still name a parent that has just
 * ended: the kernel hands children over after its exit hook. Each heir lived longer than whom it
 * inherited from, so this ends.
 */
export function living(process: Process | undefined): Process | undefined {
  let at = process;
  while (at !== undefined && at.ended_ms !== 0) at = at.heir;
  return at;
}

/**
 * Whether a process is the other one or below it. Records are ordered, but a rescan after a loss is
 * not: a loop of parents must not come to be. The parents of the living are alive, so whoever has no
 * living children has nobody below.
 */
function isBelow(process: Process, ancestor: Process): boolean {
  if (ancestor.first_child === undefined) return process === ancestor;
  let at: Process | undefined = process;
  while (at !== undefined && at !== ancestor) at = at.parent;
  return at === ancestor;
}

/** Hangs a process at another, or at the one that stands in for it, or at nobody; the dead stay where they were. */
export function setParent(process: Process, named: Process | undefined): void {
  const parent = living(named);
  if (process.ended_ms !== 0 || process.parent === parent) return;
  if (parent !== undefined && isBelow(parent, process)) return;
  unlink(process);
  process.parent = parent;
  if (parent === undefined) return;
  process.next_sibling = parent.first_child;
  if (parent.first_child !== undefined) parent.first_child.previous_sibling = process;
  parent.first_child = process;
  parent.child_count += 1;
}

/** Takes a process from its parent's children; it still says who that was. */
export function unlink(process: Process): void {
  const parent = process.parent;
  const { previous_sibling, next_sibling } = process;
  if (parent === undefined) return;
  if (parent.first_child === process) parent.first_child = next_sibling;
  else if (previous_sibling === undefined) return; // dead: it left the list when it ended
  if (previous_sibling !== undefined) previous_sibling.next_sibling = next_sibling;
  if (next_sibling !== undefined) next_sibling.previous_sibling = previous_sibling;
  process.previous_sibling = undefined;
  process.next_sibling = undefined;
  parent.child_count -= 1;
}
