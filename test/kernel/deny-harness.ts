// Rules that deny, in force in this kernel: what the tests of verdicts have in common.

import { expect } from 'vitest';
import { record_header, record_kind, verdict_record } from '../../src/abi/layout.js';
import { probeLsm } from '../../src/bpf/features.js';
import { addressText } from '../../src/decode/address.js';
import { OPERATIONS } from '../../src/plan/operations.js';
import { lsmRules, verdictPrograms } from '../../src/plan/verdict-programs.js';
import { type VerdictCount, VerdictTables } from '../../src/plan/verdict-push.js';
import { planVerdicts } from '../../src/plan/verdicts.js';
import { parseCondition } from '../../src/rules/parser.js';
import { ownProcess } from '../../src/sensor/persistence.js';
import { attach, type Sensor } from './harness.js';

/** Whether LSM hooks run here; the kernels of the build machines are known to refuse them. */
export const hasLsm = probeLsm()?.available === true;

/** A verdict as its record says it. */
export interface Told {
  pid: number;
  ret: bigint;
  type: number;
  operation: number;
  denied: bigint;
  audited: bigint;
  undecided: bigint;
  plan: number;
  target_pid: number;
  path: string;
  claimed: string;
  claimed2: string;
  /** That was given to the call. */
  address: string;
  port: number;
}

/** A rule of a test. */
export interface TestRule {
  condition: string;
  mode?: 'audit' | 'on';
  denyOnError?: boolean;
}

/**
 * What some rule may need. To look up the kernel's types takes libbpf as long as the verifier needs for two
 * of them, and that once for all that are loaded together.
 */
const DENYING = [
  ...new Set(OPERATIONS.flatMap((one) => (hasLsm ? one.programs : one.withoutLsm))),
  'verdict_exec',
  'verdict_fork',
];

/** A sensor with rules that deny. */
export class Denier {
  readonly sensor: Sensor;
  readonly tables: VerdictTables;
  /** Records of verdicts, read when somebody asks what they say: of thousands only their number matters. */
  readonly #told: Buffer[] = [];
  #number = 0;
  #programs: readonly string[] = [];

  constructor() {
    this.sensor = attach();
    this.tables = new VerdictTables(this.sensor.object);
    this.sensor.also = (memory, offset, length) => {
      if (memory.readUInt16LE(offset + record_header.kind) !== record_kind.RECORD_VERDICT) return;
      this.#told.push(Buffer.from(memory.subarray(offset, offset + length)));
    };
  }

  /** Puts rules in force; their clauses have the numbers of their places where each has one. */
  use(...rules: readonly (string | TestRule)[]): void {
    const { plan, refused } = planVerdicts(
      rules.map((rule, index) => {
        const {
          condition,
          mode = 'on',
          denyOnError = false,
        } = typeof rule === 'string' ? { condition: rule } : rule;
        return { rule: index, condition: parseCondition(condition), mode, denyOnError };
      }),
    );
    expect([...refused.values()]).toEqual([]);
    if (plan === undefined) throw new Error('no rule denies anything');
    const { object } = this.sensor;
    if (!hasLsm) expect([...lsmRules(plan)]).toEqual([]);
    const programs = object.hooked(verdictPrograms(plan, hasLsm));
    object.load([...object.hooked(DENYING), ...programs]);
    for (const program of programs) object.attach(program);
    for (const program of this.#programs) if (!programs.includes(program)) object.detach(program);
    this.#programs = programs;
    this.#number = this.tables.push(plan, ownProcess());
  }

  /** What was told since the last look. */
  tell(): Told[] {
    return this.#take().map(toldBy);
  }

  /** How often something was told since then. */
  tellings(): number {
    return this.#take().length;
  }

  count(clause = 0): VerdictCount {
    const count = this.tables.counts(this.#number)[clause];
    if (count === undefined) throw new RangeError(`no clause ${clause}`);
    return count;
  }

  close(): void {
    this.sensor.close();
  }

  #take(): Buffer[] {
    this.sensor.drain();
    return this.#told.splice(0);
  }
}

function toldBy(record: Buffer): Told {
  const { verdict, call } = verdict_record;
  const text = (span: number): string => {
    const start = record.readUInt16LE(span);
    const bytes = record.readUInt16LE(span + 2);
    if (start + bytes > record.length) throw new Error('a text leaves its record');
    return record.toString('latin1', start, start + bytes);
  };
  return {
    pid: record.readUInt32LE(call.task.pid),
    ret: record.readBigInt64LE(call.call.ret),
    type: record.readUInt32LE(verdict.type),
    operation: record.readUInt32LE(verdict.operation),
    denied: record.readBigUInt64LE(verdict.denied),
    audited: record.readBigUInt64LE(verdict.audited),
    undecided: record.readBigUInt64LE(verdict.undecided),
    plan: record.readUInt32LE(verdict.plan),
    target_pid: record.readUInt32LE(verdict.target_pid),
    path: text(call.path),
    claimed: text(call.claimed),
    claimed2: text(call.claimed2),
    address: addressOf(record),
    port: record.readUInt16LE(call.address.port),
  };
}

function addressOf(record: Buffer): string {
  const { address } = verdict_record.call;
  const at = address.address.at;
  const bytes = record.readUInt16LE(address.family) === 2 ? 4 : 16;
  return addressText(record.toString('latin1', at, at + bytes));
}
