// Whether the agent's memory grows: short processes, one after the other, for minutes.

import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, totals } from './agent.js';
import { runFor } from './load.js';

/** The agent's memory while a host runs short processes, MiB. */
export interface MemoryRun {
  /** After it has been idle for a while, then after each minute of load, then once more when idle again. */
  samples: readonly {
    minute: number | 'before' | 'after';
    resident_mib: number;
    own_mib: number;
  }[];
  /** Processes that were forked and called exec. */
  execs: number;
  lost: number;
}

const LOAD_CPU = 0;
const AGENT_CPU = 1;
const IDLE_MS = 10_000;
const AFTER_MS = 30_000;

/**
 * @param minutes how long the load runs
 * @param told takes each sample when it is there: a long run should show that it goes on
 */
export async function measureMemory(
  rules: readonly string[],
  minutes: number,
  told: (sample: MemoryRun['samples'][number]) => void,
): Promise<MemoryRun> {
  const agent = await Agent.start(rules, AGENT_CPU);
  const samples: MemoryRun['samples'][number][] = [];
  const sample = (minute: number | 'before' | 'after') => {
    const one = { minute, ...agent.memory() };
    samples.push(one);
    told(one);
  };
  await sleep(IDLE_MS);
  sample('before');
  let execs = 0;
  for (let minute = 1; minute <= minutes; minute++) {
    execs += (await runFor('exec', 60, LOAD_CPU)).count;
    sample(minute);
  }
  await sleep(AFTER_MS);
  sample('after');
  const { lost } = totals(await agent.ask());
  await agent.stop();
  return { samples, execs, lost };
}
