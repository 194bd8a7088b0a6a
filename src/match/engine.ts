// Rules evaluated by json-rules-engine: for facts that take time to find out, and as the reference
// that the compiled conditions must agree with.

import { Engine, type RuleProperties } from 'json-rules-engine';
import type { Event, Reader, Value } from '../decode/event.js';
import { eachCheck, type Operand } from '../rules/ast.js';
import { engineConditions } from '../rules/engine-rule.js';
import { LOOKUP } from '../rules/facts.js';
import { operandType, type TypedOperand } from '../rules/transformers.js';
import { factName, splitOperator, TREE_OPERATORS, toTree } from '../rules/tree.js';
import type { MatchableRule } from './matcher.js';
import { pairTest, type Test, test } from './operators.js';
import { operandReader, type Resolve } from './transform.js';
import { eventAlias, TYPE_FIELDS } from './type-checks.js';

/** A fact that has to be found out: a file's hash, a lookup. */
export interface AsyncFact {
  /** Fields whose values it needs; read when the event is handed in. */
  needs: readonly string[];
  /** The type of its value. */
  typed: TypedOperand;
  /**
   * @param values of `needs`, in order.
   * @param event the one that was handed in; who reuses it does not read it here.
   */
  find(values: readonly Value[], event: Event): Promise<Value>;
}

export interface EngineOptions {
  /** By the name that rules use. */
  asyncFacts?: ReadonlyMap<string, AsyncFact>;
  /** The entries of a file of indicators; another object when they are others. */
  lookup?: (path: string) => readonly string[];
}

/**
 * Evaluates rules on one event after the other.
 *
 * All fields are read when an event is handed in, so it may be reused at once. Runs never overlap:
 * two runs on one engine (7.3.1) silently skip rules.
 */
export class RuleEngine {
  readonly #engine = new Engine([], { allowUndefinedFacts: true });
  readonly #readers = new Map<string, { typed: TypedOperand; read: Reader }>();
  readonly #asyncFacts: ReadonlyMap<string, AsyncFact>;
  readonly #resolve: Resolve;
  readonly #tests = new Map<TypedOperand, Map<string, Test>>();
  readonly #lookup: (path: string) => readonly string[];
  readonly #lists = new WeakMap<readonly string[], Map<TypedOperand, Test>>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @param rules checked, macros expanded. */
  constructor(rules: readonly MatchableRule[], resolve: Resolve, options: EngineOptions = {}) {
    this.#resolve = resolve;
    this.#asyncFacts = options.asyncFacts ?? new Map();
    this.#lookup = options.lookup ?? (() => []);
    for (const operator of TREE_OPERATORS) {
      this.#engine.addOperator<Fact, Fact | TreeValue>(operator, (left, right) =>
        this.#holds(operator, left, right),
      );
    }
    rules.forEach((rule, index) => {
      eachCheck(rule.condition, (check) => {
        this.#addReader(check.left);
        if (check.right?.kind === 'transformer') {
          const [only] = check.right.args;
          const isField = check.right.name === 'val' && only?.kind === 'field';
          this.#addReader(isField ? only : check.right);
        }
      });
      this.#engine.addRule(ruleOf(rule, index));
    });
  }

  /** Events handed in and not yet evaluated. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Evaluates all rules on an event.
   *
   * @returns the places of the rules that hold, ascending.
   * @throws what an asynchronous fact throws; the next event is evaluated all the same.
   */
  evaluate(event: Event): Promise<number[]> {
    const facts: Record<string, Fact> = {};
    const pending: [name: string, fact: AsyncFact, values: Value[]][] = [];
    for (const [name, { typed, read }] of this.#readers) {
      const asked = this.#asyncFacts.get(name);
      if (asked === undefined) facts[name] = { typed, value: read(event) };
      else pending.push([name, asked, asked.needs.map((field) => this.#read(field, event))]);
    }
    this.#waiting++;
    const run = this.#last.then(() => this.#run(facts, pending, event));
    this.#last = run.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    return run;
  }

  async #run(
    facts: Record<string, Fact>,
    pending: readonly [name: string, fact: AsyncFact, values: Value[]][],
    event: Event,
  ): Promise<number[]> {
    for (const [name, fact, values] of pending) {
      const find = async (): Promise<Fact> => ({
        typed: fact.typed,
        value: await fact.find(values, event),
      });
      this.#engine.addFact(name, find);
    }
    const { events } = await this.#engine.run(facts);
    return events.map((event) => Number(event.type)).sort((a, b) => a - b);
  }

  #read(name: string, event: Event): Value {
    const field = { kind: 'field', name, at: NOWHERE } as const;
    return this.#resolve(field)?.(event);
  }

  #addReader(operand: Operand): void {
    const name = factName(operand);
    if (this.#readers.has(name)) return;
    const typed = this.#asyncFacts.get(name)?.typed ?? operandType(operand);
    if ('error' in typed) return;
    this.#readers.set(name, { typed, read: operandReader(operand, this.#resolve) });
  }

  // As if the entries stood behind `in`; they are made comparable once.
  #isListed(left: Fact, path: string): boolean {
    const entries = this.#lookup(path);
    const tests = this.#lists.get(entries) ?? new Map<TypedOperand, Test>();
    this.#lists.set(entries, tests);
    const holds = tests.get(left.typed) ?? test(left.typed, 'in', entries);
    tests.set(left.typed, holds);
    return holds(left.value);
  }

  #holds(operatorText: string, left: Fact, right: Fact | TreeValue): boolean {
    if (operatorText === LOOKUP) return this.#isListed(left, String(right));
    const spelled = splitOperator(operatorText);
    if (spelled === undefined) return false;
    const { operator, modifier } = spelled;
    if (isFact(right)) return pairTest(operator)(left.value, right.value);
    const texts = typeof right === 'object' ? right : [String(right)];
    const tests = this.#tests.get(left.typed) ?? new Map<string, Test>();
    this.#tests.set(left.typed, tests);
    const key = JSON.stringify([operatorText, texts]);
    let holds = tests.get(key);
    if (holds === undefined) {
      const isType = TYPE_FIELDS.has(left.typed.field?.spec.name ?? '');
      holds = test(left.typed, operator, isType ? texts.map(eventAlias) : texts, modifier);
      tests.set(key, holds);
    }
    return holds(left.value);
  }
}

interface Fact {
  typed: TypedOperand;
  value: Value;
}

type TreeValue = string | readonly string[] | boolean;

const NOWHERE = { line: 0, column: 0, offset: 0 };

function isFact(value: Fact | TreeValue): value is Fact {
  return typeof value === 'object' && 'typed' in value;
}

function ruleOf(rule: MatchableRule, index: number): RuleProperties {
  const conditions = engineConditions(toTree(rule.condition));
  return { name: rule.name, conditions, event: { type: String(index) } };
}
