// A condition to a function that reads the event: closures, specialised by operator and type.

import type { Event, Reader } from '../decode/event.js';
import type { Check, Expression, Operand } from '../rules/ast.js';
import { eachField } from '../rules/ast.js';
import { toBytes } from '../rules/bytes.js';
import { operandType } from '../rules/transformers.js';
import { pairTest, test } from './operators.js';
import { type Known, type Merged, type Plan, planCondition } from './plan.js';
import { matchesPathPrefix, startsWithAny } from './prefixes.js';
import { shortcut } from './shortcuts.js';
import { operandReader, type Resolve } from './transform.js';
import { constantsOf } from './type-checks.js';

/** Tells whether an event satisfies a condition; does not throw. */
export type Condition = (event: Event) => boolean;

/**
 * Compiles one condition.
 *
 * @param expression checked by `checkCondition`, macros expanded.
 * @param resolve gives the readers; a field without one is always missing.
 */
export function compileCondition(expression: Expression, resolve: Resolve): Condition {
  const compiler = new Compiler(resolve);
  return compiler.compile(compiler.plan(expression));
}

/**
 * Compiles many conditions that are evaluated on the same events: what two of them have in common is
 * evaluated once per event.
 */
export class Compiler {
  readonly #resolve: Resolve;
  readonly #uses = new Map<string, number>();
  readonly #made = new Map<string, Condition>();
  readonly #readers = new Map<string, Reader | undefined>();

  constructor(resolve: Resolve) {
    this.#resolve = (field) => {
      const key = `${field.name}[${field.argument ?? ''}`;
      if (!this.#readers.has(key)) this.#readers.set(key, resolve(field));
      return this.#readers.get(key);
    };
  }

  /** Makes a plan; pass the name of the event type when the condition is for one type only. */
  plan(expression: Expression, eventType?: string): Plan {
    const known: Known = { hasSource: (operand) => this.#hasSource(operand) };
    if (eventType !== undefined) known.eventType = eventType;
    return planCondition(expression, known);
  }

  /** Announces a plan that will be compiled, so that what it shares with others is known by then. */
  announce(plan: Plan): void {
    const uses = this.#uses.get(plan.key) ?? 0;
    this.#uses.set(plan.key, uses + 1);
    // The parts of what is shared are evaluated once anyway.
    if (uses > 0) return;
    if (plan.kind === 'not') this.announce(plan.part);
    if (plan.kind === 'all' || plan.kind === 'any')
      for (const part of plan.parts) this.announce(part);
  }

  compile(plan: Plan): Condition {
    const known = this.#made.get(plan.key);
    if (known !== undefined) return known;
    const made = this.#make(plan);
    const shared = plan.kind !== 'constant' && (this.#uses.get(plan.key) ?? 0) > 1;
    const condition = shared ? oncePerEvent(made) : made;
    this.#made.set(plan.key, condition);
    return condition;
  }

  /** A condition that holds when all parts hold. */
  compileAll(parts: readonly Plan[]): Condition {
    return all(parts.map((part) => this.compile(part)));
  }

  /** The reader of a field or call. */
  reader(operand: Operand): Reader {
    return operandReader(operand, this.#resolve);
  }

  #make(plan: Plan): Condition {
    switch (plan.kind) {
      case 'constant':
        return plan.value ? () => true : () => false;
      case 'not': {
        const part = this.compile(plan.part);
        return (event) => !part(event);
      }
      case 'all':
        return all(plan.parts.map((part) => this.compile(part)));
      case 'any':
        return any(plan.parts.map((part) => this.compile(part)));
      case 'leaf':
        return leaf(plan.check, this.#resolve);
      case 'merged':
        return merged(plan, operandReader(plan.left, this.#resolve));
    }
  }

  #hasSource(operand: Operand): boolean {
    let found = true;
    eachField(operand, (field) => {
      if (this.#resolve(field) === undefined) found = false;
    });
    return found;
  }
}

// Worth it even for the cheapest tests: with the official rules, remembering them too took a third
// off an open that matches nothing (1.9 to 1.3 us), because many readers work each time they are asked.
function oncePerEvent(condition: Condition): Condition {
  let serial = -1;
  let result = false;
  return (event) => {
    if (event.serial !== serial) {
      result = condition(event);
      serial = event.serial;
    }
    return result;
  };
}

function all(parts: readonly Condition[]): Condition {
  const [a, b, c, d] = parts;
  if (a === undefined) return () => true;
  if (b === undefined) return a;
  if (c === undefined) return (event) => a(event) && b(event);
  if (d === undefined) return (event) => a(event) && b(event) && c(event);
  if (parts.length === 4) return (event) => a(event) && b(event) && c(event) && d(event);
  const rest = all(parts.slice(4));
  return (event) => a(event) && b(event) && c(event) && d(event) && rest(event);
}

function any(parts: readonly Condition[]): Condition {
  const [a, b, c, d] = parts;
  if (a === undefined) return () => false;
  if (b === undefined) return a;
  if (c === undefined) return (event) => a(event) || b(event);
  if (d === undefined) return (event) => a(event) || b(event) || c(event);
  if (parts.length === 4) return (event) => a(event) || b(event) || c(event) || d(event);
  const rest = any(parts.slice(4));
  return (event) => a(event) || b(event) || c(event) || d(event) || rest(event);
}

function leaf(check: Check, resolve: Resolve): Condition {
  const typed = operandType(check.left);
  if ('error' in typed) return () => false;
  const read = operandReader(check.left, resolve);
  if (check.right?.kind === 'transformer') {
    const readRight = operandReader(check.right, resolve);
    const compare = pairTest(check.operator);
    return (event) => compare(read(event), readRight(event));
  }
  const constants = constantsOf(check);
  const plain = !typed.list && typed.field?.many !== true && check.modifier === undefined;
  const fast = plain ? shortcut(check, typed, read, constants) : undefined;
  if (fast !== undefined) return fast;
  const holds = test(typed, check.operator, constants, check.modifier);
  return (event) => holds(read(event));
}

function merged(plan: Merged, read: Reader): Condition {
  const equal = new Set(plan.equal.map(toBytes));
  const tests: ((text: string) => boolean)[] = [];
  if (equal.size > 0) tests.push((text) => equal.has(text));
  if (plan.prefixes.length > 0) tests.push(startsWithAny(plan.prefixes.map(toBytes)));
  for (const suffix of plan.suffixes.map(toBytes)) tests.push((text) => text.endsWith(suffix));
  for (const part of plan.inside.map(toBytes)) tests.push((text) => text.includes(part));
  if (plan.paths.length > 0) tests.push(matchesPathPrefix(plan.paths.map(toBytes)));
  const [only, second] = tests;
  if (only !== undefined && second === undefined) {
    return (event) => {
      const found = read(event);
      return typeof found === 'string' && only(found);
    };
  }
  return (event) => {
    const found = read(event);
    if (typeof found !== 'string') return false;
    for (const one of tests) if (one(found)) return true;
    return false;
  };
}
