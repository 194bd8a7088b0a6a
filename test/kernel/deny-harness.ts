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
  readonly told: Told[] = [];
  #number = 0;
  #programs: readonly string[] = [];

  constructor() {
    this.sensor = attach();
    this.tables = new VerdictTables(this.sensor.object);
    this.sensor.also = (memory, offset, length) => {
      if (memory.readUInt16LE(offset + record_header.kind) !== record_kind.RECORD_VERDICT) return;
      this.told.push(toldBy(memory, offset, length));
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
    this.sensor.drain();
    return this.told.splice(0);
  }

  count(clause = 0): VerdictCount {
    const count = this.tables.counts(this.#number)[clause];
    if (count === undefined) throw new RangeError(`no clause ${clause}`);
    return count;
  }

  close(): void {
    this.sensor.close();
  }
}

function toldBy(memory: Buffer, offset: number, length: number): Told {
  const { verdict, call } = verdict_record;
  const text = (span: number): string => {
    const start = memory.readUInt16LE(offset + span);
    const bytes = memory.readUInt16LE(offset + span + 2);
    if (start + bytes > length) throw new Error('a text leaves its record');
    return memory.toString('latin1', offset + start, offset + start + bytes);
  };
  return {
    pid: memory.readUInt32LE(offset + call.task.pid),
    ret: memory.readBigInt64LE(offset + call.call.ret),
    type: memory.readUInt32LE(offset + verdict.type),
    operation: memory.readUInt32LE(offset + verdict.operation),
    denied: memory.readBigUInt64LE(offset + verdict.denied),
    audited: memory.readBigUInt64LE(offset + verdict.audited),
    undecided: memory.readBigUInt64LE(offset + verdict.undecided),
    plan: memory.readUInt32LE(offset + verdict.plan),
    path: text(call.path),
    claimed: text(call.claimed),
    claimed2: text(call.claimed2),
    address: addressOf(memory, offset),
    port: memory.readUInt16LE(offset + call.address.port),
  };
}

function addressOf(memory: Buffer, offset: number): string {
  const { address } = verdict_record.call;
  const at = offset + address.address.at;
  const bytes = memory.readUInt16LE(offset + address.family) === 2 ? 4 : 16;
  return addressText(memory.toString('latin1', at, at + bytes));
}
