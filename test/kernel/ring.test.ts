// The ring buffer of the running kernel: our view is the memory itself, nothing is lost uncounted, and
// a closed or killed agent leaves nothing behind.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import {
  event_type,
  exit_record,
  fork_record,
  record_header,
  record_kind,
} from '../../src/abi/layout.js';
import { createEventfd, signalEventfd } from '../../src/bpf/epoll.js';
import { errnoName } from '../../src/bpf/errno.js';
import { bpfCall, closeFd } from '../../src/bpf/libc.js';
import { Reader, type ReaderOptions, type Round } from '../../src/capture/reader.js';
import { Ring } from '../../src/capture/ring.js';
import {
  act,
  actProgram,
  attach,
  COMPILED,
  holdings,
  isEmulated,
  OBJECT_PATH,
  type Sensor,
  warmHoldings,
} from './harness.js';

/** How often a small ring is filled and read. */
const TURNS = isEmulated ? 3 : 60;
const FORKS = 100;

let before: ReturnType<typeof holdings>;
const open: Sensor[] = [];

afterEach(() => {
  for (const sensor of open.splice(0)) sensor.close();
  expect(holdings()).toEqual(before);
});

function start(options: Parameters<typeof attach>[0] = {}): Sensor {
  const sensor = attach(options);
  open.push(sensor);
  return sensor;
}

beforeAll(() => {
  before = warmHoldings();
});

test('a record that the kernel adds appears in a view that was made before it', async () => {
  const sensor = start();
  const view = new Uint8Array(sensor.ring.memory.buffer, sensor.ring.memory.byteOffset);
  const done = await act('fork-and-exit', '7');
  let seen: Buffer | undefined;
  while (seen === undefined) {
    sensor.ring.drain((memory, offset, length) => {
      const same = Buffer.from(view.subarray(offset, offset + length));
      expect(same.equals(memory.subarray(offset, offset + length))).toBe(true);
      seen = same;
    }, 1);
  }
  expect(seen.length).toBeGreaterThan(0);
  expect(sensor.next('exit', Number(done.child))).toMatchObject({ exit_code: 7 });
});

test('both halves of the view are the same memory', async () => {
  const sensor = start({ ring_bytes: 64 << 10 });
  await act('fork-and-exit', '0', '20');
  const { memory, size } = sensor.ring;
  const first = memory.subarray(0, size);
  expect(first.some((byte) => byte !== 0)).toBe(true);
  expect(Buffer.compare(first, memory.subarray(size))).toBe(0);
});

test('what was seen is what was received, lost and filtered, when the ring is far too small', async () => {
  const sensor = start({ ring_bytes: 64 << 10 });
  const done = await act('fork-and-exit', '0', isEmulated ? '200' : '500');
  sensor.drain();
  sensor.object.detach('on_fork');
  sensor.object.detach('on_exit');
  sensor.object.detach('on_exec');
  sensor.object.detach('on_rename');
  sensor.drain();
  const fates = sensor.loss.read();
  for (const { seen, filtered, suppressed, sent, lost } of fates.values()) {
    expect(seen).toBe(filtered + suppressed + sent + lost);
  }
  const forks = fates.get(event_type.EVENT_FORK);
  expect(forks?.lost).toBeGreaterThan(0);
  expect(forks?.seen).toBeGreaterThanOrEqual(Number(done.count));
  const sent = [...fates.values()].reduce((sum, one) => sum + one.sent, 0);
  expect(sensor.received).toBe(sent);
  const report = sensor.loss.check();
  expect(report?.lost.get(event_type.EVENT_FORK)).toBe(forks?.lost);
  expect(sensor.loss.check()).toBeUndefined();
});

test('nothing is lost over many turns of a small ring that is read in time', async () => {
  const sensor = start({ ring_bytes: isEmulated ? 64 << 10 : 1 << 20 });
  for (let turn = 0; turn < TURNS; turn++) {
    const done = await act('fork-and-exit', String(turn), String(FORKS));
    expect(sensor.next('exit', Number(done.child))).toMatchObject({ exit_code: turn });
    sensor.drain();
  }
  const forks = sensor.loss.read().get(event_type.EVENT_FORK);
  expect(forks?.lost).toBe(0);
  expect(forks?.sent).toBeGreaterThanOrEqual(TURNS * FORKS);
  // Fork and exit records alone have filled the ring more than twice.
  const bytes = TURNS * FORKS * (fork_record.size + exit_record.size);
  expect(bytes).toBeGreaterThan(2 * sensor.ring.size);
});

test('a sleeping reader is woken by an exec, long before its time is over', async () => {
  const sensor = start();
  const program = actProgram('fork-and-exit');
  sensor.drain();
  const child = spawn('/bin/sh', ['-c', `sleep 0.2; exec ${program}`], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  const rounds: number[] = [];
  // Without a wake-up this would wait for ten minutes, and the test would fail by its own limit.
  for (let execs = 0; execs < 2; ) {
    sensor.reader.poll((memory, offset, length) => {
      rounds.push(length);
      if (memory.readUInt16LE(offset + 12) === 2) execs += 1;
    }, 600_000);
  }
  expect(rounds.length).toBeGreaterThan(0);
  expect(pid).toBeGreaterThan(0);
  await new Promise((resolve) => child.on('exit', resolve));
});

function readerOf(
  { ring, object }: ReturnType<typeof start>,
  more: Pick<ReaderOptions, 'long_nap_ms' | 'wake_fd'>,
): Reader {
  return new Reader({ ring, ring_fd: object.ring_fd, flag: object.control, ...more });
}

// One round, which ends with the first record, or after ten minutes: longer than a test may take.
function execsOf(reader: Reader): Round & { execs: number } {
  let execs = 0;
  const round = reader.poll((memory, offset) => {
    if (memory.readUInt16LE(offset + record_header.kind) === record_kind.RECORD_EXEC) execs += 1;
  }, 600_000);
  return { ...round, execs };
}

test.each<[string, (reader: Reader) => void]>([
  ['that was told to hasten', (reader) => reader.hasten()],
  [
    'whose records are acted on',
    (reader) => {
      reader.prompt = true;
    },
  ],
])('a reader %s takes no long nap between records', async (_, tell) => {
  const sensor = start();
  // Ten minutes: with one of these the test would fail by its own limit.
  const reader = readerOf(sensor, { long_nap_ms: 600_000 });
  const shell = spawn('/bin/sh', ['-c', 'for i in 1 2 3 4 5 6 7 8; do /bin/true; done'], {
    stdio: 'ignore',
  });
  for (let execs = 0; execs < 9; tell(reader)) execs += execsOf(reader).execs;
  reader.close();
  await new Promise((resolve) => shell.on('exit', resolve));
});

test('a reader that naps goes on through a pause, and sees messages after each nap', async () => {
  const sensor = start();
  const reader = readerOf(sensor, { long_nap_ms: 300 });
  const shell = spawn('/bin/sh', ['-c', 'for i in $(seq 100); do sleep 0.05; done'], {
    stdio: 'ignore',
  });
  for (let execs = 0; execs < 8; ) execs += execsOf(reader).execs;
  const ended = new Promise((resolve) => shell.on('exit', resolve));
  shell.kill('SIGKILL');
  await ended;
  // Asleep it would wait for ten minutes, and the test would fail by its own limit.
  while (execsOf(reader).records > 0);
  reader.wake();
  expect(execsOf(reader).woken).toBe(true);
  reader.close();
});

test('a message wakes the reader by the eventfd it was given', () => {
  const sensor = start();
  const wake_fd = createEventfd();
  const reader = readerOf(sensor, { wake_fd });
  signalEventfd(wake_fd);
  let woken = false;
  while (!woken) woken = reader.poll(() => {}, 600_000).woken;
  reader.close();
  reader.close();
  expect(sensor.object.control.reader_asleep).toBe(false);
  closeFd(wake_fd);
});

test('memory that is read after the close is empty, and no crash', () => {
  const sensor = start();
  const ring = new Ring(sensor.object.mapRing());
  const { memory } = ring;
  ring.close();
  ring.close();
  expect(memory[0]).toBe(0);
  expect(ring.drain(() => {}, 10)).toBe(0);
});

test('two agents side by side see the same exit, and one may leave before the other', async () => {
  const one = start({ own: true });
  const two = start();
  const first = await act('fork-and-exit', '3');
  expect(one.next('exit', Number(first.child))).toMatchObject({ exit_code: 3 });
  expect(two.next('exit', Number(first.child))).toMatchObject({ exit_code: 3 });
  one.close();
  const second = await act('fork-and-exit', '4');
  expect(two.next('exit', Number(second.child))).toMatchObject({ exit_code: 4 });
});

test('nothing of a killed agent stays in the kernel', async () => {
  const agent = spawn(process.execPath, ['--input-type=module', '-e', KILLED_AGENT], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => agent.on('exit', resolve));
  const held: { kind: Kind; id: number }[] = [];
  try {
    const line: Buffer = await new Promise((resolve) => agent.stdout.once('data', resolve));
    held.push(...JSON.parse(line.toString()));
    expect(new Set(held.map(({ kind }) => kind))).toEqual(new Set(['prog', 'map', 'link']));
    expect(existing(held)).toEqual(held);
  } finally {
    agent.kill('SIGKILL');
    await gone;
  }
  // The kernel frees them after a grace period.
  while (existing(held).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
});

/** Commands of bpf(2) that open what has a number. */
const GET_FD_BY_ID = { prog: 13, map: 14, link: 30 };
type Kind = keyof typeof GET_FD_BY_ID;

/** Of these the ones that the kernel still has. */
function existing(held: { kind: Kind; id: number }[]): { kind: Kind; id: number }[] {
  return held.filter(({ kind, id }) => {
    const attributes = Buffer.alloc(16);
    attributes.writeUInt32LE(id);
    const fd = bpfCall(GET_FD_BY_ID[kind], attributes);
    if (fd >= 0) closeFd(fd);
    else expect(errnoName(-fd)).toBe('ENOENT');
    return fd >= 0;
  });
}

/** Attaches, reports the ids of what it holds in the kernel, and waits to be killed. */
const KILLED_AGENT = String.raw`
  import { readdirSync, readFileSync } from 'node:fs';
  import { openSensorObject } from '${join(COMPILED, 'bpf/sensor-object.js')}';
  const agent = openSensorObject({ object_path: '${OBJECT_PATH}', ring_bytes: 1 << 20, ia32: [] });
  agent.attachLifecycle();
  const held = [];
  for (const fd of readdirSync('/proc/self/fd')) {
    let text = '';
    try {
      text = readFileSync('/proc/self/fdinfo/' + fd, 'utf8');
    } catch {}
    const kind = /^(link|map|prog)_type/m.exec(text)?.[1];
    const id = new RegExp('^' + kind + '_id:\\s*(\\d+)', 'm').exec(text)?.[1];
    if (kind) held.push({ kind, id: Number(id) });
  }
  console.log(JSON.stringify(held));
  setInterval(() => {}, 1000);
`;
