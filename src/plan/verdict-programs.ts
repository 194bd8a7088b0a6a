// Which programs of the object a plan of verdicts needs, with LSM hooks and without.

import { verdict_dimension, verdict_operation } from '../abi/layout.js';
import { KILL_EVENTS, operationOf } from './operations.js';
import type { VerdictBits } from './verdict-bits.js';
import { otherFamilies, otherThanInternet, type VerdictNets } from './verdict-net.js';
import type { VerdictClause, VerdictPlan } from './verdict-plan.js';

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
  const programs = KILL_EVENTS.filter(({ number }) => kills.has(number)).flatMap(
    ({ programs }) => programs,
  );
  return [...new Set(programs)];
}

/** The rules that need LSM hooks, by their place among those of their load. */
export function lsmRules({ rules, lsm }: VerdictPlan): Set<number> {
  return new Set(
    rules.filter((_, at) => (lsm & (1n << BigInt(at))) !== 0n).map(({ rule }) => rule),
  );
}

/**
 * The clauses that need LSM hooks. What is sent over a connected socket no hook of a cgroup sees: without the
 * clause's connect it could be.
 */
export function lsmBits(clauses: readonly VerdictClause[], net: VerdictNets): VerdictBits {
  const notInternet = otherThanInternet(net);
  const families = otherFamilies(net);
  let bits = 0n;
  for (const [at, { action, operations }] of clauses.entries()) {
    if (action === 'kill') continue;
    const bit = 1n << BigInt(at);
    const needs = [...operations].some((number) => {
      if ((operationOf(number)?.withoutLsm.length ?? 0) === 0) return true;
      if (number === verdict_operation.VERDICT_SOCKET) return (notInternet & families & bit) !== 0n;
      if (number === verdict_operation.VERDICT_SEND)
        if (!operations.has(verdict_operation.VERDICT_CONNECT)) return true;
      return (notInternet & bit) !== 0n;
    });
    if (needs) bits |= bit;
  }
  return bits;
}
