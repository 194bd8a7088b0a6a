// The thread that turns rule texts into checked rules and a plan for the kernel, and ends. Reading takes some hundred
// milliseconds and many megabytes; here it stalls neither the sensor nor the outputs, rules that are
// too much for it cost only this thread, and the memory goes back with it.
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { toOrdinaryPriority } from '../bpf/ordinary-priority.js';
import { prepareRules } from '../cli/load.js';
import { UserNames } from '../enrich/user.js';
import type { PreparedPlan, PreparedRules } from '../sensor/protocol.js';
import { stateRules } from '../sensor/state-rules.js';
import type { LoaderMessage, LoaderTask } from './rule-loader-thread.js';

const PLANNER_NICE = 15;

toOrdinaryPriority(); // it began with that of the main thread
const { options, planLater }: LoaderTask = workerData;
const result = prepareRules(options);
const plans = 'rules' in result && options.kernelFilter === true;
if (plans && !planLater) result.rules.plan = await planFor(result.rules);
say(result);
if (plans && planLater) {
  // The rules are on their way to work meanwhile. Of this thread alone: PRIO_PROCESS, setpriority(2).
  setPriority(0, PLANNER_NICE);
  say({ plan: await planFor(result.rules) });
}

function say(message: LoaderMessage): void {
  parentPort?.postMessage(message);
}

// The planner is read when the rules have gone: at the start they are waited for.
async function planFor({ rules }: PreparedRules): Promise<PreparedPlan> {
  const { planRules } = await import('../plan/planner.js');
  const users = new UserNames();
  const accounts = users.hostMark();
  const all = [...rules, ...stateRules(rules)];
  return { ...planRules(all, { users: users.hostUsers() }), accounts };
}
