// Up the process tree: parents of parents, leaders of sessions and groups.

import type { Event, ProcessView } from '../decode/event.js';

/** The ancestor `distance` steps up, 0 is the process itself; `undefined` past the top. */
export function ancestor(process: ProcessView, distance: number): ProcessView | undefined {
  let at: ProcessView | undefined = process;
  for (let step = 0; step < distance && at !== undefined; step += 1) at = at.parent;
  return at;
}

/** All ancestors, parent first. */
export function ancestors(process: ProcessView): ProcessView[] {
  const found: ProcessView[] = [];
  for (let at = process.parent; at !== undefined; at = at.parent) found.push(at);
  return found;
}

/**
 * The leader of the session: the process with its number if it is there and still in that session,
 * else the highest ancestor of the same session.
 */
export function sessionLeader(event: Event): ProcessView | undefined {
  const session = event.task.session;
  return leader(event, session, (process) => process.session === session);
}

/** The leader of a process group, found the same way. */
export function groupLeader(event: Event, pgid: number): ProcessView | undefined {
  return leader(event, pgid, (process) => process.pgid === pgid);
}

function leader(
  event: Event,
  pid: number,
  isMember: (process: ProcessView) => boolean,
): ProcessView | undefined {
  const process = event.process;
  if (pid === process.pid) return process;
  const known = event.surroundings.process(pid);
  if (known !== undefined && isMember(known)) return known;
  let highest: ProcessView | undefined;
  for (let at = process.parent; at !== undefined && isMember(at); at = at.parent) highest = at;
  return highest;
}
