// The thread that turns rule texts into checked rules and a plan for the kernel, and ends. Reading takes some hundred
// milliseconds and many megabytes; here it stalls neither the sensor nor the outputs, rules that are
// too much for it cost only this thread, and the memory goes back with it.
import { parentPort } from 'node:worker_threads';
import type { LoaderMessage, LoaderTask } from './agent/rule-loader-thread.js';
import { toOrdinaryPriority } from './bpf/ordinary-priority.js';
import { prepareRules } from './cli/load.js';
import type { PreparedPlan, PreparedRules } from './sensor/protocol.js';

// It has its code when it is told what to load.
parentPort?.once('message', (task: LoaderTask) => void load(task));

async function load({ options, planLater }: LoaderTask): Promise<void> {
  // It began with that of the main thread. The first rules and their plan are waited for.
  if (!planLater) toOrdinaryPriority();
  const result = prepareRules(options);
  const plans = 'rules' in result && options.kernelFilter === true;
  if (plans && !planLater) result.rules.plan = await planFor(result.rules);
  say(result);
  if (plans && planLater)
    parentPort?.once('message', () => void planFor(result.rules).then((plan) => say({ plan })));
}

function say(message: LoaderMessage): void {
  parentPort?.postMessage(message);
}

// The planner is read when the rules have gone: at the start they are waited for.
async function planFor(rules: PreparedRules): Promise<PreparedPlan> {
  const { preparePlan } = await import('./agent/rule-plan.js');
  return preparePlan(rules);
}
