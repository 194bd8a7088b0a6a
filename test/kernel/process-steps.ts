// A process that does what it is told, step by step, and what the kernel filter leaves of the clauses of
// its calls. An entry that user space writes of it has one bit for what holds while all is as it was, one
// for what the program alone decides, one for children.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { abi_limit, control, filter_flag, type_filter } from '../../src/abi/layout.js';
import { NO_EPOCH, ProcessEntries, type ProcessEntry } from '../../src/plan/process-entry.js';
import {
  actProgram,
  attach,
  type Done,
  holdings,
  nativeNumber,
  type Sensor,
  warmHoldings,
} from './harness.js';
import type { PlainRecord } from './harness-record.js';

/** The number of the plan that the sensor's filter is given. */
export const PLAN = 7;
/** The first word of a set with all clauses, and of the sets of an entry. */
export const ALL = 0xffff_ffff_ffff_ffffn;
export const [WHOLE, FIXED, CHILD, KINLESS] = [1n, 2n, 4n, 8n];

/** A sensor under `PLAN`, in which getppid is wanted by all clauses and asks for the process only. */
function attachWithPlan(): Sensor {
  const sensor = attach({ syscalls: ['getppid'] });
  const place = (PLAN & 1) * abi_limit.SYSCALL_COUNT + nativeNumber('getppid');
  const value = Buffer.alloc(type_filter.size);
  const { at, size } = type_filter.bits;
  value.fill(0xff, at, at + size);
  value.writeUInt32LE(filter_flag.TESTS_TYPE | filter_flag.TESTS_PROCESS, type_filter.flags);
  value.writeUInt32LE(1, type_filter.wide);
  sensor.object.object.array('types').put(place, value);
  sensor.object.control.plan = PLAN;
  return sensor;
}

/** What the tests of a file have for all of them. */
export interface Stepping {
  readonly sensor: Sensor;
  readonly entries: ProcessEntries;
  /** Begins a process, which ends with the test. */
  begin(): Promise<Steps>;
}

/** Attaches a sensor for the tests of a file, and checks that nothing stays open after them. */
export function stepping(): Stepping {
  let before: ReturnType<typeof holdings>;
  let sensor: Sensor;
  let entries: ProcessEntries;
  const open: Steps[] = [];
  beforeAll(() => {
    before = warmHoldings();
    sensor = attachWithPlan();
    entries = new ProcessEntries(sensor.object.object.map('process_bits'), sensor.object.control);
  });
  afterEach(async () => {
    for (const steps of open.splice(0)) await steps.end();
  });
  afterAll(() => {
    sensor.close();
    expect(holdings()).toEqual(before);
  });
  return {
    get sensor() {
      return sensor;
    },
    get entries() {
      return entries;
    },
    async begin() {
      const steps = new Steps(sensor, entries);
      open.push(steps);
      await steps.begun();
      return steps;
    },
  };
}

/** The epoch of ancestors that the kernel side is at. */
export function epochOf(sensor: Sensor): bigint {
  const map = sensor.object.object.map('control');
  const value = Buffer.alloc(map.value_bytes);
  map.get(Buffer.alloc(4), value);
  return value.readBigUInt64LE(control.epoch);
}

/** One program that does a step for each line it is sent (test/acts/kernel/steps.c). */
export class Steps {
  readonly pid: number;
  private known: PlainRecord | undefined;
  private readonly child: ReturnType<typeof spawnSteps>;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<void>;

  /** @param sensor sends `getppid` under the plan `PLAN`; `entries` are those of its kernel side. */
  constructor(
    private readonly sensor: Sensor,
    private readonly entries: ProcessEntries,
  ) {
    this.child = spawnSteps();
    this.pid = this.child.pid ?? 0;
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  /** Waits until it runs; of it nothing is told yet, and all clauses stay. */
  async begun(): Promise<void> {
    await this.answer();
    this.learn();
    expect(this.next()).toBe(ALL);
  }

  /** Does a step, and returns what it says once it is done. */
  async step(line: string): Promise<Done> {
    this.child.stdin.write(`${line}\n`);
    return this.answer();
  }

  /** Lets it make a call; what the filter left of the clauses. */
  async ask(): Promise<bigint> {
    await this.step('ask');
    return this.next();
  }

  async askChild(): Promise<bigint> {
    const { child = 0 } = await this.step('child-ask');
    return this.next(Number(child));
  }

  /** What the filter left of the clauses of the next call that was made. */
  next(pid = this.pid): bigint {
    const { header } = this.sensor.next('call', pid, 'getppid');
    expect(header.plan).toBe(PLAN);
    return clausesOf(header);
  }

  /** Takes the exec record of the program it runs now. */
  learn(): void {
    this.known = this.sensor.next('exec', this.pid);
  }

  entry(): ProcessEntry {
    if (this.known === undefined) throw new Error('its exec is not known');
    return entryOf(this.known);
  }

  write(changes: Partial<ProcessEntry> = {}): boolean {
    return this.entries.write(this.pid, { ...this.entry(), ...changes });
  }

  /** Ends it, and the children that stay, and waits for them. */
  async end(): Promise<void> {
    this.child.stdin.end();
    await this.ended;
  }

  private async answer(): Promise<Done> {
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error('the act ended early');
    return JSON.parse(value);
  }
}

function spawnSteps() {
  return spawn(actProgram('kernel/steps'), [], { stdio: ['pipe', 'pipe', 'inherit'] });
}

function clausesOf(header: PlainRecord['header']): bigint {
  const words: unknown = Object.entries(header).find(([name]) => name === 'clauses')?.[1];
  if (!Array.isArray(words)) throw new Error('a header without clauses');
  const [first, ...rest]: unknown[] = words;
  if (typeof first !== 'bigint') throw new Error('clauses that are no numbers');
  for (const word of rest) expect(word).toBe(first === ALL ? ALL : 0n);
  return first;
}

/** What user space would write about the process of a record. */
export function entryOf({ task }: PlainRecord): ProcessEntry {
  const { start_ns, exec_id, cgroup_id, uid, comm } = task;
  if (typeof exec_id !== 'bigint' || typeof cgroup_id !== 'bigint' || typeof uid !== 'number')
    throw new Error('a task without its numbers');
  return { start_ns, exec_id, cgroup_id, epoch: NO_EPOCH, plan: PLAN, uid, comm, bits: bits() };
}

function bits(): ProcessEntry['bits'] {
  const set = (word: bigint) => new BigUint64Array(abi_limit.CLAUSE_WORDS).fill(word, 0, 1);
  const [bits, fixed_bits] = [set(WHOLE), set(FIXED)];
  return { bits, fixed_bits, child_bits: set(CHILD), kinless_bits: set(KINLESS) };
}
