// What planning takes of the processor: all rules of some files, and then the bits of one process. Run by itself
// with their folder it prints that: in a process in which nothing was compiled yet, as in an agent that starts.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepareRules } from '../../src/cli/load.js';
import { readRuleFiles } from '../../src/cli/rule-files.js';
import { ProcessScan } from '../../src/enrich/process-scan.js';
import { ProcessTree } from '../../src/enrich/process-tree.js';
import { UserNames } from '../../src/enrich/user.js';
import { planRules } from '../../src/plan/planner.js';
import { ProcessPlanner } from '../../src/plan/process.js';
import { compileLate, compileSoon } from '../../src/sensor/compilers.js';
import { asWritten } from '../../src/sensor/protocol.js';
import { stateRules } from '../../src/sensor/state-rules.js';
import { median } from './load.js';

/** Processor time; the first time nothing is compiled yet. */
export interface PlanningCosts {
  rules: number;
  first_ms: number;
  plan_ms: number;
  bits_us: number;
  /** The lower quartile: the processor runs at its full speed now and then only. */
  bits_low_us: number;
}

const PROCESSES = 5;
const ROUNDS = 3;
/** Of the bits of all processes: most of the first hundred go into V8's compilers, whose time is ours too. */
const WARM_ROUNDS = 200;
const COUNTED_ROUNDS = 50;

/** Plans the rules of a folder, and the processes that live now, in fresh processes; medians of these. */
export function measurePlanning(folder: string): PlanningCosts {
  const script = fileURLToPath(import.meta.url);
  const costs = Array.from({ length: PROCESSES }, (): PlanningCosts => {
    return JSON.parse(execFileSync(process.execPath, [script, folder], { encoding: 'utf8' }));
  });
  const middle = (cost: keyof PlanningCosts) => median(costs.map((one) => one[cost]));
  return {
    rules: middle('rules'),
    first_ms: middle('first_ms'),
    plan_ms: middle('plan_ms'),
    bits_us: middle('bits_us'),
    bits_low_us: middle('bits_low_us'),
  };
}

function measureOnce(folder: string): PlanningCosts {
  const sources = readRuleFiles([folder]);
  const switches = [{ enable: true, rule: '*' }];
  const prepared = prepareRules({ ...asWritten(sources), switches, skipInvalid: true });
  if ('failure' in prepared) throw new Error(prepared.failure.message);
  const { rules } = prepared.rules;
  const users = new UserNames();
  const all = [...rules, ...stateRules(rules)];
  compileLate(); // as the agent does
  const planned = Array.from({ length: ROUNDS }, () =>
    cpuMs(() => planRules(all, { users: users.hostUsers() })),
  );
  compileSoon();
  const { clauses } = planRules(all, { users: users.hostUsers() });
  const planner = new ProcessPlanner(clauses, { user: (uid) => users.hostUsers().get(uid) });
  const tree = new ProcessTree();
  new ProcessScan().fill(tree);
  const processes = [...tree.living()];
  const measure = (): number => {
    const all_ms = cpuMs(() => {
      for (const one of processes) planner.bits(one);
    });
    return (1000 * all_ms) / processes.length;
  };
  const warm = Array.from({ length: WARM_ROUNDS }, measure).slice(-COUNTED_ROUNDS);
  const lower = [...warm].sort((one, other) => one - other).slice(0, COUNTED_ROUNDS / 2);
  return {
    rules: rules.length,
    first_ms: planned[0] ?? 0,
    plan_ms: median(planned),
    bits_us: median(warm),
    bits_low_us: median(lower),
  };
}

// What others take of the processor is not in it.
function cpuMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const [, script, folder] = process.argv;
if (script === fileURLToPath(import.meta.url) && folder !== undefined)
  console.log(JSON.stringify(measureOnce(folder)));
