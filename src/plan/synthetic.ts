// Events made from a few facts, for asking the matcher's closures what they come to.

import { call_record, object_kind } from '../abi/layout.js';
import { CallCursor } from '../decode/call.js';
import { DecodeCounters } from '../decode/cursor.js';
import { encodeRecord } from '../decode/encode.js';
import { Event, type ProcessView } from '../decode/event.js';
import { TaskCursor } from '../decode/task.js';
import { type Atom, Truth } from './kleene.js';

/** What a call is said to be; what is not said reads as zero or absent, and nobody may ask for it. */
export interface CallFacts {
  ret?: number | bigint;
  args?: readonly bigint[];
  extra?: number;
  extra2?: number;
  kind?: number;
  object_flags?: number;
  open_flags?: number;
  family?: number;
  socket_type?: number;
  protocol?: number;
  local_port?: number;
  remote_port?: number;
  /** 4 or 16 bytes. */
  local_address?: string;
  remote_address?: string;
  given_family?: number;
  given_port?: number;
  given_address?: string;
  path?: string;
  claimed?: string;
  target_pid?: number;
}

/** The event of a call with these facts; the same object each time. */
export class SyntheticCall {
  readonly #call = new FactCall();
  readonly #event = new Event();

  constructor() {
    this.#event.task = this.#call;
    this.#event.call = this.#call;
  }

  event(type: number, facts: CallFacts): Event {
    this.#call.facts = facts;
    this.#event.advance();
    this.#event.type = type;
    return this.#event;
  }
}

/** The event of something that a process does, whatever it is; the same object each time. */
export class SyntheticDeed {
  readonly #task = new FactTask();
  readonly #event = new Event();

  constructor() {
    this.#event.task = this.#task;
  }

  get inner(): Event {
    return this.#event;
  }

  event(process: ProcessView): Event {
    this.#task.process = process;
    this.#event.advance();
    this.#event.type = 0;
    this.#event.process = process;
    return this.#event;
  }
}

/**
 * What atoms come to on events of which nobody knows which it is: true or false where all agree.
 */
export function agreed(
  wanted: Iterable<number>,
  atoms: readonly Atom[],
  type: number,
  events: readonly CallFacts[],
  calls: SyntheticCall,
): Map<number, Truth> {
  const truths = new Map<number, Truth>();
  let open = [...wanted];
  let first = true;
  for (const facts of events) {
    if (open.length === 0) break;
    const event = calls.event(type, facts);
    const agreeing: number[] = [];
    for (const atom of open) {
      const truth = atoms[atom]?.holds(event) === true ? Truth.TRUE : Truth.FALSE;
      if (first) truths.set(atom, truth);
      if (first || truths.get(atom) === truth) agreeing.push(atom);
      else truths.set(atom, Truth.UNKNOWN);
    }
    open = agreeing;
    first = false;
  }
  return truths;
}

const ZERO = encodeRecord({ kind: 'call', type: 0 });
const NOTHING: CallFacts = {};

// Only what src/plan/dimensions.ts lets readers ask is answered; the rest reads a record of zeros.
class FactCall extends CallCursor {
  facts: CallFacts = NOTHING;

  constructor() {
    super(new DecodeCounters());
    this.bind(ZERO, 0, call_record.size);
  }
  override get ret(): number | bigint {
    return this.facts.ret ?? 0;
  }
  override arg(index: number): number | bigint {
    return small(BigInt.asUintN(64, this.facts.args?.[index] ?? 0n));
  }
  override argInt(index: number): number {
    return Number(BigInt.asIntN(32, this.facts.args?.[index] ?? 0n));
  }
  override argU32(index: number): number {
    return Number(BigInt.asUintN(32, this.facts.args?.[index] ?? 0n));
  }
  override argLong(index: number): number | bigint {
    return small(BigInt.asIntN(64, this.facts.args?.[index] ?? 0n));
  }
  override get extraLow(): number {
    return (this.facts.extra ?? 0) >>> 0;
  }
  override get extra2Low(): number {
    return (this.facts.extra2 ?? 0) >>> 0;
  }
  override get open_flags(): number {
    return this.facts.open_flags ?? 0;
  }
  override get object_kind(): number {
    return this.facts.kind ?? object_kind.OBJECT_NONE;
  }
  override get object_flags(): number {
    return this.facts.object_flags ?? 0;
  }
  override get family(): number {
    return this.facts.family ?? 0;
  }
  override get socket_type(): number {
    return this.facts.socket_type ?? 0;
  }
  override get protocol(): number {
    return this.facts.protocol ?? 0;
  }
  override get local_port(): number {
    return this.facts.local_port ?? 0;
  }
  override get remote_port(): number {
    return this.facts.remote_port ?? 0;
  }
  override get local_address(): string {
    return this.facts.local_address ?? NO_ADDRESS;
  }
  override get remote_address(): string {
    return this.facts.remote_address ?? NO_ADDRESS;
  }
  override get given_family(): number {
    return this.facts.given_family ?? 0;
  }
  override get given_port(): number {
    return this.facts.given_port ?? 0;
  }
  override get given_address(): string {
    return this.facts.given_address ?? NO_ADDRESS;
  }
  override get target_pid(): number | undefined {
    return this.facts.target_pid;
  }
  override get path(): string | undefined {
    return this.facts.path;
  }
  override get claimed(): string | undefined {
    return this.facts.claimed;
  }
}

class FactTask extends TaskCursor {
  process: ProcessView | undefined;

  constructor() {
    super(call_record.size, new DecodeCounters());
    this.bind(ZERO, 0, call_record.size);
  }
  override get comm(): string {
    return this.process?.comm ?? '';
  }
  override get uid(): number {
    return this.process?.uid ?? 0;
  }
  override get gid(): number {
    return this.process?.gid ?? 0;
  }
}

const NO_ADDRESS = '\0\0\0\0';

function small(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
