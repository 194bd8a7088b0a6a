// The clauses of rules, one by one: for events of which the kernel has told what is still open.
import type { Event } from '../decode/event.js';
import type { Expression } from '../rules/ast.js';
import { eventName } from '../rules/events.js';
import type { Compiler, Condition } from './compile.js';
import { Variants } from './variants.js';

/** A part of a rule: the rule holds when one of its clauses does. */
export interface RuleClause {
  /** Place of the rule among those of the matcher. */
  readonly rule: number;
  readonly condition: Expression;
}

/**
 * Which clauses are open: clause `c` is bit `c & 31` of word `c >> 5`, as in `record_header.clauses`
 * read 32 bits at a time.
 */
export type OpenClauses = Uint32Array;

/** Evaluates those clauses of rules that are open; each is compiled when it is first asked for. */
export class Clauses {
  readonly #clauses: readonly (readonly Variant[])[];
  /** By event type, then by clause. */
  readonly #byType: (readonly Test[] | undefined)[][] = [];

  /**
   * @param clauses by the number that the kernel knows them by; where the kernel takes several for
   *   one, all of them
   */
  constructor(
    clauses: readonly (readonly RuleClause[])[],
    private readonly compiler: Compiler,
  ) {
    this.#clauses = clauses.map((together) =>
      together.map(({ rule, condition }) => ({
        rule,
        variants: new Variants(rule, condition, compiler),
      })),
    );
  }

  /** How many clauses are open; at most `limit`, where counting ends. */
  count(open: OpenClauses, limit: number): number {
    let count = 0;
    for (let word = 0; word < open.length && count < limit; word++) {
      for (let bits = open[word] ?? 0; bits !== 0; bits &= bits - 1) count += 1;
    }
    return Math.min(count, limit);
  }

  /**
   * Calls `found` with the number of each rule of which an open clause holds, each once, in no
   * particular order.
   */
  find(event: Event, open: OpenClauses, found: (rule: number) => void): void {
    let first = -1;
    const others: number[] = [];
    const tests = this.#tests(event.type);
    for (let word = 0; word < open.length; word++) {
      for (let bits = open[word] ?? 0; bits !== 0; bits &= bits - 1) {
        const clause = 32 * word + 31 - Math.clz32(bits & -bits);
        for (const { rule, holds } of tests[clause] ?? this.#compile(event.type, clause)) {
          if (rule === first || others.includes(rule) || !holds(event)) continue;
          if (first === -1) first = rule;
          else others.push(rule);
          found(rule);
        }
      }
    }
  }

  #tests(type: number): (readonly Test[] | undefined)[] {
    const known = this.#byType[type];
    if (known !== undefined) return known;
    const tests: (readonly Test[] | undefined)[] = [];
    if (type >= 0 && type < MAX_TYPES) this.#byType[type] = tests;
    return tests;
  }

  #compile(type: number, clause: number): readonly Test[] {
    const made: Test[] = [];
    for (const { rule, variants } of this.#clauses[clause] ?? []) {
      const candidate = variants.candidate(eventName(type));
      if (candidate !== undefined)
        made.push({ rule, holds: this.compiler.compile(candidate.plan) });
    }
    const tests = this.#byType[type];
    if (tests !== undefined && clause < this.#clauses.length) tests[clause] = made;
    return made;
  }
}

// More than there are event types: keeps a broken record from growing the table.
const MAX_TYPES = 1024;

interface Variant {
  readonly rule: number;
  readonly variants: Variants;
}

interface Test {
  readonly rule: number;
  readonly holds: Condition;
}
