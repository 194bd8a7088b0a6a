// For what must not run at the priority of the agent, which is above that of others.
import { getPriority, setPriority } from 'node:os';

/**
 * Brings a process, or the calling thread alone, down to the ordinary nice value; what is there or below
 * stays. It never fails: who has ended needs no priority.
 *
 * @param id of a process; 0: the calling thread, see setpriority(2)
 */
export function toOrdinaryPriority(id = 0): void {
  try {
    if (getPriority(id) < 0) setPriority(id, 0);
  } catch {
    // ESRCH
  }
}
