// Verdicts on the arguments and errors of calls that were done: which tests the kernel decides by one of
// them, and the sets of clauses for its values.

import { signalNumber } from '../decode/errno.js';
import { TRANSLATIONS } from '../decode/kernel-values.js';
import type { Param } from '../decode/params.js';
import type { Check, FieldRef } from '../rules/ast.js';
import { callFacts, paramOf, sourceOf } from './dimensions.js';
import { typeOfEvent } from './kill-events.js';
import type { Atom } from './kleene.js';
import { constants, numbersFor } from './listed.js';
import { errnosIn } from './results.js';
import type { CallFacts, SyntheticCall } from './synthetic.js';
import { bitsOfCall, checksOf, type VerdictBits, type VerdictEntry } from './verdict-bits.js';
import {
  ARGUMENTS,
  isEquality,
  type Part,
  type PartKind,
  refused,
  VALUES,
} from './verdict-part.js';

/** Sets by the value of one argument, or of the result, of one event. */
export interface VerdictArgument {
  /** Native number, or `enum kill_event`. */
  readonly event: number;
  /** Place in `VALUES`. */
  readonly argument: number;
  /** By the low half of the value. */
  readonly values: ReadonlyMap<number, VerdictBits>;
  readonly other: VerdictBits;
}

/** On what a test of an argument rests; `undefined` when it is about something else. */
export function argumentPart(field: FieldRef, check: Check, type: number): Part | undefined {
  const param = paramOf(field, type);
  const [argument, ...more] = param === undefined ? [] : (callFacts(field, type) ?? []);
  const kind = ARGUMENTS.find((one) => one === argument);
  if (param === undefined || kind === undefined || more.length > 0) return undefined;
  if (!isEquality(check)) return refused('of an argument the kernel decides =, in and !=');
  return valuesIn(check, type) === undefined
    ? refused('the kernel decides arguments that are single numbers or names')
    : { kind };
}

/** The sets of all events that clauses are about. */
export function verdictArguments(
  entriesOf: (kind: PartKind) => VerdictEntry[],
  atoms: readonly Atom[],
  all: VerdictBits,
  calls: SyntheticCall,
  events: Iterable<readonly [event: number, clauses: VerdictBits]>,
): VerdictArgument[] {
  const found: VerdictArgument[] = [];
  for (const [event, clauses] of events)
    for (const [argument, kind] of VALUES.entries()) {
      const entries = entriesOf(kind).filter(({ clause }) => (clauses >> BigInt(clause)) & 1n);
      if (entries.length === 0) continue;
      const type = typeOfEvent(event);
      const at = (value: number): VerdictBits =>
        bitsOfCall(entries, all, atoms, calls, type, factsWith(kind, value));
      const checks = checksOf(entries, atoms);
      const { values, other } = kind === 'result' ? errorsIn(checks) : numbersIn(checks, type);
      const rest = at(other);
      const apart = [...values]
        .map((value) => [value >>> 0, at(value)] as const)
        .filter(([, bits]) => bits !== rest);
      found.push({ event, argument, values: new Map(apart), other: rest });
    }
  return found;
}

/** Values that tests tell apart, and one that stands for all others. */
export interface Told {
  readonly values: ReadonlySet<number>;
  readonly other: number;
}

function numbersIn(checks: readonly Check[], type: number): Told {
  const values = new Set(checks.flatMap((check) => valuesIn(check, type) ?? []));
  let other = SOME_NUMBER;
  while (values.has(other)) other += 1;
  return { values, other };
}

/** Results of calls that fail, as tests for which `isErrorTest` says yes tell them apart. */
export function errorsIn(checks: readonly Check[]): Told {
  const values = new Set(checks.flatMap((check) => errnosIn(check)).map((errno) => -errno));
  let other = SOME_ERROR;
  while (values.has(other)) other -= 1;
  return { values, other };
}

function factsWith(kind: (typeof VALUES)[number], value: number): CallFacts {
  return kind === 'result' ? { ret: value } : { args: ARGUMENTS.map(() => BigInt(value)) };
}

/** Whether a field names an argument by its name, not by its place. */
export function isNamed({ name, argument }: FieldRef): boolean {
  return !/^\d+$/.test(argument ?? name.replace(/^.*\./, ''));
}

/**
 * Numbers to the kernel that a test may tell apart from others, as 32 bits; `undefined` where it may tell
 * apart more than these.
 */
export function valuesIn(check: Check, type: number): number[] | undefined {
  const { left } = check;
  const param = left.kind === 'field' ? paramOf(left, type) : undefined;
  if (left.kind !== 'field' || param === undefined) return undefined;
  const isRaw = left.name.startsWith('evt.rawarg');
  const [, translation] = sourceOf(type, param)?.split('.') ?? [];
  const translate = translation === undefined ? undefined : TRANSLATIONS[translation];
  if (!isOneNumber(param, isRaw, translation)) return undefined;
  const numbers = (param.flags ?? []).map(({ value }) => value);
  for (const text of constants(check)) {
    if (DECIMAL.test(text)) numbers.push(...numbersFor(text, param));
    else if (isRaw) return undefined;
    else {
      const signal = signalNumber(text); // else a name of the parameter's own, which is among its flags
      if (signal !== undefined) numbers.push(signal);
    }
  }
  return numbers.map((value) => (translate?.toKernel(value) ?? value) >>> 0);
}

// Whether all of it lies in the low half of the argument, and a name stands for one number.
function isOneNumber({ type, print }: Param, isRaw: boolean, translation?: string): boolean {
  if (translation !== undefined) return translation === 'ptrace';
  if (isRaw && type === 'FLAGS32') return true;
  return print === 'dec' && HALF.has(type);
}

const HALF: ReadonlySet<string> = new Set([
  'INT32',
  'UINT32',
  'FD',
  'PID',
  'UID',
  'GID',
  'ERRNO',
  'SIGTYPE',
  'ENUMFLAGS32',
]);
/** Stands for those that no test names. */
const SOME_NUMBER = 0x5a5a_5a5a;
/** The first without a name. */
const SOME_ERROR = -134;
const DECIMAL = /^-?\d{1,10}$/;
