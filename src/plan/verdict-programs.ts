// Which programs of the object a plan of verdicts needs, with LSM hooks and without.

import { verdict_dimension } from '../abi/layout.js';
import { killEvents } from './kill-events.js';
import { operationOf } from './operations.js';
import type { VerdictPlan } from './verdict-plan.js';

/** The programs that the plan needs. */
export function verdictPrograms({ operations, depends }: VerdictPlan, hasLsm = true): string[] {
  const programs = [...operations.keys()].flatMap((number) => {
    const operation = operationOf(number);
    return (hasLsm ? operation?.programs : operation?.withoutLsm) ?? [];
  });
  return depends.has(verdict_dimension.VERDICT_BY_EXE)
    ? [...programs, 'verdict_exec', 'verdict_fork']
    : programs;
}

/** The programs that the plan needs to kill: no hooks, others jump to them. */
export function killPrograms({ kills }: VerdictPlan): string[] {
  const programs = killEvents()
    .filter(({ number }) => kills.has(number))
    .flatMap(({ programs }) => programs);
  return [...new Set(programs)];
}

/** The rules that need LSM hooks, by their place among those of their load. */
export function lsmRules({ rules, lsm }: VerdictPlan): Set<number> {
  return new Set(
    rules.filter((_, at) => (lsm & (1n << BigInt(at))) !== 0n).map(({ rule }) => rule),
  );
}
