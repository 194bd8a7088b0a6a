// Waits for a moment in which the machine runs at its usual speed: a shared host slows down now and then, for
// longer than a run takes.

import { setTimeout as sleep } from 'node:timers/promises';
import { quantile, runLines } from './load.js';

const PROCESSORS = [0, 1];
/** Looks that are not slower than a tenth of all by more than this are at the usual speed. */
const USUAL = 1.06;
const USUAL_SHARE = 0.1;
const LOOK_S = 0.1;
/** Before the first answer: to know what is usual. */
const FIRST_LOOKS = 10;
const LOOKS = 8;
const BETWEEN_MS = 2000;

const looks_ns: number[] = [];

/**
 * Resolves when both processors run at their usual speed, or after a quarter of a minute.
 *
 * @returns whether they did
 */
export async function quiet(): Promise<boolean> {
  while (looks_ns.length < FIRST_LOOKS) {
    look();
    await sleep(BETWEEN_MS);
  }
  for (let tries = 1; !isUsual(look()); tries++) {
    if (tries === LOOKS) return false;
    await sleep(BETWEEN_MS);
  }
  return true;
}

function isUsual(took_ns: number): boolean {
  return took_ns < USUAL * quantile(looks_ns, USUAL_SHARE);
}

function look(): number {
  const took_ns = Math.max(...PROCESSORS.map(workTook));
  looks_ns.push(took_ns);
  return took_ns;
}

// Mean time of a piece of work that uses all of a core, nanoseconds; see probe() in load.c.
function workTook(cpu: number): number {
  const lines = runLines(['-w', '1', 'getppid', String(-LOOK_S), String(cpu)]);
  return lines.reduce((sum, line) => sum + Number.parseInt(line, 10), 0) / lines.length;
}
