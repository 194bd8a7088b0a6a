// The kernel's verdict on real files against the matcher's word on the same facts: random rules of what
// verdicts are exact about. The hooks are left out, so that this runs on kernels that have none.

import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { object_kind, verdict_operation } from '../../src/abi/layout.js';
import type { BpfObject } from '../../src/bpf/object.js';
import { SyntheticCall } from '../../src/plan/synthetic.js';
import { VerdictTables } from '../../src/plan/verdict-push.js';
import { planVerdicts } from '../../src/plan/verdicts.js';
import { parseCondition } from '../../src/rules/parser.js';
import type { Random } from '../unit/match/random.js';
import {
  attach,
  holdings,
  isEmulated,
  nativeNumber,
  type Sensor,
  warmHoldings,
} from './harness.js';
import { tryPlans } from './random-rules.js';

const PLANS = isEmulated ? 10 : 60;
const OPENS = 'evt.type in (open, openat, openat2)';
/** Nobody, so that this process is not taken for the agent. */
const NO_AGENT = { pid: 0, start_ns: 0n };
const LONG = { timeout: 300_000 };

let before: ReturnType<typeof holdings>;
let sensor: Sensor;
let tables: VerdictTables;
let trial: BpfObject;
let folder = '';
const files: { path: string; fd: number }[] = [];

beforeAll(() => {
  before = warmHoldings();
  folder = mkdtempSync(join(tmpdir(), 'try-'));
  sensor = attach();
  tables = new VerdictTables(sensor.object);
  const loaded = sensor.object.load(['try_verdict']);
  if (loaded === undefined) throw new Error('try_verdict was loaded before');
  trial = loaded;
  const long = `sub/${'n'.repeat(70)}.key`;
  for (const name of ['a', 'ab', 'b.key', 'sub/a', 'sub/x.key', 'sub/deeper/a', long]) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), '');
    files.push({ path: join(folder, name), fd: openSync(join(folder, name), 'r') });
  }
});

afterAll(() => {
  for (const { fd } of files) closeSync(fd);
  sensor.close();
  rmSync(folder, { recursive: true });
  expect(holdings()).toEqual(before);
});

/** Whether the kernel would deny it. */
function isDenied(operation: number, flags: number, fd: number, fd2 = -1): boolean {
  const context = Buffer.alloc(4 * 8);
  context.writeBigUInt64LE(BigInt(operation), 0);
  context.writeBigUInt64LE(BigInt(flags), 8);
  context.writeBigInt64LE(BigInt(fd), 16);
  context.writeBigInt64LE(BigInt(fd2), 24);
  return trial.run('try_verdict', context) !== 0;
}

function use(...conditions: readonly string[]): void {
  const { plan, refused } = planVerdicts(
    conditions.map((text, rule) => ({
      rule,
      condition: parseCondition(text),
      mode: 'on',
      denyOnError: false,
    })),
  );
  expect([...refused.values()]).toEqual([]);
  if (plan === undefined) throw new Error('no rule denies anything');
  tables.push(plan, NO_AGENT);
}

function randomTest(random: Random): string {
  const { path } = random.one(files);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const start = path.slice(0, folder.length + random.int(path.length - folder.length + 1));
  const other = random.one(files).path;
  return random.one([
    `fd.name = ${path}`,
    `fd.name != ${path}`,
    `fd.name in (${path}, ${other})`,
    `fd.name startswith ${start}`,
    `fd.name pmatch (${path}, ${join(other, '..')})`,
    `fd.name endswith ${name.slice(-1 - random.int(Math.min(name.length, 60)))}`,
    `fd.directory = ${join(path, '..')}`,
    `fd.filename = ${name.slice(-60)}`,
    'evt.is_open_write = true',
    'evt.is_open_read = true',
    'fd.typechar = f',
    `fd.name exists`,
  ]);
}

test('what the kernel denies is what the matcher says', LONG, () => {
  const calls = new SyntheticCall();
  tryPlans(PLANS, OPENS, randomTest, (plan, compare) => {
    tables.push(plan, NO_AGENT);
    for (const { path, fd } of files)
      for (const flags of [constants.O_RDONLY, constants.O_WRONLY, constants.O_RDWR]) {
        const facts = {
          ret: 3,
          path,
          kind: object_kind.OBJECT_FILE,
          args: [0n, 0n, BigInt(flags)],
          extra: flags,
        };
        const event = calls.event(nativeNumber('openat'), facts);
        const denied = isDenied(verdict_operation.VERDICT_OPEN, flags, fd);
        compare(denied, event, `on ${path} with ${flags}`);
      }
  });
});

test('the program, its parent and its ancestors decide', () => {
  const [{ fd, path } = { fd: -1, path: '' }] = files;
  const open = (condition: string): boolean => {
    use(`${OPENS} and fd.name = ${path} and ${condition}`);
    return isDenied(verdict_operation.VERDICT_OPEN, 0, fd);
  };
  const program = process.execPath;
  expect(open(`proc.exepath = ${program}`)).toBe(true);
  expect(open(`proc.exepath != ${program}`)).toBe(false);
  expect(open(`not proc.exepath startswith ${program.slice(0, 4)}`)).toBe(false);
  const end = `proc.exepath endswith ${program.slice(-2)}`;
  expect(open(end)).toBe(true);
  expect(open(`${end} and proc.exepath = ${program}`)).toBe(true);
  expect(open(`${end} and proc.exepath != ${program}`)).toBe(false);
  expect(open(`(${end} or proc.exepath = /no/such) and proc.exepath != /no/such`)).toBe(true);
  expect(open('proc.aexepath in (/no/such, /neither)')).toBe(false);
  expect(open('not proc.aexepath in (/no/such, /neither)')).toBe(true);
  expect(open(`proc.aname in (no-such)`)).toBe(false);
  expect(open(`not proc.aname in (no-such)`)).toBe(true);
  expect(open(`proc.pname = no-such`)).toBe(false);
  expect(open(`not proc.pexepath = /no/such`)).toBe(true);
  expect(open(`user.uid = ${process.getuid?.()}`)).toBe(true);
});

test('a container is unknown until somebody tells', () => {
  const [{ fd, path } = { fd: -1, path: '' }] = files;
  use(`${OPENS} and fd.name = ${path} and container.id = host`);
  expect(isDenied(verdict_operation.VERDICT_OPEN, 0, fd)).toBe(false);
  expect(tables.counts(tables.number)[0]?.error_allowed).toBe(1n);
});

test('both paths of an operation decide', () => {
  const [first = { fd: -1, path: '' }, second = { fd: -1, path: '' }] = files;
  use(`evt.type = rename and fs.path.source = ${first.path} and fs.path.target = ${second.path}`);
  expect(isDenied(verdict_operation.VERDICT_RENAME, 0, first.fd, second.fd)).toBe(true);
  expect(isDenied(verdict_operation.VERDICT_RENAME, 0, second.fd, first.fd)).toBe(false);
  expect(isDenied(verdict_operation.VERDICT_LINK, 0, first.fd, second.fd)).toBe(false);
});

test('at the start of a program the object is its path', () => {
  const [first = { fd: -1, path: '' }, second = { fd: -1, path: '' }] = files;
  use(`evt.type in (execve, execveat) and proc.exepath = ${first.path}`);
  expect(isDenied(verdict_operation.VERDICT_EXEC, 0, first.fd)).toBe(true);
  expect(isDenied(verdict_operation.VERDICT_EXEC, 0, second.fd)).toBe(false);
});
