// Which bits the kernel takes for a process, and when it takes none: each entry has one bit for what
// holds while all is as it was, one for what the program alone decides, one for children. A call that the
// filter lets through carries what was left.

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { abi_limit, control, filter_flag, type_filter } from '../../src/abi/layout.js';
import type { BpfMap } from '../../src/bpf/map.js';
import { NO_EPOCH, ProcessEntries, type ProcessEntry } from '../../src/plan/process-entry.js';
import { actProgram, attach, type Done, holdings, nativeNumber, type Sensor } from './harness.js';
import type { PlainRecord } from './harness-record.js';

const PLAN = 7;
const GETPPID = nativeNumber('getppid');
const [WHOLE, FIXED, CHILD] = [1n, 2n, 4n];
const ALL = 0xffff_ffff_ffff_ffffn;

let before: ReturnType<typeof holdings>;
let sensor: Sensor;
let entries: ProcessEntries;
let epochOf: () => bigint;
const open: Steps[] = [];

beforeAll(() => {
  attach().close();
  before = holdings();
  sensor = attach({ syscalls: ['getppid'] });
  entries = new ProcessEntries(sensor.object.object.map('process_bits'), sensor.object.control);
  epochOf = () => readEpoch(sensor.object.object.map('control'));
  usePlan(PLAN);
});

afterEach(async () => {
  for (const steps of open.splice(0)) await steps.end();
});

afterAll(() => {
  sensor.close();
  expect(holdings()).toEqual(before);
});

describe('an entry', () => {
  test('is taken whole while all is as it was, and its absence leaves all open', async () => {
    const steps = await Steps.begin();
    expect(await steps.ask()).toBe(ALL);
    expect(steps.write()).toBe(true);
    expect(await steps.ask()).toBe(WHOLE);
    expect(await steps.ask()).toBe(WHOLE);
    entries.remove(steps.pid);
    expect(await steps.ask()).toBe(ALL);
  });

  test('of another plan is not taken', async () => {
    const steps = await Steps.begin();
    steps.write({ plan: PLAN + 2 });
    expect(await steps.ask()).toBe(ALL);
  });

  test('is gone with an exec before the new program can do anything', async () => {
    const steps = await Steps.begin();
    steps.write();
    for (const how of ['exec', 'thread-exec']) {
      await steps.step(how);
      expect(steps.next(), how).toBe(ALL);
      steps.learn();
      steps.write();
      expect(await steps.ask()).toBe(WHOLE);
    }
  });

  test('that comes late, for the program before, has no effect', async () => {
    const steps = await Steps.begin();
    const late = steps.entry();
    await steps.step('exec');
    expect(steps.next()).toBe(ALL);
    expect(entries.write(steps.pid, late)).toBe(true);
    expect(await steps.ask()).toBe(ALL);
  });

  test('for an earlier owner of the number has no effect', async () => {
    const steps = await Steps.begin();
    const { child = 0 } = await steps.step('child');
    const first = sensor.next('fork', Number(child));
    await steps.step('child-end');
    await steps.step(`child ${child}`);
    const second = sensor.next('fork', Number(child));
    expect(second.task.start_ns).toBeGreaterThan(first.task.start_ns);
    entries.write(Number(child), entryOf(first));
    expect(await steps.askChild()).toBe(ALL);
    entries.write(Number(child), entryOf(second));
    expect(await steps.askChild()).toBe(WHOLE);
  });

  test('of a process that has ended is written nowhere, which is no error', async () => {
    const steps = await Steps.begin();
    const entry = steps.entry();
    const { gone } = entries.counts;
    await steps.end();
    sensor.next('exit', steps.pid);
    expect(entries.write(steps.pid, entry)).toBe(false);
    expect(entries.counts.gone).toBe(gone + 1);
    entries.remove(steps.pid);
  });
});

describe('of an entry only what the program decides is taken after', () => {
  test.each(['name other', 'comm other'])('%s, until it is called as before', async (step) => {
    const steps = await Steps.begin();
    steps.write();
    await steps.step(step);
    expect(await steps.ask()).toBe(FIXED);
    await steps.step('name steps');
    expect(await steps.ask()).toBe(WHOLE);
  });

  test('a change of user', async () => {
    const steps = await Steps.begin();
    steps.write();
    await steps.step('user 65534');
    expect(await steps.ask()).toBe(FIXED);
  });

  test('another name, of the one thread that has it', async () => {
    const steps = await Steps.begin();
    steps.write();
    await steps.step('thread other');
    expect(steps.next()).toBe(FIXED);
    expect(await steps.ask()).toBe(WHOLE);
  });

  test('a move to another cgroup', async () => {
    const root = mkdtempSync(join(tmpdir(), 'saker-cgroup-'));
    execFileSync('mount', ['-t', 'cgroup2', 'none', root]);
    const folder = join(root, `saker-steps-${process.pid}`);
    try {
      mkdirSync(folder);
      const steps = await Steps.begin();
      steps.write();
      await steps.step(`cgroup ${folder}/cgroup.procs`);
      expect(await steps.ask()).toBe(FIXED);
      await steps.end();
      rmdirSync(folder);
    } finally {
      execFileSync('umount', [root]);
      rmdirSync(root);
    }
  });

  test('a change among ancestors, if they matter', async () => {
    const steps = await Steps.begin();
    steps.write({ epoch: epochOf() });
    expect(await steps.ask()).toBe(WHOLE);
    steps.write({ epoch: epochOf() + 1n });
    expect(await steps.ask()).toBe(FIXED);
  });
});

describe('a copy', () => {
  test('has the bits for children, and so have its own copies', async () => {
    const steps = await Steps.begin();
    steps.write();
    for (const lines of [1, 2, 3]) {
      const { child = 0 } = await steps.step(`lines ${lines}`);
      expect(steps.next(Number(child))).toBe(CHILD);
    }
    expect(await steps.ask()).toBe(WHOLE);
  });

  test('of a process without an entry has none', async () => {
    const steps = await Steps.begin();
    const { child = 0 } = await steps.step('lines 2');
    expect(steps.next(Number(child))).toBe(ALL);
  });

  test('of a process with the entry of an earlier program or plan has none', async () => {
    const steps = await Steps.begin();
    for (const stale of [{ plan: PLAN + 2 }, { exec_id: 0n }, { start_ns: 1n }]) {
      steps.write(stale);
      const { child = 0 } = await steps.step('lines 1');
      expect(steps.next(Number(child))).toBe(ALL);
    }
  });

  test('that is a brother has none', async () => {
    const steps = await Steps.begin();
    steps.write();
    const { child = 0 } = await steps.step('brother');
    expect(steps.next(Number(child))).toBe(ALL);
  });

  test('of a process whose name changed has what the program decides', async () => {
    const steps = await Steps.begin();
    steps.write();
    await steps.step('name other');
    const { child = 0 } = await steps.step('child');
    expect(await steps.askChild()).toBe(FIXED);
    steps.write({ comm: 'other' });
    expect(await steps.askChild(), String(child)).toBe(CHILD);
    await steps.step('name another');
    expect(await steps.askChild(), String(child)).toBe(FIXED);
  });

  test('knows no more of its ancestors than its parent knew', async () => {
    const steps = await Steps.begin();
    steps.write({ epoch: epochOf() });
    await steps.step('child');
    expect(await steps.askChild()).toBe(CHILD);
    await steps.step('name other'); // its parent's
    expect(await steps.askChild()).toBe(FIXED);
  });

  test('has none once another process is its parent, even one of the same program', async () => {
    const steps = await Steps.begin();
    steps.write();
    await steps.step('reaper');
    await steps.step('orphan');
    expect(await steps.askChild()).toBe(ALL);
    await steps.step('child-end');
    await steps.step('child');
    expect(await steps.askChild()).toBe(CHILD);
  });

  test('has none once its parent runs another program, or both have called exec as often', async () => {
    const steps = await Steps.begin();
    const { child = 0 } = await steps.step('twin');
    await steps.step('exec');
    steps.next();
    steps.learn();
    steps.write();
    process.kill(Number(child), 'SIGUSR1');
    expect(steps.next(Number(child))).toBe(ALL);
    expect(await steps.ask()).toBe(WHOLE);
  });

  test('with an entry of its own uses that', async () => {
    const steps = await Steps.begin();
    steps.write();
    const { child = 0 } = await steps.step('child');
    expect(await steps.askChild()).toBe(CHILD);
    entries.write(Number(child), entryOf(sensor.next('fork', Number(child))));
    expect(await steps.askChild()).toBe(WHOLE);
    entries.remove(Number(child));
    expect(await steps.askChild()).toBe(CHILD);
  });

  test('of the fourth generation has none', async () => {
    const steps = await Steps.begin();
    steps.write();
    const { child = 0 } = await steps.step('lines 4');
    expect(steps.next(Number(child))).toBe(ALL);
  });
});

describe('the epoch of ancestors', () => {
  const epochIn = ({ epoch }: PlainRecord): bigint => {
    if (typeof epoch !== 'bigint') throw new Error('a record without epoch');
    return epoch;
  };

  test('is raised by the end of a process that leaves a child, and not by another end', async () => {
    const steps = await Steps.begin();
    const { child = 0 } = await steps.step('orphan');
    const raised = epochIn(sensor.next('exit', Number(child)));
    expect(raised).toBeGreaterThan(0n);
    expect(raised).toBeLessThanOrEqual(epochOf());
    const { child: last = 0 } = await steps.step('lines 1');
    expect(epochIn(sensor.next('exit', Number(last)))).toBe(0n);
  });

  test('is raised by the end of a process of which another thread made the child', async () => {
    const steps = await Steps.begin();
    await steps.step('thread-child');
    await steps.end();
    expect(epochIn(sensor.next('exit', steps.pid))).toBeGreaterThan(0n);
  });

  test.each(['exec', 'thread-exec'])(
    'is raised by %s of a process that has a child, and not without',
    async (how) => {
      const steps = await Steps.begin();
      await steps.step(how);
      expect(epochIn(sensor.next('exec', steps.pid))).toBe(0n);
      await steps.step('child');
      await steps.step(how);
      const raised = epochIn(sensor.next('exec', steps.pid));
      expect(raised).toBeGreaterThan(0n);
      expect(raised).toBeLessThanOrEqual(epochOf());
    },
  );

  test('is raised by another name of a process that has a child, and not without', async () => {
    const steps = await Steps.begin();
    await steps.step('name first');
    expect(epochIn(sensor.next('rename', steps.pid))).toBe(0n);
    await steps.step('child');
    await steps.step('comm second');
    expect(epochIn(sensor.next('rename', steps.pid))).toBeGreaterThan(0n);
  });

  test('is never told twice, whoever raises it', async () => {
    const told: bigint[] = [];
    const all = await Promise.all(Array.from({ length: 4 }, () => Steps.begin()));
    for (let round = 0; round < 5; round++) {
      const done = await Promise.all(all.map((steps) => steps.step('orphan')));
      for (const { child = 0 } of done) told.push(epochIn(sensor.next('exit', Number(child))));
    }
    expect(new Set(told).size).toBe(told.length);
    expect(told).not.toContain(0n);
  });
});

/** One program that does a step for each line it is sent (test/acts/kernel/steps.c). */
class Steps {
  private known: PlainRecord | undefined;
  private readonly ended: Promise<void>;

  private constructor(
    private readonly child: ReturnType<typeof spawnSteps>,
    private readonly lines: AsyncIterator<string>,
    readonly pid: number,
  ) {
    this.ended = new Promise((resolve) => child.once('close', () => resolve()));
  }

  static async begin(): Promise<Steps> {
    const child = spawnSteps();
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const steps = new Steps(child, lines, child.pid ?? 0);
    open.push(steps);
    await steps.answer();
    steps.learn();
    expect(steps.next()).toBe(ALL);
    return steps;
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
    const { header } = sensor.next('call', pid, 'getppid');
    expect(header.plan).toBe(PLAN);
    return clausesOf(header);
  }

  /** Takes the exec record of the program it runs now. */
  learn(): void {
    this.known = sensor.next('exec', this.pid);
  }

  entry(): ProcessEntry {
    if (this.known === undefined) throw new Error('its exec is not known');
    return entryOf(this.known);
  }

  write(changes: Partial<ProcessEntry> = {}): boolean {
    return entries.write(this.pid, { ...this.entry(), ...changes });
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
function entryOf({ task }: PlainRecord): ProcessEntry {
  const { start_ns, exec_id, cgroup_id, uid, comm } = task;
  if (typeof exec_id !== 'bigint' || typeof cgroup_id !== 'bigint' || typeof uid !== 'number')
    throw new Error('a task without its numbers');
  return { start_ns, exec_id, cgroup_id, epoch: NO_EPOCH, plan: PLAN, uid, comm, bits: bits() };
}

function bits(): ProcessEntry['bits'] {
  const set = (word: bigint) => new BigUint64Array(abi_limit.CLAUSE_WORDS).fill(word, 0, 1);
  return { bits: set(WHOLE), fixed_bits: set(FIXED), child_bits: set(CHILD) };
}

/** A plan in which getppid is wanted by all clauses and asks for the process only. */
function usePlan(plan: number): void {
  const key = Buffer.alloc(4);
  key.writeUInt32LE((plan & 1) * abi_limit.SYSCALL_COUNT + GETPPID);
  const value = Buffer.alloc(type_filter.size);
  const { at, size } = type_filter.bits;
  value.fill(0xff, at, at + size);
  value.writeUInt32LE(filter_flag.TESTS_TYPE | filter_flag.TESTS_PROCESS, type_filter.flags);
  value.writeUInt32LE(1, type_filter.wide);
  sensor.object.object.map('types').put(key, value);
  sensor.object.control.plan = plan;
}

function readEpoch(map: BpfMap): bigint {
  const value = Buffer.alloc(map.value_bytes);
  map.get(Buffer.alloc(4), value);
  return value.readBigUInt64LE(control.epoch);
}
