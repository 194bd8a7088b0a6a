// The thread that turns rule texts into checked rules and a plan for the kernel, and ends. Reading takes some hundred
// milliseconds and many megabytes; here it stalls neither the sensor nor the outputs, rules that are
// too much for it cost only this thread, and the memory goes back with it.
import { parentPort, workerData } from 'node:worker_threads';
import { prepareRules } from '../cli/load.js';
import { UserNames } from '../enrich/user.js';
import { planRules } from '../plan/planner.js';
import type { PreparedPlan, PreparedRules, RuleOptions } from '../sensor/protocol.js';
import { stateRules } from '../sensor/state-rules.js';

const options: RuleOptions = workerData;
const result = prepareRules(options);
if ('rules' in result && options.kernelFilter === true) result.rules.plan = planFor(result.rules);
parentPort?.postMessage(result);

function planFor({ rules }: PreparedRules): PreparedPlan {
  const users = new UserNames();
  const accounts = users.hostMark();
  const all = [...rules, ...stateRules(rules)];
  return { ...planRules(all, { users: users.hostUsers() }), accounts };
}
