// The kernel's plan of checked rules, with what their verdicts, their state and the agent's protection ask for besides.
import { UserNames } from '../enrich/user.js';
import { planRules } from '../plan/planner.js';
import { attemptRule } from '../sensor/attempts.js';
import { undenied } from '../sensor/compile-rules.js';
import { compileLate, compileSoon } from '../sensor/compilers.js';
import type { PreparedPlan, PreparedRules } from '../sensor/protocol.js';
import { stateRules } from '../sensor/state-rules.js';

/** Plans rules for the agent in this process. */
export function preparePlan({ rules, verdicts, enforcement }: PreparedRules): PreparedPlan {
  const users = new UserNames();
  const accounts = users.hostMark();
  const attempts = enforcement?.protect_agent === true ? [attemptRule(process.pid)] : [];
  const all = [...undenied(rules, verdicts), ...stateRules(rules), ...attempts];
  compileLate(); // nothing of it runs a second time
  const plan = planRules(all, { users: users.hostUsers() });
  compileSoon();
  return { ...plan, accounts };
}
