// One condition by what its comparisons of the event type come to: for most there are two variants, one
// of which can never hold.
import type { Check, Expression } from '../rules/ast.js';
import { eachCheck } from '../rules/ast.js';
import { checkKey } from './check-key.js';
import type { Compiler } from './compile.js';
import type { Candidate } from './dispatch.js';
import type { Plan } from './plan.js';
import { isTypeCheck, typeTest } from './type-checks.js';

/** The comparisons of the event type in many conditions: event types with the same outcome are alike for all. */
export class TypeTests {
  readonly #tests = new Map<string, (eventType: string) => boolean>();

  constructor(conditions: readonly Expression[]) {
    const seen = new Set<Check>();
    for (const condition of conditions)
      eachCheck(condition, (check) => {
        if (seen.has(check) || !isTypeCheck(check)) return;
        seen.add(check);
        this.#tests.set(checkKey(check), typeTest(check));
      });
  }

  /** What they come to, as a text of a character each. */
  outcome(eventType: string): string {
    return outcomeOf(this.#tests.values(), eventType);
  }
}

/** The plans of one condition, for each event type one; event types with the same outcome share it. */
export class Variants {
  readonly #typeTests: ((eventType: string) => boolean)[] = [];
  readonly #plans = new Map<string, Plan>();
  readonly #candidates = new Map<string, Candidate | undefined>();

  /** @param number of the rule that the condition belongs to */
  constructor(
    private readonly number: number,
    private readonly condition: Expression,
    private readonly compiler: Compiler,
  ) {
    eachCheck(condition, (check) => {
      if (isTypeCheck(check)) this.#typeTests.push(typeTest(check));
    });
  }

  /** Makes the plan for an event type before any is compiled, so that what is shared is known. */
  announce(eventType: string): void {
    const outcome = outcomeOf(this.#typeTests, eventType);
    if (this.#plans.has(outcome)) return;
    const plan = this.compiler.plan(this.condition, eventType);
    this.#plans.set(outcome, plan);
    // The parts of a rule are compiled on their own.
    for (const part of plan.kind === 'all' ? plan.parts : [plan]) this.compiler.announce(part);
  }

  /** The same object for all event types with the same outcome; `undefined`: it can never hold. */
  candidate(eventType: string): Candidate | undefined {
    const outcome = outcomeOf(this.#typeTests, eventType);
    if (this.#candidates.has(outcome)) return this.#candidates.get(outcome);
    const plan = this.#plans.get(outcome) ?? this.compiler.plan(this.condition, eventType);
    const never = plan.kind === 'constant' && !plan.value;
    const candidate = never ? undefined : { number: this.number, plan };
    this.#candidates.set(outcome, candidate);
    return candidate;
  }
}

function outcomeOf(tests: Iterable<(eventType: string) => boolean>, eventType: string): string {
  let outcome = '';
  for (const holds of tests) outcome += holds(eventType) ? '1' : '0';
  return outcome;
}
