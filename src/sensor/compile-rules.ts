// A set of rules made ready for the sensor: conditions compiled, output texts resolved, and what the main
// thread or a container runtime must say first set apart.
import { ENFORCEMENT_DEFAULTS, modeOf } from '../config/enforcement.js';
import { type CompiledRule, Matcher } from '../match/matcher.js';
import type { VerdictPlan } from '../plan/verdict-plan.js';
import type { Act } from '../respond/enforcer.js';
import { asksFacts, hasOpenCheck, possible } from '../rules/facts.js';
import { parseCondition } from '../rules/parser.js';
import type { Rule } from '../rules/rule.js';
import { RuleOutput, resolveField } from './alerts.js';
import { ATTEMPT_TYPES } from './attempts.js';
import { LateRules, readsMetadata } from './late.js';
import { type Teller, type Telling, tellerOf } from './open.js';
import type { PreparedRules } from './protocol.js';
import { stateTypes } from './state-rules.js';

/** Rules ready to judge events. */
export interface CompiledRules {
  readonly matcher: Matcher;
  /** By the index of the rule. */
  readonly outputs: readonly RuleOutput[];
  /** The same with what is kept for the main thread; absent when no rule asks it anything. */
  readonly tellers: readonly Teller[] | undefined;
  /** The number that the main thread gave these rules. */
  readonly load: number;
  /** Event types that the rules must see. */
  readonly types: ReadonlySet<number>;
  /** Of an event's alerts only the first is wanted. */
  readonly firstOnly: boolean;
  /**
   * The same rules for events of containers of which nothing is known yet; absent when no rule reads that.
   * Made when the first such event comes: a host without containers has none, and all wait for a start.
   */
  readonly late: (() => LateRules) | undefined;
  /** Some rule has a limit. */
  readonly shaped: boolean;
  /** Some rule ends processes, or asks for what goes with them, as the hash of a program that removes itself. */
  readonly prompt: boolean;
}

/** No rules: what a sensor has before it is given any. */
export const NO_RULES: CompiledRules = {
  matcher: new Matcher([], resolveField),
  outputs: [],
  tellers: undefined,
  load: 0,
  types: new Set(),
  firstOnly: false,
  late: undefined,
  shaped: false,
  prompt: false,
};

/**
 * Compiles rules; those in use are not touched.
 *
 * @param load tells these rules from others that the main thread gave
 * @param actOf what a rule does besides telling
 */
export function compileRules(
  prepared: PreparedRules,
  load: number,
  actOf: (rule: Rule) => Act | undefined = () => undefined,
): CompiledRules {
  const { rules: all, matching, staticFields, plan, verdicts, enforcement } = prepared;
  const rules = undenied(all, verdicts);
  const firstOnly = matching === 'first';
  let lateRules: LateRules | undefined;
  const makeLate = (): LateRules => {
    lateRules ??= new LateRules(rules, staticFields, firstOnly, actOf);
    return lateRules;
  };
  const late = rules.some(readsMetadata) ? makeLate : undefined;
  const asks = prepared.asksFacts && rules.some(asksFacts);
  // Which rule is the first may be the answer's to decide.
  const rule_matching = late === undefined && !asks ? matching : 'all';
  // Clauses of no rule here are those of state.
  const clauses = plan?.clauses.map(({ parts }) => parts.filter(({ rule }) => rule < rules.length));
  const matcher = new Matcher(asks ? rules.map(asPossible) : rules, resolveField, {
    rule_matching,
    clauses,
  });
  const outputs = rules.map(
    (rule, index) => new RuleOutput(rule, index, staticFields, resolveField, actOf(rule)),
  );
  const tellers = asks
    ? rules.map((rule, index) => {
        const output = outputs[index] ?? new RuleOutput(rule, index, staticFields, resolveField);
        return tellerOf(rule, index, output, resolveField, firstOnly);
      })
    : undefined;
  const attempts = enforcement?.protect_agent === true ? ATTEMPT_TYPES : [];
  const types = new Set([...matcher.wantedTypes(), ...stateTypes(rules), ...attempts]);
  const shaped = rules.some((one) => one.rateLimit !== undefined || one.dedup !== undefined);
  const kills = rules.some(
    ({ name, action }) =>
      action === 'kill' && modeOf(enforcement ?? ENFORCEMENT_DEFAULTS, name) === 'on',
  );
  const prompt = kills || asks;
  return { matcher, outputs, tellers, load, types, firstOnly, late, shaped, prompt };
}

/** Rules that an event satisfies, in the order of evaluation. */
export type Found = readonly CompiledRule[];

/** How to tell of the rules that an event satisfies, and of those that it does in its other reading (`byClaim`). */
export function tellingsOf(rules: CompiledRules, found: Found, byClaim: Found = []): Telling[] {
  const tellings = found.map(({ index }) => tellingOf(rules, index, false));
  if (byClaim.length === 0) return tellings;
  tellings.push(...byClaim.map(({ index }) => tellingOf(rules, index, true)));
  return tellings.sort((a, b) => a.teller.index - b.teller.index);
}

/** The same of one rule, by its index. */
export function tellingOf(
  { tellers, outputs }: CompiledRules,
  index: number,
  claimed: boolean,
): Telling {
  const teller = tellers?.[index];
  if (teller !== undefined) return { teller, claimed };
  const output = outputs[index];
  if (output === undefined) throw new RangeError(`no rule ${index}`);
  return { teller: { index, output, asks: false, keeper: undefined }, claimed };
}

/** The rules in their places; those that the kernel denies by match nothing. */
export function undenied(
  rules: readonly Rule[],
  verdicts: VerdictPlan | undefined,
): readonly Rule[] {
  if (verdicts === undefined) return rules;
  const denied = new Set(
    verdicts.rules.flatMap(({ rule, action }) => (action === 'deny' ? rule : [])),
  );
  return rules.map((rule, index) => (denied.has(index) ? { ...rule, condition: NOTHING } : rule));
}

const NOTHING = parseCondition('evt.type = open and evt.type = close');

// What the rule's condition comes to before anything is found out.
function asPossible(rule: Rule): Rule {
  return hasOpenCheck(rule.condition) ? { ...rule, condition: possible(rule.condition) } : rule;
}
