// What of an event decides whether its alert is told, besides the rule's condition: what makes it a
// repetition, and which outputs want it.
import type { Event } from '../decode/event.js';
import { type Condition, compileCondition } from '../match/compile.js';
import type { Resolve } from '../match/transform.js';
import { operandText } from '../rules/canonical.js';
import type { Rule } from '../rules/rule.js';
import { sameOperands } from '../rules/shape.js';
import { Format } from './template.js';

/** The gate of one rule. */
export class RuleGate {
  readonly #same: Format | undefined;
  readonly #byMessage: boolean;
  readonly #filters: readonly { output: string; wants: Condition }[];
  /** The lists that there can be, so that none is made for an alert. */
  readonly #lists = new Map<number, readonly string[]>();

  private constructor({ dedup, filters = [] }: Rule, resolve: Resolve) {
    const same = sameOperands(dedup?.same ?? []);
    const format = same.map((operand) => `%${operandText(operand)}`).join('\u0001');
    this.#same = format === '' ? undefined : new Format(format, resolve);
    this.#byMessage = dedup !== undefined && this.#same === undefined;
    this.#filters = filters.map(({ output, condition }) => ({
      output,
      wants: compileCondition(condition, resolve),
    }));
  }

  /** `undefined` when nothing stands in the way of any alert. */
  static of(rule: Rule, resolve: Resolve): RuleGate | undefined {
    const open = rule.dedup === undefined && (rule.filters ?? []).length === 0;
    return open ? undefined : new RuleGate(rule, resolve);
  }

  /** What makes the alert the same as others. */
  key(event: Event, message: string): string | undefined {
    return this.#same === undefined
      ? this.#byMessage
        ? message
        : undefined
      : this.#same.text(event);
  }

  /** The outputs that do not want it; `undefined`: none. */
  notFor(event: Event): readonly string[] | undefined {
    let refused = 0;
    this.#filters.forEach(({ wants }, at) => {
      if (!wants(event)) refused |= 1 << at;
    });
    if (refused === 0) return undefined;
    const known = this.#lists.get(refused);
    if (known !== undefined) return known;
    const list = this.#filters.flatMap(({ output }, at) => (refused & (1 << at) ? output : []));
    this.#lists.set(refused, list);
    return list;
  }
}
