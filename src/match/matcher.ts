// The stage from events to matches: which rules does this event satisfy?

import type { Event } from '../decode/event.js';
import { EVENT_EXIT, eventName, NATIVE_CALLS } from '../rules/events.js';
import type { Rule } from '../rules/rule.js';
import { Clauses, type OpenClauses, type RuleClause } from './clauses.js';
import { Compiler } from './compile.js';
import { type Candidate, Dispatch } from './dispatch.js';
import type { Resolve } from './transform.js';
import { TypeTests, Variants } from './variants.js';

/** What matching needs of a rule. */
export type MatchableRule = Pick<Rule, 'name' | 'condition'>;

/** A rule in use. */
export interface CompiledRule<R extends MatchableRule = Rule> {
  readonly rule: R;
  /** Its place among the rules given; also the order of evaluation. */
  readonly index: number;
}

export interface MatcherOptions {
  /** `first` stops at the first rule that matches; `all`, the default, tells every one. */
  rule_matching?: 'first' | 'all';
  /**
   * The clauses of the rules by their numbers in the kernel, for `matchOpen`; those that the kernel
   * takes for one stand together.
   */
  clauses?: readonly (readonly RuleClause[])[] | undefined;
}

/**
 * With more open clauses all rules are looked at: what they share is cheaper to find out for all at
 * once than one by one.
 */
const FEW_CLAUSES = 16;

/**
 * Evaluates rules on events.
 *
 * Rules are compiled per event type: what the type decides is decided beforehand, and a rule that an
 * event type cannot satisfy is not looked at for it.
 */
export class Matcher<R extends MatchableRule = Rule> {
  /** In order of evaluation. */
  readonly rules: readonly CompiledRule<R>[];
  readonly #firstOnly: boolean;
  readonly #byType: Dispatch[] = [];
  readonly #wanted = new Set<number>();
  readonly #variants: Variants[];
  readonly #compiler: Compiler;
  readonly #clauses: Clauses | undefined;
  readonly #dispatches = new Map<string, { candidates: Candidate[]; dispatch: Dispatch }[]>();
  readonly #found: CompiledRule<R>[] = [];
  readonly #tell = (number: number): void => {
    const rule = this.rules[number];
    if (rule !== undefined) this.#found.push(rule);
  };

  /**
   * @param rules enabled rules, in the order in which they are to be evaluated; checked, macros
   *   expanded.
   * @param resolve gives the readers; a field without one is always missing.
   */
  constructor(rules: readonly NoInfer<R>[], resolve: Resolve, options: MatcherOptions = {}) {
    this.#firstOnly = options.rule_matching === 'first';
    this.rules = rules.map((rule, index) => ({ rule, index }));
    this.#compiler = new Compiler(resolve);
    this.#variants = this.rules.map(
      ({ rule, index }) => new Variants(index, rule.condition, this.#compiler),
    );
    const types = [...NATIVE_CALLS.keys(), EVENT_EXIT];
    const alike = this.#alike(types);
    for (const [first = 0] of alike)
      for (const variants of this.#variants) variants.announce(eventName(first));
    for (const [first = 0, ...others] of alike) {
      const dispatch = this.#dispatch(first);
      for (const type of others) this.#byType[type] = dispatch;
    }
    for (const type of types) if (this.candidateCount(type) > 0) this.#wanted.add(type);
    if (options.clauses !== undefined) this.#clauses = new Clauses(options.clauses, this.#compiler);
  }

  /**
   * The rules that an event satisfies, in order of evaluation; with `rule_matching: first` at most
   * one.
   *
   * @returns an array that the next call overwrites.
   */
  match(event: Event): readonly CompiledRule<R>[] {
    const found = this.#found;
    if (found.length > 0) found.length = 0;
    (this.#byType[event.type] ?? this.#dispatch(event.type)).find(event, this.#tell);
    return this.#ordered();
  }

  /**
   * The same, for an event of which only some clauses can hold: no other is looked at.
   *
   * @param open at least every clause that holds, or the result is not that of `match`
   */
  matchOpen(event: Event, open: OpenClauses): readonly CompiledRule<R>[] {
    const clauses = this.#clauses;
    if (clauses === undefined || clauses.count(open, FEW_CLAUSES + 1) > FEW_CLAUSES)
      return this.match(event);
    if (this.#found.length > 0) this.#found.length = 0;
    clauses.find(event, open, this.#tell);
    return this.#ordered();
  }

  // In order, and as many as are wanted.
  #ordered(): readonly CompiledRule<R>[] {
    const found = this.#found;
    if (found.length === 0) return found;
    if (found.length > 1) found.sort((a, b) => a.index - b.index);
    if (this.#firstOnly) found.length = 1;
    return found;
  }

  /** The event type numbers that at least one rule can match. */
  wantedTypes(): ReadonlySet<number> {
    return this.#wanted;
  }

  /** How many rules an event of that type can satisfy. */
  candidateCount(type: number): number {
    return (this.#byType[type] ?? this.#dispatch(type)).size;
  }

  // Event types in groups that no rule tells apart: most of them are in one.
  #alike(types: readonly number[]): number[][] {
    const tests = new TypeTests(this.rules.map(({ rule }) => rule.condition));
    const groups = new Map<string, number[]>();
    for (const type of types) {
      const outcome = tests.outcome(eventName(type));
      const group = groups.get(outcome);
      if (group === undefined) groups.set(outcome, [type]);
      else group.push(type);
    }
    return [...groups.values()];
  }

  #dispatch(type: number): Dispatch {
    const name = eventName(type);
    const candidates = this.#variants.flatMap((variants) => variants.candidate(name) ?? []);
    const key = candidates.map(({ number, plan }) => `${number}:${plan.key.length}`).join();
    const known = this.#dispatches.get(key);
    const same = known?.find((one) => sameCandidates(one.candidates, candidates))?.dispatch;
    const dispatch = same ?? new Dispatch(candidates, this.#compiler);
    if (same === undefined) this.#dispatches.set(key, [...(known ?? []), { candidates, dispatch }]);
    if (type >= 0 && type < MAX_TYPES) this.#byType[type] = dispatch;
    return dispatch;
  }
}

function sameCandidates(a: readonly Candidate[], b: readonly Candidate[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

// More than there are event types: keeps a broken record from growing the table.
const MAX_TYPES = 1024;
