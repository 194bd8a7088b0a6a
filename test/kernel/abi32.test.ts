// Calls that do not come as 64-bit ones: int 0x80 from any program, 32-bit programs, x32, and numbers
// with rubbish above them. Per-call tracepoints miss them all; the records must not.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { call_abi, object_kind } from '../../src/abi/layout.js';
import { act, attach, type Sensor } from './harness.js';
import { textOf } from './harness-record.js';
import { objectOf, partOf } from './record-parts.js';

const ENOSYS = -38;

let sensor: Sensor;
let folder: string;

beforeAll(() => {
  sensor = attach({
    syscalls: ['openat', 'open', 'socket', 'connect', 'sendmsg', 'mprotect', 'execve'],
  });
});
afterAll(() => sensor.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saker-abi32-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(['64', '32'])(
  'calls by int 0x80 from a %s-bit program are native calls with their arguments',
  async (bits) => {
    const done = await act(`kernel/abi32-${bits}`, folder);
    const next = (type: string, abi: number): ReturnType<Sensor['next']> => {
      for (;;) {
        const record = sensor.next('call', done.pid, type);
        if (partOf(record, 'call').abi === abi) return record;
      }
    };
    const ia32 = (type: string): ReturnType<Sensor['next']> => next(type, call_abi.ABI_IA32);

    const path = join(folder, 'by-ia32');
    let openat = ia32('openat');
    while (textOf(openat, 'claimed') !== 'by-ia32') openat = ia32('openat');
    expect(textOf(openat, 'path')).toBe(path);
    expect(textOf(openat, 'base')).toBe(folder);
    expect(partOf(openat, 'call')).toMatchObject({
      number: 295,
      ret: BigInt(done.openat ?? -1),
      extra: 0o102n,
      extra2: 0o600n,
    });
    let open = ia32('open');
    while (textOf(open, 'claimed') !== 'by-ia32') open = ia32('open');
    expect(textOf(open, 'path')).toBe(path);

    const socket = ia32('socket');
    expect(partOf(socket, 'call')).toMatchObject({ number: 102, ret: BigInt(done.socket ?? -1) });
    expect([partOf(socket, 'call').args].flat().slice(0, 3)).toEqual([2n, 2n, 0n]);
    expect(objectOf(socket)).toMatchObject({ kind: object_kind.OBJECT_SOCKET, family: 2 });
    const connect = ia32('connect');
    expect(partOf(connect, 'address')).toMatchObject({ family: 2, port: 9 });
    expect(String(partOf(connect, 'address').address)).toMatch(/^7f000001/);
    const sendmsg = ia32('sendmsg');
    expect(partOf(sendmsg, 'call').ret).toBe(BigInt(done.sent ?? -1));
    expect(textOf(sendmsg, 'data')).toBe('onetwo');

    let mprotect = ia32('mprotect');
    while ([partOf(mprotect, 'call').args].flat()[2] !== 5n) mprotect = ia32('mprotect');
    expect(partOf(mprotect, 'call').ret).toBe(BigInt(done.mprotect ?? -1));
    const execve = ia32('execve');
    expect(textOf(execve, 'claimed')).toBe('/no/program');
    expect(partOf(execve, 'call').ret).toBe(BigInt(done.execve ?? 0));
  },
);

test('a number with rubbish above its 32 bits is the call that the kernel makes of it', async () => {
  const done = await act('kernel/abi32-64', folder);
  expect(done.high).toBeGreaterThan(0);
  for (;;) {
    const record = sensor.next('call', done.pid, 'openat');
    const call = partOf(record, 'call');
    if (call.abi !== call_abi.ABI_NATIVE || call.ret !== BigInt(done.high ?? 0)) continue;
    if (textOf(record, 'claimed') !== 'by-ia32') continue;
    expect(textOf(record, 'path')).toBe(join(folder, 'by-ia32'));
    return;
  }
});

test('an x32 call is seen as such, also where the kernel has none', async () => {
  const done = await act('kernel/abi32-64', folder);
  const calls = ['openat', 'execve'].map((type) => {
    for (;;) {
      const record = sensor.next('call', done.pid, type);
      if (partOf(record, 'call').abi === call_abi.ABI_X32) return record;
    }
  });
  expect(calls.map((record) => partOf(record, 'call').ret)).toEqual([
    BigInt(done.x32 ?? 0),
    BigInt(done.x32_execve ?? 0),
  ]);
  if (done.x32 === ENOSYS) expect(calls.map((record) => objectOf(record).fd)).toEqual([-1, -1]);
  expect(calls.map((record) => textOf(record, 'claimed'))).toEqual(['by-ia32', '/no/program']);
});
