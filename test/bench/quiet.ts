// Waits for a moment in which the machine runs at its usual speed, as the harness does that measured Falco: a shared
// host slows down now and then, for longer than a run takes.

import { setTimeout as sleep } from 'node:timers/promises';
import { runLines } from './load.js';

const PROCESSORS = [0, 1];
/** Of the best that was seen. */
const USUAL = 1.06;
const LOOK_S = 0.1;
const LOOKS = 8;
const BETWEEN_MS = 2000;

let best_ns = Number.POSITIVE_INFINITY;

/** Resolves when both processors run at their usual speed, or after a quarter of a minute. */
export async function quiet(): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await sleep(BETWEEN_MS);
    const took_ns = Math.max(...PROCESSORS.map(workTook));
    best_ns = Math.min(best_ns, took_ns);
    if (took_ns < USUAL * best_ns) return;
  }
}

// Mean time of a piece of work that uses all of a core, nanoseconds; see probe() in load.c.
function workTook(cpu: number): number {
  const lines = runLines(['-w', '1', 'getppid', String(-LOOK_S), String(cpu)]);
  return lines.reduce((sum, line) => sum + Number.parseInt(line, 10), 0) / lines.length;
}
