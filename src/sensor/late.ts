// Rules that read what container runtimes know, for events that come before the runtime's answer.
//
// Whether a rule may hold, whatever the answer will be, is known at once: its condition with every
// test of metadata taken as it would help. Only then is the event kept, and judged when it is known.
import type { ContainerView, Event } from '../decode/event.js';
import { needsMetadata } from '../enrich/container-fields.js';
import { type CompiledRule, Matcher } from '../match/matcher.js';
import type { Alert } from '../output/alert.js';
import type { Act } from '../respond/enforcer.js';
import { type Check, type Expression, eachCheck, eachField } from '../rules/ast.js';
import { asksFacts, possible } from '../rules/facts.js';
import { parseFormat } from '../rules/format.js';
import type { Rule } from '../rules/rule.js';
import { sameOperands } from '../rules/shape.js';
import { originOf, RuleOutput, resolveField } from './alerts.js';
import { Freezer, type FrozenEvent } from './frozen.js';
import { alertsOf, type OpenEvent, type Teller, type Telling, tellerOf } from './open.js';

/** A rule that an event satisfies, or may satisfy. */
export interface Candidate {
  /** Its place in the order of evaluation. */
  readonly index: number;
  /** False: its condition waits for metadata. */
  readonly certain: boolean;
  /** It is about the event with the path that the caller wrote. */
  readonly claimed: boolean;
}

/** Whether a rule's condition or output reads what only a container runtime knows. */
export function readsMetadata(rule: Rule): boolean {
  return conditionReads(rule.condition) || outputReads(rule) || gateReads(rule);
}

/** All rules of one load, as far as metadata decides about them. */
export class LateRules {
  readonly #freezer = new Freezer(resolveField);
  readonly #rules: readonly LateRule[];
  readonly #possible: Matcher<IndexedRule>;
  readonly #final: Matcher<IndexedRule>;
  /** Any rule may be told in the place of one that asks the main thread. */
  readonly #standsIn: boolean;

  constructor(
    rules: readonly Rule[],
    staticFields: Readonly<Record<string, string>>,
    private readonly firstOnly: boolean,
    private readonly actOf: (rule: Rule) => Act | undefined = () => undefined,
  ) {
    this.#standsIn = firstOnly && rules.some(asksFacts);
    this.#rules = rules.map((rule, index) => this.#lateRule(rule, index, staticFields));
    const uncertain = rules
      .map(({ name, condition }, index) => ({ name, condition: possible(condition), index }))
      .filter(({ condition }) => conditionReads(condition));
    const relaxed = uncertain.map((one) => ({ ...one, condition: relax(one.condition, true) }));
    this.#possible = new Matcher(relaxed, resolveField);
    this.#final = new Matcher(uncertain, this.#freezer.resolve);
  }

  /**
   * The rules of which an event's alerts may be, in order of evaluation.
   *
   * @param found what the event satisfies while no metadata is known
   * @param byClaim the same for its other reading, where it has one
   */
  candidates(
    event: Event,
    found: readonly CompiledRule<Rule>[],
    byClaim?: readonly CompiledRule<Rule>[],
  ): Candidate[] {
    const candidates = this.#candidates(event.read(false), found);
    if (byClaim !== undefined) candidates.push(...this.#candidates(event.read(true), byClaim));
    candidates.sort((a, b) => a.index - b.index || Number(a.claimed) - Number(b.claimed));
    if (!this.firstOnly) return candidates;
    const decided = candidates.findIndex(
      ({ certain, index }) => certain && !this.#rules[index]?.teller.asks,
    );
    return decided < 0 ? candidates : candidates.slice(0, decided + 1);
  }

  /** Whether metadata decides about one of them, or about what its alert says. */
  mustWait(candidates: readonly Candidate[]): boolean {
    return candidates.some(({ index }) => this.#rules[index]?.reads === true);
  }

  freeze(event: Event, container: ContainerView, candidates: readonly Candidate[]): FrozenEvent {
    const frozen = this.#freeze(event.read(false), container, candidates, false);
    if (candidates.some(({ claimed }) => claimed)) {
      frozen.claimed = this.#freeze(event.read(true), container, candidates, true);
      frozen.claimed.actions = frozen.actions;
    }
    // What is certain need not wait; of several the first may be the answer's to decide.
    for (const { index, certain } of this.firstOnly ? candidates.slice(0, 1) : candidates) {
      const teller = this.#rules[index]?.teller;
      if (certain && teller?.asks === false) teller.output.take(frozen);
    }
    return frozen;
  }

  /**
   * Judges an event by what is known of its container now.
   *
   * @param ask takes what the main thread has to decide
   */
  judge(
    frozen: FrozenEvent,
    candidates: readonly Candidate[],
    ask: (open: OpenEvent) => void = () => {},
  ): Alert[] {
    const byObject = this.#satisfied(frozen, candidates, false);
    const byClaim = this.#satisfied(frozen, candidates, true);
    const tellings: Telling[] = [];
    for (const { index, certain, claimed } of candidates) {
      const teller = this.#rules[index]?.teller;
      if (teller === undefined) continue;
      if (certain || (claimed ? byClaim : byObject).has(index)) tellings.push({ teller, claimed });
    }
    return alertsOf(tellings, frozen, this.firstOnly, ask);
  }

  // The rules that waited for metadata and hold in that reading.
  #satisfied(
    frozen: FrozenEvent,
    candidates: readonly Candidate[],
    claimed: boolean,
  ): ReadonlySet<number> {
    if (claimed && frozen.claimed === undefined) return NONE;
    const event = frozen.read(claimed);
    event.advance(); // what conditions remember of an earlier event falls
    const satisfied = new Set<number>();
    if (candidates.some((one) => !one.certain && one.claimed === claimed)) {
      for (const { rule } of this.#final.match(event)) satisfied.add(rule.index);
    }
    return satisfied;
  }

  #freeze(
    event: Event,
    container: ContainerView,
    candidates: readonly Candidate[],
    claimed: boolean,
  ): FrozenEvent {
    const slots = new Set<number>();
    for (const one of candidates) {
      if (one.claimed !== claimed) continue;
      for (const slot of this.#rules[one.index]?.slots ?? []) slots.add(slot);
    }
    return this.#freezer.freeze(event, container, slots, originOf(event));
  }

  #candidates(event: Event, found: readonly CompiledRule<Rule>[]): Candidate[] {
    const candidates: Candidate[] = [];
    const claimed = event.is_claimed;
    for (const { index } of found) {
      if (!this.#rules[index]?.uncertain) candidates.push({ index, certain: true, claimed });
    }
    for (const { rule } of this.#possible.match(event)) {
      candidates.push({ index: rule.index, certain: false, claimed });
    }
    return candidates;
  }

  #lateRule(rule: Rule, index: number, staticFields: Readonly<Record<string, string>>): LateRule {
    const { resolve, slots } = this.#freezer.noting();
    const output = new RuleOutput(rule, index, staticFields, resolve, this.actOf(rule));
    output.make(); // so that what it reads is noted
    const uncertain = conditionReads(rule.condition);
    if (uncertain) fieldsOf(rule.condition, resolve);
    const teller = tellerOf(rule, index, output, resolve, this.#standsIn);
    return { teller, uncertain, reads: uncertain || outputReads(rule) || gateReads(rule), slots };
  }
}

interface LateRule {
  readonly teller: Teller;
  /** Its condition reads metadata. */
  readonly uncertain: boolean;
  /** Its condition or its output reads metadata. */
  readonly reads: boolean;
  /** Everything else that they read. */
  readonly slots: ReadonlySet<number>;
}

interface IndexedRule {
  readonly name: string;
  readonly condition: Expression;
  readonly index: number;
}

const NONE: ReadonlySet<number> = new Set();

function fieldsOf(condition: Expression, visit: (field: FieldRef) => void): void {
  eachCheck(condition, (check) => checkFields(check, visit));
}

type FieldRef = Parameters<Parameters<typeof eachField>[1]>[0];

function checkFields({ left, right }: Check, visit: (field: FieldRef) => void): void {
  eachField(left, visit);
  if (right?.kind === 'transformer') eachField(right, visit);
}

function conditionReads(condition: Expression): boolean {
  let reads = false;
  fieldsOf(condition, ({ name }) => {
    reads ||= needsMetadata(name);
  });
  return reads;
}

// What decides whether it is told, and where.
function gateReads({ dedup, filters = [] }: Rule): boolean {
  let reads = filters.some(({ condition }) => conditionReads(condition));
  for (const operand of sameOperands(dedup?.same ?? []))
    eachField(operand, ({ name }) => {
      reads ||= needsMetadata(name);
    });
  return reads;
}

function outputReads(rule: Rule): boolean {
  const formats = rule.extraFields.map(({ format, raw }) => (raw ? `%${format}` : format));
  let reads = false;
  for (const format of [rule.output, ...formats]) {
    const parts = parseFormat(format);
    if (!Array.isArray(parts)) continue;
    for (const part of parts) {
      if (part.kind === 'literal') continue;
      eachField(part.operand, ({ name }) => {
        reads ||= needsMetadata(name);
      });
    }
  }
  return reads;
}

// The condition with every test of metadata replaced by the outcome that makes the whole more likely
// to hold: true, and false below a `not`.
function relax(expression: Expression, outcome: boolean): Expression {
  switch (expression.kind) {
    case 'macro':
      return expression;
    case 'not':
      return { ...expression, part: relax(expression.part, !outcome) };
    case 'and':
    case 'or':
      return { ...expression, parts: expression.parts.map((part) => relax(part, outcome)) };
    case 'check': {
      let reads = false;
      checkFields(expression, ({ name }) => {
        reads ||= needsMetadata(name);
      });
      // All of nothing is true, any of nothing is false.
      return reads ? { kind: outcome ? 'and' : 'or', parts: [], at: expression.at } : expression;
    }
  }
}
