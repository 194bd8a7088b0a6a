// Records of calls by which processes change themselves, and of the programs that they run.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { exe_flag, object_kind } from '../../src/abi/layout.js';
import { act, attach, type Done, nativeNumber, type Sensor } from './harness.js';
import { type PlainRecord, textOf } from './harness-record.js';
import { objectOf, partOf } from './record-parts.js';

const CLONE_NEWUTS = 0x4000000n;
const NOBODY = 65534;
const PROT_EXEC = 4n;

let sensor: Sensor;
let folder: string;

beforeAll(() => {
  sensor = attach({
    syscalls: [
      ...['prctl', 'mprotect', 'mmap', 'clone3', 'execve', 'kill', 'ptrace', 'setresuid'],
      ...['memfd_create', 'process_vm_writev'],
    ],
  });
});
afterAll(() => sensor.close());
beforeEach(() => {
  // Readable by the user that its programs are run as.
  folder = mkdtempSync(join(tmpdir(), 'saker-process-'));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

function call(done: Done, type: string): PlainRecord {
  return sensor.next('call', done.pid, type);
}

test('prctl has the name that was set, and the thread has it from then on', async () => {
  const done = await act('kernel/control', folder);
  const record = call(done, 'prctl');
  expect(textOf(record, 'claimed')).toBe('acts as another');
  expect(record.task.comm).toBe('acts as another');
});

test('memory that becomes executable is sent, all other is counted as filtered', async () => {
  const before = sensor.loss.read().get(nativeNumber('mmap'));
  const done = await act('kernel/control', folder);
  let mmap = call(done, 'mmap');
  while (textOf(mmap, 'path') !== done.self) mmap = call(done, 'mmap');
  expect(objectOf(mmap)).toMatchObject({ kind: object_kind.OBJECT_FILE });
  const mprotect = call(done, 'mprotect');
  expect([partOf(mprotect, 'call').args].flat()[2]).toBe(7n);
  sensor.drain();
  const others = sensor.records.filter(({ header }) =>
    ['mmap', 'mprotect'].map(nativeNumber).includes(header.type),
  );
  for (const other of others) {
    expect(Number([partOf(other, 'call').args].flat()[2]) & Number(PROT_EXEC)).not.toBe(0);
  }
  const after = sensor.loss.read().get(nativeNumber('mmap'));
  expect(after?.filtered).toBeGreaterThan(before?.filtered ?? 0);
});

test('clone3 has its flags, in parent and child', async () => {
  const done = await act('kernel/control', folder);
  const parent = call(done, 'clone3');
  expect(partOf(parent, 'call')).toMatchObject({
    ret: BigInt(done.clone3 ?? 0),
    extra: CLONE_NEWUTS,
  });
  const child = sensor.next('call', Number(done.clone3), 'clone3');
  expect(partOf(child, 'call')).toMatchObject({ ret: 0n, extra: CLONE_NEWUTS });
  expect(child.task.parent_pid).toBe(done.pid);
});

test('an exec that fails is a record of the call, one that succeeds is not', async () => {
  const done = await act('kernel/control', folder);
  const record = call(done, 'execve');
  expect(partOf(record, 'call').ret).toBe(BigInt(done.execve ?? 0));
  expect(textOf(record, 'claimed')).toBe('no/program');
  expect(textOf(record, 'base')).toBe(folder);
  sensor.next('exec', Number(done.plain));
  sensor.drain();
  const others = sensor.records.filter(
    ({ header, task }) => header.type === nativeNumber('execve') && task.pid === done.plain,
  );
  expect(others).toEqual([]);
});

test('the facts of a program file: writable, set-user-id, in memory', async () => {
  const done = await act('kernel/control', folder);
  const { EXE_MEMFD, EXE_SETUID, EXE_WRITABLE } = exe_flag;
  const program = (key: string): [unknown, unknown, unknown] => {
    const record = sensor.next('exec', Number(done[key]));
    const flags = Number(record.exe_flags) & (EXE_MEMFD | EXE_SETUID | EXE_WRITABLE);
    return [textOf(record, 'exe'), flags, record.task.uid];
  };
  expect(program('plain')).toEqual([join(folder, 'plain'), 0, NOBODY]);
  expect(program('setuid')).toEqual([join(folder, 'setuid'), EXE_SETUID | EXE_WRITABLE, 0]);
  expect(program('open_to_all')).toEqual([join(folder, 'open-to-all'), EXE_WRITABLE, NOBODY]);
  expect(program('memfd')).toEqual(['/memfd:in-memory', EXE_MEMFD | EXE_WRITABLE, 0]);
});

test('credentials are those after the call', async () => {
  const done = await act('kernel/control', folder);
  const record = call(done, 'setresuid');
  expect(partOf(record, 'call').args).toEqual(expect.arrayContaining([0n, BigInt(NOBODY)]));
  expect(record.task.uid).toBe(NOBODY);
});

test('calls on other processes have their arguments and what was written', async () => {
  const done = await act('kernel/control', folder);
  expect([partOf(call(done, 'kill'), 'call').args].flat()[0]).toBe(BigInt(done.pid));
  expect(textOf(call(done, 'process_vm_writev'), 'data')).toBe('across');
  expect(partOf(call(done, 'ptrace'), 'call').ret).toBe(0n);
});

test('memfd_create has the name and the file', async () => {
  const done = await act('kernel/control', folder);
  const record = call(done, 'memfd_create');
  expect(textOf(record, 'claimed')).toBe('in-memory');
  expect(textOf(record, 'path')).toBe('/memfd:in-memory');
  expect(objectOf(record).kind).toBe(object_kind.OBJECT_MEMFD);
});
