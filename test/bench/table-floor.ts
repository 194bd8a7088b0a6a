// Calls that nobody asks for, beside Falco: what the agent adds to them is to be told from what an empty program adds,
// a few nanoseconds, so the two take more turns, and shorter ones, than in the table of all calls.

import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile } from './load.js';
import { OFFICIAL_RULES } from './official.js';
import { quiet } from './quiet.js';
import { row, type Say } from './rows.js';
import {
  AGENT_CPU,
  agentFor,
  attachEmpty,
  CALLS,
  LOAD_CPU,
  SETTLE_MS,
  type Variant,
} from './table-calls.js';
import { WindowFigures } from './windows.js';

const TURNS = 12;
const VARIANTS: readonly Variant[] = ['bare', 'empty', 'on'];
const UNWATCHED = CALLS.filter(([operation]) => ['getppid', 'pread', 'stat'].includes(operation));

/** The comparison, as the section of the results. */
export async function floorPart(say: Say): Promise<void> {
  if (!existsSync(OFFICIAL_RULES)) {
    say(`Falco's files are not in ${OFFICIAL_RULES}: not measured.`);
    return;
  }
  const turns: WindowFigures[] = [];
  let disturbed = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const figures = new WindowFigures();
    const variants = turn % 2 === 0 ? VARIANTS : VARIANTS.toReversed();
    for (const variant of variants) if (!(await measure(figures, variant))) disturbed += 1;
    turns.push(figures);
  }
  say(
    `Falco's three files, agent on one processor and load on the other; nanoseconds. ${TURNS} turns of 1.5 s for each, medians`,
  );
  say(
    'of short windows as in the table of all calls; of the turns the median, and in brackets between what the half of',
  );
  say(
    `them lies. ${disturbed} of ${TURNS * VARIANTS.length} began while the machine was slower than usual; all windows count in`,
  );
  say(
    `${UNWATCHED.map(([operation]) => `${turns.filter((turn) => turn.isWhole(operation)).length} turns of ${operation}`).join(', ')}.`,
  );
  say();
  row(
    say,
    'load',
    'bare',
    'empty program',
    'filter on',
    'filter on beside an empty program',
    'aim',
  );
  row(say, ...Array.from({ length: 6 }, () => '---'));
  for (const [operation] of UNWATCHED) {
    const of = (figure: (turn: WindowFigures) => number): string => spread(turns.map(figure));
    row(
      say,
      operation,
      of((turn) => turn.of('bare', operation)),
      of((turn) => turn.added('empty', operation)),
      of((turn) => turn.added('on', operation)),
      of((turn) => turn.of('on', operation) - turn.of('empty', operation)),
      '10',
    );
  }
  say();
}

/** @returns whether the machine was at its usual speed when it began */
async function measure(figures: WindowFigures, variant: Variant): Promise<boolean> {
  const agent = await agentFor(variant, AGENT_CPU);
  const detach = variant === 'empty' ? attachEmpty() : undefined;
  try {
    await sleep(SETTLE_MS);
    const wasQuiet = await quiet();
    for (const [operation, count] of UNWATCHED)
      figures.measure(variant, operation, count, LOAD_CPU);
    return wasQuiet;
  } finally {
    detach?.();
    await agent?.stop();
  }
}

function spread(figures: readonly number[]): string {
  const [low, middle, high] = [quantile(figures, 0.25), median(figures), quantile(figures, 0.75)];
  return `${whole(middle)} (${whole(low)} to ${whole(high)})`;
}

// No "-0".
function whole(ns: number): string {
  return String(Math.round(ns) + 0);
}
