// The agent beside Falco: the same loads without an agent, with the kernel filter and without it, in turns
// of one run; what Falco added and used on such a machine stands beside them.

import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { OFFICIAL_RULES } from './official.js';
import type { Say } from './rows.js';
import { AGENT_CPU, agentFor, CallTable, SETTLE_MS, type Variant } from './table-calls.js';
import { ProgramTable } from './table-programs.js';

const MOST_ROUNDS = 3;
/** What all take without the filter is measured once: the rest of the time goes to what is aimed at. */
const OFF_ROUNDS = 1;
const VARIANTS: readonly Variant[] = ['bare', 'on', 'few', 'empty'];
const FIRST_VARIANTS: readonly Variant[] = [...VARIANTS, 'off'];
/** Those that are compared are measured once more at the end of a round: the speed of the machine drifts. */
const AGAIN: readonly Variant[] = ['empty', 'on', 'bare'];

/**
 * Calls and programs, as the section of the results.
 *
 * @param minutes fewer than MOST_ROUNDS: so many rounds in the place of all
 */
export async function tablePart(say: Say, minutes: number): Promise<void> {
  if (!existsSync(OFFICIAL_RULES)) {
    say(`Falco's files are not in ${OFFICIAL_RULES}: not measured.`);
    return;
  }
  const calls = new CallTable();
  const programs = new ProgramTable();
  try {
    for (let round = 0; round < Math.min(MOST_ROUNDS, minutes); round++) {
      const variants = round < OFF_ROUNDS ? FIRST_VARIANTS : VARIANTS;
      for (const variant of variants) await measureCalls(calls, variant);
      await programs.measure();
      for (const variant of AGAIN) await measureCalls(calls, variant);
    }
  } finally {
    programs.close();
  }
  calls.say(say);
  programs.say(say);
}

async function measureCalls(calls: CallTable, variant: Variant): Promise<void> {
  if (variant === 'empty') return calls.measureEmpty();
  const agent = await agentFor(variant, AGENT_CPU);
  if (agent !== undefined) await sleep(SETTLE_MS);
  await calls.measure(variant, agent);
  await agent?.stop();
}
