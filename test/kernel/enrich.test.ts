// Records of the running kernel through enrichment: what a process changes without exec is what it, and
// /proc, say of it afterwards.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { event_type, record_header } from '../../src/abi/layout.js';
import { cgroup2Mount } from '../../src/bpf/host.js';
import type { Event, Value } from '../../src/decode/event.js';
import { Enricher } from '../../src/enrich/enricher.js';
import { fieldReader } from '../../src/enrich/fields.js';
import { typeNumber } from '../../src/rules/events.js';
import { act, actProgram, attach, type Done, type Sensor } from './harness.js';

const FIELDS = ['proc.name', 'proc.pname', 'proc.aname', 'container.id'];
const OPENAT2_FIELDS = ['evt.arg.name', 'evt.rawarg.resolve', 'evt.rawarg.mode'];

/** What a rule would have seen of one event. */
interface Seen {
  type: number;
  pid: number;
  fields: Map<string, Value>;
}

let sensor: Sensor;
let seen: Seen[];
let child: ChildProcess | undefined;

beforeEach(() => {
  sensor = attach({ syscalls: ['getppid', 'openat2'] });
  seen = [];
  const enricher = new Enricher({ boot_epoch_ns: 0n });
  sensor.also = (memory, offset, length) => {
    const kind = memory.readUInt16LE(offset + record_header.kind);
    const event = enricher.take(kind, memory, offset, length);
    if (event !== undefined) seen.push(seenOf(event));
  };
});
afterEach(async () => {
  const gone = new Promise((resolve) => child?.on('exit', resolve) ?? resolve(undefined));
  child?.stdin?.end();
  await gone;
  child = undefined;
  sensor.close();
});

function seenOf(event: Event): Seen {
  const names = event.type === typeNumber('openat2') ? OPENAT2_FIELDS : FIELDS;
  const fields = new Map(names.map((name) => [name, fieldReader(name)?.(event)]));
  return { type: event.type, pid: event.task.pid, fields };
}

/** Of that process the events of that call. */
function seenOfCall(pid: number, name: string): Record<string, Value>[] {
  return seen
    .filter((one) => one.pid === pid && one.type === typeNumber(name))
    .map(({ fields }) => Object.fromEntries(fields));
}

test('a child knows its parent by the name that it has now, however it came to it', async () => {
  const done = await act('kernel/rename');
  expect([done.began, done.first, done.second, done.last]).toEqual([
    'rename',
    'by-prctl',
    'by-a-file-and-l',
    'by-thread',
  ]);
  sensor.next('exec', done.pid);
  const names = ['first', 'second', 'last'].map((which) => done[which]);
  expect(names.map(() => sensor.next('rename', done.pid).task.comm)).toEqual(names);
  sensor.next('exit', Number(done.child));
  const [call] = seenOfCall(Number(done.child), 'getppid');
  expect(call).toMatchObject({ 'proc.name': done.last, 'proc.pname': done.last });
  expect(call?.['proc.aname']).toContain(done.last);
});

test('exec, other threads and the same name again are renames that are only counted', async () => {
  const done = await act('kernel/rename');
  sensor.next('exit', done.pid);
  const own = sensor.records.filter(
    ({ header, task }) => header.type === event_type.EVENT_RENAME && task.pid === done.pid,
  );
  expect(own.map(({ task }) => task.tid)).toEqual([done.pid, done.pid, done.pid]);
  sensor.object.detach('on_rename');
  sensor.drain();
  const fates = sensor.loss.read().get(event_type.EVENT_RENAME);
  expect(fates?.filtered).toBeGreaterThanOrEqual(3);
  expect(fates?.lost).toBe(0);
  expect(fates?.seen).toBe((fates?.filtered ?? 0) + (fates?.sent ?? 0));
});

test('a process that is moved to the cgroup of a container is in it, and so is its child', async () => {
  const mount = cgroup2Mount();
  if (mount === undefined) throw new Error('no cgroup v2 hierarchy is mounted');
  const id = randomBytes(32).toString('hex');
  const done = await stay('kernel/move', mount, `docker-${id}.scope`);
  const { task } = sensor.next('call', done.pid, 'getppid');
  expect(task.cgroup_id).toBe(BigInt(done.cgroup_id ?? 0));
  sensor.next('exit', Number(done.child));
  expect(done.after).toContain(id);
  expect(done.before).not.toContain(id);
  const [exec] = seenOfCall(done.pid, 'execve');
  expect(exec).toMatchObject({ 'container.id': 'host' });
  for (const pid of [done.pid, Number(done.child)]) {
    expect(seenOfCall(pid, 'getppid')).toEqual([
      expect.objectContaining({ 'container.id': id.slice(0, 12) }),
    ]);
  }
});

test('openat2 shows its mode and how it wanted the path resolved, each by itself', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'saker-enrich-'));
  const done = await act('kernel/open', folder);
  sensor.next('exit', done.pid);
  rmSync(folder, { recursive: true });
  // RESOLVE_NO_MAGICLINKS 2, RESOLVE_NO_SYMLINKS 4: include/uapi/linux/openat2.h
  expect(seenOfCall(done.pid, 'openat2')).toMatchObject([
    { 'evt.arg.name': join(folder, 'made'), 'evt.rawarg.resolve': 2, 'evt.rawarg.mode': 0 },
    { 'evt.arg.name': join(folder, 'how'), 'evt.rawarg.resolve': 4, 'evt.rawarg.mode': 0o610 },
  ]);
});

/** Performs an act that stays until the test is over. */
async function stay(name: string, ...args: string[]): Promise<Done> {
  const started = spawn(actProgram(name), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child = started;
  const line: Buffer = await new Promise((resolve) => started.stdout.once('data', resolve));
  return JSON.parse(line.toString());
}
